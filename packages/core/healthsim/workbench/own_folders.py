"""Folders of the user's own that generation reads: clinical knowledge, journeys."""

from __future__ import annotations

from pathlib import Path

from healthsim.workbench.base import Verbs


class OwnFolders(Verbs):
    """Verbs that read folders of the user's own: the one given, else that of HealthSim's home where there is one."""

    def _journey_files(self, folder: str | Path | None) -> Path | None:
        from healthsim.generation.journeys.files import own_folder

        return own_folder(None if folder is None else Path(folder), self.settings)

    def _knowledge(self, folder: str | Path | None) -> Path | None:
        from healthsim.generation.knowledge_files import own_folder

        return own_folder(None if folder is None else Path(folder), self.settings)
