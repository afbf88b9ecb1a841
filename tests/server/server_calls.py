"""Calls that the tests make: one success for every tool, and the ways to reach a server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from waiting import PATIENCE, until

_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/mcp")
TOKEN = "a-long-secret-for-tests"
MODERN = "2026-07-28"
HANDSHAKE = "legacy"
PROGRAM = [sys.executable, "-c", "from healthsim.cli import main; main()"]

PATIENTS = [
    {"patient_id": f"p{n}", "given_name": f"Name{n}", "gender": "FM"[n % 2], "birth_date": f"{1940 + n}-05-01"}
    for n in range(12)
]
DIAGNOSES = [{"diagnosis_id": f"d{n}", "patient_id": f"p{n}", "code": "E11.9"} for n in range(12)]

#: one success for every tool, in an order in which each finds what it needs
STORY: list[tuple[str, dict[str, Any]]] = [
    ("save_scenario", {"name": "one", "entities": {"patients": PATIENTS}, "tags": ["t"], "description": "x"}),
    ("add_entities", {"name": "one", "entities": {"diagnoses": DIAGNOSES}}),
    ("list_scenarios", {}),
    ("get_scenario_summary", {"name": "one"}),
    ("get_entity_samples", {"name": "one", "entity_type": "diagnosis", "count": 2}),
    ("load_scenario", {"name": "one", "limit": 5}),
    ("query_scenario", {"name": "one", "entity_type": "patients", "where": [{"column": "gender", "value": "F"}]}),
    ("get_person_timeline", {"name": "one", "person": "p3"}),
    ("run_sql", {"sql": "SELECT gender, count(*) AS n FROM patients GROUP BY ALL ORDER BY 1", "scenario": "one"}),
    ("describe_schema", {}),
    ("describe_schema", {"entity_type": "claim_line"}),
    ("get_status", {}),
    ("list_reference", {}),
    ("lookup_reference", {"place": "San Diego County, CA", "measures": ["DIABETES"]}),
    ("compare_places", {"first": "06073", "second": "Cook County, IL", "measures": ["DIABETES"]}),
    ("find_cohort", {"scenario": "one", "sex": "F", "save_as": "women"}),
    ("list_conditions", {"search": "diabetes"}),
    ("list_journeys", {}),
    ("analytics_status", {}),
    ("analytics_catalog", {"name": "prevalence"}),
    ("analytics_query", {"metrics": ["persons", "diagnoses"], "by": ["gender"], "scenarios": ["one"]}),
    ("analytics_compare", {"reference": "places", "scenario": "one"}),
    ("analytics_report", {"name": "top_diagnoses", "scenario": "one", "parameters": {"top": 5}}),
    ("analytics_build", {"names": ["one"]}),
    ("generate_population", {"name": "county", "size": 60, "counties": ["06073"], "products": ["patient", "claims"]}),
    ("check_scenario", {"name": "county"}),
    ("export_data", {"name": "one", "format": "csv", "path": "one-csv"}),
    ("clone_scenario", {"name": "one", "new_name": "two"}),
    ("rename_scenario", {"name": "two", "new_name": "three"}),
    ("merge_scenarios", {"names": ["one", "three"], "into": "four"}),
    ("tag_scenario", {"name": "four", "tags": ["a", "b"]}),
    ("untag_scenario", {"name": "four", "tags": ["a"]}),
    ("export_scenario_json", {"name": "one", "path": "one.json"}),
    ("import_scenario_json", {"path": "one.json", "name": "five"}),
    ("import_data", {"paths": ["one.json"], "name": "six"}),
    ("delete_scenario", {"name": "five", "confirm_name": "five"}),
]


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a server process; what waits for a busy machine may wait long."""
    patience = {"HEALTHSIM_LOCK_TIMEOUT": "300", "HEALTHSIM_SQL_TIMEOUT": "300"}
    return {**os.environ, **patience, "HEALTHSIM_HOME": str(home), **more}


@asynccontextmanager
async def over_stdio(home: Path, mode: str = MODERN, **options: Any) -> AsyncIterator[Client]:
    """A client of a server that it starts itself."""
    start = StdioServerParameters(command=PROGRAM[0], args=[*PROGRAM[1:], "mcp"], env=environment(home))
    async with Client(start, mode=mode, **options) as client:
        yield client


@asynccontextmanager
async def over_http(address: str, mode: str = MODERN, token: str = TOKEN, **options: Any) -> AsyncIterator[Client]:
    """A client of a server that listens."""
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=PATIENCE) as web,
        Client(streamable_http_client(address, http_client=web), mode=mode, **options) as client,
    ):
        yield client


@contextmanager
def listening(home: Path, token: str | None = TOKEN) -> Iterator[tuple[str, int]]:
    """A server process over HTTP: its address and process id."""
    settings = {"HEALTHSIM_MCP_TOKEN": token} if token else {}
    said = home.with_name(home.name + ".said")
    with (
        said.open("wb") as stream,
        subprocess.Popen(
            [*PROGRAM, "mcp", "--http", "--port", "0"], env=environment(home, **settings), stderr=stream
        ) as server,
    ):
        try:
            # the operating system chooses the port; the server says which as soon as it listens
            until(lambda: _ADDRESS.search(said.read_text()) or server.poll() is not None, "the server listens")
            address = _ADDRESS.search(said.read_text())
            assert address, f"the server ended with {server.returncode}: {said.read_text()}"
            yield address.group(), server.pid
        finally:
            server.terminate()
            try:
                server.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                server.kill()
                raise
