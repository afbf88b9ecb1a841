"""What the tools return: one model each, from which the output schemas are made."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Result(BaseModel):
    """The base of every result."""

    model_config = ConfigDict(extra="forbid")


class SavedScenario(Result):
    """A scenario after a write."""

    scenario_id: str
    name: str
    entity_count: int = Field(description="Entities in the scenario now.")
    entities_by_type: dict[str, int]
    untyped_types: list[str] = Field(description="Types that the model does not know: kept as documents only.")
    dropped_by_type: dict[str, int] = Field(description="Given, but left out: later ones have their ids.")
    warnings: list[str]


class ImportedData(SavedScenario):
    """A scenario after an import, and what was read of each source."""

    sources: list[dict[str, Any]] = Field(description="Units read, typed rows, what was kept without type, oddities.")


class ScenarioInfo(Result):
    """A scenario without its entities."""

    scenario_id: str
    name: str
    description: str | None
    tags: list[str]
    product: str | None
    created_at: str
    updated_at: str
    entity_count: int
    entities_by_type: dict[str, int]


class ScenarioList(Result):
    """The scenarios that match."""

    scenarios: list[ScenarioInfo]
    total_count: int = Field(description="How many match in all.")
    truncated: bool
    next_cursor: str | None = Field(description="Pass it as cursor for the next ones.")


class Documents(Result):
    """Entities of a scenario, as they were saved."""

    scenario_id: str
    name: str
    entities: dict[str, list[Any]] = Field(description="Documents by type.")
    returned: int
    total: int
    truncated: bool
    next_cursor: str | None = Field(description="Pass it as cursor for the next ones.")
    hint: str | None = Field(description="What to do instead of reading on.")


class Rows(Result):
    """Rows of a table."""

    columns: list[str]
    rows: list[list[Any]]
    returned: int
    truncated: bool
    hint: str | None


class ScenarioRows(Rows):
    """Rows of one entity type of a scenario."""

    total: int = Field(description="How many match in all.")
    next_cursor: str | None = Field(description="Pass it as cursor for the next ones.")


class Summary(Result):
    """A scenario in about 500 tokens."""

    model_config = ConfigDict(extra="allow")

    scenario_id: str
    name: str
    description: str | None
    tags: list[str]
    entity_count: int
    entities_by_type: dict[str, int]


class Deleted(Result):
    """A scenario that is gone."""

    deleted: bool
    name: str
    entity_count: int = Field(description="Entities that went with it.")
    message: str


class ExportedFile(Result):
    """A file that was written."""

    path: str
    entity_count: int
    bytes: int


class TableSummary(Result):
    """One table of the database."""

    table: str
    entity_type: str
    family: str
    key: str
    meaning: str


class ColumnInfo(Result):
    """One column of a table."""

    name: str
    type: str
    meaning: str
    references: str | None = Field(description="The entity type whose id it holds.")


class SchemaDescription(Result):
    """The tables, or the columns of one."""

    tables: list[TableSummary]
    columns: list[ColumnInfo]
    hint: str


class Status(Result):
    """The database at a glance."""

    model_config = ConfigDict(extra="allow")

    database: str
    schema_version: int
    scenarios: int
    entities: int


class PlaceFigures(Result):
    """The public figures of one place."""

    model_config = ConfigDict(extra="allow")

    place: dict[str, Any]


class PlacePair(Result):
    """The public figures of two places."""

    model_config = ConfigDict(extra="allow")

    measures: list[dict[str, Any]]
    notes: list[str]


class ReferenceLoads(Result):
    """The public datasets that are loaded."""

    loads: list[dict[str, Any]]
    total_count: int
    truncated: bool


class Providers(Result):
    """Real providers."""

    model_config = ConfigDict(extra="allow")

    providers: list[dict[str, Any]]
    total_count: int = Field(description="How many match in all.")
    truncated: bool


class Conditions(Result):
    """Conditions that can be generated."""

    conditions: dict[str, str] = Field(description="What it is, by the name to give as cohort.")
    total_count: int


class Journeys(Result):
    """Care pathways that can be planned."""

    journeys: dict[str, str] = Field(description="What it is, by name.")


class FoundCohort(Result):
    """Who fulfils criteria."""

    scenario: str
    count: int = Field(description="Patients that fulfil all of them.")
    attrition: list[dict[str, Any]] = Field(description="How many each criterion left.")
    persons: list[dict[str, Any]] = Field(description="The first of them, with the day from which the rest is counted.")
    truncated: bool
    saved: str | None = Field(description="The scenario that they were saved as.")


class PersonTimeline(Result):
    """What happened to one person."""

    scenario: str
    person: dict[str, Any] = Field(description="Who it is, and the ids of each product.")
    first: str | None
    last: str | None
    totals: dict[str, int] = Field(description="Events by part.")
    events: list[dict[str, Any]] = Field(description="In the order of time; open: it has not ended.")
    left_out: int = Field(description="Events that are counted, but not among these.")


class CheckedScenario(Result):
    """Whether a scenario is coherent, and true to published figures."""

    scenario: str
    scenario_id: str
    ok: bool = Field(description="No rule of the severity fail is violated.")
    checked: int = Field(description="Rules for which there was something to check.")
    nothing_to_check: int
    violated: list[dict[str, Any]] = Field(description="The rules that do not hold, with examples.")
    fidelity: dict[str, Any] | None = Field(description="Published figures met and missed, if asked for.")


class ExportedData(Result):
    """Tables that were written for other tools."""

    path: str
    format: str
    tables: dict[str, int] = Field(description="Rows by table; empty tables are left out.")
    coverage: list[dict[str, Any]] = Field(description="OMOP: how many codes and rows have a standard concept.")
    left_out: dict[str, int] = Field(description="OMOP: rows without a place in it, by canonical table.")
    notes: list[str] = Field(description="What to know of it: that the star was stale.")


class AnalyticsStatus(Result):
    """The star of each scenario."""

    scenarios: list[dict[str, Any]]
    total_count: int
    truncated: bool


class AnalyticsBuilds(Result):
    """What a build did."""

    builds: list[dict[str, Any]]


class AnalyticsCatalog(Result):
    """What can be asked, by name."""

    metrics: dict[str, str]
    dimensions: dict[str, str]
    reports: dict[str, str]
    described: dict[str, Any] | None = Field(description="The whole definition of a name, if one was given.")
    hint: str | None


class AnalyticsAnswer(Result):
    """Rows, and what they mean."""

    model_config = ConfigDict(extra="allow")

    columns: list[str]
    rows: list[list[Any]] = Field(description="null: there is no such data; 0: none of it happened.")
    row_count: int = Field(description="How many rows there are in all.")
    returned: int
    truncated: bool
    notes: list[str]
    scenarios: list[dict[str, Any]] = Field(description="Whether the star of each is built or stale.")
    hint: str | None
