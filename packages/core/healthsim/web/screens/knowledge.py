"""What generation knows and what is loaded: conditions with their curves and sources, and public datasets."""

from __future__ import annotations

from typing import Any

from healthsim.pictures.charts import lines_html
from healthsim.results.by_county import measure_name
from healthsim.web.visits import Column, Screen, Sheet, View, Visit, address

_CONDITIONS = (Column("Condition"), Column("File"), Column("Kind"), Column("Group"), Column("Scaled in a county by"))
_LOADS = (
    Column("Dataset"),
    Column("Level"),
    Column("Release"),
    Column("Geography"),
    Column("Places or records", "number"),
    Column("Loaded"),
    Column("File"),
)


def conditions(visit: Visit) -> View:
    """All conditions."""
    listed = visit.bench.conditions()
    rows = [
        [
            item["name"],
            item["condition"],
            item["kind"],
            item["group"],
            item["measure"] and measure_name(item["measure"]),
        ]
        for item in listed.conditions
    ]
    sheet = Sheet(_CONDITIONS, rows, "Conditions", links=[address("conditions", row[1]) for row in rows])
    return View("conditions.html", "Clinical knowledge", {"sheet": sheet}, listed, sheet)


def condition(visit: Visit) -> View:
    """One condition: how frequent it is by age and sex, what follows from it, where that is from."""
    known = visit.bench.condition(visit.part("condition"))
    content: dict[str, Any] = known.model_dump(mode="json", exclude_unset=True)
    curves = {
        f"{word}, {'women' if sex == 'F' else 'men'}": {f"{float(age):05.1f}": value for age, value in ages.items()}
        for word, key in (("share of people", "prevalence"), ("episodes a year", "incidence"))
        for sex, ages in (content.get(key) or {}).items()
        if isinstance(ages, dict)
    }
    import yaml

    rest = {key: value for key, value in content.items() if key not in ("name", "sources", "prevalence", "incidence")}
    facts = {
        "known": known,
        "picture": lines_html(_ages(curves)),
        "sources": content["sources"],
        "text": yaml.safe_dump(rest, sort_keys=False, allow_unicode=True, width=100),
    }
    return View("condition.html", known.name, facts, content, crumbs=[("Knowledge", "/conditions")])


def _ages(curves: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """The same with ages as people write them, padded so that they sort."""
    return {name: {f"{float(age):3.0f}": value for age, value in values.items()} for name, values in curves.items()}


def reference(visit: Visit) -> View:
    """What is loaded."""
    listed = visit.bench.references()
    rows = [
        [load.dataset, load.level, load.release, load.geography_vintage, load.rows, load.loaded_at, load.file]
        for load in listed.loads
    ]
    sheet = Sheet(_LOADS, rows, "Public datasets")
    return View("reference.html", "Reference data", {"sheet": sheet}, listed, sheet)


SCREENS = (
    Screen("/conditions/{condition}", condition),
    Screen("/conditions", conditions, csv=True),
    Screen("/reference", reference, csv=True),
)
