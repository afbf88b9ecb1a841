"""A program of ours does without pandas, which the engine would import to look at a parameter."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from healthsim import unasked_imports

#: a command that hands the engine parameters, and whether it has imported pandas when it ends
_COMMAND = """
import sys
from healthsim.cli import main
try:
    main()
finally:
    print("pandas" in sys.modules, file=sys.stderr)
"""


def test_commands_do_not_import_it(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    (tmp_path / "one.json").write_text(json.dumps({"patients": [{"patient_id": "p1"}]}))
    database = ["--db", str(tmp_path / "h.duckdb")]
    imported = ["scenario", "import", str(tmp_path / "one.json")]
    # Arrow looks for it as well, in columns that it makes of values
    generated = ["generate", "--size", "2", "--county", "6073", "--as", "few"]
    for words in (imported, generated):
        command = [sys.executable, "-c", _COMMAND, *database, *words]
        ended = subprocess.run(command, capture_output=True, text=True, check=True)
        assert ended.stderr.splitlines()[-1] == "False"


def test_it_is_as_if_it_were_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.delitem(sys.modules, "pandas", raising=False)
    unasked_imports.keep_out()
    with pytest.raises(ModuleNotFoundError):
        import pandas as _  # noqa: F401  # whether it can be
