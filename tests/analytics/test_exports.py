"""Exports of tables: the same rows as in the database, partitions, manifests, and nothing half-written."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from healthsim.analytics import build
from healthsim.cli import main
from healthsim.db.connection import Database
from healthsim.errors import AlreadyExists, NotFound, UsageError
from healthsim.exchange.omop.export import export_omop
from healthsim.exchange.tables import export_tables
from healthsim.state.manager import StateManager


def documents() -> dict[str, list[dict[str, Any]]]:
    return {
        "patients": [
            {"patient_id": f"P{n}", "birth_date": "1970-01-01", "given_name": 'A "quoted", name\nof two lines'}
            for n in range(5)
        ],
        "claims": [
            {
                "claim_id": f"C{n}",
                "patient_id": f"P{n % 5}",
                "service_date": f"{2023 + n % 3}-03-0{1 + n % 9}",
                "total_paid": f"{n}.10",
            }
            for n in range(30)
        ],
        "encounters": [{"encounter_id": "E", "patient_id": "P1"}],
    }


@pytest.fixture
def saved(database: Database) -> Database:
    """A database with the scenario ``s``, and another one beside it."""
    state = StateManager(database)
    state.save("s", documents())
    state.save("other", {"patients": [{"patient_id": "X"}]})
    return database


@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_the_rows_of_the_database(format: str, saved: Database, tmp_path: Path) -> None:
    done = export_tables(saved, "s", tmp_path / "out", format=format)
    assert done.tables == {"canonical/patients": 5, "canonical/encounters": 1, "canonical/claims": 30}
    with saved.read() as connection:
        for name in ("patients", "claims"):
            place = f"{tmp_path}/out/canonical/{name}"
            read = (
                f"read_parquet('{place}/**/*.parquet', hive_partitioning = false)"
                if format == "parquet"
                else f"read_csv('{place}.csv', header = true, all_varchar = true)"
            )
            key = f"{name[:-1]}_id"
            texts = f"SELECT {key}, {'total_paid' if name == 'claims' else 'given_name'}::VARCHAR FROM"
            mine = connection.execute(
                f"{texts} main.{name} WHERE scenario_id = $id ORDER BY 1",
                {"id": StateManager(saved).get("s").scenario_id},
            ).fetchall()
            assert connection.execute(f"{texts} {read} ORDER BY 1").fetchall() == mine


def test_parquet_is_partitioned_by_year(saved: Database, tmp_path: Path) -> None:
    export_tables(saved, "s", tmp_path / "out")
    years = {path.name for path in (tmp_path / "out" / "canonical" / "claims").iterdir()}
    assert years == {"partition_year=2023", "partition_year=2024", "partition_year=2025"}
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT partition_year, count(*), count(*) FILTER (WHERE year(service_date) = partition_year)"
            f" FROM read_parquet('{tmp_path}/out/canonical/claims/**/*.parquet', hive_partitioning = true) GROUP BY ALL ORDER BY 1"
        ).fetchall()
        types = dict(
            connection.execute(
                f"DESCRIBE FROM read_parquet('{tmp_path}/out/canonical/claims/**/*.parquet')"
            ).fetchall()[i][:2]
            for i in range(20)
        )
    assert rows == [(2023, 10, 10), (2024, 10, 10), (2025, 10, 10)]
    assert types["service_date"] == "DATE"
    assert types["scenario_id"] == "VARCHAR", "Spark refuses files with a UUID"


@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_the_manifest(format: str, saved: Database, tmp_path: Path) -> None:
    done = export_tables(saved, "s", tmp_path / "out", format=format)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["scenario"] == "s"
    assert manifest["tables"] == done.tables
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file() and path.name != "manifest.json"]
    assert set(manifest["files"]) == {path.relative_to(tmp_path / "out").as_posix() for path in files}
    for path in files:
        entry = manifest["files"][path.relative_to(tmp_path / "out").as_posix()]
        assert entry == {"bytes": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    assert done.files == len(files)


@pytest.mark.long
def test_the_star_where_it_has_been_built(saved: Database, tmp_path: Path) -> None:
    build(saved, ["s", "other"])
    done = export_tables(saved, "s", tmp_path / "out", layers=("star",))
    assert all(place.startswith("star/") for place in done.tables)
    assert done.tables["star/fact_claim"] == 30
    with saved.read() as connection:
        key = connection.execute("SELECT scenario_key FROM analytics.dim_scenario WHERE name = 's'").fetchone()
        assert key is not None
        for place, rows in done.tables.items():
            name = place.removeprefix("star/")
            columns = {row[0] for row in connection.execute(f"DESCRIBE analytics.{name}").fetchall()}
            mine = f"scenario_key = {key[0]}" + (" OR scenario_key < 0" if name.startswith("dim_") else "")
            where = f"WHERE {mine}" if "scenario_key" in columns else ""
            read = f"read_parquet('{tmp_path}/out/{place}/**/*.parquet', hive_partitioning = false)"
            count = f"SELECT (SELECT count(*) FROM analytics.{name} {where}), (SELECT count(*) FROM {read})"
            assert connection.execute(count).fetchone() == (rows, rows), name
        paid = f"SELECT sum(paid_amount) FROM read_parquet('{tmp_path}/out/star/fact_claim/**/*.parquet')"
        assert (
            connection.execute(paid).fetchone()
            == connection.execute(
                f"SELECT sum(paid_amount) FROM analytics.fact_claim WHERE scenario_key = {key[0]}"
            ).fetchone()
        )
    both = export_tables(saved, "s", tmp_path / "both", format="csv")
    assert {place.partition("/")[0] for place in both.tables} == {"canonical", "star"}


@pytest.mark.long
def test_a_star_has_the_name_that_its_scenario_has_now(saved: Database, tmp_path: Path) -> None:
    build(saved, ["s", "other"])
    state = StateManager(saved)
    state.rename("s", "t")
    state.rename("other", "s")
    export_tables(saved, "t", tmp_path / "out", format="csv")
    read = f"read_csv('{tmp_path}/out/star/dim_scenario.csv', header = true, all_varchar = true)"
    with saved.read() as connection:
        rows = connection.execute(f"SELECT name, scenario_id FROM {read} ORDER BY scenario_key").fetchall()
    assert sorted(rows, key=str) == [("Not applicable", None), ("Unknown", None), ("t", state.get("t").scenario_id)]


@pytest.mark.long
def test_a_stale_star_says_so(
    saved: Database, database_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def exported(*layers: str) -> tuple[list[str], list[str]]:
        done = export_tables(saved, "s", tmp_path / "out", layers=layers, force=True)
        return done.notes, json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))["notes"]

    assert exported() == ([], [])
    build(saved, ["s", "other"])
    assert exported() == ([], [])
    StateManager(saved).save("s", {"patients": [{"patient_id": "new"}]}, mode="merge")
    notes, written = exported()
    assert notes == written
    assert re.fullmatch(
        r"The star of s is stale \(written since: patients\); its tables are as of [0-9: -]+ UTC\. Bring it up to date with"
        r" healthsim\.build\('s'\), and export again\.",
        "".join(notes),
    )
    assert exported("canonical") == ([], [])
    for words in ([], ["--json"]):
        with pytest.raises(SystemExit):
            main(["--db", str(database_path), "export", "csv", "s", "-o", str(tmp_path / f"c{len(words)}"), *words])
        out = capsys.readouterr()
        told = json.loads(out.out)["notes"] if words else out.err.splitlines()
        assert told[0] == notes[0].replace("healthsim.build('s')", "healthsim analytics build 's'"), "words of the door"
    build(saved, ["s"])
    assert exported("star") == ([], [])


def test_a_database_in_memory(tmp_path: Path) -> None:
    database = Database(":memory:")
    StateManager(database).save("s", documents())
    assert export_tables(database, "s", tmp_path / "out").tables["canonical/claims"] == 30
    assert export_omop(database, "s", tmp_path / "cdm.duckdb").tables["person"] == 5
    assert export_omop(database, "s", tmp_path / "cdm", format="csv").tables["person"] == 5
    assert not list(tmp_path.glob(".*"))


def test_an_empty_scenario(saved: Database, tmp_path: Path) -> None:
    StateManager(saved).save("empty", {})
    done = export_tables(saved, "empty", tmp_path / "out", format="csv")
    assert done.tables == {}
    assert (tmp_path / "out" / "manifest.json").exists()


def test_faults(saved: Database, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"has not been built\. Build it: healthsim\.build\('s'\)"):
        export_tables(saved, "s", tmp_path / "out", layers=("star",))
    with pytest.raises(NotFound, match="There is no scenario"):
        export_tables(saved, "t", tmp_path / "out")
    with pytest.raises(UsageError, match="expected parquet or csv"):
        export_tables(saved, "s", tmp_path / "out", format="xlsx")
    assert not (tmp_path / "out").exists()
    export_tables(saved, "s", tmp_path / "out")
    with pytest.raises(AlreadyExists, match="overwrite=True"):
        export_tables(saved, "s", tmp_path / "out")
    export_tables(saved, "s", tmp_path / "out", format="csv", force=True)
    assert not list((tmp_path / "out").rglob("*.parquet"))
    assert {path.name for path in tmp_path.iterdir()} == {"home", "database", "out"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["export", "parquet", "s", "-o", "{}/p"], 0),
        (["export", "csv", "s", "-o", "{}/c", "--json"], 0),
        (["export", "omop", "s", "-o", "{}/o.duckdb"], 0),
        (["export", "omop", "s", "-o", "{}/o", "--format", "csv", "--json"], 0),
        (["export", "omop", "nobody", "-o", "{}/n.duckdb"], 3),
        (["export", "omop", "s", "-o", "{}/n.duckdb", "--vocab-dir", "{}"], 3),
        (["export", "parquet", "s"], 2),
    ],
)
def test_commands(
    words: list[str],
    code: int,
    saved: Database,
    database_path: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--db", str(database_path), *(word.format(tmp_path) for word in words)])
    assert ended.value.code == code
    out = capsys.readouterr()
    if code == 0 and "--json" in words:
        assert json.loads(out.out)["tables"]
    if code:
        assert out.err.startswith("healthsim: ")
        assert not (tmp_path / "n.duckdb").exists()
