"""Vital signs: they move with age, with the conditions, and with their treatment."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from healthsim.generate import columns as col
from healthsim.generate.kernels import events as ev
from healthsim.generate.kernels.context import YEAR, Bools, Floats, Ints
from healthsim.generate.kernels.roster import Roster
from healthsim.generate.kernels.timeline import Timeline
from healthsim.generate.ordering import among

#: conditions that shift the body mass index by so much are defined by it: nobody else is above 30
DEFINES_WEIGHT = 6


def make_vital_signs(roster: Roster) -> pa.Table:
    """One row for each visit to an office or an emergency department, and for each hospital stay."""
    timeline = roster.timeline
    context, people, events, health = timeline.context, timeline.people, timeline.events, timeline.health
    at = np.flatnonzero(timeline.is_clinic | among(events.setting, (ev.EMERGENCY, ev.INPATIENT)))
    person, day, key = events.person[at], events.day[at], events.key[at]
    ids = people.number[person]
    age = (day - people.birth[person]) / YEAR
    draws = context.draws
    shift = {name: np.zeros(len(at)) for name in ("systolic", "diastolic", "bmi", "heart_rate", "spo2")}
    heavy = np.zeros(len(people), dtype=bool)
    for row, number in enumerate(context.knowledge.chronic):
        vitals = dict(context.knowledge.conditions[number].vitals)
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
            shift[name][ill] += amount if name == "bmi" else np.where(good, 0.35 * amount, amount)
    adult = np.minimum(age, 25)
    n1, n2, n3, n4 = (draws.normal(f"vital {which}", ids, key) for which in range(4))
    systolic = np.clip(
        np.where(age < 18, 85 + 1.8 * age, 112 + 0.22 * (age - 18)) + shift["systolic"] + 8 * n1, 70, 220
    )
    diastolic = np.clip(
        np.where(age < 18, 52 + 1.1 * age, 72 + 2 * np.sin(age / 25)) + shift["diastolic"] + 6 * n2, 40, 120
    )
    diastolic = np.minimum(diastolic, systolic - 18)
    heart = np.clip(np.where(age < 18, 130 - 3 * adult, 74) + shift["heart_rate"] + 9 * n3, 45, 180)
    breath = np.clip(np.where(age < 18, 34 - 1.1 * adult, 15) + 1.5 * n4, 10, 60)
    spo2 = np.clip(98 + shift["spo2"] + 0.8 * draws.normal("vital 4", ids, key), 85, 100)
    height, bmi = _build(timeline, person, age, heavy.take(person), shift["bmi"])
    height = np.round(height, 1)
    weight = np.round(bmi * (height / 100) ** 2, 1)
    return pa.table({
        "vital_sign_id": roster.numbered("VIT-", person), "patient_id": roster.patient(person),
        "encounter_id": roster.encounter(at), "observation_datetime": col.instants(timeline.minutes(at, 3)),
        "temperature_c": col.numbers(np.round(36.8 + 0.3 * draws.normal("vital 5", ids, key), 1)),
        "heart_rate": col.whole(np.round(heart)), "respiratory_rate": col.whole(np.round(breath)),
        "systolic_bp": col.whole(np.round(systolic)), "diastolic_bp": col.whole(np.round(diastolic)),
        "spo2": col.whole(np.round(spo2)), "height_cm": col.numbers(height), "weight_kg": col.numbers(weight),
        "bmi": col.numbers(np.round(weight / (height / 100) ** 2, 1)),
    })  # fmt: skip


def _build(timeline: Timeline, person: Ints, age: Floats, heavy: Bools, shift: Floats) -> tuple[Floats, Floats]:
    """Height in cm and body mass index; children grow, along the medians of the CDC growth charts (2000), simplified."""
    people, draws = timeline.people, timeline.context.draws
    full = np.where(people.sex == 1, 176.0, 162.5).take(person)
    grown = np.interp(age, [0, 1, 2, 5, 10, 13, 16, 18], [0.29, 0.44, 0.51, 0.64, 0.81, 0.92, 0.985, 1.0])
    height = full * grown * (1 + 0.038 * draws.normal("height", people.number)).take(person)
    z = draws.normal("build", people.number).take(person)
    usual = np.interp(age, [0, 1, 5, 10, 15, 20, 40, 65, 85], [14, 17, 15.5, 17, 20, 23.5, 25.6, 25.8, 24.5])
    lean = np.clip(
        usual + 2.3 * z + 0.5 * shift, np.where(age < 18, 12.5, 17.5), np.where(age < 18, usual * 1.18, 29.8)
    )
    obese = np.where(age < 18, usual * 1.32 + 1.5 * np.abs(z), 30.4 + np.minimum(4.6 * np.abs(z), 18))
    return height, np.where(heavy, obese, lean)
