"""What elements of X12 mean as values of columns."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from healthsim.exchange.rows import Row

if TYPE_CHECKING:
    from healthsim.exchange.reading import Reading
    from healthsim.exchange.x12.splitting import Piece


def day_of(text: str, reading: Reading, line: int) -> dt.date | None:
    """A day that stands as CCYYMMDD or YYMMDD, with or without a time behind it."""
    plain = text.strip()
    try:
        if len(plain) == 6:
            return dt.datetime.strptime(plain, "%y%m%d").date()
        return dt.date(int(plain[:4]), int(plain[4:6]), int(plain[6:8]))
    except ValueError:
        if plain:
            reading.oddity("a date that is none", line, plain)
        return None


def days_of(piece: Piece, reading: Reading) -> tuple[dt.date | None, dt.date | None]:
    """The first and the last day of a DTP."""
    if piece[2] == "TM":
        return None, None
    first, dash, last = piece[3].partition("-")
    begin = day_of(first, reading, piece.number)
    return begin, day_of(last, reading, piece.number) if dash else begin


def amount_of(text: str, reading: Reading, line: int) -> Decimal | None:
    """An amount; what is none is told."""
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        reading.oddity("an amount that is none", line, text)
        return None
    return value


def dotted(code: str, qualifier: str) -> str:
    """A code of a diagnosis as people write it: E7800 is E78.00; an external cause of ICD-9 has its dot one later."""
    plain = code.replace(".", "")
    if len(plain) <= 3:
        return plain
    at = 4 if qualifier in ("BN",) and plain[:1] == "E" else 3
    return f"{plain[:at]}.{plain[at:]}" if len(plain) > at else plain


def zip_of(text: str) -> str:
    """A ZIP code as people write it; the extension 9998 says that none was known."""
    if len(text) == 9 and text.isdigit():
        return text[:5] if text[5:] == "9998" else f"{text[:5]}-{text[5:]}"
    return text


def phone_of(text: str) -> str:
    """A telephone number as people write it."""
    return f"{text[:3]}-{text[3:6]}-{text[6:]}" if len(text) == 10 and text.isdigit() else text


def ssn_of(text: str) -> str:
    """A social security number as people write it."""
    return f"{text[:3]}-{text[3:5]}-{text[5:]}" if len(text) == 9 and text.isdigit() else text


def tax_id_of(text: str) -> str:
    """A taxpayer's number as people write it."""
    return f"{text[:2]}-{text[2:]}" if len(text) == 9 and text.isdigit() else text


def name_of(piece: Piece) -> Row:
    """The columns of a person's name, from NM103 to NM107."""
    return {
        "family_name": piece[3],
        "given_name": piece[4],
        "middle_name": piece[5],
        "prefix": piece[6],
        "suffix": piece[7],
    }


def address_of(piece: Piece) -> Row:
    """The columns of an address, from N3 or N4."""
    if piece.name == "N3":
        return {"address_line1": piece[1], "address_line2": piece[2]}
    return {
        "city": piece[1],
        "state": piece[2],
        "postal_code": zip_of(piece[3]),
        "country": piece[4],
        "county_fips": piece[6] if piece[5] == "CY" else "",
    }


def is_npi(piece: Piece) -> bool:
    """Whether NM108 and NM109 are a National Provider Identifier."""
    return piece[8] == "XX" or (len(piece[9]) == 10 and piece[9].isdigit())
