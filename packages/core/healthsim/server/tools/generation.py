"""The tool that generates populations."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import anyio.from_thread
import anyio.to_thread
from mcp.server.mcpserver import Context
from pydantic import Field

from healthsim.errors import HealthSimError
from healthsim.generation.runner import Progress
from healthsim.generation.spec import read_spec
from healthsim.server.declaring import Bench, tool
from healthsim.server.results import Conditions, Journeys, SavedScenario
from healthsim.server.tools.scenarios import NewName, saved_result

#: persons of one call: about a minute; larger populations are made by the command
MOST = 200_000


class _Cancelled(HealthSimError):
    """The client no longer waits."""

    code = "cancelled"


@tool("Generate a population", "adds", command="generate", verb="generate", idempotent=False)
async def generate_population(
    bench: Bench,
    context: Context,
    name: NewName,
    size: Annotated[int, Field(ge=1, le=MOST, description="Number of persons.")] = 1_000,
    counties: Annotated[
        list[str] | None,
        Field(description="FIPS codes or names (San Diego County, CA).", max_length=200),
    ] = None,
    states: Annotated[list[str] | None, Field(description="States: CA, or California.", max_length=60)] = None,
    cohort: Annotated[
        list[str] | None, Field(description="Conditions that every person has; list_conditions.", max_length=20)
    ] = None,
    min_age: Annotated[int, Field(ge=0, le=110)] = 0,
    max_age: Annotated[int, Field(ge=0, le=110)] = 110,
    journeys: Annotated[
        list[str] | None, Field(description="Care pathways they go through; list_journeys.", max_length=20)
    ] = None,
    products: Annotated[list[Literal["patient", "claims", "pharmacy", "trial"]] | None, Field(max_length=4)] = None,
    years: Annotated[int, Field(ge=1, le=10, description="Years of history.")] = 3,
    seed: Annotated[int, Field(ge=0, lt=2**63, description="The same seed gives the same people.")] = 1,
) -> SavedScenario:
    """Generate synthetic people of real counties with their care, claims and prescriptions, as a new scenario.

    Use it for whole populations (add_entities is for a few hand-made ones). Prevalences are those of the counties. Then
    get_scenario_summary, check_scenario or run_sql. Without counties and states: every county of the nation.
    """
    wanted: dict[str, Any] = {
        "size": size,
        "seed": seed,
        "years": years,
        "ages": {"min": min_age, "max": max_age},
        "cohort": cohort or [],
        "journeys": journeys or [],
        "counties": counties or [],
        "states": states or [],
    }
    if products:
        wanted["products"] = products
    spec = read_spec(wanted, source="The request")
    waits = True

    def report(done: Progress) -> None:
        if not waits:
            raise _Cancelled("The client cancelled the request; nothing was saved.")
        anyio.from_thread.run(
            context.report_progress, done.persons, done.size, f"{done.rows:,} rows" if done.rows else done.phase
        )

    def work() -> SavedScenario:
        # one process: a server leaves the other processors to those who share the machine
        saved = bench.generate(spec, name, workers=1, progress=report)
        if not waits:
            # cancelled while it was saved, which nothing interrupts
            bench.delete(saved.name)
            raise _Cancelled("The client cancelled the request; nothing was saved.")
        return saved_result(saved)

    try:
        return await anyio.to_thread.run_sync(work, abandon_on_cancel=True)
    finally:
        waits = False


@tool("List conditions", "reads", command="conditions list", verb="conditions")
def list_conditions(
    bench: Bench, search: Annotated[str | None, Field(description="Only what has this word.", max_length=200)] = None
) -> Conditions:
    """List the conditions that generate_population knows, for its cohort."""
    word = (search or "").lower()
    listed = bench.conditions().conditions
    shown = {facts["condition"]: f"{facts['name']} ({facts['kind']})" for facts in listed}
    return Conditions(
        conditions={name: text for name, text in shown.items() if word in f"{name} {text}".lower()},
        total_count=len(shown),
    )


@tool("List journeys", "reads", command="journeys list", verb="journeys")
def list_journeys(bench: Bench) -> Journeys:
    """List the care pathways that generate_population can plan."""
    return Journeys(journeys={facts["journey"]: facts["name"] for facts in bench.journeys().journeys})
