"""Published figures held against scenarios: what is counted is what a plain count says, and what cannot be is explained."""

from __future__ import annotations

import datetime as dt
import json
import math
import random
from collections.abc import Callable
from typing import Any

import pytest
from coherent_scenario import save, scenario

from healthsim.cli import main
from healthsim.config import Settings
from healthsim.db.connection import Database
from healthsim.db.reference.views import refresh_views
from healthsim.errors import NotFound
from healthsim.generation.fidelity import all_targets, fidelity
from healthsim.generation.fidelity.intervals import binomial_interval
from healthsim.server.declaring import Bench
from healthsim.server.tools.checking import check_scenario
from healthsim.state.manager import StateManager

PLACE = "06073"
AS_OF = dt.date(2025, 12, 31)
START = dt.date(2022, 12, 31)


def _people(number: int) -> dict[str, list[dict[str, Any]]]:
    """Some people of one county with stays, emergency visits, claims and fills, drawn at random."""
    draw = random.Random(5)
    entities: dict[str, list[dict[str, Any]]] = {
        "patients": [],
        "encounters": [],
        "diagnoses": [],
        "claims": [],
        "prescriptions": [],
        "pharmacy_claims": [],
        "lab_results": [],
        "medications": [],
    }
    for n in range(number):
        born = dt.date(1930, 1, 1) + dt.timedelta(days=draw.randrange(95 * 365))
        patient: dict[str, Any] = {
            "patient_id": f"P{n}",
            "birth_date": born.isoformat(),
            "gender": draw.choice("FM"),
            "county_fips": PLACE,
        }
        if draw.random() < 0.05 and born < START:
            patient["death_date"] = (START + dt.timedelta(days=draw.randrange(1, 1095))).isoformat()
        entities["patients"].append(patient)
        for code in ("E11.9", "I10", "I25.10", "F32.9", "J44.9", "F17.210"):
            if draw.random() < 0.2:
                entities["diagnoses"].append(
                    {
                        "diagnosis_id": f"D{n}{code}",
                        "patient_id": f"P{n}",
                        "code": code,
                        "diagnosed_date": (AS_OF - dt.timedelta(days=draw.randrange(400))).isoformat(),
                    }
                )
        for k in range(draw.randrange(4)):
            day = START + dt.timedelta(days=draw.randrange(-30, 1095))
            stay = draw.randrange(1, 9)
            kind = draw.choice(["inpatient", "emergency", "outpatient"])
            end = day + dt.timedelta(days=stay if kind == "inpatient" else 0)
            entities["encounters"].append(
                {
                    "encounter_id": f"E{n}-{k}",
                    "patient_id": f"P{n}",
                    "encounter_class": kind,
                    "start_datetime": f"{day}T08:00:00",
                    "end_datetime": f"{end}T18:00:00",
                }
            )
            entities["claims"].append(
                {
                    "claim_id": f"C{n}-{k}",
                    "patient_id": f"P{n}",
                    "service_date": day.isoformat(),
                    "status": draw.choice(["paid", "paid", "denied"]),
                    "total_allowed": f"{draw.randrange(100, 9000)}.50",
                }
            )
        entities["prescriptions"].append({"prescription_id": f"RX{n}", "patient_id": f"P{n}"})
        entities["pharmacy_claims"].append(
            {
                "pharmacy_claim_id": f"F{n}",
                "prescription_id": f"RX{n}",
                "gross_amount_due": "20.25",
                "status": "paid",
                "service_date": (AS_OF - dt.timedelta(days=draw.randrange(1000))).isoformat(),
            }
        )
        entities["lab_results"].append(
            {
                "lab_result_id": f"L{n}",
                "patient_id": f"P{n}",
                "loinc_code": "4548-4",
                "value": f"{draw.uniform(4.5, 9):.1f}",
            }
        )
        if draw.random() < 0.3:
            entities["medications"].append(
                {
                    "medication_id": f"M{n}",
                    "patient_id": f"P{n}",
                    "name": "rosuvastatin 10 mg tablet",
                    "start_date": (AS_OF - dt.timedelta(days=draw.randrange(400))).isoformat(),
                }
            )
    return entities


