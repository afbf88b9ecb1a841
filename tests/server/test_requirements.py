"""Each requirement of the server names its tests, and each test belongs to a requirement."""

from __future__ import annotations

import ast
import json
from pathlib import Path

HERE = Path(__file__).parent


def test_both_ways() -> None:
    wanted = json.loads((HERE / "requirements.json").read_text(encoding="utf-8"))
    named = {test for tests in wanted.values() for test in tests}
    there = {
        f"{path.name}::{node.name}"
        for path in HERE.glob("test_*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    assert all(wanted.values()), "a requirement without a test"
    assert named - there == set(), "tests that requirements.json names and that do not exist"
    assert there - named == set(), "tests that belong to no requirement: add them to requirements.json"
