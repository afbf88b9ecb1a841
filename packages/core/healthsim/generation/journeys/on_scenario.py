"""The people of a scenario go through journeys as well: the same people once more, generated from what the scenario says of itself.

Every draw is looked up by person, so that the same spec with other journeys gives the same people. That is not taken for
granted: afterwards the two scenarios are held against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.db.sql import filled, sql_text
from healthsim.errors import AlreadyExists, InvalidInput, UsageError
from healthsim.generation.coherence.checking import generation_of
from healthsim.generation.estimate import BIG, estimate
from healthsim.generation.kernels.people import COUNTY_DIGITS, NUMBER_DIGITS
from healthsim.generation.spec import PopulationSpec, read_spec
from healthsim.remedies import remedy
from healthsim.results import JourneyRun
from healthsim.state import scenarios
from healthsim.state.tables import HERE, in_scenario

if TYPE_CHECKING:
    import duckdb

    from healthsim.db.connection import Database
    from healthsim.generation.runner import OnProgress
    from healthsim.results import Scenario

PACKAGE = "healthsim.generation"
#: what a scenario keeps of its generation beside the spec
_BESIDE_THE_SPEC = ("expected", "remarks")
#: ids of patients as generation gives them
_OWN_ID = rf"PAT-\d{{{COUNTY_DIGITS + NUMBER_DIGITS}}}"

Asked = Mapping[str, float | None] | Sequence[str]


def run_on(
    database: Database,
    journeys: Asked,
    on: str,
    name: str,
    *,
    tags: tuple[str, ...] = (),
    overwrite: bool = False,
    conditions: Path | None = None,
    journey_files: Path | None = None,
    workers: int | None = None,
    progress: OnProgress | None = None,
    tell: Callable[[str], None] | None = None,
) -> JourneyRun:
    """Generate the people of a scenario once more, with journeys that they go through.

    Args:
        journeys: their names, or name -> share of those who qualify; one that the scenario has already takes the new share.
        on: the scenario, which stays as it is.
        name: of the new scenario.
        tell: called with what a big run will need, before it begins.
        tags, overwrite, conditions, journey_files, workers, progress: as in ``generate``.

    Raises:
        NotFound: there is no such scenario or journey.
        InvalidInput: the people of the scenario cannot be generated once more.
        AlreadyExists: the name is taken, or is that of the scenario itself.
    """
    from healthsim.generation import generate

    scenarios.check_name(name)
    with database.read() as connection:
        scenario = scenarios.get(connection, on)
        taken = scenarios.find(connection, name)
        if taken is not None and taken.scenario_id == scenario.scenario_id:
            raise AlreadyExists(
                f"{scenario.name!r} cannot take its own place: its people are held against those of the new scenario."
                " Choose another name.",
                name=scenario.name,
            )
        if not overwrite:
            scenarios.refuse_taken(connection, name)
        spec = _with_journeys(_spec_of(connection, scenario), journeys)
    if tell is not None and spec.size >= BIG:
        tell(str(estimate(spec, database.location.scratch_folder(), saved=True, workers=workers or 1)))
    saved = generate(
        spec,
        name,
        database=database,
        tags=tags,
        overwrite=overwrite,
        conditions=conditions,
        journey_files=journey_files,
        workers=workers,
        progress=progress,
    )
    with database.read() as connection:
        persons, changed = _persons(connection, scenario.scenario_id, saved.scenario_id)
        travellers = dict(_ask(connection, "travellers", {"scenario": saved.scenario_id}, here=HERE))
    return JourneyRun(
        scenario_id=saved.scenario_id,
        name=saved.name,
        on=scenario.name,
        persons=persons,
        changed=changed,
        travellers={journey: travellers.get(journey, 0) for journey in spec.journeys},
        entity_count=saved.entity_count,
        entities_by_type=saved.entities_by_type,
        spec=spec.as_json(),
        warnings=[*saved.warnings, *_changes(scenario.name, persons, changed)],
    )


def _spec_of(connection: duckdb.DuckDBPyConnection, scenario: Scenario) -> PopulationSpec:
    """What the people of a scenario were generated from.

    Raises:
        InvalidInput: they were not, or are not those any more.
    """
    facts = generation_of(scenario)
    if scenario.format != "generated" or not facts:
        came = {"merge": "was put together from scenarios"}.get(
            scenario.format or "", f"came from elsewhere (its format is {scenario.format or 'not known'})"
        )
        raise _refused(scenario, f"{came}, and was not generated here")
    fields = {key: value for key, value in facts.items() if key not in _BESIDE_THE_SPEC}
    spec = read_spec(fields, source=f"What {scenario.name!r} says of its generation")
    [(persons, own_ids)] = _ask(
        connection, "persons_and_ids", {"scenario": scenario.scenario_id, "form": _OWN_ID}, here=HERE
    )
    if own_ids < persons:
        who = "a clone" if not own_ids else f"no longer as it was generated: {persons - own_ids:,} of its persons"
        raise _refused(scenario, f"is {who}, with ids of {'its' if not own_ids else 'their'} own")
    if persons != spec.size:
        what = "a cohort or a part" if persons < spec.size else "more than was generated"
        raise _refused(scenario, f"holds {persons:,} persons, and {spec.size:,} were generated: it is {what}")
    return spec


def _refused(scenario: Scenario, why: str) -> InvalidInput:
    return InvalidInput(
        f"{scenario.name!r} {why}. Journeys run on the people of a scenario as it was generated; nothing was done. Name"
        f" the scenario that was generated ({remedy('list scenarios')}), or generate people on the journey:"
        f" {remedy('generate on a journey')}.",
        name=scenario.name,
        format=scenario.format,
    )


def _with_journeys(spec: PopulationSpec, journeys: Asked) -> PopulationSpec:
    """The spec with more journeys; nothing else of it changes."""
    if not journeys:
        raise UsageError(f"Name a journey that the people go through; see: {remedy('list journeys')}.")
    fields: Any = dict(journeys) if isinstance(journeys, Mapping) else list(journeys)
    asked = read_spec({"journeys": fields}, source="What was asked for").journeys
    return spec.model_copy(update={"journeys": {**spec.journeys, **asked}})


def _persons(connection: duckdb.DuckDBPyConnection, on: str, made: str) -> tuple[int, int]:
    """(how many persons the new scenario holds, how many of the two are not in both with the same birth date)."""
    [(persons, changed)] = _ask(
        connection, "persons_of_two", {"on": on, "made": made}, on=in_scenario("on"), made=in_scenario("made")
    )
    return persons, changed


def _changes(on: str, persons: int, changed: int) -> list[str]:
    if not changed:
        return []
    return [
        f"{changed:,} persons of {on!r} and of the new scenario ({persons:,}) are not the same: clinical knowledge, figures of"
        " places or this program changed since it was generated. Generate both anew to compare them."
    ]


def _ask(
    connection: duckdb.DuckDBPyConnection, statement: str, values: Mapping[str, Any], **names: str
) -> list[tuple[Any, ...]]:
    return connection.execute(filled(sql_text(PACKAGE, statement), names), dict(values)).fetchall()
