"""From a spec to a population: what every batch needs to know, worked out once."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from healthsim.errors import InvalidInput, NotFound
from healthsim.generation.calibration import Scales, scale_prevalence
from healthsim.generation.compiled import compile_knowledge
from healthsim.generation.journeys.files import own_folder as journeys_folder
from healthsim.generation.journeys.pathways import named, pathways
from healthsim.generation.kernels.context import Context
from healthsim.generation.kernels.people import admitted
from healthsim.generation.knowledge_files import load_knowledge, own_folder
from healthsim.generation.places import read_places, the_nation, with_codes
from healthsim.generation.runner import OnProgress, Progress
from healthsim.generation.spec import PopulationSpec
from healthsim.generation.tuning import tuned
from healthsim.remedies import remedy

if TYPE_CHECKING:
    from healthsim.db.connection import Database


def prepare(
    database: Database,
    spec: PopulationSpec,
    conditions: Path | None = None,
    progress: OnProgress | None = None,
    journeys: Path | None = None,
) -> Context:
    """Read places and knowledge, and find the scales.

    Args:
        conditions: a folder of the user's own knowledge; by default the one in HealthSim's home, where there is one.
        progress: called before each phase.
        journeys: a folder of the user's own journeys; by default the one in HealthSim's home, where there is one.

    Raises:
        NotFound: a place, a condition or a journey does not exist.
        InvalidInput: nobody can be as the spec says.
    """
    if progress is not None:
        progress(Progress(0, spec.size, phase="preparing"))
    known = load_knowledge(own_folder(conditions))
    unknown = [name for name in spec.cohort if name not in known]
    if unknown:
        near = [other for name in unknown for other in difflib.get_close_matches(name, known, n=2, cutoff=0.7)]
        hint = f"Did you mean {', '.join(dict.fromkeys(near))}?" if near else f"See: {remedy('list conditions')}."
        raise NotFound(f"There is no condition {', '.join(map(repr, unknown))}. {hint}", conditions=unknown)
    everybody = [name for name in spec.cohort if known[name].kind == "preventive" or known[name].at_birth]
    if everybody:
        raise InvalidInput(
            f"No cohort can be chosen by {', '.join(map(repr, everybody))}: everyone has it in its time."
            f" Choose by ages instead ({remedy('choose ages')}).",
            conditions=everybody,
        )
    paths = pathways(spec, known, journeys_folder(journeys), own_folder(conditions))
    spec = with_codes(database, spec)
    places = read_places(database, spec)
    knowledge = compile_knowledge(known.values(), *named(paths))
    context = Context(spec, places, knowledge, Scales(scale_prevalence(knowledge, places)))
    admitted(context)
    if progress is not None:
        progress(Progress(0, spec.size, phase="tuning"))
    return Context(spec, places, knowledge, tuned(context, the_nation(database)), paths)
