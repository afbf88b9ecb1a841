"""The contacts with care that follow from people's conditions, their age and their luck."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from healthsim.generate.compiled import by_sex, fits
from healthsim.generate.kernels import events as ev
from healthsim.generate.kernels.context import BLOCK, YEAR, Context, Floats, Ints
from healthsim.generate.kernels.events import Collected, Events
from healthsim.generate.kernels.health import Health
from healthsim.generate.kernels.people import People
from healthsim.generate.knowledge import Admission, Condition
from healthsim.generate.ordering import among, order_of
from healthsim.generate.places import facts

#: a visit for several conditions at once: of the others' visits this share is made besides
EXTRA_VISITS = 0.3
#: chance of admission by age (under 45, 45-64, 65 and older) and number of chronic conditions (0, 1, 2, 3, 4 and more),
#: relative to others with the same illness: tuned to the shares of adult inpatients with two or more (HCUP SB 183)
ADMITTED_BY_COUNT = np.array([[2.3, 1.2, 0.62, 0.55, 0.55], [2.2, 1.4, 0.75, 0.75, 0.8], [1.2, 1.0, 0.95, 1.0, 1.05]])
PREGNANT_DAYS = 275


@dataclass(frozen=True)
class Care:
    """What happened: the contacts in order, and the day of delivery of those who gave birth (0 for others)."""

    events: Events
    delivery: Ints


def make_care(context: Context, people: People, health: Health) -> Care:
    """All contacts of a batch."""
    found = Collected()
    first = np.maximum(context.start, people.birth)
    _chronic(context, people, health, first, found)
    _follow_up(context, people, health, first, found)
    delivery = np.zeros(len(people), dtype=np.int64)
    for number, condition in enumerate(context.knowledge.conditions):
        if condition.kind == "acute":
            _acute(context, people, health, first, number, condition, found)
        elif condition.kind == "pregnancy":
            delivery = _pregnancy(context, people, number, condition, found)
        elif condition.kind == "preventive":
            _preventive(context, people, first, number, condition, found)
    _terminal(context, people, health, found)
    return Care(_readmitted(context, people, found.sorted(people, context.end)), delivery)


# -- chronic conditions ------------------------------------------------------------------------------------------------


def _chronic(context: Context, people: People, health: Health, first: Ints, found: Collected) -> None:
    draws, knowledge = context.draws, context.knowledge
    likely = admission_factor(context, people, health)
    for row, number in enumerate(knowledge.chronic):
        condition = knowledge.conditions[number]
        who = np.flatnonzero(health.has[row])
        since = np.maximum(first[who], health.onset[row, who])
        years = np.maximum(people.last[who] - since + 1, 0) / YEAR
        ids, severity = people.number[who], health.severity[row, who]
        begins = who[health.onset[row, who] >= first[who]]
        found.add(f"{condition.condition}/begins", begins, health.onset[row, begins], setting=ev.OFFICE, kind=ev.VISIT,
                  cause=number, minute=_office_hours(context, begins, people, condition.condition))  # fmt: skip
        for which, visit in enumerate(condition.visits):
            if visit.setting == "office":
                continue
            label = f"{condition.condition}/visit {which}"
            right = _in_stage(condition, visit.stages, health.stage[row, who])
            n = (visit.per_year * years * right + draws.uniform(label, ids)).astype(np.int64)
            person, day, k = _spaced(context, label, people, who, since, n)
            found.add(label, person, day, occurrence=k, setting=ev.SETTINGS.index(visit.setting), kind=ev.VISIT,
                      cause=number, specialty=knowledge.specialties.number(visit.specialty),
                      reason=knowledge.reasons.number(visit.reason),
                      minute=_office_hours(context, person, people, label, k))  # fmt: skip
        for which, procedure in enumerate(condition.procedures):
            label = f"{condition.condition}/procedure {which}"
            right = _in_stage(condition, procedure.stages, health.stage[row, who])
            right &= fits(procedure.who, people.sex[who], people.age[who].astype(float))
            n = (procedure.per_year * years * right + draws.uniform(label, ids)).astype(np.int64)
            person, day, k = _spaced(context, label, people, who, since, n)
            setting = procedure.setting if procedure.setting not in ("emergency", "inpatient") else "outpatient"
            found.add(label, person, day, occurrence=k, setting=ev.SETTINGS.index(setting), kind=ev.SERVICE, cause=number,
                      service=knowledge.service(procedure),
                      minute=_office_hours(context, person, people, label, k))  # fmt: skip
        if condition.emergency is not None:
            label = f"{condition.condition}/emergency"
            rate = context.scales.emergency * condition.emergency.per_year * severity
            person, day, k = _at_random(context, label, people, who, since, rate, years)
            code = knowledge.weighted(condition.emergency.principal, condition.name).pick(
                draws.uniform(label + "/code", people.number[person], k))  # fmt: skip
            found.add(label, person, day, occurrence=k, setting=ev.EMERGENCY, kind=ev.EPISODE, cause=number, code=code,
                      minute=_any_time(context, person, people, label, k))  # fmt: skip
        for which, admission in enumerate(condition.admissions):
            label = f"{condition.condition}/admission {which}"
            rate = context.scales.inpatient * admission.per_year * severity * likely[who]
            person, day, k = _at_random(context, label, people, who, since, rate, years)
            _admit(context, people, label, number, condition, admission, person, day, k, found)


def admission_factor(context: Context, people: People, health: Health) -> Floats:
    """How much likelier than others with the same illness each person is to be admitted for it."""
    band = np.searchsorted([45, 65], people.age, side="right")
    factor: Floats = ADMITTED_BY_COUNT[band, np.minimum(health.count, ADMITTED_BY_COUNT.shape[1] - 1)]
    return np.where(health.count >= 2, factor * np.array(context.scales.several)[band], factor)


def _follow_up(context: Context, people: People, health: Health, first: Ints, found: Collected) -> None:
    """Visits to the primary care provider for all chronic conditions together; everyone with one has at least one."""
    knowledge, draws = context.knowledge, context.draws
    most, total = np.zeros(len(people)), np.zeros(len(people))
    since = np.full(len(people), context.end + 1)
    rates = np.zeros(health.has.shape)
    for row, number in enumerate(knowledge.chronic):
        condition = knowledge.conditions[number]
        rate = np.zeros(len(people))
        for visit in condition.visits:
            if visit.setting == "office":
                rate += visit.per_year * _in_stage(condition, visit.stages, health.stage[row])
        rates[row] = rate = np.where(health.has[row], np.maximum(rate, 0.01), 0)
        most, total = np.maximum(most, rate), total + rate
        since = np.where(health.has[row], np.minimum(since, health.onset[row]), since)
    who = np.flatnonzero(total > 0)
    start = np.maximum(first[who], since[who])
    years = np.maximum(people.last[who] - start + 1, 0) / YEAR
    rate = most[who] + EXTRA_VISITS * (total[who] - most[who])
    n = (rate * years + draws.uniform("follow-up", people.number[who])).astype(np.int64)
    n = np.maximum(n, (years > 0).astype(np.int64))
    person, day, k = _spaced(context, "follow-up", people, who, start, n)
    distant = draws.uniform("follow-up/virtual", people.number[person], k) < 0.1
    # the first one is in person: that is where everything is taken down
    # the visit is for the condition that asks for most visits, of those that have begun
    begun = np.where(health.onset[:, person] <= day, rates[:, person], 0)
    cause = np.array(knowledge.chronic)[begun.argmax(axis=0)]
    found.add("follow-up", person, day, occurrence=k, kind=ev.FOLLOW_UP, cause=cause,
              setting=np.where(distant & (k > 0), ev.VIRTUAL, ev.OFFICE),
              minute=_office_hours(context, person, people, "follow-up", k))  # fmt: skip


# -- acute conditions, pregnancy, prevention -----------------------------------------------------------------------------


def _acute(
    context: Context, people: People, health: Health, first: Ints, number: int, condition: Condition, found: Collected
) -> None:
    draws, knowledge = context.draws, context.knowledge
    name, who = condition.condition, np.arange(len(people))
    if condition.at_birth:
        who = np.flatnonzero((people.birth >= context.start) & (people.birth <= context.end))
        person, day, k = who, people.birth[who], np.zeros(len(who), dtype=np.int64)
    else:
        rate = by_sex(condition.incidence)[people.sex, people.age]
        place = {knowledge.conditions[one].condition: row for row, one in enumerate(knowledge.chronic)}
        for other, factor in condition.risk.items():
            if other in place:
                rate = np.where(health.has[place[other]], rate * factor, rate)
        years = np.maximum(people.last - first + 1, 0) / YEAR
        person, day, k = _at_random(context, name, people, who, first, rate, years)
        if name in context.spec.cohort:
            sure = np.setdiff1d(np.flatnonzero(people.last > first), person)
            again = (draws.uniform(name + "/sure", people.number[sure]) * (people.last - first)[sure]).astype(np.int64)
            person, day = np.r_[person, sure], np.r_[day, first[sure] + again]
            k = np.r_[k, np.zeros(len(sure), dtype=np.int64)]
    u = draws.uniform(name + "/where", people.number[person], k)
    likely = admission_factor(context, people, health)
    admitted = np.zeros(len(person), dtype=bool)
    fixed = condition.at_birth
    scale = 1.0 if fixed else context.scales.inpatient
    for which, admission in enumerate(condition.admissions):
        share = admission.share * (scale if fixed else scale * likely[person])
        chosen = ~admitted & (draws.uniform(f"{name}/admission {which}", people.number[person], k) < share)
        kind = ev.NEWBORN if fixed else ev.ADMISSION
        _admit(context, people, f"{name}/stay {which}", number, condition, admission, person[chosen], day[chosen], k[chosen],
               found, kind=kind)  # fmt: skip
        admitted |= chosen
    shares = {setting: share for setting, share in condition.seen.items() if setting != "inpatient"}
    if not shares or fixed:
        return
    shares["emergency"] = shares.get("emergency", 0.0) * context.scales.emergency
    total = sum(shares.values())
    edge = 0.0
    for setting, share in shares.items():
        chosen = ~admitted & (u >= edge) & (u < edge + share / max(total, 1.0))
        edge += share / max(total, 1.0)
        where = ev.SETTINGS.index(setting)
        label = f"{name}/{setting}"
        minute = (_any_time if where == ev.EMERGENCY else _office_hours)(
            context, person[chosen], people, label, k[chosen]
        )
        code: Ints | int = -1
        if condition.emergency is not None and where == ev.EMERGENCY:
            weighted = knowledge.weighted(condition.emergency.principal, condition.name)
            code = weighted.pick(draws.uniform(label + "/code", people.number[person[chosen]], k[chosen]))
        found.add(label, person[chosen], day[chosen], occurrence=k[chosen], setting=where, kind=ev.EPISODE, cause=number,
                  code=code, minute=minute)  # fmt: skip


def _pregnancy(context: Context, people: People, number: int, condition: Condition, found: Collected) -> Ints:
    """Deliveries, at most one within the history (every third year of it), and the visits before them; the days of delivery."""
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
    _match_newborns(context, people, delivery)
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
        _admit(context, people, f"{name}/delivery {which}", number, condition, admission, who[chosen], delivery[who[chosen]],
               none[chosen], found, kind=ev.DELIVERY)  # fmt: skip
    for which, visit in enumerate(condition.visits):
        label = f"{name}/visit {which}"
        n = np.full(len(who), round(visit.per_year * PREGNANT_DAYS / YEAR))
        person, at, k = _spaced(
            context, label, people, who, delivery[who] - PREGNANT_DAYS + 45, n, stop=delivery[who] - 4
        )
        found.add(label, person, at, occurrence=k, setting=ev.SETTINGS.index(visit.setting), kind=ev.PRENATAL, cause=number,
                  specialty=context.knowledge.specialties.number(visit.specialty),
                  reason=context.knowledge.reasons.number(visit.reason),
                  minute=_office_hours(context, person, people, label, k))  # fmt: skip
    return delivery


def _match_newborns(context: Context, people: People, delivery: Ints) -> None:
    """Deliveries fall on the birthdays of children of the same block and county, where the mother's number is lower."""
    born = people.birth >= context.start
    for block in range(0, len(people), BLOCK):
        rows = np.arange(block, min(block + BLOCK, len(people)))
        babies, mothers = rows[born[rows]], rows[delivery[rows] > 0]
        babies = babies[order_of(people.county[babies], people.birth[babies])]
        mothers = mothers[order_of(people.county[mothers], delivery[mothers])]
        n = min(len(babies), len(mothers))
        babies, mothers = babies[:n], mothers[:n]
        day = people.birth[babies]
        fits = (people.county[babies] == people.county[mothers]) & (mothers < babies) & (people.last[mothers] > day + 5)
        age = people.age_at(mothers, day)
        fits &= (age >= 15) & (age <= 50)
        delivery[mothers[fits]] = day[fits]
        people.parent[babies[fits]] = people.parent[mothers[fits]]
        people.relation[babies[fits]] = 2


