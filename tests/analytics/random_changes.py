"""Random changes of a saved scenario: what belongs together is taken apart, moved to others, removed, and comes late."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from small_scenarios import CODES, DRUGS, day, scenario

Entities = dict[str, list[dict[str, Any]]]

#: the period of the data is theirs, and nothing that changes goes beyond it: else everybody is done again
ENDS: Entities = {
    "patients": [{"patient_id": "P-END", "birth_date": "2021-12-31"}],
    "encounters": [
        {
            "encounter_id": name,
            "patient_id": "P-END",
            "encounter_class": "outpatient",
            "start_datetime": f"{moment}T08:00:00",
        }
        for name, moment in (("FIRST", "2021-12-31"), ("LAST", "2026-01-01"))
    ],
}
#: what belongs to nobody reaches everybody
SHARED = ("plans", "providers", "facilities", "studies", "treatment_arms")


def beginning(seed: int) -> Entities:
    """A scenario in which some rows name others that are not there yet, or that belong to somebody else."""
    draw = random.Random(seed)
    made = scenario(seed, 7)
    for kind, entities in ENDS.items():
        made.setdefault(kind, []).extend(entities)
    for number in range(6):
        for kind, entities in crossing(draw, made, f"B{number}").items():
            made.setdefault(kind, []).extend(entities)
    return made


def pick(draw: random.Random, made: Entities, kind: str, column: str) -> Any:
    """The id of some row, sometimes of none."""
    known = [
        one[column] for one in made.get(kind, ()) if one.get(column) and one[column] not in ("P-END", "FIRST", "LAST")
    ]
    return draw.choice([*known, f"{kind}-{draw.randint(0, 2)}"])


def crossing(draw: random.Random, made: Entities, name: str) -> Entities:
    """Some row that names rows of several persons, or rows that are not there."""
    patient = pick(draw, made, "patients", "patient_id")
    visit = pick(draw, made, "encounters", "encounter_id")
    member = pick(draw, made, "members", "member_id")
    rx_member = pick(draw, made, "rx_members", "rx_member_id")
    prescription = pick(draw, made, "prescriptions", "prescription_id")
    subject = pick(draw, made, "subjects", "subject_id")
    kinds: list[Callable[[], Entities]] = [
        lambda: {
            "diagnoses": [
                {
                    "diagnosis_id": f"D{name}",
                    "patient_id": patient,
                    "encounter_id": visit,
                    "code": draw.choice(CODES),
                    "diagnosis_type": draw.choice(["principal", "secondary"]),
                    "sequence_number": 1,
                }
            ]
        },
        lambda: {
            "diagnoses": [
                {
                    "diagnosis_id": f"D{name}",
                    "encounter_id": visit,
                    "code": draw.choice(CODES),
                    "diagnosed_date": day(draw),
                }
            ]
        },
        lambda: {
            "procedures": [
                {
                    "procedure_id": f"O{name}",
                    "patient_id": patient,
                    "encounter_id": visit,
                    "code": "99213",
                    "performed_datetime": day(draw) + "T08:00:00",
                }
            ]
        },
        lambda: {
            "medications": [
                {
                    "medication_id": f"MD{name}",
                    "patient_id": patient,
                    "encounter_id": visit,
                    "name": draw.choice(DRUGS),
                    "start_date": day(draw),
                }
            ]
        },
        lambda: {
            "claims": [
                {
                    "claim_id": f"C{name}",
                    "member_id": member,
                    "patient_id": patient,
                    "encounter_id": visit,
                    "service_date": day(draw),
                    "status": "paid",
                    "principal_diagnosis": draw.choice(CODES),
                    "total_charge": "10.00",
                    "total_allowed": "8.00",
                    "total_paid": "8.00",
                }
            ],
            "claim_lines": [
                {
                    "claim_line_id": f"L{name}",
                    "claim_id": pick(draw, made, "claims", "claim_id"),
                    "line_number": 9,
                    "procedure_code": "99213",
                    "charge_amount": "1.00",
                }
            ],
        },
        lambda: {
            "claims": [
                {
                    "claim_id": f"C{name}",
                    "member_id": f"NUMBER{draw.randint(0, 1)}",
                    "service_date": day(draw),
                    "status": "paid",
                    "total_paid": "8.00",
                    "encounter_id": visit,
                }
            ]
        },
        lambda: {
            "members": [
                {
                    "member_id": f"M{name}",
                    "member_number": f"NUMBER{draw.randint(0, 1)}",
                    "patient_id": patient,
                    "plan_id": "PL0",
                    "coverage_start": day(draw),
                }
            ]
        },
        lambda: {
            "authorizations": [
                {"authorization_id": f"A{name}", "member_id": member, "request_date": day(draw), "status": "approved"}
            ]
        },
        lambda: {
            "prescriptions": [
                {
                    "prescription_id": f"prescriptions-{draw.randint(0, 2)}",
                    "rx_member_id": rx_member,
                    "patient_id": patient,
                    "drug_name": draw.choice(DRUGS),
                    "written_date": day(draw),
                }
            ]
        },
        lambda: {
            "prescriptions": [
                {
                    "prescription_id": f"RX{name}",
                    "rx_member_id": rx_member,
                    "drug_name": draw.choice(DRUGS),
                    "written_date": day(draw),
                }
            ]
        },
        lambda: {
            "pharmacy_claims": [
                {
                    "pharmacy_claim_id": f"PC{name}",
                    "prescription_id": prescription,
                    "service_date": day(draw),
                    "days_supply": 30,
                    "status": "paid",
                    "plan_paid_amount": "5.00",
                }
            ]
        },
        lambda: {
            "prior_auths": [
                {
                    "prior_auth_id": f"PA{name}",
                    "prescription_id": prescription,
                    "request_date": day(draw),
                    "status": "approved",
                }
            ]
        },
        lambda: {
            "prior_auths": [
                {
                    "prior_auth_id": f"PA{name}",
                    "prescription_id": prescription,
                    "rx_member_id": rx_member,
                    "request_date": day(draw),
                    "status": "denied",
                }
            ]
        },
        lambda: {
            "rx_members": [
                {"rx_member_id": f"rx_members-{draw.randint(0, 2)}", "member_id": member, "birth_date": "1970-01-01"}
            ]
        },
        lambda: {
            "encounters": [
                {
                    "encounter_id": f"encounters-{draw.randint(0, 2)}",
                    "patient_id": patient,
                    "encounter_class": draw.choice(["inpatient", "emergency"]),
                    "start_datetime": day(draw) + "T08:00:00",
                    "discharge_disposition_code": "01",
                }
            ]
        },
        lambda: {
            "patients": [
                {
                    "patient_id": f"patients-{draw.randint(0, 2)}",
                    "birth_date": "1950-01-01",
                    "gender": "F",
                    "ssn": f"900-11-000{draw.randint(0, 2)}",
                }
            ]
        },
        lambda: {
            "subjects": [
                {
                    "subject_id": f"subjects-{draw.randint(0, 2)}",
                    "usubjid": f"US{draw.randint(0, 1)}",
                    "study_id": "T",
                    "patient_id": patient,
                    "screening_date": day(draw),
                }
            ]
        },
        lambda: {
            "trial_visits": [
                {
                    "trial_visit_id": f"TV{name}",
                    "subject_id": subject,
                    "visit_num": 1,
                    "visit_date": day(draw),
                    "visit_status": "completed",
                }
            ]
        },
        lambda: {
            "adverse_events": [
                {
                    "adverse_event_id": f"AE{name}",
                    "usubjid": f"US{draw.randint(0, 1)}",
                    "aedecod": "Rash",
                    "aestdtc": day(draw),
                }
            ]
        },
        lambda: {"exposures": [{"exposure_id": f"EX{name}", "subject_id": subject, "exstdtc": day(draw)}]},
        lambda: {
            "immunizations": [
                {"immunization_id": f"I{name}", "patient_id": patient, "cvx_code": "03", "administered_date": day(draw)}
            ]
        },
        lambda: {
            "lab_results": [
                {
                    "lab_result_id": f"LR{name}",
                    "patient_id": patient,
                    "encounter_id": visit,
                    "loinc_code": "4548-4",
                    "value_numeric": 9.1,
                    "collected_datetime": day(draw) + "T10:00:00",
                }
            ]
        },
        lambda: {
            "vital_signs": [
                {
                    "vital_sign_id": f"V{name}",
                    "patient_id": patient,
                    "systolic_bp": 131,
                    "observation_datetime": day(draw) + "T10:00:00",
                }
            ]
        },
    ]
    return draw.choice(kinds)()


def additions(draw: random.Random, made: Entities, round_: int) -> Entities:
    """Entities to merge: a new person, rows that cross persons, rows that are there already and now say something else."""
    added: Entities = {}
    if draw.random() < 0.3:
        fresh = scenario(draw.randint(0, 10**6), 1)
        added = {kind: [renamed(one) for one in entities] for kind, entities in fresh.items() if kind not in SHARED}
    for number in range(draw.randint(0, 3)):
        for kind, entities in crossing(draw, made, f"N{round_}-{number}").items():
            added.setdefault(kind, []).extend(entities)
    for _ in range(draw.randint(0, 2)):
        kind = draw.choice([kind for kind in made if kind not in SHARED])
        one = dict(draw.choice(made[kind]))
        if {"P-END", "FIRST", "LAST"} & set(map(str, one.values())):
            continue
        for column in ("patient_id", "encounter_id", "member_id", "rx_member_id"):
            if column in one and next(iter(one)) != column and draw.random() < 0.5:
                one[column] = pick(
                    draw,
                    made,
                    {
                        "patient_id": "patients",
                        "encounter_id": "encounters",
                        "member_id": "members",
                        "rx_member_id": "rx_members",
                    }[column],
                    column,
                )
        added.setdefault(kind, []).append(one)
    # one of each id
    return {
        kind: list({next(iter(one.values())): one for one in entities}.values()) for kind, entities in added.items()
    }


def renamed(one: dict[str, Any]) -> dict[str, Any]:
    """The same with ids that nobody else has."""
    return {
        column: f"Z{value}"
        if isinstance(value, str)
        and column.endswith("_id")
        and value[:1] in "PMEDOLVCRSUAX"
        and column not in ("plan_id", "facility_id", "study_id")
        else value
        for column, value in one.items()
    }


def removals(draw: random.Random, made: Entities) -> list[tuple[str, str, str]]:
    """(table, id column, id) of rows to take away."""
    found = []
    for _ in range(draw.randint(0, 3)):
        kind = draw.choice([kind for kind in made if kind not in SHARED])
        one = draw.choice(made[kind])
        if not {"P-END", "FIRST", "LAST"} & set(map(str, one.values())):
            column = next(iter(one))
            found.append((kind, column, one[column]))
    return found
