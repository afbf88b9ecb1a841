"""What is asked of people besides their illnesses: whether they smoke."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from healthsim.generation import columns as col
from healthsim.generation.kernels.context import NEVER
from healthsim.generation.kernels.timeline import Timeline


class Smoking(NamedTuple):
    """An answer: its SNOMED CT code, and the term that the code's concept has."""

    code: str
    term: str


SMOKING = (
    Smoking("266919005", "Never smoked tobacco"),
    Smoking("8517006", "Ex-smoker"),
    Smoking("449868002", "Smokes tobacco daily"),
    Smoking("428041000124106", "Occasional tobacco smoker"),
)
_NEVER, _FORMER, _DAILY, _OCCASIONAL = range(len(SMOKING))
#: from this age on people are asked; the least age of US Core's profile of the answer
ASKED_FROM = 13
#: share of those who smoke that do so every day: National Health Interview Survey 2021, about three of four
DAILY = 0.75
#: share of the others who have smoked, from these ages on; an assumption near the survey's one adult of five
_FORMER_FROM, _FORMER_SHARE = (18, 25, 45, 65), (0.0, 0.03, 0.14, 0.25, 0.4)


def smoking_status(timeline: Timeline) -> dict[str, pa.Array]:
    """The columns of the smoking status: as of the last visit to an office, of whoever was old enough then."""
    people, health, knowledge = timeline.people, timeline.health, timeline.context.knowledge
    at = np.flatnonzero(timeline.is_clinic)
    asked = np.full(len(people), -NEVER)
    # contacts are in the order of time: the last one is what stays
    asked[timeline.events.person.take(at)] = timeline.events.day.take(at)
    everyone = np.arange(len(people))
    age = np.where(asked > -NEVER, people.age_at(everyone, np.maximum(asked, people.birth)), -1)
    smokes = np.zeros(len(people), dtype=bool)
    for row, number in enumerate(knowledge.chronic):
        if knowledge.conditions[number].smoking:
            smokes |= health.has[row] & (health.onset[row] <= asked)
    u = timeline.context.draws.uniform("smoking", people.number)
    former = np.array(_FORMER_SHARE)[np.searchsorted(_FORMER_FROM, age, side="right")]
    status = np.where(smokes, np.where(u < DAILY, _DAILY, _OCCASIONAL), np.where(u < former, _FORMER, _NEVER))
    unknown = age < ASKED_FROM
    status = np.where(unknown, -1, status)
    return {
        "smoking_status": col.coded(status, [answer.term for answer in SMOKING], gaps=True),
        "smoking_status_code": col.coded(status, [answer.code for answer in SMOKING], gaps=True),
        "smoking_status_date": col.days(np.where(unknown, 0, asked), unknown),
    }
