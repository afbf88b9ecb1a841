"""Files of journeys: those of the house make sense, bad ones are refused by line, with what somebody may have meant."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from healthsim.cli import main
from healthsim.errors import InvalidInput, NotFound
from healthsim.generation.journeys.declaration import Journey
from healthsim.generation.journeys.files import check_files, find_journey, load_journeys
from healthsim.generation.journeys.order import in_order

GOOD = """journey: sugar
name: A made-up pathway
sources: [made up]
starts: {onset: type_2_diabetes}
lasts: 200
steps:
  visit: {day: 0, encounter: {setting: office, reason: New diabetes}}
  blood: {with: visit, lab: 4548-4}
  drug: {with: visit, chance: 0.8, regimen: metformin}
  later: {after: visit, wait: {uniform: [20, 40]}, repeat: {every: 40, times: 3, spread: 5}, encounter: {setting: office, reason: Diabetes follow-up}}
  choice: {with: later, when: {controlled: false}, one_of: {add: 0.5, nothing: 0.5}}
  add: {from: choice, regimen: glp1 agonist}
expect:
  tested: {step: blood, at_least: 0.9}
"""


def test_journeys_of_the_house_have_sources_and_make_sense() -> None:
    known = load_journeys()
    assert "diabetes_first_year" in known
    assert all(journey.sources and journey.expect for journey in known.values())


def test_a_journey_of_ones_own_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "sugar.yaml").write_text(GOOD)
    assert check_files([tmp_path]) == (1, [])
    journey = find_journey("Sugar", load_journeys(tmp_path))
    steps = {placed.name: placed for placed in in_order(journey)}
    assert list(steps) == ["visit", "blood", "drug", "later", "choice", "add"]
    # what follows a step that comes three times comes three times, at its contacts
    assert [(steps[name].times, steps[name].contact) for name in ("blood", "add")] == [(1, "visit"), (3, "later")]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("lasts: 200", "last: 200"), "x.yaml:5: last: there is no such key; did you mean lasts?"),
        (
            ("{day: 0, encounter: {setting", "{day: 0, enconter: {setting"),
            "x.yaml:7: steps.visit.enconter: there is no such key; did you mean encounter?",
        ),
        (("setting: office, reason: New", "setting: hospital, reason: New"), "x.yaml:7: steps.visit.encounter.setting"),
        (
            ("onset: type_2_diabetes", "onset: type_2_diabetis"),
            "there is no condition 'type_2_diabetis'; did you mean type_2_diabetes",
        ),
        (
            ("onset: type_2_diabetes", "onset: influenza"),
            "x.yaml:4: starts.onset: influenza is acute; expected a chronic condition",
        ),
        (("onset: type_2_diabetes", ""), "x.yaml:4: starts: expected one of onset, admission"),
        (
            ("with: visit, lab", "with: visitt, lab"),
            "x.yaml:8: steps.blood.with: there is no step 'visitt'; did you mean visit?",
        ),
        (
            ("lab: 4548-4", "lab: 4548-5"),
            "x.yaml:8: steps.blood.lab: no test '4548-5' can be ordered by itself; did you mean 4548-4",
        ),
        (("lab: 4548-4", "lab: 2345-8"), "x.yaml:8: steps.blood.lab: no test '2345-8'"),
        (("lab: 4548-4", "lab: 2823-3"), "it is part of panel/80053"),
        (("lab: 4548-4", "lab: panel/80054"), "there is no panel '80054'; did you mean 80053"),
        (("regimen: metformin", "regimen: metfornin"), "has no regimen 'metfornin'; did you mean metformin?"),
        (
            ("with: visit, chance", "after: visit, chance"),
            "steps.drug.after: regimen happens at the contact of another step; take with",
        ),
        (
            ("chance: 0.8", "chance: 1.8"),
            "x.yaml:9: steps.drug.chance: input should be less than or equal to 1 (given: 1.8)",
        ),
        (
            ("uniform: [20, 40]", "uniform: [40, 20]"),
            "steps.later.wait.uniform: 40 is above 20; expected [least, most]",
        ),
        (("spread: 5", "spread: 30"), "steps.later.repeat.spread: 30; expected at most a quarter of every, 40"),
        (("times: 3, ", ""), "steps.later.repeat: expected one of times and until"),
        (("{after: visit, wait", "{after: choice, wait"), "is a circle; a step comes again only by repeat"),
        (("nothing: 0.5", "nothing: 0.6"), "x.yaml:11: steps.choice.one_of: the shares add up to 1.100; expected 1"),
        (
            ("nothing: 0.5", "nothin: 0.5"),
            "x.yaml:11: steps.choice.one_of.nothin: there is no such step; did you mean nothing?",
        ),
        (("add: {from: choice", "add: {from: later"), "steps.add.from: later does not lead here"),
        (
            ("when: {controlled: false}", "when: {controled: false}"),
            "steps.choice.when.controled: there is no such key; did you mean controlled?",
        ),
        (
            ("when: {controlled: false}", "when: {step: drug}"),
            "whether drug begins is known after the steps are planned",
        ),
        (
            ("when: {controlled: false}", "when: {happened: false}"),
            "steps.choice.when.happened: expected step beside it",
        ),
        (
            ("step: blood, at", "step: blod, at"),
            "x.yaml:14: expect.tested.step: there is no step 'blod'; did you mean blood?",
        ),
        ((", at_least: 0.9", ""), "x.yaml:14: expect.tested: expected at_least or at_most"),
        (("lasts: 200", "lasts: 200\ninstead_of: [visit]"), "x.yaml:6: instead_of.0"),
        (("day: 0", "day: 300"), "steps.visit.day: 300 is after the journey, which lasts 200"),
        (
            ("day: 0", "day: 0, after: blood"),
            "steps.visit.place: expected one of day, with, after, from; given: day, after",
        ),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_by_line(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    assert change[0] in GOOD
    (tmp_path / "x.yaml").write_text(GOOD.replace(*change))
    _, faults = check_files([tmp_path])
    assert message in "\n".join(faults)
    with pytest.raises(InvalidInput, match=re.escape(faults[0])):
        load_journeys(tmp_path)


def test_a_name_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound, match=r"There is no journey 'diabetes frist year'\. Did you mean diabetes_first_year"):
        find_journey("diabetes frist year", load_journeys())


def test_the_schema_is_published(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["journeys", "show", "--schema"])
    assert json.loads(capsys.readouterr().out) == Journey.model_json_schema()
