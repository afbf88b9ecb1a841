"""Vital signs: they move with age, with the conditions, and with their treatment."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from healthsim.generation import columns as col
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.context import YEAR, Bools, Floats, Ints
from healthsim.generation.kernels.roster import Roster
from healthsim.generation.kernels.timeline import Timeline
from healthsim.generation.ordering import among
from healthsim.generation.places import AGES

#: conditions that shift the body mass index by so much are defined by it: nobody else is above 30
DEFINES_WEIGHT = 6
_SHIFTED = ("systolic", "diastolic", "bmi", "heart_rate", "spo2")
#: under control, a condition shifts vital signs by this share of what it does otherwise; an assumption
CONTROLLED_SHIFT = 0.35
#: the standard deviation from one measurement to the next, and what is still plausible; assumptions
_PLAY = {
    "systolic": (8.0, 70, 220),
    "diastolic": (6.0, 40, 120),
    "heart_rate": (9.0, 45, 180),
    "breaths": (1.5, 10, 60),
    "spo2": (0.8, 85, 100),
    "temperature": (0.3, 34, 42),
}
#: least difference of the two blood pressures
_PULSE_PRESSURE = 18
_TEMPERATURE, _SATURATION = 36.8, 98.0


class _Usual(NamedTuple):
    """What is usual at an age, one value for each day of it."""

    child: Bools
    systolic: Floats
    diastolic: Floats
    heart_rate: Floats
    breaths: Floats
    grown: Floats
    bmi: Floats


@cache
def _usual() -> _Usual:
    """Children grow, along the medians of the CDC growth charts (2000), simplified."""
    age = np.arange((AGES + 1) * 366) / YEAR
    child, adult = age < 18, np.minimum(age, 25)
    return _Usual(
        child,
        np.where(child, 85 + 1.8 * age, 112 + 0.22 * (age - 18)),
        np.where(child, 52 + 1.1 * age, 72 + 2 * np.sin(age / 25)),
        np.where(child, 130 - 3 * adult, 74),
        np.where(child, 34 - 1.1 * adult, 15),
        np.interp(age, [0, 1, 2, 5, 10, 13, 16, 18], [0.29, 0.44, 0.51, 0.64, 0.81, 0.92, 0.985, 1.0]),
        np.interp(age, [0, 1, 5, 10, 15, 20, 40, 65, 85], [14, 17, 15.5, 17, 20, 23.5, 25.6, 25.8, 24.5]),
    )


def make_vital_signs(roster: Roster) -> pa.Table:
    """One row for each visit to an office or an emergency department, and for each hospital stay."""
    timeline = roster.timeline
    people, events = timeline.people, timeline.events
    at = np.flatnonzero(timeline.is_clinic | among(events.setting, (ev.EMERGENCY, ev.INPATIENT)))
    person, day, key = events.person.take(at), events.day.take(at), events.key.take(at)
    ids, age = people.number.take(person), day - people.birth.take(person)
    usual = _Usual(*(values.take(age) for values in _usual()))
    shift, heavy = _shifts(timeline, person, day)

    def around(middle: Floats | float, name: str, which: int) -> Floats:
        """Measured values: what is usual, what conditions add to it, and play; within what is still plausible."""
        spread, low, high = _PLAY[name]
        play = timeline.context.draws.normal(f"vital {which}", ids, key)
        return np.clip(middle + shift.get(name, 0) + spread * play, low, high)

    systolic = around(usual.systolic, "systolic", 0)
    diastolic = np.minimum(around(usual.diastolic, "diastolic", 1), systolic - _PULSE_PRESSURE)
    height, bmi = _build(timeline, person, usual, heavy, shift["bmi"])
    height = np.round(height, 1)
    weight = np.round(bmi * (height / 100) ** 2, 1)
    return pa.table(
        {
            "vital_sign_id": roster.numbered("VIT-", person),
            "patient_id": roster.patient(person),
            "encounter_id": roster.encounter(at),
            "observation_datetime": col.instants(timeline.minutes(at, 3)),
            "temperature_c": col.numbers(np.round(around(_TEMPERATURE, "temperature", 5), 1)),
            "heart_rate": col.whole(np.round(around(usual.heart_rate, "heart_rate", 2))),
            "respiratory_rate": col.whole(np.round(around(usual.breaths, "breaths", 3))),
            "systolic_bp": col.whole(np.round(systolic)),
            "diastolic_bp": col.whole(np.round(diastolic)),
            "spo2": col.whole(np.round(around(_SATURATION, "spo2", 4))),
            "height_cm": col.numbers(height),
            "weight_kg": col.numbers(weight),
            "bmi": col.numbers(np.round(weight / (height / 100) ** 2, 1)),
        }
    )


def _shifts(timeline: Timeline, person: Ints, day: Ints) -> tuple[dict[str, Floats], Bools]:
    """(by how much conditions shift each vital sign at contacts, who is heavy by a condition that says so)."""
    health, conditions = timeline.health, timeline.context.knowledge.conditions
    shift = {name: np.zeros(len(person)) for name in _SHIFTED}
    heavy = np.zeros(len(timeline.people), dtype=bool)
    for row, number in enumerate(timeline.context.knowledge.chronic):
        vitals = dict(conditions[number].vitals)
        if vitals.get("bmi", 0) >= DEFINES_WEIGHT:
            # weight is there before the diagnosis, and stays
            heavy |= health.has[row]
            del vitals["bmi"]
        if not vitals:
            continue
        ill = np.flatnonzero(health.has[row].take(person))
        patient = person.take(ill)
        begun = health.onset[row].take(patient) <= day.take(ill)
        ill, good = ill.compress(begun), health.controlled_if_treated[row].take(patient.compress(begun))
        for name, amount in vitals.items():
            shift[name][ill] += amount if name == "bmi" else np.where(good, CONTROLLED_SHIFT * amount, amount)
    return shift, heavy


def _build(timeline: Timeline, person: Ints, usual: _Usual, heavy: Bools, shift: Floats) -> tuple[Floats, Floats]:
    """Height in cm and body mass index."""
    people, draws = timeline.people, timeline.context.draws
    full = np.where(people.sex == 1, 176.0, 162.5).take(person)
    height = full * usual.grown * (1 + 0.038 * draws.normal("height", people.number)).take(person)
    z = draws.normal("build", people.number)
    bmi = usual.bmi + (2.3 * z).take(person) + 0.5 * shift
    bmi = np.clip(bmi, np.where(usual.child, 12.5, 17.5), np.where(usual.child, usual.bmi * 1.18, 29.8))
    obese = np.flatnonzero(heavy.take(person))
    z = np.abs(z).take(person.take(obese))
    of_children, of_adults = usual.bmi.take(obese) * 1.32 + 1.5 * z, 30.4 + np.minimum(4.6 * z, 18)
    bmi[obese] = np.where(usual.child.take(obese), of_children, of_adults)
    return height, bmi
