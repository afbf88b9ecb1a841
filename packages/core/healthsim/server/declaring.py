"""How a tool is declared: one function in a module of ``tools``, with its effect and its counterparts.

The decorator only notes what it is told; ``declared`` finds the functions. A new module or function needs no list.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import anyio

from healthsim.allowed_folders import Folders
from healthsim.config import Settings
from healthsim.workbench import Workbench

Effect = Literal["reads", "adds", "changes", "destroys"]
Function = TypeVar("Function", bound=Callable[..., Any])
_MARK = "__healthsim_tool__"
#: each may take HEALTHSIM_SQL_MEMORY; the others wait
QUESTIONS_AT_ONCE = 2


class Bench(Workbench):
    """What a tool works with: the first argument of its function, which the client never sees.

    Attributes:
        folders: which files it may touch.
        shares: where it may publish and pull.
        questions: how many questions in SQL run at once.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.folders = Folders(settings.folders)
        self.shares = tuple(dict.fromkeys(settings.shares))
        self.questions = anyio.CapacityLimiter(QUESTIONS_AT_ONCE)


@dataclass(frozen=True)
class Declared:
    """A tool: its function, what it does to the data, and the same verb elsewhere.

    Attributes:
        function: takes a ``Bench`` and what the client says; returns a typed result.
        title: for people.
        effect: ``reads``, ``adds`` (nothing that was there is lost), ``changes`` or ``destroys``.
        idempotent: calling it again with the same arguments changes nothing more.
        command: the same verb on the command line, as ``scenario save``.
        verb: the same verb of the workbench, and so of Python.
        shares: it is offered only where the server was started with shares that it may use.
        original: names under which the original implementation had it.
    """

    function: Callable[..., Any]
    title: str
    effect: Effect
    idempotent: bool
    command: str
    verb: str
    original: tuple[str, ...]
    shares: bool = False

    @property
    def name(self) -> str:
        """The name of the tool."""
        return self.function.__name__


def tool(
    title: str,
    effect: Effect,
    *,
    command: str,
    verb: str,
    idempotent: bool | None = None,
    original: tuple[str, ...] = (),
    shares: bool = False,
) -> Callable[[Function], Function]:
    """Declare a function as a tool; its name, signature, result and docstring are what the client sees."""

    def mark(function: Function) -> Function:
        again = effect == "reads" if idempotent is None else idempotent
        setattr(function, _MARK, Declared(function, title, effect, again, command, verb, original, shares))
        return function

    return mark


def declared() -> Iterator[Declared]:
    """Every tool, in the order of modules and of their functions."""
    from healthsim.server import tools

    for module in sorted(pkgutil.iter_modules(tools.__path__), key=lambda mark: mark.name):
        for value in vars(importlib.import_module(f"{tools.__name__}.{module.name}")).values():
            mark = getattr(value, _MARK, None)
            if isinstance(mark, Declared) and value.__module__.endswith(f".{module.name}"):
                yield mark
