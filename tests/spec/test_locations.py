"""Where a database is, tried as strangers would: files exchanged under a running program, links, pipes, other schemes, bits that flip."""

from __future__ import annotations

import gc
import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from healthsim import leftovers
from healthsim.cli import main
from healthsim.db import beside, in_process
from healthsim.db.compacting import compact
from healthsim.db.connection import Database
from healthsim.db.lock_queue import Turn
from healthsim.db.status import status
from healthsim.errors import DatabaseUnusable, HealthSimError, InvalidInput, UsageError
from healthsim.state.doctor import examine
from healthsim.state.manager import StateManager

posix = pytest.mark.skipif(os.name != "posix", reason="files, links and signals of POSIX")
LONG = bool(os.environ.get("HEALTHSIM_LONG_TESTS"))


def patients(*names: str) -> dict[str, Any]:
    return {"patients": [{"patient_id": name} for name in names]}


def names(database: Database) -> list[str]:
    return sorted(scenario.name for scenario in StateManager(database).list()[0])


def beside_it(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.parent.iterdir())


# -- another file takes the place (kind 1) -----------------------------------------------------------------------

#: between opening a file and locking it, a program waits for this file to appear
_SLOW_LOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>
static int slow(const char *name, int fd, int command, void *argument) {
    static int once = 0;
    int (*real)(int, int, ...) = dlsym(RTLD_NEXT, name);
    const char *ready = getenv("SLOW_LOCK_READY"), *go = getenv("SLOW_LOCK_GO");
    if (ready && go && command == F_SETLK && ((struct flock *)argument)->l_type == F_WRLCK && !once) {
        once = 1;
        close(open(ready, O_CREAT | O_WRONLY, 0600));
        while (access(go, F_OK)) usleep(2000);
    }
    return real(fd, command, argument);
}
int fcntl(int fd, int command, ...) {
    va_list all; va_start(all, command); void *argument = va_arg(all, void *); va_end(all);
    return slow("fcntl", fd, command, argument);
}
int fcntl64(int fd, int command, ...) {
    va_list all; va_start(all, command); void *argument = va_arg(all, void *); va_end(all);
    return slow("fcntl64", fd, command, argument);
}
"""
_SAVE = """
import sys
from healthsim.db.connection import Database
from healthsim.state.manager import StateManager
manager = StateManager(Database(sys.argv[1], lock_timeout=60))
manager.list()
import os
os.environ.update(SLOW_LOCK_READY=sys.argv[2], SLOW_LOCK_GO=sys.argv[3])
manager.save("written", {"patients": [{"patient_id": "P1"}]})
print("saved")
"""


@pytest.fixture(scope="session")
def slow_lock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that puts a delay between opening a file and locking it."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs Linux and a C compiler: a delay is put between opening a file and locking it")
    folder = tmp_path_factory.mktemp("slow-lock")
    (folder / "slow.c").write_text(_SLOW_LOCK)
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", str(folder / "slow.so"), str(folder / "slow.c"), "-ldl"], check=True
    )
    return folder / "slow.so"


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    while not path.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


@pytest.mark.parametrize("exchange", ["compact", "another file", "deleted"])
@pytest.mark.long
def test_what_was_saved_is_there_whatever_took_the_place_of_the_file_meanwhile(
    state: StateManager, database_path: Path, tmp_path: Path, slow_lock: Path, exchange: str
) -> None:
    """A writer has opened the file, and does not have its lock yet, when the file is exchanged (kind 1)."""
    state.save("before", patients("P0"))
    ready, go = tmp_path / "ready", tmp_path / "go"
    writer = subprocess.Popen(
        [sys.executable, "-c", _SAVE, str(database_path), str(ready), str(go)],
        env={**os.environ, "LD_PRELOAD": str(slow_lock)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(ready, writer)
    if exchange == "compact":
        compact(state.database)
    elif exchange == "another file":
        StateManager(Database(tmp_path / "other.duckdb")).save("other", patients("P2"))
        (tmp_path / "other.duckdb").replace(database_path)
    else:
        database_path.unlink()
    go.touch()
    out, err = writer.communicate(timeout=120)
    assert out.strip() == "saved", err
    expected = {"compact": ["before", "written"], "another file": ["other", "written"], "deleted": ["written"]}
    assert names(Database(database_path)) == expected[exchange]
    assert examine(Database(database_path))["ok"]


def test_a_file_that_was_deleted_under_a_running_program_is_made_anew(state: StateManager, database_path: Path) -> None:
    state.save("old", patients("P1"))
    database_path.unlink()
    assert state.list() == ([], 0)
    database_path.unlink()
    state.save("new", patients("P1"))
    assert names(Database(database_path)) == ["new"]


@pytest.mark.parametrize("how", ["renamed", "copied"])
@pytest.mark.parametrize("verb", ["read", "write"])
def test_an_exchanged_file_of_an_older_version_is_brought_up_to_date(
    state: StateManager, database_path: Path, how: str, verb: str
) -> None:
    """A user puts a backup in its place while a server runs."""
    import gzip

    state.save("old", patients("P1"))
    frozen = Path(__file__).parents[1] / "migration" / "fixtures" / "schema-2.duckdb.gz"
    backup = database_path.with_name("backup.duckdb")
    backup.write_bytes(gzip.decompress(frozen.read_bytes()))
    if how == "renamed":
        backup.replace(database_path)
    else:
        shutil.copyfile(backup, database_path)
    if verb == "write":
        state.save("new", patients("P1"))
        assert "new" in names(Database(database_path))
    assert "old" not in names(state.database)
    assert list(database_path.parent.glob("*.backup-before-*")), "a copy was made first"
    assert examine(state.database)["ok"]


def test_a_thread_that_still_reads_a_file_keeps_others_from_writing_into_it_when_it_has_lost_its_name(
    state: StateManager, database_path: Path
) -> None:
    state.save("old", patients("P1"))
    other = database_path.with_name("other.duckdb")
    StateManager(Database(other)).save("other", patients("P2"))
    begun, end = threading.Event(), threading.Event()

    def read() -> None:
        with state.database.read() as connection:
            begun.set()
            end.wait()
            assert connection.execute("SELECT name FROM scenarios").fetchall() == [("old",)]

    reader = threading.Thread(target=read)
    reader.start()
    begun.wait()
    other.replace(database_path)
    impatient = StateManager(Database(database_path, lock_timeout=0.1))
    with pytest.raises(HealthSimError, match="in use by another program"):
        impatient.save("lost", patients("P3"))
    end.set()
    reader.join()
    state.save("kept", patients("P3"))
    assert names(state.database) == ["kept", "other"]


# -- links and modes (kinds 2 and 14) ----------------------------------------------------------------------------


@posix
@pytest.mark.parametrize("steps", [1, 2])
def test_compact_goes_through_symbolic_links_which_stay(state: StateManager, database_path: Path, steps: int) -> None:
    state.save("demo", patients(*map(str, range(500))))
    state.delete("demo")
    state.save("kept", patients("P1"))
    link = database_path
    for step in range(steps):
        link = database_path.with_name(f"link{step}.duckdb")
        link.symlink_to("healthsim.duckdb" if step == 0 else f"link{step - 1}.duckdb")
    result = compact(Database(link))
    assert result["bytes_after"] <= result["bytes_before"]
    assert link.is_symlink()
    assert not database_path.is_symlink()
    assert names(Database(link)) == names(Database(database_path)) == ["kept"]
    assert [name for name in beside_it(database_path) if name.startswith(".") or "wal" in name] == []


@posix
def test_a_file_with_several_names_is_not_compacted(state: StateManager, database_path: Path) -> None:
    state.save("demo", patients("P1"))
    os.link(database_path, database_path.with_name("second.duckdb"))
    with pytest.raises(UsageError, match=r"one of 2 names of the same file \(hard links\).*not changed"):
        compact(state.database)
    assert database_path.stat().st_ino == database_path.with_name("second.duckdb").stat().st_ino
    assert beside_it(database_path) == ["healthsim.duckdb", "second.duckdb"]


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_compact_keeps_the_mode_of_the_file(state: StateManager, database_path: Path, mode: int) -> None:
    state.save("demo", patients("P1"))
    database_path.chmod(mode)
    compact(state.database)
    assert stat.S_IMODE(database_path.stat().st_mode) == mode


@posix
def test_a_new_database_is_its_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        StateManager(Database(tmp_path / "new.duckdb")).list()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new.duckdb").stat().st_mode) == 0o600


@posix
def test_two_names_of_one_file_are_one_database_in_a_process(state: StateManager, database_path: Path) -> None:
    state.save("demo", patients("P1"))
    link = database_path.with_name("link.duckdb")
    link.symlink_to(database_path)
    with state.database.write() as connection:
        connection.execute("UPDATE scenarios SET description = 'x'")
        with Database(link).raw(read_only=True) as other:
            assert other.execute("SELECT count(*) FROM scenarios").fetchall() == [(1,)]
    assert StateManager(Database(link)).get("demo").description == "x"


# -- what is no database file (kinds 12, 16 and 18) --------------------------------------------------------------


@posix
def test_what_would_be_waited_for_for_ever_is_refused_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(tmp_path / "s"))
    (tmp_path / "link").symlink_to("pipe")
    for place, kind in (
        (tmp_path / "pipe", "a pipe"),
        (tmp_path / "link", "a pipe"),
        (tmp_path / "s", "a socket"),
        (Path("/dev/null"), "a device"),
        (Path("/dev/zero"), "a device"),
        (tmp_path, "a folder"),
    ):
        for words in (["scenario", "list"], ["doctor"], ["compact"], ["sql", "SELECT 1"]):
            with pytest.raises(SystemExit) as end:
                main(["--db", str(place), *words])
            assert end.value.code == 5, (place, words)
            assert f"{place} is {kind}; expected a database file." in capsys.readouterr().err
    listening.close()


@posix
def test_names_that_no_database_can_have_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "loop").symlink_to("pool")
    (tmp_path / "pool").symlink_to("loop")
    for text, reason in (
        (str(tmp_path / "loop"), "is a loop of symbolic links"),
        (str(tmp_path / ("x" * 240)), "has 240 bytes; expected at most"),
        (str(tmp_path / ("x" * 300)), "too long"),
        ("~nosuchuser/x.duckdb", "no such user here"),
    ):
        with pytest.raises(SystemExit) as end:
            main(["--db", text, "scenario", "list"])
        assert end.value.code == 5, text
        assert reason in capsys.readouterr().err
    assert sorted(os.listdir(tmp_path)) == ["home", "loop", "pool"]


@posix
def test_a_name_that_is_not_utf_8_is_refused_by_the_door_and_by_python(capsys: pytest.CaptureFixture[str]) -> None:
    name = os.fsdecode(b"\xff.duckdb")
    with pytest.raises(SystemExit) as end:
        main(["--db", name, "scenario", "list"])
    assert end.value.code == 2
    assert r"\xff.duckdb' is not UTF-8" in capsys.readouterr().err
    with pytest.raises(InvalidInput, match=r"\\xff\.duckdb is not UTF-8"):
        Database(name)


def test_the_longest_name_works(tmp_path: Path) -> None:
    path = tmp_path / ("x" * (beside.longest_name() - len(".duckdb")) + ".duckdb")
    state = StateManager(Database(path))
    state.save("demo", patients("P1"))
    compact(state.database)
    assert names(Database(path)) == ["demo"]


@pytest.mark.parametrize(
    "place",
    [
        "s3://b/x.duckdb",
        "gs://b/x",
        "az://b/x",
        "postgres://h/db",
        "http://h/x",
        "file:x",
        "sqlite:x",
        "S3://b/x",
        ":memory:x",
        ":MEMORY:",
        "foo:bar.duckdb",
    ],
)
def test_a_place_that_is_not_known_is_refused_with_what_is(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (["scenario", "list"], ["status"], ["demo"], ["sql", "SELECT 1"], ["compact"]):
        with pytest.raises(SystemExit) as end:
            main(["--db", place, *words])
        assert end.value.code == 2
        message = capsys.readouterr().err
        for known in ("a path on this machine", ":memory:", "md:NAME"):
            assert known in message
    assert os.listdir(tmp_path) == ["home"]


@pytest.mark.parametrize("place", ["ducklake:mysql:dbname=x", "ducklake:x.ducklake", "ducklake:postgres:", "ducklake:"])
def test_a_lake_of_another_kind_is_refused_with_those_that_there_are(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        main(["--db", place, "status"])
    assert end.value.code == 2
    message = capsys.readouterr().err
    assert "ducklake:postgres:dbname=NAME host=HOST or ducklake:sqlite:PATH" in message
    assert os.listdir(tmp_path) == ["home"]


@pytest.mark.parametrize(
    "place",
    [
        "md:x?motherduck_token=SECRETabc",
        "postgres://u:SECRETabc@h/db",
        "ducklake:postgres:dbname=x password=SECRETabc",
        "az://c/x?sig=SECRETabc",
        "host=h password='SECRETabc'",
        "s3://b/x?AWS_SECRET_ACCESS_KEY=SECRETabc",
    ],
)
def test_a_secret_in_a_place_is_refused_and_never_shown(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Kind 11."""
    for words in (["scenario", "list"], ["status", "--json"]):
        with pytest.raises(SystemExit) as end:
            main(["--db", place, *words])
        assert end.value.code == 2
        printed = capsys.readouterr()
        assert "in the environment" in printed.err
        assert "SECRETabc" not in printed.out + printed.err


