"""The commands of the program, walked as its help walks them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click

from healthsim.cli import healthsim

#: words that stand for something else: NAME, <name>, ..., …, [--limit N], the rest of a sentence
_PLACEHOLDER = re.compile(r"[A-Z][A-Z_]*|<.*|\.\.\.|…|[\[(].*")


def root() -> click.Context:
    """The context that the program begins with.

    A command remembers the help option that the first context asked it for: one that does not stand below this makes
    ``-h`` disappear from the help that later tests of the process see.
    """
    return click.Context(healthsim, info_name="healthsim", **healthsim.context_settings)


def below(context: click.Context, name: str) -> click.Context | None:
    """The context of a command of a group; nothing, if it has none of this name."""
    assert isinstance(context.command, click.Group)
    command = context.command.get_command(context, name)
    return command and click.Context(command, info_name=name, parent=context)


def every(context: click.Context | None = None) -> Iterator[click.Context]:
    """The contexts of the program, its groups and its commands."""
    context = context or root()
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            next_one = below(context, name)
            assert next_one is not None
            yield from every(next_one)


def words(context: click.Context) -> str:
    """What is typed behind ``healthsim`` for a command."""
    return context.command_path.removeprefix("healthsim").strip()


def leaves() -> list[tuple[str, click.Command]]:
    """The commands that do something, by their words."""
    return [(words(context), context.command) for context in every() if not isinstance(context.command, click.Group)]


def fault_in(words: str) -> str | None:
    """What is wrong with the words of a command as a page has them, if anything is."""
    context = root()
    command: click.Command = context.command
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
