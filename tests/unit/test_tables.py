"""The one read: bare names are the tables of one scenario."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from healthsim.db.connection import Database
from healthsim.errors import NotFound
from healthsim.state.manager import StateManager
from healthsim.state.tables import Tables, scenario_tables, tables_of

ONE = {"patients": [{"id": "P1"}, {"id": "P2"}], "claims": [{"id": "C1", "patient_id": "P1", "total_paid": "10.00"}]}
OTHER = {"patients": [{"id": "P1"}], "claims": [{"id": f"C{n}", "patient_id": "P1"} for n in range(5)]}


@pytest.fixture(params=["file", "memory"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    made = Database(tmp_path / "healthsim.duckdb" if request.param == "file" else ":memory:")
    state = StateManager(made)
    state.save("one", ONE, tags=["a", "b"])
    state.save("other", OTHER, tags=["c"])
    return made


def _views(tables: Tables) -> list[str]:
    names = tables.connection.execute(
        "SELECT view_name FROM duckdb_views() WHERE temporary AND NOT internal ORDER BY 1"
    )
    return [name for (name,) in names.fetchall()]


@pytest.mark.parametrize(("name", "patients", "claims", "tags"), [("one", 2, 1, 2), ("other", 1, 5, 1)])
def test_a_statement_reads_one_scenario_under_bare_names(
    database: Database, name: str, patients: int, claims: int, tags: int
) -> None:
    with scenario_tables(database, name) as tables:
        assert tables.scenario.name == name
        assert tables.one("SELECT count(*) FROM patients") == patients
        assert tables.one("SELECT count(*) FROM claims AS c JOIN patients AS p USING (patient_id)") == claims
        assert tables.one("SELECT count(*) FROM scenario_tags") == tags
        assert tables.one("SELECT count(*) FROM scenario_documents") == patients + claims
        assert tables.one("SELECT count(*) FROM scenario_entities") == patients + claims
        assert tables.one("SELECT name FROM scenarios") == name
        assert tables.counts() == {"patients": patients, "claims": claims}


def test_only_what_is_mentioned_becomes_a_view(database: Database) -> None:
    with scenario_tables(database, "one") as tables:
        tables.counts()
        assert _views(tables) == []
        tables.execute("SELECT 1 AS answer")
        assert _views(tables) == []
        tables.execute("SELECT 'nobody' FROM claims WHERE claim_id = 'patients of claims'")
        assert _views(tables) == ["claims", "patients"]


def test_of_the_values_a_statement_gets_those_that_it_names(database: Database) -> None:
    with scenario_tables(database, "one") as tables:
        values: dict[str, Any] = {"id": "P2", "unused": 1}
        assert tables.one("SELECT count(*) FROM patients WHERE patient_id = $id", values) == 1
        assert tables.one("SELECT $scenario") == tables.scenario_id


def test_queries_are_read_like_tables_and_may_read_each_other(database: Database) -> None:
    queries = {"payers": "SELECT DISTINCT patient_id FROM paid", "paid": "SELECT * FROM claims WHERE total_paid > 0"}
    with scenario_tables(database, "one", queries) as tables:
        assert tables.one("SELECT count(*) FROM payers") == 1
        assert _views(tables) == ["claims", "paid", "payers"]
    with scenario_tables(database, "other", queries) as tables:
        assert tables.one("SELECT count(*) FROM payers") == 0


def test_the_table_itself_is_named_whole_while_there_are_views(database: Database) -> None:
    """A view hides ``main.claims`` as well, which is why writers ask for the table."""
    with database.read() as connection:
        scenario_id = StateManager(database).get("one").scenario_id
        with tables_of(connection, scenario_id) as tables:
            assert tables.one("SELECT count(*) FROM claims") == 1
            assert tables.one("SELECT count(*) FROM main.claims") == 1
            assert tables.one(f"SELECT count(*) FROM {tables.table('claims')}") == 6
        assert connection.execute("SELECT count(*) FROM main.claims").fetchall() == [(6,)]


def test_one_scenario_after_the_other_on_one_connection(database: Database) -> None:
    state = StateManager(database)
    with database.read() as connection:
        for name, claims in (("one", 1), ("other", 5), ("one", 1)):
            with tables_of(connection, state.get(name).scenario_id) as tables:
                assert tables.one("SELECT count(*) FROM claims") == claims


def test_of_what_is_known_to_be_empty_nothing_is_planned(database: Database) -> None:
    with database.read() as connection:
        scenario_id = StateManager(database).get("one").scenario_id
        tables = Tables(connection, scenario_id, filled=frozenset({"patients"}))
        assert tables.one("SELECT count(*) FROM patients") == 2
        plan = str(tables.execute("EXPLAIN SELECT * FROM claims").fetchall())
        assert re.search("empty.result", plan, re.I)
        assert tables.one("SELECT name FROM scenarios") == "one"


def test_rows_are_skipped_where_they_are_scanned(database: Database) -> None:
    """The condition reaches the scan, so that the engine can leave out groups of rows by their least and greatest id."""
    with scenario_tables(database, "one") as tables:
        plan = str(
            tables.execute(
                "EXPLAIN SELECT sum(total_paid) FROM claims AS c JOIN patients AS p USING (patient_id)"
            ).fetchall()
        )
    # versions of the engine draw plans in different ways
    assert len(re.findall(r"scenario_id\s*=", plan)) == 2, plan
    assert not re.search(r"─ Filter ─|│\s*FILTER\s*│", plan)


def test_a_scenario_that_is_not_there_is_refused(database: Database) -> None:
    with (
        pytest.raises(NotFound, match="There is no scenario 'onne'"),
        scenario_tables(database, "onne"),
    ):
        pass
