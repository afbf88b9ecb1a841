"""Older spellings: options that once had another name go on working under it, and no help shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from healthsim.errors import UsageError

DATABASE = "--db"


class _Spelled(click.Option):
    """An option that is also understood under older names."""

    def __init__(self, *arguments: Any, older: Sequence[str] = (), **facts: Any) -> None:
        super().__init__(*arguments, **facts)
        self.older = tuple(older)

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        shown = self.opts
        self.opts = [*shown, *self.older]
        super().add_to_parser(parser, ctx)
        self.opts = shown


def option(*names: str, older: Sequence[str] = (), **facts: Any) -> Callable[[Any], Any]:
    """An option of a command, as ``click.option`` makes one.

    Args:
        older: names under which it is understood as well.
    """
    return click.option(*names, cls=_Spelled, older=older, **facts)


def database_first(words: Sequence[str]) -> list[str]:
    """A command line in which ``--db PATH`` may stand anywhere: it is moved to the front, where it is read.

    Behind ``--`` are no options.

    Raises:
        UsageError: nothing follows it.
    """
    end = words.index("--") if "--" in words else len(words)
    named: list[str] = []
    rest: list[str] = []
    waiting = iter(words[:end])
    for word in waiting:
        if word == DATABASE:
            value = next(waiting, None)
            if value is None:
                raise UsageError(f"Option {DATABASE} needs a value: a file, or md:NAME.")
            named += [word, value]
        elif word.startswith(f"{DATABASE}="):
            named.append(word)
        else:
            rest.append(word)
    return [*named, *rest, *words[end:]]
