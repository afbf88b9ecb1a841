"""What a process of its own can read of a database, as one does that answers a question in SQL."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from healthsim.db.connection import Database
from healthsim.db.locations import Ability
from healthsim.db.whole_copy import copy_into

if TYPE_CHECKING:
    import duckdb

_WORD = re.compile(r"\w+")


@contextmanager
def readable_elsewhere(database: Database, question: str = "") -> Iterator[str]:
    """The path of a file that another process can attach and read while the block runs; the schema is current.

    What is in the memory of this process, or far away, is copied for it: nothing of a foreign text is run where the database
    is, and who answers it gets no secrets.

    Args:
        question: what will be asked: tables far away that none of its words name are copied without their rows.

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
            copy_into(connection, copy, _mentioned(connection, question) if question else None)
        yield str(copy)


def _mentioned(connection: duckdb.DuckDBPyConnection, question: str) -> frozenset[str]:
    """The names of tables and views that the words of a question may mean, and those that these views read."""
    views = dict(
        connection.execute(
            "SELECT lower(view_name), lower(string_agg(sql, ' ')) FROM duckdb_views() WHERE NOT internal AND NOT temporary"
            " AND database_name = current_database() GROUP BY ALL"
        ).fetchall()
    )
    names: set[str] = set()
    waiting = set(_WORD.findall(question.lower()))
    while waiting:
        name = waiting.pop()
        names.add(name)
        waiting |= set(_WORD.findall(views.get(name, ""))) - names
    return frozenset(names)
