"""HL7 v2 in: messages of anybody, whole in their documents, understood as far as they can be."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from understood import Said, Understood

from healthsim.exchange.formats import readable
from healthsim.exchange.hl7v2.importing import read_hl7v2
from healthsim.exchange.reading import Reading
from healthsim.results import Imported
from healthsim.state.manager import StateManager
from healthsim.workbench import Workbench

HEAD = "MSH|^~\\&|LAB|HOSP|||20240102030405-0600||{kind}|7|P|2.5.1"
PID = "PID|1||123^^^HOSP^MR||Birch^Ada||19800422|F"


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench.at(tmp_path / "healthsim.duckdb")


def rows(bench: Workbench | Understood, sql: str) -> list[tuple[Any, ...]]:
    with bench.database.read() as connection:
        return connection.execute(sql).fetchall()


def documents(bench: Workbench | Understood, kind: str = "hl7v2_message") -> list[dict[str, str]]:
    sql = f"SELECT document::VARCHAR FROM scenario_documents WHERE entity_type = '{kind}' ORDER BY position"
    return [json.loads(text) for (text,) in rows(bench, sql)]


@pytest.fixture(scope="module")
def memory() -> Understood:
    return Understood()


def take(memory: Understood, tmp_path: Path, data: bytes | str, timezone: str = "UTC") -> Said:
    """Read a file with these contents."""
    path = tmp_path / "given.hl7"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return memory.read(path, read_hl7v2, timezone)


def oddities(saved: Imported | Said) -> dict[str, int]:
    return {oddity.what: oddity.count for source in saved.sources for oddity in source.oddities}


def message(kind: str, *segments: str) -> str:
    return "\r".join([HEAD.format(kind=kind), PID, *segments, ""])


# -- the real ones --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def samples(test_data: Path) -> list[Path]:
    return sorted((test_data / "hl7v2").glob("*.hl7"))


@pytest.mark.long
def test_every_sample_is_kept_to_the_letter_and_understood(bench: Workbench, samples: list[Path]) -> None:
    assert len(samples) == 61
    saved = bench.import_(*samples, as_="samples")
    assert isinstance(saved, Imported)
    assert [source.units for source in saved.sources] == [1] * 61
    kept = sorted(document["text"] for document in documents(bench))
    assert kept == sorted(path.read_bytes().decode("utf-8-sig") for path in samples)
    # what they speak of has rows, and every row of a patient leads to that patient
    counts = {
        "patients": 11,
        "encounters": 5,
        "diagnoses": 8,
        "procedures": 3,
        "allergies": 5,
        "members": 4,
        "plans": 2,
        "lab_results": 14,
        "vital_signs": 3,
        "orders": 5,
        "immunizations": 2,
        "prescriptions": 1,
        "clinical_notes": 1,
    }
    assert {table: rows(bench, f"SELECT count(*) FROM {table}")[0][0] for table in counts} == counts
    for table in set(counts) - {"patients", "plans"}:
        lost = f"SELECT count(*) FROM {table} WHERE patient_id NOT IN (SELECT patient_id FROM patients)"
        assert rows(bench, lost) == [(0,)], table
    for table in ("diagnoses", "procedures", "lab_results", "immunizations", "orders"):
        lost = f"SELECT count(*) FROM {table} WHERE encounter_id NOT IN (SELECT encounter_id FROM encounters)"
        assert rows(bench, lost) == [(0,)], table
    merges = [what for what in oddities(saved) if "puts two records together; nothing was merged" in what]
    assert len(merges) == 6


@pytest.mark.long
def test_samples_build_a_star_and_are_checked(bench: Workbench, samples: list[Path]) -> None:
    bench.import_(*samples, as_="samples")
    bench.build("samples")
    assert bench.check("samples") is not None


def test_values_of_samples(bench: Workbench, samples: list[Path]) -> None:
    bench.import_(*[path for path in samples if path.name.startswith(("LAB-ORU", "IZ_1"))], as_="two")
    assert rows(
        bench,
        "SELECT test_name, value, value_numeric, unit, abnormal_flag, status FROM lab_results WHERE loinc_code = '20570-8'",
    ) == [("HEMATOCRIT", "40.1", 40.1, "%", "N", "preliminary")]
    assert rows(bench, "SELECT cvx_code, administered_date::VARCHAR, lot_number, site, route FROM immunizations") == [
        ("140", "2012-08-14", "Z0860BB", "left deltoid", "intramuscular")
    ]


# -- encounters by ADT ----------------------------------------------------------------------------------------

PV1 = (
    "PV1|1|{kind}|W^1^2^HOSP||||1234567893^Elm^Eve^^^^MD^^NPI&2.16.840.1.113883.4.6&ISO^^^^NPI||||||||||||V9" + "|" * 25
)


def visit(event: str, start: str = "", end: str = "", kind: str = "I", time: str = "20240102030405-0600") -> str:
    return message(f"ADT^{event}", f"EVN|{event}|{time}", f"{PV1.format(kind=kind)}{start}|{end}")


def encounter(bench: Workbench | Understood) -> tuple[Any, ...]:
    columns = "encounter_class, status, start_datetime::VARCHAR, end_datetime::VARCHAR, attending_provider_id"
    (row,) = rows(bench, f"SELECT {columns} FROM encounters")
    return row


def test_an_admission_a_discharge_and_an_update_are_one_encounter(memory: Understood, tmp_path: Path) -> None:
    texts = visit("A01", "20240102030405-0600"), visit("A03", "", "20240105120000-0600"), visit("A08")
    take(memory, tmp_path, "".join(texts))
    assert encounter(memory) == ("inpatient", "finished", "2024-01-02 09:04:05", "2024-01-05 18:00:00", "1234567893")
    assert rows(memory, "SELECT npi, family_name, credential FROM providers") == [("1234567893", "Elm", "MD")]


def test_a_discharge_that_says_no_time_happened_at_its_event(memory: Understood, tmp_path: Path) -> None:
    take(memory, tmp_path, visit("A01") + visit("A03", time="20240105-0600"))
    assert encounter(memory)[2:4] == ("2024-01-02 09:04:05", "2024-01-05 00:00:00")


def test_a_cancelled_admission_and_a_cancelled_discharge(memory: Understood, tmp_path: Path) -> None:
    take(memory, tmp_path, visit("A01", "20240102") + visit("A11"))
    assert encounter(memory)[1] == "cancelled"
    take(memory, tmp_path, visit("A01", "20240102") + visit("A03", "", "20240105") + visit("A13"))
    assert encounter(memory)[1:4] == ("in-progress", "2024-01-02 00:00:00", None)
    # and the discharge that came after all
    texts = visit("A03", "", "20240105"), visit("A13"), visit("A03", "", "20240107")
    take(memory, tmp_path, "".join(texts))
    assert encounter(memory)[1:4] == ("finished", None, "2024-01-07 00:00:00")


def test_a_merge_is_reported_and_not_done(memory: Understood, tmp_path: Path) -> None:
    saved = take(memory, tmp_path, message("ADT^A40", "MRG|77^^^HOSP^MR") + message("ADT^A08").replace("123^", "77^"))
    assert oddities(saved)["ADT^A40 puts two records together; nothing was merged, both stay"] == 1
    assert rows(memory, "SELECT mrn FROM patients ORDER BY 1") == [("123",), ("77",)]


# -- dates and zones ------------------------------------------------------------------------------------------


def test_dates_do_not_shift_and_offsets_count_fhir_converter_353(memory: Understood, tmp_path: Path) -> None:
    """FHIR-Converter#353, hl7v2-fhir-converter#55: a birth late in the evening stays on its day, whatever the zone."""
    pid = "PID|1||1^^^H^MR||X^Y||19881231230000-0800|F"
    text = "\r".join([HEAD.format(kind="ADT^A01"), pid, f"{PV1.format(kind='E')}20240229233000+0530", ""])
    saved = take(memory, tmp_path, text)
    assert rows(memory, "SELECT birth_date FROM patients") == [(dt.date(1988, 12, 31),)]
    assert encounter(memory)[2] == "2024-02-29 18:00:00"
    assert not [what for what in oddities(saved) if "zone" in what]


