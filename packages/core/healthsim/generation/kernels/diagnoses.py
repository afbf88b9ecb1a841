"""Diagnoses: what is taken down at each contact, with its rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from healthsim.generation import columns as col
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.context import Bools, Ints
from healthsim.generation.kernels.roster import Roster
from healthsim.generation.kernels.timeline import Timeline
from healthsim.generation.ordering import order_of
from healthsim.generation.validity import ICD10CM

#: chance that a chronic condition is coded besides the one that a contact is for, by kind of contact: assumptions, such that
#: nearly all are on the bill of a stay, as coding for payment makes it
_ALSO_CODED = {
    ev.FOLLOW_UP: 0.45,
    ev.VISIT: 0.15,
    ev.EPISODE: 0.15,
    ev.ADMISSION: 0.85,
    ev.READMISSION: 0.85,
    ev.TERMINAL: 0.85,
    ev.DELIVERY: 0.6,
}
#: likewise at emergency departments, whatever the kind; an assumption
ALSO_IN_EMERGENCY = 0.25
#: days after which what is not chronic is over; an assumption
_OVER_AFTER = 90
#: the order of the diagnoses of a contact: these, then the chronic conditions by number
PRINCIPAL, OUTCOME = -2, -1


@dataclass(frozen=True)
class Coded:
    """Diagnoses in the order of contacts: row of the contact, number of the code, whether principal, place, since when.

    ``code`` is that of the knowledge, ``written`` what was used on the day.
    """

    event: Ints
    code: Ints
    written: Ints
    principal: np.ndarray
    sequence: Ints
    onset: Ints


#: how a diagnosis of a contact comes in: (rows of contacts, codes, ranks, days of onset)
_Part = tuple[Ints, Ints, Ints, Ints]


def code_contacts(timeline: Timeline) -> Coded:
    """What is taken down at each contact: its cause, and chronic conditions besides; each of these at least once."""
    parts = [_principal(timeline), *_outcomes(timeline), *_besides(timeline)]
    event, code, rank, onset = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = order_of(event, rank)
    event, code = event.take(order), code.take(order)
    once = _first_of_each(event, code)
    event, code, order = event.compress(once), code.compress(once), order.compress(once)
    written = timeline.context.knowledge.on(ICD10CM, code, timeline.coded_on.take(event))
    if (written < 0).any():
        there = written >= 0
        event, code, order, written = (part.compress(there) for part in (event, code, order, written))
    birth = timeline.people.birth.take(timeline.events.person.take(event))
    since = np.maximum(onset.take(order), birth)
    return Coded(event, code, written, rank.take(order) == PRINCIPAL, col.runs(event)[0], since)


def _first_of_each(event: Ints, code: Ints) -> Bools:
    """One code is taken down once per contact: the rows that are the first of their code there."""
    order = order_of(event, code)
    event, code = event.take(order), code.take(order)
    once = np.ones(len(event), dtype=bool)
    once[order[1:]] = (event[1:] != event[:-1]) | (code[1:] != code[:-1])
    return once


def _principal(timeline: Timeline) -> _Part:
    """The cause of each contact; a chronic one has been there since its onset."""
    events, knowledge, health = timeline.events, timeline.context.knowledge, timeline.health
    rows = np.flatnonzero(timeline.code >= 0)
    row_of = np.full(len(knowledge.conditions) + 1, -1)
    row_of[list(knowledge.chronic)] = np.arange(len(knowledge.chronic))
    cause, since = row_of[events.cause.take(rows)], events.day.take(rows)
    chronic = np.flatnonzero(cause >= 0)
    onset = health.onset[cause.take(chronic), events.person.take(rows.take(chronic))]
    since[chronic] = np.minimum(onset, since.take(chronic))
    return rows, timeline.code.take(rows), np.full(len(rows), PRINCIPAL), since


def _outcomes(timeline: Timeline) -> Iterator[_Part]:
    """How deliveries ended."""
    events, context = timeline.events, timeline.context
    for number, condition in enumerate(context.knowledge.conditions):
        if condition.outcome is None:
            continue
        at = timeline.of_cause[number]
        at = at[events.kind[at] == ev.DELIVERY]
        ids = timeline.people.number[events.person[at]]
        u = context.draws.uniform(condition.condition + "/outcome", ids, events.key[at])
        code = context.knowledge.weighted(condition.outcome).pick(u)
        yield at, code, np.full(len(at), OUTCOME), events.day[at]


def _besides(timeline: Timeline) -> Iterator[_Part]:
    """Chronic conditions besides the cause, by chance, and at the first contact on or after the onset for certain."""
    events, health, context = timeline.events, timeline.health, timeline.context
    chance = np.array([_ALSO_CODED.get(kind, 0.0) for kind in range(ev.KINDS)]).take(events.kind)
    chance[events.setting == ev.EMERGENCY] = ALSO_IN_EMERGENCY
    likely = np.flatnonzero((chance > 0) & (health.count > 0).take(events.person))
    patient = events.person.take(likely)
    for row, number in enumerate(context.knowledge.chronic):
        can = likely.compress(health.has[row].take(patient))
        person = events.person.take(can)
        begun = (health.onset[row].take(person) <= events.day.take(can)) & (events.cause.take(can) != number)
        can, person = can.compress(begun), person.compress(begun)
        label = context.knowledge.conditions[number].condition + "/also"
        u = context.draws.uniform(label, timeline.people.number.take(person), events.key.take(can))
        # where both give the same contact, one of them is left out later
        rows = np.concatenate(
            [can.compress(u < chance.take(can)), timeline.first[row].compress(timeline.first[row] >= 0)]
        )
        person = events.person.take(rows)
        yield rows, timeline.chronic[row].take(person), np.full(len(rows), row), health.onset[row].take(person)


def make_diagnoses(roster: Roster, coded: Coded) -> pa.Table:
    """One row for each diagnosis of each contact."""
    timeline, events = roster.timeline, roster.timeline.events
    knowledge, n = timeline.context.knowledge, len(coded.event)
    person = events.person.take(coded.event)
    stay = (events.setting == ev.INPATIENT).take(coded.event)
    return pa.table(
        {
            "diagnosis_id": roster.numbered("DX-", person),
            "patient_id": roster.patient(person),
            "encounter_id": roster.encounter(coded.event),
            "code": col.coded(coded.written, knowledge.codes.values),
            "code_system": col.constant("ICD-10-CM", n),
            "description": col.coded(coded.written, knowledge.code_texts),
            "diagnosis_type": col.coded(~coded.principal, ["principal", "secondary"]),
            "sequence_number": col.whole(coded.sequence + 1),
            "present_on_admission": col.coded(np.where(stay, 0, -1), ["Y"], gaps=True),
            "diagnosed_date": col.days(events.day.astype(np.int32).take(coded.event)),
            "onset_date": col.days(coded.onset),
            "category": col.constant("encounter-diagnosis", n),
            "verification_status": col.constant("confirmed", n),
            **_on_problem_list(timeline, coded, person),
        }
    )


def _on_problem_list(timeline: Timeline, coded: Coded, person: Ints) -> dict[str, pa.Array]:
    """What goes on the problem list, and what goes on at all.

    A chronic condition goes on for good, and is on the list from the first time that it is taken down; others are over after
    some weeks.
    """
    knowledge, events = timeline.context.knowledge, timeline.events
    row_of = np.full(len(knowledge.codes.values), -1)
    for place, number in enumerate(knowledge.chronic):
        stages = knowledge.conditions[number].stages or ()
        row_of[[knowledge.code(code) for stage in stages for code in stage.codes]] = place
    row = row_of.take(coded.code)
    chronic = np.flatnonzero(row >= 0)
    chronic = chronic[timeline.chronic[row.take(chronic), person.take(chronic)] == coded.code.take(chronic)]
    first = np.full(len(knowledge.chronic) * len(timeline.people), -1)
    # contacts are in the order of time; what is written last is the first of them
    first[row.take(chronic[::-1]) * len(timeline.people) + person.take(chronic[::-1])] = chronic[::-1]
    listed = np.zeros(len(coded.event), dtype=bool)
    listed[first[first >= 0]] = True
    over = timeline.context.end - events.day.take(coded.event) > _OVER_AFTER
    over[chronic] = False
    return {
        "on_problem_list": col.flags(listed),
        "clinical_status": col.coded(over.astype(np.int64), ["active", "resolved"]),
    }