def test_a_file_that_is_really_called_so_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    StateManager(Database("./run:1.duckdb")).save("demo", patients("P1"))
    assert names(Database(tmp_path / "run:1.duckdb")) == ["demo"]


# -- whoever waits (kind 15) -------------------------------------------------------------------------------------


@posix
def test_a_stopped_waiter_holds_up_nobody(state: StateManager, database_path: Path) -> None:
    """A program that was stopped with Ctrl-Z while it waited keeps its turn, and the file is free."""
    state.save("demo", patients("P1"))
    stopped = Turn(database_path)
    assert stopped.take()
    try:
        began = time.monotonic()
        manager = StateManager(Database(database_path, lock_timeout=3_600))
        manager.tag("demo", ["x"])
        assert manager.get("demo").tags == ["x"]
        assert time.monotonic() - began < 1_800
    finally:
        stopped.leave()


# -- what dead programs left (kind 13) ---------------------------------------------------------------------------


@posix
def test_what_dead_programs_left_is_named_by_doctor_and_removed(state: StateManager, database_path: Path) -> None:
    state.save("demo", patients("P1"))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()

    def left_by(process: int, prefix: str) -> Path:
        name = leftovers.owned_name(f".healthsim.duckdb.{prefix}-")
        return database_path.parent / name.replace(f"-{os.getpid()}-", f"-{process}-")

    left_by(gone.pid, "compacting").mkdir()
    next(database_path.parent.glob(".*compacting*")).joinpath("healthsim.duckdb").touch()
    left_by(gone.pid, "backing-up").touch()
    kept = left_by(os.getppid(), "compacting")
    kept.mkdir()
    # another process, which has no engine yet
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from healthsim.cli import main; main()",
            "--db",
            str(database_path),
            "doctor",
            "--json",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    findings = [finding["message"] for finding in json.loads(done.stdout)["findings"]]
    assert sum("was left by a program that was stopped" in message for message in findings) == 2
    assert not any(kept.name in message for message in findings)
    assert beside_it(database_path) == [kept.name, "healthsim.duckdb"]


