"""Documents to rows: what the model recognises in a JSON document, as typed columns.

The projection of a type is compiled from its declaration once. It walks the keys of the document, not
the list of aliases, so that its cost follows the size of what is there.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import ValidationError

from healthsim.model.compiled import Compiled, Node
from healthsim.model.entity import Convert, Embed, EntityType
from healthsim.model.registry import ENTITY_TYPES, entity_type_named
from healthsim.model.types import jsonable, plain

Document = Mapping[str, Any]
Row = dict[str, Any]

#: the namespace of ids that are derived from content
CONTENT_IDS = uuid.UUID("6f1d2a5e-64a4-5a0e-9d0a-3b8b1f3c9d42")
#: the rank of a key that stands for another column: after the column's own key, before its aliases
_MOVED = 1
_SHOWN_VALUE = 80
_PYDANTIC_WORDING = "Value error, "


@dataclass(frozen=True, slots=True)
class Fault:
    """A value that cannot be read as its declared type."""

    path: str
    value: str
    problem: str

    def as_dict(self) -> dict[str, str]:
        return {"path": self.path, "value": self.value, "problem": self.problem}


@dataclass(slots=True)
class Projected:
    """One row of a canonical table, and where it came from.

    ``part_of`` is None for the entity that the document is, and ``type/id`` of that entity for those that it carries.
    ``id_from_content`` tells that the document has no id of its own. ``together`` tells that several documents may say
    something of the entity, and that its row is put together from them.
    """

    entity_type: EntityType
    entity_id: str
    row: Row
    part_of: str | None = None
    id_from_content: bool = False
    together: bool = False


_UNSEEN = Node()


class Projection:
    """The compiled projection of one entity type."""

    def __init__(self, entity_type: EntityType) -> None:
        self.entity_type = entity_type
        entity_type.model.model_rebuild()
        self._validate = entity_type.model.__pydantic_validator__.validate_python
        self._root = root = Node()
        self._moves: list[tuple[str, str]] = []
        for column in entity_type.columns:
            self._root.child(column.name).targets.append((column.name, 0, None))
            for rank, alias in enumerate(column.aliases, start=2):
                node = self._root
                for part in alias.path.split("."):
                    node = node.child(part)
                node.targets.append((column.name, rank, alias.convert))
            if column.moved_from:
                self._root.child(column.moved_from).targets.append((column.name, _MOVED, None))
                self._moves.append((column.moved_from, column.name))
        for embed in entity_type.model.embeds:
            for path in embed.paths:
                self._root.child(path).embed = embed
        for key in entity_type.model.transparent:
            self._root.child(key).transparent = True
        self._compiled = Compiled(entity_type, root, self._validate, _MOVED)

    def project(self, document: Document, where: str, faults: list[Fault], entity_id: str = "") -> list[Projected]:
        """The row of a document, and the rows of the entities inside it.

        Args:
            document: the parsed document.
            where: its place in the input, for messages (``patients[3]``).
            faults: receives one entry per value that cannot be read; that column is then NULL.
            entity_id: the id, where it is already known.
        """
        rows: list[Projected] = []
        self._project(document, where, faults, rows, entity_id, "", None, {})
        return rows

    def columns_of(self, row: Mapping[str, Any]) -> Row:
        """The values of columns that are named as such, in the types of the columns.

        Raises:
            ValidationError: a value cannot be read as its column.
        """
        return dict(self._validate(dict(row)).__dict__)

    def _project(
        self,
        document: Document,
        where: str,
        faults: list[Fault],
        rows: list[Projected],
        entity_id: str,
        fallback_id: str,
        part_of: str | None,
        inherited: Mapping[str, Any],
    ) -> Projected:
        entity_type = self.entity_type
        key = entity_type.key
        carried: list[tuple[Embed, str, Any]] = []
        row = self._compiled.read(document, carried)
        if row is None:
            row = self._read(document, where, faults, carried, inherited)
        elif inherited:
            self._inherit(row, inherited)
        own_id = entity_id or row.get(key) or self._natural_id(row) or fallback_id
        from_content = not own_id
        if from_content:
            own_id = content_id(entity_type.name, document)
        row[key] = own_id
        made = Projected(entity_type, own_id, row, part_of, from_content)
        rows.append(made)
        if carried:
            self._project_carried(made, carried, where, faults, rows)
        return made

    def _inherit(self, row: Row, inherited: Mapping[str, Any]) -> None:
        for name, value in inherited.items():
            if name in self.entity_type.column and row.get(name) is None:
                row[name] = value

    def _read(
        self,
        document: Document,
        where: str,
        faults: list[Fault],
        carried: list[tuple[Embed, str, Any]],
        inherited: Mapping[str, Any],
    ) -> Row:
        """The row of any document, key by key; what it carries is appended."""
        flat: dict[str, Any] = {}
        ranks: dict[str, int] = {}
        self._flatten(document, self._root, "", 0, flat, ranks, carried)
        for source, target in self._moves:
            if ranks.get(target) == _MOVED and source in flat:
                del flat[source]
        self._inherit(flat, inherited)
        try:
            row: Row = self._validate(flat).__dict__
        except ValidationError as error:
            row = self._without_faults(document, flat, error, where, faults)
        return row

    def _natural_id(self, row: Row) -> str | None:
        return next((str(row[name]) for name in self.entity_type.model.natural_keys if row.get(name)), None)

    def _flatten(
        self,
        document: Document,
        node: Node,
        prefix: str,
        penalty: int,
        flat: dict[str, Any],
        ranks: dict[str, int],
        carried: list[tuple[Embed, str, Any]],
        origins: dict[str, str] | None = None,
    ) -> None:
        """Collect the values of columns, the best place of each, and the embedded entities; this is the hot loop."""
        spelled = node.spelled
        for key, value in document.items():
            if value is None:
                continue
            known = spelled.get(key, _UNSEEN)
            if known is _UNSEEN:
                known = node.learn(key)
            if known is None:
                continue
            kind = type(value)
            if kind is dict or kind is list:
                if known.transparent and kind is dict:
                    self._flatten(value, node, f"{prefix}{key}.", penalty + 100, flat, ranks, carried, origins)
                    continue
                if known.embed is not None:
                    carried.append((known.embed, prefix + key, value))
                if known.children:
                    inner = value if kind is dict else {str(n): item for n, item in enumerate(value[:9])}
                    self._flatten(inner, known, f"{prefix}{key}.", penalty, flat, ranks, carried, origins)
                for column, rank, convert in known.targets:
                    # a container says something about a column through a conversion, or where it means nothing else
                    if convert is not None or not (known.children or known.embed):
                        self._take(column, rank + penalty, convert, value, flat, ranks)
            else:
                for column, rank, convert in known.targets:
                    if convert is not None or column in flat:
                        self._take(column, rank + penalty, convert, value, flat, ranks)
                    else:
                        flat[column] = value
                        ranks[column] = rank + penalty
            if origins is not None:
                origins.update({column: prefix + key for column, _, _ in known.targets if flat.get(column) is value})

    @staticmethod
    def _take(
        column: str, rank: int, convert: Convert | None, value: Any, flat: dict[str, Any], ranks: dict[str, int]
    ) -> None:
        if rank >= ranks.get(column, 1_000):
            return
        if convert is not None:
            value = convert(value)
            if value is None:
                return
        flat[column] = value
        ranks[column] = rank

    def _project_carried(
        self,
        carrier: Projected,
        carried: Sequence[tuple[Embed, str, Any]],
        where: str,
        faults: list[Fault],
        rows: list[Projected],
    ) -> None:
        part_of = carrier.part_of or f"{carrier.entity_type.name}/{carrier.entity_id}"
        references = {column.name for column in carrier.entity_type.references} | {carrier.entity_type.key}
        for embed, path, value in carried:
            inner = projection_of(embed.entity_type)
            inherited = {} if embed.sets else {name: carrier.row[name] for name in references if carrier.row.get(name)}
            items = value if isinstance(value, list) else [value]
            for number, item in enumerate(items):
                if not isinstance(item, dict) or not item:
                    continue
                place = f"{where}.{path}[{number}]" if isinstance(value, list) else f"{where}.{path}"
                fallback = "" if embed.sets else f"{carrier.entity_id}/{embed.entity_type}/{number + 1}"
                made = inner._project(item, place, faults, rows, "", fallback, part_of, inherited)
                if embed.sets and carrier.row.get(embed.sets) is None:
                    carrier.row[embed.sets] = made.entity_id

    def _without_faults(
        self, document: Document, flat: dict[str, Any], error: ValidationError, where: str, faults: list[Fault]
    ) -> Row:
        origins: dict[str, str] = {}
        self._flatten(document, self._root, "", 0, {}, {}, [], origins)
        for name in dict.fromkeys(str(detail["loc"][0]) for detail in error.errors(include_url=False)):
            shown = _shown(flat.pop(name, None))
            path = f"{where}.{origins.get(name, name)}"
            expected = self.entity_type.column[name].expected
            faults.append(Fault(path, shown, f"{shown} cannot be read as {expected}"))
        return dict(self._validate(flat).__dict__)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN_VALUE else text[: _SHOWN_VALUE - 1] + "…"


def content_id(entity_type: str, document: Any) -> str:
    """A stable id for a document that has none: the same content of the same type gives the same id."""
    canonical = json.dumps(plain(document), sort_keys=True, separators=(",", ":"), default=jsonable)
    digest = hashlib.sha256(f"{entity_type}\n{canonical}".encode("utf-8", "surrogatepass")).hexdigest()
    return str(uuid.uuid5(CONTENT_IDS, digest))


@cache
def projection_of(entity_type: str) -> Projection:
    """The compiled projection of a declared entity type."""
    return Projection(ENTITY_TYPES[entity_type])


def embedded_entities(document: Any, where: str) -> Iterator[tuple[str, Document, str]]:
    """Known entities inside a document of a type that the model does not know: (entity type, document, place).

    Keys that name an entity type (``patient``, ``encounters``) hold entities; the search goes on below the others.
    """
    if isinstance(document, dict):
        for key, value in document.items():
            place = f"{where}.{key}"
            known = entity_type_named(key) if isinstance(value, (dict, list)) else None
            items = value if isinstance(value, list) else [value]
            if known is not None and items and all(isinstance(item, dict) for item in items):
                for number, item in enumerate(items):
                    yield known.name, item, f"{place}[{number}]" if isinstance(value, list) else place
            else:
                yield from embedded_entities(value, place)
    elif isinstance(document, list):
        for number, item in enumerate(document):
            if isinstance(item, (dict, list)):
                yield from embedded_entities(item, f"{where}[{number}]")
