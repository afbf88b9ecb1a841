"""An engine stays between two operations, and nothing else does: no lock, no thread, no temporary file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from healthsim.db import engine_pool
from healthsim.db.connection import Database
from healthsim.db.memory_limit import memory_bound
from healthsim.leftovers import owned_name

_MUCH = "SELECT max(n), min(s) FROM (SELECT s, row_number() OVER (ORDER BY s) AS n FROM (SELECT i::VARCHAR || repeat('x', 60) AS s FROM range(300_000) AS t(i)))"
_QUESTION = f"""
import sys
from healthsim.db.connection import Database
from healthsim.db.memory_limit import memory_bound
for _ in range(2):
    with Database(sys.argv[1]).read() as connection, memory_bound(connection, 40):
        connection.execute("SET threads = 1")
        print(connection.execute({_MUCH!r}).fetchall()[0][0])
"""


def _folders(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.parent.iterdir() if ".tmp-" in entry.name)


def test_the_file_is_let_go_of(database: Database, database_path: Path) -> None:
    with database.read() as connection:
        connection.execute("FROM scenarios")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import duckdb, sys; duckdb.connect(sys.argv[1]).execute('CREATE TABLE t (a INTEGER)')",
            database_path,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with database.read() as connection:
        assert connection.execute("SELECT count(*) FROM t").fetchall() == [(0,)]


def test_what_one_operation_sets_is_gone_with_the_next(database: Database) -> None:
    with database.write() as connection:
        connection.execute("SET preserve_insertion_order = false")
    with database.read() as connection:
        assert connection.execute("SELECT current_setting('preserve_insertion_order')").fetchall() == [(True,)]


@pytest.mark.parametrize("where", ["file", ":memory:"])
def test_a_connection_has_all_threads_whatever_another_one_has_set(where: str, database_path: Path) -> None:
    database = Database(database_path if where == "file" else where)
    with database.read() as connection:
        (every,) = connection.execute("SELECT current_setting('threads')").fetchall()
    with database.write() as first:
        first.execute("SET threads = 1")
        with database.raw(read_only=False) as second:
            assert second.execute("SELECT current_setting('threads')").fetchall() == [every]


def test_programs_that_put_data_aside_at_once_do_not_disturb_each_other(
    database: Database, database_path: Path
) -> None:
    with database.read():
        pass
    command = [sys.executable, "-c", _QUESTION, str(database_path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for one in running:
        answer, said = one.communicate()
        assert one.returncode == 0, said
        assert answer.split() == ["300000"] * 2
    assert _folders(database_path) == []


def test_what_was_put_aside_is_gone_when_the_operation_ends(database: Database, database_path: Path) -> None:
    with database.read() as connection:
        with memory_bound(connection, 40):
            connection.execute("SET threads = 1")
            connection.execute(_MUCH).fetchall()
        assert len(_folders(database_path)) == 1
    assert _folders(database_path) == []


@pytest.mark.skipif(os.name != "posix", reason="elsewhere only files that nobody has open are removed")
def test_what_a_killed_program_left_is_removed_and_that_of_a_living_one_is_not(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    ours = owned_name("x.duckdb.tmp-")
    names = [ours.replace(f"-{os.getpid()}-", f"-{process}-") for process in (gone.pid, os.getppid())]
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "part").touch()
    engine_pool.detach(engine_pool.attach(tmp_path / "x.duckdb", read_only=False))
    assert _folders(tmp_path / "x.duckdb") == names[1:]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_program_reads(database: Database, database_path: Path) -> None:
    script = f"""
import os
from healthsim.db.connection import Database
database = Database({str(database_path)!r})
with database.read() as connection:
    connection.execute("FROM scenarios").fetchall()
child = os.fork()
with database.read() as connection:
    connection.execute("SELECT count(*) FROM range(1_000_000)").fetchall()
if not child:
    os._exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.split() == ["7"], done.stderr


def test_many_files_leave_few_engines(tmp_path: Path) -> None:
    for number in range(9):
        path = tmp_path / f"{number}.duckdb"
        engine_pool.detach(engine_pool.attach(path, read_only=False))
        engine_pool.detach(engine_pool.attach(path, read_only=True))
    kept = [key for key in engine_pool._with_engine if Path(key).parent == tmp_path.resolve()]
    assert 0 < len(kept) <= engine_pool._IDLE
