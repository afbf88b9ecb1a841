"""Run the rules over one scenario: what is violated, how often, and by which rows."""

from __future__ import annotations

import datetime as dt
import difflib
import importlib
import importlib.util
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from healthsim.db.connection import Database
from healthsim.db.sql import sql_text
from healthsim.errors import NotFound
from healthsim.generation.coherence.declared import PACKAGE, PARTS, Rule, all_rules
from healthsim.generation.validity import spans
from healthsim.remedies import remedy
from healthsim.results import CheckResult, RuleResult
from healthsim.state import scenarios
from healthsim.state.tables import ScenarioTables, scenario_tables

SAMPLES = 5


def check(database: Database, name: str, *, rules: Sequence[str] = ()) -> CheckResult:
    """Check a scenario, generated or not, against the rules of coherent care. What is not said violates nothing.

    Args:
        database: it is read only.
        name: name or id of the scenario.
        rules: only these; by default all of them.

    Raises:
        NotFound: there is no such scenario, or no such rule.
    """
    chosen = _chosen(rules)
    with scenario_tables(database, name, PARTS) as tables:
        scenario = tables.scenario
        generation = generation_of(scenario)
        present = tables.counts()
        tables.execute(sql_text(PACKAGE, "luhn_remainder"))
        parameters: dict[str, Any] = {
            "generated": bool(generation),
            "as_of": generation.get("as_of"),
            "unknown_icd10cm": None,
            **_dated(),
        }
        if any("$unknown_icd10cm" in rule.body for rule in chosen):
            parameters["unknown_icd10cm"] = _unknown_codes(tables)
        results = [_result(tables, rule, present, parameters) for rule in chosen]
    return CheckResult(
        scenario=scenario.name,
        scenario_id=scenario.scenario_id,
        generated=bool(generation),
        ok=all(result.status != "fail" for result in results),
        checked=sum(result.status != "nothing to check" for result in results),
        violated=sum(result.status in ("fail", "warn") for result in results),
        rules=results,
    )


def _dated() -> dict[str, list[Any]]:
    """The codes that have dates, as lists of as many values each."""
    names = ("dated_systems", "dated_codes", "dated_since", "dated_until")
    return dict(zip(names, map(list, zip(*spans(), strict=True)), strict=True))


def generation_of(scenario: scenarios.Scenario) -> dict[str, Any]:
    """What a generated scenario says about how it was made; empty for scenarios that came from elsewhere."""
    attributes = json.loads(scenario.attributes) if scenario.attributes else {}
    generation = attributes.get("generation") if isinstance(attributes, dict) else None
    return generation if isinstance(generation, dict) else {}


def _chosen(names: Sequence[str]) -> list[Rule]:
    known = all_rules()
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name[:100], known, n=3, cutoff=0.4)
            hint = f"Did you mean {', '.join(near)}?" if near else f"See: {remedy('list rules')}."
            raise NotFound(f"There is no rule {name[:100]!r}. {hint}", rule=name, similar=near)
    return [rule for rule in known.values() if not names or rule.name in names]


def _result(tables: ScenarioTables, rule: Rule, present: dict[str, int], parameters: dict[str, Any]) -> RuleResult:
    generated = parameters["generated"]
    missing = [name for name, value in parameters.items() if value is None and f"${name}" in rule.body]
    queries = [] if missing or (rule.generated_only and not generated) else rule.queries(present)
    severity = "warn" if rule.severity == "warn" or (rule.severity != "fail" and not generated) else "fail"
    violations = 0
    samples: list[dict[str, Any]] = []
    for query in queries:
        count, examples = tables.execute(
            f"SELECT count(*), arg_min(violation, violation.id, {SAMPLES}) FROM ({query}) AS violation", parameters
        ).fetchall()[0]
        violations += count
        samples += examples or []
    return RuleResult(
        rule=rule.name,
        status="nothing to check" if not queries else severity if violations else "pass",
        severity=severity,
        says=rule.says,
        violations=violations,
        samples=[{key: _plain(value) for key, value in sample.items()} for sample in samples[:SAMPLES]],
        columns=list(rule.columns),
    )


def _plain(value: Any) -> Any:
    """A value as JSON has it; money keeps its cents."""
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _unknown_codes(tables: ScenarioTables) -> list[str] | None:
    """The codes of a scenario that ICD-10-CM does not have; None without the package that knows them all."""
    if importlib.util.find_spec("simple_icd_10_cm") is None:
        return None
    icd = importlib.import_module("simple_icd_10_cm")
    codes = tables.execute("SELECT DISTINCT code FROM diagnosis_codes WHERE code IS NOT NULL").fetchall()
    return [code for (code,) in codes if not icd.is_valid_item(code)]
