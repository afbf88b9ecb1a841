"""The contacts that acute conditions and prevention cause."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from healthsim.generation.compiled import by_sex, fits
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.context import MONTH, YEAR, Bools, Context, Floats, Ints
from healthsim.generation.kernels.days import arrivals, at_random, office_hours, open_days, recurring
from healthsim.generation.kernels.events import Collected
from healthsim.generation.kernels.frailty import EMERGENCY, INPATIENT
from healthsim.generation.kernels.people import People
from healthsim.generation.kernels.sources import Source, planned_setting
from healthsim.generation.kernels.stays import admit, highest_rate, incidence
from healthsim.generation.knowledge import Condition, Screening
from healthsim.generation.places import SEXES
from healthsim.generation.seasons import calendar, distant

#: days that a visit which is due at an age is late at least, so that the birthday is over, and by how much at most; assumptions
LATE, _LATER = 2, 14
#: urgent episodes are numbered from here, behind those that can wait
_URGENT = 16


@dataclass(frozen=True)
class _Episodes:
    """Episodes of an acute condition: person, day, and which of the person's it is."""

    person: Ints
    day: Ints
    k: Ints

    def some(self, chosen: Bools) -> _Episodes:
        """Those that are chosen."""
        return _Episodes(self.person[chosen], self.day[chosen], self.k[chosen])


def acute_care(source: Source, number: int, condition: Condition, collected: Collected) -> None:
    """Episodes of an acute condition: some are admitted, the others are seen where the condition says."""
    shares: dict[str, float] = {setting: share for setting, share in condition.seen.items() if setting != "inpatient"}
    urgent = shares.pop("emergency", 0.0) / max(sum(condition.seen.values()), 1.0)
    rate = incidence(source.context, source.people, source.health, condition, np.arange(len(source.people)))
    _care_for(source, number, condition, _usual(source, condition, rate * (1 - urgent)), shares, 1 - urgent, collected)
    if urgent:
        episodes = _urgent(source, condition, rate * urgent)
        _care_for(source, number, condition, episodes, {"emergency": 1.0}, 1.0, collected)


def _care_for(
    source: Source,
    number: int,
    condition: Condition,
    episodes: _Episodes,
    shares: dict[str, float],
    all_of_them: float,
    collected: Collected,
) -> None:
    """Episodes of one kind: admitted, or seen by shares that add up to no more than ``all_of_them``."""
    context, people, name = source.context, source.people, condition.condition
    ids = people.number[episodes.person]
    age = people.age_at(episodes.person, episodes.day)
    likely = source.likely[episodes.person] * INPATIENT.scale(context.scales.inpatient, age)
    admitted = np.zeros(len(ids), dtype=bool)
    for which, admission in enumerate(condition.admissions):
        chance = admission.share * likely
        chosen = ~admitted & (context.draws.uniform(f"{name}/admission {which}", ids, episodes.k) < chance)
        stays = episodes.some(chosen)
        label = f"{name}/stay {which}"
        admit(context, people, label, number, condition, admission, stays.person, stays.day, stays.k, collected)
        admitted |= chosen
    _seen(source, number, condition, episodes.some(~admitted), shares, all_of_them, collected)


def _usual(source: Source, condition: Condition, rate: Floats) -> _Episodes:
    """Episodes at random that can wait; everyone of a cohort has one."""
    context, people, first, name = source.context, source.people, source.first, condition.condition
    who = np.arange(len(people))
    at = at_random(context, name, people, who, first, rate, condition.season)
    person, day, k = _when_known(source, condition, *_at_their_age(source, condition, *at))
    if name not in context.spec.cohort:
        return _Episodes(person, day, k)
    sure = np.setdiff1d(np.flatnonzero(people.last > first), person)
    u = context.draws.uniform(name + "/sure", people.number[sure])
    after = (u * (people.last - first)[sure]).astype(np.int64)
    return _Episodes(
        np.r_[person, sure], np.r_[day, first[sure] + after], np.r_[k, np.zeros(len(sure), dtype=np.int64)]
    )


def _when_known(source: Source, condition: Condition, person: Ints, day: Ints, k: Ints) -> tuple[Ints, Ints, Ints]:
    """The episodes since there is a code for them: a disease that had none yet was not known."""
    known = day >= source.context.knowledge.since(condition)
    return person[known], day[known], k[known]


def _at_their_age(source: Source, condition: Condition, person: Ints, day: Ints, k: Ints) -> tuple[Ints, Ints, Ints]:
    """Of episodes at the highest rate of each person's time those that happen at the rate of the age on their day."""
    people, rates = source.people, by_sex(condition.incidence)
    highest = highest_rate(people, condition, person)
    rate = rates[people.sex[person], people.age_at(person, day)]
    u = source.context.draws.uniform(condition.condition + "/age", people.number[person], k)
    at = np.flatnonzero(u * highest < rate)
    return person[at], day[at], k[at]


def _urgent(source: Source, condition: Condition, rate: Floats) -> _Episodes:
    """Episodes at random that end in an emergency department, by the person and by the age at the time."""
    context, people, name = source.context, source.people, condition.condition + "/urgent"
    who = np.arange(len(people))
    often = rate * source.emergency
    at = at_random(context, name, people, who, source.first, often, condition.season)
    person, day, k = _when_known(source, condition, *at)
    age = people.age_at(person, day)
    of_age = by_sex(condition.incidence)[people.sex[person], age] / highest_rate(people, condition, person)
    of_age *= EMERGENCY.scale(context.scales.emergency, age) / source.most_urgent[person]
    kept = context.draws.uniform(name + "/age", people.number[person], k) < of_age
    return _Episodes(person[kept], day[kept], k[kept] + _URGENT)


