"""FHIR out: every resource says what the rows say, and what no library checks is checked here."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fhir_scenario import NAME, generated, resources_in, values_of

from healthsim.db.connection import Database
from healthsim.errors import AlreadyExists, NotFound, UsageError
from healthsim.exchange.fhir import stage
from healthsim.exchange.fhir.writing import export_fhir
from healthsim.state.manager import StateManager

REQUIRED = {
    "Patient.gender": {"male", "female", "other", "unknown"},
    "Encounter.status": {"planned", "arrived", "triaged", "in-progress", "onleave", "finished", "cancelled", "unknown"},
    "Observation.status": {"registered", "preliminary", "final", "amended", "corrected", "cancelled", "unknown"},
    "DiagnosticReport.status": {"final"},
    "ServiceRequest.status": {"draft", "active", "on-hold", "revoked", "completed", "unknown"},
    "ServiceRequest.priority": {"routine", "urgent", "asap", "stat"},
    "MedicationRequest.status": {"active", "on-hold", "cancelled", "completed", "stopped", "draft", "unknown"},
    "MedicationDispense.status": {"completed"},
    "Procedure.status": {"completed", "not-done", "in-progress", "stopped", "unknown"},
    "Immunization.status": {"completed", "not-done"},
    "Claim.status": {"active", "cancelled", "draft"},
    "ExplanationOfBenefit.outcome": {"complete", "partial", "queued", "error"},
    "Coverage.status": {"active", "cancelled", "draft"},
    "AllergyIntolerance.criticality": {"low", "high", "unable-to-assess"},
}
CLASSES = {"IMP", "AMB", "EMER", "OBSENC", "VR", "HH"}
UNIT = re.compile(r"[!-~]+")
ZONED = re.compile(r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?)?)?")
ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


@pytest.fixture(scope="session")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return generated(tmp_path_factory.mktemp("fhir") / "healthsim.duckdb")


@pytest.fixture(scope="session")
def bulk(clinic: Database, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fhir-out") / "bulk"
    export_fhir(clinic, NAME, folder)
    return folder


@pytest.fixture(scope="session")
def resources(bulk: Path) -> list[dict[str, Any]]:
    return list(resources_in(bulk))


def _of(resources: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [resource for resource in resources if resource["resourceType"] == kind]


def test_nothing_is_empty(resources: list[dict[str, Any]]) -> None:
    empty = {path for resource in resources for path, value in values_of(resource) if value in (None, "", [], {})}
    assert not empty


def test_ids_are_unique_and_those_of_fhir(resources: list[dict[str, Any]]) -> None:
    ids = Counter((resource["resourceType"], resource["id"]) for resource in resources)
    assert max(ids.values()) == 1
    assert all(ID.fullmatch(own_id) for _, own_id in ids)


def test_references_resolve(resources: list[dict[str, Any]]) -> None:
    """Within the export (synthea#923, #839)."""
    known = {f"{resource['resourceType']}/{resource['id']}" for resource in resources}
    named = {
        value for resource in resources for path, value in values_of(resource) if path.rpartition(".")[2] == "reference"
    }
    assert named
    assert not named - known


def test_times_have_a_zone_and_are_those_of_the_rows(resources: list[dict[str, Any]], clinic: Database) -> None:
    """hl7v2-fhir-converter#81, #55, prime-reportstream#6469: the zone is always written, and dates are not shifted."""
    texts = {
        value
        for resource in resources
        for path, value in values_of(resource)
        if path.rpartition(".")[2] in ("start", "end", "issued", "date", "recorded") or path.endswith("DateTime")
        if isinstance(value, str)
    }
    assert texts
    assert [text for text in texts if not ZONED.fullmatch(text)] == []
    with clinic.read() as connection:
        starts = dict(connection.execute("SELECT encounter_id, start_datetime FROM encounters").fetchall())
    for encounter in _of(resources, "Encounter"):
        assert encounter["period"]["start"] == starts[encounter["id"]].isoformat() + "Z"


def test_required_codes(resources: list[dict[str, Any]]) -> None:
    for resource in resources:
        for element, codes in REQUIRED.items():
            kind, _, name = element.partition(".")
            if resource["resourceType"] == kind and name in resource:
                assert resource[name] in codes, (element, resource[name])
    assert {encounter["class"]["code"] for encounter in _of(resources, "Encounter")} <= CLASSES


def test_units_are_ucum(resources: list[dict[str, Any]]) -> None:
    quantities = [
        value
        for resource in resources
        for _, value in values_of(resource)
        if isinstance(value, dict) and value.get("system") == "http://unitsofmeasure.org"
    ]
    assert quantities
    assert all(UNIT.fullmatch(quantity["code"]) and quantity["unit"] for quantity in quantities)


def test_cpt_codes_have_no_display(resources: list[dict[str, Any]]) -> None:
    codings = [
        value
        for resource in resources
        for _, value in values_of(resource)
        if isinstance(value, dict) and value.get("system") == "http://www.ama-assn.org/go/cpt"
    ]
    assert codings
    assert not [coding for coding in codings if "display" in coding]


def test_totals_are_sums(bulk: Path) -> None:
    """synthea#1513: what a claim asks for is the sum of its items; what was decided adds up."""
    for line in (bulk / "Claim.ndjson").read_text(encoding="utf-8").splitlines():
        claim = json.loads(line, parse_float=Decimal, parse_int=Decimal)
        assert sum(item["net"]["value"] for item in claim["item"]) == claim["total"]["value"]
    for line in (bulk / "ExplanationOfBenefit.ndjson").read_text(encoding="utf-8").splitlines():
        explanation = json.loads(line, parse_float=Decimal, parse_int=Decimal)
        totals = {total["category"]["coding"][0]["code"]: total["amount"]["value"] for total in explanation["total"]}
        for kind, total in totals.items():
            amounts = [
                part["amount"]["value"]
                for item in explanation["item"]
                for part in item["adjudication"]
                if part["category"]["coding"][0]["code"] == kind
            ]
            assert sum(amounts) == total, (explanation["id"], kind)


def test_npis_pass_the_check(resources: list[dict[str, Any]]) -> None:
    npis = {
        identifier["value"]
        for resource in resources
        for identifier in resource.get("identifier", ())
        if identifier.get("system") == "http://hl7.org/fhir/sid/us-npi"
    }
    assert npis
    assert all(_luhn("80840" + npi) for npi in npis)


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def test_a_laboratory_result_says_what_its_row_says(resources: list[dict[str, Any]], clinic: Database) -> None:
    """Written a second time, by hand, for every row: the statement that writes it has no say in this."""
    with clinic.read() as connection:
        result = connection.execute(
            "SELECT lab_result_id, patient_id, encounter_id, test_name, loinc_code, value, unit, abnormal_flag,"
            " collected_datetime, resulted_datetime FROM lab_results WHERE value_numeric IS NOT NULL"
        )
        names = [column[0] for column in result.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    written = {resource["id"]: resource for resource in _of(resources, "Observation")}
    assert rows
    for row in rows:
        made = written[row["lab_result_id"]]
        assert made["subject"] == {"reference": f"Patient/{row['patient_id']}"}
        assert made["encounter"] == {"reference": f"Encounter/{row['encounter_id']}"}
        assert made["code"]["coding"][0]["code"] == row["loinc_code"]
        assert made["code"]["text"] == row["test_name"]
        assert made["effectiveDateTime"] == row["collected_datetime"].isoformat() + "Z"
        assert made["issued"] == row["resulted_datetime"].isoformat() + "Z"
        assert made["valueQuantity"]["value"] == json.loads(row["value"])
        assert made["valueQuantity"]["code"] == row["unit"]
        assert made["interpretation"][0]["coding"][0]["code"] == row["abnormal_flag"]


def test_every_vital_sign_is_an_observation(resources: list[dict[str, Any]], clinic: Database) -> None:
    columns = "heart_rate respiratory_rate temperature_c spo2 height_cm weight_kg bmi systolic_bp".split()
    with clinic.read() as connection:
        counted = connection.execute(f"SELECT {', '.join(f'count({name})' for name in columns)} FROM vital_signs")
        expected = sum(counted.fetchall()[0])
    vitals = [
        resource
        for resource in _of(resources, "Observation")
        if resource["category"][0]["coding"][0]["code"] == "vital-signs"
    ]
    assert len(vitals) == expected
    saturation = next(item for item in vitals if "59408-5" in json.dumps(item["code"]))
    assert {coding["code"] for coding in saturation["code"]["coding"]} == {"59408-5", "2708-6"}


def test_one_drug_is_one_request(resources: list[dict[str, Any]], clinic: Database) -> None:
    """A medication and the prescription of it are one request, with the numbers of both."""
    with clinic.read() as connection:
        medications, prescriptions, linked = connection.execute(
            "SELECT (SELECT count(*) FROM medications), (SELECT count(*) FROM prescriptions),"
            " (SELECT count(DISTINCT medication_id) FROM prescriptions WHERE medication_id IS NOT NULL)"
        ).fetchall()[0]
    assert len(_of(resources, "MedicationRequest")) == medications + prescriptions - linked


def test_the_manifest_is_that_of_a_bulk_export(bulk: Path, resources: list[dict[str, Any]]) -> None:
    """synthea#420, #1568: all files are NDJSON with plain names."""
    manifest = json.loads((bulk / "manifest.json").read_text(encoding="utf-8"))
    counts = Counter(resource["resourceType"] for resource in resources)
    assert {item["type"]: item["count"] for item in manifest["output"]} == counts
    assert all(item["url"] == f"{item['type']}.ndjson" for item in manifest["output"])
    assert manifest["requiresAccessToken"] is False
    assert manifest["error"] == []
    assert ZONED.fullmatch(manifest["transactionTime"])


@pytest.mark.long
def test_two_exports_are_the_same(clinic: Database, bulk: Path, tmp_path: Path) -> None:
    export_fhir(clinic, NAME, tmp_path / "again")
    for path in bulk.glob("*.ndjson"):
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes(), path.name


@pytest.mark.long
def test_batches_change_nothing(clinic: Database, bulk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "BATCH_ROWS", 500)
    export_fhir(clinic, NAME, tmp_path / "batches")
    for path in bulk.glob("*.ndjson"):
        assert sorted((tmp_path / "batches" / path.name).read_bytes().splitlines()) == sorted(
            path.read_bytes().splitlines()
        ), path.name


@pytest.mark.long
def test_compressed_files_say_the_same(clinic: Database, bulk: Path, tmp_path: Path) -> None:
    export_fhir(clinic, NAME, tmp_path / "gz", gz=True)
    packed = tmp_path / "gz" / "Patient.ndjson.gz"
    assert gzip.decompress(packed.read_bytes()) == (bulk / "Patient.ndjson").read_bytes()


def test_one_patient_and_some_types(clinic: Database, resources: list[dict[str, Any]], tmp_path: Path) -> None:
    patient = _of(resources, "Encounter")[0]["subject"]["reference"].partition("/")[2]
    answer = export_fhir(clinic, NAME, tmp_path / "one", patient=[patient], types=["Encounter", "patients"])
    assert set(answer.counts) == {"Encounter", "Patient"}
    subjects = {resource["subject"]["reference"] for resource in _of(list(resources_in(tmp_path / "one")), "Encounter")}
    assert subjects == {f"Patient/{patient}"}


@pytest.mark.long
def test_what_fhir_has_no_place_for_is_said(clinic: Database, tmp_path: Path) -> None:
    answer = export_fhir(clinic, NAME, tmp_path / "said")
    said = " ".join(answer.left_out)
    assert "accumulators" in said
    assert "plans" in said


@pytest.mark.parametrize("kind", ["transaction", pytest.param("collection", marks=pytest.mark.long)])
def test_a_bundle_is_self_contained(clinic: Database, bulk: Path, tmp_path: Path, kind: str) -> None:
    """synthea#1005, #923: each loads alone; nothing is referred to by a search."""
    folder = tmp_path / kind
    export_fhir(clinic, NAME, folder, bundle=kind)
    by_id = {(item["resourceType"], item["id"]): item for item in resources_in(bulk)}
    files = [path for path in folder.glob("*.json") if path.name != "manifest.json"]
    assert len(files) == sum(kind_ == "Patient" for kind_, _ in by_id)
    seen: set[tuple[str, str]] = set()
    for path in files:
        bundle = json.loads(path.read_bytes())
        assert bundle["type"] == kind
        urls = [entry["fullUrl"] for entry in bundle["entry"]]
        assert len(set(urls)) == len(urls)
        for entry in bundle["entry"]:
            resource = entry["resource"]
            named = {value for where, value in values_of(resource) if where.rpartition(".")[2] == "reference"}
            assert named <= set(urls), resource["resourceType"]
            seen.add((resource["resourceType"], resource["id"]))
            assert by_id[resource["resourceType"], resource["id"]].keys() == resource.keys()
            wanted = {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"}
            assert entry.get("request") == (wanted if kind == "transaction" else None)
    ours = {key for key in by_id if key[0] not in ("Organization", "Location", "Practitioner", "PractitionerRole")}
    assert ours <= seen


def test_who_is_only_a_member_is_a_patient(state: StateManager, database: Database, tmp_path: Path) -> None:
    state.save(
        "s",
        {
            "members": [{"member_id": "m1", "given_name": "Ada", "family_name": "Birch", "gender": "F"}],
            "claims": [{"claim_id": "c1", "member_id": "m1", "status": "paid", "total_charge": 10}],
        },
    )
    export_fhir(database, "s", tmp_path / "out")
    resources = list(resources_in(tmp_path / "out"))
    (patient,) = _of(resources, "Patient")
    assert patient["name"] == [{"use": "official", "family": "Birch", "given": ["Ada"]}]
    assert _of(resources, "Claim")[0]["patient"] == {"reference": f"Patient/{patient['id']}"}


def test_ids_that_fhir_does_not_allow_get_others(state: StateManager, database: Database, tmp_path: Path) -> None:
    long = "x" * 80
    state.save(
        "s",
        {
            "patients": [{"patient_id": "a/b ü", "given_name": "A"}, {"patient_id": long, "given_name": "B"}],
            "encounters": [{"encounter_id": "e 1", "patient_id": "a/b ü"}],
        },
    )
    export_fhir(database, "s", tmp_path / "out")
    resources = list(resources_in(tmp_path / "out"))
    known = {f"{resource['resourceType']}/{resource['id']}" for resource in resources}
    assert all(ID.fullmatch(resource["id"]) for resource in resources)
    (encounter,) = _of(resources, "Encounter")
    assert encounter["subject"]["reference"] in known
    assert encounter["identifier"][0]["value"] == "e 1"


def test_a_reference_that_leads_nowhere_is_left_out_and_said(
    state: StateManager, database: Database, tmp_path: Path
) -> None:
    state.save(
        "s",
        {
            "patients": [{"patient_id": "p"}],
            "diagnoses": [{"diagnosis_id": "d", "patient_id": "p", "encounter_id": "gone", "code": "I10"}],
        },
    )
    answer = export_fhir(database, "s", tmp_path / "out")
    (condition,) = _of(list(resources_in(tmp_path / "out")), "Condition")
    assert "encounter" not in condition
    assert any("diagnoses.encounter_id" in note for note in answer.left_out)


def test_an_empty_scenario(state: StateManager, database: Database, tmp_path: Path) -> None:
    state.save("s", {"plans": [{"plan_id": "x"}]})
    answer = export_fhir(database, "s", tmp_path / "out")
    assert answer.counts == {}


def test_what_is_there_is_not_replaced_unasked(clinic: Database, tmp_path: Path) -> None:
    export_fhir(clinic, NAME, tmp_path / "out", types=["Patient"])
    with pytest.raises(AlreadyExists):
        export_fhir(clinic, NAME, tmp_path / "out", types=["Patient"])
    export_fhir(clinic, NAME, tmp_path / "out", types=["Patient"], force=True)


def test_wrong_questions_are_refused(clinic: Database, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no type of resource"):
        export_fhir(clinic, NAME, tmp_path / "a", types=["Goals"])
    with pytest.raises(NotFound):
        export_fhir(clinic, NAME, tmp_path / "b", patient=["nobody"])
    with pytest.raises(NotFound):
        export_fhir(clinic, "no such scenario", tmp_path / "c")
    assert not [path for path in tmp_path.iterdir() if path.name != "home"]
