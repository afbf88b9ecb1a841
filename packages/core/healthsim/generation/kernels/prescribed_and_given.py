"""Rows of what people are given and must not be given: vaccines, medications, allergies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from healthsim.generation import columns as col
from healthsim.generation.kernels.context import Ints
from healthsim.generation.kernels.roster import Roster
from healthsim.generation.kernels.treatment import Treatment
from healthsim.generation.kernels.vaccines import Doses
from healthsim.generation.knowledge import Drug
from healthsim.generation.ordering import order_of
from healthsim.generation.validity import ICD10CM
from healthsim.model.measured import amount_of, unit_of


class Allergen(NamedTuple):
    """What people are allergic to: of drugs the RxNorm code of the ingredient."""

    substance: str
    code: str | None
    category: str
    reaction: str


ALLERGENS = (
    Allergen("Penicillin", "7980", "medication", "rash"),
    Allergen("Sulfamethoxazole", "10180", "medication", "hives"),
    Allergen("Aspirin", "1191", "medication", "wheezing"),
    Allergen("Ibuprofen", "5640", "medication", "rash"),
    Allergen("Codeine", "2670", "medication", "nausea"),
    Allergen("Amoxicillin", "723", "medication", "rash"),
    Allergen("Peanut", None, "food", "anaphylaxis"),
    Allergen("Shellfish", None, "food", "hives"),
    Allergen("Egg", None, "food", "rash"),
    Allergen("Cow's milk", None, "food", "vomiting"),
    Allergen("Latex", None, "environment", "rash"),
    Allergen("Bee venom", None, "environment", "swelling"),
)
SEVERE = ("anaphylaxis", "wheezing")
#: units of doses as UCUM has them, where it has others
_UCUM = {"mcg": "ug", "units": "[iU]", "puffs": "{puff}", "tablet": "{tablet}"}
#: share of people with an allergy, and with two: assumptions near the tenth of adults with one on record to penicillin alone
#: (CDC, Evaluation and Diagnosis of Penicillin Allergy, 2017)
ALLERGIC, TWICE_ALLERGIC = 0.11, 0.03
#: the second allergen of a person stands so many places after the first, so that it is another one
_NEXT = 5
#: days before the history are told apart from keys of contacts by this
_BEFORE = 10**12


def make_immunizations(roster: Roster, doses: Doses) -> pa.Table:
    """One row for each dose: those given at contacts, and those of children before the history, which have none."""
    timeline, vaccines = roster.timeline, roster.timeline.context.knowledge.vaccines
    events, earlier = timeline.events, doses.earlier
    person = np.concatenate([events.person[doses.event], earlier.person])
    day = np.concatenate([events.day[doses.event], earlier.day])
    vaccine, dose = np.concatenate([doses.vaccine, earlier.vaccine]), np.concatenate([doses.dose, earlier.dose])
    event = np.concatenate([doses.event, np.full(len(earlier.person), -1)])
    order = order_of(person, day, vaccine, dose)
    person, day, vaccine, dose, event = (column[order] for column in (person, day, vaccine, dose, event))
    # a contact has a lot of each vaccine; of what was given before, each day has
    lot = timeline.context.draws.integer(
        "lot", timeline.people.number[person], 100_000, np.where(event >= 0, events.key.take(event), day + _BEFORE)
    )
    return pa.table(
        {
            "immunization_id": roster.numbered("IMM-", person),
            "patient_id": roster.patient(person),
            "encounter_id": roster.encounter(event, gaps=True),
            "cvx_code": col.coded(vaccine, [each.cvx for each in vaccines]),
            "description": col.coded(vaccine, [each.name for each in vaccines]),
            "administered_date": col.days(day),
            "dose_number": col.whole(dose + 1),
            "lot_number": col.strings(col.texts("SYN", col.digits(lot, 5), rows=len(lot))),
            "site": col.constant("left deltoid", len(lot)),
            "route": col.constant("intramuscular", len(lot)),
            "status": col.constant("completed", len(lot)),
            "performing_provider_id": roster.seen(event, person),
        }
    )


def make_allergies(roster: Roster) -> pa.Table:
    """One or two allergies of one person in nine."""
    context, people = roster.timeline.context, roster.timeline.people
    u = context.draws.uniform("allergy", people.number)
    person = np.sort(np.concatenate([np.flatnonzero(u < ALLERGIC), np.flatnonzero(u < TWICE_ALLERGIC)]))
    nth, _ = col.runs(person)
    first = context.draws.integer("allergen", people.number[person], len(ALLERGENS))
    which = (first + nth * _NEXT) % len(ALLERGENS)
    severe = np.array([allergen.reaction in SEVERE for allergen in ALLERGENS])[which]
    onset = people.birth[person] + (
        context.draws.uniform("allergy/onset", people.number[person], nth)
        * np.maximum(np.minimum(people.last, context.end)[person] - people.birth[person], 1)
    ).astype(np.int64)
    coded = np.array([allergen.code is not None for allergen in ALLERGENS])[which]
    return pa.table(
        {
            "allergy_id": roster.numbered("ALG-", person),
            "patient_id": roster.patient(person),
            "substance": col.coded(which, [allergen.substance for allergen in ALLERGENS]),
            "code": col.coded(which, [allergen.code for allergen in ALLERGENS]),
            "code_system": col.coded(np.where(coded, 0, -1), ["RxNorm"], gaps=True),
            "category": col.coded(which, [allergen.category for allergen in ALLERGENS]),
            "reaction": col.coded(which, [allergen.reaction for allergen in ALLERGENS]),
            "severity": col.coded(severe.astype(np.int64), ["moderate", "severe"]),
            "criticality": col.coded(severe.astype(np.int64), ["low", "high"]),
            "status": col.constant("active", len(person)),
            "onset_date": col.days(onset),
            "verification_status": col.constant("confirmed", len(person)),
        }
    )


def dose_columns(drugs: Sequence[Drug], drug: Ints) -> dict[str, pa.Array]:
    """The columns of a dose as a quantity, by number of the drug; NULL where a dose is in words (a thin layer)."""
    quantities = [amount_of(product.dose) for product in drugs]
    units = [unit_of(product.dose) for product in drugs]
    quantity = np.array([np.nan if amount is None else float(amount) for amount in quantities])[drug]
    return {
        "dose_quantity": col.numbers(quantity, np.isnan(quantity)),
        "dose_unit": col.coded(drug, [unit and _UCUM.get(unit, unit) for unit in units], gaps=True),
    }


def make_medications(roster: Roster, treatment: Treatment) -> pa.Table:
    """One row for each drug that a person takes."""
    context = roster.timeline.context
    drugs = context.knowledge.drugs
    still = (treatment.stop >= context.end) & (roster.timeline.people.death[treatment.person] > context.end)
    still &= ~treatment.course
    of = treatment.drug
    row_of = np.full(len(context.knowledge.conditions), -1)
    row_of[list(context.knowledge.chronic)] = np.arange(len(context.knowledge.chronic))
    row = row_of[treatment.cause]
    indication = np.where(
        row >= 0, roster.timeline.chronic[row, treatment.person], roster.timeline.code[treatment.event]
    )
    # at the contact it was coded as on that day
    indication = context.knowledge.on(ICD10CM, indication, treatment.start)
    return pa.table(
        {
            "medication_id": roster.medication_ids(treatment),
            "patient_id": roster.patient(treatment.person),
            "encounter_id": roster.encounter(treatment.event, gaps=True),
            "name": col.coded(of, [drug.name for drug in drugs]),
            "code": col.coded(of, [drug.rxnorm for drug in drugs]),
            "code_system": col.constant("RxNorm", len(of)),
            "ndc": col.coded(of, [drug.ndc for drug in drugs]),
            "dose": col.coded(of, [drug.dose for drug in drugs]),
            "route": col.coded(of, [drug.route for drug in drugs]),
            "frequency": col.coded(of, [drug.frequency for drug in drugs]),
            "start_date": col.days(treatment.start),
            "end_date": col.days(treatment.stop, still),
            "status": col.coded((~still).astype(np.int64), ["active", "completed"]),
            "prescriber_provider_id": roster.seen(treatment.event, treatment.person),
            "indication": col.coded(indication, context.knowledge.code_texts),
            "indication_code": col.coded(indication, context.knowledge.codes.values),
            **dose_columns(drugs, of),
        }
    )
