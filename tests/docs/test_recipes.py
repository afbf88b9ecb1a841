"""The recipes of CONTRIBUTING.md, followed literally in a copy of the tree: what they tell to write is all that is needed.

Every block with a title is written: a file as it stands, a difference into the file that is there. What comes of it is then used as
a user would, by programs that import the copy.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from doc_pages import ROOT, Block, Page

GUIDE = Page(ROOT / "CONTRIBUTING.md")
#: what can be added -> how many files are made, how many lines the files that are there get
RECIPES = {
    "a column": (1, 1),
    "an entity type": (0, 6),
    "a statement": (1, 0),
    "a verb": (1, 5),
    "a command": (1, 1),
    "a tool": (1, 0),
    "a fact or a dimension": (1, 0),
    "a metric": (0, 1),
    "a quality measure": (1, 0),
    "a report": (1, 1),
    "a reference dataset": (1, 1),
    "a condition": (1, 0),
    "a journey": (1, 0),
    "a rule of coherence": (1, 0),
    "a format": (1, 1),
    "a location": (1, 1),
}
CLINIC = {
    "patients": [
        {"patient_id": "p1", "given_name": "Ada", "family_name": "Ortiz", "birth_date": "1980-02-03", "gender": "F"},
        {"patient_id": "p2", "given_name": "Ben", "family_name": "Abel", "birth_date": "1975-06-07", "gender": "M"},
    ],
    "allergies": [
        {"allergy_id": "a1", "patient_id": "p1", "substance": "Penicillin", "onset_date": "2020-01-02"},
        {"allergy_id": "a2", "patient_id": "p2", "substance": "penicillin", "onset_date": "2021-01-02"},
        {"allergy_id": "a3", "patient_id": "p2", "code": "7980"},
    ],
    "networks": [{"network_id": "n1", "name": "Lakeshore", "area": "San Diego County"}],
    "implants": [{"implant_id": "i1", "patient_id": "p1", "device": "Pacemaker", "implanted_date": "2022-03-04"}],
}


@dataclass(frozen=True)
class Tree:
    """A copy of the tree in which every recipe has been followed, and a home of its own with the scenario ``clinic``."""

    root: Path

    def python(self, *words: str) -> str:
        """What a program prints that imports the copy."""
        env = os.environ | {
            "PYTHONPATH": str(self.root / "packages/core"),
            "HOME": str(self.root),
            "HEALTHSIM_HOME": str(self.root / "home"),
        }
        # the copy is compiled once, not by every program anew
        for name in ("HEALTHSIM_DB", "PYTHONDONTWRITEBYTECODE"):
            env.pop(name, None)
        done = subprocess.run(
            [sys.executable, *words], cwd=self.root, env=env, capture_output=True, text=True, encoding="utf-8"
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def healthsim(self, *words: str) -> str:
        """What the command prints."""
        return self.python("-c", "from healthsim.cli import main; main()", *words)


def blocks_of(recipe: str) -> list[Block]:
    """The blocks of a recipe: those between its heading and the next one."""
    headings = [number for number, line in enumerate(GUIDE.prose.splitlines(), start=1) if line.startswith("##")]
    start = next(number for number in headings if GUIDE.lines[number - 1] == f"### Add {recipe}")
    end = next(number for number in headings if number > start)
    return [block for block in GUIDE.blocks if start < block.line < end]


def follow(block: Block, root: Path) -> None:
    """Do what a block says: write its file, or put its lines into a file."""
    assert block.title is not None
    path = root / block.title
    if block.language != "diff":
        assert not path.exists(), f"{block.title} is there already"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text + "\n", encoding="utf-8")
        return
    old, new = before_and_after(block.text)
    text = path.read_text(encoding="utf-8")
    if old:
        assert text.count(old) == 1, f"line {block.line} of {GUIDE.name}: {block.title} has no such place, or several"
    path.write_text(text.replace(old, new) if old else text + new, encoding="utf-8")


def before_and_after(difference: str) -> tuple[str, str]:
    """What a difference replaces, and by what; nothing is replaced where it only adds to the end."""
    lines = difference.splitlines()
    assert all(line[:1] in ("", " ", "+") for line in lines), "recipes add lines, and change none"
    old = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
    return old, "".join(f"{line[1:]}\n" for line in lines)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    root = tmp_path_factory.mktemp("tree")
    shutil.copytree(ROOT / "packages/core", root / "packages/core")
    shutil.copytree(ROOT / "scripts", root / "scripts")
    found = Tree(root)
    for recipe in RECIPES:
        for block in blocks_of(recipe):
            if block.language == "bash":
                assert block.text.startswith("python scripts/")
                found.python(*block.text.split()[1:])
            else:
                follow(block, root)
    (root / "clinic.json").write_text(json.dumps(CLINIC), encoding="utf-8")
    found.healthsim("scenario", "save", "clinic", "--from", "clinic.json", "--tag", "spring")
    return found


def test_the_guide_has_a_recipe_for_each_kind_of_thing_and_the_test_follows_all_of_them() -> None:
    headings = [line.removeprefix("### Add ") for line in GUIDE.prose.splitlines() if line.startswith("### Add ")]
    assert headings == list(RECIPES)


@pytest.mark.parametrize(("recipe", "size"), RECIPES.items(), ids=RECIPES.keys())
def test_a_recipe_is_one_file_and_few_lines(recipe: str, size: tuple[int, int]) -> None:
    blocks = [block for block in blocks_of(recipe) if block.title is not None]
    files = [block for block in blocks if block.language != "diff"]
    lines = [line for block in blocks if block.language == "diff" for line in block.text.splitlines()]
    assert (len(files), sum(line.startswith("+") and len(line) > 1 for line in lines)) == size


def test_what_the_recipes_write_is_in_the_house_style(tree: Tree) -> None:
    written = [block.title for recipe in RECIPES for block in blocks_of(recipe) if block.language in ("python", "diff")]
    modules = [str(tree.root / name) for name in written if name is not None and name.endswith(".py")]
    config = ("--config", str(ROOT / "pyproject.toml"), "--no-cache")
    tree.python("-m", "ruff", "check", *config, *modules)
    tree.python("-m", "ruff", "format", "--check", *config, *modules)


def test_the_files_that_the_guides_for_contributors_name_exist() -> None:
    folders = [ROOT / name for name in ("packages", "docs", "tests", "scripts", "benchmarks")]
    files = [*ROOT.glob("*.*"), *(path for folder in folders for path in folder.rglob("*.*"))]
    there = ["/" + path.relative_to(ROOT).as_posix() for path in files]
    for page in (GUIDE, Page(ROOT / "docs/data-architecture.md"), Page(ROOT / "GLOSSARY.md")):
        for name in re.findall(r"`([\w./]+\.(?:py|sql|yaml|md|toml))`", page.prose):
            assert any(path.endswith(f"/{name}") for path in there), f"{page.name} names {name}"


def test_the_layers_on_the_page_of_the_architecture_are_those_that_are_enforced() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    page = " ".join((ROOT / "docs/data-architecture.md").read_text(encoding="utf-8").split())
    for contract in contracts:
        # those in parentheses are to come
        layers = [re.sub(r"\(\w+\)( \| )?|( \| )\(\w+\)", "", layer) for layer in contract.get("layers", [])]
        assert " -> ".join(filter(None, layers)) in page


def test_what_runs_is_the_copy(tree: Tree) -> None:
    shown = tree.python("-c", "import healthsim; print(healthsim.__file__)").strip()
    assert Path(shown).resolve().is_relative_to(tree.root.resolve())


@pytest.mark.long
def test_a_column_and_an_entity_type_are_in_the_database(tree: Tree) -> None:
    answer = tree.healthsim("sql", "SELECT service_area, device FROM networks, implants", "--json")
    assert json.loads(answer)["rows"] == [["San Diego County", "Pacemaker"]]


@pytest.mark.long
def test_a_statement_and_its_verb_are_a_command_and_a_tool(tree: Tree) -> None:
    assert json.loads(tree.healthsim("tags", "--json")) == {"tags": {"spring": 1}}
    script = """
