"""Where a reader of a format puts what it reads: documents as they came, the rows that they mean, and what was odd.

A reader calls ``add`` for a document of a type of ours, ``keep`` for one of no type of ours, ``unit`` for each of what the
source consists of, and ``oddity`` for what is not as it should be. Values that cannot be read as a column are oddities, too:
what comes from other programs is read as far as it goes, and the document keeps the rest.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from healthsim.model import ENTITY_TYPES, EntityType, entity_type_named
from healthsim.model.projection import CONTENT_IDS, Fault, Projected, projection_of
from healthsim.state.read_documents import READ_AS

if TYPE_CHECKING:
    from healthsim.state.intake import Intake

#: kinds of oddities that a report shows one by one; of those beyond, their number
ODDITIES_KEPT = 200
_SHOWN = 60
_UNREADABLE = "a value that cannot be read as {}; the column is left empty"

#: the type and id of an entity that a document carries, and its columns
Derived = tuple[str, Mapping[str, Any]]


@dataclass(slots=True)
class Oddity:
    """Something that is not as it should be: what, where it was first seen, how often it was."""

    what: str
    line: int | None
    count: int = 1
    example: str | None = None
    part: str | None = None


@dataclass
class Tally:
    """What was read of one source.

    Attributes:
        units: how many of what it consists of: resources, messages, transaction sets, lines.
        typed: {plural: n} of documents of types of ours.
        kept: {kind: n} of documents of other types.
        first, last: the positions of its documents in the intake.
    """

    units: int = 0
    typed: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    oddities: dict[str, Oddity] = field(default_factory=dict)
    kinds_beyond: int = 0
    first: int = 0
    last: int = 0


class Reading:
    """What a reader reads into; one for each source.

    Args:
        intake: takes documents and rows.
        timezone: of times that say none.
        source: what the source is called in messages.
        format: the name of the format that reads it.

    Attributes:
        line: where the reader is; oddities without a line of their own are there.
        part: the file that is read, of a source that is a folder.
        tally: what has been read.
    """

    def __init__(
        self,
        intake: Intake,
        timezone: dt.tzinfo | None = None,
        source: str = "",
        format: str = "",
    ) -> None:
        self.intake = intake
        self.timezone = timezone or zoneinfo.ZoneInfo("UTC")
        self.source = source
        self.format = format
        self.line: int | None = None
        self.part: str | None = None
        self.tally = Tally(first=intake.position)
        self._provenance = json.dumps({"source_type": "loaded", READ_AS: format}) if format else None

    # -- what a reader calls ---------------------------------------------------------------------------------

    def add(
        self,
        collection: str,
        text: str,
        row: Mapping[str, Any],
        *,
        entity_id: str = "",
        derived: Sequence[Derived] = (),
        copies: bool = False,
    ) -> str:
        """Take a document of a type of ours, and the row that it means; its id.

        Args:
            collection: the type, singular or plural.
            text: the document as it came, which is JSON.
            row: columns of the model -> values; texts are read as the column's type.
            entity_id: its id; default: the one in the row, else one of the content.
            derived: (type, columns) of rows that are part of it.
            copies: of several documents with this id all are kept, the further ones under ``id~2``: the source does not
                promise that its ids are unique. Without it the last one holds.

        Raises:
            KeyError: the model has no such type or column.
        """
        known = _type_of(collection)
        read = self._row(known, row)
        own_id = entity_id or read.get(known.key) or ""
        made_id = own_id or content_id_of(known.name, text)
        read[known.key] = made_id
        many = copies or not own_id
        rows = [Projected(known, made_id, read, None, many), *self._derived(f"{known.name}/{made_id}", derived)]
        self.intake.take(known.plural, text, made_id, many, rows, self._provenance)
        self.tally.typed[known.plural] = self.tally.typed.get(known.plural, 0) + 1
        return made_id

    def keep(
        self,
        kind: str,
        text: str,
        document: Mapping[str, Any] | None = None,
        *,
        entity_id: str = "",
        derived: Sequence[Derived] = (),
        copies: bool = False,
    ) -> str:
        """Take a document of no type of ours, and the rows that are part of it; its id.

        Args:
            kind: what it is: ``care_plan``, ``hl7v2_message``.
            text: the document as it came, which is JSON.
            document: the same, parsed; where it has a member ``id``, that is its id.
            entity_id: its id.
            derived: (type, columns) of rows that are part of it. Those of one type and id are put together from all
                documents that carry them: of each column the last value holds.
            copies: as in ``add``.
        """
        inner = document.get("id") if document is not None else None
        own_id = entity_id or (str(inner) if isinstance(inner, (str, int)) and inner != "" else "")
        made_id = own_id or content_id_of(kind, text)
        rows = self._derived(f"{kind}/{made_id}", derived)
        self.intake.take(kind, text, made_id, copies or not own_id, rows, self._provenance)
        self.tally.kept[kind] = self.tally.kept.get(kind, 0) + 1
        return made_id

    def document(self, known: EntityType, text: str, document: Mapping[str, Any]) -> None:
        """Take a document of a type of ours in the shape of our own: its row follows from the names of its members.

        Args:
            text: the document, which is JSON.
            document: what is read of it.
        """
        faults: list[Fault] = []
        where = known.plural
        rows = projection_of(known.name).project(document, where, faults)
        for fault in faults:
            self.oddity(f"{fault.path}: {_UNREADABLE.format(_expected(fault))}", example=fault.value)
        self.intake.take(known.plural, text, rows[0].entity_id, rows[0].id_from_content, rows, self._provenance)
        self.tally.typed[known.plural] = self.tally.typed.get(known.plural, 0) + 1

    def row(self, known: EntityType, row: dict[str, Any]) -> None:
        """Take a row without a document, in all of its columns, with what it says of where it comes from."""
        self.intake.take_row(known, row)
        self.tally.typed[known.plural] = self.tally.typed.get(known.plural, 0) + 1

    def unit(self, count: int = 1) -> None:
        """Note that as many more units have been read."""
        self.tally.units += count

    def oddity(self, what: str, line: int | None = None, example: object = None) -> None:
        """Note something odd; it is reported once, with the first line and the count.

        Args:
            what: the kind of oddity, without anything that differs from one to the next.
            line: where; default: where the reader is.
            example: a value that shows it.
        """
        seen = self.tally.oddities.get(what)
        if seen is not None:
            seen.count += 1
        elif len(self.tally.oddities) < ODDITIES_KEPT:
            shown = None if example is None else _shown(example)
            self.tally.oddities[what] = Oddity(what, self.line if line is None else line, 1, shown, self.part)
        else:
            self.tally.kinds_beyond += 1

    def utc(self, moment: dt.datetime) -> dt.datetime:
        """An instant in UTC without its zone; a moment without one was in the zone of the import, which is reported."""
        if moment.tzinfo is None:
            self.oddity(f"a time without a zone; read as {self.timezone}", example=moment.isoformat())
            moment = moment.replace(tzinfo=self.timezone)
        return moment.astimezone(dt.UTC).replace(tzinfo=None)

    # -- rows ------------------------------------------------------------------------------------------------

    def _derived(self, part_of: str, derived: Sequence[Derived]) -> list[Projected]:
        rows: list[Projected] = []
        for collection, columns in derived:
            known = _type_of(collection)
            read = self._row(known, columns)
            own_id = read.get(known.key)
            if not own_id:
                numbers = sum(row.entity_type is known for row in rows) + 1
                own_id = f"{part_of.partition('/')[2]}/{known.name}/{numbers}"
                read[known.key] = own_id
            rows.append(Projected(known, own_id, read, part_of, together=True))
        return rows

    def _row(self, known: EntityType, columns: Mapping[str, Any]) -> dict[str, Any]:
        """The values of a row in the types of its columns; what cannot be read is an oddity, and stays empty."""
        plain, readers = _readers(known.name)
        read: dict[str, Any] = {}
        for name, value in columns.items():
            if value is None or value == "":
                continue
            if type(value) is plain[name]:
                read[name] = value
                continue
            try:
                read[name] = readers[name](value)
            except ValueError:
                expected = known.column[name].expected
                self.oddity(f"{known.plural}.{name}: {_UNREADABLE.format(expected)}", example=value)
        return read


@cache
def _type_of(collection: str) -> EntityType:
    known = entity_type_named(collection)
    if known is None:
        raise KeyError(f"{collection} is no entity type")
    return known


@cache
def _readers(name: str) -> tuple[dict[str, type | None], dict[str, Callable[[Any], Any]]]:
    """By column of a type: the Python type whose values are taken as they are, and the reader of others."""
    from pydantic import TypeAdapter

    known = ENTITY_TYPES[name]
    plain: dict[str, type | None] = {}
    readers: dict[str, Callable[[Any], Any]] = {}
    for column in known.columns:
        info = known.model.model_fields[column.name]
        # a text with codes of its own is always read: words become codes
        is_text = column.sql_type == "VARCHAR" and len(info.metadata) == 2
        plain[column.name] = str if is_text else _PLAIN.get(column.sql_type)
        readers[column.name] = _reader_of(TypeAdapter(_annotated(info)).validate_python)
    return plain, readers


#: SQL type -> the Python type whose values need no reading; not float and Decimal, which may be infinite or too long
_PLAIN: dict[str, type] = {"DATE": dt.date, "BOOLEAN": bool}


def _annotated(info: Any) -> Any:
    from typing import Annotated

    annotation = info.annotation
    for part in info.metadata:
        annotation = Annotated[annotation, part]
    return annotation


def _reader_of(validate: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if isinstance(value, Decimal) and value != value:
            raise ValueError("not a number")
        return validate(value)

    return read


def _expected(fault: Fault) -> str:
    return fault.problem.rpartition("cannot be read as ")[2]


def content_id_of(kind: str, text: str) -> str:
    """A stable id for a document that has none: the same text of the same kind gives the same id."""
    digest = hashlib.sha256(f"{kind}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()
    return str(uuid.uuid5(CONTENT_IDS, digest))


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
