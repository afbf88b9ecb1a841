"""The database: where it is, its schema, its migrations.

``get_connection`` is the public door; inside the package a ``Database`` is passed explicitly.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

__all__ = ["get_connection"]


@contextmanager
def get_connection(database: str | None = None, *, read_only: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the user's database, created on first use.

    Args:
        database: a path, ``:memory:`` or ``md:NAME``; default ``HEALTHSIM_DB`` or ``~/.healthsim/healthsim.duckdb``.
        read_only: False for a connection that may write; it then is one transaction, committed when the block ends.

    Raises:
        DatabaseLocked: another program held the file for too long.
        DatabaseUnusable: the file is damaged, no database, or newer than this program.
    """
    from healthsim.config import Settings
    from healthsim.db.connection import Database

    opened = Database.of(Settings.load(database=database))
    with opened.read() if read_only else opened.write() as connection:
        yield connection
