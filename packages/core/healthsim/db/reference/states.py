"""What is a state like? Nothing is published of it as a whole: it is made from its counties."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from healthsim.db.reference import views
from healthsim.db.reference.dataset import Connection
from healthsim.db.reference.geography import Place
from healthsim.db.reference.storage import PACKAGE, STARTER, Load
from healthsim.db.reference.svi import THEMES, TODAY
from healthsim.db.sql import quoted, sql_text


def of_state(
    connection: Connection, place: Place, loads: Sequence[Load], wanted: Sequence[str], answer: dict[str, Any]
) -> None:
    """A state out of its counties: prevalences weighted by population; ranks only as lowest and highest, never averaged."""
    _prevalences(connection, place, [load for load in loads if load.dataset == "places"], wanted, answer)
    newest = next(iter(views.whole([load for load in loads if load.dataset == "svi"], "county")), None)
    if newest is not None and not wanted:
        _ranks(connection, place, newest, answer)


def _prevalences(
    connection: Connection, place: Place, loads: Sequence[Load], wanted: Sequence[str], answer: dict[str, Any]
) -> None:
    """Each measure of the newest release that has it, of those that have the counties of the country."""
    used: list[tuple[Load, Any]] = []
    for load in views.whole(loads, "county"):
        columns = views.measures_in(set(views.columns_of(connection, load)))
        crude = [measure for measure, endings in columns.items() if "crude_prev" in endings]
        crude = [
            kind for kind in crude if kind.upper() not in answer["measures"] and (not wanted or kind.upper() in wanted)
        ]
        values = "".join(
            f", sum({name} * weight) / nullif(sum(weight) FILTER ({name} IS NOT NULL), 0), min({name}), max({name})"
            for name in (f"{quoted(f'{measure}_crude_prev')}::DOUBLE" for measure in crude)
        )
        row = connection.execute(
            sql_text(PACKAGE, "state_of_counties").format(table=load.table, values=values), [place.geoid]
        ).fetchall()[0]
        if not row[0] or (used and not crude):
            continue
        if used and not answer["measures"]:
            # the newer one has the counties and nothing that was asked for
            used.clear()
        used.append((load, row))
        for number, measure in enumerate(crude):
            mean, low, high = row[3 + 3 * number : 6 + 3 * number]
            answer["measures"][measure.upper()] = {
                "crude_prevalence": None if mean is None else round(mean, 2),
                "crude_low": None,
                "crude_high": None,
                "lowest_county": low,
                "highest_county": high,
                "release": load.release,
            }
    if not used:
        return
    answer["measures"] = dict(sorted(answer["measures"].items()))
    answer["releases"]["places"] = ", ".join(load.release for load, _ in used)
    newest, row = used[0]
    answer["counties"], answer["population"], answer["population_18plus"] = row[:3]
    which = f"the {row[0]} counties" + (" of the starter set only" if newest.release == STARTER else "")
    answer["notes"].append(
        f"Means of {which}, weighted by population, made from county estimates; they have no intervals."
    )


def _ranks(connection: Connection, place: Place, load: Load, answer: dict[str, Any]) -> None:
    themes = [name for name in views.columns_of(connection, load) if TODAY.get(name, name) in THEMES]
    ranges = ", ".join(f"min({quoted(name)}), max({quoted(name)})" for name in themes)
    row = connection.execute(f"SELECT {ranges} FROM {load.table} WHERE left(geoid, 2) = ?", [place.geoid]).fetchall()[0]
    if all(value is None for value in row):
        return
    answer["releases"]["svi"] = load.release
    for number, name in enumerate(themes):
        answer["svi"][TODAY.get(name, name)] = {
            "lowest_county": row[2 * number],
            "highest_county": row[2 * number + 1],
        }
    answer["notes"].append("SVI ranks are percentiles of counties and are never averaged to a state.")