# -- bits that flip (kind 17) ------------------------------------------------------------------------------------


def spoilt(path: Path, whole: bytes, place: int, mask: int) -> None:
    broken = bytearray(whole)
    broken[place] ^= mask
    path.write_bytes(broken)


@pytest.mark.parametrize("part", ["header", "body", "end"])
@pytest.mark.long
def test_flipped_bytes_are_damage_and_never_a_traceback(
    state: StateManager, database_path: Path, capsys: pytest.CaptureFixture[str], part: str
) -> None:
    state.save("demo", patients(*map(str, range(300))))
    whole = database_path.read_bytes()
    count = 200 if LONG else 12
    first, last = {"header": (0, 12_400), "body": (12_288, len(whole)), "end": (len(whole) - 9_000, len(whole))}[part]
    for number in range(count):
        place = first + (last - first) * number // count + number % 7
        spoilt(database_path, whole, min(place, len(whole) - 1), (0xFF, 0x01, 0x80)[number % 3])
        for words in (["doctor", "--deep"], ["scenario", "load", "demo"]):
            with pytest.raises(SystemExit) as end:
                main(["--db", str(database_path), *words])
            printed = capsys.readouterr()
            assert end.value.code in (0, 7), (place, words, printed.err)
            if end.value.code == 7:
                assert "restore a backup" in printed.err, (place, printed.err)


