"""Rates of hospital use and prices that meet national figures, found on a pilot population of the nation.

The figures and their sources stand in ``fidelity/targets.yaml``, once for both: what is tuned to and what is held against.
The pilot has a seed of its own, so that a population of another size or seed is tuned the same way.
"""

from __future__ import annotations

import hashlib
import pickle
from dataclasses import replace
from functools import cache, lru_cache

import numpy as np

from healthsim.generation.calibration import Scales, scale_prevalence
from healthsim.generation.fidelity.targets import all_targets
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.care import make_care
from healthsim.generation.kernels.claims import PAID, make_claims
from healthsim.generation.kernels.clinical import services_done
from healthsim.generation.kernels.context import YEAR, Context
from healthsim.generation.kernels.coverage import billing, make_coverage
from healthsim.generation.kernels.frailty import EMERGENCY, INPATIENT
from healthsim.generation.kernels.health import Health, make_health
from healthsim.generation.kernels.people import People, make_people
from healthsim.generation.kernels.results import tests_done
from healthsim.generation.kernels.timeline import make_timeline
from healthsim.generation.kernels.treatment import make_prescriptions, make_treatment
from healthsim.generation.kernels.vaccines import vaccines_given
from healthsim.generation.places import Places
from healthsim.generation.randomness import Floats
from healthsim.generation.seasons import prices_on
from healthsim.generation.spec import PopulationSpec

#: persons of the pilot
PILOT = 16_384
_ROUNDS = 6
_SEED = 20_251_231


@cache
def _wanted() -> dict[str, float]:
    """Name of a target -> the figure that generation is tuned to."""
    return {target.name: target.tuned_to for target in all_targets().targets if target.representative}


def tuned(context: Context, nation: Places) -> Scales:
    """The scales of a context with rates and prices tuned on the nation, which nobody's county is forced to resemble.

    The rates are tuned without a cohort and without limits of age or sex: whoever is chosen uses what such people use.
    """
    spec, knowledge = context.spec, context.knowledge
    everybody = PopulationSpec(size=PILOT, seed=_SEED, as_of=spec.as_of, years=spec.years)
    pilot = Context(everybody, nation, knowledge, Scales(scale_prevalence(knowledge, nation)))
    # populations of one process are tuned once, unless the knowledge or the time differs
    national = _tuned(hashlib.sha256(pickle.dumps(pilot)).digest(), _Pilot(pilot))
    return replace(national, prevalence=context.scales.prevalence)


