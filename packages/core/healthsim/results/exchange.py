"""Answers of exports: what was written, and how a door tells of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from healthsim.results.answer import Answer


class Grid(NamedTuple):
    """A table that a door shows of an answer."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    title: str | None = None


class Written(Answer):
    """The base of what exports answer: a class that is one has a ``path``, which is None for a stream."""

    path: Path | None

    def sentence(self) -> str:
        """What was done, in a line."""
        return f"Wrote {self.path}."

    def grids(self) -> list[Grid]:
        """What there is to show of it in tables."""
        return []

    def remarks(self) -> list[str]:
        """What there is to know beside it."""
        return []
