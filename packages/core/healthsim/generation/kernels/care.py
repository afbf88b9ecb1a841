"""The contacts with care that follow from people's conditions, their age and their luck."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from healthsim.generation.compiled import fits
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.births import Births, born, pregnancy
from healthsim.generation.kernels.context import YEAR, Context, Floats, Ints
from healthsim.generation.kernels.days import any_time, at_random, in_stage, office_hours, spaced
from healthsim.generation.kernels.events import Collected, Events
from healthsim.generation.kernels.health import Health
from healthsim.generation.kernels.people import People
from healthsim.generation.kernels.stays import admit, incidence, readmitted, terminal
from healthsim.generation.knowledge import Condition

#: a visit for several conditions at once: of the others' visits this share is made besides
EXTRA_VISITS = 0.3
#: chance of admission by age (under 45, 45-64, 65 and older) and number of chronic conditions (0, 1, 2, 3, 4 and more),
#: relative to others with the same illness: tuned to the shares of adult inpatients with two or more (HCUP SB 183)
ADMITTED_BY_COUNT = np.array([[2.3, 1.2, 0.62, 0.55, 0.55], [2.2, 1.4, 0.75, 0.75, 0.8], [1.2, 1.0, 0.95, 1.0, 1.05]])


@dataclass(frozen=True)
class Care:
    """What happened: the contacts in order."""

    events: Events


def make_care(context: Context, people: People, health: Health) -> Care:
    """All contacts of a batch."""
    found = Collected()
    first = np.maximum(context.start, people.birth)
    likely = admission_factor(context, people, health)
    _chronic(context, people, health, first, likely, found)
    _follow_up(context, people, health, first, found)
    births: Births = {}
    for number, condition in enumerate(context.knowledge.conditions):
        if condition.kind == "pregnancy":
            births[condition.condition] = pregnancy(context, people, number, condition, found)
    for number, condition in enumerate(context.knowledge.conditions):
        if condition.kind == "acute" and condition.at_birth:
            born(context, people, number, condition, births, found)
        elif condition.kind == "acute":
            _acute(context, people, health, first, likely, number, condition, found)
        elif condition.kind == "preventive":
            _preventive(context, people, first, number, condition, found)
    terminal(context, people, health, found)
    return Care(readmitted(context, people, found.sorted(people, context.end)))


# -- chronic conditions ------------------------------------------------------------------------------------------------


def _chronic(context: Context, people: People, health: Health, first: Ints, likely: Floats, found: Collected) -> None:
    draws, knowledge = context.draws, context.knowledge
    for row, number in enumerate(knowledge.chronic):
        condition = knowledge.conditions[number]
        who = np.flatnonzero(health.has[row])
        since = np.maximum(first[who], health.onset[row, who])
        years = np.maximum(people.last[who] - since + 1, 0) / YEAR
        ids, severity = people.number[who], health.severity[row, who]
        begins = who[health.onset[row, who] >= first[who]]
        found.add(f"{condition.condition}/begins", begins, health.onset[row, begins], setting=ev.OFFICE, kind=ev.VISIT,
                  cause=number, minute=office_hours(context, begins, people, condition.condition))  # fmt: skip
        for which, visit in enumerate(condition.visits):
            if visit.setting == "office":
                continue
            label = f"{condition.condition}/visit {which}"
            right = in_stage(condition, visit.stages, health.stage[row, who])
            n = (visit.per_year * years * right + draws.uniform(label, ids)).astype(np.int64)
            person, day, k = spaced(context, label, people, who, since, n)
            found.add(label, person, day, occurrence=k, setting=ev.SETTINGS.index(visit.setting), kind=ev.VISIT,
                      cause=number, specialty=knowledge.specialties.number(visit.specialty),
                      reason=knowledge.reasons.number(visit.reason),
                      minute=office_hours(context, person, people, label, k))  # fmt: skip
        for which, procedure in enumerate(condition.procedures):
            label = f"{condition.condition}/procedure {which}"
            right = in_stage(condition, procedure.stages, health.stage[row, who])
            right &= fits(procedure.who, people.sex[who], people.age[who].astype(float))
            n = (procedure.per_year * years * right + draws.uniform(label, ids)).astype(np.int64)
            person, day, k = spaced(context, label, people, who, since, n)
            setting = procedure.setting if procedure.setting not in ("emergency", "inpatient") else "outpatient"
            found.add(label, person, day, occurrence=k, setting=ev.SETTINGS.index(setting), kind=ev.SERVICE, cause=number,
                      service=knowledge.service(procedure),
                      minute=office_hours(context, person, people, label, k))  # fmt: skip
        if condition.emergency is not None:
            label = f"{condition.condition}/emergency"
            rate = context.scales.emergency * condition.emergency.per_year * severity
            person, day, k = at_random(context, label, people, who, since, rate, years)
            code = knowledge.weighted(condition.emergency.principal, condition.name).pick(
                draws.uniform(label + "/code", people.number[person], k))  # fmt: skip
            found.add(label, person, day, occurrence=k, setting=ev.EMERGENCY, kind=ev.EPISODE, cause=number, code=code,
                      minute=any_time(context, person, people, label, k))  # fmt: skip
        for which, admission in enumerate(condition.admissions):
            label = f"{condition.condition}/admission {which}"
            rate = context.scales.inpatient * admission.per_year * severity * likely[who]
            person, day, k = at_random(context, label, people, who, since, rate, years)
            admit(context, people, label, number, condition, admission, person, day, k, found)


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
                rate += visit.per_year * in_stage(condition, visit.stages, health.stage[row])
        rates[row] = rate = np.where(health.has[row], np.maximum(rate, 0.01), 0)
        most, total = np.maximum(most, rate), total + rate
        since = np.minimum(since, health.onset[row])
    who = np.flatnonzero(total > 0)
    start = np.maximum(first[who], since[who])
    years = np.maximum(people.last[who] - start + 1, 0) / YEAR
    rate = most[who] + EXTRA_VISITS * (total[who] - most[who])
    n = (rate * years + draws.uniform("follow-up", people.number[who])).astype(np.int64)
    n = np.maximum(n, (years > 0).astype(np.int64))
    person, day, k = spaced(context, "follow-up", people, who, start, n)
    distant = draws.uniform("follow-up/virtual", people.number[person], k) < 0.1
    # the visit is for the condition that asks for most visits, of those that have begun
    asked, cause = np.zeros(len(person)), np.full(len(person), knowledge.chronic[0])
    for row, number in enumerate(knowledge.chronic):
        at = np.flatnonzero(health.has[row].take(person))
        patient = person.take(at)
        rate = rates[row].take(patient)
        more = (rate > asked.take(at)) & (health.onset[row].take(patient) <= day.take(at))
        at = at.compress(more)
        asked[at], cause[at] = rate.compress(more), number
    # the first one is in person: that is where everything is taken down
    found.add("follow-up", person, day, occurrence=k, kind=ev.FOLLOW_UP, cause=cause,
              setting=np.where(distant & (k > 0), ev.VIRTUAL, ev.OFFICE),
              minute=office_hours(context, person, people, "follow-up", k))  # fmt: skip


# -- acute conditions and prevention ------------------------------------------------------------------------------------


def _acute(
    context: Context, people: People, health: Health, first: Ints, likely: Floats, number: int, condition: Condition,
    found: Collected,
) -> None:  # fmt: skip
    draws, knowledge = context.draws, context.knowledge
    name, who = condition.condition, np.arange(len(people))
    years = np.maximum(people.last - first + 1, 0) / YEAR
    rate = incidence(context, people, health, condition, who)
    person, day, k = at_random(context, name, people, who, first, rate, years)
    if name in context.spec.cohort:
        sure = np.setdiff1d(np.flatnonzero(people.last > first), person)
        again = (draws.uniform(name + "/sure", people.number[sure]) * (people.last - first)[sure]).astype(np.int64)
        person, day = np.r_[person, sure], np.r_[day, first[sure] + again]
        k = np.r_[k, np.zeros(len(sure), dtype=np.int64)]
    u = draws.uniform(name + "/where", people.number[person], k)
    admitted = np.zeros(len(person), dtype=bool)
    for which, admission in enumerate(condition.admissions):
        chance = admission.share * context.scales.inpatient * likely[person]
        chosen = ~admitted & (draws.uniform(f"{name}/admission {which}", people.number[person], k) < chance)
        admit(context, people, f"{name}/stay {which}", number, condition, admission, person[chosen], day[chosen], k[chosen],
               found)  # fmt: skip
        admitted |= chosen
    shares = {setting: share for setting, share in condition.seen.items() if setting != "inpatient"}
    if not shares:
        return
    shares["emergency"] = shares.get("emergency", 0.0) * context.scales.emergency
    total = sum(shares.values())
    edge = 0.0
    for setting, share in shares.items():
        chosen = ~admitted & (u >= edge) & (u < edge + share / max(total, 1.0))
        edge += share / max(total, 1.0)
        where = ev.SETTINGS.index(setting)
        label = f"{name}/{setting}"
        minute = (any_time if where == ev.EMERGENCY else office_hours)(
            context, person[chosen], people, label, k[chosen]
        )
        code: Ints | int = -1
        if condition.emergency is not None and where == ev.EMERGENCY:
            weighted = knowledge.weighted(condition.emergency.principal, condition.name)
            code = weighted.pick(draws.uniform(label + "/code", people.number[person[chosen]], k[chosen]))
        found.add(label, person[chosen], day[chosen], occurrence=k[chosen], setting=where, kind=ev.EPISODE, cause=number,
                  code=code, minute=minute)  # fmt: skip


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
        person, day, k = spaced(context, label, people, who, first[who], n)
        now = fits(screening.who, people.sex[person], people.age_at(person, day))
        person, day, k = person[now], day[now], k[now]
        setting = screening.setting if screening.setting not in ("emergency", "inpatient") else "outpatient"
        found.add(label, person, day, occurrence=k, setting=ev.SETTINGS.index(setting), kind=ev.SERVICE, cause=number,
                  code=knowledge.code(screening.diagnosis, screening.name), service=knowledge.service(screening),
                  minute=office_hours(context, person, people, label, k))  # fmt: skip
