"""What a build on a cluster reads: canonical tables as Parquet, as exports and generations write them, and what is known beside."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.analytics.star.declared import DIMENSIONS, REFERENCE, SCOPED, Step, statement
from healthsim.db.sql import quoted
from healthsim.errors import InvalidInput, NotFound
from healthsim.object_stores.addresses import address_of
from healthsim.outputs import MANIFEST
from healthsim.paths import local_path
from healthsim.state.tables import here
from healthsim.targets import Kind, target_of

if TYPE_CHECKING:
    import pyarrow as pa

    from healthsim.db.connection import Database


@dataclass(frozen=True)
class Source:
    """Canonical tables somewhere.

    Attributes:
        uri: below which ``canonical/<table>`` lies, as Spark names it.
        tables: those that are there.
        scenario: the row of the table ``scenarios``.
    """

    uri: str
    tables: frozenset[str]
    scenario: dict[str, Any]


def source_at(place: str | Path, name: str | None) -> Source:
    """The canonical tables of an export or a generation, by its manifest.

    Args:
        name: what the scenario is to be called; default: as in the manifest, or as the place.

    Raises:
        NotFound: there is no manifest, so that nothing whole is there.
        InvalidInput: it is of no canonical tables.
    """
    if isinstance(place, str) and target_of(place, what="source").kind is Kind.OBJECTS:
        from healthsim.object_stores.fetching import get_bytes
        from healthsim.object_stores.opening import open_store

        address = address_of(place, what="source")
        uri, last = str(address), address.name
        text = get_bytes(open_store(address), address / MANIFEST)
    else:
        folder = local_path(place, what="source").absolute()
        uri, last = str(folder), folder.name
        if not (folder / MANIFEST).is_file():
            raise NotFound(
                f"There is no {MANIFEST} in {folder}; expected what an export or a generation wrote.", path=uri
            )
        text = (folder / MANIFEST).read_bytes()
    try:
        manifest = json.loads(text)
        tables = frozenset(
            table.removeprefix("canonical/") for table in manifest["tables"] if table.startswith("canonical/")
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        tables = frozenset()
    if not tables:
        raise InvalidInput(
            f"{uri} holds no canonical tables; expected what an export or a generation as Parquet wrote.",
            path=uri,
        )
    return Source(uri, tables, _scenario(manifest, name or last))


def _scenario(manifest: dict[str, Any], name: str) -> dict[str, Any]:
    origin = json.dumps(manifest.get("generation", manifest.get("scenario")), sort_keys=True)
    updated = manifest.get("updated_at")
    return {
        # of the same population the same: a second build of it is the same scenario
        "scenario_id": manifest.get("scenario_id") or str(uuid.uuid5(uuid.NAMESPACE_URL, f"healthsim:{origin}")),
        "name": manifest.get("scenario", name),
        "description": manifest.get("description"),
        "product": manifest.get("product"),
        "created_at": dt.datetime.fromisoformat(manifest["created_at"]) if manifest.get("created_at") else None,
        "updated_at": dt.datetime.fromisoformat(updated) if updated else None,
    }


def scenario_table(scenario: dict[str, Any]) -> pa.Table:
    """The row as a table."""
    import pyarrow as pa

    instant = pa.timestamp("us")
    schema = pa.schema(
        [(name, instant if name.endswith("_at") else pa.string()) for name in scenario],
    )
    return pa.Table.from_pylist([scenario], schema=schema)


def reference_tables(database: Database) -> dict[str, pa.Table]:
    """What the reference data of a database gives the star: some thousand rows, which are sent to the cluster."""
    with database.read() as connection:
        return {name: connection.sql(_plain(statement(name), connection)).to_arrow_table() for name in REFERENCE}


def _plain(select: str, connection: Any) -> str:
    """A SELECT without types that only this engine has."""
    columns = connection.execute(f"DESCRIBE {select}").fetchall()
    cast = {"JSON": "VARCHAR", "UUID": "VARCHAR", "HUGEINT": "BIGINT"}
    shown = ", ".join(f"CAST({quoted(name)} AS {cast.get(kind, kind)}) AS {quoted(name)}" for name, kind, *_ in columns)
    return f"SELECT {shown} FROM ({select})"


@dataclass(frozen=True)
class Settled:
    """The keys that a star has given.

    Attributes:
        last: dimension -> the highest.
        keys: dimension -> what identifies a row, and ``old_key``.
    """

    scenario_key: int
    last: dict[str, int]
    keys: dict[str, pa.Table]


def settled_keys(database: Database, scenario_id: str, steps: tuple[Step, ...]) -> Settled | None:
    """The keys of the star of a scenario in a database; None where it has none."""
    with database.read() as connection:
        row = connection.execute(
            f"SELECT scenario_key FROM analytics.builds WHERE {here(scenario_id)} AND star_version IS NOT NULL"
        ).fetchone()
        if row is None:
            return None
        last = dict(connection.execute("SELECT table_name, last_key FROM analytics.dimension_keys").fetchall())
        keys = {}
        for step in steps:
            if step.name in DIMENSIONS and step.natural:
                own = f" AND scenario_key = {row[0]}" if step.name in SCOPED else ""
                natural = ", ".join(map(quoted, step.natural))
                select = f"SELECT {natural}, {step.key} AS old_key FROM analytics.{quoted(step.name)} WHERE {step.key} > 0{own}"
                keys[step.name] = connection.sql(_plain(select, connection)).to_arrow_table()
    return Settled(int(row[0]), last, keys)
