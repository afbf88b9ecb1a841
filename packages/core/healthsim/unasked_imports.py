"""What the engine imports without being asked, and a program of ours does without: pandas.

DuckDB before 2 looks at the first parameter of a process whether it is a value of pandas, and imports all of pandas to know: a second
and more for every command, in an environment that happens to have it. In a program that is ours alone nobody needs it but Spark.
"""

from __future__ import annotations

import sys

_PANDAS = "pandas"


def keep_out() -> None:
    """Let the import of pandas fail at once, as where it is not installed; for a process of the program's own only."""
    # None is what the import system takes as "not to be found", though its type does not say so
    sys.modules.setdefault(_PANDAS, None)  # type: ignore[arg-type]


def let_in() -> None:
    """Let a library that needs it have it."""
    if _PANDAS in sys.modules and sys.modules[_PANDAS] is None:
        del sys.modules[_PANDAS]
