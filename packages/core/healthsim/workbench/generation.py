"""Verbs on whole populations: generate them, check them, hold them against published figures."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.workbench.own_folders import OwnFolders

if TYPE_CHECKING:
    from healthsim.generation.estimate import Estimate
    from healthsim.generation.knowledge import Condition
    from healthsim.generation.runner import OnProgress
    from healthsim.generation.spec import PopulationSpec
    from healthsim.results import CheckResult, ConditionList, FidelityResult, GeneratedFiles
    from healthsim.state.save import Saved


class GenerationVerbs(OwnFolders):
    """Populations: synthetic people of real places."""

    def generate(
        self,
        spec: PopulationSpec | Mapping[str, Any] | None = None,
        as_: str | None = None,
        *,
        overwrite: bool = False,
        tags: Sequence[str] = (),
        conditions: str | Path | None = None,
        journey_files: str | Path | None = None,
        workers: int | None = None,
        progress: OnProgress | None = None,
        **fields: Any,
    ) -> Saved:
        """Generate a population and save it as a scenario: the whole of it appears at once, or nothing does.

        Args:
            spec: what to generate: a ``PopulationSpec`` or its fields.
            as_: the name of the scenario; default: from place and size.
            overwrite: replace a scenario of that name.
            tags: of the scenario.
            conditions: a folder of clinical knowledge of your own.
            journey_files: a folder of journeys of your own.
            workers: processes; more than one need ``if __name__ == "__main__"`` in a script.
            progress: called after each batch; what it raises ends the run.
            fields: fields of the spec, which go before it: ``size=1_000, counties=["06073"], seed=7``.

        Raises:
            InvalidInput: the spec is faulty, or nobody can be as it says.
            NotFound: a county, state, condition or journey does not exist, or has no figures.
            AlreadyExists: the name is taken.
        """
        from healthsim.generation import default_name, generate

        wanted = _spec(spec, fields)
        return generate(
            wanted,
            as_ or default_name(wanted),
            database=self.database,
            tags=tuple(tags),
            overwrite=overwrite,
            conditions=self._knowledge(conditions),
            journey_files=self._journey_files(journey_files),
            workers=workers,
            progress=progress,
        )

    def generate_files(
        self,
        spec: PopulationSpec | Mapping[str, Any] | None = None,
        output: str | os.PathLike[str] | None = None,
        *,
        overwrite: bool = False,
        conditions: str | Path | None = None,
        journey_files: str | Path | None = None,
        workers: int | None = None,
        progress: OnProgress | None = None,
        engine: str = "local",
        master: str | None = None,
        partition: str = "none",
        **fields: Any,
    ) -> GeneratedFiles:
        """Generate a population as Parquet files, a folder per table.

        Args:
            output: a folder that is made, or an address in an object store; what a run before wrote is replaced with
                ``overwrite``.
            engine: ``local``, or ``spark`` at the URL ``master`` (``sc://HOST:PORT`` too).
            partition: ``year``: parts of tables with dates lie in folders of their years; or ``none``.
            spec, conditions, journey_files, workers, progress, fields: as in ``generate``.
        """
        from healthsim.errors import UsageError
        from healthsim.generation import generate_files

        if output is None:
            raise UsageError("Name the folder that the files go to.")
        wanted, knowledge = _spec(spec, fields), self._knowledge(conditions)
        if engine == "spark":
            from healthsim.generation.spark import generate_on_spark

            return generate_on_spark(
                wanted,
                output if isinstance(output, str) else Path(output),
                master=master,
                database=self.database,
                overwrite=overwrite,
                conditions=knowledge,
                journey_files=self._journey_files(journey_files),
                partition=partition,
            )
        return generate_files(
            wanted,
            output,
            database=self.database,
            overwrite=overwrite,
            conditions=knowledge,
            journey_files=self._journey_files(journey_files),
            workers=workers,
            partition=partition,
            progress=progress,
        )

    def estimate(
        self,
        spec: PopulationSpec | Mapping[str, Any] | None = None,
        output: str | os.PathLike[str] | None = None,
        *,
        workers: int | None = None,
        **fields: Any,
    ) -> Estimate:
        """How large a run will be, within about a third: rows, bytes on the disk, seconds. Nothing is done.

        Args:
            spec, fields, workers: as in ``generate``.
            output: the folder of ``generate_files``; None for a scenario.
        """
        from healthsim.generation.estimate import estimate
        from healthsim.paths import scheme_of

        folder = self.database.location.scratch_folder()
        if output is not None:
            folder = None if scheme_of(os.fspath(output)) else Path(output)
        return estimate(_spec(spec, fields), folder, saved=output is None, workers=workers or 1)

    def check(self, name: str, *, rules: Sequence[str] = ()) -> CheckResult:
        """Check a scenario, generated or not, against the rules of coherent care."""
        from healthsim.generation.coherence import check

        return check(self.database, name, rules=rules)

    def fidelity(self, name: str) -> FidelityResult:
        """Hold a scenario against published figures: of its counties, of hospital use, of spending."""
        from healthsim.generation.fidelity import fidelity

        return fidelity(self.database, name)

    def conditions(self, folder: str | Path | None = None) -> ConditionList:
        """The clinical knowledge that generation works with: the conditions, by name."""
        from healthsim.generation.knowledge_files import load_knowledge
        from healthsim.results import ConditionList

        return ConditionList(
            [
                {
                    "condition": name,
                    "name": condition.name,
                    "kind": condition.kind,
                    "group": condition.group,
                    "measure": condition.measure,
                }
                for name, condition in load_knowledge(self._knowledge(folder)).items()
            ]
        )

    def condition(self, name: str, folder: str | Path | None = None) -> Condition:
        """What is known about one condition, with its sources.

        Raises:
            NotFound: there is no such condition.
        """
        from healthsim.generation.knowledge_files import find_condition

        return find_condition(name, self._knowledge(folder))

    def check_conditions(self, *paths: str | Path) -> int:
        """Check files of clinical knowledge, or without paths those in use; how many conditions there are.

        Raises:
            InvalidInput: they cannot be used; the message has every fault with its file and line.
        """
        from healthsim.errors import InvalidInput
        from healthsim.generation.knowledge_files import check_files, load_knowledge
        from healthsim.generation.yaml_files import files_in

        own = self._knowledge(None)
        # an empty folder of one's own means the knowledge of the house; one that was named to be checked is a mistake
        asked = [Path(path) for path in paths] or ([own] if own is not None and files_in(own) else [])
        faults = check_files(asked)
        if faults:
            raise InvalidInput("The clinical knowledge cannot be used.\n  " + "\n  ".join(faults), faults=faults)
        return len(load_knowledge(None if paths else own))


def _spec(spec: PopulationSpec | Mapping[str, Any] | None, fields: Mapping[str, Any]) -> PopulationSpec:
    from healthsim.generation.spec import PopulationSpec, read_spec

    if isinstance(spec, PopulationSpec) and not fields:
        return spec
    facts = spec.as_json() if isinstance(spec, PopulationSpec) else dict(spec or {})
    return read_spec(facts | dict(fields))
