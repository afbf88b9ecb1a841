"""Two servers and a terminal on one file: nothing is lost, nothing is stuck.

HEALTHSIM_LOAD_SECONDS sets how long they work side by side; the default keeps the suite short.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
from mcp import Client
from server_calls import PROGRAM, environment, listening, over_http, over_stdio

from healthsim.db.connection import Database
from healthsim.state.manager import StateManager

SECONDS = float(os.environ.get("HEALTHSIM_LOAD_SECONDS", "8"))


async def _work(client: Client, who: str, end: float, done: dict[str, int]) -> None:
    """Save, add, read and delete, until the time is up; every fourth scenario is deleted again."""
    number = 0
    while time.monotonic() < end:
        name = f"{who}-{number}"
        patients = [{"patient_id": f"{name}-p{n}"} for n in range(20)]
        for tool, arguments in (
            ("save_scenario", {"name": name, "entities": {"patients": patients[:10]}}),
            ("add_entities", {"name": name, "entities": {"patients": patients[10:]}}),
            ("get_scenario_summary", {"name": name}),
            ("run_sql", {"sql": "SELECT count(*) FROM patients", "scenario": name}),
        ):
            started = time.monotonic()
            result = await client.call_tool(tool, arguments)
            assert not result.is_error, (tool, result.content)
            done["slowest"] = max(done["slowest"], int((time.monotonic() - started) * 1_000))
        assert result.structured_content is not None
        assert result.structured_content["rows"] == [[20]]
        if number % 4 == 3:
            assert not (await client.call_tool("delete_scenario", {"name": name, "confirm_name": name})).is_error
        else:
            done[name] = 20
        number += 1


async def _terminal(home: Path, end: float, done: dict[str, int]) -> None:
    number = 0
    while time.monotonic() < end:
        name = f"cli-{number}"
        text = json.dumps({"entities": {"patients": [{"patient_id": f"{name}-p"}]}})
        for words, sent in ((["scenario", "save", name, "--from", "-"], text), (["scenario", "list"], "")):
            await anyio.to_thread.run_sync(_call, home, [*words, "--json"], sent)
        done[name] = 1
        number += 1


def _call(home: Path, words: list[str], sent: str) -> Any:
    result = subprocess.run(
        [*PROGRAM, *words], input=sent, capture_output=True, text=True, env=environment(home), timeout=120
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_two_servers_and_a_terminal(tmp_path: Path) -> None:
    home = tmp_path / "served"
    done: dict[str, int] = {"slowest": 0}

    async def main(address: str) -> None:
        async with over_stdio(home) as one, over_http(address) as two:
            end = time.monotonic() + SECONDS
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_work, one, "one", end, done)
                tasks.start_soon(_work, two, "two", end, done)
                tasks.start_soon(_work, two, "two-more", end, done)
                tasks.start_soon(_terminal, home, end, done)

    with listening(home) as (address, _):
        anyio.run(main, address)
    slowest = done.pop("slowest")
    found, _ = StateManager(Database(home / "healthsim.duckdb")).list()
    assert {scenario.name: scenario.entity_count for scenario in found} == done
    assert len(done) >= 4
    assert slowest < 30_000, "a call waited longer than the lock's time limit and a question's"
