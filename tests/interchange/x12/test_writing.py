"""What is written of whom: dependents, denials, claims taken back, clinics that bill; and of text that would break it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from segments_of import segments
from test_validators import faults_by_pyx12, sets_by_x12sdk

from healthsim.errors import AlreadyExists, NotFound
from healthsim.exchange.x12 import elements
from healthsim.exchange.x12.export import export_x12
from healthsim.results import Exported
from healthsim.state.manager import StateManager

PEOPLE = {
    "plans": [
        {
            "plan_id": "P1",
            "plan_code": "GOLD",
            "plan_name": "Gold PPO",
            "plan_type": "PPO",
            "payer_name": "Lakeshore Health",
        }
    ],
    "providers": [
        {
            "provider_id": "D1",
            "npi": "1982671186",
            "given_name": "Eva",
            "family_name": "Hill",
            "taxonomy_code": "207Q00000X",
            "address_line1": "2 Lake Rd",
            "city": "Madison",
            "state": "WI",
            "postal_code": "53703",
            "entity_type_code": "1",
        }
    ],
    "facilities": [
        {
            "facility_id": "F1",
            "npi": "1234567893",
            "name": "Lake Clinic",
            "facility_type": "clinic",
            "tax_id": "97-1234567",
            "address_line1": "1 Lake Rd",
            "city": "Madison",
            "state": "WI",
            "postal_code": "53703",
        }
    ],
    "members": [
        {
            "member_id": "M1",
            "member_number": "N1",
            "subscriber_id": "N1",
            "relationship_code": "18",
            "plan_id": "P1",
            "plan_code": "GOLD",
            "group_id": "G1",
            "given_name": "Ada",
            "family_name": "Birch",
            "birth_date": "1980-04-22",
            "gender": "F",
            "ssn": "900-12-3456",
            "address_line1": "12 Birch Rd",
            "city": "Madison",
            "state": "WI",
            "postal_code": "53703",
            "coverage_start": "2025-01-01",
            "coverage_status": "active",
        },
        {
            "member_id": "M2",
            "member_number": "N2",
            "subscriber_id": "N1",
            "relationship_code": "19",
            "plan_id": "P1",
            "plan_code": "GOLD",
            "group_id": "G1",
            "given_name": "Tom",
            "family_name": "Birch",
            "birth_date": "2015-04-22",
            "gender": "M",
            "address_line1": "12 Birch Rd",
            "city": "Madison",
            "state": "WI",
            "postal_code": "53703",
            "coverage_start": "2025-01-01",
            "coverage_status": "active",
        },
    ],
}


def claim(number: str, member: str, status: str, paid: str, **more: Any) -> dict[str, Any]:
    """A claim of 150 with two lines; the member owes 20 of a paid one."""
    first, second = ("60", "20") if status == "paid" else ("0", "0")
    share = "20" if status == "paid" else "0"
    return {
        "claim_id": number,
        "member_id": member,
        "claim_type": "professional",
        "status": status,
        "service_date": "2025-03-04",
        "service_end_date": "2025-03-04",
        "adjudicated_date": "2025-03-11",
        "principal_diagnosis": "E11.9",
        "other_diagnoses": ["I10"],
        "billing_provider_id": "D1",
        "rendering_provider_id": "D1",
        "place_of_service": "11",
        "total_charge": "150.00",
        "total_allowed": "100.00" if status == "paid" else "0",
        "total_paid": paid,
        "member_responsibility": share,
        "claim_lines": [
            {
                "claim_line_id": f"{number}-1",
                "line_number": 1,
                "procedure_code": "99213",
                "procedure_modifiers": ["25"],
                "units": 1,
                "charge_amount": "100.00",
                "allowed_amount": "80" if share != "0" else "0",
                "paid_amount": first,
                "copay_amount": share,
                "member_responsibility": share,
                "adjustment_reason_code": more.get("reason", "45"),
            },
            {
                "claim_line_id": f"{number}-2",
                "line_number": 2,
                "procedure_code": "80061",
                "units": 1,
                "charge_amount": "50.00",
                "allowed_amount": second,
                "paid_amount": second,
                "adjustment_reason_code": more.get("reason", "45"),
            },
        ],
    } | {name: value for name, value in more.items() if name != "reason"}


def export(state: StateManager, folder: Path, scenario: dict[str, Any], *kinds: str, **options: Any) -> Exported:
    state.save("s", scenario, mode="overwrite")
    return export_x12(state.database, "s", folder, transactions=kinds, **options)


def test_a_dependent_hangs_on_the_subscriber(state: StateManager, tmp_path: Path) -> None:
    export(state, tmp_path / "x", {**PEOPLE, "claims": [claim("C2", "M2", "paid", "80")]}, "837P", "834")
    found = [s for s in segments(tmp_path / "x" / "837P.x12") if s[0] in ("HL", "SBR", "PAT", "NM1", "CLM")]
    assert [s[:5] for s in found if s[0] != "NM1" or s[1] in ("IL", "QC")] == [
        ["HL", "1", "", "20", "1"],
        ["HL", "2", "1", "22", "1"],
        ["SBR", "P", "", "G1", "GOLD PPO"],
        ["NM1", "IL", "1", "BIRCH", "ADA"],
        ["HL", "3", "2", "23", "0"],
        ["PAT", "19"],
        ["NM1", "QC", "1", "BIRCH", "TOM"],
        ["CLM", "C2", "150", "", ""],
    ]
    members = [s[:3] for s in segments(tmp_path / "x" / "834.x12") if s[0] in ("INS", "REF")]
    assert members == [
        ["INS", "Y", "18"],
        ["REF", "0F", "N1"],
        ["REF", "1L", "G1"],
        ["REF", "23", "N1"],
        ["INS", "N", "19"],
        ["REF", "0F", "N1"],
        ["REF", "1L", "G1"],
        ["REF", "23", "N2"],
    ]


def test_a_clinic_bills_for_who_gives_the_care(state: StateManager, tmp_path: Path) -> None:
    scenario = {
        **PEOPLE,
        "claims": [claim("C1", "M1", "paid", "80", billing_facility_id="F1"), claim("C2", "M1", "paid", "80")],
    }
    export(state, tmp_path / "x", scenario, "837P")
    named = [s[1:4] + s[8:] for s in segments(tmp_path / "x" / "837P.x12") if s[0] == "NM1" and s[1] in ("85", "82")]
    assert named == [
        ["85", "2", "LAKE CLINIC", "XX", "1234567893"],
        ["82", "1", "HILL", "XX", "1982671186"],
        ["85", "1", "HILL", "XX", "1982671186"],
    ]


def test_denied_and_reversed_claims_have_their_reason_over_the_whole_charge(
    state: StateManager, tmp_path: Path
) -> None:
    claims = [
        claim("C1", "M1", "paid", "80", paid_date="2025-03-14"),
        claim("C2", "M1", "denied", "0", denial_reason_code="CO-197", reason="CO-197"),
        claim("C3", "M1", "reversed", "0"),
        claim("C4", "M1", "pended", "0"),
    ]
    written = export(state, tmp_path / "x", {**PEOPLE, "claims": claims}, "835", "277")
    assert written.counts == {"835 claims": 3, "277 claims": 4}
    assert "1 claims that are not decided (pended, or without a status) are in no 835" in written.left_out
    found = segments(tmp_path / "x" / "835.x12")
    assert sorted(s[1:6] for s in found if s[0] == "CLP") == [
        ["C1", "1", "150", "80", "20"],
        ["C2", "4", "150", "0", "0"],
        ["C3", "22", "150", "0", "0"],
    ]
    assert sorted("*".join(s[1:]) for s in found if s[0] == "CAS") == [
        "CO*197*100",
        "CO*197*50",
        "CO*45*100",
        "CO*45*20",
        "CO*45*30",
        "CO*45*50",
        "PR*3*20",
    ]
    assert sorted(s[1:3] + s[16:] for s in found if s[0] == "BPR") == [["H", "0", "20250311"], ["I", "80", "20250314"]]
    status = {s[2]: None for s in segments(tmp_path / "x" / "277.x12") if s[:2] == ["REF", "EJ"]}
    assert list(status) == ["C1", "C2", "C3", "C4"]
    assert sorted(s[1] for s in segments(tmp_path / "x" / "277.x12") if s[0] == "STC") == [
        "F1:65",
        "F2:585",
        "F3:101",
        "P1:20",
    ]


def test_what_cannot_be_carried_is_said(state: StateManager, tmp_path: Path) -> None:
    claims = [
        {**claim("C1", "M1", "paid", "80"), "other_diagnoses": [f"I{number}" for number in range(10, 24)]},
        {**claim("C2", "M1", "paid", "80"), "claim_lines": []},
        claim("C3", "M1", "paid", "80", claim_type="dental"),
    ]
    written = export(state, tmp_path / "x", {**PEOPLE, "claims": claims}, "837P")
    assert written.counts == {"837P claims": 1}
    assert written.left_out == [
        "3 values were shortened, or lost characters that X12 does not have",
        "1 dental claims are in no 837: it is written for professional and institutional claims",
        "1 claims without lines are in no 837, which asks for one at least",
    ]
    (diagnoses,) = (s for s in segments(tmp_path / "x" / "837P.x12") if s[0] == "HI")
    assert len(diagnoses) == 1 + 12


def test_a_part_of_a_scenario_and_an_empty_one(state: StateManager, tmp_path: Path) -> None:
    export(state, tmp_path / "all", {**PEOPLE, "claims": [claim("C1", "M1", "paid", "80")]}, "837P", gz=True)
    assert sorted(path.name for path in (tmp_path / "all").iterdir()) == ["837P.x12.gz", "manifest.json"]
    with pytest.raises(AlreadyExists):
        export_x12(state.database, "s", tmp_path / "all")
    export_x12(state.database, "s", tmp_path / "all", transactions=["834"], force=True)
    assert sorted(path.name for path in (tmp_path / "all").iterdir()) == ["834.x12", "manifest.json"]
    with pytest.raises(NotFound, match="no patient"):
        export_x12(state.database, "s", tmp_path / "one", transactions=["834"], patient=["nobody"])
    assert not (tmp_path / "one").exists()
    state.save("empty", {"persons": [{"person_id": "P"}]})
    assert export_x12(state.database, "empty", tmp_path / "none").counts == {}
    assert sorted(path.name for path in (tmp_path / "none").iterdir()) == ["manifest.json"]


HOSTILE = "~*:^\n\r\t\u00e9\u4e2d\U0001f600'\"&<x>|\\"


@pytest.mark.long
def test_hostile_text_breaks_nothing(state: StateManager, tmp_path: Path) -> None:
    people = {
        name: [
            {
                key: f"{value}{HOSTILE}"
                if key
                in ("given_name", "family_name", "name", "address_line1", "city", "group_id", "payer_name", "plan_name")
                else value
                for key, value in row.items()
            }
            for row in listed
        ]
        for name, listed in PEOPLE.items()
    }
    claims = [claim(f"C~{number}*" + "x" * 60, "M2", "paid", "80") for number in (1, 2)]
    written = export(state, tmp_path / "x", {**people, "claims": claims})
    assert re.match(r"\d+ values were shortened, or lost characters that X12 does not have", written.left_out[0])
    for path in (tmp_path / "x").glob("*.x12"):
        if path.stem not in ("270", "271", "276", "277"):
            assert faults_by_pyx12(path, tmp_path) == []
        assert sets_by_x12sdk(path) == 1
    numbers = [s[1] for s in segments(tmp_path / "x" / "837P.x12") if s[0] == "CLM"]
    assert len(set(numbers)) == 2
    assert sorted(numbers) == sorted(s[1] for s in segments(tmp_path / "x" / "835.x12") if s[0] == "CLP")


@given(st.lists(st.text(max_size=80), min_size=1, max_size=20))
@settings(max_examples=30, deadline=None)
def test_any_text_becomes_an_element(texts: list[str]) -> None:
    values = [text for text in texts if "\0" not in text]
    with duckdb.connect() as connection:
        query = "SELECT {} FROM (SELECT unnest($values::VARCHAR[]) AS v)"
        kinds = (elements.text("v", 20), elements.identifier("v", 30), elements.code("v", 5), elements.diagnosis("v"))
        written = connection.execute(query.format(", ".join(kind.sql for kind in kinds)), {"values": values}).fetchall()
    for value, (words, number, code, diagnosis) in zip(values, written, strict=True):
        assert words is None or (re.fullmatch(r"[ -)+-9;-\]_{-}]{1,20}", words) and words == words.strip())
        assert re.fullmatch(r"[ -)+-9;-\]_-}]{0,30}", number), (value, number)
        assert code is None or len(code) <= 5
        assert diagnosis is None or "." not in diagnosis
    by_number: dict[str, set[str]] = {}
    for value, (_, number, _, _) in zip(values, written, strict=True):
        by_number.setdefault(number, set()).add(value)
    assert all(len(same) == 1 for same in by_number.values()), "two identifiers stay two"
