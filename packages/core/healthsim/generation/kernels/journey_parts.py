"""A journey of a batch while it is planned: who goes through it, and of each step when it is and why it does not happen."""

from __future__ import annotations

from dataclasses import dataclass

from healthsim.generation.journeys.pathways import Pathway
from healthsim.generation.kernels.context import Bools, Ints
from healthsim.model import journeys as model

#: why a step does not happen, by number; 0: it happens
WHY_NOT = ("", *model.WHY_NOT)
(HAPPENS, PREDECESSOR, OTHER_BRANCH, WHEN, CHANCE, NOT_FOR, OVER, DIED, HISTORY, IN_HOSPITAL, TAKEN, NO_PRODUCT) = (
    range(len(WHY_NOT))
)


@dataclass(frozen=True)
class Group:
    """Those who go through a journey: their places in the batch, and the day on which it begins for each."""

    pathway: Pathway
    person: Ints
    start: Ints


@dataclass(frozen=True)
class Planned:
    """A step of a group; arrays are of (person of the group, time).

    Attributes:
        day: on which it is to be. exists: whether there is such a time. why: number of ``WHY_NOT``.
        option: which option is chosen, which code of a procedure is done, or which product; 0 where there is one.
    """

    day: Ints
    exists: Bools
    why: Ints
    option: Ints

    @property
    def happens(self) -> Bools:
        """Whether it happens."""
        result: Bools = self.exists & (self.why == HAPPENS)
        return result
