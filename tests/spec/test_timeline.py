"""The timeline of a person: one query, shown by a command, a page, a notebook and a tool."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest

from healthsim.cli import main
from healthsim.config import Settings
from healthsim.errors import InvalidInput, NotFound
from healthsim.pictures.lanes import Span
from healthsim.results import Timeline
from healthsim.results.timeline_lanes import MANY, MOST
from healthsim.results.timeline_page import timeline_page
from healthsim.server.declaring import Bench
from healthsim.server.tools.people import SHOWN, get_person_timeline
from healthsim.state.manager import StateManager
from healthsim.workbench import Workbench

SSN = "900-45-6701"
HOSTILE = '<script>alert(1)</script>"><svg onload=alert(2)>'
#: one human being, whom four products know under their own ids; others are there, too
ADA: dict[str, list[dict[str, Any]]] = {
    "patients": [
        {
            "patient_id": "P1",
            "mrn": "MRN1",
            "given_name": "Ada",
            "family_name": "Birch",
            "gender": "F",
            "birth_date": "1960-04-22",
            "ssn": SSN,
        },
        {"patient_id": "P2", "mrn": "MRN2", "given_name": "Bob", "gender": "M"},
    ],
    "members": [
        {"member_id": "M1", "member_number": "N-1", "ssn": SSN, "plan_code": "PPO", "coverage_start": "2023-01-01"}
    ],
    "rx_members": [
        {"rx_member_id": "R1", "member_id": "M1", "effective_date": "2023-01-01", "termination_date": "2024-12-31"}
    ],
    "subjects": [{"subject_id": "S1", "patient_id": "P1", "study_id": "ST", "screening_date": "2024-02-01"}],
    "encounters": [
        {
            "encounter_id": "E1",
            "patient_id": "P1",
            "encounter_class": "inpatient",
            "start_datetime": "2023-03-01T10:00:00",
            "end_datetime": "2023-03-05T10:00:00",
        },
        {
            "encounter_id": "E2",
            "patient_id": "P1",
            "encounter_class": "outpatient",
            "start_datetime": "2024-05-01T10:00:00",
        },
        {
            "encounter_id": "E3",
            "patient_id": "P1",
            "encounter_class": "outpatient",
            "start_datetime": "2024-05-01T15:00:00",
        },
        {
            "encounter_id": "E4",
            "patient_id": "P2",
            "encounter_class": "outpatient",
            "start_datetime": "2024-05-01T15:00:00",
        },
    ],
    "diagnoses": [
        {
            "diagnosis_id": "D1",
            "patient_id": "P1",
            "code": "E11.9",
            "onset_date": "2015-01-01",
            "diagnosed_date": "2023-03-01",
        },
        {
            "diagnosis_id": "D2",
            "patient_id": "P1",
            "code": "E11.9",
            "onset_date": "2015-01-01",
            "diagnosed_date": "2024-05-01",
        },
        {
            "diagnosis_id": "D3",
            "patient_id": "P1",
            "code": "J06.9",
            "onset_date": "2023-01-01",
            "resolved_date": "2023-01-10",
        },
        {
            "diagnosis_id": "D4",
            "patient_id": "P1",
            "code": "J06.9",
            "onset_date": "2023-01-08",
            "resolved_date": "2023-01-20",
        },
        {
            "diagnosis_id": "D5",
            "patient_id": "P1",
            "code": "J06.9",
            "onset_date": "2024-01-01",
            "resolved_date": "2024-01-10",
        },
        {"diagnosis_id": "D6", "patient_id": "P1", "code": "I10"},
    ],
    "lab_results": [
        {
            "lab_result_id": f"L{n}",
            "patient_id": "P1",
            "test_name": "Hemoglobin A1c",
            "loinc_code": "4548-4",
            "value": value,
            "unit": "%",
            "reference_low": 4.0,
            "reference_high": 5.6,
            "collected_datetime": f"2024-0{n}-01T08:00:00",
        }
        for n, value in enumerate(("5.0", "7.2", "pending"), 1)
    ],
    "vital_signs": [
        {
            "vital_sign_id": "V1",
            "patient_id": "P1",
            "systolic_bp": 120,
            "weight_kg": 80.5,
            "observation_datetime": "2024-05-01T10:00:00",
        }
    ],
    "medications": [{"medication_id": "MD1", "patient_id": "P1", "name": "Metformin", "start_date": "2023-02-01"}],
    "pharmacy_claims": [
        {
            "pharmacy_claim_id": "F1",
            "rx_member_id": "R1",
            "drug_name": "Metformin",
            "service_date": "2023-02-02",
            "days_supply": 30,
            "status": "paid",
            "plan_paid_amount": "12.50",
        },
        {
            "pharmacy_claim_id": "F2",
            "rx_member_id": "R1",
            "drug_name": "Metformin",
            "service_date": "2023-03-04",
            "days_supply": 30,
            "status": "rejected",
            "plan_paid_amount": "0",
        },
    ],
    "claims": [
        {
            "claim_id": "C1",
            "member_id": "M1",
            "claim_type": "professional",
            "service_date": "2023-03-01",
            "status": "paid",
            "total_paid": "50020.10",
        },
        {
            "claim_id": "C2",
            "member_id": "M1",
            "claim_type": "professional",
            "service_date": "2024-05-01",
            "status": "denied",
            "total_paid": "0",
        },
    ],
    "trial_visits": [
        {"trial_visit_id": "T1", "subject_id": "S1", "visit_name": "Baseline", "visit_date": "2024-02-10"}
    ],
    "adverse_events": [
        {
            "adverse_event_id": "A1",
            "subject_id": "S1",
            "aeterm": "Nausea",
            "aestdtc": "2024-03-01",
            "aeendtc": "2024-03-04",
            "aeser": "Y",
        }
    ],
}


@pytest.fixture
def bench(state: StateManager) -> Workbench:
    state.save("clinic", ADA)
    bench = Workbench.at(":memory:")
    bench.__dict__["database"], bench.__dict__["state"] = state.database, state
    return bench


def ids(timeline: Timeline, family: str) -> list[str]:
    return [event.entity_id for event in timeline.events if event.family == family]


@pytest.mark.every_location
def test_a_person_is_the_same_by_any_id(bench: Workbench) -> None:
    by_any_id = [bench.person("clinic", word) for word in ("P1", "MRN1", "M1", "N-1", "R1", "S1")]
    assert all(timeline == by_any_id[0] for timeline in by_any_id)
    timeline = by_any_id[0]
    assert timeline.person.ids == {"patient": ["P1"], "member": ["M1"], "rx_member": ["R1"], "subject": ["S1"]}
    assert timeline.person.name == "Ada Birch"
    assert "E4" not in ids(timeline, "care"), "another person's"
    assert timeline.totals == {
        "coverage": 2,
        "care": 3,
        "conditions": 4,
        "results": 5,
        "drugs": 3,
        "claims": 2,
        "trial": 3,
    }


def test_a_condition_is_one_era_however_often_it_was_recorded(bench: Workbench) -> None:
    eras = [event for event in bench.person("clinic", "P1").events if event.family == "conditions"]
    assert [(era.code, str(era.start), era.end and str(era.end), era.open, era.records) for era in eras] == [
        ("E11.9", "2015-01-01", None, True, 2),
        ("J06.9", "2023-01-01", "2023-01-20", False, 2),
        ("J06.9", "2024-01-01", "2024-01-10", False, 1),
        ("I10", "None", None, False, 1),
    ]


def test_the_picture_begins_with_care_and_what_is_open_reaches_its_edge(bench: Workbench) -> None:
    timeline = bench.person("clinic", "P1")
    assert (timeline.first, timeline.last) == ("2023-01-01", "2024-05-01")
    picture = timeline.lanes()
    (diabetes,) = [lane for lane in picture.lanes if lane.name.startswith("E11.9")]
    assert [(mark.shape, mark.end) for mark in diabetes.marks] == [("bar", None)]
    (visits,) = [lane for lane in picture.lanes if lane.name == "outpatient"]
    assert [(mark.start, mark.count) for mark in visits.marks] == [(dt.date(2024, 5, 1), 2)], "of a day one mark"
    assert timeline.undated == 1
    assert any("no date" in note for note in picture.notes)


def test_results_have_their_band_and_money_is_logarithmic(bench: Workbench) -> None:
    lanes = {lane.name: lane for lane in bench.person("clinic", "P1").lanes().lanes}
    sugar = lanes["Hemoglobin A1c"]
    assert [mark.tone for mark in sugar.marks] == ["", "warn"], "what is pending is no point"
    assert sugar.band is not None
    assert sugar.band[0] < sugar.marks[0].level < sugar.band[1] < sugar.marks[1].level
    paid = {mark.title.split(",")[0]: mark for mark in lanes["paid"].marks}
    assert [(round(mark.level, 2), mark.tone) for mark in paid.values()] == [(1.0, ""), (0.0, "warn")]
    supply = lanes["Metformin"].marks
    assert [(mark.shape, mark.tone, mark.end) for mark in supply] == [
        ("line", "ghost", None),
        ("bar", "", dt.date(2023, 3, 3)),
        ("tick", "warn", dt.date(2023, 4, 2)),
    ]


def test_days_narrow_it_and_what_reaches_into_them_stays(bench: Workbench) -> None:
    timeline = bench.person(
        "clinic", "P1", first="2024-01-05", last="2024-03-31", index="2024-02-10", highlight=["E11"]
    )
    assert ids(timeline, "conditions") == ["D1", "D5"]
    assert ids(timeline, "care") == []
    assert (timeline.first, timeline.last) == ("2024-01-05", "2024-03-31")
    assert "day 0" in [label for _, label in timeline.lanes().span.marks()]
    assert [lane.name for lane in timeline.lanes().lanes if any(mark.lit for mark in lane.marks)] == ["E11.9"]
    with pytest.raises(InvalidInput, match="index is 'May'; expected a day"):
        bench.person("clinic", "P1", index="May")


def test_nobody_has_the_id(bench: Workbench) -> None:
    with pytest.raises(NotFound, match=r"nobody with the id 'P3'.* Nearest: P1, P2"):
        bench.person("clinic", "P3")


@pytest.mark.parametrize("events", [0, 1, 2, 400, MANY + 1])
def test_any_number_of_events_is_drawn(state: StateManager, bench: Workbench, events: int) -> None:
    first = dt.date(2020, 1, 1)
    state.save(
        "some",
        {
            "patients": [{"patient_id": "P1"}],
            "encounters": [
                {
                    "encounter_id": f"E{n}",
                    "patient_id": "P1",
                    "encounter_class": "outpatient",
                    "start_datetime": f"{first + dt.timedelta(days=n % 1500)}T09:00:00",
                }
                for n in range(events)
            ],
        },
    )
    timeline = bench.person("some", "P1")
    page = timeline_page(timeline)
    marks = re.findall(r'<a class="hs-mark[^"]*" href="#(e\d+)"', page)
    assert len(timeline.events) == events
    assert len(marks) == min(events, 215 if events > MANY else events), "of a week one mark, where there are many"
    assert {f'id="{mark}"' in page for mark in marks} <= {True}
    assert timeline.text(60).count("\n") >= 1
    assert max(map(len, timeline.text(60).splitlines())) <= 80


def test_many_conditions_are_said_to_be_left_out(state: StateManager, bench: Workbench) -> None:
    codes = [
        {"diagnosis_id": f"D{n}", "patient_id": "P1", "code": f"A{n:02}", "onset_date": "2024-01-01"} for n in range(30)
    ]
    state.save("many", {"patients": [{"patient_id": "P1"}], "diagnoses": codes})
    picture = bench.person("many", "P1").lanes()
    assert len(picture.lanes) == MOST["conditions"]
    assert picture.notes == ["Conditions: 16 conditions more are in the table only."]
    assert len(bench.person("many", "P1").lanes(everything=True).lanes) == 30


def test_whatever_a_scenario_says_is_text(state: StateManager, bench: Workbench) -> None:
    hostile = {
        table: [
            {
                column: HOSTILE
                if isinstance(value, str) and not column.endswith(("_id", "_date", "_datetime", "dtc", "_start", "ssn"))
                else value
                for column, value in row.items()
                if column not in ("gender", "encounter_class", "claim_type", "status", "aeser")
                and not column.endswith("_amount")
                and not column.startswith("total_")
            }
            for row in rows
        ]
        for table, rows in ADA.items()
    }
    state.save("hostile", hostile, lenient=True)
    timeline = bench.person("hostile", "P1")
    for page in (timeline_page(timeline), timeline._repr_html_()):
        assert "&lt;script&gt;" in page
        assert "<script" not in page
        assert "<svg onload" not in page


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        ("2024-01-01", "2024-01-31", ["Jan 2024"]),
        ("2023-01-01", "2024-12-31", ["Jan 2023", "Apr 2023"]),
        ("2000-06-01", "2024-12-31", ["2001", "2004"]),
    ],
)
def test_an_axis_has_as_many_marks_as_can_be_read(first: str, last: str, labels: list[str]) -> None:
    marks = Span(dt.date.fromisoformat(first), dt.date.fromisoformat(last)).marks()
    assert [label for _, label in marks[:2]] == labels
    assert len(marks) <= 13


# -- doors -----------------------------------------------------------------------------------------------------


def test_the_command(database_path: Path, bench: Workbench, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert database_path.exists()
    page = tmp_path / "ada.html"

    def run(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["--db", str(database_path), "person", "clinic", *words])
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out, shown.err

    code, out, _ = run("MRN1", "--events", "2")
    assert code == 0
    assert out.startswith("Ada Birch: F, born 1960-04-22\n")
    assert "E11.9" in out
    assert "The last 2 of 22 events" in out
    code, out, _ = run("P1", "--json")
    assert json.loads(out)["events"][0]["code"] == "E11.9"
    code, out, said = run("P1", "--html", str(page))
    assert (code, out) == (0, "")
    assert "Wrote" in said
    assert "<h1>Ada Birch</h1>" in page.read_text(encoding="utf-8")
    assert run("P1", "--html", str(page))[0] == 4, "a file that is there stays"
    assert run("nobody")[0] == 3


def test_the_tool_names_what_says_most(state: StateManager, database_path: Path) -> None:
    more = [
        {
            "encounter_id": f"X{n}",
            "patient_id": "P1",
            "encounter_class": "outpatient",
            "start_datetime": f"2024-06-{1 + n % 28:02}T08:00:00",
        }
        for n in range(90)
    ]
    state.save("clinic", ADA | {"encounters": ADA["encounters"] + more})
    tool_bench = Bench(Settings.load(database=str(database_path)))
    answer = get_person_timeline(tool_bench, "clinic", "P1")
    assert (len(answer.events), answer.left_out) == (SHOWN, 112 - SHOWN)
    assert answer.totals["care"] == 93
    told = {event["entity_id"] for event in answer.events}
    assert {"E1", "D1", "C2", "F2", "A1", "M1"} <= told
    assert [event.get("start", "9999") for event in answer.events] == sorted(
        event.get("start", "9999") for event in answer.events
    )
    only = get_person_timeline(tool_bench, "clinic", "P1", parts=["claims"])
    assert [event["value"] for event in only.events] == [50020.1, 0.0]


def test_a_notebook_gets_the_picture(bench: Workbench) -> None:
    timeline = bench.person("clinic", "P1")
    shown = timeline._repr_html_()
    assert shown.startswith("<style>")
    assert "hs-timeline" in shown
    assert "href" not in shown, "there is no table to go to"
    assert repr(timeline) == "<Timeline of 'Ada Birch': 22 events, 2023-01-01 to 2024-05-01>"
    assert timeline.arrow().num_rows == 22
