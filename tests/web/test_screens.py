"""The screens: what they show, as a page, as JSON and as CSV; and that looking changes nothing."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pytest
from clinic_pages import HERE, HOSTILE, browser
from starlette.testclient import TestClient

from healthsim.config import Settings
from healthsim.results import CountyFigure, CountyMeasure
from healthsim.web import visits
from healthsim.web.guard import Keys
from healthsim.web.rendering import number, plural, size
from healthsim.web.runs import Run, Runs
from healthsim.web.screens import SCREENS, library
from healthsim.web.visits import scenario_part
from healthsim.workbench import Workbench
from waiting import until

OURS = {"origin": HERE, "sec-fetch-site": "same-origin"}
#: runs have tests of their own; a share is a lake, which tests/beyond has
_ELSEWHERE = re.compile(r"\{(run|share)\}")
EXAMPLES = {
    "name": "clinic",
    "person": "P000",
    "action": "rename",
    "fips": "06073",
    "type": "patients",
    "id": "P000",
    "condition": "type_2_diabetes",
}


def addresses() -> list[str]:
    """The address of every screen that is looked at, filled in."""
    looked_at = [screen.path for screen in SCREENS if not screen.form and not _ELSEWHERE.search(screen.path)]
    return [re.sub(r"\{(\w+)(?::\w+)?\}", lambda place: EXAMPLES[place[1]], path) for path in looked_at]


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("address", addresses())
def test_every_screen_is_a_page_and_json(page: TestClient, address: str) -> None:
    answer = page.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.count("<h1>") == answer.text.count("<main ") == 1
    assert "All data is synthetic" in answer.text
    assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", answer.text), "nothing is asked of others"
    assert not re.search(r"<\w[^>]* (?:style|on\w+)=|<style|<script>|javascript:", answer.text), (
        "nothing that the policy forbids"
    )
    data = page.get(("/index" if address == "/" else address) + ".json")
    assert data.status_code == 200
    assert isinstance(data.json(), dict)


@pytest.mark.parametrize(
    "screen",
    [screen for screen in SCREENS if screen.csv and not _ELSEWHERE.search(screen.path)],
    ids=lambda screen: screen.path,
)
def test_tables_are_csv_with_all_rows(page: TestClient, screen: object) -> None:
    address = re.sub(r"\{(\w+)(?::\w+)?\}", lambda place: EXAMPLES[place[1]], screen.path)  # type: ignore[attr-defined]
    answer = page.get(("/index" if address == "/" else address) + ".csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    table = rows(answer.text)
    assert {len(row) for row in table} == {len(table[0])}


@pytest.mark.long
def test_looking_changes_nothing(page: TestClient, database_path: Path) -> None:
    def state() -> str:
        with duckdb.connect(str(database_path), read_only=True) as connection:
            facts = connection.execute("SELECT * FROM scenarios ORDER BY ALL").fetchall()
            tags = connection.execute("SELECT * FROM scenario_tags ORDER BY ALL").fetchall()
        return hashlib.sha256(repr((facts, tags)).encode()).hexdigest()

    before = state()
    for address in [*addresses(), "/s/clinic/change/delete", "/s/clinic/change/delete?value=clinic"]:
        assert page.get(address).status_code == 200
        assert page.head(address).status_code in (200, 405)
    assert state() == before


def test_the_library_is_searched_sorted_and_paged(
    page: TestClient, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (visits, library):
        monkeypatch.setattr(module, "PAGE", 2)
    for name in ("s1", "s2", "s3"):
        bench.save(name, {"patients": [{"patient_id": "P"}]}, tags=["many"])
    first = page.get("/?tag=many&sort=name").text
    assert first.count('<a href="/s/s') == 2
    assert 'rel="next" href="/?tag=many&amp;sort=name&amp;page=2"' in first
    second = page.get("/?tag=many&sort=name&page=2").text
    assert second.count('<a href="/s/s') == 1
    assert len(rows(page.get("/index.csv?tag=many").text)) == 4
    assert "No scenario matches" in page.get("/?q=nothing+such").text
    assert page.get("/?sort=weight").status_code == 422
    assert page.get("/?page=0").status_code == 422


def test_an_empty_library_says_how_to_begin(database_path: Path, keys: Keys) -> None:
    with browser(Workbench(Settings.load(database=str(database_path))), keys) as client:
        shown = client.get("/").text
    assert "There is no scenario yet" in shown
    assert "healthsim generate --size 500" in shown


def test_a_scenario_shows_what_it_holds(page: TestClient) -> None:
    shown = page.get("/s/clinic").text
    assert "<dt>people</dt><dd>120</dd>" in shown
    assert "Meridian" in shown, "the payer of the members"
    assert 'hx-get="/s/clinic/figures"' in shown, "what takes long comes after the page"
    assert 'href="/s/clinic/figures"' in shown, "and is a link without a script"
    data = page.get("/s/clinic.json").json()
    assert sum(group["women"] + group["men"] for group in data["profile"]["ages"]) == 120


def test_people_are_narrowed_and_paged(page: TestClient) -> None:
    assert page.get("/s/clinic/people").text.count('<a href="/s/clinic/people/P') == 50
    assert len(rows(page.get("/s/clinic/people.csv").text)) == 121
    assert page.get("/s/clinic/people.json?cond=e11").json()["total"] == 7
    assert page.get("/s/clinic/people.json?cond=diabetes&sex=M").json()["total"] == 3
    assert page.get("/s/clinic/people.json?q=birch01").json()["total"] == 10
    assert page.get("/s/clinic/people.json?q=mrn5").json()["total"] == 1
    ages = page.get("/s/clinic/people.json?age=80%2B").json()
    assert all(person["birth_date"] < "1945-10-01" for person in ages["people"])
    assert ages["total"] == 12
    nobody = page.get("/s/clinic/people?q=zzz&sex=F").text
    assert "Nobody matches" in nobody
    assert 'href="/s/clinic/people?sex=F"' in nobody, "what can be left away is a link"
    assert page.get("/s/clinic/people?age=old").status_code == 422
    (first,) = page.get("/s/clinic/people.json?q=P000").json()["people"]
    assert (first["conditions"], first["contacts"], first["paid"]) == (1, 5, 1234.5)


def test_a_person_keeps_its_state_in_the_address(page: TestClient) -> None:
    shown = page.get("/s/clinic/people/P000?from=2025-01-01&to=2025-12-31&highlight=E11&hide=claims").text
    assert "hs-lit" in shown
    assert "hs-claims" not in shown
    marks = set(re.findall(r'href="#(e\d+)"', shown))
    assert marks
    assert all(f'id="{mark}"' in shown for mark in marks), "every mark leads to a row"
    only = page.get("/s/clinic/people/P000?lanes=coverage").text
    assert "hs-coverage" in only
    assert "hs-care" not in only
    assert page.get("/s/clinic/people/P000?index=soon").status_code == 422
    assert "Nearest: P000" in page.get("/s/clinic/people/P00x").text


def test_whatever_a_scenario_says_is_text(page: TestClient, bench: Workbench) -> None:
    part = quote(scenario_part(bench.get(HOSTILE)), safe="")
    assert re.fullmatch(r"[0-9a-f-]{36}", part), "such a name goes by its id"
    person = quote(HOSTILE, safe="")
    for address in (
        "/",
        f"/?q={person}",
        f"/s/{part}",
        f"/s/{part}/people",
        f"/s/{part}/people/{person}",
        f"/s/{part}/checks",
        f"/s/{part}/figures",
        f"/s/{part}/change/delete",
        f"/s/{person}",
        f"/nothing{person}",
    ):
        text = page.get(address).text
        assert "<script>" not in text, address
        assert "<svg onload" not in text, address
        assert "alert(1)" in text or "clinic" in text or "Not found" in text


def test_changes_are_asked_for_first_and_done_by_a_form(page: TestClient) -> None:
    assert "for good" in page.get("/s/clinic/change/delete").text
    assert page.post("/s/clinic/change/delete", data={"value": "clinik"}, headers=OURS).status_code == 422
    assert page.post("/s/clinic/change/tag", data={"value": "new"}, headers=OURS).status_code == 303
    assert 'href="/?tag=new"' in page.get("/s/clinic").text
    assert page.post("/s/clinic/change/clone", data={"value": "copy"}, headers=OURS).headers["location"] == "/s/copy"
    assert page.post("/s/clinic/change/rename", data={"value": "copy"}, headers=OURS).status_code == 409
    assert page.post("/s/clinic/change/rename", data={"value": ""}, headers=OURS).status_code == 422
    assert page.post("/s/copy/change/delete", data={"value": "copy"}, headers=OURS).headers["location"] == "/"
    assert page.get("/s/copy").status_code == 404
    assert page.post("/s/clinic/change/explode", data={"value": "x"}, headers=OURS).status_code == 422


def test_errors_are_pages_and_objects(page: TestClient) -> None:
    missing = page.get("/s/clinik")
    assert missing.status_code == 404
    assert "Did you mean &#39;clinic&#39;?" in missing.text
    assert page.get("/s/clinik.json").json()["error"]["code"] == "not_found"
    assert page.get("/no/such/page").status_code == 404
    assert "Traceback" not in missing.text


@pytest.mark.long
def test_a_database_that_is_held_says_who_holds_it_and_tries_again(
    bench: Workbench, keys: Keys, database_path: Path
) -> None:
    script = "import duckdb, sys\nc = duckdb.connect(sys.argv[1])\nprint('held', flush=True)\nsys.stdin.read()"
    with (
        browser(bench, keys) as client,
        subprocess.Popen(
            [sys.executable, "-c", script, str(database_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as holder,
    ):
        assert holder.stdout is not None
        holder.stdout.readline()
        answer = client.get("/")
        assert holder.stdin is not None
        holder.stdin.close()
    assert answer.status_code == 503
    assert str(holder.pid) in answer.text
    assert '<meta http-equiv="refresh"' in answer.text


def finished(page: TestClient, address: str) -> dict[str, Any]:
    """A run, when it has ended."""
    until(lambda: page.get(f"{address}.json").json()["state"] != "running", "the run ends")
    return dict(page.get(f"{address}.json").json())


@pytest.mark.long
def test_people_are_generated_while_nobody_looks(page: TestClient) -> None:
    shown = page.get("/generate?size=20&county=06073").text
    assert 'name="size" value="20"' in shown
    answer = page.post(
        "/generate", data={"size": "20", "county": "San Diego County, CA", "as_": "new", "ages": "40-60"}, headers=OURS
    )
    address = answer.headers["location"]
    assert answer.status_code == 303
    assert "healthsim generate --size 20" in page.get(address).text
    run = finished(page, address)
    assert run["state"] == "done", run["message"]
    assert page.get(run["result"]).status_code == 200
    assert page.get("/s/new.json").json()["entities_by_type"]["patients"] == 20
    assert "See what was made" in page.get(address).text
    again = finished(page, page.post("/generate", data={"size": "20", "as_": "new"}, headers=OURS).headers["location"])
    assert again["state"] == "failed"
    assert "'new'" in again["message"], "the name is taken"
    for wrong in ({"size": "many"}, {"ages": "old"}, {"size": "2,000,000"}):
        assert page.post("/generate", data=wrong, headers=OURS).status_code == 422
    assert page.get("/runs/lost").status_code == 404
    assert "nothing" in page.get("/runs/lost").text.lower() or "not saved" in page.get("/runs/lost").text


@pytest.mark.long
def test_metrics_want_a_star_and_say_how_they_are_counted(page: TestClient) -> None:
    assert "The star is not built yet" in page.get("/s/clinic/metrics").text
    run = finished(page, page.post("/s/clinic/metrics", data={"build": "star"}, headers=OURS).headers["location"])
    assert run["state"] == "done", run["message"]
    shown = page.get("/s/clinic/metrics?m=persons&by=gender").text
    assert "hs-row" in shown, "bars"
    assert "healthsim analytics query persons --by gender --scenario clinic" in shown
    assert "SELECT" in shown, "the statement"
    answer = page.get("/s/clinic/metrics.json?m=persons&by=gender").json()
    assert sorted(answer["rows"]) == [["F", 60], ["M", 60]]
    assert rows(page.get("/s/clinic/metrics.csv?m=persons&by=gender").text)[0] == ["gender", "persons"]
    lines = page.get("/s/clinic/metrics?m=encounters&by=month").text
    assert "hs-small" in lines
    filtered = page.get("/s/clinic/metrics.json?m=persons&where=gender%3DF").json()
    assert filtered["rows"] == [[60]]
    assert page.get("/s/clinic/metrics?m=nothing").status_code in (404, 422)


@pytest.mark.long
def test_a_question_in_sql(page: TestClient) -> None:
    ask = "select gender, count(*) as n from patients group by all order by all"
    shown = page.get("/sql", params={"q": ask, "scenario": "clinic"}).text
    assert '<td class="number">60</td>' in shown
    assert rows(page.get("/sql.csv", params={"q": ask, "scenario": "clinic"}).text) == [
        ["gender", "n"],
        ["F", "60"],
        ["M", "60"],
    ]
    wrong = page.get("/sql", params={"q": "select nothing from patients"})
    assert wrong.status_code == 422
    assert "nothing" in wrong.text


@pytest.mark.parametrize(
    "attack",
    [
        "DROP TABLE patients",
        "DELETE FROM patients",
        "COPY patients TO '/tmp/x.csv'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "ATTACH '/tmp/y.duckdb'",
        "SELECT 1; DROP TABLE patients",
    ],
)
@pytest.mark.long
def test_sql_goes_through_the_process_that_can_only_read(page: TestClient, attack: str) -> None:
    assert page.get("/sql", params={"q": attack}).status_code == 422
    assert page.get("/s/clinic.json").json()["entities_by_type"]["patients"] == 120


def test_places_are_a_map_with_classes_and_a_table(page: TestClient) -> None:
    shown = page.get("/places?measure=DIABETES").text
    assert shown.count('<path class="q') > 3_000, "every county has its figure"
    assert "Hatched is not low" in shown
    california = page.get("/places?measure=OBESITY&state=CA").text
    assert california.count('<path class="q') == 58
    county = page.get("/places/06073").text
    assert "San Diego County" in county
    assert 'href="/generate?size=1000&amp;county=06073"' in county
    assert page.get("/places.json?measure=DIABETES&state=06").json()["counties"][0].keys() >= {
        "geoid",
        "value",
        "low",
        "high",
    }
    for wrong in (
        "/places?measure=LUCK",
        "/places?state=Atlantis",
        "/places?release=1999",
        "/places/999",
        "/places/99999",
    ):
        assert page.get(wrong).status_code == 404, wrong


def test_an_entity_has_its_columns_its_document_and_what_refers_to_it(page: TestClient) -> None:
    shown = page.get("/s/clinic/e/encounter/E0").text
    assert 'href="/s/clinic/e/patient/P000"' in shown, "what it refers to"
    patient = page.get("/s/clinic/e/patients/P000")
    assert "5 encounters by" in patient.text
    assert 'href="/s/clinic/e/encounter/E0"' in patient.text, "what refers to it"
    assert 'href="/s/clinic/people/P000"' in patient.text
    assert "&#34;given_name&#34;: &#34;Ada&#34;" in patient.text, "the document, verbatim"
    data = page.get("/s/clinic/e/patient/P000.json").json()
    assert {value["column"]: value["value"] for value in data["values"]}["birth_date"] == "1940-04-22"
    assert "Nearest: P000" in page.get("/s/clinic/e/patient/P00x").text
    assert page.get("/s/clinic/e/unicorn/U1").status_code == 404


def test_knowledge_has_curves_and_sources(page: TestClient) -> None:
    assert 'href="/conditions/type_2_diabetes"' in page.get("/conditions").text
    shown = page.get("/conditions/type_2_diabetes").text
    assert "share of people, women" in shown
    assert "National Diabetes Statistics Report" in shown
    assert 'href="/generate?size=500&amp;cohort=type_2_diabetes"' in shown
    assert page.get("/conditions/luck").status_code == 404
    assert "starter" in page.get("/reference").text


def test_classes_of_a_map_hold_as_many_counties_each() -> None:
    def bounds(*values: float) -> list[float]:
        figures = [
            CountyFigure(str(number), None, None, value, None, None, None) for number, value in enumerate(values)
        ]
        return CountyMeasure("M", "r", None, ["M"], ["r"], {}, figures).bounds()

    assert bounds(*range(1, 11)) == [2, 4, 6, 8, 10]
    assert bounds(1, 1, 1) == [1]
    assert bounds(3) == [3]
    assert bounds() == []


def test_a_run_can_be_followed_and_cancelled() -> None:
    runs = Runs()
    done = runs.start("quick", "healthsim", lambda run: "/s/x")
    stuck = runs.start("stuck", "healthsim", _work_until_cancelled)
    stuck.cancel()
    until(lambda: not runs.busy(), "both runs end")
    assert (done.state, done.result) == ("done", "/s/x")
    assert (stuck.state, stuck.message) == ("cancelled", "The run was cancelled; nothing was saved.")
    assert [run.title for run in runs.all()] == ["stuck", "quick"]
    assert runs.get(done.run_id) is done
    assert runs.get("other") is None


def _work_until_cancelled(run: Run) -> str:
    for n in range(100_000):
        run.report("persons", n, 100_000)
        time.sleep(0.001)
    return ""


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (number(1234567), "1,234,567"),
        (number(0.1234), "0.123"),
        (number(12.34), "12.3"),
        (number(None), ""),
        (number(100.0), "100"),
        (plural(1, "row"), "1 row"),
        (plural(2_000, "entity", "entities"), "2,000 entities"),
        (size(999), "999 bytes"),
        (size(1_500_000), "1.5 MB"),
    ],
)
def test_numbers_are_written_for_people(shown: str, expected: str) -> None:
    assert shown == expected
