"""Loading staged rows into the database: set-based, inside the caller's transaction.

Later documents win over earlier ones of the same id, references by natural key (an MRN, an NPI) become
references by id, and what the scenario held under the same ids gives way.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from healthsim.db.dialect import tables_with_rows
from healthsim.db.memory_limit import memory_bound
from healthsim.db.schema import PROVENANCE
from healthsim.db.sql import literal, quoted
from healthsim.model import ENTITY_TYPES, Column, EntityType
from healthsim.state.natural_keys import natural_key_map
from healthsim.state.rows_beside import columns_said, same_row
from healthsim.state.staging import DOCUMENTS, Staging
from healthsim.state.statements import filled
from healthsim.state.tables import HERE, Tables

if TYPE_CHECKING:
    import duckdb

#: what the engine may hold during a load, beside copies of what it handles in one go (it spills the rest)
LOAD_MEGABYTES = 128
COPIES_OF_A_DOCUMENT = 16
COPIES_OF_A_BUNDLE = 4
#: a save with more rows goes into the file at once, without the log
LARGE_ROWS = 20_000
#: one with more is worth several threads
ONE_THREAD_ROWS = 262_144
#: types whose entities several documents mention: a mention that goes does not take the entity with it
SHARED = frozenset(
    embed.entity_type for entity_type in ENTITY_TYPES.values() for embed in entity_type.model.embeds if embed.sets
)


@dataclass(frozen=True)
class Loaded:
    """What a load did: {plural: n} of what gave way to later rows of the same ids, and whether anything is another now."""

    dropped: dict[str, int]
    changed: bool


def load_order() -> list[EntityType]:
    """The entity types such that one comes after those that it refers to, as far as references allow."""
    ranks = {name: rank for rank, name in enumerate(ENTITY_TYPES)}
    graph = {
        entity_type.name: {
            column.references
            for column in entity_type.references
            if column.references and column.references in ranks and _points_back(entity_type, column)
        }
        for entity_type in ENTITY_TYPES.values()
    }
    return [ENTITY_TYPES[name] for name in TopologicalSorter(graph).static_order()]


def _points_back(entity_type: EntityType, column: Column) -> bool:
    """Whether a reference may order the load: not to the type itself, and not one half of a pair of references."""
    target = column.references
    if target is None or target == entity_type.name:
        return False
    returns = any(back.references == entity_type.name for back in ENTITY_TYPES[target].references)
    return not returns or list(ENTITY_TYPES).index(target) < list(ENTITY_TYPES).index(entity_type.name)


def write(
    connection: duckdb.DuckDBPyConnection,
    scenario_id: str,
    staging: Staging,
    *,
    merging: bool,
    keep_copies: bool,
    same_stays: bool,
    now: dt.datetime,
) -> Loaded:
    """Load everything that is staged into a scenario.

    Args:
        connection: inside a transaction.
        scenario_id: the scenario; its row exists or is made by the caller.
        staging: the documents and rows.
        merging: the scenario holds entities already: those with the same ids are replaced.
        keep_copies: documents of one input that share an id are all kept, under ids of their own.
        same_stays: what the scenario holds just so stays as old as it is; else it is written anew.
        now: the time that the rows carry as ``saved_at``.
    """
    load = _Load(connection, scenario_id, merging, keep_copies, same_stays, now)
    sources = staging.finish(connection)
    prepare(connection, sum(staging.rows.values()))
    copies = COPIES_OF_A_DOCUMENT * staging.largest + COPIES_OF_A_BUNDLE * staging.bundle
    connection.execute(filled("none_replaced"))
    with memory_bound(connection, LOAD_MEGABYTES + copies // 1_000_000):
        if DOCUMENTS in sources:
            load.documents(sources[DOCUMENTS])
        written = [entity_type for entity_type in load_order() if entity_type.name in sources]
        for entity_type in written:
            load.rows(entity_type, sources[entity_type.name])
        resolved = resolve_earlier_references(connection, scenario_id, written, now) if merging else 0
    return Loaded(load.dropped, bool(load.changed or resolved))


def prepare(connection: duckdb.DuckDBPyConnection, rows: int) -> None:
    """Tell the engine how much is about to be written; the settings end with the write.

    Many rows go straight into the file at the commit: by way of the log, everything would be written twice. What is not
    very much is one piece of work: a second thread would mostly wait, and takes as much of the processor for that.
    """
    if rows > LARGE_ROWS:
        connection.execute("SET wal_autocheckpoint = '1KB'")
    if rows <= ONE_THREAD_ROWS:
        connection.execute("SET threads = 1")


class _Load:
    """One load: the statements of it share the scenario and the mode."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        scenario_id: str,
        merging: bool,
        keep_copies: bool,
        same_stays: bool,
        now: dt.datetime,
    ) -> None:
        self.connection = connection
        self.same_stays = same_stays
        self.merging = merging
        self.keep = "TRUE" if keep_copies else "FALSE"
        self.document_copies = False
        self.unchanged = False
        self.dropped: dict[str, int] = {}
        #: rows and documents that were written or removed
        self.changed = 0
        self.parameters: dict[str, object] = {"scenario": scenario_id, "now": now}

    def run(self, statement: str, **names: str) -> duckdb.DuckDBPyConnection:
        text = filled(statement, **names)
        used = {name: value for name, value in self.parameters.items() if f"${name}" in text}
        return self.connection.execute(text, used)

    def documents(self, source: str) -> None:
        self.document_copies = self._incoming(source, key="entity_type, entity_id", id="entity_id", own="TRUE")
        if self.document_copies:
            self.run("document_copies", source=source)
            for name, count in self.run("dropped_documents").fetchall():
                self.dropped[ENTITY_TYPES[name].plural if name in ENTITY_TYPES else name] = count
        self.parameters["offset"] = 0
        if self.merging:
            self.parameters["offset"] = _one(self.run("next_position"))
            self.run("find_unchanged", same_stays=str(self.same_stays).upper())
            self.unchanged = bool(_one(self.connection.execute("SELECT count(*) FROM unchanged WHERE is_read")))
            self.run("find_replaced")
            if _one(self.connection.execute("SELECT count(*) FROM replaced")):
                give_way(self.connection, str(self.parameters["scenario"]))
        else:
            self.run("none_unchanged")
            self.run("none_replaced")
        self.changed += _one(self.run("insert_documents"))

    def rows(self, entity_type: EntityType, source: str) -> None:
        key, table = quoted(entity_type.key), quoted(entity_type.plural)
        if self.document_copies:
            self.run("follow_documents", source=source, columns=",\n    ".join(_following(entity_type)))
            source = "following"
        if self.unchanged:
            self.run("still_to_write", source=source)
            source = "still_to_write"
        source = self._put_together(entity_type, self._fill_own(entity_type, source))
        copies = self._incoming(source, key=key, id=key, own="(part_of IS NULL)")
        if copies and entity_type.name not in SHARED:
            parts = _one(self.run("dropped_parts", source=source, id=key))
            if parts:
                self.dropped[entity_type.plural] = self.dropped.get(entity_type.plural, 0) + parts
        joins: list[str] = []
        values = [_value(entity_type, column, joins) for column in entity_type.columns]
        columns = ("scenario_id", *(column.name for column in entity_type.columns), *PROVENANCE)
        if self.merging:
            same = same_row(entity_type, values) if self.same_stays else "FALSE"
            self.run("same_rows", table=table, id=key, joins="\n".join(joins), same=same)
            self.changed += _one(self.run("replace_rows", table=table, id=key))
        # an entity that does not say when it was made was made now
        stamps = {"saved_at": "$now", "created_at": "coalesce(s.created_at, $now)"}
        provenance = (stamps.get(name, f"s.{quoted(name)}") for name in PROVENANCE)
        written = self.run(
            "insert_rows",
            table=table,
            columns=", ".join(map(quoted, columns)),
            values=",\n    ".join(values),
            provenance=", ".join(provenance),
            joins="\n".join(joins),
            # a scenario that is new, or was erased, has no rows that could be in the way
            free=filled("unless_there", table=table, id=key) if self.merging else "",
        )
        self.changed += _one(written)

    def _fill_own(self, entity_type: EntityType, source: str) -> str:
        """The source, in which the row of a document has what other documents of its format say of the same entity.

        What others said before stays, though only the document itself comes in again; and what others say later is added.
        """
        names = {"source": source, "id": quoted(entity_type.key), "type": literal(entity_type.name)}
        held = partial(self.run, "held_own", table=quoted(entity_type.plural), **names)
        if self.merging:
            held(merging="TRUE")
        is_held = self.merging and _one(self.connection.execute("SELECT count(*) FROM held_own"))
        if not is_held and not _one(self.run("mentioned_of_own", source=source, id=names["id"])):
            return source
        if not self.merging:
            # a scenario that is new holds nothing
            held(merging="FALSE")
        columns = [column.name for column in entity_type.columns if column.name != entity_type.key]
        self.run(
            "fill_own",
            others_said=columns_said("", columns),
            own_said=columns_said("NOT ", columns),
            last_values=", ".join(f"arg_max({name}, ordinal) AS {name}" for name in map(quoted, columns)),
            filled_values=", ".join(f"coalesce(s.{name}, t.{name}) AS {name}" for name in map(quoted, columns)),
            given=", ".join(
                f"CASE WHEN s.{quoted(name)} IS NULL AND t.{quoted(name)} IS NOT NULL THEN {literal(name)} END"
                for name in columns
            ),
            **names,
        )
        self.run("note_given", **names)
        return "filled_own"

    def _put_together(self, entity_type: EntityType, source: str) -> str:
        """The source, in which each entity that several documents speak of has one row.

        What the scenario holds of such an entity from other documents is part of it, and goes as soon as that row is written.
        """
        if not _one(self.connection.execute(f"SELECT count(*) FROM {source} WHERE together")):
            return source
        names = {"source": source, "id": quoted(entity_type.key)}
        held = filled("held_rows", table=quoted(entity_type.plural))
        self.run("said_together", held=held if self.merging else f"{held} AND FALSE", **names)
        of_own = "FILTER (together IS NOT TRUE)"
        last = [
            f"coalesce(arg_max({name}, ordinal) {of_own}, arg_max({name}, ordinal)) AS {name}"
            for name in map(quoted, (column.name for column in entity_type.columns if column.name != entity_type.key))
        ]
        # where it comes from is what its own document says, or the last of the others
        last += [
            f"arg_max({name}, CASE WHEN together THEN ordinal ELSE 9223372036854775807 END) AS {name}"
            for name in map(quoted, ("document", *PROVENANCE))
            if name not in (quoted("saved_at"), quoted("part_of"))
        ]
        last.append("CASE WHEN bool_and(together) THEN arg_max(part_of, ordinal) END AS part_of")
        self.run("put_together", last_values=", ".join(last), **names)
        return "put_together"

    def _incoming(self, source: str, **names: str) -> bool:
        """Define what will be written; whether staged rows share an id, which then are numbered."""
        staged, ids = self.run("count_copies", source=source, **names).fetchone() or (0, 0)
        self.run("no_copies" if staged == ids else "number_copies", source=source, **names)
        self.run("incoming", source=source, keep=self.keep, **names)
        return bool(staged != ids)


