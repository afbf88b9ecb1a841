"""The shape of an element of a CDA document, declared once: what is written from a row, and what is read back into one.

A shape is an element with its attributes and children in the order of the CDA schema. Where a ``Col`` stands, a column is
written and read; everything else is constant. An element of which all columns are empty is left out, or, where the
standard requires it, written with a ``nullFlavor``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from xml.etree.ElementTree import Element

Row = Mapping[str, Any]

_C_CDA, _HITSP = "2.16.840.1.113883.10.20.", "2.16.840.1.113883.3.88.11.83."
#: templates of C-CDA -> those of CCD 1.0 and C32, which older systems still write for the same
_OLDER = {
    f"{_C_CDA}22.4.3": (f"{_C_CDA}1.27",),
    f"{_C_CDA}22.4.4": (f"{_C_CDA}1.28",),
    f"{_C_CDA}22.4.7": (f"{_C_CDA}1.18",),
    f"{_C_CDA}22.4.9": (f"{_C_CDA}1.54",),
    f"{_C_CDA}22.4.16": (f"{_HITSP}8",),
    f"{_C_CDA}22.4.23": (f"{_C_CDA}1.53", f"{_HITSP}8.2"),
    f"{_C_CDA}22.4.54": (f"{_C_CDA}1.53",),
    f"{_C_CDA}22.4.14": (f"{_C_CDA}1.29",),
    f"{_C_CDA}22.4.2": (f"{_HITSP}15", f"{_HITSP}15.1"),
    f"{_C_CDA}22.4.27": (f"{_HITSP}14",),
    f"{_C_CDA}22.4.52": (f"{_HITSP}13",),
    f"{_C_CDA}22.4.49": (f"{_C_CDA}1.21",),
}

HL7 = "urn:hl7-org:v3"
SDTC = "urn:hl7-org:sdtc"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
TYPE = f"{{{XSI}}}type"


class Writes(Protocol):
    """What writers of elements look up."""

    def of(self, table: str, key: Any) -> Row | None:
        """The row of that id of a table of what belongs to no patient."""

    def text(self, value: Any) -> str:
        """A value as text that XML can hold."""


class Takes(Protocol):
    """What readers of elements ask for, and where they put what an element names."""

    own: bool

    def date(self, text: str) -> dt.date | None:
        """A date, which does not shift."""

    def instant(self, text: str) -> dt.datetime | None:
        """An instant in UTC."""

    def words(self, element: Element | None) -> str:
        """The text of an element, or of the part of the narrative that it refers to."""

    def meaning(self, element: Element) -> str | None:
        """The words for a coded value."""

    def has_template(self, element: Element, roots: Sequence[str]) -> bool:
        """Whether an element carries one of these templates."""

    def provider(self, assigned: Element) -> str | None:
        """The id of a person who acted."""

    def author(self, assigned: Element) -> str | None:
        """Who wrote something."""

    def facility(self, role: Element, name: str | None) -> str | None:
        """The id of a place."""

    def link(self, entity_type: str, element: Element) -> str | None:
        """The id of a row that an element points to."""


@dataclass(frozen=True)
class Codec:
    """How a column is written as text of an attribute or element, and read from it; None says nothing."""

    write: Callable[[Any, Writes], str | None]
    read: Callable[[str, Takes], Any]


TEXT = Codec(lambda value, writing: str(value), lambda text, takes: text)


@dataclass(frozen=True)
class Col:
    """A column in the place of an attribute or text."""

    name: str
    codec: Codec = TEXT


@dataclass(frozen=True)
class Coded:
    """A coded value of up to three columns.

    Attributes:
        tag: the element.
        code, system, text: the columns; a system that no column says is ``fixed``.
        value_set: the code systems that the standard allows here; a code of another one is written as a translation of
            what is not in the value set. None allows all.
        xsi_type: the type, where the element can be of several.
        also: column -> system: further codes of the same, as translations.
        null: written where there is neither code nor text; else the element is left out.
    """

    tag: str
    code: str
    text: str
    system: str = ""
    fixed: str = ""
    value_set: tuple[str, ...] | None = None
    xsi_type: str = ""
    also: Mapping[str, str] = field(default_factory=dict)
    null: str = ""


@dataclass(frozen=True)
class Reference:
    """Where the narrative text of the entry stands: written as a link to its row of the table."""


@dataclass(frozen=True)
class Custom:
    """An element that its own functions write and read.

    Attributes:
        write: the element of a row, or None.
        read: columns from the element that the shape is a part of.
        shows: where it stands -> the columns that it shows.
    """

    write: Callable[[Row, Writes], Element | None]
    read: Callable[[Element, Takes], Mapping[str, Any]]
    shows: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Shape:
    """An element.

    Attributes:
        tag: its name; ``sdtc:`` before it says that it is of that namespace.
        attributes: name -> constant or column; ``_`` is the text.
        children: in order.
        keys: attributes by which it is told from others of its name.
        templates: (root, extension) that it carries, and by one of which it is told.
        null: the ``nullFlavor`` with which it is written when its columns are empty.
    """

    tag: str
    attributes: Mapping[str, str | Col]
    children: tuple[Shape | Coded | Reference | Custom, ...]
    keys: tuple[str, ...] = ()
    templates: tuple[tuple[str, str], ...] = ()
    null: str = ""

    @property
    def name(self) -> str:
        return qualified(self.tag)

    def tells(self) -> tuple[str, ...]:
        """The roots of templates that it, or the first element inside it that has some, is told by."""
        if self.templates:
            return tuple(dict.fromkeys(part for root, _ in self.templates for part in (root, *_OLDER.get(root, ()))))
        for child in self.children:
            if isinstance(child, Shape) and child.templates:
                return child.tells()
        return ()


def el(
    tag: str,
    *children: Shape | Coded | Reference | Custom,
    keys: str = "",
    templates: tuple[tuple[str, str], ...] = (),
    null: str = "",
    **attributes: str | Col,
) -> Shape:
    """A shape, as it is declared."""
    return Shape(tag, attributes, children, tuple(keys.split()), templates, null)


def qualified(tag: str) -> str:
    """The name of an element with its namespace."""
    return f"{{{SDTC}}}{tag[5:]}" if tag.startswith("sdtc:") else f"{{{HL7}}}{tag}"


def attribute_name(name: str) -> str:
    """The name of an attribute with its namespace."""
    return TYPE if name == "xsi_type" else name


def template(number: str, *extensions: str) -> tuple[tuple[str, str], ...]:
    """Templates of one root under ``2.16.840.1.113883.10.20``, with each extension; without any, the root alone."""
    root = f"2.16.840.1.113883.10.20.{number}"
    return ((root, ""), *((root, extension) for extension in extensions)) if extensions else ((root, ""),)
