"""The ways out of a state of a Synthea module, whichever of its five forms of transition it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Way(NamedTuple):
    """A way on: the state that it leads to, the share that goes it (None: all), and the condition that is asked first."""

    to: str | None
    share: float | None = None
    condition: Any = None


def ways(state: Mapping[str, Any]) -> list[Way]:
    """The ways out of a state, in order; conditions are asked one after the other."""
    return list(_ways(state))


def _ways(state: Mapping[str, Any]) -> Iterator[Way]:
    if "direct_transition" in state:
        yield Way(str(state["direct_transition"]))
    for each in _listed(state, "distributed_transition"):
        yield Way(_to(each), _share(each.get("distribution")))
    for each in _listed(state, "conditional_transition"):
        yield Way(_to(each), None, each.get("condition"))
    for each in _listed(state, "complex_transition"):
        if "distributions" not in each:
            yield Way(_to(each), None, each.get("condition"))
        for inside in _listed(each, "distributions"):
            yield Way(_to(inside), _share(inside.get("distribution")), each.get("condition"))
    for each in _listed(state, "lookup_table_transition"):
        yield Way(_to(each), _share(each.get("default_probability")))


def _listed(state: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = state.get(key)
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _to(each: Mapping[str, Any]) -> str | None:
    return str(each["transition"]) if each.get("transition") is not None else None


def _share(value: Any) -> float:
    """A share; one that an attribute says has a default."""
    if isinstance(value, Mapping):
        value = value.get("default", 0)
    return float(value) if isinstance(value, (int, float)) else 0.0
