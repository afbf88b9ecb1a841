"""Turns at a database file: one tries, the others stand behind it, and nobody who is gone blocks the way."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from healthsim.db.connection import Database
from healthsim.db.lock_queue import Turn
from healthsim.state.manager import StateManager

pytestmark = pytest.mark.skipif(os.name != "posix", reason="files are locked the POSIX way")


def test_only_one_has_the_turn(tmp_path: Path) -> None:
    first, second, newcomer = (Turn(tmp_path / "h.duckdb") for _ in range(3))
    assert newcomer.has_come(), "nobody waits"
    assert first.take()
    assert first.take(), "it stays its turn"
    assert not second.take()
    assert not newcomer.has_come()
    first.leave()
    assert second.take()
    second.leave()
    assert not (tmp_path / ".h.duckdb.queue").exists(), "a queue leaves nothing behind"


def test_what_a_killed_program_left_blocks_nobody(tmp_path: Path) -> None:
    (tmp_path / ".h.duckdb.queue").touch()
    turn = Turn(tmp_path / "h.duckdb")
    assert turn.has_come()
    turn.leave()
    assert not (tmp_path / ".h.duckdb.queue").exists()


def test_where_no_queue_can_be_made_everybody_tries(tmp_path: Path) -> None:
    for path in (None, tmp_path / "no such folder" / "h.duckdb"):
        assert Turn(path).take()
        assert Turn(path).has_come()


def test_readers_and_writers_of_one_process_all_get_through(state: StateManager, database_path: Path) -> None:
    """A reader that has the turn gives way to a writer of its own process, and takes it again."""
    state.save("demo", {"patients": [{"patient_id": "P1"}]})
    problems: list[BaseException] = []

    def work(number: int) -> None:
        manager = StateManager(Database(database_path))
        try:
            for round_ in range(4):
                if number % 2:
                    manager.tag("demo", [f"{number} {round_}"])
                else:
                    assert manager.list()[1] == 1
        except BaseException as problem:
            problems.append(problem)
            raise

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(state.get("demo").tags) == 12
    assert [path.name for path in database_path.parent.iterdir()] == [database_path.name]
