"""From a spec to a population: what every batch needs to know, worked out once."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from healthsim.errors import InvalidInput, NotFound
from healthsim.generation.calibration import Scales, scale_prevalence
from healthsim.generation.compiled import compile_knowledge
from healthsim.generation.kernels.context import Context
from healthsim.generation.kernels.people import admitted
from healthsim.generation.knowledge_files import load_knowledge, own_folder
from healthsim.generation.places import read_places, with_codes
from healthsim.generation.runner import Progress, Report
from healthsim.generation.spec import PopulationSpec
from healthsim.generation.tuning import tuned
from healthsim.remedies import remedy

if TYPE_CHECKING:
    from healthsim.db.connection import Database


def prepare(
    database: Database, spec: PopulationSpec, conditions: Path | None = None, report: Report | None = None
) -> Context:
    """Read places and knowledge, and find the scales.

    Args:
        conditions: a folder of the user's own knowledge; by default the one in HealthSim's home, where there is one.
        report: called before each phase.

    Raises:
        NotFound: a place or a condition does not exist.
        InvalidInput: nobody can be as the spec says.
    """
    if report is not None:
        report(Progress(0, spec.size, phase="preparing"))
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
    spec = with_codes(database, spec)
    places = read_places(database, spec)
    knowledge = compile_knowledge(known.values())
    context = Context(spec, places, knowledge, Scales(scale_prevalence(knowledge, places)))
    admitted(context)
    if report is not None:
        report(Progress(0, spec.size, phase="tuning"))
    return Context(spec, places, knowledge, tuned(context))