def _age(born: dt.date, day: dt.date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text[:10])


@pytest.fixture(scope="module")
def made() -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """The report on 700 people, and the people."""
    database, entities = Database(":memory:"), _people(700)
    save(database, entities, "some")
    return fidelity(database, "some"), entities


def _found(report: dict[str, Any], name: str) -> dict[str, Any]:
    return next(target for target in report["targets"] if target["target"] == name)


def test_prevalence_is_that_of_living_adults_of_the_county(made: tuple[Any, Any]) -> None:
    report, entities = made
    adults = {
        row["patient_id"]
        for row in entities["patients"]
        if _age(_date(row["birth_date"]), AS_OF) >= 18 and "death_date" not in row
    }
    diabetics = {row["patient_id"] for row in entities["diagnoses"] if row["code"] == "E11.9"} & adults
    target = _found(report, "prevalence DIABETES")
    assert target["place"] == PLACE
    assert target["n"] == len(adults)
    assert target["generated"] == pytest.approx(100 * len(diabetics) / len(adults), abs=1e-3)
    assert target["expected"] == 9.4  # San Diego County in the starter set
    low, high = binomial_interval(0.094, len(adults))
    assert (target["low"], target["high"]) == pytest.approx((100 * low, 100 * high), abs=1e-3)
    assert target["met"] is (target["low"] <= target["generated"] <= target["high"])
    assert target["met"] is False


def test_use_of_hospitals(made: tuple[Any, Any]) -> None:
    report, entities = made
    visits = [row for row in entities["encounters"] if START < _date(row["start_datetime"]) <= AS_OF]
    stays = [row for row in visits if row["encounter_class"] == "inpatient"]
    lived = report["person_years"]
    naive = sum(
        max(0, (min(_date(row.get("death_date", "9999-12-31")), AS_OF) - max(_date(row["birth_date"]), START)).days)
        for row in entities["patients"]
    )
    assert lived == pytest.approx(naive / 365.25, rel=0.002)
    assert _found(report, "inpatient stays")["generated"] == pytest.approx(1000 * len(stays) / lived, rel=1e-3)
    emergency = sum(row["encounter_class"] == "emergency" for row in visits)
    assert _found(report, "emergency visits")["generated"] == pytest.approx(100 * emergency / lived, rel=1e-3)
    days = [(_date(row["end_datetime"]) - _date(row["start_datetime"])).days for row in stays]
    assert _found(report, "length of stay")["generated"] == pytest.approx(sum(days) / len(days), abs=1e-3)


def test_readmissions(made: tuple[Any, Any]) -> None:
    report, entities = made
    born = {row["patient_id"]: _date(row["birth_date"]) for row in entities["patients"]}
    stays: dict[str, list[tuple[dt.date, dt.date]]] = {}
    for row in entities["encounters"]:
        start, end = _date(row["start_datetime"]), _date(row["end_datetime"])
        if row["encounter_class"] == "inpatient" and start > START and _age(born[row["patient_id"]], start) >= 1:
            stays.setdefault(row["patient_id"], []).append((start, end))
    index = again = 0
    for of_one in stays.values():
        of_one.sort()
        for number, (_, end) in enumerate(of_one):
            if end <= AS_OF - dt.timedelta(days=30):
                index += 1
                again += number + 1 < len(of_one) and of_one[number + 1][0] <= end + dt.timedelta(days=30)
    target = _found(report, "readmissions")
    assert target["n"] == index
    assert target["generated"] == pytest.approx(100 * again / index, abs=1e-3)


