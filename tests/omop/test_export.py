"""The OMOP export: official tables, constraints, routing by domain, nothing dropped, formats, and OHDSI's checks."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import duckdb
import omop_scenario
import pytest
import quality
from omop_scenario import Exported

from healthsim.analytics.star.build import build
from healthsim.db.connection import Database
from healthsim.errors import AlreadyExists, InvalidInput, NotFound
from healthsim.exchange.omop import vocabulary
from healthsim.exchange.omop.export import export_omop
from healthsim.exchange.omop.tables import cdm_tables, violations
from healthsim.state.manager import StateManager


def one(connection: duckdb.DuckDBPyConnection, question: str) -> Any:
    row = connection.execute(question).fetchone()
    assert row is not None
    return row[0] if len(row) == 1 else row


def test_the_tables_are_the_39_of_the_specification(cdm: duckdb.DuckDBPyConnection) -> None:
    tables = cdm_tables()
    assert len(tables) == 39
    found = cdm.execute(
        "SELECT table_name, list(column_name ORDER BY column_index) FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal GROUP BY 1"
    ).fetchall()
    assert dict(found) == {name: [column.name for column in table.columns] for name, table in tables.items()}


def test_every_constraint_of_the_official_definition_holds(cdm: duckdb.DuckDBPyConnection) -> None:
    assert violations(cdm, "cdm") == []


def test_a_broken_constraint_is_found(exported: Exported, tmp_path: Path) -> None:
    broken = tmp_path / "cdm.duckdb"
    broken.write_bytes(exported.file.read_bytes())
    with duckdb.connect(str(broken)) as connection:
        connection.execute("UPDATE visit_occurrence SET person_id = 999999 WHERE visit_occurrence_id = 1")
        connection.execute("UPDATE person SET person_id = 2 WHERE person_id = 1")
        found = {(item.table, item.column, item.constraint) for item in violations(connection, "cdm")}
    assert ("visit_occurrence", "person_id", "FOREIGN KEY") in found
    assert ("person", "person_id", "PRIMARY KEY") in found


@pytest.mark.long
def test_checks_of_the_data_quality_dashboard(tmp_path: Path) -> None:
    """With codes that the map knows: nothing fatal, no broken convention, 99 percent of what applies."""
    database = Database(tmp_path / "healthsim.duckdb")
    documents = omop_scenario.entities(120)
    for kind, field in (("diagnoses", "code"), ("claims", "principal_diagnosis")):
        for item in documents[kind]:
            item[field] = item[field].replace("X99.9", "E10.9")
    for item in documents["immunizations"]:
        item["cvx_code"] = item["cvx_code"].replace("9999", "115")
    for item in documents["lab_results"]:
        if item["loinc_code"] == "99999-9":
            item |= {"loinc_code": "2160-0", "unit": "mg/dL"}
    for kind, code, name in (("medications", "code", "name"), ("prescriptions", "rxnorm_code", "drug_name")):
        for item in documents[kind]:
            if item[code] == "999999999":
                item |= {code: "314076", name: "lisinopril 10 MG Oral Tablet"}
    for item in documents["allergies"]:
        item |= {"code": "1191", "code_system": "RxNorm"}
    for kind in ("persons", "patients", "members", "rx_members"):
        for item in documents[kind]:
            item["gender"] = item["gender"].translate(str.maketrans("OU", "FM"))
    for item in documents["pharmacy_claims"]:
        item["drug_name"] = item["drug_name"].replace("wonderdrug", "lisinopril")
    StateManager(database).save("known", documents)
    export_omop(database, "known", tmp_path / "cdm.duckdb")
    with duckdb.connect(str(tmp_path / "cdm.duckdb"), read_only=True) as connection:
        found = list(quality.checks(connection))
    applying = [check for check in found if check.applies]
    failed = [check for check in applying if check.failed]
    assert len(applying) > 1_000
    assert [check for check in failed if check.severity != "characterization"] == []
    assert failed == []


@pytest.mark.long
def test_the_checks_find_faults(exported: Exported, tmp_path: Path) -> None:
    """A check that cannot fail proves nothing: each of these changes is noticed."""
    changes = {
        "fkDomain": "UPDATE condition_occurrence SET condition_concept_id = 8507 WHERE condition_occurrence_id < 9",
        "isStandardValidConcept": "UPDATE concept SET standard_concept = NULL WHERE concept_id = 8507",
        "fkClass": "UPDATE concept SET concept_class_id = 'Clinical Drug' WHERE concept_class_id = 'Ingredient'",
        "measurePersonCompleteness": "DELETE FROM observation_period WHERE person_id = 3",
        "measureObservationPeriodOverlap": "INSERT INTO observation_period SELECT observation_period_id + 9000, * EXCLUDE (observation_period_id) FROM observation_period",
        "measureConditionEraCompleteness": "DELETE FROM condition_era WHERE person_id < 9",
        "plausibleAfterBirth": "UPDATE person SET birth_datetime = TIMESTAMP '2024-06-01'",
        "plausibleStartBeforeEnd": "UPDATE observation_period SET observation_period_end_date = DATE '1990-01-01'",
        "withinVisitDates": "UPDATE visit_occurrence SET visit_start_date = DATE '1999-01-01', visit_end_date = DATE '1999-01-01'",
        "isRequired": "ALTER TABLE person ALTER gender_concept_id DROP NOT NULL; UPDATE person SET gender_concept_id = NULL",
    }
    for kind, change in changes.items():
        broken = tmp_path / f"{kind}.duckdb"
        broken.write_bytes(exported.file.read_bytes())
        with duckdb.connect(str(broken)) as connection:
            connection.execute(change)
            assert kind in {check.kind for check in quality.checks(connection) if check.failed}, kind


def test_rows_go_where_the_domain_of_their_concept_says(cdm: duckdb.DuckDBPyConnection) -> None:
    # a diagnosis of homelessness is an observation, a routine examination is a procedure
    assert (
        one(
            cdm,
            "SELECT count(*) FROM observation WHERE observation_source_value = 'Z59.00' AND observation_concept_id = 4139934",
        )
        > 0
    )
    assert (
        one(
            cdm,
            "SELECT count(*) FROM procedure_occurrence WHERE procedure_source_value = 'Z00.00' AND procedure_concept_id = 4036803",
        )
        > 0
    )
    assert (
        one(cdm, "SELECT count(*) FROM condition_occurrence WHERE condition_source_value IN ('Z59.00', 'Z00.00')") == 0
    )
    assert (
        one(
            cdm,
            "SELECT count(*) FROM condition_occurrence WHERE condition_source_value = 'N18.32' AND condition_concept_id = 443597",
        )
        > 0
    )


def test_nothing_is_dropped_and_source_values_stay(
    cdm: duckdb.DuckDBPyConnection, source: duckdb.DuckDBPyConnection
) -> None:
    unknown = (
        "SELECT count(*) FROM condition_occurrence WHERE condition_source_value = 'X99.9' AND condition_concept_id = 0"
    )
    assert one(cdm, unknown) > 0
    for code, rows in source.execute("SELECT code, count(*) FROM main.diagnoses GROUP BY code").fetchall():
        kept = one(
            cdm,
            f"""
            SELECT (SELECT count(*) FROM condition_occurrence WHERE condition_source_value = '{code}' AND condition_type_concept_id = 32817)
                + (SELECT count(*) FROM observation WHERE observation_source_value = '{code}' AND observation_type_concept_id = 32817)
                + (SELECT count(*) FROM procedure_occurrence WHERE procedure_source_value = '{code}' AND procedure_type_concept_id = 32817)
        """,
        )
        assert kept == rows, code
    labs, signs = (
        one(source, "SELECT count(*) FROM main.lab_results"),
        one(source, "SELECT count(*) FROM main.vital_signs"),
    )
    assert one(cdm, "SELECT count(*) FROM measurement WHERE measurement_type_concept_id <> 32810") == labs + 9 * signs
    assert (
        one(cdm, "SELECT count(*) FROM measurement WHERE unit_source_value = 'furlong' AND unit_concept_id = 0")
        == labs / 2
    )
    assert (
        one(cdm, "SELECT DISTINCT value_source_value FROM measurement WHERE measurement_source_value = '99999-9'")
        == "<0.5"
    )


def test_the_coverage_says_what_is_not_mapped(exported: Exported) -> None:
    found = {item.domain: item for item in exported.result.coverage}
    assert list(found["Condition"].unmapped) == ["X99.9"]
    condition = found["Condition"]
    assert condition.rows - condition.mapped_rows == condition.unmapped["X99.9"]
    assert condition.codes - condition.mapped_codes == 1
    assert list(found["Measurement"].unmapped) == ["99999-9"]


def test_persons_are_humans(cdm: duckdb.DuckDBPyConnection, source: duckdb.DuckDBPyConnection) -> None:
    """Patient, spans of coverage and pharmacy coverage of one human are one person; a person without a role is one."""
    assert one(cdm, "SELECT count(*) FROM person") == one(source, "SELECT count(*) FROM main.persons") == 60
    row = cdm.execute(
        "SELECT gender_concept_id, year_of_birth, race_concept_id, ethnicity_concept_id FROM person WHERE person_source_value = 'PAT-0'"
    ).fetchone()
    assert row == (8507, 1930, 8527, 38003563)
    unknown = "SELECT DISTINCT race_concept_id, race_source_value FROM person WHERE race_source_value = 'Martian'"
    assert one(cdm, unknown) == (0, "Martian")


@pytest.mark.parametrize(
    ("member", "humans"),
    [
        # the patient says no ssn, the member of that patient does
        ({"ssn": "900-00-0001"}, 1),
        # a record that says whose it is goes by that, not by what it points to
        ({"person_id": "H"}, 3),
    ],
    ids=["ssn", "person"],
)
@pytest.mark.long
def test_persons_are_those_of_the_star(member: dict[str, Any], humans: int, tmp_path: Path) -> None:
    born = {"birth_date": "1970-02-03", "gender": "F"}
    database = Database(tmp_path / "healthsim.duckdb")
    StateManager(database).save(
        "s",
        {
            "patients": [{"patient_id": "P1", **born}],
            "members": [{"member_id": "M1", "patient_id": "P1", **member, **born}],
            "rx_members": [{"rx_member_id": "R1", "ssn": "900-00-0001", **born}],
        },
    )
    build(database, ["s"])
    with database.read() as connection:
        assert one(connection, "SELECT count(*) FROM analytics.dim_person WHERE person_key > 0") == humans
    assert export_omop(database, "s", tmp_path / "cdm.duckdb").tables["person"] == humans


def test_observation_periods(cdm: duckdb.DuckDBPyConnection) -> None:
    # a gap of 39 days between two spans of coverage, with no contact in it, makes two periods
    periods = cdm.execute("SELECT count(*) FROM observation_period GROUP BY person_id ORDER BY 1 DESC").fetchall()
    assert {count for (count,) in periods} <= {1, 2}
    assert one(cdm, "SELECT max(observation_period_end_date) FROM observation_period") <= dt.date(2023, 12, 31)


def test_claims_of_contacts_that_are_not_there_are_visits(
    cdm: duckdb.DuckDBPyConnection, source: duckdb.DuckDBPyConnection
) -> None:
    claims = one(source, "SELECT count(*) FROM main.claims WHERE encounter_id IS NULL")
    assert one(cdm, "SELECT count(*) FROM visit_occurrence WHERE visit_type_concept_id = 32810") == claims > 0
    # what the claim says and the contact says as well is told once
    told = "SELECT count(*) FROM condition_occurrence GROUP BY visit_occurrence_id, condition_source_value ORDER BY 1 DESC LIMIT 1"
    assert one(cdm, told) == 1


def rows(documents: dict[str, list[dict[str, Any]]], folder: Path, *questions: str) -> tuple[list[Any], dict[str, int]]:
    """What the export of some documents answers, and what it left out; its constraints hold."""
    database = Database(folder / "healthsim.duckdb")
    born = {"birth_date": "1980-01-01", "gender": "F"}
    documents = {
        kind: [{**born, **item} if kind.endswith(("patients", "members")) else item for item in items]
        for kind, items in documents.items()
    }
    StateManager(database).save("s", documents)
    result = export_omop(database, "s", folder / "cdm.duckdb")
    with duckdb.connect(str(folder / "cdm.duckdb"), read_only=True) as connection:
        assert violations(connection, "cdm") == []
        return [connection.execute(question).fetchall() for question in questions], result.left_out


CONDITIONS_OF_CLAIMS = "SELECT condition_source_value, condition_start_date FROM condition_occurrence ORDER BY 1"
PROCEDURES_OF_CLAIMS = "SELECT procedure_source_value, procedure_date FROM procedure_occurrence ORDER BY 1"
VISITS = "SELECT visit_start_date, visit_end_date FROM visit_occurrence ORDER BY 1"


def test_fills_that_were_not_paid_are_no_exposures(tmp_path: Path) -> None:
    words = [
        None,
        "PAID",
        "approved",
        "Rejected",
        "denied",
        "pending",
        "reversed",
        "void",
        "voided",
        "cancelled",
        "canceled",
    ]
    documents = {
        "rx_members": [{"rx_member_id": "R"}],
        "prescriptions": [{"prescription_id": "P", "rx_member_id": "R", "drug_name": "metformin"}],
        # of whom a fill is, the prescription says as well
        "pharmacy_claims": [
            {
                "pharmacy_claim_id": f"F{n}",
                "status": word,
                "service_date": f"2024-01-{n + 1:02}",
                "drug_name": "metformin",
                **({"rx_member_id": "R"} if n % 2 else {"prescription_id": "P"}),
            }
            for n, word in enumerate(words)
        ],
    }
    answers, left_out = rows(documents, tmp_path, "SELECT day(drug_exposure_start_date) FROM drug_exposure ORDER BY 1")
    assert answers == [[(1,), (2,), (3,)]]
    assert left_out == {"prescriptions": 1, "pharmacy_claims": 8}


@pytest.mark.parametrize("status", ["reversed", "Void", "voided", "cancelled"])
def test_claims_that_were_taken_back_tell_of_nothing(status: str, tmp_path: Path) -> None:
    documents = {
        "members": [{"member_id": "M"}],
        "patients": [{"patient_id": "P"}],
        "encounters": [{"encounter_id": "E", "patient_id": "P", "start_datetime": "2024-01-01T10:00:00"}],
        "claims": [
            {
                "claim_id": "C",
                "status": status,
                "member_id": "M",
                "service_date": "2024-01-01",
                "principal_diagnosis": "I10",
            },
            {"claim_id": "D", "status": status, "patient_id": "P", "encounter_id": "E", "principal_diagnosis": "I10"},
        ],
        "claim_lines": [
            {"claim_line_id": f"{claim}-1", "claim_id": claim, "procedure_code": "45385"} for claim in "CD"
        ],
    }
    answers, left_out = rows(documents, tmp_path, CONDITIONS_OF_CLAIMS, PROCEDURES_OF_CLAIMS, VISITS, "FROM cost")
    day = dt.date(2024, 1, 1)
    assert answers == [[], [], [(day, day)], []]
    assert left_out == {"claims": 2}


@pytest.mark.parametrize("at", [{}, {"encounter_id": "E"}], ids=["no contact", "of a contact"])
@pytest.mark.long
def test_denied_claims_prove_neither_condition_nor_procedure(at: dict[str, str], tmp_path: Path) -> None:
    documents = {
        "patients": [{"patient_id": "P"}],
        "encounters": [{"encounter_id": "E", "patient_id": "P", "start_datetime": "2024-01-01T10:00:00"}],
        "claims": [
            {
                "claim_id": claim,
                "status": status,
                "patient_id": "P",
                "service_date": "2024-01-01",
                "principal_diagnosis": code,
                "total_charge": 100,
                **at,
            }
            for claim, status, code in (("C", "Denied", "I10"), ("D", "paid", "E11.9"))
        ],
        # of a claim that was paid, one line was not
        "claim_lines": [
            {"claim_line_id": f"{claim}-{code}", "claim_id": claim, "procedure_code": code, "status": status}
            for claim, code, status in (("C", "45378", None), ("D", "45380", "denied"), ("D", "45385", None))
        ],
    }
    answers, left_out = rows(
        documents, tmp_path, CONDITIONS_OF_CLAIMS, PROCEDURES_OF_CLAIMS, "SELECT sum(total_charge) FROM cost"
    )
    day = dt.date(2024, 1, 1)
    assert answers == [[("E11.9", day)], [("45385", day)], [(200,)]]
    assert left_out == {}


def test_claims_are_dated_by_their_lines(tmp_path: Path) -> None:
    documents = {
        "members": [{"member_id": "M"}],
        "claims": [
            {"claim_id": "C", "member_id": "M", "principal_diagnosis": "I10"},
            {"claim_id": "D", "member_id": "M"},
            {"claim_id": "E", "service_date": "2024-01-01"},
        ],
        "claim_lines": [
            {"claim_line_id": f"C-{day}", "claim_id": "C", "service_date": f"2024-02-0{day}", "procedure_code": "45385"}
            for day in (2, 3)
        ],
    }
    answers, left_out = rows(documents, tmp_path, CONDITIONS_OF_CLAIMS, PROCEDURES_OF_CLAIMS, VISITS)
    second, third = dt.date(2024, 2, 2), dt.date(2024, 2, 3)
    assert answers == [[("I10", second)], [("45385", second), ("45385", third)], [(second, second)]]
    # a claim without a day, and one of nobody
    assert left_out == {"claims": 2}


def test_a_claim_of_a_contact_without_a_day_is_a_contact(tmp_path: Path) -> None:
    documents = {
        "patients": [{"patient_id": "P"}],
        "encounters": [{"encounter_id": "E", "patient_id": "P"}],
        "claims": [
            {
                "claim_id": "C",
                "patient_id": "P",
                "encounter_id": "E",
                "service_date": "2024-01-01",
                "principal_diagnosis": "I10",
            }
        ],
    }
    answers, left_out = rows(documents, tmp_path, CONDITIONS_OF_CLAIMS)
    assert answers == [[("I10", dt.date(2024, 1, 1))]]
    assert left_out == {"encounters": 1}


def test_spellings_of_a_code_are_one_code(tmp_path: Path) -> None:
    link = {"patient_id": "P", "encounter_id": "E"}
    documents = {
        "patients": [{"patient_id": "P"}],
        "encounters": [{**link, "start_datetime": "2024-01-01T10:00:00"}],
        "diagnoses": [{"diagnosis_id": "D", **link, "code": "E11.9"}],
        "procedures": [{"procedure_id": "O", **link, "code": "G0438"}],
        "claims": [
            {"claim_id": "C", **link, "principal_diagnosis": " e119", "other_diagnoses": ["i10", "I10", "E11.9"]}
        ],
        "claim_lines": [
            {"claim_line_id": f"C-{n}", "claim_id": "C", "procedure_code": code}
            for n, code in enumerate(("g0438 ", "45385"))
        ],
    }
    answers, _ = rows(
        documents,
        tmp_path,
        "SELECT condition_concept_id FROM condition_occurrence ORDER BY 1",
        "SELECT upper(trim(procedure_source_value)) FROM procedure_occurrence ORDER BY 1",
    )
    assert answers == [[(201826,), (320128,)], [("45385",), ("G0438",)]]


@pytest.mark.parametrize(
    ("days", "supply", "lasts"),
    [(3650, 3650, 3650), (3651, None, 1), (2147483647, None, 1), (0, None, 1), (-5, None, 1)],
)
def test_a_supply_is_bounded(days: int, supply: int | None, lasts: int, tmp_path: Path) -> None:
    documents = {
        "rx_members": [{"rx_member_id": "R"}],
        "prescriptions": [
            {
                "prescription_id": "P",
                "rx_member_id": "R",
                "drug_name": "metformin",
                "days_supply": days,
                "written_date": "9999-12-31",
            }
        ],
        "pharmacy_claims": [
            {
                "pharmacy_claim_id": "F",
                "rx_member_id": "R",
                "drug_name": "metformin",
                "days_supply": days,
                "service_date": "2024-01-01",
            }
        ],
    }
    answers, left_out = rows(
        documents,
        tmp_path,
        "SELECT days_supply, drug_exposure_end_date - drug_exposure_start_date + 1 FROM drug_exposure ORDER BY drug_exposure_start_date",
    )
    assert answers == [[(supply, lasts), (supply, 1)]]
    assert left_out == {}


def test_money(cdm: duckdb.DuckDBPyConnection, source: duckdb.DuckDBPyConnection) -> None:
    paid = one(source, "SELECT sum(total_paid) FROM main.claims")
    assert one(cdm, "SELECT sum(paid_by_payer) FROM cost WHERE cost_domain_id = 'Visit'") == paid
    fills = one(source, "SELECT sum(plan_paid_amount) FROM main.pharmacy_claims WHERE status = 'paid'")
    assert one(cdm, "SELECT sum(paid_by_payer) FROM cost WHERE cost_domain_id = 'Drug'") == fills
    lost = "SELECT count(*) FROM cost AS c LEFT JOIN drug_exposure AS d ON d.drug_exposure_id = c.cost_event_id WHERE c.cost_domain_id = 'Drug' AND d.drug_exposure_id IS NULL"
    assert one(cdm, lost) == 0


def test_eras_against_a_plain_reading(cdm: duckdb.DuckDBPyConnection) -> None:
    expected = []
    rows = cdm.execute(
        "SELECT person_id, condition_concept_id, condition_start_date, coalesce(condition_end_date, condition_start_date)"
        " FROM condition_occurrence WHERE condition_concept_id <> 0 ORDER BY ALL"
    ).fetchall()
    for person, concept, start, end in rows:
        last = expected[-1] if expected else None
        if last and last[:2] == [person, concept] and start <= last[3] + dt.timedelta(days=30):
            last[3], last[4] = max(last[3], end), last[4] + 1
        else:
            expected.append([person, concept, start, end, 1])
    found = cdm.execute(
        "SELECT person_id, condition_concept_id, condition_era_start_date, condition_era_end_date, condition_occurrence_count"
        " FROM condition_era ORDER BY ALL"
    ).fetchall()
    assert [tuple(era) for era in expected] == found
    classes = "SELECT DISTINCT concept_class_id FROM drug_era JOIN concept ON concept_id = drug_concept_id"
    assert cdm.execute(classes).fetchall() == [("Ingredient",)]
    # two drugs whose concepts differ, one known by its code and one by its name
    names = "SELECT DISTINCT concept_name FROM drug_era JOIN concept ON concept_id = drug_concept_id ORDER BY 1"
    assert cdm.execute(names).fetchall() == [("lisinopril",), ("metformin",)]


def test_an_allergy_to_a_drug_is_no_exposure(tmp_path: Path) -> None:
    database = Database(tmp_path / "healthsim.duckdb")
    StateManager(database).save(
        "a",
        {
            "patients": [{"patient_id": "P", "birth_date": "1980-01-01", "gender": "F"}],
            "allergies": [
                {"allergy_id": "A", "patient_id": "P", "substance": "Aspirin", "code": "1191", "code_system": "RxNorm"}
            ],
        },
    )
    export_omop(database, "a", tmp_path / "cdm.duckdb")
    with duckdb.connect(str(tmp_path / "cdm.duckdb"), read_only=True) as connection:
        assert one(connection, "SELECT count(*) FROM drug_exposure") == 0
        row = one(
            connection, "SELECT observation_concept_id, value_as_concept_id, observation_source_value FROM observation"
        )
    assert row == (439224, 1112807, "1191")


def test_what_has_no_place_is_said(tmp_path: Path) -> None:
    database = Database(tmp_path / "healthsim.duckdb")
    StateManager(database).save(
        "a",
        {
            "patients": [
                {"patient_id": "P", "gender": "F"},
                {"patient_id": "Q", "birth_date": "1990-05-05", "gender": "M"},
            ],
            "encounters": [
                {"encounter_id": "E", "patient_id": "P", "start_datetime": "2024-01-01T10:00:00"},
                {"encounter_id": "F", "patient_id": "Q"},
            ],
            "pharmacy_claims": [{"pharmacy_claim_id": "R", "status": "rejected", "service_date": "2024-01-01"}],
        },
    )
    result = export_omop(database, "a", tmp_path / "cdm.duckdb")
    assert result.left_out == {"persons": 1, "encounters": 2, "pharmacy_claims": 1}
    assert result.tables["person"] == 1
    assert result.tables["observation_period"] == 1


@pytest.mark.parametrize(
    "documents",
    [
        {},
        {
            "members": [{"member_id": "M", "birth_date": "1970-02-03", "gender": "F", "coverage_start": "2024-01-01"}],
            "claims": [
                {"claim_id": "C", "member_id": "M", "service_date": "2024-03-04", "principal_diagnosis": "E11.9"}
            ],
        },
        {
            "subjects": [{"subject_id": "S", "birth_date": "1970-02-03"}],
            "adverse_events": [
                {"adverse_event_id": "A", "subject_id": "S", "aeterm": "Headache", "aestdtc": "2024-01-05"}
            ],
            "exposures": [
                {"exposure_id": "X", "subject_id": "S", "extrt": "lisinopril", "exdose": 10, "exstdtc": "2024-01-01"}
            ],
        },
    ],
    ids=["empty", "claims only", "trial only"],
)
@pytest.mark.long
def test_scenarios_of_one_product(documents: dict[str, Any], tmp_path: Path) -> None:
    database = Database(tmp_path / "healthsim.duckdb")
    StateManager(database).save("x", documents)
    result = export_omop(database, "x", tmp_path / "cdm.duckdb")
    assert result.left_out == {}
    assert result.tables["person"] == (1 if documents else 0)
    if documents:
        assert result.tables["condition_occurrence"] == 1
    with duckdb.connect(str(tmp_path / "cdm.duckdb"), read_only=True) as connection:
        assert violations(connection, "cdm") == []
        assert [check for check in quality.checks(connection) if check.failed and check.is_structure] == []


@pytest.mark.parametrize("format", ["parquet", "csv"])
@pytest.mark.long
def test_folders_hold_the_same_rows(
    format: str, exported: Exported, cdm: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    target = tmp_path / "out"
    result = export_omop(exported.database, "s", target, format=format)
    assert {path.name for path in target.iterdir()} == {"manifest.json", *(f"{name}.{format}" for name in cdm_tables())}
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["tables"] == result.tables == exported.result.tables
    for name in ("person", "measurement", "concept"):
        rows = one(cdm, f"SELECT count(*) FROM read_{format}('{target / name}.{format}')")
        assert rows == result.tables[name]
    with pytest.raises(AlreadyExists, match="overwrite=True"):
        export_omop(exported.database, "s", target, format=format)
    export_omop(exported.database, "s", target, format=format, force=True)


def test_a_file_is_not_replaced_by_mistake(exported: Exported, tmp_path: Path) -> None:
    target = tmp_path / "cdm.duckdb"
    target.write_text("mine", encoding="utf-8")
    with pytest.raises(AlreadyExists, match="exists already"):
        export_omop(exported.database, "s", target)
    assert target.read_text(encoding="utf-8") == "mine"
    with pytest.raises(NotFound, match="There is no scenario 'nobody'"):
        export_omop(exported.database, "nobody", tmp_path / "no.duckdb")
    assert {path.name for path in tmp_path.iterdir()} == {"home", "cdm.duckdb"}
    mine = tmp_path / "folder"
    mine.mkdir()
    (mine / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(AlreadyExists, match="was not written by an export"):
        export_omop(exported.database, "s", mine, format="parquet", force=True)
    assert (mine / "thesis.txt").exists()


@pytest.mark.long
def test_exports_are_repeatable(exported: Exported, tmp_path: Path) -> None:
    day = dt.date(2026, 1, 1)
    for name in ("a", "b"):
        export_omop(exported.database, "s", tmp_path / f"{name}.duckdb", today=day)
    with duckdb.connect() as connection:
        for name in ("a", "b"):
            connection.execute(f"ATTACH '{tmp_path / name}.duckdb' AS {name} (READ_ONLY)")
        for table in cdm_tables():
            assert connection.execute(f"FROM a.{table} EXCEPT ALL FROM b.{table}").fetchall() == [], table


def test_the_vocabulary_is_closed(cdm: duckdb.DuckDBPyConnection) -> None:
    zero = cdm.execute("SELECT concept_name, vocabulary_id FROM concept WHERE concept_id = 0").fetchone()
    assert zero == ("No matching concept", "None")
    # every concept that the map names is one of the map's concepts, once for a code
    assert (
        one(
            cdm,
            "SELECT count(*) FROM source_to_concept_map WHERE target_concept_id NOT IN (SELECT concept_id FROM concept)",
        )
        == 0
    )
    twice = "SELECT vocabulary_id, concept_code FROM concept WHERE concept_code <> 'OMOP generated' AND standard_concept = 'S' GROUP BY ALL HAVING count(*) > 1"
    assert cdm.execute(twice).fetchall() == []
    self_mapped = "SELECT count(*) FROM concept AS c WHERE standard_concept = 'S' AND NOT EXISTS (SELECT 1 FROM concept_relationship AS r WHERE r.concept_id_1 = c.concept_id AND r.concept_id_2 = c.concept_id AND r.relationship_id = 'Maps to')"
    assert one(cdm, self_mapped) == 0
    # the hierarchy is closed: what stands above stands above what is below
    above = "SELECT count(*) FROM concept_ancestor WHERE ancestor_concept_id = 316139 AND descendant_concept_id IN (316139, 319835)"
    assert one(cdm, above) == 2


def test_words_and_codes_of_the_map_lead_to_concepts() -> None:
    with duckdb.connect() as connection:
        vocabulary.stage_built_in(connection)
        for table in ("stage_word", "stage_code_map"):
            lost = connection.execute(
                f"SELECT * FROM {table} WHERE concept_id NOT IN (SELECT concept_id FROM stage_concept WHERE standard_concept = 'S')"
            ).fetchall()
            assert lost == [], table
        doubled = "SELECT kind, word FROM stage_word GROUP BY ALL HAVING count(*) > 1"
        assert connection.execute(doubled).fetchall() == []
        # CPT is used without its text
        assert connection.execute(
            "SELECT count(*) FROM stage_concept WHERE vocabulary_id = 'CPT4' AND concept_name <> 'CPT4'"
        ).fetchone() == (0,)


def athena(folder: Path) -> Path:
    """A tiny download of Athena: one ICD-10-CM code with its mapping, and what it needs."""
    folder.mkdir()
    end = "19700101\t20991231\t"
    tables = {
        "CONCEPT": [
            "0\tNo matching concept\tMetadata\tNone\tUndefined\t\tNo matching concept\t" + end,
            "45595797\tSomething rare\tCondition\tICD10CM\t4-char billing code\t\tX99.9\t" + end,
            "4000001\tSomething rare indeed\tCondition\tSNOMED\tClinical Finding\tS\t1234567\t" + end,
            "19\tCondition\tMetadata\tDomain\tDomain\t\tOMOP generated\t" + end,
            "44819098\tICD10CM\tMetadata\tVocabulary\tVocabulary\t\tOMOP generated\t" + end,
        ],
        "CONCEPT_RELATIONSHIP": ["45595797\t4000001\tMaps to\t" + end, "4000001\t45595797\tMapped from\t" + end],
        "VOCABULARY": [
            "None\tOMOP Standardized Vocabularies\tOMOP\tv5.0 31-AUG-26\t44819096",
            "ICD10CM\tICD-10-CM\thttps://www.cdc.gov\tFY2027\t44819098",
        ],
        "DOMAIN": ["Condition\tCondition\t19"],
        "CONCEPT_CLASS": ["4-char billing code\t4-character billing code\t19"],
        "RELATIONSHIP": [
            "Maps to\tNon-standard to Standard map (OMOP)\t0\t0\tMapped from\t44818977",
            "Mapped from\tStandard to Non-standard map (OMOP)\t0\t0\tMaps to\t44818976",
        ],
        "CONCEPT_ANCESTOR": ["4000001\t4000001\t0\t0"],
    }
    for name, rows in tables.items():
        head = "\t".join(column.name for column in cdm_tables()[name.lower()].columns)
        (folder / f"{name}.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return folder


def test_an_athena_download_overrides_the_map(exported: Exported, tmp_path: Path) -> None:
    result = export_omop(exported.database, "s", tmp_path / "cdm.duckdb", vocabulary_folder=athena(tmp_path / "athena"))
    assert result.vocabulary == "v5.0 31-AUG-26"
    with duckdb.connect(str(tmp_path / "cdm.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "SELECT DISTINCT condition_concept_id, condition_source_concept_id FROM condition_occurrence WHERE condition_source_value = 'X99.9'"
        ).fetchall()
        assert rows == [(4000001, 45595797)]
        # words that the download has no concept for keep the one of the map
        assert one(connection, "SELECT count(*) FROM person WHERE gender_concept_id = 8532") > 0
        assert violations(connection, "cdm") == []


@pytest.mark.parametrize("kind", ["share", "workspaces", "scenarios"])
@pytest.mark.long
def test_files_of_the_old_implementation(kind: str, test_data: Path, tmp_path: Path) -> None:
    """Whatever they hold, what comes out keeps the constraints."""
    database = Database(tmp_path / "healthsim.duckdb")
    state = StateManager(database)
    for number, file in enumerate(sorted((test_data / "legacy" / kind).iterdir())[:6]):
        state.import_path(file, name=str(number), lenient=True)
        result = export_omop(database, str(number), tmp_path / f"{number}.duckdb")
        with duckdb.connect(str(tmp_path / f"{number}.duckdb"), read_only=True) as connection:
            assert violations(connection, str(number)) == [], file
            failed = [check for check in quality.checks(connection) if check.failed and check.is_structure]
        assert failed == [], (file, result.left_out)


def test_folders_that_are_no_vocabularies(exported: Exported, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"CONCEPT.csv"):
        export_omop(exported.database, "s", tmp_path / "x.duckdb", vocabulary_folder=tmp_path)
    folder = athena(tmp_path / "athena")
    (folder / "CONCEPT.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="cannot be read as the concept table of Athena"):
        export_omop(exported.database, "s", tmp_path / "x.duckdb", vocabulary_folder=folder)
    assert not (tmp_path / "x.duckdb").exists()
