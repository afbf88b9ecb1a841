"""How a FHIR element is declared: a tree of small parts, from which the SQL that writes it and the page about it follow.

A part is compiled to a piece of SQL that gives the element as JSON text, or NULL where there is nothing to say: FHIR
knows no empty elements. Texts are escaped by the engine (``to_json``), so that a resource is written where its rows are.
"""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from healthsim.db.sql import literal
from healthsim.exchange.fhir.pieces import Optional, Piece, Text, Value, chosen, joined, side_by_side

#: what the identifiers of FHIR may look like
FHIR_ID = r"[A-Za-z0-9\-.]{1,64}"
_COLUMN = re.compile(r"\b[a-z]\w*\.([a-z]\w*)")
_SHOWN = 90
#: the form of a value in quotation marks
_QUOTED_FORM = re.compile(r"'([^']*)' \|\| ((?:(?! \|\| ).)+) \|\| '([^']*)'")


@dataclass(frozen=True)
class Context:
    """What has to be known of a scenario to compile its statements.

    Attributes:
        plain_ids: every id of the scenario can be one of FHIR as it is.
        dangling: ``table.column`` of references that lead to nothing in some rows: these are looked up.
        organizations: some providers are organisations.
    """

    plain_ids: bool = True
    dangling: frozenset[str] = frozenset()
    organizations: bool = False

    def id(self, value: str) -> str:
        """The SQL of the id of a resource: ours, or what stands for one that FHIR does not allow."""
        if self.plain_ids:
            return value
        return f"(CASE WHEN regexp_full_match({value}, '{FHIR_ID}') THEN {value} ELSE 'id-' || md5({value}) END)"


class Node(ABC):
    """A part of a resource."""

    @abstractmethod
    def pieces(self, context: Context) -> Sequence[Piece]:
        """What the JSON text of it is made of."""

    def sql(self, context: Context) -> str:
        """The SQL of the JSON text of it; NULL where there is nothing."""
        return joined(self.pieces(context))

    @abstractmethod
    def leaves(self, path: str) -> Iterator[tuple[str, str]]:
        """(element, what it comes from) of everything below, for the page."""

    @property
    def constant(self) -> str | None:
        """The JSON text, where it does not depend on a row."""
        return None


@dataclass(frozen=True)
class Const(Node):
    """A value that every resource of the kind has."""

    value: Any

    @property
    def constant(self) -> str | None:
        return json.dumps(self.value, ensure_ascii=False, separators=(",", ":"))

    def pieces(self, context: Context) -> Sequence[Piece]:
        return (Text(self.constant or ""),)

    def leaves(self, path: str) -> Iterator[tuple[str, str]]:
        yield from _of_constant(path, self.value)


@dataclass(frozen=True)
class Leaf(Node):
    """A value of a row.

    Attributes:
        expression: SQL over the aliases of the resource.
        form: how the JSON text is made of it, ``{}`` being the expression.
        source: what the page says it comes from, where that is not the columns of the expression.
    """

    expression: str
    form: str = "to_json({})"
    source: str = ""

    def pieces(self, context: Context) -> Sequence[Piece]:
        quoted = _QUOTED_FORM.fullmatch(self.form)
        if quoted is None:
            return (Value(self.form.replace("{}", self.expression)),)
        before, form, after = quoted.groups()
        return Text(before), Value(form.replace("{}", self.expression)), Text(after)

    def leaves(self, path: str) -> Iterator[tuple[str, str]]:
        yield path, self.source or columns_of(self.expression)


@dataclass(frozen=True)
class Id(Node):
    """The id of a resource."""

    expression: str

    def pieces(self, context: Context) -> Sequence[Piece]:
        return Text('"'), Value(context.id(self.expression)), Text('"')

    def leaves(self, path: str) -> Iterator[tuple[str, str]]:
        yield path, columns_of(self.expression)


@dataclass(frozen=True)
class Ref(Node):
    """A reference to another resource.

    Attributes:
        type: of FHIR.
        expression: SQL of the id.
        column: ``table.column`` that it comes from, where it may lead to nothing.
    """

    type: str
    expression: str
    column: str = ""

    def pieces(self, context: Context) -> Sequence[Piece]:
        value = self.expression
        kind: list[Piece] = [Text(f"{self.type}/")]
        if self.type == "Practitioner" and context.organizations:
            is_one = f"{value} IN (SELECT provider_id FROM organization_providers)"
            kind = [Value(f"CASE WHEN {is_one} THEN 'Organization/' ELSE 'Practitioner/' END")]
        pieces = [Text('{"reference":"'), *kind, Value(context.id(value)), Text('"}')]
        if self.column in context.dangling:
            target = self.column.replace(".", "_")
            return (Value(f"CASE WHEN {value} IN (SELECT id FROM known_{target}) THEN {joined(pieces)} END"),)
        return pieces

    def leaves(self, path: str) -> Iterator[tuple[str, str]]:
        yield path, f"{self.type}: {columns_of(self.expression)}"


