"""The process in which one question runs, and which may be killed at any time: ``python -m healthsim.db.query.child``.

It reads one request (JSON) from its input and writes one answer (JSON) to its output. Nothing of the text is looked
at in the process that asks: a text that crashes the parser takes only this one down.
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
import time
from typing import Any

import duckdb

from healthsim import unasked_imports
from healthsim.db.query.check import Checked, check
from healthsim.db.query.limits import TIMED_OUT, out_of_memory, too_long
from healthsim.db.query.source import Source, opened
from healthsim.db.query.tokens import without_end
from healthsim.db.query.values import Shape, as_json, cut, shape
from healthsim.errors import HealthSimError, InvalidInput
from healthsim.remedies import door

BATCH = 1_024
GRACE_SECONDS = 2.0
#: what the engine and the interpreter need of address space before a question takes any
_BASE_BYTES = 3 << 30
_NUMBERED = re.compile(r"_\d+$")
_LINE = re.compile(r"\bLINE (\d+):")


def main() -> int:
    """Answer the request on standard input."""
    unasked_imports.keep_out()
    request = json.loads(sys.stdin.buffer.read())
    _limit_process(request)
    try:
        with door(request["door"]):
            answer = _answer(request)
    except HealthSimError as error:
        answer = {"error": {"kind": type(error).__name__, "message": error.message, "details": error.details}}
    except (MemoryError, duckdb.OutOfMemoryException):
        answer = _out_of_memory(request)
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace"))
    sys.stdout.buffer.flush()
    # a result that was not read to its end need not be taken down orderly
    os._exit(0)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    place = request["path"], request["lock_timeout"], request["scenario"], request["memory"]
    with opened(*place, request.get("shared")) as source:
        deadline = _Deadline(source, request["timeout"], request["memory"])
        checked = check(source.connection, request["sql"], source.known, filtered=source.scenario is not None)
        if source.scenario is not None and (checked.lists_tables or checked.explains):
            # what is said of tables and plans must not name or count what the scenario does not hold
            return _ask_copy(source, checked, request, deadline)
        try:
            return _run(source, request, checked)
        except duckdb.Error as error:
            deadline.check(error)
            if source.scenario is None or _is_static(error):
                raise _in_words(error) from None
            return _ask_copy(source, checked, request, deadline)


def _ask_copy(source: Source, checked: Checked, request: dict[str, Any], deadline: _Deadline) -> dict[str, Any]:
    """Ask where only this scenario's rows are, so that no error and no plan tells anything about others."""
    try:
        source.copy(checked.tables)
    except duckdb.Error as error:
        deadline.check(error)
        raise InvalidInput(
            "The scenario is too large for an EXPLAIN of its own. Ask without the scenario, with a condition on"
            " scenario_id."
            if checked.explains
            else "The question failed on a value, and the scenario is too large to find out on which one of its own. Use"
            " TRY_CAST and TRY(...) for values that may not convert."
        ) from None
    try:
        return _run(source, request, checked)
    except duckdb.Error as error:
        deadline.check(error)
        raise _in_words(error) from None


def _run(source: Source, request: dict[str, Any], checked: Checked) -> dict[str, Any]:
    columns, kinds, result = _shown(source.connection, request, checked)
    rows: list[list[Shape]] = []
    room, truncated = request["characters"], False
    wanted = request["rows"]
    while not truncated:
        batch = result.fetchmany(min(BATCH, wanted + 1 - len(rows)))
        if not batch:
            break
        for row in batch:
            if len(rows) == wanted or room <= 0:
                truncated = True
                break
            shown = []
            for value in row:
                seen, size, shortened = cut(value, max(room, 0))
                room -= size
                truncated |= shortened
                shown.append(seen)
            rows.append(shown)
            room -= 4
    if not request["as_text"] and kinds:
        written = [as_json([row[place] for row in rows], kind) for place, kind in enumerate(kinds)]
        rows = [list(row) for row in zip(*written, strict=True)]
    types = [str(kind) for kind in kinds]
    return {"columns": columns, "types": types, "rows": rows, "truncated": truncated}


