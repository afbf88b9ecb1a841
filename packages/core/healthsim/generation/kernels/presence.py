"""From when to when each person is there: who came when, who died or moved away when."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from healthsim.generation.kernels.context import NEVER, YEAR, Context, Floats, Ints
from healthsim.generation.lives import STEPS
from healthsim.generation.places import AGES


class Presence(NamedTuple):
    """The first and the last day of each person within the history, and the day of death (NEVER of those who live)."""

    first: Ints
    last: Ints
    death: Ints


def presence(context: Context, number: Ints, county: Ints, sex: Ints, birth: Ints) -> Presence:
    """Who is there from when to when; ``birth`` fits the age at the end of the history, which some do not see there."""
    draws, flows = context.draws, context.flows
    age = (context.end - birth) / YEAR
    leaves, ago = _left(context, number, county, sex, age)
    day = np.maximum(context.end - (ago * YEAR).astype(np.int64), np.minimum(birth + _earliest(context), context.end))
    at = _cells(county, sex, (day - birth) / YEAR)
    dies = flows.deaths.ravel().take(at % flows.deaths.size)
    moves = flows.leaves.ravel().take(at)
    death = np.where(leaves & (draws.uniform("dies", number) * (dies + moves) < dies), day, NEVER)
    last = np.where(leaves, day, context.end)
    first = np.minimum(_came(context, number, county, sex, birth, last), last)
    return Presence(first, last, death)


def _earliest(context: Context) -> int:
    """Days of life before which nobody leaves: whoever has the conditions of a cohort was old enough for them while being there."""
    conditions = [context.knowledge.conditions[context.knowledge.index(name)] for name in context.spec.cohort]
    ages = [float(condition.earliest_age) for condition in conditions if condition.kind == "chronic"]
    return int(np.ceil(max(ages, default=0.0) * YEAR))


def _cells(county: Ints, sex: Ints, age: Floats) -> Ints:
    """The places in a raveled (county, sex, age) table."""
    cells: Ints = (county * 2 + sex) * AGES + np.clip(age, 0, AGES - 1).astype(np.int64)
    return cells


def _left(context: Context, number: Ints, county: Ints, sex: Ints, age: Floats) -> tuple[Ints, Floats]:
    """(who left within the history, how many years before its end)."""
    draws, flows = context.draws, context.flows
    steps = STEPS * context.spec.years
    each = context.years / steps
    exits = flows.exits.ravel()
    before = np.zeros(len(number))
    sums = np.empty((steps, len(number)))
    for step in range(steps):
        then = age - (step + 0.5) * each
        before = before + np.where(then >= 0, exits.take(_cells(county, sex, then)), 0) * each
        sums[step] = before
    present = context.places.pyramids.ravel().take(_cells(county, sex, age))
    leaves = draws.uniform("leaves", number) * (present + before) >= present
    u = draws.uniform("leaves/when", number) * before
    step = np.minimum((sums <= u[None]).sum(axis=0), steps - 1)
    ago = (step + draws.uniform("leaves/day", number)) * each
    return leaves, ago


def _came(context: Context, number: Ints, county: Ints, sex: Ints, birth: Ints, last: Ints) -> Ints:
    """The first day of each person: of those who moved in, that on which they did; else the birthday or that of the history."""
    draws = context.draws
    steps = STEPS * context.spec.years
    each = context.years / steps
    comes = context.flows.comes.ravel()
    age = (last - birth) / YEAR
    waits = -np.log(draws.uniform("comes", number))
    step, total = np.zeros(len(number), dtype=np.int64), np.zeros(len(number))
    for nth in range(steps):
        then = age - (nth + 0.5) * each
        total = total + np.where(then >= 0, comes.take(_cells(county, sex, then)), 0) * each
        step += total < waits
    day = last - ((step + draws.uniform("comes/day", number)) * each * YEAR).astype(np.int64)
    came = np.where(step < steps, day, context.start)
    first: Ints = np.maximum(np.maximum(came, birth), context.start)
    return first
