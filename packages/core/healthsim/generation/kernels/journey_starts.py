"""Who goes through a journey, and from which day on."""

from __future__ import annotations

import numpy as np

from healthsim.generation.compiled import fits
from healthsim.generation.journeys.pathways import Pathway
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.context import NEVER, YEAR, Ints
from healthsim.generation.kernels.events import Events
from healthsim.generation.kernels.journey_parts import Group
from healthsim.generation.kernels.journey_people import takes_part
from healthsim.generation.kernels.journey_world import World
from healthsim.generation.kernels.people import People

#: of stays that begin journeys those for illness, and that of a delivery
_STAYS = {"admission": (ev.ADMISSION, ev.READMISSION), "delivery": (ev.DELIVERY,)}


def group_of(world: World, pathway: Pathway, events: Events) -> Group:
    """Those who qualify for a journey within their history, and of these the share that takes part."""
    context, people = world.context, world.people
    day = _starts(world, pathway, events)
    there = (day >= people.first) & (day <= people.last)
    person = np.flatnonzero(there & takes_part(context, people, pathway))
    who = pathway.journey.who
    person = person[fits(who, people.sex[person], people.age_at(person, day[person]))]
    return Group(pathway, person, day[person])


def _starts(world: World, pathway: Pathway, events: Events) -> Ints:
    """(person) the day on which a journey would begin, NEVER where it does not."""
    context, people, starts = world.context, world.people, pathway.journey.starts
    if starts.age is not None:
        return _birthday(people, starts.age)
    if starts.enrolment is not None:
        coverage = world.coverage
        new = coverage.start > people.first.take(coverage.person)
        return _first(len(people), coverage.person[new], coverage.start[new])
    assert pathway.journey.condition is not None  # the faults of a file say so before
    number = context.knowledge.index(pathway.journey.condition)
    if starts.onset is not None:
        row = context.knowledge.chronic_rows[number]
        onset: Ints = np.where(world.health.has[row], world.health.onset[row], NEVER)
        return onset
    of_cause = (events.cause == number) & ~events.expired
    if starts.emergency is not None:
        at = np.flatnonzero(of_cause & (events.setting == ev.EMERGENCY))
    else:
        kinds = _STAYS["admission" if starts.admission is not None else "delivery"]
        at = np.flatnonzero(of_cause & (events.setting == ev.INPATIENT) & np.isin(events.kind, kinds))
    # the last day of a stay
    return _first(len(people), events.person[at], events.day[at] + events.stay[at])


def _birthday(people: People, age: int) -> Ints:
    """(person) the first day on which each person is of an age."""
    day = people.birth + int(age * YEAR)
    everyone = np.arange(len(people))
    result: Ints = np.where(people.age_at(everyone, day) < age, day + 1, day)
    return result


def _first(people: int, person: Ints, day: Ints) -> Ints:
    """(person) the earliest of the days of each person, NEVER of those who have none."""
    first = np.full(people, NEVER)
    np.minimum.at(first, person, day)
    return first
