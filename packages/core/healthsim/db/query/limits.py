"""What a question may use, and what is said when it uses more."""

from __future__ import annotations

from dataclasses import dataclass

from healthsim.errors import HealthSimError

#: the exit code of a child that ran out of time and could not say so
TIMED_OUT = 75


@dataclass(frozen=True)
class Limits:
    """What a question may use and return.

    Attributes:
        rows: how many rows come back at most.
        characters: how many characters they have at most, all values together.
        timeout: seconds.
        memory: bytes.
    """

    rows: int = 10_000
    characters: int = 16_000_000
    timeout: float = 30.0
    memory: int = 2 << 30


def too_long(seconds: float) -> HealthSimError:
    """The error for a question that took more than its time."""
    return HealthSimError(
        f"The question took longer than {seconds:g} s and was stopped. Read fewer rows (WHERE, a scenario), aggregate"
        " before joining, or raise HEALTHSIM_SQL_TIMEOUT.",
        timeout=seconds,
    )


def out_of_memory(memory: int) -> HealthSimError:
    """The error for a question that took more than its memory."""
    return HealthSimError(
        f"The question needs more than {memory >> 20:,} MiB of memory and was stopped. Select fewer columns and rows,"
        " aggregate before joining, or raise HEALTHSIM_SQL_MEMORY.",
        memory=memory,
    )


def crashed(code: int) -> HealthSimError:
    """The error for a question that took its process down."""
    return HealthSimError(
        f"The question ended its process (code {code}). Nothing was changed. It is nested too deeply, or met a fault of"
        " the database engine: ask in simpler steps.",
        exit_code=code,
    )