def test_times_without_a_zone_are_read_in_the_named_one_hl7v2_fhir_converter_81(
    memory: Understood, tmp_path: Path
) -> None:
    saved = take(memory, tmp_path, visit("A01", "20240702120000"), timezone="America/Chicago")
    assert encounter(memory)[2] == "2024-07-02 17:00:00"
    assert oddities(saved)["a time without a zone; read as America/Chicago"] == 1
    saved = take(memory, tmp_path, visit("A01", "20240702120000"))
    assert encounter(memory)[2] == "2024-07-02 12:00:00"
    # a day alone is that day, wherever
    take(memory, tmp_path, visit("A01", "20240702"), timezone="America/Chicago")
    assert encounter(memory)[2] == "2024-07-02 00:00:00"


@pytest.mark.parametrize(
    ("text", "day"), [("1980", "1980-01-01"), ("198003", "1980-03-01"), ("19800300", None), ("x", None)]
)
def test_partial_dates_begin_their_year_or_month_and_others_are_reported(
    memory: Understood, tmp_path: Path, text: str, day: str | None
) -> None:
    saved = take(memory, tmp_path, message("ADT^A08").replace("19800422", text))
    assert rows(memory, "SELECT birth_date::VARCHAR FROM patients") == [(day,)]
    assert ("a date that is none; the column is left empty" in oddities(saved)) == (day is None)


