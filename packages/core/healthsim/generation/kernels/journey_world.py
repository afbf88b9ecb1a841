"""What is known of the people of a batch when the steps of journeys are planned."""

from __future__ import annotations

from dataclasses import dataclass

from healthsim.generation.kernels.context import Context
from healthsim.generation.kernels.coverage import Coverage
from healthsim.generation.kernels.health import Health
from healthsim.generation.kernels.people import People


@dataclass(frozen=True)
class World:
    """What is known of the people of a batch when their steps are planned."""

    context: Context
    people: People
    health: Health
    coverage: Coverage
