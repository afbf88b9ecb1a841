"""The one write of scenarios: a save, an import, a generation, a clone, a merge, a cohort, a migration, an addition.

Each of them is a ``Source``. What they have in common is done here, once: the name is found or refused, what is there
is erased (its star stays, and is stale), the scenario is described, rows go in under one instant, and all is counted.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from healthsim.db.connection import Database
from healthsim.db.sql import quoted
from healthsim.errors import UsageError
from healthsim.model import EntityType, entity_type_named
from healthsim.results import Saved as Saved  # what a write answers
from healthsim.state import load_staged, scenario_rows, scenarios
from healthsim.state.json.header import Header, attributes_text
from healthsim.state.json.reader import members_of
from healthsim.state.scenarios import Scenario
from healthsim.state.statements import filled

if TYPE_CHECKING:
    import duckdb

    from healthsim.state.intake import Intake

#: how to write -> what becomes of a scenario of that name
MODES = {
    "create": "the name must be free",
    "overwrite": "what is there is replaced",
    "merge": "what is there stays, but for entities of the same ids",
    "add": "the same, and there must be one",
    "rename": "it stays as it is; the new one gets a free name",
}


#: called inside the transaction of a save: (connection, what was saved)
Record = Callable[[Any, Saved], None]


@dataclass(frozen=True)
class About:
    """What a source says of the scenario that it becomes; None and empty say nothing.

    Attributes:
        scenario_id: the id that it asks for; it gets it where no other scenario has it.
        attributes: member -> the text of its value.
        silent: what stays as it was where the source says nothing: ``description``, ``tags``.
        fills: merged into a scenario, it gives what that one lacks, and its tags; else its attributes go before.
    """

    format: str | None
    description: str | None = None
    tags: Sequence[str] = ()
    product: str | None = None
    scenario_id: str | None = None
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    envelope: Mapping[str, Any] = field(default_factory=dict)
    silent: frozenset[str] = frozenset(("description", "tags"))
    fills: bool = False


@dataclass(frozen=True)
class Written:
    """What a source noticed while it wrote.

    Attributes:
        filled: the canonical tables that it put rows into, where it knows: of others nothing has to be counted.
        changed: whether anything is another than it was before.
    """

    dropped: Mapping[str, int] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    filled: frozenset[str] | None = None
    changed: bool = True


class Source(Protocol):
    """Where the entities of a write come from; both methods are called inside its transaction."""

    @property
    def kind(self) -> str:
        """What the answer calls it: the format of a file, ``generated``, ``clone``, ``merge``, ``cohort``."""

    def about(self, connection: duckdb.DuckDBPyConnection, existing: Scenario | None) -> About:
        """What is said of the scenario; whatever forbids to write over or into ``existing`` is raised here."""

    def write(self, target: Target) -> Written:
        """Write the entities."""


@dataclass(frozen=True)
class Target:
    """The scenario that is being written: what a source puts its rows into.

    Attributes:
        now: the instant that its rows carry as ``saved_at``; no other write has it.
        merging: there may be entities already, and those with the same ids give way.
    """

    connection: duckdb.DuckDBPyConnection
    scenario_id: str
    now: dt.datetime
    merging: bool

    def rows(self, entity_type: EntityType, select: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Insert what a query gives: the columns of an entity type by name, but for the scenario and the instant."""
        self._insert(entity_type.plural, select, parameters, ", $now::TIMESTAMP AS saved_at")

    def documents(self, select: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Insert what a query gives: the columns of ``scenario_documents`` by name, but for the scenario."""
        self._insert("scenario_documents", select, parameters)

    def _insert(self, table: str, select: str, parameters: Mapping[str, Any] | None, stamp: str = "") -> None:
        text = filled("insert_into_scenario", table=quoted(table), stamp=stamp, select=select)
        known = {"target": self.scenario_id, "now": self.now, **(parameters or {})}
        self.connection.execute(text, {name: value for name, value in known.items() if f"${name}" in text})


@dataclass(frozen=True)
class Documents:
    """What an intake has taken; values that cannot be read refuse it before the database is opened.

    Attributes:
        keep_copies: keep all of several documents with one id, as is always done for workspace files.
        same_stays: merged into a scenario that holds the same, it changes nothing; else it is the newest from now on.
    """

    intake: Intake
    header: Header
    keep_copies: bool = False
    same_stays: bool = False

    def __post_init__(self) -> None:
        self.intake.check()

    @property
    def kind(self) -> str:
        return self.header.format

    def about(self, connection: duckdb.DuckDBPyConnection, existing: Scenario | None) -> About:
        header, envelope = self.header, self.header.envelope()
        return About(
            header.format,
            header.description,
            header.tags,
            header.product,
            header.scenario_id,
            header.created_at,
            header.updated_at,
            header.attributes,
            json.loads(envelope) if envelope else {},
            frozenset(member for member in ("description", "tags") if not header.says(member)),
        )

    def write(self, target: Target) -> Written:
        loaded = load_staged.write(
            target.connection,
            target.scenario_id,
            self.intake.staging,
            merging=target.merging,
            keep_copies=self.keep_copies or self.header.format == "workspace",
            same_stays=self.same_stays,
            now=target.now,
        )
        types = {entity_type_named(name) for name in self.intake.staging.sources}
        filled = frozenset(known.plural for known in types if known is not None)
        return Written(
            loaded.dropped,
            [*_of_dropped(loaded.dropped), *self.intake.warnings()],
            None if target.merging else filled,
            loaded.changed,
        )


def save(
    database: Database,
    name: str,
    mode: str,
    source: Source,
    *,
    description: str | None = None,
    tags: Sequence[str] = (),
    record: Record | None = None,
) -> Saved:
    """Write a scenario; all of it or nothing.

    Args:
        database: where.
        name: its name; the id of one that is there does as well.
        mode: one of ``MODES``.
        source: where its entities come from.
        description, tags: what the caller says of it; it goes before what the source says.
        record: called inside the transaction.

    Raises:
        AlreadyExists: the name is taken and the mode is ``create``.
        NotFound: there is no such scenario and the mode is ``add``.
        UsageError: the mode is none.
    """
    if mode not in MODES:
        raise UsageError(f"The mode is {mode!r}; expected one of {', '.join(MODES)}.")
    scenarios.check_name(name)
    tags = scenarios.check_tags(tags)

    def once(connection: duckdb.DuckDBPyConnection) -> Saved:
        return _saved(connection, name, mode, source, description, tags, record)

    return database.written(once)


def _saved(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    mode: str,
    source: Source,
    description: str | None,
    tags: Sequence[str],
    record: Record | None,
) -> Saved:
    existing = scenarios.get(connection, name) if mode == "add" else scenarios.find(connection, name)
    if existing is not None and mode == "rename":
        name, existing = scenarios.free_name(connection, name), None
    about = source.about(connection, existing)
    if existing is not None and mode == "create":
        scenarios.refuse_taken(connection, name)
    merging = existing is not None and mode in ("merge", "add")
    now = load_staged.next_instant(connection)
    if existing is not None and merging:
        scenario = replace(_joined(existing, about, description, tags), updated_at=now)
        scenario_rows.forget(connection, existing.scenario_id)
    else:
        scenario = _described(name, existing, about, description, tags, now)
        wanted = scenarios.free_id(connection, scenario.scenario_id, existing)
        if existing is not None:
            scenario_rows.erase(connection, existing.scenario_id, keep_star=wanted == existing.scenario_id)
        scenario = replace(scenario, scenario_id=wanted)
    scenario_rows.insert(connection, scenario)
    written = source.write(Target(connection, scenario.scenario_id, now, merging))
    # what is merged and says nothing new is no change of the scenario, which stays as old as it was
    as_it_was = (
        existing is not None
        and merging
        and not written.changed
        and existing == replace(scenario, updated_at=existing.updated_at)
    )
    counts = load_staged.touch(
        connection,
        scenario.scenario_id,
        existing.updated_at if existing is not None and as_it_was else scenario.updated_at,
        keep_envelope=as_it_was or not merging,
        holding=written.filled,
    )
    saved = Saved(
        scenario.scenario_id,
        scenario.name,
        source.kind,
        sum(counts.values()),
        counts,
        [collection for collection in counts if entity_type_named(collection) is None],
        dict(written.dropped),
        list(written.warnings),
    )
    if record is not None:
        record(connection, saved)
    return saved


def _described(
    name: str,
    existing: Scenario | None,
    about: About,
    description: str | None,
    tags: Sequence[str],
    now: dt.datetime,
) -> Scenario:
    """A new scenario, or what takes the place of one: what nobody speaks of stays as it was."""
    text = about.description if description is None else description
    kept_tags = scenarios.check_tags(tags or about.tags)
    if existing is not None:
        text = existing.description if text is None and "description" in about.silent else text
        kept_tags = existing.tags if not kept_tags and "tags" in about.silent else kept_tags
    return Scenario(
        scenario_id=about.scenario_id or (existing.scenario_id if existing is not None else ""),
        name=existing.name if existing is not None else name,
        description=text,
        tags=kept_tags,
        product=about.product,
        format=about.format,
        created_at=about.created_at or (existing.created_at if existing is not None else now),
        updated_at=about.updated_at or now,
        entity_count=0,
        entities_by_type={},
        attributes=attributes_text(about.attributes),
        envelope=dict(about.envelope),
    )


def _joined(existing: Scenario, about: About, description: str | None, tags: Sequence[str]) -> Scenario:
    """A scenario that something is merged into: what is said of it stays."""
    own = members_of(existing.attributes or "{}")
    attributes = {**own, **about.attributes, **own} if about.fills else {**own, **about.attributes}
    said, product = existing.description, existing.product
    if about.fills:
        said = about.description if said is None else said
        product, tags = about.product if product is None else product, [*about.tags, *tags]
    return replace(
        existing,
        description=said if description is None else description,
        product=product,
        tags=list(dict.fromkeys([*existing.tags, *tags])),
        attributes=attributes_text(attributes),
    )


def _of_dropped(dropped: Mapping[str, int]) -> list[str]:
    """What is said of documents that gave way to later ones of the same input."""
    return [
        f"{plural}: {count:,} left out, since a later one has the same id; ids are unique within a scenario and type"
        for plural, count in dropped.items()
    ]
