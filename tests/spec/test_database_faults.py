"""What happens when things go wrong: the program is killed, the disk is full, the file is not what it should be.

Always the same: the old state or the new one, never half of it; and an error that says what to do, with its exit code.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

import fault_workers as workers
from healthsim.cli import main
from healthsim.db.connection import Database
from healthsim.errors import DatabaseLocked, DatabaseNewer, DatabaseUnusable, HealthSimError, InvalidInput
from healthsim.leftovers import owned_name
from healthsim.state.doctor import examine
from healthsim.state.manager import StateManager
from healthsim.state.staging import FOLDER, PARTS, new_folder
from waiting import PATIENCE

#: kills per operation, saves per process: HEALTHSIM_LONG_TESTS asks for the proof, without it there is a sample
KILLS, SAVES = (50, 50) if os.environ.get("HEALTHSIM_LONG_TESTS") else (3, 12)
SIZE = 60

posix = pytest.mark.skipif(os.name != "posix", reason="signals and rights of POSIX")
as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root: it mounts a file system or drops its rights"
)


def start(target: Any, *arguments: Any) -> tuple[Any, Any]:
    """A process of ``fault_workers``, and this end of its pipe."""
    here, there = workers.CONTEXT.Pipe()
    process = workers.CONTEXT.Process(target=target, args=(*arguments, there), daemon=True)
    process.start()
    there.close()
    return process, here


def contents(manager: StateManager) -> dict[str, Any]:
    """Everything that a user can see of all scenarios, without ids and times that differ from run to run."""
    found, _ = manager.list()
    state = {}
    for scenario in found:
        entities = manager.load(scenario.name)["entities"]
        state[scenario.name] = (
            {key: len(items) for key, items in entities.items()},
            {
                item[key]
                for kind, key in (("patients", "given_name"), ("encounters", "department"))
                for item in entities.get(kind, [])
            },
        )
    return state


# -- killed ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, new_database: Path) -> Path:
    """A folder with a database of two scenarios, and files to import and to migrate."""
    folder = tmp_path_factory.mktemp("prepared")
    shutil.copyfile(new_database, folder / "h.duckdb")
    manager = StateManager(Database(folder / "h.duckdb"))
    manager.save("old", workers.clinic(SIZE, "old"))
    manager.save("other", {"members": [{"member_id": f"MB{n}"} for n in range(SIZE)]})
    (folder / "new.json").write_text(json.dumps({"name": "new", "entities": workers.clinic(SIZE, "new")}))
    (folder / "workspaces").mkdir()
    for number in range(3):
        document = {"name": f"file {number}", "entities": workers.clinic(10, "new")}
        (folder / "workspaces" / f"{number}.json").write_text(json.dumps(document))
    return folder


def copied(prepared: Path, to: Path) -> Path:
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(prepared, to)
    return to


@posix
@pytest.mark.parametrize(
    "operation",
    [
        "overwrite",
        *(
            pytest.param(name, marks=pytest.mark.long)
            for name in ("save", "import", "delete", "clone", "merge", "migrate")
        ),
    ],
)
@pytest.mark.long
def test_a_killed_program_leaves_the_old_state_or_the_new_one(prepared: Path, tmp_path: Path, operation: str) -> None:
    folder = copied(prepared, tmp_path / "run")
    old = contents(StateManager(Database(folder / "h.duckdb")))
    process, pipe = start(workers.operate, operation, folder / "h.duckdb", folder, SIZE)
    assert pipe.recv() == "begin"
    began = time.monotonic()
    assert pipe.recv() == "end"
    duration = time.monotonic() - began
    process.join()
    new = contents(StateManager(Database(folder / "h.duckdb")))
    assert new != old, "the operation does something"

    endings = {"old": 0, "new": 0}
    moments = random.Random(operation)
    for _ in range(KILLS):
        copied(prepared, folder)
        process, pipe = start(workers.operate, operation, folder / "h.duckdb", folder, SIZE)
        assert pipe.recv() == "begin"
        # at some moment of the work, or at its end
        pipe.poll(moments.uniform(0, duration))
        process.kill()
        process.join()

        manager = StateManager(Database(folder / "h.duckdb"))
        now = contents(manager)
        if operation == "migrate":  # each file is a transaction of its own: any number of whole files
            assert old.items() <= now.items() <= new.items()
        else:
            assert now in (old, new)
        endings["new" if now == new else "old"] += 1
        examined = examine(manager.database)
        assert examined["ok"], examined["findings"]

        process, pipe = start(workers.operate, operation, folder / "h.duckdb", folder, SIZE)
        if now != new:
            assert [pipe.recv(), pipe.recv()] == ["begin", "end"], "it can be done again"
            process.join()
            assert contents(StateManager(Database(folder / "h.duckdb"))) == new
            assert not list((folder / FOLDER).glob("*/")), "what the killed program left is tidied up"
        else:
            process.kill()
            process.join()
    if KILLS > 3:
        assert endings["old"] > 0, f"every kill came too late: {endings}"


@posix
def test_what_a_killed_program_left_in_the_log_is_read(state: StateManager, database_path: Path) -> None:
    state.save("demo", workers.clinic(2, "v"))
    process, pipe = start(workers.leave_unmerged, database_path)
    assert pipe.recv() == "committed"
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert database_path.with_name(database_path.name + ".wal").stat().st_size > 0
    manager = StateManager(Database(database_path))
    assert manager.get("demo").description == "from the log"
    manager.save("more", workers.clinic(2, "w"))
    assert manager.get("demo").description == "from the log"
    assert examine(manager.database)["ok"]


@posix
def test_folders_of_programs_that_are_gone_are_removed_and_those_of_others_are_not(
    state: StateManager, database_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = database_path.parent / FOLDER
    dead = subprocess.Popen(["true"])
    dead.wait()
    own = owned_name(PARTS)
    abandoned, in_use = (own.replace(f"-{os.getpid()}-", f"-{process}-") for process in (dead.pid, os.getppid()))
    for name in (abandoned, in_use, "notes"):
        (parts / name).mkdir(parents=True)
    assert any("left by a program" in finding["message"] for finding in examine(state.database)["findings"])
    monkeypatch.setattr("healthsim.state.staging.BATCH_ROWS", 8)
    monkeypatch.setattr("healthsim.state.staging.MEMORY_ROWS", 8)
    state.save("demo", workers.clinic(20, "v"))
    assert sorted(folder.name for folder in parts.iterdir()) == sorted([in_use, "notes"])


# -- many at once ----------------------------------------------------------------------------------------------


@posix
@pytest.mark.long
def test_four_writers_and_a_reader_share_a_file(state: StateManager, database_path: Path) -> None:
    reader, reading = start(workers.read_along, database_path)
    writers = [start(workers.save_many, database_path, number, SAVES) for number in range(4)]
    saved = [name for _, pipe in writers for name in pipe.recv()]
    reading.send("stop")
    rounds, broken = reading.recv()
    for process in (reader, *(process for process, _ in writers)):
        process.join()
    assert len(saved) == 4 * SAVES
    assert state.list()[1] == 4 * SAVES
    assert sorted(scenario.name for scenario in state.list()[0]) == sorted(saved)
    assert broken == []
    assert rounds > 1
    assert examine(state.database)["ok"]


@pytest.fixture
def held(state: StateManager, database_path: Path) -> Iterator[int]:
    """A database that another process keeps open; its process id."""
    state.save("demo", workers.clinic(1, "v"))
    process, pipe = start(workers.hold, database_path)
    yield pipe.recv()
    pipe.send("let go")
    process.join()


@posix
def test_a_file_held_by_another_program_is_refused_with_who_and_what_to_do(held: int, database_path: Path) -> None:
    manager = StateManager(Database(database_path, lock_timeout=0.1))
    for verb in (manager.list, lambda: manager.save("x", {}), lambda: manager.delete("demo")):
        with pytest.raises(DatabaseLocked) as caught:
            verb()
        assert caught.value.exit_code == 6
        assert caught.value.details["pid"] == held
        assert f"{database_path} is in use by the program " in caught.value.message
        assert f"(process {held}) and was not released within 0.1 s" in caught.value.message
        assert "HEALTHSIM_LOCK_TIMEOUT" in caught.value.message


@posix
def test_a_file_that_is_released_in_time_is_opened(state: StateManager, database_path: Path) -> None:
    state.save("demo", workers.clinic(1, "v"))
    process, pipe = start(workers.hold, database_path)
    pipe.recv()
    with pytest.raises(DatabaseLocked):
        StateManager(Database(database_path, lock_timeout=0)).list()
    pipe.send("let go")
    assert StateManager(Database(database_path, lock_timeout=PATIENCE)).list()[1] == 1
    process.join()


# -- no room, no rights ----------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB."""
    folder = tmp_path / "small disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@as_root
