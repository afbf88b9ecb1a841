"""Write ``docs/mcp.md`` from the server and ``docs/mcp-transcript.md`` from a real run of it.

python scripts/write_mcp_docs.py            # write them
python scripts/write_mcp_docs.py --check    # name those that are not current, and end with 1 if there are any
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import anyio
from mcp import Client

from healthsim.config import Settings
from healthsim.server import create_server
from healthsim.server.reference_page import mcp_page

DOCS = Path(__file__).parents[1] / "docs"
SHOWN = 600

PATIENTS = [
    {
        "patient_id": f"pt-{n:02}",
        "mrn": f"MRN{n:05}",
        "given_name": given,
        "family_name": "Rivera",
        "gender": "FM"[n % 2],
        "birth_date": f"{1948 + 7 * n}-0{n + 1}-14",
        "ssn": f"900-00-{n:04}",
    }
    for n, given in enumerate(["Elena", "Marco", "Lucia", "Tomas"])
]
ENCOUNTERS = [
    {
        "encounter_id": f"en-{n:02}",
        "patient_id": f"pt-{n % 4:02}",
        "encounter_class": "outpatient",
        "start_datetime": f"2025-0{n + 1}-10T09:30:00",
    }
    for n in range(6)
]
DIAGNOSES = [
    {
        "diagnosis_id": f"dx-{n:02}",
        "patient_id": f"pt-{n % 4:02}",
        "encounter_id": f"en-{n:02}",
        "code": code,
        "description": text,
    }
    for n, (code, text) in enumerate([("E11.9", "Type 2 diabetes mellitus"), ("I10", "Hypertension")] * 3)
]
SQL = "SELECT code, count(DISTINCT patient_id) AS patients FROM diagnoses GROUP BY code ORDER BY patients DESC, code"
CALLS: list[tuple[str, dict[str, Any]]] = [
    (
        "save_scenario",
        {
            "name": "diabetes-family",
            "description": "A family with diabetes",
            "tags": ["demo"],
            "entities": {"patients": PATIENTS, "encounters": ENCOUNTERS},
        },
    ),
    ("add_entities", {"name": "diabetes-family", "entities": {"diagnoses": DIAGNOSES}}),
    ("get_scenario_summary", {"name": "diabetes-family"}),
    (
        "query_scenario",
        {
            "name": "diabetes-family",
            "entity_type": "patient",
            "columns": ["patient_id", "given_name"],
            "where": [{"column": "birth_date", "operator": "<", "value": "1960-01-01"}],
        },
    ),
    ("run_sql", {"sql": SQL, "scenario": "diabetes-family"}),
    ("clone_scenario", {"name": "diabetes-family", "new_name": "diabetes-family-variant"}),
    ("export_scenario_json", {"name": "diabetes-family"}),
    ("list_scenarios", {}),
]


def pages() -> dict[str, str]:
    """File name -> text of every generated page."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.load({"HEALTHSIM_HOME": folder})
        server = create_server(settings)
        text = anyio.run(_transcript, server)
        return {"mcp.md": mcp_page(server), "mcp-transcript.md": _steady(text, folder)}


async def _transcript(server: Any) -> str:
    lines = [
        "# A run over MCP",
        "",
        "Made by `python scripts/write_mcp_docs.py` from a real run, the client being the SDK's. Ids, times and",
        "folders are shortened. *Sent* and *returned* are the characters of the arguments and of the result.",
        "",
        "| call | tool | sent | returned |",
        "|---|---|---|---|",
    ]
    details: list[str] = []
    async with Client(server) as client:
        for number, (name, arguments) in enumerate(CALLS, start=1):
            result = await client.call_tool(name, arguments)
            assert not result.is_error, result
            text = result.content[0].text
            sent = len(_json(arguments))
            lines.append(f"| {number} | `{name}` | {sent:,} | {len(text):,} |")
            details += [
                "",
                f"## {number}. {name}",
                "",
                "```text",
                _cut(_json(arguments)),
                "```",
                "",
                "returned",
                "",
                "```text",
                _cut(text),
                "```",
            ]
    return "\n".join([*lines, *details, ""])


def _json(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} ... ({len(text):,} characters)"


def _steady(text: str, folder: str) -> str:
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+", "<time>", text)
    text = text.replace(folder, "~/.healthsim")
    # the length of the folder's name and of times differs from run to run
    text = re.sub(r"(export_scenario_json` \| \d+ \| )\d+", r"\1about 90", text)
    return re.sub(r"(list_scenarios` \| \d+ \| )\d+", r"\1about 700", text)


def main() -> int:
    """Write or check the pages."""
    stale = []
    for name, text in pages().items():
        path = DOCS / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
    if stale:
        sys.stdout.write(f"{'not current' if '--check' in sys.argv else 'written'}: {', '.join(stale)}\n")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
