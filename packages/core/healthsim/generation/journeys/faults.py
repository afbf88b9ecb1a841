"""What a journey says that cannot be: each fault with its path in the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from healthsim.generation.journeys.declaration import (
    AT_CONTACTS,
    CONTACTS,
    FIELDS,
    KINDS,
    NOTHING,
    PLACES,
    Journey,
    Repeat,
    Wait,
    When,
)
from healthsim.generation.journeys.knowledge import Known
from healthsim.generation.journeys.order import cycle_in, in_order, times_of
from healthsim.generation.suggestions import near

Fault = tuple[tuple[Any, ...], str]


def faults_of(journey: Journey, known: Known) -> Iterator[Fault]:
    """What a file says that cannot be, as (path, problem); the steps are looked at together only where each is good."""
    single = [*_starts(journey, known)]
    for name in journey.steps:
        single += [(("steps", name, *path), f"steps.{name}.{problem}") for path, problem in _step(journey, name, known)]
    for target, expected in journey.expect.items():
        for key, named in (("step", expected.step), ("of", expected.of)):
            if named is not None and named not in journey.steps:
                problem = f"expect.{target}.{key}: there is no step {named!r}{near(named, journey.steps)}"
                single.append((("expect", target, key), problem))
    yield from single
    circle = None if single else cycle_in(journey.steps)
    if circle is not None:
        yield ("steps", circle[0]), f"steps: {' -> '.join(circle)} is a circle; a step comes again only by repeat"
    elif not single:
        yield from _together(journey)


def _starts(journey: Journey, known: Known) -> Iterator[Fault]:
    starts = journey.starts
    named = [key for key in type(starts).model_fields if getattr(starts, key) is not None]
    if len(named) != 1:
        yield ("starts",), f"starts: expected one of {', '.join(type(starts).model_fields)}; given: {len(named)}"
        return
    if journey.condition is not None:
        yield from (
            (("starts", named[0]), f"starts.{named[0]}: {problem}")
            for problem in _beginning(named[0], journey.condition, known)
        )
    condition = known.conditions.get(journey.condition or "")
    if journey.instead_of and (condition is None or condition.kind != "chronic"):
        yield ("instead_of",), "instead_of: is of journeys that begin with a chronic condition, whose care it replaces"
    if journey.who.min_age > journey.who.max_age:
        yield ("who", "min_age"), f"who: nobody is from {journey.who.min_age} to {journey.who.max_age} years old"


def _beginning(key: str, name: str, known: Known) -> Iterator[str]:
    condition = known.conditions.get(name)
    if condition is None:
        yield f"there is no condition {name!r}{near(name, known.conditions)}"
    elif key == "onset" and condition.kind != "chronic":
        yield f"{name} is {condition.kind}; expected a chronic condition"
    elif key == "admission" and (not condition.admissions or condition.kind == "pregnancy"):
        yield f"nobody is admitted for {name}; expected a condition with admissions"
    elif key == "emergency" and condition.emergency is None and "emergency" not in condition.seen:
        yield f"nobody goes to an emergency department for {name}; expected a condition with emergency"
    elif key == "delivery" and condition.kind != "pregnancy":
        yield f"{name} is {condition.kind}; expected a pregnancy"


def _step(journey: Journey, name: str, known: Known) -> Iterator[Fault]:
    """The faults of one step; paths and problems begin within it."""
    step = journey.steps[name]
    places = [key for key in PLACES if getattr(step, FIELDS.get(key, key)) is not None]
    kinds = [key for key in KINDS if getattr(step, key) is not None]
    if len(places) != 1:
        yield (), f"place: expected one of {', '.join(PLACES)}; given: {', '.join(places) or 'none'}"
    if len(kinds) != 1:
        yield (), f"kind: expected one of {', '.join(KINDS)}; given: {', '.join(kinds) or 'none'}"
    if len(places) != 1 or len(kinds) != 1:
        return
    for key, other in ((places[0], step.predecessor), ("when", step.when.step if step.when else None)):
        if other == name:
            yield (key,), f"{key}: a step cannot wait for itself"
        elif other is not None and other not in journey.steps:
            yield (key,), f"{key}: there is no step {other!r}{near(other, journey.steps)}"
        elif other is not None and journey.steps[other].regimen is not None:
            yield (
                (key,),
                f"{key}: whether {other} begins is known after the steps are planned; name the step it is with",
            )
    if step.day is not None and step.day > journey.lasts:
        yield ("day",), f"day: {step.day} is after the journey, which lasts {journey.lasts}"
    if step.wait is not None:
        yield from _wait(step.wait)
        if step.with_ is not None:
            yield ("wait",), "wait: what is with another step happens at the same contact; take after in its place"
    if step.repeat is not None:
        yield from _repeat(step.repeat)
        if kinds[0] in AT_CONTACTS or step.with_ is not None:
            yield ("repeat",), "repeat: it happens at a contact; repeat that one"
    if kinds[0] in CONTACTS and step.with_ is not None:
        yield ("with",), f"with: {kinds[0]} is a contact of its own; take after in its place"
    if kinds[0] in AT_CONTACTS and places[0] in ("day", "after"):
        yield (places[0],), f"{places[0]}: {kinds[0]} happens at the contact of another step; take with in its place"
    if step.when is not None:
        yield from _when(journey, step.when, known)
    yield from known.faults(journey, step)


def _wait(wait: Wait) -> Iterator[Fault]:
    named = [key for key in Wait.model_fields if getattr(wait, key) is not None]
    if len(named) != 1:
        yield ("wait",), f"wait: expected one of {', '.join(Wait.model_fields)}; given: {', '.join(named) or 'none'}"
    if wait.uniform is not None and wait.uniform[0] > wait.uniform[1]:
        yield ("wait", "uniform"), f"wait.uniform: {wait.uniform[0]} is above {wait.uniform[1]}; expected [least, most]"


def _repeat(repeat: Repeat) -> Iterator[Fault]:
    if (repeat.times is None) == (repeat.until is None):
        yield ("repeat",), "repeat: expected one of times and until"
    if repeat.spread * 4 > repeat.every:
        yield (
            ("repeat", "spread"),
            f"repeat.spread: {repeat.spread}; expected at most a quarter of every, {repeat.every}",
        )


def _when(journey: Journey, when: When, known: Known) -> Iterator[Fault]:
    if when.min_age > when.max_age:
        yield ("when", "min_age"), f"when: nobody is from {when.min_age} to {when.max_age} years old"
    for key in ("condition", "without"):
        name = getattr(when, key)
        condition = known.conditions.get(name or "")
        if name is not None and (condition is None or condition.kind != "chronic"):
            problem = "there is no chronic condition" if condition is None else f"it is {condition.kind}:"
            chronic = [other for other, each in known.conditions.items() if each.kind == "chronic"]
            yield ("when", key), f"when.{key}: {problem} {name!r}{near(name, chronic)}"
    own = known.conditions.get(journey.condition or "")
    stages = [stage.name for stage in (own.stages or ())] if own and own.kind == "chronic" else []
    for key in ("stages", "controlled"):
        if getattr(when, key) not in (None, ()) and not stages:
            yield ("when", key), f"when.{key}: is of journeys that begin with a chronic condition"
    for stage in when.stages if stages else ():
        if stage not in stages:
            yield ("when", "stages"), f"when.stages: there is no stage {stage!r}{near(stage, stages)}"
    if "happened" in when.model_fields_set and when.step is None:
        yield ("when", "happened"), "when.happened: expected step beside it"


def _together(journey: Journey) -> Iterator[Fault]:
    """What steps that are good by themselves say of each other that cannot be."""
    for placed in in_order(journey):
        path, step = ("steps", placed.name), placed.step
        where = f"steps.{placed.name}"
        before = journey.steps[step.predecessor] if step.predecessor else None
        if step.repeat is not None and before is not None and placed.times != times_of(step):
            yield (*path, "repeat"), f"{where}.repeat: {step.predecessor} comes several times already"
        if step.from_ is not None and (before is None or before.one_of is None or placed.name not in before.one_of):
            yield (
                (*path, "from"),
                f"{where}.from: {step.from_} does not lead here; expected a step with {placed.name} in one_of",
            )
        if step.kind in AT_CONTACTS and placed.contact is None:
            yield path, f"{where}: {step.kind} has no contact to happen at; expected with, and a step that is at one"
        if step.with_ is not None and step.one_of is not None and placed.contact is None:
            yield (*path, "with"), f"{where}.with: {step.with_} is at no contact; take after in its place"
        yield from (
            ((*path, "one_of", *inner), f"{where}.one_of{problem}") for inner, problem in _choice(journey, placed.name)
        )


def _choice(journey: Journey, name: str) -> Iterator[Fault]:
    options: Mapping[str, float] = journey.steps[name].one_of or {}
    total = sum(options.values())
    if options and not 0.999 <= total <= 1.001:
        yield (), f": the shares add up to {total:.3f}; expected 1 (what leads nowhere is called {NOTHING})"
    led = [other for other, step in journey.steps.items() if step.from_ == name]
    for option in options:
        if option != NOTHING and option not in led:
            if option in journey.steps:
                yield (option,), f".{option}: the step does not come from here; expected from: {name} in it"
            else:
                yield (option,), f".{option}: there is no such step{near(option, [*led, NOTHING])}"
