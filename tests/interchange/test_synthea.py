"""CSV of Synthea comes in: every value of every row, typed rows that join, all versions by their headers."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import healthsim as hs
from healthsim.db.connection import Database
from healthsim.exchange.importing import import_sources
from healthsim.exchange.sources import Scratch, Sources
from healthsim.results import Imported
from healthsim.state.manager import StateManager

Rows = list[dict[str, str]]


def imported(state: StateManager, path: Path, **options: Any) -> Imported:
    with Scratch(None) as scratch:
        sources = Sources(scratch)
        sources.find(path)
        return import_sources(state, [sources], name="s", **options)


def rows(state: StateManager, sql: str) -> list[tuple[Any, ...]]:
    with state.database.read() as connection:
        return connection.execute(sql).fetchall()


def one(state: StateManager, sql: str) -> Any:
    return rows(state, sql)[0][0]


def read(folder: Path) -> dict[str, Rows]:
    tables = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            tables[path.stem] = list(csv.DictReader(stream))
    return tables


def write(folder: Path, tables: dict[str, Rows]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, records in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(records[0]))
            writer.writeheader()
            writer.writerows(records)
    return folder


def values(tables: dict[str, Rows]) -> Counter[tuple[str, str]]:
    """How often each column has each value, over all files."""
    return Counter(
        (column, text) for records in tables.values() for record in records for column, text in record.items()
    )


def kept_values(state: StateManager) -> Counter[tuple[str, str]]:
    documents = rows(state, "SELECT document::VARCHAR FROM scenario_documents")
    return Counter((column, text) for (document,) in documents for column, text in json.loads(document).items())


@pytest.fixture(scope="module")
def sample(test_data: Path) -> Path:
    return test_data / "synthea-csv"


@pytest.fixture(scope="module")
def loaded(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[StateManager, Imported]:
    """The 27 patients, imported once for the tests that only look."""
    state = StateManager(Database(tmp_path_factory.mktemp("synthea") / "d.duckdb"))
    return state, imported(state, sample)


@pytest.fixture
def few(sample: Path) -> dict[str, Rows]:
    """Four patients of the sample with all that is theirs, and every organisation, provider and payer."""
    tables = read(sample)
    whom = {record["Id"] for record in tables["patients"][:4]}
    owners = ("PATIENT", "PATIENTID")
    chosen = {
        name: [
            record
            for record in records
            if not any(owner in record for owner in owners) or any(record.get(owner) in whom for owner in owners)
        ][:400]
        if name != "patients"
        else records[:4]
        for name, records in tables.items()
    }
    return {name: records for name, records in chosen.items() if records}


def test_every_value_of_every_row_is_found_again(sample: Path, loaded: tuple[StateManager, Imported]) -> None:
    state, report = loaded
    tables = read(sample)
    assert values(tables) == kept_values(state)
    assert report.sources[0].units == sum(map(len, tables.values())) == report.entity_count


def test_the_report_tells_units_types_and_what_is_kept_without_one(loaded: tuple[StateManager, Imported]) -> None:
    (source,) = loaded[1].sources
    assert source.format == "synthea"
    assert (source.entities["patients"], source.entities["encounters"], source.entities["claims"]) == (27, 604, 1267)
    assert source.kept == {
        "observation": 739,
        "claims_transaction": 5228,
        "careplan": 49,
        "imaging_study": 1,
        "device": 3,
        "supply": 72,
        "payer": 1,
        "payer_transition": 258,
    }
    (oddity,) = source.oddities
    assert (oddity.count, oddity.file) == (189, "claims.csv")
    assert oddity.what.startswith("a claim whose payments do not add up to its charges")


@pytest.mark.parametrize(
    ("table", "to", "key", "expected"),
    [
        ("encounters", "patients", "patient_id", 604),
        ("encounters", "facilities", "facility_id", 604),
        ("diagnoses", "encounters", "encounter_id", 438),
        ("procedures", "encounters", "encounter_id", 249),
        ("medications", "encounters", "encounter_id", 663),
        ("immunizations", "encounters", "encounter_id", 29),
        ("lab_results", "encounters", "encounter_id", 251),
        ("vital_signs", "encounters", "encounter_id", 28),
        ("allergies", "patients", "patient_id", 40),
        ("claims", "encounters", "encounter_id", 1267),
        ("claims", "members", "member_id", 1051),
        ("claim_lines", "claims", "claim_id", 1545),
        ("members", "plans", "plan_id", 793),
        ("members", "patients", "patient_id", 793),
    ],
)
def test_typed_rows_join(loaded: tuple[StateManager, Imported], table: str, to: str, key: str, expected: int) -> None:
    assert one(loaded[0], f"SELECT count(*) FROM {table} JOIN {to} USING (scenario_id, {key})") == expected


def test_providers_of_encounters_are_there(loaded: tuple[StateManager, Imported]) -> None:
    joined = "SELECT count(*) FROM encounters e JOIN providers p ON p.provider_id = e.attending_provider_id"
    assert one(loaded[0], joined) == 604


def test_a_row_of_vital_signs_is_the_observations_of_one_encounter_and_time(
    loaded: tuple[StateManager, Imported],
) -> None:
    assert rows(
        loaded[0],
        "SELECT count(*), count(height_cm), count(weight_kg), count(systolic_bp), count(heart_rate), count(bmi),"
        " count(temperature_c) FROM vital_signs",
    ) == [(28, 27, 27, 27, 27, 25, 1)]


def test_codes_keep_their_system(loaded: tuple[StateManager, Imported]) -> None:
    state = loaded[0]
    assert rows(state, "SELECT DISTINCT code_system FROM diagnoses") == [("SNOMED CT",)]
    assert rows(state, "SELECT code_system, count(*) FROM allergies GROUP BY ALL ORDER BY 1") == [
        ("RxNorm", 3),
        ("SNOMED CT", 37),
    ]


def test_totals_are_the_sums_of_their_transactions(sample: Path, loaded: tuple[StateManager, Imported]) -> None:
    """synthea#1513: totals = sums."""
    charged = sum(
        float(record["AMOUNT"]) for record in read(sample)["claims_transactions"] if record["TYPE"] == "CHARGE"
    )
    assert float(one(loaded[0], "SELECT sum(total_charge) FROM claims")) == pytest.approx(charged)
    assert float(one(loaded[0], "SELECT sum(charge_amount) FROM claim_lines")) == pytest.approx(charged)
    assert (
        one(
            loaded[0],
            "SELECT count(*) FROM claims WHERE total_allowed <> total_paid + member_responsibility",
        )
        == 0
    )


