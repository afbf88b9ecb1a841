"""What a client is sent of the schemas of tools: whoever lists the tools pays for every word of them.

The server itself checks by the whole schemas: what is too long, or is no argument, is refused with a message.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: members that say what the name says already, or what nobody comes near who means well
_LEFT_OUT = ("title", "maxLength", "maxItems")
_NULL = {"type": "null"}


def of_arguments(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of arguments: an argument that may be null may be left out, and is described by what else it may be."""
    return {
        **_brief({name: value for name, value in schema.items() if name != "properties"}),
        "properties": {name: _argument(facts) for name, facts in schema.get("properties", {}).items()},
        "additionalProperties": False,
    }


def of_result(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a result, and what is said of them; of which type they are is seen when they come."""
    members = {
        name: {key: member[key] for key in ("description",) if key in member}
        for name, member in schema.get("properties", {}).items()
    }
    return {"type": "object", "properties": members}


def _argument(facts: Mapping[str, Any]) -> dict[str, Any]:
    brief: dict[str, Any] = _brief(facts)
    others = [choice for choice in brief.get("anyOf", ()) if choice != _NULL]
    if len(others) == 1 and len(brief["anyOf"]) == 2:
        left = {name: value for name, value in brief.items() if name != "anyOf" and (name, value) != ("default", None)}
        return {**others[0], **left}
    return brief


def _brief(value: Any) -> Any:
    if isinstance(value, list):
        return [_brief(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {name: _brief(item) for name, item in value.items() if name not in _LEFT_OUT}
