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


@pytest.mark.long
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


@pytest.fixture
def write_picture() -> dict[str, Any]:
    """What ``scripts/write_picture.py`` defines."""
    return runpy.run_path(str(ROOT / "scripts" / "write_picture.py"))


@pytest.mark.long
def test_the_picture_of_the_readme_shows_what_is_generated(write_picture: dict[str, Any]) -> None:
    assert write_picture["main"](["--check"]) == 0, "run python scripts/write_picture.py"


def test_both_pictures_show_the_same_and_can_be_read_without_being_seen(write_picture: dict[str, Any]) -> None:
    shown = [write_picture["drawn"](write_picture["FOLDER"] / f"county-{scheme}.svg") for scheme in ("light", "dark")]
    assert shown[0] == shown[1]
    assert len(shown[0]) >= 10
    for scheme in ("light", "dark"):
        text = (write_picture["FOLDER"] / f"county-{scheme}.svg").read_text(encoding="utf-8")
        assert 'role="img"' in text
        met = sum(row[5] for row in shown[0])
        assert f"{met} of {len(shown[0])} published figures are met." in text
    assert f"each of {len(shown[0])} conditions" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_a_picture_is_old_when_a_figure_has_moved(write_picture: dict[str, Any]) -> None:
    is_old = write_picture["is_old"]
    now = [("Diabetes", 9.4, 7.5, 11.4, 9.4, True)]
    assert is_old(now, [("Diabetes", 9.4, 7.5, 11.4, 10.3, True)]) == []
    assert is_old(now, [("Diabetes", 9.4, 7.5, 11.4, 10.5, True)]) == ["Diabetes"]
    assert is_old(now, [("Diabetes", 9.9, 7.5, 11.4, 9.4, True)]) == ["Diabetes"], "published anew"
    assert is_old(now, [("Obesity", 28.1, 25.0, 31.0, 28.0, True)]) == ["Obesity", "Diabetes"]