@pytest.mark.parametrize(
    "error",
    [
        duckdb.Error(
            "Corrupt database file: computed checksum 1 does not match stored checksum 2 in block at location 3"
        ),
        duckdb.IOException("Corrupt database file: checksum"),
        duckdb.FatalException("Failed to load metadata pointer"),
        duckdb.InternalException("Failed to load metadata pointer (id 3)"),
        duckdb.Error("Serialization Error: x"),
    ],
)
def test_damage_is_told_whatever_class_the_engine_gives_it(database: Database, error: duckdb.Error) -> None:
    """DuckDB 2 raises the base class."""
    with database.read():
        pass
    with pytest.raises(DatabaseUnusable, match="restore a backup") as end, database.read():
        raise error
    assert end.value.exit_code == 7


def test_errors_of_statements_stay_what_they_are(database: Database) -> None:
    with pytest.raises(duckdb.CatalogException), database.read() as connection:
        connection.execute("FROM no_such_table")
    with pytest.raises(duckdb.ConversionException), database.read() as connection:
        connection.execute("SELECT 'corrupt checksum'::INTEGER")


# -- a place of another kind -------------------------------------------------------------------------------------


def test_a_new_kind_of_place_is_one_class_and_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """The place is that of ``tests/places.py``; nothing of the program knows it."""
    database = Database("catalog:far-away")
    StateManager(database).save("demo", patients("P1"))
    assert names(database) == ["demo"]
    assert status(database)["database"] == "catalog:far-away"
    assert any(
        "is far away, where nothing keeps two programs" in finding["message"]
        for finding in examine(database)["findings"]
    )
    with pytest.raises(UsageError, match="catalog:far-away is far away and gives back space by itself"):
        compact(database)
    with pytest.raises(SystemExit):
        main(["--db", "s3://b/x", "status"])
    assert "catalog:NAME" in capsys.readouterr().err


