"""Is a scenario coherent? Rules of care, coverage and money, each a query that must return no row."""

from __future__ import annotations

from healthsim.generation.coherence.checking import check
from healthsim.generation.coherence.declared import Rule, all_rules

__all__ = ["Rule", "all_rules", "check"]
