"""Documents of one shape are read by a compiled function: it says what the projection says that looks at every key."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from healthsim.model import ENTITY_TYPES
from healthsim.model.projection import Embed, Fault, Projection, projection_of

KINDS = [
    "patient",
    "encounter",
    "diagnosis",
    "claim",
    "prescription",
    "lab_result",
    "accumulator",
    "population_profile",
]

texts = st.sampled_from(
    [
        "",
        "F",
        "male",
        "2024-02-29",
        "2024-13-01",
        "20240229",
        "2024-05-06T07:08:09Z",
        "12.50",
        "7",
        "yes",
        "paid",
        "é",
        "x/y",
    ]
)
scalars = st.one_of(st.none(), texts, st.booleans(), st.integers(-5, 2**40), st.floats(allow_nan=False, width=32))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(
            st.sampled_from(["code", "display", "given_name", "family", "city", "id", "0"]), inner, max_size=3
        ),
    ),
    max_leaves=4,
)


def places(kind: str) -> list[str]:
    """The keys that lead to something in documents of a type."""
    entity_type = ENTITY_TYPES[kind]
    names = [*entity_type.column, *entity_type.model.transparent]
    names += [alias.path.split(".")[0] for column in entity_type.columns for alias in column.aliases]
    names += [path for embed in entity_type.model.embeds for path in embed.paths]
    return sorted({*names, "unheardOf"})


@st.composite
def documents(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    return draw(st.dictionaries(st.sampled_from(places(kind)), values, max_size=8))


def by_every_key(
    projection: Projection, document: dict[str, Any]
) -> tuple[dict[str, Any], list[tuple[Embed, str, Any]]]:
    faults: list[Fault] = []
    carried: list[tuple[Embed, str, Any]] = []
    row = projection._read(document, "x", faults, carried, {})
    return ({} if faults else {name: value for name, value in row.items() if value is not None}), carried


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_compiled_function_reads_what_the_projection_reads(kind: str, data: st.DataObject) -> None:
    """The first document teaches the shape; the others have the same keys, and any values."""
    projection = Projection(ENTITY_TYPES[kind])
    first = data.draw(documents(kind))
    for document in (first, dict(first), *({key: data.draw(values) for key in first} for _ in range(3))):
        carried: list[tuple[Embed, str, Any]] = []
        row = projection._compiled.read(document, carried)
        expected, expected_carried = by_every_key(projection, document)
        if row is not None:
            assert {name: value for name, value in row.items() if value is not None} == expected, json.dumps(document)
            assert carried == expected_carried
        else:
            assert carried == []


def test_usual_documents_are_compiled() -> None:
    """Otherwise the test above would prove nothing."""
    projection = projection_of("patient")
    document = {
        "id": "PAT-1",
        "name": {"given_name": "Ana", "family_name": "Díaz"},
        "birth_date": "1984-03-12",
        "gender": "F",
        "address": {"city": "San Diego", "state": "CA"},
        "deceased": False,
    }
    row = projection._compiled.read(document, [])
    assert row is not None
    assert row["family_name"] == "Díaz"
    assert row["gender"] == "F"
    assert row["city"] == "San Diego"


def test_what_cannot_be_read_is_left_to_the_projection() -> None:
    projection = projection_of("patient")
    assert projection._compiled.read({"id": "1", "birth_date": "1984-03-12"}, []) is not None
    assert projection._compiled.read({"id": "1", "birth_date": "soon"}, []) is None
    faults: list[Fault] = []
    made = projection.project({"id": "1", "birth_date": "soon"}, "patients[0]", faults)
    assert made[0].row.get("birth_date") is None
    assert [fault.path for fault in faults] == ["patients[0].birth_date"]


def test_an_empty_text_means_what_it_means_for_its_column() -> None:
    """No date is nothing; text with usual codes stays the text that it is."""
    projection = projection_of("diagnosis")
    projection._compiled.read({"id": "1", "category": "x", "diagnosed_date": "2024-01-02"}, [])
    assert projection._compiled.read({"id": "1", "category": "", "diagnosed_date": ""}, []) == {
        "diagnosis_id": "1",
        "category": "",
        "diagnosed_date": None,
    }
