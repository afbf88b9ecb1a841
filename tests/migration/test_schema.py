"""The schema and its migrations: what a new database has is what the model declares, and an old one gets there whole."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from healthsim.db import migrations, opening
from healthsim.db.connection import Database
from healthsim.db.history import HISTORY
from healthsim.db.opening import OWNERS, Owner, known_migrations
from healthsim.db.schema import table_columns
from healthsim.errors import DatabaseNewer, DatabaseUnusable, HealthSimError
from healthsim.model import ENTITY_TYPES
from healthsim.state.manager import StateManager

PACKAGE = Path(opening.__file__).parents[1]
#: the checksum of every released migration: what was released is never edited, a change is a new migration
RELEASED = {
    "foundation": "bfcc2b0ce60d4cf8ea5df1dce341f9cc6b1021977b04050f96a6e6418a2eb10c",
    "reference": "6419058688e33dca007d8b6c00d9ac64a93ff596569702614885c5d0dfc0964a",
    "analytics": "dda295bcdef5509d095af51d26f4ea2a07b68ead94e0c20448719a03cb45975a",
    "observations": "47d010a641c41085065fab211166fc53108028ffe9e8c946ae1f928633a40980",
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
    # columns of later versions stand behind those that the table was made with: nobody reads or writes them by their place
    assert {name: kind for name, kind, *_ in described} == table_columns(entity_type)
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
    folders = {"db/versions": [migration.folder.name for migration in HISTORY]}
    for owner in OWNERS:
        mine = [known.folder.name for known in known_migrations() if known.name.startswith(f"{owner.name}/")]
        folders[owner.folder] = mine
    for folder, names in folders.items():
        on_disk = sorted(path.name for path in (PACKAGE / folder).glob("[0-9]*"))
        assert names == on_disk, folder
        assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1)), folder
    assert all(migration.tables for migration in known_migrations())


def test_every_folder_of_migrations_has_an_owner() -> None:
    """Owners are named where databases are opened; a folder that is not named there would never be applied."""
    folders = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("migrations") if path.is_dir()}
    assert folders <= {owner.folder for owner in OWNERS}
    assert len({owner.name for owner in OWNERS}) == len(OWNERS)


def test_released_migrations_are_not_edited() -> None:
    """When this fails: put the change into a new migration, and note its checksum above when it is released."""
    read_again = {known.name: dataclasses.replace(known, released_checksum=None).checksum for known in HISTORY}
    assert read_again == {known.name: known.checksum for known in HISTORY} == {n: RELEASED[n] for n in read_again}
    known = {known.name: known.checksum for known in known_migrations()}
    assert {name: known.get(name) for name in RELEASED} == RELEASED


def test_bookkeeping_says_what_was_applied(database: Database) -> None:
    with database.read() as connection:
        noted = connection.execute("SELECT number, name, checksum FROM schema_migrations ORDER BY number").fetchall()
    assert noted == [
        (number, migration.name, migration.checksum) for number, migration in enumerate(known_migrations(), start=1)
    ]


def test_a_database_that_is_up_to_date_is_opened_without_the_layers_above(
    database: Database, database_path: Path
) -> None:
    """The owners are names: they are looked up when there is something to do, not for every opening."""
    script = "import sys\nfrom healthsim.db import get_connection\nwith get_connection(sys.argv[1]): pass\n"
    script += "print([n for n in sys.modules if n.startswith(('healthsim.state', 'healthsim.analytics', 'healthsim.db.ref'))])"
    command = [sys.executable, "-c", script, str(database_path)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_the_public_connection_alone_makes_a_whole_database(database: Database, tmp_path: Path) -> None:
    """Whichever door opens a database first, it has the tables, the views and the rows of every owner."""
    with database.read():
        pass
    path = tmp_path / "by_the_public_door.duckdb"
    script = "import sys\nfrom healthsim.db import get_connection\nwith get_connection(sys.argv[1]): pass\n"
    subprocess.run([sys.executable, "-c", script, str(path)], check=True)
    assert database.location.path is not None
    assert description(path) == description(database.location.path)
    with Database(path).read() as connection:
        assert connection.execute("SELECT count(*) > 0 FROM reference.loads").fetchall() == [(True,)]


def test_a_second_opening_changes_nothing(database: Database, database_path: Path) -> None:
    StateManager(database).save("demo", {"patients": [{"patient_id": "P1"}]})
    before = database_path.read_bytes()
    for _ in range(2):
        StateManager(Database(database_path)).list()
    assert database_path.read_bytes() == before


def test_nothing_of_a_database_that_could_not_be_made_stays(
    database_path: Path, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("CREATE TABLE one (n INTEGER)", "CREATE TABLE broken (")
    with pytest.raises(duckdb.Error):
        StateManager(Database(database_path)).list()
    monkeypatch.undo()
    StateManager(Database(database_path)).save("demo", {"patients": [{"patient_id": "P1"}]})
    assert "main.one" not in description(database_path)


# -- from one version to the next ------------------------------------------------------------------------------


#: statements of one migration more, and its owner; returns the name in the bookkeeping
Add = Callable[..., str]


@pytest.fixture
def add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Add:
    """Let the program know one migration more, of an owner of this test."""

    def _add(*statements: str, owner: str = "test", name: str = "invented", **files: str) -> str:
        folder = tmp_path / "migrations" / owner
        number = len(list(folder.glob("*"))) + 1
        step = folder / f"{number:04d}_{name}"
        step.mkdir(parents=True)
        texts = {f"{place}_statement": text for place, text in enumerate(statements)} | files
        for stem, text in texts.items():
            (step / f"{stem}.sql").write_text(text, encoding="utf-8")
        known = {each.name: each for each in opening.OWNERS} | {owner: Owner(owner, str(folder))}
        monkeypatch.setattr(opening, "OWNERS", tuple(known.values()))
        opening._migrations_of.cache_clear()
        return f"{owner}/{step.name}"

    return _add


@pytest.fixture
def old(database: Database, database_path: Path) -> Path:
    """A database of the present version with a scenario in it."""
    StateManager(database).save("demo", {"patients": [{"patient_id": "P1", "given_name": "Ann"}]}, tags=["t"])
    return database_path


def backups(path: Path) -> list[Path]:
    return sorted(path.parent.glob("*.backup-*"))


def test_an_older_database_is_brought_up_to_date_and_backed_up(
    old: Path, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = StateManager(Database(old)).load("demo")
    columns = description(old)
    invented = add("CREATE TABLE novelties (n INTEGER)", "INSERT INTO novelties VALUES (1)")

    manager = StateManager(Database(old))

    assert manager.load("demo") == before
    assert set(description(old)) - set(columns) == {"main.novelties"}
    with manager.database.read() as connection:
        noted = connection.execute("SELECT number, name FROM schema_migrations ORDER BY number DESC LIMIT 1").fetchall()
    assert noted == [(len(known_migrations()), invented)]
    (backup,) = backups(old)
    assert description(backup) == columns, "the backup is the database as it was"
    monkeypatch.undo()
    assert StateManager(Database(backup)).load("demo") == before


@pytest.mark.parametrize("fault", ["SELECT no_such_function()", "INSERT INTO novelties VALUES ('no number')"])
def test_a_migration_that_fails_leaves_the_old_version(
    old: Path, add: Add, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    before, columns = StateManager(Database(old)).load("demo"), description(old)
    add("CREATE TABLE novelties (n INTEGER)", "ALTER TABLE scenarios ADD COLUMN novelty INTEGER", fault)
    for _ in range(2):
        with pytest.raises((duckdb.Error, HealthSimError)):
            StateManager(Database(old)).list()
        assert description(old) == columns
    monkeypatch.undo()
    assert StateManager(Database(old)).load("demo") == before


def test_of_two_migrations_the_first_stays_when_the_second_fails(
    old: Path, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("CREATE TABLE novelties (n INTEGER)")
    broken = add("CREATE TABLE more (n INTEGER)", "SELECT nothing()")
    with pytest.raises((duckdb.Error, HealthSimError)):
        StateManager(Database(old)).list()
    tables = description(old)
    assert "main.novelties" in tables
    assert "main.more" not in tables

    known = [migration for migration in known_migrations() if migration.name != broken]
    monkeypatch.setattr(opening, "known_migrations", lambda: tuple(known))
    assert StateManager(Database(old)).list()[1] == 1, "a program that knows the first only can use it"


def test_the_sets_of_owners_do_not_wait_for_each_other(old: Path, add: Add) -> None:
    """Two people add a migration at the same time, each to what is theirs: whichever comes first, both are applied."""
    second = add("CREATE TABLE of_second (n INTEGER)", owner="second")
    StateManager(Database(old)).list()
    first = add("CREATE TABLE of_first (n INTEGER)", owner="first")
    more = add("ALTER TABLE of_second ADD COLUMN m INTEGER", owner="second")
    with Database(old).read() as connection:
        noted = connection.execute("SELECT name FROM schema_migrations ORDER BY number DESC LIMIT 3").fetchall()
    assert {name for (name,) in noted} == {second, first, more}
    assert noted[-1] == (second,)
    tables = description(old)
    assert [column for column, _ in tables["main.of_second"]] == ["n", "m"]
    assert "main.of_first" in tables
    assert len(backups(old)) == 2, "one before each change of the file"


def test_a_database_that_lacks_one_set_and_is_ahead_in_another_is_refused_untouched(
    old: Path, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = add("CREATE TABLE of_ahead (n INTEGER)", owner="ahead")
    StateManager(Database(old)).list()
    monkeypatch.undo()
    before = old.read_bytes()
    add("CREATE TABLE of_behind (n INTEGER)", owner="behind")
    assert ahead not in [known.name for known in known_migrations()]
    with pytest.raises(DatabaseNewer, match=r"\(ahead/0001_invented\), which this program does not know"):
        StateManager(Database(old)).list()
    assert old.read_bytes() == before
    assert backups(old)[1:] == []


def test_what_a_later_migration_drops_is_never_made_in_a_new_database(tmp_path: Path, old: Path, add: Add) -> None:
    """A new database does not pay for history: the table of old times would fail here, were it made."""
    add(short_lived="SELECT error('made for nothing')", kept="CREATE TABLE kept (n INTEGER)")
    add(dropped="-- Of old times.\nDROP TABLE main.short_lived;\n", owner="later")
    fresh = tmp_path / "fresh.duckdb"
    StateManager(Database(fresh)).list()
    assert set(description(fresh)) - set(description(old)) == {"main.kept"}
    with Database(fresh).read() as connection:
        assert connection.execute("SELECT count(*) FROM schema_migrations").fetchall() == [(len(known_migrations()),)]


def test_an_old_database_loses_what_a_later_migration_drops(old: Path, tmp_path: Path, add: Add) -> None:
    add(short_lived="CREATE TABLE short_lived (n INTEGER); INSERT INTO short_lived VALUES (1)")
    StateManager(Database(old)).list()
    assert "main.short_lived" in description(old)
    add(dropped="DROP TABLE main.short_lived;\n")
    StateManager(Database(old)).list()
    StateManager(Database(tmp_path / "fresh.duckdb")).list()
    assert description(old) == description(tmp_path / "fresh.duckdb")


@pytest.mark.skipif(os.name != "posix", reason="modes of files are of POSIX")
def test_who_may_not_read_the_database_may_not_read_its_backup(
    old: Path, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The backup has patients in it as well, also while it is being written."""
    old.chmod(0o600)
    add("CREATE TABLE novelties (n INTEGER)")
    seen: list[int] = []
    copy = migrations.shutil.copyfile

    def looked_at(source: Path, target: Path) -> None:
        seen.append(target.stat().st_mode & 0o777)
        copy(source, target)

    monkeypatch.setattr(migrations.shutil, "copyfile", looked_at)
    StateManager(Database(old)).list()
    assert [*seen, *(path.stat().st_mode & 0o777 for path in backups(old))] == [0o600, 0o600]


