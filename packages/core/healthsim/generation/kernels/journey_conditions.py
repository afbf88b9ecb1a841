"""What must be so for a step: age, sex, conditions, stage, control, payer, and other steps, as known on its day."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from healthsim.generation.compiled import fits
from healthsim.generation.journeys.declaration import When
from healthsim.generation.kernels.context import NEVER, Bools, Ints
from healthsim.generation.kernels.coverage import billing
from healthsim.generation.kernels.days import in_stage
from healthsim.generation.kernels.journey_parts import Group, Planned
from healthsim.generation.kernels.journey_world import World
from healthsim.generation.spec import Payer


def is_so(world: World, group: Group, when: When, day: Ints, before: Mapping[str, Planned]) -> Bools:
    """Whether all of it is so, for (person, time) days of a step."""
    people, person = world.people, group.person.repeat(day.shape[1])
    days = day.ravel()
    result: Bools = fits(when, people.sex.take(person), people.age_at(person, days))
    for name, wanted in ((when.condition, True), (when.without, False)):
        if name is not None:
            result = result & (_has(world, name, person, days) == wanted)
    if when.stages or when.controlled is not None:
        result = result & _form(world, group, when, person)
    if when.payers:
        result = result & _covered_by(world, when.payers, person, days)
    result = result.reshape(day.shape)
    if when.step is not None:
        other = before[when.step]
        first = np.where(other.happens, other.day, NEVER).min(axis=1)
        result = result & ((first[:, None] <= day) == when.happened)
    return result


def _has(world: World, name: str, person: Ints, day: Ints) -> Bools:
    knowledge = world.context.knowledge
    row = knowledge.chronic_rows[knowledge.index(name)]
    has: Bools = world.health.has[row].take(person) & (world.health.onset[row].take(person) <= day)
    return has


def _form(world: World, group: Group, when: When, person: Ints) -> Bools:
    """Whether people have the journey's condition in one of some stages, and whether treatment brings it under control."""
    knowledge, health = world.context.knowledge, world.health
    number = knowledge.index(group.pathway.journey.condition or "")
    row = knowledge.chronic_rows[number]
    result = in_stage(knowledge.conditions[number], when.stages, health.stage[row].take(person))
    if when.controlled is not None:
        result = result & (health.controlled_if_treated[row].take(person) == when.controlled)
    return result


def _covered_by(world: World, payers: tuple[Payer, ...], person: Ints, day: Ints) -> Bools:
    """Whether one of some payers covers people on days; whoever has no coverage then is uninsured."""
    lines = [plan["line"] for plan in billing()["plans"]]
    wanted = np.array([*(line in payers for line in lines), "uninsured" in payers])
    span = world.coverage.on(person, day)
    plan = np.where(span >= 0, np.append(world.coverage.plan, -1).take(span), -1)
    covered: Bools = wanted[plan]
    return covered
