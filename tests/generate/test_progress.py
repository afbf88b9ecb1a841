"""The kind: who waits sees from the first second how much there is to do, and what is being done."""

from __future__ import annotations

from pathlib import Path

import pytest

from healthsim.analytics.reports.charts import _DRAWN
from healthsim.db.connection import Database
from healthsim.generation import generate, generate_files
from healthsim.generation.runner import Progress

SPEC = {"size": 40, "counties": ["06073"], "years": 1}


@pytest.mark.long
def test_phases_have_a_total_from_the_beginning(database: Database, tmp_path: Path) -> None:
    seen: list[Progress] = []
    generate(SPEC, "small", database=database, progress=seen.append)
    assert [(done.phase, done.persons) for done in seen] == [
        ("preparing", 0),
        ("tuning", 0),
        ("persons", 0),
        ("persons", 40),
        ("loading", 40),
    ]
    assert {done.size for done in seen} == {40}
    seen.clear()
    generate_files(SPEC, tmp_path / "files", database=database, progress=seen.append)
    assert [done.phase for done in seen] == ["preparing", "tuning", "persons", "persons"]


def test_charts_say_what_they_leave_out() -> None:
    rows = [{"x": f"x{n % 3}", "s": f"series {n // 3}", "y": n + 1} for n in range(36)]
    lines = [{"x": f"x{n % 3}", "s": f"series {n // 3}", "y": n + 1} for n in range(84)]
    for kind in ("bar", "stacked", "line", "triangle"):
        what = "28 lines" if kind in ("line", "triangle") else "12 series"
        drawn = _DRAWN[kind](lines if "lines" in what else rows, {"x": "x", "y": "y", "series": "s"}, "Title") or ""
        assert f"4 of {what} are left out of the chart; the table has all." in drawn
        assert "left out" not in (_DRAWN[kind](rows[:20], {"x": "x", "y": "y", "series": "s"}, "Title") or "")
    many = [{"x": f"x{n}", "y": n + 1} for n in range(45)]
    assert "15 of 45 bars are left out of the chart" in (_DRAWN["bar"](many, {"x": "x", "y": "y"}, "Title") or "")
