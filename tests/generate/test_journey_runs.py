"""Journeys on the people of a scenario: the same people, another care; and which scenarios have no such people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import healthsim as hs
from healthsim.errors import AlreadyExists, InvalidInput, NotFound, UsageError
from healthsim.generation.journeys import on_scenario
from healthsim.workbench import Workbench

SPEC = {
    "size": 60,
    "seed": 3,
    "states": ["RI"],
    "ages": {"min": 40},
    "cohort": ["type_2_diabetes"],
    "journeys": {"diabetes_first_year": 0.5},
}
#: table -> the day of its rows
DAYS = {
    "patients": "birth_date",
    "encounters": "start_datetime",
    "diagnoses": "diagnosed_date",
    "orders": "ordered_datetime",
    "lab_results": "collected_datetime",
    "prescriptions": "written_date",
    "claims": "service_date",
}
CALLED = """journey: {name}
name: A made-up pathway
sources: [made up]
starts: {{age: 65}}
lasts: 400
steps:
  visit: {{day: 0, encounter: {{setting: office, reason: Birthday, diagnosis: Z00.00}}}}
  call: {{day: 60, chance: {chance}, encounter: {{setting: virtual, reason: Call, diagnosis: Z00.00}}}}
  blood: {{day: 90, encounter: {{setting: office, reason: Blood, diagnosis: Z00.00}}}}
"""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    """A workbench with a generated scenario."""
    bench = hs.open(tmp_path_factory.mktemp("runs") / "x.duckdb")
    bench.generate(SPEC, "base")
    return bench


@pytest.mark.long
def test_the_people_of_a_scenario_go_through_journeys_as_well(bench: Workbench) -> None:
    made = bench.run_journeys({"diabetes_first_year": 1, "hypertension_first_year": None}, "base", "more")
    assert (made.persons, made.changed, made.warnings) == (60, 0, [])
    assert made.spec["journeys"] == {"diabetes_first_year": 1, "hypertension_first_year": None}
    assert made.travellers["diabetes_first_year"] == 60
    assert {key: value for key, value in made.spec.items() if key != "journeys"}.items() <= (
        bench.run_journeys("new_member_onboarding", "more", "most").spec.items()
    ), "journeys run on what a run has made, too"
    assert repr(made) == "<JourneyRun 'more': 60 persons of 'base'>"


@pytest.mark.long
def test_two_scenarios_that_differ_in_one_chance_differ_in_nothing_else_before_that_step(
    bench: Workbench, tmp_path: Path
) -> None:
    ids = []
    for chance in (0.1, 0.9):
        folder = tmp_path / str(chance)
        folder.mkdir()
        (folder / "called.yaml").write_text(CALLED.format(name="called", chance=chance))
        ids.append(bench.run_journeys("called", "base", f"chance {chance}", journey_files=folder).scenario_id)

    def rows(scenario: str, table: str) -> list[dict[str, Any]]:
        with bench.database.read() as connection:
            asked = (
                f"SELECT * EXCLUDE (scenario_id, saved_at, created_at) FROM {table} WHERE scenario_id = ? ORDER BY ALL"
            )
            return connection.execute(asked, [scenario]).to_arrow_table().to_pylist()

    calls = [[row for row in rows(scenario, "journey_steps") if row["step"] == "call"] for scenario in ids]
    happened = [sum(row["happened"] for row in steps) for steps in calls]
    assert happened[0] < happened[1]
    day_of = {row["patient_id"]: row["planned_date"] for row in calls[1]}
    for table, day in DAYS.items():
        before = [
            [
                row
                for row in rows(scenario, table)
                if row["patient_id"] not in day_of or str(row[day])[:10] < str(day_of[row["patient_id"]])
            ]
            for scenario in ids
        ]
        assert before[0] == before[1], table
        assert before[0], table


@pytest.mark.long
def test_who_is_not_the_same_any_more_is_counted(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = on_scenario._spec_of
    monkeypatch.setattr(
        on_scenario, "_spec_of", lambda *given: asked(*given).model_copy(update={"seed": 4, "journeys": {}})
    )
    made = bench.run_journeys("hypertension_first_year", "base", "other people")
    assert 0 < made.changed <= 120
    assert made.warnings == [
        f"{made.changed} persons of 'base' and of the new scenario (60) are not the same: clinical knowledge, figures of"
        " places or this program changed since it was generated. Generate both anew to compare them."
    ]


@pytest.mark.long
def test_a_scenario_without_the_people_that_were_generated_is_refused(bench: Workbench, tmp_path: Path) -> None:
    bench.clone("base", "clone")
    bench.merge(["base"], "merged")
    bench.save_cohort(bench.cohort("base", sex="F"), "women")
    bench.export("share", "base", tmp_path / "base.json")
    bench.save_file("imported", tmp_path / "base.json")
    bench.clone("women", "cloned women")
    for name, why in (
        ("clone", "'clone' is a clone, with ids of its own"),
        ("cloned women", "'cloned women' is a clone"),
        ("merged", "'merged' was put together from scenarios, and was not generated here"),
        ("women", r"'women' holds \d\d persons, and 60 were generated: it is a cohort or a part"),
        ("imported", r"'imported' came from elsewhere \(its format is share\), and was not generated here"),
    ):
        with pytest.raises(InvalidInput, match=f"{why}.*nothing was done"):
            bench.run_journeys("diabetes_first_year", name, "new")
    assert "new" not in [scenario.name for scenario in bench.list()]
    bench.add("base", {"patients": [{"id": "P1", "gender": "F"}]})
    with pytest.raises(InvalidInput, match="no longer as it was generated: 1 of its persons, with ids of their own"):
        bench.run_journeys("diabetes_first_year", "base", "new")


@pytest.mark.long
def test_names_are_checked_before_anything_is_done(bench: Workbench) -> None:
    bench.generate({"size": 5, "counties": ["06073"]}, "few")
    bench.generate({"size": 5, "counties": ["06073"], "seed": 2}, "others")
    with pytest.raises(AlreadyExists, match="'others' exists already"):
        bench.run_journeys("diabetes_first_year", "few", "others")
    with pytest.raises(AlreadyExists, match="'few' cannot take its own place"):
        bench.run_journeys("diabetes_first_year", "few", "few", overwrite=True)
    with pytest.raises(NotFound, match="Did you mean diabetes_first_year or"):
        bench.run_journeys("diabetes_first_yaer", "few", "others", overwrite=True)
    with pytest.raises(NotFound, match="Did you mean 'few'"):
        bench.run_journeys("diabetes_first_year", "fewe", "new")
    with pytest.raises(UsageError, match="Name a journey"):
        bench.run_journeys([], "few", "new")
    with pytest.raises(InvalidInput, match="less than or equal to 1"):
        bench.run_journeys({"diabetes_first_year": 7}, "few", "new")
    replaced = bench.run_journeys("diabetes_first_year", "few", "others", overwrite=True)
    assert replaced.name == "others"
    assert [scenario.name for scenario in bench.list()].count("others") == 1
