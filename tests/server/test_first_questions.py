"""Questions of an assistant that has built nothing: the first one is answered, in figures that can be read aloud."""

from __future__ import annotations

from typing import Any

import pytest
from server_calls import DIAGNOSES, PATIENTS
from test_tools import run

from healthsim.server.core import HealthSimServer

DATED = [{**diagnosis, "diagnosed_date": "2024-02-01"} for diagnosis in DIAGNOSES]
SAVE = ("save_scenario", {"name": "one", "entities": {"patients": PATIENTS, "diagnoses": DATED}})


def _last(server: HealthSimServer, *calls: tuple[str, dict[str, Any]]) -> Any:
    return run(server, [SAVE, *calls])[-1]


def test_the_first_question_builds_the_star(server: HealthSimServer) -> None:
    answer = _last(server, ("analytics_query", {"metrics": ["persons"], "by": ["gender"]}))
    assert not answer.is_error, answer.content
    assert answer.structured_content["rows"] == [["F", 6], ["M", 6]]


def test_figures_can_be_read_aloud(server: HealthSimServer) -> None:
    answer = _last(server, ("analytics_compare", {"reference": "places", "scenario": "one"}))
    figures = [value for row in answer.structured_content["rows"] for value in row if isinstance(value, float)]
    assert all(len(repr(value)) < 12 for value in figures), figures


@pytest.mark.parametrize(("word", "meant"), [("sex", "gender"), ("age group", "age_band"), ("lob", "line_of_business")])
def test_a_word_for_a_dimension_leads_to_its_name(server: HealthSimServer, word: str, meant: str) -> None:
    answer = _last(server, ("analytics_query", {"metrics": ["persons"], "by": [word]}))
    assert answer.is_error
    assert f"Nearest first: {meant}, " in answer.content[0].text


def test_a_cohort_is_counted_and_saved(server: HealthSimServer) -> None:
    criteria = {"scenario": "one", "condition": ["E11"], "sex": "F", "save_as": "women"}
    found = _last(server, ("find_cohort", criteria)).structured_content
    assert [step["persons"] for step in found["attrition"]] == [12, 12, 6]
    assert (found["count"], found["saved"], found["truncated"]) == (6, "women", False)
    summary = _last(server, ("find_cohort", criteria), ("get_scenario_summary", {"name": "women"})).structured_content
    assert summary["entities_by_type"]["patients"] == 6


def test_a_cohort_needs_criteria(server: HealthSimServer) -> None:
    answer = _last(server, ("find_cohort", {"scenario": "one"}))
    assert answer.is_error
    assert "condition" in answer.content[0].text


def test_what_can_be_a_cohort_is_listed(server: HealthSimServer) -> None:
    listed = _last(server, ("list_conditions", {"search": "diabetes"})).structured_content
    assert set(listed["conditions"]) >= {"type_1_diabetes", "type_2_diabetes"}
    assert len(listed["conditions"]) < listed["total_count"]


@pytest.mark.long
def test_people_go_through_a_journey(server: HealthSimServer) -> None:
    listed = _last(server, ("list_journeys", {})).structured_content
    assert "hypertension_first_year" in listed["journeys"]
    wanted = {"name": "pressed", "size": 200, "counties": ["06073"], "products": ["patient"], "min_age": 50}
    named = ("generate_population", {**wanted, "journeys": ["hypertension_first_year"]})
    steps_of_one = 14
    assert _last(server, named).structured_content["entities_by_type"]["journey_steps"] > steps_of_one
    refused = _last(
        server, ("generate_population", {**wanted, "name": "refused", "journeys": ["hypertension_frist_year"]})
    )
    assert refused.is_error
    assert "Did you mean hypertension_first_year" in refused.content[0].text
    assert "the tool list_journeys" in refused.content[0].text


def test_two_places_stand_side_by_side(server: HealthSimServer) -> None:
    places = {"first": "San Diego County, CA", "second": "17031", "measures": ["DIABETES"]}
    pair = _last(server, ("compare_places", places)).structured_content
    (row,) = pair["measures"]
    assert row["difference"] == pytest.approx(row["second"] - row["first"])
