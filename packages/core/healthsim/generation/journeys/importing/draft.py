"""What a document of another program says, on the way to a journey: steps with their places, and what was not taken."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from healthsim.generation.journeys.importing.matching import House
from healthsim.results import LeftOut

#: letters of the name of a step
_LONGEST_NAME = 60


@dataclass
class Node:
    """A step to be; ``kind`` is None where it is none, and what follows it takes its place.

    Attributes:
        name: of the step. path: where the document says it (a JSON path).
        relation, other: how it is placed, and after which node; ``day`` has none.
        day: days after the beginning, where the relation is ``day``.
        wait: days more: {fixed | uniform | normal | exponential: ...}.
        kind, what: key of the step and its value.
        why: why it is no step.
        said: that it is no step is nothing that is lost.
    """

    name: str
    path: str
    relation: str = "day"
    other: str | None = None
    day: int = 0
    wait: dict[str, Any] = field(default_factory=dict)
    chance: float = 1.0
    when: dict[str, Any] = field(default_factory=dict)
    repeat: dict[str, Any] = field(default_factory=dict)
    kind: str | None = None
    what: Any = None
    why: str = ""
    said: bool = False


@dataclass
class Draft:
    """A journey to be.

    Attributes:
        name, title, sources: of the journey.
        starts: {onset: ...} and so on; empty where the document does not say it.
        nodes: by name, each after the one that it follows.
        left_out, notes: what was not taken, and what was taken otherwise than it stands there.
        problem: why there is no journey at all.
    """

    house: House
    name: str
    title: str
    source: str
    starts: dict[str, Any] = field(default_factory=dict)
    who: dict[str, Any] = field(default_factory=dict)
    share: float = 1.0
    lasts: int = 0
    nodes: dict[str, Node] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problem: str | None = None

    @property
    def condition(self) -> str | None:
        """The condition that it begins with."""
        return next(
            (self.starts[key] for key in ("onset", "admission", "emergency", "delivery") if key in self.starts), None
        )

    def add(self, wanted: str, path: str, **facts: Any) -> Node:
        """A node under a name that no other has."""
        base = spelled(wanted)
        name, number = base, 1
        while name in self.nodes or name == "nothing":
            number += 1
            name = f"{base}_{number}"
        node = Node(name, path, **facts)
        self.nodes[name] = node
        return node

    def leave(self, path: str, what: str, why: str) -> None:
        """Note what is not taken."""
        self.left_out.append(LeftOut(path, what[:200], why))

    def note(self, text: str) -> None:
        """Note what is taken otherwise than it stands there, once."""
        if text not in self.notes:
            self.notes.append(text)


def listed(value: Any) -> list[Any]:
    """A list that a document has, or nothing where it has something else there."""
    return value if isinstance(value, list) else []


def spelled(text: str) -> str:
    """A name for programs: small letters, digits and underscores, a letter first."""
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:_LONGEST_NAME].strip("_")
    return name if name[:1].isalpha() else f"step_{name}" if name else "step"
