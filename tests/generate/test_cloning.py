"""A generated scenario is cloned and merged like any other."""

from __future__ import annotations

import pytest

from healthsim.db.connection import Database
from healthsim.generation import generate
from healthsim.state.manager import StateManager


@pytest.mark.long
def test_a_generated_scenario_is_cloned_and_merged(state: StateManager, database: Database) -> None:
    generate({"size": 60, "counties": {"06073": 1.0}}, "made", database=database.location.path)
    counted = state.get("made").entities_by_type
    cloned = state.clone("made", "again")
    assert cloned.entities_by_type == counted
    merged = state.merge(["made", "again"], "both")
    assert merged.entities_by_type["patients"] == 2 * counted["patients"]
    with database.read() as connection:
        unresolved = connection.execute(
            "SELECT count(*) FROM encounters AS e JOIN scenarios AS s USING (scenario_id)"
            " ANTI JOIN patients AS p ON p.scenario_id = e.scenario_id AND p.patient_id = e.patient_id WHERE s.name = 'again'"
        ).fetchall()
    assert unresolved == [(0,)]
