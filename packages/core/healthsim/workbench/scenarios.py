"""Verbs on scenarios: save, load, list, show, change, delete."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from healthsim.workbench.base import Verbs

if TYPE_CHECKING:
    from healthsim.results import (
        EntityRecord,
        LoadedScenario,
        PeoplePage,
        ScenarioList,
        ScenarioProfile,
        ScenarioSummary,
        Timeline,
    )
    from healthsim.state.manager import Entities
    from healthsim.state.pages import Filter, Page
    from healthsim.state.save import Saved
    from healthsim.state.scenarios import Scenario


class ScenarioVerbs(Verbs):
    """Scenarios: named snapshots of entities. A name may also be an id."""

    def save(
        self,
        name: str,
        entities: Entities,
        *,
        description: str | None = None,
        tags: Sequence[str] = (),
        overwrite: bool = False,
        mode: str | None = None,
        lenient: bool = False,
    ) -> Saved:
        """Save entities as a scenario; all of them or none.

        Args:
            name: the scenario's name.
            entities: {entity type: rows}: rows are a list of dicts or models, or a data frame of pandas, Polars or Arrow.
            description, tags: what is said about it.
            overwrite: replace a scenario of that name.
            mode: ``create``, ``overwrite`` or ``merge`` (add, and replace entities of the same ids).
            lenient: keep documents with values that cannot be read, and leave those columns empty.

        Raises:
            AlreadyExists: the name is taken.
            InvalidEntities: values cannot be read as declared; all of them are named.
        """
        wanted = mode or ("overwrite" if overwrite else "create")
        return self.state.save(name, entities, description=description, tags=tags, mode=wanted, lenient=lenient)

    def add(self, name: str, entities: Entities, *, lenient: bool = False) -> Saved:
        """Add entities to a scenario that exists; those with ids that it has are replaced."""
        return self.state.add_entities(name, entities, lenient=lenient)

    def load(self, name: str) -> LoadedScenario:
        """A scenario with all of its documents: ``answer.entities["patients"]``."""
        return self.state.load(name)

    def page(
        self,
        name: str,
        *,
        entity_type: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
        characters: int = 1_000_000,
    ) -> Page:
        """A part of a scenario as documents, with a cursor to go on; ``load`` gives all of them."""
        from healthsim.state.pages import load_page

        return load_page(
            self.database, name, entity_type=entity_type, cursor=cursor, limit=limit, characters=characters
        )

    def find(
        self,
        name: str,
        entity_type: str,
        *,
        where: Sequence[Filter] = (),
        columns: Sequence[str] = (),
        order_by: str | None = None,
        descending: bool = False,
        cursor: str | None = None,
        limit: int = 50,
        characters: int = 1_000_000,
    ) -> Page:
        """Rows of one entity type of a scenario that meet conditions, with a cursor to go on."""
        from healthsim.state.pages import query_page

        return query_page(
            self.database,
            name,
            entity_type,
            where=where,
            columns=columns,
            order_by=order_by,
            descending=descending,
            cursor=cursor,
            limit=limit,
            characters=characters,
        )

    def write_loaded(self, name: str, stream: IO[bytes]) -> None:
        """Write what ``load`` answers as JSON, document by document, in the spelling in which each was saved."""
        self.state.write_loaded(name, stream)

    def get(self, name: str) -> Scenario:
        """What is known of a scenario, without its entities."""
        return self.state.get(name)

    def show(self, name: str, *, samples: int = 0) -> ScenarioSummary:
        """A scenario in a few hundred words: counts, dates, ages, diagnoses, money; with documents, if asked for."""
        return self.state.summary(name, samples)

    def entity(self, name: str, entity_type: str, entity_id: str) -> EntityRecord:
        """One entity of a scenario: its columns with what they mean, the document that it came as, and what refers to it.

        Raises:
            NotFound: there is no such scenario, type or entity.
        """
        from healthsim.state.entity_record import entity_record

        return entity_record(self.database, name, entity_type, entity_id)

    def people(
        self,
        name: str,
        *,
        search: str = "",
        condition: str = "",
        sex: str = "",
        ages: str = "",
        limit: int = 50,
        offset: int = 0,
    ) -> PeoplePage:
        """A part of the patients of a scenario, by name: who they are, their conditions, last contact, and what was paid.

        Args:
            name: the scenario.
            search: a part of the name, how the id begins, or the record number.
            condition: how a code of a diagnosis begins, or a word of its description.
            sex: ``F`` or ``M``.
            ages: ``40-75``, ``65+`` or ``40``.
            limit, offset: which part.

        Raises:
            NotFound: there is no such scenario.
            InvalidInput: ages are none.
        """
        from healthsim.state.people import people

        narrowed = {"search": search, "condition": condition, "sex": sex, "ages": ages}
        return people(self.database, name, **narrowed, limit=limit, offset=offset)

    def profile(self, name: str) -> ScenarioProfile:
        """What the people of a scenario are like together: ages, sexes, lines of business; and how they were made."""
        from healthsim.state.people import profile

        return profile(self.database, name)

    def person(
        self,
        name: str,
        person: str,
        *,
        first: str | None = None,
        last: str | None = None,
        index: str | None = None,
        highlight: Sequence[str] = (),
    ) -> Timeline:
        """What happened to one person, in all products: coverage, care, conditions, results, drugs, claims, trial.

        Args:
            name: the scenario.
            person: an id of the person in any product, or a medical record or member number.
            first, last: only what lies between these days, or reaches into them.
            index: the day that others are counted from.
            highlight: how codes or names begin that are to be seen at once: the criteria of a cohort.

        Raises:
            NotFound: there is no such scenario or person.
            InvalidInput: a day is none.
        """
        from healthsim.state.timeline import timeline

        return timeline(self.database, name, person, first=first, last=last, index=index, highlight=highlight)

    def write_person(self, timeline: Timeline, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the timeline of a person as a page that stands alone, whole or not at all.

        Raises:
            AlreadyExists: a file is there.
        """
        from healthsim.outputs import open_file
        from healthsim.results.timeline_page import timeline_page

        with open_file(Path(path), force=overwrite) as stream:
            stream.write(timeline_page(timeline).encode("utf-8", "replace"))
        return Path(path)

    def delete(self, name: str) -> Scenario:
        """Remove a scenario with everything in it, for good; what it was."""
        return self.state.delete(name)

    def rename(self, name: str, new_name: str) -> Scenario:
        """Give a scenario another name."""
        return self.state.rename(name, new_name)

    def clone(self, name: str, new_name: str) -> Saved:
        """Copy a scenario under a new name, with fresh ids; every reference inside it points to the copies."""
        return self.state.clone(name, new_name)

    def merge(self, names: Sequence[str], into: str) -> Saved:
        """Put the entities of several scenarios into one, by id; of two with the same id the later scenario's stays."""
        return self.state.merge(names, into)

    def tag(self, name: str, *tags: str) -> Scenario:
        """Add tags to a scenario."""
        return self.state.tag(name, _words(tags))

    def untag(self, name: str, *tags: str) -> Scenario:
        """Take tags from a scenario."""
        return self.state.untag(name, _words(tags))

    def list(
        self,
        *,
        tags: Sequence[str] = (),
        search: str | None = None,
        product: str | None = None,
        sort: str = "updated",
        limit: int | None = None,
    ) -> ScenarioList:
        """The scenarios that match, newest first.

        Args:
            tags: all of these.
            search: words in name, description or tags.
            product: ``patientsim``, ``membersim`` ...: what made it, or whose entities it has.
            sort: ``updated``, ``created``, ``name`` or ``size``.
            limit: how many at most.
        """
        from healthsim.results import ScenarioList

        wanted = [tags] if isinstance(tags, str) else tags
        listed, total = self.state.list(tags=wanted, search=search, product=product, sort=sort, limit=limit)
        return ScenarioList(builtins.list(listed), total)

    def scenarios(self) -> ScenarioList:
        """All scenarios, newest first: ``list`` under another name."""
        return self.list()

    def save_file(
        self,
        name: str | None,
        source: str | Path | IO[bytes],
        *,
        description: str | None = None,
        tags: Sequence[str] = (),
        mode: str = "create",
        lenient: bool = False,
    ) -> Saved:
        """Save what a JSON file, a folder of them or a binary stream holds as the scenario ``name``.

        Args:
            name: None for the one in the file, else the file's own; a stream needs one.
            source, description, tags, mode, lenient: as in ``save`` and ``import_``.
        """
        options = {"description": description, "tags": tags, "mode": mode, "lenient": lenient}
        if isinstance(source, (str, Path)):
            return self.state.import_path(source, name=name, **options)  # type: ignore[arg-type]  # by name
        return self.state.import_stream(source, name=name or "", **options)  # type: ignore[arg-type]  # by name


def _words(tags: Iterable[str | Iterable[str]]) -> builtins.list[str]:
    """Tags, one by one or as a list."""
    return [word for tag in tags for word in ([tag] if isinstance(tag, str) else tag)]
