"""Tools that ask the database: SQL, schema, status."""

from __future__ import annotations

from typing import Annotated

import anyio.to_thread
from pydantic import Field

from healthsim.db.query import Stop
from healthsim.db.schema import PROVENANCE
from healthsim.model import ENTITY_TYPES
from healthsim.server.declaring import Bench, tool
from healthsim.server.results import ColumnInfo, Rows, SchemaDescription, Status, TableSummary

CHARACTERS = 20_000


@tool("Ask in SQL", "reads", command="sql", verb="sql", original=("query_database", "run_query"))
async def run_sql(
    bench: Bench,
    sql: Annotated[str, Field(description="One SELECT in DuckDB's SQL.", max_length=100_000)],
    scenario: Annotated[str | None, Field(description="Only this scenario's rows exist for the question.")] = None,
    limit: Annotated[int, Field(ge=1, le=1_000, description="Rows at most.")] = 100,
) -> Rows:
    """Answer a question with one SELECT (also FROM, WITH, PIVOT, DESCRIBE, SUMMARIZE, EXPLAIN); nothing can change.

    Use it for joins, counts, sums, windows. Tables are the plurals of entity types (patients, claims, claim_lines ...);
    describe_schema lists them. Give scenario unless scenarios are to be compared: without it, every table holds all
    scenarios, told apart by scenario_id (scenarios has the names). Aggregate in SQL rather than reading many rows.
    """
    stop = Stop()

    def answer() -> Rows:
        rows = bench.sql(sql, scenario=scenario or None, limit=limit, characters=CHARACTERS, stop=stop)
        hint = "There is more: aggregate, add conditions, or raise limit." if rows.truncated else None
        return Rows(columns=rows.columns, rows=rows.rows, returned=len(rows.rows), truncated=rows.truncated, hint=hint)

    try:
        return await anyio.to_thread.run_sync(answer, abandon_on_cancel=True, limiter=bench.questions)
    finally:
        # a client that no longer waits takes its question with it
        stop()


@tool("Describe the schema", "reads", command="schema show", verb="schema", original=("list_tables", "describe_table"))
def describe_schema(
    bench: Bench,
    entity_type: Annotated[
        str | None, Field(description="An entity type or table; left out, all tables are listed.", max_length=200)
    ] = None,
) -> SchemaDescription:
    """List the tables of entities, or the columns of one with their types and meaning.

    Use it before run_sql, query_scenario, or saving entities of a type for the first time.
    """
    if entity_type is None:
        return SchemaDescription(
            tables=[
                TableSummary(
                    table=known.plural, entity_type=name, family=known.family, key=known.key, meaning=known.meaning
                )
                for name, known in ENTITY_TYPES.items()
            ],
            columns=[],
            hint="Also: scenarios, scenario_tags, scenario_entities(scenario_id, entity_type, entity_id),"
            " scenario_documents (verbatim JSON), and latest.<table> with the newest version of each id. Call again"
            " with a type for its columns.",
        )
    known = bench.schema(entity_type)
    columns = [ColumnInfo(name="scenario_id", type="UUID", meaning="The scenario.", references=None)]
    columns += [
        ColumnInfo(name=column.name, type=column.sql_type, meaning=column.meaning, references=column.references)
        for column in known.columns
    ]
    columns += [
        ColumnInfo(name=name, type=kind, meaning=meaning, references=None)
        for name, (kind, meaning) in PROVENANCE.items()
    ]
    summary = TableSummary(
        table=known.plural, entity_type=known.name, family=known.family, key=known.key, meaning=known.meaning
    )
    return SchemaDescription(
        tables=[summary], columns=columns, hint="Join on the named keys together with scenario_id."
    )


@tool("Show the database's status", "reads", command="status", verb="status")
def get_status(bench: Bench) -> Status:
    """Show where the database is, its schema version, size, and how many scenarios and rows it holds."""
    return Status(**bench.status().as_dict())
