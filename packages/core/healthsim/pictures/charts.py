"""Bars, pyramids and intervals as HTML and SVG: as wide as there is room, with the numbers beside them as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from itertools import pairwise


@dataclass(frozen=True)
class Interval:
    """A published range and the value beside it."""

    name: str
    low: float
    high: float
    value: float
    inside: bool
    title: str


def style() -> str:
    """The style sheet that these pictures need."""
    return files(__package__).joinpath("charts.css").read_text(encoding="utf-8")


def bars_html(values: Sequence[tuple[str, float]], unit: str = "", *, shares: bool = True) -> str:
    """One bar for each value, with the value and, of what is counted, its share of all."""
    if not values:
        return ""
    most = max(value for _, value in values) or 1
    total = sum(value for _, value in values) or 1
    rows = [
        f'<li class="hs-row"><span class="hs-name" title="{escape(name)}">{escape(name)}</span>'
        f'<svg height="16" aria-hidden="true"><rect class="hs-bar" width="{100 * max(value, 0) / most:.2f}%"'
        f' y="2" height="12" rx="1.5"/></svg>'
        f'<span class="hs-figure">{_short(value)}{escape(unit)}{_share(value / total) if shares else ""}</span></li>'
        for name, value in values
    ]
    return f'<ul class="hs-chart">{"".join(rows)}</ul>'


def _share(share: float) -> str:
    return f' <span class="hs-share">{100 * share:.0f} %</span>'


def _short(value: float) -> str:
    """A number with as many digits as say something."""
    return f"{value:,.0f}" if abs(value) >= 1_000 or float(value).is_integer() else f"{value:,.4g}"


def lines_html(lines: Mapping[str, Mapping[str, float]]) -> str:
    """Each series in a picture of its own, over the same steps and the same height: lines that cross cannot be read."""
    steps = sorted({step for values in lines.values() for step in values})
    most = max((value for values in lines.values() for value in values.values()), default=0.0)
    least = min((0.0, *(value for values in lines.values() for value in values.values())))
    room = (most - least) or 1.0
    high = 72

    def up(value: float) -> str:
        return f"{high - 4 - (high - 8) * (value - least) / room:.1f}"

    places = _places(steps)

    def at(step: str) -> str:
        return f"{100 * places[step]:.2f}%"

    parts = []
    for name, values in lines.items():
        known = [step for step in steps if step in values]
        strokes = "".join(
            f'<line x1="{at(before)}" x2="{at(after)}" y1="{up(values[before])}" y2="{up(values[after])}"/>'
            for before, after in pairwise(known)
        )
        dots = "".join(
            f'<circle cx="{at(step)}" cy="{up(values[step])}" r="3"><title>{escape(step)}: {_short(values[step])}</title></circle>'
            for step in known
        )
        ends = f"{escape(known[0])} {_short(values[known[0]])}, {escape(known[-1])} {_short(values[known[-1]])}"
        title = f"{escape(name)}: {ends}, at most {_short(max(values.values()))}"
        parts.append(
            f'<li class="hs-small"><span class="hs-name"><strong>{escape(name)}</strong></span>'
            f'<svg height="{high}" role="img" aria-label="{title}"><line class="hs-grid" x1="0" x2="100%" y1="{up(0)}" y2="{up(0)}"/>'
            f'<line class="hs-grid" x1="0" x2="100%" y1="{up(most)}" y2="{up(most)}"/>{strokes}{dots}</svg>'
            f'<span class="hs-ends"><span>{escape(known[0])}</span><span>0 to {_short(most)}</span>'
            f"<span>{escape(known[-1])}</span></span></li>"
        )
    return f'<ul class="hs-chart hs-multiples">{"".join(parts)}</ul>' if parts else ""


def _places(steps: Sequence[str]) -> dict[str, float]:
    """Where each step lies, from 0 to 1: numbers by what they are, and others one after the other."""
    try:
        values = {step: float(step) for step in steps}
    except ValueError:
        values = {step: float(number) for number, step in enumerate(steps)}
    first = min(values.values(), default=0.0)
    room = max(values.values(), default=0.0) - first or 1.0
    return {step: (value - first) / room for step, value in values.items()}


def pyramid_html(groups: Sequence[tuple[str, int, int]], names: tuple[str, str]) -> str:
    """Two sides of bars, the oldest on top."""
    most = max((max(left, right) for _, left, right in groups), default=0)
    if not most:
        return ""
    rows = []
    for label, left, right in reversed(groups):
        wide_left, wide_right = 100 * left / most, 100 * right / most
        rows.append(
            f'<li class="hs-pair"><span class="hs-figure hs-left">{left:,}</span>'
            f'<svg height="13" aria-hidden="true"><rect class="hs-bar hs-second-bar" x="{100 - wide_left:.2f}%"'
            f' width="{wide_left:.2f}%" y="1" height="11"/></svg>'
            f'<span class="hs-middle">{escape(label)}</span>'
            f'<svg height="13" aria-hidden="true"><rect class="hs-bar" width="{wide_right:.2f}%" y="1" height="11"/></svg>'
            f'<span class="hs-figure">{right:,}</span></li>'
        )
    head = (
        f'<li class="hs-pair hs-head"><span></span><span class="hs-left">{escape(names[0])}</span><span class="hs-middle">age</span>'
        f"<span>{escape(names[1])}</span><span></span></li>"
    )
    return f'<ul class="hs-chart hs-pyramid">{head}{"".join(rows)}</ul>'


def intervals_html(intervals: Sequence[Interval], unit: str = "", *, key: bool = True) -> str:
    """For each value a dot, beside the range that it is held against."""
    if not intervals:
        return ""
    most = max(max(item.high, item.value) for item in intervals) * 1.04 or 1.0
    marks = _marks(most)

    def at(value: float) -> str:
        return f"{100 * max(value, 0.0) / most:.2f}%"

    grid = "".join(f'<line class="hs-grid" x1="{at(mark)}" x2="{at(mark)}" y1="0" y2="22"/>' for mark in marks)
    rows = []
    for item in intervals:
        kind = "" if item.inside else " hs-outside"
        shape = (
            f'<circle cx="{at(item.value)}" cy="11" r="5"/>'
            if item.inside
            else f'<svg x="{at(item.value)}" y="11" overflow="visible"><path d="M0-7 7 0 0 7-7 0z"/></svg>'
        )
        width = f"{100 * (item.high - item.low) / most:.2f}%"
        rows.append(
            f'<li class="hs-row{kind}"><span class="hs-name" title="{escape(item.title)}">{escape(item.name)}</span>'
            f'<svg height="22" role="img" aria-label="{escape(item.title)}"><title>{escape(item.title)}</title>{grid}'
            f'<rect class="hs-range" x="{at(item.low)}" width="{width}" y="5" height="12" rx="2"/>{shape}</svg>'
            f'<span class="hs-figure">{item.value:.1f}</span></li>'
        )
    texts = "".join(
        f'<text x="{at(mark)}" y="12" text-anchor="{"start" if mark == 0 else "middle"}">{mark:g}'
        f"{escape(unit) if mark == marks[-1] else ''}</text>"
        for mark in marks
    )
    axis = (
        f'<li class="hs-row hs-axis"><span></span><svg height="16" aria-hidden="true">{texts}</svg><span></span></li>'
    )
    legend = (
        '<p class="hs-key"><span class="hs-swatch hs-range-swatch"></span> published, with what chance allows'
        ' <span class="hs-swatch hs-dot-swatch"></span> scenario, inside'
        ' <span class="hs-swatch hs-out-swatch"></span> scenario, outside</p>'
    )
    return f'{legend if key else ""}<ul class="hs-chart hs-intervals">{"".join(rows)}{axis}</ul>'


def _marks(most: float) -> list[float]:
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 1_000, 1e9) if most / step <= 6)
    return [number * step for number in range(int(most // step) + 1)]
