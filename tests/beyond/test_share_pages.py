"""Shares in a browser: what they offer, its history, how versions differ; published and pulled by forms, on a real lake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lakes import Lake, workbench
from people import entities
from starlette.testclient import TestClient

from healthsim.web.app import create_app
from healthsim.web.guard import Guard, Keys
from healthsim.workbench import Workbench
from waiting import until

PORT = 43211
HERE = f"http://127.0.0.1:{PORT}"
OURS = {"origin": HERE, "sec-fetch-site": "same-origin"}


@pytest.fixture
def ann(tmp_path: Path, lake: Lake) -> Workbench:
    bench = workbench(tmp_path / "ann", HEALTHSIM_AUTHOR="ann", HEALTHSIM_LOCK_TIMEOUT=300)
    bench.share_add("team", lake.text)
    bench.save("uat", entities(3))
    return bench


@pytest.fixture
def page(ann: Workbench) -> TestClient:
    """A browser that is in."""
    keys = Keys()
    client = TestClient(Guard(create_app(ann), PORT, keys), base_url=HERE, follow_redirects=False)
    assert client.get(f"/?token={keys.new_token()}").status_code == 303
    return client


def finished(page: TestClient, address: str, **form: str) -> dict[str, Any]:
    answer = page.post(address, data=form, headers=OURS)
    assert answer.status_code == 303, answer.text
    run = answer.headers["location"]
    until(lambda: page.get(f"{run}.json").json()["state"] != "running", "the run ends")
    told = dict(page.get(f"{run}.json").json())
    assert told["state"] == "done", told["message"]
    return told


@pytest.mark.long
def test_what_is_published_is_listed_compared_and_pulled(page: TestClient, ann: Workbench) -> None:
    assert "Nothing has been published" in page.get("/shares/team").text
    run = finished(page, "/s/uat/publish", share="team", note="first <b>try</b>")
    assert run["result"] == "/shares/team/versions/uat"
    ann.save("uat", {"patients": [{"patient_id": "P0", "city": "Reno"}, {"patient_id": "P9"}]}, mode="merge")
    finished(page, "/s/uat/publish", share="team")

    assert 'href="/shares/team/versions/uat"' in page.get("/shares/team").text
    history = page.get("/shares/team/versions/uat")
    assert "first &lt;b&gt;try&lt;/b&gt;" in history.text
    assert [item["version"] for item in page.get("/shares/team/versions/uat.json").json()["publications"]] == [2, 1]
    differing = page.get("/shares/team/versions/uat/diff?first=1&second=2")
    assert "added: P9; changed: P0" in differing.text
    assert page.get("/shares/team/versions/uat/diff.csv?first=1&second=2").text.startswith("Table,Before,After")
    assert page.get("/shares/team/versions/uat/diff?first=1&second=9").status_code == 404

    pulled = finished(page, "/shares/team/versions/uat", version="1", as_="before")
    assert pulled["answer"]["proved"]
    assert len(ann.load("before").entities["patients"]) == 3
    assert page.get("/shares/team/versions/nothing").status_code == 404