def test_far_future_and_ancient_dates_are_dates_synthea_1360(memory: Understood, tmp_path: Path) -> None:
    take(memory, tmp_path, visit("A01", "99991231235959-1200", "00010101000000+1400"))
    assert encounter(memory)[2:4] == (None, None)  # in UTC there are no such instants
    take(memory, tmp_path, visit("A01", "99991231235959+0000"))
    assert encounter(memory)[2] == "9999-12-31 23:59:59"


# -- how messages come ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\n\r"])
def test_any_end_of_lines(memory: Understood, tmp_path: Path, end: str) -> None:
    text = (visit("A01") + message("ADT^A08")).replace("\r", end)
    saved = take(memory, tmp_path, text)
    assert saved.units == 2
    assert rows(memory, "SELECT count(*) FROM encounters") == [(1,)]
    assert "".join(document["text"] for document in documents(memory)).split() == text.split()


def test_other_delimiters(memory: Understood, tmp_path: Path) -> None:
    text = message("ADT^A08").replace("Birch", "Bi\\F\\rch\\T\\Co").translate(str.maketrans("|^~\\&", "#*!?%"))
    take(memory, tmp_path, text)
    assert rows(memory, "SELECT family_name, given_name FROM patients") == [("Bi#rch%Co", "Ada")]
    assert documents(memory)[0]["text"] == text


@pytest.mark.parametrize(
    ("name", "charset"),
    [
        ("8859/1", "latin-1"),
        ("8859/15", "iso8859-15"),
        ("UNICODE UTF-8", "utf-8"),
        ("", "utf-8"),
        ("GB 18030-2000", "gb18030"),
        ("BIG-5", "big5"),
        ("KS X 1001", "euc_kr"),
    ],
)
def test_character_sets_of_msh_18(memory: Understood, tmp_path: Path, name: str, charset: str) -> None:
    word = {"gb18030": "王", "big5": "王", "euc_kr": "김"}.get(charset, "Müller é")
    text = message("ADT^A08").replace("|2.5.1", f"|2.5.1||||||{name}").replace("Birch", word)
    saved = take(memory, tmp_path, text.encode(charset))
    assert rows(memory, "SELECT family_name FROM patients") == [(word,)]
    assert not oddities(saved)


def test_a_wrong_character_set_is_reported(memory: Understood, tmp_path: Path) -> None:
    saved = take(memory, tmp_path, message("ADT^A08").replace("Birch", "Müller").encode("latin-1"))
    assert rows(memory, "SELECT family_name FROM patients") == [("Müller",)]
    assert "text in no character set that is declared; read as Windows-1252" in oddities(saved)


def test_utf_16(memory: Understood, tmp_path: Path) -> None:
    take(memory, tmp_path, message("ADT^A08").replace("Birch", "Müller 漢").encode("utf-16"))
    assert rows(memory, "SELECT family_name FROM patients") == [("Müller 漢",)]


def test_batches_and_frames(memory: Understood, tmp_path: Path) -> None:
    one, two = visit("A01"), message("ADT^A08")
    saved = take(memory, tmp_path, f"FHS|^~\\&|X\rBHS|^~\\&|X\r{one}{two}BTS|5\rFTS|1\r")
    assert saved.units == 2
    assert [document["text"] for document in documents(memory, "hl7v2_batch")] == [
        "FHS|^~\\&|X",
        "BHS|^~\\&|X",
        "BTS|5",
        "FTS|1",
    ]
    assert "a batch that says it has 5 messages and has 2" in oddities(saved)
    saved = take(memory, tmp_path, f"\x0b{one}\x1c\r\x0b{two}\x1c\r")
    assert [document["text"] for document in documents(memory)] == [one, two]


