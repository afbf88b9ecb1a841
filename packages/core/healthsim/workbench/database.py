"""Verbs on the database itself: its status, its health, its size, its schema; SQL; old files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from healthsim.workbench.base import Verbs

if TYPE_CHECKING:
    from healthsim.db.query import Answer, Stop
    from healthsim.model import EntityType
    from healthsim.results import Compacted, DatabaseStatus, Examination
    from healthsim.state.legacy.migrate import FileReport, Report


class DatabaseVerbs(Verbs):
    """The database itself."""

    def status(self) -> DatabaseStatus:
        """Where the database is, its schema version, size, and what it holds."""
        from healthsim.db.status import status

        return status(self.database)

    def doctor(self, *, deep: bool = False) -> Examination:
        """Check the database for damage and contradictions; ``deep`` reads every document again."""
        from healthsim.state.doctor import examine

        return examine(self.database, deep=deep)

    def compact(self) -> Compacted:
        """Give back the space of deleted data: the file is written anew, checked and put in place."""
        from healthsim.db.compacting import compact

        return compact(self.database)

    def sql(
        self,
        question: str,
        *,
        scenario: str | None = None,
        limit: int = 10_000,
        characters: int | None = None,
        as_text: bool = False,
        stop: Stop | None = None,
    ) -> Answer:
        """Answer a question in SQL: one SELECT, FROM, WITH, PIVOT, DESCRIBE, SUMMARIZE or EXPLAIN. Nothing can change.

        Args:
            question: in DuckDB's SQL.
            scenario: only this scenario's rows exist for the question.
            limit: rows at most.
            characters: characters at most, all values together.
            as_text: every value as the engine spells it.
            stop: called from another thread, it ends the question.

        Raises:
            InvalidInput: the text is no such statement, or names what does not exist.
            HealthSimError: it took too long or needed too much memory.
        """
        from healthsim.db.query import Limits, ask

        allowed = {"rows": limit, "timeout": self.settings.sql_timeout, "memory": self.settings.sql_memory}
        if characters is not None:
            allowed["characters"] = characters
        scenario_id = self.state.get(scenario).scenario_id if scenario is not None else None
        limits = Limits(**allowed)  # type: ignore[arg-type]  # by name
        return ask(self.database, question, scenario_id=scenario_id, as_text=as_text, limits=limits, stop=stop)

    def schema(self, entity_type: str) -> EntityType:
        """An entity type with its columns, by its name or its table's."""
        from healthsim.model.reference import find_type

        return find_type(entity_type)

    def entity_types(self) -> list[EntityType]:
        """Every entity type, in the order of the documentation."""
        from healthsim.model import ENTITY_TYPES

        return list(ENTITY_TYPES.values())

    def migrate(
        self,
        folder: str | Path | None = None,
        *,
        mode: str = "migrate",
        progress: Callable[[FileReport], None] = lambda file: None,
    ) -> Report:
        """Bring the JSON files of the old implementation into the database; originals stay as they are.

        Args:
            folder: where they are; default: both old folders of HealthSim's home.
            mode: ``migrate``, ``rehearse`` (say what would be done) or ``survey`` (say what has been done).
            progress: told of every file when it is done.
        """
        from healthsim.errors import UsageError
        from healthsim.state.legacy import migrate

        folders = [Path(folder)] if folder is not None else list(self.settings.workspace_folders)
        if mode == "migrate":
            return migrate.migrate(self.state, self.settings.home, folders, progress=progress)
        if mode not in ("rehearse", "survey"):
            raise UsageError(f"The mode is {mode!r}; expected migrate, rehearse or survey.")
        return migrate.rehearse(self.state, folders) if mode == "rehearse" else migrate.survey(self.state, folders)
