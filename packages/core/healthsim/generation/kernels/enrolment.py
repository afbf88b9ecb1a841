"""By which payer and plan each person is insured before and after the day on which that changes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from healthsim.generation.kernels.context import NEVER, YEAR, Context, Ints, day_of_month, year_of
from healthsim.generation.kernels.payers import (
    COMMERCIAL,
    EXCHANGE,
    MEDICAID,
    MEDICARE,
    PAYERS,
    UNINSURED,
    band_of,
    draw_payers,
    dual_rank,
    pick_payers,
)
from healthsim.generation.kernels.people import CHILD, INSURED_WITH_PARENTS, SPOUSE, People
from healthsim.generation.ordering import among
from healthsim.generation.packaged import figures
from healthsim.generation.places import OLD
from healthsim.generation.randomness import choose, cumulated

#: share of those with a privately insured parent or partner who are in the same plan; an assumption
DEPENDENTS = 0.85
#: share of people whose payer is drawn anew in January: an assumption, from the Census Bureau's Survey of Income and Program
#: Participation, in which about a tenth of those under 65 change the kind of coverage within a year
CHANGES_A_YEAR = 0.1
#: nobody has Medicare for a disability before this age: it comes 24 months after benefits of adults (42 USC 426(b))
DISABLED_FROM = 20


def billing() -> dict[str, Any]:
    """The figures of ``data/services.yaml``."""
    return figures("services.yaml")


@dataclass(frozen=True)
class Enrolment:
    """How each person of a batch is insured.

    Attributes:
        payer: at first. later: from the day on which it changes.
        plan, later_plan: places among the plans before and from then, -1 without one.
        turns: the first day of the later plan, the first of a month; NEVER of those who do not change.
    """

    payer: Ints
    later: Ints
    plan: Ints
    later_plan: Ints
    turns: Ints


def enrol(context: Context, people: People) -> Enrolment:
    """Payers and plans of each person: the own ones, or those of a parent or partner through whom many are insured."""
    if context.spec.payers:
        return _of_a_mix(context, people)
    later = draw_payers(context, people, band_of(people.ages[1]), "payer")
    payer, turns = later.copy(), np.full(len(people), NEVER)
    _before_january(context, people, payer, turns)
    _before_65(context, people, payer, turns)
    _before_medicare(people, payer, later, turns)
    plan, later_plan = _plan(context, people, payer), _plan(context, people, later)
    _through_others(context, people, Enrolment(payer, later, plan, later_plan, turns))
    # who is born, or comes, when the change has happened never was in the plan before
    after = turns <= people.first
    payer[after], plan[after] = later[after], later_plan[after]
    return Enrolment(payer, later, plan, later_plan, turns)


def _of_a_mix(context: Context, people: People) -> Enrolment:
    """Payers as a spec wants them, drawn for the family: who is insured through another then has the payer that was drawn."""
    u = context.draws.uniform("payer", people.number[people.parent])
    mix = [context.spec.payers.get(name, 0.0) for name in PAYERS]  # type: ignore[call-overload]  # PAYERS are Payer
    payer = choose(u, cumulated(mix))
    plan = _plan(context, people, payer)
    family = (people.relation > 0) & among(payer, (COMMERCIAL, EXCHANGE))
    family &= (people.relation == SPOUSE) | (people.ages[1] < INSURED_WITH_PARENTS)
    family &= context.draws.uniform("dependent", people.number) < DEPENDENTS
    plan = np.where(family, plan[people.parent], plan)
    return Enrolment(payer, payer, plan, plan, np.full(len(people), NEVER))


def _before_january(context: Context, people: People, payer: Ints, turns: Ints) -> None:
    """Some people had another payer until a January of the history: jobs and incomes change, and plans with them."""
    years = np.arange(year_of(np.array([context.start]))[0] + 1, year_of(np.array([context.end]))[0] + 1)
    if not len(years):
        return
    day = (years - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    draws, number = context.draws, people.number
    changes = draws.uniform("change", number) < CHANGES_A_YEAR * len(years)
    # who is uninsured at the end is taken to have been so for long; gaps of the others are short
    changes &= ~among(payer, (MEDICARE, UNINSURED)) & (people.ages[1] < OLD)
    who = np.flatnonzero(changes)
    u = draws.uniform("payer before", number[who])
    before = pick_payers(context, people, who, band_of(people.ages[1][who]), u)
    # Medicare for a disability is not left for another payer
    left = before != MEDICARE
    who, before = who[left], before[left]
    turns[who] = day[draws.integer("change/year", number[who], len(years))]
    payer[who] = before


def _before_65(context: Context, people: People, payer: Ints, turns: Ints) -> None:
    """Whoever became 65 within the history had another payer before the month of that birthday."""
    month = birthday(people.birth, OLD)
    month -= day_of_month(month) - 1
    rows = np.flatnonzero((month > people.first) & (month <= people.last) & (people.ages[1] >= OLD - 1))
    band = np.full(len(rows), band_of(np.array([OLD - 1]))[0])
    # who had Medicaid keeps it beside Medicare
    u = 1 - dual_rank(context, people, rows)
    payer[rows], turns[rows] = pick_payers(context, people, rows, band, u), month[rows]


def _before_medicare(people: People, payer: Ints, later: Ints, turns: Ints) -> None:
    """The disabled have Medicare from an age on, and Medicaid until then."""
    month = birthday(people.birth, DISABLED_FROM)
    month -= day_of_month(month) - 1
    young = month > people.first
    payer[young & (payer == MEDICARE)] = MEDICAID
    rows = np.flatnonzero(young & (later == MEDICARE))
    payer[rows] = MEDICAID
    stays = rows[month[rows] > people.last[rows]]
    later[stays] = MEDICAID
    turns[rows] = month[rows]


def _through_others(context: Context, people: People, enrolment: Enrolment) -> None:
    """Children until 26, and partners, are in the plan of a privately insured parent or partner, with its changes.

    Who is uninsured or covered by Medicaid or Medicare stays so. Grown children have a plan of their own from 26 on.
    """
    parent = people.parent
    private = (COMMERCIAL, EXCHANGE)
    family = (people.relation > 0) & among(enrolment.later[parent], private) & among(enrolment.later, private)
    family &= (context.draws.uniform("dependent", people.number) < DEPENDENTS) | (people.relation == CHILD)
    family &= people.ages[1] < OLD
    leaves = birthday(people.birth, INSURED_WITH_PARENTS)
    leaves -= day_of_month(leaves) - 1
    rows = np.flatnonzero(family & ((people.relation == SPOUSE) | (leaves > context.end)))
    of = parent[rows]
    enrolment.payer[rows], enrolment.plan[rows] = enrolment.payer[of], enrolment.plan[of]
    enrolment.later[rows], enrolment.later_plan[rows] = enrolment.later[of], enrolment.later_plan[of]
    enrolment.turns[rows] = enrolment.turns[of]
    out = np.flatnonzero(family & (people.relation == CHILD) & (leaves <= context.end) & (leaves > context.start))
    enrolment.payer[out], enrolment.plan[out] = enrolment.later[parent[out]], enrolment.later_plan[parent[out]]
    enrolment.turns[out] = leaves[out]
    same = out[enrolment.plan[out] == enrolment.later_plan[out]]
    enrolment.later_plan[same] = _another_plan()[enrolment.plan[same]]


def _plan(context: Context, people: People, payer: Ints) -> Ints:
    plans = billing()["plans"]
    u = context.draws.uniform("plan", people.number)
    result = np.full(len(people), -1)
    for number, name in enumerate(PAYERS[:UNINSURED]):
        places = [place for place, plan in enumerate(plans) if plan["line"] == name]
        rows = np.flatnonzero(payer == number)
        picked = choose(u[rows], cumulated([plans[place]["weight"] for place in places]))
        result[rows] = np.array(places)[picked]
    return result


@cache
def _another_plan() -> Ints:
    """For each plan the next one of its line of business."""
    lines = [plan["line"] for plan in billing()["plans"]]
    alike = [[place for place, other in enumerate(lines) if other == line] for line in lines]
    return np.array([places[(places.index(place) + 1) % len(places)] for place, places in enumerate(alike)])


def birthday(birth: Ints, age: int) -> Ints:
    """The day on which people become so old, to a day."""
    day: Ints = birth + round(age * YEAR)
    return day
