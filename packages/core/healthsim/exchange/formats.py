"""THE list of formats. A new one is a module with a ``FORMAT``, and one line here."""

from __future__ import annotations

import difflib
import importlib
from functools import cache
from pathlib import Path

from healthsim.errors import InvalidInput, NotFound
from healthsim.exchange.format import Format
from healthsim.paths import local_path
from healthsim.remedies import remedy

#: in the order in which they are offered, and in which a file is asked whether it is one of them
MODULES = (
    "healthsim.exchange.share",
    "healthsim.exchange.workspace",
    "healthsim.exchange.omop.format",
    "healthsim.exchange.parquet",
    "healthsim.exchange.csv",
)


@cache
def formats() -> dict[str, Format]:
    """Every format by name."""
    entries = [importlib.import_module(module).FORMAT for module in MODULES]
    return {entry.name: entry for entry in entries}


def find_format(name: str) -> Format:
    """The format of that name.

    Raises:
        NotFound: there is none; the message lists them.
    """
    known = formats()
    if name not in known:
        near = difflib.get_close_matches(name[:100].lower(), known, n=1, cutoff=0.6)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise NotFound(
            f"There is no format {name[:80]!r}.{hint} Scenarios are written as {', '.join(known)}.", name=name[:200]
        )
    return known[name]


def format_of(path: str | Path) -> tuple[Path, Format]:
    """The place that a path names, and the format of what lies there, told by its content.

    Raises:
        NotFound: nothing is there.
        InvalidInput: it is of no format that can be read.
    """
    place = local_path(path, what="path")
    if not place.exists():
        raise NotFound(f"There is nothing at {place}. Check the path.", path=str(place))
    readable = [entry for entry in formats().values() if entry.read is not None and entry.sniff is not None]
    for entry in readable:
        if entry.sniff is not None and entry.sniff(place):
            return place, entry
    raise InvalidInput(
        f"{place} is of no format that can be read: {', '.join(entry.name for entry in readable)}."
        f" Public statistics are loaded with {remedy('import reference data')}.",
        path=str(place),
    )
