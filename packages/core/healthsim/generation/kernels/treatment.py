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
from healthsim.generation.validity import NDC

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
#: days that somebody who is to begin a drug waits for a contact at most; the least share of people on nothing; assumptions
_JOINS_WITHIN, _SOME = 365, 0.05
#: days between the end of one course and the next of the same ingredient
PAUSE = 30
#: a long-term drug is taken so many days at least; a lifetime in days
_AT_LEAST, _FOREVER = 30, 40_000
#: days that a drug for a pregnancy is taken
PREGNANCY_DAYS = 240
#: spread between people of the share of days covered, and its limits; assumptions
ADHERENCE_SPREAD, _ADHERENCE = 0.16, (0.35, 1.0)
#: which of a person's prescriptions it is
_PRESCRIPTION = Packing("drug", day=(-512, 4_096))


@dataclass(frozen=True)
class Treatment:
    """Drugs taken, one row each.

    Attributes:
        person, drug: places in the batch and in the knowledge. cause: number of the condition.
        event: the row of the contact at which it was begun, -1: before the history. start, stop: days; stop is the
            last day of life or history, or the end of the course. course: a short one. adherence: share of days covered.
        treated: (chronic condition, person) since which day it is treated; 0 where it is not.
        step: row of the step of a journey with which it was begun, -1 for none.
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
    step: Ints


@dataclass(frozen=True)
class _Begun:
    """Drugs that are begun, one row each, before it is seen to that nobody takes two of one kind.

    Attributes:
        person, drug, cause, event, start, stop, course, step: as in ``Treatment``. key: of the contact that it is for.
    """

    person: Ints
    drug: Ints
    cause: Ints
    event: Ints
    start: Ints
    stop: Ints
    course: Bools
    key: Ints
    step: Ints

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
        for begun in (*_usual(timeline, _due(timeline, number, condition)), *_of_journeys(timeline, number)):
            if number in place:
                row = place[number]
                since = treated[row, begun.person]
                treated[row, begun.person] = np.where(since > 0, np.minimum(since, begun.start), begun.start)
            parts.append(begun)
    if not parts:
        nothing = np.zeros(0, dtype=np.int64)
        parts = [_Begun(nothing, nothing, nothing, nothing, nothing, nothing, nothing.astype(bool), nothing, nothing)]
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
    people, name = timeline.people, due.condition.condition
    lines = {regimen.line or regimen.name: _Line(timeline, due, regimen) for regimen in due.condition.regimens}
    for place, regimen in enumerate(due.condition.regimens):
        line = lines[regimen.line or regimen.name]
        days = _course(due.condition, regimen)
        for which, event, start in line.users(place, regimen, days is None):
            who, keys = due.who[which], due.keys[which]
            product = product_of(timeline, f"{name}/{regimen.name}/drug", regimen, who, keys, start)
            # before there was a product of the kind, the regimen is not begun
            who, keys, event, begins, product = (part[product >= 0] for part in (who, keys, event, start, product))
            stop = people.last[who] if days is None else np.minimum(begins + days, people.last[who])
            cause, course = np.full(len(who), due.number), np.full(len(who), days is not None)
            yield _Begun(who, product, cause, event, begins, stop, course, keys, np.full(len(who), -1))


#: some of those of whom a condition asks for treatment, the contacts at which they begin (-1: before the history), and the days
_Users = tuple[Ints, Ints, Ints]


class _Line:
    """Regimens of which a person gets at most one: those on them when the history begins, and those who begin within it.

    As many are on each regimen as its share says, on any day: of those who had the condition before the history that share is
    on it when it begins, of others it begins with the condition, and as many begin in each year as stop.
    """

    def __init__(self, timeline: Timeline, due: _Due, first: Regimen) -> None:
        self.timeline, self.due = timeline, due
        self.label = f"{due.condition.condition}/{first.line or first.name}"
        regimens = due.condition.regimens
        self.share = sum(
            other.share for other in regimens if other is first or (first.line and other.line == first.line)
        )
        self.u = timeline.context.draws.uniform(self.label, timeline.people.number[due.who], due.keys)
        self.edge = self.later = 0.0
        self.earlier = np.zeros(len(due.who), dtype=bool)
        row = timeline.context.knowledge.chronic_rows.get(due.number)
        if row is not None:
            self.earlier = timeline.health.onset[row, due.who] < timeline.people.first[due.who]

    def users(self, place: int, regimen: Regimen, goes_on: bool) -> Iterator[_Users]:
        """Who begins a regimen, when: it is asked for in the order of the regimens."""
        on = (self.u >= self.edge) & (self.u < self.edge + regimen.share)
        self.edge += regimen.share
        earlier = self.earlier if goes_on else np.zeros_like(self.earlier)
        event = self.due.event
        day = self.timeline.events.day.take(event)
        which, at = _begins(self.timeline, self.due, place, self._right(regimen, on & ~earlier, day))
        yield which, at, self.timeline.events.day.take(at)
        if goes_on and self.due.condition.kind == "chronic":
            first = self.timeline.people.first[self.due.who]
            yield self._on_it(self._right(regimen, on & earlier, first))
            yield self._joining(regimen, self.u >= self.share)

    def _right(self, regimen: Regimen, chosen: Bools, day: Ints) -> Ints:
        """Those of the chosen whom a regimen is for on a day."""
        due, people = self.due, self.timeline.people
        which = np.flatnonzero(chosen)
        who = due.who[which]
        age = people.age_at(who, day[which]).astype(float)
        right = fits(regimen.who, people.sex[who], age) & in_stage(due.condition, regimen.stages, due.stage[which])
        those: Ints = which[right]
        return those

    def _on_it(self, which: Ints) -> _Users:
        """Those who have been on a regimen since before the history: for as long as not yet one in so many a year has stopped."""
        people, who = self.timeline.people, self.due.who[which]
        row = self.timeline.context.knowledge.chronic_rows[self.due.number]
        ill = (people.first[who] - self.timeline.health.onset[row, who]) / YEAR
        u = self.timeline.context.draws.uniform(self.label + "/since", people.number[who])
        ago = -np.log1p(-u * -np.expm1(-STOPS * ill)) / STOPS
        return which, np.full(len(which), -1), people.first[who] - 1 - (ago * YEAR).astype(np.int64)

    def _joining(self, regimen: Regimen, chosen: Bools) -> _Users:
        """Those who are on nothing of the line at first, and begin later: as many as stop."""
        timeline, people, due = self.timeline, self.timeline.people, self.due
        since = timeline.events.day[due.event]
        years = (people.last[due.who] - since + 1) / YEAR
        chance = np.minimum(STOPS * years * regimen.share / max(1 - self.share, _SOME), 1 - self.later)
        v = timeline.context.draws.uniform(self.label + "/joins", people.number[due.who])
        joins = chosen & (v >= self.later) & (v < self.later + chance)
        self.later = min(self.later + STOPS * timeline.context.years * regimen.share / max(1 - self.share, _SOME), 1.0)
        u = timeline.context.draws.uniform(self.label + "/joins/day", people.number[due.who])
        # what a drug is for is taken down before it is given
        day = since + (u * years * YEAR).astype(np.int64)
        which = self._right(regimen, joins, day)
        at = timeline.attach(due.who[which], day[which], _JOINS_WITHIN)
        which, at = which[at >= 0], at[at >= 0]
        return which, at, timeline.events.day.take(at)


def _usual(timeline: Timeline, due: _Due) -> Iterator[_Begun]:
    """The drugs of those on each regimen, without those that begin while a journey has its own."""
    for begun in _begun(timeline, due):
        replaced = timeline.journeys.replaces("regimens", due.number, begun.person, begun.start)
        yield begun.take(np.flatnonzero(~replaced))


def _of_journeys(timeline: Timeline, number: int) -> Iterator[_Begun]:
    """The drugs that begin with steps of journeys, of the regimens of a condition."""
    condition, people = timeline.context.knowledge.conditions[number], timeline.people
    for begins in timeline.journeys.regimens(number):
        who, keys, start = begins.person, begins.time, timeline.events.day.take(begins.event)
        product = product_of(timeline, f"{begins.label}/drug", begins.regimen, who, keys, start)
        days = _course(condition, begins.regimen)
        stop = people.last[who] if days is None else np.minimum(start + days, people.last[who])
        cause, course = np.full(len(who), number), np.full(len(who), days is not None)
        begun = _Begun(who, product, cause, begins.event, start, stop, course, keys, begins.row)
        # before there was a product of the kind, the regimen is not begun
        yield begun.take(np.flatnonzero(product >= 0))


def product_of(timeline: Timeline, label: str, regimen: Regimen, who: Ints, keys: Ints, start: Ints) -> Ints:
    """The number of the drug that each person begins: one of the regimen, or what was used before it; -1: there was nothing."""
    knowledge = timeline.context.knowledge
    drugs = np.array([knowledge.drug(drug) for drug in regimen.drugs])
    chosen = timeline.context.draws.integer(label, timeline.people.number[who], len(drugs), keys)
    return knowledge.on(NDC, drugs[chosen], start)


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
    since = np.maximum(begun.start, timeline.people.first[begun.person])
    ends = since + (years * YEAR).clip(max=_FOREVER).astype(np.int64) + _AT_LEAST
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
        begun.step,
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
    fills = Fills(which, number, written[which] + delay[which] + number * gap[which])
    return _within_history(timeline, treatment, prescriptions, fills)


def _within_history(
    timeline: Timeline, treatment: Treatment, prescriptions: Prescriptions, fills: Fills
) -> tuple[Prescriptions, Fills]:
    """Without fills before a person's first day, and without older prescriptions of which no fill is left."""
    first = timeline.people.first[treatment.person[prescriptions.treatment]]
    there = fills.day >= first[fills.prescription]
    left = np.bincount(fills.prescription[there], minlength=len(first)) > 0
    kept = np.flatnonzero(left | (prescriptions.written >= first))
    place = np.full(len(first), -1)
    place[kept] = np.arange(len(kept))
    of, written, until, refills = (
        column[kept]
        for column in (prescriptions.treatment, prescriptions.written, prescriptions.until, prescriptions.refills)
    )
    ordinal = runs(treatment.person[of])[0]
    fills = Fills(place[fills.prescription[there]], fills.number[there], fills.day[there])
    return Prescriptions(of, written, until, refills, ordinal), fills


def _supply(timeline: Timeline) -> Ints:
    """Days' supply of each drug."""
    return np.array([drug.days_supply for drug in timeline.context.knowledge.drugs], dtype=np.int64)


def _prescriptions(timeline: Timeline, treatment: Treatment) -> Prescriptions:
    """When prescriptions are written, until when they can be filled and how often."""
    years = np.where(treatment.course, 1, (treatment.stop - treatment.start) // _YEAR + 1)
    # of those written before the history the last one may still be filled
    old = np.maximum((timeline.people.first[treatment.person] - treatment.start) // _YEAR, 0)
    of, nth = repeated(np.maximum(years - old, 0))
    nth = nth + old[of]
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
