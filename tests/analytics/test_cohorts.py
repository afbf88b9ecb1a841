"""Cohorts by simple criteria: who, when, how many each criterion leaves; saved as scenarios that are whole."""

from __future__ import annotations

import datetime as dt
import json
import random
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from healthsim.analytics.cohorts.criteria import spec_of
from healthsim.analytics.cohorts.save import save_cohort
from healthsim.analytics.cohorts.search import Cohort, find_cohort
from healthsim.cli import healthsim
from healthsim.db.connection import Database
from healthsim.errors import AlreadyExists, HealthSimError, InvalidInput, NotFound, UsageError
from healthsim.state.doctor import examine
from healthsim.state.manager import StateManager

DAY = dt.date(2024, 1, 1)


def documents(seed: int = 1, persons: int = 80) -> dict[str, list[dict[str, Any]]]:
    """A random small population with everything that criteria ask for."""
    draw = random.Random(seed)
    made: dict[str, list[dict[str, Any]]] = {
        kind: []
        for kind in ("patients", "encounters", "diagnoses", "medications", "lab_results", "providers", "claims")
    }
    made["providers"].append({"provider_id": "PRV", "name": "Dr. A"})
    for n in range(persons):
        patient = f"P{n:03}"
        born = dt.date(1930 + draw.randrange(80), draw.randrange(1, 13), draw.randrange(1, 28))
        made["patients"].append({"patient_id": patient, "birth_date": str(born), "gender": draw.choice("FM")})
        for k in range(draw.randrange(1, 5)):
            day = DAY + dt.timedelta(days=draw.randrange(700))
            link = {"patient_id": patient, "encounter_id": f"{patient}-{k}"}
            made["encounters"].append({**link, "start_datetime": f"{day}T10:00:00", "attending_provider_id": "PRV"})
            made["diagnoses"].append(
                {
                    "diagnosis_id": f"D{patient}{k}",
                    **link,
                    "diagnosed_date": str(day),
                    "code": draw.choice(["E11.9", "E11.65", "I10", "J45.20", "E10.9"]),
                }
            )
            made["medications"].append(
                {
                    "medication_id": f"M{patient}{k}",
                    **link,
                    "start_date": str(day),
                    "name": draw.choice(["Metformin 500 MG Oral Tablet", "Lisinopril 10 MG"]),
                }
            )
            made["lab_results"].append(
                {
                    "lab_result_id": f"L{patient}{k}",
                    **link,
                    "loinc_code": "4548-4",
                    "value": f"{5 + draw.random() * 5:.1f}",
                    "collected_datetime": f"{day}T11:00:00",
                }
            )
            if draw.random() < 0.3:
                made["claims"].append(
                    {
                        "claim_id": f"C{patient}{k}",
                        **link,
                        "service_date": str(day),
                        "principal_diagnosis": draw.choice(["I10", "N18.3"]),
                    }
                )
    return made


@pytest.fixture
def saved(database: Database) -> Database:
    """A database with the population as the scenario ``s``."""
    StateManager(database).save("s", documents())
    return database


def age(person: dict[str, Any], at: dt.date) -> int:
    born = dt.date.fromisoformat(person["birth_date"])
    return at.year - born.year - ((at.month, at.day) < (born.month, born.day))


