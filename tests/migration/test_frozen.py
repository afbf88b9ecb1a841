"""A database of every schema version, as the program of that time wrote it, is opened and brought up to date.

``fixtures/schema-<version>.duckdb.gz`` are such files, packed, with rows in every table that their version has;
``freeze.py`` writes them. A release adds its own and never changes an old one; the file of a version that is not released
yet is written anew whenever its migrations change.
"""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from healthsim.analytics import query
from healthsim.db.connection import Database
from healthsim.db.opening import known_migrations
from healthsim.db.reference import lookup
from healthsim.state.doctor import examine
from healthsim.state.manager import StateManager

FIXTURES = Path(__file__).parent / "fixtures"
FROZEN = sorted(FIXTURES.glob("schema-*.duckdb.gz"))
#: what the frozen scenario holds, spelled as it was saved: every entity type, and one that the model does not know
DOCUMENTS: dict[str, list[dict[str, Any]]] = json.loads(
    Path(__file__).with_name("frozen_documents.json").read_text(encoding="utf-8")
)
#: what migrations keep of the star: keys that were given stay given. The rest is derived, and may be made anew
KEPT_OF_THE_STAR = {"analytics.dimension_keys"}
#: what only a migration fills, in a database of an older version
FILLED_BY_MIGRATIONS = {"analytics.carried_keys"}
#: since this migration, tables of the star are made by builds and not by migrations
BUILDS_MAKE_TABLES = "analytics/0001_made_by_builds"
#: views that are made over the loads, and differ with them
LOADED = {"places", "svi", "counties"}


@pytest.fixture(params=FROZEN, ids=lambda path: path.name.removesuffix(".duckdb.gz"))
def frozen(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A frozen file, unpacked into a folder of its own."""
    target = tmp_path / "frozen.duckdb"
    with gzip.open(request.param) as packed, target.open("wb") as unpacked:
        shutil.copyfileobj(packed, unpacked)
    return target


def schema(path: Path) -> dict[str, list[tuple[Any, ...]]]:
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


def contents(path: Path) -> dict[str, tuple[list[str], list[tuple[Any, ...]]]]:
    """Table -> (columns, rows in an order of their own) of everything that a database file holds."""
    with duckdb.connect(str(path), read_only=True) as connection:
        names = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal ORDER BY ALL"
        ).fetchall()
        tables = {}
        for in_schema, table in names:
            answer = connection.execute(f'SELECT COLUMNS(*)::VARCHAR FROM "{in_schema}"."{table}"')
            columns = [column[0] for column in answer.description]
            tables[f"{in_schema}.{table}"] = (columns, sorted(answer.fetchall(), key=repr))
        return tables


def test_there_is_a_frozen_file_of_every_version_since_the_first() -> None:
    versions = [int(path.name.removeprefix("schema-").removesuffix(".duckdb.gz")) for path in FROZEN]
    assert versions[:4] == [1, 2, 3, 4]
    assert versions == list(range(1, len(versions) + 1))


def test_a_frozen_file_has_rows_in_every_table(frozen: Path) -> None:
    empty = {table for table, (_, rows) in contents(frozen).items() if not rows}
    assert empty <= FILLED_BY_MIGRATIONS


def test_a_frozen_file_is_of_the_version_in_its_name(frozen: Path, request: pytest.FixtureRequest) -> None:
    with duckdb.connect(str(frozen), read_only=True) as connection:
        numbers = connection.execute("SELECT number FROM schema_migrations ORDER BY number").fetchall()
    newest = int(request.node.callspec.id.removeprefix("schema-"))
    assert [number for (number,) in numbers] == list(range(1, newest + 1))
    assert newest <= len(known_migrations())


def test_a_fresh_schema_equals_each_migrated_one(frozen: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.duckdb"
    builds_make_tables = BUILDS_MAKE_TABLES in {name for _, name, _ in schema(frozen)["migrations"]}
    for path in (fresh, frozen):
        StateManager(Database(path)).list()
    new, migrated = schema(fresh), schema(frozen)
    assert {name: checksum for _, name, checksum in new.pop("migrations")} == {
        name: checksum for _, name, checksum in migrated.pop("migrations")
    }
    made = set()
    if builds_make_tables:
        # this star is built: its tables are not the schema's
        in_new = {table for _, table, _ in new["tables"]}
        made = {table for where, table, _ in migrated["tables"] if where == "analytics"} - in_new
    # each load of PLACES and SVI is a table of its own, and the views over the loads name them
    for part in ("tables", "columns", "views"):
        assert _of_the_schema(migrated[part], made) == _of_the_schema(new[part], made), part


def _of_the_schema(rows: list[tuple[Any, ...]], made_by_builds: set[str]) -> list[tuple[Any, ...]]:
    others = LOADED | made_by_builds
    return [
        row for row in rows if row[0] != "reference_data" and row[1] not in others and not row[1].startswith("ref_")
    ]


@pytest.mark.long
def test_every_row_is_there_as_it_was(frozen: Path) -> None:
    """What a migration does not derive anew it does not touch: state, entities, reference data, keys of the star."""
    before = contents(frozen)
    StateManager(Database(frozen)).list()
    after = contents(frozen)
    kept = {table for table in before if not table.startswith("analytics.")} | (KEPT_OF_THE_STAR & set(before))
    for table in sorted(kept - {"main.schema_migrations"}):
        columns, rows = before[table]
        now, all_now = after[table]
        places = [now.index(column) for column in columns]
        rows_now = sorted((tuple(row[place] for place in places) for row in all_now), key=repr)
        if table == "reference.loads":
            # the starter set is the program's: an older one gives way to the one of today
            rows, rows_now = ([row for row in some if "starter" not in row] for some in (rows, rows_now))
        if "starter" not in table:
            assert rows_now == rows, table


@pytest.mark.long
def test_the_star_of_old_answers_questions(frozen: Path) -> None:
    """Built by an old program, by none, or to be made anew: a question gets its answer."""
    answer = query(Database(frozen), ["persons"], scenarios=["frozen family"])
    assert answer
    assert examine(Database(frozen))["ok"]


@pytest.mark.long
def test_what_was_saved_is_there_and_can_be_changed(frozen: Path) -> None:
    manager = StateManager(Database(frozen))
    loaded = manager.load("frozen family")
    assert loaded["description"] == "Saved by a version of old"
    assert loaded["tags"] == ["frozen", "two words"]
    assert {kind: loaded["entities"][kind] for kind in DOCUMENTS} == DOCUMENTS
    count = manager.get("frozen family").entity_count
    assert count == loaded["entity_count"] >= sum(map(len, DOCUMENTS.values()))
    with manager.database.read() as connection:
        joined = connection.execute(
            "SELECT p.family_name, d.code FROM patients AS p JOIN diagnoses AS d USING (scenario_id, patient_id)"
            " WHERE patient_id = 'PAT-001'"
        ).fetchall()
    assert joined == [("Birch", "E11.9")]
    manager.clone("frozen family", "copy")
    manager.save("frozen family", {"patients": [{"id": "P2"}]}, mode="merge")
    assert manager.get("frozen family").entity_count == count + 1
    assert manager.get("copy").entity_count == count
    manager.delete("copy")
    assert examine(manager.database)["ok"]


@pytest.mark.long
def test_rows_from_before_a_column_are_no_damage(frozen: Path) -> None:
    """Documents may say what a later version has a column for: the rows from before are empty there, until they are saved anew."""
    assert examine(Database(frozen), deep=True)["ok"]


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
