"""The steps of journeys, planned for all of their people at once: one operation on arrays per step.

Each draw is looked up by journey and step, person, and the time that it is of the step: what one step draws, no other step and no
other person changes, whatever the batch.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from healthsim.generation.compiled import fits
from healthsim.generation.journeys.declaration import NOTHING, Step, Wait
from healthsim.generation.journeys.order import Placed
from healthsim.generation.kernels.context import NEVER, Bools, Floats, Ints
from healthsim.generation.kernels.days import in_stage
from healthsim.generation.kernels.journey_conditions import is_so
from healthsim.generation.kernels.journey_parts import (
    CHANCE,
    DIED,
    HAPPENS,
    HISTORY,
    IN_HOSPITAL,
    NOT_FOR,
    OTHER_BRANCH,
    OVER,
    PREDECESSOR,
    WHEN,
    Group,
    Planned,
)
from healthsim.generation.kernels.journey_world import World
from healthsim.generation.randomness import choose, normal_quantile
from healthsim.generation.validity import CPT


def plan(world: World, group: Group, lost: Mapping[str, Bools]) -> dict[str, Planned]:
    """The steps of a group by name, in the order in which they are planned.

    Args:
        lost: by step, the times that cannot happen since the person is in hospital then.
    """
    planned: dict[str, Planned] = {}
    for placed in group.pathway.steps:
        planned[placed.name] = _planned(world, group, placed, planned, lost.get(placed.name))
    return planned


class _Draws:
    """The randomness of one step of a group: (person, time) arrays."""

    def __init__(self, world: World, group: Group, placed: Placed) -> None:
        number = world.people.number.take(group.person)
        self._draws, self._shape = world.context.draws, (len(number), placed.times)
        self._stream = group.pathway.stream
        self._step = placed.name
        self._number = number if placed.times == 1 else number.repeat(placed.times)
        self._time: Ints | int = 0 if placed.times == 1 else np.tile(np.arange(placed.times), len(number))

    def uniform(self, what: str) -> Floats:
        """Numbers of (0, 1)."""
        stream = self._stream(self._step, what)
        return self._draws.uniform(stream, self._number, self._time).reshape(self._shape)

    def wait(self, wait: Wait) -> Ints | int:
        """Days of a wait."""
        if wait.fixed is not None:
            return wait.fixed
        u = self.uniform("wait")
        if wait.uniform is not None:
            low, high = wait.uniform
            return low + (u * (high - low + 1)).astype(np.int64)
        if wait.exponential is not None:
            days: Floats = -wait.exponential * np.log(u)
        elif wait.lognormal is not None:
            days = wait.lognormal[0] * np.exp(wait.lognormal[1] * normal_quantile(u.ravel()).reshape(u.shape))
        else:
            assert wait.normal is not None  # the faults of a file say so before
            days = wait.normal[0] + wait.normal[1] * normal_quantile(u.ravel()).reshape(u.shape)
        return np.round(np.clip(days, 0, NEVER)).astype(np.int64)


def _planned(world: World, group: Group, placed: Placed, before: Mapping[str, Planned], lost: Bools | None) -> Planned:
    """One step, from those before it."""
    step, draws = placed.step, _Draws(world, group, placed)
    day, exists = _days(group, placed, before, draws)
    why = np.zeros(day.shape, dtype=np.int8)
    option = np.zeros(day.shape, dtype=np.int8)

    def unless(possible: Bools, reason: int) -> None:
        why[(why == HAPPENS) & ~possible] = reason

    if step.predecessor is not None:
        unless(before[step.predecessor].happens, PREDECESSOR)
    if step.from_ is not None:
        choice = group.pathway.journey.steps[step.from_].one_of or {}
        unless(before[step.from_].option == list(choice).index(placed.name), OTHER_BRANCH)
    unless(day - group.start[:, None] <= group.pathway.journey.lasts, OVER)
    people = world.people
    unless(day < people.death.take(group.person)[:, None] + 1, DIED)
    unless(day <= people.last.take(group.person)[:, None], HISTORY)
    if step.when is not None:
        unless(is_so(world, group, step.when, day, before), WHEN)
    if step.chance < 1:
        unless(draws.uniform("chance") < step.chance, CHANCE)
    if step.procedure is not None:
        option, possible = _procedures(world, group, step, day)
        unless(possible, NOT_FOR)
    if step.regimen is not None:
        unless(_treatable(world, group, step, day), NOT_FOR)
    if lost is not None:
        unless(~lost, IN_HOSPITAL)
    if step.one_of is not None:
        edges = np.cumsum(list(step.one_of.values()))
        option = choose(draws.uniform("branch").ravel(), edges / edges[-1]).reshape(day.shape).astype(np.int8)
    return Planned(day, exists, why, option)


def _days(group: Group, placed: Placed, before: Mapping[str, Planned], draws: _Draws) -> tuple[Ints, Bools]:
    """(the days of a step, which of its times there are)."""
    step = placed.step
    if step.predecessor is not None:
        day, exists = before[step.predecessor].day, before[step.predecessor].exists
    else:
        day = group.start[:, None] + (step.day or 0)
        exists = np.ones(day.shape, dtype=bool)
    shape = len(group.person), placed.times
    if step.repeat is None:
        return day + (0 if step.wait is None else draws.wait(step.wait)), exists
    # what repeats waits once, and then comes at intervals
    nth = np.arange(placed.times)
    if step.wait is not None:
        wait = draws.wait(step.wait)
        day = day + (wait if isinstance(wait, int) else wait[:, :1])
    moved: Ints | int = 0
    if step.repeat.spread:
        width = 2 * step.repeat.spread + 1
        moved = (draws.uniform("spread") * width).astype(np.int64) - step.repeat.spread
        moved[:, 0] = 0
    day = np.broadcast_to(day + nth * step.repeat.every + moved, shape)
    exists = np.broadcast_to(exists, shape)
    if step.repeat.until is not None:
        exists = exists & (day - group.start[:, None] <= step.repeat.until)
    return day, exists


def _procedures(world: World, group: Group, step: Step, day: Ints) -> tuple[Ints, Bools]:
    """(which of the codes of a procedure is done, whether any can be): the first that is for the age and sex, and is billed then."""
    people, knowledge = world.people, world.context.knowledge
    person = group.person.repeat(day.shape[1])
    age, sex = people.age_at(person, day.ravel()), people.sex.take(person)
    option, possible = np.zeros(day.size, dtype=np.int8), np.zeros(day.size, dtype=bool)
    for place, code in reversed(list(enumerate(step.procedure or ()))):
        _, done = group.pathway.known.procedures[code]
        can = fits(done.who, sex, age)
        can &= knowledge.on(CPT, np.full(day.size, knowledge.service(done)), day.ravel()) >= 0
        option[can], possible = place, possible | can
    return option.reshape(day.shape), possible.reshape(day.shape)


def _treatable(world: World, group: Group, step: Step, day: Ints) -> Bools:
    """Whether a regimen is for people of their age, sex and stage."""
    people, knowledge = world.people, world.context.knowledge
    journey = group.pathway.journey
    assert journey.condition is not None  # the faults of a file say so before
    assert step.regimen is not None
    regimen = group.pathway.known.regimens(journey)[step.regimen]
    number = knowledge.index(journey.condition)
    person = group.person.repeat(day.shape[1])
    right: Bools = fits(regimen.who, people.sex.take(person), people.age_at(person, day.ravel()).astype(float))
    if number in knowledge.chronic_rows:
        stage = world.health.stage[knowledge.chronic_rows[number]].take(person)
        right = right & in_stage(knowledge.conditions[number], regimen.stages, stage)
    return right.reshape(day.shape)


def chosen(step: Step, option: int) -> str:
    """The name of an option of a choice."""
    return list(step.one_of or {NOTHING: 1})[option]
