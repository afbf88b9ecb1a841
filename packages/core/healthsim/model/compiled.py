"""Functions that read documents of one shape: the usual case of a projection, written out as Python once per shape.

Documents of one source look alike. The first of its kind tells which key leads to which column; what follows from that is
compiled, so that for each further one only its values are looked at. A document that looks otherwise, or has a value that
cannot be read, is left to the projection itself, which knows every case and finds the words for faults.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import InvalidOperation
from typing import TYPE_CHECKING, Any, get_args

from healthsim.model.entity import snake_case
from healthsim.model.types import STANDARD_TYPES, Text

if TYPE_CHECKING:
    from healthsim.model.entity import Convert, Embed, EntityType

#: a document -> its columns, without those that it says nothing of; None where it looks otherwise. What it carries is appended
Read = Callable[[Mapping[str, Any], list[tuple["Embed", str, Any]]], dict[str, Any] | None]

#: shapes of one type that are compiled; keys of one document that are looked at; what containers in it may be like
_SHAPES, _KEYS, _VARIANTS = 256, 200, 4
#: texts of one column whose reading is remembered: codes and days come again and again
_REMEMBERED = 4_096
#: keys as documents spell them that are remembered at one place
_REMEMBERED_KEYS = 4_096
#: ranks from here on are never taken
_NO_RANK = 1_000
_CANNOT_BE_READ = (ValueError, OverflowError, InvalidOperation, TypeError)
_UNREAD = object()


@dataclass(slots=True)
class Node:
    """What the model knows about one key of a document: columns it feeds, keys below it, entities it holds."""

    targets: list[tuple[str, int, Convert | None]] = field(default_factory=list)
    children: dict[str, Node] = field(default_factory=dict)
    embed: Embed | None = None
    transparent: bool = False
    #: keys as documents spell them, once seen: the child that they lead to, or None
    spelled: dict[str, Node | None] = field(default_factory=dict)

    def child(self, key: str) -> Node:
        return self.children.setdefault(key, Node())

    def learn(self, key: str) -> Node | None:
        """The child of a key as a document spells it; remembered, for a bounded number of keys."""
        known = self.children.get(key) or self.children.get(snake_case(key))
        if len(self.spelled) < _REMEMBERED_KEYS:
            self.spelled[key] = known
        return known


class _Uncommon(Exception):
    """The shape has something that only the projection itself can handle."""


class Compiled:
    """The functions of one entity type, by the keys of documents.

    Args:
        entity_type: the type.
        root: what the model knows about keys.
        validate: columns -> the instance of the model that has them.
        moved: the rank of a key that stands for another column.
    """

    def __init__(self, entity_type: EntityType, root: Node, validate: Callable[[Any], Any], moved: int) -> None:
        self._root = root
        self._moved = moved
        self._columns = {column.name: _reader_of(entity_type, column.name, validate) for column in entity_type.columns}
        self._shapes: dict[tuple[str, ...], list[Read]] = {}

    def read(self, document: Mapping[str, Any], carried: list[tuple[Embed, str, Any]]) -> dict[str, Any] | None:
        """The columns of a document, and what it carries appended; None where that is a case for the projection itself."""
        shape = tuple(document)
        functions = self._shapes.get(shape)
        if functions is None:
            if len(self._shapes) >= _SHAPES or len(shape) > _KEYS:
                return None
            functions = self._shapes[shape] = []
        try:
            for function in functions:
                row = function(document, carried)
                if row is not None:
                    return row
                carried.clear()
            if len(functions) >= _VARIANTS:
                return None
            function = self._compile(document)
            functions.append(function)
            return function(document, carried)
        except _Uncommon:
            # not tried again and again
            functions.append(_never)
        except _CANNOT_BE_READ:
            pass
        carried.clear()
        return None

    def _compile(self, document: Mapping[str, Any]) -> Read:
        """The function for documents that look like this one."""
        shape = _Shape(self._moved)
        shape.walk(document, self._root, "d", "", 0)
        lines = [*shape.checks, *shape.carries]
        known: dict[str, Any] = {"carried_by": shape.embeds, **shape.known}
        for place, (name, candidates) in enumerate(shape.candidates.items()):
            candidates.sort(key=lambda candidate: candidate.rank)
            lines += [f"v = {candidates[0].value}"]
            for candidate in candidates[1:]:
                lines += ["if v is None:", f"    v = {candidate.value}"]
            reader, remembered = self._columns[name]
            known[f"read_{place}"] = reader
            if remembered is None:
                # text: what is text already is taken as it is, unless it has half a character in it
                lines += [
                    "if v is not None and (v.__class__ is not str or not v.isascii()):",
                    f"    v = read_{place}(v)",
                ]
            else:
                known[f"memory_{place}"] = remembered
                lines += [
                    "if v is not None:",
                    f"    r = memory_{place}.get(v, unread) if v.__class__ is str else unread",
                    f"    v = read_{place}(v) if r is unread else r",
                ]
            lines.append(f"c{place} = v")
        columns = ", ".join(f"{name!r}: c{place}" for place, name in enumerate(shape.candidates))
        lines.append(f"return {{{columns}}}")
        text = "def function(d, carried):\n" + "\n".join(f"    {line}" for line in lines)
        space = {"unread": _UNREAD, "call": _call, **known}
        # the text is made of names of columns and of quoted keys
        exec(compile(text, f"<documents with {', '.join(map(str, document))[:80]}>", "exec"), space)
        function: Read = space["function"]
        return function


@dataclass(slots=True)
class _Candidate:
    """A place in documents where a column may stand: its rank, and the Python that gives its value."""

    rank: int
    value: str


@dataclass(slots=True)
class _Shape:
    """What a document looks like."""

    moved: int
    #: statements that end the function where a document looks otherwise
    checks: list[str] = field(default_factory=list)
    carries: list[str] = field(default_factory=list)
    embeds: list[Embed] = field(default_factory=list)
    candidates: dict[str, list[_Candidate]] = field(default_factory=dict)
    #: names that the statements use -> what they stand for
    known: dict[str, Any] = field(default_factory=dict)
    containers: int = 0

    def walk(self, document: Mapping[str, Any], node: Node, variable: str, path: str, penalty: int) -> None:
        """Note what the keys of a document, or of an object inside it, lead to."""
        for key, value in document.items():
            known = node.spelled.get(key) or node.learn(key)
            if known is None:
                continue
            place = f"{variable}[{key!r}]"
            if known.children or known.embed is not None or known.transparent:
                self._container(key, value, known, node, place, path, penalty)
            else:
                self._targets(known.targets, place, penalty)

    def _container(self, key: str, value: Any, known: Node, node: Node, place: str, path: str, penalty: int) -> None:
        """A key that may lead to more than a value: documents are like this one if there is the same behind it."""
        kind = type(value)
        if kind is not dict and kind is not list:
            self.checks += [f"v = {place}", "if v.__class__ is dict or v.__class__ is list:", "    return None"]
            self._targets(known.targets, place, penalty)
            return
        if kind is list and (known.children or known.transparent):
            raise _Uncommon
        inner = f"s{self.containers}"
        self.containers += 1
        self.checks += [f"{inner} = {place}", f"if {inner}.__class__ is not {kind.__name__}:", "    return None"]
        if known.embed is not None and not known.transparent:
            self.carries.append(f"carried.append((carried_by[{len(self.embeds)}], {path + key!r}, {inner}))")
            self.embeds.append(known.embed)
        if known.children or known.transparent:
            if len(value) > _KEYS:
                raise _Uncommon
            self.checks += [f"if tuple({inner}) != {tuple(value)!r}:", "    return None"]
        if known.transparent:
            self.walk(value, node, inner, f"{path}{key}.", penalty + 100)
            return
        if known.children:
            self.walk(value, known, inner, f"{path}{key}.", penalty)
        self._targets([target for target in known.targets if target[2] is not None], place, penalty)

    def _targets(self, targets: Sequence[tuple[str, int, Convert | None]], place: str, penalty: int) -> None:
        for name, rank, convert in targets:
            if rank + penalty >= _NO_RANK or rank == self.moved:
                raise _Uncommon
            value = place
            if convert is not None:
                function = f"convert_{len(self.known)}"
                self.known[function] = convert
                value = f"call({function}, {place})"
            self.candidates.setdefault(name, []).append(_Candidate(rank + penalty, value))


def _call(convert: Convert, value: Any) -> Any:
    return None if value is None else convert(value)


def _never(document: Mapping[str, Any], carried: list[Any]) -> None:
    """For shapes that are not compiled."""


def _reader_of(
    entity_type: EntityType, name: str, validate: Callable[[Any], Any]
) -> tuple[Callable[[Any], Any], dict[str, Any] | None]:
    """How a value of a column is read, and what readings are remembered; None for a column that takes text as it is."""

    def by_model(value: Any) -> Any:
        return getattr(validate({name: value}), name)

    metadata = entity_type.model.model_fields[name].metadata
    if _same(metadata, get_args(Text)[1:]):
        return by_model, None
    standard = next((function for kind, function in STANDARD_TYPES if _same(metadata, get_args(kind)[1:])), None)
    read = by_model if standard is None else _unless_empty(standard)
    remembered: dict[str, Any] = {}

    def remembering(value: Any) -> Any:
        result = read(value)
        if value.__class__ is str and len(remembered) < _REMEMBERED:
            remembered[value] = result
        return result

    return remembering, remembered


def _unless_empty(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value == "" else read(value)


def _same(metadata: Sequence[Any], declared: Sequence[Any]) -> bool:
    return len(metadata) == len(declared) and all(map(operator.is_, metadata, declared))