@pytest.mark.parametrize("spilled", [False, True], ids=["in memory", "parts on disk"])
@pytest.mark.parametrize("mode", ["create", "overwrite"])
@pytest.mark.long
def test_a_full_disk_is_said_and_nothing_is_changed(
    small_disk: Path, new_database: Path, monkeypatch: pytest.MonkeyPatch, mode: str, spilled: bool
) -> None:
    shutil.copyfile(new_database, small_disk / "h.duckdb")
    manager = StateManager(Database(small_disk / "h.duckdb"))
    manager.save("demo", workers.clinic(50, "old"))
    before = contents(manager)
    if spilled:
        monkeypatch.setattr("healthsim.state.staging.BATCH_ROWS", 64)
        monkeypatch.setattr("healthsim.state.staging.MEMORY_ROWS", 64)
    noise = random.Random(1)
    large = {"notes": [{"id": n, "text": noise.randbytes(40_000).hex()} for n in range(600)]}
    name = "demo" if mode == "overwrite" else "large"
    with pytest.raises(HealthSimError, match=r"disk.* is full.*nothing was changed.*Free some space") as caught:
        manager.save(name, large, mode=mode)
    assert caught.value.exit_code == 1
    manager = StateManager(Database(small_disk / "h.duckdb"))
    assert contents(manager) == before
    assert examine(manager.database)["ok"]
    manager.save("small", workers.clinic(2, "new"))
    assert contents(manager)["small"][1] == {"new"}, "there is room again: nothing was left behind"


