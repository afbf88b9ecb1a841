"""From rows to elements, and from elements to bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement

from healthsim.exchange.ccda.code_systems import oid_of
from healthsim.exchange.ccda.shapes import (
    HL7,
    SDTC,
    TYPE,
    XSI,
    Coded,
    Col,
    Custom,
    Reference,
    Row,
    Shape,
    attribute_name,
    qualified,
)

if TYPE_CHECKING:
    from healthsim.exchange.by_patient import Record

#: characters that no XML document can hold
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REPLACED = "\ufffd"
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
# in attributes, readers turn white space into spaces
_ESCAPED_IN_ATTRIBUTES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", '"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
)
_PREFIXES = {f"{{{HL7}}}": "", f"{{{SDTC}}}": "sdtc:", f"{{{XSI}}}": "xsi:"}


class Writing:
    """What writers of elements look up, for one document.

    Attributes:
        record: the patient and their rows.
        replaced: how many characters XML cannot hold, so far.
    """

    def __init__(self, record: Record, shared: Mapping[str, Mapping[str, Row]]) -> None:
        self.record = record
        self.replaced = 0
        self.anchor = ""
        self._shared = shared

    def of(self, table: str, key: Any) -> Row | None:
        """The row of that id of a table of what belongs to no patient."""
        return self._shared.get(table, {}).get(key)

    def text(self, value: Any) -> str:
        """A value as text that XML can hold."""
        text = str(value)
        if _IMPOSSIBLE.search(text):
            text, count = _IMPOSSIBLE.subn(_REPLACED, text)
            self.replaced += count
        return text

    # -- shapes ----------------------------------------------------------------------------------------------

    def element(self, shape: Shape, row: Row) -> Element | None:
        """The element of a row; None where its columns are all empty and nothing requires it."""
        made = Element(shape.name)
        asked, filled = self._attributes(shape, row, made)
        for root, extension in shape.templates:
            part = SubElement(made, f"{{{HL7}}}templateId", {"root": root})
            if extension:
                part.set("extension", extension)
        for child in shape.children:
            part_made, is_asked = self._child(child, row)
            asked = asked or is_asked
            if part_made is not None:
                made.append(part_made)
                filled = filled or is_asked
        if asked and not filled:
            return Element(shape.name, {"nullFlavor": shape.null}) if shape.null else None
        return made

    def _attributes(self, shape: Shape, row: Row, made: Element) -> tuple[bool, bool]:
        asked = filled = False
        for name, what in shape.attributes.items():
            if isinstance(what, str):
                text = what
            else:
                asked = True
                value = row.get(what.name)
                written = None if value is None else what.codec.write(value, self)
                if not written:
                    continue
                filled = True
                text = self.text(written)
            if name == "_":
                made.text = text
            else:
                made.set(attribute_name(name), text)
        return asked, filled

    def _child(self, child: Shape | Coded | Reference | Custom, row: Row) -> tuple[Element | None, bool]:
        """What a child becomes, and whether it asks for columns."""
        if isinstance(child, Shape):
            made = self.element(child, row)
            return made, has_columns(child)
        if isinstance(child, Coded):
            return self._coded(child, row), True
        if isinstance(child, Reference):
            if not self.anchor:
                return None, False
            text = Element(f"{{{HL7}}}text")
            SubElement(text, f"{{{HL7}}}reference", {"value": f"#{self.anchor}"})
            return text, False
        return child.write(row, self), True

    def _coded(self, coded: Coded, row: Row) -> Element | None:
        code, text = row.get(coded.code), row.get(coded.text) if coded.text else None
        system = (row.get(coded.system) if coded.system else None) or coded.fixed
        others = {column: name for column, name in coded.also.items() if row.get(column)}
        if code is None and text is None and not others:
            return Element(qualified(coded.tag), {"nullFlavor": coded.null}) if coded.null else None
        made = Element(qualified(coded.tag))
        if coded.xsi_type:
            made.set(TYPE, coded.xsi_type)
        fits = code is not None and (coded.value_set is None or system in coded.value_set) and oid_of(system or "")
        if fits:
            self._code(made, code, system, text)
        else:
            made.set("nullFlavor", "OTH" if code is not None or others else "UNK")
            if text is not None:
                made.set("displayName", self.text(text))
        if text is not None:
            SubElement(made, f"{{{HL7}}}originalText").text = self.text(text)
        if code is not None and not fits:
            self._code(SubElement(made, f"{{{HL7}}}translation"), code, system, text)
        for column, name in others.items():
            self._code(SubElement(made, f"{{{HL7}}}translation"), row[column], name, None)
        return made

    def _code(self, made: Element, code: Any, system: str | None, text: Any) -> None:
        made.set("code", self.text(code))
        oid = oid_of(system or "")
        if oid:
            made.set("codeSystem", oid)
        if system:
            made.set("codeSystemName", self.text(system))
        if text is not None:
            made.set("displayName", self.text(text))


def has_columns(shape: Shape) -> bool:
    """Whether a shape asks for any column."""
    if any(isinstance(what, Col) for what in shape.attributes.values()):
        return True
    return any(
        has_columns(child) if isinstance(child, Shape) else not isinstance(child, Reference) for child in shape.children
    )


def as_bytes(root: Element) -> bytes:
    """The document of an element, in UTF-8; what it says is read back to the letter."""
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    _write(root, parts, f' xmlns="{HL7}" xmlns:sdtc="{SDTC}" xmlns:xsi="{XSI}"')
    parts.append("\n")
    return "".join(parts).encode()


def _write(made: Element, parts: list[str], more: str = "") -> None:
    tag = _short(made.tag)
    parts.append(f"<{tag}{more}")
    for name, value in made.attrib.items():
        parts.append(f' {_short(name)}="{value.translate(_ESCAPED_IN_ATTRIBUTES)}"')
    if not len(made) and not made.text:
        parts.append("/>")
        return
    parts.append(">")
    if made.text:
        parts.append(made.text.translate(_ESCAPED))
    for child in made:
        _write(child, parts)
    parts.append(f"</{tag}>")


def _short(name: str) -> str:
    if name[0] != "{":
        return name
    namespace, _, local = name.partition("}")
    return _PREFIXES[namespace + "}"] + local
