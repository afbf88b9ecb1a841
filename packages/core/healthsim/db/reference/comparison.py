"""Two places side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from healthsim.db.reference import geography, storage
from healthsim.db.reference.answers import LEVELS, answered
from healthsim.errors import UsageError
from healthsim.results import PlaceComparison

if TYPE_CHECKING:
    from healthsim.db.connection import Database


def compare(
    database: Database,
    first: str,
    second: str,
    *,
    level: str = "county",
    measures: Sequence[str] = (),
    release: str | None = None,
) -> PlaceComparison:
    """Two places side by side: each measure of both, and the difference (second less first)."""
    if level not in LEVELS:
        raise UsageError(f"There is no level {level!r}; expected one of {', '.join(LEVELS)}.")
    with database.read() as connection:
        loads = storage.loads_in(connection)
        if level == "county" and all(geography.is_state(connection, text) for text in (first, second)):
            # names of states say by themselves what they are; a county is named with its state
            level = "state"
        first_answer, two = (answered(connection, level, text, loads, measures, release) for text in (first, second))
    rows = []
    for measure in sorted(first_answer["measures"].keys() & two["measures"].keys()):
        here, there = first_answer["measures"][measure], two["measures"][measure]
        rows.append(
            {
                "measure": measure,
                "first": here["crude_prevalence"],
                "second": there["crude_prevalence"],
                "difference": _less(there["crude_prevalence"], here["crude_prevalence"]),
                "intervals_overlap": _overlap(here, there),
                "first_release": here["release"],
                "second_release": there["release"],
            }
        )
    svi = [
        {
            "variable": name,
            "first": first_answer["svi"].get(name),
            "second": two["svi"].get(name),
            "difference": _less(two["svi"].get(name), first_answer["svi"].get(name)),
        }
        for name in first_answer["svi"]
        if name in two["svi"]
    ]
    notes = first_answer["notes"] + [note for note in two["notes"] if note not in first_answer["notes"]]
    apart: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        apart.setdefault((row["first_release"], row["second_release"]), []).append(row["measure"])
    for (here, there), names in apart.items():
        which = "places" if len(names) == len(rows) else f"places ({', '.join(names)})"
        notes += _changed(which, here, there)
    if svi:
        notes += _changed("svi", first_answer["releases"]["svi"], two["releases"]["svi"])
    return PlaceComparison(
        first={key: first_answer[key] for key in ("place", "population", "releases")},
        second={key: two[key] for key in ("place", "population", "releases")},
        measures=rows,
        svi=svi,
        notes=notes,
    )


def _less(a: Any, b: Any) -> float | None:
    """The difference of two figures; none where one is missing, or is a range of counties, as ranks of a state are."""
    return round(a - b, 4) if isinstance(a, int | float) and isinstance(b, int | float) else None


def _overlap(a: dict[str, Any], b: dict[str, Any]) -> bool | None:
    bounds = (a["crude_low"], a["crude_high"], b["crude_low"], b["crude_high"])
    return None if None in bounds else bool(bounds[0] <= bounds[3] and bounds[2] <= bounds[1])


def _changed(what: str, first: str, second: str) -> list[str]:
    if first == second:
        return []
    return [
        f"{what}: the first is of release {first}, the second of {second}; definitions and models changed between releases."
    ]
