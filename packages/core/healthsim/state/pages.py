"""A scenario in parts: pages of documents and of rows, each no longer than asked for, with a cursor to go on."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from healthsim.db.connection import Database
from healthsim.db.plain_engine import UNREADABLE
from healthsim.db.sql import quoted
from healthsim.errors import InvalidInput, NotFound
from healthsim.model import EntityType
from healthsim.model.reference import find_type
from healthsim.model.types import jsonable
from healthsim.remedies import remedy
from healthsim.state.documents import documents_of, stored_collections
from healthsim.state.scenarios import Scenario
from healthsim.state.tables import scenario_tables
from healthsim.state.values import to_be_shown

#: how a filter compares -> its SQL, with the column and the value in place
OPERATORS = {
    "=": "{column} = {value}",
    "!=": "{column} IS DISTINCT FROM {value}",
    "<": "{column} < {value}",
    "<=": "{column} <= {value}",
    ">": "{column} > {value}",
    ">=": "{column} >= {value}",
    "contains": "contains(lower({column}::VARCHAR), lower({value}::VARCHAR))",
    "in": "list_contains({value}, {column})",
    "is_null": "({column} IS NULL) = {value}",
}


@dataclass(frozen=True)
class Filter:
    """One condition on a column."""

    column: str
    operator: str
    value: Any


@dataclass
class Page:
    """A part of a scenario.

    Attributes:
        items: documents as {plural: [...]} or rows as [[...]].
        count: how many there are in this part.
        total: how many match in all.
        next_cursor: what to ask with for the next part; None at the end.
    """

    scenario: Scenario
    items: Any
    count: int = 0
    total: int = 0
    next_cursor: str | None = None
    columns: list[str] = field(default_factory=list)


def load_page(
    database: Database,
    name: str,
    *,
    entity_type: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
    characters: int = 20_000,
) -> Page:
    """Documents of a scenario, in order of their types and of arrival.

    Args:
        database: where the scenario is.
        name: the scenario.
        entity_type: only this type (as the scenario calls it, singular or plural).
        cursor: from the page before.
        limit: documents at most.
        characters: characters at most, if one document fits.

    Raises:
        NotFound: there is no such scenario, or it holds no entities of the type.
        InvalidInput: the cursor is none, or the scenario has changed since.
    """
    with scenario_tables(database, name) as tables:
        scenario = tables.scenario
        stored = stored_collections(tables)
        if entity_type is not None:
            known = find_type(entity_type).name if entity_type not in {s.entity_type for s in stored} else entity_type
            stored = [item for item in stored if known in (item.entity_type, item.plural)]
            if not stored:
                held = ", ".join(sorted(scenario.entities_by_type)) or "nothing"
                raise NotFound(f"The scenario {scenario.name!r} holds no {entity_type}; it holds {held}.")
        mark = _mark(scenario, "documents", entity_type)
        start = _start(cursor, mark)
        total = sum(item.count for item in stored)
        page = Page(scenario, {}, total=total)
        room, skip = characters, start
        for item in stored:
            if skip >= item.count:
                skip -= item.count
                continue
            for batch in documents_of(tables, item, start=skip, limit=limit - page.count):
                for document in batch:
                    room -= len(document[1])
                    if room < 0 and page.count:
                        return _continued(page, start, mark)
                    page.items.setdefault(item.plural, []).append(to_be_shown(document[1]))
                    page.count += 1
            skip = 0
            if page.count >= limit:
                break
        return _continued(page, start, mark)


def query_page(
    database: Database,
    name: str,
    entity_type: str,
    *,
    where: Sequence[Filter] = (),
    columns: Sequence[str] = (),
    order_by: str | None = None,
    descending: bool = False,
    cursor: str | None = None,
    limit: int = 50,
    characters: int = 20_000,
) -> Page:
    """Typed rows of one entity type of a scenario that meet every condition.

    Args:
        database: where the scenario is.
        name: the scenario.
        entity_type: singular or plural.
        where: conditions, all of which hold.
        columns: what to return; default: every column that is not empty for all rows of the page.
        order_by, descending: a column; ids decide between equals.
        cursor, limit, characters: as in ``load_page``.

    Raises:
        NotFound: there is no such scenario or type.
        InvalidInput: there is no such column or comparison, or a value cannot be read as the column's type.
    """
    known = find_type(entity_type)
    chosen = [_column(known, column) for column in columns] or [column.name for column in known.columns]
    conditions, parameters = ["TRUE"], {}
    for number, condition in enumerate(where):
        text, value = _condition(known, condition, f"v{number}")
        conditions.append(text)
        parameters[f"v{number}"] = value
    order = f"{quoted(_column(known, order_by))} {'DESC' if descending else 'ASC'} NULLS LAST, " if order_by else ""
    source = f"FROM {quoted(known.plural)} WHERE {' AND '.join(conditions)}"
    with scenario_tables(database, name) as tables:
        scenario = tables.scenario
        mark = _mark(scenario, known.name, str(where), str(chosen), order)
        start = _start(cursor, mark)
        try:
            total = tables.one(f"SELECT count(*) {source}", parameters)
            rows = tables.execute(
                f"SELECT {', '.join(map(quoted, chosen))} {source}"
                f" ORDER BY {order}{quoted(known.key)}, part_of LIMIT {int(limit)} OFFSET {start}",
                parameters,
            ).fetchall()
        except UNREADABLE as error:
            raise InvalidInput(
                f"A value of the filter cannot be compared: {str(error).strip().splitlines()[0]}"
                f" {remedy('show an entity type', name=known.name)} tells the types of the columns."
            ) from None
    page = Page(scenario, [], total=total, columns=chosen)
    room = characters
    for row in rows:
        shown = json.loads(json.dumps(row, default=jsonable))
        room -= len(str(shown))
        if room < 0 and page.count:
            break
        page.items.append(shown)
        page.count += 1
    if not columns:
        _leave_out_empty(page)
    return _continued(page, start, mark)


def _leave_out_empty(page: Page) -> None:
    kept = [n for n in range(len(page.columns)) if any(row[n] is not None for row in page.items)]
    page.items = [[row[n] for n in kept] for row in page.items]
    page.columns = [page.columns[n] for n in kept]


def _column(known: EntityType, name: str) -> str:
    if name not in known.column:
        raise InvalidInput(
            f"{known.plural} have no column {name[:80]!r}; expected one of {', '.join(known.column)}.", column=name
        )
    return name


def _condition(known: EntityType, condition: Filter, parameter: str) -> tuple[str, Any]:
    column = known.column[_column(known, condition.column)]
    template = OPERATORS.get(condition.operator)
    value = condition.value
    if template is None:
        raise InvalidInput(
            f"A filter compares with {condition.operator[:80]!r}; expected one of {', '.join(OPERATORS)}."
        )
    kind = {"in": f"{column.sql_type}[]", "is_null": "BOOLEAN", "contains": "VARCHAR"}
    if condition.operator == "in":
        if not isinstance(value, list) or not value:
            raise InvalidInput(f"The filter on {column.name} compares with in; expected a list of values.")
        value = [_scalar(column.name, item) for item in value]
    else:
        value = _scalar(column.name, value)
    placed = f"${parameter}::{kind.get(condition.operator, column.sql_type)}"
    return template.format(column=quoted(column.name), value=placed), value


def _scalar(column: str, value: Any) -> str:
    """A value as text, which the engine reads as the type of the column."""
    if isinstance(value, dict | list) or value is None:
        raise InvalidInput(
            f"The filter on {column} has {json.dumps(value)[:80]} as its value; expected a text, a number or a boolean"
            " (for empty values: the comparison is_null with true or false)."
        )
    return str(value).lower() if isinstance(value, bool) else str(value)


def _mark(scenario: Scenario, *what: str | None) -> str:
    """What a cursor belongs to: the question, and the state of the scenario."""
    text = json.dumps([scenario.scenario_id, scenario.updated_at.isoformat(), scenario.entity_count, *what])
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def _continued(page: Page, start: int, mark: str) -> Page:
    end = start + page.count
    if end < page.total and page.count:
        page.next_cursor = base64.urlsafe_b64encode(f"{mark}:{end}".encode()).decode()
    return page


def _start(cursor: str | None, mark: str) -> int:
    if cursor is None:
        return 0
    try:
        said, _, number = base64.b64decode(cursor.encode(), altchars=b"-_", validate=True).decode().partition(":")
        start = int(number)
    except (ValueError, binascii.Error, UnicodeError):
        raise InvalidInput(
            f"{cursor[:80]!r} is no cursor; expected next_cursor of the page before, unchanged. Leave it out to start."
        ) from None
    if said != mark or start < 0:
        raise InvalidInput(
            "The cursor belongs to another question, or the scenario has changed since. Start again without a cursor."
        )
    return start
