"""How far the people of a scenario kept to their journeys, beside what the journeys aim at: reported, never judged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from healthsim.db.sql import sql_text
from healthsim.generation.fidelity.targets import PACKAGE
from healthsim.results import TargetResult
from healthsim.state.tables import ScenarioTables

_NOTE = "Shown, not judged: a target of the journey, which is reported and never forced."


def journey_note(tables: ScenarioTables, patients: int) -> list[str]:
    """How many of the patients went through which journeys, as a sentence; none where nobody did."""
    rows = tables.execute(
        "SELECT journey, count(DISTINCT patient_id) FROM journey_steps GROUP BY journey ORDER BY journey"
    ).fetchall()
    if not rows:
        return []
    counted = ", ".join(f"{journey} ({people:,})" for journey, people in rows)
    return [
        f"Of {patients:,} patients some went through journeys: {counted}. Their care is as the journeys plan it, and counts in"
        " the figures as any other."
    ]


def journey_targets(tables: ScenarioTables, expected: Sequence[dict[str, Any]]) -> list[TargetResult]:
    """The targets that a scenario keeps of its journeys, with what was reached.

    Args:
        expected: of the facts of the generation: journey, target, step, and ``of``, ``at_least``, ``at_most`` where they are said.
    """
    if not expected:
        return []
    parameters = {
        name: [target.get(key) for target in expected]
        for name, key in (("journeys", "journey"), ("names", "target"), ("steps", "step"), ("others", "of"))
    }
    rows = tables.execute(sql_text(PACKAGE, "journey_targets"), parameters).fetchall()
    reached = {(journey, target): (n, percent) for journey, target, n, percent in rows}
    results = []
    for target in expected:
        n, percent = reached.get((target["journey"], target["target"]), (0, None))
        of = f", of those with {target['of']}" if target.get("of") else ""
        low, high = (None if target.get(key) is None else 100 * target[key] for key in ("at_least", "at_most"))
        results.append(
            TargetResult(
                target=f"{target['journey']} {target['target']}",
                place="journey",
                says=f"People on the journey for whom {target['step']} happened{of}, percent",
                expected=None,
                low=low,
                high=high,
                generated=None if percent is None else round(percent, 4),
                n=n,
                met=None,
                source=f"expect of the journey {target['journey']}",
                note=_NOTE,
            )
        )
    return results
