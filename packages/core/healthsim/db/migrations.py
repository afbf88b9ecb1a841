"""Migrations: append-only, each in one transaction with its bookkeeping row.

A migration is a folder ``versions/<number>_<name>/`` of statements, one table per file; it is never edited once
released (its checksum is stored with every database). Views hold nothing: they are made anew at the end.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from healthsim.errors import DatabaseNewer, DatabaseUnusable, HealthSimError

if TYPE_CHECKING:
    from healthsim.db.connection import Database

_BOOKKEEPING = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    number INTEGER, name VARCHAR, checksum VARCHAR, applied_at TIMESTAMP
)
"""


@dataclass(frozen=True)
class Migration:
    """One step from a schema version to the next."""

    number: int
    name: str

    @property
    def tables(self) -> dict[str, str]:
        """Name of a file, which is that of its table -> its text, in the order of the names."""
        folder = files("healthsim.db").joinpath("versions", f"{self.number:04d}_{self.name}")
        entries = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda e: e.name)
        return {
            entry.name.removesuffix(".sql"): entry.read_text(encoding="utf-8").replace("\r\n", "\n")
            for entry in entries
        }

    @property
    def statements(self) -> list[str]:
        """The texts of its files, in the order of their names."""
        return list(self.tables.values())

    @property
    def checksum(self) -> str:
        """What identifies its content, whatever the platform."""
        return hashlib.sha256("\n".join(self.statements).encode()).hexdigest()


MIGRATIONS: tuple[Migration, ...] = (
    Migration(1, "foundation"), Migration(2, "reference"), Migration(3, "analytics"), Migration(4, "observations"),
)  # fmt: skip


@cache
def definitions(first: str) -> dict[str, str]:
    """Table -> the text that declares it as it is now, from the migration of that name on: of several, the newest."""
    since = next(migration.number for migration in MIGRATIONS if migration.name == first)
    found: dict[str, str] = {}
    for migration in MIGRATIONS[since - 1 :]:
        found |= migration.tables
    return found


@cache
def _checksums() -> dict[int, str]:
    return {migration.number: migration.checksum for migration in MIGRATIONS}


def applied(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, str, str]]:
    """(number, name, checksum) of the migrations that a database has seen; empty for one without our tables."""
    known = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'schema_migrations' AND schema_name = 'main'"
        " AND NOT internal AND database_name = current_database()"
    ).fetchone()
    if not known or not known[0]:
        return []
    return connection.execute("SELECT number, name, checksum FROM schema_migrations ORDER BY number").fetchall()


def bring_up_to_date(database: Database) -> list[Migration]:
    """Create the schema in a new database, or apply what an older one lacks; the applied migrations.

    Raises:
        DatabaseNewer: the database knows migrations that this program does not. It is left untouched.
        DatabaseUnusable: the database is not one of ours, or was made by other statements under the same name.
    """
    location = database.location
    if location.exists() and location.path is not None:
        location.prepare()
        with database.raw(read_only=True) as connection:
            missing = _missing(connection, location.text)
        if not missing:
            return []
    location.prepare()
    while True:
        backed_up = _back_up_if_older(database)
        with database.raw(read_only=False) as connection:
            missing = _missing(connection, location.text)
            if backed_up is not None and location.path is not None and _state(location.path) != backed_up:
                continue
            for migration in missing:
                _apply(connection, migration)
            return missing


def _back_up_if_older(database: Database) -> tuple[int, int] | None:
    """Copy a database that has some of our migrations and lacks others; the state of the file that was copied.

    No connection is open meanwhile: on POSIX, a program that closes a copy's source lets go of every lock that it holds
    on it. Whether another program wrote in between, the caller sees by the state.
    """
    path = database.location.path
    if path is None:
        return None
    with database.raw(read_only=False) as connection:
        missing = _missing(connection, database.location.text)
        if not missing or missing[0] == MIGRATIONS[0]:
            return None
        connection.execute("CHECKPOINT")
    state = _state(path)
    _back_up(path, missing[0])
    return state


def _state(path: Path) -> tuple[int, int]:
    facts = path.stat()
    return facts.st_size, facts.st_mtime_ns


def _missing(connection: duckdb.DuckDBPyConnection, name: str) -> list[Migration]:
    have = applied(connection)
    if not have:
        foreign = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND schema_name = 'main'"
            " AND database_name = current_database() AND table_name IN ('scenarios', 'schema_migrations',"
            " 'scenario_documents', 'scenario_entities', 'patients') LIMIT 1"
        ).fetchone()
        if foreign:
            raise DatabaseUnusable(
                f"{name} has a table {foreign[0]!r} but no record of HealthSim's migrations: it was made by another"
                " program. Nothing was changed. Name another file with --db PATH.",
                path=name,
            )
        return list(MIGRATIONS)
    newest = MIGRATIONS[-1].number
    if have[-1][0] > newest:
        raise DatabaseNewer(
            f"{name} has schema version {have[-1][0]} ({have[-1][1]}); this program knows versions up to {newest}."
            " Nothing was changed. Upgrade HealthSim (pip install -U healthsim), or name another file with --db PATH.",
            path=name,
            schema_version=have[-1][0],
            known_version=newest,
        )
    checksums = _checksums()
    for number, label, checksum in have:
        if checksum != checksums.get(number):
            raise DatabaseUnusable(
                f"{name}: migration {number} ({label}) was applied with other statements than this program has"
                f" (checksum {checksum[:12]}, expected {str(checksums.get(number))[:12]}). Nothing was changed."
                " Use the version of HealthSim that made the file to export its scenarios.",
                path=name,
            )
    return [migration for migration in MIGRATIONS if migration.number > have[-1][0]]


def _apply(connection: duckdb.DuckDBPyConnection, migration: Migration) -> None:
    from healthsim.db.reference.starter import install as install_starter

    connection.execute("BEGIN TRANSACTION")
    try:
        connection.execute(_BOOKKEEPING)
        for statement in migration.statements:
            connection.execute(statement)
        if migration == MIGRATIONS[-1]:
            rebuild_views(connection)
            install_starter(connection)
        connection.execute(
            "INSERT INTO schema_migrations VALUES (?, ?, ?, ?)",
            [migration.number, migration.name, migration.checksum, datetime.now(UTC).replace(tzinfo=None)],
        )
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def rebuild_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Make every view anew in the current database."""
    # the model is slow to import and needed only here: most programs find their schema current
    from healthsim.db.reference.views import refresh_views
    from healthsim.db.schema import views

    for view in views():
        connection.execute(view)
    refresh_views(connection)


def _back_up(path: Path, migration: Migration) -> Path:
    """A copy of the file as it was before a migration, verified by its size; an existing copy is kept."""
    target = path.with_name(f"{path.name}.backup-before-{migration.number:04d}")
    if target.exists():
        return target
    partial = target.with_name(target.name + ".partial")
    try:
        shutil.copyfile(path, partial)
        if partial.stat().st_size != path.stat().st_size:
            raise OSError("the copy is incomplete")
        partial.replace(target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise HealthSimError(
            f"No backup of {path} could be made before the migration ({error}); the database was not changed."
            " Free some space beside it and try again.",
            path=str(path),
        ) from None
    return target
