"""The SQL of what a staged row and the row that the scenario holds of the same entity say beside each other."""

from __future__ import annotations

from collections.abc import Sequence

from healthsim.db.schema import PROVENANCE
from healthsim.db.sql import literal, quoted
from healthsim.model import EntityType


def same_row(entity_type: EntityType, values: Sequence[str]) -> str:
    """The SQL of whether a row ``t`` is what a staged row ``s`` would be written as, but for the time of the write."""
    named = {column.name: value for column, value in zip(entity_type.columns, values, strict=True)}
    named |= {name: f"s.{quoted(name)}" for name in PROVENANCE if name != "saved_at"}
    # what does not say when it was made does not say that it was made at another time
    named["created_at"] = "coalesce(s.created_at, t.created_at)"
    return "\n    AND ".join(f"t.{quoted(name)} IS NOT DISTINCT FROM {value}" for name, value in named.items())


def columns_said(negation: str, columns: Sequence[str]) -> str:
    """The SQL of the columns of a held row, of which those stay that others gave, or that they did not."""
    return ", ".join(
        f"CASE WHEN {negation}list_contains(given, {literal(name)}) THEN {quoted(name)} END AS {quoted(name)}"
        for name in columns
    )