def test_spending_by_age(made: tuple[Any, Any]) -> None:
    report, entities = made
    born = {row["patient_id"]: _date(row["birth_date"]) for row in entities["patients"]}
    spent = [
        (row["patient_id"], _date(row["service_date"]), float(row["total_allowed"]))
        for row in entities["claims"]
        if row["status"] == "paid"
    ]
    spent += [
        (row["prescription_id"].replace("RX", "P"), _date(row["service_date"]), 20.25)
        for row in entities["pharmacy_claims"]
    ]
    # BLS, medical care, annual averages: amounts are compared in dollars of 2010
    index = {2010: 388.4, 2022: 546.6, 2023: 549.3, 2024: 564.0, 2025: 579.0}
    elderly = sum(
        amount * index[2010] / index[day.year]
        for patient, day, amount in spent
        if START < day <= AS_OF and _age(born[patient], dt.date(day.year, 6, 30)) >= 65
    )
    lived = sum(
        max(
            0,
            (
                min(_date(row.get("death_date", "9999-12-31")), dt.date(year, 12, 31))
                - max(_date(row["birth_date"]), dt.date(year - 1, 12, 31))
            ).days,
        )
        / 365.25
        for row in entities["patients"]
        for year in (2023, 2024, 2025)
        if _age(_date(row["birth_date"]), dt.date(year, 6, 30)) >= 65
    )
    assert _found(report, "spending, 65 and over")["generated"] == pytest.approx(elderly / lived, rel=0.01)


def test_values_and_treatments(made: tuple[Any, Any]) -> None:
    report, entities = made
    diabetics = {row["patient_id"] for row in entities["diagnoses"] if row["code"] == "E11.9"}
    values = [float(row["value"]) for row in entities["lab_results"] if row["patient_id"] in diabetics]
    others = [float(row["value"]) for row in entities["lab_results"] if row["patient_id"] not in diabetics]
    assert _found(report, "HbA1c with diabetes")["generated"] == pytest.approx(sum(values) / len(values), abs=1e-3)
    high = 100 * sum(value >= 6.5 for value in others) / len(others)
    assert _found(report, "HbA1c without diabetes")["generated"] == pytest.approx(high, abs=1e-3)
    assert _found(report, "HbA1c without diabetes")["met"] is False
    since: dict[str, str] = {}
    for row in entities["diagnoses"]:
        if row["code"] in ("E11.9", "I25.10"):
            day = row["diagnosed_date"]
            since[row["patient_id"]] = min(since.get(row["patient_id"], day), day)
    users = {row["patient_id"]: row["start_date"] for row in entities["medications"]}
    with_a_reason = sum(patient in since and since[patient] <= day for patient, day in users.items())
    assert _found(report, "statins follow their reasons")["generated"] == pytest.approx(
        100 * with_a_reason / len(users), abs=1e-3
    )


