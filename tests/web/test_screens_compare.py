"""Two scenarios side by side, and people who fulfil criteria as a scenario of their own."""

from __future__ import annotations

import csv
import io

import pytest
from clinic_pages import HOSTILE
from starlette.testclient import TestClient
from test_screens_exchange import OURS, finished

from healthsim.web.screens.cohort import criteria_of
from healthsim.workbench import Workbench

WOMEN = {"patients": [{"patient_id": f"W{n}", "gender": "F", "birth_date": "1950-01-01"} for n in range(10)]}


def test_two_scenarios_are_chosen_and_their_stars_wanted(page: TestClient, bench: Workbench) -> None:
    bench.save("women", WOMEN)
    shown = page.get("/compare?first=clinic&second=women")
    assert "Build the star of clinic" in shown.text
    assert "Build the star of women" in shown.text
    held = page.get("/compare.csv?first=clinic&second=women").text
    assert ["patients", "120", "10", "-110"] in list(csv.reader(io.StringIO(held)))
    assert page.get("/compare?first=clinic&second=nobody").status_code == 404


@pytest.mark.long
def test_people_and_metrics_are_compared(page: TestClient, bench: Workbench) -> None:
    bench.save("women", WOMEN)
    bench.build("clinic", "women")
    people = page.get("/compare?first=clinic&second=women")
    assert "characteristics differ" in people.text
    assert "hs-row" in people.text
    answer = page.get("/compare.json?first=clinic&second=women&m=persons&by=gender").json()
    assert sorted([row[0], row[3], row[4]] for row in answer["rows"]) == [["F", 60, 10], ["M", 60, 0]]
    assert "second less first" in people.text
    assert page.get("/compare?first=clinic&second=women&m=luck").status_code in (404, 422)


def test_a_cohort_is_found_and_saved(page: TestClient) -> None:
    found = page.get("/s/clinic/cohort.json?condition=E11&sex=F").json()
    assert found["count"] == 4
    assert [step["persons"] for step in found["attrition"]] == [120, 7, 4]
    shown = page.get("/s/clinic/cohort?condition=E11&sex=F").text
    assert "healthsim cohort clinic --condition E11 --sex F" in shown
    assert 'href="/s/clinic/people/P000?index=2020-01-01&amp;highlight=E11"' in shown
    run = finished(
        page, page.post("/s/clinic/cohort", data={"condition": "E11", "sex": "F", "as_": "ill women"}, headers=OURS)
    )
    assert run["state"] == "done", run["message"]
    assert page.get("/s/ill women.json").json()["entities_by_type"]["patients"] == 4
    assert page.post("/s/clinic/cohort", data={"as_": "all"}, headers=OURS).status_code == 422
    assert page.get("/s/clinic/cohort?age=old").status_code == 422
    assert (
        page.post("/s/clinic/cohort", data={"sex": "F", "as_": "x"}, headers={"origin": "http://elsewhere"}).status_code
        == 403
    )


def test_lists_and_metrics_lead_to_the_cohort_where_they_define_one(page: TestClient, bench: Workbench) -> None:
    assert 'href="/s/clinic/cohort?condition=E11&amp;age=65%2B"' in page.get("/s/clinic/people?cond=E11&age=65%2B").text
    assert "/cohort?" not in page.get("/s/clinic/people?cond=E11&q=birch").text, "a name is no criterion"
    bench.build("clinic")
    shown = page.get("/s/clinic/metrics?m=persons&where=gender%3DF").text
    assert 'href="/s/clinic/cohort?sex=F"' in shown
    assert criteria_of(["age_band=65+", "plan=Gold", "nothing"]) == {"age": "65+"}


def test_shares_are_named_in_a_terminal_only(page: TestClient, bench: Workbench) -> None:
    assert "No share has a name yet" in page.get("/shares").text
    bench.share_add("team", "ducklake:postgres:dbname=team host=db.example")
    assert "db.example" in page.get("/shares").text
    assert "<option selected>team" in page.get("/s/clinic/publish?share=team").text


def test_no_page_makes_this_machine_talk_to_a_place_without_a_name(page: TestClient, bench: Workbench) -> None:
    """Server-side request forgery: a location instead of the name of a share."""
    for text in (
        "ducklake:sqlite:%2Ftmp%2Fx",
        "ducklake:postgres:host=attacker.example",
        "md:theirs",
        HOSTILE.replace("/", "%2F"),
    ):
        answer = page.get(f"/shares/{text}")
        assert answer.status_code == 404, text
        assert "<script>" not in answer.text
    published = page.post("/s/clinic/publish", data={"share": "md:theirs"}, headers=OURS)
    assert published.status_code == 404
    assert "There is no share named" in published.text
    assert page.post("/shares/md:theirs/versions/x", data={}, headers=OURS).status_code == 404