def _preventive(
    context: Context, people: People, first: Ints, number: int, condition: Condition, found: Collected
) -> None:
    draws, knowledge = context.draws, context.knowledge
    for which, screening in enumerate(condition.screenings):
        label = f"{condition.condition}/screening {which}"
        who = np.flatnonzero(fits(screening.who, people.sex, people.age.astype(float))
                             | fits(screening.who, people.sex, people.age - float(context.spec.years)))  # fmt: skip
        who = who[draws.uniform(label + "/keeps", people.number[who]) < screening.share]
        years = np.maximum(people.last[who] - first[who] + 1, 0) / YEAR
        n = (years / screening.every_years + draws.uniform(label, people.number[who])).astype(np.int64)
        person, day, k = _spaced(context, label, people, who, first[who], n)
        now = fits(screening.who, people.sex[person], people.age_at(person, day))
        person, day, k = person[now], day[now], k[now]
        setting = screening.setting if screening.setting not in ("emergency", "inpatient") else "outpatient"
        found.add(label, person, day, occurrence=k, setting=ev.SETTINGS.index(setting), kind=ev.SERVICE, cause=number,
                  code=knowledge.code(screening.diagnosis, screening.name), service=knowledge.service(screening),
                  minute=_office_hours(context, person, people, label, k))  # fmt: skip


