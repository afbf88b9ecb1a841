"""How an entity type is declared, and what can be read off its declaration.

One class per entity type, one line per column. DDL, the projection of documents to rows, messages,
the schema reference and JSON Schema are all derived from here; there is no second list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from healthsim.model.types import Sql

Convert = Callable[[Any], Any]


@dataclass(frozen=True)
class Alias:
    """Another place in a document where a column's value may stand.

    ``path`` is dotted (``name.given_name``, ``diagnoses.0.code``). ``convert`` turns what stands there
    into the column's terms, or into ``None`` where it says nothing about it.
    """

    path: str
    convert: Convert | None = None


@dataclass(frozen=True)
class Embed:
    """Entities that documents of a type carry inside them: the claim lines of a claim.

    ``paths`` are the keys under which they stand, ``entity_type`` is their type. With ``sets``, the
    entity is one that the document only refers to (its provider, its facility), and its id is what
    that column of the carrier refers to.
    """

    entity_type: str
    paths: tuple[str, ...]
    sets: str | None = None


@dataclass(frozen=True)
class Column:
    """One typed column of a canonical table."""

    name: str
    sql_type: str
    expected: str
    meaning: str
    unit: str | None
    code_system: str | None
    example: Any
    aliases: tuple[Alias, ...]
    references: str | None
    moved_from: str | None
    implied_by: str | None


def column(
    meaning: str,
    *,
    aliases: str | tuple[str | Alias, ...] = (),
    convert: Mapping[str, Convert] | None = None,
    unit: str | None = None,
    system: str | None = None,
    example: Any = None,
    references: str | None = None,
    moved_from: str | None = None,
    implied_by: str | None = None,
) -> Any:
    """Declare a column: its meaning, and where older documents carry it.

    Args:
        meaning: one line, for the schema reference and for error messages.
        aliases: other paths, in the order in which they are tried; one string holds several, separated by spaces.
        convert: alias path -> function, for paths that need translation.
        unit: UCUM or currency unit of the values.
        system: the code system that the values come from.
        example: a value as it appears in documents.
        references: the entity type whose key this column holds; by default it follows from the
            name (``patient_id`` and ``attending_provider_id`` end in the key of a type).
        moved_from: another column of the same type whose key, when this column has no key of
            its own in a document, means this column instead.
        implied_by: another reference of the same type, to an entity that has this column too: where a
            document leaves this one out, it is read there (the patient of a diagnosis, from its encounter).
    """
    names = aliases.split() if isinstance(aliases, str) else aliases
    listed = [name if isinstance(name, Alias) else Alias(name) for name in names]
    listed += [Alias(path, function) for path, function in (convert or {}).items()]
    declared = {
        "unit": unit,
        "code_system": system,
        "aliases": tuple(listed),
        "references": references,
        "moved_from": moved_from,
        "implied_by": implied_by,
    }
    examples = None if example is None else [example]
    return Field(default=None, description=meaning, examples=examples, json_schema_extra=_Declared(declared))


class _Declared:
    """The parts of a column that pydantic has no place for; shown in JSON Schema as ``x-`` keys."""

    def __init__(self, declared: dict[str, Any]) -> None:
        self.declared = declared

    def __call__(self, schema: dict[str, Any]) -> None:
        schema.pop("default", None)
        schema.pop("title", None)
        for key in ("unit", "code_system", "references"):
            if self.declared[key]:
                schema["x-" + key.replace("_", "-")] = self.declared[key]
        aliases = [alias.path for alias in self.declared["aliases"]]
        if aliases:
            schema["x-aliases"] = aliases


class Entity(BaseModel):
    """The base of every entity type. A subclass is the type; its docstring is the type's meaning."""

    model_config = ConfigDict(extra="ignore", defer_build=True, arbitrary_types_allowed=True)

    #: entity families, in the order of the documentation: core, clinical, claims, pharmacy ...
    family: ClassVar[str] = ""
    #: column names, besides the key, that identify the entity in the outside world (an MRN, an NPI);
    #: references that hold such a value are resolved to the key.
    natural_keys: ClassVar[tuple[str, ...]] = ()
    #: what its documents carry inside them.
    embeds: ClassVar[tuple[Embed, ...]] = ()
    #: keys of documents whose contents are read as if they stood one level higher.
    transparent: ClassVar[tuple[str, ...]] = ()
    #: of events that go on over years, the column that says when each was: files of them are divided by its year.
    dated_by: ClassVar[str | None] = None
    #: irregular plural, where the rules of English do not give it.
    irregular_plural: ClassVar[str] = ""


class EntityType:
    """What a declaration says: names, key, columns, references."""

    def __init__(self, model: type[Entity]) -> None:
        self.model = model
        self.name = _snake(model.__name__)
        self.plural = model.irregular_plural or plural_of(self.name)
        self.key = f"{self.name}_id"
        self.family = model.family
        self.dated_by = model.dated_by
        self.meaning = " ".join((model.__doc__ or "").split())

    def __repr__(self) -> str:
        return f"<EntityType {self.name}>"

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The typed columns, key first, in the order of the declaration."""
        fields = self.model.model_fields
        order = sorted(fields, key=lambda name: name != self.key)
        return tuple(_column_of(name, fields[name], self.key) for name in order)

    @cached_property
    def column(self) -> Mapping[str, Column]:
        """The typed columns by name."""
        return {column.name: column for column in self.columns}

    @cached_property
    def references(self) -> tuple[Column, ...]:
        """The columns that hold the key of an entity (of another one, or of the same type)."""
        return tuple(column for column in self.columns if column.references)


def _column_of(name: str, field: FieldInfo, key: str) -> Column:
    sql = next((part for part in field.metadata if isinstance(part, Sql)), None)
    extra = field.json_schema_extra
    if sql is None or not isinstance(extra, _Declared):
        raise TypeError(f"{name}: declare it with a column type and column(...)")
    declared = extra.declared
    return Column(
        name=name,
        sql_type=sql.name,
        expected=sql.expected,
        meaning=field.description or "",
        unit=declared["unit"],
        code_system=declared["code_system"],
        example=field.examples[0] if field.examples else None,
        aliases=declared["aliases"],
        references=None if name == key else declared["references"],
        moved_from=declared["moved_from"],
        implied_by=declared["implied_by"],
    )


_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def _snake(name: str) -> str:
    return _WORD_START.sub("_", name).lower()


def snake_case(key: str) -> str:
    """A key of a document in the spelling of the model: ``claimId`` and ``claim-id`` become ``claim_id``."""
    return _snake(key.replace("-", "_").replace(" ", "_")) if not key.islower() or "-" in key or " " in key else key


def plural_of(name: str) -> str:
    """The English plural of a snake_case noun: diagnosis -> diagnoses, pharmacy -> pharmacies."""
    if name.endswith("sis"):
        return name[:-2] + "es"
    if name.endswith("index"):
        return name[:-2] + "ices"
    if name.endswith("y") and name[-2] not in "aeiou":
        return name[:-1] + "ies"
    return name + "s"
