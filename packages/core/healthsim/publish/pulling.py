"""Pulling: a publication becomes a scenario of this database, proved to be what was published."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from healthsim.db.locations import Ability
from healthsim.errors import HealthSimError, NotFound
from healthsim.publish import proof, publications
from healthsim.publish.copying import Copied
from healthsim.publish.publications import Record
from healthsim.publish.publishing import prove_counts
from healthsim.publish.share import Share, require
from healthsim.remedies import remedy
from healthsim.results import Pulled
from healthsim.state import scenarios
from healthsim.state.save import Saved, save
from healthsim.state.tables import ScenarioTables, Tables

if TYPE_CHECKING:
    import duckdb

    from healthsim.db.connection import Database


def pull(share: Share, text: str, target: Database, *, as_: str | None = None, overwrite: bool = False) -> Pulled:
    """Save a publication here: all of it or nothing.

    Args:
        text: ``NAME`` for its newest version, or ``NAME@VERSION``.
        as_: what it is called here; default: as it is called there.
        overwrite: replace a scenario of that name.

    Raises:
        NotFound: there is no such publication, or its version was cleaned away.
        AlreadyExists: a scenario has the name.
        HealthSimError: what came is not what was published.
    """
    started = time.perf_counter()
    proved = False
    with published(share, text) as (record, tables):
        layout = {
            name: columns for name, columns in proof.layout_of(tables.connection).items() if name in record.tables
        }

        def check(connection: duckdb.DuckDBPyConnection, saved: Saved) -> None:
            nonlocal proved
            proved = _prove(Tables(connection, saved.scenario_id), record, share)

        copy = Copied(tables.scenario, tables, layout, lambda connection, existing: None)
        mode = "overwrite" if overwrite else "create"
        saved = save(target, as_ or record.name, mode, copy, record=check)
    return Pulled(
        share.name,
        record.name,
        record.version,
        saved.scenario_id,
        saved.name,
        record.row_count,
        saved.entity_count,
        proved,
        round(time.perf_counter() - started, 2),
    )


@contextmanager
def published(share: Share, text: str) -> Iterator[tuple[Record, ScenarioTables]]:
    """A publication and its rows: the newest as they are now, an earlier one as it was.

    Raises:
        NotFound: there is none, or it was cleaned away.
    """
    with share.database.read() as connection:
        require(connection, share)
        record = publications.find(connection, text, share.name)
        newest = publications.newest(connection, record.name)
        if newest is not None and newest.version == record.version and record.withdrawn_at is None:
            yield record, _tables(connection, record)
            return
        share.database.location.require(Ability.TRAVEL)
        version = share.database.location.signed_version(connection, record.publication_id)
    if version is None:
        raise NotFound(
            f"{share.name} no longer keeps {record.name!r} version {record.version}: earlier states were cleaned away, or are"
            f" not kept there. See: {remedy('list a share', share=share.name)}.",
            name=record.name,
            version=record.version,
        )
    with share.database.at(version).raw(read_only=True) as connection:
        # its tables may be those of an older version of the program: only the newest state has to be current
        connection.execute("BEGIN TRANSACTION")
        yield record, _tables(connection, record)
        connection.execute("ROLLBACK")


def _tables(connection: duckdb.DuckDBPyConnection, record: Record) -> ScenarioTables:
    scenario = scenarios.get(connection, record.published_id)
    return ScenarioTables(connection, scenario, filled=frozenset(record.tables))


def _prove(tables: Tables, record: Record, share: Share) -> bool:
    """Hold what has come against what was published; whether hashes could be compared.

    Raises:
        HealthSimError: it differs.
    """
    prove_counts(tables, record.tables, f"by {share.name}")
    if proof.engine_version(tables.connection) != record.engine:
        return False
    if wrong := differing(tables, record):
        raise HealthSimError(
            f"What {share.name} has of {record.name!r} version {record.version} is not what was published: {', '.join(wrong)}."
            f" Nothing was saved. Its rows were changed there after it was published: {remedy('check a share', share=share.name)}."
            f" Pull an earlier version ({remedy('see versions', name=record.name, share=share.name)}), or have it published"
            " again.",
            name=record.name,
            version=record.version,
            tables=wrong,
        )
    return True


def differing(tables: Tables, record: Record) -> list[str]:
    """The tables whose rows are not those that were published, by their hashes."""
    layout = proof.layout_of(tables.connection)
    return [
        name
        for name, facts in record.tables.items()
        if not set(facts.columns) <= layout.get(name, {}).keys()
        or proof.facts_of(tables, name, layout[name], facts.columns) != facts
    ]