@as_root
@pytest.mark.long
def test_an_export_to_a_full_disk_leaves_no_file(small_disk: Path, state: StateManager) -> None:
    noise = random.Random(1)
    state.save("large", {"notes": [{"id": n, "text": noise.randbytes(40_000).hex()} for n in range(400)]})
    with pytest.raises(HealthSimError, match=r"The disk of .*small disk is full; no file was made\. Free some space"):
        state.export("large", small_disk / "large.json")
    assert list(small_disk.iterdir()) == []


@as_root
@pytest.mark.long
def test_a_read_only_folder_is_said(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    # the folders above must let the unprivileged process through
    folder = Path(f"/tmp/healthsim-read-only-{os.getpid()}")
    folder.mkdir(mode=0o755)
    output = tmp_path / "out"
    output.touch()
    os.chmod(output, 0o666)
    try:
        code = run_as_nobody(["--db", str(folder / "h.duckdb"), "demo"], folder, output)
        assert code == 1
        assert "permission denied" in output.read_text().lower()
        assert "--db PATH or HEALTHSIM_DB" in output.read_text()
        assert list(folder.iterdir()) == []

        manager = StateManager(Database(folder / "h.duckdb"))
        manager.save("demo", workers.clinic(2, "v"))
        os.chmod(folder / "h.duckdb", 0o644)
        before = (folder / "h.duckdb").read_bytes()
        assert run_as_nobody(["--db", str(folder / "h.duckdb"), "scenario", "list"], folder, output) == 0
        code = run_as_nobody(["--db", str(folder / "h.duckdb"), "scenario", "delete", "demo", "--yes"], folder, output)
        assert code == 1
        assert "cannot be opened for writing: permission denied" in output.read_text()
        assert (folder / "h.duckdb").read_bytes() == before

        # the file may be written, but not what the engine writes beside it
        os.chmod(folder / "h.duckdb", 0o666)
        for words in (["scenario", "tag", "demo", "x"], ["scenario", "clone", "demo", "again"]):
            assert run_as_nobody(["--db", str(folder / "h.duckdb"), *words], folder, output) == 1
            assert "Traceback" not in output.read_text()
            assert "--db PATH or HEALTHSIM_DB" in output.read_text().splitlines()[-1]
        assert (folder / "h.duckdb").read_bytes() == before
    finally:
        shutil.rmtree(folder)


def test_no_place_for_the_parts_of_a_large_save_is_said(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("a file", encoding="utf-8")
    with pytest.raises(
        HealthSimError, match=r"large save are kept in .*staging, which cannot be written \(File exists\)"
    ):
        new_folder(tmp_path)


def test_an_interrupt_in_the_middle_of_a_commit_comes_too_late(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def interrupted(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
        signal.raise_signal(signal.SIGINT)
        yield

    monkeypatch.setattr("healthsim.db.connection.room_to_commit", interrupted)
    before = signal.getsignal(signal.SIGINT)
    with database.write() as connection:
        connection.execute("CREATE TABLE t AS SELECT 7 AS a")
    assert signal.getsignal(signal.SIGINT) is before
    with database.read() as connection:
        assert connection.execute("FROM t").fetchall() == [(7,)]


def run_as_nobody(arguments: list[str], folder: Path, output: Path) -> int:
    copy = folder.parent / f"{folder.name}-output"
    copy.touch()
    os.chmod(copy, 0o666)
    process, pipe = start(workers.cli_as_nobody, arguments, copy, folder.parent / f"{folder.name}-rehearsal")
    code = pipe.recv()
    process.join()
    output.write_text(output.read_text() + copy.read_text())
    copy.unlink()
    assert isinstance(code, int)
    return code


# -- not a database of ours ------------------------------------------------------------------------------------


def newer(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("INSERT INTO schema_migrations VALUES (9999, 'from_the_future', 'x', now()::TIMESTAMP)")


def foreign(path: Path) -> None:
    path.unlink()
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE patients (id INTEGER)")


def tampered(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE schema_migrations SET checksum = 'other' WHERE number = 1")


FILES = {
    "text": (
        lambda path: path.write_text("no database\n" * 1_000),
        DatabaseUnusable,
        "cannot be read as a HealthSim database",
    ),
    "empty": (lambda path: os.truncate(path, 0), DatabaseUnusable, "cannot be read as a HealthSim database"),
    "truncated": (
        lambda path: os.truncate(path, path.stat().st_size // 2),
        DatabaseUnusable,
        "cannot be read as a HealthSim database",
    ),
    "cut to its header": (
        lambda path: os.truncate(path, 5_000),
        DatabaseUnusable,
        "cannot be read as a HealthSim database",
    ),
    "cut in its header": (
        lambda path: os.truncate(path, 100),
        DatabaseUnusable,
        "cannot be read as a HealthSim database",
    ),
    "newer": (newer, DatabaseNewer, "has schema version 9999 (from_the_future), which this program does not know."),
    "foreign": (foreign, DatabaseUnusable, "it was made by another program. Nothing was changed."),
    "other statements": (tampered, DatabaseUnusable, "was applied with other statements than this program has"),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_is_not_ours_is_refused_untouched(
    database: Database, database_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    spoil, error, message = FILES[kind]
    StateManager(database).save("demo", workers.clinic(100, "v"))
    spoil(database_path)
    before = database_path.read_bytes()

    manager = StateManager(Database(database_path, lock_timeout=0.5))
    for verb in (manager.list, lambda: manager.save("x", {"patients": [{"patient_id": "P1"}]})):
        with pytest.raises(error) as caught:
            verb()
        assert message in caught.value.message
        assert str(database_path) in caught.value.message
        assert "Nothing was changed" in caught.value.message
    for command in (["scenario", "list"], ["status"], ["doctor"], ["sql", "SELECT 1"]):
        with pytest.raises(SystemExit) as end:
            main(["--db", str(database_path), *command, "--json"])
        assert end.value.code == 7, command
        out, err = capsys.readouterr()
        assert json.loads(out)["error"]["code"] == error.code
        assert err.startswith("healthsim: ")
        assert "Traceback" not in err
    assert database_path.read_bytes() == before


def test_a_folder_is_no_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InvalidInput, match=r"is a folder; expected a database file\. Name a file in it"):
        StateManager(Database(tmp_path)).list()
    with pytest.raises(SystemExit) as end:
        main(["--db", str(tmp_path), "scenario", "list"])
    assert end.value.code == 5
    assert "is a folder" in capsys.readouterr().err


def test_a_database_in_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        HealthSimError, match=r"The folder .*file for the database cannot be made .*healthsim\.open\(PATH\)"
    ):
        StateManager(Database(tmp_path / "file" / "h.duckdb")).list()


def test_the_folder_of_a_new_database_is_its_users_own(database_path: Path) -> None:
    StateManager(Database(database_path)).list()
    if os.name == "posix":
        assert database_path.parent.stat().st_mode & 0o777 == 0o700
