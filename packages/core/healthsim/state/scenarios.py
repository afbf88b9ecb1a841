"""The rows of ``scenarios`` and ``scenario_tags``, as they are found: what a scenario is called and what is said about it."""

from __future__ import annotations

import difflib
import json
import uuid
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from healthsim import results
from healthsim.db.sql import filled, sql_text
from healthsim.errors import AlreadyExists, InvalidInput, NotFound, UsageError
from healthsim.remedies import remedy
from healthsim.results import Scenario as Scenario
from healthsim.state.values import as_uuid

if TYPE_CHECKING:
    import duckdb

PACKAGE = "healthsim.state"
#: what ``list`` can sort by -> the SQL of it
SORTS = dict(
    zip(
        results.SORTS,
        ("updated_at DESC, name", "created_at DESC, name", "name", "entity_count DESC, name"),
        strict=True,
    )
)
LONGEST_NAME = 10_000
LONGEST_TAG = 1_000


def _scenario(row: Sequence[Any]) -> Scenario:
    counts = json.loads(row[9]) if row[9] else {}
    return Scenario(
        scenario_id=row[0],
        name=row[1],
        description=row[2],
        tags=row[3] or [],
        product=row[4],
        format=row[5],
        created_at=row[6],
        updated_at=row[7],
        entity_count=row[8] or 0,
        entities_by_type=counts,
        attributes=row[10],
        envelope=json.loads(row[11]) if row[11] else {},
    )


def find(connection: duckdb.DuckDBPyConnection, name: str) -> Scenario | None:
    """The scenario of that name, or of that id."""
    row = connection.execute(sql_text(PACKAGE, "find_scenario"), {"name": name, "id": as_uuid(name)}).fetchone()
    return _scenario(row) if row else None


def get(connection: duckdb.DuckDBPyConnection, name: str) -> Scenario:
    """The scenario of that name, or of that id.

    Raises:
        NotFound: there is none; the message names the nearest ones.
    """
    scenario = find(connection, name)
    if scenario is None:
        names = [row[0] for row in connection.execute("SELECT name FROM main.scenarios ORDER BY name").fetchall()]
        near = difflib.get_close_matches(name[:100], names, n=3, cutoff=0.5)
        hint = (
            f"Did you mean {', '.join(repr(item) for item in near)}?" if near else f"See: {remedy('list scenarios')}."
        )
        raise NotFound(f"There is no scenario {_shown(name)}. {hint}", name=name, similar=near)
    return scenario


def select(
    connection: duckdb.DuckDBPyConnection,
    *,
    tags: Sequence[str],
    search: str | None,
    product: str | None,
    sort: str,
    limit: int | None,
) -> tuple[list[Scenario], int]:
    """The scenarios that carry all of the tags, contain the words and belong to the product, and how many they are.

    Raises:
        UsageError: the order or the limit is none.
    """
    if sort not in SORTS:
        raise UsageError(f"Scenarios cannot be sorted by {sort!r}; expected one of {', '.join(SORTS)}.")
    if limit is not None and limit < 1:
        raise UsageError(f"The limit is {limit}; expected 1 or more.")
    asked = {"tags": list(tags), "search": (search or "").lower(), "product": product}
    parameters: dict[str, Any] = {name: value for name, value in asked.items() if value}
    # each condition is planned only when it is asked for: a plain list answers in a few milliseconds
    conditions = " AND ".join(_CONDITIONS[name] for name in parameters) or "TRUE"
    if product:
        parameters["collections"] = _collections_of(product)
    rows = connection.execute(
        filled(sql_text(PACKAGE, "list_scenarios"), {"conditions": conditions, "order": SORTS[sort]}), parameters
    ).fetchall()
    tags_of: dict[str, list[str]] = {}
    for scenario_id, tag in connection.execute(sql_text(PACKAGE, "list_tags")).fetchall():
        tags_of.setdefault(scenario_id, []).append(tag)
    shown = rows[:limit]
    # one text for all counts: a parser called a thousand times costs more than the query
    counts = json.loads(f"[{','.join([row[9] or '{}' for row in shown])}]")
    listed = [
        Scenario(
            scenario_id=row[0],
            name=row[1],
            description=row[2],
            tags=tags_of.get(row[0], []),
            product=row[4],
            format=row[5],
            created_at=row[6],
            updated_at=row[7],
            entity_count=row[8] or 0,
            entities_by_type=by_type,
            attributes=None,
            envelope={},
        )
        for row, by_type in zip(shown, counts, strict=True)
    ]
    return listed, len(rows)


