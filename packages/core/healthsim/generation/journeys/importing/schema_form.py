"""The first shape of the original, ``journey-spec-v1``: phases of events, rules of branching; and the second, phases alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from healthsim.generation.journeys.importing import timing
from healthsim.generation.journeys.importing.contents import begin, fill
from healthsim.generation.journeys.importing.draft import Draft, Node, listed, spelled
from healthsim.remedies import remedy

_TIMES = ("day", "week", "month", "hour", "time", "after", "before", "variance", "variance_pct")
_EVENT = (
    "id",
    "type",
    "timing",
    "condition",
    "conditional",
    "recurrence",
    "details",
    "name",
    "description",
    "day",
    "week",
    "month",
    "frequency",
    "duration",
    "probability",
)
_READ = (
    "template",
    "journey",
    "phases",
    "branching_rules",
    "id",
    "name",
    "duration",
    "start_trigger",
    "version",
    "description",
)


def _needed() -> str:
    return f"is free text; {remedy('assume a share')} gives the share of people for whom it holds"


def draft_of(draft: Draft, document: Mapping[str, Any]) -> None:
    """Read a document: the phases of a journey, or phases alone."""
    template = _mapping(document.get("template"))
    inside = "journey" in document
    journey = _mapping(document.get("journey")) if inside else document
    root = "$.journey" if inside else "$"
    draft.title = str(journey.get("name") or template.get("name") or draft.title)
    draft.name = spelled(str(journey.get("id") or template.get("id") or draft.title))
    trigger = str(journey.get("start_trigger") or "")
    hints = [draft.name, draft.title, *map(str, listed(template.get("tags"))), str(template.get("category") or "")]
    begin(draft, document, hints, trigger)
    long = timing.span(journey.get("duration")) or timing.span(template.get("duration"))
    draft.lasts = long[1] if long else 0
    for where, part in (("$", document), (root, journey)) if inside else ((root, journey),):
        for key in part:
            if key not in _READ:
                draft.leave(f"{where}.{key}", str(key), _why(str(key)))
    for number, phase in enumerate(listed(journey.get("phases"))):
        said = _mapping(phase)
        for place, event in enumerate(listed(said.get("events"))):
            _event(draft, _mapping(event), f"{root}.phases[{number}].events[{place}]", str(said.get("name") or ""))
    for number, rule in enumerate(listed(journey.get("branching_rules"))):
        _rule(draft, _mapping(rule), f"{root}.branching_rules[{number}]")
    if "admission" in draft.starts:
        _behind_the_stay(draft)
    _follow(draft)


def _why(key: str) -> str:
    return {
        "quality_measures": "what it aims at names no step",
        "cross_product": "every product follows from the care",
        "customizable": "it is about making the document",
    }.get(key, "no part of a journey says it")


def _event(draft: Draft, event: Mapping[str, Any], path: str, phase: str, chance: float = 1.0) -> Node:
    kind = spelled(str(event.get("type") or "event"))
    title = str(event.get("name") or event.get("id") or event.get("type") or "event").replace("_", " ").capitalize()
    node = draft.add(str(event.get("id") or kind), path, chance=chance)
    for key in event:
        if key not in _EVENT:
            draft.leave(f"{path}.{key}", f"{node.name}: {key}", "no part of a step says it")
    if not _placed(draft, node, event):
        return node
    _repeated(draft, node, event, phase)
    condition = event.get("condition") or event.get("conditional")
    if condition is not None and not _assumed(draft, node, str(condition), f"{path}.condition"):
        return node
    if isinstance(event.get("probability"), (int, float)):
        node.chance *= float(event["probability"])
    fill(draft, node, kind, event.get("details"), title)
    return node


def _assumed(draft: Draft, node: Node, condition: str, path: str) -> bool:
    if draft.house.assume is None:
        node.why = f"its condition, {condition[:80]!r}, {_needed()}"
        return False
    draft.note(f"{node.name}: {condition[:80]!r} ({path}) is taken for a share of {draft.house.assume:g}")
    node.chance *= draft.house.assume
    return True


def _placed(draft: Draft, node: Node, event: Mapping[str, Any]) -> bool:
    """Place a node by the times of an event; False where they say no day."""
    said = event.get("timing")
    times = dict(said) if isinstance(said, Mapping) else {}
    times |= {key: event[key] for key in ("day", "week", "month") if key in event}
    if isinstance(said, str):
        days = timing.at(said) or timing.span(said)
        if days is None:
            node.why = f"its time, {said[:60]!r}, is no day"
            return False
        return _within(node, *days)
    for key in times:
        if key not in _TIMES:
            node.why = f"its time says {key}, which is no day"
            return False
    if "before" in times:
        draft.leave(
            f"{node.path}.timing.before",
            f"{node.name}: before {times['before']}",
            "a step comes after others, not before",
        )
    try:
        day = sum(timing.days_of(float(times[unit]), unit) for unit in ("day", "week", "month") if unit in times)
        spread = int(times.get("variance") or round(abs(day) * float(times.get("variance_pct") or 0)))
    except (TypeError, ValueError, OverflowError):
        node.why = f"its time, {str(dict(times))[:80]}, is no number of days"
        return False
    if times.get("after") is not None:
        node.relation, node.other = "after", str(times["after"])
    return _within(node, day - spread, day + spread)


def _within(node: Node, first: int, last: int) -> bool:
    if last < 0:
        node.why = f"it comes {-first} days before the journey begins"
        return False
    first = max(first, 0)
    if node.relation == "day":
        node.day, node.wait = first, timing.within(0, last - first)
    else:
        node.wait = timing.within(first, last)
    return True


def _repeated(draft: Draft, node: Node, event: Mapping[str, Any], phase: str) -> None:
    said = event.get("recurrence") or event.get("frequency")
    if said is None:
        return
    words = said if isinstance(said, Mapping) else {"frequency": said}
    every = timing.EVERY.get(spelled(str(words.get("frequency") or "")))
    if isinstance(words.get("every"), int):
        unit = str(words.get("unit") or "days").lower().removesuffix("s")
        every = timing.days_of(words["every"], unit) if unit in timing.UNITS else None
    long = timing.span(words.get("duration")) or timing.span(event.get("duration"))
    count = words.get("count")
    times = int(count) if isinstance(count, int) else long[1] // every if long and every else None
    if every is None or every < 1:
        draft.leave(
            f"{node.path}.recurrence",
            f"{node.name}: {str(said)[:80]}",
            "how often it comes is no number of days; it comes once",
        )
    elif times is not None and times >= 2:
        node.repeat = {"every": every, "times": min(times, 120)}
    elif draft.lasts > node.day + every:
        node.repeat = {"every": every, "until": draft.lasts}
        draft.note(f"{node.name}: nothing says how often it comes; it does until the journey ends")
    else:
        draft.leave(
            f"{node.path}.recurrence",
            f"{node.name}: {str(said)[:80]}",
            f"nothing says how long, in phase {phase!r}; it comes once",
        )


def _rule(draft: Draft, rule: Mapping[str, Any], path: str) -> None:
    """A rule of branching: its events come with its probability."""
    name = spelled(str(rule.get("id") or rule.get("action") or rule.get("branch") or "branch"))
    chance = rule.get("probability")
    if not isinstance(chance, (int, float)) and str(rule.get("condition") or "random") != "random":
        if draft.house.assume is None:
            draft.leave(path, name, f"its condition, {str(rule['condition'])[:80]!r}, {_needed()}")
            return
        chance = draft.house.assume
        draft.note(f"{name}: {str(rule['condition'])[:80]!r} ({path}.condition) is taken for a share of {chance:g}")
    events = listed(rule.get("events"))
    if not events:
        draft.leave(path, name, f"it names no events; its action, {str(rule.get('action'))[:60]!r}, is free text")
    for key in ("options", "reasons", "documentation", "branch"):
        if key in rule:
            draft.leave(f"{path}.{key}", f"{name}: {key}", "they name no steps")
    branch = draft.add(name, path, chance=float(chance) if isinstance(chance, (int, float)) else 1.0, said=True)
    days = timing.span(rule.get("timing")) or timing.at(rule.get("timing"))
    if rule.get("timing") is not None and days is not None:
        _within(branch, 0 if "within" in str(rule["timing"]).lower() else days[0], days[1])
    elif events:
        draft.note(f"{name}: nothing says when ({path}); it comes with the beginning")
    # what comes of one rule comes together: a choice that may lead nowhere
    follow = [
        _event(draft, {**_mapping(event)}, f"{path}.events[{number}]", name) for number, event in enumerate(events)
    ]
    if not follow:
        return
    rest = 1 - branch.chance
    branch.kind, branch.what = "one_of", {follow[0].name: branch.chance, **({"nothing": rest} if rest > 1e-9 else {})}
    branch.chance = 1.0
    for number, node in enumerate(follow):
        if node.relation == "day":
            wait, _ = timing.together({"fixed": node.day} if node.day else {}, node.wait)
            node.relation, node.other, node.day, node.wait = (
                ("from" if number == 0 else "after"),
                (branch.name if number == 0 else follow[0].name),
                0,
                wait,
            )


def _behind_the_stay(draft: Draft) -> None:
    """The journey begins with the last day of the stay: what the document says of the stay itself is its condition's."""
    leaving = next(
        (
            node
            for node in draft.nodes.values()
            if ".events" in node.path and node.name.startswith("discharge") and node.why.startswith("a stay ends")
        ),
        None,
    )
    until = leaving.day if leaving is not None else 0
    for node in draft.nodes.values():
        if (
            node.name.startswith(("admission", "hospital_admission"))
            and node.kind == "admission"
            and ".phases" in node.path
        ):
            node.kind, node.why = None, "the journey begins with it"
        elif (
            leaving is not None
            and node is not leaving
            and node.relation == "day"
            and node.day <= until
            and "phases" in node.path
        ):
            node.kind, node.why = (
                None,
                node.why or "it is within the stay, of which its condition's file says what is done",
            )
    if leaving is None:
        return
    draft.note(f"{leaving.name}: the journey begins with it, so that days are counted from there")
    leaving.day, leaving.wait = 0, {}
    for node in draft.nodes.values():
        if node.relation == "day" and node is not leaving and node.day > until:
            node.day -= until


def _follow(draft: Draft) -> None:
    """Steps that name none of the document come at the beginning."""
    for node in draft.nodes.values():
        if node.relation == "day" or node.other in draft.nodes:
            continue
        wanted = spelled(str(node.other))
        near = next((name for name in draft.nodes if name == wanted), None)
        if near is None and node.relation == "after":
            node.kind, node.why, near = None, f"it comes after {node.other!r}, which is no event of the document", None
        node.other = near
        if near is None:
            node.relation = "day"


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
