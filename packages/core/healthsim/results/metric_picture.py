"""The picture of a metric: bars, or a small line for each series over time; and what it leaves out, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from healthsim.pictures.charts import bars_html, lines_html

#: dimensions of time: what is divided by one is a line
TIME = ("day", "week", "month", "quarter", "year")
#: bars, and lines, of one picture
_MOST_BARS, _MOST_LINES = 20, 6


def picture_of(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[str, str]:
    """HTML with SVG, and a sentence on what is not drawn; both are empty where there is nothing to draw.

    Args:
        title: of the metric.
        columns: its dimensions, and itself.
        rows: its values.
    """
    by = columns[:-1]
    known = [row for row in rows if isinstance(row[-1], (int, float))]
    if not by or not known:
        return "", ""
    if len(by) == 1 and by[0] not in TIME:
        return _bars(known)
    time = next((place for place, name in enumerate(by) if name in TIME), None)
    if time is None or len(by) > 2:
        return "", "A picture has one dimension, or one beside a dimension of time; the table has all."
    return _lines(known, time, by, title)


def _bars(known: Sequence[Sequence[Any]]) -> tuple[str, str]:
    most = sorted(known, key=lambda row: -row[-1])[:_MOST_BARS] if len(known) > _MOST_BARS else known
    left = f"The {_MOST_BARS} largest of {len(known):,} values are drawn." if len(known) > _MOST_BARS else ""
    return bars_html([(_word(row[0]), row[-1]) for row in most], shares=False), left


def _lines(known: Sequence[Sequence[Any]], time: int, by: Sequence[str], title: str) -> tuple[str, str]:
    lines: dict[str, dict[str, float]] = {}
    for row in known:
        name = _word(row[1 - time]) if len(by) == 2 else title
        lines.setdefault(name, {})[_word(row[time])] = float(row[-1])
    kept = dict(sorted(lines.items(), key=lambda item: -len(item[1]))[:_MOST_LINES])
    left = f"The {_MOST_LINES} longest of {len(lines):,} lines are drawn." if len(lines) > _MOST_LINES else ""
    return lines_html(kept), left


def _word(value: object) -> str:
    return "not known" if value is None else str(value)