def _spoken_of() -> frozenset[str]:
    """The types that others refer to: what one document of another format says of such an entity is not all that is said."""
    return frozenset(
        column.references
        for entity_type in ENTITY_TYPES.values()
        for column in entity_type.references
        if column.references
    )


def give_way(connection: duckdb.DuckDBPyConnection, scenario_id: str) -> None:
    """Remove the documents of a scenario that are named in the table ``replaced``, and what they carried."""
    parameters = {"scenario": scenario_id}
    connection.execute(filled("delete_replaced"), parameters)
    present = row_counts(connection, scenario_id)
    spoken_of = _spoken_of()
    for entity_type in ENTITY_TYPES.values():
        if entity_type.plural in present and entity_type.name not in SHARED:
            # of an entity that others refer to, a document of another format has said a part: the rest stays
            whose = "NOT r.is_read" if entity_type.name in spoken_of else "TRUE"
            text = filled("drop_parts_of_replaced", table=quoted(entity_type.plural), whose=whose)
            connection.execute(text, parameters)


def resolve_earlier_references(
    connection: duckdb.DuckDBPyConnection, scenario_id: str, written: Iterable[EntityType], now: dt.datetime
) -> int:
    """Entities that were there before may refer to one that has come only now: by natural key, or through another.

    Returns:
        How many do.
    """
    resolved = 0
    arrived = {entity_type.name for entity_type in written}
    natural = {name for name in arrived if ENTITY_TYPES[name].model.natural_keys}
    present = row_counts(connection, scenario_id)
    parameters = {"scenario": scenario_id, "now": now}
    for entity_type in load_order():
        table = quoted(entity_type.plural)
        for column in entity_type.references if entity_type.plural in present else ():
            if column.references in natural:
                statement = filled(
                    "resolve_references",
                    table=table,
                    column=quoted(column.name),
                    map=natural_key_map(ENTITY_TYPES[column.references]),
                )
                resolved += _one(connection.execute(statement, parameters))
            through = entity_type.column[column.implied_by].references if column.implied_by else None
            if through in arrived:
                statement = filled(
                    "resolve_implied",
                    table=table,
                    column=quoted(column.name),
                    link=quoted(column.implied_by or ""),
                    through=quoted(ENTITY_TYPES[through].plural),
                    key=quoted(ENTITY_TYPES[through].key),
                )
                resolved += _one(connection.execute(statement, parameters))
    return resolved


