"""An OMOP CDM comes in: a DuckDB file, CSV, Parquet; its rows as they came, and typed rows that join."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

import healthsim as hs
from healthsim.errors import InvalidInput
from healthsim.exchange.omop.read import VOCABULARY_TABLES
from healthsim.workbench import Workbench

#: what of a scenario survives the way through OMOP and back: (table, key, columns)
SURVIVES = {
    "patients": (
        "patient_id",
        "birth_date gender race ethnicity address_line1 city state postal_code county_fips country"
        " primary_care_provider_id death_date",
    ),
    "providers": ("provider_id", "npi dea_number specialty"),
    "facilities": ("name", "facility_id facility_type city state postal_code"),
    "encounters": (
        "patient_id start_datetime",
        "encounter_class end_datetime facility_id attending_provider_id discharge_disposition_code",
    ),
    "diagnoses": ("patient_id code diagnosed_date", "code_system"),
    "lab_results": ("patient_id loinc_code collected_datetime", "value_numeric unit"),
    "vital_signs": (
        "patient_id observation_datetime",
        "temperature_c heart_rate respiratory_rate systolic_bp diastolic_bp spo2 height_cm weight_kg bmi",
    ),
    "immunizations": ("patient_id cvx_code administered_date", "lot_number route"),
    "clinical_notes": ("clinical_note_id", "patient_id note_type note_datetime content"),
}
#: where a column of ours comes back under another name
COMES_BACK_AS = {"discharge_disposition_code": "discharge_disposition"}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    bench = hs.open(tmp_path_factory.mktemp("omop") / "d.duckdb")
    bench.generate(as_="s", size=8, seed=11)
    return bench


@pytest.fixture(scope="module")
def cdm(bench: Workbench, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scenario as an OMOP database."""
    path = tmp_path_factory.mktemp("cdm") / "s.duckdb"
    bench.export("omop", "s", path)
    bench.import_(path, as_="back")
    return path


def rows(bench: Workbench, sql: str, scenario: str) -> list[tuple[Any, ...]]:
    with bench.database.read() as connection:
        return connection.execute(sql, [bench.get(scenario).scenario_id]).fetchall()


def by_key(bench: Workbench, scenario: str, table: str, keys: str, columns: list[str]) -> dict[Any, list[Any]]:
    """Key -> the values of rows with it, sorted; rows without a whole key are left out."""
    names = keys.split()
    found: dict[Any, list[Any]] = {}
    for row in rows(bench, f"SELECT {', '.join([*names, *columns])} FROM main.{table} WHERE scenario_id = ?", scenario):
        key, values = row[: len(names)], row[len(names) :]
        if None not in key:
            found.setdefault(key, []).append(values)
    return {key: sorted(values, key=repr) for key, values in found.items()}


@pytest.mark.parametrize("table", SURVIVES)
def test_what_survives_the_way_through_omop_and_back(bench: Workbench, cdm: Path, table: str) -> None:
    keys, columns = SURVIVES[table]
    there = by_key(bench, "s", table, keys, columns.split())
    back = by_key(bench, "back", table, keys, [COMES_BACK_AS.get(name, name) for name in columns.split()])
    assert there
    for key, values in there.items():
        for value in values:
            assert value in back.get(key, []), (table, key)


