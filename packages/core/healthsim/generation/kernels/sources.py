"""What contacts come from: the people and their conditions within the history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.context import Context, Floats, Ints
from healthsim.generation.kernels.days import office_hours
from healthsim.generation.kernels.frailty import Rates
from healthsim.generation.kernels.health import Health
from healthsim.generation.kernels.people import People


@dataclass(frozen=True)
class Source:
    """What contacts come from.

    Attributes:
        first: the first day of each person within the history.
        likely: how much likelier than others each person is to be admitted.
        most_stays: the multiplier of stays at the age, of those that the person has within the history, at which it is highest.
        emergency: how much more often than others each person goes to an emergency department, at the age at which that is most often.
        most_urgent: of that, the part that comes from this age.
    """

    context: Context
    people: People
    health: Health
    first: Ints
    likely: Floats
    most_stays: Floats
    emergency: Floats
    most_urgent: Floats

    def at_their_age(
        self, label: str, rates: Rates, scales: Sequence[float], most: Floats, person: Ints, day: Ints, k: Ints
    ) -> tuple[Ints, Ints, Ints]:
        """Of events at the highest multiplier of each person's time those that happen at that of the age on their day."""
        scale = rates.scale(scales, self.people.age_at(person, day))
        u = self.context.draws.uniform(label + "/age", self.people.number[person], k)
        at = np.flatnonzero(u * most.take(person) < scale)
        return person.take(at), day.take(at), k.take(at)

    def offices(self, label: str, person: Ints, k: Ints | int = 0) -> Ints:
        """Minutes of the day within office hours."""
        return office_hours(self.context, person, self.people, label, k)


def planned_setting(name: str) -> int:
    """The setting of what is planned: in hospital it is an outpatient's."""
    return ev.SETTINGS.index("outpatient" if name in ("emergency", "inpatient") else name)
