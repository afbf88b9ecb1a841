"""No link leads nowhere."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from doc_pages import ALL_PAGES, ROOT, Page


@pytest.mark.parametrize("page", ALL_PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Page) -> None:
    broken = [f"line {line}: {target}" for line, target in page.links if not leads_somewhere(page, target)]
    assert not broken, f"{page.name} has links that lead nowhere"


def leads_somewhere(page: Page, target: str) -> bool:
    """Whether a link within the repository has its file and its heading; others only have to look like links."""
    parts = urlsplit(target)
    if parts.scheme:
        return parts.scheme == "mailto" or (parts.scheme in ("http", "https") and "." in parts.netloc)
    path = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
    if not path.exists() or not path.is_relative_to(ROOT):
        return False
    return not parts.fragment or (path.suffix == ".md" and parts.fragment in Page(path).anchors)


def test_the_pages_are_found() -> None:
    names = {page.name for page in ALL_PAGES}
    assert {"README.md", "CONTRIBUTING.md", "docs/cli.md", "skills/common/state-management.md"} <= names
    assert sum(len(page.links) for page in ALL_PAGES) > 10
