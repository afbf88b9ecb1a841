"""The help: every command in a section, two examples each, and every example can be typed as it stands."""

from __future__ import annotations

import shlex

import click
import pytest

from commands import below, every, leaves, root, words
from healthsim.cli import COMMANDS, GROUPS, healthsim
from healthsim.cli.examples import _lines, examples_of
from healthsim.cli.spelling import database_first


def test_every_command_stands_in_one_section() -> None:
    listed = [name for names in GROUPS.values() for name in names]
    assert sorted(listed) == sorted(COMMANDS)


def test_the_sections_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        healthsim(["--help"])
    shown = capsys.readouterr().out
    assert [head for head in GROUPS if f"\n{head}:\n" in shown] == list(GROUPS)


def test_every_command_has_two_examples() -> None:
    few = [words for words, _ in leaves() if len(examples_of(*words.split())) < 2]
    assert not few


def test_examples_are_shown_in_the_help() -> None:
    context = next(context for context in every() if words(context) == "scenario clone")
    shown = context.command.get_help(context)
    assert "Examples:\n    healthsim scenario clone demo-family my-family\n" in shown


@pytest.mark.parametrize("line", _lines())
def test_an_example_can_be_typed(line: str) -> None:
    """It calls a command, with options and arguments that the command has."""
    program, *typed = shlex.split(line)
    assert program == "healthsim"
    typed = typed[2:] if typed[0].startswith("-") else typed
    if "<" in typed or ">" in typed:
        typed = typed[: next(place for place, word in enumerate(typed) if word in "<>")]
    context = root()
    while isinstance(context.command, click.Group):
        name, *typed = typed
        found = below(context, name)
        assert found is not None, line
        context = found
    context.command.make_context(context.command.name, database_first(typed), parent=context.parent)
