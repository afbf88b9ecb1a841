"""Is a population true? Published figures of its places and of its kind of people, held against what it is."""

from __future__ import annotations

from healthsim.generation.fidelity.report import fidelity
from healthsim.generation.fidelity.targets import Target, all_targets

__all__ = ["Target", "all_targets", "fidelity"]
