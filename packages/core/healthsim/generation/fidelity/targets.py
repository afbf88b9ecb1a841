"""The published figures, as ``targets.yaml`` declares them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from healthsim.generation.packaged import LOADER

PACKAGE = "healthsim.generation.fidelity"


class Target(BaseModel):
    """One published figure: what it says, how it is measured here, and between which values it is met."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    says: str
    query: str
    figure: str
    source: str
    expected: float | None = None
    tolerance: Annotated[float, Field(gt=0, lt=1)] | None = None
    low: float | None = None
    high: float | None = None
    aim: float | None = None
    representative: bool = False

    @model_validator(mode="after")
    def _bounded(self) -> Target:
        if (self.expected is None) != (self.tolerance is None) or (self.expected is None and self.low is None):
            raise ValueError(f"{self.name}: give expected and tolerance, or low and perhaps high")
        return self

    @property
    def tuned_to(self) -> float:
        """What generation is tuned to: ``aim``, else ``expected``."""
        wanted = self.expected if self.aim is None else self.aim
        if wanted is None:
            raise ValueError(f"{self.name}: generation cannot be tuned to it without expected or aim")
        return wanted

    @property
    def interval(self) -> tuple[float | None, float | None]:
        """The lowest and the highest value that meet it."""
        if self.expected is None or self.tolerance is None:
            return self.low, self.high
        return self.expected * (1 - self.tolerance), self.expected * (1 + self.tolerance)


class Association(BaseModel):
    """How often two measures of PLACES go together in the same people, as published."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    of: str
    with_: str = Field(alias="with")
    odds_ratio: float | None = None
    share: float | None = None
    within: Annotated[float, Field(gt=1)]
    source: str


class Targets(BaseModel):
    """The file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    places_source: str
    dollars: int
    prevalence: Mapping[str, str]
    chronic: Mapping[str, str]
    targets: tuple[Target, ...]
    associations: tuple[Association, ...]


@cache
def all_targets() -> Targets:
    """Every target; generation is tuned to the same ones (``tuning``)."""
    text = files(PACKAGE).joinpath("targets.yaml").read_text(encoding="utf-8")
    return Targets.model_validate(yaml.load(text, Loader=LOADER))
