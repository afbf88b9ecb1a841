"""Fetching: streamed, continued, checked, refused; from a server on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
import reference_files as made

from healthsim.db.connection import Database
from healthsim.db.reference import fetch, list_loads
from healthsim.db.reference.download import address
from healthsim.errors import HealthSimError, InvalidInput, NotFound, UsageError


class Publisher(BaseHTTPRequestHandler):
    """Serves one file; can break off, and can continue."""

    content: ClassVar[bytes] = b""
    breaks_after: ClassVar[int | None] = None
    ranges: ClassVar[bool] = True
    asked: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        type(self).asked.append(wanted)
        if self.path == "/missing.csv":
            self.send_error(404)
            return
        if self.path == "/broken.csv":
            self.send_error(503)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.ranges else 0
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(self.content) - start))
        if self.ranges:
            self.send_header("ETag", '"one"')
        self.end_headers()
        end = self.breaks_after if self.breaks_after is not None and not start else len(self.content)
        self.wfile.write(self.content[start:end])

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    Publisher.content = made.svi(tmp_path / "published.csv", "2022").read_bytes()
    Publisher.breaks_after, Publisher.ranges, Publisher.asked = None, True, []
    listening = ThreadingHTTPServer(("127.0.0.1", 0), Publisher)
    thread = Thread(target=listening.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{listening.server_address[1]}"
    listening.shutdown()
    listening.server_close()
    thread.join()


def test_fetch_loads_and_records(database: Database, server: str, tmp_path: Path) -> None:
    url = f"{server}/SVI.csv"
    (done,) = fetch(database, "svi", folder=tmp_path / "downloads", release="2022", level="county", url=url)
    assert (done.status, done.release) == ("loaded", "2022")
    load = next(load for load in list_loads(database) if load.release == "2022")
    assert (load.url, len(load.sha256)) == (url, 64)
    assert list((tmp_path / "downloads").iterdir()) == []


@pytest.mark.parametrize("ranges", [True, False])
def test_a_broken_download_is_continued(database: Database, server: str, tmp_path: Path, ranges: bool) -> None:
    Publisher.breaks_after, Publisher.ranges = 500, ranges
    folder = tmp_path / "downloads"
    options = {"folder": folder, "release": "2022", "level": "county", "url": f"{server}/SVI.csv"}
    with pytest.raises(HealthSimError, match=r"was not downloaded: .* 500 bytes are kept in .* it continues"):
        fetch(database, "svi", **options)  # type: ignore[arg-type]  # a dict of options
    assert (folder / "svi_county_2022.csv.part").read_bytes() == Publisher.content[:500]
    Publisher.breaks_after = None
    (done,) = fetch(database, "svi", keep=True, **options)  # type: ignore[arg-type]  # a dict of options
    assert done.status == "loaded"
    assert Publisher.asked == [None, "bytes=500-" if ranges else None]
    assert (folder / "svi_county_2022.csv").read_bytes() == Publisher.content
    assert [path.name for path in folder.iterdir()] == ["svi_county_2022.csv"]


def test_a_part_of_another_address_is_not_continued(database: Database, server: str, tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "svi_county_2022.csv.part").write_bytes(b"something else")
    (folder / "svi_county_2022.csv.part.json").write_text(json.dumps({"url": "http://elsewhere", "tag": '"x"'}))
    fetch(database, "svi", folder=folder, release="2022", level="county", url=f"{server}/SVI.csv")
    assert Publisher.asked == [None]


def test_errors_of_the_server(database: Database, server: str, tmp_path: Path) -> None:
    def failing(url: str) -> None:
        fetch(database, "svi", folder=tmp_path / "downloads", release="2022", level="county", url=url)

    with pytest.raises(NotFound, match=r"missing\.csv does not exist \(HTTP 404\)"):
        failing(f"{server}/missing.csv")
    with pytest.raises(HealthSimError, match="the server answered HTTP 503"):
        failing(f"{server}/broken.csv")
    with pytest.raises(HealthSimError, match=r"it cannot be reached .*are you offline"):
        failing("http://127.0.0.1:9/x.csv")
    with pytest.raises(UsageError, match="is no address of the web"):
        failing("file:///etc/passwd")
    Publisher.content = b"<html><body>Sorry</body></html>"
    with pytest.raises(InvalidInput, match="is a web page, not a table"):
        failing(f"{server}/SVI.csv")


def test_official_addresses() -> None:
    assert address("places", "2022", "county") == (
        "https://data.cdc.gov/api/views/duw2-7jbt/rows.csv?accessType=DOWNLOAD"
    )
    assert address("svi", "2022", "county").endswith("/2022/csv/states_counties/SVI_2022_US_county.csv")
    with pytest.raises(
        UsageError, match="adi cannot be fetched by name: the Neighborhood Atlas gives it to registered"
    ):
        address("adi", "2023", "blockgroup")
    with pytest.raises(NotFound, match=r"There is no official file of PLACES 2031 at level county; known: 2020, 2021"):
        address("places", "2031", "county")
