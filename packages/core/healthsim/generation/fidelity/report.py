"""Hold a scenario against the published figures: prevalences of its counties, use and cost of care, associations."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from healthsim.db.connection import Database
from healthsim.db.reference.storage import loads_in
from healthsim.db.sql import sql_text
from healthsim.generation.coherence.checking import generation_of
from healthsim.generation.coherence.declared import PARTS
from healthsim.generation.county_people import other_coding
from healthsim.generation.fidelity.intervals import binomial_interval
from healthsim.generation.fidelity.journeys import journey_note, journey_targets
from healthsim.generation.fidelity.targets import PACKAGE, Target, all_targets
from healthsim.generation.seasons import price_index
from healthsim.results import FidelityResult, TargetResult
from healthsim.state.tables import ScenarioTables, scenario_tables

#: a county with fewer adults than this says little; it counts in the total of all counties only
FEWEST_ADULTS = 30
#: of one scenario, so many counties are shown by themselves: those with most people
MOST_COUNTIES = 60
#: with fewer cases than these, chance alone moves a rate by more than its tolerance, and an odds ratio by its factor
FEWEST_CASES, FEWEST_PAIRS = 100, 30


@dataclass(frozen=True)
class _Scope:
    """What is looked at: one scenario, and the span of its history."""

    tables: ScenarioTables
    as_of: dt.date
    start: dt.date
    years: float
    selected: str | None
    is_local: bool

    def rows(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        """The rows of ``sql/<query>.sql``."""
        span = {"as_of": self.as_of, "start": self.start}
        result = self.tables.execute(sql_text(PACKAGE, query), {**span, **parameters})
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def fidelity(database: Database, name: str) -> FidelityResult:
    """Hold a scenario, generated or not, against published figures.

    Args:
        database: it is read only.
        name: name or id of the scenario.

    Raises:
        NotFound: there is no such scenario.
    """
    with scenario_tables(database, name, PARTS) as tables:
        scenario = tables.scenario
        generation = generation_of(scenario)
        patients = tables.one("SELECT count(*) FROM patients")
        answer: dict[str, Any] = {
            "scenario": scenario.name,
            "scenario_id": scenario.scenario_id,
            "as_of": None,
            "years": None,
            "patients": patients,
            "person_years": None,
            "met": 0,
            "missed": 0,
            "not_compared": 0,
            "notes": [],
            "targets": [],
        }
        scope = _scope(tables, generation)
        if not patients or scope is None:
            lacks = "no patients" if not patients else "no dates of care"
            answer["notes"].append(f"{scenario.name!r} has {lacks}: there is nothing to hold against figures.")
            return FidelityResult(**answer)
        lived = scope.rows("person_years", years=max(1, math.ceil(scope.years)), generated=bool(generation))[0]
        answer |= {
            "as_of": scope.as_of.isoformat(),
            "years": round(scope.years, 2),
            "person_years": round(lived["every_age"], 1),
        }
        if scope.selected:
            answer["notes"].append(
                f"The scenario is a selection ({scope.selected}): figures of a whole population are shown, not judged."
            )
        answer["notes"] += [str(remark) for remark in generation.get("remarks") or ()]
        if scope.is_local and not scope.selected:
            answer["notes"].append(
                "The scenario is of some counties: national figures of use and cost are shown, not judged, since those of a county"
                " follow its people."
            )
        answer["notes"] += journey_note(tables, patients)
        targets = _prevalences(scope, answer["notes"]) + _figures(scope, lived) + _associations(scope)
        targets += journey_targets(tables, generation.get("expected") or ())
    for target in targets:
        key = {True: "met", False: "missed", None: "not_compared"}[target.met]
        answer[key] += 1
    answer["targets"] = targets
    return FidelityResult(**answer)


def _scope(tables: ScenarioTables, generation: dict[str, Any]) -> _Scope | None:
    """The history of the scenario: what its spec says, else from the first to the last day of care."""
    first, last = tables.execute(sql_text(PACKAGE, "span")).fetchall()[0]
    if last is None:
        return None
    as_of = dt.date.fromisoformat(str(generation["as_of"])[:10]) if generation.get("as_of") else last
    years = float(generation.get("years") or max((as_of - first).days + 1, 1) / 365.25)
    start = as_of - dt.timedelta(days=round(years * 365.25))
    return _Scope(
        tables,
        as_of,
        start,
        years,
        _selection(generation),
        bool(generation.get("counties") or generation.get("states")),
    )


def _selection(generation: dict[str, Any]) -> str | None:
    """By what people were selected, in words; None for a population as it is."""
    ages = generation.get("ages") or {}
    parts = []
    if generation.get("cohort"):
        parts.append("the cohort " + " and ".join(map(str, generation["cohort"])))
    if isinstance(ages, dict) and (ages.get("min", 0) > 0 or ages.get("max", 110) < 110):
        parts.append(f"the ages {ages.get('min', 0)} to {ages.get('max', 110)}")
    if generation.get("sex"):
        parts.append(f"the sex {generation['sex']}")
    if generation.get("payers"):
        parts.append("a payer mix of its own")
    return ", ".join(parts) or None


# -- prevalence by county -------------------------------------------------------------------------------------


def _prevalences(scope: _Scope, notes: list[str]) -> list[TargetResult]:
    declared = all_targets().prevalence
    people: dict[str | None, dict[str | None, int]] = {}
    for row in scope.rows("prevalence", measures=list(declared), patterns=list(declared.values())):
        people.setdefault(row["county_fips"], {})[row["measure"]] = row["people"]
    known = _county_figures(scope, [county for county in people if county], list(declared))
    without = sorted(county for county in people if county and county not in known)
    if None in people:
        notes.append(f"{people[None].get(None, 0):,} adults have no county; they are held against no prevalence.")
    if without:
        shown = ", ".join(without[:10]) + (" ..." if len(without) > 10 else "")
        notes.append(f"No release of PLACES that is loaded has figures of {shown}: no prevalence to hold against.")
    largest = sorted(known, key=lambda county: (-people[county].get(None, 0), county))
    targets = [
        _prevalence(scope, county, measure, share / 100, people[county], [release])
        for county in largest[:MOST_COUNTIES]
        if people[county].get(None, 0) >= FEWEST_ADULTS
        for measure, (share, release) in sorted(known[county].items())
    ]
    if len(largest) > len({target.place for target in targets}):
        notes.append(
            f"Counties with figures: {len(largest):,}; those with at least {FEWEST_ADULTS} adults are shown, at most"
            f" {MOST_COUNTIES}, and all of them together."
        )
    return targets + (_together(scope, known, people) if len(largest) > 1 else [])


def _prevalence(
    scope: _Scope, place: str, measure: str, share: float, people: dict[str | None, int], releases: Iterable[str]
) -> TargetResult:
    adults = people.get(None, 0)
    low, high = binomial_interval(share, adults)
    part = people.get(measure, 0) / adults
    source = f"{all_targets().places_source}; release {', '.join(releases)}"
    return _target(
        f"prevalence {measure}",
        place,
        f"{measure} among adults, percent",
        (100 * low, 100 * high),
        100 * part,
        expected=100 * share,
        n=adults,
        source=source,
        judged=scope.selected is None,
    )


def _together(
    scope: _Scope, known: dict[str, dict[str, tuple[float, str]]], people: dict[str | None, dict[str | None, int]]
) -> list[TargetResult]:
    """All counties as one: the expected share is the mean of theirs, weighted by the adults that the scenario has."""
    targets = []
    for measure in all_targets().prevalence:
        counties = [county for county in known if measure in known[county]]
        adults = sum(people[county].get(None, 0) for county in counties)
        if adults:
            expected = (
                sum(people[county].get(None, 0) * known[county][measure][0] for county in counties) / adults / 100
            )
            counted = {None: adults, measure: sum(people[county].get(measure, 0) for county in counties)}
            releases = sorted({known[county][measure][1] for county in counties}, reverse=True)
            targets.append(_prevalence(scope, "all counties", measure, expected, counted, releases))
    return targets


def _county_figures(scope: _Scope, counties: list[str], measures: list[str]) -> dict[str, dict[str, tuple[float, str]]]:
    """{county: {measure: (percent, release)}}, of the newest release that has it; official ones before the starter set."""
    order = {load.release: number for number, load in enumerate(loads_in(scope.tables.connection, "places", "county"))}
    figures: dict[str, dict[str, tuple[float, str]]] = {}
    asked = sorted({*counties, *(other for county in counties for other in other_coding(county))})
    rows = scope.rows("county_figures", counties=asked, measures=measures)
    for row in sorted(rows, key=lambda row: order.get(row["release"], len(order))):
        figures.setdefault(row["geoid"], {}).setdefault(row["measure"], (row["crude_prevalence"], row["release"]))
    for county in counties:
        parts = other_coding(county)
        if county not in figures and parts and parts.keys() <= figures.keys():
            # Connecticut, by the coding that the release does not have: the mean of the parts
            figures[county] = {
                measure: (sum(figures[part][measure][0] * share for part, share in parts.items()), release)
                for measure, (_, release) in figures[next(iter(parts))].items()
                if all(measure in figures[part] for part in parts)
            }
    return {county: figures[county] for county in counties if county in figures}


# -- use, cost, values, associations --------------------------------------------------------------------------


def _figures(scope: _Scope, lived: dict[str, Any]) -> list[TargetResult]:
    chronic = all_targets().chronic
    years = np.arange(scope.start.year, scope.as_of.year + 1)
    index = price_index(all_targets().dollars)[(years - 1970) * 12]
    prices = {"price_years": years.tolist(), "price_index": index.tolist()}
    parameters = {**lived, **prices, "chronic": list(chronic), "chronic_patterns": list(chronic.values())}
    counted = {
        query: scope.rows(query, **parameters)[0] for query in {target.query for target in all_targets().targets}
    }
    return [_figure(scope, target, counted[target.query]) for target in all_targets().targets]


def _figure(scope: _Scope, target: Target, row: dict[str, Any]) -> TargetResult:
    judged = not (target.representative and (scope.selected or scope.is_local))
    n = row.get("n") or 0
    # without any such event there is no rate of 0, but a product that the scenario does not have
    value = row[target.figure] if n else None
    return _target(
        target.name,
        "all",
        target.says,
        target.interval,
        value,
        expected=target.expected,
        n=n,
        source=target.source,
        judged=judged,
        reason="the scenario is a selection"
        if scope.selected
        else "the figure is the nation's, and these are some counties",
        fewest=FEWEST_CASES,
    )


def _associations(scope: _Scope) -> list[TargetResult]:
    declared = all_targets()
    rows = scope.rows(
        "associations",
        measures=list(declared.prevalence),
        patterns=list(declared.prevalence.values()),
        ones=[pair.of for pair in declared.associations],
        others=[pair.with_ for pair in declared.associations],
    )
    pairs = {(row["one"], row["other"]): row for row in rows}
    targets = []
    for pair in declared.associations:
        row = pairs.get((pair.of, pair.with_), {})
        kind, expected = ("odds_ratio", pair.odds_ratio) if pair.odds_ratio else ("share", pair.share)
        assert expected is not None  # targets.yaml gives one of the two; a test reads every entry
        says = (
            f"Odds ratio of {pair.with_} by {pair.of} in adults, adjusted for age and sex"
            if kind == "odds_ratio"
            else f"Adults with {pair.of} who have {pair.with_}, percent"
        )
        targets.append(
            _target(
                f"{pair.of} and {pair.with_}",
                "all",
                says,
                (expected / pair.within, expected * pair.within),
                row.get(kind),
                expected=expected,
                n=row.get("n") or 0,
                source=pair.source,
                judged=scope.selected is None,
                fewest=FEWEST_PAIRS,
            )
        )
    return targets


def _target(
    name: str,
    place: str,
    says: str,
    interval: tuple[float | None, float | None],
    generated: float | None,
    *,
    expected: float | None,
    n: int,
    source: str,
    judged: bool,
    fewest: int = 0,
    reason: str = "the scenario is a selection",
) -> TargetResult:
    low, high = interval
    note = None
    met: bool | None = None
    if generated is None:
        note = "The scenario has nothing of the kind."
    elif n < fewest:
        note = f"Shown, not judged: fewer than {fewest} cases."
    elif not judged:
        note = f"Shown, not judged: {reason}."
    else:
        met = (low is None or generated >= low) and (high is None or generated <= high)
    return TargetResult(
        target=name,
        place=place,
        says=says,
        expected=_rounded(expected),
        low=_rounded(low),
        high=_rounded(high),
        generated=_rounded(generated),
        n=n,
        met=met,
        source=source,
        note=note,
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)
