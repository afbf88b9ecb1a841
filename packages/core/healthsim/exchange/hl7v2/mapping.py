"""What messages show of which column: the tables of the published page, from the declarations that write and read."""

from __future__ import annotations

from healthsim.exchange.hl7_observations import VITALS
from healthsim.exchange.hl7v2.declared import SEGMENTS
from healthsim.exchange.hl7v2.kinds import KINDS
from healthsim.model import ENTITY_TYPES

Table = list[tuple[str, ...]]


def tables() -> dict[str, Table]:
    """Title -> rows of where, what, from which columns."""
    fields: Table = []
    for segment in SEGMENTS:
        known = ENTITY_TYPES[segment.entity_type]
        for cell in segment.cells:
            if cell.column in known.column:
                also = f", also {', '.join(f'{segment.name}-{place}' for place in cell.also)}" if cell.also else ""
                ours = " (read in our own messages only)" if cell.own else ""
                place = f"{segment.name}-{cell.place}"
                fields.append((segment.name, place, f"{known.plural}.{cell.column}{also}{ours}"))
    return {
        "Messages": [(kind.name, kind.structure, kind.meaning) for kind in KINDS.values()],
        "Fields": list(dict.fromkeys(fields)),
        "Vital signs": [
            ("OBX of ORU^R01", f"{code} {unit}", f"vital_signs.{column}") for code, (column, _, unit) in VITALS.items()
        ],
    }
