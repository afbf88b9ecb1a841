"""The page of the server and its transcript are current, and the skills name what exists."""

from __future__ import annotations

import json
import re
import runpy
import shutil
import subprocess
from pathlib import Path

import anyio
import pytest

from asking import answered
from commands import fault_in
from healthsim.db.connection import Database
from healthsim.db.query.source import opened
from healthsim.db.sharing import readable_elsewhere
from healthsim.server.core import HealthSimServer
from healthsim.server.resources import skills

ROOT = Path(__file__).parents[2]
SKILLS = ("analytics", "common", "duckdb", "interchange")
#: words that look like a tool and are none: columns, tables and members that the skills speak of
_TOOL = re.compile(
    r"`((?:save|add|load|get|list|query|delete|rename|clone|merge|tag|untag|export|import|run|describe|lookup|search)_[a-z_]+)`"
)
_COMMAND = re.compile(r"`healthsim ([a-z][^`]*)`")


@pytest.mark.long
def test_the_pages_are_current() -> None:
    pages = runpy.run_path(str(ROOT / "scripts" / "write_mcp_docs.py"))["pages"]()
    for name, text in pages.items():
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == text, "run: python scripts/write_mcp_docs.py"


def _texts(skill: str) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted((ROOT / "skills" / skill).rglob("*.md"))]


@pytest.mark.parametrize("skill", SKILLS)
def test_tools_and_commands_of_the_skills_exist(skill: str, server: HealthSimServer) -> None:
    tools = {tool.name for tool in anyio.run(server.list_tools)}
    named = 0
    for text in _texts(skill):
        for name in _TOOL.findall(text):
            assert name in tools, f"{skill}: there is no tool {name}"
            named += 1
        for words in _COMMAND.findall(text):
            assert fault_in(words) is None, f"{skill}: healthsim {words}"
            named += 1
    assert named


@pytest.mark.parametrize("skill", SKILLS)
def test_the_skills_keep_the_rules(skill: str) -> None:
    text = (ROOT / "skills" / skill / "SKILL.md").read_text(encoding="utf-8")
    head = text.split("---")[1]
    assert f"name: {skill}\n" in head
    description = re.search(r"description: (.*)", head)
    assert description is not None
    assert 100 < len(description[1]) <= 1_024
    assert "Use it when" in description[1]
    assert len(text.splitlines()) < 200
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert link.count("/") <= 1
        assert (ROOT / "skills" / skill / link).exists(), f"{skill}: {link} is missing"


@pytest.mark.parametrize("skill", SKILLS)
def test_agentskills_validates(skill: str) -> None:
    program = shutil.which("agentskills", path=str(Path(__import__("sys").executable).parent))
    if program is None:
        pytest.skip("skills-ref is not installed")
    result = subprocess.run([program, "validate", str(ROOT / "skills" / skill)], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_queries_of_the_skill_run(database: Database) -> None:
    asked = 0
    with readable_elsewhere(database) as path, opened(path, 5, None, 1 << 30) as source:
        for text in _texts("duckdb"):
            for block in re.findall(r"```sql\n(.*?)```", text, re.DOTALL):
                for sql in filter(str.strip, block.split(";\n")):
                    assert answered(source, sql)["columns"], sql
                    asked += 1
    assert asked >= 10


def test_the_example_of_the_share_format_imports(tmp_path: Path, database: Database) -> None:
    from healthsim.state.manager import StateManager

    text = _texts("interchange")[-1]
    example = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    assert example is not None
    (tmp_path / "x.json").write_text(example[1], encoding="utf-8")
    assert StateManager(database).import_path(tmp_path / "x.json").entity_count == 3


def test_the_skills_are_resources(server: HealthSimServer) -> None:
    assert {path.parent.name for path in skills()} >= set(SKILLS)
    uris = {str(resource.uri) for resource in anyio.run(server.list_resources)}
    assert "healthsim://skills/duckdb" in uris


def test_plugin_and_bundle_agree_with_the_project() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for name in ("plugin.json", ".claude-plugin/plugin.json", "manifest.json"):
        said = json.loads((ROOT / name).read_text(encoding="utf-8"))
        assert (said["name"], said["version"], said["license"]) == (project["name"], project["version"], "MIT")
    plugin = json.loads((ROOT / "plugin.json").read_text(encoding="utf-8"))
    assert plugin == json.loads((ROOT / ".claude-plugin" / "plugin.json").read_text(encoding="utf-8"))
    assert (ROOT / plugin["skills"]).is_dir()
    assert json.loads((ROOT / plugin["mcpServers"]).read_text(encoding="utf-8"))["mcpServers"]["healthsim"]
    manifest = json.loads((ROOT / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["server"]["type"] == "uv"
    assert (ROOT / manifest["server"]["entry_point"]).is_file()
    market = json.loads((ROOT / ".claude-plugin" / "marketplace.json").read_text(encoding="utf-8"))
    assert market["plugins"][0]["name"] == plugin["name"]
