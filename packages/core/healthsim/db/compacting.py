"""Giving back the space of deleted data: the file is written anew, checked, and put in the place of the old one."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from healthsim import leftovers
from healthsim.db import beside
from healthsim.db.connection import Database
from healthsim.db.locations import Ability
from healthsim.db.whole_copy import copy_into
from healthsim.errors import HealthSimError, UsageError
from healthsim.results import Compacted


def compact(database: Database) -> Compacted:
    """Write the database file anew without the space of deleted rows.

    Behind a symbolic link the file that it leads to is written anew, and the link stays. The new file has the rights of
    the old one.

    Raises:
        UsageError: the database is no file, or a file with several names, of which only one would lead to the new one.
        HealthSimError: the copy does not hold what the original does; the original is untouched.
    """
    location = database.location
    location.require(Ability.COMPACT)
    with database.read():
        # an older database is written anew as what it becomes
        before = location.size()
    path = location.path
    assert path is not None
    try:
        _refuse_other_names(path, location.name)
        _write_anew(database, path)
    except OSError as error:
        raise HealthSimError(
            f"{location.name} cannot be compacted: {error.strerror or error}. It was not changed.", path=location.name
        ) from None
    return Compacted(location.name, before or 0, location.size() or 0)


def _refuse_other_names(path: Path, name: str) -> None:
    names = path.stat().st_nlink
    if names > 1:
        raise UsageError(
            f"{name} is one of {names} names of the same file (hard links); the others would keep the old one. It was not"
            " changed. Remove the other names, or make copies of them.",
            path=name,
            names=names,
        )


def _write_anew(database: Database, path: Path) -> None:
    # nobody else may look into the folder, whatever the umask
    folder = beside.compacted(path)
    folder.mkdir(mode=0o700)
    try:
        copy = folder / path.name
        with database.raw(read_only=False) as connection:
            connection.execute("CHECKPOINT")
            copy_into(connection, copy)
            state = database.location.state()
            _take_rights(copy, path)
            if os.name == "posix":
                # the lock of the original is held until the new file is in its place: no write can fall between, and who has
                # opened the original already sees, when it gets its lock, that it has lost its name
                copy.replace(path)
        if os.name != "posix":
            _replace_if_unchanged(database, copy, path, state)
    finally:
        leftovers.remove(folder)


def _take_rights(copy: Path, path: Path) -> None:
    """Give a file the owner and the mode of another one, as far as we may."""
    facts, mine = path.stat(), copy.stat()
    mode = stat.S_IMODE(facts.st_mode)
    if os.name == "posix" and (mine.st_uid, mine.st_gid) != (facts.st_uid, facts.st_gid):
        try:
            os.chown(copy, facts.st_uid, facts.st_gid)
        except PermissionError:
            # a file of another owner, in a folder of ours: the new one is ours alone
            mode &= 0o700
    copy.chmod(mode)


def _replace_if_unchanged(database: Database, copy: Path, path: Path, state: object) -> None:
    """Where an open file cannot be replaced, another program may have written since it was closed."""
    if database.location.state() != state:
        raise HealthSimError(f"{path} was written by another program meanwhile; it was not changed. Try again.")
    copy.replace(path)
