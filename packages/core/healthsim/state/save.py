"""One save: everything that an intake has taken becomes a scenario, or changes one, in one transaction."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from healthsim.db.connection import Database
from healthsim.errors import UsageError
from healthsim.results import Saved as Saved  # what a write answers
from healthsim.state import load_staged, scenarios
from healthsim.state.intake import Intake
from healthsim.state.json.header import Header
from healthsim.state.json.reader import members_of
from healthsim.state.scenarios import Scenario

MODES = ("create", "overwrite", "merge", "rename")


#: called inside the transaction of a save: (connection, what was saved)
Record = Callable[[Any, Saved], None]


@dataclass(frozen=True)
class Write:
    """How to write.

    Attributes:
        mode: ``create`` (the name must be free), ``overwrite`` (replace what is there), ``merge`` (add, and replace
            entities of the same ids) or ``rename`` (find a free name).
        description, tags: what the caller says; it goes before what the file says.
        keep_copies: keep all of several documents with one id.
        record: called inside the transaction.
    """

    mode: str = "create"
    description: str | None = None
    tags: Sequence[str] = ()
    keep_copies: bool = False
    record: Record | None = None


def store(database: Database, intake: Intake, header: Header, write: Write) -> Saved:
    """Write what was taken; all of it or nothing.

    Raises:
        AlreadyExists: the name is taken and the mode is ``create``.
        InvalidEntities: values cannot be read as declared, and the intake is not lenient.
        UsageError: the mode is none.
    """
    if write.mode not in MODES:
        raise UsageError(f"The mode is {write.mode!r}; expected one of {', '.join(MODES)}.")
    tags = scenarios.check_tags(write.tags)
    intake.check()
    assert header.name is not None
    with database.write() as connection:
        existing = scenarios.find(connection, header.name)
        if existing is not None and write.mode == "create":
            scenarios.refuse_taken(connection, header.name)
        if existing is not None and write.mode == "rename":
            header.name = scenarios.free_name(connection, header.name)
            existing = None
        merging = existing is not None and write.mode == "merge"
        if existing is not None and merging:
            scenario = _merged(existing, header, write.description, tags)
            connection.execute("DELETE FROM main.scenarios WHERE scenario_id = ?::UUID", [existing.scenario_id])
        else:
            scenario = _new(header, existing, write.description, tags, intake.now)
            wanted = header.scenario_id or scenario.scenario_id
            if existing is not None:
                scenarios.erase(connection, existing.scenario_id, keep_star=wanted == existing.scenario_id)
            scenario = replace(scenario, scenario_id=scenarios.free_id(connection, wanted))
        scenarios.insert(connection, scenario)
        load_staged.write(
            connection,
            scenario.scenario_id,
            intake.staging,
            merging=merging,
            keep_copies=write.keep_copies or header.format == "workspace",
            now=intake.now,
        )
        updated_at = intake.now if merging else scenario.updated_at
        counts = load_staged.touch(connection, scenario.scenario_id, updated_at, keep_envelope=not merging)
        saved = Saved(
            scenario.scenario_id,
            scenario.name,
            header.format,
            sum(counts.values()),
            counts,
            list(intake.untyped),
            intake.warnings(),
        )
        if write.record is not None:
            write.record(connection, saved)
    return saved


def _new(
    header: Header, existing: Scenario | None, description: str | None, tags: Sequence[str], now: dt.datetime
) -> Scenario:
    envelope = header.envelope()
    said = header.description if description is None else description
    kept_tags = scenarios.check_tags(tags or header.tags)
    if existing is not None:
        # what neither the caller nor the file speaks of stays as it was
        said = existing.description if said is None and not header.says("description") else said
        kept_tags = kept_tags or ([] if header.says("tags") else existing.tags)
    return Scenario(
        scenario_id=existing.scenario_id if existing is not None else "",
        name=header.name or "",
        description=said,
        tags=kept_tags,
        product=header.product,
        format=header.format,
        created_at=header.created_at or (existing.created_at if existing is not None else now),
        updated_at=header.updated_at or now,
        entity_count=0,
        entities_by_type={},
        attributes=header.attributes_text(),
        envelope=json.loads(envelope) if envelope else {},
    )


def _merged(existing: Scenario, header: Header, description: str | None, tags: Sequence[str]) -> Scenario:
    attributes = members_of(existing.attributes) if existing.attributes else {}
    attributes.update(header.attributes)
    header.attributes = attributes
    return replace(
        existing,
        description=existing.description if description is None else description,
        tags=list(dict.fromkeys([*existing.tags, *tags])),
        attributes=header.attributes_text(),
    )