def _following(entity_type: EntityType) -> list[str]:
    """The SQL of the columns that name a document which is written under another id, for what it carries."""
    key = f"s.{quoted(entity_type.key)}"
    inside = f"starts_with({key}, m.old_id || '/')"
    # an id that the document gives to what it carries is used by its copy as well; of shared things there is one
    own = f" WHEN m.is_typed THEN {key} || m.suffix" if entity_type.name not in SHARED else ""
    columns = [
        f"CASE WHEN {inside} THEN m.old_id || m.suffix || substr({key}, length(m.old_id) + 1){own} ELSE {key} END"
        f" AS {quoted(entity_type.key)}",
        "CASE WHEN m.old_id IS NULL THEN s.part_of ELSE m.entity_type || '/' || m.old_id || m.suffix END AS part_of",
    ]
    for column in entity_type.references:
        name = quoted(column.name)
        is_it = f"s.{name} = m.old_id AND m.entity_type = {literal(column.references or '')}"
        columns.append(f"CASE WHEN {is_it} THEN m.old_id || m.suffix ELSE s.{name} END AS {name}")
    return columns


def _value(entity_type: EntityType, column: Column, joins: list[str]) -> str:
    """The SQL of one column of the insert: as staged, or with a reference resolved."""
    name = quoted(column.name)
    if column.name == entity_type.key:
        return "s.final_id"
    value = f"s.{name}"
    target = ENTITY_TYPES.get(column.references or "")
    if target is not None and target.model.natural_keys:
        alias = quoted(f"by key of {column.name}")
        joins.append(f"LEFT JOIN ({natural_key_map(target)}) AS {alias} ON {alias}.natural_key = s.{name}")
        value = f"coalesce({alias}.id, {value})"
    if column.implied_by:
        through = ENTITY_TYPES[entity_type.column[column.implied_by].references or ""]
        alias, link = quoted(f"through {column.implied_by}"), quoted(column.implied_by)
        joins.append(
            f"LEFT JOIN (SELECT {quoted(through.key)}, {name} FROM main.{quoted(through.plural)}"
            f" WHERE {HERE}) AS {alias} ON {alias}.{quoted(through.key)} = s.{link}"
        )
        value = f"coalesce({value}, {alias}.{name})"
    return value


