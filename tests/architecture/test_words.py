"""Locals are nouns: a name says what a value is, not that somebody found, told or gave it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import healthsim

SOURCE = Path(healthsim.__file__).parent
NO_NOUNS = {"found", "told", "given", "one"}
#: formulas, which have words of their own
FORMULAS = "generation/kernels"
#: where formats and places are being added; their authors name what they touch
GROWING = ("exchange", "object_stores", "publish", "db/locations")


def modules() -> list[Path]:
    paths = sorted(SOURCE.rglob("*.py"))
    return [path for path in paths if not path.relative_to(SOURCE).as_posix().startswith((FORMULAS, *GROWING))]


def locals_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """The arguments of a function, and what it binds, in comprehensions as well."""
    arguments = function.args
    yield from (argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs))
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def without_noun(text: str) -> set[str]:
    functions = [
        node for node in ast.walk(ast.parse(text)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    return {name for function in functions for name in locals_of(function)} & NO_NOUNS


def test_locals_are_named_by_nouns() -> None:
    names = {path.relative_to(SOURCE).as_posix(): without_noun(path.read_text(encoding="utf-8")) for path in modules()}
    assert {path: words for path, words in names.items() if words} == {}


def test_the_test_sees_names_wherever_they_are_bound() -> None:
    assert without_noun("def f(given):\n    return [one for one in given]") == {"given", "one"}
    assert without_noun("def f():\n    if (found := g()):\n        for told in found: pass") == {"found", "told"}
    assert without_noun("def f(rows):\n    return one(rows)") == set()
