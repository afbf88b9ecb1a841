"""Tools on public reference data: figures of places, what is loaded, real providers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from healthsim.server.declaring import Bench, tool
from healthsim.server.results import PlaceFigures, PlacePair, Providers, ReferenceLoads

Release = Annotated[str | None, Field(description="Only from this release; default: the newest.", max_length=40)]

Level = Literal["county", "tract", "zcta", "place", "blockgroup", "state"]
Measures = Annotated[list[str] | None, Field(description="Only these measures; default: all.", max_length=100)]


@tool("Look up a place", "reads", command="reference lookup", verb="lookup")
def lookup_reference(
    bench: Bench,
    place: Annotated[str, Field(description='A code, or a name: "06073", "San Diego County, CA".', max_length=200)],
    level: Level = "county",
    measures: Measures = None,
    release: Release = None,
) -> PlaceFigures:
    """Look up real public health statistics of one place: prevalence (PLACES), social vulnerability (SVI), deprivation.

    Use it before a cohort is built for a place, so that its rates follow the real ones. list_reference tells what is
    loaded.
    """
    asked: dict[str, Any] = {"town" if level == "place" else level: place}
    return PlaceFigures(**bench.lookup(**asked, measures=tuple(measures or ()), release=release).as_dict())


@tool("Compare places", "reads", command="reference compare", verb="compare_places")
def compare_places(
    bench: Bench,
    first: Annotated[str, Field(description="A code or a name.", max_length=200)],
    second: Annotated[str, Field(description="Likewise.", max_length=200)],
    level: Level = "county",
    measures: Measures = None,
    release: Release = None,
) -> PlacePair:
    """Show two places side by side, in the figures that both have: difference is second less first."""
    return PlacePair(
        **bench.compare_places(first, second, level=level, measures=tuple(measures or ()), release=release).as_dict()
    )


@tool("List reference data", "reads", command="reference list", verb="references")
def list_reference(bench: Bench) -> ReferenceLoads:
    """List which releases of which public datasets are loaded, with their levels and row counts."""
    loads = [load.as_dict() for load in bench.references()]
    shown = [{**facts, "loaded_at": str(facts["loaded_at"])} for facts in loads[:200]]
    return ReferenceLoads(loads=shown, total_count=len(loads), truncated=len(shown) < len(loads))


@tool(
    "Search providers",
    "reads",
    command="reference providers",
    verb="providers",
)
def search_providers(
    bench: Bench,
    name: Annotated[str | None, Field(description="Words of the name, in any order.", max_length=200)] = None,
    npi: Annotated[str | None, Field(description="The 10-digit number.", max_length=40)] = None,
    state: Annotated[str | None, Field(description="Of the practice: CA, 06 or California.", max_length=40)] = None,
    city: Annotated[str | None, Field(max_length=200)] = None,
    postal_code: Annotated[str | None, Field(description="Or its beginning.", max_length=40)] = None,
    taxonomy: Annotated[str | None, Field(description="A taxonomy code or its beginning.", max_length=40)] = None,
    entity_type: Annotated[Literal["1", "2"] | None, Field(description="1: people, 2: organisations.")] = None,
    release: Release = None,
    limit: Annotated[int, Field(ge=1, le=50)] = 10,
) -> Providers:
    """Find providers in the loaded NPPES file: who practises where. They are real; generated data never uses them."""
    listed = bench.providers(
        name,
        npi=npi,
        state=state,
        city=city,
        postal_code=postal_code,
        taxonomy=taxonomy,
        entity_type=entity_type,
        release=release,
        limit=limit,
    )
    return Providers(**listed.as_dict())
