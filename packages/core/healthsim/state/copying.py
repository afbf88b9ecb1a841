"""Clone and merge: scenarios made of scenarios."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from healthsim.db.connection import Database
from healthsim.db.schema import table_columns
from healthsim.db.sql import quoted
from healthsim.errors import UsageError
from healthsim.model import ENTITY_TYPES, EntityType
from healthsim.state import load_staged, scenarios
from healthsim.state.documents import documents_of, stored_collections
from healthsim.state.fresh_ids import FreshIds, fresh_id
from healthsim.state.intake import Intake
from healthsim.state.json.header import Header
from healthsim.state.json.reader import members_of
from healthsim.state.save import Saved
from healthsim.state.scenarios import Scenario
from healthsim.state.statements import filled
from healthsim.state.tables import Tables, scenario_tables

if TYPE_CHECKING:
    import duckdb


def clone(database: Database, intake: Intake, name: str, new_name: str) -> Saved:
    """Copy a scenario; see ``StateManager.clone``."""
    clone_id = str(uuid.uuid4())
    with scenario_tables(database, name) as tables:
        source = tables.scenario
        scenarios.refuse_taken(tables.connection, new_name)
        ids = FreshIds(tables, clone_id)
        _stage_documents(tables, intake, ids)
    copy = replace(
        source,
        scenario_id=clone_id,
        name=new_name,
        created_at=intake.now,
        updated_at=intake.now,
        envelope={key: value for key, value in source.envelope.items() if key == "collections"},
    )
    with database.write() as connection:
        scenarios.refuse_taken(connection, new_name)
        scenarios.get(connection, source.scenario_id)
        scenarios.insert(connection, copy)
        load_staged.write(connection, clone_id, intake.staging, merging=False, keep_copies=False, now=intake.now)
        for entity_type in ENTITY_TYPES.values():
            _copy_bare_rows(connection, entity_type, source.scenario_id, clone_id, intake.now)
        counts = load_staged.touch(connection, clone_id, intake.now)
    return Saved(clone_id, new_name, "clone", sum(counts.values()), counts, list(intake.untyped))


def _stage_documents(tables: Tables, intake: Intake, ids: FreshIds) -> None:
    for stored in stored_collections(tables):
        if not stored.documents:
            continue
        verbatim = replace(stored, rows=0)
        for batch in documents_of(tables, verbatim):
            for entity_id, document, provenance, envelope in batch:
                text = ids.renewed(document, stored.entity_type, entity_id)
                intake.add(
                    stored.plural,
                    text,
                    json.loads(text),
                    provenance=provenance,
                    envelope=envelope and ids.renewed(envelope, stored.entity_type, entity_id),
                    entity_id=fresh_id(ids.clone_id, entity_id),
                )


def _copy_bare_rows(
    connection: duckdb.DuckDBPyConnection, entity_type: EntityType, scenario_id: str, clone_id: str, now: dt.datetime
) -> None:
    """Rows without a document are copied by one statement; references that lead to an entity are renewed."""
    parameters: dict[str, Any] = {"scenario": scenario_id, "clone": clone_id, "type": entity_type.name, "now": now}
    values: list[str] = []
    referring = {column.name for column in entity_type.references} | {entity_type.key}
    for name in table_columns(entity_type):
        column = f"t.{quoted(name)}"
        if name == "scenario_id":
            values.append("$clone::UUID")
        elif name == "saved_at":
            values.append("$now")
        elif name in referring:
            values.append(
                f"CASE WHEN {column} IN (FROM ids) THEN md5($clone || {column})::UUID::VARCHAR ELSE {column} END"
            )
        else:
            values.append(column)
    names = {"table": quoted(entity_type.plural), "id": quoted(entity_type.key), "values": ",\n    ".join(values)}
    connection.execute(filled("copy_bare_rows", **names), parameters)


def merge(database: Database, names: Sequence[str], into: str) -> Saved:
    """Put scenarios together; see ``StateManager.merge``."""
    if not names:
        raise UsageError("Nothing to merge; name one scenario or more.")
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    with database.write() as connection:
        sources = [scenarios.get(connection, name) for name in names]
        existing = scenarios.find(connection, into)
        if existing is None:
            empty = replace(sources[0], scenario_id=str(uuid.uuid4()), name=into, created_at=now, envelope={})
            target = _said_together(replace(empty, format="merge"), sources)
        else:
            target = _said_together(existing, sources)
            connection.execute("DELETE FROM main.scenarios WHERE scenario_id = ?::UUID", [existing.scenario_id])
        scenarios.insert(connection, target)
        for source in sources:
            if source.scenario_id != target.scenario_id:
                _merge_one(connection, source.scenario_id, target.scenario_id, now)
        load_staged.resolve_earlier_references(connection, target.scenario_id, ENTITY_TYPES.values(), now)
        counts = load_staged.touch(connection, target.scenario_id, now)
    untyped = [name for name in counts if name not in {known.plural for known in ENTITY_TYPES.values()}]
    return Saved(target.scenario_id, target.name, "merge", sum(counts.values()), counts, untyped)


def _said_together(target: Scenario, sources: Sequence[Scenario]) -> Scenario:
    """What is said about a scenario, and what only others say; where they differ, it is what the first one says."""
    every = [target, *sources]
    attributes: dict[str, str] = {}
    for scenario in every:
        for key, text in members_of(scenario.attributes or "{}").items():
            attributes.setdefault(key, text)
    return replace(
        target,
        description=next((scenario.description for scenario in every if scenario.description is not None), None),
        product=next((scenario.product for scenario in every if scenario.product is not None), None),
        tags=list(dict.fromkeys(tag for scenario in every for tag in scenario.tags)),
        attributes=Header(attributes=attributes).attributes_text(),
    )


def _merge_one(connection: duckdb.DuckDBPyConnection, source_id: str, target_id: str, now: dt.datetime) -> None:
    """Copy every entity of one scenario over another's; those of the same ids give way."""
    parameters = {"source": source_id, "target": target_id}
    connection.execute(filled("merge_replaced"), parameters)
    connection.execute(filled("delete_replaced"), {"scenario": target_id})
    for entity_type in ENTITY_TYPES.values():
        table = quoted(entity_type.plural)
        if entity_type.name not in load_staged.SHARED:
            connection.execute(filled("drop_parts_of_replaced", table=table), {"scenario": target_id})
        columns = table_columns(entity_type)
        values = (
            "$target::UUID" if name == "scenario_id" else "$now" if name == "saved_at" else quoted(name)
            for name in columns
        )
        names = {"table": table, "id": quoted(entity_type.key)}
        connection.execute(filled("merge_delete_rows", **names), parameters)
        connection.execute(filled("merge_insert_rows", **names, values=", ".join(values)), {**parameters, "now": now})
    connection.execute(filled("merge_documents"), parameters)
