"""What a timeline is drawn from, whoever draws it: lanes with marks on them, one below the other, over one span of days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

#: how a mark looks: a bar from day to day, a thin line, a dot, a triangle, a diamond, a tick, a stick of some height, a point of a curve
Shape = Literal["bar", "line", "dot", "triangle", "diamond", "tick", "stick", "point"]


@dataclass(frozen=True)
class Mark:
    """One thing on a lane.

    Attributes:
        shape: how it looks.
        start, end: from which day to which; an end of None is open and reaches the right edge.
        title: what it is, in a line.
        target: the identifier of the row of a table that says more.
        level: for sticks and points how high, from 0 to 1.
        tone: ``""``, ``"warn"`` for what was denied or is out of range, ``"ghost"`` for what is behind others.
        text: what stands in the bar or beside the point.
        count: how many things of the same day it stands for.
        lit: it is what was asked about.
    """

    shape: Shape
    start: dt.date
    end: dt.date | None
    title: str
    target: str = ""
    level: float = 0.0
    tone: str = ""
    text: str = ""
    count: int = 1
    lit: bool = False


@dataclass(frozen=True)
class Lane:
    """A row of marks.

    Attributes:
        family: the part of the picture that it belongs to.
        name: its label, and ``more`` in smaller letters beside it.
        marks: in order of time.
        height: in pixels.
        band: the range of what is usual, from 0 to 1.
        ticks: heights from 0 to 1 with what they mean.
    """

    family: str
    name: str
    marks: Sequence[Mark]
    height: int = 18
    more: str = ""
    band: tuple[float, float] | None = None
    ticks: Sequence[tuple[float, str]] = ()


@dataclass(frozen=True)
class Span:
    """The days that a picture shows, both ends included.

    Attributes:
        index: the day from which others are counted, where there is one.
    """

    first: dt.date
    last: dt.date
    index: dt.date | None = None

    def at(self, day: dt.date) -> float:
        """Where the morning of a day lies, from 0 to 1; what lies outside is at the edge."""
        return min(max((day - self.first).days / self.days, 0.0), 1.0)

    @property
    def days(self) -> int:
        """How many days there are."""
        return (self.last - self.first).days + 1

    def shows(self, mark: Mark) -> bool:
        """Whether a part of a mark lies in it."""
        return mark.start <= self.last and (mark.end is None or mark.end >= self.first)

    def marks(self, most: int = 12) -> list[tuple[float, str]]:
        """Places with their labels: months, quarters or years; with an index, days before and after it."""
        return self._days(most) if self.index is not None else self._months(most)

    def _months(self, most: int) -> list[tuple[float, str]]:
        months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        step = next((step for step in (1, 3, 6, 12, 24, 36, 60, 120, 240) if months / step <= most), 480)
        places = []
        number = self.first.year * 12 + self.first.month - 1
        for month in range(-(-number // step) * step, number + months, step):
            day = dt.date(month // 12, month % 12 + 1, 1)
            if self.first <= day <= self.last:
                places.append((self.at(day), str(day.year) if step >= 12 else f"{day:%b %Y}"))
        return places

    def _days(self, most: int) -> list[tuple[float, str]]:
        assert self.index is not None
        steps = (1, 7, 14, 30, 90, 180, 365, 730, 1825, 3650)
        step = next((step for step in steps if self.days / step <= most), 7300)
        first, last = (self.first - self.index).days, (self.last - self.index).days
        return [
            (self.at(self.index + dt.timedelta(days=day)), f"{day:+,d} d" if day else "day 0")
            for day in range(-(-first // step) * step, last + 1, step)
        ]


@dataclass(frozen=True)
class Lanes:
    """A whole picture.

    Attributes:
        families: identifier and title of its parts, in their order.
        notes: what it leaves out, in sentences.
    """

    span: Span
    lanes: Sequence[Lane]
    families: Sequence[tuple[str, str]]
    notes: Sequence[str] = field(default_factory=tuple)
    title: str = ""

    def parts(self) -> list[tuple[str, str, list[Lane]]]:
        """The parts that have lanes."""
        parts = [
            (family, title, [lane for lane in self.lanes if lane.family == family]) for family, title in self.families
        ]
        return [part for part in parts if part[2]]
