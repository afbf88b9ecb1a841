"""Files of the kinds that others write and we do not have: nothing ends in a traceback, nothing vanishes, references lead on."""

from __future__ import annotations

import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from healthsim.exchange.sdtm.xpt import read_datasets
from healthsim.exchange.seen import encoding_of
from healthsim.results import Imported
from healthsim.workbench import Workbench
from leaves import leaves

PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "female", "name": [{"family": "Müller"}]}
RESULT = {
    "resourceType": "Observation",
    "id": "o1",
    "status": "final",
    "category": [{"coding": [{"code": "laboratory"}]}],
    "code": {"coding": [{"system": "http://loinc.org", "code": "4548-4"}]},
    "subject": {"reference": "urn:uuid:11111111-0000-4000-8000-000000000000"},
    "valueQuantity": {"value": 7.1},
}
ENTRIES: list[dict[str, Any]] = [
    # the reference stands before the entry that it leads to, whose address is not made of its id
    {"fullUrl": "urn:uuid:22222222-0000-4000-8000-000000000000", "resource": RESULT, "search": {"score": 0.5}},
    {
        "fullUrl": "urn:uuid:11111111-0000-4000-8000-000000000000",
        "resource": PATIENT,
        "request": {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=abc"},
    },
]
BUNDLE = {"resourceType": "Bundle", "id": "b", "type": "transaction", "total": 2, "entry": ENTRIES}


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench.at(tmp_path / "healthsim.duckdb")


def taken(bench: Workbench, path: Path) -> Imported:
    answer = bench.import_(path, as_="s")
    assert isinstance(answer, Imported)
    return answer


def rows(bench: Workbench, sql: str) -> list[tuple[Any, ...]]:
    with bench.database.read() as connection:
        return connection.execute(sql).fetchall()


def documents(bench: Workbench) -> str:
    return "\n".join(text for (text,) in rows(bench, "SELECT document::VARCHAR FROM scenario_documents"))


def oddities(answer: Imported) -> set[str]:
    return {oddity.what for source in answer.sources for oddity in source.oddities}


# -- FHIR ------------------------------------------------------------------------------------------------------


def test_a_bundle_loses_no_leaf_and_its_references_lead_on(bench: Workbench, tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(json.dumps(BUNDLE), encoding="utf-8")
    answer = taken(bench, tmp_path / "b.json")
    assert answer.sources[0].units == 2, "reading anew counts once"
    assert rows(bench, "SELECT patient_id, value FROM lab_results") == [("p1", "7.1")]
    kept: Counter[Any] = Counter()
    for (text,) in rows(bench, "SELECT document::VARCHAR FROM scenario_documents"):
        kept.update({value for _, value in leaves(text)})
    assert not {value for _, value in leaves(json.dumps(BUNDLE))} - set(kept)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(json.dumps(BUNDLE, sort_keys=True), id="keys in the order of the alphabet"),
        pytest.param(json.dumps([PATIENT, RESULT]), id="a list of resources"),
        pytest.param(json.dumps(PATIENT, indent=1) + json.dumps(RESULT, indent=1), id="one after the other"),
        pytest.param(f"\x1e{json.dumps(PATIENT)}\n\x1e{json.dumps(RESULT)}\n", id="text sequences of RFC 7464"),
        pytest.param(
            json.dumps(PATIENT)[:-9] + f"\n{json.dumps(PATIENT)}\n{json.dumps(RESULT)}\n", id="a broken first line"
        ),
    ],
)
def test_resources_in_other_containers(bench: Workbench, tmp_path: Path, text: str) -> None:
    (tmp_path / "some.json").write_text(text, encoding="utf-8")
    assert {source.format for source in taken(bench, tmp_path / "some.json").sources} == {"fhir"}
    assert rows(bench, "SELECT family_name FROM patients") == [("Müller",)]
    assert rows(bench, "SELECT count(*) FROM lab_results") == [(1,)]


def test_a_type_behind_a_long_text(bench: Workbench, tmp_path: Path) -> None:
    long = {"id": "p1", "name": PATIENT["name"], "text": {"div": "x" * 100_000}, "resourceType": "Patient"}
    (tmp_path / "long.json").write_text(json.dumps(long), encoding="utf-8")
    assert taken(bench, tmp_path / "long.json").sources[0].format == "fhir"


def test_an_extension_of_ours_that_holds_no_json(bench: Workbench, tmp_path: Path) -> None:
    url = "https://healthsim.example.org/StructureDefinition/claim-other_diagnoses"
    claim = {"resourceType": "Claim", "id": "c", "extension": [{"url": url, "valueString": "{no json"}]}
    (tmp_path / "c.json").write_text(json.dumps(claim))
    taken(bench, tmp_path / "c.json")
    assert "{no json" in documents(bench)


