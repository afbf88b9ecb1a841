"""The rules as they are declared: one file ``rules/<name>.sql`` each; there is no other list.

A file starts with a comment: what the rule says, ``severity:``, and what it looks at. ``columns:`` names tables that
must all have rows for there to be something to check, ``any of:`` tables of which one is enough. The query returns the
violations: their ``id`` first, then the facts that show what is wrong. It reads the tables of the scenario under their
bare names, and ``lives`` and the like, which are the statements of ``sql/``.

``each:`` makes a rule of many: its query is run for every entity type, reference or column of the model that is
meant, with ``{table}``, ``{id}``, ``{column}`` ... filled in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from healthsim.db.sql import filled, sql_text
from healthsim.model import ENTITY_TYPES, PERSON_ROLES, EntityType

PACKAGE = "healthsim.generation.coherence"
SEVERITIES = ("fail", "warn", "fail when generated")
#: queries that several rules share, by the name under which they read them
PARTS: Mapping[str, str] = {
    name: sql_text(PACKAGE, name) for name in ("lives", "diagnosis_codes", "cost_sharing", "deliveries", "codes_in_use")
}
#: dates of paperwork and of plans (of journeys, too): they may lie after a death, or after the last day of care
PAPERWORK = frozenset(
    "received_date adjudicated_date paid_date remittance_date resulted_datetime scheduled_datetime expiration_date coverage_end"
    " resolved_date termination_recorded end_date completion_date discontinuation_date planned_date".split()
)
_KEY = re.compile(r"-- (severity|columns|any of|each|applies): (.*)")

Names = Mapping[str, str]


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        name: of its file.
        says: what must hold, in a sentence.
        severity: ``fail``, ``warn``, or ``fail when generated``: a warning for scenarios that came from elsewhere, in
            which parts may be missing or conventions differ.
        columns: what it looks at, as ``table.column``.
        needs_all: whether there is nothing to check unless all of their tables have rows.
        each: what the query is repeated for, or None.
        generated_only: it makes no sense for scenarios that were not generated.
        body: the query, with its placeholders.
    """

    name: str
    says: str
    severity: str
    columns: tuple[str, ...]
    needs_all: bool
    each: str | None
    generated_only: bool
    body: str

    def queries(self, present: Mapping[str, int]) -> list[str]:
        """Its queries over the tables that have rows; none where there is nothing to check.

        Args:
            present: plural -> rows of the scenario.
        """
        if self.each is not None:
            return [filled(self.body, names) for names in _repetitions(self.each) if _has_rows(names, present)]
        tables = {column.partition(".")[0] for column in self.columns}
        enough = all if self.needs_all else any
        return [self.body] if enough(table in present for table in tables) else []


def _has_rows(names: Names, present: Mapping[str, int]) -> bool:
    """A reference to a table without rows is an orphan; what is compared with one has nothing to be compared with."""
    return names["plural"] in present and (names["target"] in present if "via" in names else True)


# -- what a rule is repeated for ------------------------------------------------------------------------------


def _types() -> Iterator[Names]:
    for entity_type in ENTITY_TYPES.values():
        yield _names(entity_type)


def _references() -> Iterator[Names]:
    for entity_type in ENTITY_TYPES.values():
        for column in entity_type.references:
            target = ENTITY_TYPES[column.references or ""]
            yield _names(entity_type, column.name) | {"target": target.plural, "target_id": target.key}


def _implied() -> Iterator[Names]:
    """References that another reference implies: the patient of a diagnosis, by its encounter."""
    for entity_type in ENTITY_TYPES.values():
        for column in entity_type.references:
            if column.implied_by:
                target = ENTITY_TYPES[entity_type.column[column.implied_by].references or ""]
                yield _names(entity_type, column.name) | {
                    "via": column.implied_by,
                    "target": target.plural,
                    "target_id": target.key,
                }


def _roles() -> Iterator[Names]:
    """The types of which each row is a human being in a role."""
    for name in PERSON_ROLES:
        if name != "person":
            yield _names(ENTITY_TYPES[name])


def _dated() -> Iterator[Names]:
    """The dates and times of what is recorded about patients."""
    for entity_type in ENTITY_TYPES.values():
        if "patient_id" in entity_type.column and entity_type.key != "patient_id":
            for column in entity_type.columns:
                if column.sql_type in ("DATE", "TIMESTAMP") and column.name not in ("birth_date", "death_date"):
                    yield _names(entity_type, column.name)


def _care() -> Iterator[Names]:
    yield from (names for names in _dated() if names["column"] not in PAPERWORK)


def _names(entity_type: EntityType, column: str | None = None) -> dict[str, str]:
    # names of the model are plain identifiers
    return {
        "table": entity_type.plural,
        "plural": entity_type.plural,
        "id": entity_type.key,
        "column": column or entity_type.key,
    }


_EACH: Mapping[str, Callable[[], Iterator[Names]]] = {
    "type": _types,
    "reference": _references,
    "implied": _implied,
    "role": _roles,
    "dated": _dated,
    "care": _care,
}


@cache
def _repetitions(each: str) -> tuple[Names, ...]:
    kind, _, column = each.partition(" ")
    if kind == "column":
        return tuple(_names(known, column) for known in ENTITY_TYPES.values() if column in known.column)
    return tuple(_EACH[kind]())


# -- reading the files ----------------------------------------------------------------------------------------


@cache
def all_rules() -> Mapping[str, Rule]:
    """Every rule by name, in the order of their names."""
    folder = files(PACKAGE).joinpath("rules")
    named = sorted((file.name, file) for file in folder.iterdir() if file.name.endswith(".sql"))
    return {name[:-4]: _rule(name[:-4], file.read_text(encoding="utf-8")) for name, file in named}


def _rule(name: str, text: str) -> Rule:
    lines = text.splitlines()
    head = next((number for number, line in enumerate(lines) if not line.startswith("--")), len(lines))
    said, keys = [], {}
    last: str | None = None
    for line in lines[:head]:
        match = _KEY.fullmatch(line)
        if match:
            last = match[1]
            keys[last] = match[2]
        elif last is None:
            said.append(line.removeprefix("--").strip())
        else:
            keys[last] += " " + line.removeprefix("--").strip()
    if keys.get("severity") not in SEVERITIES:
        raise ValueError(f"rules/{name}.sql: severity is {keys.get('severity')!r}; expected one of {SEVERITIES}")
    each = keys.get("each")
    if each is not None:
        columns = tuple(f"{names['plural']}.{names['column']}" for names in _repetitions(each))
    else:
        columns = tuple(keys.get("columns", keys.get("any of", "")).replace(" ", "").split(","))
    return Rule(
        name=name,
        says=" ".join(said),
        severity=keys["severity"],
        columns=columns,
        needs_all="columns" in keys,
        each=each,
        generated_only=keys.get("applies") == "generated",
        body="\n".join(lines[head:]),
    )
