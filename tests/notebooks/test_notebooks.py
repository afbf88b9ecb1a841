"""Notebooks: every example runs from its first to its last cell, and answers are shown by what shows notebooks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import healthsim as hs
from healthsim.errors import InvalidInput, UsageError

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.fixture
def shell(database_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """A shell of IPython on an empty database."""
    pytest.importorskip("IPython", reason="IPython is not installed: no cell is run")
    from IPython.core.interactiveshell import InteractiveShell

    monkeypatch.setenv("HEALTHSIM_DB", str(database_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    yield shell
    InteractiveShell.clear_instance()


def run(shell: Any, cell: str) -> Any:
    """The value of a cell; its error, where it has one."""
    done = shell.run_cell(cell, store_history=False)
    done.raise_error()
    return done.result


def cells(path: Path) -> list[str]:
    """The code of a notebook, cell by cell."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in document["cells"] if cell["cell_type"] == "code"]


@pytest.mark.long
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_cell_of_every_notebook_runs(shell: Any, path: Path) -> None:
    shown = [run(shell, cell) for cell in cells(path)]
    pictures = [shell.display_formatter.format(value)[0] for value in shown if value is not None]
    assert pictures
    assert all("text/html" in bundle or "text/plain" in bundle for bundle in pictures)


def test_notebooks_are_kept_without_what_they_showed() -> None:
    assert len(NOTEBOOKS) == 3
    for path in NOTEBOOKS:
        document = json.loads(path.read_text(encoding="utf-8"))
        for cell in document["cells"]:
            assert cell.get("outputs", []) == []
            assert cell.get("execution_count") is None
            if cell["cell_type"] == "code" and "%" not in "".join(cell["source"]):
                compile("".join(cell["source"]), path.name, "exec")


@pytest.mark.long
def test_a_question_is_a_cell(shell: Any) -> None:
    hs.save("clinic", {"patients": [{"patient_id": "P1", "gender": "F"}, {"patient_id": "P2", "gender": "M"}]})
    run(shell, "%load_ext healthsim")
    answer = run(shell, "%%hsql --scenario clinic --into people\nSELECT gender FROM patients ORDER BY gender")
    assert answer.rows == [["F"], ["M"]]
    assert shell.user_ns["people"] is answer
    assert run(shell, "%hsql SELECT 1 AS one").rows == [[1]]
    bundle, _ = shell.display_formatter.format(answer)
    assert bundle["text/plain"] == "<Answer 2 rows: gender>"
    assert "<td>F</td>" in bundle["text/html"]


@pytest.mark.parametrize(
    ("cell", "error", "says"),
    [
        ("%hsql", UsageError, "There is no question"),
        ("%%hsql --scenery x\nSELECT 1", UsageError, "unrecognized arguments: --scenery x"),
        ("%%hsql --into 1x\nSELECT 1", UsageError, "is no name of a variable"),
        ("%%hsql 'open\nSELECT 1", UsageError, "No closing quotation"),
        ("%%hsql\nDROP TABLE patients", InvalidInput, "SELECT"),
    ],
)
@pytest.mark.long
def test_a_cell_that_is_no_question_says_so(shell: Any, cell: str, error: type[Exception], says: str) -> None:
    run(shell, "%load_ext healthsim")
    with pytest.raises(error, match=says):
        run(shell, cell)


def test_an_error_is_a_line_in_a_notebook(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell("import healthsim as hs\nhs.get('nobody')", store_history=False)
    said = capsys.readouterr()
    text = (said.out + said.err).strip()
    assert "There is no scenario 'nobody'." in text
    assert len(text.splitlines()) == 1


def test_nothing_imports_ipython() -> None:
    script = "import sys, healthsim.magic, healthsim.workbench; assert 'IPython' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)
