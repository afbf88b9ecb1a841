"""The engine itself, for the few who need more than a connection to our database: its errors, and other files of its kind."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from healthsim import leftovers
from healthsim.db.engine import CONFIG

#: how the names of folders begin in which an engine without a database puts things aside
ASIDE = "healthsim-aside-"

#: whatever the engine refuses
EngineError = duckdb.Error
#: what it says about a value, or a column of values, that cannot be read as what was asked for
UNREADABLE = (duckdb.ConversionException, duckdb.InvalidInputException, duckdb.BinderException)
#: what it says about a statement that names what is not there, or that it cannot parse
UNANSWERABLE = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)


def other_file(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """A connection to a file of the engine that is not the user's database, such as an export; the caller closes it."""
    connection = duckdb.connect(str(path), read_only=read_only, config=CONFIG)
    # standard output is for answers
    connection.execute("SET enable_progress_bar = false")
    return connection


@contextmanager
def bounded_engine(megabytes: int = 512) -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine without a database, for questions to files: it holds no more than this and puts the rest aside."""
    parent = Path(tempfile.gettempdir())
    leftovers.remove_abandoned(parent, ASIDE)
    folder = parent / leftovers.owned_name(ASIDE)
    config = {**CONFIG, "memory_limit": f"{megabytes}MB", "temp_directory": str(folder)}
    connection = duckdb.connect(":memory:", config=config)
    try:
        connection.execute("SET enable_progress_bar = false")
        yield connection
    finally:
        connection.close()
        leftovers.remove(folder)
