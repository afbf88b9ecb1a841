"""Clinical rows: encounters, diagnoses, procedures and notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from healthsim.generation import columns as col
from healthsim.generation.compiled import fits
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.context import Bools, Context, Ints
from healthsim.generation.kernels.people import People
from healthsim.generation.kernels.roster import Roster
from healthsim.generation.kernels.timeline import Timeline
from healthsim.generation.ordering import among, distinct, order_of
from healthsim.generation.places import AGES

CLASSES = ("outpatient", "outpatient", "virtual", "outpatient", "outpatient", "emergency", "inpatient", "home")
TYPES = ("Office visit", "Specialist visit", "Virtual visit", "Wellness visit", "Outpatient procedure",
         "Emergency department visit", "Hospital stay", "Home visit")  # fmt: skip
#: chance that a chronic condition is coded besides the one that a contact is for, by kind of contact
_ALSO_CODED = {
    ev.FOLLOW_UP: 0.45, ev.VISIT: 0.15, ev.EPISODE: 0.15, ev.ADMISSION: 0.85, ev.READMISSION: 0.85, ev.TERMINAL: 0.85,
    ev.DELIVERY: 0.6,
}  # fmt: skip


#: the order of the diagnoses of a contact: these, then the chronic conditions by number
PRINCIPAL, OUTCOME = -2, -1


def make_encounters(roster: Roster) -> pa.Table:
    """One row for each contact."""
    timeline, events = roster.timeline, roster.timeline.events
    knowledge, n = timeline.context.knowledge, len(events)
    causes = [condition.name for condition in knowledge.conditions]
    is_stay = events.setting == ev.INPATIENT
    disposition = np.where(events.setting == ev.EMERGENCY, 0, -1)
    stays = np.flatnonzero(is_stay)
    person = events.person[stays]
    rest = timeline.context.draws.uniform("discharge", timeline.people.number[person], events.key[stays])
    old = timeline.people.age[person] >= 65
    home = np.where(old & (rest < 0.2), 2, np.where(rest > 0.9, 3, 0))
    disposition[stays] = np.where(events.expired[stays], 1, home)
    return pa.table({
        "encounter_id": roster.encounters, "patient_id": roster.patient(events.person),
        "facility_id": col.coded(roster.taken_place_at, roster.facility_ids, gaps=True),
        "encounter_class": col.coded(events.setting, CLASSES), "encounter_type": col.coded(events.setting, TYPES),
        "status": col.constant("finished", n),
        "start_datetime": col.instants(timeline.begins), "end_datetime": col.instants(timeline.ends),
        "reason_for_visit": _reason(timeline, causes), "admitting_diagnosis": col.coded(
            np.where(is_stay, timeline.code, -1), knowledge.codes.values, gaps=True),
        "discharge_disposition_code": col.coded(disposition, ["01", "20", "03", "06"], gaps=True),
        "discharge_disposition": col.coded(
            disposition, ["Home", "Expired", "Skilled nursing facility", "Home with home health care"], gaps=True),
        "drg_code": col.coded(np.where(is_stay, events.drg, -1), knowledge.drgs.values, gaps=True),
        "attending_provider_id": col.coded(roster.seen_by, roster.provider_ids),
    })  # fmt: skip


def _reason(timeline: Timeline, causes: list[str]) -> pa.Array:
    """What the contact is for: the service, else the named reason, else the condition."""
    knowledge, events = timeline.context.knowledge, timeline.events
    services = [service.name for service in knowledge.services]
    texts = [*causes, *knowledge.reasons.values, *services]
    which = np.where(events.reason >= 0, len(causes) + events.reason, events.cause)
    which = np.where(events.service >= 0, len(causes) + len(knowledge.reasons.values) + events.service, which)
    return col.coded(which, texts)


@dataclass(frozen=True)
class Coded:
    """Diagnoses in the order of contacts: row of the contact, number of the code, whether principal, place, since when."""

    event: Ints
    code: Ints
    principal: np.ndarray
    sequence: Ints
    onset: Ints


def code_contacts(timeline: Timeline) -> Coded:
    """What is taken down at each contact: its cause, and chronic conditions besides; each of these at least once."""
    events, health, context = timeline.events, timeline.health, timeline.context
    people = timeline.people
    has_code = np.flatnonzero(timeline.code >= 0)
    knowledge = context.knowledge
    row_of = np.full(len(knowledge.conditions) + 1, -1)
    row_of[list(knowledge.chronic)] = np.arange(len(knowledge.chronic))
    cause_row, since = row_of[events.cause.take(has_code)], events.day.take(has_code)
    known = np.flatnonzero(cause_row >= 0)
    begun = health.onset[cause_row.take(known), events.person.take(has_code.take(known))]
    since[known] = np.minimum(begun, since.take(known))
    parts = [(has_code, timeline.code.take(has_code), np.full(len(has_code), PRINCIPAL), since)]
    for number, condition in enumerate(knowledge.conditions):
        if condition.outcome is not None:
            at = timeline.of_cause[number]
            at = at[events.kind[at] == ev.DELIVERY]
            u = context.draws.uniform(
                condition.condition + "/outcome", people.number[events.person[at]], events.key[at]
            )
            code = knowledge.weighted(condition.outcome, condition.name).pick(u)
            parts.append((at, code, np.full(len(at), OUTCOME), events.day[at]))
    chance = np.array([_ALSO_CODED.get(kind, 0.0) for kind in range(10)]).take(events.kind)
    chance[events.setting == ev.EMERGENCY] = 0.25
    likely = np.flatnonzero((chance > 0) & (health.count > 0).take(events.person))
    patient = events.person.take(likely)
    for row, number in enumerate(knowledge.chronic):
        can = likely.compress(health.has[row].take(patient))
        person = events.person.take(can)
        known = (health.onset[row].take(person) <= events.day.take(can)) & (events.cause.take(can) != number)
        can, person = can.compress(known), person.compress(known)
        name = knowledge.conditions[number].condition
        u = context.draws.uniform(name + "/also", people.number.take(person), events.key.take(can))
        also = can.compress(u < chance.take(can))
        # where both give the same contact, one of them is left out below
        rows = np.concatenate([also, timeline.first[row].compress(timeline.first[row] >= 0)])
        person = events.person.take(rows)
        parts.append(
            (rows, timeline.chronic[row].take(person), np.full(len(rows), row), health.onset[row].take(person))
        )
    event, code, rank, onset = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = order_of(event, rank)
    event, code = event.take(order), code.take(order)
    # one code is taken down once per contact
    same = order_of(event, code)
    of, what = event.take(same), code.take(same)
    once = np.ones(len(event), dtype=bool)
    once[same[1:]] = (of[1:] != of[:-1]) | (what[1:] != what[:-1])
    event, code, order = event.compress(once), code.compress(once), order.compress(once)
    onset = np.maximum(onset.take(order), people.birth.take(events.person.take(event)))
    return Coded(event, code, rank.take(order) == PRINCIPAL, col.runs(event)[0], onset)


def make_diagnoses(roster: Roster, coded: Coded) -> pa.Table:
    """One row for each diagnosis of each contact."""
    timeline, events = roster.timeline, roster.timeline.events
    knowledge, n = timeline.context.knowledge, len(coded.event)
    person = events.person.take(coded.event)
    stay = (events.setting == ev.INPATIENT).take(coded.event)
    return pa.table({
        "diagnosis_id": roster.numbered("DX-", person), "patient_id": roster.patient(person),
        "encounter_id": roster.encounter(coded.event), "code": col.coded(coded.code, knowledge.codes.values),
        "code_system": col.constant("ICD-10-CM", n), "description": col.coded(coded.code, knowledge.code_texts),
        "diagnosis_type": col.coded(~coded.principal, ["principal", "secondary"]),
        "sequence_number": col.whole(coded.sequence + 1),
        "present_on_admission": col.coded(np.where(stay, 0, -1), ["Y"], gaps=True),
        "diagnosed_date": col.days(events.day.astype(np.int32).take(coded.event)), "onset_date": col.days(coded.onset),
    })  # fmt: skip


@dataclass(frozen=True)
class Done:
    """Procedures and services done, in the order of contacts: row of the contact, number of the service."""

    event: Ints
    service: Ints


def services_done(timeline: Timeline) -> Done:
    """The service that a contact is for, and the shares of acute episodes, pregnancies and check-ups that have procedures."""
    events, context = timeline.events, timeline.context
    rows = np.flatnonzero(events.service >= 0)
    parts = [(rows, events.service[rows])]
    for number, condition in enumerate(context.knowledge.conditions):
        if condition.kind == "chronic":
            continue
        for procedure in condition.procedures:
            kinds = {"pregnancy": (ev.PRENATAL,), "preventive": (ev.SERVICE,)}.get(
                condition.kind, (ev.EPISODE, ev.ADMISSION, ev.NEWBORN))  # fmt: skip
            at = timeline.of_cause[number]
            at = at[among(events.kind[at], kinds)]
            if condition.kind == "pregnancy" and len(at):
                at = at[np.r_[True, np.diff(events.person[at]) > 0]]
            if condition.kind == "preventive":
                at = at[events.setting[at] == ev.WELLNESS]
            age = timeline.people.age_at(events.person[at], events.day[at])
            at = at[fits(procedure.who, timeline.people.sex[events.person[at]], age)]
            ids = timeline.people.number[events.person[at]]
            at = at[
                context.draws.uniform(f"{condition.condition}/{procedure.code}", ids, events.key[at]) < procedure.share
            ]
            parts.append((at, np.full(len(at), context.knowledge.service(procedure))))
    event, service = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = order_of(event, service)
    return Done(event[order], service[order])


def make_procedures(roster: Roster, done: Done) -> pa.Table:
    """One row for each procedure."""
    timeline, services = roster.timeline, roster.timeline.context.knowledge.services
    person = timeline.events.person.take(done.event)
    return pa.table({
        "procedure_id": roster.numbered("PRC-", person), "patient_id": roster.patient(person),
        "encounter_id": roster.encounter(done.event), "code": col.coded(done.service, [one.code for one in services]),
        "code_system": col.coded(done.service, [one.system for one in services]),
        "description": col.coded(done.service, [one.name for one in services]),
        "performed_datetime": col.instants(timeline.minutes(done.event, 5)),
        "performing_provider_id": roster.seen(done.event),
    })  # fmt: skip


def make_notes(roster: Roster) -> pa.Table:
    """Short notes of hospital stays and of visits to the emergency department, from a template."""
    timeline, events = roster.timeline, roster.timeline.events
    at = np.flatnonzero(among(events.setting, (ev.EMERGENCY, ev.INPATIENT)))
    person = events.person[at]
    age = np.maximum(timeline.people.age_at(person, events.day[at]), 0)
    stay = events.setting[at] == ev.INPATIENT
    said = (
        age,
        timeline.people.sex[person],
        events.cause[at],
        stay,
        np.where(stay, events.stay[at], 0),
        events.expired[at],
    )
    rows, which = distinct(*said)
    return pa.table({
        "clinical_note_id": roster.numbered("NOT-", person), "patient_id": roster.patient(person),
        "encounter_id": roster.encounter(at), "note_type": col.coded(stay.astype(np.int64), ["ED note", "Discharge summary"]),
        "note_datetime": col.instants(timeline.ends[at]), "author": roster.seen(at),
        "content": col.coded(which, _notes(timeline.context, *(one.take(rows) for one in said))),
    })  # fmt: skip


def _notes(context: Context, age: Ints, sex: Ints, cause: Ints, stay: Bools, days: Ints, expired: Bools) -> pa.Array:
    """What is noted: who came, for what, and how it ended."""
    who = [f"{years}-year-old {one}" if years else f"{one.capitalize()} infant" for years in range(AGES) for one in
           ("female", "male")]  # fmt: skip
    reasons = [*(one.name for one in context.knowledge.conditions), "observation"]
    seen = [f" seen in the emergency department for {name}. Treated and released. Follow up with primary care."
            for name in reasons]  # fmt: skip
    ends = ("Discharged in stable condition; follow up within two weeks.", "The patient died in hospital.")
    length = [f" Length of stay {max(n, 1)} {'day' if n <= 1 else 'days'}. {end}"
              for n in range(int(days.max(initial=0)) + 1) for end in ends]  # fmt: skip
    what = np.where(cause < 0, len(reasons) - 1, cause)
    return pc.binary_join_element_wise(
        pa.array(who).take(pa.array(age * 2 + sex)),
        pa.array([*seen, *(f" admitted with {name}." for name in reasons)]).take(pa.array(what + len(reasons) * stay)),
        pa.array([*length, ""]).take(pa.array(np.where(stay, days * 2 + expired, len(length)))), "",
    )  # fmt: skip


def person_table(people: People, shared: Mapping[str, pa.Array]) -> pa.Table:
    """One row for each person."""
    return pa.table({"person_id": col.strings(people.ids("PER-")), **shared})


def patient_table(roster: Roster, shared: Mapping[str, pa.Array]) -> pa.Table:
    """One row for each patient: every person is one."""
    people = roster.timeline.people
    return pa.table({
        "patient_id": roster.patients, **shared, "person_id": col.strings(people.ids("PER-")),
        "mrn": col.strings(people.ids("MRN")),
        "primary_care_provider_id": col.coded(roster.primary, roster.provider_ids),
    })  # fmt: skip
