"""The catalogue of the star: its tables in the order in which they are built, and what each is built from.

A statement reads tables by bare names. A build gives it, under these names, the rows of one scenario; on Spark they are
views over files. So the same text runs everywhere.

Days become keys below the joins where they can: for each join, the engine starts what stands above it once more (for rows
that did not fit in memory), and the parts of dates are dear to start, which a small build feels.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from healthsim.db.sql import sql_text

PACKAGE = "healthsim.analytics.star"

#: canonical tables that the star is built from -> whether their rows belong to persons
SOURCES: dict[str, bool] = {
    "persons": True, "patients": True, "members": True, "rx_members": True, "subjects": True, "encounters": True,
    "diagnoses": True, "procedures": True, "medications": True, "lab_results": True, "vital_signs": True,
    "immunizations": True, "claims": True, "claim_lines": True, "authorizations": True, "prescriptions": True,
    "pharmacy_claims": True, "prior_auths": True, "trial_visits": True, "adverse_events": True, "exposures": True,
    "providers": False, "facilities": False, "plans": False, "pharmacies": False, "studies": False, "sites": False,
    "treatment_arms": False, "visit_schedules": False,
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One statement of the build.

    Attributes:
        name: the table, and the file that selects its rows.
        kind: ``work`` (a temporary table that later steps read), ``base`` (one that only dimensions of the scenario are made
            from), ``code`` (a dimension that scenarios share), ``scoped`` (a dimension of one scenario), ``fact`` (facts and
            bridges), ``link`` (replaced whole, per scenario).
        sources: canonical tables without whose rows it has none.
        natural: what identifies a row of a dimension.
    """

    name: str
    kind: str
    sources: tuple[str, ...]
    natural: tuple[str, ...] = field(default=())

    @property
    def key(self) -> str:
        """The surrogate key column of a dimension."""
        return self.name.removeprefix("dim_") + "_key"

    @property
    def statement(self) -> str:
        """The SELECT."""
        return sql_text(PACKAGE, self.name)


_PEOPLE = ("persons", "patients", "members", "rx_members", "subjects")
_CODED = ("diagnoses", "claims")
_DRUGS = ("medications", "prescriptions", "pharmacy_claims", "prior_auths")
_PROCEDURES = ("procedures", "claim_lines", "authorizations")
_RESULTS = ("lab_results", "vital_signs")
_CLAIMS = ("claims", "claim_lines", "pharmacy_claims")

