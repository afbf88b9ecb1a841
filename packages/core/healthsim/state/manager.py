"""Scenarios: save, load, list, change, share. Every verb is one function, and every write one transaction."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from healthsim.db.connection import Database
from healthsim.errors import InvalidInput, UsageError
from healthsim.state import scenarios
from healthsim.state.entities import Intake
from healthsim.state.header import Header
from healthsim.state.scenarios import Scenario

Entities = Mapping[str, Any]
MODES = ("create", "overwrite", "merge")


@dataclass(frozen=True)
class Saved:
    """What a write did: the scenario as it is now, and what was noticed on the way."""

    scenario_id: str
    name: str
    format: str
    entity_count: int
    entities_by_type: dict[str, int]
    untyped_types: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


class StateManager:
    """The scenarios of one database.

    Args:
        database: where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    # -- writing entities ------------------------------------------------------------------------------------

    def save(
        self,
        name: str,
        entities: Entities,
        *,
        description: str | None = None,
        tags: Sequence[str] = (),
        mode: str = "create",
        lenient: bool = False,
    ) -> Saved:
        """Save entities as a scenario.

        Args:
            name: the scenario's name; ids of entities are unique within it.
            entities: {entity type: [documents]}; a document is a dict, or an object with ``model_dump``.
            description, tags: what is said about it; left out, an existing scenario keeps its own.
            mode: ``create`` (the name must be free), ``overwrite`` (replace what is there) or ``merge`` (add, and
                replace entities of the same ids).
            lenient: keep documents with values that cannot be read, and leave those columns empty.

        Raises:
            AlreadyExists: the name is taken and the mode is ``create``.
            InvalidEntities: values cannot be read as declared; all of them are named and nothing is saved.
        """
        from healthsim.state.python_input import take_python

        header = Header(name=scenarios.check_name(name), format="python")
        with self._staging() as staging:
            intake = Intake(staging, lenient=lenient)
            take_python(entities, intake)
            return self._store(intake, header, description, tags, mode)

    def import_path(
        self,
        path: str | Path,
        *,
        name: str | None = None,
        description: str | None = None,
        tags: Sequence[str] = (),
        mode: str = "create",
        lenient: bool = False,
    ) -> Saved:
        """Save what a file or a folder holds, in any shape that the old implementation or this one writes.

        Args:
            path: a JSON file, or a folder of them.
            name: the scenario's name; default: the one in the file, else the file's own.
            description, tags, mode, lenient: as in ``save``.

        Raises:
            NotFound: nothing is there.
            InvalidInput: it is not JSON, or holds no entities in any known shape.
        """
        from healthsim.state.legacy import read_path

        with self._staging() as staging:
            intake = Intake(staging, lenient=lenient)
            header = read_path(Path(path), intake)
            header.name = scenarios.check_name(name or header.name or "")
            return self._store(intake, header, description, tags, mode)

    def import_stream(
        self,
        stream: IO[bytes],
        *,
        name: str,
        description: str | None = None,
        tags: Sequence[str] = (),
        mode: str = "create",
        lenient: bool = False,
    ) -> Saved:
        """Save what a seekable binary stream holds, as ``import_path`` does."""
        from healthsim.state.legacy import read_stream

        with self._staging() as staging:
            intake = Intake(staging, lenient=lenient)
            header = read_stream(stream, "the input", intake)
            header.name = scenarios.check_name(name)
            return self._store(intake, header, description, tags, mode)

    def add_entities(self, name: str, entities: Entities, *, lenient: bool = False) -> Saved:
        """Add entities to a scenario that exists; those with ids that it has are replaced.

        Raises:
            NotFound: there is no such scenario.
        """
        with self.database.read() as connection:
            scenario = scenarios.get(connection, name)
        return self.save(scenario.name, entities, mode="merge", lenient=lenient)

    def _staging(self) -> Any:
        from healthsim.state.staging import Staging

        path = self.database.location.path
        return Staging(path.parent if path is not None else None)

    def _store(self, intake: Intake, header: Header, description: str | None, tags: Sequence[str], mode: str) -> Saved:
        from healthsim.state import writer

        if mode not in MODES:
            raise UsageError(f"The mode is {mode!r}; expected one of {', '.join(MODES)}.")
        tags = scenarios.check_tags(tags)
        intake.check()
        assert header.name is not None
        with self.database.write() as connection:
            existing = scenarios.find(connection, header.name)
            if existing is not None and mode == "create":
                scenarios.refuse_taken(connection, header.name)
            merging = existing is not None and mode == "merge"
            if existing is not None and merging:
                scenario = self._merged(existing, header, description, tags)
                connection.execute("DELETE FROM main.scenarios WHERE scenario_id = ?::UUID", [existing.scenario_id])
            else:
                scenario = self._new(header, existing, description, tags, intake.now)
                if existing is not None:
                    scenarios.erase(connection, existing.scenario_id)
                scenario = replace(
                    scenario, scenario_id=scenarios.free_id(connection, header.scenario_id or scenario.scenario_id)
                )
            scenarios.insert(connection, scenario)
            writer.write(
                connection,
                scenario.scenario_id,
                intake.staging,
                merging=merging,
                keep_copies=header.format == "workspace",
                now=intake.now,
            )
            updated_at = intake.now if merging else scenario.updated_at
            counts = writer.touch(connection, scenario.scenario_id, updated_at, keep_envelope=not merging)
        return Saved(
            scenario.scenario_id,
            scenario.name,
            header.format,
            sum(counts.values()),
            counts,
            list(intake.untyped),
            intake.warnings(),
        )

    def _new(
        self,
        header: Header,
        existing: Scenario | None,
        description: str | None,
        tags: Sequence[str],
        now: dt.datetime,
    ) -> Scenario:
        envelope = header.envelope()
        said = header.description if description is None else description
        kept_tags = scenarios.check_tags(tags or header.tags)
        if existing is not None and header.format == "python":
            said = existing.description if said is None else said
            kept_tags = kept_tags or existing.tags
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

    def _merged(self, existing: Scenario, header: Header, description: str | None, tags: Sequence[str]) -> Scenario:
        from healthsim.state.reader import members_of

        attributes = members_of(existing.attributes) if existing.attributes else {}
        attributes.update(header.attributes)
        header.attributes = attributes
        return replace(
            existing,
            description=existing.description if description is None else description,
            tags=list(dict.fromkeys([*existing.tags, *tags])),
            attributes=header.attributes_text(),
        )

    # -- reading ---------------------------------------------------------------------------------------------

    def load(self, name: str) -> dict[str, Any]:
        """A scenario with all of its documents.

        Returns:
            ``{"scenario_id", "name", "description", "tags", "created_at", "updated_at", "entity_count",
            "entities": {plural: [documents]}}``; a document is as it was saved.

        Raises:
            NotFound: there is no such scenario.
        """
        from healthsim.state.documents import documents_of, stored_collections

        with self.database.read() as connection:
            scenario = scenarios.get(connection, name)
            entities: dict[str, list[Any]] = {}
            for stored in stored_collections(connection, scenario.scenario_id):
                documents = entities.setdefault(stored.plural, [])
                for batch in documents_of(connection, scenario.scenario_id, stored):
                    documents += json.loads("[" + ",".join([item[1] for item in batch]) + "]")
        loaded = scenario.as_dict()
        return {
            **{key: loaded[key] for key in ("scenario_id", "name", "description", "tags", "created_at", "updated_at")},
            "entity_count": sum(map(len, entities.values())),
            "entities": entities,
        }

    def list(
        self,
        *,
        tags: Sequence[str] = (),
        search: str | None = None,
        product: str | None = None,
        sort: str = "updated",
        limit: int | None = None,
    ) -> tuple[list[Scenario], int]:
        """The scenarios that match, and how many match in all.

        Args:
            tags: all of these.
            search: words in name, description or tags, whatever the case.
            product: ``patientsim``, ``membersim`` ...: what made it, or whose entities it has.
            sort: ``updated``, ``created``, ``name`` or ``size``.
            limit: how many at most.
        """
        with self.database.read() as connection:
            return scenarios.select(connection, tags=tags, search=search, product=product, sort=sort, limit=limit)

    def get(self, name: str) -> Scenario:
        """What is known of a scenario, without its entities.

        Raises:
            NotFound: there is no such scenario.
        """
        with self.database.read() as connection:
            return scenarios.get(connection, name)

    # -- changing --------------------------------------------------------------------------------------------

    def delete(self, name: str) -> Scenario:
        """Remove a scenario with everything in it; what it was.

        Raises:
            NotFound: there is no such scenario.
        """
        with self.database.write() as connection:
            scenario = scenarios.get(connection, name)
            scenarios.erase(connection, scenario.scenario_id)
        return scenario

    def rename(self, name: str, new_name: str) -> Scenario:
        """Give a scenario another name.

        Raises:
            NotFound: there is no such scenario.
            AlreadyExists: another one has the new name.
        """
        scenarios.check_name(new_name)
        with self.database.write() as connection:
            scenario = scenarios.get(connection, name)
            if new_name != scenario.name:
                scenarios.refuse_taken(connection, new_name)
            connection.execute(
                "UPDATE main.scenarios SET name = $name, updated_at = $now WHERE scenario_id = $scenario::UUID",
                {"name": new_name, "now": _now(), "scenario": scenario.scenario_id},
            )
            return scenarios.get(connection, new_name)

    def tag(self, name: str, tags: Iterable[str]) -> Scenario:
        """Add tags to a scenario; those that it has stay where they are."""
        added = scenarios.check_tags(tags)
        return self._retag(name, lambda old: list(dict.fromkeys([*old, *added])))

    def untag(self, name: str, tags: Iterable[str]) -> Scenario:
        """Take tags from a scenario.

        Raises:
            NotFound: it does not have one of them.
        """
        removed = scenarios.check_tags(tags)
        return self._retag(name, lambda old: scenarios.without_tags(old, removed))

    def _retag(self, name: str, change: Any) -> Scenario:
        with self.database.write() as connection:
            scenario = scenarios.get(connection, name)
            tags = change(scenario.tags)
            if tags != scenario.tags:
                scenarios.set_tags(connection, scenario.scenario_id, tags)
                connection.execute(
                    "UPDATE main.scenarios SET updated_at = $now WHERE scenario_id = $scenario::UUID",
                    {"now": _now(), "scenario": scenario.scenario_id},
                )
            return scenarios.get(connection, scenario.scenario_id)

    def clone(self, name: str, new_name: str) -> Saved:
        """Copy a scenario under a new name, with fresh ids; every reference inside it points to the copies.

        Raises:
            NotFound: there is no such scenario.
            AlreadyExists: another one has the new name.
        """
        from healthsim.state.copying import clone

        scenarios.check_name(new_name)
        with self._staging() as staging:
            return clone(self.database, staging, name, new_name)

    def merge(self, names: Sequence[str], into: str) -> Saved:
        """Put the entities of several scenarios into one, by id; of two with the same id the later scenario's stays.

        Args:
            names: the scenarios, in order; they are not changed (unless one is the target itself).
            into: the target, made if there is none.

        Raises:
            NotFound: one of the scenarios does not exist.
        """
        from healthsim.state.copying import merge

        scenarios.check_name(into)
        return merge(self.database, names, into)

    # -- sharing ---------------------------------------------------------------------------------------------

    def export(self, name: str, target: Path | IO[bytes], *, format: str = "share", force: bool = False) -> Any:
        """Write a scenario as a JSON file.

        Args:
            name: the scenario.
            target: a file, a folder (the file is named after the scenario), or an open binary stream.
            format: ``share`` or ``workspace``.
            force: replace a file that is there.

        Returns:
            An ``Exported``: path, entity count, bytes.

        Raises:
            NotFound: there is no such scenario.
            AlreadyExists: the file is there, and ``force`` is not set.
        """
        from healthsim.state import interchange

        writers = {"share": interchange.write_share, "workspace": interchange.write_workspace}
        if format not in writers:
            raise UsageError(f"The format is {format!r}; expected one of {', '.join(writers)}.")
        with self.database.read() as connection:
            scenario = scenarios.get(connection, name)
            if not isinstance(target, Path):
                return writers[format](connection, scenario, target)
            path = target / interchange.file_name(scenario, format) if target.is_dir() else target
            with interchange.atomic_file(path, force=force) as stream:
                return replace(writers[format](connection, scenario, stream), path=path)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


def as_stream(data: bytes) -> IO[bytes]:
    """Bytes as the seekable stream that ``import_stream`` reads."""
    if not data.strip():
        raise InvalidInput("The input is empty; expected JSON.")
    return io.BytesIO(data)
