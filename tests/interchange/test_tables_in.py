"""Tables come in: exports of ours in every column, and CSV or Parquet files whose columns are those of a table."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

import healthsim as hs
from healthsim.errors import InvalidInput
from healthsim.model import ENTITY_TYPES
from healthsim.workbench import Workbench

HOSTILE = "a,b;c\t\"d\" 'e'\nf\r\n| \\ ~^ é 💉 \u2028"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    """A database with a scenario ``s``: generated rows, and documents with hostile text, an empty text and nothing."""
    bench = hs.open(tmp_path_factory.mktemp("tables") / "d.duckdb")
    bench.generate(as_="s", size=12, seed=5)
    entities = {
        "patients": [
            {"patient_id": "p1", "given_name": HOSTILE, "family_name": "", "birth_date": "1950-02-03"},
            {"patient_id": "p2", "given_name": " ", "deceased": True},
        ],
        "claims": [
            {
                "claim_id": "c1",
                "patient_id": "p1",
                "other_diagnoses": ["I10", HOSTILE],
                "total_charge": "12.30",
                "claim_lines": [{"line_number": 1, "units": "1.50"}],
            }
        ],
    }
    bench.add("s", entities)
    return bench


@pytest.fixture(scope="module")
def exports(bench: Workbench, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The scenario as CSV and as Parquet."""
    folder = tmp_path_factory.mktemp("exports")
    for format in ("csv", "parquet"):
        bench.export(format, "s", folder / format)
    return {format: folder / format for format in ("csv", "parquet")}


def contents(bench: Workbench, name: str) -> dict[str, list[Any]]:
    """Every row of every table in all columns, but for the scenario and the time of the write."""
    tables = {}
    with bench.database.read() as connection:
        scenario = bench.get(name).scenario_id
        for known in ENTITY_TYPES.values():
            query = f'SELECT * EXCLUDE (scenario_id, saved_at) FROM main."{known.plural}" WHERE scenario_id = ? ORDER BY ALL'
            if rows := connection.execute(query, [scenario]).fetchall():
                tables[known.plural] = rows
    return tables


@pytest.mark.parametrize("format", ["csv", "parquet"])
@pytest.mark.long
def test_an_export_of_ours_comes_back_in_every_column(bench: Workbench, exports: dict[str, Path], format: str) -> None:
    saved = bench.import_(exports[format], as_=f"back from {format}")
    before = contents(bench, "s")
    assert len(before) > 15
    assert contents(bench, saved.name) == before
    assert saved.format == format
    assert saved.sources[0].entities == {table: len(rows) for table, rows in before.items()}
    again = bench.import_(exports[format], as_=saved.name, mode="merge")
    assert contents(bench, saved.name) == before
    assert again.entities_by_type == saved.entities_by_type


@pytest.mark.long
def test_an_export_is_called_as_its_scenario_and_its_star_is_left(tmp_path: Path) -> None:
    hs.save("told", {"patients": [{"patient_id": "p1"}]})
    hs.build("told")
    hs.export("parquet", "told", tmp_path / "out")
    saved = hs.import_(tmp_path / "out", overwrite=True)
    assert saved.name == "told"
    assert [oddity.what for oddity in saved.sources[0].oddities] == [
        "the star is not read: it is built of the canonical tables"
    ]


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_one_table_of_an_export_alone(bench: Workbench, exports: dict[str, Path], format: str, tmp_path: Path) -> None:
    suffix = ".csv" if format == "csv" else "/data.parquet"
    shutil.copy(exports[format] / "canonical" / f"providers{suffix}", tmp_path / f"providers.{format}")
    bench.import_(tmp_path / f"providers.{format}", as_=f"one {format}")
    assert contents(bench, f"one {format}") == {"providers": contents(bench, "s")["providers"]}


@pytest.mark.long
def test_a_table_of_others_is_read_by_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "patients.csv"
    path.write_text(
        "\ufeffMRN;First Name;last_name;dob;sex;favourite colour;zip\r\n"
        "M1;Ada;Birch;1960-01-02;female;blue;04109\r\n"
        'M2;"Bob; ""B""";Oak;someday;M;;\r\n',
        encoding="utf-8",
    )
    saved = hs.import_(path)
    assert hs.sql(
        "SELECT mrn, given_name, birth_date::VARCHAR, gender, postal_code FROM patients ORDER BY mrn"
    ).rows == [["M1", "Ada", "1960-01-02", "F", "04109"], ["M2", 'Bob; "B"', None, "M", None]]
    first, second = hs.load("patients").entities["patients"]
    assert first["favourite colour"] == "blue"
    assert second == {
        "MRN": "M2",
        "First Name": 'Bob; "B"',
        "last_name": "Oak",
        "dob": "someday",
        "sex": "M",
        "favourite colour": "",
        "zip": "",
    }
    (oddity,) = saved.sources[0].oddities
    assert (oddity.what, oddity.line, oddity.example) == (
        "patients.dob: a value that cannot be read as a date, YYYY-MM-DD; the column is left empty",
        3,
        '"someday"',
    )


def test_a_table_is_told_by_its_header_where_its_name_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "download (3).csv"
    path.write_text("claim_id,patient_id,service_date,total_charge\nc1,p1,2024-01-02,12.5\n", encoding="utf-8")
    assert hs.import_(path, as_="x").entities_by_type == {"claims": 1}


@pytest.mark.long
def test_a_parquet_file_of_others(tmp_path: Path) -> None:
    path = str(tmp_path / "labs.parquet")
    duckdb.sql(
        "COPY (SELECT 'l1' AS lab_result_id, 'p1' AS patient_id, '4548-4' AS loinc_code, 7.5 AS value,"
        " TIMESTAMP '2024-01-02 03:04:05' AS collected_datetime, {'a': [1, 2]} AS raw) TO '" + path + "'"
    )
    hs.import_(path)
    assert hs.sql("SELECT value, value_numeric, collected_datetime::VARCHAR FROM lab_results").rows == [
        ["7.5", 7.5, "2024-01-02 03:04:05"]
    ]
    assert json.loads(json.dumps(hs.load("labs").entities["lab_results"][0]["raw"])) == {"a": [1, 2]}


def test_a_folder_of_plain_tables_is_one_scenario(tmp_path: Path) -> None:
    for name, text in {
        "patients": "patient_id,birth_date\np1,1960-01-02\n",
        "encounters": "encounter_id,patient_id,start_datetime\ne1,p1,2024-01-02T03:04:05Z\n",
        "bells": "note,length\nC,3\n",
    }.items():
        (tmp_path / "t").mkdir(exist_ok=True)
        (tmp_path / "t" / f"{name}.csv").write_text(text, encoding="utf-8")
    saved = hs.import_(tmp_path / "t")
    assert saved.entities_by_type == {"encounters": 1, "patients": 1}
    assert [source.problem is None for source in saved.sources] == [True, True, False]


def test_a_table_of_ours_that_was_changed_and_cannot_be_read_is_refused(
    bench: Workbench, exports: dict[str, Path], tmp_path: Path
) -> None:
    text = (exports["csv"] / "canonical" / "patients.csv").read_text(encoding="utf-8")
    path = tmp_path / "patients.csv"
    path.write_text(text.replace("1950-02-03", "1950-02-33"), encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"patients\.csv cannot be read as the table patients: .*1950-02-33"):
        bench.import_(path, as_="changed")
