"""What to do next, in the words of the door through which somebody came: an option, an argument, the name of a tool.

A message that names one says ``remedy("replace a file")``; the words stand here and nowhere else. The command line and the
assistant's server say which door is theirs; who calls a function is in Python.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, NamedTuple

Door = Literal["command", "python", "tool"]
_door: ContextVar[Door] = ContextVar("door", default="python")


class Remedy(NamedTuple):
    """One remedy in the words of each door; names in braces are filled in."""

    command: str
    python: str
    tool: str


@contextmanager
def door(name: Door) -> Iterator[None]:
    """Messages that are made inside the block use the words of this door."""
    before = _door.set(name)
    try:
        yield
    finally:
        _door.reset(before)


def remedy(name: str, **values: object) -> str:
    """The remedy of that name, in the words of the door that is open."""
    return str(getattr(REMEDIES[name], _door.get())).format(**values)


REMEDIES = {
    # -- what may be replaced or added to --
    "replace a file": Remedy("--force", "overwrite=True", "overwrite=true"),
    "replace a scenario": Remedy("--overwrite", "overwrite=True", "overwrite=true"),
    "add to a scenario": Remedy("--merge", 'mode="merge"', 'mode="merge"'),
    "to standard output": Remedy("let the shell write there: -o - > FILE", "give an open stream", "leave the path out"),
}
