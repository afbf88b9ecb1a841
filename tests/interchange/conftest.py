"""A small generated population: what claims and pharmacy claims are written from in tests of the formats that tell of them."""

from __future__ import annotations

import pytest

from healthsim.db.connection import Database
from healthsim.generation import generate
from healthsim.generation.spec import read_spec

#: small, and yet with dependents, stays, denials, claims that are pended and taken back, rejected fills and alerts
SPEC = {"size": 24, "counties": ["06073"], "years": 2, "seed": 12}
#: what is to be in it, since tests are about it
_HAS = {
    "members": "relationship_code <> '18'",
    "encounters": "encounter_class = 'inpatient'",
    "claims": "status = 'denied'; status = 'pended'; status = 'reversed'",
    "pharmacy_claims": "status = 'rejected'; status = 'reversed'",
    "dur_alerts": "TRUE",
}


@pytest.fixture(scope="session")
def population(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """A database with the scenario ``town``; what tests add to it has names of their own."""
    database = Database(tmp_path_factory.mktemp("population") / "healthsim.duckdb")
    generate(read_spec(SPEC), "town", database=database, workers=1)
    with database.read() as connection:
        for table, conditions in _HAS.items():
            for condition in conditions.split("; "):
                (found,) = connection.execute(f"SELECT count(*) FROM {table} WHERE {condition}").fetchall()[0]
                assert found, f"no {table} with {condition}: choose another seed"
    return database