def test_the_same_message_twice_means_one_encounter_synthea_1648(memory: Understood, tmp_path: Path) -> None:
    saved = take(memory, tmp_path, visit("A01") * 2)
    assert saved.units == 2
    assert {document["text"] for document in documents(memory)} == {visit("A01")}
    assert rows(memory, "SELECT count(*) FROM encounters") == [(1,)]


def test_a_large_file_is_read_message_by_message_fhir_755() -> None:
    """LinuxForHealth/FHIR#755: what is in memory is one message, however large the file."""
    from healthsim.exchange.hl7v2.frames import messages_of

    class Endless(io.RawIOBase):
        """A file without an end, which counts what was read of it."""

        read_bytes = 0

        def read(self, size: int = -1) -> bytes:
            self.read_bytes += size
            return (visit("A01").encode() * (size // 100))[:size]

    endless = Endless()
    messages = messages_of(endless)  # type: ignore[arg-type]  # only read is called
    assert [next(messages).part for _ in range(3)] == ["message"] * 3
    assert endless.read_bytes <= 3 << 20


def test_odd_messages_are_kept(memory: Understood, tmp_path: Path) -> None:
    text = message("ZZZ^Z99", "ZPD|1|own", "pid|lower", "a line of its own", "NK1|1|Kin") + "MSH|^~\\&\r"
    saved = take(memory, tmp_path, text)
    assert [document["kind"] for document in documents(memory)] == ["ZZZ^Z99", ""]
    found = oddities(saved)
    assert found["segments ZPD, which have no row; kept in their messages"] == 1
    assert found["a line that begins no segment; taken as part of the field before it"] == 1
    assert found["a message without a type in MSH-9; kept as it is"] == 1
    assert rows(memory, "SELECT count(*) FROM patients") == [(1,)]


@pytest.mark.parametrize(
    ("data", "is_hl7"),
    [
        (b"MSH|^~\\&|X\r", True),
        (b"\x0bMSH|^~\\&|X\r", True),
        (b"\xef\xbb\xbfMSH|^~\\&|X\r", True),
        (b"FHS|^~\\&|\r", True),
        (b"\r\n MSH#*!?%#\r", True),
        ("MSH|^~\\&|X\r".encode("utf-16"), True),
        (b"MSHA is a word", False),
        (b"MSH", False),
        (b"", False),
        (b"ISA*00", False),
    ],
)
def test_messages_are_told_by_their_content(tmp_path: Path, data: bytes, is_hl7: bool) -> None:
    path = tmp_path / "any.txt"
    path.write_bytes(data)
    from healthsim.exchange.hl7v2.format import FORMAT

    assert FORMAT.sniff is not None
    assert FORMAT.sniff(path) == is_hl7
    if is_hl7:
        assert next(entry.name for entry in readable() if entry.sniff is not None and entry.sniff(path)) == "hl7v2"


# -- results, drugs, notes ------------------------------------------------------------------------------------


def test_vital_signs_in_the_units_of_others(memory: Understood, tmp_path: Path) -> None:
    take(
        memory,
        tmp_path,
        message(
            "ORU^R01",
            "OBR|1||F1|85353-1^Vitals^LN|||20240102030405+0000",
            "OBX|1|NM|8310-5^Temp^LN||98.6|[degF]^^UCUM|||||F",
            "OBX|2|NM|29463-7^Weight^LN||150|[lb_av]|||||F",
            "OBX|3|NM|8302-2^Height^LN||70|[in_i]|||||F",
            "OBX|4|NM|8867-4^HR^LN||61.5|/min|||||F",
            "OBX|5|NM|8867-4^HR^LN||61|/min|||||F",
        ),
    )
    assert rows(memory, "SELECT temperature_c, weight_kg, height_cm, heart_rate FROM vital_signs") == [
        (37.0, 68.04, 177.8, 61)
    ]
    assert rows(memory, "SELECT value FROM lab_results") == [("61.5",)]  # no whole number: no heart rate of ours


@pytest.mark.parametrize(
    ("obx", "value", "numeric"),
    [
        ("NM|1^T^LN||5.4", "5.4", 5.4),
        ("SN|1^T^LN||>^100", ">100", 100.0),
        ("SN|1^T^LN||^1^:^128", "1:128", None),
        ("CWE|1^T^LN||260373001^Detected^SCT", "Detected", None),
        ("ST|1^T^LN||a^b&c", "a^b&c", None),
        ("NM|1^T^LN||1~2", "1; 2", None),
        ("TX|1^T^LN||one\\.br\\two", "one\ntwo", None),
        ('NM|1^T^LN||""', None, None),
    ],
)
def test_values_of_any_type(
    memory: Understood, tmp_path: Path, obx: str, value: str | None, numeric: float | None
) -> None:
    take(memory, tmp_path, message("ORU^R01", "OBR|1||F1|X^Y", f"OBX|1|{obx}||10-20|||||F"))
    assert rows(memory, "SELECT value, value_numeric, reference_low, reference_high FROM lab_results") == [
        (value, numeric, 10.0, 20.0)
    ]


def test_a_corrected_result_replaces_the_preliminary_one(memory: Understood, tmp_path: Path) -> None:
    first = message("ORU^R01", "OBR|1||F1|X^Y|||20240102", "OBX|1|NM|2345-7^Glucose^LN||50|mg/dL|||||P")
    take(memory, tmp_path, first + first.replace("||50|", "||95|").replace("|P\r", "|C\r"))
    assert rows(memory, "SELECT value, status FROM lab_results") == [("95", "corrected")]


def test_a_note_of_several_lines(memory: Understood, tmp_path: Path) -> None:
    take(
        memory,
        tmp_path,
        message("MDM^T02", "TXA|1|DS|TX|20240102|||||9^Elm^Eve|||N1", "OBX|1|TX|X||one", "OBX|2|TX|X||two"),
    )
    assert rows(memory, "SELECT note_type, author, content FROM clinical_notes") == [
        ("discharge summary", "Eve Elm", "one\ntwo")
    ]


# -- anything at all ------------------------------------------------------------------------------------------


@contextmanager
def one_intake(state: StateManager) -> Iterator[Any]:
    with state.intake() as intake:
        yield intake


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["cut", "drop", "put", "swap", "double"]),
        st.floats(0, 1),
        st.floats(0, 1),
        st.sampled_from(
            [
                "|",
                "^",
                "~",
                "\\",
                "&",
                "\r",
                "\n",
                "\x0b",
                "\x1c",
                "\x00",
                "é",
                "\ud7ff",
                "MSH|",
                "PID|",
                "|||",
                "\\X\\",
                '""',
            ]
        ),
    ),
    min_size=1,
    max_size=6,
)


