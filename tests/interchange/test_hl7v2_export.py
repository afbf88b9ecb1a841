"""HL7 v2 out: messages that others validate, receive and read, and a scenario that comes back from them as it was."""

from __future__ import annotations

import datetime as dt
import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_population import HOSTILE, population

from healthsim.errors import AlreadyExists, HealthSimError, NotFound, UsageError
from healthsim.exchange.hl7v2 import declared
from healthsim.exchange.hl7v2.delimiters import STANDARD, escaped
from healthsim.exchange.hl7v2.kinds import KINDS
from healthsim.exchange.hl7v2.parsed import Message
from healthsim.exchange.hl7v2.patient_segments import Lookup
from healthsim.workbench import Workbench

#: table -> what identifies a row in messages, and the columns that come back as they were; references to providers are
#: compared by NPI, which is what messages name them by
CARRIED: dict[str, tuple[str, str]] = {
    "persons": (
        "person_id",
        "ssn given_name middle_name family_name suffix prefix birth_date gender race ethnicity language address_line1"
        " address_line2 city state postal_code country county county_fips census_tract phone email deceased death_date",
    ),
    "patients": (
        "patient_id",
        "person_id mrn ssn given_name middle_name family_name suffix prefix birth_date gender race ethnicity language"
        " address_line1 address_line2 city state postal_code country county county_fips census_tract phone email deceased"
        " death_date primary_care_provider_id smoking_status smoking_status_code smoking_status_date",
    ),
    "encounters": (
        "encounter_id",
        "patient_id facility_id encounter_class encounter_type status start_datetime end_datetime reason_for_visit"
        " reason_code reason_code_system chief_complaint admitting_diagnosis discharge_disposition_code"
        " discharge_disposition drg_code attending_provider_id admitting_provider_id department room bed"
        " admission_type_code admission_source_code",
    ),
    "diagnoses": (
        "diagnosis_id",
        "patient_id encounter_id code code_system description diagnosis_type sequence_number diagnosed_date",
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
        " reference_range abnormal_flag collected_datetime resulted_datetime performing_lab ordering_provider_id order_id"
        " specimen_id specimen_type specimen_code",
    ),
    "vital_signs": (
        "vital_sign_id",
        "patient_id encounter_id observation_datetime temperature_c heart_rate respiratory_rate systolic_bp diastolic_bp"
        " spo2 height_cm weight_kg bmi",
    ),
    "allergies": ("patient_id substance", "code code_system category reaction severity onset_date"),
    "immunizations": (
        "immunization_id",
        "patient_id encounter_id cvx_code description administered_date dose_number lot_number site route"
        " performing_provider_id",
    ),
    "orders": (
        "order_id",
        "patient_id encounter_id order_type code code_system description priority status ordered_datetime"
        " scheduled_datetime ordering_provider_id clinical_indication reason_code reason_code_system",
    ),
    "clinical_notes": (
        "clinical_note_id",
        "patient_id encounter_id note_type loinc_code note_datetime author content",
    ),
    "members": (
        "patient_id coverage_start",
        "member_number subscriber_id group_id plan_code payer_name coverage_end relationship_code given_name family_name"
        " birth_date gender ssn",
    ),
    "plans": ("plan_code", "plan_name payer_name plan_type"),
    "facilities": ("facility_id", "npi name"),
    "prescriptions": (
        "prescription_id",
        "patient_id prescription_number prescriber_provider_id ndc rxnorm_code drug_name quantity_prescribed days_supply"
        " refills_authorized refills_remaining written_date expiration_date daw_code directions dose_quantity dose_unit"
        " route frequency medication_id",
    ),
    "pharmacy_claims": (
        "pharmacy_claim_id",
        "prescription_id ndc drug_name service_date fill_number quantity_dispensed daw_code status prescriber_provider_id",
    ),
}
#: which rows messages tell of, where these are not all
TOLD = {
    "pharmacy_claims": "status = 'paid'",
    "plans": "plan_code IN (SELECT plan_code FROM members)",
    "facilities": "facility_id IN (SELECT facility_id FROM encounters)",
}


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    return population(tmp_path_factory.mktemp("hl7v2"))


