"""A database of every released schema version, as the program of that time wrote it, is opened and brought up to date.

``fixtures/schema-<version>.duckdb.gz`` are such files, packed. A release adds its own and never changes an old one.
"""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import duckdb
import pytest

from healthsim.db.connection import Database
from healthsim.db.opening import known_migrations
from healthsim.db.reference import lookup
from healthsim.state.doctor import examine
from healthsim.state.manager import StateManager

FIXTURES = Path(__file__).parent / "fixtures"
FROZEN = sorted(FIXTURES.glob("schema-*.duckdb.gz"))
#: what the frozen scenario holds, spelled as it was saved
DOCUMENTS = {
    "patients": [
        {
            "id": "P1",
            "mrn": "MRN1",
            "ssn": "900-12-3456",
            "name": {"given_name": "Ana", "family_name": "Doña"},
            "birth_date": "1980-02-03",
            "gender": "F",
        }
    ],
    "sightings": [{"id": "S1", "of": "a type that the model does not know", "big": 12345678901234567890}],
}


@pytest.fixture(params=FROZEN, ids=lambda path: path.name.removesuffix(".duckdb.gz"))
def frozen(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A frozen file, unpacked into a folder of its own."""
    target = tmp_path / "frozen.duckdb"
    with gzip.open(request.param) as packed, target.open("wb") as unpacked:
        shutil.copyfileobj(packed, unpacked)
    return target


def schema(path: Path) -> dict[str, object]:
    """Everything a database file declares: columns with types, defaults and nulls, the texts of views and tables."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return {
            "columns": connection.execute(
                "SELECT schema_name, table_name, column_name, data_type, column_default, is_nullable"
                " FROM duckdb_columns() WHERE NOT internal ORDER BY schema_name, table_name, column_index"
            ).fetchall(),
            "tables": connection.execute(
                "SELECT schema_name, table_name, sql FROM duckdb_tables() WHERE NOT internal ORDER BY ALL"
            ).fetchall(),
            "views": connection.execute(
                "SELECT schema_name, view_name, sql FROM duckdb_views() WHERE NOT internal ORDER BY ALL"
            ).fetchall(),
            "migrations": connection.execute(
                "SELECT number, name, checksum FROM schema_migrations ORDER BY number"
            ).fetchall(),
        }


def test_there_is_a_frozen_file() -> None:
    assert FROZEN, f"no schema-<version>.duckdb.gz in {FIXTURES}"


def test_a_frozen_file_is_of_the_version_in_its_name(frozen: Path, request: pytest.FixtureRequest) -> None:
    with duckdb.connect(str(frozen), read_only=True) as connection:
        numbers = connection.execute("SELECT number FROM schema_migrations ORDER BY number").fetchall()
    newest = int(request.node.callspec.id.removeprefix("schema-"))
    assert [number for (number,) in numbers] == list(range(1, newest + 1))
    assert newest <= len(known_migrations())


def test_a_fresh_schema_equals_each_migrated_one(frozen: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.duckdb"
    for path in (fresh, frozen):
        StateManager(Database(path)).list()
    new, migrated = schema(fresh), schema(frozen)
    assert new["migrations"] == migrated["migrations"]
    for part in ("tables", "columns", "views"):
        assert migrated[part] == new[part], part


def test_what_was_saved_is_there_and_can_be_changed(frozen: Path) -> None:
    manager = StateManager(Database(frozen))
    loaded = manager.load("frozen family")
    assert loaded["description"] == "Saved by schema version 2"
    assert loaded["tags"] == ["frozen", "two words"]
    assert loaded["entity_count"] == 6
    assert {kind: loaded["entities"][kind] for kind in DOCUMENTS} == DOCUMENTS
    with manager.database.read() as connection:
        joined = connection.execute(
            "SELECT p.family_name, d.code FROM patients AS p JOIN diagnoses AS d USING (scenario_id, patient_id)"
        ).fetchall()
    assert joined == [("Doña", "E11.9")]
    manager.clone("frozen family", "copy")
    manager.save("frozen family", {"patients": [{"id": "P2"}]}, mode="merge")
    assert manager.get("frozen family").entity_count == 7
    assert manager.get("copy").entity_count == 6
    manager.delete("copy")
    assert examine(manager.database)["ok"]


def test_the_figures_of_the_starter_set_are_there(frozen: Path) -> None:
    answer = lookup(Database(frozen), county="06037")
    assert answer["releases"] == lookup(Database(frozen.with_name("fresh.duckdb")), county="06037")["releases"]


def test_the_file_as_it_was_is_kept_when_migrations_are_due(frozen: Path) -> None:
    before = schema(frozen)
    due = before["migrations"] != [(n, m.name, m.checksum) for n, m in enumerate(known_migrations(), 1)]
    StateManager(Database(frozen)).list()
    backups = sorted(frozen.parent.glob("frozen.duckdb.backup-*"))
    assert len(backups) == due
    assert [schema(path) for path in backups] == [before] * due
