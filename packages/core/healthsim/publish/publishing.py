"""Publishing: a scenario of this database becomes the next version of a name at a share, in one transaction."""

from __future__ import annotations

import datetime as dt
import json
import time
import uuid
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from healthsim.db.migrations import applied
from healthsim.db.reference.storage import loads_in
from healthsim.errors import AlreadyExists, HealthSimError, InvalidInput
from healthsim.publish import proof, publications
from healthsim.publish.copying import Copied
from healthsim.publish.proof import TableFacts
from healthsim.publish.publications import Record
from healthsim.publish.share import Share, require
from healthsim.remedies import remedy
from healthsim.results import Published
from healthsim.state.save import Saved, save
from healthsim.state.tables import Tables, scenario_tables

if TYPE_CHECKING:
    import duckdb

    from healthsim.db.connection import Database
    from healthsim.state.scenarios import Scenario

LONGEST_NOTE = 2_000


@dataclass(frozen=True)
class Order:
    """What is to be published, and as what.

    Attributes:
        star: whether the star is built at the share as well.
        onto: the version that must be the newest one; None where any may be.
    """

    name: str
    author: str
    star: bool = False
    note: str | None = None
    onto: int | None = None


def publish(source: Database, name: str, share: Share, order: Order) -> Published:
    """Publish a scenario: all of it or nothing.

    Raises:
        NotFound: there is no such scenario, or no such share.
        AlreadyExists: somebody was faster than ``onto`` says, or the name is one that nobody published.
        HealthSimError: this user may not, or the share is not reached.
    """
    started = time.perf_counter()
    if order.note is not None and len(order.note) > LONGEST_NOTE:
        raise InvalidInput(f"The note has {len(order.note):,} characters; at most {LONGEST_NOTE:,} are possible.")
    publications.refuse_version(order.name, "the version is given by the share")
    with scenario_tables(source, name) as tables:
        work = _Work(share, order, tables, proof.contents_of(tables), _releases(tables.connection))
        # where another program was faster, all of it is done again: the version is another one then
        record, before = work.done(tables.scenario)
        share.database.published()
    return Published(
        share.name,
        record.name,
        record.version,
        record.row_count,
        record.entity_count,
        record.persons,
        record.has_star,
        round(time.perf_counter() - started, 2),
        {"version": before.version, "published_by": before.published_by} if before is not None else None,
    )


@dataclass
class _Work:
    """One publication; what is noted of an attempt, the next one overwrites."""

    share: Share
    order: Order
    tables: Tables
    contents: dict[str, TableFacts]
    releases: list[dict[str, Any]]
    before: Record | None = None
    record: Record | None = None

    def done(self, scenario: Scenario) -> tuple[Record, Record | None]:
        """Write it; what was written, and what it follows."""
        layout = {
            name: facts for name, facts in proof.layout_of(self.tables.connection).items() if name in self.contents
        }
        copy = Copied(scenario, self.tables, layout, self.refuse)
        save(self.share.database, self.order.name, "overwrite", copy, record=self.note)
        assert self.record is not None
        return self.record, self.before

    def refuse(self, connection: duckdb.DuckDBPyConnection, existing: Scenario | None) -> None:
        """Raise what forbids it; inside the transaction, so that nobody is overtaken."""
        require(connection, self.share)
        name, onto = self.order.name, self.order.onto
        self.before = before = publications.newest(connection, name)
        have = before.version if before is not None else 0
        if onto is not None and onto != have:
            who = f"{before.published_by} published version {have}" if before is not None else "nobody has published it"
            raise AlreadyExists(
                f"{self.share.name}: {name!r} was to follow version {onto}, and {who}. Nothing was published. Look at it"
                f" ({remedy('see versions', name=name, share=self.share.name)}), and publish again, with"
                f" {remedy('another version first', version=have)} for the same care.",
                name=name,
                version=have,
            )
        if existing is not None and (before is None or before.withdrawn_at is not None):
            raise AlreadyExists(
                f"{self.share.name} has a scenario {name!r} that nobody published: it was saved there. Nothing was changed."
                f" Publish yours {remedy('under another name')}.",
                name=name,
            )

    def note(self, connection: duckdb.DuckDBPyConnection, saved: Saved) -> None:
        """Prove what has come, build the star, and write the row of the publication; inside the transaction."""
        prove_counts(Tables(connection, saved.scenario_id), self.contents, f"to {self.share.name}")
        if self.order.star:
            from healthsim.analytics.star.build import build_within

            build_within(self.share.database, connection, [saved.scenario_id])
        counts = saved.entities_by_type
        self.record = Record(
            publication_id=str(uuid.uuid4()),
            name=self.order.name,
            version=self.before.version + 1 if self.before is not None else 1,
            published_id=saved.scenario_id,
            published_at=dt.datetime.now(dt.UTC).replace(tzinfo=None),
            published_by=self.order.author,
            note=self.order.note,
            program=version("healthsim"),
            schema_version=len(applied(connection)),
            engine=proof.engine_version(self.tables.connection),
            persons=max(counts.get("persons", 0), counts.get("patients", 0), counts.get("members", 0)),
            entity_count=saved.entity_count,
            row_count=sum(facts.rows for facts in self.contents.values()),
            has_star=self.order.star,
            contents=proof.as_text(self.contents),
            reference_data=json.dumps(self.releases),
        )
        publications.insert(connection, self.record)
        message = f"{self.order.name} version {self.record.version}" + (
            f": {self.order.note}" if self.order.note else ""
        )
        self.share.database.location.sign(connection, self.order.author, message, self.record.publication_id)


def prove_counts(tables: Tables, contents: dict[str, TableFacts], where: str) -> None:
    """Count what has come.

    Raises:
        HealthSimError: it is not what was sent.
    """
    for name, facts in contents.items():
        row = tables.connection.execute(f"SELECT count(*) {tables.rows(name)}").fetchone()
        if row is None or row[0] != facts.rows:
            raise HealthSimError(
                f"{facts.rows:,} rows of {name} were sent {where} and {row[0] if row else 0:,} came; nothing was changed. This"
                " is a fault of HealthSim or of the place; please report it.",
                table=name,
            )


def withdraw(share: Share, name: str, author: str) -> Record:
    """Offer a name no longer: its rows go from the present; the versions before stay until they are cleaned away.

    Raises:
        NotFound: nothing of that name is offered.
    """
    from healthsim.state import scenario_rows, scenarios

    publications.refuse_version(name, "a name is withdrawn as a whole")

    def once(connection: duckdb.DuckDBPyConnection) -> Record:
        require(connection, share)
        record = publications.find(connection, name, share.name)
        existing = scenarios.find(connection, record.published_id)
        if existing is not None:
            scenario_rows.erase(connection, existing.scenario_id)
        publications.mark_withdrawn(connection, name, author)
        share.database.location.sign(connection, author, f"{name} withdrawn", str(uuid.uuid4()))
        return record

    return share.database.written(once)


def _releases(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The public statistics that a database has: what a colleague needs for the same figures."""
    return [
        {"dataset": load.dataset, "level": load.level, "release": load.release, "sha256": load.sha256}
        for load in loads_in(connection)
    ]
