"""Fetching official files: the only code that reaches for the network, and only when it is asked to.

A download is streamed to a ``.part`` file and continued where it stopped, where the server can do that.
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from healthsim.db.reference.loader import Imported, import_files
from healthsim.errors import HealthSimError, NotFound, UsageError
from healthsim.remedies import remedy

if TYPE_CHECKING:
    from healthsim.db.connection import Database

Progress = Callable[[str, int, int], None]

_CDC = "https://data.cdc.gov/api/views/{id}/rows.csv?accessType=DOWNLOAD"
_SVI = "https://svi.cdc.gov/Documents/Data/{release}/csv/"
#: (level, release) -> id at data.cdc.gov; long files, which say more than wide ones (what is suppressed, survey years)
PLACES: dict[tuple[str, str], str] = {
    ("county", "2020"): "dv4u-3x3q",
    ("county", "2021"): "pqpp-u99h",
    ("county", "2022"): "duw2-7jbt",
    ("county", "2023"): "h3ej-a9ec",
    ("county", "2024"): "fu4u-a9bh",
    ("county", "2025"): "swc5-untb",
    ("tract", "2020"): "4ai3-zynv",
    ("tract", "2021"): "373s-ayzu",
    ("tract", "2022"): "nw2y-v4gm",
    ("tract", "2023"): "em5e-5hvn",
    ("tract", "2024"): "ai6z-tcin",
    ("tract", "2025"): "cwsq-ngmh",
    ("place", "2020"): "q8xq-ygsk",
    ("place", "2021"): "q8ig-wwk9",
    ("place", "2022"): "epbn-9bv3",
    ("place", "2023"): "krqc-563j",
    ("place", "2024"): "sd8v-uq83",
    ("place", "2025"): "eav7-hnsx",
    ("zcta", "2020"): "fbbf-hgkc",
    ("zcta", "2021"): "s85h-9xpy",
    ("zcta", "2022"): "gd4x-jyhw",
    ("zcta", "2023"): "9umn-c3jf",
    ("zcta", "2024"): "4r2x-hcfq",
    ("zcta", "2025"): "qnzd-25i4",
}
SVI_RELEASES = ("2000", "2010", "2014", "2016", "2018", "2020", "2022")
BRING_YOUR_OWN = {
    "adi": "the Neighborhood Atlas gives it to registered users only and it may not be passed on: download it from"
    " https://www.neighborhoodatlas.medicine.wisc.edu and import the file",
    "nppes": "its address changes every week: download the zip from https://download.cms.gov/nppes/NPI_Files.html and"
    " import it, or give its address",
    "counties": "there is no CSV of a fixed form: import a county list, or give an address",
    "cbsa": "it is published as an Excel workbook: save it as CSV and import that, or give an address",
    "ct_crosswalk": "give its address, or import the file",
}


def address(dataset: str, release: str, level: str) -> str:
    """The official address of a file.

    Raises:
        NotFound: there is none for this release and level.
        UsageError: the dataset cannot be fetched.
    """
    if dataset == "places":
        if (level, release) not in PLACES:
            known = ", ".join(sorted({release for known_level, release in PLACES if known_level == level}))
            raise NotFound(
                f"There is no official file of PLACES {release} at level {level}; known:"
                f" {known or 'county, tract, place, zcta'}."
                f" Newer ones: give their address with {remedy('the address')}."
            )
        return _CDC.format(id=PLACES[level, release])
    if dataset == "svi":
        if release not in SVI_RELEASES or level not in ("county", "tract"):
            raise NotFound(
                f"There is no official file of SVI {release} at level {level}; known: county and tract of"
                f" {', '.join(SVI_RELEASES)}. Newer ones: give their address with {remedy('the address')}."
            )
        folder = _SVI.format(release=release)
        return folder + (
            f"states_counties/SVI_{release}_US_county.csv" if level == "county" else f"states/SVI_{release}_US.csv"
        )
    if dataset in BRING_YOUR_OWN:
        raise UsageError(f"{dataset} cannot be fetched by name: {BRING_YOUR_OWN[dataset]}.", dataset=dataset)
    raise UsageError(f"There is no dataset {dataset!r}; expected places, svi, {', '.join(sorted(BRING_YOUR_OWN))}.")


def fetch(
    database: Database,
    dataset: str,
    *,
    folder: Path,
    release: str,
    level: str,
    url: str | None = None,
    keep: bool = False,
    progress: Progress | None = None,
) -> list[Imported]:
    """Download an official file and import it.

    Args:
        folder: where the download lies while it is under way; what was downloaded before is continued.
        url: another address than the official one.
        keep: leave the file in the folder after the import.

    Raises:
        HealthSimError: the network or the server failed. What was downloaded stays and is continued next time.
    """
    source = url or address(dataset, release, level)
    target = download(source, folder / file_name(source, dataset, level, release), progress=progress)
    done = import_files(
        database,
        [target],
        dataset=dataset,
        level=level if dataset != "nppes" else None,
        release=release,
        url=source,
        progress=progress,
    )
    if not keep:
        target.unlink()
    return done


def file_name(url: str, dataset: str, level: str, release: str) -> str:
    """What a download is called: what it is, and the ending of its address."""
    ending = re.search(r"(\.csv|\.txt)?(\.gz|\.zip)$|\.csv$|\.txt$", unquote(urlsplit(url).path), re.I)
    return re.sub(r"[^\w.-]", "_", f"{dataset}_{level}_{release}") + (ending.group(0).lower() if ending else ".csv")


def download(url: str, target: Path, *, progress: Progress | None = None, timeout: float = 60.0) -> Path:
    """Download to a file, continuing what is there of an earlier attempt at the same address; the file.

    Raises:
        UsageError: the address is none of the web.
        NotFound: the server has no such file.
        HealthSimError: the network or the server failed; the part that arrived stays.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise UsageError(
            f"{url!r} is no address of the web; expected http:// or https://. Files are imported, not fetched."
        )
    part = target.with_name(target.name + ".part")
    notes = target.with_name(target.name + ".part.json")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _answer(url, part, notes, timeout) as response:
            start = part.stat().st_size if response.status == 206 and part.exists() else 0
            total = start + int(response.headers.get("Content-Length") or 0)
            notes.write_text(json.dumps({"url": url, "tag": _tag(response)}), encoding="utf-8")
            with part.open("ab" if start else "wb") as stream:
                while chunk := response.read(1 << 18):
                    stream.write(chunk)
                    start += len(chunk)
                    if progress is not None:
                        progress(target.name, start, total)
    except urllib.error.HTTPError as error:
        if error.code in (404, 410):
            raise NotFound(f"{url} does not exist (HTTP {error.code}). Check the address.", url=url) from None
        raise _failed(url, part, f"the server answered HTTP {error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        raise _failed(url, part, f"it cannot be reached ({error.reason}); are you offline?") from None
    except (HTTPException, TimeoutError, ConnectionError) as error:
        raise _failed(url, part, f"the connection broke off ({type(error).__name__})") from None
    except OSError as error:
        raise HealthSimError(f"{target} cannot be written ({error.strerror}).", path=str(target)) from None
    if total and part.stat().st_size < total:
        raise _failed(url, part, f"only {part.stat().st_size:,} of {total:,} bytes arrived")
    part.replace(target)
    notes.unlink(missing_ok=True)
    return target


def _answer(url: str, part: Path, notes: Path, timeout: float) -> HTTPResponse:
    """The response, of the rest where a part is there and the server still has the same file."""
    headers = {"User-Agent": "healthsim", "Accept-Encoding": "identity"}
    tag = _noted(notes, url)
    if tag and part.exists() and part.stat().st_size:
        headers |= {"Range": f"bytes={part.stat().st_size}-", "If-Range": tag}
    try:
        opened: HTTPResponse = urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=timeout)
    except urllib.error.HTTPError as error:
        if error.code != 416 or "Range" not in headers:
            raise
        # what is there is as long as the file, or longer: begin anew
        error.close()
        part.unlink(missing_ok=True)
        opened = urllib.request.urlopen(
            urllib.request.Request(url, headers={"User-Agent": "healthsim", "Accept-Encoding": "identity"}),
            timeout=timeout,
        )
    return opened


def _noted(notes: Path, url: str) -> str | None:
    try:
        noted = json.loads(notes.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return noted.get("tag") if isinstance(noted, dict) and noted.get("url") == url else None


def _tag(response: HTTPResponse) -> str | None:
    tag = response.headers.get("ETag")
    # a weak tag does not promise the same bytes
    return tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified")


def _failed(url: str, part: Path, why: str) -> HealthSimError:
    kept = f" {part.stat().st_size:,} bytes are kept in {part}." if part.exists() and part.stat().st_size else ""
    return HealthSimError(
        f"{url} was not downloaded: {why}. Nothing was loaded.{kept} Try again: it continues where it stopped, if"
        " the server"
        f" allows. Or download the file yourself and import it: {remedy('import reference data')}.",
        url=url,
    )