def _seen(
    source: Source,
    number: int,
    condition: Condition,
    episodes: _Episodes,
    shares: dict[str, float],
    all_of_them: float,
    collected: Collected,
) -> None:
    """Where episodes that are not admitted are seen, by shares; where these add up to less than all, the others nowhere."""
    context, people, name = source.context, source.people, condition.condition
    if not shares:
        return
    total = max(sum(shares.values()), all_of_them)
    u = context.draws.uniform(name + "/where", people.number[episodes.person], episodes.k)
    edge = 0.0
    for setting, share in shares.items():
        here = episodes.some((u >= edge) & (u < edge + share / total))
        edge += share / total
        where, label = ev.SETTINGS.index(setting), f"{name}/{setting}"
        code: Ints | int = -1
        if condition.emergency is not None and where == ev.EMERGENCY:
            codes = context.knowledge.weighted(condition.emergency.principal)
            code = codes.pick(context.draws.uniform(label + "/code", people.number[here.person], here.k))
        hours, day = arrivals, here.day
        if where != ev.EMERGENCY:
            hours = office_hours
            first, last = source.first[here.person], people.last[here.person]
            day = open_days(context, label, people, here.person, here.k, day, first, last)
        collected.add(
            label,
            here.person,
            day,
            occurrence=here.k,
            setting=_at_a_distance(context, label, people, here, day) if where == ev.VIRTUAL else where,
            kind=ev.EPISODE,
            cause=number,
            code=code,
            minute=hours(context, here.person, people, label, here.k),
        )


def _at_a_distance(context: Context, label: str, people: People, seen: _Episodes, day: Ints) -> Ints:
    """The setting of episodes that are seen at a distance, as far as there was such a thing; the others are seen in an office."""
    u = context.draws.uniform(label + "/distant", people.number[seen.person], seen.k)
    return np.where(u < distant(day) / calendar().telehealth.usual, ev.VIRTUAL, ev.OFFICE)


def preventive_care(source: Source, number: int, condition: Condition, collected: Collected) -> None:
    """Screening and check-ups that are due at ages or every so many years, for those who keep to them."""
    people = source.people
    for which, screening in enumerate(condition.screenings):
        label = f"{condition.condition}/screening {which}"
        person, day, k = (_at_ages if screening.due_months else _every_years)(source, label, screening)
        now = fits(screening.who, people.sex[person], people.age_at(person, day))
        person, day, k = person[now], day[now], k[now]
        collected.add(
            label,
            person,
            day,
            occurrence=k,
            setting=planned_setting(screening.setting),
            kind=ev.SERVICE,
            cause=number,
            code=source.context.knowledge.code(screening.diagnosis),
            service=source.context.knowledge.service(screening),
            minute=source.offices(label, person, k),
        )


def _keeps(source: Source, stream: str, screening: Screening, can: Bools) -> Ints:
    """Who keeps to what is due, of those who are of the right age at some time within the history."""
    who = np.flatnonzero(
        can if screening.who.sex is None else can & (source.people.sex == SEXES.index(screening.who.sex))
    )
    keeps: Ints = who[source.context.draws.uniform(stream, source.people.number[who]) < screening.share]
    return keeps


def _every_years(source: Source, label: str, screening: Screening) -> tuple[Ints, Ints, Ints]:
    """(person, day, which of the person's) of what is due every so many years, while a person is of the right age."""
    people = source.people
    begins = np.maximum(source.first, people.birth + round(screening.who.min_age * YEAR))
    ends = np.minimum(people.last, people.birth + round((screening.who.max_age + 1) * YEAR) - 1)
    who = _keeps(source, label + "/keeps", screening, begins <= ends)
    begins, ends = begins[who], ends[who]
    assert screening.every_years is not None
    often = (ends - begins + 1) / YEAR / screening.every_years
    return recurring(source.context, label, people, who, begins, ends, often)


def _at_ages(source: Source, label: str, screening: Screening) -> tuple[Ints, Ints, Ints]:
    """(person, day, which of the person's) of what is due at ages: some of it is missed, the rest is a few days late."""
    people, draws = source.people, source.context.draws
    due = [int(months * MONTH) for months in screening.due_months]
    can = (people.birth + due[0] <= people.last) & (people.birth + due[-1] + LATE + _LATER >= source.first)
    # whoever keeps to one of these mostly keeps to the others: one number says to how many
    who = _keeps(source, "keeps to what is due at ages", screening, can)
    persons, days, places = [], [], []
    for place, after in enumerate(due):
        ids = people.number[who]
        day = people.birth[who] + after + LATE + draws.integer(label + "/late", ids, _LATER, place)
        happens = (draws.uniform(label + "/attended", ids, place) < screening.attended) & (day >= source.first[who])
        day = open_days(
            source.context, f"{label} {place}", people, who, 0, day, people.birth[who] + after + 1, people.last[who]
        )
        rows = np.flatnonzero(happens & (day <= people.last[who]))
        persons.append(who[rows])
        days.append(day[rows])
        places.append(np.full(len(rows), place))
    return np.concatenate(persons), np.concatenate(days), np.concatenate(places)
