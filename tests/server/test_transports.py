"""A real client drives every tool, over stdio and HTTP, in both eras of the protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import jsonschema
import pytest
from mcp import Client
from server_calls import HANDSHAKE, MODERN, STORY, listening, over_http, over_stdio

#: all of it runs once over each transport, and once in each era
SHORT = STORY[:8]
#: real providers are not part of the program: without a loaded file the answer is an error that says so
NEEDS_FILES = {"search_providers"}


async def _tell(client: Client, story: list[tuple[str, dict[str, Any]]] = STORY) -> None:
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) - NEEDS_FILES == {name for name, _ in STORY}, "every tool has its success in STORY"
    for name, arguments in story:
        result = await client.call_tool(name, arguments)
        assert not result.is_error, (name, result.content)
        jsonschema.validate(result.structured_content, tools[name].output_schema)
        jsonschema.validate(arguments, tools[name].input_schema)
        assert len(result.content[0].text) < 25_000
    failed = await client.call_tool("get_scenario_summary", {"name": "none"})
    assert failed.is_error
    assert failed.content[0].text == "There is no scenario 'none'. Did you mean 'one'?"
    assert failed.meta is not None
    assert failed.meta["error"]["code"] == "not_found"
    failed = await client.call_tool("search_providers", {"state": "CA"})
    assert "No providers of NPPES" in failed.content[0].text
    assert "one" in (await client.read_resource("healthsim://scenarios/one/summary")).contents[0].text
    assert (await client.get_prompt("review_scenario", {"name": "one"})).messages


@pytest.mark.parametrize("mode", [HANDSHAKE, MODERN])
@pytest.mark.long
def test_over_stdio(mode: str, tmp_path: Path) -> None:
    async def main() -> None:
        async with over_stdio(tmp_path / "served", mode) as client:
            assert (client.protocol_version == MODERN) == (mode == MODERN)
            await _tell(client, STORY if mode == MODERN else SHORT)

    anyio.run(main)


@pytest.mark.parametrize("mode", [HANDSHAKE, MODERN])
@pytest.mark.long
def test_over_http(mode: str, tmp_path: Path) -> None:
    async def main(address: str) -> None:
        async with over_http(address, mode) as client:
            assert (client.protocol_version == MODERN) == (mode == MODERN)
            await _tell(client, STORY if mode == HANDSHAKE else SHORT)

    with listening(tmp_path / "served") as (address, _):
        anyio.run(main, address)
