"""``--progress plain``: what a log needs, a line for each phase, then one each ten seconds."""

from __future__ import annotations

import pytest

from healthsim.cli import progress
from healthsim.generation.runner import Progress


def test_lines_for_a_log(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    with progress.shown_progress(1_000, "plain") as show:
        assert show is not None
        for at, done in (
            (0, Progress(0, 1_000, phase="preparing")),
            (1, Progress(0, 1_000)),
            (2, Progress(100, 1_000, 10_000, 1.0)),
            (12, Progress(500, 1_000, 50_000, 5.0)),
            (13, Progress(600, 1_000, 60_000, 6.0)),
            (14, Progress(1_000, 1_000, 100_000, 10.0)),
            (15, Progress(1_000, 1_000, phase="loading")),
        ):
            clock[0] = at
            show(done)
    assert capsys.readouterr().err.splitlines() == [
        "preparing 0/1,000",
        "persons 0/1,000",
        "persons 500/1,000, 10,000 rows/s, about 5 s left",
        "persons 1,000/1,000, 10,000 rows/s, about 0 s left",
        "loading 1,000/1,000",
    ]


def test_nothing_is_shown_where_nobody_looks() -> None:
    for shown_as in ("none", "auto"):
        with progress.shown_progress(1_000, shown_as) as show:
            assert show is None
