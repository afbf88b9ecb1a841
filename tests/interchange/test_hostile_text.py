"""Random scenarios with hostile text leave in each format and come back equal, as far as the format has characters for it.

Delimiters of every format, line breaks, control characters, all of Unicode, and texts beyond the 200 bytes of a transport
file. What a format changes is declared here beside it. X12 has tests of its own: its elements are tried one by one.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_population import HOSTILE

from healthsim.exchange.sdtm.ascii_text import ascii_of
from healthsim.exchange.sdtm.staged import one_line
from healthsim.state.tables import scenario_tables
from healthsim.workbench import Workbench

#: what tempts formats, among all other characters; a text of the model holds no NUL, and no half of a character
_LETTERS = st.one_of(
    st.sampled_from("|^~\\&*:>\r\n\t\"'<{},;%/ \x1c\x1d\x1e\x0b"),
    st.characters(exclude_categories=("Cs",), exclude_characters="\0"),
    st.sampled_from([HOSTILE, "]]>", "&amp;", '""', "\\E\\", "NULL", "{", "}", "é" * 120]),
)
#: a text with a letter at each end, since blanks at the ends only fill in most formats
TEXTS = st.lists(_LETTERS, max_size=30).map(lambda parts: f"A{''.join(parts)}z")
PEOPLE = 4
#: the columns of one person's rows that are hostile
_COLUMNS = ("family", "given", "city", "reason", "description", "test", "value", "note", "term", "cause", "drug")
People = list[dict[str, str]]


def _same(text: str) -> str:
    return text


def _xml(text: str) -> str:
    """XML has no control characters; U+FFFD stands for each."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)


def _upper(limit: int, extra: str = "") -> Callable[[str], str]:
    """Upper case without accents, what is not in ASCII or divides a blank, and as long as the field."""

    def spelled(text: str) -> str:
        bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
        return re.sub(rf"[^ -~]|[{re.escape(extra)}]" if extra else "[^ -~]", " ", bare).upper().strip()[:limit].strip()

    return spelled


@dataclass(frozen=True)
class Carried:
    """What of the people a format carries.

    Attributes:
        columns: (table, column, what becomes of the text).
        options: of the export.
        also: tables without which nothing is written.
    """

    format: str
    columns: tuple[tuple[str, str, Callable[[str], str]], ...]
    options: tuple[tuple[str, Any], ...] = ()
    also: tuple[str, ...] = ()

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that have rows."""
        return (*dict.fromkeys(table for table, _, _ in self.columns), *self.also)


_CLINICAL = (
    ("patients", "family_name"),
    ("patients", "given_name"),
    ("patients", "city"),
    ("encounters", "reason_for_visit"),
    ("diagnoses", "description"),
    ("lab_results", "test_name"),
    ("lab_results", "value"),
    ("clinical_notes", "content"),
)
_TRIAL = (("adverse_events", "aeterm"), ("subjects", "discontinuation_reason"))
FORMATS = {
    "fhir": Carried("fhir", tuple((*place, _same) for place in _CLINICAL)),
    "fhir bundles": Carried("fhir", tuple((*place, _same) for place in _CLINICAL), (("bundle", "transaction"),)),
    "hl7v2": Carried("hl7v2", tuple((*place, _same) for place in _CLINICAL)),
    "ccda": Carried("ccda", tuple((*place, _xml) for place in _CLINICAL)),
    "sdtm": Carried("sdtm", tuple((*place, lambda text: ascii_of(one_line(text)).rstrip()) for place in _TRIAL)),
    "dataset-json": Carried("sdtm", tuple((*place, _same) for place in _TRIAL), (("files", "dataset-json"),)),
    "ncpdp": Carried(
        "ncpdp",
        (("rx_members", "family_name", _upper(15)), ("rx_members", "given_name", _upper(12))),
        also=("pharmacy_claims",),
    ),
}


def entities(people: People, tables: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The rows of some people in these tables; every text of theirs is hostile."""
    made: dict[str, list[dict[str, Any]]] = {}
    if "subjects" in tables:
        made["studies"] = [{"study_id": "S1", "protocol_number": "P-1"}]
    for n, texts in enumerate(people):
        of = {"patient_id": f"P{n}", "encounter_id": f"E{n}"}
        name = {"family_name": texts["family"], "given_name": texts["given"], "birth_date": "1980-04-22", "gender": "F"}
        rows: dict[str, dict[str, Any]] = {
            "patients": {"patient_id": f"P{n}", "mrn": f"M{n}", "city": texts["city"], **name},
            "encounters": {
                **of,
                "encounter_class": "outpatient",
                "start_datetime": "2024-02-29T10:00:00",
                "reason_for_visit": texts["reason"],
            },
            "diagnoses": {
                "diagnosis_id": f"D{n}",
                **of,
                "code": "E11.9",
                "code_system": "ICD-10-CM",
                "description": texts["description"],
            },
            "lab_results": {
                "lab_result_id": f"L{n}",
                **of,
                "loinc_code": "4548-4",
                "test_name": texts["test"],
                "value": texts["value"],
                "collected_datetime": "2024-02-29T10:05:00",
            },
            "clinical_notes": {
                "clinical_note_id": f"N{n}",
                **of,
                "note_type": "Progress note",
                "note_datetime": "2024-02-29T11:00:00",
                "content": texts["note"],
            },
            "subjects": {
                "subject_id": f"X{n}",
                "usubjid": f"P-1-{n:03}",
                "study_id": "S1",
                "discontinuation_reason": texts["cause"],
            },
            "adverse_events": {
                "adverse_event_id": f"AE{n}",
                "subject_id": f"X{n}",
                "usubjid": f"P-1-{n:03}",
                "aeterm": texts["term"],
                "aestdtc": "2025-01-02",
            },
            "rx_members": {"rx_member_id": f"R{n}", "cardholder_id": f"C{n}", "bin": "610014", **name},
            "pharmacy_claims": {
                "pharmacy_claim_id": f"F{n}",
                "rx_member_id": f"R{n}",
                "prescription_number": f"7{n}",
                "ndc": "00093101142",
                "service_date": "2025-03-05",
                "status": "paid",
                "drug_name": texts["drug"],
            },
        }
        for table, row in rows.items():
            if table in tables:
                made.setdefault(table, []).append(row)
    return made


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="healthsim-hostile-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def column(bench: Workbench, scenario: str, table: str, name: str) -> list[str]:
    """The values of a column, in the order of people."""
    order = {"adverse_events": "usubjid", "subjects": "usubjid", "rx_members": "cardholder_id"}.get(table, "patient_id")
    with scenario_tables(bench.database, scenario) as tables:
        found = tables.execute(f"SELECT {name} FROM {table} ORDER BY {order}").fetchall()
    return [value for (value,) in found]


@pytest.mark.long
@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(people=st.lists(st.fixed_dictionaries(dict.fromkeys(_COLUMNS, TEXTS)), min_size=PEOPLE, max_size=PEOPLE))
def test_hostile_text_comes_back(name: str, people: People) -> None:
    carried = FORMATS[name]
    with _folder() as folder:
        bench = Workbench.at(folder / "healthsim.duckdb")
        bench.save("sent", entities(people, carried.tables))
        target = folder / ("out.hl7" if carried.format == "hl7v2" else "out")
        bench.export(carried.format, "sent", target, **dict(carried.options))
        bench.import_(target, as_="back")
        for table, where, becomes in carried.columns:
            expected = [becomes(text) for text in column(bench, "sent", table, where)]
            assert column(bench, "back", table, where) == expected, f"{table}.{where}"
