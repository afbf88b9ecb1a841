"""The tool that finds patients by criteria."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from healthsim.server.declaring import Bench, tool
from healthsim.server.results import FoundCohort
from healthsim.server.tools.scenarios import NewName

#: persons that come into the conversation; the others are counted, and saved if that is asked for
_SHOWN = 20

Criteria = Annotated[list[str] | None, Field(max_length=50)]


@tool("Find a cohort", "adds", command="analytics cohort", verb="cohort", idempotent=False)
def find_cohort(
    bench: Bench,
    scenario: Annotated[str, Field(description="Its name or id.", max_length=10_000)],
    condition: Annotated[
        list[str] | None,
        Field(description="ICD-10-CM, or how it begins: E11. All are asked; E10,E11 is either.", max_length=50),
    ] = None,
    drug: Annotated[list[str] | None, Field(description="A word of the name, RxNorm or NDC.", max_length=50)] = None,
    lab: Annotated[list[str] | None, Field(description='LOINC: "4548-4 >= 8".', max_length=50)] = None,
    without_condition: Criteria = None,
    without_drug: Criteria = None,
    age: Annotated[str | None, Field(description="40-75 or 65+, on the index date.", max_length=20)] = None,
    sex: Annotated[str | None, Field(description="F, M, O or U.", max_length=1)] = None,
    save_as: NewName | None = None,
) -> FoundCohort:
    """Count the patients of a scenario that fulfil criteria, and how many each criterion leaves.

    The first criterion sets the index date. With save_as they become a scenario of their own, with all that is theirs.
    """
    criteria: dict[str, Any] = {
        "condition": condition,
        "drug": drug,
        "lab": lab,
        "without_condition": without_condition,
        "without_drug": without_drug,
        "age": age,
        "sex": sex,
    }
    cohort = bench.cohort(scenario, **{name: value for name, value in criteria.items() if value})
    saved = bench.save_cohort(cohort, save_as).name if save_as is not None else None
    facts = cohort.as_dict()
    return FoundCohort(
        scenario=cohort.scenario,
        count=len(cohort.persons),
        attrition=facts["attrition"],
        persons=facts["persons"][:_SHOWN],
        truncated=len(cohort.persons) > _SHOWN,
        saved=saved,
    )
