"""``docs/interchange-mappings.md``: which element of a format shows which column, from the declarations that write it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

#: format -> the function that gives its tables: title -> rows of (where, element, columns)
TABLES = {
    "fhir": "healthsim.exchange.fhir.mapping_page:fhir_tables",
    "x12": "healthsim.exchange.x12.mapping:tables",
    "sdtm": "healthsim.exchange.sdtm.mapping:tables",
    "meds": "healthsim.exchange.meds.mapping:tables",
    "hl7v2": "healthsim.exchange.hl7v2.mapping:tables",
    "ncpdp": "healthsim.exchange.ncpdp.mapping:tables",
    "ccda": "healthsim.exchange.ccda.mapping:tables",
    "synthea": "healthsim.exchange.synthea.mapping:tables",
}


def mappings_page() -> str:
    """The text of the page."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield "# What formats show of which column"
    yield ""
    yield "Made from the declarations by `python scripts/write_docs.py`; a test keeps it true. What the formats are, and how they are"
    yield "read and written, [Formats, in and out](interchange.md) tells."
    for name, place in TABLES.items():
        module, _, function = place.partition(":")
        yield ""
        yield f"## {name}"
        for title, rows in getattr(importlib.import_module(module), function)().items():
            yield ""
            yield f"### {title}"
            yield ""
            yield "| where | what | from |"
            yield "| --- | --- | --- |"
            for row in rows:
                yield f"| {' | '.join(f'`{cell}`' if number == 1 else cell for number, cell in enumerate(row))} |"
