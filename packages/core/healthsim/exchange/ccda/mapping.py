"""What documents show of which column: the tables of the published page, from the shapes that are written and read."""

from __future__ import annotations

from collections.abc import Iterator

from healthsim.exchange.ccda import declared as d
from healthsim.exchange.ccda.header import RECORD_TARGET
from healthsim.exchange.ccda.sections import SECTIONS
from healthsim.exchange.ccda.shapes import Coded, Col, Custom, Shape
from healthsim.exchange.hl7_observations import VITALS
from healthsim.model import ENTITY_TYPES, EntityType, entity_type_named

Table = list[tuple[str, ...]]


def tables() -> dict[str, Table]:
    """Title -> rows of where, what, from which columns."""
    patient = entity_type_named("patient")
    assert patient is not None
    head: Table = [("recordTarget", path, f"patients.{column}") for path, column in _columns(RECORD_TARGET, patient)]
    entries: Table = []
    for section in SECTIONS:
        known = next(item for item in ENTITY_TYPES.values() if item.plural == section.table)
        where = f"{section.title} ({section.code})"
        shapes = [section.entry, *([d.SPECIMEN] if section.entry is d.RESULT else [])]
        for path, column in (pair for shape in shapes for pair in _columns(shape, known)):
            shown = ", ".join(f"{section.table}.{name}" for name in column.split(", "))
            entries.append((where, path, shown))
    signs: Table = [
        ("Vital signs (8716-3)", f"{code} {unit}", f"vital_signs.{column}")
        for code, (column, _, unit) in VITALS.items()
    ]
    return {"Patient": list(dict.fromkeys(head)), "Entries": list(dict.fromkeys(entries)), "Vital signs": signs}


def _columns(shape: Shape, known: EntityType, above: str = "") -> Iterator[tuple[str, str]]:
    """Where in a shape columns of a type stand."""
    path = f"{above}/{shape.tag}" if above else shape.tag
    for name, what in shape.attributes.items():
        if isinstance(what, Col) and what.name in known.column:
            yield (path if name == "_" else f"{path}/@{name.replace('xsi_type', 'xsi:type')}"), what.name
    for child in shape.children:
        if isinstance(child, Shape):
            yield from _columns(child, known, path)
        elif isinstance(child, Coded):
            names = (child.code, child.system, child.text, *child.also)
            shown = [name for name in names if name in known.column]
            if shown:
                yield f"{path}/{child.tag}", ", ".join(shown)
        elif isinstance(child, Custom):
            for place, columns in child.shows:
                yield f"{path}/{place}", columns
