"""C-CDA out and in: documents that others read with our counts, and documents of others that lose nothing."""

from __future__ import annotations

import gzip
import json
import logging
import os
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_population import HOSTILE, population
from understood import Said, Understood

from healthsim.errors import AlreadyExists, InvalidInput
from healthsim.exchange.ccda.importing import read_ccda
from healthsim.exchange.ccda.sections import SECTIONS
from healthsim.exchange.formats import readable
from healthsim.exchange.reading import Reading
from healthsim.results import Imported
from healthsim.state.manager import StateManager
from healthsim.workbench import Workbench

#: table -> what identifies a row in documents, and the columns that come back as they were; providers by NPI
CARRIED: dict[str, tuple[str, str]] = {
    "patients": (
        "patient_id",
        "person_id mrn ssn given_name middle_name family_name suffix prefix birth_date gender race ethnicity language"
        " address_line1 address_line2 city state postal_code country county phone email deceased death_date"
        " primary_care_provider_id smoking_status smoking_status_code smoking_status_date",
    ),
    "persons": ("person_id", "ssn given_name family_name birth_date gender race ethnicity city state phone email"),
    "encounters": (
        "encounter_id",
        "patient_id facility_id encounter_class encounter_type type_code type_code_system status start_datetime"
        " end_datetime reason_for_visit reason_code reason_code_system discharge_disposition_code discharge_disposition"
        " attending_provider_id",
    ),
    "diagnoses": (
        "diagnosis_id",
        "patient_id encounter_id code code_system description diagnosed_date onset_date resolved_date clinical_status",
    ),
    "procedures": (
        "procedure_id",
        "patient_id encounter_id code code_system description performed_datetime performing_provider_id",
    ),
    "medications": (
        "medication_id",
        "patient_id encounter_id name code code_system ndc dose dose_quantity dose_unit route frequency start_date"
        " end_date status prescriber_provider_id indication indication_code",
    ),
    "lab_results": (
        "lab_result_id",
        "patient_id encounter_id test_name loinc_code code_system value value_numeric unit reference_low reference_high"
        " reference_range abnormal_flag collected_datetime resulted_datetime ordering_provider_id order_id specimen_id"
        " specimen_type specimen_code",
    ),
    "vital_signs": (
        "vital_sign_id",
        "patient_id encounter_id observation_datetime temperature_c heart_rate respiratory_rate systolic_bp diastolic_bp"
        " spo2 height_cm weight_kg bmi",
    ),
    "allergies": (
        "allergy_id",
        "patient_id substance code code_system category reaction severity criticality status onset_date",
    ),
    "immunizations": (
        "immunization_id",
        "patient_id encounter_id cvx_code description administered_date dose_number lot_number site route"
        " performing_provider_id",
    ),
    "clinical_notes": ("clinical_note_id", "patient_id encounter_id note_type loinc_code note_datetime content"),
    "members": (
        "member_id",
        "patient_id member_number subscriber_id group_id plan_code payer_name coverage_start coverage_end"
        " relationship_code given_name family_name birth_date gender",
    ),
    "facilities": ("facility_id", "npi name"),
}
TOLD = {"facilities": "facility_id IN (SELECT facility_id FROM encounters)"}
N = {"h": "urn:hl7-org:v3"}


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    return population(tmp_path_factory.mktemp("ccda"))


