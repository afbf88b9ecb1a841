"""A stay that is under way has no end: every format says so as its readers expect, and it comes back without one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from healthsim.workbench import Workbench

#: one patient who came on 28 December and is still there on the 31st, and a stay that is over
ENTITIES: dict[str, list[dict[str, Any]]] = {
    "patients": [
        {
            "patient_id": "P1",
            "mrn": "M1",
            "given_name": "Ada",
            "family_name": "Bey",
            "gender": "F",
            "birth_date": "1950-02-03",
        }
    ],
    "encounters": [
        {
            "encounter_id": "over",
            "patient_id": "P1",
            "encounter_class": "inpatient",
            "status": "finished",
            "start_datetime": "2025-03-01T08:00:00",
            "end_datetime": "2025-03-04T10:00:00",
            "discharge_disposition_code": "01",
            "discharge_disposition": "Home",
        },
        {
            "encounter_id": "goes-on",
            "patient_id": "P1",
            "encounter_class": "inpatient",
            "status": "in-progress",
            "start_datetime": "2025-12-28T09:30:00",
            "discharge_disposition_code": "30",
            "discharge_disposition": "Still patient",
        },
        {
            "encounter_id": "visit",
            "patient_id": "P1",
            "encounter_class": "outpatient",
            "status": "finished",
            "start_datetime": "2025-12-31T15:00:00",
            "end_datetime": "2025-12-31T15:20:00",
        },
    ],
    "diagnoses": [
        {
            "diagnosis_id": "D1",
            "encounter_id": "goes-on",
            "patient_id": "P1",
            "code": "I50.9",
            "diagnosed_date": "2025-12-28",
        }
    ],
}


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    bench = Workbench.at(tmp_path / "stays.duckdb")
    bench.save("s", ENTITIES)
    return bench


def _stays(bench: Workbench, name: str) -> list[tuple[Any, ...]]:
    with bench.database.read() as connection:
        return connection.execute(
            "SELECT e.status, strftime(e.start_datetime, '%m-%d %H:%M'), strftime(e.end_datetime, '%m-%d %H:%M')"
            " FROM main.encounters AS e JOIN main.scenarios AS s USING (scenario_id)"
            " WHERE s.name = ? AND e.encounter_class = 'inpatient' ORDER BY e.start_datetime",
            [name],
        ).fetchall()


@pytest.mark.parametrize("format", ["fhir", "hl7v2", "ccda", "omop", "meds", "parquet", "csv", "share"])
def test_a_stay_without_an_end_comes_back_without_one(bench: Workbench, tmp_path: Path, format: str) -> None:
    target = tmp_path / ("out.json" if format == "share" else "out")
    bench.export(format, "s", target)
    files = sorted(target.glob("*.xml")) if format == "ccda" else [target]
    bench.import_(*files, as_="back")
    over, goes_on = _stays(bench, "back")
    assert over[1:] == ("03-01 08:00", "03-04 10:00")
    assert goes_on[1:] == ("12-28 09:30", None)
    if format != "meds":
        # MEDS has events, and no status
        assert goes_on[0] == "in-progress"


def test_the_cdm_has_it_until_the_last_day_that_is_told(bench: Workbench, tmp_path: Path) -> None:
    """Ends of visits are mandatory there; of patients still in hospital it is the day of extraction (UB-04 30 says which)."""
    bench.export("omop", "s", tmp_path / "cdm.duckdb", format="duckdb")
    with duckdb.connect(str(tmp_path / "cdm.duckdb"), read_only=True) as connection:
        visits = connection.execute(
            "SELECT visit_start_date::VARCHAR, visit_end_date::VARCHAR, discharged_to_source_value FROM cdm.visit_occurrence"
            " WHERE visit_concept_id = 9201 ORDER BY 1"
        ).fetchall()
    assert visits == [("2025-03-01", "2025-03-04", "01"), ("2025-12-28", "2025-12-31", "30")]


def test_a_patient_who_is_there_has_been_admitted_and_not_discharged(bench: Workbench, tmp_path: Path) -> None:
    bench.export("hl7v2", "s", tmp_path / "out")
    messages = (tmp_path / "out").read_text()
    assert messages.count("ADT^A01") == 2
    assert messages.count("ADT^A03") == 1


def test_fhir_says_in_progress_with_a_period_that_is_open(bench: Workbench, tmp_path: Path) -> None:
    import json

    bench.export("fhir", "s", tmp_path / "out")
    lines = next((tmp_path / "out").rglob("Encounter*.ndjson")).read_text().splitlines()
    found = [one for one in map(json.loads, lines) if one["status"] == "in-progress"]
    assert [sorted(one["period"]) for one in found] == [["start"]]
