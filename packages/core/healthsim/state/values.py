"""Reading single values of documents: instants and UUIDs. Imports nothing, so that listing scenarios starts fast."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any


def instant(value: Any) -> dt.datetime | None:
    """An ISO date and time in UTC without its zone, or None where there is none."""
    if not isinstance(value, str):
        return None
    try:
        read = dt.datetime.fromisoformat(value)
    except ValueError:
        return None
    return read if read.tzinfo is None else read.astimezone(dt.UTC).replace(tzinfo=None)


def as_uuid(value: Any) -> str | None:
    """A UUID in its usual spelling, or None where the value is none."""
    if not isinstance(value, str):
        return None
    try:
        return str(uuid.UUID(value))
    except ValueError:
        return None
