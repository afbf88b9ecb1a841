"""What tests beyond this machine's files get: servers that are started once, and keys for them in the environment."""

from __future__ import annotations

import gc
import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

import lakes
import pytest
from cluster_parts import Azure, Sail, azurite_server, sail_server
from lakes import Lake
from real_parts import BUCKET, ObjectStore, Postgres, postgres_server, seaweed_server

from healthsim.db.connection import Database
from waiting import PATIENCE

#: variables that would lead a test to somebody's own servers
_OTHERS = ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGSERVICE", "PGPASSFILE", "AWS_PROFILE", "motherduck_token")


#: an extension of the engine that comes as a wheel: where it is, the rest is
_WHEEL = "duckdb_extension_ducklake"


@pytest.fixture(scope="session", autouse=True)
def _environment() -> None:
    """These tests have an environment of their own; in another one they say so."""
    if importlib.util.find_spec(_WHEEL) is None:
        pytest.skip(
            f"{_WHEEL} is not installed; the environment of tests/beyond: uv run --group beyond pytest tests/beyond"
        )


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches the servers of who runs it."""
    for name in _OTHERS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def postgres_started() -> Iterator[Postgres]:
    with postgres_server() as server:
        yield server


@pytest.fixture
def postgres(postgres_started: Postgres, monkeypatch: pytest.MonkeyPatch) -> Postgres:
    """A Postgres server; the password of its owner is in the environment."""
    monkeypatch.setenv("PGPASSWORD", postgres_started.password)
    return postgres_started


@pytest.fixture(scope="session")
def seaweed_started() -> Iterator[ObjectStore]:
    with seaweed_server(BUCKET) as store:
        yield store


@pytest.fixture
def seaweed(seaweed_started: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """An S3 server with a bucket ``team``; its keys are in the environment."""
    for name, value in seaweed_started.environment.items():
        monkeypatch.setenv(name, value)
    return seaweed_started


# -- lakes ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def new_lake(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Callable[[str], Lake]:
    """A lake of a kind as its owner makes it: it is not to be changed."""
    made: dict[str, Lake] = {}

    def one(kind: str) -> Lake:
        if kind not in made:
            server = request.getfixturevalue("postgres_started") if kind == "postgres" else None
            with pytest.MonkeyPatch.context() as patch:
                if server is not None:
                    patch.setenv("PGPASSWORD", server.password)
                made[kind] = lakes.make(tmp_path_factory.mktemp(kind), kind, server)
            # a database of Postgres is copied only while nobody is connected to it
            gc.collect()
        return made[kind]

    return one


@pytest.fixture
def lake(request: pytest.FixtureRequest, tmp_path: Path, new_lake: Callable[[str], Lake]) -> Lake:
    """A lake of the test's own: of a team, or of the kind that the test is marked with."""
    kind = getattr(request, "param", "postgres")
    server = request.getfixturevalue("postgres") if kind == "postgres" else None
    return lakes.copy(new_lake(kind), tmp_path / "lake", server)


@pytest.fixture
def database(
    location: str, request: pytest.FixtureRequest, tmp_path: Path, new_lake: Callable[[str], Lake]
) -> Database:
    """A database without scenarios: a lake."""
    server = request.getfixturevalue("postgres") if location == "postgres" else None
    return Database(lakes.copy(new_lake(location), tmp_path / "lake", server).text, lock_timeout=PATIENCE)


# -- clouds and clusters --------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def azurite_started() -> Iterator[Azure]:
    with azurite_server(BUCKET) as store:
        yield store


@pytest.fixture
def azurite(azurite_started: Azure, monkeypatch: pytest.MonkeyPatch) -> Azure:
    """Azure's blob storage with a container ``team``; its keys are in the environment."""
    for name, value in azurite_started.environment.items():
        monkeypatch.setenv(name, value)
    return azurite_started


@pytest.fixture(scope="session")
def sail_started(seaweed_started: ObjectStore) -> Iterator[Sail]:
    with sail_server(seaweed_started.environment) as server:
        yield server


@pytest.fixture
def sail(sail_started: Sail, seaweed: ObjectStore) -> Sail:
    """A Spark Connect server without Java, which reaches the S3 server."""
    return sail_started