def row_counts(connection: duckdb.DuckDBPyConnection, scenario_id: str, *, parts: bool = True) -> dict[str, int]:
    """{plural: n} of the canonical rows of a scenario; without ``parts``, only those that are entities of their own."""
    return Tables(connection, scenario_id).counts(parts=parts)


def count_entities(
    connection: duckdb.DuckDBPyConnection, scenario_id: str, filled: frozenset[str] | None = None
) -> dict[str, int]:
    """{plural: n} of the entities of a scenario: documents, and rows that have no document; parts are not counted.

    Args:
        filled: the canonical tables that hold rows of it, where that is known.
    """
    tables = Tables(connection, scenario_id, filled=filled)
    counts = tables.counts(parts=False)
    documents = f"SELECT entity_type, count(*) {tables.rows('scenario_documents')} GROUP BY ALL"
    for type_name, count in connection.execute(documents).fetchall():
        known = ENTITY_TYPES.get(type_name)
        counts[known.plural if known else type_name] = max(count, counts.get(known.plural if known else type_name, 0))
    return dict(sorted(counts.items()))


def next_instant(connection: duckdb.DuckDBPyConnection) -> dt.datetime:
    """The instant of this write: what the clock says, or just after the newest save, where the clock has been set back.

    Zone maps answer that: only rows that are newer than the clock are read. Nothing was written before.
    """
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    holding = tables_with_rows(connection)
    plurals = [known.plural for known in ENTITY_TYPES.values() if holding is None or known.plural in holding]
    if not plurals:
        return now
    newest = " UNION ALL ".join(
        f"SELECT max(saved_at) AS saved_at FROM main.{quoted(plural)} WHERE saved_at >= $now" for plural in plurals
    )
    row = connection.execute(f"SELECT max(saved_at) FROM ({newest})", {"now": now}).fetchone()
    return now if row is None or row[0] is None else row[0] + dt.timedelta(microseconds=1)


def touch(
    connection: duckdb.DuckDBPyConnection,
    scenario_id: str,
    now: dt.datetime,
    *,
    keep_envelope: bool = False,
    holding: frozenset[str] | None = None,
) -> dict[str, int]:
    """Note that the entities of a scenario changed: their counts and the time.

    What an old file said about its contents is dropped, unless the contents are that very file's.
    """
    counts = count_entities(connection, scenario_id, holding)
    connection.execute(
        filled("touch_scenario"),
        {
            "now": now,
            "count": sum(counts.values()),
            "counts": json.dumps(counts),
            "keep_envelope": keep_envelope,
            "scenario": scenario_id,
        },
    )
    return counts


def _one(result: duckdb.DuckDBPyConnection) -> int:
    row = result.fetchone()
    return int(row[0]) if row else 0
