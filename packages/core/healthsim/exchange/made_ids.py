"""Ids of what comes from others: of the numbers that senders give, and of facts where they give none."""

from __future__ import annotations

import hashlib
import re

from healthsim.model.projection import content_id

_NOT_IN_IDS = re.compile(r"[^A-Za-z0-9.\-]+")
_LONGEST_ID = 64


def as_id(*parts: str) -> str:
    """An id of numbers that senders give; what no id has in it is replaced, and the id stays unique."""
    plain = "-".join(part for part in parts if part)
    made = _NOT_IN_IDS.sub("-", plain).strip("-")
    if made == plain and len(made) <= _LONGEST_ID:
        return made
    mark = hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{made[: _LONGEST_ID - 9]}-{mark}" if made else mark


def made_id(entity_type: str, *parts: object) -> str:
    """An id of what has no number: the same facts give the same one."""
    return content_id(entity_type, [None if part is None else str(part) for part in parts])
