"""What a file of clinical knowledge says that cannot be: each fault with its path in the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from healthsim.generation.codes import code_faults
from healthsim.generation.knowledge import Condition
from healthsim.generation.laboratory import reported
from healthsim.generation.seasons import calendar

#: keys that only some kinds of conditions have, and what else these are called
_OF_KINDS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "measure",
            "prevalence",
            "factors",
            "excludes",
            "earliest_age",
            "mortality",
            "vitals",
            "controlled_when_treated",
            "controlled_when_untreated",
        ),
        ("chronic",),
    ),
    **dict.fromkeys(("risk", "seen", "at_birth", "season"), ("acute",)),
    "incidence": ("acute", "pregnancy"),
    "outcome": ("pregnancy",),
    "visits": ("chronic", "pregnancy"),
    "emergency": ("chronic", "acute"),
    **dict.fromkeys(("regimens", "adherence", "admissions"), ("chronic", "acute", "pregnancy")),
    "screenings": ("preventive",),
}
_KINDS = {
    "chronic": "chronic conditions",
    "acute": "acute conditions",
    "pregnancy": "pregnancies",
    "preventive": "preventive care",
}


def faults_of(condition: Condition, content: dict[str, Any]) -> Iterator[tuple[tuple[Any, ...], str]]:
    """What a file says that cannot be, as (path, problem)."""
    kinds = {"chronic": "prevalence", "acute": "incidence", "pregnancy": "incidence"}
    needed = kinds.get(condition.kind)
    if needed and getattr(condition, needed) is None and not condition.at_birth:
        yield ("kind",), f"a condition of the kind {condition.kind} needs {needed}"
    squares = sum(loading**2 for loading in condition.factors.values())
    if squares >= 1:
        yield ("factors",), f"factors: the squares add up to {squares:.2f}; expected less than 1"
    stages = condition.stages or ()
    if stages and not 0.999 <= (total := sum(stage.share for stage in stages)) <= 1.001:
        yield ("stages",), f"stages: the shares add up to {total:.3f}; expected 1"
    if condition.kind != "preventive" and not stages:
        yield ("condition",), "stages: at least one is needed, with the codes of the condition"
    lines: dict[str, float] = {}
    for number, regimen in enumerate(condition.regimens):
        if regimen.line:
            lines[regimen.line] = lines.get(regimen.line, 0) + regimen.share
            if lines[regimen.line] > 1.0001:
                yield ("regimens", number, "share"), f"regimens of the line {regimen.line!r} add up to more than 1"
    if condition.prevalence is not None:
        for sex in ("F", "M"):
            for age, share in (getattr(condition.prevalence, sex) or {}).items():
                if share > 1:
                    yield ("prevalence", sex), f"prevalence.{sex}: {share} at age {age}; expected a share of at most 1"
    if condition.kind == "pregnancy" and condition.incidence is not None and condition.incidence.M is not None:
        yield ("incidence", "M"), "incidence.M: men are not pregnant"
    for key, of in _OF_KINDS.items():
        # what is not read would be lost without a word; empty, it says nothing
        if condition.kind not in of and key in condition.model_fields_set and getattr(condition, key):
            yield (key,), f"{key}: is of {' and '.join(_KINDS[kind] for kind in of)}; the kind is {condition.kind}"
    if condition.born_of is not None and not condition.at_birth:
        yield ("born_of",), "born_of: is of what happens at birth; expected at_birth: true"
    for number, vaccine in enumerate(condition.vaccines):
        if vaccine.season is not None and vaccine.every_years != 1:
            yield ("vaccines", number, "season"), f"vaccines.{number}.season: expected every_years: 1 beside it"
    for number, screening in enumerate(condition.screenings):
        if (screening.every_years is None) == (not screening.due_months):
            problem = f"screenings.{number}: expected one of every_years and due_months"
            yield ("screenings", number), problem
    if condition.season is not None and condition.season not in calendar().seasons:
        problem = f"season: there is no {condition.season!r}; expected one of {', '.join(calendar().seasons)}"
        yield ("season",), problem
    if condition.seen and sum(condition.seen.values()) > 1.0001:
        yield ("seen",), "seen: the shares add up to more than 1"
    yield from _tests(condition)
    named = sorted(stage.name for stage in stages)
    for part in ("visits", "regimens", "procedures", "labs"):
        for number, item in enumerate(getattr(condition, part)):
            for stage in item.stages:
                if stage not in named:
                    problem = f"{part}.{number}: there is no stage {stage!r}; expected one of {', '.join(named)}"
                    yield (part, number, "stages"), problem
    yield from _ranges(content)
    yield from code_faults(content)


def _tests(condition: Condition) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Laboratory tests that do not agree with the panels that report them."""
    for number, lab in enumerate(condition.labs):
        test = reported().get(lab.loinc)
        if test is None:
            continue
        if lab.unit != test.unit:
            yield ("labs", number, "unit"), f"labs.{number}.unit: {lab.unit}; {test.name} is reported in {test.unit}"
        if test.calculated and (lab.uncontrolled or lab.controlled or lab.stages or lab.undiagnosed):
            others = ", ".join(test.calculated)
            problem = f"labs.{number}: {test.name} is calculated; give the values of {others} instead"
            yield ("labs", number, "loinc"), problem


def _ranges(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Ranges of ages and of results that hold nothing, wherever they stand."""
    parts = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, value in parts:
        yield from _ranges(value, (*path, key))
    if not isinstance(content, dict):
        return
    where = ".".join(map(str, path))
    youngest, oldest = content.get("min_age", 0), content.get("max_age", 120)
    if youngest > oldest:
        yield (*path, "min_age"), f"{where}: nobody is from {youngest} to {oldest} years old"
    if {"mean", "sd", "low", "high"} <= set(content) and not content["low"] <= content["mean"] <= content["high"]:
        said = f"low {content['low']}, mean {content['mean']}, high {content['high']}"
        yield (*path, "mean"), f"{where}: {said}; expected the mean between low and high"
