"""The pages in a real browser: widths, light and dark, without a script, by keyboard, for who hears them, and offline.

Chromium is Debian's (``apt-get install chromium``), driven by playwright; axe-core comes from npm into the folder that
``HEALTHSIM_NPM`` names. What is missing is skipped with its reason.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from clinic_pages import HOSTILE

from healthsim.web.visits import scenario_part
from healthsim.workbench import Workbench
from waiting import PATIENCE, until

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: no page is seen in a browser"
)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        CHROMIUM is None, reason="there is no chromium: no page is seen in a browser (apt-get install chromium)"
    ),
]
#: no sandbox and no graphics where tests run, and nothing that a browser asks of others by itself
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PAGES = [
    "/",
    "/s/clinic",
    "/s/clinic/people?cond=E11",
    "/s/clinic/people/P000?highlight=E11",
    "/s/clinic/figures",
    "/s/clinic/checks",
    "/s/clinic/metrics",
    "/s/clinic/change/delete",
    "/s/nothing",
    "/generate",
    "/conditions",
    "/conditions/type_2_diabetes",
    "/reference",
    "/s/clinic/e/patient/P000",
    "/places",
    "/places?state=CA",
    "/places/06073",
    "/sql",
    "/import",
    "/s/clinic/export",
    "/s/clinic/export?format=fhir",
    "/s/clinic/export?format=omop",
    "/shares",
    "/s/clinic/publish",
    "/compare",
    "/compare?first=clinic&second=clinic",
    "/s/clinic/cohort?condition=E11&sex=F",
    "/sql?q=select+gender,+count(*)+from+patients+group+by+all",
    "/sql?q=select+nothing",
]
WIDTHS = (390, 1240, 1920)

asked_for = pytest.mark.skipif(
    not os.environ.get("HEALTHSIM_TEST_PAGES"),
    reason="HEALTHSIM_TEST_PAGES is not set: pages at every width, without a script and left alone take many minutes",
)


@contextmanager
def served(database: Path, *words: str) -> Iterator[Callable[[], str]]:
    """``healthsim ui`` in a process of its own; called, it gives the address that it printed."""
    said = database.with_suffix(".said")
    command = [
        sys.executable,
        "-c",
        "from healthsim.cli import main; main()",
        "--db",
        str(database),
        "ui",
        "--no-browser",
        *words,
    ]
    with (
        said.open("wb") as stream,
        subprocess.Popen(command, stdout=stream, stderr=stream, stdin=subprocess.DEVNULL) as server,
    ):
        try:
            until(lambda: b"?token=" in said.read_bytes() or server.poll() is not None, "the pages are served")
            addresses = re.findall(r"http://\S+", said.read_text())
            assert addresses, said.read_text()
            yield lambda: str(addresses[-1])
        finally:
            server.terminate()
            assert server.wait(PATIENCE) == 143, said.read_text()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def site(bench: Workbench, database_path: Path) -> Iterator[str]:
    with served(database_path) as address:
        yield address()


class Window:
    """A browser that is in, with what it asked for and what it complained of."""

    def __init__(self, chromium: Any, address: str, **options: Any) -> None:
        self.context = chromium.new_context(**options)
        self.root = address.partition("/?")[0]
        self.page = self.context.new_page()
        self.foreign: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.on(
            "console", lambda message: self.complaints.append(message.text) if message.type == "error" else None
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        if "token" in address:
            self.page.goto(address)
            assert self.page.url == f"{self.root}/"

    def _asked(self, url: str) -> None:
        if not url.startswith((f"{self.root}/", "data:")):
            self.foreign.append(url)

    def go(self, path: str) -> Any:
        self.page.goto(self.root + path, wait_until="networkidle")
        # what comes after the page is looked at, too
        self.page.locator(".htmx-request").first.wait_for(state="detached")
        return self.page


@asked_for
def test_pages_are_read_at_every_width_in_light_and_dark_and_on_paper(
    chromium: Any, site: str, bench: Workbench
) -> None:
    window = Window(chromium, site)
    page = window.page
    pages = [
        *PAGES,
        f"/s/{scenario_part(bench.get(HOSTILE))}",
        f"/s/{scenario_part(bench.get(HOSTILE))}/people/{quote(HOSTILE, safe='')}",
    ]
    axe = _axe()
    for path in pages:
        for scheme, widths in (("light", WIDTHS), ("dark", WIDTHS[1:2])):
            page.emulate_media(color_scheme=scheme)
            for width in widths:
                page.set_viewport_size({"width": width, "height": 900})
                window.go(path)
                wide = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
                assert wide[0] <= wide[1], f"{path} at {width} is wider than the window"
            if axe is not None:
                # evaluated by the browser's own console, to which the policy of the page does not apply
                page.evaluate(axe)
                assert page.evaluate(_FAULTS) == [], (path, scheme)
        page.emulate_media(color_scheme="light", media="print")
        assert not page.locator("header nav").is_visible(), "paper has no menu"
        page.emulate_media(media="screen")
    assert window.foreign == []
    assert [text for text in window.complaints if "status of 4" not in text] == []
    if axe is None:
        pytest.skip("HEALTHSIM_NPM has no axe-core: everything but axe was looked at (npm install axe-core)")


#: what axe finds, shortened
_FAULTS = """axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})
    .then(found => found.violations.map(fault => [fault.id, fault.nodes.slice(0, 3).map(node => node.html.slice(0, 150))]))"""


def _axe() -> str | None:
    script = Path(os.environ.get("HEALTHSIM_NPM", "/nowhere"), "node_modules/axe-core/axe.min.js")
    return script.read_text(encoding="utf-8") if script.is_file() else None


@asked_for
def test_everything_works_without_a_script(chromium: Any, site: str) -> None:
    window = Window(chromium, site, java_script_enabled=False)
    page = window.page
    for path in PAGES:
        page.goto(window.root + path)
        assert page.locator("h1").count() == 1
    page.goto(f"{window.root}/s/clinic")
    page.get_by_role("link", name="Hold it against").click()
    assert page.url.endswith("/s/clinic/figures")
    page.goto(f"{window.root}/s/clinic/people")
    page.get_by_label("Condition").fill("E11")
    page.get_by_role("button", name="Show").click()
    assert "cond=E11" in page.url
    page.get_by_role("link", name="Ada Birch000").click()
    page.locator("a.hs-mark").first.click()
    assert re.search(r"#e\d+$", page.url)
    page.goto(f"{window.root}/s/clinic/change/rename")
    page.get_by_label("New name").fill("renamed")
    page.get_by_role("button", name="Rename").click()
    assert page.url.endswith("/s/renamed")
    page.goto(f"{window.root}/s/renamed/people?cond=E11")
    page.get_by_role("link", name="Save as cohort").click()
    page.get_by_label("Save them").fill("the ill")
    page.get_by_role("button", name="Save as cohort").click()
    # without a script the page of a run asks for itself again until it is done
    page.get_by_role("link", name="See what was made").click()
    page.get_by_role("link", name="Export", exact=True).click()
    page.get_by_role("link", name="share", exact=True).click()
    page.get_by_role("button", name="Write share").click()
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Download the-ill.json").click()
    page.goto(f"{window.root}/import")
    page.get_by_label("Files of yours").set_input_files(fetched.value.path())
    page.get_by_label("Name of the scenario").fill("back again")
    page.get_by_role("button", name="Import").click()
    page.get_by_role("link", name="See what was made").click()
    assert page.locator("h1").inner_text() == "back again"


def test_what_takes_long_comes_after_the_page(chromium: Any, site: str) -> None:
    page = Window(chromium, site).go("/s/clinic")
    page.locator("#verdict .says").wait_for()
    assert page.url.endswith("/s/clinic")


def test_keys(chromium: Any, site: str) -> None:
    window = Window(chromium, site)
    page = window.go("/s/clinic/people")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.press("Escape")
    page.keyboard.press("]")
    page.wait_for_url("**page=2*")
    page.keyboard.press("[")
    page.wait_for_url("**/people")
    page.keyboard.press("?")
    assert page.locator("dialog[open]").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    page.keyboard.press("Escape")
    page.wait_for_url("**/s/clinic")
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url(f"{window.root}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.outerHTML.slice(0, 80)"))
    assert len(seen) > 5, "the rest of the page is reached"


def test_the_address_lets_one_browser_in(chromium: Any, site: str) -> None:
    Window(chromium, site)
    second = chromium.new_context().new_page()
    answer = second.goto(site)
    assert answer.status == 401
    assert "Press Enter" in second.inner_text("body")


@asked_for
def test_it_ends_when_nobody_looks(bench: Workbench, database_path: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "from healthsim.cli import main; main()",
        "--db",
        str(database_path),
        "ui",
        "--no-browser",
        "--idle",
        "0.01",
    ]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
