"""The registry: every metric and dimension by name, as the YAML files of this folder and the heads of the star declare them.

A metric is a sum over one fact, or one such sum divided by another. A dimension is a column of a dimension table, which
a fact reaches through one of its keys. What facts there are, their dates and their keys, is said in the heads of their
statements; the metrics of quality measures, in the heads of these.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from healthsim.analytics.metrics.columns import columns_of
from healthsim.analytics.star import declared as star
from healthsim.analytics.star.heads import Head, Role
from healthsim.analytics.star.measures import Measure, measures
from healthsim.errors import NotFound

#: files of metrics, in the order in which they are shown
AREAS = ("population", "utilisation", "cost", "quality", "pharmacy", "trials")
#: unit -> digits after the point that are shown
UNITS = {
    "count": 0,
    "persons": 0,
    "months": 0,
    "days": 0,
    "USD": 2,
    "USD per member month": 2,
    "percent": 1,
    "per 1,000 member years": 1,
    "per 100 subject years": 1,
    "per person": 2,
    "months per person": 1,
    "value": 1,
    "days per stay": 1,
    "days per claim": 1,
    "days per request": 1,
    "days per fill": 1,
    "days per subject": 1,
}
#: time dimensions, from the finest to the coarsest
GRAINS = ("day", "month", "quarter", "year")


@dataclass(frozen=True)
class Part:
    """A sum over one fact.

    Attributes:
        fact: the table.
        expression: what is summed, or whose different values are counted.
        distinct: different values are counted.
        when: a condition on columns of the fact.
        where: conditions on dimensions, as a user would write them.
    """

    fact: str
    expression: str
    distinct: bool = False
    when: str | None = None
    where: tuple[str, ...] = ()

    def as_text(self) -> str:
        """The sum in words, as the reference shows it."""
        text = f"{'different' if self.distinct else 'sum of'} {self.expression} over {self.fact}"
        conditions = [*([self.when] if self.when else []), *self.where]
        return f"{text} where {' and '.join(conditions)}" if conditions else text


@dataclass(frozen=True)
class Fact:
    """A table that metrics sum.

    Attributes:
        grain: what a row is.
        holds: the plural of that, for people.
        roles: its dates; the first one is the default.
        keys: entity -> its key column; ``person.geography_key`` goes through the person.
        own: dimensions whose column is in the fact itself.
    """

    name: str
    grain: str
    holds: str
    roles: tuple[Role, ...]
    keys: Mapping[str, str]
    own: frozenset[str]

    def role(self, name: str | None) -> Role | None:
        """The date of that name; by default the first one."""
        return next((role for role in self.roles if name in (None, role.name)), None)


@dataclass(frozen=True)
class Dimension:
    """What answers can be divided by; ``also``: the words of those who mean it and call it otherwise."""

    name: str
    of: str
    column: str
    type: str
    meaning: str
    example: str
    missing: str
    numbered: bool
    labels: Mapping[int, str] | None
    also: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """What the catalogue shows of it."""
        return {"name": self.name, "type": self.type, "meaning": self.meaning, "example": self.example}


@dataclass(frozen=True)
class Metric:
    """A named, defined number over the star."""

    name: str
    area: str
    title: str
    definition: str
    unit: str
    numerator: Part
    denominator: Part | None
    scale: float
    whole: frozenset[str]
    undated: bool
    needs: str | None
    source: str
    measure: str | None

    @property
    def parts(self) -> tuple[Part, ...]:
        """Numerator, and denominator where there is one."""
        return (self.numerator,) if self.denominator is None else (self.numerator, self.denominator)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The names of the dimensions that it can be divided by."""
        return tuple(name for name in registry().dimensions if self.refusal(name) is None)

    def refusal(self, name: str, role: str | None = None) -> str | None:
        """Why it cannot be divided by a dimension, if it cannot."""
        known = registry()
        dimension = known.dimensions[name]
        for part in self.parts:
            fact = known.facts[part.fact]
            if dimension.of == "time":
                date = fact.role(role)
                if self.undated or date is None:
                    return "it has no date" if self.undated else f"{fact.name} has no date called {role}"
                if GRAINS.index(name) < GRAINS.index(date.grain):
                    return f"{fact.name} has one row per {date.grain}"
            elif not reaches(fact, dimension) and not (
                part is self.denominator and dimension_group(dimension) in self.whole
            ):
                return f"{fact.name} has no {name}"
        return None

    def as_dict(self) -> dict[str, Any]:
        """The whole definition."""
        known = registry()
        roles = {part.fact: known.facts[part.fact].roles[0].name for part in self.parts}
        return {
            "name": self.name,
            "area": self.area,
            "title": self.title,
            "definition": self.definition,
            "unit": self.unit,
            "numerator": self.numerator.as_text(),
            "denominator": self.denominator.as_text() if self.denominator else None,
            "scale": self.scale,
            "grain": {part.fact: known.facts[part.fact].grain for part in self.parts},
            "time": {} if self.undated else roles,
            "needs": self.needs,
            "dimensions": list(self.dimensions),
            "source": self.source,
            "measure": _shown(measures()[self.measure]) if self.measure else None,
        }


