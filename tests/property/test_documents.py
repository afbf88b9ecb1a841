"""Whatever a document says, it is what comes back: properties that hold for every document, not for examples.

Documents are made up by hypothesis: any text, deep nesting, numbers in any spelling, with and without ids.
"""

from __future__ import annotations

import io
import json
import os
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from healthsim.db.connection import Database
from healthsim.errors import InvalidEntities
from healthsim.state.json.spacing import ascii_escaped, laid_out, unescaped
from healthsim.state.manager import StateManager

#: HEALTHSIM_LONG_TESTS asks for more
EXAMPLES = 120 if os.environ.get("HEALTHSIM_LONG_TESTS") else 6
FEW = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
MANY = settings(max_examples=200, deadline=None)

#: any character that a text can hold: control characters, NUL, quotes, escapes, characters beyond the BMP
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["\x00", "\u2028", "💉", '"', "\\", "\\u0041", "a\\", "é", "\x7f", "\ud7ff", "{[,:]}", '\\"']
)
NUMBERS = (
    st.integers() | st.integers(min_value=10**18, max_value=10**60) | st.floats(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
#: keys that neither the share format leaves out, nor the model understands as another entity
FREE_KEYS = TEXT.map(lambda text: f"x {text}")
FREE = st.dictionaries(FREE_KEYS, VALUES, max_size=4)
IDS = st.sampled_from(["a", "b", "c", "é", "1"])
PATIENTS = st.builds(
    lambda free, key, mrn: {**free, **key, **mrn},
    FREE,
    st.fixed_dictionaries({}, optional={"patient_id": IDS}),
    st.fixed_dictionaries({}, optional={"given_name": TEXT, "birth_date": st.dates().map(str)}),
)
THINGS = st.builds(lambda free, key: {**free, **key}, FREE, st.fixed_dictionaries({}, optional={"id": IDS}))
ENTITIES = st.fixed_dictionaries(
    {}, optional={"patients": st.lists(PATIENTS, max_size=5), "things": st.lists(THINGS, max_size=5)}
)


@pytest.fixture(scope="module")
def state() -> StateManager:
    """One database in memory for all examples of this file: each writes over the last."""
    return StateManager(Database(":memory:"))


def exported(state: StateManager, name: str, format: str = "share") -> bytes:
    stream = io.BytesIO()
    state.export(name, stream, format=format)
    return stream.getvalue()


def kept(entities: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """What a save keeps of documents: of those with one id the last one, in its place; equal ones without id all."""
    result: dict[str, list[Any]] = {}
    for kind, documents in entities.items():
        key = "patient_id" if kind == "patients" else "id"
        last = {document[key]: number for number, document in enumerate(documents) if key in document}
        result[kind] = [item for number, item in enumerate(documents) if last.get(item.get(key), number) == number]
    return {kind: documents for kind, documents in result.items() if documents}


@FEW
@given(entities=ENTITIES)
def test_what_is_loaded_is_what_was_saved(state: StateManager, entities: dict[str, Any]) -> None:
    state.save("one", entities, mode="overwrite")
    loaded = state.load("one")
    assert loaded["entities"] == kept(entities)
    assert loaded["entity_count"] == sum(map(len, kept(entities).values()))


@FEW
@given(entities=ENTITIES)
@pytest.mark.long
def test_saving_what_was_loaded_changes_nothing(state: StateManager, entities: dict[str, Any]) -> None:
    state.save("one", entities, mode="overwrite")
    ids = identities(state, "one")
    state.save("two", state.load("one")["entities"], mode="overwrite")
    assert state.load("two")["entities"] == state.load("one")["entities"]
    assert identities(state, "two") == ids


@FEW
@given(entities=ENTITIES)
@pytest.mark.long
def test_saving_twice_changes_nothing(state: StateManager, entities: dict[str, Any]) -> None:
    first = state.save("one", entities, mode="overwrite")
    ids, rows = identities(state, "one"), typed(state, "one")
    for mode in ("overwrite", "merge"):
        again = state.save("one", entities, mode=mode)
        assert (again.scenario_id, again.entities_by_type) == (first.scenario_id, first.entities_by_type)
        assert identities(state, "one") == ids
        assert typed(state, "one") == rows


@FEW
@given(entities=ENTITIES)
@pytest.mark.long
def test_one_at_a_time_is_the_same_as_all_at_once(state: StateManager, entities: dict[str, Any]) -> None:
    once = {
        kind: list({json.dumps(item, sort_keys=True): item for item in items}.values())
        for kind, items in entities.items()
    }
    state.save("all", once, mode="overwrite")
    state.save("single", {}, mode="overwrite")
    for kind, documents in once.items():
        for document in documents:
            state.add_entities("single", {kind: [document]})
    assert identities(state, "single") == identities(state, "all")
    assert typed(state, "single") == typed(state, "all")
    loaded, expected = state.load("single")["entities"], state.load("all")["entities"]
    assert {kind: by_content(items) for kind, items in loaded.items()} == {
        kind: by_content(items) for kind, items in expected.items()
    }


@FEW
@given(first=ENTITIES, second=ENTITIES)
@pytest.mark.long
def test_a_merge_is_the_union_by_id_and_the_later_one_wins(state: StateManager, first: Any, second: Any) -> None:
    state.save("one", first, mode="overwrite")
    state.save("two", second, mode="overwrite")
    state.save("into", {}, mode="overwrite")
    merged = state.merge(["one", "two"], "into")
    expected = {**identities(state, "one"), **identities(state, "two")}
    assert identities(state, "into") == expected
    assert merged.entity_count == len(expected)


@FEW
@given(entities=ENTITIES)
@pytest.mark.long
def test_files_go_in_and_out_unchanged(state: StateManager, entities: dict[str, Any]) -> None:
    state.save("one", entities, mode="overwrite")
    for format in ("share", "workspace"):
        first = exported(state, "one", format)
        state.import_stream(io.BytesIO(first), name="one", mode="overwrite")
        assert exported(state, "one", format) == first


@FEW
@given(value=VALUES, escapes=st.booleans())
def test_a_share_file_comes_out_byte_for_byte(state: StateManager, value: Any, escapes: bool) -> None:
    document = {
        "name": "n",
        "description": None,
        "tags": [],
        "created_at": "2026-01-02T03:04:05",
        "entities": {"thing": [{"value": value}]},
    }
    text = json.dumps(document, indent=2)
    given_text = text if escapes else json.dumps(document, indent=2, ensure_ascii=False)
    state.import_stream(io.BytesIO(given_text.encode()), name="n", mode="overwrite")
    assert exported(state, "n") == text.encode()


SPELLINGS = st.from_regex(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)


@FEW
@given(spellings=st.lists(SPELLINGS, min_size=1, max_size=8))
def test_numbers_keep_the_spelling_in_which_they_were_read(state: StateManager, spellings: list[str]) -> None:
    listed = ",".join(spellings)
    text = f'{{"name": "n", "things": [{{"id": 1, "values": [{listed}]}}]}}'
    state.import_stream(io.BytesIO(text.encode()), name="n", mode="overwrite")
    share = "".join(exported(state, "n").decode().split())
    assert f'"values":[{listed}]' in share
    assert f'"values":[{listed}]' in "".join(exported(state, "n", "workspace").decode().split())


# -- clones ----------------------------------------------------------------------------------------------------

FAMILIES = st.lists(
    st.fixed_dictionaries(
        {
            "mrn": st.integers(0, 9).map(lambda n: f"MRN{n}"),
            "by_mrn": st.booleans(),
            "visits": st.lists(st.lists(st.sampled_from(["I10", "E11.9", "MRN1", "E1"]), max_size=2), max_size=2),
        }
    ),
    max_size=3,
    unique_by=lambda family: family["mrn"],
)


def clinic(families: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Patients, their encounters and diagnoses; references by id or by medical record number."""
    entities: dict[str, list[dict[str, Any]]] = {"patients": [], "encounters": [], "diagnoses": [], "things": []}
    for number, family in enumerate(families):
        patient = {"patient_id": f"P{number}", "mrn": family["mrn"], "note": "P0"}
        who = {"patient_mrn": family["mrn"]} if family["by_mrn"] else {"patient_id": f"P{number}"}
        entities["patients"].append(patient)
        for visit, codes in enumerate(family["visits"]):
            encounter = f"E{number}{visit}"
            entities["encounters"].append({"encounter_id": encounter, **who})
            for rank, code in enumerate(codes):
                entities["diagnoses"].append({"encounter_id": encounter, "code": code, "sequence_number": rank})
            entities["things"].append({"id": f"T{encounter}", "encounter_id": encounter, "said": encounter})
    return entities


JOINED = """
SELECT p.mrn IS NOT NULL, e.encounter_id IS NOT NULL, d.code, d.sequence_number, count(*)
FROM diagnoses AS d
LEFT JOIN encounters AS e ON e.scenario_id = d.scenario_id AND e.encounter_id = d.encounter_id
LEFT JOIN patients AS p ON p.scenario_id = d.scenario_id AND p.patient_id = d.patient_id AND p.patient_id = e.patient_id
WHERE d.scenario_id = ?::UUID
GROUP BY ALL ORDER BY ALL
"""


@FEW
@given(families=FAMILIES)
@pytest.mark.long
def test_a_clone_keeps_every_reference_and_shares_no_id(state: StateManager, families: list[dict[str, Any]]) -> None:
    entities = clinic(families)
    state.save("original", entities, mode="overwrite")
    before = state.load("original")
    if state.list(search="the clone")[1]:
        state.delete("the clone")
    copy = state.clone("original", "the clone")

    assert copy.entity_count == before["entity_count"]
    with state.database.read() as connection:
        joins = [connection.execute(JOINED, [key]).fetchall() for key in (before["scenario_id"], copy.scenario_id)]
    assert joins[0] == joins[1]
    assert all(row[:2] == (True, True) for row in joins[0]), "every diagnosis has its encounter and its patient"
    ids = [{key for _, key in identities(state, name)} for name in ("original", "the clone")]
    assert len(ids[0]) == len(ids[1])
    assert not ids[0] & ids[1]
    assert state.load("original") == before, "the original is as it was"
    copied = state.load("the clone")["entities"]
    assert [item["note"] for item in copied.get("patients", [])] == ["P0"] * len(families), "texts are no references"
    assert [item["code"] for item in copied.get("diagnoses", [])] == [item["code"] for item in entities["diagnoses"]]
    encounters = {item["encounter_id"] for item in copied.get("encounters", [])}
    assert {item["encounter_id"] for item in copied.get("things", [])} == encounters, "unknown types refer too"


# -- strict and lenient ----------------------------------------------------------------------------------------


@FEW
@given(bad=st.lists(st.sampled_from(["not a date", [1], {"a": 1}, True, 3.5]), min_size=1, max_size=4))
def test_strict_names_every_fault_and_lenient_keeps_every_document(state: StateManager, bad: list[Any]) -> None:
    entities = {"patients": [{"patient_id": f"P{n}", "birth_date": value} for n, value in enumerate(bad)]}
    before = state.list()[1]
    with pytest.raises(InvalidEntities) as caught:
        state.save("strict", entities)
    assert [fault["path"] for fault in caught.value.details["faults"]] == [
        f"patients[{n}].birth_date" for n in range(len(bad))
    ]
    assert "nothing was saved" in caught.value.message
    assert state.list()[1] == before

    saved = state.save("lenient", entities, mode="overwrite", lenient=True)
    assert len(saved.warnings) == len(bad)
    assert state.load("lenient")["entities"] == entities
    with state.database.read() as connection:
        empty = connection.execute(
            "SELECT count(*) FROM patients WHERE scenario_id = ?::UUID AND birth_date IS NULL", [saved.scenario_id]
        ).fetchall()
    assert empty == [(len(bad),)]
    state.delete("lenient")


# -- the layout of files ---------------------------------------------------------------------------------------


@MANY
@given(
    values=st.lists(VALUES, min_size=1, max_size=4), depth=st.integers(0, 4), spaces=st.sampled_from([None, 1, "\t", 3])
)
def test_layout_is_that_of_the_standard_library(values: list[Any], depth: int, spaces: Any) -> None:
    """Whatever white space and escapes it starts from, the text is what ``json.dump(indent=2)`` writes."""
    text = ",".join(json.dumps(value, indent=spaces, ensure_ascii=False) for value in values)
    expected = [json.dumps(value, indent=2, ensure_ascii=False) for value in values]
    indented = (",\n" + "  " * depth).join(item.replace("\n", "\n" + "  " * depth) for item in expected)
    assert laid_out(text, indent=2, depth=depth) == indented
    assert laid_out(ascii_escaped(text), indent=2, depth=depth) == ascii_escaped(indented)


@MANY
@given(value=VALUES)
def test_escapes_are_those_of_the_standard_library(value: Any) -> None:
    assert ascii_escaped(json.dumps(value, ensure_ascii=False)) == json.dumps(value)
    assert unescaped(json.dumps(value)) == json.dumps(value, ensure_ascii=False)


def identities(state: StateManager, name: str) -> dict[tuple[str, str], str]:
    """(entity type, id) of every entity of a scenario -> its document."""
    with state.database.read() as connection:
        found = connection.execute(
            "SELECT entity_type, entity_id, document::VARCHAR FROM scenario_documents WHERE scenario_id ="
            " (SELECT scenario_id FROM scenarios WHERE name = ?)",
            [name],
        ).fetchall()
        listed = connection.execute(
            "SELECT entity_type, entity_id FROM scenario_entities WHERE scenario_id ="
            " (SELECT scenario_id FROM scenarios WHERE name = ?) ORDER BY ALL",
            [name],
        ).fetchall()
    assert listed == sorted((kind, key) for kind, key, _ in found), "each document once among the entities"
    return {(kind, key): document for kind, key, document in found}


def typed(state: StateManager, name: str) -> list[tuple[Any, ...]]:
    """The typed rows of the patients of a scenario."""
    with state.database.read() as connection:
        return connection.execute(
            "SELECT * EXCLUDE (scenario_id, saved_at, created_at) FROM patients WHERE scenario_id ="
            " (SELECT scenario_id FROM scenarios WHERE name = ?) ORDER BY patient_id",
            [name],
        ).fetchall()


def by_content(items: list[Any]) -> Counter[str]:
    return Counter(json.dumps(item, sort_keys=True) for item in items)
