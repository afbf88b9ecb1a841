"""One person of a scenario: who they are in each product, and what happened to them.

One statement gives the events (``sql/timeline.sql``); the page, the command, the notebook and the assistant's tool show them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from healthsim.db.connection import Database
from healthsim.db.sql import literal, quoted
from healthsim.errors import InvalidInput, NotFound
from healthsim.model import ENTITY_TYPES, PERSON_ROLES, EntityType
from healthsim.model.core import NameColumns
from healthsim.remedies import remedy
from healthsim.results import Person, Timeline, TimelineEvent
from healthsim.results.timeline_events import FAMILIES
from healthsim.state.statements import filled
from healthsim.state.tables import ScenarioTables, scenario_tables

#: the vital signs of a timeline
_VITAL_SIGNS = ("systolic_bp", "diastolic_bp", "weight_kg", "bmi")
#: who is asked first who somebody is
_ROLES = ("patient", *(role for role in PERSON_ROLES if role != "patient"))
#: what lasts for years says little of the days that are worth showing
_LASTING = ("conditions", "coverage")


def timeline(
    database: Database,
    name: str,
    person: str,
    *,
    first: str | None = None,
    last: str | None = None,
    index: str | None = None,
    highlight: Sequence[str] = (),
) -> Timeline:
    """What happened to a person.

    Args:
        database: where the scenario is.
        name: its name or id.
        person: an id of the person in any product, or a medical record or member number.
        first, last: only what lies between these days, or reaches into them.
        index: the day that others are counted from.
        highlight: how codes or names begin that are to be seen at once: the criteria of a cohort.

    Raises:
        NotFound: there is no such scenario or person.
        InvalidInput: a day is none.
    """
    days = {word: _day(text, word) for word, text in (("first", first), ("last", last), ("index", index))}
    with scenario_tables(database, name) as tables:
        rows = _Identity(tables, person).rows
        ids = {role: [row[known.key] for row in rows[role]] for role, known in _known().items()}
        events = _events(tables, ids)
        scenario = tables.scenario
    shown = [event for event in events if _inside(event, days["first"], days["last"])]
    begin, end = _span(shown)
    return Timeline(
        scenario.name,
        scenario.scenario_id,
        _person(rows, {role: names for role, names in ids.items() if names}),
        _text(days["first"] or begin),
        _text(days["last"] or end),
        {family: sum(event.family == family for event in shown) for family in FAMILIES},
        shown,
        index,
        list(highlight),
    )


def _day(text: str | None, word: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{word} is {text[:40]!r}; expected a day such as 2025-03-31.", value=text[:200]) from None


def _text(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _known() -> dict[str, EntityType]:
    return {role: ENTITY_TYPES[role] for role in _ROLES}


class _Identity:
    """The rows of all roles that are the same human being.

    An id that is given names a row; rows that share an id of any role, or an ssn, are one person, over any number of steps.

    Attributes:
        rows: role -> rows, by column.
    """

    def __init__(self, tables: ScenarioTables, person: str) -> None:
        self.tables = tables
        self.rows: dict[str, list[dict[str, Any]]] = {role: [] for role in _ROLES}
        self.ids: dict[str, set[str | None]] = {role: set() for role in _ROLES}
        self.numbers: set[str | None] = set()
        start = self._named(person)
        if start is None:
            raise NotFound(
                f"{tables.scenario.name!r} has nobody with the id {person[:80]!r}; expected that of a patient, member or"
                f" subject, or a record number.{self._nearest(person)} {remedy('find people')} finds people.",
                person=person[:200],
            )
        self._learn(*start)
        before = -1
        while before != (before := sum(map(len, self.ids.values())) + len(self.numbers)):
            for role, known in _known().items():
                self.rows[role] = self._rows(known)
                for row in self.rows[role]:
                    self._learn(known, row)

    def _named(self, person: str) -> tuple[EntityType, dict[str, Any]] | None:
        for known in _known().values():
            for column in (known.key, *_natural(known)):
                if rows := self._read(known, f"{quoted(column)} = $person", {"person": person}):
                    return known, rows[0]
        return None

    def _nearest(self, person: str) -> str:
        patients = ENTITY_TYPES["patient"]
        statement = filled("nearest_people", table=quoted(patients.plural), key=quoted(patients.key))
        names = [row[0] for row in self.tables.execute(statement, {"text": person}).fetchall()]
        return f" Nearest: {', '.join(names)}." if names else ""

    def _learn(self, known: EntityType, row: dict[str, Any]) -> None:
        for column in (known.key, *_natural(known)):
            self.ids[known.name].add(row[column])
        for column, role in _references(known):
            self.ids[role].add(row[column])
        self.numbers.add(row["ssn"])
        for known_ids in (*self.ids.values(), self.numbers):
            known_ids.discard(None)

    def _rows(self, known: EntityType) -> list[dict[str, Any]]:
        columns = [(column, known.name) for column in (known.key, *_natural(known))] + _references(known)
        conditions = [f"{quoted(column)} IN (SELECT unnest(${role}::VARCHAR[]))" for column, role in columns]
        conditions.append("ssn IN (SELECT unnest($numbers::VARCHAR[]))")
        values = {role: sorted(filter(None, ids)) for role, ids in self.ids.items()}
        rows = self._read(known, " OR ".join(conditions), {**values, "numbers": sorted(filter(None, self.numbers))})
        return sorted(rows, key=lambda row: str(row[known.key]))

    def _read(self, known: EntityType, conditions: str, values: dict[str, Any]) -> list[dict[str, Any]]:
        names = [column.name for column in known.columns]
        columns = ", ".join(map(quoted, names))
        statement = filled("person_role", table=quoted(known.plural), columns=columns, conditions=conditions)
        return [dict(zip(names, row, strict=True)) for row in self.tables.execute(statement, values).fetchall()]


def _natural(known: EntityType) -> list[str]:
    return [name for name in known.model.natural_keys if name != "ssn" and name in known.column]


def _references(known: EntityType) -> list[tuple[str, str]]:
    """The columns by which a row of a role says who it is in another one; a subscriber is somebody else."""
    return [
        (column.name, column.references)
        for column in known.references
        if column.references in _ROLES and column.name == ENTITY_TYPES[column.references].key
    ]


def _person(rows: dict[str, list[dict[str, Any]]], ids: dict[str, list[str]]) -> Person:
    """What the first role that knows it says of each fact."""
    every = [row for role in _ROLES for row in rows[role]]
    names = [name for name in NameColumns.model_fields if name not in ("prefix",)]

    def fact(column: str) -> str | None:
        values = (row.get(column) for row in every)
        return next((str(value) for value in values if value not in (None, "")), None)

    words = [fact(name) for name in names if name in ("given_name", "middle_name", "family_name", "suffix")]
    name = " ".join(word for word in words if word) or next(iter(next(iter(ids.values()))))
    shown = ("gender", "birth_date", "death_date", "city", "county", "state", "ssn")
    return Person(name, **{column: fact(column) for column in shown}, ids=ids)


def _events(tables: ScenarioTables, ids: dict[str, list[str]]) -> list[TimelineEvent]:
    measures = ", ".join(
        f"{{'name': {literal(column.meaning.rstrip('.'))}, 'unit': {literal(column.unit or '')},"
        f" 'value': {quoted(column.name)}::DOUBLE}}"
        for column in map(ENTITY_TYPES["vital_sign"].column.__getitem__, _VITAL_SIGNS)
    )
    families = "[" + ", ".join(map(literal, FAMILIES)) + "]"
    statement = filled("timeline", vital_signs=measures, families=families)
    values = {ENTITY_TYPES[role].plural: names for role, names in ids.items()}
    return [TimelineEvent(*row) for row in tables.execute(statement, values).fetchall()]


def _inside(event: TimelineEvent, first: dt.date | None, last: dt.date | None) -> bool:
    if event.start is None:
        return first is None and last is None
    ended = event.end is not None and first is not None and event.end < first
    return not ended and (last is None or event.start <= last)


def _span(events: Sequence[TimelineEvent]) -> tuple[dt.date | None, dt.date | None]:
    """The days of what happened; of what lasts only where there is nothing else."""
    short = [event for event in events if event.family not in _LASTING] or events
    starts = [event.start for event in short if event.start]
    # what was dispensed lasts beyond the last day that is known
    ends = [event.start if event.family == "drugs" else event.end or event.start for event in short if event.start]
    covered = [event.start for event in events if event.family == "coverage" and event.start]
    return min(starts + covered, default=None), max(filter(None, ends), default=None)