def _shown(
    connection: duckdb.DuckDBPyConnection, request: dict[str, Any], checked: Checked
) -> tuple[list[str], list[Any], duckdb.DuckDBPyConnection]:
    """The names and types of the columns, and the result with every value as the engine writes it."""
    if checked.explains:
        result = _execute(connection, request["sql"])
        return [column[0] for column in result.description or ()], [], result
    # the question stands on lines of its own: a comment at its end ends there, and errors show it as it was written
    inner = f"(\n{without_end(request['sql'])}\n)"
    described = _execute(connection, f"SELECT * FROM {inner} LIMIT 0").description or []
    columns, kinds = [str(column[0]) for column in described], [column[1] for column in described]
    texts = ", ".join(
        f"CAST(#{place} AS {('' if request['as_text'] else shape(kind)) or 'VARCHAR'})"
        for place, kind in enumerate(kinds, 1)
    )
    return _own_names(connection, request["sql"], columns), kinds, _execute(connection, f"SELECT {texts} FROM {inner}")


def _own_names(connection: duckdb.DuckDBPyConnection, sql: str, columns: list[str]) -> list[str]:
    """The names of the columns as the question has them: around it, the second of a name would be numbered."""
    if not any(_NUMBERED.search(name) for name in columns):
        return columns
    try:
        names = [str(row[0]) for row in connection.execute(f"DESCRIBE {sql}").fetchall()]
    except duckdb.Error:
        # SHOW, DESCRIBE and SUMMARIZE cannot be described; their names differ
        return columns
    return names if len(names) == len(columns) else columns


def _execute(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.DuckDBPyConnection:
    """Run a question; the engine makes several statements of EXPLAIN PIVOT, of which one has the answer."""
    statements = connection.extract_statements(sql)
    for statement in statements[:-1]:
        result = connection.execute(statement)
        if statement.type == duckdb.StatementType.EXPLAIN:
            return result
    return connection.execute(statements[-1])


class _Deadline:
    """Stops the engine when the time is up, and the process where the engine does not listen."""

    def __init__(self, source: Source, seconds: float, memory: int) -> None:
        self.seconds = seconds
        self.memory = memory
        self.end = time.monotonic() + seconds
        for wait, stop in (
            (seconds, source.connection.interrupt),
            (seconds + GRACE_SECONDS, lambda: os._exit(TIMED_OUT)),
        ):
            timer = threading.Timer(wait, stop)
            timer.daemon = True
            timer.start()

    def check(self, error: duckdb.Error) -> None:
        """Raise the error for the limit that was passed, if it was that."""
        if isinstance(error, duckdb.OutOfMemoryException):
            raise out_of_memory(self.memory) from None
        if isinstance(error, duckdb.InterruptException) or time.monotonic() >= self.end:
            raise too_long(self.seconds) from None


def _out_of_memory(request: dict[str, Any]) -> dict[str, Any]:
    error = out_of_memory(request["memory"])
    return {"error": {"kind": type(error).__name__, "message": error.message, "details": error.details}}


def _is_static(error: duckdb.Error) -> bool:
    """Whether an error comes from the text alone, before any row was looked at."""
    return isinstance(error, duckdb.BinderException | duckdb.CatalogException | duckdb.ParserException)


def _in_words(error: duckdb.Error) -> InvalidInput:
    # one line stands before the question
    text = _LINE.sub(lambda found: f"LINE {max(int(found[1]) - 1, 1)}:", str(error).strip())
    return InvalidInput(f"The question cannot be answered: {text}", engine_error=type(error).__name__)


def _limit_process(request: dict[str, Any]) -> None:
    """Limits that hold even where the engine's own do not; only POSIX has them."""
    try:
        import resource
    except ImportError:
        return
    seconds = int(request["timeout"] + request["lock_timeout"] + GRACE_SECONDS) + 1
    for name, value in (
        ("RLIMIT_AS", request["memory"] + _BASE_BYTES),
        ("RLIMIT_CPU", seconds * 4),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CORE", 0),
    ):
        kind = getattr(resource, name, None)
        if kind is None:
            continue
        try:
            _, hard = resource.getrlimit(kind)
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (value, value))
        except (ValueError, OSError):
            # a system that has the limit and refuses it (macOS: address space); the engine's own limit holds
            continue


if __name__ == "__main__":
    main()