# -- hospital stays ------------------------------------------------------------------------------------------------------


def _admit(
    context: Context, people: People, label: str, number: int, condition: Condition, admission: Admission,
    person: Ints, day: Ints, k: Ints, found: Collected, kind: int = ev.ADMISSION,
) -> None:  # fmt: skip
    draws, ids = context.draws, people.number[person]
    stay = _stay(
        admission.length_of_stay, draws.uniform(label + "/stay", ids, k), draws.uniform(label + "/stay2", ids, k)
    )
    drg = context.knowledge.drg(admission.drgs).pick(draws.uniform(label + "/drg", ids, k))
    code = context.knowledge.weighted(admission.principal, condition.name).pick(draws.uniform(label + "/code", ids, k))
    price = admission.price * 100 * (0.55 + 0.45 * stay / admission.length_of_stay)
    service: Ints | int = -1
    for procedure in admission.procedures:
        chosen = draws.uniform(label + procedure.code, ids, k) < (procedure.share or 1.0)
        service = np.where(chosen, context.knowledge.service(procedure), service)
    found.add(label, person, day, occurrence=k, setting=ev.INPATIENT, kind=kind, cause=number, code=code, stay=stay, drg=drg,
              price=price.astype(np.int64), planned=admission.planned, service=service,
              minute=_any_time(context, person, people, label, k))  # fmt: skip


