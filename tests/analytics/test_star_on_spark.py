"""Every statement of the star runs on Spark over the same Parquet files, and gives the same rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from small_scenarios import scenario

from healthsim.analytics import build
from healthsim.analytics.star.declared import DIMENSIONS, REFERENCE, SCOPED, SEEDS, SOURCES, STEPS, statement
from healthsim.analytics.star.heads import TEMPORARY
from healthsim.analytics.star.seed_tables import given
from healthsim.db.connection import Database
from healthsim.state.manager import StateManager

pyspark = pytest.importorskip("pyspark")
sqlglot = pytest.importorskip("sqlglot")

#: in the order in which each finds what it reads
STATEMENTS = (
    *SEEDS,
    "dim_scenario",
    "geoids",
    "dim_geography",
    "fact_population_measure",
    *(step.name for step in STEPS),
)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What statements read, as Parquet files: name -> path. What one step makes is there for the next."""
    folder = tmp_path_factory.mktemp("spark")
    database = Database(folder / "x.duckdb")
    StateManager(database).save("s", scenario(5, 12) | {"sites": [{"site_id": "X", "study_id": "T"}]})
    build(database, ["s"])
    found = {}
    with database.raw(read_only=False) as connection:
        key, scenario_id = connection.execute(
            "SELECT scenario_key, scenario_id::VARCHAR FROM analytics.dim_scenario WHERE scenario_key > 0"
        ).fetchall()[0]
        wanted = {
            name: f"SELECT * FROM main.{name} WHERE scenario_id = '{scenario_id}'" for name in ("scenarios", *SOURCES)
        }
        wanted |= {
            name: f"SELECT * FROM analytics.{name}"
            for name in (*DIMENSIONS, "bridge_diagnosis_group", "code_rules")
            if name not in SCOPED
        }
        wanted |= {
            name: f"SELECT * FROM analytics.{name} WHERE scenario_key = {key}" for name in ("dim_scenario", *SCOPED)
        }
        wanted |= {name: statement(name) for name in REFERENCE} | given()
        for name, select in wanted.items():
            found[name] = str(folder / f"{name}.parquet")
            write(connection, select, found[name])
        connection.execute("SET search_path = 'temp'")
    with duckdb.connect() as connection:
        for name, path in found.items():
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{path}')")
        for step in STEPS:
            if step.kind in TEMPORARY:
                found[step.name] = str(folder / f"{step.name}.parquet")
                write(connection, statement(step.name), found[step.name])
                connection.execute(f"CREATE VIEW {step.name} AS SELECT * FROM read_parquet('{found[step.name]}')")
        found["geoids"] = str(folder / "geoids.parquet")
        write(connection, statement("geoids"), found["geoids"])
    return found


@pytest.fixture(scope="module")
def spark(tables: dict[str, str]) -> Iterator[Any]:
    """A Spark of this process, with the tables as views."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.session.timeZone": "UTC",
        "spark.driver.memory": "1g",
    }
    builder = SparkSession.builder.master("local[1]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    for table, path in tables.items():
        session.read.parquet(path).createOrReplaceTempView(table)
    yield session
    session.stop()


def write(connection: duckdb.DuckDBPyConnection, select: str, path: str) -> None:
    """A table as Parquet, with the types that Spark knows."""
    columns = connection.execute(f"DESCRIBE {select}").fetchall()
    cast = {"JSON": "VARCHAR", "UUID": "VARCHAR", "HUGEINT": "BIGINT"}
    shown = ", ".join(f'"{name}"::{cast.get(kind, kind)} AS "{name}"' for name, kind, *_ in columns)
    connection.execute(f"COPY (SELECT {shown} FROM ({select})) TO '{path}' (FORMAT parquet)")


def plain(value: Any) -> Any:
    """A value as both engines have it."""
    if isinstance(value, (Decimal, float)):
        return round(float(value), 6)
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    return str(value) if value.__class__.__name__ == "UUID" else value


def sorted_rows(rows: Any) -> list[tuple[Any, ...]]:
    return sorted((tuple(plain(value) for value in row) for row in rows), key=repr)


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_gives_the_same_rows_on_spark(spark: Any, tables: dict[str, str], name: str) -> None:
    select = statement(name)
    with duckdb.connect() as connection:
        for table, path in tables.items():
            connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{path}')")
        expected = sorted_rows(connection.execute(select).fetchall())
    (translated,) = sqlglot.transpile(select, read="duckdb", write="spark")
    assert sorted_rows(spark.sql(translated).collect()) == expected
