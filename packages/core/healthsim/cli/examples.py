"""Examples in the help of commands: lines of ``examples.txt``, each shown by the command that it calls."""

from __future__ import annotations

import shlex
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
    return [line for line in _lines() if _called(line)[: len(words)] == list(words)]


@cache
def _lines() -> list[str]:
    text = files("healthsim.cli").joinpath("examples.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _called(line: str) -> list[str]:
    """The words of a line behind ``healthsim`` and its own options."""
    words = shlex.split(line)[1:]
    return words[2:] if words[0].startswith("-") else words
