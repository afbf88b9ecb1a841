"""A database with two scenarios for the questions: one that may be read, and one that holds a secret."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sql_attacks import SECRET

from healthsim.analytics.star.made import make
from healthsim.db.connection import Database
from healthsim.db.query.source import Source, opened
from healthsim.db.sharing import readable_elsewhere
from healthsim.state.manager import StateManager
from places import PLACES


def _entities(prefix: str, name: str) -> dict[str, list[dict[str, object]]]:
    ids = [f"{prefix}{number}" for number in range(1, 5)]
    return {
        "patients": [
            {
                "patient_id": i,
                "mrn": f"M-{i}",
                "given_name": name,
                "family_name": f"{name}son",
                "gender": "FM"[n % 2],
                "birth_date": f"19{50 + n}-02-03",
                "address": {"state": ["CA", "NY"][n % 2]},
            }
            for n, i in enumerate(ids)
        ],
        "diagnoses": [{"diagnosis_id": f"d-{i}", "patient_id": i, "code": "E11.9"} for i in ids],
        "members": [{"member_id": f"m-{i}", "patient_id": i, "plan_id": "plan-1"} for i in ids],
        "claims": [
            {
                "claim_id": f"c-{i}",
                "member_id": f"m-{i}",
                "status": "paid",
                "claim_type": "professional",
                "service_date": f"2025-0{n + 1}-15",
                "total_charge": 100.5 + n,
                "total_paid": 80.25 + n,
            }
            for n, i in enumerate(ids)
        ],
    }


def _made(place: str | Path) -> tuple[Database, str]:
    database = Database(place, lock_timeout=10)
    state = StateManager(database)
    mine = state.save("mine", _entities("p", "Anna"), tags=["open"])
    state.save("other", _entities("q", SECRET), description=SECRET, tags=[SECRET])
    with database.write() as connection:
        make(connection)
    return database, mine.scenario_id


@pytest.fixture(scope="module")
def at_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Database, str]:
    """The database as a file, and the id of the scenario that may be read: for questions whose way to it does not matter."""
    return _made(tmp_path_factory.mktemp("asked") / "healthsim.duckdb")


@pytest.fixture(scope="module", params=["file", pytest.param("memory", marks=pytest.mark.long)])
def asked(request: pytest.FixtureRequest) -> tuple[Database, str]:
    """The same at two places that differ in how a question reaches it."""
    if request.param == "file":
        made: tuple[Database, str] = request.getfixturevalue("at_file")
        return made
    return _made(PLACES[request.param])


def _source(asked: tuple[Database, str], scenario: str | None) -> Iterator[Source]:
    database, _ = asked
    with readable_elsewhere(database) as path, opened(path, 5, scenario, 1 << 30) as source:
        yield source


@pytest.fixture(scope="module")
def whole(asked: tuple[Database, str]) -> Iterator[Source]:
    """The database as a question without a scenario sees it."""
    yield from _source(asked, None)


@pytest.fixture(scope="module")
def filtered(asked: tuple[Database, str]) -> Iterator[Source]:
    """The database as a question about one scenario sees it."""
    yield from _source(asked, asked[1])
