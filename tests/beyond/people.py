"""Small scenarios, and programs of other people: commands in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_COMMAND = [sys.executable, "-c", "from healthsim.cli import main; main()"]


def entities(count: int, mark: str = "") -> dict[str, Any]:
    """Patients with a claim each, and something that the model does not know."""
    return {
        "patients": [{"patient_id": f"P{number}", "birth_date": "1980-02-29", "city": mark} for number in range(count)],
        "claims": [
            {
                "claim_id": f"C{number}",
                "patient_id": f"P{number}",
                "total_charge": "12.50",
                "lines": [{"line_number": 1}],
            }
            for number in range(count)
        ],
        "moods": [{"mood_id": "M1", "is": "2.50"}],
    }


def started(home: Path, *words: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """A command of somebody with a home of their own, as a process."""
    home.mkdir(exist_ok=True)
    own = {
        "HEALTHSIM_HOME": str(home),
        "HEALTHSIM_AUTHOR": home.name,
        "HEALTHSIM_LOCK_TIMEOUT": "300",
        **(environment or {}),
    }
    return subprocess.Popen(
        [*_COMMAND, *words], env={**os.environ, **own}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def ran(home: Path, *words: str, environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    """The exit code of such a command, and all that it printed."""
    process = started(home, *words, environment=environment)
    out, err = process.communicate(timeout=600)
    return process.returncode, out + err