def reaches(fact: Fact, dimension: Dimension) -> bool:
    """Whether rows of a fact have a value of a dimension."""
    if dimension.of == "time":
        return True
    return dimension.name in fact.own if dimension.of == "fact" else dimension.of in fact.keys


def dimension_group(dimension: Dimension) -> str:
    """What a metric names under ``whole``: the entity, or the dimension where it is the fact's own."""
    return dimension.name if dimension.of == "fact" else dimension.of


@dataclass(frozen=True)
class Registry:
    """Everything that can be asked."""

    metrics: Mapping[str, Metric]
    dimensions: Mapping[str, Dimension]
    entities: Mapping[str, tuple[str, str]]
    facts: Mapping[str, Fact]

    def metric(self, name: str) -> Metric:
        """The metric of that name.

        Raises:
            NotFound: there is none; the message lists the metrics, the nearest first.
        """
        if name not in self.metrics:
            titles = {metric.title.lower(): metric.name for metric in self.metrics.values()}
            raise unknown("metric", name, self.metrics, near=titles)
        return self.metrics[name]

    def dimension(self, name: str) -> Dimension:
        """The dimension of that name.

        Raises:
            NotFound: there is none; the message lists the dimensions, the nearest first.
        """
        if name not in self.dimensions:
            also = {word: known.name for known in self.dimensions.values() for word in known.also}
            raise unknown("dimension", name, self.dimensions, near=also)
        return self.dimensions[name]


def unknown(what: str, name: str, known: Iterable[str], near: Mapping[str, str] | None = None) -> NotFound:
    """The error for a name that does not exist; it lists those that do, the nearest first."""
    names = nearest(name, known, near)
    shown = ", ".join(names[:12]) + (f" ... ({len(names)} in all)" if len(names) > 12 else "")
    return NotFound(
        f"There is no {what} {name[:80]!r}. Nearest first: {shown}.", name=name[:200], similar=names[:5], valid=names
    )


def nearest(name: str, known: Iterable[str], near: Mapping[str, str] | None = None) -> list[str]:
    """Names, the one most like a word first; ``near``: other words for them."""
    words: dict[str, list[str]] = {}
    for text, meant in (near or {}).items():
        words.setdefault(meant, []).append(text)
    word = name.lower().replace("-", "_").replace(" ", "_")[:100]

    def distance(candidate: str) -> tuple[float, str]:
        texts = [candidate, *words.get(candidate, ())]
        best = max(difflib.SequenceMatcher(None, word, text).ratio() for text in texts)
        return (-best - (0.5 if word and any(word in text for text in texts) else 0), candidate)

    return sorted(known, key=distance)


