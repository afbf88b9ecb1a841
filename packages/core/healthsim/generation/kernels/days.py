"""When contacts fall: days within a history, minutes of the day, and whom a stage of a condition leaves out."""

from __future__ import annotations

import numpy as np

from healthsim.generation.columns import repeated
from healthsim.generation.kernels.context import Bools, Context, Floats, Ints
from healthsim.generation.kernels.people import People
from healthsim.generation.knowledge import Condition

#: of a day: its minutes, when offices open, and the steps of appointments
_DAY, _OPENS, _STEP, _STEPS = 1_440, 480, 5, 108
#: where in its interval a contact of an episode falls: within the middle four fifths
_FIRST_PLAY, _PLAY = 0.1, 0.8
#: how far what recurs moves from even spacing, as a share of the interval: half of it to each side
_WITHIN = 0.6


def in_stage(condition: Condition, stages: tuple[str, ...], stage: Ints) -> Bools:
    """Whether people are in one of these stages of the condition; without stages, everyone."""
    if not stages or not condition.stages:
        return np.ones(len(stage), dtype=bool)
    result: Bools = np.array([named.name in stages for named in condition.stages])[stage]
    return result


def spaced(
    context: Context, label: str, people: People, who: Ints, since: Ints, until: Ints, n: Ints
) -> tuple[Ints, Ints, Ints]:
    """So many days of an episode for each of these people, evenly spaced with some play: (person, day, occurrence)."""
    group, k = repeated(n)
    span = np.maximum(until - since + 1, 1)[group]
    u = context.draws.uniform(label + "/day", people.number[who[group]], k)
    day = since[group] + ((k + _FIRST_PLAY + _PLAY * u) / n[group] * span).astype(np.int64)
    return who[group], day, k


def recurring(
    context: Context, label: str, people: People, who: Ints, since: Ints, until: Ints, expected: Floats
) -> tuple[Ints, Ints, Ints]:
    """Days of what comes again and again, so many times on average from one day to another: (person, day, occurrence).

    The days of a person are evenly spaced with some play. The first one falls anywhere in the first interval, as if all had
    begun long before, so that no part of the time has more of them than another.
    """
    phase = 1 - context.draws.uniform(label, people.number[who])
    group, k = repeated(np.maximum(np.ceil(expected - phase), 0).astype(np.int64))
    u = context.draws.uniform(label + "/day", people.number[who[group]], k)
    several = expected[group]
    # what would fall beyond an end comes back from it: that keeps the ends as full as the middle
    place = np.abs((k + phase[group]) / several + _WITHIN * (u - 0.5) / np.maximum(several, 1))
    place = 1 - np.abs(1 - place)
    day = since[group] + (place * np.maximum(until - since + 1, 1)[group]).astype(np.int64)
    return who[group], np.minimum(day, until[group]), k


def at_random(
    context: Context, label: str, people: People, who: Ints, since: Ints, rate: Floats, years: Floats
) -> tuple[Ints, Ints, Ints]:
    """Events that come at random at a rate per year: (person, day, occurrence)."""
    n = context.draws.poisson(label, people.number[who], rate * years)
    group, k = repeated(n)
    u = context.draws.uniform(label + "/day", people.number[who[group]], k)
    day = since[group] + (u * np.maximum(people.last[who[group]] - since[group] + 1, 1)).astype(np.int64)
    return who[group], day, k


def office_hours(context: Context, person: Ints, people: People, label: str, k: Ints | int = 0) -> Ints:
    """Minutes of the day from eight to five, in steps of five."""
    return _OPENS + _STEP * context.draws.integer(label + "/minute", people.number[person], _STEPS, k)


def any_time(context: Context, person: Ints, people: People, label: str, k: Ints | int = 0) -> Ints:
    """Minutes of the day, whenever."""
    return context.draws.integer(label + "/minute", people.number[person], _DAY, k)
