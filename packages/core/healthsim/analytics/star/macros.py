"""Expressions that statements share, as text: ``{day_key(start_date)}`` becomes what ``macros/day_key.sql`` says.

A macro of the database would be one more object to make, and would not travel to Spark; text travels everywhere.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

PACKAGE = "healthsim.analytics.star"
#: calls without a call among their arguments: the innermost are filled first
_CALL = re.compile(r"\{(\w+)\(([^{}]*)\)\}")


def expanded(text: str) -> str:
    """A statement with its macros filled in.

    Raises:
        ValueError: there is no macro of a name, or it takes another number of arguments.
    """
    while True:
        filled = _CALL.sub(lambda call: _filled(call[1], _arguments(call[2])), text)
        if filled == text:
            return text
        text = filled


def _filled(name: str, arguments: list[str]) -> str:
    parameters, body = macro(name)
    if len(arguments) != len(parameters):
        raise ValueError(f"macros/{name}.sql takes {', '.join(parameters)}; it was given {', '.join(arguments)}")
    for parameter, argument in zip(parameters, arguments, strict=True):
        body = body.replace("{" + parameter + "}", argument)
    return body


@cache
def macro(name: str) -> tuple[tuple[str, ...], str]:
    """The parameters of a macro, and its text."""
    file = files(PACKAGE).joinpath("macros", f"{name}.sql")
    if not file.is_file():
        raise ValueError(f"There is no macro {name!r}: expected the file macros/{name}.sql.")
    lines = file.read_text(encoding="utf-8").splitlines()
    named = next(line.removeprefix("-- of: ") for line in lines if line.startswith("-- of: "))
    body = " ".join(line.strip() for line in lines if not line.startswith("--"))
    return tuple(parameter.strip() for parameter in named.split(",")), body


def _arguments(text: str) -> list[str]:
    """Split at the commas that stand in no parentheses."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [argument.strip() for argument in parts]
