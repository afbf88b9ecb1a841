"""Charts as SVG, drawn by hand: bars, small lines, intervals, a pyramid, a waterfall; in print, light and dark."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

from healthsim.pictures.charts import lines_html
from healthsim.results import ReportAnswer

WIDTH = 860
#: told apart by people who see colours differently (Okabe and Ito)
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#666666", "#b8a400")
_MOST_SERIES = len(COLOURS)
_MOST_BARS = 30
_MOST_LINES = 24
_MOST_INTERVALS = 60

Row = Mapping[str, Any]


def chart(answer: ReportAnswer) -> str | None:
    """The chart of a report's answer as a piece of HTML with SVG; None when there is nothing to draw."""
    rows: list[Row] = [dict(zip(answer["columns"], row, strict=True)) for row in answer["rows"]]
    spec = answer["chart"]
    draw = _DRAWN[spec["kind"]]
    return draw(rows, spec, answer["title"]) if rows else None


def _label(row: Row, names: str | Sequence[str]) -> str:
    return str(row[names]) if isinstance(names, str) else " + ".join(str(row[name]) for name in names)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else None


def _bars(rows: list[Row], spec: Mapping[str, Any], title: str) -> str | None:
    """Horizontal bars: one per row, or one per series under each label."""
    series_of = spec.get("series")
    series = list(dict.fromkeys(str(row[series_of]) for row in rows)) if series_of else [""]
    listed = series[:_MOST_SERIES]
    bars: dict[str, dict[str, float]] = {}
    for row in rows:
        value = _number(row[spec["y"]])
        name = str(row[series_of]) if series_of else ""
        if value is not None and name in listed:
            bars.setdefault(_label(row, spec["x"]), {})[name] = value
    left_out = [_left_out("series", len(series), len(listed)), _left_out("bars", len(bars), _MOST_BARS)]
    bars = dict(list(bars.items())[:_MOST_BARS])
    if not bars:
        return None
    thick = 18 if len(listed) == 1 else 12
    step = thick * len(listed) + 8
    scale, low, high, left = _across(bars, [value for bar in bars.values() for value in bar.values()])
    top = 28 if series_of else 8
    parts = _legend(listed) if series_of else []
    parts += _grid(scale, low, high, left, top, top + step * len(bars))
    for place, (label, values) in enumerate(bars.items()):
        y = top + place * step
        parts.append(_text(left - 8, y + step / 2, label, "end", limit=38))
        for number, name in enumerate(listed):
            if name in values:
                value = values[name]
                x, end = sorted((scale(0), scale(value)))
                at = y + 4 + number * thick
                parts.append(
                    _box(x, at, max(end - x, 1), thick - 2, COLOURS[number], f"{label} {name}: {_short(value)}")
                )
                parts.append(_text(end + 4, at + thick / 2 - 1, _short(value), "start", small=True))
    return _svg(parts, top + step * len(bars) + 26, title, left_out)


def _stacked(rows: list[Row], spec: Mapping[str, Any], title: str) -> str | None:
    """Horizontal bars whose parts are the series."""
    series = list(dict.fromkeys(str(row[spec["series"]]) for row in rows))
    names = series[:_MOST_SERIES]
    bars: dict[str, dict[str, float]] = {}
    for row in rows:
        value = _number(row[spec["y"]])
        if value is not None and str(row[spec["series"]]) in names:
            bars.setdefault(_label(row, spec["x"]), {})[str(row[spec["series"]])] = value
    left_out = [_left_out("series", len(series), len(names)), _left_out("bars", len(bars), _MOST_BARS)]
    bars = dict(list(bars.items())[:_MOST_BARS])
    if not bars:
        return None
    scale, low, high, left = _across(bars, [sum(bar.values()) for bar in bars.values()])
    lines = math.ceil(len(names) / 2)
    top = 12 + 18 * lines
    parts = _legend(names, columns=2) + _grid(scale, low, high, left, top, top + 26 * len(bars))
    for place, (label, values) in enumerate(bars.items()):
        y, x = top + place * 26, scale(0)
        parts.append(_text(left - 8, y + 13, label, "end", limit=38))
        for number, name in enumerate(names):
            if name in values:
                wide = scale(values[name]) - scale(0)
                parts.append(_box(x, y + 4, wide, 18, COLOURS[number], f"{label}, {name}: {_short(values[name])}"))
                x += wide
        parts.append(_text(x + 4, y + 13, _short(sum(values.values())), "start", small=True))
    return _svg(parts, top + 26 * len(bars) + 26, title, left_out)


