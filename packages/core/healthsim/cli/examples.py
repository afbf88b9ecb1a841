"""Examples in the help of commands: lines of ``examples.txt``, each shown by the command that it calls."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import click


def with_examples(command: click.Command, *words: str) -> click.Command:
    """The command whose help ends with its examples; of a group, each command below it.

    Args:
        words: how it is called, after ``healthsim``.
    """
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            with_examples(below, *words, name)
    elif command.epilog is None:
        shown = "\n".join(f"  {line}" for line in examples_of(*words))
        command.epilog = f"\b\nExamples:\n{shown}" if shown else None
    return command


def examples_of(*words: str) -> list[str]:
    """The lines that call a command."""
    return [line for line, called in _lines().items() if called[: len(words)] == words]


@cache
def _lines() -> dict[str, tuple[str, ...]]:
    """Each line, and what it calls: its words behind ``healthsim`` and an option of the program with its value.

    Words of commands are never quoted, so that no line has to be read as a shell does, which each start would wait for.
    """
    text = files("healthsim.cli").joinpath("examples.txt").read_text(encoding="utf-8")
    lines = {}
    for line in text.splitlines():
        _, *words = line.split() or [""]
        if line and not line.startswith("#"):
            lines[line] = tuple(words[2:] if words[0].startswith("-") else words)
    return lines
