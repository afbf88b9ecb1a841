"""Small random scenarios, with everything that real ones have and some things that they should not have."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

START = dt.date(2022, 1, 1)
CODES = ["E11.9", "I10", "E785", "J45.909", "F32.1", "C50.911", "Z00.00", "N18.6", "Z51.5"]
DRUGS = [
    "atorvastatin 20 MG",
    "metformin 500 MG",
    "lisinopril 10 MG",
    "sertraline 50 MG",
    "insulin glargine",
    "Crestor 10 MG",
    "losartan 50 MG",
]
PROCEDURES = ["99213", "83036", "77067", "45378", "99284", "92014", "G0439"]


def scenario(seed: int, persons: int = 6) -> dict[str, list[dict[str, Any]]]:
    """The entities of a scenario; the same seed gives the same."""
    draw = random.Random(seed)
    made: dict[str, list[dict[str, Any]]] = {
        "plans": [{"plan_id": f"PL{n}", "plan_code": f"CODE{n}", "plan_type": "HMO"} for n in range(2)],
        "providers": [
            {"provider_id": f"PR{n}", "npi": f"100000000{n}", "specialty": "Family Medicine"} for n in range(3)
        ],
        "facilities": [{"facility_id": f"F{n}", "name": f"Hospital {n}", "bed_count": n * 100} for n in range(2)],
        "studies": [{"study_id": "T"}],
        "treatment_arms": [{"treatment_arm_id": "A", "study_id": "T", "arm_code": "ACT"}],
    }
    for number in range(persons):
        one_person(draw, f"{seed % 7}-{number}", made)
    return made


def day(draw: random.Random, first: int = 0, last: int = 1000) -> str:
    """A day of three years."""
    return (START + dt.timedelta(days=draw.randint(first, last))).isoformat()


def maybe(draw: random.Random, chance: float, **more: Any) -> dict[str, Any]:
    """Some columns, or none."""
    return more if draw.random() < chance else {}


def one_person(draw: random.Random, name: str, made: dict[str, list[dict[str, Any]]]) -> None:
    """A person with everything that belongs to it."""

    def add(kind: str, **columns: Any) -> None:
        made.setdefault(kind, []).append(columns)

    born = dt.date(
        draw.choice([1940, 1955, 1970, 1985, 2018, 2020]), draw.randint(1, 12), draw.randint(1, 28)
    ).isoformat()
    who = (
        {"birth_date": born, "gender": draw.choice("FM")}
        | maybe(draw, 0.7, person_id=f"N{name}")
        | maybe(draw, 0.3, ssn=f"900-00-{draw.randint(1000, 9999)}")
    )
    add(
        "patients",
        patient_id=f"P{name}",
        given_name="A",
        county_fips=draw.choice(["06073", "01073", "99999"]),
        **who,
        **maybe(draw, 0.1, deceased=True, death_date=day(draw, 500)),
    )
    for number in range(draw.randint(0, 4)):
        start = draw.randint(0, 900)
        add(
            "members",
            member_id=f"M{name}-{number}",
            patient_id=f"P{name}",
            plan_id=draw.choice(["PL0", "PL1", "PL9"]),
            coverage_start=day(draw, start, start),
            **maybe(draw, 0.8, coverage_end=day(draw, start, start + 400)),
            **maybe(draw, 0.5, pcp_provider_id=f"PR{draw.randint(0, 3)}"),
        )
    for number in range(draw.randint(0, 6)):
        start = draw.randint(0, 900)
        kind = draw.choice(["inpatient", "inpatient", "emergency", "outpatient", "virtual"])
        encounter = f"E{name}-{number}"
        end = start + (draw.randint(0, 9) if kind == "inpatient" else 0)
        add(
            "encounters",
            encounter_id=encounter,
            patient_id=f"P{name}",
            encounter_class=kind,
            start_datetime=day(draw, start, start) + "T08:00:00",
            **maybe(draw, 0.95, end_datetime=day(draw, end, end) + "T09:00:00"),
            facility_id=f"F{draw.randint(0, 2)}",
            attending_provider_id="1000000001",
            **maybe(draw, 0.5, discharge_disposition_code=draw.choice(["01", "02", "20", "1"])),
        )
        for place in range(draw.randint(0, 3)):
            add(
                "diagnoses",
                diagnosis_id=f"D{name}-{number}-{place}",
                patient_id=f"P{name}",
                **maybe(draw, 0.9, encounter_id=encounter),
                code=draw.choice(CODES),
                diagnosis_type=draw.choice(["principal", "secondary", "admitting"]),
                sequence_number=place + 1,
            )
        for place in range(draw.randint(0, 2)):
            add(
                "procedures",
                procedure_id=f"O{name}-{number}-{place}",
                encounter_id=encounter,
                code=draw.choice(PROCEDURES),
                performed_datetime=day(draw, start, start) + "T10:00:00",
            )
            add(
                "lab_results",
                lab_result_id=f"LR{name}-{number}-{place}",
                patient_id=f"P{name}",
                encounter_id=encounter,
                loinc_code=draw.choice(["4548-4", "13457-7", "33914-3"]),
                value_numeric=draw.choice([5.5, 7.9, 9.5]),
                collected_datetime=day(draw, start, start) + "T10:00:00",
            )
            add(
                "vital_signs",
                vital_sign_id=f"V{name}-{number}-{place}",
                patient_id=f"P{name}",
                systolic_bp=draw.choice([120, 150]),
                diastolic_bp=80,
                observation_datetime=day(draw, start, start) + "T10:00:00",
            )
        if draw.random() < 0.8:
            claim(draw, name, number, encounter, start, made)
    if draw.random() < 0.7:
        add("rx_members", rx_member_id=f"R{name}", member_id=f"M{name}-0", **who)
        for number in range(draw.randint(0, 8)):
            add(
                "pharmacy_claims",
                pharmacy_claim_id=f"PC{name}-{number}",
                rx_member_id=f"R{name}",
                drug_name=draw.choice(DRUGS),
                service_date=day(draw),
                days_supply=draw.choice([10, 30, 90]),
                status=draw.choice(["paid", "paid", "paid", "rejected", "reversed"]),
                plan_paid_amount="30.25",
                patient_pay_amount="5.00",
            )
    if draw.random() < 0.4:
        add(
            "subjects",
            subject_id=f"S{name}",
            usubjid=f"U{name}",
            study_id="T",
            patient_id=f"P{name}",
            screening_date=day(draw, 0, 100),
            **maybe(draw, 0.7, randomization_date=day(draw, 100, 200), arm_code="ACT"),
        )
        add(
            "adverse_events",
            adverse_event_id=f"AE{name}",
            usubjid=f"U{name}",
            aedecod=draw.choice(["Headache", "Rash"]),
            aestdtc=day(draw, 100, 300),
        )
        add("exposures", exposure_id=f"X{name}", subject_id=f"S{name}", exstdtc=day(draw, 200, 210))


def claim(
    draw: random.Random, name: str, number: int, encounter: str, start: int, made: dict[str, list[dict[str, Any]]]
) -> None:
    """A claim with its lines."""
    paid = draw.randint(0, 50_000) / 100
    lines = draw.randint(0, 3)
    made.setdefault("claims", []).append(
        {
            "claim_id": f"C{name}-{number}",
            "member_id": f"M{name}-{draw.randint(0, 3)}",
            "patient_id": f"P{name}",
            "encounter_id": encounter,
            "claim_type": draw.choice(["professional", "institutional"]),
            "service_date": day(draw, start, start),
            "principal_diagnosis": draw.choice(CODES),
            "other_diagnoses": [draw.choice(CODES) for _ in range(draw.randint(0, 3))],
            "status": draw.choice(["paid", "paid", "denied", "reversed", "pended"]),
            "total_charge": f"{paid * 2:.2f}",
            "total_allowed": f"{paid:.2f}",
            "total_paid": f"{paid:.2f}",
            "member_responsibility": "0.00",
        }
    )
    for place in range(lines):
        made.setdefault("claim_lines", []).append(
            {
                "claim_line_id": f"L{name}-{number}-{place}",
                "claim_id": f"C{name}-{number}",
                "line_number": place + 1,
                "procedure_code": draw.choice(PROCEDURES),
                "charge_amount": "10.10",
                "allowed_amount": "8.05",
                "paid_amount": "8.05",
                "member_responsibility": "0.00",
                "copay_amount": "0.00",
            }
        )
