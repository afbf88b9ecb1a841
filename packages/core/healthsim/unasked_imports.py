"""What the engine imports without being asked, and a program of ours does without: pandas.

DuckDB before 2 looks at the first parameter of a process whether it is a value of pandas, and imports all of pandas to know: a second
and more for every command, in an environment that happens to have it. In a program that is ours alone nobody needs it but Spark.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType


class _KeptOut(MetaPathFinder):
    """Says that pandas is not installed."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


def keep_out() -> None:
    """Let the import of pandas fail at once, as where it is not installed; for a process of the program's own only."""
    sys.meta_path.insert(0, _KeptOut())
