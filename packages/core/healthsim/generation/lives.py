"""When people come into a population and when they leave it: by birth, moving in, death, moving out, on any day of the history.

The population is constant: on each day of the history those present have the ages of the county. For that, as many come at
each age as die, move away and grow out of it. Whoever was there on some day of the history is a person of the scenario.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from healthsim.generation.packaged import figures
from healthsim.generation.places import AGES, curve
from healthsim.generation.randomness import Floats

#: steps of a year in which comings and goings are looked up
STEPS = 4


@dataclass(frozen=True)
class Flows:
    """How many come and go each year, by county, sex and age at the last birthday.

    Attributes:
        present: shares of those present on any day. deaths: (sex, age) rate of dying. leaves: rate of moving away.
        comes: of those present at an age, how many a year came in at it.
    """

    present: Floats
    deaths: Floats
    leaves: Floats
    comes: Floats

    @property
    def exits(self) -> Floats:
        """Those who leave a year, by death or by moving away, as a share of the population."""
        exits: Floats = self.present * (self.deaths[None] + self.leaves)
        return exits


def facts() -> dict[str, Any]:
    """The figures of ``data/lives.yaml``."""
    return figures("lives.yaml")


@cache
def death_rates() -> Floats:
    """(sex, age) deaths per person and year of a life table."""
    tables = [{age: np.log(share) for age, share in facts()["mortality"][sex].items()} for sex in ("F", "M")]
    rates: Floats = -np.log1p(-np.exp(np.stack([curve(table) for table in tables])))
    return rates


def flows_of(pyramids: Floats) -> Flows:
    """What keeps populations of these (county, sex, age) shares as they are."""
    present = _smoothed(pyramids)
    deaths, moving = death_rates(), curve(facts()["moving"]["curve"])
    # who grows out of an age, dies or comes: what is missing at an age has to come from elsewhere, what is too many to go
    net = np.gradient(present, axis=2) + deaths[None] * present
    share = np.divide(net, present, out=np.zeros_like(net), where=present > 0)
    share[:, :, 0] = 0
    return Flows(present, deaths, moving + np.maximum(-share, 0), moving + np.maximum(share, 0))


def _smoothed(pyramids: Floats) -> Floats:
    width = int(facts()["smoothed"])
    half = width // 2
    padded = np.concatenate(
        [pyramids[:, :, :1].repeat(half, 2), pyramids, np.zeros_like(pyramids[:, :, :half])], axis=2
    )
    total = np.cumsum(np.concatenate([np.zeros_like(padded[:, :, :1]), padded], axis=2), axis=2)
    smooth: Floats = np.maximum((total[:, :, width:] - total[:, :, :-width]) / width, 0)
    return smooth


def departed(flows: Flows, years: float) -> Floats:
    """(county, sex, age at the end) shares of those who left within the years before, beside the population that is present."""
    steps = int(np.ceil(years * STEPS))
    exits = flows.exits
    gone = np.zeros_like(exits)
    for step in range(steps):
        ago = (step + 0.5) * years / steps
        whole, part = int(ago), ago - int(ago)
        for shift, weight in ((whole, 1 - part), (whole + 1, part)):
            if shift < AGES:
                gone[:, :, shift:] += weight * exits[:, :, : AGES - shift] * years / steps
    return gone
