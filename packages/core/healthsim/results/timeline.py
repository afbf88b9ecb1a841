"""What happened to one person, in the order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from healthsim.results.answer import Records
from healthsim.results.timeline_events import FAMILIES, Person, TimelineEvent

if TYPE_CHECKING:
    from healthsim.pictures.lanes import Lanes


@dataclass(frozen=True, repr=False, eq=False)
class Timeline(Records):
    """What happened to one person: iterating gives one event after the other; a notebook shows it as a picture.

    Attributes:
        first, last: the days that care, coverage and bills span; conditions may have begun before.
        totals: events by family.
        index: the day that others are counted from, where one was asked for.
        highlight: how the codes begin that were asked about.
    """

    LISTED = "events"
    OPTIONAL: ClassVar[tuple[str, ...]] = ("index", "highlight")

    scenario: str
    scenario_id: str
    person: Person
    first: str | None
    last: str | None
    totals: dict[str, int]
    events: list[TimelineEvent]
    index: str | None = None
    highlight: list[str] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"<Timeline of {self.person.name!r}: {len(self.events):,} events, {self.first} to {self.last}>"

    @staticmethod
    def families() -> tuple[str, ...]:
        """The parts of a timeline, in their order."""
        return tuple(FAMILIES)

    @cached_property
    def undated(self) -> int:
        """How many events have no day, and so no place in the picture."""
        return sum(event.start is None for event in self.events)

    def lanes(self, families: Sequence[str] = (), *, everything: bool = False) -> Lanes:
        """The picture, for whoever draws it.

        Args:
            families: only these parts; all without.
            everything: every lane, however many there are.
        """
        from healthsim.results.timeline_lanes import lanes_of

        return lanes_of(
            self.events,
            (self.first, self.last, self.index),
            highlight=self.highlight,
            families=families,
            everything=everything,
            title=f"Timeline of {self.person.name}",
        )

    def text(self, width: int = 100) -> str:
        """The picture in letters."""
        from healthsim.pictures.timeline_text import timeline_text

        return timeline_text(self.lanes(), width)

    def _repr_html_(self) -> str:
        """The picture, in a notebook; nothing of it is a link there."""
        from healthsim.pictures.timeline import style, timeline_html
        from healthsim.results.timeline_lanes import unlinked

        return f"<style>{style()}</style>{timeline_html(unlinked(self.lanes()))}"
