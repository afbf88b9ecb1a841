"""When contacts fall: days within a history on which offices are open, minutes of the day, and whom a stage of a condition
leaves out."""

from __future__ import annotations

import numpy as np

from healthsim.generation.columns import repeated
from healthsim.generation.kernels.context import YEAR, Bools, Context, Floats, Ints
from healthsim.generation.kernels.people import People
from healthsim.generation.knowledge import Condition
from healthsim.generation.randomness import another
from healthsim.generation.seasons import CLOSED, calendar, cumulative
from healthsim.generation.seasons import days as calendar_days

#: of a day: its minutes, when offices open, and the steps of appointments
_DAY, _OPENS, _STEP, _STEPS = 1_440, 480, 5, 108
#: what falls on a day on which offices are closed is moved to one of so many open ones before or after it
_NEAR = 2
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
    return who[group], open_days(context, label, people, who[group], k, day, since[group], until[group]), k


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
    day = np.minimum(day, until[group])
    return who[group], open_days(context, label, people, who[group], k, day, since[group], until[group]), k


def open_days(
    context: Context, label: str, people: People, person: Ints, k: Ints | int, day: Ints, since: Ints, until: Ints
) -> Ints:
    """The days, and in the place of those on which offices are closed an open one near to it, from one day to another.

    What is moved goes as often backward as forward, so that no month gains what another one loses. What goes back beyond the
    beginning of the history does not happen in it, and neither does what has no open day within its limits: it is put before
    the history.
    """
    known = calendar_days()
    kind = known.kind.take(day - known.first)
    rows = np.flatnonzero(kind)
    several = k[rows] if isinstance(k, np.ndarray) else k
    u = context.draws.uniform(label + "/open", people.number[person[rows]], several)
    goes = (kind[rows] == CLOSED) | (u >= calendar().saturday.share)
    rows, u = rows[goes], u[goes]
    least, most = since[rows], until[rows]
    step = (another(u, 97) * 2 * _NEAR).astype(np.int64)
    place = known.before.take(day[rows] - known.first) - _NEAR
    moved = known.open.take(place + step)
    before = (moved < context.start) & (least <= context.start)
    for other in (2 * _NEAR - 1 - step, _NEAR, _NEAR - 1):
        outside = (moved < least) | (moved > most)
        moved = np.where(outside, known.open.take(place + other), moved)
    before |= (moved < least) | (moved > most)
    result = day.copy()
    result[rows] = np.where(before, context.start - 1, moved)
    return result


def at_random(
    context: Context,
    label: str,
    people: People,
    who: Ints,
    since: Ints,
    rate: Floats,
    season: str | None = None,
) -> tuple[Ints, Ints, Ints]:
    """Events that come at random at a rate per year, up to the last day: (person, day, occurrence).

    Args:
        season: the rate follows it.
    """
    until = np.maximum(people.last[who] + 1, since)
    first = calendar_days().first
    course = cumulative(season) if season is not None else np.zeros(0)
    begins, ends = (course.take(day - first) if season is not None else day for day in (since, until))
    n = context.draws.poisson(label, people.number[who], rate * ((ends - begins) / YEAR))
    group, k = repeated(n)
    u = context.draws.uniform(label + "/day", people.number[who[group]], k)
    at = begins[group] + u * (ends - begins)[group]
    day = at.astype(np.int64) if season is None else np.searchsorted(course, at, side="right") - 1 + first
    return who[group], day, k


def office_hours(context: Context, person: Ints, people: People, label: str, k: Ints | int = 0) -> Ints:
    """Minutes of the day from eight to five, in steps of five."""
    return _OPENS + _STEP * context.draws.integer(label + "/minute", people.number[person], _STEPS, k)


def arrivals(context: Context, person: Ints, people: People, label: str, k: Ints | int = 0) -> Ints:
    """Minutes of the day at which people come to an emergency department: more of them by day than by night."""
    weights = np.array(calendar().hours.weights)
    edges = np.r_[0, np.cumsum(weights)] / weights.sum()
    u = context.draws.uniform(label + "/minute", people.number[person], k)
    minute: Ints = np.interp(u, edges, np.arange(len(edges)) * (_DAY // len(weights))).astype(np.int64)
    return minute


def any_time(context: Context, person: Ints, people: People, label: str, k: Ints | int = 0) -> Ints:
    """Minutes of the day, whenever."""
    return context.draws.integer(label + "/minute", people.number[person], _DAY, k)
