"""A message of anybody, taken apart: segments, fields, repetitions, components.

Nothing is refused here: fields that are missing are empty, further ones are kept, unknown segments are segments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from healthsim.exchange.hl7v2.delimiters import Delimiters

#: what our messages say of themselves in MSH-3
APPLICATION = "HEALTHSIM"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{2}")
#: in HL7, two quotation marks say that a value is to be removed: there is none
_NULL = '""'


@dataclass(frozen=True)
class Source:
    """How the texts of a message are to be read; our own are read to the letter."""

    delimiters: Delimiters
    charset: str = "utf-8"
    own: bool = False

    def plain(self, text: str) -> str:
        return self.delimiters.unescape(text, self.charset)


class Repetition:
    """One of the values of a field."""

    __slots__ = ("parts", "source", "whole")

    def __init__(self, text: str, source: Source) -> None:
        self.whole = text
        self.source = source
        self.parts = text.split(source.delimiters.component)

    def text(self, component: int, subcomponent: int = 0) -> str:
        """The text of a component, from 1; of its subcomponents, the first that is asked for, else the first."""
        if component > len(self.parts):
            return ""
        part = self.parts[component - 1]
        if self.source.delimiters.subcomponent in part:
            pieces = part.split(self.source.delimiters.subcomponent)
            number = max(subcomponent, 1)
            part = pieces[number - 1] if number <= len(pieces) else ""
        elif subcomponent > 1:
            return ""
        if part == _NULL:
            return ""
        # what we wrote ourselves is text as it is; others pad theirs
        return self.source.plain(part) if self.source.own else self.source.plain(part).strip()

    def all_text(self, component: int) -> str:
        """The text of a component with whatever its subcomponents hold; spaces at the ends stay."""
        part = self.parts[component - 1] if component <= len(self.parts) else ""
        return "" if part == _NULL else self.source.plain(part)


class Segment:
    """One segment of a message.

    Attributes:
        name: three letters, such as ``PID``.
        line: the line of the file that it stands on.
    """

    def __init__(self, text: str, source: Source, line: int) -> None:
        self.source = source
        self.line = line
        self.name = text[:3].upper()
        fields = text.split(source.delimiters.field)
        if self.name in ("MSH", "FHS", "BHS"):
            # the first field of a header is the delimiter itself
            fields.insert(1, source.delimiters.field)
        self._fields = fields
        self._repetitions: dict[int, list[Repetition]] = {}

    def __repr__(self) -> str:
        return f"<Segment {self.name} line {self.line}>"

    def raw(self, field: int) -> str:
        """The text of a field as it stands, from 1."""
        return self._fields[field] if field < len(self._fields) else ""

    def repetitions(self, field: int) -> list[Repetition]:
        """The values of a field; none where it is empty."""
        known = self._repetitions.get(field)
        if known is None:
            text = self.raw(field)
            parts = [] if not text or text == _NULL else text.split(self.source.delimiters.repetition)
            known = self._repetitions[field] = [Repetition(part, self.source) for part in parts]
        return known

    def text(self, field: int, component: int = 1, subcomponent: int = 0) -> str:
        """The text at a place of the first value of a field."""
        repetitions = self.repetitions(field)
        return repetitions[0].text(component, subcomponent) if repetitions else ""

    def texts(self, field: int) -> str:
        """All values of a field as they are read, delimiters included: for texts in which these were not escaped."""
        return "" if self.raw(field) == _NULL else self.source.plain(self.raw(field))


class Message:
    """A message.

    Args:
        text: as it stands in the file, without what frames it.
        line: where it begins.
        charset: of ``\\X..\\`` sequences.
    """

    def __init__(self, text: str, line: int = 1, charset: str = "utf-8") -> None:
        self.text = text
        self.line = line
        delimiters = Delimiters.of(text)
        self.own = text.split(delimiters.field, 3)[2:3] == [APPLICATION]
        self.source = Source(delimiters, charset, self.own)
        self.broken: list[int] = []
        self.segments = list(self._divide())

    def _divide(self) -> Iterator[Segment]:
        delimiter = self.source.delimiters.field
        pending: list[str] = []
        began = line = self.line
        for piece in _lines(self.text):
            if _NAME.match(piece) and piece[3:4] in (delimiter, ""):
                if pending:
                    yield Segment("\n".join(pending), self.source, began)
                pending, began = [piece], line
            elif piece.strip():
                # what does not begin as a segment belongs to the field before it, in which a line was broken
                self.broken.append(line)
                pending.append(piece)
            line += 1
        if pending:
            yield Segment("\n".join(pending), self.source, began)

    @cached_property
    def header(self) -> Segment:
        """The segment that the message begins with."""
        return self.segments[0]

    @cached_property
    def kind(self) -> str:
        """Type and event: ``ADT^A01``; where the header does not say it, the type alone, or nothing."""
        code, event, structure = (self.header.text(9, number) for number in (1, 2, 3))
        if code and not event and "_" in structure:
            event = structure.partition("_")[2]
        if code and not event and (segment := self.first("EVN")) is not None:
            event = segment.text(1)
        return f"{code}^{event}".strip("^")

    @property
    def code(self) -> str:
        return self.kind.partition("^")[0].upper()

    @property
    def event(self) -> str:
        return self.kind.partition("^")[2].upper()

    def first(self, name: str) -> Segment | None:
        """The first segment of that name."""
        return next((segment for segment in self.segments if segment.name == name), None)

    def all(self, *names: str) -> Sequence[Segment]:
        """Every segment of these names, in order."""
        return [segment for segment in self.segments if segment.name in names]


def _lines(text: str) -> list[str]:
    """The lines of a message: ended by CR as the standard has it, or as files have them."""
    if "\r" not in text:
        return text.split("\n")
    lines: list[str] = []
    for line in text.replace("\r\n", "\r").split("\r"):
        # some senders end segments with both, the other way round, or mix them
        lines += line.split("\n") if "\n" in line else (line,)
    return lines
