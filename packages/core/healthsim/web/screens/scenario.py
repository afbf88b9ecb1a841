"""A scenario: what it holds, how it was made, what its people are like; beside published figures, and against the rules of care."""

from __future__ import annotations

import shlex
from typing import Any

from healthsim.pictures.charts import Interval, bars_html, intervals_html, pyramid_html
from healthsim.results import FidelityResult, Scenario, ScenarioProfile
from healthsim.results.by_county import measure_name
from healthsim.web.visits import Column, Screen, Sheet, View, Visit, address, scenario_part
from healthsim.workbench import Workbench

#: what is counted first, of each product: the table and what it is called
_FIRST = (
    ("people", ("patients", "persons", "members")),
    ("encounters", ("encounters",)),
    ("claims", ("claims",)),
    ("fills", ("pharmacy_claims",)),
    ("trial subjects", ("subjects",)),
)
_FIGURES = (
    Column("Figure"),
    Column("Place"),
    Column("Published", "number"),
    Column("Met from", "number"),
    Column("to", "number"),
    Column("Scenario", "number"),
    Column("Cases", "number"),
    Column("Verdict"),
    Column("Source or note"),
)
_RULES = (
    Column("Rule"),
    Column("Verdict"),
    Column("Violations", "number"),
    Column("What must hold"),
    Column("For example"),
)
_VERDICTS = {True: "met", False: "missed", None: "not judged"}


def crumbs_of(scenario: Scenario, *, inside: bool = False) -> list[tuple[str, str]]:
    """What lies above a page of a scenario."""
    here = [(scenario.name, address("s", scenario_part(scenario)))] if inside else []
    return [("Scenarios", "/"), *here]


def tabs_of(scenario: Scenario) -> list[tuple[str, str]]:
    """The pages of a scenario."""
    part = scenario_part(scenario)
    return [
        ("Overview", address("s", part)),
        ("People", address("s", part, "people")),
        ("Metrics", address("s", part, "metrics")),
        ("Published figures", address("s", part, "figures")),
        ("Checks", address("s", part, "checks")),
        ("Cohort", address("s", part, "cohort")),
        ("Export", address("s", part, "export")),
        ("Publish", address("s", part, "publish")),
    ]


def overview(visit: Visit) -> View:
    """What it holds; what takes long comes after the page."""
    scenario = visit.bench.get(visit.part("name"))
    profile = visit.bench.profile(scenario.scenario_id)
    part = scenario_part(scenario)
    facts = {
        "scenario": scenario,
        "tabs": tabs_of(scenario),
        "part": part,
        "cards": _cards(scenario),
        "contents": _contents(scenario, visit.bench),
        "profile": profile,
        "command": command_of(profile),
        "pyramid": pyramid_html([(group.label, group.women, group.men) for group in profile.ages], ("women", "men")),
        "payers": bars_html(list(profile.lines_of_business.items())),
    }
    answer = scenario.as_dict() | {"profile": profile.as_dict()}
    return View("scenario.html", scenario.name, facts, answer, crumbs=crumbs_of(scenario))


def _cards(scenario: Scenario) -> list[tuple[str, int]]:
    counts = scenario.entities_by_type
    cards = [(label, next((counts[table] for table in tables if counts.get(table)), 0)) for label, tables in _FIRST]
    return [(label, count) for label, count in cards if count] or [("entities", scenario.entity_count)]


def _contents(scenario: Scenario, bench: Workbench) -> list[tuple[str, list[tuple[str, str, int]]]]:
    """By family: each entity type with its meaning and how many there are."""
    types = {known.plural: known for known in bench.entity_types()}
    families: dict[str, list[tuple[str, str, int]]] = {}
    for plural, count in sorted(scenario.entities_by_type.items()):
        known = types.get(plural)
        meaning = (
            (known.model.__doc__ or "").splitlines()[0]
            if known
            else "Kept as documents: the model does not know this type."
        )
        families.setdefault(known.family if known else "other", []).append((plural, meaning, count))
    order = [*dict.fromkeys(known.family for known in types.values()), "other"]
    return [(family, families[family]) for family in order if family in families]


