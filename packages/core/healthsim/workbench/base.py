"""What the verbs of one area may count on: the settings, the database, the scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from healthsim.config import Settings
    from healthsim.db.connection import Database
    from healthsim.state.manager import StateManager


class Verbs:
    """The base of the verbs of one area; ``Workbench`` has them all."""

    if TYPE_CHECKING:
        settings: Settings

        @property
        def database(self) -> Database: ...

        def _at(self, location: str) -> Database: ...

        @property
        def state(self) -> StateManager: ...