def plain(made: dict[str, list[dict[str, Any]]], spec: dict[str, Any]) -> list[tuple[list[str], dict[str, dt.date]]]:
    """The same cohort by loops over documents: who is left after each criterion, and their index dates."""
    first = dt.date.fromisoformat(spec.get("from") or "1900-01-01")
    last = dt.date.fromisoformat(spec.get("to") or "2999-12-31")
    latest = max(dt.date.fromisoformat(item["start_datetime"][:10]) for item in made["encounters"])
    people = {item["patient_id"]: item for item in made["patients"]}
    left, index = list(people), {}
    steps = [(list(left), dict(index))]

    def days(patient: str, item: dict[str, Any]) -> set[dt.date]:
        found = set()
        for kind, source, date, hit in (
            (
                "condition",
                "diagnoses",
                "diagnosed_date",
                lambda row, term: row["code"].replace(".", "").startswith(term.replace(".", "")),
            ),
            (
                "condition",
                "claims",
                "service_date",
                lambda row, term: row["principal_diagnosis"].replace(".", "").startswith(term.replace(".", "")),
            ),
            ("drug", "medications", "start_date", lambda row, term: term.lower() in row["name"].lower().split()),
            ("lab", "lab_results", "collected_datetime", lambda row, term: term == row["loinc_code"]),
        ):
            if kind not in item:
                continue
            terms, compare = item[kind], None
            if kind == "lab":
                code, operator, value = item[kind].split()
                terms, compare = [code], (operator, float(value))
            for row in made[source]:
                if row["patient_id"] == patient and any(hit(row, term) for term in terms):
                    if compare and not {">=": float.__ge__, "<": float.__lt__}[compare[0]](
                        float(row["value"]), compare[1]
                    ):
                        continue
                    found.add(dt.date.fromisoformat(row[date][:10]))
        window = item.get("window")
        return {
            day
            for day in found
            if first <= day <= last
            and (not window or patient not in index or window[0] <= (day - index[patient]).days <= window[1])
        }

    for item in spec["criteria"]:
        if "age" in item:
            low, high = (int(part) for part in item["age"].split("-"))

            at = {patient: index.get(patient, min(last, latest)) for patient in left}
            left = [patient for patient in left if low <= age(people[patient], at[patient]) <= high]
        elif "sex" in item:
            left = [patient for patient in left if people[patient]["gender"] == item["sex"]]
        elif item.get("exclude"):
            left = [patient for patient in left if not days(patient, item)]
        else:
            hits = {patient: days(patient, item) for patient in left}
            left = [patient for patient in left if len(hits[patient]) >= item.get("at_least", 1)]
            index = {patient: index.get(patient) or min(hits[patient]) for patient in left}
        index = {patient: day for patient, day in index.items() if patient in left}
        steps.append((list(left), dict(index)))
    return steps


SPECS: list[dict[str, Any]] = [
    {"criteria": [{"condition": ["E11"]}]},
    {"criteria": [{"condition": ["E11", "E10.9"], "at_least": 2}]},
    {"criteria": [{"condition": ["E11"]}, {"age": "40-75"}, {"sex": "F"}]},
    {"criteria": [{"condition": ["E11"]}, {"drug": ["metformin"], "window": [-30, 365]}, {"lab": "4548-4 >= 8.0"}]},
    {"criteria": [{"drug": ["lisinopril"]}, {"condition": ["I10"], "window": [0, 90], "exclude": True}]},
    {"criteria": [{"condition": ["N18"]}, {"lab": "4548-4 < 7.5", "window": [-700, 0]}]},
    {"criteria": [{"age": "18-64"}]},
    {
        "criteria": [{"condition": ["I10"]}, {"condition": ["J45"], "exclude": True}],
        "from": "2024-06-01",
        "to": "2025-03-31",
    },
]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: json.dumps(spec["criteria"])[:60])
def test_as_loops_over_the_documents_say(spec: dict[str, Any], saved: Database) -> None:
    found = find_cohort(saved, "s", spec_of(spec))
    steps = plain(documents(), spec)
    assert [step.persons for step in found.attrition] == [len(left) for left, _ in steps]
    left, index = steps[-1]
    assert found.persons == [(patient, index.get(patient)) for patient in sorted(left)]
    assert found.persons, "a criterion that nobody fulfils proves nothing"
    removed = [step.removed for step in found.attrition]
    assert sum(removed) == len(documents()["patients"]) - len(left)


def found(database: Database, documents: dict[str, list[dict[str, Any]]], *criteria: dict[str, Any]) -> list[str]:
    """Who of a scenario fulfils criteria."""
    StateManager(database).save("s", documents, mode="overwrite")
    return [patient for patient, _ in find_cohort(database, "s", spec_of({"criteria": list(criteria)})).persons]


