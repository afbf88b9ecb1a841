"""The pages that are made from the code say what the code says."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest
from doc_pages import ROOT, Page


@pytest.fixture
def write_docs() -> dict[str, Any]:
    """What ``scripts/write_docs.py`` defines."""
    return runpy.run_path(str(ROOT / "scripts" / "write_docs.py"))


def test_the_generated_pages_are_current(write_docs: dict[str, Any]) -> None:
    for name, text in write_docs["pages"]().items():
        there = (ROOT / "docs" / name).read_text(encoding="utf-8")
        assert there.splitlines() == text.splitlines(), f"{name}: run python scripts/write_docs.py"
    assert not write_docs["stale"](ROOT / "docs")


def test_a_stale_page_is_named_and_written_anew(
    write_docs: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main = write_docs["main"]
    assert main([], tmp_path) == 0
    assert main(["--check"], tmp_path) == 0

    (tmp_path / "cli.md").write_text("# Old\n", encoding="utf-8")
    (tmp_path / "schema.md").unlink()
    capsys.readouterr()

    assert main(["--check"], tmp_path) == 1
    assert capsys.readouterr().err.split() == ["stale:", "cli.md", "stale:", "schema.md"]
    assert main([], tmp_path) == 0
    assert main(["--check"], tmp_path) == 0


def test_every_command_is_on_the_page() -> None:
    page = Page(ROOT / "docs" / "cli.md")
    from healthsim.cli import COMMANDS

    assert {f"healthsim-{name}" for name in COMMANDS} <= page.anchors