class _Pilot:
    """A context that a cache does not look at: its digest stands for it."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Pilot)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=8)
def _tuned(digest: bytes, held: _Pilot) -> Scales:
    pilot = held.context
    people = make_people(pilot, np.arange(PILOT, dtype=np.int64))
    health = make_health(pilot, people)
    urgent, in_hospital = EMERGENCY.years(people), INPATIENT.years(people)
    known, scales = _wanted(), pilot.scales
    for _ in range(_ROUNDS):
        pilot = replace(pilot, scales=scales)
        events = make_care(pilot, people, health).events
        stays = events.setting == ev.INPATIENT
        scales = replace(
            scales,
            inpatient=_stays(scales.inpatient, people, events, in_hospital),
            emergency=_emergencies(scales.emergency, people, events, urgent),
            readmission=min(0.4, scales.readmission * known["readmissions"] / 100 / max(_readmitted(events), 0.01)),
            several=_several(scales.several, people, health, events),
            stay=scales.stay * known["length of stay"] / max(float(np.maximum(events.stay[stays], 1).mean()), 0.1),
        )
    pilot = replace(pilot, scales=scales)
    return replace(scales, spending=_spending(pilot, people, health))


def _emergencies(before: tuple[float, ...], people: People, events: ev.Events, years: Floats) -> tuple[float, ...]:
    """Multipliers that bring visits to emergency departments to the figures by age, and to the one of all ages."""
    by_age = EMERGENCY.rates * _wanted()["emergency visits"] * years.sum() / (EMERGENCY.rates * years).sum() / 100
    rows = np.flatnonzero(events.setting == ev.EMERGENCY)
    band = EMERGENCY.band(people.age_at(events.person[rows], events.day[rows]))
    visits = np.bincount(band, minlength=len(years))
    ratio = np.clip(by_age * years / np.maximum(visits, 1), 0.2, 5)
    return tuple(np.where(years > 0, np.array(before) * ratio, before).tolist())


def _stays(before: tuple[float, ...], people: People, events: ev.Events, years: Floats) -> tuple[float, ...]:
    """Multipliers that bring stays to the figures by age, and to the one of all ages; deliveries and newborns are what they are."""
    stays = np.flatnonzero((events.setting == ev.INPATIENT) & (events.kind != ev.NEWBORN))
    newborns = (events.kind == ev.NEWBORN).sum()
    everyone = _wanted()["inpatient stays"] * years.sum() / 1000 - newborns
    wanted = INPATIENT.rates * years
    wanted *= everyone / wanted.sum()
    band = INPATIENT.band(people.age_at(events.person[stays], events.day[stays]))
    elastic = np.isin(events.kind[stays], (ev.ADMISSION, ev.READMISSION))
    fixed = np.bincount(band, ~elastic, len(years))
    moves = np.bincount(band, elastic, len(years))
    ratio = np.clip(np.maximum(wanted - fixed, 0.05 * wanted) / np.maximum(moves, 1), 0.2, 5)
    return tuple(np.where(years > 0, np.array(before) * ratio, before).tolist())


def _readmitted(events: ev.Events) -> float:
    """The share of live discharges that are followed by another stay within 30 days."""
    rows = np.flatnonzero(events.setting == ev.INPATIENT)
    person, begin = events.person[rows], events.day[rows]
    leave = begin + np.maximum(events.stay[rows], 1)
    follows = (
        np.r_[(person[1:] == person[:-1]) & (begin[1:] - leave[:-1] <= 30), False] if len(rows) else np.zeros(0, bool)
    )
    index = ~events.expired[rows] & (events.kind[rows] != ev.NEWBORN)
    return float(follows[index].mean()) if index.any() else 0.0


def _several(
    before: tuple[float, float, float], people: People, health: Health, events: ev.Events
) -> tuple[float, float, float]:
    """Multipliers that bring the shares of inpatients with two or more chronic conditions to the figures."""
    rows = np.flatnonzero(
        np.isin(events.kind, (ev.ADMISSION, ev.READMISSION, ev.TERMINAL)) & (events.setting == ev.INPATIENT)
    )
    person = events.person[rows]
    known = (health.onset[:, person] <= events.day[rows] + events.stay[rows]).sum(axis=0) >= 2
    age = people.age_at(person, events.day[rows])
    after = []
    bands = ((18, 45, "18-44"), (45, 65, "45-64"), (65, 200, "65 and over"))
    for multiplier, (low, high, ages) in zip(before, bands, strict=True):
        share = _wanted()[f"chronic conditions of inpatients, {ages}"] / 100
        here = known[(age >= low) & (age < high)]
        share_here = float(np.clip(here.mean(), 0.02, 0.98)) if len(here) else share
        ratio = share / (1 - share) / (share_here / (1 - share_here))
        after.append(float(np.clip(multiplier * ratio, 0.02, 20)))
    return after[0], after[1], after[2]


def _spending(context: Context, people: People, health: Health) -> tuple[float, float, float]:
    """Multipliers of prices by age such that people with coverage use what the figures say, in allowed amounts."""
    timeline = make_timeline(context, people, health, make_care(context, people, health).events)
    coverage = make_coverage(context, people, health)
    claims = make_claims(timeline, coverage, services_done(timeline), tests_done(timeline), vaccines_given(timeline))
    treatment = make_treatment(timeline)
    prescriptions, fills = make_prescriptions(timeline, treatment)
    allowed = np.bincount(claims.lines.claim, claims.lines.allowed, len(claims.event)) * (claims.status == PAID)
    # the figures are dollars of a year, whatever the years of the history
    allowed = allowed / prices_on(timeline.events.day[claims.event], all_targets().dollars)
    spent = np.bincount(timeline.events.person[claims.event], allowed, len(people))
    of = prescriptions.treatment[fills.prescription]
    prices = np.array([drug.price * 100 for drug in context.knowledge.drugs])[treatment.drug[of]]
    insured = coverage.on(treatment.person[of], fills.day) >= 0
    prices = prices * prices_on(fills.day) / prices_on(fills.day, all_targets().dollars)
    spent += np.bincount(treatment.person[of], prices * insured * (1 - billing()["rejected_fills"]), len(people))
    years = (people.last - people.first + 1) / YEAR
    age, factors = people.ages[1], []
    for low, high, ages in ((0, 19, "0-18"), (19, 65, "19-64"), (65, 200, "65 and over")):
        rows = (age >= low) & (age < high)
        mean = spent[rows].sum() / max(years[rows].sum(), 1e-9) / 100
        factors.append(float(_wanted()[f"spending, {ages}"] / mean) if mean > 0 else 1.0)
    return factors[0], factors[1], factors[2]
