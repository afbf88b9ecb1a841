"""Tests themselves: none of them needs a quiet machine; and how all that is written looks."""

from __future__ import annotations

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1]
#: seconds that a loop may rest before it looks again
REST = 0.1


def test_no_test_waits_for_a_fixed_time() -> None:
    """What has happened is looked for (``waiting.until``); a fixed time is too long for one machine and too short for another."""
    waits = [
        f"{path.relative_to(TESTS)}:{node.lineno}"
        for path in TESTS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) == "sleep"
        and isinstance(node.args[0], ast.Constant)
        and float(node.args[0].value) > REST
    ]
    assert waits == []


def test_lines_are_left_to_the_formatter() -> None:
    """Ten exceptions at most, in all that is written by hand."""
    root = TESTS.parent
    written = [
        path for folder in ("packages", "tests", "scripts", "benchmarks") for path in (root / folder).rglob("*.py")
    ]
    mark = "# fmt: " + "skip"
    assert sum(path.read_text(encoding="utf-8").count(mark) for path in written) < 10
