"""Who takes which drug, since when and how faithfully; and the prescriptions and fills that follow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from healthsim.generation.columns import repeated, runs
from healthsim.generation.compiled import fits
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.context import YEAR, Bools, Context, Floats, Ints
from healthsim.generation.kernels.timeline import Timeline
from healthsim.generation.knowledge import Condition, Regimen
from healthsim.generation.ordering import among, order_of

#: chance that somebody stops a long-term drug within a year
STOPS = 0.12
#: chance that a short course is fetched at all
FETCHED = 0.92


@dataclass(frozen=True)
class Treatment:
    """Drugs taken, one row each.

    Attributes:
        person, drug: places in the batch and in the knowledge. cause: number of the condition.
        event: the row of the contact at which it was begun. start, stop: days; stop is the last day of life or history, or
            the end of the course. course: a short one. adherence: share of days covered.
        treated: (chronic condition, person) since which day it is treated; 0 where it is not.
    """

    person: Ints
    drug: Ints
    cause: Ints
    event: Ints
    start: Ints
    stop: Ints
    course: Bools
    adherence: Floats
    ordinal: Ints
    treated: Ints


def make_treatment(timeline: Timeline) -> Treatment:
    """The drugs of a batch; one person takes one product of an ingredient at a time."""
    context, people, health = timeline.context, timeline.people, timeline.health
    parts: list[tuple[np.ndarray, ...]] = []
    place = context.knowledge.chronic_rows
    treated = np.zeros(health.has.shape, dtype=np.int64)
    for number, condition in enumerate(context.knowledge.conditions):
        if not condition.regimens:
            continue
        if number in place:
            row = place[number]
            who = np.flatnonzero(timeline.first[row] >= 0)
            event, stage, keys = timeline.first[row, who], health.stage[row, who], np.zeros(len(who), dtype=np.int64)
        else:
            kinds = (ev.PRENATAL,) if condition.kind == "pregnancy" else (ev.EPISODE, ev.ADMISSION)
            event = timeline.of_cause[number]
            event = event[among(timeline.events.kind[event], kinds)]
            if condition.kind == "pregnancy":
                event = event[np.r_[True, np.diff(timeline.events.person[event]) > 0]] if len(event) else event
            who, stage, keys = timeline.events.person[event], timeline.stage[event], timeline.events.key[event]
        for which, drug, since, stop, at in _begun(context, timeline, number, condition, who, event, stage, keys):
            if number in place:
                row = place[number]
                now = treated[row, who[which]]
                treated[row, who[which]] = np.where(now > 0, np.minimum(now, since), since)
            course = np.full(len(which), stop is not None)
            ends = people.last[who[which]] if stop is None else np.minimum(since + stop, people.last[who[which]])
            parts.append((who[which], drug, np.full(len(which), number), at, since, ends, course, keys[which]))
    columns = [
        np.concatenate([part[which] for part in parts]) if parts else np.zeros(0, dtype=np.int64) for which in range(8)
    ]
    return _one_of_each(context, timeline, columns, treated)


def _begun(
    context: Context,
    timeline: Timeline,
    number: int,
    condition: Condition,
    who: Ints,
    event: Ints,
    stage: Ints,
    keys: Ints,
) -> Iterator[tuple[Ints, Ints, Ints, int | None, Ints]]:
    """For each regimen: (rows that are on it, drug, first day, length of the course or None, contact)."""
    draws, people, knowledge = context.draws, timeline.people, context.knowledge
    used: dict[str, float] = {}
    for place, regimen in enumerate(condition.regimens):
        label = f"{condition.condition}/{regimen.line or regimen.name}"
        u = draws.uniform(label, people.number[who], keys)
        edge = used.get(regimen.line, 0.0) if regimen.line else 0.0
        on = (u >= edge) & (u < edge + regimen.share)
        if regimen.line:
            used[regimen.line] = edge + regimen.share
        day = timeline.events.day[event]
        on &= fits(regimen.who, people.sex[who], people.age_at(who, day).astype(float)) & _in_stage(
            condition, regimen, stage
        )
        which = np.flatnonzero(on)
        at = event[which]
        if condition.kind == "chronic" and place:
            # not everything is begun on the first day
            lag = draws.integer(f"{condition.condition}/{regimen.name}/lag", people.number[who[which]], 30 + 90 * place)
            at = timeline.attach(who[which], day[which] + lag, 400)
            at = np.where(lag < 20, event[which], at)
            which, at = which[at >= 0], at[at >= 0]
        drugs = np.array([knowledge.drug(drug) for drug in regimen.drugs])
        chosen = draws.integer(
            f"{condition.condition}/{regimen.name}/drug", people.number[who[which]], len(drugs), keys[which]
        )
        length = regimen.duration_days
        if length is None and condition.kind == "acute":
            length = max(drug.days_supply for drug in regimen.drugs)
        if length is None and condition.kind == "pregnancy":
            length = 240
        yield which, drugs[chosen], timeline.events.day[at], length, at


def _in_stage(condition: Condition, regimen: Regimen, stage: Ints) -> Bools:
    if not regimen.stages or not condition.stages:
        return np.ones(len(stage), dtype=bool)
    result: Bools = np.array([one.name in regimen.stages for one in condition.stages])[stage]
    return result


def _one_of_each(context: Context, timeline: Timeline, columns: list[np.ndarray], treated: Ints) -> Treatment:
    person, drug, cause, event, start, stop, course, key = columns
    course = course.astype(bool)
    people, draws = timeline.people, context.draws
    ingredients = {
        name: place for place, name in enumerate(sorted({one.ingredient for one in context.knowledge.drugs}))
    }
    ingredient = np.array([ingredients[one.ingredient] for one in context.knowledge.drugs], dtype=np.int64)[drug]
    order = order_of(person, ingredient, course, start, drug)
    person, drug, cause, event, start, stop, course, key, ingredient = (
        part[order] for part in (person, drug, cause, event, start, stop, course, key, ingredient)
    )
    # long-term drugs come first among those of one ingredient: others of the same begin only after they have ended
    group = person * (len(ingredients) + 1) + ingredient
    keep = np.ones(len(person), dtype=bool)
    if len(person):
        same = np.r_[False, group[1:] == group[:-1]]
        before = np.r_[0, stop[:-1]]
        keep = ~(same & (np.r_[False, ~course[:-1]] | (start <= before + 30)))
    stops = draws.uniform("stops", people.number[person], drug)
    ends = start + (-np.log1p(-stops) / STOPS * YEAR).clip(max=40_000).astype(np.int64) + 30
    stop = np.where(course, stop, np.minimum(stop, ends))
    mean = np.array([one.adherence for one in context.knowledge.conditions])[cause]
    adherence = np.clip(mean + 0.16 * draws.normal("adherence", people.number[person]), 0.35, 1.0)
    rows = np.flatnonzero(keep & (stop >= start))
    person, drug, cause, event, start, stop, course, adherence = (
        part[rows] for part in (person, drug, cause, event, start, stop, course, adherence)
    )
    order = order_of(person, start, drug)
    person, drug, cause, event, start, stop, course, adherence = (
        part[order] for part in (person, drug, cause, event, start, stop, course, adherence)
    )
    return Treatment(person, drug, cause, event, start, stop, course, adherence, runs(person)[0], treated)


@dataclass(frozen=True)
class Prescriptions:
    """Prescriptions, one row each, in the order of persons: ``treatment`` is the row of the drug, ``refills`` are authorised."""

    treatment: Ints
    written: Ints
    until: Ints
    refills: Ints
    ordinal: Ints


@dataclass(frozen=True)
class Fills:
    """What was fetched from the pharmacy: row of the prescription, number of the fill from 0, and the day."""

    prescription: Ints
    number: Ints
    day: Ints


def make_prescriptions(timeline: Timeline, treatment: Treatment) -> tuple[Prescriptions, Fills]:
    """A prescription a year for long-term drugs, one for a course; fills follow the supply and the person's habits."""
    context, people, draws = timeline.context, timeline.people, timeline.context.draws
    supply = np.array([one.days_supply for one in context.knowledge.drugs], dtype=np.int64)
    years = np.where(treatment.course, 1, (treatment.stop - treatment.start) // 365 + 1)
    of, nth = repeated(years)
    written = treatment.start[of] + nth * 365
    days = supply[treatment.drug[of]]
    until = np.minimum(np.where(treatment.course[of], written + 30, written + 364), treatment.stop[of])
    length = treatment.stop[of] - treatment.start[of] + 1
    # a course may be longer than what is handed out at once
    refills = np.where(treatment.course[of], np.clip(-(-length // days) - 1, 0, 11), np.maximum(365 // days - 1, 0))
    until = np.where(
        treatment.course[of], np.maximum(until, np.minimum(written + length + 10, treatment.stop[of] + 10)), until
    )
    until = np.minimum(until, people.last[treatment.person[of]])
    order = order_of(treatment.person[of], written, of)
    of, written, until, refills = of[order], written[order], until[order], refills[order]
    prescriptions = Prescriptions(of, written, until, refills, runs(treatment.person[of])[0])
    person = treatment.person[of]
    key = treatment.drug[of] * 4_096 + (written - context.start)
    gap = np.ceil(supply[treatment.drug[of]] / treatment.adherence[of]).astype(np.int64)
    delay = draws.integer("fill/delay", people.number[person], 3, key)
    # the last fill of a year ends before the next prescription begins
    room = np.minimum(until - written - delay, np.where(treatment.course[of], 365, 365 - supply[treatment.drug[of]]))
    most = np.where(room >= 0, np.minimum(refills, room // gap) + 1, 0)
    fetched = ~treatment.course[of] | (draws.uniform("fill/fetched", people.number[person], key) < FETCHED)
    which, number = repeated(np.where(fetched, most, 0))
    return prescriptions, Fills(which, number, written[which] + delay[which] + number * gap[which])
