"""A few generated persons, and text that tempts formats: what scenarios are written from in tests."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from healthsim.workbench import Workbench

#: characters that formats divide by, and others that tempt them
HOSTILE = "a|b^c~d\\e&f\r\ng<h>\"i'j\x0bk\tü 漢 \u2028 🙂\\X0D\\ ]]> &amp; \\.br\\"


@cache
def _generated() -> Path:
    """The file of a database with the scenario, made once in a run of tests."""
    folder = Path(tempfile.mkdtemp(prefix="healthsim-people-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    Workbench.at(folder / "people.duckdb").generate(size=10, seed=11, as_="people", workers=1)
    return folder / "people.duckdb"


def population(folder: Path) -> Workbench:
    """A database of one's own with the scenario ``people``."""
    return Workbench.at(shutil.copy(_generated(), folder / "people.duckdb"))
