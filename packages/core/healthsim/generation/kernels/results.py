"""Laboratory results and the orders behind them: they move with the conditions, and with their treatment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from healthsim.generation import columns as col
from healthsim.generation.compiled import Knowledge, fits
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.context import YEAR, Floats, Ints
from healthsim.generation.kernels.roster import Roster
from healthsim.generation.kernels.timeline import Timeline
from healthsim.generation.kernels.treatment import Treatment
from healthsim.generation.laboratory import Routine, Test, Values
from healthsim.generation.ordering import among, distinct, order_of

#: days until a treatment shows in results
TAKES_EFFECT = 60
#: share of the spread of a result that belongs to the person and comes again each time
OF_PERSON = 0.7


@dataclass(frozen=True)
class Tests:
    """Laboratory work, in the order of contacts: what was ordered, and the tests that are reported for it.

    Attributes:
        ordered_at, order: row of the contact, number of the order. event, lab: row of the contact, number of the test.
    """

    ordered_at: Ints
    order: Ints
    event: Ints
    lab: Ints


def tests_done(timeline: Timeline) -> Tests:
    """What is ordered at which contacts; one panel or test is ordered once at a contact, and one test reported once."""
    context, people, events = timeline.context, timeline.people, timeline.events
    parts: list[tuple[Ints, int]] = []
    place = context.knowledge.chronic_rows
    for number, condition in enumerate(context.knowledge.conditions):
        for lab in condition.labs:
            label = f"{condition.condition}/{lab.loinc}"
            if not lab.per_year:
                continue
            if number in place:
                at = _monitored(timeline, label, place[number], lab.per_year)
            else:
                kinds = {"pregnancy": (ev.PRENATAL,), "preventive": (ev.SERVICE,)}.get(
                    condition.kind, (ev.EPISODE, ev.ADMISSION))  # fmt: skip
                at = timeline.of_cause[number]
                at = at[among(events.kind[at], kinds)]
                if condition.kind == "preventive":
                    at = at[events.setting[at] == ev.WELLNESS]
                ids = people.number[events.person[at]]
                share = lab.per_year / 6 if condition.kind == "pregnancy" else lab.per_year
                at = at[context.draws.uniform(label, ids, events.key[at]) < share]
            parts.append((at, context.knowledge.lab_order(lab)))
    parts += _routine(timeline)
    ordered_at, order = _each_once(parts, len(events), len(context.knowledge.lab_orders))
    return Tests(ordered_at, order, *_reported(context.knowledge, ordered_at, order))


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
    ordered = np.zeros(contacts * kinds, dtype=bool)
    for event, which in parts:
        ordered[event * kinds + which] = True
    contact, order = np.divmod(np.flatnonzero(ordered), kinds)
    return contact, order


def _reported(knowledge: Knowledge, ordered_at: Ints, order: Ints) -> tuple[Ints, Ints]:
    """(contact, number of the test) of what is reported for orders: all tests of a panel, each once at a contact."""
    tests = [np.array(one.tests, dtype=np.int64) for one in knowledge.lab_orders]
    if not len(order):
        return ordered_at, order
    sizes = np.array([len(one) for one in tests], dtype=np.int64)
    of, place = col.repeated(sizes[order])
    event, lab = ordered_at[of], np.concatenate(tests)[(np.cumsum(sizes) - sizes)[order[of]] + place]
    # few tests are both in a panel and ordered alone
    in_several = np.bincount(np.concatenate(tests), minlength=len(knowledge.labs)) > 1
    rows = np.flatnonzero(in_several[lab])
    _, first = np.unique(event[rows] * len(knowledge.labs) + lab[rows], return_index=True)
    again = np.ones(len(rows), dtype=bool)
    again[first] = False
    kept = np.ones(len(event), dtype=bool)
    kept[rows[again]] = False
    return event[kept], lab[kept]


def _monitored(timeline: Timeline, label: str, row: int, per_year: float) -> Ints:
    """The contacts at which people with a chronic condition have a test, about so many a year."""
    context, people = timeline.context, timeline.people
    who = np.flatnonzero(timeline.first[row] >= 0)
    since = timeline.events.day[timeline.first[row, who]]
    years = np.maximum(people.last[who] - since + 1, 0) / YEAR
    n = (per_year * years + context.draws.uniform(label, people.number[who])).astype(np.int64)
    group, k = col.repeated(n)
    u = context.draws.uniform(label + "/day", people.number[who[group]], k)
    day = since[group] + ((k + 0.2 * u) / np.maximum(n[group], 1) * years[group] * YEAR).astype(np.int64)
    at = timeline.attach(who[group], day, 300)
    return at[at >= 0]


def make_results(roster: Roster, tests: Tests, treatment: Treatment) -> tuple[pa.Table, pa.Table]:
    """(lab results, orders): one row for each test that is reported, and for each panel or test that was ordered."""
    timeline = roster.timeline
    context, events = timeline.context, timeline.events
    labs = context.knowledge.labs
    person = events.person[tests.event]
    value = np.empty(len(person))
    by_lab = np.split(order_of(tests.lab), np.cumsum(np.bincount(tests.lab, minlength=len(labs)))[:-1])
    known: dict[str, tuple[Ints, Floats]] = {}
    for lab, rows in zip(labs, by_lab, strict=True):
        value[rows] = _measured(timeline, treatment, lab, tests.event.take(rows), known)
    low = np.array([np.nan if lab.reference_low is None else lab.reference_low for lab in labs])[tests.lab]
    high = np.array([np.nan if lab.reference_high is None else lab.reference_high for lab in labs])[tests.lab]
    flag = (value > high) * 2 + (value < low)
    taken = timeline.minutes(tests.event, 10)
    # results of the last day of life are there before its end
    resulted = np.minimum(taken + 360, np.maximum(taken, timeline.people.last[person] * 1_440 + 1_439))
    results = pa.table({
        "lab_result_id": roster.numbered("LAB-", person), "patient_id": roster.patient(person),
        "encounter_id": roster.encounter(tests.event), "test_name": col.coded(tests.lab, [lab.name for lab in labs]),
        "loinc_code": col.coded(tests.lab, [lab.loinc for lab in labs]), "value": _spelled(value, by_lab, labs),
        "value_numeric": col.numbers(value), "unit": col.coded(tests.lab, [lab.unit for lab in labs]),
        "reference_low": col.numbers(low, np.isnan(low)), "reference_high": col.numbers(high, np.isnan(high)),
        "abnormal_flag": col.coded(flag, ["N", "L", "H"]), "collected_datetime": col.instants(taken),
        "resulted_datetime": col.instants(resulted), "ordering_provider_id": roster.seen(tests.event),
    })  # fmt: skip
    at, what = tests.ordered_at, context.knowledge.lab_orders
    orderer = events.person[at]
    orders = pa.table({
        "order_id": roster.numbered("ORD-", orderer), "patient_id": roster.patient(orderer),
        "encounter_id": roster.encounter(at), "order_type": col.constant("laboratory", len(at)),
        "code": col.coded(tests.order, [one.loinc for one in what]), "code_system": col.constant("LOINC", len(at)),
        "description": col.coded(tests.order, [one.name for one in what]), "priority": col.constant("routine", len(at)),
        "status": col.constant("completed", len(at)), "ordered_datetime": col.instants(timeline.minutes(at, 5)),
        "ordering_provider_id": roster.seen(at),
    })  # fmt: skip
    return results, orders


def _measured(
    timeline: Timeline, treatment: Treatment, lab: Test, event: Ints, known: dict[str, tuple[Ints, Floats]]
) -> Floats:
    """Results of one test at contacts, as reported; those of a calculated one follow from the others.

    Args:
        known: the contacts and results of the tests that have been worked out, by LOINC code.
    """
    at, result = known.get(lab.loinc, (None, event))
    if at is None or not np.array_equal(at, event):
        value = _values(timeline, treatment, lab, event)
        for loinc, factor in lab.calculated.items():
            value = value + factor * _measured(
                timeline, treatment, timeline.context.knowledge.lab_of(loinc), event, known
            )
        result = np.round(value, lab.decimals)
        known[lab.loinc] = event, result
    return result


def _values(timeline: Timeline, treatment: Treatment, lab: Test, event: Ints) -> Floats:
    """Results of one test: what people in general have, or what those with a condition have, under control or not."""
    context, people, health = timeline.context, timeline.people, timeline.health
    draws = context.draws
    person, day = timeline.events.person.take(event), timeline.events.day.take(event)
    ids = people.number.take(person)
    of_person = draws.normal("lab/" + lab.loinc, ids)
    this_time = draws.normal("lab/" + lab.loinc + "/time", ids, timeline.events.key.take(event))
    spread = OF_PERSON * of_person + np.sqrt(1 - OF_PERSON**2) * this_time
    values, which, shift = [lab.normal], np.zeros(len(event), dtype=np.int64), np.zeros(len(event))

    def take(rows: Ints, those: Values) -> None:
        """The values that are farthest from the normal ones count."""
        apart = abs(those.mean - lab.normal.mean)
        far = rows.compress(apart >= shift.take(rows))
        shift[far], which[far] = apart, len(values)
        values.append(those)

    for row, number in enumerate(context.knowledge.chronic):
        condition = context.knowledge.conditions[number]
        for own in condition.labs:
            if own.loinc != lab.loinc or not (own.uncontrolled or own.controlled or own.stages or own.undiagnosed):
                continue
            if own.undiagnosed:
                old = people.age_at(person, day) >= own.undiagnosed.min_age
                well = np.flatnonzero(old & ~health.has[row].take(person))
                u = draws.uniform(condition.condition + "/undiagnosed", ids.take(well))
                take(well.compress(u < own.undiagnosed.share), own.undiagnosed.values)
            ill = np.flatnonzero(health.onset[row].take(person) <= day)
            patient = person.take(ill)
            since = treatment.treated[row].take(patient)
            in_effect = (since > 0) & (day.take(ill) >= since + TAKES_EFFECT)
            treated, untreated = health.controlled_if_treated[row], health.controlled_if_not[row]
            good = np.where(in_effect, treated.take(patient), untreated.take(patient))
            if own.uncontrolled:
                take(ill.compress(~good), own.uncontrolled)
            if own.controlled:
                take(ill.compress(good), own.controlled)
            for number_of_stage, stage in enumerate(condition.stages or ()):
                if stage.name in own.stages:
                    take(ill.compress(health.stage[row].take(patient) == number_of_stage), own.stages[stage.name])
    for number, condition in enumerate(context.knowledge.conditions):
        if condition.kind == "chronic":
            continue
        for own in condition.labs:
            usual = own.uncontrolled or own.controlled
            if own.loinc == lab.loinc and usual is not None:
                take(np.flatnonzero(timeline.events.cause.take(event) == number), usual)
    mean, sd, low, high = (
        np.array(one).take(which) for one in zip(*((v.mean, v.sd, v.low, v.high) for v in values), strict=True)
    )
    result: Floats = np.clip(mean + sd * spread, low, high)
    return result


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
