"""What the transmissions of D.0 show of which column, from their declaration."""

from __future__ import annotations

from healthsim.exchange.ncpdp import fields


def tables() -> dict[str, list[tuple[str, str, str]]]:
    """Of requests and responses: the segment, the field and how it is written, and the column that it shows."""
    return {
        title: [
            (f"segment {segment.number}, {segment.name}", f"{known.id} {known.name} ({known.codec.name})", known.column)
            for segment in segments
            for known in segment.fields
            if known.column
        ]
        for title, segments in (("Requests (B1, B2)", fields.REQUEST), ("Responses", fields.RESPONSE))
    }
