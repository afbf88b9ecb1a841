"""Tools on the entities of a scenario: save, add, load, look at."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from healthsim.errors import InvalidInput
from healthsim.server.declaring import Bench, tool
from healthsim.server.results import Documents, SavedScenario, ScenarioRows
from healthsim.server.tools.scenarios import Name, NewName, saved_result
from healthsim.state.pages import Filter

#: what one result may take of a conversation
CHARACTERS = 20_000
#: above this, reading a scenario through a conversation is most likely a mistake
LARGE = 1_000
MOST_AT_ONCE = 10_000

Entities = Annotated[
    dict[str, list[dict[str, Any]]],
    Field(
        description='Documents by type: {"patients": [{"patient_id": "p1", ...}], "encounters": [...]}.', min_length=1
    ),
]
Lenient = Annotated[bool, Field(description="Keep documents with values that cannot be read, leaving columns empty.")]
Cursor = Annotated[str | None, Field(description="next_cursor of the page before.")]
Type = Annotated[str, Field(description="Entity type, singular or plural: patient, claims ...", max_length=200)]


def _counted(entities: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    count = sum(map(len, entities.values()))
    if count > MOST_AT_ONCE:
        raise InvalidInput(
            f"The call holds {count:,} entities; at most {MOST_AT_ONCE:,} are possible. Save the first part and add the"
            " others with add_entities, or import a file with import_scenario_json."
        )
    return entities


@tool("Save a scenario", "changes", command="scenario save", verb="save", original=("save_scenario",))
def save_scenario(
    bench: Bench,
    name: NewName,
    entities: Entities,
    description: Annotated[str | None, Field(description="What it is, in a sentence.")] = None,
    tags: Annotated[list[str] | None, Field(description="Tags, by which list_scenarios finds it.")] = None,
    mode: Annotated[
        Literal["create", "overwrite", "merge"],
        Field(description="create: the name must be free; overwrite: replace all; merge: add and replace by id."),
    ] = "create",
    lenient: Lenient = False,
) -> SavedScenario:
    """Save entities (patients, encounters, claims ...) as a named scenario; all of them or none.

    Use it once something worth keeping was made; send about 50 entities a call and the rest with add_entities.
    Ids and references are kept as given; unknown fields and types are kept too. describe_schema tells the columns.
    """
    saved = bench.save(name, _counted(entities), description=description, tags=tags or (), mode=mode, lenient=lenient)
    return saved_result(saved)


@tool("Add entities to a scenario", "changes", command="scenario add", verb="add", idempotent=True)
def add_entities(bench: Bench, name: Name, entities: Entities, lenient: Lenient = False) -> SavedScenario:
    """Add a batch of entities to a scenario that exists; those with ids that it has are replaced.

    Use it after save_scenario, about 50 entities a call. All of the batch is added, or none of it.
    """
    return saved_result(bench.add(name, _counted(entities), lenient=lenient))


@tool("Load a scenario", "reads", command="scenario load", verb="page")
def load_scenario(
    bench: Bench,
    name: Name,
    entity_type: Annotated[str | None, Field(description="Only this type.", max_length=200)] = None,
    limit: Annotated[int | None, Field(ge=1, le=500, description="Documents at most; default 50.")] = None,
    cursor: Cursor = None,
) -> Documents:
    """Read the entities of a small scenario as documents, in pages.

    Use it to continue working on entities themselves. To know what is in a scenario use get_scenario_summary, to
    find some entities query_scenario, for figures run_sql, to hand all of it on export_scenario_json.
    """
    scenario = bench.get(name)
    if scenario.entity_count > LARGE and limit is None and cursor is None:
        raise InvalidInput(
            f"The scenario {scenario.name[:200]!r} holds {scenario.entity_count:,} entities, too many for a"
            " conversation. Use get_scenario_summary, get_entity_samples, query_scenario or run_sql, or"
            " export_scenario_json for a file; pass limit to read it page by page all the same.",
            entity_count=scenario.entity_count,
        )
    page = bench.page(name, entity_type=entity_type, cursor=cursor, limit=limit or 50, characters=CHARACTERS)
    more = page.next_cursor is not None
    return Documents(
        scenario_id=page.scenario.scenario_id,
        name=page.scenario.name,
        entities=page.items,
        returned=page.count,
        total=page.total,
        truncated=more,
        next_cursor=page.next_cursor,
        hint="query_scenario and run_sql find what you need; export_scenario_json writes all of it." if more else None,
    )


@tool("Show sample entities", "reads", command="scenario show", verb="page")
def get_entity_samples(
    bench: Bench,
    name: Name,
    entity_type: Type,
    count: Annotated[int, Field(ge=1, le=20)] = 3,
) -> Documents:
    """Show a few documents of one type of a scenario, to see what they look like."""
    page = bench.page(name, entity_type=entity_type, limit=count, characters=CHARACTERS)
    return Documents(
        scenario_id=page.scenario.scenario_id,
        name=page.scenario.name,
        entities=page.items,
        returned=page.count,
        total=page.total,
        truncated=page.next_cursor is not None,
        next_cursor=None,
        hint=None,
    )


class Condition(BaseModel):
    """One condition on a column of the type."""

    model_config = ConfigDict(extra="forbid")

    column: str = Field(description="A column; describe_schema lists them.", max_length=200)
    operator: Literal["=", "!=", "<", "<=", ">", ">=", "contains", "in", "is_null"] = "="
    value: str | int | float | bool | list[str | int | float | bool] = Field(
        description="What to compare with; a list for in, true or false for is_null."
    )


@tool("Find rows of a scenario", "reads", command="sql", verb="find", original=("query_scenario",))
def query_scenario(
    bench: Bench,
    name: Name,
    entity_type: Type,
    where: Annotated[list[Condition] | None, Field(description="Conditions; all must hold.", max_length=20)] = None,
    columns: Annotated[list[str] | None, Field(description="Default: all that are not empty.", max_length=100)] = None,
    order_by: Annotated[str | None, Field(description="A column.", max_length=200)] = None,
    descending: bool = False,
    limit: Annotated[int, Field(ge=1, le=200)] = 25,
    cursor: Cursor = None,
) -> ScenarioRows:
    """Find rows of one entity type in one scenario by simple conditions, in pages.

    Use it for questions like: which patients are born before 1950, which claims were denied. For joins, counts and
    sums use run_sql with the same scenario.
    """
    filters = [Filter(item.column, item.operator, item.value) for item in where or ()]
    page = bench.find(
        name,
        entity_type,
        where=filters,
        columns=columns or (),
        order_by=order_by,
        descending=descending,
        cursor=cursor,
        limit=limit,
        characters=CHARACTERS,
    )
    more = page.next_cursor is not None
    plural = bench.schema(entity_type).plural
    return ScenarioRows(
        columns=page.columns,
        rows=page.items,
        returned=page.count,
        total=page.total,
        truncated=more,
        next_cursor=page.next_cursor,
        hint=f"For counts and sums: run_sql on {plural} with this scenario." if more else None,
    )
