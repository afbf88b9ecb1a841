"""Reading values of documents. Imports nothing of HealthSim, so that listing scenarios starts fast."""

from __future__ import annotations

import datetime as dt
import json
import math
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


def to_be_shown(document: str) -> Any:
    """A document, parsed to be written as JSON again: a number that no float holds (1e400) stays as its text."""
    return json.loads(document, parse_float=_float_or_text)


def _float_or_text(number: str) -> float | str:
    read = float(number)
    return read if math.isfinite(read) else number
