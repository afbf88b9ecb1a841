"""Answers of the star: metrics, comparisons, reports, and the catalogue of what can be asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from healthsim.results.answer import Answer, Table


@dataclass(frozen=True, repr=False, eq=False)
class MetricAnswer(Table):
    """The values of metrics, and what they mean.

    Attributes:
        rows: None is "there is no such data", 0 is "none of it happened".
        row_count: how many rows there are in all; ``returned`` of them are here.
        metrics, dimensions, filters: what was asked.
        scenarios: whether the star of each is built or stale.
        sql, parameters: the statement that answered.
    """

    columns: list[str]
    rows: list[list[Any]]
    row_count: int
    returned: int
    truncated: bool
    metrics: list[dict[str, Any]]
    dimensions: list[dict[str, Any]]
    filters: list[str]
    scenarios: list[dict[str, Any]]
    notes: list[str]
    sql: str
    parameters: dict[str, Any]

    def _repr_html_(self) -> str:
        """The picture and the first rows, with the unit and what there is to know, in a notebook."""
        from healthsim.pictures.charts import style
        from healthsim.results.metric_picture import picture_of
        from healthsim.results.notebook import answer_html, says, table_of

        alone = len(self.metrics) == 1
        picture, left_out = picture_of(self.metrics[0]["title"], self.columns, self.rows) if alone else ("", "")
        about = [says(f"{metric['title']}: {metric['definition']} {metric['unit']}.") for metric in self.metrics]
        notes = [says(note) for note in (left_out, *self.notes)]
        parts = [*about, picture, *notes, table_of(self.columns, self.rows)]
        return answer_html(parts, style=style() if picture else "")


@dataclass(frozen=True, repr=False, eq=False)
class Comparison(Table):
    """Two answers side by side, with their difference: second less first."""

    OPTIONAL = ("metrics", "parameters", "how")

    first: str
    second: str
    columns: list[str]
    rows: list[list[Any]]
    row_count: int
    returned: int
    truncated: bool
    notes: list[str]
    scenarios: list[dict[str, Any]]
    sql: str | list[str]
    metrics: list[dict[str, Any]] | None = None
    parameters: list[dict[str, Any]] | None = None
    how: str | None = None


@dataclass(frozen=True, repr=False, eq=False)
class ReportAnswer(Table):
    """The answer of a report, with how it is counted and how it is drawn."""

    report: str
    title: str
    question: str
    how: str
    columns: list[str]
    units: dict[str, str | None]
    rows: list[list[Any]]
    row_count: int
    returned: int
    truncated: bool
    populated: bool
    notes: list[str]
    scenarios: list[dict[str, Any]]
    parameters: dict[str, Any]
    chart: dict[str, Any]
    sql: str


@dataclass(frozen=True, repr=False, eq=False)
class Catalog(Answer):
    """What can be asked: lists of all, or the whole definition of what one name means."""

    OPTIONAL = ("metrics", "dimensions", "reports", "metric", "dimension", "report")

    metrics: list[dict[str, Any]] | None = None
    dimensions: list[dict[str, Any]] | None = None
    reports: list[dict[str, Any]] | None = None
    metric: dict[str, Any] | None = None
    dimension: dict[str, Any] | None = None
    report: dict[str, Any] | None = None


@dataclass(frozen=True, repr=False, eq=False)
class StarFiles(Answer):
    """A star that a cluster wrote as Parquet: where, of which scenario, and the rows of each table."""

    path: str
    scenario: str
    scenario_id: str
    scenario_key: int
    tables: dict[str, int]
