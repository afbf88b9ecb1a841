"""An OMOP export of a scenario in which every source of it occurs, made once."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import omop_scenario
import pytest
from omop_scenario import Exported

from healthsim.db.connection import Database
from healthsim.exchange.omop.export import export_omop
from healthsim.state.manager import StateManager


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """The export of the scenario, as a DuckDB file."""
    folder = tmp_path_factory.mktemp("omop")
    database = Database(folder / "healthsim.duckdb")
    StateManager(database).save("s", omop_scenario.entities())
    file = folder / "cdm.duckdb"
    return Exported(database, file, export_omop(database, "s", file))


@pytest.fixture
def cdm(exported: Exported) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the export."""
    with duckdb.connect(str(exported.file), read_only=True) as connection:
        yield connection


@pytest.fixture
def source(exported: Exported) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the canonical tables that it was made from."""
    with exported.database.read() as connection:
        yield connection
