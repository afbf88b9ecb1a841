"""Delta tables: what is in them is what is in the database; rows of others stay; whoever loses a race tries again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import deltalake
import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError
from small_lake import generated, rows_here, rows_there

from healthsim.errors import AlreadyExists, HealthSimError, NotFound, UsageError
from healthsim.exchange.delta import lake
from healthsim.exchange.delta.declared import lake_table
from healthsim.exchange.delta.export import MANIFEST, DeltaExport, export_delta
from healthsim.exchange.tables import canonical_tables, star_tables
from healthsim.state.tables import scenario_tables
from healthsim.workbench import Workbench


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with two small populations."""
    folder = tmp_path_factory.mktemp("built")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEALTHSIM_HOME", str(folder / "home"))
        generated(folder / "x.duckdb", "one", "two")
    return folder / "x.duckdb"


@pytest.fixture(scope="module")
def exported(built: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DeltaExport]:
    """All tables of the first, as Delta."""
    target = tmp_path_factory.mktemp("lake") / "tables"
    return target, export_delta(Workbench.at(built).database, "one", target)


@pytest.fixture
def bench(built: Path, tmp_path: Path) -> Workbench:
    """The same database, which a test may change."""
    shutil.copyfile(built, tmp_path / "x.duckdb")
    return Workbench.at(tmp_path / "x.duckdb")


@pytest.fixture
def there(exported: tuple[Path, DeltaExport], tmp_path: Path) -> Path:
    """The same tables, which a test may change."""
    shutil.copytree(exported[0], tmp_path / "lake")
    return tmp_path / "lake"


@pytest.mark.long
def test_every_row_of_every_table_is_there(built: Path, exported: tuple[Path, DeltaExport]) -> None:
    target, written = exported
    database = Workbench.at(built).database
    with scenario_tables(database, "one") as rows:
        selected = [*canonical_tables(rows), *star_tables(rows)]
    assert len(selected) > 60
    assert {table.place for table in selected} == written.tables.keys()
    for table in selected:
        expected = rows_here(database, table.place, table.query, written.scenario_id)
        assert rows_there(target, table.place, written.scenario_id) == expected, table.place
        assert written.tables[table.place] == expected[0]


def test_old_readers_can_read_it_and_find_what_columns_mean(exported: tuple[Path, DeltaExport]) -> None:
    target, written = exported
    for name in written.tables:
        table = DeltaTable(target / name)
        assert (table.protocol().min_reader_version, table.protocol().min_writer_version) == (1, 2), name
        assert table.metadata().partition_columns == ["scenario_id"]
        assert table.metadata().description == lake_table(name).meaning
        fields = {field["name"]: field for field in json.loads(table.schema().to_json())["fields"]}
        for column in lake_table(name).columns:
            assert fields[column.name]["metadata"]["comment"] == column.meaning
            assert fields[column.name]["nullable"] is not column.required


def test_the_manifest_names_the_versions_that_belong_together(exported: tuple[Path, DeltaExport]) -> None:
    target, written = exported
    rows = DeltaTable(target / MANIFEST).to_pyarrow_table().to_pylist()
    assert {row["table_path"]: row["table_version"] for row in rows} == written.versions
    assert {row["table_path"]: row["row_count"] for row in rows} == written.tables
    assert {row["scenario"] for row in rows} == {"one"}


@pytest.mark.long
def test_a_second_export_changes_no_row_and_others_stay(bench: Workbench, there: Path) -> None:
    two = export_delta(bench.database, "two", there)
    ids = {name: bench.get(name).scenario_id for name in ("one", "two")}
    looked_at = ("canonical/patients", "canonical/claims", "star/dim_person", "star/fact_claim_line")
    before = {(name, table): rows_there(there, table, ids[name]) for name in ids for table in looked_at}
    again = export_delta(bench.database, "two", there)
    assert again.tables == two.tables
    for (name, table), rows in before.items():
        assert rows_there(there, table, ids[name]) == rows
    named = DeltaTable(there / MANIFEST).to_pyarrow_table().to_pylist()
    assert {row["scenario"] for row in named} == {"one", "two"}


def test_rows_of_a_table_that_has_none_any_more_go(bench: Workbench, there: Path) -> None:
    scenario_id = bench.get("one").scenario_id
    with bench.database.write() as connection:
        connection.execute("DELETE FROM vital_signs WHERE scenario_id = ?", [scenario_id])
    written = export_delta(bench.database, "one", there, layer="canonical")
    assert any("canonical/vital_signs has no rows of this scenario any more" in note for note in written.notes)
    assert rows_there(there, "canonical/vital_signs", scenario_id) == (0, 0)
    named = {row["table_path"] for row in DeltaTable(there / MANIFEST).to_pyarrow_table().to_pylist()}
    assert "canonical/vital_signs" not in named
    assert "star/fact_claim" in named


