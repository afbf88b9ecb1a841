"""Who the people of counties are besides their ages: origin, language, poverty, households; from SVI and the Census Bureau."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from healthsim.generation.county_people import CountyPeople
from healthsim.generation.packaged import figures
from healthsim.generation.randomness import Floats

#: variables of SVI that are read for counties
VARIABLES = (
    *("EP_AGE17", "EP_AGE65", "EP_HISP", "EP_AFAM", "EP_ASIAN", "EP_AIAN", "EP_NHPI", "EP_TWOMORE", "EP_OTHERRACE"),
    *("EP_MINRTY", "EP_LIMENG", "EP_POV150", "EP_UNINSUR"),
)
#: the code of Puerto Rico, of which SVI has releases of its own
_PUERTO_RICO = "72"


@dataclass(frozen=True)
class Origin:
    """A group of people by origin: its race and ethnicity as they are recorded, and what SVI calls its share."""

    race: str
    hispanic: bool
    variable: str
    key: str


#: groups from the youngest to the oldest, by median age (American Community Survey 2022, tables B01002A to B01002I)
ORIGINS = (
    Origin("Two or more races", False, "EP_TWOMORE", "two"),
    Origin("", True, "EP_HISP", "hispanic"),
    Origin("Other", False, "EP_OTHERRACE", "other"),
    Origin("Native Hawaiian or Other Pacific Islander", False, "EP_NHPI", "pacific"),
    Origin("American Indian or Alaska Native", False, "EP_AIAN", "native"),
    Origin("Black or African American", False, "EP_AFAM", "black"),
    Origin("Asian", False, "EP_ASIAN", "asian"),
    Origin("White", False, "EP_MINRTY", "white"),
)
HISPANIC = next(number for number, origin in enumerate(ORIGINS) if origin.hispanic)


@dataclass(frozen=True)
class Society:
    """Arrays have one row per county.

    Attributes:
        origins: (county, origin) shares, as ``ORIGINS``.
        other_language: (county, origin) share of people whose language is not English.
        poverty: share of people below 150 % of the poverty line. uninsured: of people without insurance.
        household: people of a household on average. alone: share of households of one person.
    """

    origins: Floats
    other_language: Floats
    poverty: Floats
    uninsured: Floats
    household: Floats
    alone: Floats


@cache
def _facts() -> dict[str, dict[str, float]]:
    known: dict[str, dict[str, float]] = figures("people.yaml")["society"]
    return known


def make_society(fips: list[str], variables: Mapping[str, Floats], own: list[CountyPeople | None]) -> Society:
    """The people of counties, from the figures of SVI in percent; where there are none, from those of the nation."""
    otherwise = [_otherwise(code) for code in fips]
    columns = []
    for origin in ORIGINS:
        share = known_share(fips, variables[origin.variable], origin.key)
        is_known = ~np.isnan(variables[origin.variable])
        columns.append(np.where(is_known, 1 - share, share) if origin.key == "white" else share)
    origins = np.maximum(np.stack(columns, axis=1), 0)
    origins /= origins.sum(axis=1, keepdims=True)
    household = [
        facts["household"] if people is None else people.household for people, facts in zip(own, otherwise, strict=True)
    ]
    alone = [facts["alone"] if people is None else people.alone for people, facts in zip(own, otherwise, strict=True)]
    limited = known_share(fips, variables["EP_LIMENG"], "limited_english")
    poverty = known_share(fips, variables["EP_POV150"], "poverty")
    uninsured = known_share(fips, variables["EP_UNINSUR"], "uninsured")
    language = _other_language(origins, limited)
    return Society(origins, language, poverty, uninsured, np.array(household), np.array(alone))


def known_share(fips: list[str], percent: Floats, key: str) -> Floats:
    """A share of each county; where its percentage is not known that of the nation or territory, and NaN where none is."""
    return np.where(np.isnan(percent), [_otherwise(code).get(key, np.nan) for code in fips], percent / 100)


def _otherwise(code: str) -> dict[str, float]:
    return _facts()["puerto_rico" if code[:2] == _PUERTO_RICO else "nation"]


def _other_language(origins: Floats, limited: Floats) -> Floats:
    """(county, origin) the share of people of each origin whose language is another one than English.

    The share of a county follows from how many of its people speak English less than well. Origins differ by how likely
    they are to speak something else, in odds, up to almost all of them.
    """
    facts = figures("people.yaml")["languages"]
    tendency = np.array([facts["tendency"][origin.key] for origin in ORIGINS])
    wanted = np.minimum(limited * facts["per_limited"], facts["most"])
    low, high = np.full(len(wanted), -12.0), np.full(len(wanted), 12.0)
    for _ in range(40):
        middle = (low + high) / 2
        odds = np.exp(middle)[:, None] * tendency
        below = (origins * odds / (1 + odds)).sum(axis=1) < wanted
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    odds = np.exp((low + high) / 2)[:, None] * tendency
    shares: Floats = odds / (1 + odds)
    return shares
