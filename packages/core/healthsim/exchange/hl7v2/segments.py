"""A declared segment: its text from a row, and a row from its text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from healthsim.exchange.hl7v2.cells import Cell, Columns, Looks, Place, Row, Takes
from healthsim.exchange.hl7v2.parsed import Repetition, Segment

#: the part of a repetition: a constant text, a cell, several subcomponents, or nothing
_Part = str | Cell | tuple["str | Cell | None", ...] | None


@dataclass(frozen=True)
class Declared:
    """A segment as a list of cells.

    Attributes:
        name: three letters.
        entity_type: whose columns the cells name; empty for segments that are of several.
        cells: in the order of the fields, and of the repetitions of one field.
    """

    name: str
    entity_type: str
    cells: tuple[Cell, ...]

    @cached_property
    def _fields(self) -> list[list[list[_Part]]]:
        """Field -> repetitions -> components: what is written where."""
        placed = [(Place.of(cell.place), cell) for cell in self.cells]
        fields: list[list[list[_Part]]] = [[] for _ in range(max(place.field for place, _ in placed))]
        keys: dict[tuple[int, tuple[tuple[int, str], ...]], list[_Part]] = {}
        for place, cell in placed:
            components = keys.get((place.field, place.keys))
            if components is None:
                components = keys[place.field, place.keys] = []
                fields[place.field - 1].append(components)
                for number, text in place.keys:
                    if number:
                        _put(components, number, 0, text)
            _put(components, place.component, place.subcomponent, cell.constant or cell)
        return fields

    def write(self, row: Row, looks: Looks, **extra: Any) -> str:
        """The segment of a row, without what ends it."""
        if extra:
            row = {**row, **extra}
        texts = [self.name]
        for field in self._fields:
            if not field:
                texts.append("")
            elif len(field) == 1:
                texts.append(_repetition(field[0], row, looks))
            else:
                texts.append("~".join(text for part in field if (text := _repetition(part, row, looks))))
        return "|".join(texts).rstrip("|")

    def read(self, segment: Segment, takes: Takes) -> Columns:
        """The columns that a segment of anybody has values for."""
        row: Columns = {}
        for cell in self.cells:
            if not cell.column or (cell.own and not takes.own):
                continue
            for place in (cell.place, *cell.also):
                value = _value(segment, Place.of(place) if place != cell.place else self._places[place], cell, takes)
                if value is not None:
                    row[cell.column] = value
                    break
        return row

    @cached_property
    def _places(self) -> Mapping[str, Place]:
        return {cell.place: Place.of(cell.place) for cell in self.cells}


def _put(components: list[_Part], component: int, subcomponent: int, what: str | Cell) -> None:
    while len(components) < component:
        components.append(None)
    if not subcomponent:
        components[component - 1] = what
        return
    before = components[component - 1]
    pieces: list[str | Cell | None] = list(before) if isinstance(before, tuple) else [before] if before else []
    while len(pieces) < subcomponent:
        pieces.append(None)
    pieces[subcomponent - 1] = what
    components[component - 1] = tuple(pieces)


def _repetition(components: list[_Part], row: Row, looks: Looks) -> str:
    """The text of one value of a field; nothing where none of its columns has a value, whatever is constant."""
    texts: list[str] = []
    filled = True
    needed = False
    for part in components:
        if part is None:
            texts.append("")
        elif isinstance(part, str):
            texts.append(part)
        elif isinstance(part, Cell):
            text = _cell(part, row, looks)
            if not needed:
                needed, filled = True, False
            filled = filled or bool(text)
            texts.append(text)
        else:
            pieces = []
            for piece in part:
                if isinstance(piece, Cell):
                    text = _cell(piece, row, looks)
                    if not needed:
                        needed, filled = True, False
                    filled = filled or bool(text)
                    pieces.append(text)
                else:
                    pieces.append(piece or "")
            texts.append("&".join(pieces).rstrip("&"))
    return "^".join(texts).rstrip("^") if filled else ""


def _cell(cell: Cell, row: Row, looks: Looks) -> str:
    value = row.get(cell.column)
    return "" if value is None else cell.codec.write(value, looks)


def _value(segment: Segment, place: Place, cell: Cell, takes: Takes) -> Any:
    repetition = _chosen(segment, place, cell)
    return None if repetition is None else cell.codec.read(repetition, place.component, place.subcomponent, takes)


def _chosen(segment: Segment, place: Place, cell: Cell) -> Repetition | None:
    """The repetition that a cell means: by the key of its place, by what its codec looks for, else the first."""
    repetitions = segment.repetitions(place.field)
    if cell.codec.picks is not None:
        return cell.codec.picks(repetitions)
    if place.keys:
        return next(
            (
                repetition
                for repetition in repetitions
                if all(repetition.text(number).upper() == text.upper() for number, text in place.keys)
            ),
            None,
        )
    return repetitions[0] if repetitions else None
