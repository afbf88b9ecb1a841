"""The reference of the star as a page: metrics, dimensions, reports, tables; made from what the program works with."""

from __future__ import annotations

from collections.abc import Iterator

from healthsim.analytics.metrics.registry import AREAS, registry
from healthsim.analytics.reports.report import reports
from healthsim.analytics.star.declared import FACTS, HEADS, TABLES, columns_of
from healthsim.analytics.star.measures import measures

_TITLES = {
    "population": "Population",
    "utilisation": "Utilisation",
    "cost": "Cost",
    "quality": "Quality",
    "pharmacy": "Pharmacy",
    "trials": "Trials",
}


def reference_page() -> str:
    """The text of ``docs/analytics-reference.md``."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Metrics, reports and tables"
    yield ""
    made = "Made from the program by `python scripts/write_docs.py`; a test keeps it true."
    yield f"{made} How to use it: [analytics](analytics.md)."
    yield ""
    yield (
        "A metric is a sum over one fact, or one sum divided by another, times a factor where one is given. Each sum is made"
        " on its own and only then joined with the others."
    )
    for area in AREAS:
        yield ""
        yield f"## {_TITLES[area]}"
        yield ""
        yield "| metric | unit | what it is | numerator | denominator | source |"
        yield "| --- | --- | --- | --- | --- | --- |"
        for metric in registry().metrics.values():
            if metric.area == area:
                below = metric.denominator.as_text() if metric.denominator else ""
                factor = f" (times {metric.scale:g})" if metric.scale != 1 else ""
                yield _row(
                    f"`{metric.name}`",
                    metric.unit,
                    metric.definition,
                    metric.numerator.as_text() + factor,
                    below,
                    metric.source,
                )
    yield ""
    yield "### Quality measures"
    yield ""
    yield "| measure | denominator | numerator | exclusions | source |"
    yield "| --- | --- | --- | --- | --- |"
    for measure in measures().values():
        yield _row(f"`{measure.name}`", measure.population, measure.numerator, measure.exclusions, measure.source)
    yield ""
    yield "## Dimensions"
    yield ""
    yield "| dimension | type | what it is | example |"
    yield "| --- | --- | --- | --- |"
    for dimension in registry().dimensions.values():
        yield _row(f"`{dimension.name}`", dimension.type, dimension.meaning, f"`{dimension.example}`")
    yield ""
    yield "## Reports"
    yield ""
    yield "| report | question | how | parameters |"
    yield "| --- | --- | --- | --- |"
    for entry in reports().values():
        settings = ", ".join(f"{name}={value}" for name, value in entry.parameters.items())
        yield _row(f"`{entry.name}`", entry.question, entry.how, settings)
    yield ""
    yield "## Tables"
    yield ""
    yield "All are in the schema `analytics`. Keys -1 and -2 mean unknown and not applicable."
    for table in sorted(TABLES, key=lambda name: (name in FACTS, name)):
        yield from _table(table)


def _table(name: str) -> Iterator[str]:
    yield ""
    yield f"### {name}"
    yield ""
    yield HEADS[name].meaning
    yield ""
    yield "| column | type | meaning |"
    yield "| --- | --- | --- |"
    for column in columns_of(name):
        yield _row(f"`{column.name}`", column.type, column.meaning)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
