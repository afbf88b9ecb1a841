"""SDTM out: what a trial becomes, by its declarations, and what others' validators say of it."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import jsonschema
import odmlib
import pandas as pd
import pyreadstat
import pytest
import xmlschema

import healthsim
from healthsim.errors import AlreadyExists, InvalidInput
from healthsim.exchange.sdtm.domains import BY_NAME, DOMAINS

ODMLIB = Path(odmlib.__file__).parent
#: where the wheel of cdisc-rules-engine was unpacked; it cannot be installed on every Python
RULES = Path(os.environ.get("HEALTHSIM_CDISC_RULES", ""), "resources", "schema", "dataset.schema.json")


def dataset(folder: Path, name: str) -> list[dict[str, Any]]:
    content = json.loads((folder / f"{name.lower()}.json").read_text(encoding="utf-8"))
    names = [column["name"] for column in content["columns"]]
    assert content["records"] == len(content["rows"])
    return [dict(zip(names, row, strict=True)) for row in content["rows"]]


def datasets(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.xpt"))


def test_every_domain_is_there(both: Path) -> None:
    assert {domain.name.lower() for domain in DOMAINS} <= set(datasets(both))
    assert {"suppdm", "suppsv", "supplb", "suppcm", "suppmh"} <= set(datasets(both))


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)
def test_both_forms_and_two_readers_agree(both: Path, domain: Any) -> None:
    rows = dataset(both, domain.name)
    frame, meta = pyreadstat.read_xport(both / f"{domain.name.lower()}.xpt")
    others = pd.read_sas(both / f"{domain.name.lower()}.xpt", format="xport", encoding="ascii")
    assert list(frame.columns) == list(rows[0])
    assert meta.file_label == domain.label
    for name in rows[0]:
        expected = [row[name] for row in rows]
        for read_by in (frame, others):
            values = [None if isinstance(value, float) and math.isnan(value) else value for value in read_by[name]]
            if any(isinstance(value, (int, float)) for value in expected):
                # pandas reads zero as 5e-79
                assert values == pytest.approx(expected, abs=1e-78), name
            else:
                assert [value or "" for value in values] == expected, name


def test_names_labels_and_values_are_within_the_limits(both: Path) -> None:
    for path in both.glob("*.xpt"):
        frame, meta = pyreadstat.read_xport(path)
        assert all(len(name.encode()) <= 8 and name.isascii() for name in frame.columns), path
        assert all(len(label.encode()) <= 40 for label in meta.column_labels), path
        for name in frame.columns:
            assert all(len(str(value).encode()) <= 200 for value in frame[name]), path


def test_study_days_have_no_zero_and_count_from_the_first_treatment(both: Path) -> None:
    first = {row["USUBJID"]: row["RFSTDTC"] for row in dataset(both, "DM")}
    days = 0
    for name, date, day in (("AE", "AESTDTC", "AESTDY"), ("LB", "LBDTC", "LBDY"), ("DS", "DSSTDTC", "DSSTDY")):
        for row in dataset(both, name):
            if not first[row["USUBJID"]]:
                assert row[day] is None
                continue
            distance = (pd.Timestamp(row[date][:10]) - pd.Timestamp(first[row["USUBJID"]])).days
            assert row[day] == (distance + 1 if distance >= 0 else distance)
            days += 1
    assert days > 30
    assert all(row["EXSTDY"] != 0 for row in dataset(both, "EX"))


def test_numbers_are_unique_within_a_subject(both: Path) -> None:
    for domain in DOMAINS:
        if domain.number:
            keys = [(row["USUBJID"], row[domain.number]) for row in dataset(both, domain.name)]
            assert len(keys) == len(set(keys)), domain.name


def test_supplements_refer_to_records_that_are_there(both: Path) -> None:
    for path in both.glob("supp*.json"):
        rows = dataset(both, path.stem)
        parent = BY_NAME[path.stem.upper().removeprefix("SUPP")]
        known = {
            (row["USUBJID"], str(row.get(parent.related, "")).removesuffix(".0")) for row in dataset(both, parent.name)
        }
        for row in rows:
            assert (row["RDOMAIN"], row["IDVAR"]) == (parent.name, parent.related)
            assert (row["USUBJID"], row["IDVARVAL"]) in known
            assert len(row["QNAM"]) <= 8
            assert len(row["QLABEL"]) <= 40


def test_subjects_that_failed_have_no_arm_and_a_reason(bench: healthsim.Workbench, both: Path) -> None:
    for row in dataset(both, "DM"):
        assert bool(row["ARMCD"]) != bool(row["ARMNRS"])
        assert (row["ARMNRS"] == "SCREEN FAILURE") == (not row["RFSTDTC"])


def test_laboratory_tests_have_names_of_cdisc(both: Path) -> None:
    rows = dataset(both, "LB")
    assert {row["LBTESTCD"] for row in rows if row["LBLOINC"] == "4548-4"} == {"HBA1C"}
    assert all(row["LBTESTCD"][0].isalpha() and len(row["LBTESTCD"]) <= 8 and len(row["LBTEST"]) <= 40 for row in rows)
    assert {row["LBNRIND"] for row in rows} <= {"NORMAL", "HIGH", "LOW", "ABNORMAL", ""}


def test_define_xml_follows_its_schema(both: Path) -> None:
    schema = xmlschema.XMLSchema(str(ODMLIB / "schemas" / "define" / "2.1" / "define2-1-0.xsd"))
    assert [str(error.reason) for error in schema.iter_errors(str(both / "define.xml"))] == []


def test_define_xml_describes_every_dataset_and_variable(both: Path) -> None:
    text = (both / "define.xml").read_text(encoding="utf-8")
    for name in datasets(both):
        assert f'OID="IG.{name.upper()}"' in text
        assert f'href="{name}.xpt"' in text
        for variable in dataset(both, name)[0]:
            assert f'<ItemDef OID="IT.{name.upper()}.{variable}"' in text


@pytest.mark.skipif(not RULES.is_file(), reason="HEALTHSIM_CDISC_RULES names no unpacked wheel of cdisc-rules-engine")
def test_dataset_json_follows_its_schema(both: Path) -> None:
    schema = json.loads(RULES.read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    for name in datasets(both):
        content = json.loads((both / f"{name}.json").read_text(encoding="utf-8"))
        assert [error.message for error in validator.iter_errors(content)] == [], name


def test_a_second_export_is_the_same_to_the_byte(bench: healthsim.Workbench, both: Path, tmp_path: Path) -> None:
    bench.export("sdtm", "trial", tmp_path / "again", files="both")
    for path in both.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name
    with pytest.raises(AlreadyExists, match="exists already"):
        bench.export("sdtm", "trial", tmp_path / "again")
    bench.export("sdtm", "trial", tmp_path / "again", overwrite=True)
    assert not list((tmp_path / "again").glob("*.json")) or [p.name for p in (tmp_path / "again").glob("*.json")] == [
        "manifest.json"
    ]


def test_what_is_left_out_is_counted(bench: healthsim.Workbench, tmp_path: Path) -> None:
    answer = bench.export("sdtm", "trial", tmp_path / "out")
    with bench.database.read() as connection:
        (claims,) = connection.execute("SELECT count(*) FROM claims").fetchone() or ()
    assert f"{claims:,} claims" in answer.remarks()[0]
    assert "names, addresses" in " ".join(answer.remarks())


def test_one_patient(bench: healthsim.Workbench, both: Path, tmp_path: Path) -> None:
    subject = dataset(both, "VS")[0]["USUBJID"]
    with bench.database.read() as connection:
        (patient,) = connection.execute("SELECT patient_id FROM subjects WHERE usubjid = ?", [subject]).fetchone() or ()
    bench.export("sdtm", "trial", tmp_path / "one", files="dataset-json", patient=[patient])
    assert [row["USUBJID"] for row in dataset(tmp_path / "one", "DM")] == [subject]
    assert dataset(tmp_path / "one", "VS") == [row for row in dataset(both, "VS") if row["USUBJID"] == subject]


def test_without_a_trial_there_is_nothing_to_write(bench: healthsim.Workbench, tmp_path: Path) -> None:
    bench.save("no trial", {"patients": [{"patient_id": "P1"}]})
    with pytest.raises(
        InvalidInput, match=r"'no trial' has no study and no subjects.*Generate a population with the product trial"
    ):
        bench.export("sdtm", "no trial", tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_each_study_has_a_folder(bench: healthsim.Workbench, tmp_path: Path) -> None:
    entities = {
        "studies": [{"study_id": "S1", "protocol_number": "A/1"}, {"study_id": "S2", "protocol_number": "B 2"}],
        "subjects": [
            {"subject_id": "X1", "usubjid": "A-1", "study_id": "S1", "screening_date": "2025-01-01"},
            {"subject_id": "X2", "usubjid": "B-1", "study_id": "S2"},
        ],
    }
    bench.save("two studies", entities, overwrite=True)
    answer = bench.export("sdtm", "two studies", tmp_path / "two", files="dataset-json")
    assert answer.counts["DM"] == 2
    assert [row["STUDYID"] for row in dataset(tmp_path / "two" / "A_1", "DM")] == ["A/1"]
    assert [row["USUBJID"] for row in dataset(tmp_path / "two" / "B_2", "DM")] == ["B-1"]
