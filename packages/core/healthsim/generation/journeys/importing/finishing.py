"""From a draft to a journey: steps that cannot be are taken out, and what follows them takes their places.

Each round asks the faults of the declaration itself, so that what comes out is what ``healthsim journeys check`` finds fine.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from healthsim.generation.journeys.declaration import AT_CONTACTS, CONTACTS, NOTHING, Journey
from healthsim.generation.journeys.faults import faults_of
from healthsim.generation.journeys.importing.draft import Draft, Node
from healthsim.generation.journeys.importing.timing import latest, together

#: days that a journey lasts at most
_LONGEST = 4_000


def finished(draft: Draft) -> dict[str, Any] | None:
    """What the file of the journey says; None where there is none: ``draft.problem`` says why."""
    if draft.problem is None and not draft.starts:
        draft.problem = "nothing says with what it begins: no condition, age or stay that HealthSim has"
    while draft.problem is None:
        for node in [node for node in draft.nodes.values() if node.kind is None]:
            _take_out(draft, node)
        _behind_contacts(draft)
        if not draft.nodes:
            draft.problem = "no step of it can be a step of a journey"
            break
        written = _written(draft)
        faults = _faults(draft, written)
        if not faults:
            return written
        for path, problem in faults:
            if path[:1] == ("steps",) and len(path) > 1 and path[1] in draft.nodes:
                node = draft.nodes[path[1]]
                node.kind, node.why = (
                    None,
                    node.why or problem.removeprefix(f"steps.{node.name}.").removeprefix(f"steps.{node.name}: "),
                )
            else:
                draft.problem = problem
    for node in draft.nodes.values():
        if node.kind is None and not node.said:
            draft.leave(node.path, node.name, node.why)
    return None


def _faults(draft: Draft, written: dict[str, Any]) -> list[tuple[tuple[Any, ...], str]]:
    try:
        journey = Journey.model_validate(written)
    except ValidationError as error:
        return [
            (tuple(fault["loc"]), f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}") for fault in error.errors()
        ]
    return list(faults_of(journey, draft.house.known))


# -- steps that are none ------------------------------------------------------------------------------------------


def _take_out(draft: Draft, node: Node) -> None:
    """Take a node out: what follows it follows the one before it, as much later, and with its chance."""
    del draft.nodes[node.name]
    if not node.said:
        draft.leave(node.path, node.name, node.why)
    followers = [other for other in draft.nodes.values() if other.other == node.name]
    for number, follower in enumerate(followers):
        if node.relation == "from" and number > 0:
            # a choice leads to one step; the others come with that one
            follower.relation, follower.other = "after", followers[0].name
            continue
        _take_place(draft, node, follower)
    if node.relation == "from":
        _lead_elsewhere(draft, node, followers[0].name if followers else NOTHING)
    for other in draft.nodes.values():
        if other.when.get("step") == node.name:
            draft.leave(other.path, f"{other.name}: when {node.name}", "the step that it asks for is none")
            other.kind, other.why = None, f"whether it comes depends on {node.name}, which is no step"


def _take_place(draft: Draft, node: Node, follower: Node) -> None:
    chance = follower.chance * node.chance
    if follower.relation == "from" and node.kind is None:
        # the choice is no more: the branch comes with its share
        chance *= float((node.what or {}).get(follower.name, 1)) if isinstance(node.what, dict) else 1
    follower.wait, otherwise = together(node.wait, follower.wait)
    if otherwise:
        draft.note(f"{follower.name}: two waits one after the other are one, of any length between their sums")
    relation = node.relation
    if follower.relation == "with" and relation == "day" and follower.kind in AT_CONTACTS:
        follower.kind, follower.why = None, f"the contact that it happens at, {node.name}, is none"
    follower.relation, follower.other, follower.day = relation, node.other, node.day
    follower.chance = round(chance, 6)
    follower.when = {**node.when, **follower.when}
    follower.repeat = follower.repeat or dict(node.repeat)


def _lead_elsewhere(draft: Draft, node: Node, to: str) -> None:
    choice = draft.nodes.get(node.other or "")
    if choice is None or not isinstance(choice.what, dict):
        return
    options: dict[str, float] = {}
    for name, share in choice.what.items():
        target = to if name == node.name else name
        options[target] = options.get(target, 0) + share
    choice.what = options
    if set(options) == {NOTHING}:
        choice.kind, choice.said = None, True


def _behind_contacts(draft: Draft) -> None:
    """What follows a drug follows the contact at which it begins: whether it begins is known after the steps are planned."""
    for node in draft.nodes.values():
        before = draft.nodes.get(node.other or "")
        while before is not None and before.kind == "regimen" and before.other is not None:
            if before.chance < 1 or before.when:
                draft.note(f"{node.name}: it follows the contact of {before.name}, whether or not that drug begins")
            node.other = before.other
            before = draft.nodes.get(node.other)


# -- what the file says -------------------------------------------------------------------------------------------


def _written(draft: Draft) -> dict[str, Any]:
    steps = {node.name: _step(node) for node in draft.nodes.values()}
    written: dict[str, Any] = {
        "journey": draft.name,
        "name": draft.title,
        "sources": [draft.source],
        "starts": draft.starts,
    }
    if draft.who:
        written["who"] = draft.who
    if draft.share < 1:
        written["share"] = round(draft.share, 6)
    written["lasts"] = min(max(draft.lasts, _last(draft), 1), _LONGEST)
    written["steps"] = steps
    return written


def _step(node: Node) -> dict[str, Any]:
    step: dict[str, Any] = {"day": node.day} if node.relation == "day" else {node.relation: node.other}
    wait = dict(node.wait)
    if "fixed" in wait and node.relation == "day":
        step["day"] += wait.pop("fixed")
    if node.relation == "with" and (wait or node.kind in CONTACTS):
        step = {"after": node.other}
    if wait:
        step["wait"] = wait.get("fixed", wait)
    if node.chance < 1:
        step["chance"] = node.chance
    if node.when:
        step["when"] = node.when
    if node.repeat:
        step["repeat"] = node.repeat
    step[str(node.kind)] = (
        {name: round(share, 6) for name, share in node.what.items()} if node.kind == "one_of" else node.what
    )
    return step


def _last(draft: Draft) -> int:
    """The last day on which a step may come."""
    days: dict[str, int] = {}

    def last(name: str) -> int:
        if name not in days:
            node = draft.nodes[name]
            days[name] = 0  # circles are found by the faults
            before = node.day if node.other is None else last(node.other) if node.other in draft.nodes else 0
            repeat = node.repeat
            more = repeat.get("every", 0) * (repeat.get("times", 1) - 1) + repeat.get("spread", 0)
            days[name] = before + latest(node.wait) + max(more, repeat.get("until", 0) - before)
        return days[name]

    return max((last(name) for name in draft.nodes), default=0)
