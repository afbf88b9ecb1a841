"""SQL for warehouses: all of it parses, keys are those of the declarations, and the metrics give what the program says."""

from __future__ import annotations

import logging
import math
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
import yaml
from small_lake import generated
from sqlglot import exp

from healthsim.analytics.metrics.registry import registry
from healthsim.errors import UsageError
from healthsim.exchange.delta.declared import lake_tables
from healthsim.exchange.delta.export import export_delta
from healthsim.exchange.warehouses import databricks
from healthsim.exchange.warehouses.metrics import metric_views
from healthsim.exchange.warehouses.place import Place
from healthsim.exchange.warehouses.recipe import DIALECTS, recipe_files
from healthsim.workbench import Workbench

LOCATIONS = {"databricks": "s3://lake/x", "snowflake": "s3://lake/x", "bigquery": "gs://lake/x"}
#: statements that the parser takes as a whole, without looking into them
UNPARSED = ("CREATE CATALOG INTEGRATION", "CREATE OR REPLACE EXTERNAL TABLE", "WITH METRICS")


@pytest.fixture(scope="module")
def recipes() -> dict[str, dict[str, str]]:
    places = {dialect: Place(location, "main", "healthsim") for dialect, location in LOCATIONS.items()}
    return {dialect: dict(recipe_files(dialect, places[dialect], lake_tables())) for dialect in DIALECTS}


def statements(text: str, dialect: str) -> list[exp.Expression]:
    return [one for one in sqlglot.parse(text, read=dialect) if one is not None]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_statement_parses(
    recipes: dict[str, dict[str, str]], dialect: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "sqlglot")
    count = 0
    for name, text in recipes[dialect].items():
        # a YAML text between dollars is one token that has semicolons in it
        if name.endswith(".sql") and name != "metric_views.sql":
            for one in statements(text, dialect):
                assert not isinstance(one, exp.Command) or any(word in one.sql(dialect) for word in UNPARSED), one.sql()
                count += 1
    assert count > len(lake_tables())


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_table_is_made_known(recipes: dict[str, dict[str, str]], dialect: str) -> None:
    text = recipes[dialect]["install.sql"]
    for table in lake_tables():
        place = table.place if dialect == "snowflake" else f"{LOCATIONS[dialect]}/{table.place}"
        assert f"'{place}'" in text, table.place


def test_keys_of_databricks_are_those_of_the_declarations(recipes: dict[str, dict[str, str]]) -> None:
    text = recipes["databricks"]["install.sql"]
    primary = set(
        re.findall(
            r"TABLE `main`.`healthsim`.`(\w+)` ADD CONSTRAINT `\w+` PRIMARY KEY \(scenario_id, `(\w+)`\) RELY", text
        )
    )
    assert primary == {(table.name, table.key) for table in lake_tables() if table.key}
    foreign = re.findall(
        r"`(\w+)` ADD CONSTRAINT `\w+` FOREIGN KEY \(scenario_id, `(\w+)`\) REFERENCES `main`.`healthsim`.`(\w+)`", text
    )
    assert ("claims", "patient_id", "patients") in foreign
    assert ("fact_claim", "person_key", "dim_person") in foreign
    assert {target for _, _, target in foreign} <= {table for table, _ in primary}
    # constraints have to have names of their own
    names = re.findall(r"ADD CONSTRAINT `(\w+)`", text)
    assert len(names) == len(set(names))


def test_tables_of_databricks_have_types_that_it_knows() -> None:
    place = Place("s3://lake/x", "main", "healthsim")
    kinds = set()
    for table in lake_tables():
        (made,) = statements(databricks.create(place, table), "databricks")
        kinds |= {column.kind.sql("databricks") for column in made.find_all(exp.ColumnDef)}
    assert kinds == {"STRING", "DATE", "TIMESTAMP", "INT", "BIGINT", "DOUBLE", "BOOLEAN", "DECIMAL(14, 2)"}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workbench, duckdb.DuckDBPyConnection]:
    """Two scenarios as Delta tables, in an engine that knows them as a warehouse would."""
    folder = tmp_path_factory.mktemp("lake")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEALTHSIM_HOME", str(folder / "home"))
        bench = generated(folder / "x.duckdb", "one", "two")
    for name in ("one", "two"):
        written = export_delta(bench.database, name, folder / "lake", layer="star")
    connection = duckdb.connect()
    connection.execute("ATTACH ':memory:' AS main_catalog")
    connection.execute("CREATE SCHEMA main_catalog.healthsim")
    from deltalake import DeltaTable

    for table in lake_tables():
        if table.place in written.tables:
            held = DeltaTable(folder / "lake" / table.place).to_pyarrow_table()  # noqa: F841  # read by the statement
            connection.execute(f"CREATE TABLE main_catalog.healthsim.{table.name} AS FROM held")
    return bench, connection


