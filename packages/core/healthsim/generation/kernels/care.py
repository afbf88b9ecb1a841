"""The contacts with care that follow from people's conditions, their age and their luck."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from healthsim.generation.kernels.acute import acute_care, preventive_care
from healthsim.generation.kernels.births import Births, born, pregnancy
from healthsim.generation.kernels.chronic import chronic_care, follow_up
from healthsim.generation.kernels.context import Context, Floats
from healthsim.generation.kernels.events import Collected, Events
from healthsim.generation.kernels.frailty import EMERGENCY, INPATIENT, emergency_factor
from healthsim.generation.kernels.health import Health
from healthsim.generation.kernels.people import People
from healthsim.generation.kernels.sources import Source
from healthsim.generation.kernels.stays import readmitted, terminal

#: chance of admission by age (under 45, 45-64, 65 and older) and number of chronic conditions (0, 1, 2, 3, 4 and more),
#: relative to others with the same illness: tuned to the shares of adult inpatients with two or more (HCUP SB 183)
ADMITTED_BY_COUNT = np.array([[2.3, 1.2, 0.62, 0.55, 0.55], [2.2, 1.4, 0.75, 0.75, 0.8], [1.2, 1.0, 0.95, 1.0, 1.05]])


@dataclass(frozen=True)
class Care:
    """What happened: the contacts in order."""

    events: Events


def make_care(context: Context, people: People, health: Health) -> Care:
    """All contacts of a batch."""
    collected = Collected()
    likely, most = admission_factor(context, people, health), INPATIENT.highest(context.scales.inpatient, people)
    most_urgent = EMERGENCY.highest(context.scales.emergency, people)
    urgent = emergency_factor(context, people) * most_urgent
    source = Source(context, people, health, people.first, likely, most, urgent, most_urgent)
    for row, number in enumerate(context.knowledge.chronic):
        chronic_care(source, row, number, collected)
    follow_up(source, collected)
    births: Births = {}
    for number, condition in enumerate(context.knowledge.conditions):
        if condition.kind == "pregnancy":
            births[condition.condition] = pregnancy(context, people, number, condition, collected)
    for number, condition in enumerate(context.knowledge.conditions):
        if condition.kind == "acute" and condition.at_birth:
            born(context, people, number, condition, births, collected)
        elif condition.kind == "acute":
            acute_care(source, number, condition, collected)
        elif condition.kind == "preventive":
            preventive_care(source, number, condition, collected)
    terminal(context, people, health, collected)
    return Care(readmitted(context, people, collected.sorted(people)))


def admission_factor(context: Context, people: People, health: Health) -> Floats:
    """How much likelier than others with the same illness each person is to be admitted for it."""
    band = np.searchsorted([45, 65], people.ages[1], side="right")
    factor: Floats = ADMITTED_BY_COUNT[band, np.minimum(health.count, ADMITTED_BY_COUNT.shape[1] - 1)]
    several: Floats = np.where(health.count >= 2, factor * np.array(context.scales.several)[band], factor)
    return several
