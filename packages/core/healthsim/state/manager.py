"""Scenarios: save, load, list, change, share. Every verb is one function, and every write one transaction."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from healthsim.db.connection import Database
from healthsim.errors import UsageError
from healthsim.state import scenario_rows, scenarios
from healthsim.state.scenarios import Scenario
from healthsim.state.tables import scenario_tables

if TYPE_CHECKING:
    import duckdb

    from healthsim.results import LoadedScenario, ScenarioSummary
    from healthsim.state.intake import Intake
    from healthsim.state.json.header import Header
    from healthsim.state.json.writers import Exported
    from healthsim.state.save import Record, Saved

Entities = Mapping[str, Any]


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
        from healthsim.state.json.header import Header
        from healthsim.state.python_input import take_python
        from healthsim.state.save import Documents, save

        scenarios.check_name(name)
        with self.intake(lenient=lenient) as intake:
            take_python(entities, intake)
            source = Documents(intake, Header(format="python"))
            return save(self.database, name, mode, source, description=description, tags=tags)

    def import_path(
        self,
        path: str | Path,
        *,
        name: str | None = None,
        description: str | None = None,
        tags: Sequence[str] = (),
        mode: str = "create",
        lenient: bool = False,
        keep_copies: bool = False,
        record: Record | None = None,
        read: Callable[[Path, Intake], Header] | None = None,
    ) -> Saved:
        """Save what a file or a folder holds, in any shape that the old implementation or this one writes.

        Args:
            path: a JSON file, or a folder of them.
            name: the scenario's name; default: the one in the file, else the file's own.
            description, tags, mode, lenient: as in ``save``; the mode ``rename`` finds a free name.
            keep_copies: keep all of several documents with one id, as is always done for workspace files.
            record: called inside the transaction, with what was saved.
            read: reads a file of another format.

        Raises:
            NotFound: nothing is there.
            InvalidInput: it is not JSON, or holds no entities in any known shape.
        """
        from healthsim.state.json.shapes import read_path
        from healthsim.state.save import Documents, save

        with self.intake(lenient=lenient) as intake:
            header = (read or read_path)(Path(path), intake)
            name = scenarios.check_name((header.name or "") if name is None else name)
            source = Documents(intake, header, keep_copies, same_stays=True)
            return save(self.database, name, mode, source, description=description, tags=tags, record=record)

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
        """Save what a binary stream holds, as ``import_path`` does."""
        from healthsim.state.json.shapes import read_stream
        from healthsim.state.save import Documents, save

        with self.intake(lenient=lenient) as intake:
            source = Documents(intake, read_stream(stream, "the input", intake), same_stays=True)
            return save(self.database, name, mode, source, description=description, tags=tags)

    def add_entities(self, name: str, entities: Entities, *, lenient: bool = False) -> Saved:
        """Add entities to a scenario that exists; those with ids that it has are replaced.

        Raises:
            NotFound: there is no such scenario.
        """
        with self.database.read() as connection:
            scenarios.get(connection, name)
        return self.save(name, entities, mode="add", lenient=lenient)

    @contextmanager
    def intake(self, *, lenient: bool = False) -> Iterator[Intake]:
        """An empty intake for this database; what it has taken is gone when the block ends."""
        from healthsim.state.intake import Intake
        from healthsim.state.staging import Staging

        with Staging(self.database.location.scratch_folder()) as staging:
            yield Intake(staging, lenient=lenient)

    # -- reading ---------------------------------------------------------------------------------------------

    def load(self, name: str) -> LoadedScenario:
        """A scenario with all of its documents.

        Raises:
            NotFound: there is no such scenario.
        """
        from healthsim.results import LoadedScenario
        from healthsim.state.documents import documents_of, stored_collections

        with scenario_tables(self.database, name) as tables:
            entities: dict[str, list[Any]] = {}
            for stored in stored_collections(tables):
                documents = entities.setdefault(stored.plural, [])
                for batch in documents_of(tables, stored):
                    documents += json.loads("[" + ",".join([item[1] for item in batch]) + "]")
        loaded = tables.scenario.as_dict()
        facts = {key: loaded[key] for key in ("scenario_id", "name", "description", "tags", "created_at", "updated_at")}
        return LoadedScenario(**facts, entity_count=sum(map(len, entities.values())), entities=entities)

    def write_loaded(self, name: str, stream: IO[bytes]) -> None:
        """Write what ``load`` returns as JSON, document by document in the spelling in which each was saved.

        Raises:
            NotFound: there is no such scenario.
        """
        from healthsim.state.json.writers import write_loaded

        with scenario_tables(self.database, name) as tables:
            write_loaded(tables, stream)

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

    def summary(self, name: str, samples: int = 0) -> ScenarioSummary:
        """A scenario in a few hundred words: counts, dates, age and sex, diagnoses, money; see ``summarise``.

        Raises:
            NotFound: there is no such scenario.
        """
        from healthsim.state.summary import summarise

        with scenario_tables(self.database, name) as tables:
            return summarise(tables, samples)

    # -- changing --------------------------------------------------------------------------------------------

    def delete(self, name: str) -> Scenario:
        """Remove a scenario with everything in it; what it was.

        Raises:
            NotFound: there is no such scenario.
        """

        def once(connection: duckdb.DuckDBPyConnection) -> Scenario:
            scenario = scenarios.get(connection, name)
            scenario_rows.erase(connection, scenario.scenario_id)
            return scenario

        return self.database.written(once)

    def rename(self, name: str, new_name: str) -> Scenario:
        """Give a scenario another name.

        Raises:
            NotFound: there is no such scenario.
            AlreadyExists: another one has the new name.
        """
        scenarios.check_name(new_name)

        def once(connection: duckdb.DuckDBPyConnection) -> Scenario:
            scenario = scenarios.get(connection, name)
            if new_name != scenario.name:
                scenarios.refuse_taken(connection, new_name)
            scenario_rows.change(connection, replace(scenario, name=new_name), _now())
            return scenarios.get(connection, new_name)

        return self.database.written(once)

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
        def once(connection: duckdb.DuckDBPyConnection) -> Scenario:
            scenario = scenarios.get(connection, name)
            tags = change(scenario.tags)
            if tags != scenario.tags:
                scenario_rows.change(connection, replace(scenario, tags=tags), _now())
            return scenarios.get(connection, scenario.scenario_id)

        return self.database.written(once)

    def clone(self, name: str, new_name: str) -> Saved:
        """Copy a scenario under a new name, with fresh ids; every reference inside it points to the copies.

        Raises:
            NotFound: there is no such scenario.
            AlreadyExists: another one has the new name.
        """
        from healthsim.state.copying import clone

        scenarios.check_name(new_name)
        with self.intake(lenient=True) as intake:
            return clone(self.database, intake, name, new_name)

    def merge(self, names: Sequence[str], into: str) -> Saved:
        """Put the entities of several scenarios into one, by id; of two with the same id the later scenario's stays.

        What is said about each of them (description, tags, attributes) is kept, too; of two that differ the
        target's stays, or else the first scenario's.

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

    def export(self, name: str, target: Path | IO[bytes], *, format: str = "share", force: bool = False) -> Exported:
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
        from healthsim.outputs import open_file
        from healthsim.state.json import writers

        by_format = {"share": writers.write_share, "workspace": writers.write_workspace}
        if format not in by_format:
            raise UsageError(f"The format is {format!r}; expected one of {', '.join(by_format)}.")
        with scenario_tables(self.database, name) as tables:
            if not isinstance(target, Path):
                return by_format[format](tables, target)
            path = target / writers.file_name(tables.scenario, format) if target.is_dir() else target
            with open_file(path, force=force) as stream:
                return replace(by_format[format](tables, stream), path=path)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)
