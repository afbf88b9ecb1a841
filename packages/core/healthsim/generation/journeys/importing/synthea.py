"""Modules of Synthea (GMF): the path from the first clinical state on, as far as a journey can say it.

A module is a graph that a person walks from birth. What comes before the first clinical state says with what the journey
begins; from there on, states are steps. Ways that come together are walked once for each way; a way back is not taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from healthsim.generation.journeys.importing import timing
from healthsim.generation.journeys.importing.contents import starts_of, starts_with
from healthsim.generation.journeys.importing.draft import Draft, Node, listed, spelled
from healthsim.generation.journeys.importing.synthea_conditions import opposite, when_of
from healthsim.generation.journeys.importing.synthea_states import CLINICAL, Contact, content
from healthsim.generation.journeys.importing.synthea_transitions import Way, ways
from healthsim.remedies import remedy

#: steps at most: ways that come together are walked again and again
_MOST = 150
#: states that say nothing that is lost
_STRUCTURE = ("Initial", "Simple", "Terminal", "EncounterEnd", "Delay")


class _Module:
    """A module on its way to a draft."""

    def __init__(self, draft: Draft, document: Mapping[str, Any]) -> None:
        self.draft = draft
        self.states: Mapping[str, Mapping[str, Any]] = {
            str(name): state for name, state in document["states"].items() if isinstance(state, Mapping)
        }
        self.diagnosis: str | None = None
        self._told: set[str] = set()

    def path(self, name: str) -> str:
        return f"$.states.{name}"

    def tell(self, name: str, what: str, why: str) -> None:
        """Note what is not taken of a state, once, however many ways lead to it."""
        if f"{name}/{what}" not in self._told:
            self._told.add(f"{name}/{what}")
            self.draft.leave(self.path(name), f"{name}: {what}", why)

    # -- before the first clinical state ----------------------------------------------------------------------

    def beginning(self) -> list[str]:
        """The way from the beginning to the first clinical state, by the fewest states; empty where there is none."""
        start = next((name for name, state in self.states.items() if state.get("type") == "Initial"), None)
        waiting = [[start]] if start is not None else []
        seen = {start}
        while waiting:
            way = waiting.pop(0)
            state = self.states.get(way[-1])
            if state is None:
                continue
            if state.get("type") in CLINICAL:
                return way
            for next_ in ways(state):
                if next_.to is not None and next_.to not in seen:
                    seen.add(next_.to)
                    waiting.append([*way, next_.to])
        return []

    def begin(self, way: list[str]) -> int:
        """With what the journey begins; how many days of age from birth are sure."""
        draft, age, share = self.draft, 0.0, 1.0
        for name, after in pairwise(way):
            state = self.states[name]
            age += self._age(name, state)
            taken = next(each for each in ways(state) if each.to == after)
            share *= taken.share if taken.share is not None else 1
            others = [each for each in ways(state) if each.to != after and self._leads_on(each.to)]
            if taken.condition is not None and not others:
                age = max(age, self._who(name, taken.condition))
            for other in ways(state):
                if other.to not in (after, None) and self.states.get(other.to, {}).get("type") != "Terminal":
                    self.tell(name, f"way to {other.to}", "the journey is the shortest way to the first clinical state")
        first = self.states[way[-1]]
        self._starts(way[-1], first, age)
        if "age" in draft.starts and share < 1:
            draft.share = share
        return round(age * timing.UNITS["year"])

    def _leads_on(self, name: str | None) -> bool:
        """Whether a clinical state can be reached from one."""
        waiting, seen = [name], {name}
        while waiting:
            state = self.states.get(waiting.pop() or "", {})
            if state.get("type") in CLINICAL:
                return True
            waiting += [way.to for way in ways(state) if way.to not in seen]
            seen |= {way.to for way in ways(state)}
        return False

    def _age(self, name: str, state: Mapping[str, Any]) -> float:
        """Years that pass in a state before the journey."""
        if state.get("type") == "Delay":
            wait = self.wait(name, state)
            if timing.latest(wait) > timing.earliest(wait):
                self.draft.note(f"{name}: the journey begins with the shortest of its delays ({self.path(name)})")
            return timing.earliest(wait) / timing.UNITS["year"]
        if state.get("type") == "Guard":
            return self._who(name, state.get("allow"))
        if state.get("type") not in _STRUCTURE:
            self.tell(name, str(state.get("type")), "it is before the first clinical state")
        return 0

    def _who(self, name: str, condition: Any) -> float:
        """Ask a condition of those who begin; the age that it asks for."""
        asked = when_of(self.draft.house, condition)
        if asked is None or not set(asked) <= {"sex", "min_age", "max_age"}:
            self.tell(name, "its condition", "it is before the journey, and no journey can ask it: taken as met")
            return 0
        self.draft.who |= asked
        return float(asked.get("min_age", 0))

    def _starts(self, name: str, state: Mapping[str, Any], age: float) -> None:
        """The condition of the first clinical state, or of what it is for; else the age."""
        draft = self.draft
        mapped = draft.house.codes.get("starts", draft.name, "starts")
        self.diagnosis = draft.house.codes.get("starts", draft.name, "diagnosis")
        onset = state if state.get("type") == "ConditionOnset" else self._reason(state)
        for code in (code for code in listed((onset or {}).get("codes")) if isinstance(code, Mapping)):
            system, number = str(code.get("system")), str(code.get("code"))
            mapped = mapped or draft.house.codes.get(system, number, "starts")
            named = draft.house.codes.get(system, number, "condition")
            if named is None and (named := draft.house.condition_named(str(code.get("display") or ""))) is not None:
                draft.note(f"{system} {number} ({code.get('display')}) is taken for {named}, which has that name")
            self.diagnosis = self.diagnosis or draft.house.codes.get(system, number, "diagnosis")
            if named is None and self.diagnosis is not None:
                named = draft.house.condition_of_code(self.diagnosis)
            if named is not None and named in draft.house.known.conditions and not draft.starts:
                draft.starts = starts_with(draft, named)
                self._own_diagnosis(named)
            if named is None and mapped is None and self.diagnosis is None:
                self.tell(
                    name,
                    f"{system} {number} {code.get('display')}",
                    f"no map for this code: {remedy('map codes')} gives its condition or diagnosis",
                )
        if mapped is not None:
            draft.starts = starts_of(mapped)
        elif not draft.starts and age >= 1:
            draft.starts = {"age": int(age)}
            draft.who = {key: value for key, value in draft.who.items() if key == "sex"}
        elif not draft.starts:
            draft.problem = (
                f"it begins with no condition that HealthSim has, and at no age: {remedy('map codes')} says with what"
            )

    def _own_diagnosis(self, name: str) -> None:
        """What begins at an age needs a diagnosis at its contacts: that of a condition, where it is an acute one seen in offices."""
        condition = self.draft.house.known.conditions[name]
        if not self.draft.starts and condition.stages:
            self.diagnosis = self.diagnosis or next(iter(condition.stages[0].codes))

    def _reason(self, state: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The onset that a state is for."""
        reason = str(state.get("reason") or "")
        named = self.states.get(reason)
        if named is not None:
            return named
        return next(
            (other for other in self.states.values() if reason and other.get("assign_to_attribute") == reason), None
        )

    # -- from there on ----------------------------------------------------------------------------------------

    def walk(
        self, name: str | None, before: Node | None, place: Node | None, contact: Contact, trail: tuple[str, ...]
    ) -> None:
        """Walk on from a state.

        Args:
            before: the last node: what comes follows it. place: a node whose wait and place the next one takes.
            contact: the contact that is going on. trail: the states on the way here.
        """
        while name is not None:
            state = self.states.get(name)
            if state is None:
                self.tell(trail[-1] if trail else name, f"way to {name}", "there is no such state")
                return
            if name in trail:
                self.tell(trail[-1], f"way back to {name}", "a step comes again only by repeat")
                return
            if len(self.draft.nodes) >= _MOST:
                self.tell(
                    name, "everything from here on", f"a journey of more than {_MOST} steps is none that can be read"
                )
                return
            trail = (*trail, name)
            node = self._node(name, state, before, place, contact)
            if node is None:
                return
            before, place = node, None
            after = ways(state)
            if len(after) > 1 or (after and (after[0].condition is not None or (after[0].share or 1) < 1)):
                self._branch(name, state, after, before, contact, trail)
                return
            name = after[0].to if after else None

    def _node(
        self, name: str, state: Mapping[str, Any], before: Node | None, place: Node | None, contact: Contact
    ) -> Node | None:
        """The node of a state; None where nothing can come after it."""
        kind = str(state.get("type"))
        node = self.draft.add(name, self.path(name), said=kind in _STRUCTURE)
        if place is not None:
            node.relation, node.other, node.when, node.chance = (
                place.relation,
                place.other,
                dict(place.when),
                place.chance,
            )
        elif before is not None:
            node.relation, node.other = "after", before.name
        if kind == "Delay":
            node.wait = self.wait(name, state)
            contact.end()
        elif kind == "Guard":
            del self.draft.nodes[node.name]
            self.tell(name, "Guard, and what comes after it", "nobody knows beforehand when its condition is met")
            return None
        elif kind not in _STRUCTURE:
            content(self.draft, node, state, contact, self._reason(state), self.diagnosis)
        elif kind == "EncounterEnd":
            contact.end()
        return node

    def wait(self, name: str, state: Mapping[str, Any]) -> timing.Waited:
        """The wait of a delay."""
        try:
            return _wait(state)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            self.tell(name, "Delay", "its length is no number of days, and is left out")
            return {}

    def _branch(
        self,
        name: str,
        state: Mapping[str, Any],
        after: list[Way],
        before: Node,
        contact: Contact,
        trail: tuple[str, ...],
    ) -> None:
        """Several ways on: by shares a choice, by conditions that can be asked each with its ``when``."""
        if all(way.condition is None for way in after):
            self._choice(name, after, before, contact, trail)
            return
        met = self._asked(after)
        if met is None:
            self._assumed(name, after, before, contact, trail)
            return
        for way, when in zip(after, met, strict=True):
            place = Node("", "", "after", before.name, when=when, chance=way.share if way.share is not None else 1.0)
            self.walk(way.to, before, place, contact.copy(), trail)

    def _asked(self, after: list[Way]) -> list[dict[str, Any]] | None:
        """The ``when`` of each way, where conditions say who goes which: by sex or by age; None where they do not."""
        asked = [when_of(self.draft.house, way.condition) if way.condition is not None else {} for way in after]
        if any(each is None for each in asked):
            return None
        whens = [each or {} for each in asked]
        if all(set(when) <= {"sex"} for when in whens):
            taken = {when["sex"] for when in whens if when}
            rest = {"F", "M"} - taken
            whens = [when or ({"sex": next(iter(rest))} if len(rest) == 1 else {}) for when in whens]
            return whens if len(whens) == len(taken) + len(rest) or not rest else None
        if len(whens) == 2 and whens[1] == {} and len(whens[0]) == 1:
            [(key, value)] = whens[0].items()
            other = opposite(key, value)
            return [whens[0], other] if other is not None else None
        return (
            whens
            if all(when.get("min_age") is not None or when.get("max_age") is not None for when in whens)
            and _apart(whens)
            else None
        )

    def _assumed(self, name: str, after: list[Way], before: Node, contact: Contact, trail: tuple[str, ...]) -> None:
        """Conditions that cannot be asked: with --assume each holds for that share of those who are left."""
        assume = self.draft.house.assume
        if assume is None:
            goals = ", ".join(str(way.to) for way in after)
            self.tell(
                name,
                f"ways to {goals}",
                f"its conditions cannot be asked here; {remedy('assume a share')} gives the share for whom each holds",
            )
            return
        self.draft.note(
            f"{name}: conditions that cannot be asked are taken for a share of {assume:g} each ({self.path(name)})"
        )
        left, shared = 1.0, []
        for way in after:
            part = left * assume if way.condition is not None else left
            left -= part if way.condition is not None else 0.0
            shared.append(Way(way.to, part * (way.share if way.share is not None else 1.0), None))
        self._choice(name, shared, before, contact, trail)

    def _choice(self, name: str, after: list[Way], before: Node, contact: Contact, trail: tuple[str, ...]) -> None:
        choice = self.draft.add(
            f"after {name}", self.path(name), relation="after", other=before.name, kind="one_of", what={}, said=True
        )
        if contact.node is not None:
            choice.relation, choice.other = "with", contact.node.name
        shares = [way.share if way.share is not None else 1 / len(after) for way in after]
        total = sum(shares) or 1.0
        rest = max(1 - total, 0.0)
        options: dict[str, float] = {}
        for way, share in zip(after, shares, strict=True):
            names = set(self.draft.nodes)
            self.walk(way.to, choice, Node("", "", "from", choice.name), contact.copy(), trail)
            first = next(
                (
                    node.name
                    for node in self.draft.nodes.values()
                    if node.name not in names and node.relation == "from" and node.other == choice.name
                ),
                "nothing",
            )
            options[first] = options.get(first, 0) + share / max(total, 1.0)
        if rest > 1e-9:
            options["nothing"] = options.get("nothing", 0) + rest
        choice.what = options
        if set(options) == {"nothing"}:
            choice.kind = None


