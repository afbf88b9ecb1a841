"""Messages say what to do in the words of the door through which somebody came, and the words are true."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

import healthsim
from commands import every, words
from healthsim.cli import COMMANDS
from healthsim.door import verbs
from healthsim.remedies import REMEDIES, Remedy, door, remedy
from healthsim.server.declaring import declared
from healthsim.workbench import Workbench

SOURCE = Path(healthsim.__file__).parent
#: what may name options and commands: the command line itself, the cell of a notebook that takes options, and the pages that
#: the server writes about them
OF_THE_COMMAND_LINE = (
    "cli/",
    "magic.py",
    "remedies.py",
    "server/reference_page.py",
    "server/http.py",
    "server/tools/",
    "exchange/",
    "demo/",
    "web/",
)


@pytest.mark.parametrize("name", REMEDIES)
def test_commands_of_a_remedy_exist(name: str) -> None:
    known = {words(context) for context in every()}
    for text in REMEDIES[name]:
        for said in re.findall(r"healthsim ((?:[a-z]+ ?)+)", text):
            typed = said.split()
            assert any(" ".join(typed[:n]) in known for n in range(1, len(typed) + 1)), text


@pytest.mark.parametrize("name", REMEDIES)
def test_functions_of_a_remedy_are_verbs(name: str) -> None:
    for said in re.findall(r"healthsim\.(\w+)\(", REMEDIES[name].python):
        assert said in [*verbs(), "open"], REMEDIES[name].python
    arguments = {p for verb in verbs() for p in inspect.signature(getattr(Workbench, verb)).parameters} | {
        "ages",
        "url",
    }
    for said in re.findall(r"\b(\w+)=", REMEDIES[name].python):
        assert said in arguments, REMEDIES[name].python


@pytest.mark.parametrize("name", REMEDIES)
def test_tools_of_a_remedy_exist(name: str) -> None:
    known = {tool.name for tool in declared()}
    for said in re.findall(r"(?:the tool |\b(?=[a-z]+_[a-z_]+\())([a-z]+_[a-z_]+)", REMEDIES[name].tool):
        assert said in known, REMEDIES[name].tool


@pytest.mark.parametrize("name", REMEDIES)
def test_no_remedy_is_without_a_message(name: str) -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))
    assert re.search(rf"remedy\(\s*['\"]{re.escape(name)}['\"]", code), f"nothing says {name!r}"


@pytest.mark.long
def test_no_message_below_the_doors_names_an_option_or_a_command() -> None:
    """A message that does is true for one door only: it says remedy(...) instead."""
    found = []
    for path in SOURCE.rglob("*.py"):
        place = path.relative_to(SOURCE).as_posix()
        if place.startswith(OF_THE_COMMAND_LINE):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documentation = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in documentation
                and re.search(
                    rf"(^|[\s(`])--[a-z]{{2,}}|\bhealthsim ({'|'.join(COMMANDS)}) ",
                    node.value,
                )
            ):
                found.append(f"{place}:{node.lineno}: {node.value[:80]}")
    assert [item for item in found if "spark.py" not in item and "tables_page.py" not in item] == []


def test_each_door_says_its_own_words() -> None:
    said = {}
    for name in Remedy._fields:
        with door(name):  # type: ignore[arg-type]  # the fields are the doors
            said[name] = remedy("rename a scenario", name="x")
    assert said == {
        "command": "healthsim scenario rename x another-name",
        "python": 'healthsim.rename("x", "another-name")',
        "tool": "the tool rename_scenario",
    }
    assert remedy("replace a file") == "overwrite=True"