@dataclass(frozen=True)
class Obj(Node):
    """An object: there where all that it ``needs`` is, or, where nothing is named, where one of its values is."""

    members: Mapping[str, Node]
    needs: tuple[str, ...] = ()

    @property
    def constant(self) -> str | None:
        texts = {name: node.constant for name, node in self.members.items()}
        if any(text is None for text in texts.values()):
            return None
        return "{" + ",".join(f'"{name}":{text}' for name, text in texts.items()) + "}"

    def pieces(self, context: Context) -> Sequence[Piece]:
        if (constant := self.constant) is not None:
            return (Text(constant),)
        fixed = [f'"{name}":{node.constant}' for name, node in self.members.items() if node.constant is not None]
        varying = [name for name, node in self.members.items() if node.constant is None]
        needed = varying if len(varying) == 1 else [name for name in varying if name in self.needs]
        pieces: list[Piece] = [Text("{" + ",".join(fixed))]
        for number, name in enumerate(needed):
            comma = "," if fixed or number else ""
            pieces += [Text(f'{comma}"{name}":'), *self.members[name].pieces(context)]
        optional = tuple(self._member(name, context) for name in varying if name not in needed)
        if optional:
            pieces.append(Optional(optional, needed=not needed, opens=not needed and not fixed))
        return [*pieces, Text("}")]

    def _member(self, name: str, context: Context) -> tuple[Piece, ...]:
        return side_by_side([Text(f',"{name}":'), *self.members[name].pieces(context)])

    def whole(self, context: Context, end: str) -> str:
        """The same for a resource, which is always there, in one piece, with what follows it."""
        fixed = [f'"{name}":{node.constant}' for name, node in self.members.items() if node.constant is not None]
        parts = [literal("{" + ",".join(fixed))]
        parts += [joined(self._member(name, context)) for name, node in self.members.items() if node.constant is None]
        return f"concat({', '.join([*parts, literal('}' + end)])})"

    def leaves(self, path: str) -> Iterator[tuple[str, str]]:
        for name, node in self.members.items():
            yield from node.leaves(f"{path}.{name}" if path else name)


@dataclass(frozen=True, init=False)
class Items(Node):
    """An array of those of its parts that are there."""

    nodes: tuple[Node, ...]

    def __init__(self, *nodes: Node) -> None:
        object.__setattr__(self, "nodes", nodes)

    @property
    def constant(self) -> str | None:
        texts = [node.constant for node in self.nodes]
        return None if None in texts else f"[{','.join(text or '' for text in texts)}]"

    def pieces(self, context: Context) -> Sequence[Piece]:
        if (constant := self.constant) is not None:
            return (Text(constant),)
        if len(self.nodes) == 1:
            return [Text("["), *self.nodes[0].pieces(context), Text("]")]
        parts = tuple(side_by_side([Text(","), *node.pieces(context)]) for node in self.nodes)
        return [Text("["), Optional(parts, needed=True, opens=True), Text("]")]

    def leaves(self, path: str) -> Iterator[tuple[str, str]]:
        for node in self.nodes:
            yield from node.leaves(f"{path}[]")


@dataclass(frozen=True)
class Switch(Node):
    """What a word of ours is in FHIR: a value by word, and what becomes of other words."""

    expression: str
    cases: Mapping[str, Node]
    otherwise: Node | None = None

    def pieces(self, context: Context) -> Sequence[Piece]:
        of_words = {word: node.pieces(context) for word, node in self.cases.items()}
        of_others = None if self.otherwise is None else self.otherwise.pieces(context)
        if (merged := chosen(self.expression, of_words, of_others)) is not None:
            return merged
        cases = " ".join(f"WHEN {literal(word)} THEN {joined(pieces)}" for word, pieces in of_words.items())
        rest = "" if of_others is None else f" ELSE {joined(of_others)}"
        return (Value(f"CASE lower({self.expression}) {cases}{rest} END"),)

    def leaves(self, path: str) -> Iterator[tuple[str, str]]:
        yield path, f"{columns_of(self.expression)}, by word"


