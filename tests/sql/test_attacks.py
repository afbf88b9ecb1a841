"""Attacks are refused by the check, and would come to nothing without it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sql_attacks import ATTACKS, BOMBS, SECRET

from healthsim.analytics.star.made import make
from healthsim.db.connection import Database
from healthsim.db.query import Limits, Stop, ask, child
from healthsim.db.query.check import check
from healthsim.db.query.source import Source, opened
from healthsim.db.sharing import readable_elsewhere
from healthsim.errors import DatabaseLocked, HealthSimError, InvalidInput
from healthsim.state.manager import StateManager
from waiting import PATIENCE

END_TO_END = (
    "read_text",
    "copy_to",
    "multi",
    "cte_insert",
    "explain_analyze_delete",
    "update_extensions",
    "pandas_scan",
)
LEAKS = {
    "or": "SELECT * FROM patients WHERE scenario_id IS NULL OR 1 = 1",
    "comment": "SELECT * FROM patients -- WHERE scenario_id = 'x'",
    "comment_block": "SELECT * FROM patients /* */ WHERE true /* AND scenario_id",
    "alias": "SELECT scenarios.* FROM patients AS scenarios",
    "union": "SELECT patient_id, given_name FROM patients UNION ALL SELECT patient_id, given_name FROM latest.patients",
    "main": "SELECT * FROM main.patients",
    "three_parts": "SELECT * FROM healthsim.main.patients",
    "memory": "SELECT * FROM memory.main.patients",
    "quoted": 'SELECT * FROM "healthsim"."main"."patients"',
    "cte_shadow": "WITH patients AS (SELECT * FROM main.patients) SELECT * FROM patients",
    "documents": "SELECT document FROM scenario_documents",
    "documents_qualified": "SELECT document FROM main.scenario_documents",
    "scenarios": "SELECT * FROM scenarios",
    "tags": "SELECT * FROM scenario_tags",
    "entities": "SELECT * FROM scenario_entities WHERE entity_id LIKE 'q%'",
    "entities_join": "SELECT * FROM scenario_entities e LEFT JOIN main.patients p ON p.patient_id = e.entity_id OR true",
    "duckdb_tables": "SELECT * FROM duckdb_tables()",
    "duckdb_views": "SELECT sql FROM duckdb_views()",
    "information_schema": "SELECT * FROM information_schema.tables, information_schema.columns",
    "show_all": "SHOW ALL TABLES",
    "describe": "DESCRIBE",
    "summarize": "SUMMARIZE patients",
    "min_max": "SELECT min(given_name), max(given_name), max(patient_id) FROM patients",
    "count": "SELECT count(*) FROM patients HAVING count(*) > 4",
    "stats": "SELECT stats(given_name) FROM patients",
    "storage": "SELECT * FROM pragma_storage_info('patients')",
    "error": "SELECT * FROM patients WHERE CASE WHEN given_name <> 'Anna' THEN error(given_name) END",
    "cast_error": "SELECT count(*) FROM patients WHERE CASE WHEN given_name <> 'Anna' THEN given_name::INT ELSE 1 END = 1",
    "lambda_error": "SELECT count(*) FROM patients WHERE list_transform([given_name], lambda x: x::INT)[1] = 12",
    "regex_error": "SELECT count(*) FROM patients WHERE regexp_matches('a', CASE WHEN given_name = 'Anna' THEN 'a' ELSE '(' || given_name END)",
    "date_error": "SELECT strptime(given_name, '%Y') FROM patients",
    "rowid": "SELECT rowid, * FROM patients WHERE rowid >= 0",
    "sample": "SELECT * FROM patients USING SAMPLE 100 ROWS",
    "pivot": "PIVOT patients ON given_name USING count(*)",
    "unpivot": "UNPIVOT (SELECT given_name, family_name FROM patients) ON COLUMNS(*)",
    "window": "SELECT lead(given_name, 1) OVER (), lag(given_name) OVER () FROM patients",
    "recursive": "WITH RECURSIVE r AS (SELECT * FROM patients UNION SELECT p.* FROM main.patients p, r) SELECT * FROM r",
    "subquery_scope": "SELECT (SELECT string_agg(given_name) FROM main.patients) FROM patients",
    "explain_analyze": "EXPLAIN ANALYZE SELECT * FROM patients WHERE given_name > 'B'",
    "migrated": "SELECT * FROM migrated_files",
    "asof": "SELECT * FROM claims a ASOF JOIN main.claims b ON a.service_date >= b.service_date",
    "lateral": "SELECT l.* FROM patients p, LATERAL (SELECT * FROM latest.patients x WHERE x.patient_id <> p.patient_id) l",
}


def test_there_are_enough() -> None:
    assert len(ATTACKS) + len(BOMBS) + len(LEAKS) >= 80


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("view", ["whole", "filtered"])
def test_is_refused_by_the_check(
    name: str, view: str, asked: tuple[Database, str], request: pytest.FixtureRequest
) -> None:
    source: Source = request.getfixturevalue(view)
    with pytest.raises(InvalidInput):
        check(source.connection, ATTACKS[name], source.known, filtered=source.scenario is not None)


@pytest.mark.long
def test_the_engine_is_a_second_wall(asked: tuple[Database, str], tmp_path: Path) -> None:
    """What reads files or changes anything fails on the locked connection, even where nothing has looked at the text."""
    with readable_elsewhere(asked[0]) as path:
        before = hashlib.sha256(Path(path).read_bytes()).hexdigest()
        _try_everything(path, tmp_path)
        assert hashlib.sha256(Path(path).read_bytes()).hexdigest() == before
    assert sorted(item.name for item in tmp_path.iterdir()) == ["home", "outside.csv"]


def _try_everything(path: str, folder: Path) -> None:
    outside = folder / "outside.csv"
    outside.write_text("root:x:0\n", encoding="utf-8")
    # these would go on for ever: here is nothing that ends them
    endless = ("sleep", "repeat_row", "_scan(1", "FROM recurring.")
    waiting = [sql for sql in ATTACKS.values() if not any(word in sql for word in endless)]
    while waiting:
        with opened(path, 5, None, 1 << 30) as source:
            while waiting:
                sql = waiting.pop().replace("/etc/passwd", str(outside))
                try:
                    result = source.connection.execute(sql)
                    rows = result.fetchmany(50) if result is not None else []
                except (duckdb.Error, RuntimeError, UnicodeError, ValueError):
                    continue
                assert "root:" not in str(rows), sql
                break


@pytest.mark.parametrize("name", END_TO_END)
@pytest.mark.long
def test_is_refused_by_the_process(name: str, at_file: tuple[Database, str]) -> None:
    with pytest.raises(InvalidInput):
        ask(at_file[0], ATTACKS[name], scenario_id=at_file[1])


class _NoDeadline:
    """In the place of the child's deadline, which would end the tests' own process."""

    def __init__(self, *_: object) -> None: ...

    def check(self, error: duckdb.Error) -> None: ...


@pytest.mark.parametrize("name", LEAKS)
@pytest.mark.long
def test_other_scenarios_stay_unseen(name: str, at_file: tuple[Database, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "_Deadline", _NoDeadline)
    text = _seen(at_file, LEAKS[name])
    assert SECRET not in text
    assert "'q1'" not in text
    assert name != "count" or "'rows': []" in text


def _seen(asked: tuple[Database, str], sql: str) -> str:
    """What the child would send back, be it rows or an error."""
    limits = {"lock_timeout": 5, "memory": 1 << 30, "timeout": 30, "rows": 1_000, "characters": 1_000_000}
    with readable_elsewhere(asked[0]) as path:
        try:
            return str(child._answer({"path": path, "scenario": asked[1], "sql": sql, "as_text": False, **limits}))
        except HealthSimError as error:
            return error.message + str(error.details)


#: what the engine says of tables and plans, by which the hidden file could be named or its rows counted
OF_DATABASE = {
    "tables": "SELECT table_catalog, table_schema, table_name FROM information_schema.tables",
    "columns": "SELECT DISTINCT table_catalog, table_name FROM information_schema.columns",
    "schemata": "SELECT catalog_name, schema_name FROM information_schema.schemata",
    "with_rows": "SELECT table_catalog, p.given_name FROM information_schema.tables, patients p",
    "explain": "EXPLAIN SELECT * FROM patients",
    "explain_analyze": "EXPLAIN ANALYZE SELECT count(*) FROM patients JOIN claims ON true",
    "explain_json": "EXPLAIN (FORMAT json) SELECT * FROM latest.patients WHERE gender = 'F'",
    "explain_analyze_json": "EXPLAIN (ANALYZE, FORMAT json) SELECT * FROM patients",
    "explain_pivot": "EXPLAIN PIVOT patients ON gender USING count(*)",
    "unknown_column": "SELECT nothing FROM patients",
    "ambiguous": "SELECT gender FROM patients, latest.patients",
    "position": "SELECT current_database(), current_catalog(), current_schemas(true), current_query()",
}


@pytest.mark.parametrize("name", OF_DATABASE)
@pytest.mark.long
def test_the_hidden_file_is_not_named(
    name: str, at_file: tuple[Database, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kind: what describes the database describes only what the scenario may see of it."""
    aliases: list[str] = []

    def noted(*options: Any) -> Any:
        source = opened(*options)

        @contextmanager
        def inner() -> Iterator[Source]:
            with source as found:
                aliases.append(found.alias)
                yield found

        return inner()

    monkeypatch.setattr(child, "_Deadline", _NoDeadline)
    monkeypatch.setattr(child, "opened", noted)
    text = _seen(at_file, OF_DATABASE[name])
    assert len(aliases) == 1
    # a box breaks long names anywhere
    assert aliases[0][:8] not in text
    assert "healthsim" not in text.replace("healthsim scenario import", "")
    assert "8 rows" not in text
    assert "'8'" not in text


