"""Laboratory results and the orders behind them: they move with the conditions, and with their treatment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from healthsim.generation import columns as col
from healthsim.generation.codes import loinc, official_name
from healthsim.generation.compiled import Knowledge, fits
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.context import YEAR, Floats, Ints
from healthsim.generation.kernels.lab_values import measured
from healthsim.generation.kernels.roster import Roster
from healthsim.generation.kernels.timeline import Timeline
from healthsim.generation.kernels.treatment import Treatment
from healthsim.generation.laboratory import Lab, Routine, Test
from healthsim.generation.ordering import among, distinct, order_of
from healthsim.generation.packing import Packing

#: kinds of contacts at which tests of a condition that is not chronic are ordered, by the kind of the condition
_ORDERED_AT = {"pregnancy": (ev.PRENATAL,), "preventive": (ev.SERVICE,), "acute": (ev.EPISODE, ev.ADMISSION)}
#: days that a test which is due waits for the next contact; the share of the interval by which it may come later; assumptions
_WAITS, _PLAY = 300, 0.2
#: minutes from the beginning of a contact until blood is drawn, from then until there are results; assumptions
_DRAWN, _REPORTED = 10, 360


@dataclass(frozen=True)
class Tests:
    """Laboratory work, in the order of contacts: what was ordered, and the tests that are reported for it.

    Attributes:
        ordered_at, order: row of the contact, number of the order. event, lab: row of the contact, number of the test.
        answers: of each test the row of the order that it is reported for.
    """

    ordered_at: Ints
    order: Ints
    event: Ints
    lab: Ints
    answers: Ints


#: visits of a pregnancy that the figure of tests a year is spread over
_PRENATAL_VISITS = 6


def tests_done(timeline: Timeline) -> Tests:
    """What is ordered at which contacts; one panel or test is ordered once at a contact, and one test reported once."""
    knowledge = timeline.context.knowledge
    parts: list[tuple[Ints, int]] = []
    for number, condition in enumerate(knowledge.conditions):
        for lab in condition.labs:
            if not lab.per_year:
                continue
            if condition.kind == "chronic":
                label = f"{condition.condition}/{lab.loinc}"
                at = _monitored(timeline, label, knowledge.chronic_rows[number], lab.per_year)
                person, day = timeline.events.person.take(at), timeline.events.day.take(at)
                at = at[~timeline.journeys.replaces("labs", number, person, day)]
            else:
                at = _by_chance(timeline, number, lab)
            parts.append((at, knowledge.lab_order(lab)))
    parts += [*_routine(timeline), *timeline.journeys.orders()]
    ordered_at, order = _each_once(parts, len(timeline.events), len(knowledge.lab_orders))
    return Tests(ordered_at, order, *_reported(knowledge, ordered_at, order))


def _by_chance(timeline: Timeline, number: int, lab: Lab) -> Ints:
    """The contacts of a condition that is not chronic at which a test is ordered, so often a year of them."""
    events, condition = timeline.events, timeline.context.knowledge.conditions[number]
    at = timeline.of_cause[number]
    at = at[among(events.kind[at], _ORDERED_AT[condition.kind])]
    if condition.kind == "preventive":
        at = at[events.setting[at] == ev.WELLNESS]
    ids = timeline.people.number[events.person[at]]
    share = lab.per_year / _PRENATAL_VISITS if condition.kind == "pregnancy" else lab.per_year
    u = timeline.context.draws.uniform(f"{condition.condition}/{lab.loinc}", ids, events.key[at])
    ordered: Ints = at[u < share]
    return ordered


def _routine(timeline: Timeline) -> list[tuple[Ints, int]]:
    """(contacts, number of the order) of what is ordered whatever a contact is for; blood is drawn once for all of it."""
    context, people, events = timeline.context, timeline.people, timeline.events
    drawn: dict[Routine, Ints] = {}
    parts = []
    for number, order in enumerate(context.knowledge.lab_orders):
        for routine in order.routine:
            if routine not in drawn:
                at = np.flatnonzero(events.setting == ev.SETTINGS.index(routine.setting))
                person = events.person[at]
                u = context.draws.uniform(f"routine/{routine.setting}", people.number[person], events.key[at])
                whose = fits(routine.who, people.sex[person], people.age_at(person, events.day[at]))
                drawn[routine] = at[whose & (u < routine.share)]
            parts.append((drawn[routine], number))
    return parts


def _each_once(parts: list[tuple[Ints, int]], contacts: int, kinds: int) -> tuple[Ints, Ints]:
    """(contact, number of the order) for lists of contacts of one order each, in this order, without repetition."""
    if not kinds:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    orders = Packing("contact", order=(0, kinds))
    ordered = np.zeros(contacts * kinds, dtype=bool)
    for event, which in parts:
        ordered[orders.pack(event, order=which)] = True
    contact, order = orders.unpack(np.flatnonzero(ordered))
    return contact, order


def _reported(knowledge: Knowledge, ordered_at: Ints, order: Ints) -> tuple[Ints, Ints, Ints]:
    """(contact, number of the test, row of the order) of what is reported: all tests of a panel, each once at a contact."""
    tests = [np.array(what.tests, dtype=np.int64) for what in knowledge.lab_orders]
    if not len(order):
        return ordered_at, order, order
    sizes = np.array([len(numbers) for numbers in tests], dtype=np.int64)
    of, place = col.repeated(sizes[order])
    event, lab = ordered_at[of], np.concatenate(tests)[(np.cumsum(sizes) - sizes)[order[of]] + place]
    # few tests are both in a panel and ordered alone
    in_several = np.bincount(np.concatenate(tests), minlength=len(knowledge.labs)) > 1
    rows = np.flatnonzero(in_several[lab])
    at = Packing("contact", lab=(0, len(knowledge.labs))).pack(event[rows], lab=lab[rows])
    _, first = np.unique(at, return_index=True)
    again = np.ones(len(rows), dtype=bool)
    again[first] = False
    kept = np.ones(len(event), dtype=bool)
    kept[rows[again]] = False
    return event[kept], lab[kept], of[kept]


def _monitored(timeline: Timeline, label: str, row: int, per_year: float) -> Ints:
    """The contacts at which people with a chronic condition have a test, about so many a year.

    It is due at the diagnosis and at even intervals after it; of those who had the condition before the history, at even
    intervals of which one was under way when it began.
    """
    context, people, health = timeline.context, timeline.people, timeline.health
    who = np.flatnonzero(timeline.first[row] >= 0)
    ids, interval = people.number[who], YEAR / per_year
    new = health.onset[row, who] >= people.first[who]
    since = np.where(new, timeline.events.day[timeline.first[row, who]], people.first[who] - _WAITS)
    phase = np.where(new, 0, context.draws.uniform(label, ids))
    n = np.maximum(np.ceil((people.last[who] - since + 1) / interval - phase), 0).astype(np.int64)
    group, k = col.repeated(n)
    u = context.draws.uniform(label + "/day", ids[group], k)
    # the test at the diagnosis does not wait
    later = _PLAY * u * ~(new[group] & (k == 0))
    day = since[group] + ((k + phase[group] + later) * interval).astype(np.int64)
    at = timeline.attach(who[group], day, _WAITS)
    return at[at >= 0]


def make_results(roster: Roster, tests: Tests, treatment: Treatment) -> tuple[pa.Table, pa.Table]:
    """(lab results, orders): one row for each test that is reported, and for each panel or test that was ordered."""
    timeline, labs = roster.timeline, roster.timeline.context.knowledge.labs
    person = timeline.events.person[tests.event]
    orders = roster.numbered("ORD-", timeline.events.person[tests.ordered_at])
    value = np.empty(len(person))
    by_lab = np.split(order_of(tests.lab), np.cumsum(np.bincount(tests.lab, minlength=len(labs)))[:-1])
    known: dict[str, tuple[Ints, Floats]] = {}
    for lab, rows in zip(labs, by_lab, strict=True):
        value[rows] = measured(timeline, treatment, lab, tests.event.take(rows), known)
    low = np.array([np.nan if lab.reference_low is None else lab.reference_low for lab in labs])[tests.lab]
    high = np.array([np.nan if lab.reference_high is None else lab.reference_high for lab in labs])[tests.lab]
    flag = (value > high) * 2 + (value < low)
    taken = timeline.minutes(tests.event, _DRAWN)
    # results of the last day of life are there before its end
    last_minute = timeline.people.last[person] * 1_440 + 1_439
    resulted = np.minimum(taken + _REPORTED, np.maximum(taken, last_minute))
    results = pa.table(
        {
            "lab_result_id": roster.numbered("LAB-", person),
            "patient_id": roster.patient(person),
            "encounter_id": roster.encounter(tests.event),
            "test_name": col.coded(tests.lab, [lab.name for lab in labs]),
            "loinc_code": col.coded(tests.lab, [lab.loinc for lab in labs]),
            "value": _spelled(value, by_lab, labs),
            "value_numeric": col.numbers(value),
            "unit": col.coded(tests.lab, [lab.unit for lab in labs]),
            "reference_low": col.numbers(low, np.isnan(low)),
            "reference_high": col.numbers(high, np.isnan(high)),
            "abnormal_flag": col.coded(flag, ["N", "L", "H"]),
            "collected_datetime": col.instants(taken),
            "resulted_datetime": col.instants(resulted),
            "ordering_provider_id": roster.seen(tests.event),
            "order_id": col.picked(orders, tests.answers),
            "loinc_name": col.coded(tests.lab, [official_name("LOINC", lab.loinc) for lab in labs], gaps=True),
            "code_system": col.constant("LOINC", len(person)),
            "status": col.constant("final", len(person)),
            **_specimens(roster, tests),
        }
    )
    return results, _orders(roster, tests, orders)


class _Specimen(NamedTuple):
    """What is taken of a patient: its SNOMED CT code and term."""

    code: str
    term: str


_SPECIMENS = {
    "blood": _Specimen("119297000", "Blood specimen"),
    "serum": _Specimen("119364003", "Serum specimen"),
    "urine": _Specimen("122575003", "Urine specimen"),
}


def _specimens(roster: Roster, tests: Tests) -> dict[str, pa.Array]:
    """The specimen of each result: one of a kind is taken at a contact, and none for what is asked of patients."""
    timeline, labs, kinds = roster.timeline, roster.timeline.context.knowledge.labs, list(_SPECIMENS)
    examined = [loinc()[lab.loinc].specimen if lab.loinc in loinc() else "" for lab in labs]
    kind = np.array([kinds.index(name) if name in kinds else -1 for name in examined])[tests.lab]
    contact = col.numbered(timeline.people.ids("SPC-"), timeline.events.person, timeline.ordinal)
    letter = np.frombuffer(b"BSU ", dtype=np.uint8)[kind][:, None]
    ids = col.strings(col.texts(col.gathered(contact, tests.event), letter, rows=len(kind)), kind < 0)
    specimens = _SPECIMENS.values()
    return {
        "specimen_id": ids,
        "specimen_type": col.coded(kind, [specimen.term for specimen in specimens], gaps=True),
        "specimen_code": col.coded(kind, [specimen.code for specimen in specimens], gaps=True),
    }


def _orders(roster: Roster, tests: Tests, ids: pa.Array) -> pa.Table:
    """One row for each panel or test that was ordered."""
    timeline, at, knowledge = roster.timeline, tests.ordered_at, roster.timeline.context.knowledge
    what, reason = knowledge.lab_orders, timeline.written.take(at)
    person = timeline.events.person[at]
    return pa.table(
        {
            "order_id": ids,
            "patient_id": roster.patient(person),
            "encounter_id": roster.encounter(at),
            "order_type": col.constant("laboratory", len(at)),
            "code": col.coded(tests.order, [order.loinc for order in what]),
            "code_system": col.constant("LOINC", len(at)),
            "description": col.coded(tests.order, [order.name for order in what]),
            "priority": col.constant("routine", len(at)),
            "status": col.constant("completed", len(at)),
            "ordered_datetime": col.instants(timeline.minutes(at, 5)),
            "ordering_provider_id": roster.seen(at),
            "clinical_indication": col.coded(reason, knowledge.code_texts, gaps=True),
            "reason_code": col.coded(reason, knowledge.codes.values, gaps=True),
            "reason_code_system": col.coded(np.where(reason < 0, -1, 0), ["ICD-10-CM"], gaps=True),
        }
    )


def _spelled(value: Floats, by_lab: list[Ints], labs: list[Test]) -> pa.Array:
    """Results as text, each with the decimals of its test; few different ones, so each is spelled once."""
    code = np.empty(len(value), dtype=np.int64)
    # tests with the same decimals have the same texts
    place: dict[str, int] = {}
    for lab, rows in zip(labs, by_lab, strict=True):
        scale = 10**lab.decimals
        whole = np.round(value.take(rows) * scale).astype(np.int64)
        kinds, which = distinct(whole)
        texts = (f"{kind / scale:.{lab.decimals}f}" for kind in whole.take(kinds).tolist())
        code[rows] = np.array([place.setdefault(text, len(place)) for text in texts], dtype=np.int64).take(which)
    return col.coded(code, pa.array(place, pa.string()))