def test_without_room_for_a_backup_nothing_is_migrated(old: Path, add: Add, monkeypatch: pytest.MonkeyPatch) -> None:
    add("CREATE TABLE novelties (n INTEGER)")

    def full(source: Any, target: Any) -> None:
        Path(target).write_bytes(b"a part")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(migrations.shutil, "copyfile", full)
    before = description(old)
    with pytest.raises(HealthSimError, match=r"No backup of .* could be made before the migration .*Free some space"):
        StateManager(Database(old)).list()
    assert description(old) == before
    assert backups(old) == []


def test_a_newer_database_is_refused_untouched(old: Path, add: Add, monkeypatch: pytest.MonkeyPatch) -> None:
    newer = add("CREATE TABLE novelties (n INTEGER)")
    StateManager(Database(old)).list()
    monkeypatch.undo()
    before = old.read_bytes()
    with pytest.raises(DatabaseNewer) as caught:
        StateManager(Database(old)).save("x", {})
    assert caught.value.message == (
        f"{old} has schema version {len(known_migrations()) + 1} ({newer}), which this program does not know. Nothing was"
        " changed. Upgrade HealthSim (pip install -U healthsim), or name another file with healthsim.open(PATH) or HEALTHSIM_DB."
    )
    assert caught.value.details["schema_version"] == len(known_migrations()) + 1
    assert old.read_bytes() == before


