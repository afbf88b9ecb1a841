"""From the events of a person to lanes with marks: what stands on which line, and what a picture leaves out."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from healthsim.pictures.lanes import Lane, Lanes, Mark, Shape, Span
from healthsim.results.timeline_events import FAMILIES, TimelineEvent

#: lanes of a family that a picture has at most; the others are in the table, and a note says how many
MOST = {"conditions": 14, "results": 6, "drugs": 10}
#: above so many events, the marks of a week are one
MANY = 2_000
#: what is looked at first in primary care (LOINC: HbA1c, eGFR, LDL cholesterol, creatinine) and the blood pressure
KEY_TESTS = (
    "4548-4",
    "98979-8",
    "33914-3",
    "62238-1",
    "13457-7",
    "18262-6",
    "2089-1",
    "2160-0",
    "Systolic blood pressure",
)
_SETTINGS = ("inpatient", "emergency", "observation", "outpatient", "virtual", "home")
_SHAPES: dict[str, Shape] = {
    "inpatient": "bar",
    "observation": "bar",
    "emergency": "triangle",
    "procedures": "tick",
    "immunizations": "diamond",
    "allergies": "line",
    "medical": "bar",
    "drug": "bar",
    "participation": "bar",
    "treatment": "bar",
    "trial visits": "diamond",
    "adverse events": "triangle",
    "disposition": "tick",
}
_CURVE, _STICKS = 56, 44


def lanes_of(
    events: Sequence[TimelineEvent],
    days: tuple[str | None, str | None, str | None],
    *,
    highlight: Sequence[str] = (),
    families: Sequence[str] = (),
    everything: bool = False,
    title: str = "",
) -> Lanes:
    """The lanes of a life; of many conditions, tests and drugs those that say most.

    Args:
        events: in the order of time.
        days: the first and the last that are shown, and the one that others are counted from.
        highlight: how codes or names begin that are to be seen at once.
        families: only these parts.
        everything: every lane, however many there are.
        title: of the picture.
    """
    first, last, index = (dt.date.fromisoformat(day) if day else None for day in days)
    first = first or dt.date(2000, 1, 1)
    picture = _Picture(events, highlight, families, everything)
    return picture.drawn(Span(first, max(last or first, first), index), title)


def unlinked(picture: Lanes) -> Lanes:
    """The same without links, for a page that has no table beside it."""
    lanes = [replace(lane, marks=[replace(mark, target="") for mark in lane.marks]) for lane in picture.lanes]
    return replace(picture, lanes=lanes)


class _Picture:
    """A picture that is being laid out."""

    def __init__(
        self, events: Sequence[TimelineEvent], highlight: Sequence[str], families: Sequence[str], everything: bool
    ) -> None:
        self.highlight = highlight
        self.everything = everything
        self.by_week = len(events) > MANY
        self.undated = sum(event.start is None for event in events)
        self.notes: list[str] = []
        self.wanted = [family for family in FAMILIES if not families or family in families]
        self.by_lane: dict[tuple[str, str], list[tuple[int, TimelineEvent]]] = {}
        for number, event in enumerate(events):
            if event.start is not None and event.family in self.wanted:
                self.by_lane.setdefault((event.family, event.lane), []).append((number, event))

    def drawn(self, span: Span, title: str) -> Lanes:
        lanes = [lane for family in self.wanted for lane in self._family(family)]
        if self.by_week:
            self.notes.append(f"There are more than {MANY:,} events: those of a week are one mark.")
        if self.undated:
            self.notes.append(f"{self.undated:,} events have no date: they are in the table only.")
        if not lanes:
            self.notes.append("Nothing with a date is known of this person in these parts.")
        families = [(family, FAMILIES[family]) for family in self.wanted]
        return Lanes(span, lanes, families, self.notes, title)

    # -- families ----------------------------------------------------------------------------------------------

    def _family(self, family: str) -> Iterator[Lane]:
        lanes = {lane: events for (name, lane), events in self.by_lane.items() if name == family}
        if family == "claims":
            yield from self._claims(lanes)
            return
        chosen = self._chosen(family, lanes)
        for lane in chosen:
            events = lanes[lane]
            yield self._measured(lane, events) if family == "results" else self._plain(family, lane, events)

    def _chosen(self, family: str, lanes: dict[str, list[tuple[int, TimelineEvent]]]) -> list[str]:
        """The lanes that are drawn, in their order: settings by weight, conditions by begin, the rest by how much they say."""
        names = list(lanes)
        if family == "results":
            names = [name for name in names if sum(event.value is not None for _, event in lanes[name]) > 1]
        if family in ("results", "drugs", "conditions"):
            names.sort(key=lambda name: (-self._lit(lanes[name]), -self._weight(family, lanes[name]), name))
        if family == "care":
            names.sort(key=lambda name: (_SETTINGS.index(name) if name in _SETTINGS else 9, name))
        most = MOST.get(family, len(names))
        kept = names if self.everything else names[:most]
        if (more := len(lanes) - len(kept)) > 0:
            kind = {"results": "tests and measures", "drugs": "drugs", "conditions": "conditions"}.get(family, "lanes")
            self.notes.append(f"{FAMILIES[family]}: {more:,} {kind} more are in the table only.")
        if family in ("conditions", "drugs"):
            kept.sort(key=lambda name: (lanes[name][0][1].start or dt.date.min, name))
        return kept

    def _weight(self, family: str, events: list[tuple[int, TimelineEvent]]) -> float:
        """How much a lane says: key tests and what was unusual; of conditions those that bring people back, before mere reasons."""
        first = events[0][1]
        if family == "results":
            key = next((word for word in (first.code, first.lane) if word in KEY_TESTS), None)
            unusual = sum(event.is_unusual for _, event in events)
            return 3 * unusual + len(events) + (1_000_000 - 10_000 * KEY_TESTS.index(key) if key else 0)
        reason = family == "conditions" and (first.code or "").startswith("Z")
        return sum(event.records for _, event in events) - 1_000_000 * reason

    def _lit(self, events: list[tuple[int, TimelineEvent]]) -> bool:
        return any(self._is_lit(event) for _, event in events)

    def _is_lit(self, event: TimelineEvent) -> bool:
        words = (event.code or "", event.label, event.lane)
        return any(word.lower().startswith(term.lower()) for term in self.highlight for word in words if word)

    # -- lanes -------------------------------------------------------------------------------------------------

    def _plain(self, family: str, lane: str, events: list[tuple[int, TimelineEvent]]) -> Lane:
        named = {"conditions": self._condition(lane, events), "coverage": f"{lane} coverage"}.get(family, lane)
        shape = _SHAPES.get(lane, "bar" if family in ("conditions", "drugs") else "dot")
        marks = [self._mark(number, event, shape) for number, event in events]
        if shape not in ("bar", "line"):
            marks = self._stacked(marks)
        behind = [
            replace(mark, shape="line", tone="ghost")
            for mark, (_, event) in zip(marks, events, strict=False)
            if event.entity_type == "medication"
        ]
        if behind and any(event.entity_type == "pharmacy_claim" for _, event in events):
            marks = behind + [
                mark for mark, (_, event) in zip(marks, events, strict=True) if event.entity_type != "medication"
            ]
        if family == "drugs":
            # a day between two fills: one bar after the other can be told apart
            marks = [replace(mark, shape="tick") if mark.tone == "warn" else mark for mark in marks]
        return Lane(family, named, marks, height=20 if family in ("coverage", "trial") else 18)

    def _condition(self, lane: str, events: list[tuple[int, TimelineEvent]]) -> str:
        label = events[-1][1].label
        return (
            label
            if label.lower().startswith(lane.lower())
            else f"{lane} {label}"
            if lane != "allergies"
            else "Allergies"
        )

    def _mark(self, number: int, event: TimelineEvent, shape: Shape) -> Mark:
        assert event.start is not None
        end = None if event.open else event.end or event.start
        text = event.label if event.family == "coverage" or event.lane == "participation" else ""
        tone = "warn" if event.is_unusual or event.lane == "emergency" else ""
        return Mark(
            shape, event.start, end, described(event), f"e{number}", tone=tone, text=text, lit=self._is_lit(event)
        )

    def _stacked(self, marks: list[Mark]) -> list[Mark]:
        """Marks of the same day, or week, as one."""
        days: dict[dt.date, Mark] = {}
        for mark in marks:
            day = mark.start - dt.timedelta(days=mark.start.weekday()) if self.by_week else mark.start
            if day in days:
                other = days[day]
                tone = other.tone or mark.tone
                days[day] = replace(other, count=other.count + mark.count, tone=tone, lit=other.lit or mark.lit)
            else:
                days[day] = replace(mark, start=day)
        return list(days.values())

    def _measured(self, lane: str, events: list[tuple[int, TimelineEvent]]) -> Lane:
        known = [(number, event, event.value) for number, event in events if event.value is not None]
        values = [value for _, _, value in known]
        lows = Counter(event.low for _, event, _ in known if event.low is not None).most_common(1)
        highs = Counter(event.high for _, event, _ in known if event.high is not None).most_common(1)
        low, high = (lows[0][0] if lows else None), (highs[0][0] if highs else None)
        least, most = (
            min([*values, *[x for x in (low,) if x is not None]]),
            max([*values, *[x for x in (high,) if x is not None]]),
        )
        room = (most - least) or abs(most) or 1.0

        def level(value: float) -> float:
            return (value - least) / room if most > least else 0.5

        said = _said(known)
        marks = [
            replace(
                self._mark(number, event, "point"),
                level=level(value),
                tone="warn" if event.is_unusual else "",
                text=f"{value:g}" if place in said else "",
            )
            for place, (number, event, value) in enumerate(known)
        ]
        band = None
        if low is not None or high is not None:
            band = (level(low) if low is not None else 0.0, level(high) if high is not None else 1.0)
        return Lane("results", lane, marks, height=_CURVE, more=known[-1][1].unit or "", band=band)

    def _claims(self, lanes: dict[str, list[tuple[int, TimelineEvent]]]) -> Iterator[Lane]:
        events = [pair for pairs in lanes.values() for pair in pairs]
        if not events:
            return
        paid = [max(event.value or 0.0, 0.0) for _, event in events]
        most = max(paid) or 1.0
        top = math.log10(most + 1)
        marks = [
            replace(self._mark(number, event, "stick"), level=math.log10(value + 1) / top)
            for (number, event), value in zip(events, paid, strict=True)
        ]
        marks.sort(key=lambda mark: mark.start)
        ticks = [(1.0, f"{most:,.0f}")]
        yield Lane("claims", "paid", marks, height=_STICKS, more="USD, logarithmic", ticks=ticks)


def _said(known: Sequence[tuple[int, TimelineEvent, float]]) -> set[int]:
    """The points whose value is written: the first, the last, the least and the most, and all of a few."""
    if len(known) <= 8:
        return set(range(len(known)))
    values = [value for _, _, value in known]
    return {0, len(known) - 1, values.index(min(values)), values.index(max(values))}


def described(event: TimelineEvent) -> str:
    """An event in a line."""
    days = f"{event.start}" if event.start else "no date"
    if event.open:
        days += " on"
    elif event.end and event.end != event.start:
        days += f" to {event.end}"
    value = "" if event.value is None else f"{event.value:,.2f}".rstrip("0").rstrip(".") + f" {event.unit or ''}"
    code = event.code if event.code and event.code != event.label else None
    parts = [code, event.label, value.strip(), event.status, event.detail]
    return f"{days}: {', '.join(part for part in parts if part)}"
