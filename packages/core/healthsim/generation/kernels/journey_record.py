"""What the journeys of a batch came to: which contacts, orders and drugs are theirs, and what they replace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from healthsim.generation.journeys.knowledge import PANEL
from healthsim.generation.journeys.order import Placed
from healthsim.generation.kernels.context import Bools, Context, Ints
from healthsim.generation.kernels.journey_parts import Group, Planned
from healthsim.generation.knowledge import Regimen


class Begins(NamedTuple):
    """Regimens that begin with a step: row, person, which time of the step, row of the contact; the regimen, and its stream."""

    row: Ints
    person: Ints
    time: Ints
    event: Ints
    regimen: Regimen
    label: str


@dataclass(frozen=True)
class Journeys:
    """The journeys of a batch.

    Attributes:
        groups, planned: who goes through each, and its steps.
        event: of each row (a step, a person of its group, a time) the row of its own contact, -1 for none.
    """

    context: Context
    groups: tuple[Group, ...] = ()
    planned: tuple[Mapping[str, Planned], ...] = ()
    event: Ints | None = None

    @cached_property
    def first(self) -> list[dict[str, int]]:
        """By group and step: the row of the first person and time."""
        firsts: list[dict[str, int]] = []
        row = 0
        for steps in self.planned:
            firsts.append({})
            for name, planned in steps.items():
                firsts[-1][name] = row
                row += planned.day.size
        return firsts

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(planned.day.size for steps in self.planned for planned in steps.values())

    def row(self, which: int, step: str) -> Ints:
        """(person, time) rows of a step of a group."""
        shape = self.planned[which][step].day.shape
        return self.first[which][step] + np.arange(shape[0] * shape[1]).reshape(shape)

    def contact(self, which: int, placed: Placed) -> Ints:
        """(person, time) row of the contact at which a step happens, -1 for none."""
        shape = self.planned[which][placed.name].day.shape
        if placed.contact is None or self.event is None:
            return np.full(shape, -1)
        event: Ints = self.event[self.row(which, placed.contact)]
        return np.broadcast_to(event, shape)

    def replaces(self, part: str, number: int, person: Ints, day: Ints) -> Bools:
        """Whether a condition's own care of some people on some days is left out, since a journey has its own.

        Args:
            part: of ``instead_of``.
        """
        result = np.zeros(len(person), dtype=bool)
        for group in self.groups:
            journey = group.pathway.journey
            if part in journey.instead_of and self.context.knowledge.index(journey.condition or "") == number:
                size = int(person.max(initial=0)) + 1
                starts = np.full(max(size, int(group.person.max(initial=0)) + 1), -(10**6))
                starts[group.person] = group.start
                since = starts.take(person)
                result |= (since <= day) & (day <= since + journey.lasts)
        return result

    def orders(self) -> list[tuple[Ints, int]]:
        """(contacts, number of the order) of the tests that steps order."""
        parts = []
        for which, group in enumerate(self.groups):
            for placed in group.pathway.steps:
                if placed.step.lab is not None:
                    happens = self.planned[which][placed.name].happens
                    parts.append((self.contact(which, placed)[happens], self.order_of(group, placed.step.lab)))
        return parts

    def order_of(self, group: Group, lab: str) -> int:
        """The number of what is ordered for the test or panel of a step."""
        knowledge, known = self.context.knowledge, group.pathway.known
        if lab.startswith(PANEL):
            return knowledge.panel_order(lab.removeprefix(PANEL))
        test = known.lab(group.pathway.journey, lab)
        assert test is not None  # the faults of a file say so before
        return knowledge.lab_order(test)

    def regimens(self, number: int) -> Iterator[Begins]:
        """The regimens of a condition that begin with steps."""
        for which, group in enumerate(self.groups):
            journey = group.pathway.journey
            if journey.condition is None or self.context.knowledge.index(journey.condition) != number:
                continue
            for placed in group.pathway.steps:
                if placed.step.regimen is not None:
                    at, time = np.nonzero(self.planned[which][placed.name].happens)
                    yield Begins(
                        self.row(which, placed.name)[at, time],
                        group.person[at],
                        time,
                        self.contact(which, placed)[at, time],
                        group.pathway.known.regimens(journey)[placed.step.regimen],
                        group.pathway.stream(placed.name),
                    )
