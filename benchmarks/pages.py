"""How long pages take to their first byte, as multiples of the bare queries that they ask.

    python benchmarks/pages.py [--persons 2000] [--database PATH]

A scenario of a county is generated (or one called ``pages`` is taken from the database that is named), the pages are served behind
their guard by a real server on this machine, and each is asked for several times by one browser that is in. Beside each page stands
the query of the workbench that it cannot do without, asked alone; both are medians, so that a busy machine slows both.
What comes after a page (published figures, checks) is no part of it.
"""

from __future__ import annotations

import argparse
import http.client
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn

import healthsim as hs
from healthsim.web.app import create_app
from healthsim.web.guard import Guard, Keys
from healthsim.web.serving import listening

NAME, COUNTY = "pages", "06073"


def median_of(work: Callable[[], Any], times: int) -> float:
    """Seconds that something takes, the median of several times after one that is not counted."""
    work()
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


class Browser:
    """One connection that is let in."""

    def __init__(self, port: int, token: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.cookie = ""
        self.cookie = self._ask(f"/?token={token}", 303).partition(";")[0]

    def _ask(self, path: str, expected: int) -> str:
        self.connection.request("GET", path, headers={"cookie": self.cookie} if self.cookie else {})
        answer = self.connection.getresponse()
        cookie = answer.getheader("set-cookie") or ""
        answer.read(1)
        self.first_byte = time.perf_counter()
        self.size = len(answer.read()) + 1
        assert answer.status == expected, (path, answer.status)
        return cookie

    def first(self, path: str, times: int) -> float:
        """Seconds to the first byte of a page, the median of several times after one that is not counted."""
        self._ask(path, 200)
        taken = []
        for _ in range(times):
            begun = time.perf_counter()
            self._ask(path, 200)
            taken.append(self.first_byte - begun)
        return statistics.median(taken)


def measured(bench: Any, times: int) -> list[tuple[str, float, float, int]]:
    """Page, seconds of its bare query, seconds to its first byte, bytes."""
    person = bench.people(NAME, limit=1).people[0].patient_id
    pages: dict[str, tuple[str, Callable[[], Any]]] = {
        "scenario": (f"/s/{NAME}", lambda: bench.profile(NAME)),
        "people": (f"/s/{NAME}/people", lambda: bench.people(NAME)),
        "person": (f"/s/{NAME}/people/{person}", lambda: bench.person(NAME, person)),
        "map": ("/places?measure=DIABETES", lambda: bench.measure("DIABETES")),
        "map of a state": ("/places?measure=DIABETES&state=CA", lambda: bench.measure("DIABETES", state="CA")),
    }
    sockets = listening()
    port = sockets[0].getsockname()[1]
    keys = Keys()
    server = uvicorn.Server(
        uvicorn.Config(Guard(create_app(bench), port, keys), log_level="warning", ws="none", lifespan="off")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": sockets}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        browser = Browser(port, keys.new_token())
        rows = []
        for name, (path, query) in pages.items():
            bare = median_of(query, times)
            rows.append((name, bare, browser.first(path, times), browser.size))
    finally:
        server.should_exit = True
        thread.join()
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=2_000)
    parser.add_argument("--times", type=int, default=9, help="how often each is asked for")
    parser.add_argument("--database", type=Path, help="one with a scenario called pages, or where it is to be kept")
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = hs.open(said.database or Path(folder, "pages.duckdb"))
        if NAME not in [scenario.name for scenario in bench.list().scenarios]:
            begun = time.perf_counter()
            bench.generate(size=said.persons, counties=[COUNTY], seed=1, as_=NAME)
            print(f"generated {said.persons:,} persons in {time.perf_counter() - begun:.1f} s")
        people = bench.get(NAME).entities_by_type["patients"]
        print(f"{people:,} persons; medians of {said.times}\n")
        print(f"{'page':<16}{'bare query':>12}{'first byte':>12}{'multiple':>10}{'KB':>8}")
        for name, bare, page, size in measured(bench, said.times):
            print(
                f"{name:<16}{1_000 * bare:>9,.0f} ms{1_000 * page:>9,.0f} ms{page / bare:>9.1f}x{size / 1_000:>8,.0f}"
            )


if __name__ == "__main__":
    main()
