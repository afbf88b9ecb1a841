"""The surface of the server: pinned, documented, the same as the command line and Python."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client

from commands import leaves
from healthsim.exchange.formats import formats
from healthsim.server.core import HealthSimServer
from healthsim.server.declaring import declared
from healthsim.workbench import Workbench

SNAPSHOT = Path(__file__).parent / "surface.json"
#: commands that make no sense through an assistant, each with its reason
NOT_TOOLS = {
    "demo": "shows the command line itself",
    "doctor": "an administrator's check, which reads everything",
    "compact": "an administrator's task, which rewrites the file",
    "mcp": "is this server",
    "ui": "is for people",
    "migrate json": "reads the user's own folders, once",
    "schema list": "describe_schema without a type",
    "reference import": "reads the user's own downloads, often of gigabytes",
    "reference fetch": "goes to the network, which the server never does",
    "reference drop": "an administrator's task",
    "reference verify": "an administrator's check",
    "fidelity": "check_scenario with fidelity",
    "conditions show": "a page for people; what follows from a condition is in the data",
    "conditions check": "reads the user's own files",
    "journeys show": "a page for people; what follows from a journey is in the data",
    "journeys check": "reads the user's own files",
    "journeys import": "reads the user's own files",
    "journeys run": "generate_population with journeys; the same people once more are for comparing on the command line",
    **{f"export {name}": "export_data with its format" for name in formats()},
    "analytics check": "an administrator's check",
    "analytics drop": "an administrator's task; a scenario that is deleted takes its star along",
    "analytics metrics": "analytics_catalog without a name",
    "analytics dimensions": "analytics_catalog without a name",
    "share add": "locations are the user's to name",
    "share check": "the owner's work",
    "share clean": "the owner's work",
    "share diff": "the user's own comparison",
    "share grant": "rights are the owner's to give",
    "share history": "share_list says what there is",
    "share init": "the owner's work",
    "share names": "the server knows its shares",
    "share withdraw": "what others use is not an assistant's to take away",
}


def _surface(server: HealthSimServer) -> dict[str, Any]:
    async def main() -> dict[str, Any]:
        async with Client(server) as client:
            return {
                "instructions": client.instructions,
                "tools": [
                    _without_formats(tool.model_dump(mode="json", exclude_none=True))
                    for tool in (await client.list_tools()).tools
                ],
                "resources": sorted(
                    # the skills are a tree of files: a new one changes nothing about the server
                    item.uri
                    for item in (await client.list_resources()).resources
                    if "/skills/" not in str(item.uri)
                ),
                "templates": sorted(
                    t.uri_template for t in (await client.list_resource_templates()).resource_templates
                ),
                "prompts": [
                    item.model_dump(mode="json", exclude_none=True) for item in (await client.list_prompts()).prompts
                ],
            }

    return anyio.run(main)


def _without_formats(tool: dict[str, Any]) -> dict[str, Any]:
    """A tool without the names of formats: a new one is one line of a list, and changes nothing else."""
    if tool["name"] == "export_data":
        for member in ("enum", "description"):
            tool["input_schema"]["properties"]["format"].pop(member)
    return tool


def test_the_surface_is_pinned(server: HealthSimServer) -> None:
    """HEALTHSIM_UPDATE_SNAPSHOTS=1 writes it anew; look at the difference before you commit it."""
    found = json.dumps(_surface(server), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if os.environ.get("HEALTHSIM_UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(found, encoding="utf-8")
    assert json.loads(found) == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_every_tool_is_described(server: HealthSimServer) -> None:
    for tool in anyio.run(server.list_tools):
        assert tool.description, tool.name
        assert tool.output_schema, tool.name
        assert tool.output_schema["type"] == "object"
        assert tool.input_schema["additionalProperties"] is False
        assert tool.annotations is not None
        assert tool.annotations.open_world_hint is False
        verb, _, noun = tool.name.partition("_")
        assert verb, noun


def test_annotations_tell_what_is_dangerous(server: HealthSimServer) -> None:
    hints = {tool.name: tool.annotations for tool in anyio.run(server.list_tools)}
    reading = {name for name, hint in hints.items() if hint is not None and hint.read_only_hint}
    assert reading == {
        "list_scenarios",
        "get_scenario_summary",
        "get_entity_samples",
        "get_person_timeline",
        "load_scenario",
        "query_scenario",
        "run_sql",
        "describe_schema",
        "get_status",
        "lookup_reference",
        "list_reference",
        "search_providers",
        "check_scenario",
        "analytics_status",
        "analytics_catalog",
        "compare_places",
        "list_conditions",
        "list_journeys",
    }
    asking = ("analytics_query", "analytics_compare", "analytics_report")
    assert not any(hints[name].destructive_hint for name in asking), "they may build a star, and nothing else"
    assert hints["delete_scenario"].destructive_hint
    assert not hints["clone_scenario"].destructive_hint


def test_the_server_fits_a_conversation(server: HealthSimServer) -> None:
    """All declarations together are read by the assistant at the start of every conversation: under 9,000 tokens.

    35,345 characters were 8,425 tokens of o200k_base (gpt-tokenizer 3 of npm), 0.2384 a character.
    """
    tools = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in anyio.run(server.list_tools)]
    text = json.dumps({"tools": tools}, separators=(",", ":"))
    assert 0.2384 * len(text) < 9_000
    assert '"title":"Names"' not in text, "titles that repeat names are left out"


def test_every_verb_is_a_function_a_command_and_a_tool() -> None:
    commands = {words for words, _ in leaves()}
    tools = list(declared())
    for tool in tools:
        assert tool.command in commands, f"{tool.name}: there is no command {tool.command!r}"
        assert getattr(Workbench, tool.verb).__doc__, f"{tool.name}: there is no verb {tool.verb!r}"
    missing = commands - {tool.command for tool in tools} - set(NOT_TOOLS)
    assert not missing, f"commands without a tool, and without a reason in NOT_TOOLS: {sorted(missing)}"


def test_there_are_no_globals() -> None:
    """Two servers are two: each works on its own database."""
    from healthsim.config import Settings
    from healthsim.server import create_server

    one, two = (create_server(Settings.load({"HEALTHSIM_HOME": f"/nowhere/{n}"})) for n in "ab")
    assert one is not two
    assert one._tool_manager is not two._tool_manager


@pytest.mark.parametrize("module", ["healthsim", "healthsim.cli", "healthsim.state", "healthsim.db.query"])
def test_the_sdk_is_imported_by_the_server_only(module: str) -> None:
    import subprocess
    import sys

    code = f"import {module}, sys; print('mcp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"