@pytest.fixture(scope="module")
def file(people: Workbench, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All messages of the scenario."""
    target = tmp_path_factory.mktemp("written") / "people.hl7"
    people.export("hl7v2", "people", target)
    return target


def messages(path: Path) -> list[str]:
    """The messages of a file, as they stand in it."""
    return [text for text in re.split(r"(?=MSH\|\^~)", path.read_bytes().decode()) if text.startswith("MSH")]


def kind_of(text: str) -> str:
    return "^".join(text.split("|")[8].split("^")[:2])


def rows(bench: Workbench, scenario: str, table: str, columns: str, where: str = "TRUE") -> list[tuple[Any, ...]]:
    """Rows of a scenario, with providers by their NPI."""
    from healthsim.state.tables import scenario_tables

    shown = []
    for name in columns.split():
        by_npi = f"(SELECT any_value(npi) FROM providers WHERE provider_id = t.{name})"
        shown.append(f"coalesce({by_npi}, t.{name})" if name.endswith("provider_id") else f"t.{name}")
    with scenario_tables(bench.database, scenario) as tables:
        return tables.execute(f"SELECT {', '.join(shown)} FROM {table} AS t WHERE {where} ORDER BY ALL").fetchall()


def test_every_kind_of_message_is_written_and_counted(people: Workbench, file: Path, tmp_path: Path) -> None:
    written = people.export("hl7v2", "people", tmp_path / "again.hl7")
    texts = messages(file)
    assert written.counts == {kind: count for kind in KINDS if (count := sum(kind_of(text) == kind for text in texts))}
    assert set(written.counts) >= set(KINDS) - {"OMG^O19"}  # there are laboratory orders only
    assert (tmp_path / "again.hl7").read_bytes() == file.read_bytes()
    assert any("accumulators" in sentence for sentence in written.remarks())


@pytest.mark.long
def test_messages_are_valid_by_hl7apy(file: Path) -> None:
    from hl7apy.parser import parse_message

    by_kind: dict[str, list[str]] = {}
    for text in messages(file):
        by_kind.setdefault(kind_of(text), []).append(text)
    # hl7apy misses a group in every RDE^O11 that version 2.5.1 makes optional
    for kind in set(by_kind) - {"RDE^O11"}:
        for text in by_kind[kind][:: max(1, len(by_kind[kind]) // 4)]:
            assert parse_message(text.rstrip("\r"), find_groups=True, force_validation=False).validate()


def test_messages_are_ordered_by_patient_and_time(file: Path) -> None:
    told = [(Message(text).first("PID").text(3), text.split("|")[6]) for text in messages(file)]  # type: ignore[union-attr]
    patients = list(dict.fromkeys(patient for patient, _ in told))
    assert [patient for patient, _ in told] == sorted((p for p, _ in told), key=patients.index)
    for wanted in patients:
        # what has no time of its own comes last
        times = [time for patient, time in told if patient == wanted]
        assert times[:-1] == sorted(times[:-1])


@pytest.mark.long
def test_a_scenario_comes_back_from_its_messages(people: Workbench, file: Path) -> None:
    people.import_(file, as_="back")
    for table, (key, columns) in CARRIED.items():
        where = TOLD.get(table, "TRUE")
        before = rows(people, "people", table, f"{key} {columns}", where)
        assert before, table
        assert rows(people, "back", table, f"{key} {columns}") == before, table
    # the same again, in frames this time, changes nothing
    people.export("hl7v2", "people", file.with_suffix(".framed"), framed=True)
    people.import_(file.with_suffix(".framed"), as_="back", mode="merge")
    for table, (key, columns) in CARRIED.items():
        assert rows(people, "back", table, f"{key} {columns}") == rows(
            people, "people", table, f"{key} {columns}", TOLD.get(table, "TRUE")
        )


@pytest.mark.parametrize("asked", ["ADT", "adt-a08", "A08", "ADT^A08", "ADT_A08"])
def test_kinds_are_named_as_people_name_them(people: Workbench, tmp_path: Path, asked: str) -> None:
    written = people.export("hl7v2", "people", tmp_path / "some.hl7", messages=[asked])
    assert set(written.counts) == ({"ADT^A08"} if "08" in asked else {"ADT^A01", "ADT^A03", "ADT^A04", "ADT^A08"})
    assert any("Not written, since other kinds were asked for" in sentence for sentence in written.remarks())


def test_a_kind_that_is_not_written_is_refused(people: Workbench, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'ZZZ', which is not written; expected some of ADT\\^A01"):
        people.export("hl7v2", "people", tmp_path / "none.hl7", messages=["ZZZ"])
    assert not (tmp_path / "none.hl7").exists()


def test_a_file_is_not_replaced_unasked(people: Workbench, file: Path) -> None:
    with pytest.raises(AlreadyExists):
        people.export("hl7v2", "people", file)


def test_one_patient_alone(people: Workbench, tmp_path: Path) -> None:
    (patient_id, mrn) = rows(people, "people", "patients", "patient_id mrn")[3]
    people.export("hl7v2", "people", tmp_path / "one.hl7", patient=[mrn])
    assert {Message(text).first("PID").text(3) for text in messages(tmp_path / "one.hl7")} == {mrn}  # type: ignore[union-attr]
    with pytest.raises(NotFound):
        people.export("hl7v2", "people", tmp_path / "nobody.hl7", patient=["nobody"])
    assert patient_id


def test_chosen_types_alone(people: Workbench, tmp_path: Path) -> None:
    written = people.export("hl7v2", "people", tmp_path / "some.hl7", types=["lab_result", "immunizations"])
    assert set(written.counts) == {"ORU^R01", "VXU^V04", "ADT^A08"}
    with pytest.raises(UsageError, match="no entity type"):
        people.export("hl7v2", "people", tmp_path / "none.hl7", types=["horse"])


def test_batches_say_how_many_messages_they_have(people: Workbench, file: Path, tmp_path: Path) -> None:
    people.export("hl7v2", "people", tmp_path / "batch.hl7", batch=True)
    lines = (tmp_path / "batch.hl7").read_bytes().decode().split("\r")
    assert [line[:3] for line in lines[:3]] == ["FHS", "BHS", "MSH"]
    assert lines[-3:] == [f"BTS|{len(messages(file))}", "FTS|1", ""]
    with pytest.raises(UsageError, match="batch and framed"):
        people.export("hl7v2", "people", tmp_path / "both.hl7", batch=True, framed=True)


@pytest.mark.long
def test_gz_and_frames(people: Workbench, file: Path, tmp_path: Path) -> None:
    people.export("hl7v2", "people", tmp_path / "people.hl7.gz", gz=True)
    assert gzip.decompress((tmp_path / "people.hl7.gz").read_bytes()) == file.read_bytes()
    people.export("hl7v2", "people", tmp_path / "framed.hl7", framed=True)
    framed = (tmp_path / "framed.hl7").read_bytes()
    assert framed.replace(b"\x0b", b"").replace(b"\x1c\r", b"") == file.read_bytes()


# -- what is sent ---------------------------------------------------------------------------------------------


def test_a_receiver_acknowledges_every_message(people: Workbench, tmp_path: Path) -> None:
    from hl7_receivers import receiver

    with receiver() as (address, received):
        written = people.export("hl7v2", "people", tmp_path / "sent.hl7", messages=["A01", "VXU"], mllp=address)
    count = sum(written.counts.values())
    assert [str(message).rstrip("\r") for message in received] == [
        text.rstrip("\r") for text in messages(tmp_path / "sent.hl7")
    ]
    assert f"Sent to {address}: {count} messages, {count} accepted, 0 refused." in written.remarks()


def test_refusals_are_told(people: Workbench, tmp_path: Path) -> None:
    from hl7_receivers import receiver

    with receiver(lambda message: "AE" if "A03" in str(message)[:60] else "AA") as (address, _):
        written = people.export("hl7v2", "people", tmp_path / "sent.hl7", messages=["A01", "A03"], mllp=address)
    assert any(f"{written.counts['ADT^A03']} refused." in sentence for sentence in written.remarks())
    assert any(re.match(r"ADT\^A03 HS\d+ was answered AE", sentence) for sentence in written.remarks())


def test_a_connection_that_drops_ends_with_what_came_through(people: Workbench, tmp_path: Path) -> None:
    from hl7_receivers import receiver

    answers = iter(["AA", "AA", ""])
    with (
        receiver(lambda message: next(answers)) as (address, received),
        pytest.raises(
            HealthSimError, match=r"lost after 2 messages .*2 were accepted.* message 3 has no acknowledgement"
        ),
    ):
        people.export("hl7v2", "people", tmp_path / "sent.hl7", mllp=address)
    assert len(received) == 3
    assert len(messages(tmp_path / "sent.hl7")) > 3  # the file is there, to be sent again


def test_nobody_listens(people: Workbench, tmp_path: Path) -> None:
    from hl7_receivers import closed_port

    with pytest.raises(HealthSimError, match=r"There is no connection to 127\.0\.0\.1.* Nothing was sent"):
        people.export("hl7v2", "people", tmp_path / "sent.hl7", messages=["A01"], mllp=f"127.0.0.1:{closed_port()}")


@pytest.mark.parametrize("address", ["localhost", ":2575", "localhost:0", "localhost:99999", "localhost:x"])
def test_an_address_that_is_none_is_refused_before_anything_is_written(
    people: Workbench, tmp_path: Path, address: str
) -> None:
    with pytest.raises(UsageError, match="expected HOST:PORT"):
        people.export("hl7v2", "people", tmp_path / "sent.hl7", mllp=address)
    assert not (tmp_path / "sent.hl7").exists()


# -- any text -------------------------------------------------------------------------------------------------

TEXTS = st.one_of(st.text(min_size=1, max_size=40), st.sampled_from([HOSTILE, "\\", "|", '""', " ", "\\F\\", "~~"]))
WITHOUT = {"encounter_class", "value_type", "set_id", "exact_class"}


class Takes:
    """What a reader of cells needs, for messages of ours."""

    own = True
    entity = staticmethod(lambda entity_type, row: None)

    def instant(self, text: str) -> dt.datetime | None:
        raise AssertionError(text)

    date = instant


def text_cells(segment: declared.Declared) -> Iterator[str]:
    """The columns of a segment that hold any text."""
    from healthsim.exchange.hl7v2.cells import TEXT
    from healthsim.exchange.hl7v2.datatypes import CODE, EMAIL, MEANING, PHONE, VALUE

    for cell in segment.cells:
        if cell.column and cell.codec in (TEXT, CODE, MEANING, VALUE, PHONE, EMAIL) and cell.column not in WITHOUT:
            yield cell.column


@settings(max_examples=40, deadline=None)
@given(st.data())
@pytest.mark.parametrize(
    "segment", [declared.PID, declared.PV1, declared.DG1, declared.OBX, declared.TXA, declared.RXO]
)
@pytest.mark.long
def test_any_text_comes_back_from_a_segment(segment: declared.Declared, data: st.DataObject) -> None:
    columns = sorted(set(text_cells(segment)))
    row = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(columns, TEXTS)))
    if "email" in row:
        row["email"] = f"{row['email']}@example.org"
    text = segment.write(row, Lookup({}))
    assert not re.search(r"[\x00-\x1f]", text)
    message = Message(f"MSH|^~\\&|HEALTHSIM|\r{text}")
    assert len(message.segments) == 2
    read = segment.read(message.segments[1], Takes())
    # two quotation marks mean nothing in HL7, whatever they meant before
    expected = {name: value for name, value in row.items() if value != '""' and name in columns}
    if segment is declared.PID:
        # a telephone may stand where a mail address is looked for, and numbers go one for the other
        for name in ("mrn", "ssn", "phone"):
            expected.pop(name, None)
    got = {name: read.get(name) for name in expected}
    if not expected.get("code") and "code_system" in expected:
        expected.pop("code_system")
        got.pop("code_system")
    if not expected.get("loinc_code") and "loinc_code" in columns:
        expected.pop("code_system", None)
        got.pop("code_system", None)
    assert got == expected


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_escaped_text_is_read_by_python_hl7_as_well(text: str) -> None:
    import hl7

    written = escaped(text)
    assert STANDARD.unescape(written) == text
    assert not set(written) & set("|^~&\r\n\x0b\x1c")
    if text.isascii():
        # python-hl7 turns escaped bytes into characters one by one
        assert hl7.parse("MSH|^~\\&|\rPID|1\r").unescape(written) == text


@pytest.mark.long
def test_a_scenario_of_hostile_text_comes_back(tmp_path: Path) -> None:
    bench = Workbench.at(tmp_path / "hostile.duckdb")
    text = HOSTILE
    bench.save(
        "hostile",
        {
            "patients": [
                {"patient_id": f"P{text}", "mrn": f"M{text}", "family_name": text, "city": text, "race": text}
            ],
            "encounters": [
                {
                    "encounter_id": f"E{text}",
                    "patient_id": f"P{text}",
                    "encounter_class": "home",
                    "chief_complaint": text,
                    "reason_for_visit": text,
                    "start_datetime": "2024-02-29T23:59:59",
                    "department": text,
                }
            ],
            "diagnoses": [{"id": "D1", "patient_id": f"P{text}", "encounter_id": "of no row", "code": text}],
            "clinical_notes": [{"note_id": "N1", "encounter_id": f"E{text}", "note_type": text, "content": text * 50}],
            "lab_results": [{"id": "L1", "encounter_id": f"E{text}", "test_name": text, "value": text, "unit": text}],
        },
    )
    bench.export("hl7v2", "hostile", tmp_path / "hostile.hl7")
    bench.import_(tmp_path / "hostile.hl7", as_="back")
    for table, columns in {
        "patients": "patient_id mrn family_name city race",
        "encounters": "encounter_id patient_id encounter_class chief_complaint reason_for_visit start_datetime department",
        "diagnoses": "diagnosis_id patient_id encounter_id code",
        "clinical_notes": "clinical_note_id patient_id encounter_id note_type content",
        "lab_results": "lab_result_id patient_id encounter_id test_name value unit",
    }.items():
        assert rows(bench, "back", table, columns) == rows(bench, "hostile", table, columns)


def test_an_empty_scenario_gives_an_empty_file(tmp_path: Path) -> None:
    bench = Workbench.at(tmp_path / "empty.duckdb")
    bench.save("empty", {})
    written = bench.export("hl7v2", "empty", tmp_path / "empty.hl7")
    assert written.counts == {}
    assert (tmp_path / "empty.hl7").read_bytes() == b""


def test_zones_are_always_written_hl7v2_fhir_converter_81(file: Path) -> None:
    """hl7v2-fhir-converter#81, prime-reportstream#6469: a time without a zone is another time elsewhere."""
    for text in messages(file):
        for time in re.findall(r"(?<=[|^])(\d{14}(?:\.\d+)?)([+-]\d{4})?(?=[|^\r])", text):
            assert time[1] == "+0000", text
