"""Answers of public reference data: places, providers, and whether what is loaded is whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from healthsim.results.answer import Answer, Records, Table


@dataclass(frozen=True, repr=False, eq=False)
class PlaceFigures(Table):
    """The public figures of one place.

    Attributes:
        place: ``{"level", "geoid", "name", "state"}``, and ``cbsa`` where it is known.
        measures: of PLACES, by name: prevalence, interval, release.
        svi: ranks and variables of the Social Vulnerability Index.
        releases: which release of each dataset was used.
        adi: ranks of deprivation, of block groups.
        counties: of a state: how many its figures are made from.
    """

    OPTIONAL = ("adi", "counties")

    place: dict[str, str | None]
    population: int | None
    population_18plus: int | None
    measures: dict[str, dict[str, Any]]
    svi: dict[str, Any]
    releases: dict[str, str]
    notes: list[str]
    adi: list[dict[str, Any]] | None = None
    counties: int | None = None

    def _cells(self) -> tuple[list[str], list[list[Any]]]:
        columns = ["measure", *dict.fromkeys(name for facts in self.measures.values() for name in facts)]
        return columns, [[name, *map(facts.get, columns[1:])] for name, facts in self.measures.items()]

    @property
    def columns(self) -> list[str]:
        """The measure, and what is known of each."""
        return self._cells()[0]

    @property
    def rows(self) -> list[list[Any]]:
        """The measures, one each."""
        return self._cells()[1]

    def __repr__(self) -> str:
        return f"<PlaceFigures {self.place['name'] or self.place['geoid']}: {len(self.measures)} measures>"


@dataclass(frozen=True, repr=False, eq=False)
class PlaceComparison(Records):
    """Two places side by side: the figures of both, and the difference (second less first)."""

    LISTED = "measures"

    first: dict[str, Any]
    second: dict[str, Any]
    measures: list[dict[str, Any]]
    svi: list[dict[str, Any]]
    notes: list[str]


@dataclass(frozen=True, repr=False, eq=False)
class Providers(Records):
    """Real providers, each as its newest loaded record says."""

    LISTED = "providers"

    providers: list[dict[str, Any]]
    total_count: int
    truncated: bool
    releases: list[str]


@dataclass(frozen=True, repr=False, eq=False)
class LoadCheck(Answer):
    """The rows that a load has beside those that were recorded; ``problem`` says what to do where they differ."""

    dataset: str
    level: str
    release: str
    expected: int
    found: int | None
    ok: bool
    problem: str | None


@dataclass(frozen=True, repr=False, eq=False)
class LoadList(Records):
    """The public datasets that are loaded."""

    LISTED = "loads"

    loads: list[Any]
