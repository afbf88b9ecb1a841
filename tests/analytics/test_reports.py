"""The 28 reports: on everything, on claims only, on nothing; their pages; and some figures computed by hand."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from small_scenarios import scenario

from healthsim.analytics import build, compare, query, report
from healthsim.analytics.reports.charts import COLOURS, chart
from healthsim.analytics.reports.page import WHOLE, page, write_page
from healthsim.analytics.reports.report import DIGITS, PACKAGE, Report, reports, shown
from healthsim.cli import main
from healthsim.db.connection import Database
from healthsim.errors import AlreadyExists, HealthSimError, InvalidInput, NotFound, UsageError
from healthsim.state.manager import StateManager

REPORTS = list(reports().values())
CLAIMS = ("plans", "members", "claims", "claim_lines")
TRIALS = (
    "studies",
    "sites",
    "treatment_arms",
    "subjects",
    "trial_visits",
    "adverse_events",
    "exposures",
    "visit_schedules",
)


@pytest.fixture(scope="module")
def star(tmp_path_factory: pytest.TempPathFactory, new_database: Path) -> Database:
    """Scenarios with everything, with claims only, with trials only, and with nothing."""
    path = tmp_path_factory.mktemp("star") / "healthsim.duckdb"
    shutil.copyfile(new_database, path)
    database = Database(path)
    state = StateManager(database)
    everything = scenario(21, persons=30)
    state.save("full", everything)
    state.save("claims", {kind: everything[kind] for kind in CLAIMS if kind in everything})
    state.save("trials", {kind: everything[kind] for kind in TRIALS if kind in everything})
    state.save("nothing", {})
    build(database, everything=True)
    return database


def answered(database: Database, one: Report, name: str) -> dict[str, Any]:
    return report(database, one.name, scenario=name, other="full" if one.compares else None, build="never")


@pytest.mark.parametrize("one", REPORTS, ids=lambda one: one.name)
def test_every_report_answers_on_any_scenario(one: Report, star: Database) -> None:
    whole = report(star, one.name, scenario="full", other="claims" if one.compares else None, build="never")
    assert set(one.columns) <= set(whole["columns"]), "a unit for a column that is not there"
    assert set(one.columns.values()) <= set(DIGITS)
    for name, unit in whole["units"].items():
        kinds = {type(row[whole["columns"].index(name)]) for row in whole["rows"]} - {type(None)}
        # a year is a name, all other numbers have a unit
        assert unit or name == "year" or kinds <= {str}, (name, kinds)
        assert not unit or kinds <= {int, float}, (name, kinds)
    for name in ("claims", "trials", "nothing"):
        found = answered(star, one, name)
        assert found["columns"] == whole["columns"]
        if not found["rows"] and not one.compares:
            assert found["notes"], "no rows, and nobody says why"
        lacking = [fact for fact in one.needs if f"({fact} is not populated)" in " ".join(found["notes"])]
        assert found["populated"] == (not lacking)
        if name == "nothing":
            assert not found["populated"]
            assert not found["rows"] or one.compares


def test_most_reports_have_rows_on_a_full_scenario(star: Database) -> None:
    filled = [one.name for one in REPORTS if answered(star, one, "claims" if one.compares else "full")["rows"]]
    assert len(filled) >= 24, {one.name for one in REPORTS} - set(filled)


@pytest.mark.parametrize("one", REPORTS, ids=lambda one: one.name)
def test_the_page_has_every_value_of_the_table(one: Report, star: Database) -> None:
    found = answered(star, one, "claims" if one.compares else "full")
    text = page([found])
    # of many rows there is a shorter table first
    cells = re.findall(r"<td[^>]*>(.*?)</td>", text[text.rfind("<table") :])
    wanted = [
        shown(value, found["units"][name])
        for row in found["rows"]
        for name, value in zip(found["columns"], row, strict=True)
    ]
    assert [html.unescape(cell) for cell in cells] == wanted
    assert "<svg" in text or not found["rows"] or _nothing_to_draw(found)
    for word in ("http://", "https://", "<script", "<link", "<img", "@import", "url("):
        assert word not in text.replace("http://www.w3.org/2000/svg", ""), word
    assert "@media print" in text
    for drawing in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        numbers = [
            float(number)
            for shape in ElementTree.fromstring(drawing).iter()
            for name, number in shape.attrib.items()
            if name in ("x", "y", "width", "height", "cx", "cy", "x1", "x2", "y1", "y2") and not number.endswith("%")
        ]
        assert all(-1 <= number <= 3000 for number in numbers)


def _nothing_to_draw(found: dict[str, Any]) -> bool:
    value = found["chart"].get("y")
    return value is not None and all(row[found["columns"].index(value)] is None for row in found["rows"])


def test_what_data_says_is_text_on_a_page(state: StateManager, database: Database) -> None:
    nasty = '<script>alert("x")</script>'
    state.save(
        nasty,
        {
            "members": [
                {"member_id": "m1", "plan_id": "p1", "coverage_start": "2024-01-01", "coverage_end": "2024-03-31"}
            ],
            "plans": [{"plan_id": "p1", "plan_name": nasty}],
            "claims": [
                {
                    "claim_id": "c1",
                    "member_id": "m1",
                    "service_date": "2024-02-01",
                    "status": "paid",
                    "total_charge": 9,
                    "total_allowed": 8,
                    "total_paid": 7,
                    "claim_type": "professional",
                }
            ],
        },
    )
    text = page([report(database, "pmpm")])
    assert "<script" not in text
    assert html.escape(nasty) in text


def test_a_page_is_written_whole_and_never_over_another(star: Database, tmp_path: Path) -> None:
    found = [answered(star, one, "full") for one in REPORTS if not one.compares]
    path = write_page(tmp_path / "all.html", found)
    text = path.read_text(encoding="utf-8")
    assert text.count("<section") == 27
    assert all(f'href="#{one.name}"' in text for one in REPORTS if not one.compares)
    with pytest.raises(AlreadyExists, match="Use overwrite=True to replace it"):
        write_page(path, found[:1])
    write_page(path, found[:1], force=True)
    assert path.read_text(encoding="utf-8").count("<section") == 1
    with pytest.raises(HealthSimError, match="cannot be written"):
        write_page(path / "x.html", found[:1])
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["all.html", "home"]


def test_every_statement_has_a_report_and_the_other_way_round() -> None:
    folder = Path(__import__(PACKAGE, fromlist=["x"]).__file__).parent / "sql"
    assert {path.stem for path in folder.glob("*.sql")} == set(reports())
    for one in REPORTS:
        assert one.sql.startswith("-- One row per")
        assert one.question.endswith("?")
        assert set(re.findall(r"\$(\w+)", one.sql)) - {"scenario", "other"} == set(one.parameters)


def test_reports_and_metrics_agree(star: Database) -> None:
    """Two ways to the same number."""
    waterfall = {row[0]: row[1] for row in report(star, "payment_waterfall", scenario="full")["rows"]}
    money = query(star, ["charges", "medical_allowed", "medical_paid"], scenarios="full")["rows"][0]
    assert [waterfall[name] for name in ("Charged", "Allowed", "Paid by plans")] == money
    steps = [waterfall[name] for name in ("Charged", "Denied", "Pended or reversed", "Contractual discount")]
    assert sum(steps) == pytest.approx(waterfall["Allowed"])
    shared = report(star, "diagnosis_cost", scenario="full", parameters={"top": 1000})
    assert sum(row[2] for row in shared["rows"]) == pytest.approx(money[2])
    concentrated = report(star, "cost_concentration", scenario="full")["rows"]
    assert sum(row[2] for row in concentrated) == pytest.approx(
        query(star, "total_paid", scenarios="full")["rows"][0][0]
    )
    assert sum(row[1] for row in concentrated) == query(star, "members", scenarios="full")["rows"][0][0]
    funnel = report(star, "trial_funnel", scenario="full")
    place = funnel["columns"].index("randomized")
    assert (
        sum(row[place] for row in funnel["rows"]) == query(star, "subjects_randomized", scenarios="full")["rows"][0][0]
    )
    lag = report(star, "claim_lag", scenario="full")["rows"]
    assert all(row[5] <= 100.0001 for row in lag)


def test_new_cases_by_hand(state: StateManager, database: Database) -> None:
    """Data from 2022-01-01 to 2024-12-31, a washout of a year: two years at risk."""
    visits = [("p1", "2022-01-01"), ("p1", "2024-12-31")]
    state.save(
        "s",
        {
            "patients": [{"patient_id": f"p{n}", "birth_date": "1960-01-01", "gender": "F"} for n in range(1, 4)],
            "encounters": [
                {
                    "encounter_id": f"e{n}",
                    "patient_id": who,
                    "encounter_class": "outpatient",
                    "start_datetime": f"{day}T10:00:00",
                    "end_datetime": f"{day}T11:00:00",
                }
                for n, (who, day) in enumerate(visits)
            ],
            "diagnoses": [
                # 1: within the washout, so that it is no new case; 2: new on the day 366 days after the washout
                {"diagnosis_id": "d1", "patient_id": "p1", "code": "E11.9", "diagnosed_date": "2022-06-01"},
                {"diagnosis_id": "d2", "patient_id": "p2", "code": "E11.9", "diagnosed_date": "2024-01-02"},
            ],
        },
    )
    found = report(database, "incidence")
    (row,) = [dict(zip(found["columns"], row, strict=True)) for row in found["rows"] if row[0] == "Diagnosed diabetes"]
    assert (row["prior_cases"], row["new_cases"], row["persons_at_risk"]) == (1, 1, 2)
    # 2023-01-01 to 2024-12-31 are 731 days for the third; the second is at risk on 366 of them, up to the diagnosis' eve
    # and the day itself
    assert row["person_years"] == pytest.approx((731 + 367) / 365.25)
    assert row["per_1000_person_years"] == pytest.approx(1000 / ((731 + 367) / 365.25))


def patients(*people: dict[str, Any]) -> list[dict[str, Any]]:
    """Patients p0, p1 ... of San Diego County, born in 1960, with what differs."""
    common = {"birth_date": "1960-01-01", "gender": "F", "county_fips": "06073"}
    return [{"patient_id": f"p{number}"} | common | person for number, person in enumerate(people)]


def visit(day: str, who: str = "p0") -> dict[str, Any]:
    """An encounter; that of the last day is where the data end."""
    return {
        "encounter_id": f"e-{who}-{day}",
        "patient_id": who,
        "encounter_class": "outpatient",
        "start_datetime": f"{day}T10:00:00",
        "end_datetime": f"{day}T11:00:00",
    }


def row_of(found: dict[str, Any], word: str, column: int = 0) -> dict[str, Any]:
    """The row of an answer that has a word in a column, by the names of the columns."""
    (row,) = [row for row in found["rows"] if row[column] == word]
    return dict(zip(found["columns"], row, strict=True))


@pytest.mark.long
def test_an_official_release_of_places_comes_before_the_starter_set(state: StateManager, database: Database) -> None:
    state.save(
        "s",
        {
            "patients": patients({}),
            "encounters": [visit("2024-12-31")],
            "diagnoses": [{"diagnosis_id": "d", "patient_id": "p0", "code": "E11.9", "diagnosed_date": "2024-01-02"}],
        },
    )
    assert row_of(report(database, "places_prevalence"), "Diagnosed diabetes", 1)["release"] == "starter"
    with database.write() as connection:
        for release, value in (("2020", 7), ("2021", 8), ("2022", "NULL")):
            connection.execute(
                f"INSERT INTO analytics.fact_population_measure SELECT * REPLACE ({value} AS value, 1 AS value_low,"
                f" '{release}' AS release) FROM analytics.fact_population_measure WHERE release = 'starter'"
            )
    row = row_of(report(database, "places_prevalence"), "Diagnosed diabetes", 1)
    assert (row["places"], row["places_low"], row["release"]) == (8, 1, "2021")
    row = row_of(compare(database, reference="places"), "Diagnosed diabetes", 1)
    assert (row["second"], row["release"]) == (8, "2021")


def test_the_dead_are_not_alive_when_their_day_is_unknown(state: StateManager, database: Database) -> None:
    state.save(
        "s",
        {
            "patients": patients(
                {},
                {"deceased": True},
                {"deceased": True, "death_date": "2024-06-01"},
                {"deceased": True, "death_date": "2026-01-01"},
            ),
            "encounters": [visit("2022-01-01"), visit("2024-12-31")],
            "diagnoses": [
                {"diagnosis_id": f"d{n}", "patient_id": f"p{n}", "code": "E11.9", "diagnosed_date": "2024-01-02"}
                for n in (0, 1)
            ],
        },
    )
    row = row_of(report(database, "places_prevalence"), "Diagnosed diabetes", 1)
    assert (row["adults"], row["cases"]) == (2, 1)
    with database.write() as connection:
        connection.execute(
            "CREATE OR REPLACE VIEW reference.svi AS SELECT '2022' AS release, 'county' AS level, '06073' AS geoid,"
            " 'EP_AGE65' AS variable, 15.0 AS value"
        )
    assert compare(database, reference="svi")["rows"][0][3] == 2
    # whose time at risk is unknown counts neither there nor as a case
    row = row_of(report(database, "incidence"), "Diagnosed diabetes")
    assert (row["new_cases"], row["persons_at_risk"]) == (1, 3)


@pytest.mark.long
def test_ages_are_those_of_birthdays(state: StateManager, database: Database) -> None:
    """64 on the eve of the 65th birthday, 65 on the day; who is not born yet, or nobody knows when, has no age."""
    births = ("1960-01-01", "1959-12-31", "2007-01-01", "2006-12-31", "2025-05-01", None)
    for name in "AB":
        state.save(
            name,
            {
                "patients": patients(*({"birth_date": born, "primary_care_provider_id": "d"} for born in births)),
                "providers": [{"provider_id": "d", "given_name": "Ada", "family_name": "Park"}],
                "encounters": [visit("2024-12-31")],
            },
        )
    found = report(database, "side_by_side", scenario="A", other="B")
    assert row_of(found, "Age at the end of the data")["first"] == (64 + 65 + 17 + 18) / 4
    assert row_of(found, "Age 65 and older")["first"] == 25
    assert report(database, "panels", scenario="A")["rows"][0][2:4] == [6, (64 + 65 + 17 + 18) / 4]
    with database.write() as connection:
        connection.execute(
            "CREATE OR REPLACE VIEW reference.svi AS SELECT '2022' AS release, 'county' AS level, '06073' AS geoid,"
            " variable, 15.0 AS value FROM (VALUES ('EP_AGE65'), ('EP_AGE17')) AS t(variable)"
        )
    shares = {row[2]: row[3:5] for row in compare(database, reference="svi", scenario="A")["rows"]}
    assert shares == {"EP_AGE65": [4, 25], "EP_AGE17": [4, 25]}


def test_nobody_in_particular_is_no_person(state: StateManager, database: Database) -> None:
    """Rows that are linked to no person of the scenario are counted as rows only."""
    state.save(
        "s",
        {
            "patients": patients({}),
            "encounters": [visit("2024-01-01"), visit("2024-06-01", "nobody"), visit("2024-07-01", "nobody")],
            "rx_members": [{"rx_member_id": "r", "person_id": "p0", "birth_date": "1960-01-01"}],
            "diagnoses": [
                {"diagnosis_id": f"d{who}", "patient_id": who, "code": "E11.9", "diagnosed_date": "2024-01-02"}
                for who in ("p0", "nobody")
            ],
            "pharmacy_claims": [
                {
                    "pharmacy_claim_id": f"f{who}",
                    "rx_member_id": who,
                    "service_date": "2024-02-01",
                    "status": "paid",
                    "drug_name": "x",
                }
                for who in ("r", "nobody", "somebody")
            ],
        },
    )
    row = row_of(report(database, "top_diagnoses"), "E11.9")
    people = query(database, "persons")["rows"][0][0]
    assert (row["persons"], row["diagnoses"], row["percent_of_persons"]) == (1, 2, 100 / people)
    found = query(database, ["persons_diagnosed", "encounters", "encounters_per_person", "fills", "fills_per_person"])
    assert found["rows"] == [[1, 3, 1, 3, 1]]


def test_a_visit_after_a_birthday_is_not_lost(state: StateManager, database: Database) -> None:
    """On the day of the visits she is 65; on the first of the only month of coverage she was 64."""
    days = {"emergency": "2024-01-20", "inpatient": "2024-01-22", "outpatient": "2024-01-31"}
    state.save(
        "s",
        {
            "patients": patients({"birth_date": "1959-01-15"}),
            "plans": [{"plan_id": "g"}],
            "members": [
                {
                    "member_id": "m",
                    "patient_id": "p0",
                    "plan_id": "g",
                    "coverage_start": "2024-01-01",
                    "coverage_end": "2024-01-31",
                }
            ],
            "encounters": [visit(day) | {"encounter_class": kind} for kind, day in days.items()],
        },
    )
    rows = report(database, "ed_visits")["rows"]
    assert rows == [[2024, "45-64", 0, 1, 0], [2024, "65+", 1, 0, None]]
    assert [row[:3] for row in query(database, "ed_visits,member_months", by="age_band")["rows"]] == [
        ["45-64", 0, 1],
        ["65+", 1, 0],
    ]
    assert report(database, "admissions")["rows"] == [
        [2024, "45-64", 1, 0, 0, 0, 0],
        [2024, "65+", 0, 1, 1, None, None],
    ]


def test_events_before_a_trial_are_in_no_rate(state: StateManager, database: Database) -> None:
    """Of two subjects of an arm, one was screened only."""
    state.save(
        "s",
        {
            "studies": [{"study_id": "t"}],
            "treatment_arms": [{"treatment_arm_id": "a", "study_id": "t", "arm_code": "ACT"}],
            "subjects": [
                {
                    "subject_id": "s1",
                    "study_id": "t",
                    "arm_code": "ACT",
                    "randomization_date": "2024-01-01",
                    "completion_date": "2024-04-09",
                },
                {"subject_id": "s2", "study_id": "t", "arm_code": "ACT", "screening_date": "2024-01-01"},
            ],
            "adverse_events": [
                {"adverse_event_id": f"e{who}", "subject_id": who, "aedecod": "Rash", "aestdtc": "2024-02-01"}
                for who in ("s1", "s2")
            ],
        },
    )
    row = row_of(report(database, "adverse_events"), "rash", 1)
    assert (row["subjects"], row["subjects_with"], row["events"]) == (1, 2, 2)
    assert (row["incidence_percent"], row["per_100_subject_years"]) == (100, pytest.approx(36525 / 100))
    assert query(database, "ae_per_100_subject_years")["rows"] == [[pytest.approx(36525 / 100)]]


@pytest.mark.parametrize(
    ("asked", "kind", "message"),
    [
        ({"name": "readmision"}, NotFound, "There is no report 'readmision'. Nearest first: readmissions,"),
        ({"name": "pmpm", "scenario": "x"}, NotFound, "There is no scenario 'x'."),
        ({"name": "pmpm", "parameters": {"top": 3}}, NotFound, "The report pmpm has no parameters; 'top' was given."),
        (
            {"name": "panels", "parameters": {"tip": 3}},
            NotFound,
            "The report panels has no parameter 'tip'; it has top.",
        ),
        ({"name": "panels", "parameters": {"top": "many"}}, InvalidInput, "top is 'many'; expected a whole number"),
        ({"name": "side_by_side"}, UsageError, 'compares two scenarios: name them with scenario="A", other="B".'),
        ({"name": "side_by_side", "other": "full"}, UsageError, "full cannot be compared with itself"),
        ({"name": "pmpm", "other": "claims"}, UsageError, "The report pmpm is about one scenario"),
    ],
)
def test_errors_help(star: Database, asked: dict[str, Any], kind: type[HealthSimError], message: str) -> None:
    with pytest.raises(kind) as caught:
        report(star, **({"scenario": "full"} | asked))
    assert message in caught.value.message


# -- the command line --------------------------------------------------------------------------------------------


def run(database: Database, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["--db", database.location.text, "analytics", *words])
    out = capsys.readouterr()
    return int(ended.value.code or 0), out.out, out.err


@pytest.mark.long
def test_questions_on_the_command_line(star: Database, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = run(
        star,
        capsys,
        "query",
        "pmpm,ed_visits_per_1000",
        "--by",
        "month,plan_type",
        "--where",
        "age_band=65+",
        "--scenario",
        "full",
        "--json",
    )
    assert code == 0
    assert json.loads(out)["columns"] == ["month", "plan_type", "pmpm", "ed_visits_per_1000"]
    code, out, _ = run(star, capsys, "query", "claims", "--by", "year", "-s", "full", "--csv")
    assert out.splitlines()[0] == "year,claims"
    assert len(out.splitlines()) > 2
    code, out, _ = run(star, capsys, "query", "claims", "--by", "year", "-s", "full")
    assert re.search(r"^ +20\d\d ", out, re.MULTILINE), "a year has no comma"
    code, out, err = run(star, capsys, "query", "fills", "-s", "nothing")
    assert "nothing holds no pharmacy claims" in err
    code, out, err = run(star, capsys, "query", "pmmp", "-s", "full")
    assert code == 3
    assert err.startswith("healthsim: There is no metric 'pmmp'. Nearest first: pmpm, ")
    code, out, err = run(star, capsys, "compare", "claims,persons", "-s", "full", "--with", "claims")
    assert out.startswith("first: full, second: claims")
    code, out, err = run(star, capsys, "report")
    assert "membership_pyramid" in out
    code, out, err = run(star, capsys, "report", "cost_concentration", "-s", "full", "--csv")
    assert out.startswith("members_by_cost,members,paid")
    code, out, err = run(star, capsys, "report", "--all", "-s", "full", "--html", str(tmp_path / "r.html"))
    assert code == 0
    assert (tmp_path / "r.html").read_text(encoding="utf-8").count("<section") == 27
    code, out, err = run(star, capsys, "report", "pmpm", "readmissions", "-s", "full", "--csv")
    assert (code, "CSV holds one table" in err) == (2, True)
    for words in (["metrics"], ["dimensions"], ["describe", "pmpm"], ["metrics", "--search", "readm", "--json"]):
        code, out, err = run(star, capsys, *words)
        assert code == 0
        assert out


# -- charts ------------------------------------------------------------------------------------------------------


def drawn(kind: str, rows: list[list[object]]) -> str:
    spec = {"kind": kind, "x": "x", "y": "y", "series": "of"}
    found = chart({"columns": ["of", "x", "y"], "rows": rows, "chart": spec, "title": "T"})
    assert found is not None
    return found


def test_a_triangle_shows_the_last_months() -> None:
    months = [f"{year}-{month:02d}" for year in (2023, 2024, 2025) for month in range(1, 13)]
    shown = drawn("triangle", [[month, lag, 50.0 + lag] for month in months for lag in (0, 1)])
    assert [month for month in months if f"<strong>{month}</strong>" in shown] == months[-24:]
    assert "12 of 36 lines are left out of the chart; the table has all." in shown


def test_each_series_has_a_picture_of_its_own_and_none_is_left_out_silently() -> None:
    names = [f"Plan {number}" for number in range(30)]
    shown = drawn("line", [[name, x, x + 1] for name in names[:9] for x in (0, 1)])
    assert shown.count("<svg") == 9
    assert "left out" not in shown
    assert shown.count('role="img" aria-label="Plan') == 9
    most = drawn("line", [[name, x, x + 1] for name in names for x in (0, 1)])
    assert "6 of 30 lines are left out" in most


def test_many_rows_are_a_table_of_both_sides_with_all_of_them_behind_a_fold(star: Database) -> None:
    found = report(star, "pmpm", scenario="full")
    text = page([found])
    assert len(found["rows"]) > WHOLE
    months = {row[found["columns"].index("month")] for row in found["rows"]}
    crossed, whole = re.findall(r"<tbody>(.*?)</tbody>", text, re.DOTALL)
    assert crossed.count("<tr>") == len(months)
    assert whole.count("<tr>") == len(found["rows"])
    assert text.index("<details>") < text.index(whole)
    assert "USD per member and month, by month and plan" in text
    assert "<dt>Highest</dt>" in text
    link = re.search(r'download="pmpm.csv" href="data:text/csv;charset=utf-8,([^"]*)"', text)
    assert link is not None
    assert len(list(csv.reader(io.StringIO(unquote(link[1]))))) == len(found["rows"]) + 1


def test_a_page_has_landmarks_and_boxes_that_are_reached_by_keyboard(star: Database) -> None:
    text = page([answered(star, one, "full") for one in REPORTS if not one.compares])
    assert text.count("<main>") == text.count("<h1>") == 1
    boxes = re.findall(r'<div class="wide"[^>]*>', text)
    assert all('tabindex="0" role="region" aria-label="' in box for box in boxes)
    assert "prefers-color-scheme: dark" in text
    # what there is no colour of the scheme for is told apart on both grounds
    assert set(re.findall(r'fill="(#\w+)"', text)) <= {*COLOURS, "#bbbbbb"}
