"""The upkeep of a lake by its owner: files that belong to nothing, earlier states, and who may read and write."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb

from healthsim.db.engine import CONFIG
from healthsim.db.locations.base import Swept
from healthsim.db.locations.extensions import load
from healthsim.db.locations.lake_locks import Served
from healthsim.db.sql import literal, quoted
from healthsim.errors import InvalidInput

#: a file that is younger may be one that somebody is just publishing
_YOUNG = "now() - INTERVAL 1 DAY"


def sweep(connection: duckdb.DuckDBPyConnection, lake: str, before: dt.datetime | None, *, remove: bool) -> Swept:
    """List or remove what belongs to nothing, and the states before an instant (UTC) with the files that only they need."""
    dry = f"dry_run => {'false' if remove else 'true'}"
    expired = 0
    if before is not None:
        at = f"TIMESTAMPTZ {literal(f'{before.isoformat(sep=chr(32))}+00')}"
        rows = connection.execute(
            f"SELECT count(*) FROM ducklake_expire_snapshots({literal(lake)}, older_than => {at}, {dry})"
        ).fetchall()
        expired = int(rows[0][0])
    files = connection.execute(
        f"SELECT path FROM ducklake_cleanup_old_files({literal(lake)}, older_than => {_YOUNG}, {dry})"
    ).fetchall()
    orphans = connection.execute(
        f"SELECT path FROM ducklake_delete_orphaned_files({literal(lake)}, older_than => {_YOUNG}, {dry})"
    ).fetchall()
    return Swept([path for (path,) in orphans], expired, [path for (path,) in files])


def rights(role: str, *, write: bool) -> tuple[Sequence[str], Sequence[str]]:
    """The statements for Postgres that let a role read a lake, or write to it, and what they do not cover.

    Raises:
        InvalidInput: no role can have that name.
    """
    if not role.strip() or "\0" in role or len(role.encode()) > 63:
        raise InvalidInput(f"{role[:80]!r} is no name of a role; expected 1 to 63 bytes.", role=role[:80])
    who = quoted(role)
    verbs = "SELECT, INSERT, UPDATE, DELETE" if write else "SELECT"
    statements = (
        f"GRANT USAGE ON SCHEMA public TO {who}",
        f"GRANT {verbs} ON ALL TABLES IN SCHEMA public TO {who}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {verbs} ON TABLES TO {who}",
    )
    what = "read, write and delete objects" if write else "read and list objects"
    notes = (
        f"The files of the rows have rights of their own: let {role} {what} there as well, by a policy of the bucket, or by"
        " the group and mode of the folder.",
    )
    return statements, notes


@contextmanager
def other_engine(lake: Served) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the server of the catalogue itself, under the name ``rights``."""
    connection = duckdb.connect(":memory:", config=CONFIG)
    try:
        load(connection, ["postgres_scanner"], place=lake.text)
        connection.execute(f"ATTACH {literal(lake.dsn())} AS rights (TYPE postgres)")
        yield connection
    finally:
        connection.close()
