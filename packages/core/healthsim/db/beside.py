"""What lies beside a database file while somebody works with it, and the names of it.

Names that begin in one of these ways end with whose they are (``leftovers``): what a killed program left is known.
"""

from __future__ import annotations

import os
from pathlib import Path

from healthsim import leftovers

#: {name} is that of the database file
_TEMPORARY, _COMPACTING, _BACKING_UP = "{name}.tmp-", ".{name}.compacting-", ".{name}.backing-up-"
#: what the engine appends to the name of a file that it writes
_LOG = ".wal.checkpoint"


def temporary_folder(database: Path) -> Path:
    """Where an engine puts what does not fit in memory: it makes the folder when it needs it.

    Engines that share such a folder overwrite each other's files.
    """
    return _owned(database, _TEMPORARY)


def compacted(database: Path) -> Path:
    """The file that is written anew, until it takes the place of the old one."""
    return _owned(database, _COMPACTING)


def partial_backup(database: Path) -> Path:
    """A copy of the file, until it is whole."""
    return _owned(database, _BACKING_UP)


def queue(database: Path) -> Path:
    """The file that whoever waits for the database locks."""
    return database.with_name(f".{database.name}.queue")


def left_over(database: Path) -> list[Path]:
    """What programs that have ended without tidying up left of these."""
    return leftovers.abandoned(database.parent, *_prefixes(database))


def remove_left_over(database: Path) -> None:
    """Remove it, as far as that is possible."""
    leftovers.remove_abandoned(database.parent, *_prefixes(database))


def longest_name() -> int:
    """How many bytes the name of a database file may have, so that there is room for all of these."""
    return leftovers.LONGEST_NAME - leftovers.room_for_owner() - len(os.fsencode(_COMPACTING.format(name="") + _LOG))


def _prefixes(database: Path) -> list[str]:
    return [prefix.format(name=database.name) for prefix in (_TEMPORARY, _COMPACTING, _BACKING_UP)]


def _owned(database: Path, prefix: str) -> Path:
    return database.with_name(leftovers.owned_name(prefix.format(name=database.name)))
