"""What contacts come from: the people and their conditions within the history."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.context import YEAR, Context, Floats, Ints
from healthsim.generation.kernels.days import office_hours
from healthsim.generation.kernels.health import Health
from healthsim.generation.kernels.people import People


@dataclass(frozen=True)
class Source:
    """What contacts come from.

    Attributes:
        first: the first day of each person within the history.
        likely: how much likelier than others each person is to be admitted.
    """

    context: Context
    people: People
    health: Health
    first: Ints
    likely: Floats

    @property
    def years(self) -> Floats:
        """The years of each person within the history."""
        years: Floats = np.maximum(self.people.last - self.first + 1, 0) / YEAR
        return years

    def offices(self, label: str, person: Ints, k: Ints | int = 0) -> Ints:
        """Minutes of the day within office hours."""
        return office_hours(self.context, person, self.people, label, k)


def planned_setting(name: str) -> int:
    """The setting of what is planned: in hospital it is an outpatient's."""
    return ev.SETTINGS.index("outpatient" if name in ("emergency", "inpatient") else name)