@pytest.mark.long
def test_metrics_give_what_the_program_says(lake: tuple[Workbench, duckdb.DuckDBPyConnection]) -> None:
    """All of them, of both scenarios: the text goes through the dialect of Databricks and back."""
    bench, connection = lake
    tables = {
        name
        for (name,) in connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'healthsim'"
        ).fetchall()
    }
    views = metric_views(Place("s3://lake/x", "main_catalog", "healthsim"), tables, "databricks")
    assert len(views) > 80
    told: dict[tuple[str, str], dict[Any, Any]] = {}
    for text in views:
        (view,) = statements(text, "databricks")
        connection.execute(view.sql("duckdb"))
        metric = registry().metric(view.this.name.removeprefix("metric_"))
        label = metric.needs or "NULL"
        for scenario, value, divided in connection.execute(
            f"SELECT scenario, value, {label} FROM main_catalog.healthsim.{view.this.name}"
        ).fetchall():
            told.setdefault((metric.name, scenario), {})[divided] = value
    compared = 0
    for needs in {metric.needs for metric in registry().metrics.values()}:
        names = [name for name, metric in registry().metrics.items() if metric.needs == needs and (name, "one") in told]
        for scenario in ("one", "two"):
            answer = bench.query(names, by=needs or (), scenario=scenario)
            for row in answer.rows:
                divided, *values = row if needs else (None, *row)
                for name, value in zip(names, values, strict=True):
                    # of what a scenario has none of, the program says nothing
                    assert value is None or same(told[name, scenario].get(divided, 0), value), (name, scenario, divided)
                    compared += value is not None
    assert compared > 150


def same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return (one or 0) == (other or 0)
    return math.isclose(float(one), float(other), rel_tol=1e-9, abs_tol=1e-9)


#: what the published reference of metric views (version 1.1) knows
VIEW = {"version", "comment", "source", "filter", "joins", "dimensions", "measures"}
PARTS = {
    "joins": {"name", "source", "on", "joins"},
    "dimensions": {"name", "expr", "comment"},
    "measures": {"name", "expr", "comment"},
}


def test_metric_views_have_the_published_shape(recipes: dict[str, dict[str, str]]) -> None:
    files = {name: yaml.safe_load(text) for name, text in recipes["databricks"].items() if name.endswith(".yaml")}
    assert len(files) > 10
    for name, view in files.items():
        assert view.keys() <= VIEW, name
        assert view["version"] == "1.1"
        aliases = {"source"}

        def joined(joins: list[dict[str, Any]], aliases: set[str] = aliases) -> None:
            for join in joins:
                assert join.keys() <= PARTS["joins"]
                aliases.add(join["name"])
                sqlglot.parse_one(join["on"], read="databricks")
                joined(join.get("joins", []))

        joined(view.get("joins", []))
        for kind in ("dimensions", "measures"):
            names = [part["name"] for part in view[kind]]
            assert len(names) == len(set(names))
            for part in view[kind]:
                assert part.keys() == PARTS[kind]
                for column in sqlglot.parse_one(part["expr"], read="databricks").find_all(exp.Column):
                    assert len(column.parts) > 1, part
                    assert {piece.name for piece in column.parts[:-1]} <= aliases, part
                if kind == "measures":
                    assert any(sqlglot.parse_one(part["expr"], read="databricks").find_all(exp.AggFunc))


def test_a_place_that_a_warehouse_cannot_see_is_refused() -> None:
    with pytest.raises(UsageError, match=r"databricks does not see /srv/lake.*--location"):
        recipe_files("databricks", Place("/srv/lake", "main", "healthsim"), lake_tables())
    with pytest.raises(UsageError, match="expected gs://"):
        recipe_files("bigquery", Place("s3://lake", "main", "healthsim"), lake_tables())


def test_the_sql_lies_below_the_tables(lake: tuple[Workbench, duckdb.DuckDBPyConnection], tmp_path: Path) -> None:
    bench, _ = lake
    bench.save("small", {"patients": [{"patient_id": "P1", "mrn": "M1"}]})
    written: Any = bench.export(
        "delta", "small", tmp_path / "lake", sql=["databricks"], location="s3://lake/x", catalog="dev"
    )
    assert (tmp_path / "lake" / "sql" / "databricks" / "install.sql").read_text().count("`dev`.`healthsim`.`patients`")
    assert [Path(file).name for file in written.sql] == ["install.sql"]
