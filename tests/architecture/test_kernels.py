"""The generation kernels can be changed by a stranger: short functions, few names, and names that say what they hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

KERNELS = Path(__file__).parents[2] / "packages" / "core" / "healthsim" / "generation" / "kernels"
#: names that say nothing of what they hold
SAY_NOTHING = {"given", "told", "said", "found", "one"}
LINES, NAMES = 60, 25
FUNCTIONS = [
    pytest.param(node, id=f"{module.stem}.{node.name}")
    for module in sorted(KERNELS.glob("*.py"))
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
    if isinstance(node, ast.FunctionDef)
]


def _names(node: ast.AST) -> Iterator[str]:
    """The names that a function binds: parameters, variables and those of comprehensions, but not of functions inside it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            yield child.id
        if isinstance(child, ast.arg):
            yield child.arg
        if not isinstance(child, (ast.FunctionDef, ast.Lambda)):
            yield from _names(child)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_of_the_kernels_is_read_at_a_glance(function: ast.FunctionDef) -> None:
    names = set(_names(function))
    assert function.end_lineno is not None
    assert function.end_lineno - function.lineno < LINES
    assert len(names) <= NAMES
    assert not names & SAY_NOTHING


def test_words_are_packed_by_name_only() -> None:
    """Shifts and masks are hidden in ``Packing``: nowhere else do they put two numbers into one."""
    for module in KERNELS.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.BinOp) and isinstance(node.op, (ast.LShift, ast.RShift))), module.name
