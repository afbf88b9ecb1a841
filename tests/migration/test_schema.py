"""The schema and its migrations: what a new database has is what the model declares, and an old one gets there whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from healthsim.db import migrations
from healthsim.db.connection import Database
from healthsim.db.migrations import MIGRATIONS, Migration
from healthsim.db.schema import table_columns
from healthsim.errors import DatabaseNewer, DatabaseUnusable, HealthSimError
from healthsim.model import ENTITY_TYPES
from healthsim.state.manager import StateManager

#: the checksum of every released migration: what was released is never edited, a change is a new migration
RELEASED = {
    1: "bfcc2b0ce60d4cf8ea5df1dce341f9cc6b1021977b04050f96a6e6418a2eb10c",  # foundation
    2: "6419058688e33dca007d8b6c00d9ac64a93ff596569702614885c5d0dfc0964a",  # reference
    3: "dda295bcdef5509d095af51d26f4ea2a07b68ead94e0c20448719a03cb45975a",  # analytics
    4: "47d010a641c41085065fab211166fc53108028ffe9e8c946ae1f928633a40980",  # observations
}


def description(path: Path) -> dict[str, list[tuple[str, str]]]:
    """Every table and view of a database file, with its columns and their types."""
    with duckdb.connect(str(path), read_only=True) as connection:
        columns = connection.execute(
            "SELECT schema_name || '.' || table_name, column_name, data_type FROM duckdb_columns()"
            " WHERE NOT internal ORDER BY 1, column_index"
        ).fetchall()
    tables: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in columns:
        tables.setdefault(table, []).append((column, kind))
    return tables


@pytest.mark.parametrize("entity_type", ENTITY_TYPES.values(), ids=lambda known: known.name)
def test_a_new_database_has_what_the_model_declares(database: Database, entity_type: Any) -> None:
    with database.read() as connection:
        described = connection.execute(f'DESCRIBE main."{entity_type.plural}"').fetchall()
        latest = connection.execute(f'DESCRIBE latest."{entity_type.plural}"').fetchall()
    assert {name: kind for name, kind, *_ in described} == table_columns(entity_type)
    assert [name for name, *_ in described] == list(table_columns(entity_type)), "in the order of the declaration"
    assert latest == described


def test_no_keys_indexes_enums_or_sequences(database: Database) -> None:
    """They are slow to write or break bulk writes; the writers keep keys unique, the doctor proves it."""
    with database.read() as connection:
        for made in ("duckdb_constraints()", "duckdb_indexes()", "duckdb_sequences()"):
            found = connection.execute(
                f"SELECT * FROM {made} WHERE database_name = current_database()"
                + (" AND schema_name = 'main'" if "constraints" in made else "")
            ).fetchall()
            assert found == [], made
        enums = connection.execute(
            "SELECT * FROM duckdb_columns() WHERE data_type LIKE 'ENUM%' AND NOT internal"
        ).fetchall()
    assert enums == []


def test_migrations_are_numbered_without_gaps_and_have_statements() -> None:
    assert [migration.number for migration in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))
    assert all(migration.statements for migration in MIGRATIONS)
    folders = sorted(path.name for path in (Path(migrations.__file__).parent / "versions").iterdir() if path.is_dir())
    assert folders == [f"{migration.number:04d}_{migration.name}" for migration in MIGRATIONS]


def test_released_migrations_are_not_edited() -> None:
    """When this fails: put the change into a new migration, and note its checksum above when it is released."""
    assert {migration.number: migration.checksum for migration in MIGRATIONS} == RELEASED


def test_bookkeeping_says_what_was_applied(database: Database) -> None:
    with database.read() as connection:
        noted = connection.execute("SELECT number, name, checksum FROM schema_migrations ORDER BY number").fetchall()
    assert noted == [(migration.number, migration.name, migration.checksum) for migration in MIGRATIONS]


def test_a_second_opening_changes_nothing(database: Database, database_path: Path) -> None:
    StateManager(database).save("demo", {"patients": [{"patient_id": "P1"}]})
    before = database_path.read_bytes()
    for _ in range(2):
        StateManager(Database(database_path)).list()
    assert database_path.read_bytes() == before


def test_nothing_of_a_database_that_could_not_be_made_stays(
    database_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(monkeypatch, "CREATE TABLE one (n INTEGER)", "CREATE TABLE broken (")
    with pytest.raises(duckdb.Error):
        StateManager(Database(database_path)).list()
    monkeypatch.undo()
    StateManager(Database(database_path)).save("demo", {"patients": [{"patient_id": "P1"}]})
    assert "main.one" not in description(database_path)


# -- from one version to the next ------------------------------------------------------------------------------


class _Invented(Migration):
    """A migration of this test: its statements are given, not read from files."""

    texts: tuple[str, ...] = ()

    @property
    def statements(self) -> list[str]:
        return list(self.texts)


def add(monkeypatch: pytest.MonkeyPatch, *statements: str) -> Migration:
    """Let the program know one migration more."""
    number = MIGRATIONS[-1].number + 1
    invented = type("Invented", (_Invented,), {"texts": statements})(number, "invented")
    replace(monkeypatch, [*MIGRATIONS, invented])
    return invented


def replace(monkeypatch: pytest.MonkeyPatch, known: Sequence[Migration]) -> None:
    monkeypatch.setattr(migrations, "MIGRATIONS", tuple(known))
    monkeypatch.setattr(migrations, "_checksums", lambda: {item.number: item.checksum for item in known})


@pytest.fixture
def old(database: Database, database_path: Path) -> Path:
    """A database of the present version with a scenario in it."""
    StateManager(database).save("demo", {"patients": [{"patient_id": "P1", "given_name": "Ann"}]}, tags=["t"])
    return database_path


def backups(path: Path) -> list[Path]:
    return sorted(path.parent.glob("*.backup-*"))


def test_an_older_database_is_brought_up_to_date_and_backed_up(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = StateManager(Database(old)).load("demo")
    columns = description(old)
    invented = add(monkeypatch, "CREATE TABLE novelties (n INTEGER)", "INSERT INTO novelties VALUES (1)")

    manager = StateManager(Database(old))

    assert manager.load("demo") == before
    assert set(description(old)) - set(columns) == {"main.novelties"}
    with manager.database.read() as connection:
        noted = connection.execute("SELECT number, name FROM schema_migrations ORDER BY number DESC LIMIT 1").fetchall()
    assert noted == [(invented.number, "invented")]
    (backup,) = backups(old)
    assert description(backup) == columns, "the backup is the database as it was"
    monkeypatch.undo()
    assert StateManager(Database(backup)).load("demo") == before


@pytest.mark.parametrize("fault", ["SELECT no_such_function()", "INSERT INTO novelties VALUES ('no number')"])
def test_a_migration_that_fails_leaves_the_old_version(old: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    before, columns = StateManager(Database(old)).load("demo"), description(old)
    add(monkeypatch, "CREATE TABLE novelties (n INTEGER)", "ALTER TABLE scenarios ADD COLUMN novelty INTEGER", fault)
    for _ in range(2):
        with pytest.raises((duckdb.Error, HealthSimError)):
            StateManager(Database(old)).list()
        assert description(old) == columns
    monkeypatch.undo()
    assert StateManager(Database(old)).load("demo") == before


def test_of_two_migrations_the_first_stays_when_the_second_fails(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    number = MIGRATIONS[-1].number
    first = type("First", (_Invented,), {"texts": ("CREATE TABLE novelties (n INTEGER)",)})(number + 1, "first")
    second = type("Second", (_Invented,), {"texts": ("CREATE TABLE more (n INTEGER)", "SELECT nothing()")})(
        number + 2, "second"
    )
    replace(monkeypatch, [*MIGRATIONS, first, second])
    with pytest.raises((duckdb.Error, HealthSimError)):
        StateManager(Database(old)).list()
    tables = description(old)
    assert "main.novelties" in tables
    assert "main.more" not in tables

    replace(monkeypatch, [*MIGRATIONS, first])
    assert StateManager(Database(old)).list()[1] == 1, "a program that knows the first only can use it"


def test_without_room_for_a_backup_nothing_is_migrated(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(monkeypatch, "CREATE TABLE novelties (n INTEGER)")

    def full(source: Any, target: Any) -> None:
        Path(target).write_bytes(b"a part")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(migrations.shutil, "copyfile", full)
    before = description(old)
    with pytest.raises(HealthSimError, match=r"No backup of .* could be made before the migration .*Free some space"):
        StateManager(Database(old)).list()
    assert description(old) == before
    assert backups(old) == []


def test_a_newer_database_is_refused_untouched(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(monkeypatch, "CREATE TABLE novelties (n INTEGER)")
    StateManager(Database(old)).list()
    monkeypatch.undo()
    before = old.read_bytes()
    with pytest.raises(DatabaseNewer) as caught:
        StateManager(Database(old)).save("x", {})
    newest = MIGRATIONS[-1].number
    assert caught.value.message == (
        f"{old} has schema version {newest + 1} (invented); this program knows versions up to {newest}. Nothing was"
        " changed. Upgrade HealthSim (pip install -U healthsim), or name another file with --db PATH."
    )
    assert caught.value.details["schema_version"] == newest + 1
    assert old.read_bytes() == before


def test_other_statements_under_the_same_name_are_refused(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(monkeypatch, "CREATE TABLE novelties (n INTEGER)")
    StateManager(Database(old)).list()
    add(monkeypatch, "CREATE TABLE novelties (n BIGINT)")
    before = old.read_bytes()
    with pytest.raises(DatabaseUnusable, match=r"was applied with other statements than this program has"):
        StateManager(Database(old)).list()
    assert old.read_bytes() == before


def test_the_file_can_be_read_by_every_supported_engine(database: Database) -> None:
    with database.read() as connection:
        tags = connection.execute("SELECT tags FROM duckdb_databases() WHERE NOT internal").fetchall()
    assert any("v1.5.0" in str(value) for (value,) in tags)


def test_results_of_an_older_star_say_whether_they_are_vital_signs(
    database_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace(monkeypatch, MIGRATIONS[:3])
    with Database(database_path).write() as connection:
        connection.execute(
            "INSERT INTO analytics.fact_observation BY NAME"
            " SELECT 7 AS scenario_key, 'L1' AS observation_id, 5.4 AS value_numeric, '%' AS unit, 'lab_result' AS observation_source"
            " UNION ALL SELECT 7, 'V1', 120, 'mm[Hg]', 'vital_sign'"
        )
    monkeypatch.undo()

    with Database(database_path).write() as connection:
        kept = connection.execute(
            "SELECT scenario_key, observation_id, value_numeric, vital_sign_count FROM analytics.fact_observation ORDER BY 2"
        ).fetchall()
    assert kept == [(7, "L1", 5.4, 0), (7, "V1", 120.0, 1)]
    assert [path.name for path in backups(database_path)] == [f"{database_path.name}.backup-before-0004"]
