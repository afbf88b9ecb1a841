"""What stands at a place of a segment: how a column's value is written there, and read from there.

A ``Cell`` joins a place (``PID-5.2``, or ``3[5=MR].1``: the first component of the repetition whose fifth one is MR) with a
column and a codec. Segments are lists of cells (``declared.py``); writing, reading and the published page follow from them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from healthsim.exchange import hl7_times
from healthsim.exchange.hl7v2.delimiters import escaped

if TYPE_CHECKING:
    from healthsim.exchange.hl7v2.parsed import Repetition

Row = Mapping[str, Any]
#: the columns that a segment has values for, to be filled further
Columns = dict[str, Any]
_PLACE = re.compile(r"(\d+)(?:\[([\d=\w,]+)\])?(?:\.(\d+))?(?:\.(\d+))?")


class Looks(Protocol):
    """What a writer looks up for a cell: who a provider is, where a facility is."""

    def of(self, table: str, key: Any) -> Row | None:
        """The row of that id, where there is one."""


class Takes(Protocol):
    """What a reader takes from a cell beside its value: providers and facilities that are named, and what is odd."""

    own: bool

    def instant(self, text: str) -> dt.datetime | None:
        """An instant in UTC."""

    def date(self, text: str) -> dt.date | None:
        """A date, which does not shift."""

    def entity(self, entity_type: str, row: dict[str, Any]) -> None:
        """A row of what the segment only names."""


@dataclass(frozen=True)
class Codec:
    """How values of a column are written and read.

    Attributes:
        write: the value as text of a message, delimiters escaped; empty where there is nothing to write.
        read: the value of a column from a repetition and the component of the cell; None where there is none.
        picks: chooses the repetition to read, where the key of the place does not.
    """

    write: Callable[[Any, Looks], str]
    read: Callable[[Repetition, int, int, Takes], Any]
    picks: Callable[[Sequence[Repetition]], Repetition | None] | None = None


def _component(repetition: Repetition, component: int, subcomponent: int, takes: Takes) -> str | None:
    return repetition.text(component, subcomponent) or None


TEXT = Codec(lambda value, looks: escaped(str(value)), _component)
DATE = Codec(
    lambda value, looks: hl7_times.write_date(value),
    lambda repetition, component, sub, takes: takes.date(repetition.text(component, sub)),
)
INSTANT = Codec(
    lambda value, looks: hl7_times.write_instant(value),
    lambda repetition, component, sub, takes: takes.instant(repetition.text(component, sub)),
)


def _plain_number(value: Any) -> str:
    """A number without the zeros that only its type adds: 30.00 is 30."""
    text = f"{value:f}" if not isinstance(value, (int, float)) else repr(value)
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


NUMBER = Codec(lambda value, looks: _plain_number(value), _component)
FLAG = Codec(
    lambda value, looks: "Y" if value else "N",
    lambda repetition, component, sub, takes: {"Y": True, "N": False}.get(repetition.text(component, sub).upper()),
)


def words(
    codes: Mapping[str, str],
    *,
    otherwise: str | None = None,
    keep: bool = True,
    also: Mapping[str, str] | None = None,
) -> Codec:
    """A column of words that stand as codes in messages.

    Args:
        codes: word -> code; of several words with one code, the first is read.
        otherwise: the code of words that have none; by default they stand as they are.
        keep: codes that have no word are read as they are; else they say nothing.
        also: other codes -> the word that they are read as.
    """
    read: dict[str, str] = dict(also or {})
    for word, code in codes.items():
        read.setdefault(code.upper(), word)

    def written(value: Any, looks: Looks) -> str:
        code = codes.get(str(value).strip().lower(), otherwise)
        return escaped(str(value)) if code is None else code

    def taken(repetition: Repetition, component: int, sub: int, takes: Takes) -> str | None:
        text = repetition.text(component, sub)
        return read.get(text.upper(), text if keep else None) or None

    return Codec(written, taken)


@dataclass(frozen=True)
class Place:
    """Where a cell is: field, the key of a repetition (component -> its text; 0 is only a name), component, subcomponent; from 1."""

    field: int
    keys: tuple[tuple[int, str], ...]
    component: int
    subcomponent: int

    @classmethod
    def of(cls, text: str) -> Place:
        match = _PLACE.fullmatch(text)
        assert match is not None, text
        field, keys, component, sub = match.groups()
        pairs = [part.split("=") for part in keys.split(",")] if keys else []
        return cls(
            int(field), tuple((int(number), value) for number, value in pairs), int(component or 1), int(sub or 0)
        )


@dataclass(frozen=True)
class Cell:
    """A column at a place of a segment.

    Attributes:
        place: as in ``Place.of``.
        column: the column of the segment's row; of none, ``constant`` is written.
        codec: how.
        constant: what always stands there, where anything stands in its repetition.
        own: only in messages of ours this place means the column; in those of others it is not read.
        also: places that are read where the first is empty.
    """

    place: str
    column: str = ""
    codec: Codec = TEXT
    constant: str = ""
    own: bool = False
    also: tuple[str, ...] = ()


def constant(place: str, text: str) -> Cell:
    """A cell that always holds the same."""
    return Cell(place, constant=text)
