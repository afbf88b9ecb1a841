"""Tools of OHDSI on the export: Achilles runs through, and Circe counts what plain SQL counts."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import duckdb
import pytest
from omop_scenario import Exported

from healthsim.errors import InvalidInput, NotFound
from healthsim.exchange.omop.circe import find_circe_cohort

achilles = pytest.importorskip("duckcdm.achilles", reason="the extra ohdsi is not installed")


@pytest.mark.long
def test_every_analysis_of_achilles_runs(exported: Exported, tmp_path: Path) -> None:
    copy = tmp_path / "cdm.duckdb"
    copy.write_bytes(exported.file.read_bytes())
    folder = Path(os.path.dirname(achilles.__file__), "sql")
    everything = sorted(int(file.stem) for file in folder.glob("*.sql") if file.stem.isdigit())
    with duckdb.connect(str(copy)) as connection:
        done, failed = achilles.run_achilles(
            connection,
            cdm_schema="main",
            results_schema="results",
            cdm_version="5.4",
            analysis_ids=everything,
            log=None,
            small_cell_count=0,
        )
        assert failed == []
        assert len(done) == len(everything) > 200

        def figure(analysis: int) -> int:
            row = connection.execute(
                "SELECT sum(count_value) FROM results.achilles_results WHERE analysis_id = ?", [analysis]
            ).fetchone()
            return int(row[0]) if row and row[0] is not None else 0

        assert figure(1) == exported.result.tables["person"]
        assert figure(401) == exported.result.tables["condition_occurrence"]
        # Achilles' own data quality: persons without an observation period, events outside of one, ends before starts
        for analysis in (7, 8, 9, 115, 207, 209, 409, 609, 709, 809):
            assert figure(analysis) == 0, analysis
        # contacts and conditions outside of every observation period
        for analysis in (210, 410, 610):
            assert figure(analysis) == 0, analysis


def concept_set(number: int, *concepts: int, descendants: bool = True) -> dict[str, Any]:
    items = [{"concept": {"CONCEPT_ID": concept}, "includeDescendants": descendants} for concept in concepts]
    return {"id": number, "name": f"set {number}", "expression": {"items": items}}


def definition(primary: dict[str, Any], sets: list[dict[str, Any]], *rules: dict[str, Any]) -> dict[str, Any]:
    return {
        "ConceptSets": sets,
        "PrimaryCriteria": {
            "CriteriaList": [primary],
            "ObservationWindow": {"PriorDays": 0, "PostDays": 0},
            "PrimaryCriteriaLimit": {"Type": "First"},
        },
        "QualifiedLimit": {"Type": "First"},
        "ExpressionLimit": {"Type": "First"},
        "InclusionRules": list(rules),
        "CensoringCriteria": [],
        "CollapseSettings": {"CollapseType": "ERA", "EraPad": 0},
        "CensorWindow": {},
    }


def rule(name: str, *criteria: dict[str, Any], **more: Any) -> dict[str, Any]:
    inner = {"Type": "ALL", "CriteriaList": list(criteria), "DemographicCriteriaList": [], "Groups": [], **more}
    return {"name": name, "expression": inner}


def at_least(count: int, criterion: dict[str, Any], kind: int = 2) -> dict[str, Any]:
    """kind: 0 exactly, 1 at most, 2 at least."""
    window = {"Start": {"Coeff": -1}, "End": {"Coeff": 1}}
    return {"Criteria": criterion, "StartWindow": window, "Occurrence": {"Type": kind, "Count": count}}


HYPERTENSION = concept_set(0, 316866)
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "a condition with what stands below it": (
        definition({"ConditionOccurrence": {"CodesetId": 0}}, [HYPERTENSION]),
        "SELECT patient_id FROM main.diagnoses WHERE code = 'I10'"
        " UNION SELECT patient_id FROM main.claims WHERE principal_diagnosis = 'I10' OR other_diagnoses::VARCHAR LIKE '%I10%'",
    ),
    "a drug by its ingredient": (
        definition({"DrugEra": {"CodesetId": 0}}, [concept_set(0, 1503297)]),
        "SELECT patient_id FROM main.medications WHERE name LIKE 'metformin%'"
        " UNION SELECT patient_id FROM main.prescriptions WHERE drug_name LIKE 'metformin%'",
    ),
    "a laboratory value": (
        definition(
            {"Measurement": {"CodesetId": 0, "ValueAsNumber": {"Value": 6.25, "Op": "gt"}}}, [concept_set(0, 3004410)]
        ),
        "SELECT patient_id FROM main.lab_results WHERE loinc_code = '4548-4' AND value_numeric > 6.25",
    ),
    "an inpatient stay": (
        definition({"VisitOccurrence": {"CodesetId": 0}}, [concept_set(0, 9201, descendants=False)]),
        "SELECT patient_id FROM main.encounters WHERE encounter_class = 'inpatient'",
    ),
    "a condition, a sex, and no other condition": (
        definition(
            {"ConditionOccurrence": {"CodesetId": 0}},
            [concept_set(0, 201826), concept_set(1, 317009)],
            rule("women", DemographicCriteriaList=[{"Gender": [{"CONCEPT_ID": 8532}]}]),
            rule("no asthma", at_least(0, {"ConditionOccurrence": {"CodesetId": 1}}, kind=0)),
        ),
        "SELECT d.patient_id FROM main.diagnoses AS d JOIN main.patients AS p USING (patient_id)"
        " WHERE d.code = 'E11.9' AND p.gender = 'F' AND d.patient_id NOT IN"
        " (SELECT patient_id FROM main.diagnoses WHERE code = 'J45.909')",
    ),
}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_circe_counts_what_plain_sql_counts(case: str, exported: Exported, source: duckdb.DuckDBPyConnection) -> None:
    expression, plain = CASES[case]
    expected = {row[0] for row in source.execute(plain).fetchall()}
    found = find_circe_cohort(exported.database, "s", expression)
    assert {patient for patient, _ in found.persons} == expected
    assert 0 < len(expected) < 60
    steps = [step.persons for step in found.attrition]
    assert steps == sorted(steps, reverse=True)
    assert steps[0] == 60
    assert steps[-1] == len(expected)
    assert len(steps) == 2 + len(expression["InclusionRules"])


@pytest.mark.long
def test_definitions_as_atlas_keeps_them(exported: Exported) -> None:
    expression = CASES["an inpatient stay"][0]
    plain = find_circe_cohort(exported.database, "s", expression)
    assert find_circe_cohort(exported.database, "s", {"name": "x", "expression": json.dumps(expression)}) == plain


@pytest.mark.parametrize(
    "broken", [{}, {"expression": "{"}, {"expression": []}, {"PrimaryCriteria": {"CriteriaList": [{"Nonsense": {}}]}}]
)
def test_definitions_that_are_none(broken: dict[str, Any], exported: Exported) -> None:
    with pytest.raises(InvalidInput, match="cohort definition"):
        find_circe_cohort(exported.database, "s", broken)


def test_a_scenario_that_is_not_there(exported: Exported) -> None:
    with pytest.raises(NotFound, match="There is no scenario"):
        find_circe_cohort(exported.database, "nobody", CASES["an inpatient stay"][0])
