"""What imports show about the house, beyond the layers: no circles, and few who know the engine."""

from __future__ import annotations

import ast
from pathlib import Path

import grimp
import pytest

SOURCE = Path(__file__).parents[2] / "packages" / "core" / "healthsim"
MODULES = sorted(SOURCE.rglob("*.py"))
#: who may import the engine itself: who opens databases, and who builds the star in one
ENGINE_ROOMS = ("db/", "analytics/star/")


def circles(imports: dict[str, set[str]]) -> list[list[str]]:
    """The groups of modules in which each reaches each by imports (Tarjan's strongly connected components)."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    groups: list[list[str]] = []

    def visit(module: str) -> None:
        order[module] = lowest[module] = len(order)
        stack.append(module)
        for other in imports.get(module, ()):
            if other not in order:
                visit(other)
                lowest[module] = min(lowest[module], lowest[other])
            elif other in stack:
                lowest[module] = min(lowest[module], order[other])
        if lowest[module] == order[module]:
            place = stack.index(module)
            group = sorted(stack[place:])
            del stack[place:]
            if len(group) > 1:
                groups.append(group)

    for module in imports:
        if module not in order:
            visit(module)
    return groups


@pytest.mark.parametrize(
    ("imports", "expected"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"b"}, "b": {"a"}}, [["a", "b"]]),
        ({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": {"d"}}, [["d", "e"], ["a", "b", "c"]]),
    ],
)
def test_circles_are_seen(imports: dict[str, set[str]], expected: list[list[str]]) -> None:
    assert circles(imports) == expected


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Imports inside functions and those for types count as well."""
    graph = grimp.build_graph("healthsim", cache_dir=None)
    assert circles({module: graph.find_modules_directly_imported_by(module) for module in graph.modules}) == []


def imports_at_run_time(text: str) -> set[str]:
    """The packages that a module imports when it runs, in functions as well; not what is only for types."""
    tree = ast.parse(text)
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for statement in node.body
        for inner in ast.walk(statement)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.long
def test_only_the_database_and_the_build_of_the_star_import_the_engine() -> None:
    """Others are handed a connection, and know the errors of the engine from ``healthsim.db.plain_engine``."""
    importers = {
        module.relative_to(SOURCE).as_posix()
        for module in MODULES
        if "duckdb" in imports_at_run_time(module.read_text(encoding="utf-8"))
    }
    assert importers, "somebody has to"
    assert sorted(name for name in importers if not name.startswith(ENGINE_ROOMS)) == []


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("import duckdb", True),
        ("def f():\n    from duckdb import connect", True),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import duckdb", False),
        ("import typing\nif typing.TYPE_CHECKING:\n    import duckdb\nelse:\n    import duckdb", True),
        ("from healthsim.db.plain_engine import EngineError", False),
    ],
)
def test_imports_at_run_time_are_told_from_those_for_types(text: str, seen: bool) -> None:
    assert ("duckdb" in imports_at_run_time(text)) is seen


def looks_at_the_path_of_a_location(text: str) -> list[int]:
    """The lines that ask a location for its path, or for its kind: who does so has an ``if`` for files and one for the rest."""
    lines = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and node.attr == "path":
            inner = node.value
            if (isinstance(inner, ast.Attribute) and inner.attr == "location") or (
                isinstance(inner, ast.Name) and inner.id == "location"
            ):
                lines.append(node.lineno)
        elif isinstance(node, ast.Name) and node.id.endswith("Location") and isinstance(node.ctx, ast.Load):
            lines.append(node.lineno)
    return sorted(lines)


def test_what_a_place_can_do_is_asked_not_whether_it_is_a_file() -> None:
    found = {
        f"{module.relative_to(SOURCE).as_posix()}:{line}"
        for module in MODULES
        if not module.relative_to(SOURCE).as_posix().startswith("db/")
        for line in looks_at_the_path_of_a_location(module.read_text(encoding="utf-8"))
    }
    assert found == set()


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("if database.location.path is None: pass", True),
        ("path = location.path", True),
        ("isinstance(place, FileLocation)", True),
        ("location.can(Ability.SCRATCH)", False),
        ("target.path", False),
    ],
)
def test_a_look_at_the_path_of_a_location_is_seen(text: str, seen: bool) -> None:
    assert bool(looks_at_the_path_of_a_location(text)) is seen
