"""How values are written in a field of NCPDP D.0, by name: each codec writes a value and reads it again."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

#: the last digit of an amount with its sign punched over it
POSITIVE, NEGATIVE = "{ABCDEFGHI", "}JKLMNOPQR"
_PUNCHED = {letter: (sign, digit) for sign, row in ((1, POSITIVE), (-1, NEGATIVE)) for digit, letter in enumerate(row)}
_OTHER = re.compile(r"[^ -~]")
_CENT, _THOUSANDTH = Decimal("0.01"), Decimal("0.001")


@dataclass(frozen=True)
class Codec:
    """One way to write values.

    Attributes:
        name: what the page calls it.
        write: a value, and how long the field may be -> its text; empty where there is none.
        read: a text -> the value; it raises ValueError where it is none.
    """

    name: str
    write: Callable[[Any, int], str]
    read: Callable[[str], Any]


def overpunched(cents: int) -> str:
    """A whole number with its sign over the last digit: 1250 is 125{, -1250 is 125}."""
    digits = str(abs(cents))
    return digits[:-1] + (NEGATIVE if cents < 0 else POSITIVE)[int(digits[-1])]


def from_overpunched(text: str) -> int:
    """The number; a last digit without a sign is positive.

    Raises:
        ValueError: it is no such number.
    """
    text = text.strip()
    if not text or not (text[:-1] or "0").isdigit():
        raise ValueError("not an amount with its sign over the last digit")
    if text[-1].isdigit():
        return int(text)
    if text[-1].upper() not in _PUNCHED:
        raise ValueError("not an amount with its sign over the last digit")
    sign, digit = _PUNCHED[text[-1].upper()]
    return sign * int(text[:-1] + str(digit))


def plain(value: Any) -> str:
    """Words in upper case without accents; what is no printable ASCII becomes a space."""
    text = str(value)
    if not (text.isascii() and text.isprintable()):
        decomposed = unicodedata.normalize("NFKD", text)
        bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
        text = _OTHER.sub(" ", bare)
    return text.upper().strip()


def _words(value: Any, length: int) -> str:
    return "" if value is None else plain(value)[:length].rstrip()


def _number_text(value: Any, length: int) -> str:
    """An identifier in its spelling."""
    return "" if value is None else _OTHER.sub("", str(value)).strip()[:length]


def _digits(value: Any, length: int) -> str:
    return "" if value is None else re.sub(r"\D", "", str(value))[:length]


def _day(value: Any, length: int) -> str:
    return "" if value is None else value.strftime("%Y%m%d")


def _read_day(text: str) -> dt.date:
    return dt.date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def _money(value: Any, length: int) -> str:
    if value is None:
        return ""
    return overpunched(int((Decimal(value) / _CENT).to_integral_value(ROUND_HALF_UP)))


def _read_money(text: str) -> Decimal:
    return from_overpunched(text) * _CENT


def _quantity(value: Any, length: int) -> str:
    return "" if value is None else str(int((Decimal(value) / _THOUSANDTH).to_integral_value(ROUND_HALF_UP)))


def _read_quantity(text: str) -> Decimal:
    return Decimal(int(text)) * _THOUSANDTH


def _zip(value: Any, length: int) -> str:
    return _digits(value, 9)


def _read_zip(text: str) -> str:
    return f"{text[:5]}-{text[5:]}" if len(text) == 9 and text.isdigit() else text


def _read_phone(text: str) -> str:
    return f"{text[:3]}-{text[3:6]}-{text[6:]}" if len(text) == 10 and text.isdigit() else text


_SEXES = {"M": "1", "F": "2"}
_RELATIONSHIPS = {"01": "1", "02": "2"}


def _sex(value: Any, length: int) -> str:
    return _SEXES.get(value, "0")


def _read_sex(text: str) -> str:
    return {code: letter for letter, code in _SEXES.items()}.get(text, "U")


def _relationship(value: Any, length: int) -> str:
    """1 the cardholder, 2 the spouse, 3 a child: what the person code says."""
    return "" if value is None else _RELATIONSHIPS.get(str(value).zfill(2), "3")


def _nothing(text: str) -> None:
    """What another field says, too."""


def _read_words(text: str) -> str:
    return text.strip()


def _read_whole(text: str) -> int:
    return int(text)


WORDS = Codec("text", _words, _read_words)
NUMBER = Codec("identifier", _number_text, _read_words)
DIGITS = Codec("digits", _digits, _read_words)
WHOLE = Codec("number", _digits, _read_whole)
DAY = Codec("date", _day, _read_day)
OVERPUNCH = Codec("overpunch", _money, _read_money)
QUANTITY = Codec("quantity, thousandths", _quantity, _read_quantity)
ZIP = Codec("ZIP code", _zip, _read_zip)
PHONE = Codec("phone", lambda value, length: _digits(value, 99)[-10:], _read_phone)
SEX = Codec("sex", _sex, _read_sex)
RELATIONSHIP = Codec("relationship", _relationship, _nothing)
