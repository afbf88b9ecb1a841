"""A small generated population as X12: made once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from healthsim.db.connection import Database
from healthsim.exchange.x12.export import export_x12


@pytest.fixture(scope="session")
def exported(population: Database, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all its transactions."""
    folder = tmp_path_factory.mktemp("exported") / "x12"
    export_x12(population, "town", folder)
    return folder
