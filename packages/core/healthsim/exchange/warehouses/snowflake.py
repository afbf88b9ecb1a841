"""Snowflake: the Delta tables as Iceberg tables over an external volume, read where they lie."""

from __future__ import annotations

from collections.abc import Sequence

from healthsim.exchange.delta.declared import SCENARIO, LakeTable
from healthsim.exchange.warehouses.place import Place, text

SCHEMES = ("s3://", "gs://", "azure://", "az://", "abfss://")
#: what the statements call the volume and the integration; both belong to the account
VOLUME, INTEGRATION = "HEALTHSIM_VOLUME", "HEALTHSIM_DELTA"
BEFORE = f"""HealthSim tables in Snowflake, as Iceberg tables over Delta: nothing is copied.
First, an account administrator makes the external volume {VOLUME} over the path below (CREATE EXTERNAL VOLUME; it takes a role or
a service principal of your cloud, so that it cannot be written here). It takes: CREATE INTEGRATION on the account, USAGE on the
volume, CREATE SCHEMA in the database. After each export: ALTER ICEBERG TABLE ... REFRESH.
This text was parsed, not executed."""


def install(place: Place, tables: Sequence[LakeTable]) -> list[str]:
    """Tables over what lies at the location."""
    schema = f"{_quoted(place.catalog)}.{_quoted(place.schema)}"
    statements = [
        f"-- over {place.location}\nCREATE CATALOG INTEGRATION IF NOT EXISTS {INTEGRATION}\n"
        "  CATALOG_SOURCE = OBJECT_STORE TABLE_FORMAT = DELTA ENABLED = TRUE",
        f"CREATE SCHEMA IF NOT EXISTS {schema}",
    ]
    for table in tables:
        name = f"{schema}.{_quoted(table.name)}"
        statements.append(
            f"CREATE ICEBERG TABLE IF NOT EXISTS {name} CATALOG = {text(INTEGRATION)} EXTERNAL_VOLUME = {text(VOLUME)}"
            f" BASE_LOCATION = {text(table.place)}"
        )
        statements.append(f"COMMENT ON TABLE {name} IS {text(table.meaning)}")
    for table in tables:
        if table.key is not None:
            name = f"{schema}.{_quoted(table.name)}"
            columns = f"{_quoted(SCENARIO)}, {_quoted(table.key)}"
            statements.append(
                f"ALTER TABLE {name} ADD CONSTRAINT {_quoted(f'{table.name}_pk')} PRIMARY KEY ({columns}) NOT ENFORCED"
            )
    return statements


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
