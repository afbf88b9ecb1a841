"""THE list of formats. A new one is a module with a ``FORMAT``, and one line here."""

from __future__ import annotations

import difflib
import importlib
from functools import cache

from healthsim.errors import NotFound
from healthsim.exchange.format import Format

#: in the order in which they are offered, and in which a file is asked whether it is one of them
MODULES = (
    "healthsim.exchange.share",
    "healthsim.exchange.workspace",
    "healthsim.exchange.fhir.format",
    "healthsim.exchange.hl7v2.format",
    "healthsim.exchange.ccda.format",
    "healthsim.exchange.synthea.format",
    "healthsim.exchange.omop.format",
    "healthsim.exchange.sdtm.format",
    "healthsim.exchange.meds.format",
    "healthsim.exchange.x12.format",
    "healthsim.exchange.ncpdp.format",
    "healthsim.exchange.parquet",
    "healthsim.exchange.csv",
    "healthsim.exchange.delta.format",
    "healthsim.exchange.databricks.format",
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
        words = words_of_formats()
        near = difflib.get_close_matches(name[:100].lower(), words, n=1, cutoff=0.7)
        written = (entry.name for entry in known.values() if entry.write is not None)
        hint = f" Did you mean {words[near[0]]}?" if near else ""
        raise NotFound(
            f"There is no format {name[:80]!r}.{hint} Scenarios are written as {', '.join(written)}.", name=name[:200]
        )
    return known[name]


@cache
def words_of_formats() -> dict[str, str]:
    """What people type who mean a format that is written -> its name: ``837`` is x12."""
    written = [entry for entry in formats().values() if entry.write is not None]
    return {text: entry.name for entry in written for text in (entry.name, *entry.also)}


@cache
def readable() -> tuple[Format, ...]:
    """The formats that are read, in the order in which a file is asked whether it is one of them."""
    read = (entry for entry in formats().values() if entry.read is not None)
    return tuple(sorted(read, key=lambda entry: entry.takes_rest))


def format_names() -> str:
    """The names of the formats that are read."""
    return ", ".join(entry.name for entry in formats().values() if entry.read is not None)
