"""A timeline in letters, for a terminal: a label, then a cell for some days each."""

from __future__ import annotations

from collections.abc import Iterator

from healthsim.pictures.lanes import Lane, Lanes, Mark, Span

_LABEL = 30
_SIGNS = {"dot": "●", "triangle": "▲", "diamond": "◆", "tick": "|", "point": "•"}
_STICKS = "▁▂▃▄▅▆▇█"


def timeline_text(picture: Lanes, width: int = 100) -> str:
    """The picture as lines of at most ``width`` letters."""
    room = max(width - _LABEL - 2, 20)
    lines = [" " * (_LABEL + 2) + _axis(picture.span, room)]
    for _, title, lanes in picture.parts():
        lines.append(title)
        lines += [_line(lane, picture.span, room) for lane in lanes]
    lines += picture.notes
    return "\n".join(line.rstrip() for line in lines)


def _axis(span: Span, room: int) -> str:
    cells = [" "] * room
    end = -2
    for place, label in span.marks(most=max(room // 12, 1)):
        at = min(int(place * room), room - len(label))
        if at > end + 1:
            cells[at : at + len(label)] = label
            end = at + len(label)
    return "".join(cells)


def _line(lane: Lane, span: Span, room: int) -> str:
    cells: list[str] = [" "] * room
    counts = [0] * room
    for mark in lane.marks:
        if span.shows(mark):
            for place, sign in _cells(mark, span, room):
                counts[place] += mark.count
                cells[place] = sign
    for place, count in enumerate(counts):
        if count > 1 and cells[place] in "●▲◆|":
            cells[place] = str(count) if count < 10 else "+"
    label = f"{lane.name} {lane.more}".strip()
    label = label if len(label) <= _LABEL else label[: _LABEL - 1] + "…"
    return f"{label:>{_LABEL}}  {''.join(cells)}"


def _cells(mark: Mark, span: Span, room: int) -> Iterator[tuple[int, str]]:
    first = min(int(span.at(mark.start) * room), room - 1)
    if mark.shape in ("bar", "line"):
        last = room - 1 if mark.end is None else min(int(span.at(mark.end) * room), room - 1)
        sign = "─" if mark.shape == "line" else "░" if mark.tone == "warn" else "█"
        for place in range(first, last + 1):
            yield place, sign
        if mark.end is None:
            yield room - 1, "▶"
    elif mark.shape == "stick":
        yield first, "x" if mark.tone == "warn" else _STICKS[min(int(mark.level * 8), 7)]
    else:
        yield first, "!" if mark.tone == "warn" and mark.shape == "point" else _SIGNS[mark.shape]
