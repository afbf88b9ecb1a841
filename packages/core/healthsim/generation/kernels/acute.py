"""The contacts that acute conditions and prevention cause."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from healthsim.generation.compiled import fits
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.context import Bools, Ints
from healthsim.generation.kernels.days import any_time, at_random, office_hours, spaced
from healthsim.generation.kernels.events import Collected
from healthsim.generation.kernels.sources import Source, planned_setting
from healthsim.generation.kernels.stays import admit, incidence
from healthsim.generation.knowledge import Condition


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
            codes = context.knowledge.weighted(condition.emergency.principal, condition.name)
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
    """Screening and check-ups that are due every so many years for those who keep to them."""
    context, people, first = source.context, source.people, source.first
    for which, screening in enumerate(condition.screenings):
        label = f"{condition.condition}/screening {which}"
        who = np.flatnonzero(
            fits(screening.who, people.sex, people.age.astype(float))
            | fits(screening.who, people.sex, people.age - float(context.spec.years))
        )
        who = who[context.draws.uniform(label + "/keeps", people.number[who]) < screening.share]
        n = source.years[who] / screening.every_years + context.draws.uniform(label, people.number[who])
        person, day, k = spaced(context, label, people, who, first[who], n.astype(np.int64))
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
            code=context.knowledge.code(screening.diagnosis, screening.name),
            service=context.knowledge.service(screening),
            minute=source.offices(label, person, k),
        )