def draft_of(draft: Draft, document: Mapping[str, Any]) -> None:
    """Read a module."""
    draft.title = str(document.get("name") or draft.title)
    draft.name = spelled(draft.title)
    module = _Module(draft, document)
    way = module.beginning()
    if not way:
        draft.problem = "no state of it is clinical: nothing comes of it that a journey has"
        for name, state in module.states.items():
            if state.get("type") not in _STRUCTURE:
                module.tell(name, str(state.get("type")), "it is no step")
        return
    module.begin(way)
    module.walk(way[-1], None, None, Contact(), ())
    reached = {node.path for node in draft.nodes.values()} | {each.path for each in draft.left_out}
    for name, state in module.states.items():
        if (
            module.path(name) not in reached
            and name not in way
            and state.get("type") not in ("Terminal", "Simple", "Initial")
        ):
            module.tell(name, str(state.get("type")), "no way that was taken leads to it")


def _apart(whens: list[dict[str, Any]]) -> bool:
    """Whether ranges of age have nothing in common."""
    ranges = sorted((when.get("min_age", 0), when.get("max_age", 120)) for when in whens)
    return all(first[1] < second[0] for first, second in pairwise(ranges))


def _wait(state: Mapping[str, Any]) -> timing.Waited:
    exact, between = state.get("exact"), state.get("range")
    if exact is not None:
        return timing.within(*[timing.days_of(exact["quantity"], exact["unit"])] * 2)
    if between is not None:
        low, high = (timing.days_of(between[end], between["unit"]) for end in ("low", "high"))
        return timing.within(min(low, high), max(low, high))
    said, unit = state["distribution"], state.get("unit") or "days"
    numbers, kind = said["parameters"], str(said["kind"]).upper()
    if kind == "EXACT":
        return timing.within(*[timing.days_of(numbers["value"], unit)] * 2)
    if kind == "UNIFORM":
        return timing.within(timing.days_of(numbers["low"], unit), timing.days_of(numbers["high"], unit))
    if kind == "GAUSSIAN":
        return {
            "normal": [
                timing.days_of(numbers["mean"], unit),
                numbers["standardDeviation"] * timing.UNITS[unit.lower().removesuffix("s")],
            ]
        }
    if kind == "EXPONENTIAL":
        return {"exponential": max(timing.days_of(numbers["mean"], unit), 1)}
    raise ValueError(kind)
