"""The journeys of a population: which of them, of which share of those who qualify, with their steps in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from healthsim.errors import InvalidInput
from healthsim.generation.journeys.declaration import Journey
from healthsim.generation.journeys.files import find_journey, load_journeys
from healthsim.generation.journeys.knowledge import Known
from healthsim.generation.journeys.order import Placed, in_order
from healthsim.generation.knowledge import Condition
from healthsim.generation.spec import PopulationSpec


@dataclass(frozen=True)
class Pathway:
    """A journey as it is planned: the declaration, the share of those who qualify, the steps, and what they name."""

    journey: Journey
    share: float
    steps: tuple[Placed, ...]
    known: Known

    @property
    def name(self) -> str:
        return self.journey.journey

    def stream(self, step: str, what: str = "") -> str:
        """The name of the randomness of a step: no other step has it."""
        return f"journey/{self.name}/{step}{'/' + what if what else ''}"


def pathways(
    spec: PopulationSpec, known: Mapping[str, Condition], folder: Path | None, conditions: Path | None
) -> tuple[Pathway, ...]:
    """The journeys that a spec names, in its order.

    Args:
        known: the clinical knowledge in use.
        folder, conditions: of the user's own journeys and knowledge.

    Raises:
        NotFound: there is no such journey.
        InvalidInput: a file of a journey makes no sense, or the spec leaves out what steps become.
    """
    if not spec.journeys:
        return ()
    if "patient" not in spec.products:
        raise InvalidInput(
            "Journeys happen at contacts, which the product patient has; expected patient among the products, or no"
            " journeys.",
            products=list(spec.products),
        )
    listed = load_journeys(folder, conditions)
    chosen = [(find_journey(name, listed), share) for name, share in spec.journeys.items()]
    names = Known(known)
    return tuple(
        Pathway(journey, journey.share if share is None else share, in_order(journey), names)
        for journey, share in chosen
    )


def named(paths: tuple[Pathway, ...]) -> tuple[list[str], list[str]]:
    """(diagnosis codes, reasons of contacts) that steps name beside those of the clinical knowledge."""
    encounters = [placed.step.encounter for path in paths for placed in path.steps if placed.step.encounter is not None]
    return [each.diagnosis for each in encounters if each.diagnosis is not None], [each.reason for each in encounters]


def expectations(paths: tuple[Pathway, ...]) -> Iterator[dict[str, Any]]:
    """The targets of journeys, as a scenario keeps them for its report."""
    for path in paths:
        for name, expected in path.journey.expect.items():
            yield {"journey": path.name, "target": name, **expected.model_dump(exclude_none=True)}
