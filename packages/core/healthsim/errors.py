"""Every error that a user can cause, and the exit code it ends the program with.

A message says what was wrong and where, what was expected, and what to do next. ``details`` holds
the same facts for programs: the CLI prints them with ``--json``, the assistant's server passes them on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from healthsim.remedies import remedy


class HealthSimError(Exception):
    """Something failed that is nobody's fault: a disk is full, a file cannot be written."""

    code: ClassVar[str] = "failure"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    def as_dict(self) -> dict[str, Any]:
        """The error as the object that ``--json`` prints under the key ``error``."""
        return {"code": self.code, "message": self.message, "details": self.details}

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the message says it all, and where in this program it was found out says nothing."""
        return [f"{type(self).__name__}: {self.message}"]


class UsageError(HealthSimError):
    """The command or the call was put together wrongly."""

    code = "usage"
    exit_code = 2


class NotFound(HealthSimError):
    """A scenario, an entity type, a file or a setting that was named does not exist."""

    code = "not_found"
    exit_code = 3


class AlreadyExists(HealthSimError):
    """A scenario or a file of that name is there, and nothing said that it may be replaced."""

    code = "already_exists"
    exit_code = 4


class InvalidInput(HealthSimError):
    """What was given cannot be read as what it should be."""

    code = "invalid_input"
    exit_code = 5


class InvalidEntities(InvalidInput):
    """One or more values of a save cannot be read as their declared types: all of them are named."""

    code = "invalid_entities"
    SHOWN: ClassVar[int] = 20

    def __init__(self, faults: Sequence[dict[str, Any]], total: int | None = None) -> None:
        count = total if total is not None else len(faults)
        lines = [f"  {fault['path']}: {fault['problem']}" for fault in faults[: self.SHOWN]]
        if count > len(lines):
            lines.append(f"  ... and {count - len(lines):,} more")
        noun = "value" if count == 1 else "values"
        super().__init__(
            f"{count:,} {noun} cannot be read as declared; nothing was saved.\n"
            + "\n".join(lines)
            + f"\nCorrect them, or use lenient mode ({remedy('be lenient')}): it keeps every document as it is and"
            " leaves only those columns empty.",
            faults=list(faults),
            total=count,
        )


class DatabaseLocked(HealthSimError):
    """Another program holds the database file and did not let go within the time limit."""

    code = "database_locked"
    exit_code = 6


class Outdone(DatabaseLocked):
    """Another program wrote to the same place at the same moment, and its write is the one that counts."""

    code = "outdone"


class DatabaseUnusable(HealthSimError):
    """The database file is damaged, or is no DuckDB database at all."""

    code = "database_unusable"
    exit_code = 7


class DatabaseNewer(DatabaseUnusable):
    """The database was written by a newer version of HealthSim than this one."""

    code = "database_newer"
