"""The seam of importers: documents stay as they came, rows are put together, and a second import changes nothing."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from healthsim.exchange.reading import Reading
from healthsim.state.json.header import Header
from healthsim.state.manager import StateManager
from healthsim.state.save import Documents, Saved, save


@contextmanager
def reading(state: StateManager, name: str = "s", mode: str = "create", zone: str = "UTC") -> Iterator[Reading]:
    """A reading that is saved when the block ends."""
    with state.intake() as intake:
        opened = Reading(intake, ZoneInfo(zone), "test", "fhir")
        yield opened
        save(state.database, name, mode, Documents(intake, Header(format="fhir")))


def rows(state: StateManager, sql: str) -> list[tuple[Any, ...]]:
    with state.database.read() as connection:
        return connection.execute(sql).fetchall()


def everything(state: StateManager) -> list[list[tuple[Any, ...]]]:
    tables = ("patients", "encounters", "claims", "claim_lines", "diagnoses", "scenario_documents")
    return [rows(state, f"SELECT * FROM {table} ORDER BY ALL") for table in tables]


CLAIM = json.dumps({"kind": "837P", "text": "CLM*1"})
PAYMENT = json.dumps({"kind": "835", "text": "CLP*1"})


def claim_and_payment(target: Reading) -> None:
    target.keep(
        "x12_transaction",
        CLAIM,
        derived=[
            ("claim", {"claim_id": "C1", "total_charge": "100", "status": "pended"}),
            ("claim_lines", {"claim_line_id": "C1-1", "claim_id": "C1", "charge_amount": 100}),
        ],
    )
    target.keep(
        "x12_transaction",
        PAYMENT,
        derived=[
            ("claim", {"claim_id": "C1", "total_paid": "80", "status": "paid"}),
            ("claim_lines", {"claim_line_id": "C1-1", "paid_amount": "80.00"}),
        ],
    )


def test_a_document_is_kept_as_it_came_beside_the_row_that_it_means(state: StateManager) -> None:
    text = '{"resourceType":"Patient", "id":"p1","birthDate" : "1980"}'
    with reading(state) as target:
        target.add("patients", text, {"patient_id": "p1", "birth_date": "1980-01-01", "gender": "female"})
    assert rows(state, "SELECT patient_id, birth_date, gender FROM patients") == [("p1", dt.date(1980, 1, 1), "F")]
    assert rows(state, "SELECT entity_type, entity_id, document::VARCHAR FROM scenario_documents") == [
        ("patient", "p1", text)
    ]


def test_what_several_documents_say_of_an_entity_becomes_one_row(state: StateManager) -> None:
    with reading(state) as target:
        claim_and_payment(target)
    assert rows(state, "SELECT claim_id, total_charge::VARCHAR, total_paid::VARCHAR, status FROM claims") == [
        ("C1", "100.00", "80.00", "paid")
    ]
    assert rows(state, "SELECT claim_id, charge_amount::VARCHAR, paid_amount::VARCHAR FROM claim_lines") == [
        ("C1", "100.00", "80.00")
    ]
    assert state.get("s").entities_by_type == {"x12_transaction": 2}


def test_a_second_import_changes_nothing(state: StateManager) -> None:
    with reading(state) as target:
        claim_and_payment(target)
        target.add("patients", '{"id":"p1"}', {"patient_id": "p1"})
    before = everything(state)
    with reading(state, mode="merge") as target:
        target.keep("x12_transaction", CLAIM, derived=[("claim", {"claim_id": "C1", "status": "pended"})])
        target.add("patients", '{"id":"p1"}', {"patient_id": "p1"})
    assert everything(state) == before


def test_what_comes_later_is_put_together_with_what_is_there(state: StateManager) -> None:
    with reading(state) as target:
        target.keep("message", '{"n":1}', entity_id="m1", derived=[("patient", {"patient_id": "p1", "city": "Erfurt"})])
    with reading(state, mode="merge") as target:
        target.keep("message", '{"n":2}', entity_id="m2", derived=[("patient", {"patient_id": "p1", "phone": "1"})])
        target.keep("message", '{"n":3}', entity_id="m1", derived=[("patient", {"patient_id": "p1", "phone": "2"})])
    assert rows(state, "SELECT city, phone FROM patients") == [("Erfurt", "2")]


def test_the_lines_of_a_changed_document_go_with_its_old_text(state: StateManager) -> None:
    lines = [("claim_line", {"claim_line_id": f"L{n}", "claim_id": "C1", "units": n}) for n in (1, 2)]
    with reading(state) as target:
        target.add("claims", '{"v":1}', {"claim_id": "C1"}, derived=lines)
    with reading(state, mode="merge") as target:
        target.add("claims", '{"v":2}', {"claim_id": "C1"}, derived=lines[:1])
    assert rows(state, "SELECT claim_line_id, part_of FROM claim_lines") == [("L1", "claim/C1")]


def test_of_two_documents_with_one_id_the_later_one_holds_and_that_is_said(state: StateManager) -> None:
    with state.intake() as intake:
        target = Reading(intake, format="fhir")
        for city in ("Rome", "Oslo"):
            target.add("patients", json.dumps({"city": city}), {"patient_id": "p1", "city": city})
        saved: Saved = save(state.database, "s", "create", Documents(intake, Header(format="fhir")))
    assert rows(state, "SELECT city FROM patients") == [("Oslo",)]
    assert saved.dropped_by_type == {"patients": 1}


def test_a_document_that_comes_twice_without_an_id_is_there_twice(state: StateManager) -> None:
    for mode in ("create", "merge"):
        with reading(state, mode=mode) as target:
            for _ in range(2):
                target.keep("goal", '{"text":"walk"}', derived=[("diagnosis", {"code": "E11.9"})])
        assert rows(state, "SELECT count(*), count(DISTINCT entity_id) FROM scenario_documents") == [(2, 2)]
        assert rows(state, "SELECT count(*), count(DISTINCT part_of) FROM diagnoses") == [(2, 2)]


def test_values_that_cannot_be_read_are_oddities_and_the_column_stays_empty(state: StateManager) -> None:
    with reading(state) as target:
        for number, date in enumerate(["1980-02-30", "soon", "1980-03-01"]):
            target.line = 10 + number
            target.add("patients", json.dumps({"n": number}), {"patient_id": f"p{number}", "birth_date": date})
        (oddity,) = target.tally.oddities.values()
    assert (oddity.line, oddity.count, oddity.example) == (10, 2, "1980-02-30")
    assert oddity.what.startswith("patients.birth_date: a value that cannot be read as a date")
    assert rows(state, "SELECT count(*), count(birth_date) FROM patients") == [(3, 1)]


def test_a_column_that_the_model_does_not_have_is_a_mistake_of_the_reader(state: StateManager) -> None:
    with state.intake() as intake, pytest.raises(KeyError, match="colour"):
        Reading(intake).add("patients", "{}", {"colour": "red"})


def test_times_without_a_zone_are_of_the_zone_of_the_import(state: StateManager) -> None:
    with state.intake() as intake:
        target = Reading(intake, ZoneInfo("America/Chicago"))
        assert target.utc(dt.datetime(2024, 7, 1, 8)) == dt.datetime(2024, 7, 1, 13)
        assert target.utc(dt.datetime.fromisoformat("2024-07-01T08:00:00+02:00")) == dt.datetime(2024, 7, 1, 6)
        assert [oddity.count for oddity in target.tally.oddities.values()] == [1]


def test_what_the_own_document_of_an_entity_leaves_out_others_may_say(state: StateManager) -> None:
    with reading(state) as target:
        target.keep("observation", "{}", derived=[("patient", {"patient_id": "p1", "city": "Oslo", "phone": "1"})])
        target.add("patients", '{"city": "Rome"}', {"patient_id": "p1", "city": "Rome"})
        target.keep("observation", '{"n":2}', derived=[("patient", {"patient_id": "p1", "phone": "2"})])
    assert rows(state, "SELECT city, phone, part_of FROM patients") == [("Rome", "2", None)]


def billed(target: Reading, **columns: Any) -> None:
    target.add("claims", json.dumps(columns), {"claim_id": "C1", **columns})


def explained(target: Reading, **columns: Any) -> None:
    target.keep("explanation", json.dumps(columns), entity_id="x1", derived=[("claim", {"claim_id": "C1", **columns})])


ANSWERED = "SELECT drg_code, status, total_paid::VARCHAR, part_of FROM claims"


def test_a_document_that_comes_again_without_its_neighbours_takes_nothing_of_theirs_along(state: StateManager) -> None:
    with reading(state) as target:
        billed(target, drg_code="1", status="pended")
        explained(target, status="paid", total_paid="80.00", bill_type="111")
    for drg_code in ("2", "3"):
        with reading(state, mode="merge") as target:
            billed(target, drg_code=drg_code)
        # what the document itself said and does not say any more is not its neighbours'
        assert rows(state, ANSWERED) == [(drg_code, None, "80.00", None)]
    with reading(state, mode="merge") as target:
        billed(target, drg_code="4", total_paid="90.00")
    with reading(state, mode="merge") as target:
        billed(target, drg_code="5")
    assert rows(state, "SELECT drg_code, total_paid::VARCHAR, bill_type FROM claims") == [("5", None, "111")]


def test_what_others_say_later_of_an_entity_with_a_document_is_added(state: StateManager) -> None:
    with reading(state) as target:
        billed(target, drg_code="1")
    for paid in ("80.00", "70.00"):
        with reading(state, mode="merge") as target:
            explained(target, drg_code="9", total_paid=paid)
        assert rows(state, ANSWERED) == [("1", None, paid, None)]
    with reading(state, mode="merge") as target:
        billed(target, drg_code="2")
    assert rows(state, ANSWERED) == [("2", None, "70.00", None)]
    before = everything(state)
    with reading(state, mode="merge") as target:
        billed(target, drg_code="2")
        explained(target, drg_code="9", total_paid="70.00")
    assert everything(state) == before


def test_a_payment_after_a_claim_and_an_update_after_an_admission_take_nothing_away(state: StateManager) -> None:
    with reading(state) as target:
        target.keep(
            "message", '{"n":1}', derived=[("claim", {"claim_id": "C1", "total_charge": "100.00", "status": "pended"})]
        )
    for text in ('{"n":2}', '{"n":3}'):
        with reading(state, mode="merge") as target:
            target.keep(
                "message", text, derived=[("claim", {"claim_id": "C1", "total_paid": "80.00", "status": "paid"})]
            )
        said = rows(state, "SELECT total_charge::VARCHAR, total_paid::VARCHAR, status FROM claims")
        assert said == [("100.00", "80.00", "paid")]


# -- what becomes of such documents elsewhere ------------------------------------------------------------------


PATIENT = '{"resourceType":"Patient","id":"p1","name":[{"family":"Birch"}],"birthDate":"1980"}'
VISIT = '{"resourceType":"Encounter","id":"e1","status":"finished","subject":{"reference":"Patient/p1"}}'
GOAL = '{"resourceType":"Goal","id":"g1","encounter":{"reference":"Encounter/e1"},"patients":[{"id":"not one"}]}'


def a_bit_of_everything(target: Reading) -> None:
    target.add("patients", PATIENT, {"patient_id": "p1", "family_name": "Birch", "birth_date": "1980-01-01"})
    target.add(
        "encounters", VISIT, {"encounter_id": "e1", "patient_id": "p1", "start_datetime": "2024-01-02T03:04:05Z"}
    )
    target.keep("goal", GOAL, json.loads(GOAL))
    claim_and_payment(target)


def typed(state: StateManager, name: str) -> list[list[tuple[Any, ...]]]:
    """The typed rows of a scenario, without what differs from one write to the next."""
    here = f"scenario_id = '{state.get(name).scenario_id}'"
    left_out = "scenario_id, saved_at, created_at"
    return [
        rows(state, f"SELECT * EXCLUDE ({left_out}) FROM {table} WHERE {here} ORDER BY ALL")
        for table in ("patients", "encounters", "claims", "claim_lines")
    ]


@pytest.mark.parametrize("format", ["share", "workspace"])
@pytest.mark.long
def test_our_own_files_carry_the_rows_of_documents_of_other_formats(state: StateManager, format: str) -> None:
    with reading(state) as target:
        a_bit_of_everything(target)
    stream = io.BytesIO()
    state.export("s", stream, format=format)
    for mode in ("create", "merge"):
        saved = state.import_stream(io.BytesIO(stream.getvalue()), name="again", mode=mode)
        assert typed(state, "again") == typed(state, "s")
        assert saved.entities_by_type == state.get("s").entities_by_type
        assert state.load("again")["entities"] == state.load("s")["entities"]
    second = io.BytesIO()
    state.export("again", second, format=format)
    assert json.loads(second.getvalue())["entities"] == json.loads(stream.getvalue())["entities"]


def test_a_clone_takes_the_rows_along_and_references_lead_to_the_copies(state: StateManager) -> None:
    with reading(state) as target:
        a_bit_of_everything(target)
    saved = state.clone("s", "copy")
    assert saved.entities_by_type == state.get("s").entities_by_type
    here = f"scenario_id = '{saved.scenario_id}'"
    ((patient, birth_date),) = rows(state, f"SELECT patient_id, birth_date FROM patients WHERE {here}")
    assert (patient != "p1", birth_date) == (True, dt.date(1980, 1, 1))
    assert rows(state, f"SELECT patient_id FROM encounters WHERE {here}") == [(patient,)]
    assert rows(state, f"SELECT total_charge::VARCHAR, total_paid::VARCHAR, status FROM claims WHERE {here}") == [
        ("100.00", "80.00", "paid")
    ]
    entities = state.load("copy")["entities"]
    assert entities["patients"][0]["id"] == patient
    assert entities["encounters"][0]["subject"] == {"reference": f"Patient/{patient}"}
