"""Clinical rows: encounters, procedures and notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from healthsim.generation import columns as col
from healthsim.generation.compiled import fits
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.context import Bools, Context, Ints
from healthsim.generation.kernels.people import People
from healthsim.generation.kernels.roster import Roster
from healthsim.generation.kernels.social import smoking_status
from healthsim.generation.kernels.timeline import Timeline
from healthsim.generation.knowledge import Procedure
from healthsim.generation.ordering import among, distinct, order_of
from healthsim.generation.places import AGES
from healthsim.generation.validity import CPT


class _Kind(NamedTuple):
    """What a contact of a setting is: its class, its type in words, and the type as a code of SNOMED CT."""

    of_class: str
    text: str
    code: str


#: by setting
KINDS = (
    _Kind("outpatient", "Office visit", "185347001"),
    _Kind("outpatient", "Specialist visit", "698314001"),
    _Kind("virtual", "Virtual visit", "448337001"),
    _Kind("outpatient", "Wellness visit", "185349003"),
    _Kind("outpatient", "Outpatient procedure", "371883000"),
    _Kind("emergency", "Emergency department visit", "4525004"),
    _Kind("inpatient", "Hospital stay", "32485007"),
    _Kind("home", "Home visit", "439708006"),
)
#: NUBC codes of types of admission and of where patients come from
_EMERGENCY, _URGENT, _ELECTIVE, _NEWBORN = "1", "2", "3", "4"
_FROM_HOME, _FROM_OFFICE, _BORN_HERE = "1", "2", "5"
#: LOINC codes of the notes
_NOTES = ("34111-5", "18842-5")
#: from this age on some go from hospital to a nursing facility: of all such stays the first share; of the others, and of younger
#: people, the second share goes home with nursing; assumptions
OLD_AGE, TO_NURSING_FACILITY, WITH_NURSING = 65, 0.2, 0.1


#: where patients go: NUBC code, and in words
DISPOSITIONS = (
    ("01", "Home"),
    ("20", "Expired"),
    ("03", "Skilled nursing facility"),
    ("06", "Home with home health care"),
    ("30", "Still patient"),
)
_STILL_THERE = 4


def dispositions(timeline: Timeline) -> Ints:
    """The place among ``DISPOSITIONS`` of each stay and visit to an emergency department, -1 of other contacts."""
    events = timeline.events
    disposition = np.where(events.setting == ev.EMERGENCY, 0, -1)
    stays = np.flatnonzero(events.setting == ev.INPATIENT)
    person = events.person[stays]
    u = timeline.context.draws.uniform("discharge", timeline.people.number[person], events.key[stays])
    old = timeline.people.ages[1][person] >= OLD_AGE
    home = np.where(old & (u < TO_NURSING_FACILITY), 2, np.where(u > 1 - WITH_NURSING, 3, 0))
    disposition[stays] = np.where(events.expired[stays], 1, home)
    disposition[timeline.goes_on] = _STILL_THERE
    return disposition


def admissions(timeline: Timeline) -> tuple[pa.Array, pa.Array]:
    """(NUBC codes of the type of admission, of where the patient came from) of each stay, NULL of other contacts."""
    events = timeline.events
    of_stay = events.setting == ev.INPATIENT
    kinds = np.select(
        [~of_stay, events.kind == ev.NEWBORN, events.kind == ev.DELIVERY, events.planned], [-1, 3, 1, 2], 0
    )
    # who comes as planned comes from an office, newborns from nowhere else
    sources = np.where(of_stay, np.array([0, 0, 1, 2]).take(kinds, mode="clip"), -1)
    return (
        col.coded(kinds, [_EMERGENCY, _URGENT, _ELECTIVE, _NEWBORN], gaps=True),
        col.coded(sources, [_FROM_HOME, _FROM_OFFICE, _BORN_HERE], gaps=True),
    )


def make_encounters(roster: Roster) -> pa.Table:
    """One row for each contact."""
    timeline, events = roster.timeline, roster.timeline.events
    knowledge, n = timeline.context.knowledge, len(events)
    causes = [condition.name for condition in knowledge.conditions]
    is_stay, disposition = events.setting == ev.INPATIENT, dispositions(timeline)
    admission_type, admission_source = admissions(timeline)
    return pa.table(
        {
            "encounter_id": roster.encounters,
            "patient_id": roster.patient(events.person),
            "facility_id": col.coded(roster.taken_place_at, roster.facility_ids, gaps=True),
            "encounter_class": col.coded(events.setting, [kind.of_class for kind in KINDS]),
            "encounter_type": col.coded(events.setting, [kind.text for kind in KINDS]),
            "type_code": col.coded(events.setting, [kind.code for kind in KINDS]),
            "type_code_system": col.constant("SNOMED CT", n),
            "status": col.coded(timeline.goes_on.astype(np.int64), ["finished", "in-progress"]),
            "start_datetime": col.instants(timeline.begins),
            "end_datetime": col.instants(timeline.ends, timeline.goes_on),
            "reason_for_visit": _reason(timeline, causes),
            "reason_code": col.coded(timeline.written, knowledge.codes.values, gaps=True),
            "reason_code_system": col.coded(np.where(timeline.written < 0, -1, 0), ["ICD-10-CM"], gaps=True),
            "admission_type_code": admission_type,
            "admission_source_code": admission_source,
            "admitting_diagnosis": col.coded(
                np.where(is_stay, timeline.written, -1), knowledge.codes.values, gaps=True
            ),
            "discharge_disposition_code": col.coded(disposition, [code for code, _ in DISPOSITIONS], gaps=True),
            "discharge_disposition": col.coded(disposition, [text for _, text in DISPOSITIONS], gaps=True),
            "drg_code": col.coded(timeline.drg, knowledge.drgs.values, gaps=True),
            "attending_provider_id": col.coded(roster.seen_by, roster.provider_ids),
        }
    )


def _reason(timeline: Timeline, causes: list[str]) -> pa.Array:
    """What the contact is for: the service, else the named reason, else the condition."""
    knowledge, events = timeline.context.knowledge, timeline.events
    services = [service.name for service in knowledge.services]
    texts = [*causes, *knowledge.reasons.values, *services]
    which = np.where(events.reason >= 0, len(causes) + events.reason, events.cause)
    which = np.where(events.service >= 0, len(causes) + len(knowledge.reasons.values) + events.service, which)
    return col.coded(which, texts)


@dataclass(frozen=True)
class Done:
    """Procedures and services done, in the order of contacts: row of the contact, number of the service."""

    event: Ints
    service: Ints


#: kinds of contacts at which procedures of a condition that is not chronic are done, by the kind of the condition
_DONE_AT = {"pregnancy": (ev.PRENATAL,), "preventive": (ev.SERVICE,), "acute": (ev.EPISODE, ev.ADMISSION, ev.NEWBORN)}


def services_done(timeline: Timeline) -> Done:
    """The service that a contact is for, and the shares of acute episodes, pregnancies and check-ups that have procedures."""
    events, knowledge = timeline.events, timeline.context.knowledge
    rows = np.flatnonzero(events.service >= 0)
    parts = [(rows, events.service[rows])]
    for number, condition in enumerate(knowledge.conditions):
        if condition.kind != "chronic":
            for procedure in condition.procedures:
                at = _with_procedure(timeline, number, procedure)
                parts.append((at, np.full(len(at), knowledge.service(procedure))))
    event, service = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = order_of(event, service)
    event = event[order]
    service = knowledge.on(CPT, service[order], events.day.take(event))
    return Done(event[service >= 0], service[service >= 0])


def _with_procedure(timeline: Timeline, number: int, procedure: Procedure) -> Ints:
    """The contacts for a condition at which a procedure is done; of a pregnancy the first, of prevention the check-ups."""
    events, people = timeline.events, timeline.people
    condition = timeline.context.knowledge.conditions[number]
    at = timeline.of_cause[number]
    at = at[among(events.kind[at], _DONE_AT[condition.kind])]
    if condition.kind == "pregnancy" and len(at):
        at = at[np.r_[True, np.diff(events.person[at]) > 0]]
    if condition.kind == "preventive":
        at = at[events.setting[at] == ev.WELLNESS]
    person = events.person[at]
    whose = fits(procedure.who, people.sex[person], people.age_at(person, events.day[at]))
    at, person = at[whose], person[whose]
    label = f"{condition.condition}/{procedure.code}"
    chosen = timeline.context.draws.uniform(label, people.number[person], events.key[at]) < procedure.share
    result: Ints = at[chosen]
    return result


def make_procedures(roster: Roster, done: Done) -> pa.Table:
    """One row for each procedure."""
    timeline, services = roster.timeline, roster.timeline.context.knowledge.services
    person = timeline.events.person.take(done.event)
    return pa.table(
        {
            "procedure_id": roster.numbered("PRC-", person),
            "patient_id": roster.patient(person),
            "encounter_id": roster.encounter(done.event),
            "code": col.coded(done.service, [service.code for service in services]),
            "code_system": col.coded(done.service, [service.system for service in services]),
            "description": col.coded(done.service, [service.name for service in services]),
            "performed_datetime": col.instants(timeline.minutes(done.event, 5)),
            "performing_provider_id": roster.seen(done.event),
            "status": col.constant("completed", len(person)),
        }
    )


def make_notes(roster: Roster) -> pa.Table:
    """Short notes of hospital stays and of visits to the emergency department, from a template."""
    timeline, events = roster.timeline, roster.timeline.events
    at = np.flatnonzero(among(events.setting, (ev.EMERGENCY, ev.INPATIENT)) & ~timeline.goes_on)
    person = events.person[at]
    age = np.maximum(timeline.people.age_at(person, events.day[at]), 0)
    stay = events.setting[at] == ev.INPATIENT
    facts = (
        age,
        timeline.people.sex[person],
        events.cause[at],
        stay,
        np.where(stay, events.stay[at], 0),
        events.expired[at],
    )
    rows, which = distinct(*facts)
    return pa.table(
        {
            "clinical_note_id": roster.numbered("NOT-", person),
            "patient_id": roster.patient(person),
            "encounter_id": roster.encounter(at),
            "note_type": col.coded(stay.astype(np.int64), ["ED note", "Discharge summary"]),
            "loinc_code": col.coded(stay.astype(np.int64), _NOTES),
            "note_datetime": col.instants(timeline.ends[at]),
            "author": roster.seen(at),
            "content": col.coded(which, _notes(timeline.context, *(fact.take(rows) for fact in facts))),
        }
    )


def _notes(context: Context, age: Ints, sex: Ints, cause: Ints, stay: Bools, days: Ints, expired: Bools) -> pa.Array:
    """What is noted: who came, for what, and how it ended."""
    who = [
        f"{years}-year-old {sex_name}" if years else f"{sex_name.capitalize()} infant"
        for years in range(AGES)
        for sex_name in ("female", "male")
    ]
    reasons = [*(condition.name for condition in context.knowledge.conditions), "observation"]
    visits = [
        f" seen in the emergency department for {name}. Treated and released. Follow up with primary care."
        for name in reasons
    ]
    ends = ("Discharged in stable condition; follow up within two weeks.", "The patient died in hospital.")
    length = [
        f" Length of stay {max(n, 1)} {'day' if n <= 1 else 'days'}. {end}"
        for n in range(int(days.max(initial=0)) + 1)
        for end in ends
    ]
    what = np.where(cause < 0, len(reasons) - 1, cause)
    return pc.binary_join_element_wise(
        pa.array(who).take(pa.array(age * 2 + sex)),
        pa.array([*visits, *(f" admitted with {name}." for name in reasons)]).take(
            pa.array(what + len(reasons) * stay)
        ),
        pa.array([*length, ""]).take(pa.array(np.where(stay, days * 2 + expired, len(length)))),
        "",
    )


def person_table(people: People, shared: Mapping[str, pa.Array]) -> pa.Table:
    """One row for each person."""
    return pa.table({"person_id": col.strings(people.ids("PER-")), **shared})


def patient_table(roster: Roster, shared: Mapping[str, pa.Array]) -> pa.Table:
    """One row for each patient: every person is one."""
    people = roster.timeline.people
    return pa.table(
        {
            "patient_id": roster.patients,
            **shared,
            "person_id": col.strings(people.ids("PER-")),
            "mrn": col.strings(people.ids("MRN")),
            "primary_care_provider_id": col.coded(roster.primary, roster.provider_ids),
            **smoking_status(roster.timeline),
        }
    )
