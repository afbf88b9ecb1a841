"""One batch: all rows of a range of persons, for the products that are wanted."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from healthsim.generation.columns import declared
from healthsim.generation.kernels import clinical as rows_of
from healthsim.generation.kernels.billing import make_claim_rows
from healthsim.generation.kernels.care import make_care
from healthsim.generation.kernels.claims import make_claims
from healthsim.generation.kernels.context import BLOCK, Context
from healthsim.generation.kernels.coverage import make_coverage
from healthsim.generation.kernels.diagnoses import code_contacts, make_diagnoses
from healthsim.generation.kernels.health import make_health
from healthsim.generation.kernels.identity import demographics
from healthsim.generation.kernels.journey_care import with_journeys
from healthsim.generation.kernels.journey_rows import make_journey_steps
from healthsim.generation.kernels.members import make_members, make_plans, make_rx_members, member_ids
from healthsim.generation.kernels.network import Specialties, make_network
from healthsim.generation.kernels.people import COUNTY_DIGITS, NUMBER_DIGITS, People, make_people
from healthsim.generation.kernels.pharmacy import make_pharmacy_rows
from healthsim.generation.kernels.prescribed_and_given import make_allergies, make_immunizations, make_medications
from healthsim.generation.kernels.results import make_results, tests_done
from healthsim.generation.kernels.roster import Roster
from healthsim.generation.kernels.subjects import make_subjects
from healthsim.generation.kernels.timeline import make_timeline
from healthsim.generation.kernels.treatment import make_prescriptions, make_treatment
from healthsim.generation.kernels.trials import make_trial
from healthsim.generation.kernels.vaccines import vaccines_given
from healthsim.generation.kernels.vitals import make_vital_signs


def make_batch(context: Context, first: int, last: int) -> dict[str, pa.Table]:
    """Entity type -> rows of the persons from ``first`` (a multiple of the block) up to, but not including, ``last``.

    Whole blocks are thought up; what belongs to persons beyond ``last`` is left out at the end.
    """
    products = context.spec.products
    number = np.arange(first, first + -(-(last - first) // BLOCK) * BLOCK, dtype=np.int64)
    people = make_people(context, number)
    health = make_health(context, people)
    care = make_care(context, people, health)
    timeline = make_timeline(context, people, health, *with_journeys(context, people, health, care.events))
    treatment = make_treatment(timeline)
    roster = Roster(timeline, Specialties.of(context))
    shared = demographics(context, people)
    coded = code_contacts(timeline)
    done, doses, tests = rows_of.services_done(timeline), vaccines_given(timeline), tests_done(timeline)
    tables = {"person": rows_of.person_table(people, shared), "patient": rows_of.patient_table(roster, shared)}
    if "patient" in products:
        tables["encounter"] = rows_of.make_encounters(roster)
        tables["diagnosis"] = make_diagnoses(roster, coded)
        tables["procedure"] = rows_of.make_procedures(roster, done)
        tables["medication"] = make_medications(roster, treatment)
        tables["lab_result"], tables["order"] = make_results(roster, tests, treatment)
        tables["vital_sign"] = make_vital_signs(roster)
        tables["allergy"] = make_allergies(roster)
        tables["immunization"] = make_immunizations(roster, doses)
        tables["clinical_note"] = rows_of.make_notes(roster)
        if timeline.journeys.groups:
            tables["journey_step"] = make_journey_steps(roster, treatment, tests, done, tables)
    if "claims" in products or "pharmacy" in products:
        coverage = make_coverage(context, people, health)
        members = member_ids(people, coverage)
        tables["member"] = make_members(roster, coverage, members, shared)
        if "claims" in products:
            claims = make_claims(timeline, coverage, done, tests, doses)
            tables.update(make_claim_rows(roster, coverage, members, coded, claims))
        if "pharmacy" in products:
            tables["rx_member"] = make_rx_members(roster, coverage, members, shared)
            prescriptions, fills = make_prescriptions(timeline, treatment)
            tables.update(make_pharmacy_rows(roster, coverage, treatment, prescriptions, fills))
    if "trial" in products:
        tables.update(make_subjects(context, people, roster, shared))
    tables = {name: declared(table) for name, table in tables.items()}
    if last < first + len(number):
        tables = {name: _up_to(table, people, last) for name, table in tables.items()}
    return {name: _without(table, products, name) for name, table in tables.items()}


def make_common(context: Context) -> dict[str, pa.Table]:
    """Entity type -> rows that belong to no batch: the network and the plans."""
    tables = make_network(context)
    if "claims" in context.spec.products or "pharmacy" in context.spec.products:
        tables["plan"] = make_plans()
    if "trial" in context.spec.products:
        tables.update(make_trial(context))
    return {name: declared(table) for name, table in tables.items()}


def _up_to(table: pa.Table, people: People, last: int) -> pa.Table:
    """The rows of persons below a number; the first column of a table is an identifier that begins with the person's digits."""
    digits = pc.replace_substring_regex(table.column(0), r"^[A-Z]+-?", "")
    number = pc.utf8_slice_codeunits(digits, COUNTY_DIGITS, COUNTY_DIGITS + NUMBER_DIGITS)
    return table.filter(pc.less_equal(pc.cast(number, pa.int64()), last))


def _without(table: pa.Table, products: tuple[str, ...], name: str) -> pa.Table:
    """References to rows of products that are not wanted are left out."""
    if "patient" not in products and "encounter_id" in table.column_names:
        table = table.drop_columns(["encounter_id"])
    return table
