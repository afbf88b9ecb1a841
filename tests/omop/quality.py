"""The checks of OHDSI's DataQualityDashboard that decide, written anew: kind, field, threshold, share that violates it.

Fatal: required fields, keys, references, types, periods apart. Convention: domains, classes, standard and valid concepts,
every person observed, eras complete, how much is mapped. Characterization: whether dates and values are plausible.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from healthsim.exchange.omop.tables import cdm_tables

DOMAINS = {
    "gender_concept_id": "Gender",
    "race_concept_id": "Race",
    "ethnicity_concept_id": "Ethnicity",
    "visit_concept_id": "Visit",
    "visit_detail_concept_id": "Visit",
    "admitted_from_concept_id": "Visit",
    "discharged_to_concept_id": "Visit",
    "condition_concept_id": "Condition",
    "condition_status_concept_id": "Condition Status",
    "drug_concept_id": "Drug",
    "route_concept_id": "Route",
    "procedure_concept_id": "Procedure",
    "device_concept_id": "Device",
    "measurement_concept_id": "Measurement",
    "operator_concept_id": "Meas Value Operator",
    "unit_concept_id": "Unit",
    "specimen_concept_id": "Specimen",
    "episode_concept_id": "Episode",
    "cdm_version_concept_id": "Metadata",
}
#: table.field -> percent of records that may be unmapped
MAPPED = {
    "person.gender_concept_id": 5,
    "visit_occurrence.visit_concept_id": 0,
    "condition_occurrence.condition_concept_id": 5,
    "condition_occurrence.condition_status_concept_id": 5,
    "condition_era.condition_concept_id": 0,
    "drug_exposure.drug_concept_id": 5,
    "drug_era.drug_concept_id": 0,
    "procedure_occurrence.procedure_concept_id": 5,
    "measurement.measurement_concept_id": 5,
    "measurement.unit_concept_id": 5,
    "observation.observation_concept_id": 5,
    "observation.unit_concept_id": 5,
    "device_exposure.device_concept_id": 5,
    "cost.cost_type_concept_id": 0,
}
#: what has a source concept in at least 90 percent of its records
WITH_SOURCE = ("condition", "drug", "procedure", "measurement", "observation", "device")
#: start -> end, of tables with spans
SPANS = {
    "observation_period": ("observation_period_start_date", "observation_period_end_date"),
    "visit_occurrence": ("visit_start_date", "visit_end_date"),
    "condition_occurrence": ("condition_start_date", "condition_end_date"),
    "drug_exposure": ("drug_exposure_start_date", "drug_exposure_end_date"),
    "condition_era": ("condition_era_start_date", "condition_era_end_date"),
    "drug_era": ("drug_era_start_date", "drug_era_end_date"),
    "payer_plan_period": ("payer_plan_period_start_date", "payer_plan_period_end_date"),
}
DAYS = {
    "procedure_occurrence": "procedure_date",
    "measurement": "measurement_date",
    "observation": "observation_date",
    "note": "note_date",
    "death": "death_date",
    "device_exposure": "device_exposure_start_date",
}
#: table.field -> what is not plausible; at most 1 percent of records
IMPLAUSIBLE = {
    "person.year_of_birth": "year_of_birth NOT BETWEEN 1850 AND year(current_date) + 1",
    "person.month_of_birth": "month_of_birth NOT BETWEEN 1 AND 12",
    "person.day_of_birth": "day_of_birth NOT BETWEEN 1 AND 31",
    "drug_exposure.days_supply": "days_supply NOT BETWEEN 1 AND 365",
    "drug_exposure.refills": "refills NOT BETWEEN 0 AND 24",
    "drug_exposure.quantity": "quantity < 0.0000001",
    "procedure_occurrence.quantity": "quantity < 1",
    "condition_era.condition_occurrence_count": "condition_occurrence_count < 1",
    "drug_era.drug_exposure_count": "drug_exposure_count < 1",
    "drug_era.gap_days": "gap_days < 0",
}


#: the checks of how much is mapped
MAPPING = ("standardConceptRecordCompleteness", "sourceConceptRecordCompleteness", "sourceValueCompleteness")


@dataclass(frozen=True)
class Check:
    """One check: it fails when more than the threshold (percent) of the records that it looks at violate it."""

    kind: str
    severity: str
    field: str
    records: int
    violated: int
    threshold: float

    @property
    def applies(self) -> bool:
        """An empty table is checked for its columns only."""
        return self.records > 0

    @property
    def is_structure(self) -> bool:
        """Whether it is about the form of the tables, not about how much of the source is mapped or plausible."""
        return self.severity != "characterization" and self.kind not in MAPPING

    @property
    def failed(self) -> bool:
        return self.applies and 100 * self.violated / self.records > self.threshold


def checks(connection: duckdb.DuckDBPyConnection) -> Iterator[Check]:
    """Every check over a common data model in ``main``."""

    def count(
        kind: str, severity: str, field: str, bad: str, threshold: float, where: str = "true", join: str = ""
    ) -> Check:
        table = field.partition(".")[0]
        row = connection.execute(
            f"SELECT count(*), count(*) FILTER (WHERE {bad}) FROM main.{table} AS t {join} WHERE {where}"
        ).fetchone()
        assert row is not None
        return Check(kind, severity, field, row[0], row[1], threshold)

    found = dict(
        connection.execute(
            "SELECT table_name || '.' || column_name, data_type FROM duckdb_columns() WHERE schema_name = 'main'"
        ).fetchall()
    )
    rows = {name: connection.execute(f"SELECT count(*) FROM main.{name}").fetchone()[0] for name in cdm_tables()}  # type: ignore[index]
    for name, table in cdm_tables().items():
        for column in table.columns:
            field = f"{name}.{column.name}"
            quoted = f't."{column.name}"'
            yield Check("cdmField", "fatal", field, 1, field not in found, 0)
            if column.sql_type == "integer":
                yield Check("cdmDatatype", "fatal", field, 1, found.get(field) != "INTEGER", 0)
            if column.required:
                yield count("isRequired", "fatal", field, f"{quoted} IS NULL", 0)
            if column.is_key:
                row = connection.execute(
                    f'SELECT count(*), count(*) - count(DISTINCT "{column.name}") FROM main.{name}'
                ).fetchone()
                assert row is not None
                yield Check("isPrimaryKey", "fatal", field, row[0], row[1], 0)
            if column.references:
                target, key = column.references
                yield count(
                    "isForeignKey",
                    "fatal",
                    field,
                    f"{quoted} IS NOT NULL AND {quoted} NOT IN (SELECT {key} FROM main.{target})",
                    0,
                )
            if column.references == ("concept", "concept_id"):
                joined = f"LEFT JOIN main.concept AS c ON c.concept_id = {quoted}"
                used = f"{quoted} <> 0"
                domain = (
                    "Type Concept"
                    if column.name.endswith("_type_concept_id") and name not in ("cost", "metadata")
                    else DOMAINS.get(column.name)
                )
                if domain and column.name != "visit_detail_id":
                    yield count("fkDomain", "convention", field, f"c.domain_id <> '{domain}'", 0, used, joined)
                if "source" not in column.name and name not in (
                    "vocabulary",
                    "domain",
                    "concept_class",
                    "relationship",
                ):
                    wrong = "c.standard_concept IS DISTINCT FROM 'S' OR c.invalid_reason IS NOT NULL"
                    if name not in (
                        "concept_relationship",
                        "concept_ancestor",
                        "drug_strength",
                        "source_to_concept_map",
                    ):
                        yield count("isStandardValidConcept", "convention", field, wrong, 0, used, joined)
    ingredient = "LEFT JOIN main.concept AS c ON c.concept_id = t.drug_concept_id"
    yield count(
        "fkClass", "convention", "drug_era.drug_concept_id", "c.concept_class_id <> 'Ingredient'", 0, join=ingredient
    )
    unseen = "NOT EXISTS (SELECT 1 FROM main.observation_period AS o WHERE o.person_id = t.person_id)"
    yield count("measurePersonCompleteness", "convention", "person.person_id", unseen, 0)
    overlap = (
        "EXISTS (SELECT 1 FROM main.observation_period AS o WHERE o.person_id = t.person_id"
        " AND o.observation_period_id <> t.observation_period_id AND o.observation_period_start_date <= 1 + t.observation_period_end_date"
        " AND o.observation_period_end_date + 1 >= t.observation_period_start_date)"
    )
    yield count("measureObservationPeriodOverlap", "fatal", "observation_period.person_id", overlap, 0)
    no_era = (
        "t.condition_concept_id <> 0 AND NOT EXISTS (SELECT 1 FROM main.condition_era AS e WHERE e.person_id = t.person_id"
        " AND e.condition_concept_id = t.condition_concept_id AND t.condition_start_date BETWEEN e.condition_era_start_date"
        " AND e.condition_era_end_date)"
    )
    yield count("measureConditionEraCompleteness", "convention", "condition_occurrence.condition_concept_id", no_era, 0)
    for field, threshold in MAPPED.items():
        name, _, column_name = field.partition(".")
        yield count(
            "standardConceptRecordCompleteness",
            "convention",
            field,
            f"t.{column_name} = 0",
            threshold,
            f"t.{column_name} IS NOT NULL",
        )
    for what in WITH_SOURCE:
        name = {
            "condition": "condition_occurrence",
            "drug": "drug_exposure",
            "procedure": "procedure_occurrence",
            "device": "device_exposure",
        }.get(what, what)
        field = f"{name}.{what}_source_concept_id"
        yield count("sourceConceptRecordCompleteness", "convention", field, f"t.{what}_source_concept_id = 0", 10)
        row = connection.execute(
            f"SELECT count(DISTINCT {what}_source_value), count(DISTINCT {what}_source_value) FILTER"
            f" (WHERE {what}_concept_id = 0) FROM main.{name}"
        ).fetchone()
        assert row is not None
        yield Check(
            "sourceValueCompleteness",
            "convention",
            f"{name}.{what}_source_value",
            row[0],
            row[1],
            100 if what == "observation" else 10,
        )
    for field, bad in IMPLAUSIBLE.items():
        yield count("plausibleValue", "characterization", field, bad, 1)
    person = "JOIN main.person AS p ON p.person_id = t.person_id"
    death = "JOIN main.death AS d ON d.person_id = t.person_id"
    dates = [(name, start) for name, (start, _) in SPANS.items()] + list(DAYS.items())
    dates += [(name, end) for name, (_, end) in SPANS.items()]
    for name, column_name in dates:
        field = f"{name}.{column_name}"
        known = f"t.{column_name} IS NOT NULL"
        range_ = f"t.{column_name} NOT BETWEEN DATE '1950-01-01' AND current_date + 1"
        yield count("plausibleValue", "characterization", field, range_, 1, known)
        yield count(
            "plausibleAfterBirth",
            "characterization",
            field,
            f"t.{column_name} < CAST(p.birth_datetime AS DATE)",
            1,
            known,
            person,
        )
        if name != "death":
            yield count(
                "plausibleBeforeDeath",
                "characterization",
                field,
                f"t.{column_name} > d.death_date + 60",
                1,
                known,
                death,
            )
    for name, (start, end) in SPANS.items():
        threshold = 0 if name == "observation_period" else 1
        yield count("plausibleStartBeforeEnd", "characterization", f"{name}.{start}", f"t.{start} > t.{end}", threshold)
    visit = "JOIN main.visit_occurrence AS v ON v.visit_occurrence_id = t.visit_occurrence_id"
    for name, column_name in {
        **{n: s for n, (s, _) in SPANS.items() if n in ("condition_occurrence", "drug_exposure")},
        **{n: d for n, d in DAYS.items() if n != "death"},
    }.items():
        outside = f"t.{column_name} NOT BETWEEN v.visit_start_date - 7 AND v.visit_end_date + 7"
        yield count("withinVisitDates", "characterization", f"{name}.{column_name}", outside, 5, join=visit)
    for name in ("condition_occurrence", "drug_exposure", "procedure_occurrence", "measurement", "observation"):
        if rows[name]:
            start = SPANS[name][0] if name in SPANS else DAYS[name]
            outside = (
                "NOT EXISTS (SELECT 1 FROM main.observation_period AS o WHERE o.person_id = t.person_id"
                f" AND t.{start} BETWEEN o.observation_period_start_date AND o.observation_period_end_date)"
            )
            yield count("withinObservationPeriod", "characterization", f"{name}.{start}", outside, 2)
