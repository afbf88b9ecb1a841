"""One workbench behind every door: what a command or a tool does is a verb, and what a verb does has a door."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import click
import pytest

import healthsim
from commands import leaves
from healthsim.door import verbs
from healthsim.server.declaring import declared
from healthsim.workbench import Workbench

SOURCE = Path(healthsim.__file__).parent
#: commands that are no verb: what they are instead
NO_VERBS = {
    "demo": "a walk through the verbs",
    "mcp": "a door itself",
    "ui": "a door itself",
}
#: verbs of Python alone: why
ONLY_PYTHON = {
    "scenarios": "list under another name",
    "load": "a tool gives pages, and the command writes document by document",
}


def verbs_in(command: click.Command) -> set[str]:
    """The verbs that the code of a command calls, and what it hands its workbench to."""
    assert command.callback is not None
    module = inspect.getmodule(inspect.unwrap(command.callback))
    assert module is not None
    tree = ast.parse(inspect.getsource(module))
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    waiting, found, seen = [inspect.unwrap(command.callback).__name__], set(), set()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in functions:
            continue
        seen.add(name)
        for node in ast.walk(functions[name]):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "bench":
                found.add(node.attr)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                waiting.append(node.func.id)
    return found & set(verbs())


@pytest.mark.parametrize(("name", "command"), [pytest.param(*leaf, id=leaf[0]) for leaf in leaves()])
def test_a_command_calls_a_verb_of_the_workbench(name: str, command: click.Command) -> None:
    assert verbs_in(command) or name in NO_VERBS, f"healthsim {name} calls no verb"


def test_a_tool_is_a_verb_of_the_workbench() -> None:
    for tool in declared():
        assert tool.verb in verbs(), f"{tool.name}: there is no verb {tool.verb!r}"
        source = inspect.getsource(inspect.getmodule(tool.function))  # type: ignore[arg-type]  # every function has one
        assert f"bench.{tool.verb}(" in source, f"{tool.name} does not call its verb {tool.verb}"


def verbs_of_pages() -> set[str]:
    """The verbs that the pages call."""
    called = set()
    for module in (SOURCE / "web" / "screens").glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("bench", "visit.bench"):
                called.add(node.attr)
    return called & set(verbs())


def test_a_verb_has_a_command_or_a_tool_or_a_page() -> None:
    behind = set().union(*(verbs_in(command) for _, command in leaves()), (tool.verb for tool in declared()))
    assert len(verbs_of_pages()) > 10, "pages call verbs, too"
    behind |= verbs_of_pages()
    assert set(verbs()) - behind == set(ONLY_PYTHON)


def test_the_workbench_is_the_only_opener_of_databases() -> None:
    """Below it, a database is passed; the two public functions of old open the user's own."""
    openers = []
    for module in SOURCE.rglob("*.py"):
        text = module.read_text(encoding="utf-8")
        if "Database.of(" in text or ("Database(" in text.replace("class Database(", "") and "db/" not in str(module)):
            openers.append(module.relative_to(SOURCE).as_posix())
    assert set(openers) <= {
        "workbench/__init__.py",
        "db/__init__.py",  # get_connection
        "state/__init__.py",  # save_scenario, load_scenario ...
        "generation/__init__.py",  # generate
    }


def test_no_public_function_answers_with_a_dict() -> None:
    """Answers are typed: a ``dict[str, Any]`` is what JSON, YAML and a row of a table are, and nothing else."""
    found = []
    for module in SOURCE.rglob("*.py"):
        tree = ast.parse(module.read_text(encoding="utf-8"))
        for node in tree.body:
            parts = node.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_") else [node]
            for part in parts:
                if (
                    isinstance(part, ast.FunctionDef)
                    and not part.name.startswith("_")
                    and part.returns is not None
                    and ast.unparse(part.returns) in ("dict[str, Any]", "list[dict[str, Any]]")
                ):
                    found.append(f"{module.relative_to(SOURCE).as_posix()}:{part.name}")
    allowed = {
        "as_dict",
        "as_json",
        "json_schema",
        "of_arguments",
        "of_result",  # JSON is what they are for
        "document_of",
        "read_spec_file",
        "figures",
        "facts",
        "billing",  # what a file of YAML or JSON says
        "generation_of",
        "manifest_facts",
        "write_manifest",  # members of a JSON document
        "checked",  # options, by name
        "list_scenarios",  # the function of the original documentation
    }
    assert {name.split(":")[1] for name in found} <= allowed, sorted(found)
    assert not [
        name
        for name in verbs()
        if "dict[str, Any]" in str(inspect.signature(getattr(Workbench, name)).return_annotation)
    ]


def test_import_healthsim_is_cheap_and_shows_the_verbs_and_nothing_else() -> None:
    script = "import sys, healthsim as hs\nprint(sorted({'duckdb','pydantic','numpy','pyarrow','click','yaml'} & set(sys.modules)))\n"
    script += (
        "print(*dir(hs))\nprint(sorted({'duckdb','pydantic','numpy','pyarrow','click','yaml'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    before, shown, after = done.stdout.splitlines()
    assert before == after == "[]"
    assert shown.split() == sorted([*verbs(), "errors", "open", "version"])


def test_editors_are_told_of_the_same_verbs() -> None:
    tree = ast.parse(Path(healthsim.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    told = [
        node.targets[0].id
        for node in block.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    ]
    assert sorted(set(told) - {"_default", "open"}) == verbs()
