"""Whatever the arguments: a result or an error that says what to do, and never a half-written scenario."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import anyio
import anyio.from_thread
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from mcp import Client

from healthsim.config import Settings
from healthsim.server import create_server
from healthsim.server.declaring import declared

#: HEALTHSIM_LONG_TESTS=1 looks ten times as long
SCALE = 10 if os.environ.get("HEALTHSIM_LONG_TESTS") else 1
TOOLS = sorted(tool.name for tool in declared() if tool.name != "run_sql")
_TEXT = st.text(max_size=20) | st.sampled_from(
    ["one", "patient", "patients", "../x", "'; DROP TABLE patients; --", "\0", "%"]
)
_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)
_ENTITIES = st.dictionaries(
    st.sampled_from(["patients", "claims", "diagnoses", "odd things", ""]),
    st.lists(
        st.dictionaries(st.sampled_from(["patient_id", "birth_date", "ssn", "gender", "id", "x"]), _VALUE, max_size=4),
        max_size=3,
    ),
    max_size=3,
)
_NAMES = [
    "name",
    "new_name",
    "entities",
    "mode",
    "tags",
    "limit",
    "cursor",
    "entity_type",
    "where",
    "columns",
    "order_by",
    "path",
    "confirm_name",
    "names",
    "into",
    "format",
    "overwrite",
    "count",
    "lenient",
    "search",
    "description",
]
_WORDS = "SELECT FROM patients * ( ) ' \" ; PIVOT ON EXPLAIN WITH x AS , 1 -- /* USING count(*)".split()
_ARGUMENTS = st.dictionaries(st.sampled_from(_NAMES), _VALUE, max_size=4)


@pytest.fixture(scope="module")
def called(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Calls a tool of one server, from ordinary code."""
    home = tmp_path_factory.mktemp("fuzz")
    server = create_server(Settings.load({"HEALTHSIM_HOME": str(home)}))
    with (
        anyio.from_thread.start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(server)) as client,
    ):

        def call(name: str, arguments: dict[str, Any]) -> Any:
            return portal.call(client.call_tool, name, arguments)

        call("save_scenario", {"name": "one", "entities": {"patients": [{"patient_id": "p1", "gender": "F"}]}})
        yield call


def _is_told(result: Any) -> None:
    text = result.content[0].text
    assert "Traceback" not in text
    assert not text.startswith("Error executing tool"), text
    assert result.structured_content is not None or (result.is_error and result.meta["error"]["message"])


@settings(max_examples=120 * SCALE, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(TOOLS), arguments=_ARGUMENTS)
@example(name="load_scenario", arguments={"name": "one", "cursor": "AAAA"})
@example(name="load_scenario", arguments={"name": "one", "cursor": "ÿ"})
@example(name="list_scenarios", arguments={"cursor": "٣"})
def test_any_arguments(called: Any, name: str, arguments: dict[str, Any]) -> None:
    _is_told(called(name, arguments))


@settings(max_examples=15 * SCALE, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entities=_ENTITIES, lenient=st.booleans())
@pytest.mark.long
def test_any_entities_are_saved_whole_or_not_at_all(called: Any, entities: dict[str, Any], lenient: bool) -> None:
    before = called("list_scenarios", {}).structured_content["total_count"]
    result = called("save_scenario", {"name": "fuzzed", "entities": entities, "lenient": lenient})
    _is_told(result)
    after = called("list_scenarios", {}).structured_content["total_count"]
    if result.is_error:
        assert after == before
        return
    sent = sum(map(len, entities.values()))
    loaded = called("load_scenario", {"name": "fuzzed", "limit": 500}).structured_content
    assert loaded["total"] == result.structured_content["entity_count"] <= sent
    assert not called("delete_scenario", {"name": "fuzzed", "confirm_name": "fuzzed"}).is_error


@settings(max_examples=12 * SCALE, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sql=st.text(max_size=60) | st.lists(st.sampled_from(_WORDS), max_size=12).map(" ".join))
@pytest.mark.long
def test_any_sql(called: Any, sql: str) -> None:
    _is_told(called("run_sql", {"sql": sql, "scenario": "one"}))
