"""The contacts that chronic conditions cause: specialists, procedures, crises, and the visits to the primary care provider."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from healthsim.generation.compiled import fits
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.context import YEAR, Context, Floats, Ints
from healthsim.generation.kernels.days import arrivals, at_random, in_stage, open_days, recurring
from healthsim.generation.kernels.events import Collected
from healthsim.generation.kernels.frailty import EMERGENCY, INPATIENT
from healthsim.generation.kernels.health import Health
from healthsim.generation.kernels.sources import Source, planned_setting
from healthsim.generation.kernels.stays import admit
from healthsim.generation.knowledge import Condition
from healthsim.generation.seasons import distant

#: a visit for several conditions at once: of the others' visits this share is made besides
EXTRA_VISITS = 0.3
#: visits a year of whoever has a chronic condition that asks for none
LEAST_VISITS = 0.01


@dataclass(frozen=True)
class _Ill:
    """The people who have a chronic condition: since when within the history, for how many years, in which stage."""

    number: int
    condition: Condition
    who: Ints
    since: Ints
    years: Floats
    stage: Ints
    severity: Floats


def chronic_care(source: Source, row: int, number: int, collected: Collected) -> None:
    """The contacts that a chronic condition causes, besides follow-up by the primary care provider."""
    people, health = source.people, source.health
    condition = source.context.knowledge.conditions[number]
    who = np.flatnonzero(health.has[row])
    since = np.maximum(source.first[who], health.onset[row, who])
    years = np.maximum(people.last[who] - since + 1, 0) / YEAR
    ill = _Ill(number, condition, who, since, years, health.stage[row, who], health.severity[row, who])
    begins = who[health.onset[row, who] >= source.first[who]]
    onset, label = health.onset[row, begins], f"{condition.condition}/begins"
    collected.add(
        label,
        begins,
        open_days(source.context, label, people, begins, 0, onset, onset, people.last[begins]),
        setting=ev.OFFICE,
        kind=ev.VISIT,
        cause=number,
        minute=source.offices(condition.condition, begins),
    )
    _specialists(source, ill, collected)
    _procedures(source, ill, collected)
    _crises(source, ill, collected)


def _specialists(source: Source, ill: _Ill, collected: Collected) -> None:
    """Visits that are due so often a year, but those to the primary care provider."""
    context, people, condition, knowledge = source.context, source.people, ill.condition, source.context.knowledge
    for which, visit in enumerate(condition.visits):
        if visit.setting == "office":
            continue
        label = f"{condition.condition}/visit {which}"
        right = in_stage(condition, visit.stages, ill.stage)
        often = visit.per_year * ill.years * right
        person, day, k = recurring(context, label, people, ill.who, ill.since, people.last[ill.who], often)
        collected.add(
            label,
            person,
            day,
            occurrence=k,
            setting=ev.SETTINGS.index(visit.setting),
            kind=ev.VISIT,
            cause=ill.number,
            specialty=knowledge.specialties.number(visit.specialty),
            reason=knowledge.reasons.number(visit.reason),
            minute=source.offices(label, person, k),
        )


def _procedures(source: Source, ill: _Ill, collected: Collected) -> None:
    """Procedures that are due so often a year."""
    context, people, condition = source.context, source.people, ill.condition
    for which, procedure in enumerate(condition.procedures):
        label = f"{condition.condition}/procedure {which}"
        right = in_stage(condition, procedure.stages, ill.stage)
        right &= fits(procedure.who, people.sex[ill.who], people.ages[1][ill.who].astype(float))
        often = procedure.per_year * ill.years * right
        person, day, k = recurring(context, label, people, ill.who, ill.since, people.last[ill.who], often)
        collected.add(
            label,
            person,
            day,
            occurrence=k,
            setting=planned_setting(procedure.setting),
            kind=ev.SERVICE,
            cause=ill.number,
            specialty=-1 if procedure.specialty is None else context.knowledge.specialties.number(procedure.specialty),
            service=context.knowledge.service(procedure),
            minute=source.offices(label, person, k),
        )


def _crises(source: Source, ill: _Ill, collected: Collected) -> None:
    """Visits to an emergency department and stays, at random; the more severe the condition, the more often."""
    context, people, condition = source.context, source.people, ill.condition
    if condition.emergency is not None:
        label = f"{condition.condition}/emergency"
        rate = condition.emergency.per_year * ill.severity * source.emergency[ill.who]
        at = at_random(context, label, people, ill.who, ill.since, rate)
        person, day, k = source.at_their_age(label, EMERGENCY, context.scales.emergency, source.most_urgent, *at)
        codes = context.knowledge.weighted(condition.emergency.principal)
        collected.add(
            label,
            person,
            day,
            occurrence=k,
            setting=ev.EMERGENCY,
            kind=ev.EPISODE,
            cause=ill.number,
            code=codes.pick(context.draws.uniform(label + "/code", people.number[person], k)),
            minute=arrivals(context, person, people, label, k),
        )
    for which, admission in enumerate(condition.admissions):
        label = f"{condition.condition}/admission {which}"
        rate = admission.per_year * ill.severity * (source.likely * source.most_stays)[ill.who]
        at = at_random(context, label, people, ill.who, ill.since, rate)
        person, day, k = source.at_their_age(label, INPATIENT, context.scales.inpatient, source.most_stays, *at)
        admit(context, people, label, ill.number, condition, admission, person, day, k, collected)


def follow_up(source: Source, collected: Collected) -> None:
    """Visits to the primary care provider for all chronic conditions together; everyone with one has at least one."""
    context, people, health = source.context, source.people, source.health
    rates = _office_visits(context, health)
    most, total = rates.max(axis=0, initial=0), rates.sum(axis=0)
    who = np.flatnonzero(total > 0)
    start = np.maximum(source.first[who], health.onset[:, who].min(axis=0))
    years = np.maximum(people.last[who] - start + 1, 0) / YEAR
    rate = most[who] + EXTRA_VISITS * (total[who] - most[who])
    often = np.maximum(rate * years, years > 0)
    person, day, k = recurring(context, "follow-up", people, who, start, people.last[who], often)
    is_distant = context.draws.uniform("follow-up/virtual", people.number[person], k) < distant(day)
    # the first one is in person: that is where everything is taken down
    collected.add(
        "follow-up",
        person,
        day,
        occurrence=k,
        kind=ev.FOLLOW_UP,
        cause=_asked_for(context, health, rates, person, day),
        setting=np.where(is_distant & (k > 0), ev.VIRTUAL, ev.OFFICE),
        minute=source.offices("follow-up", person, k),
    )


def _office_visits(context: Context, health: Health) -> Floats:
    """(chronic condition, person) visits a year to the primary care provider that each condition asks for."""
    rates = np.zeros(health.has.shape)
    for row, number in enumerate(context.knowledge.chronic):
        condition = context.knowledge.conditions[number]
        rate = np.zeros(health.has.shape[1])
        for visit in condition.visits:
            if visit.setting == "office":
                rate += visit.per_year * in_stage(condition, visit.stages, health.stage[row])
        rates[row] = np.where(health.has[row], np.maximum(rate, LEAST_VISITS), 0)
    return rates


def _asked_for(context: Context, health: Health, rates: Floats, person: Ints, day: Ints) -> Ints:
    """The cause of visits: the condition that asks for most of them, of those that have begun."""
    asked, cause = np.zeros(len(person)), np.full(len(person), context.knowledge.chronic[0])
    for row, number in enumerate(context.knowledge.chronic):
        at = np.flatnonzero(health.has[row].take(person))
        patient = person.take(at)
        rate = rates[row].take(patient)
        more = (rate > asked.take(at)) & (health.onset[row].take(patient) <= day.take(at))
        at = at.compress(more)
        asked[at], cause[at] = rate.compress(more), number
    return cause