def _lines(rows: list[Row], spec: Mapping[str, Any], title: str) -> str | None:
    """A small picture for each series over the same values of x; of too many the ones with most values, or the last ones."""
    names = list(dict.fromkeys(str(row[spec["series"]]) for row in rows))
    lines: dict[str, dict[str, float]] = {name: {} for name in names}
    for row in rows:
        value = _number(row[spec["y"]])
        if value is not None:
            lines[str(row[spec["series"]])][str(row[spec["x"]])] = value
    drawn = [name for name in names if lines[name]]
    if spec.get("last"):
        kept = drawn[-_MOST_LINES:]
    else:
        longest = sorted(drawn, key=lambda name: (-len(lines[name]), names.index(name)))[:_MOST_LINES]
        kept = [name for name in drawn if name in longest]
    if not kept:
        return None
    left_out = _left_out("lines", len(drawn), len(kept))
    return lines_html({name: lines[name] for name in kept}) + (f"<p>{left_out}</p>" if left_out else "")


def _intervals(rows: list[Row], spec: Mapping[str, Any], title: str) -> str | None:
    """A dot for each value, beside the interval that it is held against."""
    known = [row for row in rows if _number(row[spec["y"]]) is not None and _number(row[spec["low"]]) is not None]
    kept = known[:_MOST_INTERVALS]
    if not kept:
        return None
    within = spec["within"]
    several = len({row[within] for row in kept}) > 1
    labels = {f"{row[within]}: {row[spec['x']]}" if several else str(row[spec["x"]]): row for row in kept}
    reach = [float(row[name]) for row in kept for name in (spec["y"], spec["low"], spec["high"])]
    scale, low, high, left = _across(labels, reach)
    parts = [
        _box(left, 6, 26, 8, "#bbbbbb", "published"),
        _text(left + 32, 10, "published, with its interval", "start", small=True),
        f'<circle cx="{left + 230}" cy="10" r="5" fill="{COLOURS[0]}"/>',
        _text(left + 240, 10, "scenario", "start", small=True),
    ]
    parts += _grid(scale, low, high, left, 24, 24 + 24 * len(labels))
    for place, (label, row) in enumerate(labels.items()):
        y = 24 + place * 24 + 12
        x, end = scale(float(row[spec["low"]])), scale(float(row[spec["high"]]))
        parts.append(_text(left - 8, y, label, "end", limit=38))
        parts.append(_box(x, y - 4, max(end - x, 2), 8, "#bbbbbb", f"published {row[spec['middle']]}"))
        parts.append(
            f'<circle cx="{scale(float(row[spec["y"]])):.1f}" cy="{y}" r="5" fill="{COLOURS[0]}">'
            f"<title>{escape(label)}: {_short(float(row[spec['y']]))}</title></circle>"
        )
    return _svg(parts, 24 + 24 * len(labels) + 26, title, [_left_out("intervals", len(known), len(kept))])


def _waterfall(rows: list[Row], spec: Mapping[str, Any], title: str) -> str | None:
    """Steps from one total to the next."""
    spans, level = [], 0.0
    for row in rows:
        amount = _number(row[spec["y"]]) or 0.0
        start = 0.0 if row[spec["x"]] in spec["totals"] else level
        level = start + amount
        spans.append((str(row[spec["x"]]), start, level, amount))
    scale, low, high, left = _across([name for name, *_ in spans], [value for span in spans for value in span[1:3]])
    parts = _grid(scale, low, high, left, 8, 8 + 30 * len(spans))
    for place, (name, start, end, amount) in enumerate(spans):
        x, right = sorted((scale(start), scale(end)))
        y = 8 + place * 30
        colour = COLOURS[0] if name in spec["totals"] else COLOURS[5] if amount < 0 else COLOURS[2]
        parts += [
            _text(left - 8, y + 15, name, "end", limit=38),
            _box(x, y + 5, max(right - x, 1), 20, colour, f"{name}: {_short(amount)}"),
        ]
        parts.append(_text(right + 4, y + 15, _short(amount), "start", small=True))
    return _svg(parts, 8 + 30 * len(spans) + 26, title)


def _funnel(rows: list[Row], spec: Mapping[str, Any], title: str) -> str | None:
    """Bars of the sums of several columns: the stages."""
    stages: list[Row] = [
        {"stage": name, "count": sum(_number(row[name]) or 0 for row in rows)} for name in spec["columns"]
    ]
    return _bars(stages, {"x": "stage", "y": "count"}, title)


