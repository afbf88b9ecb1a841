"""What a format is: how scenarios leave for other programs, and how they come in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from healthsim.state.scenarios import Scenario


def manifest_facts(scenario: Scenario, tables: Mapping[str, int], notes: Sequence[str] = ()) -> dict[str, Any]:
    """What the manifest of an export says of the scenario, before the files: rows by table, and what there is to note."""
    return {
        "scenario": scenario.name,
        "scenario_id": scenario.scenario_id,
        "updated_at": scenario.updated_at.isoformat(),
        "tables": dict(tables),
        "notes": list(notes),
    }
