"""What tests of the pages share: a small clinic that holds everything, and browsers that are let in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from clinic_pages import CLINIC, HOSTILE, browser
from starlette.testclient import TestClient

from healthsim.config import Settings
from healthsim.db.connection import Database
from healthsim.state.manager import StateManager
from healthsim.web.guard import Keys
from healthsim.workbench import Workbench


@pytest.fixture(scope="session")
def clinic_database(new_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with two scenarios; the name and every text of one of them want to be code. Copied for every test."""
    path = tmp_path_factory.mktemp("clinic") / "healthsim.duckdb"
    shutil.copyfile(new_database, path)
    state = StateManager(Database(path))
    state.save("clinic", CLINIC, description="A clinic", tags=["small"])
    hostile = [
        {
            "patient_id": HOSTILE,
            "given_name": HOSTILE,
            "family_name": HOSTILE,
            "city": HOSTILE,
            "gender": "F",
            "birth_date": "1950-01-01",
        }
    ]
    codes = [
        {
            "diagnosis_id": HOSTILE,
            "patient_id": HOSTILE,
            "code": HOSTILE,
            "description": HOSTILE,
            "onset_date": "2025-01-01",
        }
    ]
    state.save(
        HOSTILE,
        {"patients": hostile, "diagnoses": codes, HOSTILE: [{"id": HOSTILE}]},
        description=HOSTILE,
        tags=[HOSTILE],
    )
    return path


@pytest.fixture
def bench(clinic_database: Path, database_path: Path) -> Workbench:
    """The workbench of a copy of it."""
    database_path.parent.mkdir(mode=0o700, exist_ok=True)
    shutil.copyfile(clinic_database, database_path)
    return Workbench(Settings.load(database=str(database_path)))


@pytest.fixture
def keys() -> Keys:
    """The keys of the guard that the browsers of a test meet."""
    return Keys()


@pytest.fixture
def page(bench: Workbench, keys: Keys) -> Iterator[TestClient]:
    """A browser that is in."""
    with browser(bench, keys) as client:
        yield client