def _stay(mean: float, u: Floats, v: Floats) -> Ints:
    """Days in hospital, at least one: gamma of shape two with this mean, rounded."""
    days = -(np.log(u) + np.log(v)) / 2 * mean
    result: Ints = np.clip(np.round(days), 1, 90).astype(np.int64)
    return result


def _terminal(context: Context, people: People, health: Health, found: Collected) -> None:
    """Stays that end with death, for the share of deaths that happen in hospital."""
    draws, knowledge = context.draws, context.knowledge
    dies = (people.death <= context.end) & (people.death - 1 > people.birth)
    dies &= draws.uniform("dies in hospital", people.number) < facts()["in_hospital"]["share"]
    left = dies.copy()
    choices: list[tuple[int, Admission, np.ndarray]] = []
    place = {number: row for row, number in enumerate(knowledge.chronic)}
    for number, condition in enumerate(knowledge.conditions):
        for admission in condition.admissions[:1]:
            if condition.kind in ("chronic", "acute") and admission.died > 0.02 and not condition.at_birth:
                can = health.has[place[number]] if number in place else np.ones(len(people), dtype=bool)
                allowed = by_sex(condition.incidence)[people.sex, people.age] > 0 if condition.incidence else can
                choices.append((number, admission, can & allowed))
    if not choices:
        return
    weights = np.stack([can * admission.died for _, admission, can in choices])
    cumulative = np.cumsum(weights, axis=0)
    u = draws.uniform("dies of", people.number) * cumulative[-1]
    chosen = (u[None] >= cumulative).sum(axis=0)
    left &= cumulative[-1] > 0
    for which, (number, admission, _) in enumerate(choices):
        who = np.flatnonzero(left & (chosen == which))
        ids = people.number[who]
        stay = _stay(admission.length_of_stay * 1.4, draws.uniform("last stay", ids), draws.uniform("last stay 2", ids))
        begin = np.maximum(people.death[who] - stay, np.maximum(people.birth[who] + 1, context.start))
        stay = people.death[who] - begin
        condition = knowledge.conditions[number]
        code = knowledge.weighted(admission.principal, condition.name).pick(draws.uniform("last code", ids))
        drg = knowledge.drg(admission.drgs).pick(draws.uniform("last drg", ids))
        price = admission.price * 100 * (0.55 + 0.45 * stay / admission.length_of_stay)
        found.add("terminal", who, begin, setting=ev.INPATIENT, kind=ev.TERMINAL, cause=number, code=code, drg=drg, stay=stay,
                  price=price.astype(np.int64), expired=True,
                  minute=_any_time(context, who, people, "terminal", 0))  # fmt: skip


