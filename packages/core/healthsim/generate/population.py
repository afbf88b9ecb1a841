"""From a spec to a population: what every batch needs to know, worked out once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from healthsim.errors import NotFound
from healthsim.generate.calibration import Scales, scale_prevalence
from healthsim.generate.compiled import compile_knowledge
from healthsim.generate.kernels.context import Context
from healthsim.generate.kernels.people import admitted
from healthsim.generate.loading import load_knowledge
from healthsim.generate.places import read_places
from healthsim.generate.spec import PopulationSpec
from healthsim.generate.tuning import tuned

if TYPE_CHECKING:
    from healthsim.db.connection import Database


def prepare(database: Database, spec: PopulationSpec, conditions: Path | None = None) -> Context:
    """Read places and knowledge, and find the scales.

    Args:
        conditions: a folder of the user's own knowledge.

    Raises:
        NotFound: a place or a condition does not exist.
        InvalidInput: nobody can be as the spec says.
    """
    known = load_knowledge(conditions)
    unknown = [name for name in spec.cohort if name not in known or known[name].kind == "preventive"]
    if unknown:
        raise NotFound(
            f"There is no condition {', '.join(map(repr, unknown))}. See: healthsim conditions list.",
            conditions=unknown,
        )
    places = read_places(database, spec)
    knowledge = compile_knowledge(known.values())
    context = Context(spec, places, knowledge, Scales(scale_prevalence(knowledge, places)))
    admitted(context)
    return Context(spec, places, knowledge, tuned(context))
