"""The tool that tells whether a scenario is coherent, and whether it is true to published figures."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from healthsim.server.declaring import Bench, tool
from healthsim.server.results import CheckedScenario
from healthsim.server.tools.scenarios import Name

#: so many missed figures are named; the command has them all
_SHOWN = 40


@tool("Check a scenario", "reads", command="check", verb="check")
def check_scenario(
    bench: Bench,
    name: Name,
    rules: Annotated[list[str] | None, Field(description="Only these rules; default: all.", max_length=200)] = None,
    fidelity: Annotated[bool, Field(description="Hold it against published figures as well.")] = False,
) -> CheckedScenario:
    """Check a scenario against the rules of coherent care: time order, codes by age and sex, money, coverage, refills.

    Use it after a scenario was made or changed. Only violated rules are listed, each with examples. With fidelity, it
    is also compared with the prevalences of its counties and with published use and cost of care.
    """
    result = bench.check(name, rules=tuple(rules or ()))
    violated = [
        {key: value for key, value in rule.items() if key != "columns"}
        for rule in result.rules
        if rule.status in ("fail", "warn")
    ]
    return CheckedScenario(
        scenario=result.scenario,
        scenario_id=result.scenario_id,
        ok=result.ok,
        checked=result.checked,
        nothing_to_check=len(result.rules) - result.checked,
        violated=violated,
        fidelity=_compared(bench, name) if fidelity else None,
    )


def _compared(bench: Bench, name: str) -> dict[str, Any]:
    facts = bench.fidelity(name).as_dict()
    kept = ("target", "place", "says", "expected", "low", "high", "generated", "n", "source", "note")
    missed = [{key: target[key] for key in kept} for target in facts.pop("targets") if target["met"] is False]
    return facts | {"missed_figures": missed[:_SHOWN], "truncated": len(missed) > _SHOWN}
