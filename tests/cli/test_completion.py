"""What a shell is told when somebody presses Tab."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

import healthsim as hs
from healthsim.cli import healthsim

PATIENTS = {"patients": [{"patient_id": "p1", "gender": "F"}]}


def _completed(words: list[str], begun: str) -> list[str]:
    items = ShellComplete(healthsim, {}, "healthsim", "_HEALTHSIM_COMPLETE").get_completions(words, begun)
    return [item.value for item in items]


@pytest.fixture
def named(tmp_path: Path) -> list[str]:
    path = str(tmp_path / "x.duckdb")
    bench = hs.open(path)
    for name in ("family", "county", "county-2"):
        bench.save(name, PATIENTS)
    return ["--db", path]


def test_commands(named: list[str]) -> None:
    assert _completed([], "sce") == ["scenario"]
    assert _completed(["export"], "fh") == ["fhir"]


@pytest.mark.parametrize(
    "words", [["scenario", "show"], ["check"], ["export", "fhir"], ["sql", "--scenario"], ["person"]]
)
def test_scenarios(named: list[str], words: list[str]) -> None:
    assert sorted(_completed([*named, *words], "cou")) == ["county", "county-2"]


def test_metrics_dimensions_and_reports() -> None:
    assert "pmpm" in _completed(["analytics", "query"], "pm")
    assert "persons,pmpm" in _completed(["analytics", "query"], "persons,pm")
    assert "month,plan_type" in _completed(["analytics", "query", "pmpm", "--by"], "month,plan_t")
    assert "readmissions" in _completed(["analytics", "report"], "readm")


def test_places_and_conditions_by_what_they_mean() -> None:
    assert _completed(["generate", "--county"], "san diego") == ["06073"]
    assert "type_2_diabetes" in _completed(["generate", "--cohort"], "type_2")
    assert "06073" in _completed(["reference", "lookup"], "0607")


def test_a_database_that_is_not_there_completes_nothing_and_is_not_made(tmp_path: Path) -> None:
    missing = tmp_path / "none.duckdb"
    assert _completed(["--db", str(missing), "scenario", "show"], "") == []
    assert not missing.exists()
