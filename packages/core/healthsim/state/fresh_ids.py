"""The ids of a clone: which values of a document are ids or references, and what stands for them in the copy."""

from __future__ import annotations

import hashlib
import json
import re
import uuid

from healthsim.model import ENTITY_TYPES
from healthsim.model.entity import snake_case
from healthsim.state.intake import own_id_keys
from healthsim.state.statements import filled
from healthsim.state.tables import Tables

_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?')
#: the same, and numbers, and the ends of objects, behind which none of their keys holds
_STRING_OR_NUMBER = re.compile(_STRING.pattern + r"|(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|\}")
#: a reference of FHIR: what is before the id, and the id
_REFERENCE = re.compile(r"(?P<before>urn:uuid:|[A-Z][A-Za-z]+/)(?P<id>[A-Za-z0-9.-]+)")


def fresh_id(clone_id: str, old_id: str) -> str:
    """The id that stands for an old one in a clone; ``copy_bare_rows.sql`` computes the same."""
    return str(uuid.UUID(hashlib.md5(f"{clone_id}{old_id}".encode(), usedforsecurity=False).hexdigest()))


class FreshIds:
    """The ids of a scenario that is copied, and what stands for them in the clone.

    Texts are seldom equal to an id by chance, small numbers often are: a number is taken for an id only under a key
    that means one, and only for the id of an entity of a type that the key can mean.
    """

    def __init__(self, tables: Tables, clone_id: str) -> None:
        self.clone_id = clone_id
        self.ids: set[str] = set()
        self.numbers: dict[str, set[str]] = {}
        result = tables.execute(filled("entity_ids"))
        while rows := result.fetchmany(10_000):
            for entity_type, entity_id in rows:
                self.ids.add(entity_id)
                if entity_id[-1:].isdigit() and _STRING_OR_NUMBER.fullmatch(entity_id):
                    self.numbers.setdefault(entity_type, set()).add(entity_id)
        self.tokens = _STRING_OR_NUMBER if self.numbers else _STRING
        self.meant = {**_MEANT, "id": frozenset(self.numbers)}
        for entity_type in self.numbers.keys() - ENTITY_TYPES.keys():
            for name in own_id_keys(entity_type):
                self.meant[name] = self.meant.get(name, frozenset()) | {entity_type}

    def renewed(self, document: str, entity_type: str, entity_id: str) -> str:
        """A document whose ids and references stand for the clone's entities; nothing else in its text changes."""
        key = ""

        def renew(match: re.Match[str]) -> str:
            nonlocal key
            text = match.group(1)
            if text is None:
                number = match.group()
                if number == "}":
                    key = ""
                elif self._is_id(number, snake_case(key), entity_type, entity_id):
                    return f'"{fresh_id(self.clone_id, number)}"'
                return number
            if match.group(2) is not None:
                key = text
                return match.group()
            old_id = text if "\\" not in text else json.loads(f'"{text}"')
            led = _REFERENCE.fullmatch(old_id) if key == "reference" else None
            if led is not None and led["id"] in self.ids:
                # as FHIR refers: Patient/p1, urn:uuid:...
                return json.dumps(led["before"] + fresh_id(self.clone_id, led["id"]), ensure_ascii=False)
            if old_id not in self.ids or not _may_refer(key):
                return match.group()
            return f'"{fresh_id(self.clone_id, old_id)}"'

        return self.tokens.sub(renew, document)

    def _is_id(self, number: str, name: str, entity_type: str, entity_id: str) -> bool:
        known = ENTITY_TYPES.get(entity_type)
        if name == "entity_id" or (known is not None and name in known.model.natural_keys):
            # what identifies an entity outside stands for its id where it has no other
            return number == entity_id
        meant = self.meant.get(name) or self.meant.get(name.removesuffix("s")) or ()
        return any(number in self.numbers.get(item, ()) for item in meant)


def _may_refer(key: str) -> bool:
    name = snake_case(key)
    return name in _REFERRING or name.endswith(("_id", "_ids", "_mrn", "_npi"))


def _referring_keys() -> frozenset[str]:
    """The keys of documents under which the model expects an entity's id, or what identifies it outside."""
    keys = {"id"}
    for entity_type in ENTITY_TYPES.values():
        for column in entity_type.columns:
            if column.references or column.name in (entity_type.key, *entity_type.model.natural_keys):
                keys |= {column.name, *(alias.path.rpartition(".")[2] for alias in column.aliases)}
    return frozenset(keys - {"name", "code"})


_REFERRING = _referring_keys()


def _meant_by_keys() -> dict[str, frozenset[str]]:
    """Key of documents -> the entity types whose ids the model expects under it."""
    meant: dict[str, frozenset[str]] = {}
    for entity_type in ENTITY_TYPES.values():
        for column in entity_type.columns:
            target = column.references or (entity_type.name if column.name == entity_type.key else None)
            if target is not None:
                for name in (column.name, *(alias.path.rpartition(".")[2] for alias in column.aliases)):
                    meant[name] = meant.get(name, frozenset()) | {target}
    return meant


_MEANT = _meant_by_keys()
