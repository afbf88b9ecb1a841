"""What the star holds whatever the scenarios are: dates, ages, measures, rules of codes, and the places of the reference data.

It is made at the first build, and again only when the program's data or the reference data are others.
"""

from __future__ import annotations

import csv
import io

import duckdb

from healthsim.analytics import star
from healthsim.analytics.keys import MEMBERS, Keys
from healthsim.analytics.star import DIMENSIONS, FIXED, REFERENCE, Step
from healthsim.db.sql import literal, quoted, sql_text

GEOGRAPHY = Step("dim_geography", "code", (), ("geoid",))


def prepare(connection: duckdb.DuckDBPyConnection, keys: Keys) -> bool:
    """Make the fixed tables, unless they are those of this program; whether they were made."""
    if keys.content("dim_date") == star.version():
        return False
    connection.execute("DELETE FROM analytics.code_rules")
    connection.execute(f"INSERT INTO analytics.code_rules BY NAME {values('code_rules.csv')}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE measure_definitions AS {values('measures.csv')}")
    for name in FIXED:
        connection.execute(f"DELETE FROM analytics.{quoted(name)}")
        connection.execute(f"INSERT INTO analytics.{quoted(name)} BY NAME {sql_text(star.PACKAGE, name)}")
    for name in DIMENSIONS:
        _add_members(connection, name)
    keys.made_of("dim_date", star.version())
    return True


def values(name: str) -> str:
    """A file of the package's data as a SELECT: numbers where every value is one, NULL where there is none."""
    head, *rows = csv.reader(io.StringIO(star.data(name)))
    numeric = {column for column, *cells in zip(head, *rows, strict=True) if all(cell.isdigit() for cell in cells)}
    numeric -= {"code_from", "code_to", "value"}
    lines = [
        "("
        + ", ".join(cell if column in numeric else literal(cell) for column, cell in zip(head, row, strict=True))
        + ")"
        for row in rows
    ]
    return f"SELECT * FROM (VALUES\n{','.join(lines)}\n) AS given({', '.join(quoted(column) for column in head)})"


def _add_members(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """The rows Unknown and Not applicable: their first text says which they are."""
    # the catalogue would look into every view of the database as well
    columns = connection.execute(
        f"SELECT name, type FROM pragma_table_info({literal(f'analytics.{table}')}) ORDER BY cid"
    ).fetchall()
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
        rows.append(f"({', '.join(row)})")
    connection.execute(f"DELETE FROM analytics.{quoted(table)} WHERE {key} < 0")
    connection.execute(f"INSERT INTO analytics.{quoted(table)} VALUES {', '.join(rows)}")


def places(connection: duckdb.DuckDBPyConnection, keys: Keys) -> None:
    """Bring the places up to date: those of the reference data when it is another, and those that a scenario names."""
    (stamp,) = connection.execute(
        "SELECT concat_ws(' ', count(*), max(loaded_at), sum(stored_rows)) FROM reference.loads"
    ).fetchall()[0]
    stamp = f"{star.version()} {stamp}"
    renewed = keys.content(GEOGRAPHY.name) != stamp
    if not renewed:
        (missing,) = connection.execute(
            "SELECT count(*) FROM geoids ANTI JOIN analytics.dim_geography USING (geoid)"
        ).fetchall()[0]
        if not missing:
            return
    for name in REFERENCE:
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS {sql_text(star.PACKAGE, name)}")
    statement = sql_text(star.PACKAGE, GEOGRAPHY.name)
    if renewed:
        keys.replace(GEOGRAPHY, statement, None)
    else:
        keys.add(GEOGRAPHY, statement)
    connection.execute("DELETE FROM analytics.fact_population_measure")
    connection.execute(
        f"INSERT INTO analytics.fact_population_measure BY NAME {sql_text(star.PACKAGE, 'fact_population_measure')}"
    )
    keys.made_of(GEOGRAPHY.name, stamp)
