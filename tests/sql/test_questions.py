"""Honest questions are answered, whatever the syntax, with a scenario and without."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
from sql_questions import QUESTIONS

from asking import answered
from healthsim.db.connection import Database
from healthsim.db.locations import Ability, MemoryLocation
from healthsim.db.plain_engine import other_file
from healthsim.db.query import Limits, ask
from healthsim.db.query.source import Source
from healthsim.db.sharing import readable_elsewhere
from healthsim.errors import InvalidInput, NotFound, UsageError
from healthsim.state.manager import StateManager

END_TO_END = ("join", "pivot", "explain_pivot", "lambda", "now", "types")


def test_there_are_enough() -> None:
    assert len(QUESTIONS) >= 40


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("view", ["whole", "filtered"])
def test_is_answered(name: str, view: str, asked: tuple[Database, str], request: pytest.FixtureRequest) -> None:
    source: Source = request.getfixturevalue(view)
    assert answered(source, QUESTIONS[name])["columns"]


@pytest.mark.parametrize("name", END_TO_END)
@pytest.mark.long
def test_is_answered_by_a_process_of_its_own(name: str, at_file: tuple[Database, str]) -> None:
    database, scenario = at_file
    answer = ask(database, QUESTIONS[name], scenario_id=scenario)
    assert answer.columns
    assert answer.rows
    assert not answer.truncated


def _rows(asked: tuple[Database, str], sql: str, **options: Any) -> list[list[Any]]:
    return ask(asked[0], sql, **options).rows


@pytest.mark.long
def test_rows_and_characters_are_limited(at_file: tuple[Database, str]) -> None:
    database, _ = at_file
    answer = ask(database, "FROM range(100)", limits=Limits(rows=10))
    assert (len(answer.rows), answer.truncated) == (10, True)
    assert not ask(database, "FROM range(10)", limits=Limits(rows=10)).truncated
    wide = ask(database, "SELECT repeat('x', 5000) FROM range(100)", limits=Limits(characters=20_000))
    assert wide.truncated
    assert len(str(wide.rows)) < 25_000
    cut = ask(database, "SELECT repeat('x', 1000000)", limits=Limits(characters=1_000))
    assert cut.truncated
    assert len(cut.rows[0][0]) == 1_001


@pytest.mark.long
def test_a_scenario_sees_its_rows_only(asked: tuple[Database, str]) -> None:
    _, mine = asked
    for table in ("patients", "main.patients", "latest.patients"):
        assert _rows(asked, f"SELECT count(*) FROM {table}", scenario_id=mine) == [[4]]
    assert _rows(asked, "SELECT count(*) FROM patients") == [[8]]
    assert _rows(asked, "SELECT name FROM scenarios", scenario_id=mine) == [["mine"]]
    assert _rows(asked, "SELECT count(*) FROM scenario_entities", scenario_id=mine) == [[16]]


@pytest.mark.long
def test_an_error_in_other_rows_is_no_error(at_file: tuple[Database, str]) -> None:
    """DuckDB 1.5 evaluates this on rows that the filter has set aside; the answer must not depend on them."""
    sql = "SELECT count(*) FROM patients WHERE list_transform([given_name], lambda x: CASE WHEN x = 'Anna' THEN 1 ELSE x::INT END)[1] = 1"
    assert _rows(at_file, sql, scenario_id=at_file[1]) == [[4]]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT * FROM patient", "There is no table 'patient' in the database. Did you mean patients"),
        (
            "SELECT * FROM nothing_like_it_zz",
            "There is no table 'nothing_like_it_zz' in the database. SHOW TABLES lists them.",
        ),
        (
            "SELECT nome FROM patients",
            'The question cannot be answered: Binder Error: Referenced column "nome" not found',
        ),
        ("SELECT 1 +", "The question is no SQL that can be read: Parser Error"),
        ("SELECT given_name::INT FROM patients", "The question cannot be answered: Conversion Error"),
        ("", "The question is empty; expected one SELECT."),
        (
            "DELETE FROM patients",
            "The question is a statement of another kind (DELETE); expected one SELECT (also FROM,",
        ),
        ("SELECT 1; SELECT 2", "The question has several statements; expected one. Ask them one after the other."),
        ("FROM 'x.csv'", "'x.csv' is no table of the database, and files cannot be read here."),
        ("SELECT lowr('a')", "has no function 'lowr'. Did you mean lower"),
        ("SELECT nextval('s')", "The function 'nextval' is not possible here: questions may compute with the rows"),
        (
            "WITH pg_class AS (SELECT 1) FROM pg_class",
            "'pg_class', the name of a view of the database engine. Choose another",
        ),
        ("SELECT current_setting('temp_directory')", "current_setting() shows calendar, default_collation,"),
        (
            "FROM histogram(lower('X'), a)",
            "histogram() expects the name of a table first: histogram(patients, birth_date",
        ),
        ("SELECT ?", "The question has a parameter (?, $1 or :name). Write the value itself instead."),
        ("SELECT 1\0", "The question holds a NUL character, where SQL has none. Remove it."),
        ("SELECT " + "1" * 100_000, "The question has 100,007 characters; at most 100,000 are possible."),
        ("SELECT * FROM healthsim.main.patients", "names a database; only this one can be read."),
    ],
)
@pytest.mark.long
def test_errors_say_what_to_do(at_file: tuple[Database, str], sql: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        ask(at_file[0], sql)
    assert message in caught.value.message


@pytest.mark.every_location
@pytest.mark.long
def test_answers_are_the_same_wherever_the_database_is(database: Database) -> None:
    saved = StateManager(database).save("demo", {"patients": [{"patient_id": "P1"}, {"patient_id": "P2"}]})
    StateManager(database).save("other", {"patients": [{"patient_id": "P3"}]})
    question = "SELECT patient_id FROM patients ORDER BY ALL"
    assert ask(database, question).rows == [["P1"], ["P2"], ["P3"]]
    assert ask(database, question, scenario_id=saved.scenario_id).rows == [["P1"], ["P2"]]
    assert ask(database, "SELECT count(*) FROM latest.patients").rows == [[3]]
    with pytest.raises(InvalidInput):
        ask(database, "DELETE FROM patients")


@pytest.mark.long
def test_a_database_in_memory_is_asked_through_a_copy() -> None:
    database = Database(":memory:")
    StateManager(database).save("demo", {"patients": [{"patient_id": "P1"}]})
    assert ask(database, "SELECT patient_id FROM patients").rows == [["P1"]]
    StateManager(database).save("more", {"patients": [{"patient_id": "P2"}]})
    assert ask(database, "SELECT count(*) FROM latest.patients").rows == [[2]]


def test_what_no_other_process_can_read_is_refused_in_words() -> None:
    class Closed(MemoryLocation):
        unable: ClassVar[Mapping[Ability, str]] = {Ability.SHARE: "lets nobody else in."}

    with pytest.raises(UsageError, match=":memory: lets nobody else in"):
        ask(Database(Closed(":memory:")), "SELECT 1")


@pytest.mark.long
def test_of_a_place_far_away_only_what_a_question_mentions_is_copied() -> None:
    database = Database(":memory:")
    StateManager(database).save("demo", {"patients": [{"patient_id": "P1"}], "claims": [{"claim_id": "C1"}]})
    with readable_elsewhere(database, "SELECT count(*) FROM latest.Patients") as path:
        copy = other_file(Path(path), read_only=True)
        rows = copy.execute("SELECT (SELECT count(*) FROM patients), (SELECT count(*) FROM claims)").fetchall()
        copy.close()
    assert rows == [(1, 0)]
    assert ask(database, "SELECT count(*) FROM scenario_entities").rows == [[2]]


@pytest.mark.long
def test_makes_the_database_on_first_use(database: Database) -> None:
    assert ask(database, "SELECT count(*) FROM patients").rows == [[0]]


def test_unknown_scenario_by_the_cli(database: Database) -> None:
    from click.testing import CliRunner

    from healthsim.cli import healthsim

    result = CliRunner().invoke(healthsim, ["--db", database.location.text, "sql", "SELECT 1", "--scenario", "none"])
    assert isinstance(result.exception, NotFound)
