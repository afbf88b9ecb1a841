"""What the page about mappings says of FHIR: made of the declarations by which resources are written and read."""

from __future__ import annotations

from healthsim.exchange.fhir.reading.columns import (
    FACILITY,
    PHARMACY,
    TYPED,
)
from healthsim.exchange.fhir.reading.drugs import PRESCRIPTION
from healthsim.exchange.fhir.reading.observations import LAB
from healthsim.exchange.fhir.reading.paths import Typed
from healthsim.exchange.fhir.resources import RESOURCES

#: (resource, element, where it comes from or goes to)
Rows = list[tuple[str, str, str]]


def fhir_tables() -> dict[str, Rows]:
    """Title -> rows: elements that are written, and columns that are read."""
    tables: dict[str, Rows] = {}
    for resource in RESOURCES:
        title = f"{resource.type} ({resource.profile or 'R4'}), out, from {resource.table}"
        rows = tables.setdefault(title, [])
        for element, source in dict.fromkeys(resource.parts.leaves("")):
            if source and not source.startswith(('"', "true", "false")) and not source[0].isdigit():
                rows.append((resource.type, element, source))
        seen = dict.fromkeys(rows)
        tables[title] = list(seen)
    for kind, typed in _read():
        tables[f"{kind}, in"] = [
            (f"{typed.entity}.{column}", read.path, kind) for column, read in typed.columns.items()
        ]
    return {title: rows for title, rows in tables.items() if rows}


def _read() -> list[tuple[str, Typed]]:
    further = [
        ("Organization (facility)", FACILITY),
        ("Organization (pharmacy)", PHARMACY),
        ("MedicationRequest (prescription)", PRESCRIPTION),
        ("Observation (laboratory)", LAB),
    ]
    return [*TYPED.items(), *further]
