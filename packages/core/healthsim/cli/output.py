"""What every command prints: data to stdout, notices to stderr, JSON on request."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypeVar

import click

from healthsim.scrubbing import scrubbed, scrubbed_value

if TYPE_CHECKING:
    from rich.console import Console

Command = TypeVar("Command", bound=Callable[..., Any])


def json_option(command: Command) -> Command:
    """The option ``--json`` of a command."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def print_json(value: Any) -> None:
    """One JSON value on stdout."""
    # a terminal of another encoding would turn letters into signs that are no JSON
    other = not str(sys.stdout.encoding or "utf-8").lower().startswith("utf")
    click.echo(json.dumps(value, ensure_ascii=other, indent=2, default=_spelled))


def _spelled(value: Any) -> Any:
    """An answer as its object, and anything else as its text."""
    return value.as_dict() if hasattr(value, "as_dict") else str(value)


def notice(text: str) -> None:
    """A line for the person at the terminal, on stderr; where nobody can read it, the work goes on."""
    with contextlib.suppress(OSError):
        click.echo(text, err=True)


def fail(code: str, message: str, details: dict[str, Any], as_json: bool, *, exit_code: int) -> int:
    """Print an error: a line on stderr, and with ``--json`` an object on stdout as well; the exit code."""
    message, details = scrubbed(message), scrubbed_value(details)
    notice(f"healthsim: {message}")
    if as_json:
        print_json({"error": {"code": code, "message": message, "details": details}})
    return exit_code


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    title: str | None = None,
    numeric: Sequence[bool] | None = None,
) -> None:
    """A table on stdout, as wide as what it says; numbers to the right. Nothing that a row says is taken for markup.

    At a terminal that is too narrow for it, long texts are folded; where even that leaves no room, each row is shown
    as lines of ``column value``. At one that is too low for it, the user's pager shows it.

    Args:
        columns: the heads.
        rows: the cells.
        title: a line above.
        numeric: the columns that hold numbers; by default those with a number in them.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    listed = [list(row) for row in rows]
    if numeric is None:
        numeric = [any(isinstance(row[place], (int, float)) for row in listed) for place in range(len(columns))]
    cells = [[shown_cell(value) for value in row] for row in listed]
    heads = [shown_cell(name) for name in columns]
    widths = [max(map(_width, column)) for column in zip(heads, *cells, strict=True)]
    console = Console(file=sys.stdout, highlight=False)
    room = console.width if sys.stdout.isatty() else None
    least = [width if right else min(width, _FOLDED) for width, right in zip(widths, numeric, strict=True)]
    if room is not None and sum(least) + _BETWEEN * len(least) > room:
        _page("".join(f"{line}\n" for line in _lines(heads, cells, title)), console)
        return
    shown = Table(title=title, title_justify="left", header_style="bold", box=box.SIMPLE_HEAD)
    for name, right, width in zip(heads, numeric, least, strict=True):
        shown.add_column(Text(name), justify="right" if right else "left", overflow="fold", min_width=width)
    for row in cells:
        shown.add_row(*(Text(cell) for cell in row))
    if room is None:
        console.width = max(sum(widths) + _BETWEEN * len(widths) + _BETWEEN, _width(title or ""))
    with console.capture() as printed:
        console.print(shown)
    _page(printed.get(), console)


#: columns of text may be folded to this width; what is narrower cannot be read
_FOLDED = 16
#: what stands between two columns
_BETWEEN = 3


def _width(text: str) -> int:
    """The room that a text takes at a terminal: its longest line; letters of East Asia are twice as wide."""
    from rich.cells import cell_len

    return max(map(cell_len, text.split("\n")))


def _page(text: str, console: Console) -> None:
    """Print, by the user's pager (``PAGER``, else ``less``) where a terminal is not as high as what is said."""
    if console.is_terminal and text.count("\n") >= console.height:
        click.echo_via_pager(text, color=console.color_system is not None)
    else:
        click.echo(text, nl=False, color=True)


def _lines(heads: Sequence[str], cells: Sequence[Sequence[str]], title: str | None) -> Iterator[str]:
    """Each row as lines of ``column value``; the terminal breaks what is longer than itself."""
    if title:
        yield title
    if not cells:
        yield ", ".join(heads)
        yield "No rows."
    longest = max(map(_width, heads), default=0)
    for number, row in enumerate(cells, 1):
        yield f"-- row {number:,} of {len(cells):,}"
        for name, cell in zip(heads, row, strict=True):
            yield f"{name}{' ' * (longest - _width(name))}  {cell}".rstrip()


def shown_cell(value: Any) -> str:
    """A value as a table shows it: nothing in it moves the cursor or changes colours."""
    text = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else plain_cell(value)
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else "\N{REPLACEMENT CHARACTER}" for letter in text
    ).expandtabs(4)


def plain_cell(value: Any) -> str:
    """A value as CSV has it; lists and objects as JSON, and nothing where there is none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def print_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table as CSV (RFC 4180) on stdout, with a line of names."""
    lines = (",".join(map(_csv_field, row)) for row in chain([columns], rows))
    while batch := list(islice(lines, 1_000)):
        click.echo("\n".join(batch))


def _csv_field(value: Any) -> str:
    text = plain_cell(value)
    # the csv module leaves a bare carriage return alone, where readers end the line
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in ',"\r\n') else text


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