def test_every_row_of_the_cdm_is_kept(bench: Workbench, cdm: Path) -> None:
    kept = [
        json.loads(text)
        for (text,) in rows(
            bench, "SELECT document::VARCHAR FROM main.scenario_documents WHERE scenario_id = ?", "back"
        )
    ]
    told = {json.dumps(document, sort_keys=True) for document in kept}
    with duckdb.connect(str(cdm), read_only=True) as connection:
        for (table,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            if table in VOCABULARY_TABLES:
                continue
            for (text,) in connection.execute(f"SELECT to_json(t)::VARCHAR FROM {table} AS t").fetchall():
                assert json.dumps(json.loads(text), sort_keys=True) in told, table


@pytest.mark.parametrize(
    "table", ["encounters", "diagnoses", "procedures", "medications", "lab_results", "vital_signs"]
)
def test_typed_rows_join_to_their_patients(bench: Workbench, cdm: Path, table: str) -> None:
    joined = f"SELECT count(*), count(p.patient_id) FROM main.{table} AS t LEFT JOIN main.patients AS p"
    total, found = rows(bench, f"{joined} USING (scenario_id, patient_id) WHERE t.scenario_id = ?", "back")[0]
    assert total == found > 0


def test_a_second_import_changes_nothing(bench: Workbench, cdm: Path) -> None:
    tables = ("patients", "diagnoses", "vital_signs", "lab_results", "scenario_documents")

    def everything() -> list[list[tuple[Any, ...]]]:
        return [
            rows(bench, f"SELECT * FROM main.{table} WHERE scenario_id = ? ORDER BY ALL", "back") for table in tables
        ]

    before = everything()
    bench.import_(cdm, as_="back", mode="merge")
    assert everything() == before


@pytest.mark.parametrize("format", ["csv", pytest.param("parquet", marks=pytest.mark.long)])
def test_folders_of_files_say_the_same(bench: Workbench, cdm: Path, format: str, tmp_path: Path) -> None:
    bench.export("omop", "s", tmp_path / "out", format=format)
    saved = bench.import_(tmp_path / "out", as_=f"from {format}")
    assert saved.sources[0].format == "omop"
    assert saved.entities_by_type == bench.get("back").entities_by_type
    for table, (keys, columns) in SURVIVES.items():
        names = [COMES_BACK_AS.get(name, name) for name in columns.split()]
        assert by_key(bench, saved.name, table, keys, names) == by_key(bench, "back", table, keys, names), table


def small(path: Path, **more: str) -> Path:
    """A CDM as others have it: in a schema, with few columns, with a table of their own."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA cdm54")
        for name, select in {
            "PERSON": "SELECT 7 AS PERSON_ID, 8532 AS GENDER_CONCEPT_ID, 1980 AS YEAR_OF_BIRTH, 4 AS MONTH_OF_BIRTH",
            "visit_occurrence": "SELECT 1 AS visit_occurrence_id, 7 AS person_id, 9201 AS visit_concept_id,"
            " DATE '2024-01-02' AS visit_start_date, DATE '2024-01-05' AS visit_end_date",
            "condition_occurrence": "SELECT 1 AS condition_occurrence_id, 7 AS person_id, 1 AS visit_occurrence_id,"
            " 201826 AS condition_concept_id, DATE '2024-01-02' AS condition_start_date",
            "measurement": "SELECT 5 AS measurement_id, 7 AS person_id, 3004410 AS measurement_concept_id,"
            " DATE '2024-01-02' AS measurement_date, 8.25 AS value_as_number, '%' AS unit_source_value",
            "observation": "SELECT 6 AS observation_id, 7 AS person_id, 45 AS observation_concept_id, 'Z59.00' AS"
            " observation_source_value, 9 AS observation_source_concept_id, DATE '2024-01-02' AS observation_date",
            "specimen": "SELECT 3 AS specimen_id, 7 AS person_id, 'blood' AS specimen_source_value",
            "concept": "SELECT * FROM (VALUES (201826, 'Type 2 diabetes mellitus', 'SNOMED', '44054006'),"
            " (3004410, 'Hemoglobin A1c', 'LOINC', '4548-4'), (9, 'Homelessness', 'ICD10CM', 'Z59.00'))"
            " AS c(concept_id, concept_name, vocabulary_id, concept_code)",
            "my_cohort": "SELECT 1 AS a",
            **more,
        }.items():
            connection.execute(f"CREATE TABLE cdm54.{name} AS {select}")
    return path


@pytest.mark.long
def test_a_cdm_of_others(tmp_path: Path) -> None:
    saved = hs.import_(small(tmp_path / "theirs.db"))
    assert saved.name == "theirs"
    sql = "SELECT patient_id, gender, birth_date::VARCHAR FROM patients"
    assert hs.sql(sql).rows == [["7", "F", "1980-04-01"]]
    assert hs.sql("SELECT encounter_class, start_datetime::VARCHAR FROM encounters").rows == [
        ["inpatient", "2024-01-02 00:00:00"]
    ]
    assert hs.sql("SELECT diagnosis_id, code, code_system, description FROM diagnoses ORDER BY 1").rows == [
        ["1", "44054006", "SNOMED CT", "Type 2 diabetes mellitus"],
        ["observation-6", "Z59.00", "ICD-10-CM", "Homelessness"],
    ]
    assert hs.sql("SELECT loinc_code, test_name, value, value_numeric, unit FROM lab_results").rows == [
        ["4548-4", "Hemoglobin A1c", "8.25", 8.25, "%"]
    ]
    assert saved.sources[0].kept == {"omop_specimen": 1}
    assert {oddity.what: oddity.example for oddity in saved.sources[0].oddities} == {
        "tables of concepts are looked up, and not kept": "concept",
        "a table that the CDM does not have; it is not read": "my_cohort",
    }


@pytest.mark.long
def test_values_that_are_of_another_type_stay_in_the_document(tmp_path: Path) -> None:
    death = "SELECT 7 AS person_id, 'last winter' AS death_date"
    saved = hs.import_(small(tmp_path / "theirs.db", death=death))
    assert hs.sql("SELECT death_date, deceased FROM patients").rows == [[None, True]]
    assert hs.load(saved.name).entities["omop_death"] == [{"person_id": 7, "death_date": "last winter"}]


def test_a_database_that_is_no_cdm_is_named(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "x.db")) as connection:
        connection.execute("CREATE TABLE person AS SELECT 1 AS person_id")
    with pytest.raises(InvalidInput, match="no format that can be read: a DuckDB database"):
        hs.import_(tmp_path / "x.db")
    (tmp_path / "broken.db").write_bytes(b"\0" * 8 + b"DUCK" + b"\1" * 5_000)
    with pytest.raises(InvalidInput, match="a DuckDB database"):
        hs.import_(tmp_path / "broken.db")
