"""Pregnancies, deliveries and newborns: which child is born of which delivery."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from healthsim.generation.compiled import by_sex
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.context import BLOCK, YEAR, Bools, Context, Ints
from healthsim.generation.kernels.days import office_hours, spaced
from healthsim.generation.kernels.events import Collected
from healthsim.generation.kernels.people import People
from healthsim.generation.kernels.stays import admit
from healthsim.generation.knowledge import Condition

#: from conception to delivery
PREGNANT_DAYS = 275
#: pregnancy -> for each person the place of the mother's delivery among its admissions, -1 where the mother is not known
Births = dict[str, Ints]


def pregnancy(context: Context, people: People, number: int, condition: Condition, found: Collected) -> Ints:
    """Deliveries, at most one within the history (every third year of it), and the visits before them.

    Returns:
        for each person, as a child, the place of the mother's delivery among the admissions; -1 where she is not known.
    """
    draws, name = context.draws, condition.condition
    first, last = np.maximum(context.start, people.birth), people.last
    years = np.maximum(last - first + 1, 0) / YEAR
    rate = by_sex(condition.incidence)[people.sex, people.age]
    gives = draws.uniform(name, people.number) < 1 - np.exp(-rate * years)
    if name in context.spec.cohort:
        gives = years > 0
    day = first + (draws.uniform(name + "/day", people.number) * np.maximum(last - first + 1, 1)).astype(np.int64)
    age = people.age_at(np.arange(len(people)), day)
    gives &= (age >= 13) & (age <= 54) & (people.sex == 0)
    delivery = np.where(gives, day, 0)
    mother = _match_newborns(context, people, delivery)
    mode = np.full(len(people), -1)
    who = np.flatnonzero(delivery > 0)
    taken = np.zeros(len(who), dtype=bool)
    none = np.zeros(len(who), dtype=np.int64)
    for which, admission in enumerate(condition.admissions):
        u = draws.uniform(f"{name}/admission", people.number[who])
        edge = sum(one.share for one in condition.admissions[:which])
        chosen = (u >= edge) & (u < edge + admission.share) & ~taken
        if which == len(condition.admissions) - 1:
            chosen = ~taken
        taken |= chosen
        mode[who[chosen]] = which
        admit(context, people, f"{name}/delivery {which}", number, condition, admission, who[chosen], delivery[who[chosen]],
               none[chosen], found, kind=ev.DELIVERY)  # fmt: skip
    for which, visit in enumerate(condition.visits):
        label = f"{name}/visit {which}"
        n = np.full(len(who), round(visit.per_year * PREGNANT_DAYS / YEAR))
        person, at, k = spaced(
            context, label, people, who, delivery[who] - PREGNANT_DAYS + 45, n, stop=delivery[who] - 4
        )
        found.add(label, person, at, occurrence=k, setting=ev.SETTINGS.index(visit.setting), kind=ev.PRENATAL, cause=number,
                  specialty=context.knowledge.specialties.number(visit.specialty),
                  reason=context.knowledge.reasons.number(visit.reason),
                  minute=office_hours(context, person, people, label, k))  # fmt: skip
    return np.where(mother >= 0, mode[mother], -1)


def _match_newborns(context: Context, people: People, delivery: Ints) -> Ints:
    """Deliveries fall on the birthdays of children of the same block and county, where the mother's number is lower.

    Returns:
        the place of each person's mother in the batch, -1 where there is none.
    """
    born, gives = people.birth >= context.start, delivery > 0
    mother = np.full(len(people), -1)
    for block in range(0, len(people), BLOCK):
        rows = np.arange(block, min(block + BLOCK, len(people)))
        for child, woman in _pairs(people, rows[born[rows] | gives[rows]], gives):
            mother[child] = woman
    children = np.flatnonzero(mother >= 0)
    delivery[mother[children]] = people.birth[children]
    people.parent[children] = people.parent[mother[children]]
    people.relation[children] = 2
    # what is born into a family on the day of a delivery there is of that delivery: twins
    there = {(people.parent[woman], delivery[woman]): woman for woman in np.flatnonzero(delivery > 0).tolist()}
    for child in np.flatnonzero(born & (mother < 0)).tolist():
        mother[child] = there.get((people.parent[child], people.birth[child]), -1)
    return mother


def _pairs(people: People, rows: Ints, gives: Bools) -> Iterator[tuple[int, int]]:
    """(child, mother) among persons of one block: the woman of the child's family, else the one who waits longest."""
    waiting: dict[int, list[int]] = {}
    birth, last, parent = people.birth[rows].tolist(), people.last[rows].tolist(), people.parent[rows].tolist()
    counties, women = people.county[rows].tolist(), gives[rows].tolist()
    for place, row in enumerate(rows.tolist()):
        queue = waiting.setdefault(counties[place], [])
        if women[place]:
            queue.append(place)
            continue
        day = birth[place]
        can = [one for one in queue if 15 * YEAR < day - birth[one] < 50 * YEAR and last[one] > day + 5]
        if can:
            chosen = next((one for one in can if parent[one] == parent[place]), can[0])
            queue.remove(chosen)
            yield row, int(rows[chosen])


def born(context: Context, people: People, number: int, condition: Condition, births: Births, found: Collected) -> None:
    """The stay of newborns, on the day of birth: the one that goes with the mother's delivery where she is known."""
    name = condition.condition
    who = np.flatnonzero((people.birth >= context.start) & (people.birth <= context.end))
    edges = np.cumsum([admission.share for admission in condition.admissions])
    which = np.searchsorted(edges, context.draws.uniform(name + "/stay", people.number[who]), side="right")
    if condition.born_of is not None:
        of_mother = births[condition.born_of][who]
        which = np.where(of_mother >= 0, of_mother, which)
    for place, admission in enumerate(condition.admissions):
        child = who[which == place]
        none = np.zeros(len(child), dtype=np.int64)
        admit(context, people, f"{name}/stay {place}", number, condition, admission, child, people.birth[child], none,
               found, kind=ev.NEWBORN)  # fmt: skip
