"""A second import of the same source changes nothing: no row, no time of a write, nothing of the star; for every format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import healthsim as hs
from healthsim.exchange.formats import formats, readable
from healthsim.results import Imported
from healthsim.workbench import Workbench

SPEC = {
    "size": 40,
    "counties": ["06073"],
    "cohort": ["type_2_diabetes"],
    "ages": {"min": 40, "max": 75},
    "years": 1,
    "seed": 4,
    "products": ["patient", "claims", "pharmacy", "trial"],
}
#: what is read and not written: how it looks
OF_OTHERS = {
    "synthea": {
        "patients": "Id,BIRTHDATE,FIRST,LAST\np1,1980-04-22,Ada,Birch\n",
        "encounters": "Id,START,STOP,PATIENT,ENCOUNTERCLASS,CODE,DESCRIPTION\n"
        "e1,2024-01-02T03:04:05Z,2024-01-02T03:30:00Z,p1,ambulatory,185349003,Visit\n",
        "observations": "DATE,PATIENT,ENCOUNTER,CODE,DESCRIPTION,VALUE,UNITS,TYPE\n"
        + "2024-01-02T03:04:05Z,p1,e1,4548-4,HbA1c,6.1,%,numeric\n" * 2,
    }
}


def everything(bench: Workbench) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of scenarios and of their stars."""
    with bench.database.read() as connection:
        tables = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal AND NOT temporary"
            " AND schema_name IN ('main', 'analytics') AND database_name = current_database()"
        ).fetchall()
        return {
            f"{schema}.{table}": rows
            for schema, table in tables
            if (rows := connection.execute(f'SELECT * FROM {schema}."{table}" ORDER BY ALL').fetchall())
        }


def changed(before: dict[str, list[tuple[Any, ...]]], after: dict[str, list[tuple[Any, ...]]]) -> set[str]:
    return {table for table in before.keys() | after.keys() if before.get(table) != after.get(table)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    """A database with a generated scenario ``s`` of every product."""
    bench = hs.open(tmp_path_factory.mktemp("made") / "made.duckdb")
    bench.generate(SPEC, as_="s", workers=1)
    return bench


def source(made: Workbench, format: str, folder: Path) -> Path:
    """Something of a format that can be imported."""
    if formats()[format].write is None:
        for name, text in OF_OTHERS[format].items():
            (folder / format).mkdir(exist_ok=True)
            (folder / format / f"{name}.csv").write_text(text, encoding="utf-8")
        return folder / format
    target = folder / formats()[format].target_name("s", {})
    made.export(format, "s", target)
    return target


@pytest.mark.parametrize("format", [entry.name for entry in readable()])
@pytest.mark.long
def test_a_second_import_changes_nothing(made: Workbench, format: str, tmp_path: Path) -> None:
    bench, path = hs.open(tmp_path / "read.duckdb"), source(made, format, tmp_path)
    first = bench.import_(path, as_="s")
    bench.build("s")
    before = everything(bench)
    again = bench.import_(path, as_="s", mode="merge")
    assert changed(before, everything(bench)) == set()
    assert isinstance(first, Imported)
    assert isinstance(again, Imported)
    assert again.entities_by_type == first.entities_by_type
    assert again.sources == first.sources
    assert [standing.state for standing in bench.star("s")] == ["built"]


def test_of_a_second_import_that_changes_one_entity_the_others_stay(tmp_path: Path) -> None:
    people = [{"patient_id": f"p{number}", "city": "Oslo"} for number in range(3)]
    path, saved = tmp_path / "people.json", "SELECT patient_id, saved_at FROM patients ORDER BY patient_id"
    path.write_text(json.dumps({"patients": people}), encoding="utf-8")
    hs.import_(path, as_="read")
    before, then = hs.sql(saved).rows, hs.get("read").updated_at
    hs.import_(path, as_="read", mode="merge")
    assert (hs.sql(saved).rows, hs.get("read").updated_at) == (before, then)
    people[1]["city"] = "Rome"
    path.write_text(json.dumps({"patients": people}), encoding="utf-8")
    hs.import_(path, as_="read", mode="merge")
    after = hs.sql(saved).rows
    assert [row == old for row, old in zip(after, before, strict=True)] == [True, False, True]
    assert hs.get("read").updated_at > then


def test_what_is_saved_again_by_a_program_is_the_newest(tmp_path: Path) -> None:
    hs.save("s", {"patients": [{"patient_id": "p1"}]})
    (before,) = hs.sql("SELECT saved_at FROM patients").rows
    hs.add("s", {"patients": [{"patient_id": "p1"}]})
    assert hs.sql("SELECT saved_at FROM patients").rows > [before]
