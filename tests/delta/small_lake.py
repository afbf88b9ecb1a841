"""A small scenario with its star, and readers of Delta tables."""

from __future__ import annotations

from pathlib import Path

import duckdb
from deltalake import DeltaTable

from healthsim.db.connection import Database
from healthsim.exchange.delta.arrow import schema_of
from healthsim.exchange.delta.declared import lake_table
from healthsim.workbench import Workbench

SIZE = 30


def generated(location: Path, *names: str) -> Workbench:
    """A database with small populations and their star."""
    bench = Workbench.at(location)
    for seed, name in enumerate(names, start=1):
        bench.generate(
            size=SIZE, counties={"06073": 1.0}, seed=seed, products=["patient", "claims", "pharmacy", "trial"], as_=name
        )
    bench.build(*names)
    return bench


Digest = tuple[int, int]


def rows_there(folder: Path | str, table: str, scenario_id: str, version: int | None = None) -> Digest:
    """The rows of a scenario in a Delta table: how many, and a hash over all values of all of them."""
    held = DeltaTable(f"{folder}/{table}", version=version).to_pyarrow_table(
        filters=[("scenario_id", "=", scenario_id)]
    )
    schema = schema_of(lake_table(table), zoneless=True)
    # instants are UTC, with a zone or without
    held = held.select(schema.names).cast(schema)
    with duckdb.connect() as connection:
        connection.register("held", held)
        return digest(connection, "FROM held")


def rows_here(database: Database, table: str, query: str, scenario_id: str) -> Digest:
    """The same of a query, with the columns that the lake has."""
    with database.raw(read_only=True) as connection:
        return digest(connection, lake_table(table).select(query, scenario_id))


def digest(connection: duckdb.DuckDBPyConnection, query: str) -> Digest:
    """How many rows there are, and a hash that does not depend on their order."""
    count, total = connection.execute(
        f"SELECT count(*), coalesce(sum(hash(whole)), 0) FROM (SELECT row_::VARCHAR AS whole FROM ({query}) AS row_)"
    ).fetchall()[0]
    return int(count), int(total)
