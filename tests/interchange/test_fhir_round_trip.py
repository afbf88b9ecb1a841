"""Scenario -> FHIR -> scenario: every column that FHIR carries comes back, and here is the list of those that do not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from healthsim.db.connection import Database
from healthsim.exchange.fhir.writing import export_fhir
from healthsim.model import ENTITY_TYPES, EntityType
from healthsim.model.core import DemographicColumns
from healthsim.results import Imported
from healthsim.state.manager import StateManager
from healthsim.workbench import Workbench

#: entity type -> the columns that FHIR does not carry; every other column comes back as it was
NOT_CARRIED: dict[str, set[str]] = {
    "person": set(),
    "provider": set(),
    "facility": set(),
    "pharmacy": set(),
    "patient": set(),
    "encounter": set(),
    "diagnosis": set(),
    "procedure": set(),
    "medication": set(),
    "lab_result": set(),
    "vital_sign": set(),
    "allergy": set(),
    "immunization": set(),
    "order": set(),
    "clinical_note": set(),
    "prescription": set(),
    "pharmacy_claim": set(),
    "claim": set(),
    "claim_line": set(),
    # who a member is says the patient
    "member": set(DemographicColumns.model_fields),
    "plan": set(ENTITY_TYPES["plan"].column) - {"plan_id", "plan_code", "plan_name", "plan_type", "payer_name"},
}
#: columns that no row here fills, so that nothing is shown of them: a fill that is paid has no reason to be rejected
EMPTY = {"pharmacy_claim": {"reject_code"}}
#: which rows are written, where not all are: dispenses are of paid fills, and plans are those that a member has
WRITTEN = {"pharmacy_claim": "status = 'paid'", "plan": "plan_id IN (SELECT plan_id FROM main.members)"}

_ADDRESS = {
    "address_line1": "1 Elm St",
    "address_line2": "Flat 2",
    "city": "Bly",
    "state": "CA",
    "postal_code": "92101",
}
_SOMEBODY = {
    "person_id": "N1",
    "given_name": "Ada",
    "family_name": "Birch",
    "prefix": "Dr.",
    "suffix": "Jr.",
    "birth_date": "1950-02-03",
    "gender": "F",
    "deceased": True,
    "death_date": "2025-01-02",
    "census_tract": "06073000100",
    **_ADDRESS,
}
_OF_ADA = {"patient_id": "P1", "encounter_id": "E1"}
#: what generated rows leave empty, by hand
BY_HAND: dict[str, list[dict[str, Any]]] = {
    "persons": [_SOMEBODY],
    "patients": [{"patient_id": "P1", "mrn": "M1", **_SOMEBODY}],
    "providers": [
        {
            "provider_id": "D1",
            "npi": "1234567893",
            "entity_type_code": "1",
            "name": "Dr. Cy Dale",
            "given_name": "Cy",
            "family_name": "Dale",
            "dea_number": "AB1234563",
            "tax_id": "12-3456789",
            **_ADDRESS,
        },
        {"provider_id": "D2", "npi": "1679576722", "entity_type_code": "2", "organization_name": "Elm Clinic"},
    ],
    "facilities": [{"facility_id": "F1", "name": "Elm Hospital", "ccn": "050001", **_ADDRESS}],
    "pharmacies": [
        {"pharmacy_id": "R1", "name": "Elm Drugs 7", "chain_name": "Elm Drugs", "ncpdp_id": "1234567", **_ADDRESS}
    ],
    "encounters": [
        {
            **_OF_ADA,
            "class_code": "I",
            "admission_time": "2025-01-01T08:00:00",
            "admitting_provider_id": "D1",
            "facility_id": "F1",
            "department": "Surgery",
            "room": "12",
            "bed": "B",
            "chief_complaint": "Chest pain",
        }
    ],
    "diagnoses": [{"diagnosis_id": "X1", **_OF_ADA, "code": "I10", "resolved_date": "2025-01-02"}],
    "procedures": [{"procedure_id": "O1", **_OF_ADA, "code": "27447", "code_system": "CPT", "modifiers": ["LT", "59"]}],
    "lab_results": [
        {
            "lab_result_id": "L1",
            **_OF_ADA,
            "test_name": "Glucose",
            "loinc_code": "2345-7",
            "value": "7.20",
            "unit": "mg/dL",
            "performing_lab": "Elm Lab",
            "reference_range": "70-99 mg/dL",
        }
    ],
    "allergies": [
        {
            "allergy_id": "A1",
            "patient_id": "P1",
            "category": "food",
            "code": "91935009",
            "code_system": "SNOMED CT",
            "criticality": "high",
            "onset_date": "2001-02-03",
            "reaction": "Hives",
            "severity": "severe",
            "status": "active",
            "substance": "Peanut",
            "verification_status": "confirmed",
        }
    ],
    "orders": [{"order_id": "S1", **_OF_ADA, "code": "2345-7", "scheduled_datetime": "2025-01-01T09:30:00"}],
    "prescriptions": [
        {"prescription_id": "RX1", "patient_id": "P1", "ndc": "00093101142", "written_date": "2025-01-01"}
    ],
    "pharmacy_claims": [
        {
            "pharmacy_claim_id": "FILL1",
            "prescription_id": "RX1",
            "prescription_number": "RX77",
            "pharmacy_id": "R1",
            "service_date": "2025-01-01",
            "ndc": "00093101142",
            "status": "paid",
        }
    ],
    "claims": [
        {
            "claim_id": "C1",
            "patient_id": "P1",
            "claim_type": "professional",
            "service_date": "2025-01-01",
            "authorization_number": "PA1",
        }
    ],
    "claim_lines": [
        {
            "claim_line_id": "C1-1",
            "claim_id": "C1",
            "line_number": 1,
            "procedure_code": "J1100",
            "ndc": "00093101142",
            "procedure_modifiers": ["JW", "59"],
            "service_date": "2025-01-01",
        }
    ],
}


@contextmanager
def both(database: Database, known: EntityType, sent: str, back: str, where: str = "TRUE") -> Iterator[Any]:
    """``sent`` and ``back``: the rows of a type in two scenarios."""
    with database.read() as connection:
        for view, name, rows in (("sent", sent, where), ("back", back, "TRUE")):
            ((scenario,),) = connection.execute("SELECT scenario_id FROM scenarios WHERE name = ?", [name]).fetchall()
            connection.execute(
                f'CREATE OR REPLACE TEMP VIEW {view} AS SELECT * FROM main."{known.plural}"'
                f" WHERE scenario_id = '{scenario}' AND {rows}"
            )
        yield connection


def value(row: str, known: EntityType, column: str) -> str:
    """A value to compare: of lists their members, since spaces between them say nothing."""
    is_list = known.column[column].sql_type == "JSON"
    return f"({row}.{column}->>'$[*]')" if is_list else f"{row}.{column}"


def changed(connection: Any, known: EntityType, *, given: bool = False) -> dict[str, tuple[Any, ...]]:
    """column -> how many rows differ, and a value of each side; of ``given`` ones only those that were sent.

    A value that was not sent can come back as what FHIR has to say: a status, the system of a code.
    """
    differences = {}
    for column in known.column:
        sent, back = value("sent", known, column), value("back", known, column)
        counted = connection.execute(
            f"SELECT count(*), any_value(({sent})::VARCHAR), any_value(({back})::VARCHAR)"
            f" FROM sent JOIN back USING ({known.key}) WHERE ({sent}) IS DISTINCT FROM ({back})"
            + (f" AND sent.{column} IS NOT NULL" if given else "")
        ).fetchone()
        if counted[0]:
            differences[column] = counted
    return differences


def empty(connection: Any, known: EntityType) -> set[str]:
    """The columns without a value in any row that was sent."""
    counts = ", ".join(f"count({column})" for column in known.column)
    filled = connection.execute(f"SELECT {counts} FROM sent").fetchone()
    return {column for column, count in zip(known.column, filled, strict=True) if not count}


def keys(connection: Any, known: EntityType, view: str) -> set[str]:
    return {key for (key,) in connection.execute(f"SELECT {known.key} FROM {view}").fetchall()}


def there_and_back(database: Database, name: str, folder: Path, back: str, **options: Any) -> Imported:
    """Export a scenario, and import what was written as another one."""
    export_fhir(database, name, folder, force=True, **options)
    read = Workbench.at(database.location.text).import_(folder, as_=back, overwrite=True)
    assert isinstance(read, Imported)
    return read


@pytest.fixture(scope="module")
def sent(population: Database) -> Database:
    """The database with two scenarios: a generated one, and that by hand."""
    StateManager(population).save("by hand", BY_HAND)
    return population


@pytest.fixture(scope="module")
def round_trip(sent: Database, tmp_path_factory: pytest.TempPathFactory) -> Database:
    """The database with what was read of their bulk files."""
    for name in ("town", "by hand"):
        read = there_and_back(sent, name, tmp_path_factory.mktemp("fhir") / "out", f"{name} by FHIR")
        assert read.remarks() == []
    return sent


@pytest.fixture(scope="module")
def by_bundles(sent: Database, tmp_path_factory: pytest.TempPathFactory) -> Database:
    """The same by a transaction for each patient."""
    for name in ("town", "by hand"):
        folder = tmp_path_factory.mktemp("bundles") / "out"
        read = there_and_back(sent, name, folder, f"{name} by bundles", bundle="transaction")
        assert {source.format for source in read.sources} == {"fhir"}
        assert not [oddity for source in read.sources for oddity in source.oddities]
    return sent


#: entity types of which a bundle has those that its patient's resources refer to
SHARED = ("provider", "facility", "pharmacy", "plan")


@pytest.mark.parametrize("entity", NOT_CARRIED)
def test_what_bundles_carry_comes_back(by_bundles: Database, entity: str) -> None:
    """Entries have addresses that are not made of ids, and stand in one file for each patient: rows are the same."""
    known = ENTITY_TYPES[entity]
    lost: dict[str, tuple[Any, ...]] = {}
    for name in ("town", "by hand"):
        with both(by_bundles, known, name, f"{name} by bundles", WRITTEN.get(entity, "TRUE")) as connection:
            sent, back = keys(connection, known, "sent"), keys(connection, known, "back")
            assert back <= sent if entity in SHARED else back == sent
            assert back or not sent
            lost |= changed(connection, known, given=name != "town")
    assert {column: counts for column, counts in lost.items() if column not in NOT_CARRIED[entity]} == {}


@pytest.mark.parametrize("entity", NOT_CARRIED)
def test_what_fhir_carries_comes_back(round_trip: Database, entity: str) -> None:
    known = ENTITY_TYPES[entity]
    lost: dict[str, tuple[Any, ...]] = {}
    shown: set[str] = set()
    for name in ("town", "by hand"):
        with both(round_trip, known, name, f"{name} by FHIR", WRITTEN.get(entity, "TRUE")) as connection:
            assert keys(connection, known, "back") == keys(connection, known, "sent")
            lost |= changed(connection, known, given=name != "town")
            shown |= known.column.keys() - empty(connection, known)
    assert {column: counts for column, counts in lost.items() if column not in NOT_CARRIED[entity]} == {}
    # the lists say no more than is so: what is on the first is lost, what is on the second was never there
    assert lost.keys() == NOT_CARRIED[entity] & shown
    assert known.column.keys() - NOT_CARRIED[entity] - shown == EMPTY.get(entity, set())