@pytest.mark.parametrize(
    "dated",
    [
        {"lab_results": [{"lab_result_id": "L", "patient_id": "A", "collected_datetime": "2010-03-01T08:00:00"}]},
        {"pharmacy_claims": [{"pharmacy_claim_id": "F", "service_date": "2010-03-01"}]},
        {
            "members": [
                {"member_id": "M", "patient_id": "A", "coverage_start": "2009-01-01", "coverage_end": "2010-03-01"}
            ]
        },
    ],
    ids=["lab", "fill", "coverage"],
)
def test_ages_on_the_last_day_of_whatever_is_dated(dated: dict[str, Any], database: Database) -> None:
    people = [{"patient_id": "A", "birth_date": "1970-03-01"}, {"patient_id": "B", "birth_date": "1970-03-02"}]
    assert found(database, {"patients": people, **dated}, {"age": "40"}) == ["A"]
    assert found(database, {"patients": people, **dated}, {"age": "39"}) == ["B"]


def test_ages_where_nothing_is_dated_are_those_of_the_day_the_scenario_was_made(database: Database) -> None:
    people = [{"patient_id": "A", "birth_date": "1970-01-01"}, {"patient_id": "B", "birth_date": "2020-01-01"}]
    assert found(database, {"patients": people}, {"age": "50+"}) == ["A"]
    with database.write() as connection:
        connection.execute("UPDATE main.scenarios SET created_at = TIMESTAMP '2010-01-01'")
    assert [patient for patient, _ in find_cohort(database, "s", spec_of({"criteria": [{"age": "40"}]})).persons] == [
        "A"
    ]


#: how a membership says that it is of the patient A
ROLES: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "ssn": ({"ssn": "900-00-0001"}, [{"member_id": "M", "ssn": "900-00-0001"}]),
    "person": ({"person_id": "H"}, [{"member_id": "M", "person_id": "H"}]),
    "reference": ({}, [{"member_id": "M", "patient_id": "A"}]),
}


@pytest.mark.parametrize("how", ROLES)
@pytest.mark.parametrize("dated", [{"service_date": "2024-02-02"}, {"admission_date": "2024-02-02"}, {}])
def test_conditions_of_claims_that_name_the_member_only(how: str, dated: dict[str, str], database: Database) -> None:
    patient, members = ROLES[how]
    documents = {
        "patients": [{"patient_id": "A", **patient}, {"patient_id": "B"}],
        "members": members,
        "claims": [
            {"claim_id": "C", "member_id": "M", "principal_diagnosis": "I10", "other_diagnoses": ["E11.9"], **dated}
        ],
        "claim_lines": [{"claim_line_id": "C-1", "claim_id": "C", "service_date": "2024-02-02"}],
    }
    assert found(database, documents, {"condition": ["E11"]}) == ["A"]
    assert found(database, documents, {"condition": ["E11"], "exclude": True}) == ["B"]


@pytest.mark.parametrize("how", ROLES)
def test_drugs_that_only_the_pharmacy_knows(how: str, database: Database) -> None:
    patient, members = ROLES[how]
    base = {
        "patients": [{"patient_id": "A", **patient}, {"patient_id": "B"}],
        "members": members,
        "rx_members": [{"rx_member_id": "R", "member_id": "M"}],
    }
    drug = {"drug_name": "Metformin 500 MG Oral Tablet", "rx_member_id": "R"}
    fill = {"pharmacy_claims": [{"pharmacy_claim_id": "F", "service_date": "2024-02-02", **drug}]}
    assert found(database, {**base, **fill}, {"drug": ["metformin"]}) == ["A"]
    prescribed = {"prescriptions": [{"prescription_id": "X", "written_date": "2024-02-02", **drug}]}
    assert found(database, {**base, **prescribed}, {"drug": ["metformin"]}) == ["A"]
    # the fill says what it is of, and the prescription who takes it
    filled = {
        "prescriptions": [{"prescription_id": "X", **drug}],
        "pharmacy_claims": [{"pharmacy_claim_id": "F", "prescription_id": "X", "service_date": "2024-02-02"}],
    }
    assert found(database, {**base, **filled}, {"drug": ["metformin"]}) == ["A"]


