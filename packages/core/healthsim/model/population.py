"""Population entity types: what documents say about places, and the cohorts that they ask for.

A GEOID is unique within its level only (county 06073 and ZCTA 06073 are two places), so that it is no natural key.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator

from healthsim.model.core import text_only
from healthsim.model.entity import Entity, column
from healthsim.model.types import Integer, Json, Number, Text, spelling

LEVELS = (
    "nation",
    "region",
    "division",
    "state",
    "county",
    "place",
    "tract",
    "block_group",
    "block",
    "zcta",
    "cbsa",
    "msa",
    "custom",
)
_YEARS = re.compile(r"\s*\d{4}\s*(?:-|\u2013|to)\s*(\d{4})\s*")


def _last_year(value: Any) -> Any:
    """The year that a span of years is named after: ``2018-2022`` is the release of 2022."""
    match = _YEARS.fullmatch(value) if isinstance(value, str) else None
    return match.group(1) if match else value


Year = Annotated[Integer, BeforeValidator(_last_year)]


def level_of(value: Any) -> str | None:
    """The geographic level that a ``type`` names, where it names one."""
    words = spelling(value) if isinstance(value, str) else ""
    return words if words in LEVELS else None


class GeographyColumns(Entity):
    """The place that a document is about."""

    transparent: ClassVar[tuple[str, ...]] = ("geography", "identifiers")

    geoid: Text = column(
        "The place, with leading zeros: state 2 digits, county 5, tract 11, block group 12, ZCTA 5.",
        aliases="fips fips_code geography_id location_id block_group_fips tract_fips place_fips county_fips"
        " cbsa_code zcta zcta_code zip_code state_fips",
        system="Census GEOID",
        example="06073",
    )
    name: Text = column(
        "Name of the place, or of the document where it has one of its own.",
        aliases="geography_name area_name location_name county_name place_name",
        convert={"geography": text_only, "location": text_only},
        example="San Diego County",
    )
    geography_level: Text = column(
        "nation, state, county, place, tract, block_group, zcta, cbsa.",
        aliases="geography_type geographic_level geo_level",
        convert={"type": level_of, "level": level_of},
        example="county",
    )
    state: Text = column("State, two letters.", aliases="state_abbr state_code state.abbr", system="USPS", example="CA")


class SourceColumns(Entity):
    """Where a figure comes from."""

    year: Year = column(
        "Year that the figures are for; the last one of a span.", aliases="data_year survey_year", example=2022
    )
    source: Text = column("The publication.", aliases="data_source dataset", example="CDC PLACES 2024")


class PopulationColumn(Entity):
    """How many people live in a place."""

    population: Integer = column(
        "Number of inhabitants.",
        aliases="total_population demographics.total_population demographics.population characteristics.population"
        " population.total population.total_population population_count",
        unit="persons",
        example=3298634,
    )


class GeographicEntity(GeographyColumns, PopulationColumn):
    """A place, at any level of the Census hierarchy."""

    family: ClassVar[str] = "population"

    geographic_entity_id: Text = column("Identifier of the place.", aliases="id", example="GEO-06073")


class PopulationProfile(GeographyColumns, PopulationColumn, SourceColumns):
    """What the people of a place are like: ages, health, circumstances; the details are in the document."""

    family: ClassVar[str] = "population"

    population_profile_id: Text = column(
        "Identifier of the profile.", aliases="profile_id metadata.profile_id id", example="POP-06073-2022"
    )
    median_age: Number = column("Median age.", aliases="demographics.median_age", unit="a", example=36.4)
    median_household_income: Number = column(
        "Median income of a household in a year.",
        aliases="economic.median_household_income sdoh_profile.economic.median_household_income median_income",
        unit="USD",
        example=96974.0,
    )


class HealthIndicator(GeographyColumns, SourceColumns):
    """One health measure of a place: a prevalence or a rate."""

    family: ClassVar[str] = "population"

    health_indicator_id: Text = column("Identifier of the figure.", aliases="id", example="HI-06073-DIABETES")
    measure: Text = column(
        "What is measured.",
        aliases="measure_id measure_code indicator indicator_id indicator_name measure_name",
        system="CDC PLACES measure ids",
        example="DIABETES",
    )
    category: Text = column("Group of measures.", aliases="measure_category domain", example="Health Outcomes")
    value: Number = column("The figure.", aliases="prevalence estimate data_value crude_prevalence rate", example=9.8)
    unit: Text = column("Unit of the figure.", aliases="units data_value_unit value_unit", system="UCUM", example="%")
    low: Number = column(
        "Lower limit of the confidence interval.",
        aliases="low_confidence_limit confidence_low ci_low ci_lower lower_ci confidence_interval.low"
        " confidence_interval.lower confidence_interval.0",
        example=9.1,
    )
    high: Number = column(
        "Upper limit of the confidence interval.",
        aliases="high_confidence_limit confidence_high ci_high ci_upper upper_ci confidence_interval.high"
        " confidence_interval.upper confidence_interval.1",
        example=10.6,
    )
    value_type: Text = column("crude or age-adjusted.", aliases="data_value_type prevalence_type", example="crude")


class SdohIndex(GeographyColumns, SourceColumns):
    """One score of a place on an index of social circumstances (SVI, ADI)."""

    family: ClassVar[str] = "population"

    sdoh_index_id: Text = column("Identifier of the score.", aliases="id", example="SDOH-06073-SVI")
    index_name: Text = column("The index.", aliases="index index_id index_type measure", example="SVI")
    theme: Text = column(
        "Part of the index; empty for the whole.", aliases="theme_name component domain", example="socioeconomic"
    )
    value: Number = column(
        "The score.", aliases="score overall overall_score svi_overall svi.overall index_value", example=0.62
    )
    rank: Number = column(
        "Rank among all places, as the index gives it: SVI 0 to 1, ADI 1 to 100.",
        aliases="percentile percentile_rank national_rank national_percentile rpl_themes",
        example=0.62,
    )
    vulnerability_level: Text = column(
        "low, moderate, high, very high.", aliases="deprivation_level category", example="moderate"
    )


class CohortSpecification(GeographyColumns):
    """A cohort that is asked for: where, how many, of what age, with which conditions."""

    family: ClassVar[str] = "population"

    cohort_specification_id: Text = column(
        "Identifier of the specification.", aliases="cohort_id specification_id spec_id id", example="COH-001"
    )
    description: Text = column("What it is for.", aliases="purpose")
    target_size: Integer = column(
        "How many people.",
        aliases="size size.target size.count cohort_size target_count target_population sample_size count",
        unit="persons",
        example=5000,
    )
    min_age: Integer = column(
        "Youngest age.",
        aliases="age_min minimum_age demographics.age.min demographics.age_min age.min age_range.min age_range.0",
        unit="a",
        example=18,
    )
    max_age: Integer = column(
        "Oldest age.",
        aliases="age_max maximum_age demographics.age.max demographics.age_max age.max age_range.max age_range.1",
        unit="a",
        example=75,
    )
    conditions: Json = column(
        "The conditions that are wanted.",
        aliases="clinical_profile.conditions clinical_criteria.conditions clinical.conditions condition",
        example=["diabetes"],
    )