import healthsim
from healthsim.server.declaring import Bench, declared
print(healthsim.tag_counts(), *[one.function(Bench(healthsim.open().settings)) for one in declared() if one.name == "list_tags"])
"""
    assert tree.python("-c", script).strip() == "{'spring': 1} tags={'spring': 1}"


@pytest.mark.long
def test_a_fact_a_metric_a_measure_and_a_report_are_answered(tree: Tree) -> None:
    script = """
import healthsim, json
metrics = healthsim.query(["recorded_allergies"], by="gender", scenario="clinic").rows
report = healthsim.report("allergens", scenario="clinic").rows
measure = healthsim.catalog("adult_well_visits").as_dict()
faults = [str(one) for one in healthsim.check_star("clinic") if one.result != "ok"]
print(json.dumps([metrics, report, "22" in json.dumps(measure, default=str), faults], default=str))
"""
    metrics, report, measure, faults = json.loads(tree.python("-c", script))
    assert metrics == [["F", 1], ["M", 2]]
    assert report == [["penicillin", 2], [None, 1]]
    assert measure
    assert not faults


def test_a_reference_dataset_is_told_by_its_header_and_loaded(tree: Tree) -> None:
    (tree.root / "broadband.csv").write_text("county_fips,broadband_percent\n06073,91.5\n", encoding="utf-8")
    tree.healthsim("reference", "import", "broadband.csv")
    assert "broadband" in tree.healthsim("reference", "list")


def test_a_condition_makes_sense_and_is_shown(tree: Tree) -> None:
    tree.healthsim("conditions", "check")
    assert json.loads(tree.healthsim("conditions", "show", "bunion", "--json"))["name"] == "Bunion"


def test_a_journey_is_a_file(tree: Tree) -> None:
    assert json.loads(tree.healthsim("journeys", "show", "asthma_check", "--json"))["lasts"] == 30


@pytest.mark.long
def test_a_rule_is_checked(tree: Tree) -> None:
    answer = json.loads(tree.healthsim("check", "clinic", "--rule", "allergies_name_a_substance", "--json"))
    (rule,) = answer["rules"]
    assert (rule["status"], rule["violations"], rule["samples"][0]["id"]) == ("warn", 1, "a3")


@pytest.mark.long
def test_a_format_is_a_command_that_writes_it(tree: Tree) -> None:
    tree.healthsim("export", "roster", "clinic", "-o", "clinic.txt")
    assert (tree.root / "clinic.txt").read_text(encoding="utf-8") == "Abel, Ben\nOrtiz, Ada\n"
    assert "roster" in tree.healthsim("export", "--help")


@pytest.mark.long
def test_a_location_is_a_place_for_a_database(tree: Tree) -> None:
    tree.healthsim("--db", "home:trials", "generate", "--size", "5", "--county", "06073")
    assert (tree.root / "home" / "trials.duckdb").is_file()
