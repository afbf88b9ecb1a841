"""The workbench: what every door holds. One object for the settings, one method per verb, typed answers.

The command line, the assistant's server and ``import healthsim`` open databases here and nowhere else. A method imports what it
needs when it is called, so that a door opens at once.
"""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING

from healthsim.config import Settings
from healthsim.errors import NotFound
from healthsim.remedies import remedy
from healthsim.workbench.analytics import AnalyticsVerbs
from healthsim.workbench.database import DatabaseVerbs
from healthsim.workbench.exchange import ExchangeVerbs
from healthsim.workbench.generation import GenerationVerbs
from healthsim.workbench.journeys import JourneyVerbs
from healthsim.workbench.reference import ReferenceVerbs
from healthsim.workbench.scenarios import ScenarioVerbs
from healthsim.workbench.sharing import SharingVerbs

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.state.manager import StateManager

__all__ = ["Workbench"]


class Workbench(
    ScenarioVerbs,
    SharingVerbs,
    ExchangeVerbs,
    GenerationVerbs,
    JourneyVerbs,
    AnalyticsVerbs,
    ReferenceVerbs,
    DatabaseVerbs,
):
    """One database and all that can be done with it.

    Args:
        settings: where things are.
        make: whether a database that is not there is made; else it is an error to ask it anything.
    """

    def __init__(self, settings: Settings, *, make: bool = True) -> None:
        self.settings = settings
        self._make = make

    @classmethod
    def at(cls, location: str | os.PathLike[str] | None = None, *, make: bool = True) -> Workbench:
        """The workbench of a database: a path, ``:memory:`` or ``md:NAME``; default: the one that the environment names.

        Raises:
            UsageError: a variable of the environment holds something that cannot be used.
        """
        return cls(Settings.load(database=None if location is None else os.fspath(location)), make=make)

    @cached_property
    def database(self) -> Database:
        """The database; it is opened for one operation at a time.

        Raises:
            NotFound: it is not there, and not to be made.
        """
        from healthsim.db.connection import Database

        database = Database.of(self.settings)
        if not self._make and not database.location.exists():
            raise NotFound(
                f"There is no database at {database.location.text}. Check the path. A new one is made by"
                f" {remedy('make a scenario')}.",
                path=database.location.text,
            )
        return database

    @cached_property
    def state(self) -> StateManager:
        """The scenarios of the database, by the functions that the verbs call."""
        from healthsim.state.manager import StateManager

        return StateManager(self.database)

    def _at(self, location: str) -> Database:
        """Another database, for what is between two."""
        from healthsim.db.connection import Database

        return Database(location, self.settings.lock_timeout)

    def __repr__(self) -> str:
        from healthsim.scrubbing import scrubbed

        return f"<Workbench {scrubbed(self.settings.database)}>"
