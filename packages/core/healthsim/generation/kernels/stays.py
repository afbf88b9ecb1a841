"""Hospital stays: how long, under which DRG, with which end; those that end with death, and those that follow others."""

from __future__ import annotations

import numpy as np

from healthsim.generation.compiled import by_sex
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.context import Bools, Context, Floats, Ints
from healthsim.generation.kernels.days import any_time, open_days
from healthsim.generation.kernels.events import Collected, Events
from healthsim.generation.kernels.health import Health
from healthsim.generation.kernels.people import People
from healthsim.generation.knowledge import Admission, Condition
from healthsim.generation.ordering import among
from healthsim.generation.packing import Packing
from healthsim.generation.places import facts
from healthsim.generation.seasons import level

#: share of the price of a stay that does not depend on its length, and the share that does; an assumption
FIXED_PRICE, DAILY_PRICE = 0.55, 0.45
#: a stay is not longer than so many days; an assumption
LONGEST = 90
#: the newborn period
NEWBORN_DAYS = 28
#: stays that end with death last so many times as long as others for the same; an assumption, as is the next
LAST_STAY = 1.4
#: mean days of a readmission, before the length of stays is tuned
READMISSION_DAYS = 5.0
#: who comes back does so 1 to 27 days after the day of discharge: within the 30 days of the measures, whichever way they count
_WITHIN = 27
#: the key of a readmission: that of the stay before it, and how many went before
_RETURN = Packing("key", nth=(0, 5))


def highest_rate(people: People, condition: Condition, who: Ints) -> Floats:
    """The highest rate of an acute condition among the ages that people have while they are there."""
    first, last = (ages.take(who) for ages in people.ages)
    rates = by_sex(condition.incidence)
    # by sex, first age, and how many years more: the highest until then
    most = int((last - first).max(initial=0))
    highest = np.repeat(rates[:, :, None], most + 1, axis=2)
    for more in range(1, most + 1):
        highest[:, :-more, more] = np.maximum(highest[:, :-more, more - 1], rates[:, more:])
        highest[:, -more:, more] = highest[:, -more:, more - 1]
    rate: Floats = highest[people.sex[who], first, last - first]
    return rate


def incidence(context: Context, people: People, health: Health, condition: Condition, who: Ints) -> Floats:
    """Episodes of an acute condition per year, of some people, at the age at which they have most of them."""
    rate = highest_rate(people, condition, who)
    chronic = [context.knowledge.conditions[number].condition for number in context.knowledge.chronic]
    place = {name: row for row, name in enumerate(chronic)}
    for other, factor in condition.risk.items():
        if other in place:
            rate = np.where(health.has[place[other], who], rate * factor, rate)
    return rate


def admit(
    context: Context,
    people: People,
    label: str,
    number: int,
    condition: Condition,
    admission: Admission,
    person: Ints,
    day: Ints,
    k: Ints,
    events: Collected,
    kind: int = ev.ADMISSION,
    *,
    exact: bool = False,
) -> None:
    """Stays of these people from these days on, for one kind of admission of a condition.

    Args:
        exact: on these very days, also where what is planned begins on open ones.
    """
    draws, knowledge, ids = context.draws, context.knowledge, people.number[person]
    if admission.planned and not exact:
        day = open_days(context, label, people, person, k, day, day, people.last[person])
    mean = admission.length_of_stay * (context.scales.stay if kind == ev.ADMISSION else 1.0)
    stay = _stay(mean, draws.uniform(label + "/stay", ids, k), draws.uniform(label + "/stay2", ids, k))
    # a stay that would last longer than the patient lives ends with death
    expired = day + stay >= people.death[person]
    stay = np.where(expired, np.maximum(people.death[person] - day, 0), stay)
    service: Ints | int = -1
    for procedure in admission.procedures:
        chosen = draws.uniform(label + procedure.code, ids, k) < (procedure.share or 1.0)
        service = np.where(chosen, knowledge.service(procedure), service)
    events.add(
        label,
        person,
        day,
        occurrence=k,
        setting=ev.INPATIENT,
        kind=kind,
        cause=number,
        stay=stay,
        expired=expired,
        code=knowledge.weighted(admission.principal).pick(draws.uniform(label + "/code", ids, k)),
        drg=_drg(context, admission, expired, draws.uniform(label + "/drg", ids, k)),
        price=_price(admission.price, stay, mean),
        planned=admission.planned,
        service=service,
        specialty=-1 if admission.specialty is None else knowledge.specialties.number(admission.specialty),
        minute=any_time(context, person, people, label, k),
    )


def _price(usual: float | Floats, stay: Ints, mean: float | Floats) -> Ints:
    """Cents of stays: a part whatever their length, the rest by the day."""
    cents: Ints = (usual * 100 * (FIXED_PRICE + DAILY_PRICE * stay / mean)).astype(np.int64)
    return cents


def _drg(context: Context, admission: Admission, expired: Bools, u: Floats) -> Ints:
    """The MS-DRG of stays; of some illnesses those that end in death have one of their own."""
    alive = context.knowledge.drg(admission.drgs).pick(u)
    if admission.died_drgs is None:
        return alive
    return np.where(expired, context.knowledge.drg(admission.died_drgs).pick(u), alive)


def _stay(mean: float | Floats, u: Floats, v: Floats) -> Ints:
    """Days in hospital, at least one: gamma of shape two with this mean, rounded."""
    days = -(np.log(u) + np.log(v)) / 2 * mean
    result: Ints = np.clip(np.round(days), 1, LONGEST).astype(np.int64)
    return result


