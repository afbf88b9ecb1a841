"""Files that come with this package: statements in SQL, and figures in YAML."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

PACKAGE = "healthsim.generation"
#: the loader in C takes an eighth of the time; not every build of PyYAML has it
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def statement(name: str) -> str:
    """The text of a file of ``sql/``."""
    return files(PACKAGE).joinpath("sql", name).read_text(encoding="utf-8")


@cache
def figures(name: str) -> dict[str, Any]:
    """The content of a file of ``data/``, read once."""
    text = files(PACKAGE).joinpath("data", name).read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.load(text, Loader=LOADER)
    return content