def test_smoking_status_is_the_patients(sample: Path, loaded: tuple[StateManager, Imported]) -> None:
    asked = {record["PATIENT"] for record in read(sample)["observations"] if record["CODE"] == "72166-2"}
    assert one(loaded[0], "SELECT count(smoking_status) FROM patients") == len(asked) == 24


@pytest.mark.long
def test_a_second_import_changes_nothing(few: dict[str, Rows], tmp_path: Path, state: StateManager) -> None:
    folder = write(tmp_path / "csv", few)
    tables = ("scenario_documents", "patients", "claims", "claim_lines", "members", "vital_signs", "medications")

    def everything() -> list[list[tuple[Any, ...]]]:
        return [rows(state, f"SELECT * FROM {table} ORDER BY ALL") for table in tables]

    first = imported(state, folder)
    before = everything()
    second = imported(state, folder, mode="merge")
    assert everything() == before
    assert second.entities_by_type == first.entities_by_type


# -- versions --------------------------------------------------------------------------------------------------


def _renamed(records: Rows, names: dict[str, str | None]) -> Rows:
    """Records with other names of columns; those without a name are left out."""
    return [
        {names.get(key, key) or "": text for key, text in record.items() if names.get(key, key) is not None}
        for record in records
    ]


def as_2_7(tables: dict[str, Rows]) -> dict[str, Rows]:
    old = {name: records for name, records in tables.items() if not name.startswith("claims")}
    old["procedures"] = _renamed(old["procedures"], {"START": "DATE", "STOP": None})
    old["observations"] = _renamed(old["observations"], {"CATEGORY": None})
    dropped = {"SYSTEM", "TYPE", "CATEGORY", "REACTION1", "DESCRIPTION1", "SEVERITY1", "REACTION2", "DESCRIPTION2"}
    old["allergies"] = [
        {key: text for key, text in record.items() if key not in dropped | {"SEVERITY2"}} for record in old["allergies"]
    ]
    old["payer_transitions"] = [
        {
            "PATIENT": record["PATIENT"],
            "START_YEAR": record["START_YEAR"][:4],
            "END_YEAR": record["END_YEAR"][:4],
            "PAYER": record["PAYER"],
            "OWNERSHIP": record["OWNERSHIP"],
        }
        for record in old["payer_transitions"]
    ]
    return old


