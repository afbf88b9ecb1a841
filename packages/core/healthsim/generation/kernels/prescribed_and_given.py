"""Rows of what people are given and must not be given: vaccines, medications, allergies."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from healthsim.generation import columns as col
from healthsim.generation.kernels.context import EPOCH, Context, Ints
from healthsim.generation.kernels.roster import Roster
from healthsim.generation.kernels.timeline import Timeline
from healthsim.generation.kernels.treatment import Treatment
from healthsim.generation.ordering import order_of

_ALLERGENS = (
    ("Penicillin", "7980", "medication", "rash"), ("Sulfamethoxazole", "10180", "medication", "hives"),
    ("Aspirin", "1191", "medication", "wheezing"), ("Ibuprofen", "5640", "medication", "rash"),
    ("Codeine", "2670", "medication", "nausea"), ("Amoxicillin", "723", "medication", "rash"),
    ("Peanut", None, "food", "anaphylaxis"), ("Shellfish", None, "food", "hives"), ("Egg", None, "food", "rash"),
    ("Cow's milk", None, "food", "vomiting"), ("Latex", None, "environment", "rash"),
    ("Bee venom", None, "environment", "swelling"),
)  # fmt: skip


@dataclass(frozen=True)
class Given:
    """Vaccines given, in the order of contacts: row of the contact, number of the vaccine, number of the dose from 0."""

    event: Ints
    vaccine: Ints
    dose: Ints


def vaccines_given(timeline: Timeline) -> Given:
    """Doses that fall due within the history, at the next contact in person."""
    context, people = timeline.context, timeline.people
    first = np.maximum(context.start, people.birth)
    youngest = people.age_at(np.arange(len(people)), first)
    oldest = (people.last - people.birth) / 365.25
    parts: list[tuple[Ints, Ints, Ints]] = []
    for number, vaccine in enumerate(context.knowledge.vaccines):
        label, who = f"vaccine {vaccine.cvx} {vaccine.name}", vaccine.who
        can = youngest <= who.max_age
        if vaccine.every_years:
            can &= oldest >= who.min_age
        if who.sex is not None:
            can &= people.sex == "FM".index(who.sex)
        keeps = np.flatnonzero(can)
        keeps = keeps.compress(context.draws.uniform(label, people.number.take(keeps)) < vaccine.share)
        ids, birth = people.number.take(keeps), people.birth.take(keeps)
        begin, end = first.take(keeps), people.last.take(keeps)
        plans: list[tuple[Ints, int, Ints | int]]
        plans = [(birth + int(month * 30.4375), dose, 150) for dose, month in enumerate(vaccine.due_months)]
        if vaccine.season is not None:
            u = context.draws.uniform(label + "/day", ids)
            for k, (begins, ends) in enumerate(_seasons(context, *vaccine.season)):
                # asked for in the first third, given at the next contact while it lasts
                day = begins + (u * (ends - begins) / 3).astype(np.int64)
                plans.append((day, k, ends - day))
        elif vaccine.every_years:
            times = int(context.spec.years / vaccine.every_years) + 1
            start = context.start + (context.draws.uniform(label + "/day", ids) * 365 * vaccine.every_years)
            plans += [(start.astype(np.int64) + int(k * 365.25 * vaccine.every_years), k, 330) for k in range(times)]
        for day, dose, wait in plans:
            due = (day >= begin) & (day <= end)
            if vaccine.every_years:
                age = (day - birth) / 365.25
                due &= (age >= who.min_age) & (age < who.max_age + 1)
            rows = np.flatnonzero(due)
            at = timeline.attach(keeps.take(rows), day.take(rows), np.broadcast_to(wait, len(keeps)).take(rows))
            at = at[at >= 0]
            # by the day that it is given the person may have grown too old for it
            at = at[people.age_at(timeline.events.person[at], timeline.events.day[at]) <= who.max_age]
            parts.append((at, np.full(len(at), number), np.full(len(at), dose)))
    if not parts:
        nothing = np.zeros(0, dtype=np.int64)
        return Given(nothing, nothing, nothing)
    event, vaccine_number, doses = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = order_of(event, vaccine_number, doses)
    event, vaccine_number, doses = event[order], vaccine_number[order], doses[order]
    # two doses of one vaccine are never given at once
    once = np.r_[True, (event[1:] != event[:-1]) | (vaccine_number[1:] != vaccine_number[:-1])][: len(event)]
    return Given(event[once], vaccine_number[once], doses[once])


def _seasons(context: Context, first: int, last: int) -> list[tuple[int, int]]:
    """The first and last days of the seasons that begin within the history, from month to month."""
    seasons = []
    for year in range((EPOCH + dt.timedelta(context.start)).year, context.spec.as_of.year + 1):
        begins = (dt.date(year, first, 1) - EPOCH).days
        ends = dt.date(year + (last < first) + last // 12, last % 12 + 1, 1) - dt.timedelta(1)
        if begins >= context.start:
            seasons.append((begins, (ends - EPOCH).days))
    return seasons


def make_immunizations(roster: Roster, given: Given) -> pa.Table:
    """One row for each dose."""
    timeline, vaccines = roster.timeline, roster.timeline.context.knowledge.vaccines
    events = timeline.events
    person = events.person[given.event]
    lot = timeline.context.draws.integer("lot", timeline.people.number[person], 100_000, events.key[given.event])
    return pa.table({
        "immunization_id": roster.numbered("IMM-", person), "patient_id": roster.patient(person),
        "encounter_id": roster.encounter(given.event), "cvx_code": col.coded(given.vaccine, [one.cvx for one in vaccines]),
        "description": col.coded(given.vaccine, [one.name for one in vaccines]),
        "administered_date": col.days(events.day[given.event]), "dose_number": col.whole(given.dose + 1),
        "lot_number": col.strings(col.texts("SYN", col.digits(lot, 5), rows=len(lot))),
        "site": col.constant("left deltoid", len(lot)), "route": col.constant("intramuscular", len(lot)),
    })  # fmt: skip


def make_allergies(roster: Roster) -> pa.Table:
    """One or two allergies of one person in nine."""
    context, people = roster.timeline.context, roster.timeline.people
    u = context.draws.uniform("allergy", people.number)
    person = np.sort(np.concatenate([np.flatnonzero(u < 0.11), np.flatnonzero(u < 0.03)]))
    second, _ = col.runs(person)
    which = (context.draws.integer("allergen", people.number[person], len(_ALLERGENS)) + second * 5) % len(_ALLERGENS)
    severe = np.array([reaction in ("anaphylaxis", "wheezing") for *_, reaction in _ALLERGENS])[which]
    onset = people.birth[person] + (
        context.draws.uniform("allergy/onset", people.number[person], second)
        * np.maximum(np.minimum(people.last, context.end)[person] - people.birth[person], 1)
    ).astype(np.int64)
    coded = np.array([code is not None for _, code, *_ in _ALLERGENS])[which]
    return pa.table({
        "allergy_id": roster.numbered("ALG-", person), "patient_id": roster.patient(person),
        "substance": col.coded(which, [one[0] for one in _ALLERGENS]), "code": col.coded(which, [one[1] for one in _ALLERGENS]),
        "code_system": col.coded(np.where(coded, 0, -1), ["RxNorm"], gaps=True),
        "category": col.coded(which, [one[2] for one in _ALLERGENS]),
        "reaction": col.coded(which, [one[3] for one in _ALLERGENS]),
        "severity": col.coded(severe.astype(np.int64), ["moderate", "severe"]),
        "criticality": col.coded(severe.astype(np.int64), ["low", "high"]), "status": col.constant("active", len(person)),
        "onset_date": col.days(onset),
    })  # fmt: skip


def make_medications(roster: Roster, treatment: Treatment) -> pa.Table:
    """One row for each drug that a person takes."""
    context = roster.timeline.context
    drugs = context.knowledge.drugs
    still = (treatment.stop >= context.end) & (roster.timeline.people.death[treatment.person] > context.end)
    still &= ~treatment.course
    of = treatment.drug
    row_of = np.full(len(context.knowledge.conditions), -1)
    row_of[list(context.knowledge.chronic)] = np.arange(len(context.knowledge.chronic))
    row = row_of[treatment.cause]
    indication = np.where(
        row >= 0, roster.timeline.chronic[row, treatment.person], roster.timeline.code[treatment.event]
    )
    return pa.table({
        "medication_id": roster.numbered("MED-", treatment.person), "patient_id": roster.patient(treatment.person),
        "encounter_id": roster.encounter(treatment.event), "name": col.coded(of, [one.name for one in drugs]),
        "code": col.coded(of, [one.rxnorm for one in drugs]), "code_system": col.constant("RxNorm", len(of)),
        "ndc": col.coded(of, [one.ndc for one in drugs]), "dose": col.coded(of, [one.dose for one in drugs]),
        "route": col.coded(of, [one.route for one in drugs]), "frequency": col.coded(of, [one.frequency for one in drugs]),
        "start_date": col.days(treatment.start), "end_date": col.days(treatment.stop, still),
        "status": col.coded((~still).astype(np.int64), ["active", "completed"]),
        "prescriber_provider_id": roster.seen(treatment.event), "indication": col.coded(indication, context.knowledge.code_texts),
    })  # fmt: skip