def test_the_odds_ratio_is_that_of_mantel_and_haenszel(made: tuple[Any, Any]) -> None:
    report, entities = made
    having = {
        code: {row["patient_id"] for row in entities["diagnoses"] if row["code"] == code} for code in ("E11.9", "F32.9")
    }
    strata: dict[tuple[str, int], list[tuple[bool, bool]]] = {}
    for row in entities["patients"]:
        age = _age(_date(row["birth_date"]), AS_OF)
        if age >= 18 and "death_date" not in row:
            key = (row["gender"], min(age // 10, 8))
            strata.setdefault(key, []).append(tuple(row["patient_id"] in having[code] for code in having))  # type: ignore[arg-type]  # two codes
    above = sum(s.count((True, True)) * s.count((False, False)) / len(s) for s in strata.values())
    below = sum(s.count((True, False)) * s.count((False, True)) / len(s) for s in strata.values())
    target = _found(report, "DIABETES and DEPRESSION")
    assert target["generated"] == pytest.approx(above / below, abs=1e-3)


@pytest.mark.parametrize(("share", "people"), [(0.1, 50), (0.094, 700), (0.026, 7_700), (0.5, 1_000), (0.97, 300)])
def test_the_interval_holds_what_chance_gives_and_no_more(share: float, people: int) -> None:
    low, high = (round(end * people) for end in binomial_interval(share, people))

    def probability(count: int) -> float:
        log = math.lgamma(people + 1) - math.lgamma(count + 1) - math.lgamma(people - count + 1)
        return math.exp(log + count * math.log(share) + (people - count) * math.log1p(-share))

    assert sum(probability(count) for count in range(low)) <= 0.005
    assert sum(probability(count) for count in range(low + 1)) > 0.005
    assert sum(probability(count) for count in range(high + 1, people + 1)) <= 0.005
    assert sum(probability(count) for count in range(high, people + 1)) > 0.005


def test_the_interval_of_many_people_goes_over_into_the_normal_one() -> None:
    exact, normal = binomial_interval(0.1, 20_000), binomial_interval(0.1, 20_001)
    assert exact == pytest.approx(normal, abs=1e-4)
    assert binomial_interval(0.1, 0) == (0.1, 0.1)


def test_every_figure_has_its_source() -> None:
    declared = all_targets()
    assert {target.source for target in declared.targets}
    for target in (*declared.targets, *declared.associations):
        assert len(target.source) > 20
    for pair in declared.associations:
        assert (pair.odds_ratio is None) != (pair.share is None)
        assert {pair.of, pair.with_} <= declared.prevalence.keys()


def test_a_selection_is_shown_and_not_judged(database: Database) -> None:
    save(database, _people(150), "cohort", cohort=["diabetes_type_2"], ages={"min": 65, "max": 110})
    report = fidelity(database, "cohort")
    assert "the cohort diabetes_type_2, the ages 65 to 110" in report["notes"][0]
    target = _found(report, "prevalence DIABETES")
    assert target["met"] is None
    assert target["generated"] is not None
    assert target["note"] == "Shown, not judged: the scenario is a selection."


def test_each_prevalence_is_of_the_newest_release_that_has_it(database: Database) -> None:
    """A newer release with one measure hides none of the older one."""
    with database.raw(read_only=False) as connection:
        connection.execute(
            "CREATE TABLE reference_data.places_county_2024 AS SELECT '06073' AS geoid, 'San Diego' AS name, 3000000 AS population,"
            " 2500000 AS population_18plus, NULL::VARCHAR[] AS absent, 31.5 AS obesity_crude_prev"
        )
        connection.execute(
            "INSERT INTO reference.loads (dataset, level, release, file, sha256, rows, loaded_at, stored_rows, members)"
            " VALUES ('places', 'county', '2024', 'x.csv', 'x', 1, now()::TIMESTAMP, 1, 1)"
        )
        refresh_views(connection)
    save(database, _people(150), "partial")
    report = fidelity(database, "partial")
    newer, older = (_found(report, f"prevalence {name}") for name in ("OBESITY", "DIABETES"))
    assert newer["expected"] == 31.5
    assert newer["source"].endswith("; release 2024")
    assert older["expected"] == 9.4
    assert older["source"].endswith("; release starter")


def test_what_cannot_be_compared_is_explained(database: Database) -> None:
    StateManager(database).save("empty", {})
    report = fidelity(database, "empty")
    assert report["targets"] == []
    assert report["notes"] == ["'empty' has no patients: there is nothing to hold against figures."]
    StateManager(database).save("names", {"patients": [{"patient_id": "P1"}]})
    assert "no dates of care" in fidelity(database, "names")["notes"][0]
    save(database, scenario(patients=[("PAT1", {"county_fips": "02999"})], persons=[("P1", {"county_fips": None})]))
    report = fidelity(database, "tiny")
    assert "No release of PLACES that is loaded has figures of 02999" in " ".join(report["notes"])
    assert report["missed"] == 0, "three people prove nothing"
    assert _found(report, "inpatient stays")["note"] == "Shown, not judged: fewer than 100 cases."
    with pytest.raises(NotFound):
        fidelity(database, "nobody")


@pytest.fixture
def run(database: Database, capfd: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def call(*words: str) -> str:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["--db", database.location.text, *words])
        assert ended.value.code == 0
        return capfd.readouterr().out

    return call


@pytest.mark.long
def test_the_command_and_the_tool(database: Database, run: Callable[..., str]) -> None:
    save(database, _people(300), "some")
    said = json.loads(run("fidelity", "some", "--json"))
    assert said == fidelity(database, "some")
    out = run("fidelity", "some", "--missed")
    assert "prevalence DIABETES" in out
    assert f"{said['met']} figures met, {said['missed']} missed" in out
    bench = Bench(Settings.load(database=database.location.text))
    result = check_scenario(bench, "some", fidelity=True)
    assert result.fidelity is not None
    assert len(result.fidelity["missed_figures"]) == said["missed"]
    assert result.fidelity["missed_figures"][0]["source"]
    assert check_scenario(bench, "some", rules=["ids_are_unique"]).fidelity is None
