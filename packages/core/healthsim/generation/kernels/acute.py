"""The contacts that acute conditions and prevention cause."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from healthsim.generation.compiled import fits
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.context import MONTH, YEAR, Bools, Ints
from healthsim.generation.kernels.days import any_time, at_random, office_hours, recurring
from healthsim.generation.kernels.events import Collected
from healthsim.generation.kernels.sources import Source, planned_setting
from healthsim.generation.kernels.stays import admit, incidence
from healthsim.generation.knowledge import Condition, Screening
from healthsim.generation.places import SEXES

#: days that a visit which is due at an age is late at least, so that the birthday is over, and by how much at most; assumptions
LATE, _LATER = 2, 14


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
    context, people, name = source.context, source.people, condition.condition
    episodes = _episodes(source, condition)
    ids = people.number[episodes.person]
    admitted = np.zeros(len(ids), dtype=bool)
    for which, admission in enumerate(condition.admissions):
        chance = admission.share * context.scales.inpatient * source.likely[episodes.person]
        chosen = ~admitted & (context.draws.uniform(f"{name}/admission {which}", ids, episodes.k) < chance)
        stays = episodes.some(chosen)
        admit(
            context,
            people,
            f"{name}/stay {which}",
            number,
            condition,
            admission,
            stays.person,
            stays.day,
            stays.k,
            collected,
        )
        admitted |= chosen
    _seen(source, number, condition, episodes.some(~admitted), collected)


def _episodes(source: Source, condition: Condition) -> _Episodes:
    """Episodes at random; everyone of a cohort has one."""
    context, people, first, name = source.context, source.people, source.first, condition.condition
    who = np.arange(len(people))
    rate = incidence(context, people, source.health, condition, who)
    person, day, k = at_random(context, name, people, who, first, rate, source.years)
    if name not in context.spec.cohort:
        return _Episodes(person, day, k)
    sure = np.setdiff1d(np.flatnonzero(people.last > first), person)
    u = context.draws.uniform(name + "/sure", people.number[sure])
    after = (u * (people.last - first)[sure]).astype(np.int64)
    return _Episodes(
        np.r_[person, sure], np.r_[day, first[sure] + after], np.r_[k, np.zeros(len(sure), dtype=np.int64)]
    )


def _seen(source: Source, number: int, condition: Condition, episodes: _Episodes, collected: Collected) -> None:
    """Where episodes that are not admitted are seen, by shares; where these add up to less than 1, the others nowhere."""
    context, people, name = source.context, source.people, condition.condition
    shares = {setting: share for setting, share in condition.seen.items() if setting != "inpatient"}
    if not shares:
        return
    shares["emergency"] = shares.get("emergency", 0.0) * context.scales.emergency
    total = max(sum(shares.values()), 1.0)
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
        hours = any_time if where == ev.EMERGENCY else office_hours
        collected.add(
            label,
            here.person,
            here.day,
            occurrence=here.k,
            setting=where,
            kind=ev.EPISODE,
            cause=number,
            code=code,
            minute=hours(context, here.person, people, label, here.k),
        )


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
        rows = np.flatnonzero(happens & (day <= people.last[who]))
        persons.append(who[rows])
        days.append(day[rows])
        places.append(np.full(len(rows), place))
    return np.concatenate(persons), np.concatenate(days), np.concatenate(places)
