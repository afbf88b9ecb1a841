"""Dates and instants as HL7 writes them, in v2 messages and in CDA documents: ``20250304``, ``20250304081500+0000``.

Dates never shift: a date is what its digits say, whatever zone stands behind them. Instants are in UTC; one without a
zone is read in the zone that the reader names; one that has no time of day is the first moment of its day.
"""

from __future__ import annotations

import datetime as dt
import re

#: year, month, day, hour, minute, second, fraction, offset; what is left out is left out at the end
_PATTERN = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.(\d{1,9}))?)?)?)?)?)?(?:\s*([+-]\d\d:?\d\d|Z))?"
)


def write_date(value: dt.date) -> str:
    """A date, to the day."""
    return f"{value.year:04d}{value.month:02d}{value.day:02d}"


def write_instant(value: dt.datetime) -> str:
    """An instant in UTC, to the second, or to a ten-thousandth of it where it says so much; always with its zone."""
    fraction = f".{value.microsecond // 100:04d}" if value.microsecond else ""
    clock = f"{value.hour:02d}{value.minute:02d}{value.second:02d}"
    return f"{write_date(value)}{clock}{fraction}+0000"


def read_date(text: str) -> dt.date:
    """The day that the digits name; of a year or a month, the first.

    Raises:
        ValueError: it is no date.
    """
    year, month, day, *_ = _parts(text)
    return dt.date(int(year), int(month or 1), int(day or 1))


def read_instant(text: str, zone: dt.tzinfo) -> dt.datetime:
    """An instant in UTC, without a zone of its own.

    Raises:
        ValueError: it is no date and no instant.
    """
    year, month, day, hour, minute, second, fraction, offset = _parts(text)
    if hour is None:
        return dt.datetime(int(year), int(month or 1), int(day or 1))
    microsecond = int((fraction or "0").ljust(6, "0")[:6])
    # a minute may end with a leap second, which clocks here do not have
    seconds = min(int(second or 0), 59)
    instant = dt.datetime(
        int(year), int(month), int(day), int(hour), int(minute or 0), seconds, microsecond, _zone(offset, zone)
    )
    try:
        return instant.astimezone(dt.UTC).replace(tzinfo=None)
    except OverflowError as error:
        raise ValueError(str(error)) from None


def lacks_zone(text: str) -> bool:
    """Whether there is a time of day that does not say in which zone."""
    match = _PATTERN.fullmatch(text.strip())
    return match is not None and match.group(4) is not None and match.group(8) is None


def _parts(text: str) -> tuple[str, ...]:
    match = _PATTERN.fullmatch(text.strip())
    if match is None:
        raise ValueError("no date")
    return match.groups()


def _zone(offset: str | None, zone: dt.tzinfo) -> dt.tzinfo:
    if offset is None:
        return zone
    if offset == "Z":
        return dt.UTC
    digits = offset[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return dt.timezone(dt.timedelta(minutes=-minutes if offset[0] == "-" else minutes))
