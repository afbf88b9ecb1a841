"""What every command prints: data to stdout, notices to stderr, JSON on request."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def json_option(command: Command) -> Command:
    """The option ``--json`` of a command."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def print_json(value: Any) -> None:
    """One JSON value on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_spelled))


def _spelled(value: Any) -> Any:
    """An answer as its object, and anything else as its text."""
    return value.as_dict() if hasattr(value, "as_dict") else str(value)


def notice(text: str) -> None:
    """A line for the person at the terminal, on stderr."""
    click.echo(text, err=True)


def fail(code: str, message: str, details: dict[str, Any], as_json: bool, *, exit_code: int) -> int:
    """Print an error: a line on stderr, and with ``--json`` an object on stdout as well; the exit code."""
    click.echo(f"healthsim: {message}", err=True)
    if as_json:
        print_json({"error": {"code": code, "message": message, "details": details}})
    return exit_code


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str | None = None) -> None:
    """A table on stdout; numbers to the right. What the rows say is never taken for markup."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(title=title, title_justify="left", header_style="bold", box=box.SIMPLE_HEAD)
    listed = [list(row) for row in rows]
    for number, name in enumerate(columns):
        numeric = any(isinstance(row[number], (int, float)) for row in listed)
        shown.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in listed:
        shown.add_row(*(Text(_cell(value)) for value in row))
    width = None if sys.stdout.isatty() else 120
    Console(file=sys.stdout, width=width, highlight=False).print(shown)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    text = str(value)
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def shown_date(moment: Any) -> str:
    """A date and time to the minute, UTC."""
    return str(moment)[:16].replace("T", " ")


def confirm(question: str, option: str) -> None:
    """Ask at a terminal; without one, refuse and name the option that answers.

    Raises:
        UsageError: nobody is there to ask.
        click.Abort: the answer is no.
    """
    from healthsim.errors import UsageError

    if not sys.stdin.isatty():
        raise UsageError(f"{question} Nobody is there to answer; say so with {option}. Nothing was changed.")
    click.confirm(question, abort=True, err=True)


def entities(number: int) -> str:
    """1 entity; 2,000 entities."""
    return f"{number:,} {'entity' if number == 1 else 'entities'}"