# -- encodings -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("p.json", json.dumps(PATIENT, ensure_ascii=False)),
        ("m.hl7", "MSH|^~\\&|A|B|||20240101||ADT^A04|1|P|2.3\rPID|1||p1||Müller^Ada\r"),
    ],
)
@pytest.mark.long
def test_text_in_other_encodings(bench: Workbench, tmp_path: Path, encoding: str, name: str, text: str) -> None:
    (tmp_path / name).write_bytes(text.encode(encoding))
    taken(bench, tmp_path / name)
    assert rows(bench, "SELECT family_name FROM patients") == [("Müller",)]


def test_a_database_is_never_taken_for_text(tmp_path: Path) -> None:
    # a DuckDB file begins with a checksum, which may look like a byte order mark
    (tmp_path / "d").write_bytes(b"\xff\xfe\x00\x00abcdDUCK")
    assert encoding_of(tmp_path / "d") == "utf-8-sig"


@pytest.mark.parametrize(
    "data",
    [
        b"\n \n<?xml version='1.0'?>",
        b"<?xml version='1.0' encoding='UTF-16'?>",
        b"<?xml version='1.0' encoding='UTF-8'?>",
    ],
)
def test_a_clinical_document_whose_first_line_is_wrong(bench: Workbench, tmp_path: Path, data: bytes) -> None:
    body = (
        "<ClinicalDocument xmlns='urn:hl7-org:v3'><recordTarget><patientRole><id root='1.2' extension='7'/><patient>"
        "<name><given>Ada</given><family>Müller</family></name></patient></patientRole></recordTarget></ClinicalDocument>"
    )
    encoding = "cp1252" if b"'UTF-8'" in data else "utf-8"
    (tmp_path / "d.xml").write_bytes(data + body.encode(encoding))
    answer = taken(bench, tmp_path / "d.xml")
    assert any("first line" in what for what in oddities(answer))
    assert rows(bench, "SELECT family_name FROM patients") == [("Müller",)]


# -- HL7 v2, SDTM, Synthea -------------------------------------------------------------------------------------


def test_a_batch_that_ends_with_no_field(bench: Workbench, tmp_path: Path) -> None:
    text = "BHS|^~\\&|A\rMSH|^~\\&|A|B|||20240101||ADT^A04|1|P|2.3\rPID|1||7||Birch^Ada\rBTS\rFTS\r"
    (tmp_path / "b.hl7").write_text(text)
    assert taken(bench, tmp_path / "b.hl7").sources[0].kept == {"hl7v2_batch": 3, "hl7v2_message": 1}


def _transport(folder: Path) -> bytes:
    pandas, pyreadstat = pytest.importorskip("pandas"), pytest.importorskip("pyreadstat")
    frame = pandas.DataFrame({"USUBJID": ["S-1", "S-2", "S-3"], "AETERM": ["Headache", "Nausea", "Rash"]})
    pyreadstat.write_xport(frame, str(folder / "ae.xpt"), table_name="AE")
    return (folder / "ae.xpt").read_bytes()


def test_a_transport_file_that_breaks_off_in_a_row_keeps_what_of_it_is_there(tmp_path: Path) -> None:
    whole = _transport(tmp_path)
    cut = whole[: whole.index(b"Rash") + 2]
    found = [list(dataset.rows) for dataset in read_datasets(io.BytesIO(cut), "ae.xpt")]
    assert found == [[["S-1", "Headache"], ["S-2", "Nausea"], ["S-3"]]]


def test_transport_files_one_behind_the_other(tmp_path: Path) -> None:
    whole = _transport(tmp_path)
    assert [len(list(dataset.rows)) for dataset in read_datasets(io.BytesIO(whole + whole), "ae.xpt")] == [3, 3]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_tables_of_synthea_that_lack_columns_or_are_of_later_versions(
    bench: Workbench, tmp_path: Path, encoding: str
) -> None:
    tables = {
        "patients": "Id,BIRTHDATE,FIRST,LAST\np1,1980-04-22,José,Müller\n",
        "conditions": "START,STOP,DESCRIPTION,CODE\n2020-01-01,,Fracture,125605004\n",
        "patient_expenses": "PATIENT_ID,YEAR,PATIENT,COST\np1,2020,p1,417.25\n",
    }
    for name, text in tables.items():
        (tmp_path / "csv").mkdir(exist_ok=True)
        (tmp_path / "csv" / f"{name}.csv").write_bytes(text.encode(encoding))
    answer = taken(bench, tmp_path / "csv")
    assert [source.format for source in answer.sources] == ["synthea"]
    assert rows(bench, "SELECT given_name, family_name FROM patients") == [("José", "Müller")]
    assert rows(bench, "SELECT code FROM diagnoses") == [("125605004",)]
    assert answer.sources[0].kept == {"synthea_patient_expenses": 1}
    assert "417.25" in documents(bench)
    assert "a file without PATIENT; read as far as it goes" in oddities(answer)
