"""Answers about care pathways: which there are, who went through some, and what became of files from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from healthsim.results.answer import Answer, Records


@dataclass(frozen=True, repr=False, eq=False)
class JourneyList(Records):
    """Care pathways that generation can plan, by name."""

    LISTED = "journeys"

    journeys: list[dict[str, Any]]


@dataclass(frozen=True, repr=False, eq=False)
class JourneyRun(Answer):
    """The people of a scenario, generated once more with journeys that they go through.

    Attributes:
        on: the scenario whose people they are.
        persons: how many.
        changed: persons of the two scenarios that are not in both with the same birth date; 0 unless what generation
            knows has changed since.
        travellers: journey -> people for whom a step of it was planned.
        spec: what was generated.
    """

    scenario_id: str
    name: str
    on: str
    persons: int
    changed: int
    travellers: dict[str, int]
    entity_count: int
    entities_by_type: dict[str, int]
    spec: dict[str, Any]
    warnings: list[str] = field(default_factory=list)

    def __repr__(self) -> str:
        noticed = f", {len(self.warnings):,} warnings" if self.warnings else ""
        return f"<JourneyRun {self.name!r}: {self.persons:,} persons of {self.on!r}{noticed}>"


@dataclass(frozen=True, repr=False, eq=False)
class StepTaken(Answer):
    """A step of an imported journey: where the document says it, and as which kind it was taken."""

    step: str
    path: str
    kind: str


@dataclass(frozen=True, repr=False, eq=False)
class LeftOut(Answer):
    """What of a document was not taken: where it stands, what it is, and why."""

    path: str
    what: str
    why: str


@dataclass(frozen=True, repr=False, eq=False)
class JourneyImport(Answer):
    """What became of one document.

    Attributes:
        path: the file. shape: what it was read as; None for what is none of the shapes.
        journey, file: its name, and the file that was written; None where nothing was: ``problem`` says why.
        steps, left_out: what was taken, and what was not.
        notes: what was taken otherwise than it stands there.
    """

    OPTIONAL = ("problem",)

    path: str
    shape: str | None
    journey: str | None = None
    file: str | None = None
    steps: list[StepTaken] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problem: str | None = None

    def __repr__(self) -> str:
        return f"<JourneyImport {self.path}: {self.journey or self.problem}>"


@dataclass(frozen=True, repr=False, eq=False)
class JourneyImports(Records):
    """What became of documents of other programs: ``written`` journeys of so many that were ``read``."""

    LISTED = "files"
    SHOWN = ("path", "shape", "journey", "problem")

    output: str
    read: int
    written: int
    files: list[JourneyImport]

    def __repr__(self) -> str:
        return f"<JourneyImports {self.written:,} journeys of {self.read:,} documents>"
