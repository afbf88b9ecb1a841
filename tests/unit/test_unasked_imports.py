"""A program of ours does without pandas, which the engine would import to look at a parameter."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from healthsim import unasked_imports

#: a command that hands the engine parameters, and what it has imported when it ends
_COMMAND = """
import sys
from healthsim.cli import main
try:
    main()
finally:
    print("pandas" in sys.modules, sys.modules.get("pandas"), file=sys.stderr)
"""


def test_a_command_does_not_import_it(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    (tmp_path / "one.json").write_text(json.dumps({"patients": [{"patient_id": "p1"}]}))
    words = ["--db", str(tmp_path / "h.duckdb"), "scenario", "import", str(tmp_path / "one.json")]
    ended = subprocess.run([sys.executable, "-c", _COMMAND, *words], capture_output=True, text=True, check=True)
    assert ended.stderr.splitlines()[-1] == "True None"


def test_who_needs_it_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pandas")
    monkeypatch.delitem(sys.modules, "pandas")
    unasked_imports.keep_out()
    with pytest.raises(ImportError):
        import pandas as _  # noqa: F401  # whether it can be
    unasked_imports.let_in()
    assert "pandas" not in sys.modules


def test_what_is_there_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    pandas = pytest.importorskip("pandas")
    unasked_imports.keep_out()
    unasked_imports.let_in()
    assert sys.modules["pandas"] is pandas
