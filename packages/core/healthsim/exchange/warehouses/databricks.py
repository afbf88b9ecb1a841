"""Databricks: Delta tables made known to Unity Catalog by their location, with informational keys."""

from __future__ import annotations

from collections.abc import Sequence

from healthsim.exchange.delta.declared import SCENARIO, LakeTable
from healthsim.exchange.warehouses.place import Place, text

SCHEMES = ("s3://", "gs://", "abfss://")
BEFORE = """HealthSim tables in Unity Catalog. Run it in a SQL warehouse or a notebook; it can be run again.
It takes: an external location over the path below, USE CATALOG, CREATE SCHEMA and CREATE TABLE in it, CREATE EXTERNAL TABLE on the
external location. Primary and foreign keys are informational: nothing enforces them, HealthSim does. Keys hold within a scenario."""


def install(place: Place, tables: Sequence[LakeTable]) -> list[str]:
    """Tables over what lies at the location; comments of columns are in the Delta tables themselves."""
    statements = [schema(place)]
    for table in tables:
        statements.append(
            f"CREATE TABLE IF NOT EXISTS {name(place, table.name)} USING DELTA LOCATION {text(place.uri(table))}"
        )
        statements.append(f"COMMENT ON TABLE {name(place, table.name)} IS {text(table.meaning)}")
    return [*statements, *keys(place, tables)]


def schema(place: Place) -> str:
    """The statement that makes the schema."""
    return f"CREATE SCHEMA IF NOT EXISTS {_quoted(place.catalog)}.{_quoted(place.schema)} COMMENT 'Synthetic data of HealthSim'"


def create(place: Place, table: LakeTable) -> str:
    """The statement that makes an empty table of the same columns."""
    columns = ",\n  ".join(
        f"{_quoted(column.name)} {_type(column.type)}{' NOT NULL' if column.required else ''} COMMENT {text(column.meaning)}"
        for column in table.columns
    )
    return (
        f"CREATE TABLE IF NOT EXISTS {name(place, table.name)} (\n  {columns}\n) USING DELTA PARTITIONED BY ({SCENARIO})"
        f" COMMENT {text(table.meaning)}"
    )


def load(place: Place, table: LakeTable, scenario_id: str, files: str) -> str:
    """The statement that puts rows of Parquet files in the place of those of the scenario, in one step."""
    columns = ", ".join(_quoted(column.name) for column in table.columns)
    return (
        f"INSERT INTO {name(place, table.name)} REPLACE WHERE {SCENARIO} = {text(scenario_id)}\n"
        f"SELECT {columns} FROM read_files({text(files)}, format => 'parquet')"
    )


def keys(place: Place, tables: Sequence[LakeTable]) -> list[str]:
    """Informational keys: first those that others refer to."""
    there = {table.name for table in tables}
    statements = []
    for table in tables:
        if table.key is not None:
            columns = f"{SCENARIO}, {_quoted(table.key)}"
            statements += _constraint(place, table, f"{table.name}_pk", f"PRIMARY KEY ({columns}) RELY", " CASCADE")
    for table in tables:
        for reference in table.references:
            if reference.table in there:
                columns = f"{SCENARIO}, {_quoted(reference.column)}"
                target = f"{name(place, reference.table)} ({SCENARIO}, {_quoted(reference.key)})"
                statements += _constraint(
                    place, table, f"{table.name}_{reference.column}_fk", f"FOREIGN KEY ({columns}) REFERENCES {target}"
                )
    return statements


def _constraint(place: Place, table: LakeTable, constraint: str, what: str, also: str = "") -> list[str]:
    alter = f"ALTER TABLE {name(place, table.name)}"
    return [
        f"{alter} DROP CONSTRAINT IF EXISTS {_quoted(constraint)}{also}",
        f"{alter} ADD CONSTRAINT {_quoted(constraint)} {what}",
    ]


def name(place: Place, table: str) -> str:
    """The whole name of a table."""
    return f"{_quoted(place.catalog)}.{_quoted(place.schema)}.{_quoted(table)}"


def _type(sql_type: str) -> str:
    import sqlglot

    # an instant of ours is UTC: TIMESTAMP there is an instant, too, and no time of an unknown zone
    return (
        "TIMESTAMP"
        if sql_type == "TIMESTAMP"
        else sqlglot.exp.DataType.build(sql_type, dialect="duckdb").sql("databricks")
    )


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