def as_3_1(tables: dict[str, Rows]) -> dict[str, Rows]:
    new = dict(tables)
    new["patients"] = [{**record, "FIPS": "25017", "INCOME": "52000"} for record in tables["patients"]]
    names: dict[str, str | None] = {"START_YEAR": "START_DATE", "END_YEAR": "END_DATE"}
    new["payer_transitions"] = _renamed(tables["payer_transitions"], names)
    return new


def as_3_3(tables: dict[str, Rows]) -> dict[str, Rows]:
    new = as_3_1(tables)
    new["patients"] = [{**record, "MIDDLE": "Quinn5"} for record in new["patients"]]
    for name in ("conditions", "procedures"):
        new[name] = [{**record, "SYSTEM": "http://snomed.info/sct"} for record in tables[name]]
    return new


@pytest.mark.parametrize(
    ("version", "change"),
    [("2.7", as_2_7), ("3.0", dict), ("3.1", as_3_1), ("3.3", as_3_3)],
)
def test_every_version_comes_in_whole(
    version: str,
    change: Callable[[dict[str, Rows]], dict[str, Rows]],
    few: dict[str, Rows],
    tmp_path: Path,
    state: StateManager,
) -> None:
    tables = change(few)
    report = imported(state, write(tmp_path / "csv", tables))
    assert str(state.get("s").description).startswith(f"CSV of Synthea {version}: allergies, careplans, c")
    assert values(tables) == kept_values(state)
    assert report.sources[0].units == sum(map(len, tables.values()))
    for table in ("encounters", "diagnoses", "procedures", "medications", "members", "vital_signs", "allergies"):
        total = one(state, f"SELECT count(*) FROM {table}")
        joined = one(state, f"SELECT count(*) FROM {table} JOIN patients USING (scenario_id, patient_id)")
        assert total == joined > 0, table
    for column in (
        "procedures.performed_datetime",
        "members.coverage_start",
        "diagnoses.onset_date",
        "diagnoses.code_system",
    ):
        table, name = column.split(".")
        assert one(state, f"SELECT count(*) - count({name}) FROM {table}") == 0, column
    if version >= "3.1":
        assert rows(state, "SELECT DISTINCT county_fips FROM patients") == [("25017",)]
    if version == "3.3":
        assert rows(state, "SELECT DISTINCT middle_name FROM patients") == [("Quinn5",)]


# -- what real files do ----------------------------------------------------------------------------------------

PATIENT = {
    "Id": "p1",
    "BIRTHDATE": "1980-02-03",
    "DEATHDATE": "",
    "FIRST": "Ada123",
    "LAST": "O'Birch45",
    "ZIP": "",
    "GENDER": "F",
    "HEALTHCARE_EXPENSES": "NaN",
}
ENCOUNTER = {"Id": "e1", "START": "2024-01-02T03:04:05Z", "STOP": "", "PATIENT": "p1", "ENCOUNTERCLASS": "urgentcare"}


def test_repeated_keys_are_all_kept(tmp_path: Path, state: StateManager) -> None:
    """synthea#1648: repeated keys."""
    drug = {"START": "2024-01-02", "STOP": "", "PATIENT": "p1", "ENCOUNTER": "e1", "CODE": "1", "DISPENSES": "1"}
    money = {"ID": "t1", "CLAIMID": "c1", "CHARGEID": "1", "TYPE": "CHARGE", "AMOUNT": "5.00"}
    folder = write(
        tmp_path / "csv",
        {
            "patients": [PATIENT],
            "encounters": [ENCOUNTER],
            "medications": [drug, drug, {**drug, "DISPENSES": "2"}],
            "claims_transactions": [money, {**money, "AMOUNT": "7.00"}],
        },
    )
    for mode in ("create", "merge"):
        imported(state, folder, mode=mode)
        assert one(state, "SELECT count(DISTINCT medication_id) FROM medications") == 3
        assert rows(state, "SELECT count(DISTINCT claim_line_id), sum(charge_amount)::VARCHAR FROM claim_lines") == [
            (2, "12.00")
        ]
        assert one(state, "SELECT count(*) FROM scenario_documents") == 7


