"""BigQuery: the Delta tables as external tables over a BigLake connection, read where they lie."""

from __future__ import annotations

from collections.abc import Sequence

from healthsim.exchange.delta.declared import LakeTable
from healthsim.exchange.warehouses.place import Place, text

SCHEMES = ("gs://",)
#: what the statements call the connection
CONNECTION = "us.healthsim"
BEFORE = f"""HealthSim tables in BigQuery, as external tables over Delta: nothing is copied.
First, make a connection for cloud resources called healthsim (here: in the region us, as {CONNECTION}) and give its service account
the role Storage Object Viewer on the bucket. It takes: bigquery.datasets.create, bigquery.tables.create, bigquery.connections.use.
This text was parsed as far as the parser knows it, not executed."""


def install(place: Place, tables: Sequence[LakeTable]) -> list[str]:
    """Tables over what lies at the location."""
    statements = [f"CREATE SCHEMA IF NOT EXISTS {_quoted(place.catalog)}.{_quoted(place.schema)}"]
    for table in tables:
        name = f"{_quoted(place.catalog)}.{_quoted(place.schema)}.{_quoted(table.name)}"
        statements.append(
            f"CREATE OR REPLACE EXTERNAL TABLE {name}\nWITH CONNECTION {_quoted(f'{place.catalog}.{CONNECTION}')}\n"
            f"OPTIONS (format = 'DELTA_LAKE', uris = [{text(place.uri(table))}], description = {text(table.meaning)})"
        )
    return statements


def _quoted(name: str) -> str:
    return f"`{name.replace('`', '')}`"
