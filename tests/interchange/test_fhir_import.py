"""FHIR in: what arrives is kept as it came, becomes rows, and leaves as it came."""

from __future__ import annotations

import gzip
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from healthsim.db.connection import Database
from healthsim.errors import InvalidInput
from healthsim.exchange.fhir.reading.envelopes import KEPT_AS
from healthsim.exchange.fhir.reading.sources import is_fhir
from healthsim.exchange.fhir.writing import export_fhir
from healthsim.workbench import Workbench
from leaves import leaves

BASE = "http://hl7.org/fhir/us/core/StructureDefinition/"


@pytest.fixture
def bench(database: Database) -> Workbench:
    return Workbench.at(database.location.text)


def _import(bench: Workbench, path: Path, name: str = "s", **options: Any) -> Any:
    return bench.import_(path, as_=name, **options)


def _file(folder: Path, *resources: dict[str, Any], name: str = "in.ndjson") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(resource) + "\n" for resource in resources), encoding="utf-8")
    return path


def _bundle(folder: Path, *resources: dict[str, Any], kind: str = "transaction", indent: int | None = 2) -> Path:
    entries = [{"fullUrl": f"urn:uuid:{item['id']}", "resource": item} for item in resources]
    path = folder / "bundle.json"
    path.write_text(
        json.dumps({"resourceType": "Bundle", "type": kind, "entry": entries}, indent=indent), encoding="utf-8"
    )
    return path


def _rows(bench: Workbench, sql: str) -> list[tuple[Any, ...]]:
    with bench.database.read() as connection:
        return connection.execute(sql).fetchall()


def _documents(bench: Workbench) -> list[str]:
    """The resources that were kept; what their bundles said of them beside is not among them."""
    sql = f"SELECT document FROM scenario_documents WHERE entity_type <> '{KEPT_AS}'"
    return [text for (text,) in _rows(bench, sql)]


PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1980-04-22"}


# -- real files ------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_every_leaf_of_the_bulk_sample_is_found_again(bench: Workbench, test_data: Path, tmp_path: Path) -> None:
    """The whole way: every value is in the documents, every row is joined to its patient, every line leaves as it came."""
    source = test_data / "fhir" / "synthea-bulk-10"
    answer = _import(bench, source)
    lines = Counter(
        line
        for path in source.glob("*.gz")
        for line in gzip.decompress(path.read_bytes()).decode().splitlines()
        if line
    )
    assert sum(report.units for report in answer.sources) == sum(lines.values()) == 7_160
    assert Counter(_documents(bench)) == lines
    for table in (
        "encounters",
        "diagnoses",
        "procedures",
        "medications",
        "immunizations",
        "clinical_notes",
        "allergies",
    ):
        assert _rows(
            bench, f"SELECT count(*) FROM {table} WHERE patient_id NOT IN (SELECT patient_id FROM patients)"
        ) == [(0,)], table
    assert _rows(
        bench,
        "SELECT count(*) FROM encounters WHERE attending_provider_id NOT IN (SELECT provider_id FROM providers)"
        " OR facility_id NOT IN (SELECT facility_id FROM facilities)",
    ) == [(0,)], "references by identifier are resolved"
    assert _rows(bench, "SELECT DISTINCT code_system FROM diagnoses") == [("SNOMED CT",)]
    export_fhir(bench.database, "s", tmp_path / "out")
    written = Counter(
        line for path in (tmp_path / "out").glob("*.ndjson") for line in path.read_text(encoding="utf-8").splitlines()
    )
    assert written == lines


@pytest.mark.long
def test_the_bundles_come_and_leave(bench: Workbench, test_data: Path, tmp_path: Path) -> None:
    source = test_data / "fhir" / "bundles"
    answer = _import(bench, source)
    arrived: Counter[tuple[str, str]] = Counter()
    latest: dict[tuple[str, str], Any] = {}
    for path in sorted(source.glob("*.gz")):
        for entry in json.loads(gzip.decompress(path.read_bytes()))["entry"]:
            resource = entry["resource"]
            arrived[resource["resourceType"], resource["id"]] += 1
            latest[resource["resourceType"], resource["id"]] = resource
    assert sum(answer.dropped_by_type.values()) == sum(arrived.values()) - len(arrived), (
        "of one type and id the latest wins"
    )
    kept: Counter[Any] = Counter()
    for text in _documents(bench):
        kept.update(leaves(text))
    said: Counter[Any] = Counter()
    for resource in latest.values():
        said.update(leaves(json.dumps(resource)))
    assert kept == said
    assert _rows(bench, "SELECT count(*) FROM claims WHERE status = 'paid' AND total_charge IS NOT NULL")[0][0] > 200
    assert _rows(
        bench, "SELECT count(*) FROM vital_signs WHERE patient_id NOT IN (SELECT patient_id FROM patients)"
    ) == [(0,)]
    export_fhir(bench.database, "s", tmp_path / "out")
    written = {
        (resource["resourceType"], resource["id"]): resource
        for path in (tmp_path / "out").glob("*.ndjson")
        for resource in map(json.loads, path.read_text(encoding="utf-8").splitlines())
    }
    assert written == latest


