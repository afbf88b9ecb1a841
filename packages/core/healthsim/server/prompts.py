"""Prompts: three ways to begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from healthsim.server.core import HealthSimServer


def add_prompts(server: HealthSimServer) -> None:
    """Offer the prompts."""

    @server.prompt(title="Build a cohort")
    def build_cohort(condition: str, size: str = "20", name: str = "") -> str:
        """Make a coherent cohort of synthetic patients and save it as a scenario."""
        saved_as = f"as {name!r}" if name else "under a short, telling name (kebab-case)"
        return (
            f"Build a synthetic cohort of {size} patients with {condition} in HealthSim.\n"
            "1. describe_schema for patient, encounter, diagnosis, medication and lab_result.\n"
            "2. Make the entities: every reference resolves, dates are in order, codes are real (ICD-10-CM, LOINC,"
            " RxNorm), SSNs start with 9.\n"
            f"3. save_scenario {saved_as} with the first batch of about 50 entities, add_entities with the others.\n"
            "4. Show get_scenario_summary, and check with run_sql that nothing dangles."
        )

    @server.prompt(title="Review a scenario")
    def review_scenario(name: str) -> str:
        """Check a scenario for plausibility and contradictions."""
        return (
            f"Review the HealthSim scenario {name!r}.\n"
            "1. get_scenario_summary, then get_entity_samples for its main types.\n"
            "2. With run_sql (scenario given): references that point nowhere, events before birth or after death,"
            " implausible ages for diagnoses, sums of claim lines against claims, duplicated people.\n"
            "3. Report what you found with counts and ids, worst first, and propose corrections; change nothing without"
            " being asked."
        )

    @server.prompt(title="Teach me this data")
    def teach_data(topic: str = "claims") -> str:
        """Learn the data model with real queries on the saved scenarios."""
        return (
            f"Teach me the HealthSim data model around {topic}.\n"
            "1. list_scenarios and pick one that has such data (say which, and why).\n"
            "2. describe_schema for the tables involved; explain keys and joins in plain words.\n"
            "3. Three run_sql examples from simple to advanced, each with its result and a sentence on what it shows.\n"
            "4. End with an exercise."
        )