#: what narrows a list -> the SQL of it
_CONDITIONS = {
    "tags": "scenario_id IN (SELECT scenario_id FROM main.scenario_tags GROUP BY scenario_id"
    " HAVING list_has_all(list(tag), $tags::VARCHAR[]))",
    "search": "(contains(lower(name), $search) OR contains(lower(coalesce(description, '')), $search)"
    " OR scenario_id IN (SELECT scenario_id FROM main.scenario_tags WHERE contains(lower(tag), $search)))",
    "product": "(product = $product OR list_has_any(json_keys(entity_counts), $collections::VARCHAR[]))",
}


def _collections_of(product: str) -> list[str]:
    """The collections whose entities a product makes."""
    from healthsim.model import ENTITY_TYPES, PRODUCTS

    return [known.plural for known in ENTITY_TYPES.values() if PRODUCTS.get(known.family) == product]


def check_name(name: str) -> str:
    """A name that a scenario may have: any text that is not empty.

    Raises:
        InvalidInput: it is empty, too long, or no text that can be stored.
    """
    if not name.strip():
        raise InvalidInput("The name of the scenario is empty; expected some text, for example diabetes-workshop.")
    if len(name) > LONGEST_NAME:
        raise InvalidInput(
            f"The name of the scenario has {len(name):,} characters; at most {LONGEST_NAME:,} are possible."
        )
    return _check_text(name, "name of the scenario")


def check_tags(tags: Iterable[str]) -> list[str]:
    """Tags without repetitions.

    Raises:
        InvalidInput: one is empty, too long, or no text.
    """
    kept = list(dict.fromkeys(tags))
    for tag in kept:
        if not tag.strip() or len(tag) > LONGEST_TAG:
            raise InvalidInput(f"{_shown(str(tag))} is no tag; expected a text of 1 to {LONGEST_TAG:,} characters.")
        _check_text(tag, "tag")
    return kept


def without_tags(tags: Sequence[str], removed: Sequence[str]) -> list[str]:
    """Tags less others.

    Raises:
        NotFound: one that is to go is not there.
    """
    missing = [tag for tag in removed if tag not in tags]
    if missing:
        raise NotFound(
            f"The scenario has no tag {_shown(missing[0])}; it has {', '.join(map(_shown, tags)) or 'none'}.",
            tag=missing[0],
        )
    return [tag for tag in tags if tag not in removed]


def _check_text(text: str, what: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidInput(f"The {what} holds half of a surrogate pair, which is no character. Remove it.") from None
    return text


def refuse_taken(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Make sure that a name is free.

    Raises:
        AlreadyExists: a scenario has it.
    """
    if find(connection, name) is not None:
        raise AlreadyExists(
            f"A scenario {_shown(name)} exists already. Choose another name, or use {remedy('replace a scenario')} to"
            f" replace it{remedy('or add to it')}.",
            name=name,
        )


def free_name(connection: duckdb.DuckDBPyConnection, wanted: str) -> str:
    """A name that no scenario has: the wanted one with a number behind it."""
    number = 2
    while find(connection, f"{wanted} ({number})") is not None:
        number += 1
    return f"{wanted} ({number})"


def free_id(connection: duckdb.DuckDBPyConnection, wanted: str, existing: Scenario | None) -> str:
    """The id that is asked for, where no other scenario has it; else that of the scenario that is written over, or a new one."""
    holder = find(connection, wanted) if wanted else None
    if wanted and (holder is None or (existing is not None and holder.scenario_id == existing.scenario_id)):
        return wanted
    return existing.scenario_id if existing is not None else str(uuid.uuid4())


def _shown(name: str) -> str:
    return repr(name if len(name) <= 80 else name[:79] + "…")
