"""Vaccines: which doses fall due for whom, and the contacts at which they are given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from healthsim.generation.kernels.context import EPOCH, MONTH, YEAR, Context, Ints
from healthsim.generation.kernels.timeline import Timeline
from healthsim.generation.knowledge import Vaccine
from healthsim.generation.ordering import order_of
from healthsim.generation.validity import CVX

#: days that people wait for the next contact before a dose of the schedule is left out, and before one that comes again is;
#: assumptions, such that a dose of a child is given with the next well visit
DUE_WAIT, AGAIN_WAIT = 150, 330
#: days from one dose to the next at least: ACIP, minimum intervals of the childhood schedule
APART = 28
#: of doses of children before the history: days that they were late at most, and the share that was missed; assumptions,
#: within what DUE_WAIT allows, and such that as many children have all of them as within the history
LATE, MISSED = 45, 0.024
#: later than any day
BEYOND = 10**9
#: vaccines of which the last dose is due at this age at most are those of childhood
CHILD = 10


@dataclass(frozen=True)
class Earlier:
    """Vaccines that children had before the history, when contacts are not told of: person, day, vaccine, dose from 0."""

    person: Ints
    day: Ints
    vaccine: Ints
    dose: Ints


@dataclass(frozen=True)
class Doses:
    """Vaccines given, in the order of contacts: row of the contact, number of the vaccine, number of the dose from 0."""

    event: Ints
    vaccine: Ints
    dose: Ints
    earlier: Earlier


@dataclass(frozen=True)
class _Plan:
    """One dose: the day on which it falls due for each person, its number, and how many days it can wait."""

    day: Ints
    dose: int
    wait: Ints | int


def vaccines_given(timeline: Timeline) -> Doses:
    """Doses that fall due within the history, at the next contact in person; and those of children before it."""
    parts: list[tuple[Ints, Ints, Ints]] = []
    before: list[tuple[Ints, Ints, Ints, Ints]] = []
    knowledge = timeline.context.knowledge
    for number, vaccine in enumerate(knowledge.vaccines[: knowledge.scheduled]):
        keeps = _who_keeps(timeline, vaccine)
        last = timeline.people.birth.take(keeps) - APART
        days = list(_given_before(timeline, vaccine, keeps))
        for nth, day in enumerate(days):
            had = np.flatnonzero(day < BEYOND)
            last[had] = day[had]
            before.append((keeps.take(had), day.take(had), np.full(len(had), number), np.full(len(had), nth)))
        for plan in _plans(timeline, vaccine, keeps):
            contact = _attended(timeline, vaccine, keeps, plan, last + APART)
            if days:
                contact[days[plan.dose] < BEYOND] = -1
            at = contact[contact >= 0]
            last[contact >= 0] = timeline.events.day[at]
            parts.append((at, np.full(len(at), number), np.full(len(at), plan.dose)))
    earlier = _earlier(timeline, before)
    if not parts:
        nothing = np.zeros(0, dtype=np.int64)
        return Doses(nothing, nothing, nothing, earlier)
    event, which, dose = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = order_of(event, which, dose)
    event, which, dose = event[order], which[order], dose[order]
    # two doses of one vaccine are never given at once
    once = np.r_[True, (event[1:] != event[:-1]) | (which[1:] != which[:-1])][: len(event)]
    # the product of the day; before there was one, nothing is given
    which = knowledge.on(CVX, which, timeline.events.day.take(event))
    once &= which >= 0
    return Doses(event[once], which[once], dose[once], earlier)


def _earlier(timeline: Timeline, before: list[tuple[Ints, Ints, Ints, Ints]]) -> Earlier:
    """The doses of before the history, each of the product of its day."""
    if not before:
        nothing = np.zeros(0, dtype=np.int64)
        return Earlier(nothing, nothing, nothing, nothing)
    person, day, vaccine, dose = (np.concatenate(part) for part in zip(*before, strict=True))
    vaccine = timeline.context.knowledge.on(CVX, vaccine, day)
    there = vaccine >= 0
    return Earlier(person[there], day[there], vaccine[there], dose[there])


def _given_before(timeline: Timeline, vaccine: Vaccine, keeps: Ints) -> Iterator[Ints]:
    """For each dose of a vaccine of childhood, the day before the history on which each child had it; else beyond it.

    The record of a child has them: without, who turns two soon after the start would seem not to be vaccinated.
    """
    if vaccine.every_years or vaccine.season is not None or vaccine.who.max_age > CHILD:
        return
    context, people = timeline.context, timeline.people
    birth, number, label = people.birth.take(keeps), people.number.take(keeps), _label(vaccine)
    last, first = birth - APART, people.first.take(keeps)
    for dose, month in enumerate(vaccine.due_months):
        late = (context.draws.uniform(label + "/before", number, dose) * LATE).astype(np.int64)
        day = np.maximum(birth + int(month * MONTH), last + APART) + late
        missed = context.draws.uniform(label + "/missed", number, dose) < MISSED
        # one that is missed, or that would be given later, is not of the time before
        day = np.where(missed | (day >= first), BEYOND, day)
        last = np.where(day < first, day, last)
        yield day


def _label(vaccine: Vaccine) -> str:
    """The stream of chance of a vaccine."""
    return f"vaccine {vaccine.cvx} {vaccine.name}"


def _who_keeps(timeline: Timeline, vaccine: Vaccine) -> Ints:
    """The persons who keep to the schedule of a vaccine, of those whose age and sex it is for at some time."""
    context, people = timeline.context, timeline.people
    can = people.age_at(np.arange(len(people)), _first_day(timeline)) <= vaccine.who.max_age
    if vaccine.every_years:
        can &= (people.last - people.birth) / YEAR >= vaccine.who.min_age
    if vaccine.who.sex is not None:
        can &= people.sex == "FM".index(vaccine.who.sex)
    who = np.flatnonzero(can)
    # whoever has one vaccine of childhood mostly has the others: one number says how many are kept to
    stream = _label(vaccine) if vaccine.every_years or vaccine.who.max_age > CHILD else "vaccines of childhood"
    keeps: Ints = who.compress(context.draws.uniform(stream, people.number.take(who)) < vaccine.share)
    return keeps


def _first_day(timeline: Timeline) -> Ints:
    """The first day of each person within the history."""
    return timeline.people.first


def _plans(timeline: Timeline, vaccine: Vaccine, keeps: Ints) -> Iterator[_Plan]:
    """The doses that fall due for the people who keep to a schedule."""
    context, people = timeline.context, timeline.people
    birth, draws, label = people.birth.take(keeps), context.draws, _label(vaccine)
    for dose, month in enumerate(vaccine.due_months):
        yield _Plan(birth + int(month * MONTH), dose, DUE_WAIT)
    if vaccine.season is not None:
        u = draws.uniform(label + "/day", people.number.take(keeps))
        for begins, ends in _seasons(context, *vaccine.season):
            # asked for in the first third, given at the next contact while it lasts
            day = begins + (u * (ends - begins) / 3).astype(np.int64)
            yield _Plan(day, 0, ends - day)
    elif vaccine.every_years:
        u = draws.uniform(label + "/day", people.number.take(keeps))
        start = (context.start + u * 365 * vaccine.every_years).astype(np.int64)
        # one that fell due before the history may still wait for a contact
        for nth in range(-1, int(context.spec.years / vaccine.every_years) + 1):
            yield _Plan(start + int(nth * YEAR * vaccine.every_years), 0, AGAIN_WAIT)


def _attended(timeline: Timeline, vaccine: Vaccine, keeps: Ints, plan: _Plan, earliest: Ints) -> Ints:
    """The contacts at which a dose is given, -1 where it is not; a dose before it that was late makes it later as well."""
    people, who = timeline.people, vaccine.who
    day, deadline = np.maximum(plan.day, earliest), plan.day + plan.wait
    due = (deadline >= np.maximum(day, people.first.take(keeps))) & (day <= people.last.take(keeps))
    if vaccine.every_years:
        age = (plan.day - people.birth.take(keeps)) / YEAR
        due &= (age >= who.min_age) & (age < who.max_age + 1)
    rows = np.flatnonzero(due)
    contact = np.full(len(keeps), -1)
    at = timeline.attach(keeps.take(rows), day.take(rows), (deadline - day).take(rows))
    # by the day that it is given the person may have grown too old for it
    young = people.age_at(keeps.take(rows), timeline.events.day[at]) <= who.max_age
    contact[rows] = np.where(young, at, -1)
    return contact


def _seasons(context: Context, first: int, last: int) -> list[tuple[int, int]]:
    """The first and last days of the seasons that are, in part at least, within the history, from month to month."""
    seasons = []
    for year in range((EPOCH + dt.timedelta(context.start)).year - 1, context.spec.as_of.year + 1):
        begins = (dt.date(year, first, 1) - EPOCH).days
        ends = dt.date(year + (last < first) + last // 12, last % 12 + 1, 1) - dt.timedelta(1)
        if (ends - EPOCH).days >= context.start:
            seasons.append((begins, (ends - EPOCH).days))
    return seasons
