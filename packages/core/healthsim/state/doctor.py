"""The doctor: is everything in the database whole, and does it agree with itself?

A ``fail`` is damage or a contradiction that no write of this program makes; a ``note`` is something that a user
may want to know (a reference to an entity that never came, files left by a program that was killed).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from healthsim.db.connection import Database
from healthsim.db.locations import Ability
from healthsim.db.schema import added_columns, table_columns
from healthsim.db.sql import literal, quoted
from healthsim.model import ENTITY_TYPES, EntityType
from healthsim.model.projection import Fault, projection_of
from healthsim.results import Examination, Finding
from healthsim.state import scenarios
from healthsim.state.documents import documents_of, stored_collections
from healthsim.state.load_staged import count_entities
from healthsim.state.staging import FOLDER, abandoned
from healthsim.state.statements import filled
from healthsim.state.tables import Tables, tables_of

if TYPE_CHECKING:
    import duckdb


CHECKS = ("files", "schema", "scenarios", "orphans", "keys", "documents", "references", "values")


def examine(database: Database, *, deep: bool = False) -> Examination:
    """Check a database.

    Args:
        database: it is read only.
        deep: read every document again and compare it with its row, value by value.

    Raises:
        DatabaseUnusable: the file cannot be read at all.
    """
    findings = list(_files(database))
    with database.read() as connection:
        for check in (_schema, _scenarios, _orphans, _keys, _documents, _references):
            findings += check(connection)
        if deep:
            findings += _values(connection)
    return Examination(
        ok=all(finding.severity != "fail" for finding in findings),
        database=database.location.name,
        checks=[check for check in CHECKS if deep or check != "values"],
        findings=findings,
    )


def _files(database: Database) -> Iterator[Finding]:
    location = database.location
    for left in location.leftovers():
        yield Finding("files", "note", f"{left} was left by a program that was stopped; it is removed now.")
    folder = location.scratch_folder()
    for left in abandoned(folder / FOLDER) if folder is not None else ():
        yield Finding(
            "files", "note", f"{left} was left by a program that was stopped; the next large save removes it."
        )
    if not location.can(Ability.LOCK):
        yield Finding("files", "note", f"{location.name} {location.unable[Ability.LOCK]}")


def _schema(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """The tables have the columns of the model."""
    tables: dict[str, dict[str, str]] = {}
    for table, column, sql_type in connection.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal"
        " AND database_name = current_database() ORDER BY table_name, column_index"
    ).fetchall():
        tables.setdefault(table, {})[column] = sql_type.replace(", ", ",")
    for entity_type in ENTITY_TYPES.values():
        expected, actual = table_columns(entity_type), tables.get(entity_type.plural)
        if actual is None:
            yield Finding("schema", "fail", f"The table {entity_type.plural} is missing.")
        elif actual != expected:
            wrong = sorted(name for name in expected.keys() | actual.keys() if expected.get(name) != actual.get(name))
            yield Finding(
                "schema", "fail", f"The table {entity_type.plural} differs in {', '.join(wrong)}.", len(wrong)
            )


def _scenarios(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """Names and ids are unique, and the stored counts are true."""
    for name, count in connection.execute(
        "SELECT name, count(*) FROM main.scenarios GROUP BY name HAVING count(*) > 1"
    ).fetchall():
        yield Finding("scenarios", "fail", f"{count} scenarios are called {name!r}.", count)
    for scenario_id, count in connection.execute(
        "SELECT scenario_id::VARCHAR, count(*) FROM main.scenarios GROUP BY 1 HAVING count(*) > 1"
    ).fetchall():
        yield Finding("scenarios", "fail", f"{count} scenarios have the id {scenario_id}.", count)
    for scenario in _all(connection):
        actual = count_entities(connection, scenario.scenario_id)
        if actual != scenario.entities_by_type or sum(actual.values()) != scenario.entity_count:
            yield Finding(
                "scenarios", "fail", f"{scenario.name!r} says it has {scenario.entities_by_type}, it has {actual}."
            )


def _all(connection: duckdb.DuckDBPyConnection) -> list[scenarios.Scenario]:
    listed, _ = scenarios.select(connection, tags=(), search=None, product=None, sort="name", limit=None)
    return listed


def _orphans(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """Every row belongs to a scenario, and every part to a document."""
    for schema, table, named_by in connection.execute(filled("scenario_tables")).fetchall():
        if table == "scenarios" or "scenario_id" not in named_by:
            continue
        # where scenarios have keys, two of these stand for none
        those = " WHERE scenario_key > 0" if "scenario_key" in named_by else ""
        rows = f"(SELECT * FROM {quoted(schema)}.{quoted(table)}{those})"
        count = _count(connection, f"SELECT count(*) FROM {rows} ANTI JOIN main.scenarios USING (scenario_id)")
        if count:
            yield Finding("orphans", "fail", f"{schema}.{table} has {count:,} rows of no scenario.", count)
    for entity_type in ENTITY_TYPES.values():
        count = _count(connection, filled("orphan_parts", table=quoted(entity_type.plural)))
        if count:
            yield Finding(
                "orphans", "fail", f"{entity_type.plural} has {count:,} parts of documents that are gone.", count
            )


def _keys(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """Ids are unique in their scenario."""
    for entity_type in ENTITY_TYPES.values():
        key = quoted(entity_type.key)
        count = _count(
            connection,
            f"SELECT count(*) FROM (SELECT 1 FROM main.{quoted(entity_type.plural)} GROUP BY scenario_id, {key}"
            f" HAVING count(*) > 1 OR {key} IS NULL)",
        )
        if count:
            yield Finding(
                "keys", "fail", f"{entity_type.plural} has {count:,} ids that are missing or not unique.", count
            )


def _documents(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """Documents are JSON and unique, and every one of a known type has its row."""
    twice = _count(
        connection,
        "SELECT count(*) FROM (SELECT 1 FROM main.scenario_documents GROUP BY scenario_id, entity_type, entity_id"
        " HAVING count(*) > 1)",
    )
    if twice:
        yield Finding("documents", "fail", f"{twice:,} documents share type and id in one scenario.", twice)
    broken = _count(
        connection,
        "SELECT count(*) FROM main.scenario_documents WHERE NOT coalesce(json_valid(document::VARCHAR), FALSE)",
    )
    if broken:
        yield Finding("documents", "fail", f"{broken:,} documents are not JSON.", broken)
    for entity_type in ENTITY_TYPES.values():
        names = {"table": quoted(entity_type.plural), "id": quoted(entity_type.key), "type": literal(entity_type.name)}
        count = _count(connection, filled("documents_without_row", **names))
        if count:
            yield Finding("documents", "fail", f"{count:,} documents of {entity_type.plural} have no row.", count)


def _references(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """What refers to an entity that the scenario does not have; documents may do so."""
    for entity_type in ENTITY_TYPES.values():
        for column in entity_type.references:
            target = ENTITY_TYPES[column.references or ""]
            count = _count(
                connection,
                filled(
                    "dangling",
                    table=quoted(entity_type.plural),
                    column=quoted(column.name),
                    target=quoted(target.plural),
                    id=quoted(target.key),
                ),
            )
            if count:
                yield Finding(
                    "references",
                    "note",
                    f"{count:,} rows of {entity_type.plural} have a {column.name} that is not in {target.plural}.",
                    count,
                )


def _values(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """Every document, read again, gives the row that is stored."""
    for scenario in _all(connection):
        with tables_of(connection, scenario.scenario_id) as tables:
            for stored in stored_collections(tables):
                entity_type = ENTITY_TYPES.get(stored.entity_type)
                if entity_type is None or not stored.documents:
                    continue
                wrong = 0
                for batch in documents_of(tables, stored, limit=stored.documents):
                    wrong += _differing(tables, entity_type, {item[0]: item[1] for item in batch})
                if wrong:
                    message = f"{wrong:,} rows of {stored.plural} in {scenario.name!r} differ from their documents."
                    yield Finding("values", "fail", message, wrong)


def _differing(tables: Tables, entity_type: EntityType, documents: dict[str, str]) -> int:
    # references are resolved when rows are written, so that they may rightly differ
    names = [column.name for column in entity_type.columns if not column.references]
    rows = tables.execute(
        f"SELECT {', '.join(map(quoted, names))} FROM {quoted(entity_type.plural)}"
        f" WHERE {quoted(entity_type.key)} IN (SELECT unnest($ids::VARCHAR[]))",
        {"ids": list(documents)},
    ).fetchall()
    later = {name for table, name in added_columns() if table == entity_type.plural}
    wrong = len(documents) - len(rows)
    faults: list[Fault] = []
    for row in rows:
        stored = dict(zip(names, row, strict=True))
        entity_id = stored[entity_type.key]
        projected = projection_of(entity_type.name).project(
            json.loads(documents[entity_id]), "", faults, entity_id=entity_id
        )
        fresh = projected[0].row
        # a column that came later is empty in rows from before, whatever their documents say
        wrong += any(
            not _same(fresh.get(name), value)
            for name, value in stored.items()
            if value is not None or name not in later
        )
    return wrong


def _same(fresh: Any, stored: Any) -> bool:
    """Numbers as text may have been written with another spelling (2.50): what they say counts."""
    if fresh == stored:
        return True
    if isinstance(fresh, str) and isinstance(stored, str):
        try:
            return float(fresh) == float(stored) or json.loads(fresh) == json.loads(stored)
        except ValueError:
            return False
    return False


def _count(connection: duckdb.DuckDBPyConnection, statement: str) -> int:
    return int(connection.execute(statement).fetchall()[0][0])
