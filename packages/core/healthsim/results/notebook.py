"""What a notebook shows of an answer: a line on what it is, its picture, its first rows; in the colours of the notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

#: rows that are shown, and characters of a cell
SHOWN, LONGEST = 20, 200
#: only what is inside an answer; colours are those of the notebook, light or dark
STYLE = (
    "<style>.hs-answer{font-size:.9em;line-height:1.4}.hs-answer table{border-collapse:collapse;margin:.4em 0}"
    ".hs-answer th,.hs-answer td{padding:.2em .9em .2em 0;text-align:left;border-bottom:1px solid rgba(128,128,128,.35)}"
    ".hs-answer .number{text-align:right;font-variant-numeric:tabular-nums}.hs-answer .quiet{opacity:.75}</style>"
)


def answer_html(parts: Iterable[str], *, style: str = "") -> str:
    """The parts of an answer as one piece.

    Args:
        style: a style sheet of its picture.
    """
    sheet = STYLE + (f"<style>{style}</style>" if style else "")
    return f'<div class="hs-answer">{sheet}{"".join(part for part in parts if part)}</div>'


def table_of(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """The first rows of a table, and how many more there are."""
    said = [[row[place] for row in rows[:SHOWN] if row[place] is not None] for place in range(len(columns))]
    right = [bool(values) and all(map(_is_number, values)) for values in said]
    kinds = [' class="number"' if numbers else "" for numbers in right]
    head = "".join(f"<th{kind}>{escape(str(name))}</th>" for name, kind in zip(columns, kinds, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{kind}>{_cell(value)}</td>" for value, kind in zip(row, kinds, strict=True)) + "</tr>"
        for row in rows[:SHOWN]
    )
    more = f'<p class="quiet">{len(rows) - SHOWN:,} rows more</p>' if len(rows) > SHOWN else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def facts_of(facts: Iterable[tuple[str, Any]]) -> str:
    """Names and values, one in a line; of lists and objects how much they hold."""
    return table_of(["", ""], [[name, _told(value)] for name, value in facts])


def says(text: str) -> str:
    """A sentence."""
    return f'<p class="quiet">{escape(text)}</p>' if text else ""


def _told(value: Any) -> Any:
    if isinstance(value, dict) and value and all(_is_number(count) for count in value.values()):
        return ", ".join(f"{name} {count:,}" for name, count in value.items())
    return f"{len(value):,}" if isinstance(value, (list, dict)) else value


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = f"{value:,}" if type(value) is int and abs(value) >= 10_000 else str(value)
    return escape(text if len(text) <= LONGEST else text[: LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}")
