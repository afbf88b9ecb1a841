"""Verbs on care pathways: list, show and check journeys, and let the people of a scenario go through some."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from healthsim.workbench.own_folders import OwnFolders

if TYPE_CHECKING:
    from healthsim.generation.journeys.declaration import Journey
    from healthsim.generation.runner import OnProgress
    from healthsim.results import JourneyImports, JourneyList, JourneyRun


class JourneyVerbs(OwnFolders):
    """Journeys: care pathways as data."""

    def journeys(self, folder: str | Path | None = None) -> JourneyList:
        """The care pathways that generation can plan: the journeys, by name."""
        from healthsim.generation.journeys.files import load_journeys
        from healthsim.results import JourneyList

        return JourneyList(
            [
                {
                    "journey": name,
                    "name": journey.name,
                    "starts": journey.starts.text,
                    "days": journey.lasts,
                    "steps": len(journey.steps),
                }
                for name, journey in load_journeys(self._journey_files(folder), self._knowledge(None)).items()
            ]
        )

    def journey(self, name: str, folder: str | Path | None = None) -> Journey:
        """One care pathway, with its sources and steps.

        Raises:
            NotFound: there is no such journey.
        """
        from healthsim.generation.journeys.files import find_journey, load_journeys

        return find_journey(name, load_journeys(self._journey_files(folder), self._knowledge(None)))

    def check_journeys(self, *paths: str | Path) -> int:
        """Check files of journeys, or without paths those in use; how many journeys there are.

        Raises:
            InvalidInput: they cannot be used; the message has every fault with its file and line.
        """
        from healthsim.errors import InvalidInput
        from healthsim.generation.journeys.files import check_files, load_journeys

        if not paths:
            return len(load_journeys(self._journey_files(None), self._knowledge(None)))
        count, faults = check_files([Path(path) for path in paths], self._knowledge(None))
        if faults:
            raise InvalidInput("The journeys cannot be used.\n  " + "\n  ".join(faults), faults=faults)
        return count

    def import_journeys(
        self,
        *paths: str | Path,
        output: str | Path,
        codes: str | Path | None = None,
        assume: float | None = None,
        keep_snomed: bool = False,
        overwrite: bool = False,
    ) -> JourneyImports:
        """Make journeys of care pathways of the original HealthSim and of modules of Synthea, with a report for each.

        Args:
            paths: files, or folders of them, told by what is in them.
            output: the folder of the journeys; it may hold others.
            codes: a CSV file of codes with the columns system, code, target, value.
            assume: the share of people for whom a condition holds that cannot be asked; without it such steps are left out.
            keep_snomed: what is done under a SNOMED code without a map is kept as what its contact is for, on no claim.
            overwrite: replace journeys that are there.

        Raises:
            NotFound: there is no such file.
            InvalidInput: none of them is such a document, or the file of codes makes no sense.
            AlreadyExists: a journey is there.
        """
        from healthsim.generation.journeys.importing.files import import_files

        return import_files(
            [Path(path) for path in paths],
            Path(output),
            codes=None if codes is None else Path(codes),
            assume=assume,
            keep_snomed=keep_snomed,
            overwrite=overwrite,
            conditions=self._knowledge(None),
        )

    def run_journeys(
        self,
        journeys: str | Mapping[str, float | None] | Sequence[str],
        on: str,
        as_: str,
        *,
        overwrite: bool = False,
        tags: Sequence[str] = (),
        conditions: str | Path | None = None,
        journey_files: str | Path | None = None,
        workers: int | None = None,
        progress: OnProgress | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> JourneyRun:
        """Let the people of a generated scenario go through journeys: the same people once more, as a new scenario.

        Args:
            journeys: a name, names, or name -> share of those who qualify; one that the scenario has already takes the new
                share.
            on: the scenario, which stays as it is.
            as_: the name of the new scenario.
            tell: called with what a big run will need, before it begins.
            overwrite, tags, conditions, journey_files, workers, progress: as in ``generate``.

        Raises:
            NotFound: there is no such scenario or journey.
            InvalidInput: the scenario was not generated here, or holds other people than were generated.
            AlreadyExists: the name is taken.
        """
        from healthsim.generation.journeys.on_scenario import run_on

        return run_on(
            self.database,
            [journeys] if isinstance(journeys, str) else journeys,
            on,
            as_,
            tags=tuple(tags),
            overwrite=overwrite,
            conditions=self._knowledge(conditions),
            journey_files=self._journey_files(journey_files),
            workers=workers,
            progress=progress,
            tell=tell,
        )