@pytest.mark.long
def test_a_second_import_changes_nothing(bench: Workbench, test_data: Path) -> None:
    source = test_data / "fhir" / "bundles" / "patient-1.json.gz"
    _import(bench, source)
    before = [
        _rows(bench, f"SELECT * EXCLUDE (saved_at) FROM {table} ORDER BY ALL") for table in ("claims", "vital_signs")
    ]
    documents = sorted(_documents(bench))
    _import(bench, source, mode="merge")
    after = [
        _rows(bench, f"SELECT * EXCLUDE (saved_at) FROM {table} ORDER BY ALL") for table in ("claims", "vital_signs")
    ]
    assert after == before
    assert sorted(_documents(bench)) == documents


@pytest.mark.long
def test_render_writes_anew_from_rows(bench: Workbench, test_data: Path, tmp_path: Path) -> None:
    _import(bench, test_data / "fhir" / "bundles" / "patient-1.json.gz")
    answer = export_fhir(bench.database, "s", tmp_path / "out", render=True)
    patient = json.loads((tmp_path / "out" / "Patient.ndjson").read_text(encoding="utf-8"))
    assert patient["meta"]["profile"] == [BASE + "us-core-patient"]
    assert answer.counts["Encounter"] == _rows(bench, "SELECT count(*) FROM encounters")[0][0]


# -- containers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["transaction", "collection", "searchset", "batch", "document", "history"])
@pytest.mark.parametrize("indent", [None, 2])
def test_any_bundle(bench: Workbench, tmp_path: Path, kind: str, indent: int | None) -> None:
    path = _bundle(
        tmp_path, PATIENT, {"resourceType": "Goal", "id": "g", "note": [{"text": "Ä\n"}]}, kind=kind, indent=indent
    )
    answer = _import(bench, path)
    assert answer.sources[0].units == 2
    assert answer.sources[0].kept == {"goal": 1, "bundle_entries": 1}, "what entries say beside their resources is kept"
    assert _rows(bench, "SELECT patient_id, gender, birth_date::VARCHAR FROM patients") == [("p1", "F", "1980-04-22")]


def test_entries_before_the_type_of_the_bundle(bench: Workbench, tmp_path: Path) -> None:
    path = tmp_path / "in.json"
    path.write_text(json.dumps({"type": "collection", "resourceType": "Bundle", "entry": [{"resource": PATIENT}]}))
    assert _import(bench, path).sources[0].units == 1


def test_a_single_resource_keeps_its_bytes(bench: Workbench, tmp_path: Path) -> None:
    text = '{ "resourceType" : "Patient",\n "id":"p9", "multipleBirthInteger": 2,  "extension":[ {"url":"u","valueDecimal":2.50} ] }'
    (tmp_path / "one.json").write_text(text, encoding="utf-8")
    _import(bench, tmp_path / "one.json")
    assert _documents(bench) == [text]


def test_a_folder_with_other_files(bench: Workbench, tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    _file(folder, PATIENT)
    _file(folder, {"resourceType": "Patient", "id": "p2"}, name="more.json")
    answer = _import(bench, folder)
    assert sum(source.units for source in answer.sources) == 2


def test_a_broken_line_costs_only_itself(bench: Workbench, tmp_path: Path) -> None:
    path = _file(tmp_path, PATIENT, {"resourceType": "Patient", "id": "p2"})
    path.write_text(path.read_text() + '{"resourceType": "Patient", "id": \n', encoding="utf-8")
    (report,) = _import(bench, path).sources
    assert report.units == 3
    assert report.kept == {"unreadable_line": 1}
    assert report.oddities[0].line == 3


def test_a_large_bundle_in_bounded_memory(bench: Workbench, tmp_path: Path) -> None:
    """LinuxForHealth/FHIR#755: entries are read one after the other."""
    from healthsim.exchange.fhir.reading.sources import resources_of
    from healthsim.exchange.reading import Reading

    note = {"resourceType": "Basic", "id": "b", "text": {"div": "x" * 1_000_000}}
    path = _bundle(tmp_path, *({**note, "id": f"b{number}"} for number in range(40)), indent=None)
    import tracemalloc

    with bench.state.intake() as intake:
        tracemalloc.start()
        units = sum(1 for _ in resources_of(path, Reading(intake)))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert units == 40
    assert peak < 30_000_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"resourceType": "Patient"}', True),
        ('\ufeff {"id":"1",\n"resourceType":"Bundle"}', True),
        ('{"entities": {"patients": [{"resourceType": "Patient"}]}}', False),
        ('{"patients": []}', False),
        ("[1]", False),
        ("", False),
        ('{"text": "resourceType"}', False),
    ],
)
def test_what_is_fhir(text: str, expected: bool) -> None:
    assert is_fhir(text.encode()) is expected