def terminal(context: Context, people: People, health: Health, events: Collected) -> None:
    """Stays that end with death, for the share of deaths that happen in hospital.

    What a person dies of is drawn by how many deaths each kind of stay brings: how often people such as this one are
    admitted for it, times the share that dies.
    """
    # those who die as newborns have their stay of birth
    dies = (people.death <= context.end) & (people.death - NEWBORN_DAYS > people.birth)
    dies &= context.draws.uniform("dies in hospital", people.number) < facts()["in_hospital"]["share"]
    dying = np.flatnonzero(dies)
    choices, cumulative = _deaths(context, people, health, dying)
    if not choices:
        return
    u = context.draws.uniform("dies of", people.number[dying]) * cumulative[-1]
    chosen = np.where(cumulative[-1] > 0, (u[None] >= cumulative).sum(axis=0), -1)
    # those of whom nothing here is likely die elsewhere
    there = np.flatnonzero((chosen >= 0) & (chosen < len(choices)))
    _die(context, people, dying[there], choices, chosen[there], events)


#: a kind of stay: the number of the condition, and the admission
_Choice = tuple[int, Admission]


def _deaths(context: Context, people: People, health: Health, dying: Ints) -> tuple[list[_Choice], Floats]:
    """(kinds of stays, for each of them and each of these people the deaths that it and those before it bring)."""
    choices: list[_Choice] = []
    deaths: list[Floats] = []
    place = context.knowledge.chronic_rows
    for number, condition in enumerate(context.knowledge.conditions):
        if condition.kind not in ("chronic", "acute") or condition.at_birth:
            continue
        if number in place:
            often = health.has[place[number], dying] * health.severity[place[number], dying]
        else:
            often = incidence(context, people, health, condition, dying) * _there_was(
                context, condition, people.death[dying]
            )
        for admission in condition.admissions:
            choices.append((number, admission))
            deaths.append(often * (admission.per_year + admission.share) * admission.died)
    return choices, np.cumsum(np.stack(deaths), axis=0) if deaths else np.zeros((0, len(dying)))


def _there_was(context: Context, condition: Condition, day: Ints) -> Floats:
    """How much of an acute condition there was on some days, relative to its mean; nothing before it had a code."""
    known: Floats = (day >= context.knowledge.since(condition)).astype(np.float64)
    return known if condition.season is None else known * level(condition.season, day)


def _die(context: Context, people: People, who: Ints, choices: list[_Choice], chosen: Ints, events: Collected) -> None:
    """The last stays of these people, each of a kind of stay: they end on the day of death."""
    draws, ids = context.draws, people.number[who]
    mean = np.array([admission.length_of_stay * context.scales.stay for _, admission in choices])[chosen]
    stay = _stay(mean * LAST_STAY, draws.uniform("last stay", ids), draws.uniform("last stay 2", ids))
    begin = np.maximum(people.death[who] - stay, np.maximum(people.birth[who] + 1, people.first[who]))
    stay = people.death[who] - begin
    code, drg = np.empty(len(who), dtype=np.int64), np.empty(len(who), dtype=np.int64)
    of_code, of_drg = draws.uniform("last code", ids), draws.uniform("last drg", ids)
    for which in np.unique(chosen).tolist():
        _, admission = choices[which]
        rows = np.flatnonzero(chosen == which)
        codes = context.knowledge.weighted(admission.principal)
        code[rows] = codes.pick(of_code[rows])
        drg[rows] = _drg(context, admission, np.ones(len(rows), dtype=bool), of_drg[rows])
    price = np.array([admission.price for _, admission in choices])[chosen]
    events.add(
        "terminal",
        who,
        begin,
        setting=ev.INPATIENT,
        kind=ev.TERMINAL,
        code=code,
        drg=drg,
        stay=stay,
        cause=np.array([number for number, _ in choices])[chosen],
        price=_price(price, stay, mean),
        expired=True,
        minute=any_time(context, who, people, "terminal", 0),
    )


def readmitted(context: Context, people: People, events: Events) -> Events:
    """After some discharges the patient comes back within 30 days, for the same cause; of these again some."""
    newest, parts = events, [events]
    for again in (1, 2, 3):
        # the way home is followed only from stays for illness
        is_illness = (newest.setting == ev.INPATIENT) & among(newest.kind, (ev.ADMISSION, ev.READMISSION))
        newest = _returns(context, people, newest.take(np.flatnonzero(is_illness)), again)
        if not len(newest):
            break
        parts.append(newest)
    if len(parts) == 1:
        return events
    every = ev.joined(parts)
    return ev.in_order(every, np.arange(len(every)))


def _returns(context: Context, people: People, index: Events, again: int) -> Events:
    """The stays that follow some of these, of people who live that long; ``again``: how many stays went before."""
    draws = context.draws
    u = draws.uniform("readmitted", people.number[index.person], index.key)
    index = index.take(np.flatnonzero(u < context.scales.readmission))
    ids = people.number[index.person]
    after = index.day + np.maximum(index.stay, 1) + 1 + draws.integer("readmitted/after", ids, _WITHIN, index.key)
    stay = _stay(
        READMISSION_DAYS * context.scales.stay,
        draws.uniform("readmitted/stay", ids, index.key),
        draws.uniform("readmitted/stay2", ids, index.key),
    )
    lives = np.flatnonzero(people.last[index.person] > after + stay)
    index, after, stay = index.take(lives), after[lives], stay[lives]
    if not len(index):
        return index
    events = Collected()
    events.add(
        "readmission",
        index.person,
        after,
        setting=ev.INPATIENT,
        kind=ev.READMISSION,
        cause=index.cause,
        code=index.code,
        drg=index.drg,
        stay=stay,
        price=index.price,
        minute=index.minute,
        key=_RETURN.pack(index.key, nth=again),
    )
    return events.sorted(people)