@cache
def registry() -> Registry:
    """The registry; read once."""
    declared = _read("dimensions")
    dimensions = {
        name: Dimension(
            name,
            facts["of"],
            facts["column"],
            facts.get("type", "text"),
            facts["meaning"],
            facts["example"],
            facts.get("missing", "Unknown"),
            facts.get("numbered", False),
            facts.get("labels"),
            tuple(facts.get("also", ())),
        )
        for name, facts in declared["dimensions"].items()
    }
    entities = {name: (facts["table"], facts["key"]) for name, facts in declared["entities"].items()}
    facts = {name: _fact(head, entities, dimensions) for name, head in star.HEADS.items() if head.dates}
    metrics: dict[str, Metric] = {}
    for area in AREAS:
        metrics |= {measure.metric: _of_measure(measure) for measure in measures().values() if measure.area == area}
        metrics |= {name: _metric(name, area, content) for name, content in _read(area).items()}
    return Registry(metrics, dimensions, entities, facts)


def _shown(measure: Measure) -> dict[str, str]:
    return {name: str(value) for name, value in measure.row().items()}


def _read(name: str) -> dict[str, Any]:
    text = files("healthsim.analytics.metrics").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    entries: dict[str, Any] = yaml.load(text, Loader=loader)
    return entries


def _fact(head: Head, entities: Mapping[str, tuple[str, str]], dimensions: Mapping[str, Dimension]) -> Fact:
    columns = columns_of(head.name)
    keys = _keys(head, entities)
    if "person" in keys and head.name != "dim_person":
        # what is known of where people live, and of whom they go to, is known of what happens to them
        person = _keys(star.HEADS["dim_person"], entities)
        keys = {entity: f"person.{column}" for entity, column in person.items()} | keys
    own = frozenset(
        name for name, dimension in dimensions.items() if dimension.of == "fact" and dimension.column in columns
    )
    roles = tuple(Role(role.name, on_fact(role.key, columns), role.grain) for role in head.dates)
    return Fact(head.name, head.grain or "", head.holds or "", roles, keys, own)


def _keys(head: Head, entities: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Entity -> the key column of a table that leads to it: by what its head says, else by its name."""
    marked = {column.entity: column.name for column in head.columns if column.entity}
    places = {}
    for entity, (table, key) in entities.items():
        if entity in marked:
            places[entity] = marked[entity]
        elif key in columns_of(head.name) and entity == _plain(table, entities):
            places[entity] = key
    return places


def _plain(table: str, entities: Mapping[str, tuple[str, str]]) -> str:
    """Of the entities that a dimension table is, the one that a key without a role leads to."""
    among = [entity for entity, (of, _) in entities.items() if of == table]
    name = table.removeprefix("dim_")
    return name if name in among else among[0]


def on_fact(text: str, columns: Iterable[str]) -> str:
    """Columns of a fact in an expression of the registry, with the fact's name in front."""
    names = frozenset(columns)
    return re.sub(
        r"(?<![\w.\"$'])[a-z_][a-z0-9_]*(?![\w(.\"'])", lambda m: f"fact.{m[0]}" if m[0] in names else m[0], text
    )


def _of_measure(measure: Measure) -> Metric:
    """The metric of a quality measure: who fulfils it, of those who count."""
    where = (f"measure={measure.name}",)
    return Metric(
        measure.metric,
        measure.area,
        measure.metric_title,
        measure.definition,
        measure.unit,
        Part("fact_quality_measure", "numerator_count", where=where),
        Part("fact_quality_measure", "denominator_count", where=where),
        100.0,
        frozenset(),
        False,
        None,
        measure.source,
        measure.name,
    )


def _metric(name: str, area: str, facts: dict[str, Any]) -> Metric:
    unit = facts["unit"]
    return Metric(
        name,
        area,
        facts["name"],
        facts["definition"],
        unit,
        _part(facts["numerator"]),
        _part(facts["denominator"]) if "denominator" in facts else None,
        float(facts.get("scale", 100 if unit == "percent" else 1)),
        frozenset(facts.get("whole", ())),
        bool(facts.get("undated")),
        facts.get("needs"),
        facts["source"],
        None,
    )


def _part(facts: dict[str, Any]) -> Part:
    return Part(
        facts["fact"],
        facts.get("sum") or facts["distinct"],
        "distinct" in facts,
        facts.get("when"),
        tuple(facts.get("where", ())),
    )