def command_of(profile: ScenarioProfile) -> str | None:
    """The command that makes such a scenario again; None for what came from elsewhere."""
    spec = profile.spec
    if not spec:
        return None
    words = ["healthsim", "generate", "--size", str(spec.get("size", "")), "--seed", str(spec.get("seed", ""))]
    for option, name in (("--county", "counties"), ("--state", "states"), ("--cohort", "cohort")):
        words += [word for value in spec.get(name) or () for word in (option, str(value))]
    ages = spec.get("ages") or {}
    if (ages.get("min", 0), ages.get("max", 110)) != (0, 110):
        words += ["--age", f"{ages.get('min', 0)}-{ages.get('max', 110)}"]
    words += ["--sex", str(spec["sex"])] if spec.get("sex") else []
    words += [word for payer, weight in (spec.get("payers") or {}).items() for word in ("--payer", f"{payer}={weight}")]
    words += ["--as-of", str(spec.get("as_of", "")), "--years", str(spec.get("years", ""))]
    if spec.get("products"):
        words += ["--only", ",".join(spec["products"])]
    return shlex.join([*words, "--as", profile.scenario])


def figures(visit: Visit) -> View:
    """The scenario beside the published figures of its places."""
    scenario = visit.bench.get(visit.part("name"))
    result = visit.bench.fidelity(scenario.scenario_id)
    rows = [
        [
            target.target,
            target.place,
            target.expected,
            target.low,
            target.high,
            target.generated,
            target.n,
            _VERDICTS[target.met],
            target.note or target.source,
        ]
        for target in result.targets
    ]
    sheet = Sheet(_FIGURES, rows, "Published figures")
    facts = {
        "scenario": scenario,
        "tabs": tabs_of(scenario),
        "result": result,
        "verdict": verdict(result),
        "picture": intervals_html(_prevalences(result), "%"),
        "sheet": sheet,
        "part": scenario_part(scenario),
    }
    return View(
        "figures.html",
        f"{scenario.name}: published figures",
        facts,
        result,
        sheet,
        crumbs=crumbs_of(scenario, inside=True),
    )


def verdict(result: FidelityResult) -> str:
    """The sum of it, in a sentence."""
    judged = result.met + result.missed
    if not judged:
        return "Nothing could be judged." if not result.targets else "The figures are shown, not judged."
    return f"{result.met} of {judged} published figures are met" + (
        f", {result.missed} are missed." if result.missed else "."
    )


def _prevalences(result: FidelityResult) -> list[Interval]:
    """The prevalences of the place that has all of them, the highest first."""
    shares = [
        target for target in result.targets if target.target.startswith("prevalence ") and target.generated is not None
    ]
    places = [target.place for target in shares]
    place = next((name for name in places if not name.isdigit()), places[0] if places else "")
    chosen = [target for target in shares if target.place == place]
    chosen.sort(key=lambda target: -(target.expected or 0.0))
    return [
        Interval(
            measure_name(target.target.removeprefix("prevalence ")),
            target.low if target.low is not None else target.expected or 0.0,
            target.high if target.high is not None else target.expected or 0.0,
            target.generated or 0.0,
            target.met is not False,
            f"{target.says}: published {target.expected}, scenario {target.generated:.1f}, {_VERDICTS[target.met]}",
        )
        for target in chosen
    ]


def checks(visit: Visit) -> View:
    """The scenario against the rules of coherent care."""
    scenario = visit.bench.get(visit.part("name"))
    result = visit.bench.check(scenario.scenario_id)
    order = {"fail": 0, "warn": 1, "pass": 2}
    rules = sorted(result.rules, key=lambda rule: (order.get(rule.status, 3), -rule.violations, rule.rule))
    rows = [
        [rule.rule, rule.status, rule.violations, rule.says, _example(rule.samples[0]) if rule.samples else None]
        for rule in rules
    ]
    sheet = Sheet(_RULES, rows, "Rules of coherent care")
    facts = {
        "scenario": scenario,
        "tabs": tabs_of(scenario),
        "result": result,
        "sheet": sheet,
        "part": scenario_part(scenario),
    }
    return View(
        "checks.html", f"{scenario.name}: checks", facts, result, sheet, crumbs=crumbs_of(scenario, inside=True)
    )


def _example(sample: dict[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in sample.items() if value is not None)


SCREENS = (
    Screen("/s/{name}/figures", figures, csv=True),
    Screen("/s/{name}/checks", checks, csv=True),
    Screen("/s/{name}", overview),
)
