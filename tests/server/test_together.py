"""Two servers and a terminal on one file: nothing is lost, nothing is stuck.

They work by rounds, not by time: HEALTHSIM_LOAD_ROUNDS sets how many; the default keeps the suite short.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest
from mcp import Client
from server_calls import PROGRAM, environment, listening, over_http, over_stdio

from healthsim.db.connection import Database
from healthsim.state.manager import StateManager
from waiting import PATIENCE

ROUNDS = int(os.environ.get("HEALTHSIM_LOAD_ROUNDS", "4"))


async def _work(client: Client, who: str, done: dict[str, int]) -> None:
    """Save, add, read and delete; every fourth scenario is deleted again."""
    for number in range(ROUNDS):
        name = f"{who}-{number}"
        patients = [{"patient_id": f"{name}-p{n}"} for n in range(20)]
        for tool, arguments in (
            ("save_scenario", {"name": name, "entities": {"patients": patients[:10]}}),
            ("add_entities", {"name": name, "entities": {"patients": patients[10:]}}),
            ("get_scenario_summary", {"name": name}),
            ("run_sql", {"sql": "SELECT count(*) FROM patients", "scenario": name}),
        ):
            result = await client.call_tool(tool, arguments)
            assert not result.is_error, (tool, result.content)
        assert result.structured_content is not None
        assert result.structured_content["rows"] == [[20]]
        if number % 4 == 3:
            assert not (await client.call_tool("delete_scenario", {"name": name, "confirm_name": name})).is_error
        else:
            done[name] = 20


async def _terminal(home: Path, done: dict[str, int]) -> None:
    for number in range(max(1, ROUNDS // 2)):
        name = f"cli-{number}"
        text = json.dumps({"entities": {"patients": [{"patient_id": f"{name}-p"}]}})
        for words, sent in ((["scenario", "save", name, "--from", "-"], text), (["scenario", "list"], "")):
            await anyio.to_thread.run_sync(_call, home, [*words, "--json"], sent)
        done[name] = 1


def _call(home: Path, words: list[str], sent: str) -> Any:
    result = subprocess.run(
        [*PROGRAM, *words], input=sent, capture_output=True, text=True, env=environment(home), timeout=PATIENCE
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.mark.long
def test_two_servers_and_a_terminal(tmp_path: Path) -> None:
    home = tmp_path / "served"
    done: dict[str, int] = {}

    async def main(address: str) -> None:
        async with over_stdio(home) as one, over_http(address) as two, anyio.create_task_group() as tasks:
            tasks.start_soon(_work, one, "one", done)
            tasks.start_soon(_work, two, "two", done)
            tasks.start_soon(_work, two, "two-more", done)
            tasks.start_soon(_terminal, home, done)

    with listening(home) as (address, _):
        anyio.run(main, address)
    found, _ = StateManager(Database(home / "healthsim.duckdb")).list()
    assert {scenario.name: scenario.entity_count for scenario in found} == done
    assert len(done) >= 4
