"""Who takes part in a journey, and the onset of conditions of cohorts that go through one."""

from __future__ import annotations

import numpy as np

from healthsim.generation.journeys.pathways import Pathway
from healthsim.generation.kernels.context import YEAR, Bools, Context, Ints
from healthsim.generation.kernels.people import People
from healthsim.generation.knowledge import Condition


def takes_part(context: Context, people: People, pathway: Pathway) -> Bools:
    """(person) whether each person takes part in a journey if he or she qualifies."""
    chosen: Bools = context.draws.uniform(f"journey/{pathway.name}", people.number) < pathway.share
    return chosen


def onset_in_journeys(context: Context, people: People, condition: Condition, who: Ints, onset: Ints) -> Ints:
    """Days of onset of a condition; of a cohort that goes through a journey from it, within the history, so that all of it fits.

    Whoever lives too short for the whole journey begins as early as can be.
    """
    if condition.condition not in context.spec.cohort:
        return onset
    for pathway in context.journeys:
        if pathway.journey.starts.onset != condition.condition:
            continue
        age = max(float(condition.earliest_age), pathway.journey.who.min_age)
        earliest = np.maximum(people.first, people.birth + int(np.ceil(age * YEAR))).take(who)
        last = people.last.take(who)
        u = context.draws.uniform(f"journey/{pathway.name}/onset", people.number.take(who))
        room = np.maximum(last - pathway.journey.lasts - earliest + 1, 1)
        moved = takes_part(context, people, pathway).take(who) & (earliest < last)
        onset = np.where(moved, earliest + (u * room).astype(np.int64), onset)
    return onset
