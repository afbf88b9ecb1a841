"""``%load_ext healthsim``: questions in SQL as cells of a notebook. IPython is the notebook's; nothing here imports it.

    %%hsql --scenario clinic --into women
    SELECT gender, count(*) AS people FROM patients GROUP BY ALL

The question runs in a process of its own that can only read; the answer is shown, and is in the variable that was named.
"""

from __future__ import annotations

import argparse
import shlex
from typing import Any, NoReturn

from healthsim.door import verb
from healthsim.errors import UsageError

USAGE = "%%hsql [--scenario NAME] [--limit ROWS] [--into VARIABLE], and the question below"


class _Words(argparse.ArgumentParser):
    """The words behind the magic, refused as the rest of the program refuses."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"%%hsql: {message}. Expected {USAGE}.")


def hsql(shell: Any, line: str, cell: str | None = None) -> Any:
    """The answer of a question: ``%hsql SELECT ...`` in a line, ``%%hsql`` for a cell.

    Args:
        shell: of IPython: where the variable is kept.
        line: what stands behind the magic: options of a cell, or the question.
        cell: the question.

    Raises:
        UsageError: there is no question, or no such option.
        InvalidInput: the question is no statement that can be answered.
    """
    if cell is None:
        if not line.strip():
            raise UsageError(f"There is no question. Expected {USAGE}.")
        return verb("sql")(line)
    words = _Words(prog="%%hsql", add_help=False, allow_abbrev=False)
    words.add_argument("--scenario")
    words.add_argument("--limit", type=int, default=10_000)
    words.add_argument("--into")
    try:
        said = words.parse_args(shlex.split(line))
    except ValueError as error:
        raise UsageError(f"%%hsql: {error}. Expected {USAGE}.") from None
    if said.into is not None and not said.into.isidentifier():
        raise UsageError(f"{said.into[:80]!r} is no name of a variable. Expected {USAGE}.")
    answer = verb("sql")(cell, scenario=said.scenario, limit=said.limit)
    if said.into is not None:
        shell.push({said.into: answer})
    return answer


def load(shell: Any) -> None:
    """Make the magic known to an IPython shell."""

    def magic(line: str, cell: str | None = None) -> Any:
        return hsql(shell, line, cell)

    magic.__doc__ = hsql.__doc__
    shell.register_magic_function(magic, magic_kind="line_cell", magic_name="hsql")
