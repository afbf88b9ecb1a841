"""A timeline as HTML: a label beside each lane, and an SVG as wide as there is room, so that nothing on it is distorted.

Places are percentages and sizes are pixels: the same picture is read on a phone, on a wide screen and on paper. Every mark
that has a target is a link with a name, so that it works without a script and by keyboard.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from importlib.resources import files
from itertools import pairwise

from healthsim.pictures.lanes import Lane, Lanes, Mark, Span

#: the least that can be seen and met with a finger or a mouse
_LEAST = 3


def style() -> str:
    """The style sheet that these pictures need, for pages that carry their own."""
    return files(__package__).joinpath("timeline.css").read_text(encoding="utf-8")


def timeline_html(picture: Lanes) -> str:
    """The picture; its style sheet is ``style()``."""
    label = escape(picture.title or "Timeline")
    parts = [f'<div class="hs-timeline" role="group" aria-label="{label}">', _axis(picture.span)]
    for family, title, lanes in picture.parts():
        parts.append(f'<div class="hs-family hs-{escape(family)}"><p class="hs-title">{escape(title)}</p>')
        parts += [_lane(lane, picture.span) for lane in lanes]
        parts.append("</div>")
    parts.append("</div>")
    parts += [f'<p class="hs-note">{escape(note)}</p>' for note in picture.notes]
    return "".join(parts)


def _axis(span: Span) -> str:
    places = span.marks()
    texts = "".join(
        f'<text x="{_percent(place)}" y="13" text-anchor="{_anchor(place)}"{_often(number, place)}>{escape(label)}</text>'
        for number, (place, label) in enumerate(places)
    )
    return f'<div class="hs-lane hs-axis"><span class="hs-label"></span><svg height="18" aria-hidden="true">{texts}</svg></div>'


def _often(number: int, place: float) -> str:
    """What goes where there is little room: every second label, and those at the edges, which would meet their neighbours."""
    return ' class="hs-second"' if number % 2 or _anchor(place) != "middle" else ""


def _anchor(place: float) -> str:
    return "start" if place < 0.03 else "end" if place > 0.97 else "middle"


def _percent(place: float) -> str:
    return f"{100 * place:.2f}%"


def _lane(lane: Lane, span: Span) -> str:
    shown = [mark for mark in lane.marks if span.shows(mark)]
    parts = [
        f'<line class="hs-grid" x1="{_percent(place)}" x2="{_percent(place)}" y1="0" y2="{lane.height}"/>'
        for place, _ in span.marks()
    ]
    if span.index is not None and span.first <= span.index <= span.last:
        place = _percent(span.at(span.index))
        parts.append(f'<line class="hs-index" x1="{place}" x2="{place}" y1="0" y2="{lane.height}"/>')
    if lane.band is not None:
        low, high = (_up(level, lane) for level in lane.band)
        parts.append(f'<rect class="hs-band" x="0" y="{high:.1f}" width="100%" height="{max(low - high, 1):.1f}"/>')
    parts += _curve(lane, span)
    for mark in shown:
        parts.append(_linked(mark, "".join(_drawn(mark, lane, span))))
        # words stand beside the link, whose name says them already
        parts += _written(mark, lane, span)
    for level, text in lane.ticks:
        parts.append(
            f'<text class="hs-tick" x="100%" y="{_up(level, lane):.1f}" dy="0.35em" text-anchor="end">{escape(text)}</text>'
        )
    lit = " hs-lit" if any(mark.lit for mark in shown) else ""
    more = f' <span class="hs-more">{escape(lane.more)}</span>' if lane.more else ""
    label = f'<span class="hs-label" title="{escape(lane.name)}"><span>{escape(lane.name)}</span>{more}</span>'
    name = f"{lane.name}: {len(shown):,} marks"
    svg = f'<svg height="{lane.height}" role="group" aria-label="{escape(name)}">{"".join(parts)}</svg>'
    return f'<div class="hs-lane{lit}">{label}{svg}</div>'


def _linked(mark: Mark, drawn: str) -> str:
    title = f"{mark.title} ({mark.count:,} on this day)" if mark.count > 1 else mark.title
    classes = " ".join(["hs-mark", *([f"hs-{mark.tone}"] if mark.tone else []), *(["hs-hit"] if mark.lit else [])])
    inside = f"<title>{escape(title)}</title>{drawn}"
    if not mark.target:
        return f'<g class="{classes}">{inside}</g>'
    return f'<a class="{classes}" href="#{escape(mark.target)}" aria-label="{escape(title)}">{inside}</a>'


def _drawn(mark: Mark, lane: Lane, span: Span) -> Iterator[str]:
    """The shapes of a mark."""
    x, middle = _percent(span.at(mark.start)), lane.height / 2
    if mark.shape in ("bar", "line"):
        yield from _long(mark, lane, span)
    elif mark.shape == "stick":
        top = _up(mark.level, lane)
        yield f'<rect x="{x}" y="{top:.1f}" width="3" height="{max(lane.height - 1 - top, 2):.1f}"/>'
    elif mark.shape == "tick":
        yield f'<rect x="{x}" y="{middle - 5:.1f}" width="2" height="10"/>'
    elif mark.shape == "point":
        yield f'<circle cx="{x}" cy="{_up(mark.level, lane):.1f}" r="3.5"/>'
    elif mark.shape == "dot":
        yield f'<circle cx="{x}" cy="{middle:.1f}" r="{4 if mark.count == 1 else 5.5}"/>'
    else:
        path = {"triangle": "M0-6 6 5-6 5z", "diamond": "M0-6 6 0 0 6-6 0z"}[mark.shape]
        # a path knows no percentages: it stands in a picture of its own, which does
        yield f'<svg x="{x}" y="{middle:.1f}" overflow="visible"><path d="{path}"/></svg>'


def _written(mark: Mark, lane: Lane, span: Span) -> Iterator[str]:
    """The words of a mark."""
    x, middle = _percent(span.at(mark.start)), lane.height / 2
    if mark.count > 1 and mark.shape in ("dot", "triangle", "diamond"):
        yield f'<text class="hs-count" x="{x}" y="{middle:.1f}" dx="8" dy="0.35em">{mark.count:,}</text>'
    if mark.text and mark.shape == "point":
        y, anchor = _up(mark.level, lane) - 7, _anchor(span.at(mark.start))
        yield f'<text class="hs-value" x="{x}" y="{y:.1f}" text-anchor="{anchor}">{escape(mark.text)}</text>'
    if mark.text and mark.shape in ("bar", "line"):
        yield f'<text class="hs-in" x="{x}" y="{middle}" dx="10" dy="0.35em">{escape(mark.text)}</text>'


def _long(mark: Mark, lane: Lane, span: Span) -> Iterator[str]:
    start = span.at(mark.start)
    end = 1.0 if mark.end is None else min((mark.end - span.first).days + 1, span.days) / span.days
    high = 4 if mark.shape == "line" else lane.height - 6
    y = (lane.height - high) / 2
    wide = max(end - start, 0.0)
    yield f'<rect x="{_percent(start)}" y="{y:.1f}" width="{_percent(wide)}" height="{high:.1f}" rx="1.5"/>'
    if wide * 900 < _LEAST:
        yield f'<rect x="{_percent(start)}" y="{y:.1f}" width="{_LEAST}" height="{high:.1f}"/>'
    if mark.start < span.first:
        yield f'<svg x="0" y="{lane.height / 2}" overflow="visible"><path class="hs-open" d="M7-4 2 0l5 4z"/></svg>'
    if mark.end is None:
        yield f'<svg x="100%" y="{lane.height / 2}" overflow="visible"><path class="hs-open" d="M-7-4l5 4-5 4z"/></svg>'


def _curve(lane: Lane, span: Span) -> Iterator[str]:
    """Lines between the points of a lane, piece by piece: percentages are possible in these only."""
    points = [mark for mark in lane.marks if mark.shape == "point"]
    for before, after in pairwise(points):
        if after.start < span.first or before.start > span.last:
            continue
        ends = f'x1="{_percent(span.at(before.start))}" x2="{_percent(span.at(after.start))}"'
        yield f'<line class="hs-curve" {ends} y1="{_up(before.level, lane):.1f}" y2="{_up(after.level, lane):.1f}"/>'


def _up(level: float, lane: Lane) -> float:
    """The y of a height from 0 to 1; labels of points need room above."""
    top = 16 if any(mark.text and mark.shape == "point" for mark in lane.marks) else 4
    return lane.height - 5 - (lane.height - 5 - top) * level
