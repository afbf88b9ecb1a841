"""Whole populations: synthetic people of real places, coherent from diagnosis to lab to drug to claim.

``generate`` makes a scenario, ``generate_files`` a folder of Parquet files; both take a population spec.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.generation.kernels.context import Context
    from healthsim.generation.runner import OnProgress
    from healthsim.generation.spec import PopulationSpec
    from healthsim.results import GeneratedFiles
    from healthsim.state.save import Saved

__all__ = ["default_name", "generate", "generate_files"]


def generate(
    spec: PopulationSpec | Mapping[str, Any],
    name: str,
    *,
    database: Database | str | os.PathLike[str] | None = None,
    tags: tuple[str, ...] = (),
    overwrite: bool = False,
    conditions: Path | None = None,
    journey_files: Path | None = None,
    workers: int | None = None,
    batch: int | None = None,
    progress: OnProgress | None = None,
) -> Saved:
    """Generate a population and save it as a scenario: the whole of it appears at once, or nothing does.

    Args:
        spec: what to generate, as a ``PopulationSpec`` or its JSON form.
        name: the name of the scenario.
        database: where it is saved; by default the user's database.
        conditions: a folder of clinical knowledge that adds to the one of the house, or takes its place; by default the
            folder ``conditions`` in HealthSim's home, where there is one.
        journey_files: likewise a folder of journeys; by default ``journeys`` in HealthSim's home.
        workers, batch: how it is computed; they change nothing in what comes out. More than one worker are processes of
            their own: a script that asks for them needs ``if __name__ == "__main__"``.
        progress: called with a ``Progress`` before each phase and after each batch; what it raises ends the run, and nothing is saved.

    Raises:
        InvalidInput: the spec is faulty, or nobody can be as it says.
        NotFound: a county, state, condition or journey does not exist.
        AlreadyExists: the name is taken.
    """
    from healthsim.generation import part_files, runner
    from healthsim.generation.estimate import refuse_without_room
    from healthsim.generation.population import prepare
    from healthsim.generation.remarks import remarks
    from healthsim.state import scenarios

    wanted, place = _spec(spec), _database(database)
    scenarios.check_name(name)
    if not overwrite:
        with place.read() as connection:
            scenarios.refuse_taken(connection, name)
    refuse_without_room(wanted, place.location.scratch_folder(), saved=True)
    context = prepare(place, wanted, conditions, progress, journey_files)
    said = remarks(context)
    facts = _facts(context, said)
    with part_files.parts_beside(place) as folder, runner.disk_errors(folder):
        runner.run(context, folder, workers=workers, batch=batch or runner.BATCH, progress=progress)
        if progress is not None:
            progress(runner.Progress(context.spec.size, context.spec.size, phase="loading"))
        saved = part_files.load(
            place,
            folder,
            name,
            description=" ".join([_description(context.spec, context.places.names), *said]),
            attributes=facts,
            tags=tags,
            overwrite=overwrite,
        )
    return replace(saved, warnings=[*saved.warnings, *said])


def generate_files(
    spec: PopulationSpec | Mapping[str, Any],
    output: str | os.PathLike[str],
    *,
    database: Database | str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    conditions: Path | None = None,
    journey_files: Path | None = None,
    workers: int | None = None,
    batch: int | None = None,
    partition: str = "none",
    progress: OnProgress | None = None,
) -> GeneratedFiles:
    """Generate a population as Parquet files, a folder per table, with a manifest of rows and checksums.

    Args:
        output: a folder that does not exist yet, or is empty; or an address in an object store.
        partition: ``year``: parts of tables with dates lie in folders of their years; or ``none``.
        database: where the figures of the places are read; nothing is written there.

    Raises:
        InvalidInput, NotFound: as ``generate``.
        AlreadyExists: the folder is not empty, and is not to be overwritten; or no export wrote what it holds.
    """
    from healthsim.generation import part_files, runner
    from healthsim.generation.estimate import refuse_without_room
    from healthsim.generation.population import prepare
    from healthsim.generation.remarks import remarks
    from healthsim.object_stores.writing import prepared_at
    from healthsim.outputs import new_folder
    from healthsim.results import GeneratedFiles

    wanted = _spec(spec)
    context = prepare(_database(database), wanted, conditions, progress, journey_files)
    said = remarks(context)
    with prepared_at(output, force=overwrite) as place:
        refuse_without_room(wanted, place.path, saved=False)
        with new_folder(place.path.absolute(), force=place.force) as folder:
            runner.run(
                context,
                folder,
                workers=workers,
                batch=batch or runner.BATCH,
                by_year=partition == "year",
                progress=progress,
            )
            tables = part_files.describe(folder, _facts(context, said))
        place.send()
    return GeneratedFiles(place.shown, sum(tables.values()), tables, context.spec.as_json(), said)


def default_name(spec: PopulationSpec) -> str:
    """The name of a scenario that was given none: from place, size and seed."""
    places = [re.sub(r"[^0-9a-z]+", "-", place.lower()).strip("-") for place in (*spec.counties, *spec.states)]
    where = "-".join(places) or "us"
    return f"population-{where[:60]}-{spec.size}-seed-{spec.seed}"


def _spec(spec: PopulationSpec | Mapping[str, Any]) -> PopulationSpec:
    from healthsim.generation.spec import PopulationSpec, read_spec

    return spec if isinstance(spec, PopulationSpec) else read_spec(dict(spec))


def _database(database: Database | str | os.PathLike[str] | None) -> Database:
    from healthsim.config import Settings
    from healthsim.db.connection import Database

    if isinstance(database, Database):
        return database
    return Database.of(Settings.load(database=None if database is None else os.fspath(database)))


def _facts(context: Context, said: list[str]) -> dict[str, Any]:
    """What a scenario keeps of its generation: the spec, the counties that came of it, where they have no weights, and the
    targets of its journeys."""
    from healthsim.generation.journeys.pathways import expectations

    spec, fips = context.spec, context.places.fips
    facts = spec.as_json()
    if spec.by_population and len(fips) <= 100:
        facts["counties"] = list(fips)
    if expected := list(expectations(context.journeys)):
        facts["expected"] = expected
    return facts | ({"remarks": said} if said else {})


def _description(spec: PopulationSpec, names: tuple[str, ...]) -> str:
    where = ", ".join(names[:3]) + (f" and {len(names) - 3} more counties" if len(names) > 3 else "")
    chosen = f" with {', '.join(spec.cohort)}" if spec.cohort else ""
    chosen += f" on {', '.join(spec.journeys)}" if spec.journeys else ""
    return f"{spec.size:,} synthetic persons{chosen} of {where}: {spec.years} years of care up to {spec.as_of}, seed {spec.seed}"
