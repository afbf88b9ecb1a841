"""One vocabulary on the command line; older spellings go on working and are shown nowhere."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

import healthsim as hs
from commands import every, leaves, words
from healthsim.cli import main
from healthsim.cli.spelling import database_first
from healthsim.errors import UsageError


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    shown = capsys.readouterr()
    return int(ended.value.code or 0), shown.out, shown.err


def options(command: click.Command) -> set[str]:
    return {name for parameter in command.params if isinstance(parameter, click.Option) for name in parameter.opts}


@pytest.fixture
def clinic() -> None:
    hs.save("clinic", {"patients": [{"patient_id": "p1"}]})


@pytest.mark.parametrize(
    "line",
    [
        ["--db", "x", "scenario", "list"],
        ["scenario", "--db", "x", "list"],
        ["scenario", "list", "--db", "x"],
    ],
)
def test_the_database_is_named_anywhere_on_the_line(line: list[str]) -> None:
    assert database_first(line) == ["--db", "x", "scenario", "list"]


def test_the_last_database_counts_and_behind_two_dashes_are_no_options() -> None:
    assert database_first(["--db", "a", "status", "--db=b"]) == ["--db", "a", "--db=b", "status"]
    assert database_first(["sql", "--", "--db", "x"]) == ["sql", "--", "--db", "x"]
    with pytest.raises(UsageError, match="needs a value"):
        database_first(["status", "--db"])


def test_it_is_read_wherever_it_stands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.duckdb"
    hs.open(other).save("elsewhere", {"patients": [{"patient_id": "x"}]})
    for line in (["scenario", "list", "--json", "--db", other], ["scenario", f"--db={other}", "list", "--json"]):
        code, shown, _ = run(capsys, *line)
        assert code == 0
        assert [item["name"] for item in json.loads(shown)["scenarios"]] == ["elsewhere"]
    assert run(capsys, "status", "--db")[0] == 2


@pytest.mark.usefixtures("clinic")
@pytest.mark.long
def test_older_spellings_go_on_working(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, page = tmp_path / "x.json", tmp_path / "page.html"
    assert run(capsys, "scenario", "export", "clinic", "-o", file)[0] == 0
    assert run(capsys, "export", "share", "clinic", "-o", file, "--overwrite")[0] == 0
    assert run(capsys, "scenario", "import", file, "--name", "one")[0] == 0
    assert run(capsys, "scenario", "import", file, "--name", "one", "--force")[0] == 0
    assert run(capsys, "import", file, "--name", "two")[0] == 0
    assert run(capsys, "scenario", "merge", "one", "two", "--into", "three")[0] == 0
    assert run(capsys, "analytics", "report", "top_diagnoses", "--scenario", "clinic", "--html", page)[0] == 0
    assert {scenario.name for scenario in hs.list()} == {"clinic", "one", "two", "three"}


@pytest.mark.parametrize(("name", "command"), [pytest.param(*leaf, id=leaf[0]) for leaf in leaves()])
def test_every_command_keeps_to_the_words(name: str, command: click.Command) -> None:
    """design.md 9: the name of a result is --as, -y is --yes, -o is --output, and older spellings are not shown."""
    names = options(command)
    assert not names & {"--name", "--into", "--html", "--out", "--db"}, "an older spelling is shown"
    assert ("-y" in names) == ("--yes" in names)
    assert ("-o" in names) == ("--output" in names)
    if "--output" in names and name != "generate":
        assert not {"--overwrite"} & names, "a file is replaced with --force"


@pytest.mark.parametrize(
    ("said", "ages"),
    [
        ("65+", (65, 110)),
        ("65-85", (65, 85)),
        ("7", (7, 7)),
        (" 0 - 17 ", (0, 17)),
    ],
)
def test_ages_are_said_as_for_cohorts(said: str, ages: tuple[int, int]) -> None:
    from healthsim.cli.generate import _ages

    assert _ages(said) == {"min": ages[0], "max": ages[1]}


@pytest.mark.parametrize("said", ["old", "65+85", "-5", "65-", "1000"])
def test_ages_that_are_none_are_told(said: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, text = run(capsys, "generate", "--size", "1", f"--age={said}")
    assert (code, "expected one age, or a range such as 65-85 or 65+" in text) == (5, True)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("demos", "demo"),
        ("scenarios", "scenario list"),
        ("list", "scenario list"),
        ("version", "--version"),
        ("help", "--help"),
        ("querry", "analytics query"),
        ("parquet", "export parquet NAME -o PATH"),
    ],
)
def test_a_word_that_is_no_command_is_answered_with_what_was_meant(
    said: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, text = run(capsys, said)
    assert (code, f"Did you mean: healthsim {meant}?" in text) == (2, True)


def test_what_is_suggested_for_a_word_exists() -> None:
    from healthsim.cli import _OTHER_WORDS

    known = {words(context) for context in every()} | {"--help", "--version"}
    assert {meant.removesuffix(" PATH") for meant in _OTHER_WORDS.values()} <= known