def test_what_is_no_json_is_refused(bench: Workbench, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text('{"resourceType": "Bundle", "entry": [{"resource": {"a"', encoding="utf-8")
    with pytest.raises(InvalidInput, match="line 1"):
        _import(bench, tmp_path / "in.json")


# -- references ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reference",
    [
        "Patient/p1",
        "urn:uuid:p1",
        "https://example.org/fhir/Patient/p1",
        "https://example.org/fhir/Patient/p1/_history/3",
        "Patient?identifier=http://hospital.example.org|p1",
    ],
)
def test_references_of_every_form(bench: Workbench, tmp_path: Path, reference: str) -> None:
    condition = {"resourceType": "Condition", "id": "c1", "subject": {"reference": reference}}
    _import(bench, _file(tmp_path, PATIENT, condition))
    assert _rows(bench, "SELECT patient_id FROM diagnoses") == [("p1",)]


def test_a_provider_by_npi(bench: Workbench, tmp_path: Path) -> None:
    """synthea#839: what is named by an identifier is found among what is loaded."""
    practitioner = {
        "resourceType": "Practitioner",
        "id": "dr",
        "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1000000004"}],
    }
    search = {"reference": "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|1000000004"}
    encounter = {"resourceType": "Encounter", "id": "e", "participant": [{"individual": search}]}
    _import(bench, _file(tmp_path, encounter, practitioner))
    assert _rows(bench, "SELECT attending_provider_id FROM encounters") == [("dr",)]


def test_contained_resources_have_rows(bench: Workbench, tmp_path: Path) -> None:
    request = {
        "resourceType": "MedicationRequest",
        "id": "m",
        "contained": [
            {"resourceType": "Medication", "id": "d", "code": {"text": "Aspirin"}},
            {"resourceType": "Practitioner", "id": "w", "name": [{"family": "Birch"}]},
        ],
        "medicationReference": {"reference": "#d"},
        "requester": {"reference": "#w"},
    }
    _import(bench, _file(tmp_path, request))
    assert _rows(bench, "SELECT name, prescriber_provider_id FROM medications") == [("Aspirin", "m-w")]
    assert _rows(bench, "SELECT provider_id, family_name FROM providers") == [("m-w", "Birch")]


def test_repeated_keys_and_new_elements(bench: Workbench, tmp_path: Path) -> None:
    """synthea#1648, ETL-Synthea#88, #43: of one id the latest wins and that is said; what is not known is kept."""
    path = _file(tmp_path, PATIENT, {**PATIENT, "gender": "male", "newElement": {"a": [1, 2.50]}})
    answer = _import(bench, path)
    assert answer.dropped_by_type == {"patients": 1}
    assert _rows(bench, "SELECT gender FROM patients") == [("M",)]
    assert "newElement" in _documents(bench)[0]


# -- times -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-03-01T23:30:00-05:00", "2020-03-02 04:30:00"),
        ("2020-03-01T23:30:00Z", "2020-03-01 23:30:00"),
        ("2020-03-01T23:30:00.250+02:00", "2020-03-01 21:30:00.25"),
        ("2020-03-01", "2020-03-01 00:00:00"),
        ("2020-03", "2020-03-01 00:00:00"),
        ("2020", "2020-01-01 00:00:00"),
        ("9999-12-31T23:59:59Z", "9999-12-31 23:59:59"),
    ],
)
def test_instants_are_utc(bench: Workbench, tmp_path: Path, text: str, expected: str) -> None:
    """FHIR-Converter#353, synthea#1360: offsets are applied, and the document keeps them."""
    _import(bench, _file(tmp_path, {"resourceType": "Encounter", "id": "e", "period": {"start": text}}))
    assert _rows(bench, "SELECT start_datetime::VARCHAR FROM encounters") == [(expected,)]
    assert text in _documents(bench)[0]


