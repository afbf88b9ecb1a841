"""Which code of MEDS shows which column: the table of the page, from the declarations."""

from __future__ import annotations

import re

from healthsim.exchange.meds.events import EVENTS


def tables() -> dict[str, list[tuple[str, str, str]]]:
    """Title -> rows of (event, code, columns)."""
    rows = [
        (event.name, _shown(event.code), ", ".join(f"{event.table}.{column}" for column in event.into.values()))
        for event in EVENTS
    ]
    return {"Events": rows}


def _shown(code: str) -> str:
    """The SQL of a code as a pattern: ``LOINC/{loinc_code}//{unit}``."""
    text = re.sub(r"CASE .* END", "'{vocabulary}'", code)
    text = text.replace("coalesce('//' || t.unit, '')", "'//{unit}'")
    text = re.sub(r"coalesce\(t\.(\w+), '[^']*'\)", r"t.\1", text)
    parts = [part.strip() for part in text.split("||")]
    return "".join(part.strip("'") if part.startswith("'") else "{" + part.removeprefix("t.") + "}" for part in parts)