def test_memory_says_what_it_cannot() -> None:
    with pytest.raises(
        UsageError, match=r":memory: is in memory and has no file that could be compacted; name a database file"
    ):
        compact(Database(":memory:"))


@pytest.mark.parametrize("version", ["2.0.1", "1.5.7", "3.0.0.dev1"])
def test_motherduck_says_which_engine_it_wants(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr(duckdb, "__version__", version)
    with pytest.raises(
        HealthSimError, match=rf"does not accept DuckDB {version}, but versions up to 1\.5\.6.*healthsim\[motherduck\]"
    ):
        StateManager(Database("md:x")).list()


def test_motherduck_is_asked_with_the_name_and_its_errors_show_no_token(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def connect(place: str, config: dict[str, str]) -> None:
        asked.append(place)
        raise duckdb.IOException("Request failed: motherduck_token=SECRETabc is not valid")

    monkeypatch.setattr(duckdb, "__version__", "1.5.6")
    monkeypatch.setattr(duckdb, "connect", connect)
    with pytest.raises(SystemExit) as end:
        main(["--db", "md:team", "scenario", "list", "--json"])
    assert end.value.code == 1
    assert asked == ["md:team"]
    printed = capsys.readouterr()
    assert "MotherDuck database 'md:team' cannot be opened: Request failed" in printed.err
    assert "Check the network first" in printed.err
    assert "SECRETabc" not in printed.err + printed.out


def test_what_a_place_knows_in_a_process_goes_with_it(database: Database) -> None:
    with database.read():
        pass
    key = Database(":memory:").location.key
    in_process.of(key)
    gc.collect()
    assert key not in in_process._known
    assert database.location.key in in_process._known, "an idle engine stays known"