def test_dates_that_never_come_are_no_dates(tmp_path: Path, state: StateManager) -> None:
    """synthea#1360: far-future dates."""
    span = {"PATIENT": "p1", "MEMBERID": "m1", "START_DATE": "2014-10-14T04:17:47Z", "PAYER": "x", "OWNERSHIP": "Self"}
    folder = write(
        tmp_path / "csv",
        {
            "patients": [PATIENT],
            "encounters": [ENCOUNTER],
            "payer_transitions": [{**span, "END_DATE": "292278994-08-17T07:12:55Z"}],
        },
    )
    report = imported(state, folder)
    assert rows(state, "SELECT coverage_start::VARCHAR, coverage_end, relationship_code FROM members") == [
        ("2014-10-14", None, "18")
    ]
    assert report.sources[0].oddities == []
    assert one(state, "SELECT document->>'END_DATE' FROM scenario_documents WHERE entity_type = 'member'") == (
        "292278994-08-17T07:12:55Z"
    )


def test_columns_may_be_more_and_fewer(tmp_path: Path, state: StateManager) -> None:
    """OHDSI/ETL-Synthea#88, #43, #70, #133: new or missing columns."""
    condition = {"START": "2024-01-02", "STOP": "", "PATIENT": "p1", "CODE": "44054006", "DESCRIPTION": "Diabetes"}
    folder = write(
        tmp_path / "csv",
        {"patients": [{**PATIENT, "SHOE_SIZE": "38"}], "conditions": [{**condition, "ICD10_CODE": "E11.9"}]},
    )
    (folder / "conditions.csv").write_text(
        (folder / "conditions.csv").read_text(encoding="utf-8") + "2024-02-03,,p1\n2024-02-04,,p1,1,x,y,z,more\n",
        encoding="utf-8",
    )
    report = imported(state, folder)
    assert rows(state, "SELECT code, code_system FROM diagnoses ORDER BY onset_date") == [
        ("44054006", "SNOMED CT"),
        (None, "SNOMED CT"),
        ("1", "SNOMED CT"),
    ]
    kept = [json.loads(text) for (text,) in rows(state, "SELECT document::VARCHAR FROM scenario_documents")]
    assert {text for document in kept for text in document.values()} >= {"38", "E11.9", "z", "more"}
    assert [(oddity.what, oddity.line, oddity.count) for oddity in report.sources[0].oddities] == [
        ("a row of fewer fields than the header", 3, 1),
        ("a row of more fields than the header", 4, 1),
    ]


def test_text_stays_as_it_is(tmp_path: Path, state: StateManager) -> None:
    folder = write(tmp_path / "csv", {"patients": [PATIENT], "encounters": [ENCOUNTER]})
    text = (folder / "patients.csv").read_text(encoding="utf-8")
    (folder / "patients.csv").write_text("\ufeff" + text.replace("Id,", "ID,"), encoding="utf-8")
    imported(state, folder)
    assert rows(state, "SELECT patient_id, given_name, family_name, postal_code FROM patients") == [
        ("p1", "Ada123", "O'Birch45", None)
    ]
    assert rows(state, "SELECT encounter_class, start_datetime::VARCHAR, end_datetime FROM encounters") == [
        ("outpatient", "2024-01-02 03:04:05", None)
    ]


def test_one_file_alone_is_told_by_its_header(tmp_path: Path, state: StateManager) -> None:
    folder = write(tmp_path / "csv", {"patients": [PATIENT]})
    shutil.move(folder / "patients.csv", folder / "people-of-ward-7.txt")
    assert imported(state, folder / "people-of-ward-7.txt").entities_by_type == {"patients": 1}


@pytest.mark.long
def test_the_star_of_it_is_built_and_the_rules_run(sample: Path) -> None:
    hs.import_(sample, as_="synthea")
    (built,) = hs.build("synthea")
    assert built.name == "synthea"
    assert hs.check("synthea").checked > 50
