"""What a process of its own can read of a database, as one does that answers a question in SQL."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from healthsim.db.connection import Database
from healthsim.db.locations import Ability
from healthsim.db.whole_copy import copy_into


@contextmanager
def readable_elsewhere(database: Database) -> Iterator[str]:
    """The path of a file that another process can attach and read while the block runs; the schema is current.

    What is in the memory of this process is copied for it: nothing of a foreign text is looked at where the database is.

    Raises:
        UsageError: another process cannot read the database where it is.
    """
    location = database.location
    location.require(Ability.SHARE)
    with database.read():
        # creates or migrates, so that a question finds the tables that this version has
        pass
    text = location.attach_text()
    if text is not None:
        yield text
        return
    with tempfile.TemporaryDirectory(prefix="healthsim-") as folder:
        copy = Path(folder) / "copy.duckdb"
        with database.raw(read_only=True) as connection:
            copy_into(connection, copy)
        yield str(copy)