def test_dates_are_never_shifted(bench: Workbench, tmp_path: Path) -> None:
    condition = {
        "resourceType": "Condition",
        "id": "c",
        "onsetDateTime": "2020-03-01T23:30:00-05:00",
        "recordedDate": "1980",
    }
    (report,) = _import(bench, _file(tmp_path, condition)).sources
    assert _rows(bench, "SELECT onset_date::VARCHAR, diagnosed_date::VARCHAR FROM diagnoses") == [
        ("2020-03-01", "1980-01-01")
    ]
    assert [oddity.example for oddity in report.oddities] == ["1980"]


def test_a_time_without_a_zone_is_said(bench: Workbench, tmp_path: Path) -> None:
    encounter = {"resourceType": "Encounter", "id": "e", "period": {"start": "2020-07-01T08:00:00"}}
    (report,) = _import(bench, _file(tmp_path, encounter), timezone="America/Chicago").sources
    assert _rows(bench, "SELECT start_datetime::VARCHAR FROM encounters") == [("2020-07-01 13:00:00",)]
    assert len(report.oddities) == 1


# -- meanings --------------------------------------------------------------------------------------------------


def _vital(own_id: str, loinc: str, value: float, unit: str, when: str = "2025-01-02T08:00:00Z") -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": own_id,
        "category": [{"coding": [{"code": "vital-signs"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": loinc}]},
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": when,
        "valueQuantity": {"value": value, "unit": unit, "code": unit},
    }


def test_vital_signs_of_one_time_are_one_row(bench: Workbench, tmp_path: Path) -> None:
    pressure = _vital("bp", "85354-9", 0, "")
    del pressure["valueQuantity"]
    pressure["component"] = [
        {"code": {"coding": [{"code": code}]}, "valueQuantity": {"value": value, "code": "mm[Hg]"}}
        for code, value in (("8480-6", 121), ("8462-4", 79))
    ]
    vitals = (
        _vital("h", "8302-2", 70, "[in_i]"),
        _vital("t", "8310-5", 98.6, "[degF]"),
        _vital("w", "29463-7", 70.5, "kg"),
        _vital("later", "8867-4", 71, "/min", "2025-01-02T09:00:00Z"),
        _vital("pain", "72514-3", 3, "{score}"),
    )
    answer = _import(bench, _file(tmp_path, PATIENT, pressure, *vitals))
    assert _rows(
        bench,
        "SELECT height_cm, temperature_c, weight_kg, systolic_bp, diastolic_bp, heart_rate FROM vital_signs ORDER BY 1",
    ) == [(177.8, 37.0, 70.5, 121, 79, None), (None, None, None, None, None, 71)]
    assert answer.sources[0].kept == {"observation": 6}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"valueQuantity": {"value": 7.20, "unit": "%", "code": "%"}', ("7.20", 7.2, "%")),
        ('"valueQuantity": {"value": 0.5, "comparator": "<", "unit": "mg/dL"}', ("<0.5", 0.5, "mg/dL")),
        ('"valueString": "Trace"', ("Trace", None, None)),
        ('"valueCodeableConcept": {"text": "Positive"}', ("Positive", None, None)),
        ('"valueInteger": 3', ("3", 3.0, None)),
        ('"valueBoolean": true', ("True", None, None)),
    ],
)
def test_values_of_results(bench: Workbench, tmp_path: Path, value: str, expected: tuple[Any, ...]) -> None:
    category = '"category": [{"coding": [{"code": "laboratory"}]}]'
    text = f'{{"resourceType": "Observation", "id": "o", {category}, {value}}}\n'
    (tmp_path / "in.ndjson").write_text(text, encoding="utf-8")
    _import(bench, tmp_path / "in.ndjson")
    assert _rows(bench, "SELECT value, value_numeric, unit FROM lab_results") == [expected]


@pytest.mark.parametrize(
    ("status", "outcome", "payment", "expected"),
    [
        ("active", "complete", None, "paid"),
        ("active", "complete", "denied", "denied"),
        ("active", "queued", None, "pended"),
        ("active", "error", None, "denied"),
        ("cancelled", "complete", None, "reversed"),
    ],
)
def test_what_became_of_a_claim(
    bench: Workbench, tmp_path: Path, status: str, outcome: str, payment: str | None, expected: str
) -> None:
    explanation: dict[str, Any] = {
        "resourceType": "ExplanationOfBenefit",
        "id": "x",
        "status": status,
        "outcome": outcome,
        "claim": {"reference": "Claim/c"},
        "total": [{"category": {"coding": [{"code": "benefit"}]}, "amount": {"value": 80.5}}],
        "item": [
            {"sequence": 1, "adjudication": [{"category": {"coding": [{"code": "copay"}]}, "amount": {"value": 5}}]}
        ],
    }
    if payment:
        explanation["payment"] = {"type": {"coding": [{"code": payment}]}}
    claim = {
        "resourceType": "Claim",
        "id": "c",
        "total": {"value": 100},
        "item": [{"sequence": 1, "net": {"value": 100}}],
    }
    _import(bench, _file(tmp_path, claim, explanation))
    assert _rows(bench, "SELECT status, total_charge::VARCHAR, total_paid::VARCHAR FROM claims") == [
        (expected, "100.00", "80.50")
    ], "the claim and what became of it are one row"
    assert _rows(bench, "SELECT charge_amount::VARCHAR, copay_amount::VARCHAR FROM claim_lines") == [("100.00", "5.00")]


def test_snomed_stays_snomed(bench: Workbench, tmp_path: Path) -> None:
    coding = [{"system": "http://snomed.info/sct", "code": "44054006", "display": "Diabetes mellitus type 2"}]
    _import(bench, _file(tmp_path, {"resourceType": "Condition", "id": "c", "code": {"coding": coding}}))
    assert _rows(bench, "SELECT code, code_system, description FROM diagnoses") == [
        ("44054006", "SNOMED CT", "Diabetes mellitus type 2")
    ]


def test_types_without_a_table_are_kept(bench: Workbench, tmp_path: Path) -> None:
    kinds = [
        "CarePlan",
        "CareTeam",
        "Goal",
        "Device",
        "ImagingStudy",
        "Media",
        "SupplyDelivery",
        "Medication",
        "Person",
    ]
    (report,) = _import(bench, _file(tmp_path, *({"resourceType": kind, "id": kind.lower()} for kind in kinds))).sources
    assert sum(report.kept.values()) == len(kinds)
    assert {"care_plan", "fhir_medication", "fhir_person"} <= report.kept.keys()


def test_odd_values_anywhere_end_in_no_traceback(bench: Workbench, tmp_path: Path) -> None:
    odd: list[Any] = [None, 5, "x", [], [None], {}, [[]], {"coding": None}, {"coding": ["x"]}, True, {"reference": 5}]
    members = (
        "subject patient code category name address identifier period participant item diagnosis insurance total"
        " valueQuantity component contained extension dosageInstruction reaction class type payor onsetDateTime"
    ).split()
    kinds = (
        "Patient Encounter Condition Procedure Observation Claim ExplanationOfBenefit Coverage MedicationRequest"
        " AllergyIntolerance Immunization DocumentReference ServiceRequest Organization PractitionerRole Location"
    ).split()
    resources = [
        {"resourceType": kind, "id": f"{kind}-{number}", **dict.fromkeys(members, value)}
        for kind in kinds
        for number, value in enumerate(odd)
    ]
    (report,) = _import(bench, _file(tmp_path, *resources)).sources
    assert report.units == len(resources)


@pytest.mark.long
def test_the_share_format_carries_resources(bench: Workbench, test_data: Path, tmp_path: Path) -> None:
    """An export as plain JSON of a scenario that came as FHIR comes in again with the same rows."""
    _import(bench, test_data / "fhir" / "bundles" / "patient-2.json.gz")
    shared = tmp_path / "s.json"
    bench.export("share", "s", shared)
    tables = ("encounters", "lab_results", "vital_signs", "claims", "claim_lines", "medications", "diagnoses")
    statement = "SELECT * EXCLUDE (scenario_id, saved_at, created_at, part_of) FROM {} ORDER BY ALL"
    before = {table: _rows(bench, statement.format(table)) for table in tables}
    bench.delete("s")
    _import(bench, shared, "again")
    for table in tables:
        assert _rows(bench, statement.format(table)) == before[table], table


def test_a_mixed_scenario_writes_each_entity_once(bench: Workbench, tmp_path: Path) -> None:
    """What came as a resource leaves so; what was added as a row is rendered beside it."""
    _import(bench, _file(tmp_path, PATIENT))
    bench.add("s", {"diagnoses": [{"diagnosis_id": "d", "patient_id": "p1", "code": "I10"}]})
    export_fhir(bench.database, "s", tmp_path / "out", bundle="transaction")
    (bundle,) = (json.loads(path.read_bytes()) for path in (tmp_path / "out").glob("p1.json"))
    resources = [entry["resource"] for entry in bundle["entry"]]
    assert PATIENT in resources
    assert [item["code"]["coding"][0]["code"] for item in resources if item["resourceType"] == "Condition"] == ["I10"]
    shutil.rmtree(tmp_path / "out")
