"""The third shape of the original, which its engine ran: a flat list of events that depend on each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from healthsim.generation.journeys.importing import timing
from healthsim.generation.journeys.importing.contents import begin, fill
from healthsim.generation.journeys.importing.draft import Draft, Node, listed, spelled
from healthsim.remedies import remedy

_EVENT = (
    "event_id",
    "name",
    "event_type",
    "product",
    "delay",
    "depends_on",
    "conditions",
    "probability",
    "condition",
    "parameters",
    "triggers",
)
_READ = ("journey_id", "name", "description", "version", "products", "duration_days", "events", "start_trigger")


def draft_of(draft: Draft, document: Mapping[str, Any]) -> None:
    """Read a document."""
    events = [event for event in listed(document.get("events")) if isinstance(event, Mapping)]
    draft.title = str(document.get("name") or draft.title)
    draft.name = spelled(str(document.get("journey_id") or draft.title))
    named = [str(event["condition"]) for event in events if event.get("condition")]
    begin(draft, document, [*named, draft.name, draft.title], str(document.get("start_trigger") or ""))
    days = document.get("duration_days")
    draft.lasts = days if isinstance(days, int) and not isinstance(days, bool) else 0
    for key in document:
        if key not in _READ:
            draft.leave(f"$.{key}", str(key), "no part of a journey says it")
    names: dict[str, Node] = {}
    nodes: list[Node] = []
    for number, event in enumerate(events):
        identity = str(event.get("event_id") or event.get("name") or f"event {number + 1}")
        nodes.append(draft.add(identity, f"$.events[{number}]"))
        names.setdefault(identity, nodes[-1])
    for event, node in zip(events, nodes, strict=True):
        _event(draft, node, event, names)


def _event(draft: Draft, node: Node, event: Mapping[str, Any], names: Mapping[str, Node]) -> None:
    for key in event:
        if key not in _EVENT:
            draft.leave(f"{node.path}.{key}", f"{node.name}: {key}", "no part of a step says it")
    for number, trigger in enumerate(listed(event.get("triggers"))):
        what = trigger.get("event_type") if isinstance(trigger, Mapping) else trigger
        draft.leave(f"{node.path}.triggers[{number}]", f"{node.name}: {what}", "other products follow from the care")
    before = event.get("depends_on")
    if before is not None:
        if str(before) not in names:
            node.why = f"it depends on {before!r}, which is no event of the document"
            return
        node.relation, node.other = "after", names[str(before)].name
    if not _waits(node, event.get("delay")):
        return
    chance = event.get("probability")
    node.chance = float(chance) if isinstance(chance, (int, float)) and not isinstance(chance, bool) else 1.0
    for number, condition in enumerate(listed(event.get("conditions"))):
        if not _when(draft, node, condition):
            if draft.house.assume is None:
                needed = remedy("assume a share")
                node.why = (
                    f"its condition, {str(condition)[:80]}, cannot be asked; {needed} gives the share for whom it holds"
                )
                return
            draft.note(
                f"{node.name}: {str(condition)[:80]} ({node.path}.conditions[{number}]) is taken for a share of {draft.house.assume:g}"
            )
            node.chance *= draft.house.assume
    fill(
        draft,
        node,
        spelled(str(event.get("event_type") or "event")),
        event.get("parameters"),
        str(event.get("name") or node.name),
    )


def _waits(node: Node, delay: Any) -> bool:
    said = delay if isinstance(delay, Mapping) else {"days": delay or 0}
    try:
        days = int(said.get("days") or 0)
        low = int(said["days_min"]) if said.get("days_min") is not None else days
        high = int(said["days_max"]) if said.get("days_max") is not None else days
    except (TypeError, ValueError, OverflowError):
        node.why = f"its delay, {str(delay)[:80]}, is no number of days"
        return False
    form = said.get("distribution") or "fixed"
    if form not in ("fixed", "uniform", "normal"):
        node.why = f"its delay is {form}; expected fixed, uniform or normal"
        return False
    if days < 0 or low < 0 or high < low:
        node.why = f"its delay, {str(delay)[:80]}, is before the step that it follows"
        return False
    if form == "uniform":
        node.wait = timing.within(low, high)
    elif form == "normal":
        # a quarter of the range, and 2 days where there is none: as the engine drew it
        node.wait = {"normal": [days, (high - low) / 4 if low and high else 2]}
    else:
        node.wait = timing.within(days, days)
    return True


def _when(draft: Draft, node: Node, condition: Any) -> bool:
    """Ask a condition by the keys of ``when``; False where none of them can."""
    if not isinstance(condition, Mapping):
        return False
    asked, operator, value = str(condition.get("field") or ""), condition.get("operator"), condition.get("value")
    part = asked.rpartition(".")[2].lower()
    if part == "age" and isinstance(value, int) and operator in ("gte", "gt", "lte", "lt", "eq"):
        if operator in ("gte", "gt", "eq"):
            node.when["min_age"] = max(node.when.get("min_age", 0), value + (operator == "gt"))
        if operator in ("lte", "lt", "eq"):
            node.when["max_age"] = min(node.when.get("max_age", 120), value - (operator == "lt"))
        return True
    if part in ("gender", "sex") and operator == "eq" and str(value).upper()[:1] in ("F", "M"):
        node.when["sex"] = str(value).upper()[0]
        return True
    if part in ("conditions", "diagnoses", "condition") and operator in ("contains", "eq"):
        name = draft.house.condition_of_code(str(value).upper()) or draft.house.condition_named(str(value))
        if name is not None and draft.house.known.conditions[name].kind == "chronic" and "condition" not in node.when:
            node.when["condition"] = name
            return True
    return False