#: who and where: what the persons of a scenario are found by
WHO: tuple[Step, ...] = (
    Step("person_records", "base", _PEOPLE),
    Step("dim_provider", "scoped", ("providers",), ("provider_id",)),
    Step("lookup_provider", "work", ("providers",)),
    Step("dim_facility", "scoped", ("facilities",), ("facility_id",)),
    Step("lookup_facility", "work", ("facilities",)),
    Step("dim_pharmacy", "scoped", ("pharmacies",), ("pharmacy_id",)),
    Step("lookup_pharmacy", "work", ("pharmacies",)),
    Step("dim_study", "scoped", ("studies",), ("study_id",)),
    Step("dim_site", "scoped", ("sites",), ("site_id",)),
    Step("dim_arm", "scoped", ("treatment_arms", "subjects"), ("treatment_arm_id",)),
    Step("dim_plan", "scoped", ("plans", "members", "rx_members"), ("plan_id",)),
    Step("lookup_plan", "work", ("plans", "members", "rx_members")),
    Step("dim_person", "scoped", _PEOPLE, ("person_id",)),
    Step("person_links", "link", _PEOPLE),
    Step("dim_coverage", "scoped", ("members",), ("member_id",)),
    Step("lookup_coverage", "work", ("members",)),
    Step("lookup_patient", "work", ("patients",)),
    Step("lookup_member", "work", ("members",)),
    Step("lookup_rx_member", "work", ("rx_members",)),
    Step("lookup_subject", "work", ("subjects",)),
    Step("lookup_subject_ref", "work", ("subjects",)),
    Step("lookup_schedule", "work", ("visit_schedules",)),
)
#: what happened to them: codes and facts
WHAT: tuple[Step, ...] = (
    Step("claim_codes", "work", ("claims",)),
    Step("diagnosis_codes", "work", _CODED),
    Step("dim_diagnosis", "code", _CODED, ("code",)),
    Step("lookup_diagnosis", "work", _CODED),
    Step("bridge_diagnosis_group", "code", _CODED, ("diagnosis_key", "condition_group_key")),
    Step("procedure_codes", "work", _PROCEDURES),
    Step("dim_procedure", "code", _PROCEDURES, ("code",)),
    Step("lookup_procedure", "work", _PROCEDURES),
    Step("drug_codes", "work", _DRUGS),
    Step("dim_drug", "code", _DRUGS, ("code",)),
    Step("lookup_drug", "work", _DRUGS),
    Step("observation_codes", "work", _RESULTS),
    Step("dim_observation_type", "code", _RESULTS, ("code", "unit")),
    Step("lookup_observation", "work", _RESULTS),
    Step("dim_encounter_type", "code", ("encounters",), ("encounter_class", "encounter_type")),
    Step("dim_disposition", "code", ("encounters",), ("code",)),
    Step("claim_statuses", "work", _CLAIMS),
    Step("dim_claim_status", "code", _CLAIMS, ("claim_type", "status", "denial_reason_code")),
    Step("lookup_claim_status", "work", _CLAIMS),
    Step("dim_ae_term", "code", ("adverse_events",), ("preferred_term",)),
    Step("bridge_encounter_diagnosis", "fact", ("diagnoses",)),
    Step("fact_claim", "fact", ("claims",)),
    Step("fact_claim_line", "fact", ("claim_lines",)),
    Step("bridge_claim_diagnosis", "fact", ("claims",)),
    Step("fact_encounter", "fact", ("encounters",)),
    Step("fact_procedure", "fact", ("procedures",)),
    Step("fact_medication_order", "fact", ("medications", "prescriptions")),
    Step("fact_observation", "fact", _RESULTS),
    Step("fact_rx_fill", "fact", ("pharmacy_claims",)),
    Step("fact_prior_auth", "fact", ("authorizations", "prior_auths")),
    Step("fact_member_month", "fact", ("members",)),
    Step("fact_subject_milestone", "fact", ("subjects",)),
    Step("fact_trial_visit", "fact", ("trial_visits",)),
    Step("fact_adverse_event", "fact", ("adverse_events",)),
    Step("fact_exposure", "fact", ("exposures",)),
    Step("fact_person_condition", "fact", _CODED),
    Step("quality_person", "work", ("patients", "members")),
    Step("quality_event", "work", ("patients", "members")),
    Step("adherence", "work", ("pharmacy_claims",)),
    Step("antidepressant", "work", ("pharmacy_claims",)),
    Step("fact_quality_measure", "fact", ("patients", "members")),
)

STEPS = (*WHO, *WHAT)
#: the part of them that finds codes
CODES = WHAT[: next(place for place, step in enumerate(WHAT) if step.kind == "fact")]

#: the first and the last day of dim_date
FIRST_DAY, LAST_DAY = 19000101, 21001231

#: dimensions that depend on no scenario, in the order in which they are made
FIXED = ("dim_date", "dim_age_band", "dim_service_category", "dim_measure", "dim_condition_group")
#: what the reference layer gives, under bare names
REFERENCE = (
    "reference_svi",
    "reference_places",
    "reference_adi",
    "reference_counties",
    "reference_states",
    "published_places",
)

SCOPED = tuple(step.name for step in STEPS if step.kind in ("scoped", "fact", "link"))
FACTS = tuple(step.name for step in STEPS if step.kind == "fact")
DIMENSIONS = (
    "dim_scenario", "dim_geography", *FIXED,
    *(step.name for step in STEPS if step.kind in ("code", "scoped") and step.name.startswith("dim_")),
)  # fmt: skip
TABLES = (*DIMENSIONS, "bridge_diagnosis_group", "fact_population_measure", *FACTS)


def same_in_every_database() -> tuple[str, ...]:
    """The tables in which no word of a scenario is."""
    return (*FIXED, "code_rules")


def dimension_of(column: str) -> str | None:
    """The dimension that a key column points to: ``service_date_key`` to ``dim_date``, whatever its role."""
    if not column.endswith("_key"):
        return None
    for table in DIMENSIONS:
        key = table.removeprefix("dim_") + "_key"
        if column == key or column.endswith("_" + key):
            return table
    return None


def data(name: str) -> str:
    """The text of a file of the package's data."""
    return files(PACKAGE).joinpath("data", name).read_text(encoding="utf-8")


@cache
def version() -> str:
    """Checksum of everything that decides what the star looks like: another one means another star."""
    texts = [step.statement for step in STEPS]
    texts += [
        sql_text(PACKAGE, name)
        for name in (*FIXED, "dim_scenario", "geoids", "dim_geography", "fact_population_measure", *REFERENCE)
    ]
    texts += [data("code_rules.csv"), data("measures.csv"), f"{FIRST_DAY} {LAST_DAY}"]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
