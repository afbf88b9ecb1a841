"""Safe SQL: one question, checked on its syntax tree and run in a process of its own that can only read.

``ask`` is the door. The process that calls it never looks at the text and never holds more than the answer.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from healthsim import errors
from healthsim.config import child_environment
from healthsim.db.opening import shared_relations
from healthsim.db.query.limits import TIMED_OUT, Limits, crashed, out_of_memory, too_long
from healthsim.db.sharing import readable_elsewhere
from healthsim.errors import HealthSimError, InvalidInput
from healthsim.remedies import current_door
from healthsim.results import Table

if TYPE_CHECKING:
    from healthsim.db.connection import Database

LONGEST_TEXT = 100_000
#: names of the types of numbers
NUMERIC = frozenset(
    [
        "TINYINT",
        "SMALLINT",
        "INTEGER",
        "BIGINT",
        "HUGEINT",
        "UTINYINT",
        "USMALLINT",
        "UINTEGER",
        "UBIGINT",
        "UHUGEINT",
        "BIGNUM",
        "FLOAT",
        "DOUBLE",
        "DECIMAL",
    ]
)
_START_SECONDS = 15.0
_CHILD = "healthsim.db.query.child"
#: how a process ends that the system or the runtime refused memory: SIGKILL, SIGABRT
_KILLED = (-9, -6, 134, 137)

__all__ = ["Answer", "Limits", "Stop", "ask"]


@dataclass(frozen=True, repr=False, eq=False)
class Answer(Table):
    """The rows of a question, and whether there are more than were returned.

    Attributes:
        rows: numbers, texts, lists and objects as JSON holds them exactly; or texts and None, if those were asked for.
        types: of the columns, as the engine names them; empty for a plan.
    """

    columns: list[str]
    rows: list[list[Any]]
    truncated: bool
    types: list[str] = field(default_factory=list)

    @property
    def explains(self) -> bool:
        """Whether this is a plan: the last column of its rows is a drawing."""
        return not self.types

    @property
    def numeric(self) -> list[bool]:
        """The columns that hold numbers."""
        return [kind.split("(")[0] in NUMERIC for kind in self.types]

    def as_dict(self) -> dict[str, Any]:
        """What ``sql --json`` prints."""
        return {"columns": self.columns, "rows": self.rows, "truncated": self.truncated}


@dataclass
class Stop:
    """Ends a question from another thread; may be called before, while and after it runs."""

    _process: subprocess.Popen[bytes] | None = None
    _stopped: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> None:
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.kill()

    def watch(self, process: subprocess.Popen[bytes]) -> None:
        """The process to end."""
        with self._lock:
            self._process = process
            if self._stopped:
                process.kill()


def ask(
    database: Database,
    sql: str,
    *,
    scenario_id: str | None = None,
    as_text: bool = False,
    limits: Limits | None = None,
    stop: Stop | None = None,
) -> Answer:
    """Answer a question in SQL.

    Args:
        database: where another process can read it; it is created or migrated first, if need be.
        sql: one SELECT (also FROM, WITH, VALUES, PIVOT, DESCRIBE, SUMMARIZE, SHOW TABLES, EXPLAIN).
        scenario_id: only this scenario's rows exist for the question.
        as_text: every value as the engine writes it, and None where there is none.
        limits: what it may use.
        stop: called from another thread, it ends the question.

    Raises:
        UsageError: no other process can read the database where it is.
        InvalidInput: the text is no such statement, names what does not exist, or fails on a value.
        HealthSimError: it took too long or needed too much memory.
        DatabaseLocked: another program held the file for too long.
    """
    limits = limits or Limits()
    if len(sql) > LONGEST_TEXT:
        raise InvalidInput(f"The question has {len(sql):,} characters; at most {LONGEST_TEXT:,} are possible.")
    request = {
        "sql": sql.encode("utf-8", "replace").decode(),
        "scenario": scenario_id,
        "shared": sorted(shared_relations()) if scenario_id is not None else [],
        "as_text": as_text,
        "lock_timeout": database.lock_timeout,
        "timeout": limits.timeout,
        "memory": limits.memory,
        "rows": limits.rows,
        "characters": limits.characters,
        "door": current_door(),
    }
    with readable_elsewhere(database, sql) as path:
        outcome = _run({"path": path, **request}, limits, database.lock_timeout, stop or Stop())
    return _read(outcome, limits)


def _run(request: dict[str, Any], limits: Limits, lock_timeout: float, stop: Stop) -> tuple[bytes, int, bool]:
    """What the child wrote, its exit code, and whether it had to be ended for the time."""
    largest = limits.characters * 8 + (4 << 20)
    process = subprocess.Popen(
        # -P: the folder that the program is called from is no place for modules
        [sys.executable, "-P", "-X", "utf8", "-m", _CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=child_environment(),
        close_fds=True,
    )
    late = threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(limits.timeout + lock_timeout + _START_SECONDS, end)
    timer.start()
    stop.watch(process)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with process.stdin as pipe:
            _feed(pipe.write, json.dumps(request).encode())
        data = process.stdout.read(largest + 1)
        if len(data) > largest:
            process.kill()
    finally:
        timer.cancel()
        process.stdout.close()
        if process.poll() is None and sys.exc_info()[0] is not None:
            process.kill()
        process.wait()
    return data, process.returncode, late.is_set()


def _feed(write: Callable[[bytes], int], data: bytes) -> None:
    try:
        write(data)
    except BrokenPipeError:
        # the child ended early; what it left behind says why
        return


def _read(outcome: tuple[bytes, int, bool], limits: Limits) -> Answer:
    data, code, late = outcome
    try:
        answer = json.loads(data)
    except ValueError:
        if late or code == TIMED_OUT:
            raise too_long(limits.timeout) from None
        raise (out_of_memory(limits.memory) if data or code in _KILLED else crashed(code)) from None
    if "error" in answer:
        raise _error(answer["error"])
    return Answer(answer["columns"], answer["rows"], answer["truncated"], answer["types"])


def _error(said: dict[str, Any]) -> HealthSimError:
    kind = getattr(errors, said["kind"], HealthSimError)
    return (
        kind(said["message"], **said["details"])
        if kind is not errors.InvalidEntities
        else HealthSimError(said["message"])
    )
