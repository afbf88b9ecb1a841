"""Long work that goes on while its page is closed: generations, builds of the star, imports, exports, shares.

A run lives as long as the server. What it makes appears in the database whole or not at all, so that a server that was
stopped leaves no half of it: its page then says that nothing was saved. What it writes for a browser to fetch, or was given
by one, lies in a folder of the server's own, which goes with it.
"""

from __future__ import annotations

import contextvars
import secrets
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from healthsim.errors import HealthSimError
from healthsim.leftovers import owned_name, remove, remove_abandoned
from healthsim.remedies import door
from healthsim.results import Grid

#: runs that are remembered, with what they wrote
_KEPT = 50
#: how the names of the folders of servers begin
_FOLDERS = "healthsim-ui-"


class _Stopped(HealthSimError):
    """Somebody has cancelled the run."""


@dataclass
class Run:
    """One run.

    Attributes:
        title: what is being made.
        command: the same on the command line.
        state: ``running``, ``done``, ``failed`` or ``cancelled``.
        phase, done, of, rows: how far it is, in the words of the work.
        result: where what was made can be seen.
        again: where the same can be asked for with other words.
        log: what happened, with seconds since it began.
        stoppable: it looks whether it was cancelled.
        folder: of its own, where it has asked for one.
        file: what a browser can fetch, once it is done.
        says, grids, remarks: what it answered, for reading.
        answer: the same as an object.
    """

    run_id: str
    title: str
    command: str
    state: str = "running"
    phase: str = "preparing"
    done: int = 0
    of: int = 0
    rows: int = 0
    started: float = field(default_factory=time.monotonic)
    ended: float | None = None
    result: str | None = None
    message: str = ""
    again: str | None = None
    log: list[tuple[float, str]] = field(default_factory=list)
    stoppable: bool = True
    folder: Path | None = None
    file: Path | None = None
    says: str = ""
    grids: list[Grid] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    answer: Any = None
    _cancel: threading.Event = field(default_factory=threading.Event)

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return (self.ended or time.monotonic()) - self.started

    @property
    def share(self) -> float:
        """How much of what is counted is done, from 0 to 1."""
        return self.done / self.of if self.of else 0.0

    @property
    def left(self) -> float | None:
        """Seconds that it is likely to go on for, where that can be said."""
        known = self.state == "running" and self.phase == "persons" and self.done
        return self.seconds * (self.of - self.done) / self.done if known else None

    def report(self, phase: str, done: int, of: int, rows: int = 0) -> None:
        """How far it is; the work calls this, and ends here when it was cancelled."""
        if phase != self.phase:
            self.log.append((self.seconds, phase))
        self.phase, self.done, self.of, self.rows = phase, done, of, rows
        if self._cancel.is_set():
            raise _Stopped("The run was cancelled; nothing was saved.")

    @property
    def written(self) -> int:
        """Bytes that lie in its folder."""
        if self.folder is None:
            return 0
        sizes = 0
        for path in self.folder.rglob("*"):
            try:
                sizes += path.stat().st_size if path.is_file() else 0
            except FileNotFoundError:
                # renamed while it was looked at
                continue
        return sizes

    def shown(self, value: Any) -> Any:
        """A text, or what holds texts, without the folder of the server: what was uploaded is named as it was sent."""
        if self.folder is None:
            return value
        if isinstance(value, dict):
            return {name: self.shown(item) for name, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.shown(item) for item in value]
        if isinstance(value, Path):
            value = str(value)
        return value.replace(f"{self.folder}/", "") if isinstance(value, str) else value

    def tell(self, answer: Any, says: str) -> None:
        """Keep what was answered, for who looks later: it has ``grids()``, ``remarks()`` and ``as_dict()`` as far as it has."""
        self.says = self.shown(says)
        self.grids = [
            Grid(grid.columns, self.shown(grid.rows), grid.title) for grid in getattr(answer, "grids", list)()
        ]
        self.remarks = self.shown(getattr(answer, "remarks", list)())
        self.answer = self.shown(answer.as_dict())

    def cancel(self) -> None:
        """Ask it to end at its next report."""
        self._cancel.set()

    def as_dict(self) -> dict[str, Any]:
        """For ``.json``."""
        names = ("run_id", "title", "command", "state", "phase", "done", "of", "rows", "result", "message")
        facts = {name: getattr(self, name) for name in names} | {"seconds": round(self.seconds, 1)}
        return facts | {"file": self.file and self.file.name, "answer": self.answer}


class Runs:
    """The runs of a server, the newest last."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}
        self._home: Path | None = None
        self._lock = threading.Lock()

    def folder(self) -> Path:
        """A new folder that only this user may look into; it goes with the run that it is given to, or with the server."""
        place = Path(tempfile.gettempdir())
        with self._lock:
            if self._home is None:
                remove_abandoned(place, _FOLDERS)
                self._home = place / owned_name(_FOLDERS)
                self._home.mkdir(mode=0o700)
        folder = self._home / secrets.token_hex(8)
        folder.mkdir(mode=0o700)
        return folder

    def start(
        self,
        title: str,
        command: str,
        work: Callable[[Run], str | None],
        *,
        folder: Path | None = None,
        stoppable: bool = True,
    ) -> Run:
        """Begin a run.

        Args:
            work: does it, reports to the run, and answers with the address of what it has made.
            folder: of ``folder()``, for what it writes or was given.
            stoppable: it reports often enough to be cancelled.
        """
        run = Run(secrets.token_hex(8), title, command, folder=folder, stoppable=stoppable)
        for old in [key for key, other in self._runs.items() if other.state != "running"][
            : max(len(self._runs) - _KEPT, 0)
        ]:
            self._forget(self._runs.pop(old))
        self._runs[run.run_id] = run
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(_done, run, work), daemon=True, name=f"run {run.run_id}").start()
        return run

    def get(self, run_id: str) -> Run | None:
        """A run, where this server had it."""
        return self._runs.get(run_id)

    def all(self) -> list[Run]:
        """All that are remembered, the newest first."""
        return list(reversed(self._runs.values()))

    def busy(self) -> bool:
        """Whether one is running."""
        return any(run.state == "running" for run in self._runs.values())

    def stop(self) -> None:
        """Cancel all, and remove what they wrote."""
        for run in self._runs.values():
            run.cancel()
        if self._home is not None:
            remove(self._home)
            self._home = None

    def _forget(self, run: Run) -> None:
        if run.folder is not None:
            remove(run.folder)


def _done(run: Run, work: Callable[[Run], str | None]) -> None:
    try:
        with door("command"):
            run.result = work(run)
        run.state = "done"
    except _Stopped as error:
        run.state, run.message = "cancelled", error.message
    except HealthSimError as error:
        run.state, run.message = "failed", run.shown(error.message)
    finally:
        run.ended = time.monotonic()
        if run.state == "running":
            run.state, run.message = (
                "failed",
                "Something unexpected happened; nothing was saved. The terminal says more.",
            )
