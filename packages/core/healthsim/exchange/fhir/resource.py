"""What one kind of resource is made of: the table that it comes from, its elements, and the statement that writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from healthsim.db.sql import filled, literal
from healthsim.exchange.fhir.nodes import Const, Context, Each, Id, Items, Leaf, Many, Node, Obj, Ref, When
from healthsim.exchange.fhir.systems import EXTENSION, US_CORE
from healthsim.model import ENTITY_TYPES, EntityType

#: how a column without an element of its own is written, by the type of its values
_EXTENSION_FORMS = {
    "DATE": ("valueDate", """'"' || {}::VARCHAR || '"'"""),
    "TIMESTAMP": ("valueDateTime", """'"' || replace({}::VARCHAR, ' ', 'T') || 'Z"'"""),
    "BOOLEAN": ("valueBoolean", "{}::VARCHAR"),
    "INTEGER": ("valueInteger", "{}::VARCHAR"),
    "DOUBLE": ("valueDecimal", "{}::VARCHAR"),
    "JSON": ("valueString", "to_json({}::VARCHAR)"),
}
_TEXT = ("valueString", "to_json(nullif({}, ''))")
_DECIMAL = ("valueDecimal", "{}::VARCHAR")
_COLUMN = re.compile(r"\b[a-z]\w*\.[a-z]\w*")


def extension_form(sql_type: str) -> tuple[str, str]:
    """The element and the SQL of a value of a column in an extension."""
    return _DECIMAL if sql_type.startswith("DECIMAL") else _EXTENSION_FORMS.get(sql_type, _TEXT)


def extension_url(entity_type: EntityType, column: str) -> str:
    """The address of the extension that carries a column."""
    return f"{EXTENSION}{entity_type.name}-{column}"


@dataclass(frozen=True)
class Rows:
    """Rows of another table as an array in a resource: the lines of a claim.

    Attributes:
        many: the part that shows them.
        table: where they are; ``r`` in its item.
        by: SQL over ``r`` of what they are grouped by; ``key`` in ``on``.
        on: how a group is joined to the resource.
        order: their order.
    """

    many: Many
    table: str
    by: str
    on: str
    order: str
    where: str = "TRUE"

    def sql(self, context: Context) -> str:
        name = self.many.name
        return (
            f"LEFT JOIN (SELECT {self.by} AS key, '[' || string_agg({self.many.item.sql(context)}, ',' ORDER BY {self.order})"
            f" || ']' AS items FROM {{{self.table}}} AS r WHERE {self.where} GROUP BY {self.by}) AS {name} ON {self.on}"
        )


@dataclass(frozen=True)
class Resource:
    """One kind of resource.

    Attributes:
        type: of FHIR.
        table: whose rows they are, ``t`` in expressions; ``demographics`` for patients.
        id: SQL of the id.
        elements: what they have beside type, id and profile.
        profile: of US Core, by name.
        joins: SQL of further tables; names in braces are tables of the batch.
        rows: arrays of rows of other tables.
        where: which rows.
        carries: entity types, by alias: their columns that no element reads go into extensions.
        also: columns (``t.status``) that an element reads and does not always keep as they are, with the condition (SQL)
            under which they go there as well.
        shared: it belongs to no patient.
    """

    type: str
    table: str
    id: str
    elements: Mapping[str, Node]
    profile: str = ""
    joins: str = ""
    rows: tuple[Rows, ...] = ()
    where: str = "TRUE"
    carries: Mapping[str, str] = field(default_factory=dict)
    also: Mapping[str, str] = field(default_factory=dict)
    shared: bool = False

    @cached_property
    def parts(self) -> Obj:
        """The whole resource."""
        members: dict[str, Node] = {"resourceType": Const(self.type), "id": Id(self.id)}
        if self.profile:
            members["meta"] = Const({"profile": [US_CORE + self.profile]})
        members |= self.elements
        read = {name for node in (Id(self.id), *self.elements.values()) for name in columns_read(node)}
        carried = [
            node
            for alias, name in self.carries.items()
            for node in extensions(ENTITY_TYPES[name], alias, read, self.also)
        ]
        if carried:
            own = members.get("extension")
            members["extension"] = Items(*(own.nodes if isinstance(own, Items) else ()), *carried)
        return Obj(members, needs=("id",))

    def statement(self, context: Context, places: Mapping[str, str], end: str = "") -> str:
        """The SQL of (ordinal, reference, text) of the resources of a batch."""
        ordinal = "NULL::BIGINT" if self.shared else "t.patient_ordinal"
        source = "\n".join([f"FROM {{{self.table}}} AS t", self.joins, *(rows.sql(context) for rows in self.rows)])
        return (
            f"SELECT {ordinal} AS ordinal, {literal(self.type + '/')} || {context.id(self.id)} AS reference,"
            f" {self.parts.whole(context, end)} AS text\n{filled(source, places)}\nWHERE {self.where}"
        )

    def references(self) -> Iterator[Ref]:
        """The references that come from columns which may lead to nothing."""
        for node in (*self.elements.values(), *(rows.many.item for rows in self.rows)):
            yield from (part for part in parts_of(node) if isinstance(part, Ref))


def left_over(known: EntityType, alias: str, read: set[str], also: Mapping[str, str]) -> Iterator[str]:
    """The columns of a type that no element reads, but for its key and its patient."""
    for column in known.column:
        name = f"{alias}.{column}"
        if column not in (known.key, "patient_id") and also.get(name, "FALSE" if name in read else "TRUE") != "FALSE":
            yield column


def extensions(known: EntityType, alias: str, read: set[str], also: Mapping[str, str]) -> list[Node]:
    """The extensions that carry these columns."""
    return [
        _extension(known, column, alias, also.get(f"{alias}.{column}"))
        for column in left_over(known, alias, read, also)
    ]


def _extension(known: EntityType, column: str, alias: str, condition: str | None) -> Node:
    element, form = extension_form(known.column[column].sql_type)
    node = Obj({"url": Const(extension_url(known, column)), element: Leaf(f"{alias}.{column}", form)})
    return node if condition is None or condition == "TRUE" else When(condition, node)


def columns_read(node: Node) -> set[str]:
    """The columns (``t.code``) that the values of a part are made of; those of conditions are not."""
    names: set[str] = set()
    for part in parts_of(node):
        expression = part.list if isinstance(part, Each) else getattr(part, "expression", "")
        names.update(_COLUMN.findall(expression))
    return names


def parts_of(node: object) -> Iterator[Node]:
    """A part and everything below it."""
    if isinstance(node, Node):
        yield node
        for inner in vars(node).values():
            yield from parts_of(inner)
    elif isinstance(node, Mapping):
        for inner in node.values():
            yield from parts_of(inner)
    elif isinstance(node, tuple):
        for inner in node:
            yield from parts_of(inner)
