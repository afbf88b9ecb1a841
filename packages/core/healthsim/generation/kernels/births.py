"""Pregnancies, deliveries and newborns: which child is born of which delivery."""

from __future__ import annotations

import numpy as np

from healthsim.generation.columns import runs
from healthsim.generation.compiled import by_sex
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.context import BLOCK, YEAR, Context, Ints
from healthsim.generation.kernels.days import office_hours, spaced
from healthsim.generation.kernels.events import Collected
from healthsim.generation.kernels.people import FEMALE, People
from healthsim.generation.kernels.stays import admit
from healthsim.generation.knowledge import Condition

#: days from the beginning to delivery, from there to the first visit, and from the last visit to delivery; assumptions
PREGNANT_DAYS, NOTICED, LAST_VISIT = 275, 45, 4
#: ages at delivery; of natality statistics nearly all lie within
YOUNGEST, OLDEST = 13, 54
#: days that a mother lives after the birth at least; an assumption
_LIVES_ON = 5
#: pregnancy -> for each person the place of the mother's delivery among its admissions, -1 where the mother is not known
Births = dict[str, Ints]


def pregnancy(context: Context, people: People, number: int, condition: Condition, events: Collected) -> Ints:
    """Deliveries, at most one within the history (every third year of it), and the visits before them.

    Returns:
        for each person, as a child, the place of the mother's delivery among the admissions; -1 where she is not known.
    """
    delivery = _deliveries(context, people, condition)
    mother = _match_newborns(context, people, condition, delivery)
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
    # who is there at the end may be pregnant then: of a delivery after it, the visits before it are in the history
    first, last = people.first, np.where(people.last < context.end, people.last, context.end + PREGNANT_DAYS)
    years = np.maximum(last - first + 1, 0) / YEAR
    rate = by_sex(condition.incidence)[people.sex, people.ages[1]]
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


def _match_newborns(context: Context, people: People, condition: Condition, delivery: Ints) -> Ints:
    """The mothers of newborns give birth on their birthdays; of the other deliveries as many stay as there are too few then.

    Returns:
        the place of each person's mother in the batch, -1 where she is not known.
    """
    # of deliveries in the history children are born, here
    children = np.flatnonzero((people.birth >= context.start) & (people.first <= people.birth) & (people.mother >= 0))
    woman = people.mother[children]
    age = people.age_at(woman, people.birth[children])
    can = (age >= YOUNGEST) & (age <= OLDEST) & (people.last[woman] > people.birth[children] + _LIVES_ON)
    can &= people.first[woman] <= people.birth[children]
    children, woman = children[can], woman[can]
    gave, will_give = (delivery > 0) & (delivery <= people.last), delivery > people.last
    # one delivery each within the history: of several children it is the youngest's
    latest = np.zeros(len(people), dtype=np.int64)
    np.maximum.at(latest, woman, people.birth[children])
    known = latest > 0
    if condition.condition not in context.spec.cohort:
        block = people.number // BLOCK - people.number[0] // BLOCK
        room = np.bincount(block, gave) - np.bincount(block, known)
        # as many are pregnant at the end as would be if no mother were known
        pregnant = np.bincount(block, will_give & known)
        others = np.flatnonzero(gave & ~known)
        chance = context.draws.uniform(condition.condition + "/other", people.number[others])
        order = others[np.lexsort((chance, block[others]))]
        rank, _ = runs(block[order])
        beyond = rank - np.maximum(room, 0)[block[order]]
        delivery[order[beyond >= 0]] = 0
        later = order[(beyond >= 0) & (beyond < pregnant[block[order]])]
        later = later[people.last[later] == context.end]
        after = context.draws.uniform(condition.condition + "/later", people.number[later])
        delivery[later] = context.end + 1 + (after * PREGNANT_DAYS).astype(np.int64)
    delivery[known] = latest[known]
    mother = np.full(len(people), -1)
    same = delivery[woman] == people.birth[children]
    mother[children[same]] = woman[same]
    return mother


def born(
    context: Context, people: People, number: int, condition: Condition, births: Births, events: Collected
) -> None:
    """The stay of newborns, on the day of birth: the one that goes with the mother's delivery where she is known."""
    name = condition.condition
    who = np.flatnonzero((people.birth >= context.start) & (people.first <= people.birth))
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
