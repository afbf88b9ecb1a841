"""What the tools do beyond success: each kind of error, limits, paging, confirmation, cancelling."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.from_thread
import duckdb
import pytest
from mcp import Client
from mcp_types import ElicitResult
from server_calls import DIAGNOSES, HANDSHAKE, MODERN, PATIENTS, environment

from healthsim.db.connection import Database
from healthsim.server.core import HealthSimServer
from healthsim.state.manager import StateManager
from waiting import PATIENCE, until

Calls = list[tuple[str, dict[str, Any]]]
SAVE: Calls = [("save_scenario", {"name": "one", "entities": {"patients": PATIENTS, "diagnoses": DIAGNOSES}})]


def run(server: HealthSimServer, calls: Calls, **options: Any) -> list[Any]:
    """The results of calls, in order."""

    async def main() -> list[Any]:
        async with Client(server, **options) as client:
            return [await client.call_tool(name, arguments) for name, arguments in calls]

    return anyio.run(main)


@pytest.mark.parametrize(
    ("name", "arguments", "code", "message"),
    [
        ("load_scenario", {"name": "two"}, "not_found", "There is no scenario 'two'."),
        (
            "get_entity_samples",
            {"name": "one", "entity_type": "claim"},
            "not_found",
            "The scenario 'one' holds no claim; it holds diagnoses, patients.",
        ),
        ("get_entity_samples", {"name": "one", "entity_type": "pashient"}, "not_found", "There is no entity type"),
        ("save_scenario", {"name": "one", "entities": {"patients": []}}, "already_exists", "exists already"),
        (
            "save_scenario",
            {"name": "x", "entities": {"patients": [{"patient_id": "a", "birth_date": "soon"}]}},
            "invalid_entities",
            "nothing was saved",
        ),
        ("save_scenario", {"name": "x"}, "invalid_input", "The arguments of save_scenario are not as expected"),
        ("save_scenario", {"name": "x", "entities": {"patients": [1]}}, "invalid_input", "entities.patients.0"),
        ("save_scenario", {"nam": "x"}, "not_found", "There is no argument of save_scenario 'nam'. Did you mean name?"),
        ("get_status", {"all": True}, "not_found", "Expected one of none at all."),
        ("load_scenarios", {}, "not_found", "There is no tool 'load_scenarios'. Did you mean load_scenario"),
        (
            "query_scenario",
            {"name": "one", "entity_type": "patient", "columns": ["nome"]},
            "invalid_input",
            "patients have no column 'nome'; expected one of patient_id,",
        ),
        (
            "query_scenario",
            {
                "name": "one",
                "entity_type": "patient",
                "where": [{"column": "birth_date", "operator": "<", "value": "x"}],
            },
            "invalid_input",
            "A value of the filter cannot be compared",
        ),
        (
            "query_scenario",
            {"name": "one", "entity_type": "patient", "cursor": "bogus"},
            "invalid_input",
            "'bogus' is no cursor; expected next_cursor of the page before, unchanged.",
        ),
        ("run_sql", {"sql": "DELETE FROM patients"}, "invalid_input", "statement of another kind (DELETE)"),
        ("run_sql", {"sql": "SELECT 1", "scenario": "two"}, "not_found", "There is no scenario 'two'."),
        (
            "delete_scenario",
            {"name": "one", "confirm_name": "two"},
            "invalid_input",
            "confirm_name is 'two'; expected 'one', the name of the scenario that is to be deleted.",
        ),
        ("rename_scenario", {"name": "one", "new_name": " "}, "invalid_input", "The name of the scenario is empty"),
        ("untag_scenario", {"name": "one", "tags": ["no"]}, "not_found", "The scenario has no tag 'no'"),
    ],
)
@pytest.mark.long
def test_errors(server: HealthSimServer, name: str, arguments: dict[str, Any], code: str, message: str) -> None:
    *_, result = run(server, [*SAVE, (name, arguments)])
    assert result.is_error
    assert result.structured_content is None
    assert message in result.content[0].text
    assert result.meta["error"]["code"] == code
    assert "Traceback" not in result.content[0].text


def test_locked_and_newer_databases_are_errors_too(server: HealthSimServer, tmp_path: Path) -> None:
    run(server, SAVE)
    with duckdb.connect(str(tmp_path / "served" / "healthsim.duckdb")) as connection:
        connection.execute("INSERT INTO schema_migrations VALUES (9999, 'future', 'x', now()::TIMESTAMP)")
    from healthsim.config import Settings
    from healthsim.server import create_server

    fresh = create_server(Settings.load({"HEALTHSIM_HOME": str(tmp_path / "served")}))
    (result,) = run(fresh, [("list_scenarios", {})])
    assert result.meta["error"]["code"] == "database_newer"


def test_pages_follow_each_other(server: HealthSimServer) -> None:
    run(server, SAVE)

    async def main() -> None:
        async with Client(server) as client:
            for tool, arguments, read in (
                (
                    "load_scenario",
                    {"name": "one", "limit": 5},
                    lambda said: [e for part in said["entities"].values() for e in part],
                ),
                ("query_scenario", {"name": "one", "entity_type": "patient", "limit": 5}, lambda said: said["rows"]),
                ("list_scenarios", {"limit": 1}, lambda said: said["scenarios"]),
            ):
                seen: list[Any] = []
                cursor = None
                while True:
                    more = {"cursor": cursor} if cursor else {}
                    said = (await client.call_tool(tool, {**arguments, **more})).structured_content
                    seen += read(said)
                    assert said["truncated"] == (said["next_cursor"] is not None)
                    cursor = said["next_cursor"]
                    if cursor is None:
                        break
                assert len(seen) == {"load_scenario": 24, "query_scenario": 12, "list_scenarios": 1}[tool]
                assert len({json.dumps(item) for item in seen}) == len(seen)

    anyio.run(main)


def test_a_cursor_ends_when_the_scenario_changes(server: HealthSimServer) -> None:
    *_, page = run(server, [*SAVE, ("load_scenario", {"name": "one", "limit": 5})])
    cursor = page.structured_content["next_cursor"]
    changed = ("add_entities", {"name": "one", "entities": {"patients": [{"patient_id": "new"}]}})
    *_, result = run(server, [changed, ("load_scenario", {"name": "one", "limit": 5, "cursor": cursor})])
    assert "The cursor belongs to another question, or the scenario has changed since." in result.content[0].text


def test_filters(server: HealthSimServer) -> None:
    run(server, SAVE)
    cases: list[tuple[list[dict[str, Any]], int]] = [
        ([{"column": "gender", "value": "F"}], 6),
        ([{"column": "gender", "operator": "!=", "value": "F"}], 6),
        ([{"column": "birth_date", "operator": "<", "value": "1943-01-01"}], 3),
        ([{"column": "birth_date", "operator": ">=", "value": "1943-01-01"}, {"column": "gender", "value": "M"}], 5),
        ([{"column": "given_name", "operator": "contains", "value": "NAME1"}], 3),
        ([{"column": "patient_id", "operator": "in", "value": ["p1", "p2", "nobody"]}], 2),
        ([{"column": "mrn", "operator": "is_null", "value": True}], 12),
        ([{"column": "mrn", "operator": "is_null", "value": False}], 0),
        ([{"column": "given_name", "value": "' OR 1=1 --"}], 0),
    ]
    calls: Calls = [("query_scenario", {"name": "one", "entity_type": "patient", "where": where}) for where, _ in cases]
    for (where, expected), result in zip(cases, run(server, calls), strict=True):
        assert result.structured_content["total"] == expected, where
    ordered = {"name": "one", "entity_type": "patient", "columns": ["birth_date"], "order_by": "birth_date"}
    (result,) = run(server, [("query_scenario", {**ordered, "descending": True, "limit": 1})])
    assert result.structured_content["rows"] == [["1951-05-01"]]


@pytest.mark.long
def test_results_are_capped(server: HealthSimServer) -> None:
    long = [{"patient_id": f"p{n}", "note": "x" * 3_000} for n in range(40)]
    calls: Calls = [
        ("save_scenario", {"name": "long", "entities": {"patients": long}}),
        ("load_scenario", {"name": "long"}),
        ("run_sql", {"sql": "SELECT document FROM scenario_documents"}),
        ("run_sql", {"sql": "SELECT repeat('x', 1000000)"}),
        ("run_sql", {"sql": "FROM range(5000)", "limit": 1000}),
    ]
    for result in run(server, calls)[1:]:
        assert not result.is_error
        assert result.structured_content["truncated"]
        assert result.structured_content["hint"]
        assert len(result.content[0].text) < 25_000


def test_large_scenarios_are_not_loaded_by_mistake(server: HealthSimServer) -> None:
    many = {"name": "many", "entities": {"patients": [{"patient_id": f"p{n}"} for n in range(1_001)]}}
    calls: Calls = [("save_scenario", many), ("load_scenario", {"name": "many"})]
    *_, refused, allowed = run(server, [*calls, ("load_scenario", {"name": "many", "limit": 2})])
    assert "holds 1,001 entities, too many for a conversation. Use get_scenario_summary," in refused.content[0].text
    assert allowed.structured_content["returned"] == 2
    too_many = {"name": "x", "entities": {"patients": [{}] * 10_001}}
    (result,) = run(server, [("save_scenario", too_many)])
    assert "The call holds 10,001 entities; at most 10,000 are possible." in result.content[0].text


@pytest.mark.parametrize("mode", [HANDSHAKE, MODERN])
@pytest.mark.parametrize(
    ("action", "agrees", "gone"), [("accept", True, True), ("accept", False, False), ("decline", None, False)]
)
def test_a_person_is_asked_where_the_client_can(
    server: HealthSimServer, mode: str, action: Any, agrees: bool | None, gone: bool
) -> None:
    asked: list[str] = []

    async def answer(context: Any, question: Any) -> ElicitResult:
        asked.append(question.message)
        return ElicitResult(action=action, content={"delete": agrees} if agrees is not None else None)

    calls: Calls = [*SAVE, ("delete_scenario", {"name": "one", "confirm_name": "one"}), ("list_scenarios", {})]
    *_, _, listed = run(server, calls, mode=mode, elicitation_callback=answer)
    assert asked == ["Delete the scenario 'one' with 24 entities? This cannot be undone."]
    assert listed.structured_content["total_count"] == (0 if gone else 1)


@pytest.mark.long
def test_a_cancelled_question_ends_its_process(server: HealthSimServer) -> None:
    sql = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range = 7.5"

    async def main() -> None:
        async with Client(server) as client:
            await client.call_tool("get_status", {})
            with anyio.move_on_after(1):
                await client.call_tool("run_sql", {"sql": sql})
            # both places for questions are free again, long before the question's own time limit
            with anyio.fail_after(server_limit / 2):
                for _ in range(2):
                    result = await client.call_tool("run_sql", {"sql": "SELECT 1"})
                    assert not result.is_error

    server_limit = float(environment(Path())["HEALTHSIM_SQL_TIMEOUT"])
    anyio.run(main)


@pytest.mark.parametrize("when", ["computing", "saving"])
@pytest.mark.long
def test_a_cancelled_population_leaves_nothing_behind(
    server: HealthSimServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """The client gives up while persons are made, or while the parts are loaded."""
    from healthsim.generation import part_files

    home = tmp_path / "served"
    began, ended = threading.Event(), threading.Event()
    load, loads, gone = part_files.load, anyio.Event(), threading.Event()

    def slowly(*arguments: Any, **options: Any) -> Any:
        anyio.from_thread.run_sync(loads.set)
        assert gone.wait(PATIENCE)
        return load(*arguments, **options)

    parts = part_files.parts_beside

    @contextmanager
    def watched(*arguments: Any) -> Iterator[Path]:
        try:
            with parts(*arguments) as folder:
                began.set()
                yield folder
        finally:
            ended.set()

    monkeypatch.setattr(part_files, "parts_beside", watched)
    if when == "saving":
        monkeypatch.setattr(part_files, "load", slowly)

    async def main() -> None:
        async with Client(server) as client, anyio.create_task_group() as tasks:
            call = {
                "name": "unwanted",
                "size": 12_000 if when == "computing" else 50,
                "counties": ["06073"],
                "products": ["patient"],
            }
            tasks.start_soon(client.call_tool, "generate_population", call)
            with anyio.fail_after(PATIENCE):
                await (loads.wait() if when == "saving" else anyio.to_thread.run_sync(began.wait, PATIENCE))
            tasks.cancel_scope.cancel()
        gone.set()

    anyio.run(main)
    assert ended.wait(PATIENCE)
    state = StateManager(Database(home / "healthsim.duckdb"))
    until(lambda: not state.list()[1], "the scenario that nobody wants any more is gone")
    assert state.list() == ([], 0)
    assert list((home / "staging").iterdir()) == []
    # and the name is free
    monkeypatch.undo()
    (result,) = run(server, [("generate_population", {"name": "unwanted", "size": 20, "counties": ["06073"]})])
    assert not result.is_error


def test_an_unexpected_fault_is_masked(server: HealthSimServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from healthsim.state.manager import StateManager

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(StateManager, "list", broken)
    (result,) = run(server, [("list_scenarios", {})])
    assert result.is_error
    assert "secret detail" not in str(result)
