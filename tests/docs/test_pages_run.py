"""Every command and every piece of code on a page does what the page says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from doc_pages import USER_PAGES, Page
from doc_runner import SHELL, Stopped, Terminal, names_healthsim

RUNNABLE = [
    page
    for page in USER_PAGES
    if any(block.language == "python" or (block.language in SHELL and names_healthsim(block)) for block in page.blocks)
]


@pytest.mark.skipif(os.name == "nt", reason="the pages are written for a POSIX shell and its paths")
@pytest.mark.parametrize("page", RUNNABLE, ids=lambda page: page.name)
@pytest.mark.long
def test_a_page_can_be_followed_from_top_to_bottom(page: Page, tmp_path: Path) -> None:
    assert Terminal(tmp_path / "r").follow(page) > 0


def made(folder: Path, text: str) -> Page:
    """A page of that text, outside of the repository."""

    class Elsewhere(Page):
        @property
        def name(self) -> str:
            return self.path.name

    path = folder / "page.md"
    path.write_text(text, encoding="utf-8")
    return Elsewhere(path)


@pytest.mark.skipif(os.name == "nt", reason="the pages are written for a POSIX shell and its paths")
@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        ("```console\n$ healthsim scenario list\nThere are two scenarios.\n```", "There are no scenarios yet"),
        ("```console\n$ healthsim scenario show nobody\n```", "ended with 3"),
        ("```console\n$ healthsim scenario list\nhealthsim: refused\n```", "ended with 0"),
        ("```bash\nhealthsim scenario lst\n```", "ended with 2"),
        ("```bash\nhealthsim status && healthsim doctor\n```", "cannot be run here"),
        ("```bash\nhealthsim status\ncurl example.org\n```", "cannot be run here"),
        ('```python\nprint("one")\n```\n```output\ntwo\n```', "two"),
    ],
)
def test_a_page_that_is_wrong_is_found_out(tmp_path: Path, block: str, complaint: str) -> None:
    with pytest.raises(Stopped, match=complaint):
        Terminal(tmp_path / "r").follow(made(tmp_path, block))


@pytest.mark.skipif(os.name == "nt", reason="the pages are written for a POSIX shell and its paths")
def test_what_differs_from_run_to_run_may_differ(tmp_path: Path) -> None:
    page = made(
        tmp_path,
        '```json title=clinic.json\n{"patients": [{"mrn": "M1"}]}\n```\n'
        "```console\n$ healthsim scenario import clinic.json --json\n"
        '{\n  "scenario_id": "00000000-0000-0000-0000-000000000000",\n  "name": "clinic",\n...\n}\n'
        "$ healthsim scenario export clinic -o - | healthsim scenario save copy --from -\n"
        "Saved 'copy': 1 entity (patients 1).\n```",
    )
    assert Terminal(tmp_path / "r").follow(page) == 1