def test_what_one_record_of_a_human_tells_holds_for_the_others(database: Database) -> None:
    documents = {
        "patients": [{"patient_id": "A", "ssn": "900-00-0001"}, {"patient_id": "B", "ssn": "900-00-0001"}],
        "diagnoses": [{"diagnosis_id": "D", "patient_id": "A", "code": "E11.9", "diagnosed_date": "2024-02-02"}],
        "lab_results": [
            {
                "lab_result_id": "L",
                "patient_id": "B",
                "loinc_code": "4548-4",
                "value": "9",
                "collected_datetime": "2024-02-02T08:00:00",
            }
        ],
    }
    assert found(database, documents, {"condition": ["E11"]}, {"lab": "4548-4 >= 8"}) == ["A", "B"]


def test_a_medication_is_dated_by_its_contact(database: Database) -> None:
    documents = {
        "patients": [{"patient_id": "A"}],
        "encounters": [{"encounter_id": "E", "patient_id": "A", "start_datetime": "2024-02-02T10:00:00"}],
        "medications": [{"medication_id": "M", "encounter_id": "E", "name": "Metformin 500 MG"}],
    }
    assert found(database, documents, {"drug": ["metformin"]}) == ["A"]


@pytest.mark.parametrize("status", ["Reversed", "void", "voided", "cancelled", "canceled", "rejected", "Denied"])
def test_what_was_taken_back_or_refused_counts_for_nothing(status: str, database: Database) -> None:
    documents: dict[str, list[dict[str, Any]]] = {
        "patients": [{"patient_id": "A"}, {"patient_id": "B"}],
        "rx_members": [],
        "pharmacy_claims": [],
        "claims": [],
    }
    documents["members"] = [{"member_id": f"M{who}", "patient_id": who} for who in "AB"]
    for who, said in (("A", status), ("B", "PAID")):
        documents["rx_members"].append({"rx_member_id": f"R{who}", "member_id": f"M{who}"})
        documents["pharmacy_claims"].append(
            {
                "pharmacy_claim_id": f"F{who}",
                "rx_member_id": f"R{who}",
                "status": said,
                "drug_name": "metformin",
                "service_date": "2024-02-02",
            }
        )
        documents["claims"].append(
            {
                "claim_id": f"C{who}",
                "patient_id": who,
                "status": said,
                "principal_diagnosis": "E11.9",
                "service_date": "2024-02-02",
            }
        )
    assert found(database, documents, {"drug": ["metformin"]}) == ["B"]
    assert found(database, documents, {"condition": ["E11"]}) == ["B"]