@dataclass(frozen=True)
class When(Node):
    """A part that is there under a condition, and what is there otherwise."""

    condition: str
    node: Node
    otherwise: Node | None = None

    def pieces(self, context: Context) -> Sequence[Piece]:
        rest = "" if self.otherwise is None else f" ELSE {self.otherwise.sql(context)}"
        return (Value(f"CASE WHEN {self.condition} THEN {self.node.sql(context)}{rest} END"),)

    def leaves(self, path: str) -> Iterator[tuple[str, str]]:
        yield from self.node.leaves(path)
        if self.otherwise is not None:
            yield from self.otherwise.leaves(path)


@dataclass(frozen=True)
class Each(Node):
    """An array with an item for each value of a list.

    Attributes:
        list: SQL of a list of texts; ``item`` reads its values as ``value`` and their numbers, from 1, as ``number``.
    """

    list: str
    item: Node

    def pieces(self, context: Context) -> Sequence[Piece]:
        made = f"list_transform({self.list}, lambda value, number: {self.item.sql(context)})"
        return Text("["), Value(f"nullif(array_to_string({made}, ','), '')"), Text("]")

    def leaves(self, path: str) -> Iterator[tuple[str, str]]:
        for element, source in self.item.leaves(f"{path}[]"):
            yield element, source if source else columns_of(self.list)


@dataclass(frozen=True)
class Many(Node):
    """An array of parts that are rows of another table: the lines of a claim. ``Resource.joins`` makes them."""

    name: str
    item: Node

    def pieces(self, context: Context) -> Sequence[Piece]:
        return (Value(f"{self.name}.items"),)

    def leaves(self, path: str) -> Iterator[tuple[str, str]]:
        yield from self.item.leaves(f"{path}[]")


def columns_of(expression: str) -> str:
    """The columns that an expression reads, for the page."""
    return ", ".join(dict.fromkeys(_COLUMN.findall(expression)))


def _of_constant(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _of_constant(f"{path}.{name}", inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _of_constant(f"{path}[]", inner)
    else:
        text = json.dumps(value, ensure_ascii=False)
        yield path, text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


# -- leaves by the types of FHIR --------------------------------------------------------------------------------


def text(expression: str, source: str = "") -> Leaf:
    """A string."""
    return Leaf(expression, "to_json(nullif({}, ''))", source)


def code(expression: str, source: str = "") -> Leaf:
    """A code: no white space at its ends."""
    return Leaf(expression, "to_json(nullif(trim({}), ''))", source)


def date(expression: str) -> Leaf:
    """A date."""
    return Leaf(expression, """'"' || {}::DATE::VARCHAR || '"'""")


def instant(expression: str) -> Leaf:
    """A time: what the model keeps is UTC, and says so."""
    return Leaf(expression, """'"' || replace({}::VARCHAR, ' ', 'T') || 'Z"'""")


def number(expression: str, source: str = "") -> Leaf:
    """A number as the engine spells it."""
    return Leaf(expression, "{}::VARCHAR", source)


def money(expression: str) -> Obj:
    """An amount in dollars."""
    return Obj({"value": number(expression), "currency": Const("USD")})


def period(start: Node, end: Node) -> Obj:
    """A period, open where an end is not known."""
    return Obj({"start": start, "end": end})


# -- concepts --------------------------------------------------------------------------------------------------


def coding(system: str | Node, value: Node, display: Node | None = None) -> Obj:
    """A code in a system."""
    members: dict[str, Node] = {"system": Const(system) if isinstance(system, str) else system, "code": value}
    if display is not None:
        members["display"] = display
    return Obj(members, needs=("code",))


def concept(*codings: Node, text: Node | None = None) -> Obj:
    """A CodeableConcept."""
    members: dict[str, Node] = {"coding": Items(*codings)} if codings else {}
    if text is not None:
        members["text"] = text
    return Obj(members)


def fixed(system: str, value: str, display: str = "", text: str = "") -> Const:
    """A CodeableConcept that never changes."""
    coded = {"system": system, "code": value} | ({"display": display} if display else {})
    return Const({"coding": [coded]} | ({"text": text} if text else {}))


def words(expression: str, system: str, known: Mapping[str, tuple[str, str]], *, keep: bool = True) -> Switch:
    """A CodeableConcept of a word of ours: word -> (code, display); the word stays as text, others have only that."""
    cases: dict[str, Node] = {
        word: Obj({"coding": Const([{"system": system, "code": value, "display": display}]), "text": text(expression)})
        for word, (value, display) in known.items()
    }
    return Switch(expression, cases, concept(text=text(expression)) if keep else None)
