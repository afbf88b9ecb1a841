"""Clone and merge: scenarios made of scenarios."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from healthsim.db.connection import Database
from healthsim.db.sql import quoted
from healthsim.errors import UsageError
from healthsim.model import ENTITY_TYPES, EntityType
from healthsim.state import load_staged, scenarios
from healthsim.state.documents import Stored, documents_of, stored_collections
from healthsim.state.fresh_ids import FreshIds, fresh_id
from healthsim.state.json.reader import members_of
from healthsim.state.read_documents import Carried, carried_by
from healthsim.state.save import About, Saved, Target, Written, save
from healthsim.state.statements import filled
from healthsim.state.tables import Tables, scenario_tables

if TYPE_CHECKING:
    import duckdb

    from healthsim.state.intake import Intake
    from healthsim.state.scenarios import Scenario


def clone(database: Database, intake: Intake, name: str, new_name: str) -> Saved:
    """Copy a scenario; see ``StateManager.clone``."""
    with scenario_tables(database, name) as tables:
        original = tables.scenario
        scenarios.refuse_taken(tables.connection, new_name)
        ids = FreshIds(tables, str(uuid.uuid4()))
        _stage_documents(tables, intake, ids)
    return save(database, new_name, "create", Clone(original, intake, ids.clone_id))


@dataclass(frozen=True)
class Clone:
    """The entities of a scenario under fresh ids: its documents as staged, and rows that have none."""

    original: Scenario
    intake: Intake
    clone_id: str
    kind = "clone"

    def about(self, connection: duckdb.DuckDBPyConnection, existing: Scenario | None) -> About:
        scenarios.get(connection, self.original.scenario_id)
        original = about_scenario(self.original)
        collections = {key: value for key, value in self.original.envelope.items() if key == "collections"}
        return replace(original, scenario_id=self.clone_id, envelope=collections)

    def write(self, target: Target) -> Written:
        load_staged.write(
            target.connection,
            target.scenario_id,
            self.intake.staging,
            merging=False,
            keep_copies=False,
            same_stays=False,
            now=target.now,
        )
        for stored in stored_collections(Tables(target.connection, self.original.scenario_id)):
            if stored.rows:
                self._copy_bare_rows(target, ENTITY_TYPES[stored.entity_type])
        return Written()

    def _copy_bare_rows(self, target: Target, entity_type: EntityType) -> None:
        """Rows without a document are copied by one statement; references that lead to an entity are renewed."""
        renewed = ",\n    ".join(
            f"CASE WHEN t.{name} IN (FROM ids) THEN md5($clone || t.{name})::UUID::VARCHAR ELSE t.{name} END AS {name}"
            for name in map(quoted, (entity_type.key, *(column.name for column in entity_type.references)))
        )
        names = {"table": quoted(entity_type.plural), "id": quoted(entity_type.key), "renewed": renewed}
        parameters = {"scenario": self.original.scenario_id, "clone": self.clone_id, "type": entity_type.name}
        target.rows(entity_type, filled("renewed_bare_rows", **names), parameters)


def _stage_documents(tables: Tables, intake: Intake, ids: FreshIds) -> None:
    for stored in stored_collections(tables):
        if not stored.documents:
            continue
        verbatim = replace(stored, rows=0)
        for batch in documents_of(tables, verbatim):
            carried = carried_by(tables, stored.entity_type, batch)
            for entity_id, document, provenance, envelope in batch:
                text = ids.renewed(document, stored.entity_type, entity_id)
                if entity_id in carried:
                    _take_with_rows(intake, ids, stored, entity_id, text, provenance, carried[entity_id])
                    continue
                intake.add(
                    stored.plural,
                    text,
                    json.loads(text),
                    provenance=provenance,
                    envelope=envelope and ids.renewed(envelope, stored.entity_type, entity_id),
                    entity_id=fresh_id(ids.clone_id, entity_id),
                )


def _take_with_rows(
    intake: Intake, ids: FreshIds, stored: Stored, entity_id: str, text: str, provenance: str | None, carried: Carried
) -> None:
    """Take a document that came from another format along with its rows: nobody could tell them from its text again."""
    renewed = carried.renewed(lambda row: ids.renewed(row, stored.entity_type, entity_id))
    new_id = fresh_id(ids.clone_id, entity_id)
    intake.take(stored.plural, text, new_id, False, renewed.projected(stored.entity_type, new_id), provenance)


def about_scenario(scenario: Scenario) -> About:
    """What a scenario says of a copy of it; its times and its own spelling stay behind."""
    return About(
        format=scenario.format,
        description=scenario.description,
        tags=scenario.tags,
        product=scenario.product,
        attributes=members_of(scenario.attributes or "{}"),
    )


def merge(database: Database, names: Sequence[str], into: str) -> Saved:
    """Put scenarios together; see ``StateManager.merge``."""
    if not names:
        raise UsageError("Nothing to merge; name one scenario or more.")
    return save(database, into, "merge", Merge(names))


@dataclass
class Merge:
    """The entities of scenarios, one after the other, under the ids that they have."""

    names: Sequence[str]
    sources: list[Scenario] = field(default_factory=list)
    held: dict[str, int] = field(default_factory=dict)
    kind = "merge"

    def about(self, connection: duckdb.DuckDBPyConnection, existing: Scenario | None) -> About:
        """What the scenarios say; where they differ, it is what the first one says."""
        named = [scenarios.get(connection, name) for name in self.names]
        own_id = existing.scenario_id if existing is not None else None
        self.held = existing.entities_by_type if existing is not None else {}
        self.sources = [scenario for scenario in named if scenario.scenario_id != own_id]
        attributes: dict[str, str] = {}
        for scenario in named:
            for key, text in members_of(scenario.attributes or "{}").items():
                attributes.setdefault(key, text)
        return About(
            format="merge",
            description=next((item.description for item in named if item.description is not None), None),
            tags=list(dict.fromkeys(tag for scenario in named for tag in scenario.tags)),
            product=next((scenario.product for scenario in named if scenario.product is not None), None),
            attributes=attributes,
            fills=True,
        )

    def write(self, target: Target) -> Written:
        load_staged.prepare(target.connection, sum(source.entity_count for source in self.sources))
        for source in self.sources:
            _merge_one(target, source.scenario_id)
        load_staged.resolve_earlier_references(target.connection, target.scenario_id, ENTITY_TYPES.values(), target.now)
        dropped = self._dropped(load_staged.count_entities(target.connection, target.scenario_id))
        return Written(
            dropped, [f"{plural}: {count:,} gave way to others of the same ids" for plural, count in dropped.items()]
        )

    def _dropped(self, counts: dict[str, int]) -> dict[str, int]:
        came = dict(self.held)
        for source in self.sources:
            for plural, count in source.entities_by_type.items():
                came[plural] = came.get(plural, 0) + count
        return {
            plural: came[plural] - counts.get(plural, 0)
            for plural in sorted(came)
            if came[plural] > counts.get(plural, 0)
        }


def _merge_one(target: Target, source_id: str) -> None:
    """Copy every entity of one scenario over another's; those of the same ids give way."""
    connection = target.connection
    parameters = {"source": source_id, "target": target.scenario_id}
    connection.execute(filled("merge_replaced"), parameters)
    load_staged.give_way(connection, target.scenario_id)
    held = load_staged.row_counts(connection, source_id)
    for entity_type in ENTITY_TYPES.values():
        if entity_type.plural not in held:
            continue
        names = {"table": quoted(entity_type.plural), "id": quoted(entity_type.key)}
        connection.execute(filled("merge_delete_rows", **names), parameters)
        target.rows(entity_type, filled("merge_rows", **names), parameters)
    target.documents(filled("merge_documents"), parameters)
