"""SQL text: where it lives, and how names become part of it.

Statements are ``.sql`` files beside the module that runs them. Names are quoted, values are parameters. What a file
leaves open stands in braces: that is the only template, and everybody fills it in with ``filled``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_PLACE = re.compile(r"\{(\w+)\}")


@cache
def sql_text(package: str, name: str) -> str:
    """The text of ``<package>/sql/<name>.sql``."""
    return files(package).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def filled(text: str, names: Mapping[str, str]) -> str:
    """A statement with its ``{placeholders}`` replaced by quoted names or pieces of SQL; other braces stay as they are."""
    return _PLACE.sub(lambda place: names.get(place[1], place[0]), text)


def quoted(name: str) -> str:
    """An identifier, quoted for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """A text literal, for the few places of SQL that take no parameter (view definitions, file names of ATTACH)."""
    return "'" + value.replace("'", "''") + "'"


def one_file(path: str | os.PathLike[str]) -> str:
    """The path of one file or folder for ``read_csv``, ``read_parquet`` and their like, which take a path for a pattern.

    ``table[1].csv``, as browsers call a second copy, would read ``table1.csv``.
    """
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in os.fspath(path))
