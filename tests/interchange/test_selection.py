"""A part of a scenario: of chosen patients, of an instant, of some types."""

from __future__ import annotations

import datetime as dt

import pytest

from healthsim.errors import NotFound, UsageError
from healthsim.exchange.format import Option
from healthsim.exchange.selection import SINCE, selected
from healthsim.state.documents import documents_of, stored_collections
from healthsim.state.manager import StateManager


@pytest.fixture
def clinic(state: StateManager) -> StateManager:
    people = [{"patient_id": f"p{n}", "mrn": f"M{n}", "ssn": f"900-00-000{n}", "person_id": f"h{n}"} for n in (1, 2)]
    state.save(
        "clinic",
        {
            "patients": people,
            "members": [{"member_id": f"m{n}", "person_id": f"h{n}"} for n in (1, 2)],
            "providers": [{"provider_id": "d1", "npi": "1000000004"}],
            "encounters": [{"encounter_id": f"e{n}", "patient_id": f"p{n}"} for n in (1, 2)],
            "diagnoses": [{"diagnosis_id": "x1", "encounter_id": "e1", "code": "I10"}],
            "claims": [
                {"claim_id": f"c{n}", "member_id": f"m{n}", "claim_lines": [{"line_number": 1}]} for n in (1, 2)
            ],
            "care_plan": [{"id": "cp1", "subject": {"reference": "Patient/p1"}}, {"id": "cp2", "of": "p2"}],
        },
    )
    return state


def seen(state: StateManager, **chosen: object) -> dict[str, list[str]]:
    with selected(state.database, "clinic", **chosen) as part:  # type: ignore[arg-type]  # by name
        named = {"patients": "patient_id", "members": "member_id", "providers": "provider_id", "claims": "claim_id"}
        named |= {"encounters": "encounter_id", "claim_lines": "claim_id", "diagnoses": "diagnosis_id"}
        rows = {
            table: [value for (value,) in part.execute(f"SELECT {key} FROM {table} ORDER BY 1").fetchall()]
            for table, key in named.items()
        }
        documents = {
            item.plural: [entity_id for batch in documents_of(part, item) for entity_id, *_ in batch]
            for item in stored_collections(part)
        }
    return {table: ids for table, ids in rows.items() if ids} | {
        table: ids for table, ids in documents.items() if table == "care_plan"
    }


def test_without_a_choice_everything_is_seen(clinic: StateManager) -> None:
    assert {table: len(ids) for table, ids in seen(clinic).items()} == {
        "patients": 2,
        "members": 2,
        "providers": 1,
        "claims": 2,
        "encounters": 2,
        "claim_lines": 2,
        "diagnoses": 1,
        "care_plan": 2,
    }


@pytest.mark.parametrize("name", ["p1", "M1"])
def test_a_patient_comes_with_all_that_is_theirs(clinic: StateManager, name: str) -> None:
    assert seen(clinic, patient=[name]) == {
        "patients": ["p1"],
        "members": ["m1"],
        "providers": ["d1"],
        "claims": ["c1"],
        "encounters": ["e1"],
        "claim_lines": ["c1"],
        "diagnoses": ["x1"],
        "care_plan": ["cp1"],
    }


def test_types_and_instants(clinic: StateManager) -> None:
    assert seen(clinic, types=["patient", "claims"]) == {"patients": ["p1", "p2"], "claims": ["c1", "c2"]}
    tomorrow = dt.datetime.now() + dt.timedelta(days=2)
    who = seen(clinic, since=tomorrow)
    assert {key: who[key] for key in ("patients", "members", "providers")} == {
        "patients": ["p1", "p2"],
        "members": ["m1", "m2"],
        "providers": ["d1"],
    }
    assert "encounters" not in who
    assert seen(clinic, since=dt.datetime(2020, 1, 1))["encounters"] == ["e1", "e2"]


def test_what_is_not_there_is_refused(clinic: StateManager) -> None:
    with pytest.raises(NotFound, match="has no patient 'p9'"):
        seen(clinic, patient=["p1", "p9"])
    with pytest.raises(UsageError, match="'zebra', which is no entity type"):
        seen(clinic, types=["zebra"])


def test_options_are_read_as_what_they_are() -> None:
    assert SINCE.read("2025-01-31T08:00:00+02:00") == dt.datetime(2025, 1, 31, 6)
    assert SINCE.read("2025-01-31") == SINCE.read(dt.date(2025, 1, 31)) == dt.datetime(2025, 1, 31)
    assert Option("gz", "", kind="flag").read(None) is False
    with pytest.raises(UsageError, match="since is 'yesterday'; expected a date or an instant"):
        SINCE.read("yesterday")
