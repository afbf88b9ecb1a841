"""MEDS: what is written is valid by the package of its makers, and what is read is all there, in rows where it is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import meds
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import healthsim
from asking import ask
from healthsim.errors import InvalidInput
from healthsim.exchange.meds.events import columns_carried
from healthsim.exchange.meds.export import export_meds
from healthsim.model import ENTITY_TYPES

SPEC = {"size": 90, "counties": ["06073"], "products": ["patient"], "ages": {"min": 30}, "seed": 6}

#: the columns that come back as they were; lab results give back their number from the text
CARRIED: dict[str, str] = {
    "patient": "patient_id mrn gender race ethnicity birth_date death_date smoking_status smoking_status_code"
    " smoking_status_date",
    "encounter": "encounter_class encounter_type start_datetime end_datetime discharge_disposition_code drg_code",
    "diagnosis": "code code_system diagnosed_date diagnosis_type",
    "procedure": "code code_system performed_datetime",
    "medication": "code code_system start_date end_date dose dose_quantity",
    "lab_result": "loinc_code unit value collected_datetime",
    "vital_sign": "temperature_c heart_rate respiratory_rate systolic_bp diastolic_bp spo2 height_cm weight_kg bmi"
    " observation_datetime",
    "immunization": "cvx_code administered_date dose_number lot_number",
    "allergy": "substance onset_date reaction",
}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> healthsim.Workbench:
    bench = healthsim.open(tmp_path_factory.mktemp("meds") / "people.duckdb")
    bench.generate(SPEC, as_="people")
    return bench


@pytest.fixture(scope="module")
def dataset(bench: healthsim.Workbench, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("written") / "meds"
    export_meds(bench.database, "people", target, per_shard=40)
    return target


def tables(dataset: Path) -> dict[Path, pa.Table]:
    return {path: pq.read_table(path) for path in sorted((dataset / "data").rglob("*.parquet"))}


def test_every_file_is_valid(dataset: Path) -> None:
    for path, table in tables(dataset).items():
        meds.DataSchema.validate(meds.DataSchema.align(table))
        assert path.parent.name in (meds.train_split, meds.tuning_split, meds.held_out_split)
    codes = pq.read_table(dataset / "metadata" / "codes.parquet")
    meds.CodeMetadataSchema.validate(meds.CodeMetadataSchema.align(codes))
    splits = pq.read_table(dataset / meds.subject_splits_filepath)
    meds.SubjectSplitSchema.validate(meds.SubjectSplitSchema.align(splits))
    meds.DatasetMetadataSchema.validate(json.loads((dataset / "metadata" / "dataset.json").read_text(encoding="utf-8")))


def test_events_are_in_order_and_a_subject_is_in_one_file(dataset: Path) -> None:
    seen: set[int] = set()
    for table in tables(dataset).values():
        keys = [(row["subject_id"], str(row["time"] or "")) for row in table.to_pylist()]
        assert keys == sorted(keys)
        subjects = {key[0] for key in keys}
        assert not subjects & seen
        seen |= subjects
    assert len(seen) == SPEC["size"]


def test_splits_follow_from_the_subject(bench: healthsim.Workbench, dataset: Path, tmp_path: Path) -> None:
    splits = {
        row["subject_id"]: row["split"] for row in pq.read_table(dataset / meds.subject_splits_filepath).to_pylist()
    }
    for path, table in tables(dataset).items():
        assert {splits[subject] for subject in table["subject_id"].to_pylist()} == {path.parent.name}
    patient = ask(bench, "SELECT min(patient_id) FROM patients", "people")[0][0]
    bench.export("meds", "people", tmp_path / "one", patient=[patient])
    alone = pq.read_table(tmp_path / "one" / meds.subject_splits_filepath).to_pylist()
    assert len(alone) == 1
    assert splits[alone[0]["subject_id"]] == alone[0]["split"]


def test_every_code_is_described(dataset: Path) -> None:
    codes = {
        row["code"]: row["description"] for row in pq.read_table(dataset / "metadata" / "codes.parquet").to_pylist()
    }
    used = {code for table in tables(dataset).values() for code in table["code"].to_pylist()}
    assert used == codes.keys()
    assert codes["LOINC/718-7//g/dL"] == "Hemoglobin [Mass/volume] in Blood"
    assert not any(description for code, description in codes.items() if code.startswith("CPT/")), "without CPT's texts"


def test_counts_are_those_of_the_rows(bench: healthsim.Workbench, dataset: Path) -> None:
    rows = [row for table in tables(dataset).values() for row in table.to_pylist()]
    for kind, count in (
        ("ICD10CM/", "SELECT count(*) FROM diagnoses"),
        (
            "LOINC/",
            "SELECT (SELECT count(*) FROM lab_results) + (SELECT count(temperature_c) + count(heart_rate) +"
            " count(respiratory_rate) + count(systolic_bp) + count(diastolic_bp) + count(spo2) + count(height_cm) +"
            " count(weight_kg) + count(bmi) FROM vital_signs)",
        ),
        ("ENCOUNTER//", "SELECT count(start_datetime) + count(end_datetime) FROM encounters"),
    ):
        expected = ask(bench, count, "people")[0][0]
        assert sum(row["code"].startswith(kind) for row in rows) == expected, kind


@pytest.fixture(scope="module")
def back(bench: healthsim.Workbench, dataset: Path) -> str:
    bench.import_(dataset, as_="back")
    return "back"


def test_the_columns_that_come_back_are_those_that_are_declared() -> None:
    assert columns_carried() == {entity_type: set(names.split()) for entity_type, names in CARRIED.items()}


@pytest.mark.parametrize("entity_type", CARRIED)
def test_rows_come_back(bench: healthsim.Workbench, back: str, entity_type: str) -> None:
    known = ENTITY_TYPES[entity_type]
    names = [known.key, *(name for name in CARRIED[entity_type].split() if name != known.key)]
    names += ["patient_id"] if "patient_id" in known.column and known.key != "patient_id" else []
    names += ["encounter_id"] if "encounter_id" in known.column and known.key != "encounter_id" else []
    query = f"SELECT {', '.join(names)} FROM {known.plural} ORDER BY 1"
    before = ask(bench, query, "people")
    assert before
    assert ask(bench, query, back) == before


def test_every_event_is_in_a_document(bench: healthsim.Workbench, dataset: Path, back: str) -> None:
    documents = bench.load(back)["entities"]["meds_subject"]
    read = {
        (document["subject_id"], event["code"], event.get("time"))
        for document in documents
        for event in document["events"]
    }
    rows = [row for table in tables(dataset).values() for row in table.to_pylist()]
    assert sum(len(document["events"]) for document in documents) == len(rows)
    assert read == {(row["subject_id"], row["code"], row["time"] and row["time"].isoformat()) for row in rows}


def test_a_dataset_of_others(bench: healthsim.Workbench, tmp_path: Path) -> None:
    """Without our ids, codes of unknown vocabularies among them: a start goes with the end that follows."""
    import datetime as dt

    at = [dt.datetime(2020, 1, day) for day in range(1, 7)]
    events: list[tuple[int, Any, str, float | None]] = [
        (7, None, "GENDER//F", None),
        (7, dt.datetime(1950, 5, 6), "MEDS_BIRTH", None),
        (7, at[0], "ENCOUNTER//inpatient//START", None),
        (7, at[1], "LOINC/8867-4", 71.0),
        (7, at[1], "LOINC/2345-7//mg/dL", 101.0),
        (7, at[2], "SNOMED/44054006", None),
        (7, at[2], "HOSPITAL_ADMISSION//EW EMER.", None),
        (7, at[3], "ENCOUNTER//inpatient//END", None),
        (8, at[4], "MEDS_DEATH", None),
    ]
    columns = list(zip(*events, strict=True))
    table = pa.table(
        {
            "subject_id": pa.array(columns[0], pa.int64()),
            "time": pa.array(columns[1], pa.timestamp("us")),
            "code": columns[2],
            "numeric_value": pa.array(columns[3], pa.float32()),
        }
    )
    target = tmp_path / "mimic.parquet"
    pq.write_table(table, target)
    answer = bench.import_(target, as_="others")
    assert isinstance(answer, healthsim.results.Imported)
    assert "a code that the model has no column for" in " ".join(answer.remarks())
    rows = ask(
        bench,
        "SELECT e.start_datetime, e.end_datetime, d.code, d.code_system, v.heart_rate, l.value_numeric, l.unit, p.birth_date"
        " FROM encounters AS e JOIN diagnoses AS d USING (patient_id) LEFT JOIN vital_signs AS v USING (patient_id)"
        " JOIN lab_results AS l USING (patient_id) JOIN patients AS p USING (patient_id)",
        "others",
    )
    assert [[str(value) for value in row] for row in rows] == [
        ["2020-01-01 00:00:00", "2020-01-04 00:00:00", "44054006", "SNOMED CT", "71", "101.0", "mg/dL", "1950-05-06"]
    ]
    assert ask(bench, "SELECT deceased, death_date FROM patients WHERE patient_id = '8'", "others")[0][0] is True
    events_kept = [
        event for document in bench.load("others")["entities"]["meds_subject"] for event in document["events"]
    ]
    assert len(events_kept) == len(events)


def test_without_patients_there_is_nothing_to_write(bench: healthsim.Workbench, tmp_path: Path) -> None:
    bench.save("nobody", {})
    with pytest.raises(InvalidInput, match="has no patients"):
        bench.export("meds", "nobody", tmp_path / "none")
