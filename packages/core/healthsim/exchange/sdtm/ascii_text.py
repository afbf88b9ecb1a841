"""Text as XPT version 5 can hold it: ASCII, and no value of more than 200 bytes."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

VALUE_BYTES, NAME_BYTES, LABEL_BYTES = 200, 8, 40
#: characters that decomposition leaves as they are
_SPELLED = {
    "ß": "ss",
    "æ": "ae",
    "Æ": "AE",
    "œ": "oe",
    "Œ": "OE",
    "ø": "o",
    "Ø": "O",
    "đ": "d",
    "Đ": "D",
    "ð": "d",
    "Ð": "D",
    "þ": "th",
    "Þ": "Th",
    "ł": "l",
    "Ł": "L",
    "\u0131": "i",
    "µ": "u",
    "μ": "u",
    "°": "deg",
    "±": "+/-",
    "\u00d7": "x",
    "÷": "/",
    "≤": "<=",
    "≥": ">=",
    "\u2013": "-",
    "\u2014": "-",
    "\u2212": "-",
    "\u2018": "'",
    "\u2019": "'",
    "“": '"',
    "”": '"',
    "„": '"',
    "\u2026": "...",
    "€": "EUR",
    "£": "GBP",
    "•": "*",
    "\u00a0": " ",
}


@lru_cache(maxsize=8_192)
def ascii_of(text: str) -> str:
    """A text in ASCII: letters without their accents, signs spelled out, ``?`` for what has no spelling."""
    if text.isascii():
        return text
    spelled = "".join(_SPELLED.get(letter, letter) for letter in text)
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(letter))
    return plain.encode("ascii", "replace").decode("ascii")


def pieces(text: str, most: int = VALUE_BYTES) -> list[str]:
    """A text of ASCII in pieces of at most so many bytes, cut between words where there are any; joined they are the text."""
    cut = []
    while len(text) > most:
        # what is cut keeps the space at its beginning, since trailing ones of a value are lost
        at = text.rfind(" ", most // 2, most + 1)
        at = at if at > 0 and text[at - 1] != " " else most
        # of several spaces in a row, all go to what is left
        at = len(text[:at].rstrip(" ")) or at
        cut.append(text[:at])
        text = text[at:]
    return [*cut, text]
