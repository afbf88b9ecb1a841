"""Rates of hospital use and prices that meet national figures, found on a pilot population of the same places and spec.

The figures and their sources stand in ``fidelity/targets.yaml``, once for both: what is tuned to and what is held against.
The pilot has a seed of its own, so that a population of another size or seed is tuned the same way.
"""

from __future__ import annotations

import hashlib
import pickle
from dataclasses import replace
from functools import cache, lru_cache

import numpy as np

from healthsim.generation.calibration import Scales
from healthsim.generation.fidelity.targets import all_targets
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.care import make_care
from healthsim.generation.kernels.claims import PAID, make_claims
from healthsim.generation.kernels.clinical import services_done
from healthsim.generation.kernels.context import YEAR, Context
from healthsim.generation.kernels.coverage import billing, make_coverage
from healthsim.generation.kernels.health import Health, make_health
from healthsim.generation.kernels.people import People, make_people
from healthsim.generation.kernels.results import tests_done
from healthsim.generation.kernels.timeline import make_timeline
from healthsim.generation.kernels.treatment import make_prescriptions, make_treatment
from healthsim.generation.kernels.vaccines import vaccines_given
from healthsim.generation.spec import PopulationSpec

#: persons of the pilot
PILOT = 16_384
_ROUNDS = 6
_SEED = 20_251_231


@cache
def _wanted() -> dict[str, float]:
    """Name of a target -> the figure that generation is tuned to."""
    return {target.name: target.tuned_to for target in all_targets().targets if target.representative}


def tuned(context: Context) -> Scales:
    """The scales of a context with rates and prices tuned; a cohort of chosen people keeps the rates of everybody.

    The rates are tuned without a cohort and without limits of age or sex: whoever is chosen uses what such people use.
    """
    given = context.spec
    everybody = PopulationSpec(size=PILOT, seed=_SEED, as_of=given.as_of, years=given.years)
    pilot = replace(context, spec=everybody)
    # populations of one process that differ in size, seed or cohort only are tuned once
    return _tuned(hashlib.sha256(pickle.dumps(pilot)).digest(), _Pilot(pilot))


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
    years = (np.maximum(people.last - np.maximum(pilot.start, people.birth) + 1, 0) / YEAR).sum()
    known, scales = _wanted(), pilot.scales
    for _ in range(_ROUNDS):
        pilot = replace(pilot, scales=scales)
        events = make_care(pilot, people, health).events
        stays = events.setting == ev.INPATIENT
        elastic = stays & np.isin(events.kind, (ev.ADMISSION, ev.READMISSION))
        wanted = known["inpatient stays"] / 1000 * years - (stays & ~elastic).sum()
        emergencies = (events.setting == ev.EMERGENCY).sum()
        scales = replace(
            scales,
            inpatient=scales.inpatient * max(wanted, 0.05 * stays.sum()) / max(elastic.sum(), 1),
            emergency=scales.emergency * known["emergency visits"] / 100 * years / max(emergencies, 1),
            readmission=min(0.4, scales.readmission * known["readmissions"] / 100 / max(_readmitted(events), 0.01)),
            several=_several(scales.several, people, health, events),
            stay=scales.stay * known["length of stay"] / max(float(np.maximum(events.stay[stays], 1).mean()), 0.1),
        )
    pilot = replace(pilot, scales=scales)
    return replace(scales, spending=_spending(pilot, people, health))


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
        found = float(np.clip(here.mean(), 0.02, 0.98)) if len(here) else share
        ratio = share / (1 - share) / (found / (1 - found))
        after.append(float(np.clip(multiplier * ratio, 0.02, 20)))
    return after[0], after[1], after[2]


def _spending(context: Context, people: People, health: Health) -> tuple[float, float, float]:
    """Multipliers of prices by age such that people with coverage use what the figures say, in allowed amounts."""
    timeline = make_timeline(context, people, health, make_care(context, people, health).events)
    coverage = make_coverage(context, people)
    claims = make_claims(timeline, coverage, services_done(timeline), tests_done(timeline), vaccines_given(timeline))
    treatment = make_treatment(timeline)
    prescriptions, fills = make_prescriptions(timeline, treatment)
    allowed = np.bincount(claims.lines.claim, claims.lines.allowed, len(claims.event)) * (claims.status == PAID)
    spent = np.bincount(timeline.events.person[claims.event], allowed, len(people))
    of = prescriptions.treatment[fills.prescription]
    prices = np.array([one.price * 100 for one in context.knowledge.drugs])[treatment.drug[of]]
    insured = coverage.on(treatment.person[of], fills.day) >= 0
    spent += np.bincount(treatment.person[of], prices * insured * (1 - billing()["rejected_fills"]), len(people))
    years = np.maximum(people.last - np.maximum(context.start, people.birth) + 1, 0) / YEAR
    factors = []
    for low, high, ages in ((0, 19, "0-18"), (19, 65, "19-64"), (65, 200, "65 and over")):
        rows = (people.age >= low) & (people.age < high)
        mean = spent[rows].sum() / max(years[rows].sum(), 1e-9) / 100
        factors.append(float(_wanted()[f"spending, {ages}"] / mean) if mean > 0 else 1.0)
    return factors[0], factors[1], factors[2]