def _readmitted(context: Context, people: People, events: Events) -> Events:
    """After some discharges the patient comes back within 30 days, for the same cause; of these again some."""
    draws = context.draws
    newest, parts = events, [events]
    for again in (1, 2, 3):
        # the way home is followed only from stays for illness
        is_illness = (newest.setting == ev.INPATIENT) & among(newest.kind, (ev.ADMISSION, ev.READMISSION))
        index = newest.take(np.flatnonzero(is_illness))
        index = index.take(
            draws.uniform("readmitted", people.number[index.person], index.key) < context.scales.readmission
        )
        ids = people.number[index.person]
        after = index.day + np.maximum(index.stay, 1) + 1 + draws.integer("readmitted/after", ids, 27, index.key)
        stay = _stay(
            5.0, draws.uniform("readmitted/stay", ids, index.key), draws.uniform("readmitted/stay2", ids, index.key)
        )
        lives = people.last[index.person] > after + stay
        index, after, stay = index.take(lives), after[lives], stay[lives]
        if not len(index):
            break
        found = Collected()
        found.add("readmission", index.person, after, setting=ev.INPATIENT, kind=ev.READMISSION, cause=index.cause,
                  code=index.code, drg=index.drg, stay=stay, price=index.price, minute=index.minute,
                  key=index.key * 5 + again)  # fmt: skip
        newest = found.sorted(people, context.end)
        parts.append(newest)
    return ev.without_overlaps(_merged(parts)) if len(parts) > 1 else events


def _merged(parts: list[Events]) -> Events:
    both = ev.Events(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in parts[0].__dict__})
    return both.take(order_of(both.person, both.day, both.minute, both.key))


# -- days and times --------------------------------------------------------------------------------------------------------


def _in_stage(condition: Condition, stages: tuple[str, ...], stage: Ints) -> np.ndarray:
    if not stages or not condition.stages:
        return np.ones(len(stage), dtype=bool)
    return np.array([one.name in stages for one in condition.stages])[stage]


def _spaced(
    context: Context, label: str, people: People, who: Ints, since: Ints, n: Ints, *, stop: Ints | None = None
) -> tuple[Ints, Ints, Ints]:
    """So many days for each of these people, evenly spaced with some play: (person, day, occurrence)."""
    group = np.repeat(np.arange(len(who)), n)
    k = np.arange(len(group)) - np.repeat(np.cumsum(n) - n, n)
    until = people.last[who] if stop is None else stop
    span = np.maximum(until - since + 1, 1)[group]
    u = context.draws.uniform(label + "/day", people.number[who[group]], k)
    day = since[group] + ((k + 0.1 + 0.8 * u) / n[group] * span).astype(np.int64)
    return who[group], day, k


def _at_random(
    context: Context, label: str, people: People, who: Ints, since: Ints, rate: Floats, years: Floats
) -> tuple[Ints, Ints, Ints]:
    """Events that come at random at a rate per year: (person, day, occurrence)."""
    n = context.draws.poisson(label, people.number[who], rate * years)
    group = np.repeat(np.arange(len(who)), n)
    k = np.arange(len(group)) - np.repeat(np.cumsum(n) - n, n)
    u = context.draws.uniform(label + "/day", people.number[who[group]], k)
    day = since[group] + (u * np.maximum(people.last[who[group]] - since[group] + 1, 1)).astype(np.int64)
    return who[group], day, k


def _office_hours(context: Context, person: Ints, people: People, label: str, k: Ints | int = 0) -> Ints:
    return 480 + 5 * context.draws.integer(label + "/minute", people.number[person], 108, k)


def _any_time(context: Context, person: Ints, people: People, label: str, k: Ints | int = 0) -> Ints:
    return context.draws.integer(label + "/minute", people.number[person], 1_440, k)
