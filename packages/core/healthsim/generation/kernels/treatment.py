"""Who takes which drug, since when and how faithfully; and the prescriptions and fills that follow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from healthsim.generation.columns import repeated, runs
from healthsim.generation.compiled import fits
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.context import YEAR, Bools, Floats, Ints
from healthsim.generation.kernels.days import in_stage
from healthsim.generation.kernels.timeline import Timeline
from healthsim.generation.knowledge import Condition, Regimen
from healthsim.generation.ordering import among, order_of
from healthsim.generation.packing import Packing

#: chance that somebody stops a long-term drug within a year; an assumption
STOPS = 0.12
#: chance that a short course is fetched at all; an assumption
FETCHED = 0.92
#: days within which a prescription is fetched, and after the end of a course until which a refill still may be; assumptions
FETCHED_WITHIN, _LATE = 3, 10
#: days of a prescription; refills of it within a year at most
_YEAR, _MOST_REFILLS = 365, 11
#: days that the second regimen of a chronic condition begins after the first at most, and each further one later still; begun
#: within the first days it begins at once, else at the next contact within so many days; assumptions
_LAG, _LATER, _AT_ONCE, _WAITS = 30, 90, 20, 400
#: days between the end of one course and the next of the same ingredient
PAUSE = 30
#: a long-term drug is taken so many days at least; a lifetime in days
_AT_LEAST, _FOREVER = 30, 40_000
#: days that a drug for a pregnancy is taken
PREGNANCY_DAYS = 240
#: spread between people of the share of days covered, and its limits; assumptions
ADHERENCE_SPREAD, _ADHERENCE = 0.16, (0.35, 1.0)
#: which of a person's prescriptions it is
_PRESCRIPTION = Packing("drug", day=(0, 4_096))


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


@dataclass(frozen=True)
class _Begun:
    """Drugs that are begun, one row each, before it is seen to that nobody takes two of one kind.

    Attributes:
        person, drug, cause, event, start, stop, course: as in ``Treatment``. key: of the contact that it is for.
    """

    person: Ints
    drug: Ints
    cause: Ints
    event: Ints
    start: Ints
    stop: Ints
    course: Bools
    key: Ints

    def take(self, rows: Ints) -> _Begun:
        """Some of the rows."""
        return _Begun(**{column.name: getattr(self, column.name)[rows] for column in fields(self)})


@dataclass(frozen=True)
class _Due:
    """People of whom a condition asks for treatment: since which contact, in which stage, with which key of the chance."""

    number: int
    condition: Condition
    who: Ints
    event: Ints
    stage: Ints
    keys: Ints


def make_treatment(timeline: Timeline) -> Treatment:
    """The drugs of a batch; one person takes one product of an ingredient at a time."""
    place = timeline.context.knowledge.chronic_rows
    parts: list[_Begun] = []
    treated = np.zeros(timeline.health.has.shape, dtype=np.int64)
    for number, condition in enumerate(timeline.context.knowledge.conditions):
        if not condition.regimens:
            continue
        for begun in _begun(timeline, _due(timeline, number, condition)):
            if number in place:
                row = place[number]
                since = treated[row, begun.person]
                treated[row, begun.person] = np.where(since > 0, np.minimum(since, begun.start), begun.start)
            parts.append(begun)
    if not parts:
        nothing = np.zeros(0, dtype=np.int64)
        parts = [_Begun(nothing, nothing, nothing, nothing, nothing, nothing, nothing.astype(bool), nothing)]
    columns = (np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(_Begun))
    return _kept(timeline, _one_of_each(timeline, _Begun(*columns)), treated)


def _due(timeline: Timeline, number: int, condition: Condition) -> _Due:
    """Chronic conditions from the first contact on, a pregnancy from its first visit on, others at each episode."""
    events, row = timeline.events, timeline.context.knowledge.chronic_rows.get(number)
    if row is not None:
        who = np.flatnonzero(timeline.first[row] >= 0)
        stage = timeline.health.stage[row, who]
        return _Due(number, condition, who, timeline.first[row, who], stage, np.zeros(len(who), dtype=np.int64))
    event = timeline.of_cause[number]
    pregnant = condition.kind == "pregnancy"
    event = event[among(events.kind[event], (ev.PRENATAL,) if pregnant else (ev.EPISODE, ev.ADMISSION))]
    if pregnant and len(event):
        event = event[np.r_[True, np.diff(events.person[event]) > 0]]
    return _Due(number, condition, events.person[event], event, timeline.stage[event], events.key[event])


def _begun(timeline: Timeline, due: _Due) -> Iterator[_Begun]:
    """For each regimen, the drugs of those who are on it; of one line a person gets at most one regimen."""
    draws, people, name = timeline.context.draws, timeline.people, due.condition.condition
    used: dict[str, float] = {}
    for place, regimen in enumerate(due.condition.regimens):
        u = draws.uniform(f"{name}/{regimen.line or regimen.name}", people.number[due.who], due.keys)
        edge = used.get(regimen.line, 0.0) if regimen.line else 0.0
        on = (u >= edge) & (u < edge + regimen.share)
        if regimen.line:
            used[regimen.line] = edge + regimen.share
        age = people.age_at(due.who, timeline.events.day[due.event]).astype(float)
        on &= fits(regimen.who, people.sex[due.who], age) & in_stage(due.condition, regimen.stages, due.stage)
        which, event = _begins(timeline, due, place, np.flatnonzero(on))
        who, keys = due.who[which], due.keys[which]
        drugs = np.array([timeline.context.knowledge.drug(drug) for drug in regimen.drugs])
        chosen = draws.integer(f"{name}/{regimen.name}/drug", people.number[who], len(drugs), keys)
        days, start = _course(due.condition, regimen), timeline.events.day[event]
        stop = people.last[who] if days is None else np.minimum(start + days, people.last[who])
        cause, course = np.full(len(who), due.number), np.full(len(who), days is not None)
        yield _Begun(who, drugs[chosen], cause, event, start, stop, course, keys)


def _begins(timeline: Timeline, due: _Due, place: int, which: Ints) -> tuple[Ints, Ints]:
    """(those who begin a regimen, the contacts at which they do); of a chronic condition not everything on the first day."""
    event = due.event[which]
    if due.condition.kind != "chronic" or not place:
        return which, event
    label = f"{due.condition.condition}/{due.condition.regimens[place].name}/lag"
    who = due.who[which]
    lag = timeline.context.draws.integer(label, timeline.people.number[who], _LAG + _LATER * place)
    at = timeline.attach(who, timeline.events.day[event] + lag, _WAITS)
    at = np.where(lag < _AT_ONCE, event, at)
    return which[at >= 0], at[at >= 0]


def _course(condition: Condition, regimen: Regimen) -> int | None:
    """The days of a course; None where a drug goes on."""
    if regimen.duration_days is None and condition.kind == "acute":
        return max(drug.days_supply for drug in regimen.drugs)
    if regimen.duration_days is None and condition.kind == "pregnancy":
        return PREGNANCY_DAYS
    return regimen.duration_days


def _one_of_each(timeline: Timeline, begun: _Begun) -> _Begun:
    """Long-term drugs go before others of the same ingredient; a course begins only after the one before it has ended."""
    drugs = timeline.context.knowledge.drugs
    names = {name: place for place, name in enumerate(sorted({drug.ingredient for drug in drugs}))}
    ingredient = np.array([names[drug.ingredient] for drug in drugs], dtype=np.int64)[begun.drug]
    order = order_of(begun.person, ingredient, begun.course, begun.start, begun.drug)
    begun = begun.take(order)
    if not len(order):
        return begun
    group = Packing("person", ingredient=(0, len(names) + 1)).pack(begun.person, ingredient=ingredient[order])
    same = np.r_[False, group[1:] == group[:-1]]
    after_long_term = np.r_[False, ~begun.course[:-1]]
    too_soon = begun.start <= np.r_[0, begun.stop[:-1]] + PAUSE
    return begun.take(np.flatnonzero(~(same & (after_long_term | too_soon))))


def _kept(timeline: Timeline, begun: _Begun, treated: Ints) -> Treatment:
    """Until when drugs are taken, and how faithfully."""
    draws, conditions = timeline.context.draws, timeline.context.knowledge.conditions
    ids = timeline.people.number[begun.person]
    years = -np.log1p(-draws.uniform("stops", ids, begun.drug)) / STOPS
    ends = begun.start + (years * YEAR).clip(max=_FOREVER).astype(np.int64) + _AT_LEAST
    stop = np.where(begun.course, begun.stop, np.minimum(begun.stop, ends))
    mean = np.array([condition.adherence for condition in conditions])[begun.cause]
    adherence = np.clip(mean + ADHERENCE_SPREAD * draws.normal("adherence", ids), *_ADHERENCE)
    rows = np.flatnonzero(stop >= begun.start)
    rows = rows[order_of(begun.person[rows], begun.start[rows], begun.drug[rows])]
    begun = begun.take(rows)
    return Treatment(
        begun.person,
        begun.drug,
        begun.cause,
        begun.event,
        begun.start,
        stop[rows],
        begun.course,
        adherence[rows],
        runs(begun.person)[0],
        treated,
    )


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
    prescriptions = _prescriptions(timeline, treatment)
    context, draws = timeline.context, timeline.context.draws
    of, written = prescriptions.treatment, prescriptions.written
    course = treatment.course[of]
    supply = _supply(timeline)[treatment.drug[of]]
    ids = timeline.people.number[treatment.person[of]]
    key = _PRESCRIPTION.pack(treatment.drug[of], day=written - context.start)
    gap = np.ceil(supply / treatment.adherence[of]).astype(np.int64)
    delay = draws.integer("fill/delay", ids, FETCHED_WITHIN, key)
    # the last fill of a year ends before the next prescription begins
    room = np.minimum(prescriptions.until - written - delay, np.where(course, _YEAR, _YEAR - supply))
    most = np.where(room >= 0, np.minimum(prescriptions.refills, room // gap) + 1, 0)
    fetched = ~course | (draws.uniform("fill/fetched", ids, key) < FETCHED)
    which, number = repeated(np.where(fetched, most, 0))
    return prescriptions, Fills(which, number, written[which] + delay[which] + number * gap[which])


def _supply(timeline: Timeline) -> Ints:
    """Days' supply of each drug."""
    return np.array([drug.days_supply for drug in timeline.context.knowledge.drugs], dtype=np.int64)


def _prescriptions(timeline: Timeline, treatment: Treatment) -> Prescriptions:
    """When prescriptions are written, until when they can be filled and how often."""
    years = np.where(treatment.course, 1, (treatment.stop - treatment.start) // _YEAR + 1)
    of, nth = repeated(years)
    course, stop = treatment.course[of], treatment.stop[of]
    written = treatment.start[of] + nth * _YEAR
    days = _supply(timeline)[treatment.drug[of]]
    length = stop - treatment.start[of] + 1
    # a course may be longer than what is handed out at once
    refills = np.where(course, np.clip(-(-length // days) - 1, 0, _MOST_REFILLS), np.maximum(_YEAR // days - 1, 0))
    of_course = np.minimum(np.maximum(np.minimum(written + 30, stop), written + length + _LATE), stop + _LATE)
    until = np.where(course, of_course, np.minimum(written + _YEAR - 1, stop))
    until = np.minimum(until, timeline.people.last[treatment.person[of]])
    order = order_of(treatment.person[of], written, of)
    of = of[order]
    return Prescriptions(of, written[order], until[order], refills[order], runs(treatment.person[of])[0])
