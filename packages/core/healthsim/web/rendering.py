"""From a view to a page: the templates, and how numbers, days and money are written in them."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from healthsim import __version__
from healthsim.scrubbing import scrubbed
from healthsim.web.visits import Column, View, Visit, address

#: the parts of the pages that every page names
NAVIGATION = (
    ("Scenarios", "/", "s"),
    ("Generate", "/generate", "g"),
    ("Import", "/import", "i"),
    ("Compare", "/compare", "c"),
    ("Places", "/places", "p"),
    ("SQL", "/sql", "q"),
    ("Shares", "/shares", "h"),
    ("Knowledge", "/conditions", "k"),
    ("Reference", "/reference", "r"),
)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        # whatever a scenario says is text: nothing is marked as safe but the pictures that are drawn here
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": number,
        "cell": cell,
        "size": size,
        "instant": instant,
        "plural": plural,
        "duration": duration,
    }
    environment.globals |= {"address": address, "navigation": NAVIGATION, "version": __version__}
    return environment


def render(visit: Visit, view: View) -> str:
    """The text of a page."""
    template = _environment().get_template(view.template)
    return template.render(
        view=view,
        visit=visit,
        again=visit.again,
        read_only=visit.read_only,
        database=scrubbed(visit.bench.settings.database),
        **view.facts,
    )


def number(value: Any, digits: int | None = None) -> str:
    """A number with separators; of a fraction as many digits as say something."""
    if value is None:
        return ""
    if isinstance(value, int) or digits == 0:
        return f"{value:,.0f}"
    if digits is not None:
        return f"{value:,.{digits}f}"
    shown = f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:,.1f}" if abs(value) >= 10 else f"{value:.3g}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def cell(value: Any, column: Column) -> str:
    """A value of a table, by the kind of its column."""
    if value is None:
        return ""
    if column.kind == "money" and isinstance(value, (int, float)):
        return f"{value:,.2f}"
    if column.kind == "percent" and isinstance(value, (int, float)):
        return f"{value:,.1f}"
    if column.is_number and isinstance(value, (int, float)) and not isinstance(value, bool):
        return number(value)
    return instant(value) if isinstance(value, dt.datetime) else str(value)


def instant(value: dt.datetime | None) -> str:
    """A time, which is UTC everywhere."""
    return "" if value is None else f"{value:%Y-%m-%d %H:%M} UTC"


def size(value: int | None) -> str:
    """Bytes in words."""
    if value is None:
        return ""
    amount, units = float(value), ["bytes", "KB", "MB", "GB", "TB"]
    while amount >= 1_000 and len(units) > 1:
        amount /= 1_000
        units.pop(0)
    return f"{amount:,.0f} {units[0]}" if amount >= 100 or units[0] == "bytes" else f"{amount:,.1f} {units[0]}"


def plural(count: int, word: str, words: str | None = None) -> str:
    """``1 person``, ``2 persons``."""
    return f"{count:,} {word if count == 1 else words or word + 's'}"


def duration(seconds: float | None) -> str:
    """Seconds in words."""
    if seconds is None:
        return ""
    if seconds < 90:
        return f"{seconds:,.0f} s"
    return f"{seconds / 60:,.0f} min" if seconds < 5_400 else f"{seconds / 3_600:,.1f} h"
