"""The catalogue: which metrics, dimensions and reports there are, and what each of them means."""

from __future__ import annotations

from typing import Any

from healthsim.analytics.metrics.registry import nearest, registry
from healthsim.analytics.reports.report import reports
from healthsim.errors import NotFound
from healthsim.results import Catalog


def catalog(name: str | None = None, *, search: str | None = None) -> Catalog:
    """Everything that can be asked, or the whole definition of one name.

    Args:
        name: a metric, a dimension or a report.
        search: only what has this word in its name, title or meaning.

    Raises:
        NotFound: nothing is called like that; the message names the nearest.
    """
    known = registry()
    if name is not None:
        return Catalog(**_described(name))
    word = (search or "").lower()
    metrics = [
        {"name": m.name, "area": m.area, "title": m.title, "unit": m.unit, "definition": m.definition}
        for m in known.metrics.values()
        if word in f"{m.name} {m.title} {m.definition} {m.area}".lower()
    ]
    dimensions = [
        dimension.as_dict()
        for dimension in known.dimensions.values()
        if word in " ".join((dimension.name, dimension.meaning, *dimension.also)).lower()
    ]
    listed = [
        {"name": entry.name, "title": entry.title, "question": entry.question}
        for entry in reports().values()
        if word in f"{entry.name} {entry.title} {entry.question} {entry.how}".lower()
    ]
    return Catalog(metrics=metrics, dimensions=dimensions, reports=listed)


def _described(name: str) -> dict[str, Any]:
    known = registry()
    members: dict[str, Any] = {}
    if name in known.metrics:
        members["metric"] = known.metrics[name].as_dict()
    if name in known.dimensions:
        divided = [metric.name for metric in known.metrics.values() if name in metric.dimensions]
        members["dimension"] = known.dimensions[name].as_dict() | {"metrics": divided}
    if name in reports():
        members["report"] = reports()[name].as_dict() | {"sql": reports()[name].sql}
    if not members:
        names = nearest(name, dict.fromkeys([*known.metrics, *known.dimensions, *reports()]))
        raise NotFound(
            f"There is no metric, dimension or report {name[:80]!r}. Nearest first: {', '.join(names[:8])}.",
            name=name[:200],
            similar=names[:5],
        )
    return members
