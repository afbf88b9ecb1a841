"""Answers of exports and imports: what was written or read, and how a door tells of it."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Self

from healthsim.results.answer import Answer
from healthsim.results.scenarios import Saved


class Grid(NamedTuple):
    """A table that a door shows of an answer."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    title: str | None = None


class Written(Answer):
    """The base of what exports answer: a class that is one has a ``path``, which is None for a stream.

    What was sent to an object store has the address there.
    """

    path: Path | str | None
    #: what there is to say of the way that it took
    transfer: ClassVar[str | None] = None

    def at(self, address: str, transfer: str | None = None) -> Self:
        """The same, with the address that it was sent to."""
        moved = copy.copy(self)
        # answers do not change; this one is not out yet
        object.__setattr__(moved, "path", address)
        object.__setattr__(moved, "transfer", transfer)
        return moved

    def sentence(self) -> str:
        """What was done, in a line."""
        return f"Wrote {self.path}."

    def grids(self) -> list[Grid]:
        """What there is to show of it in tables."""
        return []

    def remarks(self) -> list[str]:
        """What there is to know beside it."""
        return []


@dataclass(frozen=True, repr=False, eq=False)
class Exported(Written):
    """What an export wrote in a format of the field.

    Attributes:
        counts: {kind: n} of what the format consists of: resources by type, transaction sets, messages, rows of datasets.
        left_out: what of the scenario the format cannot carry, in sentences.
        notes: what else there is to know.
    """

    path: Path | None
    scenario: str
    counts: dict[str, int]
    left_out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def sentence(self) -> str:
        return f"Wrote {self.path}: {sum(self.counts.values()):,} of {len(self.counts)} kinds."

    def grids(self) -> list[Grid]:
        return [Grid(("kind", "count"), list(self.counts.items()))]

    def remarks(self) -> list[str]:
        return [*self.left_out, *self.notes]


@dataclass(frozen=True, repr=False, eq=False)
class ReadOddity(Answer):
    """Something in a source that is not as it should be: what, where it was first seen, how often.

    Attributes:
        file: of a source that is a folder.
    """

    what: str
    line: int | None
    count: int
    example: str | None = None
    file: str | None = None

    def sentence(self) -> str:
        inside = "" if self.file is None else f" of {self.file}"
        where = "" if self.line is None else f", first at line {self.line:,}{inside}"
        shown = "" if self.example is None else f" ({self.example})"
        return f"{self.what}{shown}: {self.count:,}{where}"


@dataclass(frozen=True, repr=False, eq=False)
class SourceReport(Answer):
    """What an import read of one source.

    Attributes:
        path: the file or folder; what lies in an archive is ``archive.zip!inside.json``.
        format: what it was read as; None for what could not be read.
        units: how many of what it consists of: resources, messages, transaction sets, lines.
        entities: {plural: n} of typed rows.
        kept: {kind: n} of documents without a type of ours.
        oddities: what is not as it should be.
        problem: why it was not read, where it was not.
    """

    path: str
    format: str | None
    units: int = 0
    entities: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    oddities: list[ReadOddity] = field(default_factory=list)
    problem: str | None = None


@dataclass(frozen=True, repr=False, eq=False)
class Imported(Saved):
    """What an import did: the scenario as it is now, and what was read of each source."""

    sources: list[SourceReport] = field(default_factory=list)

    def grids(self) -> list[Grid]:
        """Tables for reading: sources, entities by type, what was kept without one."""
        rows = [
            (
                source.path,
                source.format or "not read",
                source.units,
                sum(source.entities.values()),
                sum(source.kept.values()),
                sum(oddity.count for oddity in source.oddities),
            )
            for source in self.sources
        ]
        grids = [Grid(("source", "format", "units", "typed rows", "kept as they are", "oddities"), rows)]
        for title, member in (("Typed rows", "entities"), ("Kept without a type", "kept")):
            by_kind: dict[str, int] = {}
            for source in self.sources:
                for kind, count in getattr(source, member).items():
                    by_kind[kind] = by_kind.get(kind, 0) + count
            if by_kind:
                grids.append(Grid(("kind", "count"), sorted(by_kind.items()), title))
        return grids

    def remarks(self) -> list[str]:
        """Notices: what could not be read, what was odd, what gave way."""
        remarks = [f"{source.path}: not read. {source.problem}" for source in self.sources if source.problem]
        for source in self.sources:
            prefix = f"{source.path}: " if len(self.sources) > 1 else ""
            remarks += [prefix + oddity.sentence() for oddity in source.oddities]
        return [*remarks, *self.warnings]