@pytest.mark.long
def test_a_scenario_sees_each_table_once(asked: tuple[Database, str]) -> None:
    sql = "SELECT count(*), count(DISTINCT (table_schema, table_name)) FROM information_schema.tables"
    (many, different), *_ = ask(asked[0], sql, scenario_id=asked[1]).rows
    assert many == different > 40
    assert ask(asked[0], f"{sql} WHERE table_catalog <> 'memory'", scenario_id=asked[1]).rows == [[0, 0]]


@pytest.mark.long
def test_other_scenarios_stay_unseen_by_a_process(at_file: tuple[Database, str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        ask(at_file[0], LEAKS["lambda_error"], scenario_id=at_file[1])
    assert SECRET not in str(caught.value)
    assert "'Anna'" in str(caught.value)


LONG = os.environ.get("HEALTHSIM_LONG_TESTS")
SHORT = (
    "recursive",
    "cross_join",
    "repeat",
    "lpad",
    "list_agg",
    "sort",
    "rows",
    "brackets",
    "subqueries",
    "pivot_bomb",
)


@pytest.mark.parametrize("name", BOMBS if LONG else SHORT)
@pytest.mark.long
def test_bombs_end(name: str, at_file: tuple[Database, str]) -> None:
    started = time.monotonic()
    text = _outcome(at_file[0], BOMBS[name])
    assert len(text) < 50_000
    assert "process (code" not in text
    assert time.monotonic() - started < PATIENCE, "it is ended by a limit, not by its own end"


def _outcome(database: Database, sql: str) -> str:
    try:
        return str(ask(database, sql, limits=Limits(rows=100, characters=10_000, timeout=1, memory=128 << 20)))
    except HealthSimError as error:
        return error.message


@pytest.mark.long
def test_limits_say_what_to_do(at_file: tuple[Database, str]) -> None:
    with pytest.raises(HealthSimError) as caught:
        ask(at_file[0], BOMBS["cross_join"], limits=Limits(timeout=0.5))
    assert caught.value.message == (
        "The question took longer than 0.5 s and was stopped. Read fewer rows (WHERE, a scenario), aggregate before"
        " joining, or raise HEALTHSIM_SQL_TIMEOUT."
    )
    with pytest.raises(HealthSimError) as caught:
        ask(at_file[0], BOMBS["group"], limits=Limits(memory=64 << 20))
    assert caught.value.message == (
        "The question needs more than 64 MiB of memory and was stopped. Select fewer columns and rows, aggregate before"
        " joining, or raise HEALTHSIM_SQL_MEMORY."
    )


def test_can_be_stopped_from_another_thread(at_file: tuple[Database, str]) -> None:
    stop = Stop()
    timer = threading.Timer(0.5, stop)
    timer.start()
    started = time.monotonic()
    with pytest.raises(HealthSimError):
        ask(at_file[0], BOMBS["cross_join"], limits=Limits(timeout=2 * PATIENCE), stop=stop)
    assert time.monotonic() - started < PATIENCE, "by the word, not by the time limit"


@pytest.mark.long
def test_waits_for_a_lock_and_then_says_who_has_it(asked: tuple[Database, str]) -> None:
    path = asked[0].location.text
    if asked[0].location.path is None:
        pytest.skip("what is in memory has no file that another program could hold")
    script = f"import duckdb, sys; c = duckdb.connect({path!r}); print('x', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(DatabaseLocked, match=f"process {holder.pid}"):
            ask(Database(path, lock_timeout=0.3), "SELECT 1")
        threading.Timer(0.5, holder.stdin.close).start()
        assert ask(Database(path, lock_timeout=PATIENCE), "SELECT 1").rows == [[1]]


def test_no_secrets_reach_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    from healthsim.config import child_environment

    monkeypatch.setenv("HEALTHSIM_MCP_TOKEN", "secret")
    assert "HEALTHSIM_MCP_TOKEN" in os.environ
    assert "secret" not in child_environment().values()


@pytest.mark.long
def test_the_star_of_other_scenarios_stays_unseen(tmp_path: Path) -> None:
    database = Database(tmp_path / "star.duckdb", lock_timeout=10)
    state = StateManager(database)
    people = [{"patient_id": "p1", "given_name": "Anna", "birth_date": "1950-02-03", "gender": "F"}]
    mine = state.save("mine", {"patients": people})
    state.save("other", {"patients": [*people, {**people[0], "patient_id": "p2"}]}, description=SECRET)
    with database.write() as connection:
        make(connection)
        connection.execute(
            "INSERT INTO analytics.builds BY NAME"
            " SELECT scenario_id, row_number() OVER (ORDER BY name) AS scenario_key FROM scenarios"
        )
        connection.execute(
            "INSERT INTO analytics.dim_scenario (scenario_key, scenario_id, name, description)"
            " SELECT row_number() OVER (ORDER BY name), scenario_id, name, description FROM scenarios"
        )
        connection.execute(
            "INSERT INTO analytics.fact_encounter (scenario_key, encounter_id) VALUES (1, 'e1'), (2, ?)", [SECRET]
        )
    counted = "SELECT count(*) FROM analytics.fact_encounter"
    assert ask(database, counted).rows == [[2]]
    assert ask(database, counted, scenario_id=mine.scenario_id).rows == [[1]]
    for sql in ("FROM analytics.dim_scenario", "FROM analytics.fact_encounter WHERE scenario_key = 2 OR true"):
        answer = ask(database, sql, scenario_id=mine.scenario_id)
        assert len(answer.rows) == 1, sql
        assert SECRET not in str(answer.rows), sql
    with pytest.raises(InvalidInput):
        ask(database, "FROM analytics.dim_diagnosis", scenario_id=mine.scenario_id)