def test_labels(saved: Database) -> None:
    spec = {
        "criteria": [
            {"condition": ["E11", "E10"], "at_least": 2},
            {"lab": "4548-4 >= 8", "window": [-30, 365]},
            {"drug": ["insulin"], "exclude": True},
            {"age": "40+"},
        ]
    }
    assert [step.step for step in find_cohort(saved, "s", spec_of(spec)).attrition] == [
        "patients of the scenario",
        "condition E11 or E10 on 2 days",
        "lab 4548-4 >= 8 within days -30 to 365 of the index date",
        "no drug insulin",
        "age 40+",
    ]


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({}, "one criterion or more"),
        ({"criteria": []}, "one criterion or more"),
        ({"criteria": [{}]}, r"criteria\[0\] has 0 kinds"),
        ({"criteria": [{"condition": ["E11"], "drug": ["x"]}]}, r"criteria\[0\] has 2 kinds"),
        ({"criteria": [{"weather": "good"}]}, "Unknown in a criterion: weather"),
        ({"criteria": [{"lab": "4548-4 about 8"}]}, "is no laboratory criterion"),
        ({"criteria": [{"age": "old"}]}, "is no range of ages"),
        ({"criteria": [{"age": "70-40"}]}, "end before they begin"),
        ({"criteria": [{"age": "40-50", "exclude": True}]}, "takes neither"),
        ({"criteria": [{"sex": "yes"}]}, "is no sex"),
        ({"criteria": [{"condition": [" "]}]}, "is empty"),
        ({"criteria": [{"condition": ["type 2 diabetes"]}]}, "is no code of a diagnosis; expected one"),
        ({"criteria": [{"condition": ["E11"], "window": [5, 1]}]}, "is no window"),
        ({"criteria": [{"condition": ["E11"], "window": [-9999999999, 1]}]}, "at most 36525 days"),
        ({"criteria": [{"condition": ["E11"], "window": [0, 36526]}]}, "at most 36525 days"),
        ({"criteria": [{"condition": ["E11"], "at_least": 0}]}, "at_least is 0"),
        ({"criteria": [{"condition": ["E11"], "at_least": 10**40}]}, "at_least is 1000"),
        ({"criteria": [{"condition": ["E11"]}], "from": "yesterday"}, "is no date"),
        ({"criteria": [{"condition": ["E11"]}], "until": "x"}, "unknown: until"),
    ],
)
def test_what_cannot_be_read_is_said(spec: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        spec_of(spec)


@pytest.mark.long
def test_saved_with_everything_that_is_theirs(saved: Database) -> None:
    state = StateManager(saved)
    found = find_cohort(saved, "s", spec_of({"criteria": [{"condition": ["E11"]}, {"sex": "F"}]}))
    done = save_cohort(saved, found, "women")
    whole, part = state.load("s")["entities"], state.load("women")["entities"]
    chosen = {patient for patient, _ in found.persons}
    for kind, items in whole.items():
        expected = items if kind == "providers" else [item for item in items if item["patient_id"] in chosen]
        assert part.get(kind, []) == expected, kind
    assert done.entity_count == sum(map(len, part.values()))
    assert examine(saved, deep=True)["ok"]
    assert state.get("women").description == "Cohort of s: condition E11; sex F"
    # the same criteria find the same persons again, all of them
    again = find_cohort(saved, "women", spec_of({"criteria": [{"condition": ["E11"]}, {"sex": "F"}]}))
    assert again.persons == found.persons
    with pytest.raises(AlreadyExists):
        save_cohort(saved, found, "women")
    save_cohort(saved, found, "women", overwrite=True)
    for overwrite in (False, True):
        with pytest.raises(AlreadyExists, match="cannot replace the scenario that it is taken from") as refused:
            save_cohort(saved, found, "s", overwrite=overwrite)
        assert "--overwrite" not in str(refused.value)
    assert len(state.list(tags=(), search=None, product=None, sort="name", limit=None)[0]) == 2


def test_roles_of_one_human_stay_together(database: Database) -> None:
    """A patient's coverage, fills and trial come along; those of others, also in nested documents, do not."""
    made: dict[str, list[dict[str, Any]]] = {
        "patients": [],
        "members": [],
        "rx_members": [],
        "subjects": [],
        "pharmacy_claims": [],
        "studies": [],
    }
    made["studies"].append({"study_id": "ST", "title": "A study"})
    for n in range(4):
        ssn = f"900-00-000{n}"
        made["patients"].append(
            {
                "patient_id": f"P{n}",
                "ssn": ssn,
                "birth_date": "1970-01-01",
                "gender": "F",
                "encounters": [
                    {
                        "encounter_id": f"E{n}",
                        "start_datetime": "2024-02-02T10:00:00",
                        "diagnoses": [{"code": "E11.9" if n % 2 else "I10"}],
                    }
                ],
            }
        )
        made["members"].append({"member_id": f"M{n}", "ssn": ssn, "coverage_start": "2024-01-01"})
        made["rx_members"].append({"rx_member_id": f"R{n}", "member_id": f"M{n}"})
        made["subjects"].append({"subject_id": f"S{n}", "study_id": "ST", "patient_id": f"P{n}"})
        made["pharmacy_claims"].append(
            {"pharmacy_claim_id": f"F{n}", "rx_member_id": f"R{n}", "service_date": "2024-02-03"}
        )
    state = StateManager(database)
    state.save("s", made)
    found = find_cohort(database, "s", spec_of({"criteria": [{"condition": ["E11"]}]}))
    assert [patient for patient, _ in found.persons] == ["P1", "P3"]
    save_cohort(database, found, "t")
    part = state.load("t")["entities"]
    ids = {
        kind: sorted(next(item[key] for key in item if key.endswith("_id")) for item in items)
        for kind, items in part.items()
    }
    assert ids == {
        "patients": ["P1", "P3"],
        "members": ["M1", "M3"],
        "rx_members": ["R1", "R3"],
        "subjects": ["S1", "S3"],
        "pharmacy_claims": ["F1", "F3"],
        "studies": ["ST"],
    }
    with database.read() as connection:
        rows = connection.execute(
            "SELECT encounter_id FROM main.encounters WHERE scenario_id = $id ORDER BY 1",
            {"id": state.get("t").scenario_id},
        ).fetchall()
    assert rows == [("E1",), ("E3",)]
    assert examine(database, deep=True)["ok"]


def test_nobody(saved: Database) -> None:
    nobody = find_cohort(saved, "s", spec_of({"criteria": [{"condition": ["Z99"]}]}))
    assert nobody.persons == []
    with pytest.raises(NotFound, match="Nobody in 's'"):
        save_cohort(saved, nobody, "empty")
    with pytest.raises(NotFound, match="There is no scenario"):
        find_cohort(saved, "no such", spec_of({"criteria": [{"age": "1-2"}]}))
    with pytest.raises(NotFound):
        save_cohort(saved, Cohort("00000000-0000-0000-0000-000000000000", "gone", [("P", None)], []), "x")


def run(database_path: Path, *words: str) -> Any:
    # from the top, as users do: a command keeps the help option of the first context that it meets
    return CliRunner().invoke(healthsim, ["--db", str(database_path), "analytics", "cohort", *words])


def test_the_command(saved: Database, database_path: Path, tmp_path: Path) -> None:
    done = run(database_path, "s", "--condition", "E11", "--sex", "F", "--json", "--as", "women")
    answer = json.loads(done.stdout)
    expected = find_cohort(saved, "s", spec_of({"criteria": [{"condition": ["E11"]}, {"sex": "F"}]}))
    assert answer["count"] == len(expected.persons)
    assert answer["persons"][0] == {"patient_id": expected.persons[0][0], "index_date": str(expected.persons[0][1])}
    assert answer["saved"]["name"] == "women"
    table = run(database_path, "s", "--condition", "E11", "--without-drug", "metformin", "--window", "-30", "30").stdout
    assert "no drug metformin within days -30 to 30 of the index date" in table
    csv = run(database_path, "s", "--age", "40-50", "--csv").stdout.splitlines()
    assert csv[0] == "patient_id,index_date"
    spec = tmp_path / "spec.yaml"
    spec.write_text("criteria:\n  - condition: [E11]\n  - sex: F\n", encoding="utf-8")
    assert json.loads(run(database_path, "s", "--spec", str(spec), "--json").stdout)["count"] == len(expected.persons)


@pytest.mark.parametrize(
    ("words", "error", "says"),
    [
        (["s"], UsageError, "Expected criteria"),
        (["s", "--spec", "x.json", "--sex", "F"], UsageError, "--spec FILE"),
        (["s", "--spec", "nowhere.json"], NotFound, "cannot be read"),
        (["s", "--sex", "F", "--csv", "--json"], UsageError, "expected one of them"),
        (["s", "--lab", "high"], None, None),
        (["s", "--lab", "4548-4 >>> 3"], InvalidInput, "no laboratory criterion"),
        # also where no second criterion asks for it
        (["s", "--condition", "E11", "--window", "10", "-10"], InvalidInput, "is no window"),
        (["s", "--sex", "F", "--window", "10", "-10"], InvalidInput, "is no window"),
        (["s", "--condition", "E11", "--window", "-9999999999", "1"], InvalidInput, "at most 36525 days"),
    ],
)
def test_faults_of_the_command(
    words: list[str], error: type[HealthSimError] | None, says: str, saved: Database, database_path: Path
) -> None:
    done = run(database_path, *words)
    if error is None:
        assert done.exit_code == 0
    else:
        assert isinstance(done.exception, error)
        assert says in str(done.exception)
