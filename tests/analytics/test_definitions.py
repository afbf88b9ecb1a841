"""Definitions of measures held against other counts of the same: days one by one, stays one by one."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest

from healthsim.analytics import build
from healthsim.db.connection import Database
from healthsim.state.manager import StateManager

DAY = dt.timedelta(days=1)
FIRST, LAST = dt.date(2024, 1, 1), dt.date(2024, 12, 31)
STATINS = ("atorvastatin 20 MG", "Lipitor 40 MG", "simvastatin 10 MG")
INGREDIENT = {"atorvastatin 20 MG": "atorvastatin", "Lipitor 40 MG": "atorvastatin", "simvastatin 10 MG": "simvastatin"}


def rows(database: Database, statement: str) -> list[tuple[Any, ...]]:
    with database.read() as connection:
        return connection.execute(statement).fetchall()


def _days_covered(fills: list[dict[str, Any]]) -> int:
    """Days of the year with supply, tablet by tablet: what is fetched early is taken when the rest is used up."""
    back = {(fill["prescription_id"], fill["service_date"]) for fill in fills if fill["transaction_code"] == "B2"}
    valid = [
        fill
        for fill in fills
        if fill["transaction_code"] == "B1" and (fill["prescription_id"], fill["service_date"]) not in back
    ]
    covered = set()
    for ingredient in set(INGREDIENT.values()):
        free = FIRST
        own = [fill for fill in valid if INGREDIENT[fill["drug_name"]] == ingredient]
        for fill in sorted(own, key=lambda fill: (fill["service_date"], fill["days_supply"])):
            begin = max(free, dt.date.fromisoformat(fill["service_date"]))
            covered |= {begin + number * DAY for number in range(fill["days_supply"])}
            free = begin + fill["days_supply"] * DAY
    begins = min((dt.date.fromisoformat(fill["service_date"]) for fill in valid), default=LAST)
    return len([day for day in covered if begins <= day <= LAST])


def test_days_covered_are_those_of_tablets_counted_one_by_one(state: StateManager, database: Database) -> None:
    chance = random.Random(5)
    fills, expected = [], {}
    for number in range(60):
        own: list[dict[str, Any]] = []
        for nth in range(chance.randint(2, 9)):
            day = (FIRST + chance.randrange(300) * DAY).isoformat()
            one = {
                "pharmacy_claim_id": f"F{number}-{nth}",
                "prescription_id": f"RX{number}-{nth}",
                "rx_member_id": f"R{number}",
                "service_date": day,
                "days_supply": chance.choice((10, 30, 90)),
                "drug_name": chance.choice(STATINS),
                "status": "paid",
                "transaction_code": "B1",
            }
            own.append(one)
            if chance.random() < 0.15:
                own.append(one | {"pharmacy_claim_id": f"B{number}-{nth}", "transaction_code": "B2"})
        fills += own
        expected[f"person/N{number}"] = _days_covered(own)
    people = [
        {"rx_member_id": f"R{number}", "birth_date": "1960-06-15", "person_id": f"N{number}"} for number in range(60)
    ]
    visit = {"encounter_id": "Z", "patient_id": "P", "encounter_class": "outpatient"}
    last = {"start_datetime": "2024-12-31T08:00:00", "end_datetime": "2024-12-31T09:00:00"}
    patients = [{"patient_id": "P", "birth_date": "1960-06-15", "person_id": "N0"}]
    state.save(
        "s", {"patients": patients, "rx_members": people, "pharmacy_claims": fills, "encounters": [visit | last]}
    )
    build(database, ["s"])
    measured = rows(
        database,
        "SELECT p.person_id, f.measure_value FROM analytics.fact_quality_measure AS f JOIN analytics.dim_measure USING (measure_key)"
        " JOIN analytics.dim_person AS p USING (person_key) WHERE measure_id = 'adherence_statins'",
    )
    first = {f"person/N{number}": LAST for number in range(60)}
    valid = rows(
        database,
        "SELECT p.person_id, min(f.service_date) FROM analytics.fact_rx_fill AS f JOIN analytics.dim_person AS p USING (person_key)"
        " WHERE fill_count = 1 GROUP BY ALL",
    )
    first |= dict(valid)
    assert len(measured) > 40
    for person, value in measured:
        assert round(value * ((LAST - first[person]).days + 1)) == expected[person]


def _stay(name: str, patient: str, day: dt.date, nights: int, **more: Any) -> dict[str, Any]:
    return {
        "encounter_id": name,
        "patient_id": patient,
        "encounter_class": "inpatient",
        "discharge_disposition_code": "01",
        "start_datetime": f"{day}T08:00:00",
        "end_datetime": f"{day + nights * DAY}T20:00:00",
    } | more


#: principal diagnosis -> whether the stay is of pregnancy or birth, and whether it was planned
REASONS = {"I50.9": (False, False), "O80": (True, False), "P07.18": (True, False), "Z51.11": (False, True)}


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_readmissions_and_emergency_visits_are_those_of_stays_gone_through_one_by_one(
    state: StateManager, database: Database, seed: int
) -> None:
    chance = random.Random(seed)
    encounters: list[dict[str, Any]] = []
    codes: dict[str, str] = {}
    for number in range(80):
        day = FIRST
        for nth in range(chance.randint(1, 6)):
            day += chance.choice((0, 1, 2, 5, 20, 29, 30, 31, 50)) * DAY
            nights = chance.choice((0, 1, 3, 7))
            name = f"E{number}-{nth}"
            emergency = chance.random() < 0.35
            more: dict[str, Any] = {"discharge_disposition_code": chance.choice(("01", "01", "01", "02", "20"))}
            if emergency:
                more |= {"encounter_class": "emergency"}
                nights = 0
            elif chance.random() < 0.2:
                more |= {"admission_type_code": "3"}
            codes[name] = chance.choices(list(REASONS), (6, 1, 1, 1))[0]
            encounters.append(_stay(name, f"P{number}", day, nights, **more))
            day += (nights + 1) * DAY
    birth = {f"P{number}": "1960-06-15" if number % 5 else "2012-06-15" for number in range(80)}
    patients = [{"patient_id": patient, "birth_date": day, "gender": "F"} for patient, day in birth.items()]
    diagnoses = [
        {
            "diagnosis_id": f"D{name}",
            "encounter_id": name,
            "patient_id": name.split("-")[0].replace("E", "P"),
            "code": code,
        }
        | {"diagnosis_type": "principal", "rank": 1}
        for name, code in codes.items()
    ]
    last = _stay("Z", "P0", LAST, 0, encounter_class="outpatient")
    state.save("s", {"patients": patients, "encounters": [*encounters, last], "diagnoses": diagnoses})
    build(database, ["s"])
    found = {
        name: values
        for name, *values in rows(
            database,
            "SELECT encounter_id, index_admission_count, readmission_30_day_count, ed_stay_count FROM analytics.fact_encounter"
            " WHERE encounter_id <> 'Z'",
        )
    }
    expected = {one["encounter_id"]: _expected(one, encounters, codes, birth) for one in encounters}
    assert found == expected
    assert all(any(values[which] for values in expected.values()) for which in range(3))


def _expected(
    one: dict[str, Any], encounters: list[dict[str, Any]], codes: dict[str, str], birth: dict[str, str]
) -> list[int]:
    begin, end = (dt.date.fromisoformat(one[key][:10]) for key in ("start_datetime", "end_datetime"))
    later = [
        other
        for other in encounters
        if other["patient_id"] == one["patient_id"]
        and other is not one
        and other["encounter_class"] == "inpatient"
        and other["start_datetime"] >= one["start_datetime"]
    ]
    if one["encounter_class"] == "emergency":
        return [0, 0, int(any(dt.date.fromisoformat(other["start_datetime"][:10]) <= end + DAY for other in later))]
    of_birth, _ = REASONS[codes[one["encounter_id"]]]
    alive = one["discharge_disposition_code"] == "01"
    adult = birth[one["patient_id"]] < "2000"
    if of_birth or not alive or not adult or begin == end or (LAST - end).days < 30:
        return [0, 0, 0]
    for other in later:
        of_birth, planned = REASONS[codes[other["encounter_id"]]]
        days = (dt.date.fromisoformat(other["start_datetime"][:10]) - end).days
        if not of_birth and not planned and other.get("admission_type_code") != "3" and days <= 30:
            return [1, 1, 0]
    return [1, 0, 0]
