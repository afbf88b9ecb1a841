"""Loads: what is there, and how the rows of one come and go.

A load of PLACES or SVI is a typed table of its own in schema reference_data, as wide as what was published: it is
read and stored several times faster, and takes a third of the space, of one row per value. reference.places and
reference.svi show the same as one row per value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.db.reference.dataset import Connection
from healthsim.db.sql import literal, one_file, quoted, sql_text
from healthsim.results import LoadCheck

if TYPE_CHECKING:
    from healthsim.db.connection import Database

PACKAGE = "healthsim.db.reference"
#: the release of the figures that come with the program; any official load takes precedence over it
STARTER = "starter"

#: the tables that hold all releases of a dataset, by the name that its declaration gives
TABLES = {
    "adi": ("adi",),
    "county_lists": ("county_lists",),
    "cbsa_counties": ("cbsa_counties",),
    "ct_crosswalk": ("ct_crosswalk",),
    "npi_providers": ("npi_providers", "npi_taxonomies"),
    "npi_practice_locations": ("npi_practice_locations",),
    "npi_other_names": ("npi_other_names",),
    "npi_endpoints": ("npi_endpoints",),
}
_TARGETS = {
    "adi": "adi",
    "counties": "county_lists",
    "cbsa": "cbsa_counties",
    "ct_crosswalk": "ct_crosswalk",
}
_NPI_TARGETS = {
    "provider": "npi_providers",
    "practice_location": "npi_practice_locations",
    "other_name": "npi_other_names",
    "endpoint": "npi_endpoints",
}


@dataclass(frozen=True)
class Load:
    """One release of a dataset at one level, as it was loaded."""

    dataset: str
    level: str
    release: str
    geography_vintage: str | None
    file: str
    sha256: str
    rows: int
    loaded_at: datetime
    stored_rows: int
    members: int = 1
    url: str | None = None
    filters: str | None = None
    variables: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """What there is one load of."""
        return self.dataset, self.level, self.release

    @property
    def table(self) -> str:
        """The table of a load that has one of its own, for SQL."""
        return f"reference_data.{quoted('_'.join(self.key))}"

    @property
    def target(self) -> str | None:
        """The table that it shares with other releases, where it does."""
        return _NPI_TARGETS[self.level] if self.dataset == "nppes" else _TARGETS.get(self.dataset)

    def as_dict(self) -> dict[str, Any]:
        """What ``reference list --json`` prints."""
        return {name: value for name, value in asdict(self).items() if name not in ("members", "variables")}


_FIELDS = tuple(field.name for field in fields(Load))


def loads_in(connection: Connection, dataset: str | None = None, level: str | None = None) -> list[Load]:
    """The loads, newest release of each dataset and level first; the starter set last."""
    rows = connection.execute(sql_text(PACKAGE, "list_loads"), [dataset, dataset, level, level]).fetchall()
    return [Load(**{**dict(zip(_FIELDS, row, strict=True)), "variables": tuple(row[-1] or ())}) for row in rows]


def list_loads(database: Database) -> list[Load]:
    """Which releases of which datasets are loaded."""
    with database.read() as connection:
        return loads_in(connection)


def put(connection: Connection, load: Load, parts: dict[str, Sequence[Path]]) -> None:
    """Store staged rows as a load in place of the one that was there; the caller's transaction is the swap.

    Args:
        parts: table -> Parquet files of its rows; the key of a load with a table of its own is ``""``.
    """
    connection.execute("SET enable_progress_bar = false")
    if load.target is None:
        connection.execute(
            f"CREATE OR REPLACE TABLE {load.table} AS SELECT * FROM read_parquet(?)",
            [[one_file(path) for path in parts[""]]],
        )
    else:
        with _little_memory(connection):
            for table in TABLES[load.target]:
                connection.execute(f"DELETE FROM reference.{quoted(table)} WHERE release = ?", [load.release])
                if parts.get(table):
                    connection.execute(
                        f"INSERT INTO reference.{quoted(table)} BY NAME SELECT ? AS release, * FROM read_parquet(?)",
                        [load.release, [one_file(path) for path in parts[table]]],
                    )
    record(connection, load)


@contextmanager
def _little_memory(connection: Connection) -> Iterator[None]:
    """Let millions of rows pass through without filling the memory that the database may use."""
    before = connection.execute("SELECT current_setting('memory_limit')").fetchall()[0][0]
    connection.execute("SET memory_limit = '256MB'; SET preserve_insertion_order = false")
    try:
        yield
    finally:
        connection.execute(f"SET memory_limit = {literal(before)}; RESET preserve_insertion_order")


def record(connection: Connection, load: Load) -> None:
    """Write the row of a load in the list."""
    _forget(connection, load)
    connection.execute(
        "INSERT INTO reference.loads (dataset, level, release, vintage, file, sha256, rows, loaded_at, stored_rows,"
        " members,"
        " url, filters, variables) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [*[*asdict(load).values()][:-1], list(load.variables)],
    )


def _forget(connection: Connection, load: Load) -> None:
    connection.execute("DELETE FROM reference.loads WHERE dataset = ? AND level = ? AND release = ?", [*load.key])


def now() -> datetime:
    """The time of a load (UTC)."""
    return datetime.now(UTC).replace(tzinfo=None)


def remove(connection: Connection, load: Load) -> None:
    """Take the rows of a load, and its row in the list; the views over the loads are the caller's."""
    if load.target is None:
        connection.execute(f"DROP TABLE IF EXISTS {load.table}")
    else:
        for table in TABLES[load.target]:
            connection.execute(f"DELETE FROM reference.{quoted(table)} WHERE release = ?", [load.release])
    _forget(connection, load)


def verify(database: Database) -> list[LoadCheck]:
    """Count what each load has against what was recorded when it was loaded."""
    with database.read() as connection:
        return [_verified(connection, load) for load in loads_in(connection)]


def _verified(connection: Connection, load: Load) -> LoadCheck:
    table = load.table if load.target is None else f"reference.{quoted(load.target)}"
    where = "" if load.target is None else f" WHERE release = {literal(load.release)}"
    exists = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'reference_data' AND table_name = ?",
        ["_".join(load.key)],
    ).fetchone()
    checksum: int | None = None
    if load.target is not None or (exists and exists[0]):
        row = connection.execute(f"SELECT count(*) FROM {table}{where}").fetchone()
        checksum = row[0] if row else None
    problem = None
    if checksum is None:
        problem = f"its table {table} is missing: import {load.file} again"
    elif checksum != load.stored_rows:
        problem = f"{checksum:,} rows where {load.stored_rows:,} were stored: import {load.file} again"
    return LoadCheck(
        load.dataset, load.level, load.release, load.stored_rows, checksum, ok=problem is None, problem=problem
    )