def test_other_statements_under_the_same_name_are_refused(old: Path, add: Add, tmp_path: Path) -> None:
    add("CREATE TABLE novelties (n INTEGER)")
    StateManager(Database(old)).list()
    shutil.rmtree(tmp_path / "migrations")
    add("CREATE TABLE novelties (n BIGINT)")
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
    # views are of all entity types, and some came after the foundation
    model = tuple(migration for migration in known_migrations() if migration.name.startswith("canonical/"))
    monkeypatch.setattr(opening, "known_migrations", lambda: (*HISTORY[:3], *model))
    with Database(database_path).write() as connection:
        connection.execute(
            "INSERT INTO analytics.fact_observation BY NAME"
            " SELECT 7 AS scenario_key, 'L1' AS observation_id, 5.4 AS value_numeric, '%' AS unit, 'lab_result' AS observation_source"
            " UNION ALL SELECT 7, 'V1', 120, 'mm[Hg]', 'vital_sign'"
        )
    monkeypatch.setattr(opening, "known_migrations", lambda: (*HISTORY, *model))

    with Database(database_path).write() as connection:
        kept = connection.execute(
            "SELECT scenario_key, observation_id, value_numeric, vital_sign_count FROM analytics.fact_observation ORDER BY 2"
        ).fetchall()
    assert kept == [(7, "L1", 5.4, 0), (7, "V1", 120.0, 1)]
    assert [path.name for path in backups(database_path)] == [
        f"{database_path.name}.backup-before-{len(model) + 4:04d}"
    ]
