"""The bound on what the engine holds: it goes when its block ends, adds up over threads, and spares databases in memory."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import duckdb
import pytest

from healthsim.db.connection import Database
from healthsim.db.memory_limit import memory_bound
from healthsim.state.manager import StateManager


def unbound(connection: duckdb.DuckDBPyConnection) -> str:
    """The limit after a block; it is shown rounded down."""
    with memory_bound(connection, 1_000):
        pass
    return limit(connection)


def limit(connection: duckdb.DuckDBPyConnection) -> str:
    return str(connection.execute("SELECT current_setting('memory_limit')").fetchall()[0][0])


def test_a_bound_adds_up_and_goes(database: Database) -> None:
    with database.read() as connection:
        before = unbound(connection)
        with memory_bound(connection, 1_000):
            assert limit(connection) == "953.6 MiB"
            with memory_bound(connection, 1_000):
                assert limit(connection) == "1.8 GiB"
            assert limit(connection) == "953.6 MiB"
        assert limit(connection) == before


@pytest.mark.long
def test_what_comes_after_a_bound_is_not_bound(database: Database) -> None:
    much = "SELECT count(*) FROM (SELECT m, list(i) FROM (SELECT i, md5(i::VARCHAR) AS m FROM range(4_000_000) AS t(i)) GROUP BY m)"
    with database.read() as connection:
        connection.execute("SET temp_directory = ''")
        with memory_bound(connection, 100), pytest.raises(duckdb.OutOfMemoryException):
            connection.execute(much).fetchall()
        connection.execute("ROLLBACK")
        connection.execute("BEGIN TRANSACTION")
        assert connection.execute(much).fetchall() == [(4_000_000,)]


def test_a_bound_goes_when_its_block_fails_and_takes_the_transaction_along(database: Database) -> None:
    with database.raw(read_only=False) as connection:
        before = unbound(connection)
        connection.execute("BEGIN TRANSACTION")
        with pytest.raises(duckdb.Error, match="no_such_table"), memory_bound(connection, 1_000):
            connection.execute("SELECT * FROM no_such_table")
        connection.execute("ROLLBACK")
        assert limit(connection) == before


def test_a_database_in_memory_has_none() -> None:
    with Database(":memory:").read() as connection:
        before = limit(connection)
        with memory_bound(connection, 1):
            assert limit(connection) == before


@pytest.mark.long
def test_a_reader_does_not_take_away_what_a_writer_of_its_process_needs(
    state: StateManager, database_path: Path
) -> None:
    noise = random.Random(1)
    large = {"blobs": [{"id": n, "text": noise.randbytes(20_000).hex()} for n in range(1_200)]}
    state.save("small", {"patients": [{"patient_id": "P1"}]})
    stop, problems = threading.Event(), []

    def read() -> None:
        manager = StateManager(Database(database_path))
        try:
            while not stop.is_set():
                assert manager.load("small")["entity_count"] == 1
        except BaseException as problem:
            problems.append(problem)
            raise

    reader = threading.Thread(target=read)
    reader.start()
    try:
        saved = state.save("large", large)
    finally:
        stop.set()
        reader.join()
    assert problems == []
    assert saved.entity_count == 1_200