def test_while_an_export_fails_the_one_before_still_holds(
    bench: Workbench, there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The manifest of the last whole export names versions that can still be read."""
    scenario_id = bench.get("one").scenario_id
    expected = rows_there(there, "canonical/patients", scenario_id)
    with bench.database.write() as connection:
        connection.execute("UPDATE patients SET given_name = 'Changed' WHERE scenario_id = ?", [scenario_id])

    def full(table: Any, *arguments: Any, **options: Any) -> None:
        if "vital_signs" in str(getattr(table, "table_uri", table)):
            raise OSError(28, "No space left on device")
        write_deltalake(table, *arguments, **options)

    monkeypatch.setattr(deltalake, "write_deltalake", full)
    with pytest.raises(HealthSimError, match="is full; the manifest was not written"):
        export_delta(bench.database, "one", there)
    rows = DeltaTable(there / MANIFEST).to_pyarrow_table().to_pylist()
    (version,) = [row["table_version"] for row in rows if row["table_path"] == "canonical/patients"]
    assert rows_there(there, "canonical/patients", scenario_id) != expected
    assert rows_there(there, "canonical/patients", scenario_id, version) == expected


def test_a_delta_table_of_somebody_else_stays_without_force(bench: Workbench, tmp_path: Path) -> None:
    theirs = tmp_path / "lake" / "canonical" / "patients"
    theirs.mkdir(parents=True)
    write_deltalake(theirs, pa.table({"x": [1, 2], "y": [1, 1]}))
    with pytest.raises(AlreadyExists, match="that no export of HealthSim made"):
        export_delta(bench.database, "one", tmp_path / "lake", layer="canonical")
    assert DeltaTable(theirs).to_pyarrow_table().num_rows == 2
    assert [path.name for path in (tmp_path / "lake" / "canonical").iterdir()] == ["patients"]
    written = export_delta(bench.database, "one", tmp_path / "lake", layer="canonical", force=True)
    count, _ = rows_there(tmp_path / "lake", "canonical/patients", written.scenario_id)
    assert count == written.tables["canonical/patients"]


def test_instants_without_a_zone_on_request(bench: Workbench, there: Path, tmp_path: Path) -> None:
    written = export_delta(bench.database, "one", tmp_path / "ntz", layer="canonical", ntz=True)
    table = DeltaTable(tmp_path / "ntz" / "canonical" / "claims")
    assert table.protocol().min_reader_version == 3
    # Spark refuses columns that are NOT NULL unless the second of these is named
    assert {"timestampNtz", "invariants"} <= set(table.protocol().writer_features or ())
    for name in ("canonical/claims", "canonical/encounters"):
        assert rows_there(tmp_path / "ntz", name, written.scenario_id) == rows_there(there, name, written.scenario_id)
    with pytest.raises(UsageError, match="with --ntz as before"):
        export_delta(bench.database, "one", tmp_path / "ntz", layer="canonical")


def test_a_table_of_an_older_program_gets_the_new_columns(bench: Workbench, there: Path, tmp_path: Path) -> None:
    """An older program knew no column ``email``."""
    scenario_id = bench.get("one").scenario_id
    expected = rows_there(there, "canonical/patients", scenario_id)
    held = DeltaTable(there / "canonical" / "patients").to_pyarrow_table()
    shutil.rmtree(there / "canonical" / "patients")
    (there / "canonical" / "patients").mkdir()
    write_deltalake(
        there / "canonical" / "patients",
        held.drop_columns(["email"]),
        partition_by=["scenario_id"],
        commit_properties=deltalake.CommitProperties({lake.WROTE: "x"}),
    )
    export_delta(bench.database, "one", there, layer="canonical")
    assert rows_there(there, "canonical/patients", scenario_id) == expected


def test_a_lost_race_is_tried_again_and_at_last_told(
    bench: Workbench, there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = {"count": 2}

    def racing(table: Any, *arguments: Any, **options: Any) -> None:
        if "patients" in str(getattr(table, "table_uri", table)) and lost["count"]:
            lost["count"] -= 1
            raise CommitFailedError("a concurrent transaction added new data")
        write_deltalake(table, *arguments, **options)

    monkeypatch.setattr(deltalake, "write_deltalake", racing)
    monkeypatch.setattr(lake, "FIRST_WAIT", 0.0)
    export_delta(bench.database, "one", there, layer="canonical")
    assert lost["count"] == 0
    lost["count"] = 1_000
    with pytest.raises(HealthSimError, match=r"was written by \S+@\S+ each of 6 times"):
        export_delta(bench.database, "one", there, layer="canonical")
    assert lost["count"] == 1_000 - 6


def test_a_star_that_was_not_built_is_said(bench: Workbench, tmp_path: Path) -> None:
    bench.save("new", {"patients": [{"patient_id": "P1", "mrn": "M1"}]})
    written = export_delta(bench.database, "new", tmp_path / "lake")
    assert written.tables == {"canonical/patients": 1}
    assert "has not been built" in written.notes[0]
    with pytest.raises(NotFound, match="has not been built"):
        export_delta(bench.database, "new", tmp_path / "lake", layer="star")


def test_without_the_extra_it_is_named(bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "deltalake", None)
    with pytest.raises(HealthSimError, match=r"Install: pip install 'healthsim\[delta\]'"):
        export_delta(bench.database, "one", tmp_path / "lake")
    assert not (tmp_path / "lake").exists()
