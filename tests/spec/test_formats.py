"""Every JSON shape that a user may bring: what comes in is found in typed rows, and goes out again.

Share files (C) and Workspace v2.0 (A) come out byte for byte; of every other shape no leaf value is lost.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

import old_files
from healthsim.errors import InvalidInput
from healthsim.state.manager import StateManager
from healthsim.state.save import Saved
from leaves import leaves


def written(folder: Path, files: dict[str, Any]) -> Path:
    """A folder with JSON files: name -> value, or its text."""
    for name, value in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return folder


def exported(state: StateManager, name: str, format: str = "share") -> bytes:
    """What an export writes."""
    stream = io.BytesIO()
    state.export(name, stream, format=format)
    return stream.getvalue()


def imported(state: StateManager, path: Path, **options: Any) -> Saved:
    """Import, and prove that the share export has every leaf value of what was read, and can be imported again."""
    saved = state.import_path(path, **options)
    given = leaves(
        "[" + ",".join(p.read_text("utf-8-sig") for p in ([path] if path.is_file() else path.rglob("*.json"))) + "]"
    )
    share = exported(state, saved.name)
    assert given, "a file without leaf values would prove nothing"
    assert given - leaves(share) == {}, "leaf values of the input that the export lost"
    again = state.import_stream(io.BytesIO(share), name=f"{saved.name} again", lenient=bool(options.get("lenient")))
    assert again.entities_by_type == saved.entities_by_type
    assert leaves(exported(state, again.name)) - leaves(json.dumps(again.name)) == leaves(share) - leaves(
        json.dumps(saved.name)
    )
    return saved


def rows(state: StateManager, sql: str) -> list[tuple[Any, ...]]:
    with state.database.read() as connection:
        return connection.execute(sql).fetchall()


# -- A and C: byte for byte ------------------------------------------------------------------------------------


MADE_WORKSPACES = {
    maker.__name__: maker for maker in (old_files.clinic, old_files.empty_clinic, old_files.payer, old_files.pharmacy)
}


@pytest.mark.parametrize("maker", MADE_WORKSPACES)
def test_a_workspace_file_comes_out_byte_for_byte(state: StateManager, tmp_path: Path, maker: str) -> None:
    text = old_files.workspace_text(MADE_WORKSPACES[maker]())
    path = written(tmp_path, {"anything.json": text}) / "anything.json"

    saved = state.import_path(path)

    document = json.loads(text)
    assert saved.name == document["metadata"]["name"], "the name is the metadata's, not the file's"
    assert saved.scenario_id == document["metadata"]["workspace_id"]
    assert saved.entities_by_type == {key: len(items) for key, items in document["entities"].items() if items}
    assert exported(state, saved.name, "workspace") == text.encode()
    assert state.get(saved.name).updated_at.isoformat() == document["metadata"]["updated_at"]


def workspace_files(test_data: Path) -> list[Path]:
    files = sorted((test_data / "legacy" / "workspaces").glob("*.json"))
    assert files, "HEALTHSIM_TEST_DATA holds no workspaces"
    return files


def test_workspace_files_of_the_old_implementation_come_out_byte_for_byte(state: StateManager, test_data: Path) -> None:
    for path in workspace_files(test_data):
        saved = state.import_path(path)
        assert saved.format == "workspace"
        assert not saved.untyped_types
        assert exported(state, saved.name, "workspace") == path.read_bytes(), path.name


def test_their_people_and_codes_are_typed_and_joined(state: StateManager, test_data: Path) -> None:
    for path in workspace_files(test_data):
        state.import_path(path)

    assert rows(state, "SELECT count(*) FROM patients WHERE given_name = 'Unknown' OR family_name IS NULL") == [(0,)]
    assert rows(state, "SELECT count(*), count(DISTINCT patient_id) FROM patients") == [(6, 6)]
    assert rows(state, "SELECT count(*) FROM diagnoses JOIN patients USING (scenario_id, patient_id)") == [(12,)]
    assert rows(state, "SELECT count(*) FROM lab_results JOIN patients USING (scenario_id, patient_id)") == [(6,)]
    assert rows(state, "SELECT count(*) FROM claim_lines JOIN claims USING (scenario_id, claim_id)") == [(8,)]
    assert rows(state, "SELECT count(*) FROM claims JOIN members USING (scenario_id, member_id)") == [(8,)]
    assert rows(state, "SELECT count(*) FROM prescriptions JOIN rx_members USING (scenario_id, rx_member_id)") == [(6,)]
    assert rows(state, "SELECT given_name, family_name FROM rx_members ORDER BY 1 LIMIT 1") != [(None, None)]


def test_a_share_file_comes_out_byte_for_byte(state: StateManager, tmp_path: Path) -> None:
    text = old_files.share_text(old_files.share()).replace("2.5\n", "2.50\n").replace("1e-07", "1e-7")
    path = written(tmp_path, {"clinic.json": text}) / "clinic.json"

    saved = state.import_path(path)

    assert saved.format == "share"
    assert (saved.entity_count, saved.untyped_types) == (4, ["mood_logs"])
    assert exported(state, saved.name) == text.encode()


def test_share_files_of_the_old_implementation_come_out_byte_for_byte(state: StateManager, test_data: Path) -> None:
    files = sorted((test_data / "legacy" / "share").glob("*.json"))
    assert files
    for path in files:
        saved = state.import_path(path)
        assert exported(state, saved.name) == path.read_bytes(), path.name
        assert rows(state, "SELECT count(*) > 0 FROM diagnoses JOIN patients USING (scenario_id, patient_id)")[0][0]


def test_empty_lists_of_a_share_file_stay(state: StateManager, tmp_path: Path) -> None:
    document = old_files.share()
    document["entities"] = {"claims": [], **document["entities"], "zebras": []}
    text = old_files.share_text(document)
    saved = state.import_path(written(tmp_path, {"c.json": text}) / "c.json")
    assert exported(state, saved.name) == text.encode()


def test_a_share_file_without_entities_comes_out_byte_for_byte(state: StateManager, tmp_path: Path) -> None:
    text = old_files.share_text({**old_files.share(), "entities": {}})
    saved = state.import_path(written(tmp_path, {"c.json": text}) / "c.json")
    assert saved.entity_count == 0
    assert exported(state, saved.name) == text.encode()


@pytest.mark.parametrize(
    "spelling", ["1e-7", "1e-07", "2.50", "1E+2", "-0.0", "1e16", "10000000000000000000000", "0.10"]
)
def test_numbers_keep_their_spelling(state: StateManager, tmp_path: Path, spelling: str) -> None:
    head = '{\n  "name": "n",\n  "description": null,\n  "tags": [],\n  "created_at": "2026-03-04T00:00:00",\n'
    text = head + '  "entities": {\n    "thing": [\n      {\n        "value": ' + spelling + "\n      }\n    ]\n  }\n}"
    path = written(tmp_path, {"n.json": text}) / "n.json"
    state.import_path(path)
    assert exported(state, "n") == text.encode()


@pytest.mark.parametrize("format", ["share", "workspace"])
def test_what_is_known_of_a_scenario_survives_any_number_of_round_trips(
    state: StateManager, tmp_path: Path, format: str
) -> None:
    source = {"cohort_name": "c", "seed": 7, "rules": {"attributes": [1.50]}, "entities": {"patients": [{"id": "P1"}]}}
    state.import_path(written(tmp_path, {"c.json": source}) / "c.json", name="c")
    known = state.get("c").attributes
    assert known is not None
    assert json.loads(known)["rules"] == {"attributes": [1.5]}
    first = exported(state, "c", format)
    for _ in range(2):
        state.import_stream(io.BytesIO(exported(state, "c", format)), name="c", mode="overwrite")
        assert json.loads(state.get("c").attributes or "") == json.loads(known)
    assert json.loads(exported(state, "c", format)).get("attributes") == json.loads(first)["attributes"]


def test_members_beside_the_attributes_of_a_workspace_file_are_kept_with_them(
    state: StateManager, tmp_path: Path
) -> None:
    source = {
        "metadata": {"name": "w"},
        "seed": 1,
        "attributes": {"seed": 2, "by": "x"},
        "entities": {"patients": [{"patient_id": "P1"}]},
    }
    state.import_path(written(tmp_path, {"w.json": source}) / "w.json")
    assert json.loads(state.get("w").attributes or "") == {"seed": 1, "w.json:seed": 2, "by": "x"}


def test_a_workspace_as_share_file_keeps_every_value_of_its_entities(state: StateManager, tmp_path: Path) -> None:
    document = old_files.clinic()
    path = written(tmp_path, {"w.json": old_files.workspace_text(document)}) / "w.json"
    state.import_path(path)
    data = [item["data"] for items in document["entities"].values() for item in items]
    assert leaves(json.dumps(data)) - leaves(exported(state, "clinic")) == {}


# -- A: what the typed rows say --------------------------------------------------------------------------------


@pytest.fixture
def products(state: StateManager, tmp_path: Path) -> StateManager:
    """The three made-up workspaces, imported."""
    for name in ("clinic", "payer", "pharmacy"):
        state.import_path(written(tmp_path, {f"{name}.json": MADE_WORKSPACES[name]()}) / f"{name}.json")
    return state


def test_two_diagnoses_that_share_an_envelope_id_both_survive(products: StateManager) -> None:
    found = rows(
        products,
        "SELECT d.diagnosis_type, p.mrn FROM diagnoses d JOIN patients p USING (scenario_id, patient_id) ORDER BY 1",
    )
    assert found == [("admitting", "MRN000001"), ("final", "MRN000001")]


def test_identical_vital_signs_taken_twice_both_survive(products: StateManager) -> None:
    found = rows(
        products, "SELECT count(*), count(DISTINCT vital_sign_id), min(temperature_c), min(spo2) FROM vital_signs"
    )
    assert found == [(2, 2, 36.67, 96)]


def test_a_claim_number_used_twice_keeps_both_claims_and_their_lines(products: StateManager) -> None:
    found = rows(
        products,
        "SELECT c.service_date::VARCHAR, count(l.claim_line_id), sum(l.charge_amount)::VARCHAR FROM claims c"
        " LEFT JOIN claim_lines l USING (scenario_id, claim_id) GROUP BY c.claim_id, c.service_date ORDER BY c.service_date, 2",
    )
    assert found == [("2024-01-05", 0, None), ("2024-01-05", 2, "165.50"), ("2024-02-07", 1, "125.50")]


def test_lines_with_ids_of_their_own_follow_each_copy_of_their_claim(state: StateManager, tmp_path: Path) -> None:
    document = old_files.payer()
    for item in document["entities"]["claims"][:2]:
        lines = item["data"]["claim_lines"]
        item["data"]["claim_lines"] = [{**line, "claim_line_id": f"CLM-1-{line['line_number']}"} for line in lines]
    path = written(tmp_path, {"w.json": document}) / "w.json"
    for _ in range(2):
        state.import_path(path, mode="merge")
        found = rows(
            state,
            "SELECT c.service_date::VARCHAR, l.line_number FROM claims c JOIN claim_lines l USING (scenario_id, claim_id)"
            " ORDER BY ALL",
        )
        assert found == [("2024-01-05", 1), ("2024-01-05", 2), ("2024-02-07", 1)]


def test_every_record_joins_to_its_person(products: StateManager) -> None:
    joins = {
        ("diagnoses", "patients", "patient_id"): 2,
        ("encounters", "patients", "patient_id"): 2,
        ("lab_results", "patients", "patient_id"): 1,
        ("medications", "patients", "patient_id"): 1,
        ("procedures", "patients", "patient_id"): 1,
        ("clinical_notes", "patients", "patient_id"): 1,
        ("vital_signs", "encounters", "encounter_id"): 2,
        ("claims", "members", "member_id"): 3,
        ("accumulators", "members", "member_id"): 1,
        ("authorizations", "members", "member_id"): 1,
        ("prescriptions", "rx_members", "rx_member_id"): 2,
        ("pharmacy_claims", "rx_members", "rx_member_id"): 1,
        ("pharmacy_claims", "prescriptions", "prescription_id"): 1,
        ("dur_alerts", "pharmacy_claims", "pharmacy_claim_id"): 1,
        ("prior_auths", "prescriptions", "prescription_id"): 1,
    }
    found = {
        (child, parent, key): rows(products, f"SELECT count(*) FROM {child} JOIN {parent} USING (scenario_id, {key})")[
            0
        ][0]
        for child, parent, key in joins
    }
    assert found == joins


def test_names_are_real_and_amounts_are_exact(products: StateManager) -> None:
    assert rows(products, "SELECT given_name, family_name, city FROM patients WHERE mrn = 'MRN000001'") == [
        ("Zoë", "Ålund 💉", "Erfurt")
    ]
    assert rows(products, "SELECT given_name, family_name, postal_code FROM rx_members") == [
        ("Lisa", "Harmon", "02219")
    ]
    assert rows(products, "SELECT given_name, member_id FROM members") == [("David", "MEM000001")]
    assert rows(products, "SELECT reference_low, reference_high, value_numeric FROM lab_results") == [(8.5, 10.5, 9.8)]
    assert rows(products, "SELECT author, content FROM clinical_notes") == [
        ("Dr. Ö", "Line 1\nLine 2\t“quoted” \\ / \u2028 end")
    ]


def test_provenance_arrives_in_the_columns(products: StateManager) -> None:
    assert rows(
        products,
        "SELECT source_type, source_system, skill_used, generation_seed, created_at::VARCHAR FROM patients WHERE mrn = 'MRN000001'",
    ) == [("generated", "patientsim", "diabetes-management", 42, "2026-03-04 04:48:14.990125")]


def test_a_type_that_the_model_does_not_know_is_kept_and_named(state: StateManager, tmp_path: Path) -> None:
    saved = state.import_path(written(tmp_path, {"p.json": old_files.payer()}) / "p.json")
    assert saved.untyped_types == ["care_gaps"]
    assert saved.entities_by_type["care_gaps"] == 1
    assert state.load("payer")["entities"]["care_gaps"][0]["measure_id"] == "CDC-HbA1c"


@pytest.mark.long
def test_a_workspace_imported_twice_over_itself_is_the_same(state: StateManager, tmp_path: Path) -> None:
    for maker in MADE_WORKSPACES.values():
        text = old_files.workspace_text(maker())
        path = written(tmp_path, {"w.json": text}) / "w.json"
        first = state.import_path(path)
        second = state.import_path(path, mode="overwrite")
        assert second == first
        assert exported(state, first.name, "workspace") == text.encode()


@pytest.mark.long
def test_merging_a_workspace_into_itself_changes_nothing(state: StateManager, tmp_path: Path) -> None:
    for maker in MADE_WORKSPACES.values():
        path = written(tmp_path, {"w.json": maker()}) / "w.json"
        first = state.import_path(path)
        before = state.load(first.name)["entities"]
        second = state.import_path(path, mode="merge")
        assert second.entities_by_type == first.entities_by_type
        assert state.load(first.name)["entities"] == before


# -- B: scenario v1.0 ------------------------------------------------------------------------------------------


def scenario_v1(entities: dict[str, Any]) -> dict[str, Any]:
    return {
        "schema_version": "1.0",
        "scenario_id": "3b0d0d5e-8b4b-4c2a-9a51-2a3c2f1f0b01",
        "name": "old clinic",
        "description": "from the old specification",
        "tags": ["v1"],
        "created_at": "2025-01-02T03:04:05.000600",
        "created_by": "someone",
        "healthsim_version": "1.10",
        "provenance_summary": {"total_entities": 1, "by_source_type": {"generated": 1}},
        "entities": entities,
    }


def test_b_scenario_file_with_plain_entities(state: StateManager, tmp_path: Path) -> None:
    document = scenario_v1({"patients": [{"patient_id": "P1", "mrn": "M1", "given_name": "Ann", "dob": "1980-01-02"}]})
    saved = imported(state, written(tmp_path, {"file-name.json": document}) / "file-name.json")
    assert (saved.name, saved.scenario_id) == ("old clinic", document["scenario_id"])
    assert state.get("old clinic").tags == ["v1"]
    assert rows(state, "SELECT DISTINCT patient_id, given_name, birth_date::VARCHAR FROM patients") == [
        ("P1", "Ann", "1980-01-02")
    ]


def test_b_scenario_file_with_entities_in_envelopes(state: StateManager, tmp_path: Path) -> None:
    document = scenario_v1(old_files.clinic()["entities"])
    saved = imported(state, written(tmp_path, {"3b0d.json": document}) / "3b0d.json")
    assert saved.entities_by_type["diagnoses"] == 2
    assert rows(state, "SELECT DISTINCT given_name FROM patients") == [("Zoë",)]
    assert rows(state, "SELECT count(*) > 0 FROM patients WHERE generation_seed = 42") == [(True,)]


# -- D and E: entities at the top level, plural or singular ----------------------------------------------------


def test_d_entities_at_the_top_level(state: StateManager, tmp_path: Path) -> None:
    document = {
        "name": "flat",
        "note": "kept",
        "patients": [{"patient_id": "P1", "mrn": "M1", "firstName": "Ann"}],
        "encounter": [{"encounter_id": "E1", "patient_id": "P1", "encounter_type": "emergency"}],
        "moods": [{"mood": "good"}],
        "numbers": [1, 2.50],
    }
    saved = imported(state, written(tmp_path, {"d.json": document}) / "d.json")
    assert saved.entities_by_type == {"encounters": 1, "moods": 1, "patients": 1}
    assert saved.untyped_types == ["moods"]
    assert rows(state, "SELECT DISTINCT encounter_class, patient_id FROM encounters") == [("emergency", "P1")]


def test_e_singular_key_with_one_object(state: StateManager, tmp_path: Path) -> None:
    document = {"patient": {"patient_id": "P1", "name": {"given": "Ann", "family": "Birch"}}}
    saved = imported(state, written(tmp_path, {"one.json": document}) / "one.json")
    assert (saved.name, saved.entities_by_type) == ("one", {"patients": 1})
    assert rows(state, "SELECT DISTINCT given_name, family_name FROM patients") == [("Ann", "Birch")]


def test_e_singular_keys_with_lists(state: StateManager, tmp_path: Path) -> None:
    document = {
        "patient": [{"patient_id": "P1"}, {"patient_id": "P2"}],
        "diagnosis": [{"patient_id": "P1", "code": "I10"}, {"patient_id": "P2", "code": "I10"}],
    }
    saved = imported(state, written(tmp_path, {"e.json": document}) / "e.json")
    assert saved.entities_by_type == {"diagnoses": 2, "patients": 2}


def test_an_entities_object_with_one_object_under_a_singular_key(state: StateManager, tmp_path: Path) -> None:
    document = {"name": "x", "entities": {"patient": {"patient_id": "P1", "mrn": "M1"}}}
    assert imported(state, written(tmp_path, {"e.json": document}) / "e.json").entities_by_type == {"patients": 1}


def test_three_prescriptions_without_ids_stay_three(state: StateManager, tmp_path: Path) -> None:
    document = {
        "name": "rx",
        "prescriptions": [{"drug_name": drug, "quantity": "30", "patient_id": "P1"} for drug in ("A", "B", "C")],
    }
    saved = imported(state, written(tmp_path, {"rx.json": document}) / "rx.json")
    assert saved.entities_by_type == {"prescriptions": 3}
    assert rows(state, "SELECT count(DISTINCT prescription_id), count(DISTINCT drug_name) FROM prescriptions") == [
        (3, 3)
    ]


def test_two_equal_prescriptions_without_ids_stay_two(state: StateManager, tmp_path: Path) -> None:
    document = {"name": "rx", "prescriptions": [{"drug_name": "A", "patient_id": "P1"}] * 2}
    saved = imported(state, written(tmp_path, {"rx.json": document}) / "rx.json")
    assert saved.entities_by_type == {"prescriptions": 2}


# -- F and G: folders ------------------------------------------------------------------------------------------

MANIFEST = {
    "id": "f265ba09-fdd8-4f0a-b48b-b72caeef4944",
    "name": "ad-hoc",
    "description": "Ad-hoc patient records",
    "created_at": "2025-12-30T09:36:04.278608",
    "updated_at": "2025-12-30T09:42:10.269514",
    "tags": ["merged"],
}


def test_f_folder_with_a_manifest_and_a_bare_list(state: StateManager, tmp_path: Path) -> None:
    patients = [{"id": f"uuid-{n}", "mrn": f"PAT{n}", "given_name": "Patient", "gender": "male"} for n in range(3)]
    folder = written(tmp_path / "folder-name", {"scenario.json": MANIFEST, "patients.json": patients})
    saved = imported(state, folder)
    assert (saved.name, saved.scenario_id, saved.entity_count) == ("ad-hoc", MANIFEST["id"], 3)
    scenario = state.get("ad-hoc")
    assert scenario.tags == ["merged"]
    assert scenario.created_at.isoformat() == MANIFEST["created_at"]
    assert scenario.updated_at.isoformat() == MANIFEST["updated_at"]
    assert rows(state, "SELECT DISTINCT given_name, gender FROM patients") == [("Patient", "M")]


def test_f_folder_of_files_by_entity(state: StateManager, tmp_path: Path) -> None:
    folder = written(
        tmp_path / "bob",
        {
            "person.json": {"person": {"person_id": "PER1", "ssn": "900-12-3456", "given_name": "Bob"}},
            "patient.json": {"patient": {"patient_id": "P1", "person_id": "PER1", "mrn": "M1"}},
            "member.json": {"member": {"member_id": "MB1", "person_id": "PER1", "coinsurance_in_network": 0.20}},
            "encounter.json": {
                "facility": {"facility_id": "F1", "npi": "1234567890", "name": "Hospital"},
                "provider": {"provider_id": "PR1", "npi": "1122334455", "name": "Dr. Sarah Chen"},
                "encounter": {"encounter_id": "E1", "patient_id": "P1", "encounter_class": "EMER", "facility_id": "F1"},
                "diagnoses": [{"diagnosis_id": "DX1", "encounter_id": "E1", "code": "S62.102A"}],
                "procedures": [{"procedure_id": "PX1", "encounter_id": "E1", "code": "73110"}],
            },
            "claim.json": {
                "claim": {
                    "claim_id": "C1",
                    "member_id": "MB1",
                    "billing_provider_npi": "1122334455",
                    "total_billed": 860.00,
                },
                "claim_lines": [{"claim_line_id": "C1-1", "claim_id": "C1", "billed_amount": 450.00}],
            },
        },
    )
    saved = imported(state, folder)
    assert saved.name == "bob"
    assert set(saved.entities_by_type.values()) == {1}
    assert saved.entity_count == 10
    assert rows(
        state,
        "SELECT DISTINCT d.code, p.given_name FROM diagnoses d JOIN patients USING (scenario_id, patient_id)"
        " JOIN persons p USING (scenario_id, person_id)",
    ) == [("S62.102A", "Bob")], "a diagnosis finds its patient through its encounter"
    assert rows(
        state,
        "SELECT DISTINCT pr.name FROM claims c JOIN providers pr ON pr.provider_id = c.billing_provider_id"
        " AND pr.scenario_id = c.scenario_id",
    ) == [("Dr. Sarah Chen",)]


@pytest.mark.long
def test_f_and_h_folders_of_the_old_implementation_lose_nothing(state: StateManager, test_data: Path) -> None:
    folders = sorted(path for path in (test_data / "legacy" / "scenarios").iterdir() if path.is_dir())
    assert len(folders) >= 3
    for folder in folders:
        assert imported(state, folder, lenient=True).entity_count > 0


def test_g_saver_folder(state: StateManager, tmp_path: Path) -> None:
    folder = written(
        tmp_path / "saved",
        {
            "scenario.json": {
                "scenario_id": "5c0d0d5e-8b4b-4c2a-9a51-2a3c2f1f0b01",
                "name": "saver",
                "description": None,
                "created_at": "2025-01-02T03:04:05",
                "exported_at": "2025-02-02T03:04:05",
                "entity_count": 3,
                "tags": ["t"],
                "files": ["core.json", "patientsim.json", "membersim.json"],
            },
            "core.json": {"persons": [{"person_id": "PER1", "given_name": "Ann"}]},
            "patientsim.json": {"patients": [{"patient_id": "P1", "person_id": "PER1"}]},
            "membersim.json": {"members": [{"member_id": "MB1", "person_id": "PER1"}], "claims": []},
        },
    )
    saved = imported(state, folder)
    assert (saved.name, saved.entity_count) == ("saver", 3)
    assert rows(
        state, "SELECT count(DISTINCT patient_id) FROM patients JOIN persons USING (scenario_id, person_id)"
    ) == [(1,)]


def test_g_single_file_with_singular_types(state: StateManager, tmp_path: Path) -> None:
    document = {
        "scenario": {
            "scenario_id": "5c0d0d5e-8b4b-4c2a-9a51-2a3c2f1f0b02",
            "name": "single",
            "tags": ["x", "y"],
            "entity_count": 2,
        },
        "entities": {
            "patient": [{"patient_id": "P1"}],
            "lab_result": [{"lab_result_id": "L1", "patient_id": "P1", "value": 7.20}],
        },
    }
    saved = imported(state, written(tmp_path, {"any.json": document}) / "any.json")
    assert (saved.name, saved.scenario_id) == ("single", document["scenario"]["scenario_id"])
    assert state.get("single").tags == ["x", "y"]
    assert saved.entities_by_type == {"lab_results": 1, "patients": 1}


# -- H: rich episodes ------------------------------------------------------------------------------------------


def test_h_camel_case_episode(state: StateManager, tmp_path: Path) -> None:
    document = {
        "scenarioId": "oswald",
        "planYear": 2025,
        "claims": [
            {
                "claimId": "CLM-1",
                "memberId": "AET1",
                "claimType": "PROFESSIONAL",
                "serviceDate": "2025-01-15",
                "status": "PAID",
                "provider": {"npi": "1234567890", "name": "Dr. N", "taxId": "94-1"},
                "diagnoses": [{"sequence": 1, "code": "Z00.00"}, {"sequence": 2, "code": "E78.5"}],
                "serviceLines": [
                    {
                        "lineNumber": 1,
                        "cpt": "99395",
                        "chargedAmount": 275.00,
                        "allowedAmount": 275.00,
                        "planPaid": 275.00,
                    },
                    {
                        "lineNumber": 2,
                        "cpt": "36415",
                        "chargedAmount": 25.00,
                        "allowedAmount": 20.00,
                        "planPaid": 20.00,
                    },
                ],
                "claimTotals": {"totalCharged": 300.00},
            }
        ],
        "financialSummary": {"total": 300.00, "months": [1, 2]},
    }
    text = json.dumps(document).replace("300.0", "300.00")
    saved = imported(state, written(tmp_path, {"claims.json": text}) / "claims.json")
    assert saved.entities_by_type == {"claims": 1}
    assert rows(
        state,
        "SELECT DISTINCT c.claim_id, c.member_id, c.claim_type, c.status, c.principal_diagnosis, l.line_number,"
        " l.procedure_code, l.charge_amount::VARCHAR FROM claims c JOIN claim_lines l USING (scenario_id, claim_id) ORDER BY ALL",
    ) == [
        ("CLM-1", "AET1", "professional", "paid", "Z00.00", 1, "99395", "275.00"),
        ("CLM-1", "AET1", "professional", "paid", "Z00.00", 2, "36415", "25.00"),
    ]


def test_h_enrollment_with_subscriber_and_dependents(state: StateManager, tmp_path: Path) -> None:
    document = {
        "enrollmentTransaction": {"transactionId": "T1", "effectiveDate": "2025-01-01"},
        "healthPlan": {"planId": "PL1", "planName": "Platinum", "planType": "PPO", "metalLevel": "PLATINUM"},
        "subscriber": {
            "memberId": "AET1",
            "firstName": "Mark",
            "lastName": "Oswald",
            "dateOfBirth": "1975-06-15",
            "address": {"line1": "1234 Oak", "zipCode": "94102"},
        },
        "dependents": [{"memberId": "AET2", "firstName": "Karen", "lastName": "Oswald"}],
    }
    saved = imported(state, written(tmp_path, {"enrollment.json": document}) / "enrollment.json")
    assert saved.entities_by_type["members"] == 2
    assert rows(state, "SELECT DISTINCT member_id, given_name, postal_code FROM members ORDER BY 1") == [
        ("AET1", "Mark", "94102"),
        ("AET2", "Karen", None),
    ]
    assert rows(state, "SELECT DISTINCT plan_name, metal_level FROM plans") == [("Platinum", "platinum")]


def test_h_patient_with_everything_inside(state: StateManager, tmp_path: Path) -> None:
    document = {
        "name": "episode",
        "patients": [
            {
                "patient_id": "P1",
                "name": {"given_name": "Ann"},
                "encounters": [
                    {
                        "encounter_id": "E1",
                        "encounter_type": "office visit",
                        "diagnoses": [{"code": "E11.9"}, {"code": "I10"}],
                        "vitals": [{"heart_rate": 70}],
                    }
                ],
                "claims": [{"claim_id": "C1", "lines": [{"line_number": 1, "billed_amount": "10.00"}]}],
                "financial_summary": {"paid": 10.00},
            }
        ],
    }
    saved = imported(state, written(tmp_path, {"h.json": document}) / "h.json")
    assert saved.entities_by_type == {"patients": 1}, "one document; what it carries is rows, not entities of its own"
    assert rows(
        state, "SELECT DISTINCT d.code, d.patient_id, d.encounter_id, source_type FROM diagnoses d ORDER BY 1"
    ) == [
        ("E11.9", "P1", "E1", "derived"),
        ("I10", "P1", "E1", "derived"),
    ]
    assert rows(state, "SELECT DISTINCT heart_rate, patient_id FROM vital_signs") == [(70, "P1")]
    assert rows(state, "SELECT DISTINCT claim_id, charge_amount::VARCHAR FROM claim_lines") == [("C1", "10.00")]


def test_h_ncpdp_segments(state: StateManager, tmp_path: Path) -> None:
    document = {
        "name": "ncpdp",
        "pharmacy_claims": [
            {
                "claim_id": "RXC1",
                "transaction_header": {"bin_number": "610014", "transaction_code": "B1"},
                "insurance_segment": {"cardholder_id": "953", "person_code": "01"},
                "claim_segment": {
                    "prescription_reference_number": "RX1",
                    "product_service_id": "30558285457",
                    "days_supply": 30,
                },
                "pricing_segment": {"ingredient_cost_submitted": "12.40", "gross_amount_due": "14.15"},
                "dur_alerts": [{"alert_type": "DD", "message": "Interaction"}],
            }
        ],
    }
    imported(state, written(tmp_path, {"n.json": document}) / "n.json")
    assert rows(
        state,
        "SELECT DISTINCT bin, transaction_code, cardholder_id, prescription_number, ndc, days_supply,"
        " ingredient_cost::VARCHAR, gross_amount_due::VARCHAR FROM pharmacy_claims",
    ) == [("610014", "B1", "953", "RX1", "30558285457", 30, "12.40", "14.15")]
    assert rows(state, "SELECT DISTINCT alert_type, pharmacy_claim_id FROM dur_alerts") == [("DD", "RXC1")]


# -- I: auto-persist export ------------------------------------------------------------------------------------


def test_i_cohort_export(state: StateManager, tmp_path: Path) -> None:
    document = {
        "cohort_id": "5c0d0d5e-8b4b-4c2a-9a51-2a3c2f1f0b09",
        "cohort_name": "texas-diabetes",
        "description": "d",
        "tags": ["auto"],
        "exported_at": "2025-02-02T03:04:05",
        "entities": {
            "patients": [{"patient_id": "P1", "given_name": "Ann", "county_fips": "48201"}],
            "conditions": [{"condition_id": "C1"}],
            "encounters": [],
        },
    }
    saved = imported(state, written(tmp_path, {"export-1.json": document}) / "export-1.json")
    assert (saved.name, saved.scenario_id, saved.format) == ("texas-diabetes", document["cohort_id"], "cohort")
    assert state.get("texas-diabetes").tags == ["auto"]


# -- bare lists, and what is refused ---------------------------------------------------------------------------


def test_a_bare_list_is_named_by_its_file(state: StateManager, tmp_path: Path) -> None:
    path = written(tmp_path, {"patients.json": [{"id": "P1", "given_name": "Ann"}]}) / "patients.json"
    assert imported(state, path).entities_by_type == {"patients": 1}


def test_a_bare_list_is_recognised_by_its_entities(state: StateManager, tmp_path: Path) -> None:
    documents = [
        {"patient_id": "P1", "mrn": "M1", "given_name": "Ann"},
        {"encounter_id": "E1", "patient_id": "P1", "status": "finished"},
    ]
    path = written(tmp_path, {"things.json": documents}) / "things.json"
    assert imported(state, path).entities_by_type == {"encounters": 1, "patients": 1}


def test_one_unwrapped_entity_in_a_file(state: StateManager, tmp_path: Path) -> None:
    path = written(tmp_path, {"ann.json": {"patient_id": "P1", "mrn": "M1", "given_name": "Ann"}}) / "ann.json"
    assert imported(state, path).entities_by_type == {"patients": 1}


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        '"text"',
        "3",
        "null",
        '{"name": "x"}',
        '{"metadata": {"name": "x"}}',
        '{"a": {"b": 1}}',
        "[1, 2]",
        '[{"colour": "red"}]',
        '{"name": "x", "tags": ["a"]}',
    ],
)
def test_what_holds_no_entities_is_refused_and_says_what_is_expected(
    state: StateManager, tmp_path: Path, text: str
) -> None:
    path = written(tmp_path, {"x.json": text}) / "x.json"
    with pytest.raises(
        InvalidInput, match=r"x\.json.*holds no entities in any known shape; expected .*Nothing was saved"
    ):
        state.import_path(path)
    assert state.list() == ([], 0)


def test_a_folder_without_json_is_refused(state: StateManager, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    with pytest.raises(InvalidInput, match=r"empty holds no \*\.json files; expected"):
        state.import_path(folder)


def test_empty_collections_alone_make_an_empty_scenario_of_a_workspace(state: StateManager, tmp_path: Path) -> None:
    document = old_files.clinic()
    document["entities"] = {key: [] for key in document["entities"]}
    text = old_files.workspace_text(document)
    saved = state.import_path(written(tmp_path, {"w.json": text}) / "w.json")
    assert saved.entity_count == 0
    assert exported(state, "clinic", "workspace") == text.encode()
