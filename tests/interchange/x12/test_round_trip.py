"""A scenario as X12, read again: every column that X12 has room for comes back, and this is the list of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import healthsim as hs
from healthsim.db.connection import Database
from healthsim.exchange.x12.export import export_x12
from healthsim.model import ENTITY_TYPES, entity_type_named
from healthsim.results import Imported
from healthsim.state.manager import StateManager

#: table -> how its rows are recognised, the columns that come back as they are, those that come back in upper case
#: without accents, and those that name a row by another key: an NPI, the number of a record, of a member
CARRIED: dict[str, tuple[str, str, str, str]] = {
    "claims": (
        "claim_id",
        "subscriber_id claim_type bill_type service_date service_end_date admission_date discharge_date adjudicated_date"
        " paid_date remittance_date principal_diagnosis other_diagnoses principal_diagnosis_poa other_diagnoses_poa"
        " admitting_diagnosis admission_type_code admission_source_code discharge_status_code drg_code status"
        " denial_reason_code authorization_number total_charge",
        "",
        "patient_id=patients.mrn member_id=members.member_number rendering_provider_id=providers.npi"
        " billing_facility_id=facilities.npi",
    ),
    "claim_lines": (
        "claim_line_id",
        "claim_id line_number service_date procedure_code procedure_modifiers revenue_code ndc units charge_amount",
        "",
        "",
    ),
    "members": (
        "member_number, coverage_start",
        "subscriber_id relationship_code group_id plan_code coverage_end coverage_status birth_date gender ssn state"
        " postal_code county_fips phone email language race ethnicity",
        "payer_name family_name given_name middle_name suffix prefix address_line1 address_line2 city",
        "pcp_provider_id=providers.npi",
    ),
    "patients": (
        "mrn",
        "birth_date gender state postal_code",
        "family_name given_name middle_name address_line1 city",
        "",
    ),
    "providers": ("npi", "entity_type_code taxonomy_code", "family_name given_name", ""),
    "facilities": ("npi", "state postal_code phone tax_id", "name address_line1 city", ""),
}
#: of claims that a payer has decided; the others are asked for in the 276 only
DECIDED = {
    "claims": "received_date total_allowed total_paid member_responsibility",
    "claim_lines": "allowed_amount paid_amount deductible_amount copay_amount coinsurance_amount member_responsibility"
    " status adjustment_reason_code",
}
#: of claims of professionals; X12 has no place for it on those of institutions
OF_PROFESSIONALS = {"claims": "place_of_service", "claim_lines": "place_of_service diagnosis_pointers"}
#: columns that X12 has no place for, and those of rows that no transaction speaks of
NOT_CARRIED = {
    # a second payer is written, and not read yet
    "claims": "encounter_id facility_id billing_provider_id secondary_member_id secondary_paid",
    "claim_lines": "",
    "members": (
        "member_id patient_id person_id plan_id country county census_tract deceased death_date coverage_order termination_recorded"
    ),
}


def read(state: StateManager, folder: Path, name: str = "back", mode: str = "create") -> Imported:
    """Import the transactions of a folder through the public door."""
    imported = hs.open(state.database.location.path).import_(*sorted(folder.glob("*.x12")), as_=name, mode=mode)
    assert isinstance(imported, Imported)
    return imported


@pytest.fixture(scope="module")
def both(population: Database, exported: Path) -> Database:
    """The database with the scenario and, as ``back``, what was read of it."""
    imported = read(StateManager(population), exported, "back")
    assert not [oddity for source in imported.sources for oddity in source.oddities]
    return population


@contextmanager
def views(database: Database) -> Iterator[Any]:
    """``sent_claims``, ``back_claims`` ...: the tables of both."""
    with database.read() as connection:
        for name, prefix in (("town", "sent"), ("back", "back")):
            ((scenario,),) = connection.execute("SELECT scenario_id FROM scenarios WHERE name = ?", [name]).fetchall()
            for table in CARRIED:
                connection.execute(
                    f"CREATE OR REPLACE TEMP VIEW {prefix}_{table} AS SELECT * FROM main.{table}"
                    f" WHERE scenario_id = '{scenario}'"
                )
        yield connection


def value(row: str, table: str, column: str) -> str:
    """A value to compare: of lists their members, since spaces between them say nothing."""
    is_list = ENTITY_TYPES[entity_type_named(table).name].column[column].sql_type == "JSON"  # type: ignore[union-attr]
    return f"({row}.{column}->>'$[*]')" if is_list else f"{row}.{column}"


def differences(connection: Any, table: str, where: str, expressions: dict[str, tuple[str, str]]) -> dict[str, Any]:
    """column -> how many rows differ, and the first that does."""
    key = CARRIED[table][0]
    found = {}
    for column, (sent, back) in expressions.items():
        counted = connection.execute(
            f"SELECT count(*), count(s.{column}), any_value(({sent})::VARCHAR), any_value(({back})::VARCHAR)"
            f" FROM sent_{table} AS s JOIN back_{table} AS b USING ({key})"
            f" WHERE {where} AND ({sent}) IS DISTINCT FROM ({back})"
        ).fetchone()
        if counted[0]:
            found[column] = counted
    return found


@pytest.mark.parametrize("table", CARRIED)
def test_what_x12_carries_comes_back(both: Database, table: str) -> None:
    key, exact, upper, linked = CARRIED[table]
    same = {column: (value("s", table, column), value("b", table, column)) for column in exact.split()}
    same |= {column: (f"upper(strip_accents(s.{column}))", f"b.{column}") for column in upper.split()}
    for link in linked.split():
        column, _, target = link.partition("=")
        other, _, number = target.partition(".")
        own = {
            "patients": "patient_id",
            "members": "member_id",
            "providers": "provider_id",
            "facilities": "facility_id",
        }
        same[column] = tuple(  # type: ignore[assignment]  # two texts
            f"(SELECT any_value(t.{number}) FROM {prefix}_{other} AS t WHERE t.{own[other]} = {row}.{column})"
            for prefix, row in (("sent", "s"), ("back", "b"))
        )
    with views(both) as connection:
        if table in ("claims", "claim_lines", "members"):
            lost = connection.execute(
                f"SELECT {key} FROM sent_{table} EXCEPT ALL SELECT {key} FROM back_{table}"
            ).fetchall()
            more = connection.execute(
                f"SELECT {key} FROM back_{table} EXCEPT ALL SELECT {key} FROM sent_{table}"
            ).fetchall()
            assert (lost, more) == ([], [])
        assert connection.execute(f"SELECT count(*) FROM back_{table}").fetchone()[0] > 0
        # claims name a member by number, and add what they say to the first span: of several, it may have been another
        once = "s.member_number IN (FROM sent_members SELECT member_number GROUP BY ALL HAVING count(*) = 1)"
        assert differences(connection, table, once if table == "members" else "TRUE", same) == {}


@pytest.mark.parametrize("table", DECIDED)
def test_what_was_decided_comes_back(both: Database, table: str) -> None:
    same = {column: (f"s.{column}", f"b.{column}") for column in DECIDED[table].split()}
    with views(both) as connection:
        where = "s.claim_id IN (SELECT claim_id FROM sent_claims WHERE status <> 'pended')"
        assert differences(connection, table, where, same) == {}


@pytest.mark.parametrize("table", OF_PROFESSIONALS)
def test_what_only_professionals_say_comes_back(both: Database, table: str) -> None:
    same = {
        column: (value("s", table, column), value("b", table, column)) for column in OF_PROFESSIONALS[table].split()
    }
    with views(both) as connection:
        where = "s.claim_id IN (SELECT claim_id FROM sent_claims WHERE claim_type = 'professional')"
        assert differences(connection, table, where, same) == {}


@pytest.mark.parametrize("table", NOT_CARRIED)
def test_every_column_is_on_a_list(table: str) -> None:
    known = next(entity_type for entity_type in ENTITY_TYPES.values() if entity_type.plural == table)
    key, exact, upper, linked = CARRIED[table]
    listed = {*key.split(", "), *exact.split(), *upper.split(), *(link.partition("=")[0] for link in linked.split())}
    for more in (DECIDED, OF_PROFESSIONALS, NOT_CARRIED):
        listed |= set(more.get(table, "").split())
    assert {column.name for column in known.columns} == listed


def test_a_second_import_changes_nothing(both: Database, exported: Path) -> None:
    def everything() -> list[list[tuple[Any, ...]]]:
        with views(both) as connection:
            return [
                connection.execute(f"SELECT * EXCLUDE (created_at, saved_at) FROM back_{table} ORDER BY ALL").fetchall()
                for table in CARRIED
            ]

    before = everything()
    read(StateManager(both), exported, "back", mode="merge")
    assert everything() == before


@pytest.mark.long
def test_what_was_read_can_be_written_again(both: Database, exported: Path, tmp_path: Path) -> None:
    """837 -> scenario -> 837: the same claims with the same charges, and remittances that pay the same."""
    from segments_of import segments

    export_x12(both, "back", tmp_path / "x12")
    for kind, name, kept in (("837P", "CLM", 3), ("837I", "CLM", 3), ("835", "CLP", 6), ("837P", "SV1", 5)):
        first = sorted(s[:kept] for s in segments(exported / f"{kind}.x12") if s[0] == name)
        again = sorted(s[:kept] for s in segments(tmp_path / "x12" / f"{kind}.x12") if s[0] == name)
        # status 19: processed as primary and forwarded to the second payer, which is not read
        assert again == sorted([*s[:2], "1", *s[3:]] if s[0] == "CLP" and s[2] == "19" else s for s in first)
