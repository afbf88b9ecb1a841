"""Laying out JSON text anew: white space and escapes change, the spelling of numbers and the order of keys do not.

The text of thousands of documents is laid out at once, as arrays of bytes: this is what an export of
millions of entities spends its time on.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]

_SPACES = np.zeros(256, np.bool_)
_SPACES[[0x20, 0x09, 0x0A, 0x0D]] = True
_STEPS = np.zeros(256, np.int8)
_STEPS[[ord("{"), ord("[")]] = 1
_STEPS[[ord("}"), ord("]")]] = -1
_COMMA, _COLON = ord(","), ord(":")
_MARKS = _STEPS != 0
_MARKS[[_COMMA, _COLON]] = True

_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})(?:\\u([dD][c-fC-F][0-9a-fA-F]{2}))?|.)", re.DOTALL)
#: json.dump escapes DEL along with what lies beyond ASCII, and leaves it alone otherwise
_DELETE = "\x7f"
_NOT_ASCII = re.compile(r"[^\x00-\x7e]")
_FIRST_UNESCAPED = ord(_DELETE)


def laid_out(text: str, *, indent: int, depth: int) -> str:
    """JSON values, separated by commas, each on lines of its own as ``json.dump(indent=...)`` writes them.

    Args:
        text: one or more JSON values with commas between them; valid JSON but for the missing brackets.
        indent: spaces per level.
        depth: the level at which the values stand; the first one is not indented.
    """
    data = np.frombuffer(text.encode(), np.uint8)
    inside = _in_strings(data)
    keep = inside | ~_SPACES[data]
    data, inside = data[keep], inside[keep]
    # from here on only the brackets, commas and colons count: few among the bytes
    marks = np.flatnonzero(_MARKS[data] & ~inside)
    if not len(marks):
        return data.tobytes().decode()
    kinds = data[marks]
    steps = _STEPS[kinds]
    levels = np.cumsum(steps, dtype=np.int32) + depth
    opens, closes = steps > 0, steps < 0
    neighbours = np.diff(marks) == 1
    empty_start, empty_end = np.zeros(len(marks), np.bool_), np.zeros(len(marks), np.bool_)
    empty_start[:-1] = opens[:-1] & closes[1:] & neighbours
    empty_end[1:] = empty_start[:-1]
    breaks_after = (opens & ~empty_start) | (kinds == _COMMA)
    breaks_before = closes & ~empty_end
    line = 1 + indent * levels
    # white space goes before these bytes: closing brackets, and whatever follows an opening one, a comma or a colon
    colons = marks[kinds == _COLON] + 1
    at = np.concatenate((marks[breaks_before], marks[breaks_after] + 1, colons))
    widths = np.concatenate((line[breaks_before], line[breaks_after], np.ones(len(colons), np.int32)))
    is_line = np.arange(len(at)) < len(at) - len(colons)
    order = np.argsort(at, kind="stable")
    at, widths, is_line = at[order], widths[order], is_line[order]
    ends = at + np.cumsum(widths)
    starts = ends - widths
    total = len(data) + int(widths.sum())
    edges = np.zeros(total + 1, np.int8)
    edges[starts] = 1
    edges[ends] -= 1
    out = np.full(total, 0x20, np.uint8)
    out[np.cumsum(edges[:-1], dtype=np.int8) == 0] = data
    out[starts[is_line]] = 0x0A
    return out.tobytes().decode()


def _in_strings(data: Bytes) -> npt.NDArray[np.bool_]:
    """Which bytes belong to a string, its opening quote included and its closing one not."""
    quotes = data == ord('"')
    backslashes = data == ord("\\")
    if backslashes.any():
        places = np.flatnonzero(quotes)
        suspects = places[backslashes[places - 1] & (places > 0)]
        for place in suspects.tolist():
            first = place
            while first > 0 and backslashes[first - 1]:
                first -= 1
            quotes[place] = (place - first) % 2 == 0
    return (np.cumsum(quotes, dtype=np.uint8) & 1).astype(np.bool_)


def ascii_escaped(text: str) -> str:
    """JSON text with every character beyond ASCII written as an escape, as ``json.dump`` does by default."""
    return text if text.isascii() and _DELETE not in text else _NOT_ASCII.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    number = ord(match.group())
    if number < 0x10000:
        return f"\\u{number:04x}"
    number -= 0x10000
    return f"\\u{0xD800 | (number >> 10):04x}\\u{0xDC00 | (number & 0x3FF):04x}"


def unescaped(text: str) -> str:
    """JSON text with nothing escaped beyond JSON's need, as ``json.dump(ensure_ascii=False)`` writes it."""
    return _ESCAPED.sub(_unescape, text) if "\\u" in text else text


def _unescape(match: re.Match[str]) -> str:
    if match.group(1) is None:
        return match.group()
    first = int(match.group(1), 16)
    if first < _FIRST_UNESCAPED:
        return match.group(0)
    second = match.group(2)
    if 0xD800 <= first < 0xDC00 and second is not None:
        return chr(0x10000 + ((first & 0x3FF) << 10) + (int(second, 16) & 0x3FF))
    tail = "" if second is None else chr(int(second, 16))
    return chr(first) + tail
