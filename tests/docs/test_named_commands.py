"""Every command that a page names exists, with the options that it is named with."""

from __future__ import annotations

import re
import shlex

import click
import pytest
from doc_pages import USER_PAGES, Page

from healthsim.cli import healthsim

#: words that stand for something else: NAME, <name>, ..., …, [--limit N], the rest of a sentence
_PLACEHOLDER = re.compile(r"[A-Z][A-Z_]*|<.*|\.\.\.|…|[\[(].*")


@pytest.mark.parametrize("page", USER_PAGES, ids=lambda page: page.name)
def test_the_commands_that_a_page_names_exist(page: Page) -> None:
    wrong = [f"line {line}: healthsim {words}: {fault}" for line, words in page.commands() if (fault := check(words))]
    assert not wrong, f"{page.name} names commands that do not exist"


def check(words: str) -> str | None:
    """What is wrong with the words of a command, if anything is."""
    context = click.Context(healthsim, info_name="healthsim")
    command: click.Command = healthsim
    try:
        # brackets and alternatives of a synopsis are taken away: [--status | --dry-run] names two options
        tokens = shlex.split(re.sub(r"(?<!\S)[\[|]|\](?!\S)|(?<=\s)\|(?=\s)", " ", words), comments=True)
    except ValueError:
        tokens = words.split()
    for token in tokens:
        if token in (">", "|", "<", "&&", ";"):
            break
        if token.startswith("-") and token != "-":
            known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
            known |= set(command.get_help_option_names(context))
            name = token.partition("=")[0].rstrip(".,;:)]")
            if name not in known and not (not name.startswith("--") and name[:2] in known):
                return f"there is no option {name}"
        elif isinstance(command, click.Group):
            alternatives = token.split("|")
            if _PLACEHOLDER.fullmatch(token):
                break
            if not _is_value(command, tokens, token):
                found = [command.get_command(context, name) for name in alternatives]
                missing = [name for name, known in zip(alternatives, found, strict=True) if known is None]
                if missing:
                    return f"there is no command {missing[0]}"
                if len(found) > 1 or found[0] is None:
                    break
                command = found[0]
                context = click.Context(command, info_name=token, parent=context)
    return None


def _is_value(command: click.Command, tokens: list[str], token: str) -> bool:
    """Whether a word is the value of the option in front of it (``--db PATH``)."""
    place = tokens.index(token)
    before = tokens[place - 1] if place else ""
    return any(before in parameter.opts and not getattr(parameter, "is_flag", False) for parameter in command.params)


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("scenario list --tag demo --json", None),
        ("--db other.duckdb scenario list|show|load", None),
        ("migrate json [--status | --dry-run] [--from DIR]", None),
        ("scenario ...", None),
        ("scenario export NAME -o - | healthsim scenario list", None),
        ("scenario lst", "there is no command lst"),
        ("scenario list|shwo", "there is no command shwo"),
        ("scenario list --tags", "there is no option --tags"),
        ("migrate json [--state]", "there is no option --state"),
    ],
)
def test_what_does_not_exist_is_found_out(words: str, fault: str | None) -> None:
    assert check(words) == fault
