"""How far a run is, on stderr: a bar at a terminal, or lines for logs."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from healthsim.cli.output import notice

if TYPE_CHECKING:
    from healthsim.generation.runner import OnProgress
    from healthsim.generation.runner import Progress as Done

#: seconds between the lines of --progress plain
_EACH_SECONDS = 10.0


@contextmanager
def shown_progress(size: int, shown_as: str) -> Iterator[OnProgress | None]:
    """A bar with rate and time to go on a terminal; lines where they are asked for; else nothing."""
    if shown_as == "plain":
        yield _lines()
        return
    if shown_as == "none" or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("preparing", total=size, rate="")

        def show(done: Done) -> None:
            bar.update(task, description=done.phase, completed=done.persons, total=done.size, rate=_rate(done))

        yield show


def _lines() -> OnProgress:
    """A line for each phase, and one each ten seconds, for logs."""
    phase, due = "", 0.0

    def show(done: Done) -> None:
        nonlocal phase, due
        now = time.monotonic()
        if done.phase == phase and now < due and done.persons < done.size:
            return
        phase, due = done.phase, now + _EACH_SECONDS
        left = done.seconds * (done.size / done.persons - 1) if done.persons else None
        parts = (
            f"{done.phase} {done.persons:,}/{done.size:,}",
            _rate(done),
            f"about {left:,.0f} s left" if left is not None and done.phase == "persons" else "",
        )
        notice(", ".join(part for part in parts if part))

    return show


def _rate(done: Done) -> str:
    return f"{done.rows / max(done.seconds, 0.001):,.0f} rows/s" if done.rows else ""
