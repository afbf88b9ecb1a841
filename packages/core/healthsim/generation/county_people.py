"""Who lives in each county besides what releases of SVI say: people by sex, the young and the oldest, households.

The figures are ``data/county_people.tsv``, which ``scripts/write_county_people.py`` writes and whose sources it names: the Census
Bureau's population estimates and American Community Survey, and the tracts that the two codings of Connecticut share.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from healthsim.generation.packaged import PACKAGE


class CountyPeople(NamedTuple):
    """The people of a county, in shares.

    Attributes:
        people: how many they are.
        male: of those under 18, of 18 to 64, of 65 and more.
        oldest: who is 85 and more, of women and of men of 65 and more.
        young: who is under 25, of adults. alone: households of one person. household: people of a household, on average.
        estimated: whether ``young`` and ``alone`` are estimates, since the survey has none.
    """

    people: int
    male: tuple[float, float, float]
    oldest: tuple[float, float]
    young: float
    alone: float
    household: float
    estimated: bool


@cache
def _lines() -> dict[str, list[str]]:
    text = files(PACKAGE).joinpath("data", "county_people.tsv").read_text(encoding="utf-8")
    return {line[:5]: line.split("\t") for line in text.splitlines()}


@cache
def all_counties() -> tuple[str, ...]:
    """The codes of the counties of the fifty states and the District of Columbia, as they are since 2022."""
    return tuple(code for code, line in _lines().items() if line[1])


@cache
def county_people(code: str) -> CountyPeople | None:
    """The people of a county; None where no figures are known."""
    line = _lines().get(code)
    if line is None or not line[1]:
        return None
    male_0, male_18, male_65, women_85, men_85, young, alone = (int(text) / 1000 for text in line[2:9])
    return CountyPeople(
        int(line[1]),
        (male_0, male_18, male_65),
        (women_85, men_85),
        young,
        alone,
        int(line[9]) / 100,
        line[10] == "e",
    )


def other_coding(code: str) -> Mapping[str, float]:
    """In Connecticut, the counties that a planning region lies in, or the other way round, with shares of its people."""
    words = _lines().get(code, [""])[-1].split()
    return {name: float(share) for name, share in zip(words[::2], words[1::2], strict=True)}
