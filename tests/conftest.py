"""What every test gets: a home of its own, and on request a database, its scenarios, and the data of old installations."""

from __future__ import annotations

import inspect
import os
import shutil
import signal
import zlib
from pathlib import Path

import pytest

from healthsim.db.connection import Database
from healthsim.state.manager import StateManager
from places import ALWAYS, PLACES
from waiting import PATIENCE


def pytest_configure(config: pytest.Config) -> None:
    """Programs that tests start can be interrupted, and find their modules compiled: otherwise each would compile all of them."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # a shell starts what runs in its background so, and whatever is started from there inherits it
        signal.signal(signal.SIGINT, signal.default_int_handler)
    cache = getattr(config, "cache", None)
    if cache is not None and not hasattr(config, "workerinput"):
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(cache.mkdir("bytecode"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long-part", metavar="K/N", help="of the modules with long tests, run those of the K-th of N parts"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out long tests of other parts, and begin with the module that takes longest: at the end, one worker would be alone."""
    if part := config.getoption("--long-part"):
        number, of = map(int, part.split("/"))
        # a module is always in the same part: it makes what all its tests look at
        chosen: dict[bool, list[pytest.Item]] = {True: [], False: []}
        for item in items:
            of_part = zlib.crc32(item.path.name.encode()) % of == number - 1
            chosen[of_part or item.get_closest_marker("long") is None].append(item)
        config.hook.pytest_deselected(items=chosen[False])
        items[:] = chosen[True]
    items.sort(key=lambda item: item.path.name != "test_killed_commands.py")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was left out, and how to have it."""
    if config.option.markexpr == "not long":
        terminalreporter.write_line("Tests marked long were left out; all of them: pytest -m 'long or not long'")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A HealthSim folder of the test's own: no test reads or writes the user's."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("HEALTHSIM_HOME", str(folder / ".healthsim"))
    for variable in ("HEALTHSIM_DB", "HEALTHSIM_LOCK_TIMEOUT"):
        monkeypatch.delenv(variable, raising=False)
    return folder / ".healthsim"


@pytest.fixture
def database_path(tmp_path: Path) -> Path:
    """Where a database will be; nothing is there yet."""
    return tmp_path / "database" / "healthsim.duckdb"


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file as first use makes it; copied for every test, which is faster than making each anew."""
    path = tmp_path_factory.mktemp("new") / "healthsim.duckdb"
    with Database(path).read():
        pass
    return path


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that is marked so is run once per place of a database, unless it looks at the file.

    A file and memory always; the others, where it takes longer to find what these two do not, with the long tests.
    """
    marked = metafunc.definition.get_closest_marker("every_location") is not None
    looks_at_file = "database_path" in inspect.signature(metafunc.function).parameters
    if "location" in metafunc.fixturenames and marked and not looks_at_file:
        # a module that runs the tests of another one may name places that only it knows
        named = getattr(metafunc.module, "LOCATIONS", None)
        places = [
            name if named or name in ALWAYS else pytest.param(name, marks=pytest.mark.long) for name in named or PLACES
        ]
        metafunc.parametrize("location", places, indirect=True)


@pytest.fixture
def location(request: pytest.FixtureRequest) -> str:
    """Which kind of place the database of a test is in: a file, or what HEALTHSIM_TEST_LOCATION names."""
    return str(getattr(request, "param", os.environ.get("HEALTHSIM_TEST_LOCATION", "file")))


@pytest.fixture
def database(location: str, database_path: Path, new_database: Path) -> Database:
    """A database without scenarios."""
    if location != "file":
        return Database(PLACES[location], lock_timeout=PATIENCE)
    database_path.parent.mkdir(mode=0o700, exist_ok=True)
    shutil.copyfile(new_database, database_path)
    database = Database(database_path, lock_timeout=PATIENCE)
    # what has just been copied has the tables of today: looking again would take a third of the time of a usual test
    database._seen = database.location.state()
    return database


@pytest.fixture
def state(database: Database) -> StateManager:
    """The scenarios of a fresh database."""
    return StateManager(database)


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of files that the old implementation left, and of public reference data.

    It is no part of the repository: tests that need it say so by being skipped where it is missing.
    """
    folder = os.environ.get("HEALTHSIM_TEST_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("HEALTHSIM_TEST_DATA names no folder: tests on real files of the old implementation do not run")
    return Path(folder)
