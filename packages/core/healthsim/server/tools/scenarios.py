"""Tools on scenarios as a whole: list, summarise, change, delete."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from mcp.server.mcpserver import Context, Elicit, Resolve
from pydantic import BaseModel, Field

from healthsim.errors import InvalidInput
from healthsim.server.declaring import Bench, tool
from healthsim.server.results import Deleted, SavedScenario, ScenarioInfo, ScenarioList, Summary
from healthsim.state.save import Saved

Name = Annotated[str, Field(description="Name (or id) of the scenario.", min_length=1, max_length=10_000)]
NewName = Annotated[str, Field(description="A name that no scenario has.", min_length=1, max_length=10_000)]
Tags = Annotated[list[str], Field(description="Tags.", min_length=1, max_length=100)]


def saved_result(saved: Saved) -> SavedScenario:
    """A write as its tool reports it."""
    return SavedScenario(
        scenario_id=saved.scenario_id,
        name=saved.name,
        entity_count=saved.entity_count,
        entities_by_type=saved.entities_by_type,
        untyped_types=saved.untyped_types,
        dropped_by_type=saved.dropped_by_type,
        warnings=saved.warnings,
    )


@tool(
    "List scenarios",
    "reads",
    command="scenario list",
    verb="list",
    original=("list_saved_scenarios", "workspace_summary"),
)
def list_scenarios(
    bench: Bench,
    tag: Annotated[str | None, Field(description="Only those with this tag.")] = None,
    search: Annotated[str | None, Field(description="Only those with these words in name, description, tags.")] = None,
    product: Annotated[str | None, Field(description="patientsim, membersim, rxmembersim, trialsim ...")] = None,
    sort: Literal["updated", "created", "name", "size"] = "updated",
    limit: Annotated[int, Field(ge=1, le=200)] = 20,
    cursor: Annotated[str | None, Field(description="next_cursor of the list before.")] = None,
) -> ScenarioList:
    """List the saved scenarios with their sizes, newest first.

    Use it first, to learn what there is and what it is called. For the contents of one: get_scenario_summary.
    """
    if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise InvalidInput(f"{cursor[:80]!r} is no cursor; expected next_cursor of the list before, or none.")
    start = int(cursor or 0)
    listed = bench.list(tags=[tag] if tag else (), search=search, product=product, sort=sort, limit=start + limit)
    total = listed.total_count
    shown = [ScenarioInfo(**_shortened(scenario.as_dict())) for scenario in listed.scenarios[start:]]
    more = start + len(shown) < total and bool(shown)
    return ScenarioList(
        scenarios=shown, total_count=total, truncated=more, next_cursor=str(start + len(shown)) if more else None
    )


def _shortened(facts: dict[str, Any]) -> dict[str, Any]:
    description = facts["description"]
    if isinstance(description, str) and len(description) > 200:
        return {**facts, "description": description[:199] + "…"}
    return facts


@tool(
    "Summarise a scenario",
    "reads",
    command="scenario show",
    verb="show",
    original=("get_scenario_summary", "scenario_summary"),
)
def get_scenario_summary(bench: Bench, name: Name) -> Summary:
    """Show what a scenario holds in about 500 tokens, whatever its size.

    Counts by type, date range, ages and sexes, the most frequent diagnoses, sums of money. Use it instead of
    load_scenario to talk about a scenario. For examples: get_entity_samples; for figures: run_sql.
    """
    return Summary(**bench.show(name).as_dict())


@tool("Rename a scenario", "changes", command="scenario rename", verb="rename")
def rename_scenario(bench: Bench, name: Name, new_name: NewName) -> ScenarioInfo:
    """Give a scenario another name. Nothing else changes."""
    return ScenarioInfo(**bench.rename(name, new_name).as_dict())


@tool("Clone a scenario", "adds", command="scenario clone", verb="clone")
def clone_scenario(bench: Bench, name: Name, new_name: NewName) -> SavedScenario:
    """Copy a scenario under a new name, with fresh ids and every reference rewritten.

    Use it to try a variant, or before a risky change: the original stays as it is.
    """
    return saved_result(bench.clone(name, new_name))


@tool(
    "Merge scenarios",
    "changes",
    command="scenario merge",
    verb="merge",
    idempotent=True,
)
def merge_scenarios(
    bench: Bench,
    names: Annotated[list[str], Field(description="The scenarios, in order.", min_length=1, max_length=100)],
    into: Annotated[str, Field(description="The target; made if there is none.", min_length=1, max_length=10_000)],
) -> SavedScenario:
    """Put the entities of several scenarios into one, by id; of two with the same id the later scenario's stays.

    The sources stay as they are, unless one of them is the target.
    """
    return saved_result(bench.merge(names, into))


@tool(
    "Tag a scenario",
    "adds",
    command="scenario tag",
    verb="tag",
    idempotent=True,
)
def tag_scenario(bench: Bench, name: Name, tags: Tags) -> ScenarioInfo:
    """Add tags to a scenario, by which list_scenarios finds it. Tags that it has stay."""
    return ScenarioInfo(**bench.tag(name, *tags).as_dict())


@tool("Untag a scenario", "changes", command="scenario untag", verb="untag")
def untag_scenario(bench: Bench, name: Name, tags: Tags) -> ScenarioInfo:
    """Take tags from a scenario."""
    return ScenarioInfo(**bench.untag(name, *tags).as_dict())


class Confirmation(BaseModel):
    """The answer of the person to whom a deletion is shown."""

    delete: bool = Field(description="Delete the scenario and everything in it?")


def _ask_person(bench: Bench, context: Context, name: str, confirm_name: str) -> Confirmation | Elicit[Confirmation]:
    """Ask the person at the client, where it can; the confirmed name is checked first."""
    scenario = bench.get(name)
    if confirm_name not in (scenario.name, scenario.scenario_id):
        raise InvalidInput(
            f"confirm_name is {confirm_name[:80]!r}; expected {scenario.name[:200]!r}, the name of the scenario that"
            " is to be deleted. Nothing was deleted; ask the user before you confirm."
        )
    able = context.client_capabilities
    if able is None or able.elicitation is None:
        return Confirmation(delete=True)
    return Elicit(
        f"Delete the scenario {scenario.name[:200]!r} with {scenario.entity_count:,} entities? This cannot be undone.",
        Confirmation,
    )


@tool("Delete a scenario", "destroys", command="scenario delete", verb="delete")
def delete_scenario(
    bench: Bench,
    name: Name,
    confirm_name: Annotated[str, Field(description="The scenario's name once more, after the user has agreed.")],
    confirmation: Annotated[Confirmation, Resolve(_ask_person)],
) -> Deleted:
    """Delete a scenario and everything in it, for good.

    Ask the user first and repeat the name in confirm_name; clients that can show a question ask once more.
    export_scenario_json before keeps a copy.
    """
    if not confirmation.delete:
        return Deleted(deleted=False, name=name, entity_count=0, message="The user said no; nothing was deleted.")
    gone = bench.delete(name)
    return Deleted(
        deleted=True, name=gone.name, entity_count=gone.entity_count, message="The scenario and its entities are gone."
    )
