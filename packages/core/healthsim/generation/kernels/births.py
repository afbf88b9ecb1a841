"""Pregnancies, deliveries and newborns: which child is born of which delivery."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from healthsim.generation.compiled import by_sex
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.context import BLOCK, YEAR, Bools, Context, Ints
from healthsim.generation.kernels.days import office_hours, spaced
from healthsim.generation.kernels.events import Collected
from healthsim.generation.kernels.people import FEMALE, People
from healthsim.generation.kernels.stays import admit
from healthsim.generation.knowledge import Condition

#: days from the beginning to delivery, from there to the first visit, and from the last visit to delivery; assumptions
PREGNANT_DAYS, NOTICED, LAST_VISIT = 275, 45, 4
#: ages at delivery; of natality statistics nearly all lie within
YOUNGEST, OLDEST = 13, 54
#: years between a mother and a child that is given to her, and days that she lives after the birth at least; assumptions
_LEAST_GAP, _MOST_GAP, _LIVES_ON = 15, 50, 5
#: pregnancy -> for each person the place of the mother's delivery among its admissions, -1 where the mother is not known
Births = dict[str, Ints]


def pregnancy(context: Context, people: People, number: int, condition: Condition, events: Collected) -> Ints:
    """Deliveries, at most one within the history (every third year of it), and the visits before them.

    Returns:
        for each person, as a child, the place of the mother's delivery among the admissions; -1 where she is not known.
    """
    delivery = _deliveries(context, people, condition)
    mother = _match_newborns(context, people, delivery)
    who = np.flatnonzero(delivery > 0)
    which = _admissions(context, people, condition, who)
    for place, admission in enumerate(condition.admissions):
        woman = who[which == place]
        admit(
            context,
            people,
            f"{condition.condition}/delivery {place}",
            number,
            condition,
            admission,
            woman,
            delivery[woman],
            np.zeros(len(woman), dtype=np.int64),
            events,
            kind=ev.DELIVERY,
        )
    _prenatal(context, people, number, condition, delivery, events)
    mode = np.full(len(people), -1)
    mode[who] = which
    return np.where(mother >= 0, mode[mother], -1)


def _deliveries(context: Context, people: People, condition: Condition) -> Ints:
    """The day on which each person gives birth, 0 for those who do not."""
    draws, name = context.draws, condition.condition
    first, last = np.maximum(context.start, people.birth), people.last
    years = np.maximum(last - first + 1, 0) / YEAR
    rate = by_sex(condition.incidence)[people.sex, people.age]
    gives = draws.uniform(name, people.number) < 1 - np.exp(-rate * years)
    if name in context.spec.cohort:
        gives = years > 0
    day = first + (draws.uniform(name + "/day", people.number) * np.maximum(last - first + 1, 1)).astype(np.int64)
    age = people.age_at(np.arange(len(people)), day)
    gives &= (age >= YOUNGEST) & (age <= OLDEST) & (people.sex == FEMALE)
    return np.where(gives, day, 0)


def _admissions(context: Context, people: People, condition: Condition, who: Ints) -> Ints:
    """Which of the condition's admissions each delivery is: by shares, the rest falls to the last."""
    u = context.draws.uniform(f"{condition.condition}/admission", people.number[who])
    edges = np.array(
        [
            sum(before.share for before in condition.admissions[: place + 1])
            for place in range(len(condition.admissions))
        ]
    )
    return np.minimum(np.searchsorted(edges, u, side="right"), len(edges) - 1)


def _prenatal(
    context: Context, people: People, number: int, condition: Condition, delivery: Ints, events: Collected
) -> None:
    """The visits before deliveries."""
    who = np.flatnonzero(delivery > 0)
    for which, visit in enumerate(condition.visits):
        label = f"{condition.condition}/visit {which}"
        n = np.full(len(who), round(visit.per_year * PREGNANT_DAYS / YEAR))
        begins = delivery[who] - PREGNANT_DAYS + NOTICED
        person, at, k = spaced(context, label, people, who, begins, delivery[who] - LAST_VISIT, n)
        events.add(
            label,
            person,
            at,
            occurrence=k,
            setting=ev.SETTINGS.index(visit.setting),
            kind=ev.PRENATAL,
            cause=number,
            specialty=context.knowledge.specialties.number(visit.specialty),
            reason=context.knowledge.reasons.number(visit.reason),
            minute=office_hours(context, person, people, label, k),
        )


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
        can = [
            woman
            for woman in queue
            if _LEAST_GAP * YEAR < day - birth[woman] < _MOST_GAP * YEAR and last[woman] > day + _LIVES_ON
        ]
        if can:
            chosen = next((woman for woman in can if parent[woman] == parent[place]), can[0])
            queue.remove(chosen)
            yield row, int(rows[chosen])


def born(
    context: Context, people: People, number: int, condition: Condition, births: Births, events: Collected
) -> None:
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
        admit(
            context,
            people,
            f"{name}/stay {place}",
            number,
            condition,
            admission,
            child,
            people.birth[child],
            none,
            events,
            kind=ev.NEWBORN,
        )