def changed(text: str, changes: list[tuple[str, float, float, str]]) -> str:
    for what, at, to, put in changes:
        first, last = sorted((int(at * len(text)), int(to * len(text))))
        text = {
            "cut": text[:first],
            "drop": text[:first] + text[last:],
            "put": text[:first] + put + text[first:],
            "swap": text[:first] + put + text[first + 1 :],
            "double": text[:last] + text[first:],
        }[what]
    return text


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(0, 60), changes=CHANGES, charset=st.sampled_from(["utf-8", "utf-16", "latin-1"]))
def test_broken_samples_end_in_a_report_and_lose_nothing(
    state: StateManager, samples: list[Path], tmp_path: Path, number: int, changes: list[Any], charset: str
) -> None:
    text = changed(samples[number].read_bytes().decode("utf-8-sig"), changes)
    path = tmp_path / "broken.hl7"
    path.write_bytes(text.encode(charset, "replace"))
    kept: list[str] = []
    with one_intake(state) as intake:
        reading = Reading(intake, ZoneInfo("America/Chicago"), "broken", "hl7v2")
        keep = reading.keep

        def noted(kind: str, said: str, document: Any = None, **more: Any) -> str:
            kept.append(json.loads(said)["text"])
            return keep(kind, said, document, **more)

        reading.keep = noted  # type: ignore[method-assign,assignment]  # what is kept is looked at
        read_hl7v2(path, reading)
    # whatever it was, every line of it is in a document
    ignored = "\x00\x0b\x1c\x1a \t\r\n\ufeff"
    sent = path.read_bytes().decode("utf-16" if charset == "utf-16" else charset, "replace")
    words = "".join("".join(kept).split()).translate(dict.fromkeys(map(ord, ignored)))
    assert len(words) >= len("".join(sent.split()).translate(dict.fromkeys(map(ord, ignored))))