def _pyramid(rows: list[Row], spec: Mapping[str, Any], title: str) -> str | None:
    """Two sides of bars, the oldest on top."""
    most = max(max(_number(row[spec["left"]]) or 0, _number(row[spec["right"]]) or 0) for row in rows) or 1
    middle, half, high = WIDTH / 2, WIDTH / 2 - 110, 22
    parts = [_text(middle - 60, 12, spec["left"], "end"), _text(middle + 60, 12, spec["right"], "start")]
    for place, row in enumerate(reversed(rows)):
        y = 24 + place * high
        left, right = _number(row[spec["left"]]) or 0, _number(row[spec["right"]]) or 0
        parts.append(_text(middle, y + high / 2, str(row[spec["x"]]), "middle", small=True))
        parts.append(
            _box(
                middle - 45 - half * left / most,
                y + 2,
                half * left / most,
                high - 4,
                COLOURS[1],
                f"{spec['left']}: {_short(left)}",
            )
        )
        parts.append(
            _box(middle + 45, y + 2, half * right / most, high - 4, COLOURS[0], f"{spec['right']}: {_short(right)}")
        )
        parts.append(_text(middle - 49 - half * left / most, y + high / 2, _short(left), "end", small=True))
        parts.append(_text(middle + 49 + half * right / most, y + high / 2, _short(right), "start", small=True))
    return _svg(parts, 24 + high * len(rows) + 10, title)


def _triangle(rows: list[Row], spec: Mapping[str, Any], title: str) -> str | None:
    return _lines(rows, {**spec, "last": True}, title)


_DRAWN: dict[str, Callable[[list[Row], Mapping[str, Any], str], str | None]] = {
    "bar": _bars,
    "stacked": _stacked,
    "line": _lines,
    "triangle": _triangle,
    "interval": _intervals,
    "waterfall": _waterfall,
    "funnel": _funnel,
    "pyramid": _pyramid,
}


# -- parts --------------------------------------------------------------------------------------------------------


def _across(labels: Iterable[str], values: Sequence[float]) -> tuple[Callable[[float], float], float, float, float]:
    """A horizontal scale that holds the values and 0: scale, ends, and where it begins beside its labels."""
    left = 30 + min(38, max((len(label) for label in labels), default=0)) * 6.6
    low, high, _ = _nice(min(0.0, *values), max(0.0, *values))
    span = WIDTH - left - 80

    def scale(value: float) -> float:
        return left + span * (value - low) / (high - low)

    return scale, low, high, left


def _nice(low: float, high: float) -> tuple[float, float, list[float]]:
    """Ends that hold a range, and round marks between them."""
    if high <= low:
        high = low + 1
    rough = (high - low) / 5
    base = 10.0 ** math.floor(math.log10(rough))
    step = next(base * factor for factor in (1, 2, 2.5, 5, 10) if base * factor >= rough)
    # a share that is 100.00000000000001 ends at 100
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    marks = [number * step for number in range(first, last + 1)]
    return marks[0], marks[-1], marks


def _grid(
    scale: Callable[[float], float], low: float, high: float, left: float, top: float, bottom: float
) -> list[str]:
    parts = []
    for mark in _nice(low, high)[2]:
        x = scale(mark)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}"/>')
        parts.append(_text(x, bottom + 12, _short(mark), "middle", small=True))
    return parts


def _legend(names: Sequence[str], columns: int = 4) -> list[str]:
    wide = 12
    parts = []
    for number, name in enumerate(names):
        x, y = 10 + (number % columns) * (WIDTH - 20) / columns, 6 + (number // columns) * 18
        parts += [
            _box(x, y, wide, 10, COLOURS[number], name),
            _text(x + wide + 6, y + 5, name, "start", small=True, limit=int(110 / columns)),
        ]
    return parts


def _box(x: float, y: float, wide: float, high: float, colour: str, title: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}"'
    return f'<rect {place} fill="{colour}"><title>{escape(title)}</title></rect>'


def _text(x: float, y: float, text: str, anchor: str, *, small: bool = False, limit: int = 200) -> str:
    shown = text if len(text) <= limit else text[: limit - 1] + "\N{HORIZONTAL ELLIPSIS}"
    kind = ' class="small"' if small else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" dy="0.35em" text-anchor="{anchor}"{kind}>{escape(shown)}</text>'


def _short(value: float) -> str:
    """A number for a chart: 12.3M, 4.5k, 0.25."""
    size = abs(value)
    for least, letter in ((1e9, "B"), (1e6, "M"), (1e4, "k")):
        if size >= least:
            return f"{value / (1e3 if letter == 'k' else least):.1f}{letter}"
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.1f}" if size >= 10 else f"{value:.2f}"


def _left_out(what: str, all_of_them: int, drawn: int) -> str:
    """What a reader must know who takes the chart for the whole; nothing where it is."""
    missing = all_of_them - drawn
    return f"{missing:,} of {all_of_them:,} {what} are left out of the chart; the table has all." if missing > 0 else ""


def _svg(parts: Iterable[str], height: float, title: str, left_out: Iterable[str] = ()) -> str:
    notes = [note for note in left_out if note]
    written = [_text(10, height + 8 + 16 * place, note, "start", small=True) for place, note in enumerate(notes)]
    height += 16 * len(notes) + (8 if notes else 0)
    body = "\n".join([*parts, *written])
    head = f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" xmlns="http://www.w3.org/2000/svg">'
    return f"{head}<title>{escape(title)}</title>\n{body}\n</svg>"
