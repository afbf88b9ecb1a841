"""The quality measures of persons: one file ``sql/measures/<measure>.sql`` each; there is no other list.

A head says what ``dim_measure`` and the metrics say of it: the name, and then ``number`` (its key, which stays), ``population``,
``numerator``, ``exclusions``, ``source``, ``better: lower`` where a low rate is good, and of its metric ``metric`` and ``title``
(where they are not the file's and the measure's names), ``definition``, and ``area`` (where it is not ``quality``). The SELECT
gives one row per eligible person and year: ``person_key``, ``year``, ``excluded``, ``met``, ``measure_value``; most read it from
``quality_known``. ``fact_quality_measure`` is the union of all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from healthsim.analytics.star.heads import split

PACKAGE = "healthsim.analytics.star"
_KEY = re.compile("-- (number|population|numerator|exclusions|source|better|unit|metric|title|area|definition): (.*)")
_NEEDED = ("number", "population", "numerator", "source", "definition")


@dataclass(frozen=True)
class Measure:
    """One measure: the attributes are what its head says."""

    name: str
    title: str
    number: int
    population: str
    numerator: str
    exclusions: str
    source: str
    higher_is_better: bool
    unit: str
    metric: str
    metric_title: str
    area: str
    definition: str
    body: str

    def row(self) -> dict[str, str | int | None]:
        """Its row of ``measure_definitions``."""
        return {
            "measure_key": self.number,
            "measure_id": self.name,
            "name": self.title,
            "domain": "quality",
            "denominator": self.population,
            "numerator": self.numerator,
            "exclusions": self.exclusions,
            "source": self.source,
            "higher_is_better": int(self.higher_is_better),
            "unit": self.unit,
        }


@cache
def measures() -> Mapping[str, Measure]:
    """The measures by name, in the order of their numbers."""
    folder = files(PACKAGE).joinpath("sql", "measures")
    named = [(file.name[:-4], file) for file in folder.iterdir() if file.name.endswith(".sql")]
    known = sorted(
        (read_measure(name, file.read_text(encoding="utf-8")) for name, file in named), key=lambda m: m.number
    )
    return {measure.name: measure for measure in known}


def read_measure(name: str, text: str) -> Measure:
    """Read a file.

    Raises:
        ValueError: the head lacks something; the message names the file.
    """
    lines = text.splitlines()
    end = next((number for number, line in enumerate(lines) if not line.startswith("--")), len(lines))
    title, keys = split(lines[:end], _KEY)
    facts = {key: " ".join(values) for key, values in keys}
    missing = [key for key in _NEEDED if key not in facts]
    if missing or not facts["number"].isdigit():
        raise ValueError(f"sql/measures/{name}.sql: the head needs {', '.join(missing) or 'a number that is one'}")
    return Measure(
        name,
        title,
        int(facts["number"]),
        facts["population"],
        facts["numerator"],
        facts.get("exclusions", ""),
        facts["source"],
        facts.get("better") != "lower",
        facts.get("unit", "percent"),
        facts.get("metric", name),
        facts.get("title", title),
        facts.get("area", "quality"),
        facts["definition"],
        "\n".join(lines[end:]),
    )


def union() -> str:
    """All measures as one SELECT, each with its name as ``measure_id``."""
    columns = 'person_key, "year", excluded, met, measure_value'
    return "\n    UNION ALL\n".join(
        f"    SELECT '{measure.name}' AS measure_id, {columns}\n    FROM (\n{measure.body}\n    ) AS {measure.name}"
        for measure in measures().values()
    )
