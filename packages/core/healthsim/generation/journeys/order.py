"""The steps of a journey in an order in which each comes after those that it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from healthsim.generation.journeys.declaration import CONTACTS, MOST_TIMES, Journey, Step


@dataclass(frozen=True)
class Placed:
    """A step in its place.

    Attributes:
        times: how often it comes at most. contact: the name of the step at whose contact it happens; None: at none.
    """

    name: str
    step: Step
    times: int
    contact: str | None


def needed(step: Step) -> list[str]:
    """The steps that must be planned before one."""
    return [name for name in (step.predecessor, step.when.step if step.when else None) if name is not None]


def cycle_in(steps: Mapping[str, Step]) -> list[str] | None:
    """Steps that wait for each other in a circle, the first one at the end again; None where there are none."""
    try:
        TopologicalSorter({name: needed(step) for name, step in steps.items()}).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return circle[::-1]
    return None


def times_of(step: Step) -> int:
    """How often a step that repeats comes at most."""
    if step.repeat is None:
        return 1
    if step.repeat.times is not None:
        return step.repeat.times
    assert step.repeat.until is not None  # the faults of a file say so before
    return min(step.repeat.until // step.repeat.every + 1, MOST_TIMES)


def in_order(journey: Journey) -> tuple[Placed, ...]:
    """The steps of a journey without faults, each after those that it needs, else as they stand in the file."""
    placed: dict[str, Placed] = {}
    waiting = list(journey.steps)
    while waiting:
        name = next(name for name in waiting if all(other in placed for other in needed(journey.steps[name])))
        waiting.remove(name)
        step = journey.steps[name]
        before = placed[step.predecessor] if step.predecessor else None
        times = times_of(step) * (before.times if before else 1)
        inherited = before.contact if before and step.wait is None and step.after is None else None
        placed[name] = Placed(name, step, times, name if step.kind in CONTACTS else inherited)
    return tuple(placed.values())
