"""What the star holds whatever the scenarios are: dates, ages, measures, rules of codes, and the places of the reference data.

It is made at the first build, and again only when the program's data or the reference data are others.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence

import duckdb

from healthsim.analytics.star import declared
from healthsim.analytics.star.declared import DIMENSIONS, HEADS, REFERENCE, SEEDS, Step, statement
from healthsim.analytics.star.measures import measures
from healthsim.analytics.star.surrogate_keys import MEMBERS, Keys
from healthsim.db.sql import literal, quoted

GEOGRAPHY = Step(HEADS["dim_geography"])


def prepare(connection: duckdb.DuckDBPyConnection, keys: Keys) -> bool:
    """Make the fixed tables, unless they are those of this program; whether those of another version were there."""
    made_by = keys.content("dim_date")
    if made_by == declared.version():
        return False
    for name, select in given().items():
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS {select}")
    for name in SEEDS:
        connection.execute(f"DELETE FROM analytics.{quoted(name)}")
        connection.execute(f"INSERT INTO analytics.{quoted(name)} BY NAME {statement(name)}")
    for name in DIMENSIONS:
        _add_members(connection, name)
    keys.made_of("dim_date", declared.version())
    return made_by is not None


def given() -> dict[str, str]:
    """What statements of seeds read, as SELECTs of the program's data: rules of codes, and measures."""
    head, *places = csv.reader(io.StringIO(declared.data("places_measures.csv")))
    quality = [[str(value) for value in measure.row().values()] for measure in measures().values()]
    rules = csv.reader(io.StringIO(declared.data("code_rules.csv")))
    return {"code_rule_definitions": values(*rules), "measure_definitions": values(head, *quality, *places)}


def values(head: Sequence[str], *rows: Sequence[str]) -> str:
    """Rows of text as a SELECT: numbers where every value of a column is one."""
    numeric = {column for column, *cells in zip(head, *rows, strict=True) if all(cell.isdigit() for cell in cells)}
    numeric -= {"code_from", "code_to", "value"}
    lines = [
        "("
        + ", ".join(cell if column in numeric else literal(cell) for column, cell in zip(head, row, strict=True))
        + ")"
        for row in rows
    ]
    return f"SELECT * FROM (VALUES\n{','.join(lines)}\n) AS given({', '.join(quoted(column) for column in head)})"


def member_rows(table: str) -> list[list[str]]:
    """The rows Unknown and Not applicable of a dimension, as SQL: their first text says which they are."""
    columns = [(column.name, column.type) for column in declared.columns_of(table)]
    key = columns[0][0]
    rows = []
    for member, word in MEMBERS.items():
        row = []
        for name, kind in columns:
            if name == key or (name == "scenario_key") or name.endswith("_key"):
                row.append(str(member))
            elif kind == "VARCHAR":
                row.append(literal(word))
            elif name.startswith("is_"):
                row.append("0")
            else:
                row.append("NULL")
        rows.append(row)
    return rows


def _add_members(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    rows = [f"({', '.join(row)})" for row in member_rows(table)]
    connection.execute(f"DELETE FROM analytics.{quoted(table)} WHERE {declared.columns_of(table)[0].name} < 0")
    connection.execute(f"INSERT INTO analytics.{quoted(table)} VALUES {', '.join(rows)}")


def places_current(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the places are those of the reference data that is loaded now."""
    row = connection.execute(
        "SELECT content FROM analytics.dimension_keys WHERE table_name = ?", [GEOGRAPHY.name]
    ).fetchone()
    return row is None or row[0] == _stamp(connection)


def _stamp(connection: duckdb.DuckDBPyConnection) -> str:
    """What places are made of."""
    (loads,) = connection.execute(
        "SELECT concat_ws(' ', count(*), max(loaded_at), sum(stored_rows)) FROM reference.loads"
    ).fetchall()[0]
    return f"{declared.version()} {loads}"


def renew_places(connection: duckdb.DuckDBPyConnection, keys: Keys) -> bool:
    """Describe all places anew when the reference data is another than they were made of; whether it was."""
    if keys.content(GEOGRAPHY.name) in (None, _stamp(connection)):
        return False
    # of a place that is no longer part of the reference data, nothing may stay
    _name(connection, "SELECT geoid FROM analytics.dim_geography WHERE geography_key > 0")
    _describe(connection, keys, lambda statement: keys.replace(GEOGRAPHY, statement, None))
    return True


def add_places(connection: duckdb.DuckDBPyConnection, keys: Keys, named: str) -> None:
    """Describe the places that a scenario names and, the first time, those of the reference data.

    Args:
        named: a SELECT of ``geoid``.
    """
    _name(connection, named)
    if keys.content(GEOGRAPHY.name) is not None:
        (missing,) = connection.execute(
            "SELECT count(*) FROM geoids ANTI JOIN analytics.dim_geography USING (geoid)"
        ).fetchall()[0]
        if not missing:
            return
    _describe(connection, keys, lambda statement: keys.add(GEOGRAPHY, statement))


def _name(connection: duckdb.DuckDBPyConnection, named: str) -> None:
    connection.execute(f"CREATE OR REPLACE TEMP TABLE geoids AS {named}")


def _describe(connection: duckdb.DuckDBPyConnection, keys: Keys, put: Callable[[str], None]) -> None:
    """Put the places of ``geoids`` and of the reference data, and what is published about them."""
    for name in REFERENCE:
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS {statement(name)}")
    put(GEOGRAPHY.statement)
    connection.execute("DELETE FROM analytics.fact_population_measure")
    connection.execute(f"INSERT INTO analytics.fact_population_measure BY NAME {statement('fact_population_measure')}")
    keys.made_of(GEOGRAPHY.name, _stamp(connection))