@pytest.fixture(scope="module")
def folder(people: Workbench, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documents of the scenario, a file a patient."""
    target = tmp_path_factory.mktemp("written") / "ccds"
    people.export("ccda", "people", target)
    return target


def rows(bench: Workbench, scenario: str, table: str, columns: str, where: str = "TRUE") -> list[tuple[Any, ...]]:
    """Rows of a scenario, with providers by their NPI."""
    from healthsim.state.tables import scenario_tables

    shown = []
    for name in columns.split():
        by_npi = f"(SELECT any_value(npi) FROM providers WHERE provider_id = t.{name})"
        shown.append(f"coalesce({by_npi}, t.{name})" if name.endswith("provider_id") else f"t.{name}")
    with scenario_tables(bench.database, scenario) as tables:
        return tables.execute(f"SELECT {', '.join(shown)} FROM {table} AS t WHERE {where} ORDER BY ALL").fetchall()


def count(bench: Workbench, table: str, where: str = "TRUE") -> int:
    return len(rows(bench, "people", table, "patient_id", where))


# -- out ------------------------------------------------------------------------------------------------------


def test_a_document_a_patient_with_a_manifest(people: Workbench, folder: Path) -> None:
    files = sorted(path.name for path in folder.glob("*.xml"))
    assert files == [f"{patient}.xml" for (patient,) in rows(people, "people", "patients", "patient_id")]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["format"] == "C-CDA R2.1, CCD"
    assert sorted(manifest["files"]) == files
    assert manifest["tables"]["Results"] == count(people, "lab_results")


def test_required_sections_are_there_and_entries_point_to_their_narrative(folder: Path) -> None:
    for path in folder.glob("*.xml"):
        root = ElementTree.parse(path).getroot()
        told = {section.find("h:code", N).get("code"): section for section in root.iterfind(".//h:section", N)}  # type: ignore[union-attr]
        assert {section.code for section in SECTIONS if section.required} <= set(told)
        for section in told.values():
            anchors = {element.get("ID") for element in section.iterfind(".//h:tr", N)}
            assert {
                link.get("value", "").removeprefix("#") for link in section.iterfind(".//h:text/h:reference", N)
            } <= anchors
            assert (section.get("nullFlavor") == "NI") == (section.find("h:entry", N) is None)


@pytest.mark.long
def test_ccda_to_fhir_reads_our_counts(people: Workbench, folder: Path) -> None:
    from ccda_to_fhir import convert_document

    logging.disable(logging.WARNING)
    try:
        read: Counter[str] = Counter()
        for path in folder.glob("*.xml"):
            answer = convert_document(path.read_text(encoding="utf-8"))
            assert not answer["metadata"]["errors"]
            assert not answer["metadata"]["skipped_templates"]
            for entry in answer["bundle"]["entry"]:
                resource = entry["resource"]
                category = (resource.get("category") or [{}])[0]
                code = category.get("coding", [{}])[0].get("code", "") if isinstance(category, dict) else ""
                components = len(resource.get("component", []))
                read[f"{resource['resourceType']} {code}".strip()] += 1
                # systolic and diastolic pressure are two observations of ours, and one of theirs
                read["vital signs"] += (components or 1) if code == "vital-signs" else 0
    finally:
        logging.disable(logging.NOTSET)
    assert read["Patient"] == count(people, "patients")
    assert read["Encounter"] == count(people, "encounters")
    assert read["Observation laboratory"] == count(people, "lab_results")
    assert read["Condition encounter-diagnosis"] == count(people, "diagnoses", "encounter_id IS NOT NULL")
    assert read["Procedure"] == count(people, "procedures")
    assert read["Immunization"] == count(people, "immunizations")
    assert read["AllergyIntolerance"] == count(people, "allergies")
    assert read["MedicationStatement"] + read["MedicationRequest"] == count(people, "medications")


def test_medplum_reads_our_counts(people: Workbench, folder: Path) -> None:
    packages = Path(os.environ.get("HEALTHSIM_NPM", "")) / "node_modules"
    if not (packages / "@medplum" / "ccda").is_dir():
        pytest.skip("HEALTHSIM_NPM names no folder with @medplum/ccda: documents are not read by it")
    script = Path(__file__).with_name("ccda_readers.mjs")
    files = [str(path) for path in folder.glob("*.xml")]
    node = packages / ".bin" / "node"
    command = [str(node) if node.exists() else "node", str(script), str(packages), *files]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    read: Counter[str] = Counter()
    for kinds in json.loads(answer.stdout).values():
        read.update(kinds)
    assert read["Encounter"] == count(people, "encounters")
    assert read["Observation laboratory"] == count(people, "lab_results")
    assert read["Procedure"] == count(people, "procedures")
    assert read["Immunization"] == count(people, "immunizations")
    assert read["AllergyIntolerance"] + read["AllergyIntolerance medication"] <= count(people, "allergies")
    assert read["MedicationRequest"] == count(people, "medications")


@pytest.mark.long
def test_a_scenario_comes_back_from_its_documents(people: Workbench, folder: Path) -> None:
    files = sorted(folder.glob("*.xml"))
    people.import_(*files, as_="back")
    people.import_(*files, as_="back", mode="merge")
    for table, (key, columns) in CARRIED.items():
        before = rows(people, "people", table, f"{key} {columns}", TOLD.get(table, "TRUE"))
        assert rows(people, "back", table, f"{key} {columns}") == before, table


def test_hostile_text_comes_back(tmp_path: Path) -> None:
    bench = Workbench.at(tmp_path / "hostile.duckdb")
    text = HOSTILE.replace("\x0b", "")
    bench.save(
        "hostile",
        {
            "patients": [
                {"patient_id": f"P{text}", "mrn": text, "family_name": text, "given_name": text, "address_line1": text}
            ],
            "encounters": [
                {"encounter_id": f"E{text}", "patient_id": f"P{text}", "encounter_type": text, "reason_for_visit": text}
            ],
            "diagnoses": [
                {"id": f"D{text}", "encounter_id": f"E{text}", "code": text, "code_system": text, "description": text}
            ],
            "lab_results": [{"id": "L1", "encounter_id": f"E{text}", "test_name": text, "value": text}],
            "medications": [{"id": "M1", "patient_id": f"P{text}", "name": text, "route": text, "indication": text}],
            "clinical_notes": [{"id": "N1", "patient_id": f"P{text}", "note_type": text, "content": text * 20}],
        },
    )
    bench.export("ccda", "hostile", tmp_path / "out")
    bench.import_(*(tmp_path / "out").glob("*.xml"), as_="back")
    for table, columns in {
        "patients": "patient_id mrn family_name given_name address_line1",
        "encounters": "encounter_id patient_id encounter_type reason_for_visit",
        "diagnoses": "diagnosis_id encounter_id code code_system description",
        "lab_results": "lab_result_id encounter_id test_name value",
        "medications": "medication_id name route indication",
        "clinical_notes": "clinical_note_id note_type content",
    }.items():
        assert rows(bench, "back", table, columns) == rows(bench, "hostile", table, columns), table


def test_what_xml_cannot_hold_is_replaced_and_told(tmp_path: Path) -> None:
    bench = Workbench.at(tmp_path / "bells.duckdb")
    bench.save("bells", {"patients": [{"patient_id": "P1", "family_name": "Be\x07ll\x0b"}]})
    written = bench.export("ccda", "bells", tmp_path / "out")
    assert any("characters that XML cannot hold" in sentence for sentence in written.remarks())
    assert "Be\ufffdll\ufffd" in (tmp_path / "out" / "P1.xml").read_text(encoding="utf-8")


def test_names_of_files_differ_on_any_disk(tmp_path: Path) -> None:
    bench = Workbench.at(tmp_path / "names.duckdb")
    bench.save("names", {"patients": [{"patient_id": name} for name in ("a/b", "a:b", "A-B", "..", "../x")]})
    bench.export("ccda", "names", tmp_path / "out")
    names = sorted(path.name for path in (tmp_path / "out").glob("*.xml"))
    assert len({name.lower() for name in names}) == 5
    assert not list(tmp_path.glob("*.xml"))


@pytest.mark.long
def test_gz_and_replacing(people: Workbench, folder: Path, tmp_path: Path) -> None:
    chosen = sorted(folder.glob("*.xml"))[:2]
    patients = [path.stem for path in chosen]
    people.export("ccda", "people", tmp_path / "out", gz=True, patient=patients)
    for path in chosen:
        assert gzip.decompress((tmp_path / "out" / f"{path.name}.gz").read_bytes()) == path.read_bytes()
    with pytest.raises(AlreadyExists):
        people.export("ccda", "people", tmp_path / "out")
    people.export("ccda", "people", tmp_path / "out", overwrite=True, patient=patients)
    assert not list((tmp_path / "out").glob("*.gz"))


def test_chosen_types_alone(people: Workbench, tmp_path: Path) -> None:
    written = people.export("ccda", "people", tmp_path / "out", types=["medication"])
    assert set(written.counts) <= {"CCD", "Medications", "Social history"}  # type: ignore[attr-defined]  # an Exported


def test_an_empty_scenario_has_no_document(tmp_path: Path) -> None:
    bench = Workbench.at(tmp_path / "empty.duckdb")
    bench.save("empty", {})
    assert bench.export("ccda", "empty", tmp_path / "out").counts == {"CCD": 0}  # type: ignore[attr-defined]  # an Exported


# -- in -------------------------------------------------------------------------------------------------------


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench.at(tmp_path / "healthsim.duckdb")


@pytest.fixture(scope="module")
def samples(test_data: Path) -> list[Path]:
    return sorted((test_data / "ccda").glob("*.ccda"))


def documents(bench: Workbench | Understood) -> list[dict[str, str]]:
    with bench.database.read() as connection:
        sql = "SELECT document::VARCHAR FROM scenario_documents WHERE entity_type = 'ccda_document' ORDER BY position"
        return [json.loads(text) for (text,) in connection.execute(sql).fetchall()]


def sql(bench: Workbench | Understood, statement: str) -> list[tuple[Any, ...]]:
    with bench.database.read() as connection:
        return connection.execute(statement).fetchall()


@pytest.mark.long
def test_every_sample_is_kept_to_the_letter_and_understood(bench: Workbench, samples: list[Path]) -> None:
    assert len(samples) == 8
    saved = bench.import_(*samples, as_="samples")
    assert isinstance(saved, Imported)
    assert [document["text"] for document in documents(bench)] == [
        path.read_bytes().decode("utf-8-sig") for path in samples
    ]
    counts = {
        "patients": 6,
        "encounters": 8,
        "diagnoses": 15,
        "procedures": 17,
        "medications": 11,
        "allergies": 7,
        "members": 1,
        "lab_results": 19,
        "vital_signs": 9,
        "orders": 3,
        "immunizations": 9,
        "clinical_notes": 18,
    }
    assert {table: sql(bench, f"SELECT count(*) FROM {table}")[0][0] for table in counts} == counts
    for table in set(counts) - {"patients"}:
        lost = f"SELECT count(*) FROM {table} WHERE patient_id NOT IN (SELECT patient_id FROM patients)"
        assert sql(bench, lost) == [(0,)], table
    kept = {oddity.what for source in saved.sources for oddity in source.oddities}
    assert "statements that something is not so; kept in their document" in kept
    assert "entries of the section FAMILY HISTORY, which have no row; kept in their document" in kept
    assert "a text that lies outside of its document; its place is kept" in kept


def test_values_of_a_sample(bench: Workbench, samples: list[Path]) -> None:
    bench.import_(*[path for path in samples if path.name.startswith("C-CDA_R2-1")], as_="one")
    assert sql(
        bench,
        "SELECT value, unit, reference_low, reference_high, abnormal_flag, collected_datetime::VARCHAR FROM lab_results"
        " WHERE loinc_code = '718-7'",
    ) == [("13.2", "g/dL", 12.0, 15.5, "N", "2008-03-19 16:30:00")]
    assert sql(bench, "SELECT name, indication, start_date::VARCHAR FROM medications WHERE code = '573621'") == [
        ("Proventil 0.09 MG/ACTUAT inhalant solution", "Asthma", "2011-01-03")
    ]
    # the diagnosis of the visit is the pneumonia of the problem list, as an entry of its own
    assert sql(bench, "SELECT count(*), count(DISTINCT diagnosis_id) FROM diagnoses WHERE code = '233604007'") == [
        (2, 2)
    ]
    assert sql(bench, "SELECT smoking_status, smoking_status_code FROM patients") == [("Former smoker", "8517006")]


HEAD = (
    '<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    '<id root="1.2.3" extension="7"/><recordTarget><patientRole><id root="1.2.4" extension="9"/><patient><name><given>Ada</given>'
    '<family>Birch</family></name><birthTime value="{birth}"/></patient></patientRole></recordTarget>{body}</ClinicalDocument>'
)


@pytest.fixture(scope="module")
def memory() -> Understood:
    return Understood()


def take(memory: Understood, tmp_path: Path, text: str | bytes, timezone: str = "UTC") -> Said:
    """Read a document with these contents."""
    path = tmp_path / "given.xml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return memory.read(path, read_ccda, timezone)


def problem(value: str, attributes: str = "") -> str:
    return (
        '<component><structuredBody><component><section><code code="11450-4"/><entry><act>'
        '<templateId root="2.16.840.1.113883.10.20.22.4.3"/><entryRelationship><observation>'
        f'<templateId root="2.16.840.1.113883.10.20.22.4.4"/>{value}</observation></entryRelationship></act></entry>'
        "</section></component></structuredBody></component>"
    ).replace("<observation>", f"<observation {attributes}>")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('<value code="1" codeSystem="2.16.840.1.113883.6.96" displayName="A"/>', ("1", "SNOMED CT", "A")),
        (
            '<value nullFlavor="OTH"><translation code="I10" codeSystem="2.16.840.1.113883.6.90" displayName="B"/></value>',
            ("I10", "ICD-10-CM", "B"),
        ),
        (
            '<value code="1" codeSystem="2.16.840.1.113883.6.96"><translation code="I10" codeSystem="2.16.840.1.113883.6.90"/></value>',
            ("1", "SNOMED CT", None),
        ),
        ('<value nullFlavor="UNK"><originalText>in words</originalText></value>', (None, None, "in words")),
        ('<value code="x" codeSystem="9.9.9" codeSystemName="Own"/>', ("x", "Own", None)),
        ('<value code="x" codeSystem="9.9.9"/>', ("x", "9.9.9", None)),
    ],
)
def test_codes_keep_their_system(memory: Understood, tmp_path: Path, value: str, expected: tuple[Any, ...]) -> None:
    take(memory, tmp_path, HEAD.format(birth="1980", body=problem(value)))
    assert sql(memory, "SELECT code, code_system, description FROM diagnoses") == [expected]


def test_documents_of_older_systems_are_understood(memory: Understood, tmp_path: Path) -> None:
    """CCD 1.0 and C32 have templates of their own for the same."""
    body = problem('<value code="1" codeSystem="2.16.840.1.113883.6.96"/>')
    take(memory, tmp_path, HEAD.format(birth="1980", body=body.replace("22.4.3", "1.27").replace("22.4.4", "1.28")))
    assert sql(memory, "SELECT code, on_problem_list FROM diagnoses") == [("1", True)]


def test_what_is_not_so_is_no_diagnosis(memory: Understood, tmp_path: Path) -> None:
    take(memory, tmp_path, HEAD.format(birth="1980", body=problem('<value code="1"/>', 'negationInd="true"')))
    assert sql(memory, "SELECT count(*) FROM diagnoses") == [(0,)]


@pytest.mark.parametrize(
    ("text", "day"),
    [("19801231233000-0800", "1980-12-31"), ("1980", "1980-01-01"), ("198003", "1980-03-01"), ("19801332", None)],
)
def test_dates_do_not_shift_fhir_converter_353(memory: Understood, tmp_path: Path, text: str, day: str | None) -> None:
    take(memory, tmp_path, HEAD.format(birth=text, body=""), timezone="Pacific/Auckland")
    assert sql(memory, "SELECT birth_date::VARCHAR FROM patients") == [(day,)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_any_encoding(memory: Understood, tmp_path: Path, encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + HEAD.format(birth="1980", body="").replace(
        "Birch", "Müller"
    )
    take(memory, tmp_path, text.encode(encoding))
    assert sql(memory, "SELECT family_name FROM patients") == [("Müller",)]
    assert documents(memory)[0]["text"] == text


def test_a_text_in_base64_is_a_note(memory: Understood, tmp_path: Path) -> None:
    body = '<component><nonXMLBody><text mediaType="text/plain" representation="B64">aGVsbG8=</text></nonXMLBody></component>'
    take(memory, tmp_path, HEAD.format(birth="1980", body=body))
    assert sql(memory, "SELECT content FROM clinical_notes") == [("hello",)]


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE c [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    '<ClinicalDocument xmlns="urn:hl7-org:v3">&b;</ClinicalDocument>'
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE c [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    '<ClinicalDocument xmlns="urn:hl7-org:v3">&f;</ClinicalDocument>'
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LAUGHS, "declares an entity"),
        (OUTSIDE, "declares an entity"),
        ('<ClinicalDocument xmlns="urn:hl7-org:v3">' + "<a>" * 5_000, "deeper than 200 elements"),
        ('<ClinicalDocument xmlns="urn:hl7-org:v3"><a>', "is no XML"),
        ("<ClinicalDocument/>", "expected ClinicalDocument"),
        ('<?xml version="1.0" encoding="none"?><ClinicalDocument', "is no XML"),
    ],
)
def test_attacks_and_what_is_no_document_are_refused(bench: Workbench, tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "bad.xml"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=said):
        bench.import_(path, as_="s")


def test_an_external_dtd_is_not_fetched(memory: Understood, tmp_path: Path) -> None:
    text = '<!DOCTYPE ClinicalDocument SYSTEM "http://127.0.0.1:1/x.dtd">' + HEAD.format(birth="1980", body="")
    take(memory, tmp_path, text)
    assert sql(memory, "SELECT family_name FROM patients") == [("Birch",)]


def test_documents_are_told_by_their_content(tmp_path: Path) -> None:
    path = tmp_path / "any.txt"
    path.write_text("<!-- a comment first -->" + HEAD.format(birth="1980", body=""))
    assert next(entry.name for entry in readable() if entry.sniff is not None and entry.sniff(path)) == "ccda"


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["drop", "attribute", "text", "tag", "double"]),
        st.integers(0, 5_000),
        st.integers(0, 6),
        st.sampled_from(["", "x", "20019999", "-1", "NaN", "1e999", "\u2028", "#nothing", "true", "\U0001f642" * 50]),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(0, 7), changes=CHANGES)
@pytest.mark.long
def test_broken_samples_end_in_rows_or_a_report(
    state: StateManager, samples: list[Path], tmp_path: Path, number: int, changes: list[tuple[str, int, int, str]]
) -> None:
    root = ElementTree.fromstring(samples[number].read_bytes())
    for what, at, which, put in changes:
        elements = list(root.iter())
        element = elements[at % len(elements)]
        if what == "drop" and len(element):
            element.remove(element[which % len(element)])
        elif what == "double" and len(element):
            element.append(element[which % len(element)])
        elif what == "attribute" and element.attrib:
            element.set(sorted(element.attrib)[which % len(element.attrib)], put)
        elif what == "text":
            element.text = put
        elif what == "tag" and element is not root:
            element.tag = "{urn:hl7-org:v3}value"
    path = tmp_path / "broken.xml"
    path.write_bytes(ElementTree.tostring(root))
    with state.intake() as intake:
        reading = Reading(intake, ZoneInfo("America/Chicago"), "broken", "ccda")
        read_ccda(path, reading)
        assert reading.tally.kept == {"ccda_document": 1}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(0, 7), at=st.floats(0, 1))
def test_truncated_documents_are_refused(
    state: StateManager, samples: list[Path], tmp_path: Path, number: int, at: float
) -> None:
    data = samples[number].read_bytes()
    path = tmp_path / "short.xml"
    path.write_bytes(data[: int(at * (len(data) - 20))])
    with state.intake() as intake, pytest.raises(InvalidInput, match="is no XML"):
        read_ccda(path, Reading(intake, ZoneInfo("UTC"), "short", "ccda"))
