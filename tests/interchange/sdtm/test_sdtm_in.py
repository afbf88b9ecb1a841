"""SDTM in: every value of every record is kept, and what the model has a column for is in it again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

import healthsim
from asking import ask
from healthsim.exchange.sdtm.domains import columns_carried
from healthsim.model import ENTITY_TYPES

#: of the types of a trial and of its subjects' care, the columns that come back as they were; keys and references
#: are those of the subjects: ``subject_id``, ``patient_id`` become the identifier that is unique across studies
CARRIED: dict[str, str] = {
    "study": "protocol_number protocol_title phase indication therapeutic_area sponsor target_enrollment start_date"
    " end_date",
    "site": "site_id site_number principal_investigator",
    "treatment_arm": "treatment_arm_id arm_code arm_name",
    "visit_schedule": "visit_num visit_name planned_day window_before_days window_after_days",
    "subject": "subject_id usubjid site_id informed_consent_date screening_date randomization_date completion_date"
    " discontinuation_date discontinuation_reason subject_status arm_code birth_date gender race ethnicity language"
    " deceased death_date",
    "patient": "mrn birth_date gender race ethnicity language deceased death_date",
    "trial_visit": "subject_id usubjid visit_num visit_name visit_date study_day visit_status window_deviation_days",
    "adverse_event": "adverse_event_id subject_id usubjid aeseq aeterm aedecod aebodsys aestdtc aeendtc aesev aetoxgr"
    " aeser aerel aeacn aeout",
    "exposure": "exposure_id subject_id usubjid exseq extrt exdose exdosu exdosfrm exdosfrq exroute exstdtc exendtc"
    " dose_modification",
    "disposition_event": "disposition_event_id subject_id usubjid dsterm dsdecod dscat dsstdtc",
    "lab_result": "lab_result_id patient_id test_name loinc_code value value_numeric unit reference_low reference_high"
    " reference_range abnormal_flag collected_datetime resulted_datetime performing_lab specimen_type specimen_id"
    " specimen_code",
    "vital_sign": "vital_sign_id patient_id observation_datetime temperature_c heart_rate respiratory_rate systolic_bp"
    " diastolic_bp spo2 height_cm weight_kg bmi",
    "medication": "medication_id patient_id name code ndc dose dose_quantity dose_unit route frequency start_date"
    " end_date status indication indication_code",
    "diagnosis": "diagnosis_id patient_id code code_system description diagnosis_type diagnosed_date onset_date"
    " resolved_date clinical_status",
}
#: what tells rows apart, where it is not the key
TOLD_BY = {
    "study": "protocol_number",
    "site": "site_number",
    "treatment_arm": "arm_code",
    "visit_schedule": "visit_num",
    "subject": "usubjid",
    "patient": "birth_date, mrn",
    "trial_visit": "usubjid, visit_num",
}


def test_the_columns_that_come_back_are_those_that_are_declared() -> None:
    declared: dict[str, set[str]] = {}
    for column in columns_carried():
        entity_type, _, name = column.partition(".")
        declared.setdefault(entity_type, set()).add(name)
    assert declared == {entity_type: set(names.split()) for entity_type, names in CARRIED.items()}


def rows(bench: healthsim.Workbench, scenario: str, entity_type: str) -> dict[str, tuple[Any, ...]]:
    known = ENTITY_TYPES[entity_type]
    keys = {reference.name for reference in known.references} | {known.key}
    names = [name for name in CARRIED[entity_type].split() if name not in keys]
    told = TOLD_BY.get(entity_type, known.key)
    answer = ask(bench, f"SELECT concat_ws('/', {told}), {', '.join(names)} FROM {known.plural}", scenario)
    return {row[0]: tuple(row[1:]) for row in answer}


@pytest.fixture(scope="module", params=["xpt", "dataset-json"])
def back(request: pytest.FixtureRequest, bench: healthsim.Workbench, tmp_path_factory: pytest.TempPathFactory) -> str:
    target = tmp_path_factory.mktemp("back") / request.param
    bench.export("sdtm", "trial", target, files=request.param)
    bench.import_(target, as_=f"back {request.param}")
    return f"back {request.param}"


@pytest.mark.parametrize("entity_type", CARRIED)
def test_rows_come_back(bench: healthsim.Workbench, back: str, entity_type: str) -> None:
    before, after = rows(bench, "trial", entity_type), rows(bench, back, entity_type)
    assert after
    assert {key: before.get(key) for key in after} == after
    if entity_type not in ("patient", "lab_result", "vital_sign", "medication", "diagnosis"):
        # of these, only what belongs to subjects and their time in the trial is there
        assert before.keys() == after.keys()


def test_rows_are_joined_to_subjects_and_patients(bench: healthsim.Workbench, back: str) -> None:
    for table in ("lab_results", "vital_signs", "medications", "diagnoses"):
        answer = ask(
            bench,
            f"SELECT count(*), count(p.patient_id) FROM {table} AS t LEFT JOIN patients AS p USING (patient_id)",
            back,
        )
        assert answer[0][0] == answer[0][1] > 0
    joined = ask(
        bench,
        "SELECT count(*) FROM adverse_events AS a JOIN subjects AS s USING (subject_id) JOIN studies AS t USING (study_id)"
        " JOIN sites AS i ON i.site_id = s.site_id",
        back,
    )
    assert joined[0][0] == len(rows(bench, "trial", "adverse_event"))


def test_every_record_is_a_document(bench: healthsim.Workbench, both: Path, back: str) -> None:
    entities = bench.load(back)["entities"]
    for path in both.glob("*.xpt"):
        frame, _ = pyreadstat.read_xport(path)
        documents = entities[f"sdtm_{path.stem}"]
        assert len(documents) == len(frame)
        assert [document["STUDYID"] for document in documents] == list(frame["STUDYID"])
    assert len(entities["sdtm_dataset"]) == len(list(both.glob("*.xpt")))
    assert len(entities["define_xml"]) == 1


def test_a_second_import_changes_nothing(bench: healthsim.Workbench, both: Path) -> None:
    first = bench.import_(both, as_="twice")
    second = bench.import_(both, as_="twice", mode="merge")
    assert first.entity_count == second.entity_count


# -- what others write ----------------------------------------------------------------------------------------


def others(folder: Path, **frames: pd.DataFrame) -> Path:
    folder.mkdir()
    for name, frame in frames.items():
        pyreadstat.write_xport(frame, str(folder / f"{name}.xpt"), table_name=name.upper(), file_format_version=5)
    return folder


def test_datasets_of_others(bench: healthsim.Workbench, tmp_path: Path) -> None:
    subject = {"STUDYID": "CDISC01", "USUBJID": "CDISC01.100008"}
    folder = others(
        tmp_path / "sdtm",
        dm=pd.DataFrame(
            [
                {
                    **subject,
                    "DOMAIN": "DM",
                    "SITEID": "100",
                    "BRTHDTC": "1930-08",
                    "SEX": "M",
                    "RACE": "WHITE",
                    "ARMCD": "A",
                    "RFICDTC": "2003-04-15T10:30",
                    "CUSTOM": "kept",
                }
            ]
        ),
        vs=pd.DataFrame(
            [
                {
                    **subject,
                    "DOMAIN": "VS",
                    "VSSEQ": 1.0,
                    "VSTESTCD": "TEMP",
                    "VSORRES": "98.6",
                    "VSORRESU": "F",
                    "VSDTC": "2003-04-29",
                },
                {
                    **subject,
                    "DOMAIN": "VS",
                    "VSSEQ": 2.0,
                    "VSTESTCD": "WEIGHT",
                    "VSORRES": "150",
                    "VSORRESU": "LB",
                    "VSDTC": "2003-04-29",
                },
                {
                    **subject,
                    "DOMAIN": "VS",
                    "VSSEQ": 3.0,
                    "VSTESTCD": "FRMSIZE",
                    "VSORRES": "MEDIUM",
                    "VSORRESU": "",
                    "VSDTC": "2003-04-29",
                },
            ]
        ),
        suppdm=pd.DataFrame(
            [
                {
                    **subject,
                    "RDOMAIN": "DM",
                    "IDVAR": "",
                    "IDVARVAL": "",
                    "QNAM": "RACE1",
                    "QLABEL": "Race 1",
                    "QVAL": "X",
                }
            ]
        ),
        ae=pd.DataFrame(
            [{**subject, "DOMAIN": "AE", "AESEQ": 4.0, "AESPID": "1", "AETERM": "AGITATED", "AESTDTC": "??"}]
        ),
        qs=pd.DataFrame([{**subject, "DOMAIN": "QS", "QSSEQ": 1.0, "QSORRES": "a little"}]),
    )
    answer = bench.import_(folder, as_="of others")
    assert isinstance(answer, healthsim.results.Imported)
    entities = bench.load("of others")["entities"]
    assert entities["sdtm_dm"][0]["CUSTOM"] == "kept"
    assert entities["sdtm_qs"] == [{**subject, "DOMAIN": "QS", "QSSEQ": 1, "QSORRES": "a little"}]
    assert entities["sdtm_suppdm"][0]["QVAL"] == "X"
    assert len(entities["sdtm_vs"]) == 3
    table = ask(
        bench,
        "SELECT s.birth_date, s.gender, s.race, s.arm_code, s.informed_consent_date, v.temperature_c, v.weight_kg,"
        " a.adverse_event_id, a.aeterm, a.aestdtc FROM subjects AS s JOIN vital_signs AS v ON v.patient_id = s.patient_id"
        " JOIN adverse_events AS a ON a.subject_id = s.subject_id",
        "of others",
    )
    assert [str(value) for value in table[0]] == [
        "1930-08-01",
        "M",
        "White",
        "A",
        "2003-04-15",
        "37.0",
        "68.04",
        "CDISC01.100008-AE-4",
        "AGITATED",
        "None",
    ]
    said = " ".join(answer.remarks())
    assert "a date that is none of ISO 8601" in said
    assert "a date without its day or month" in said
    assert "a vital sign without a number" in said


def test_dataset_json_with_a_row_a_line(bench: healthsim.Workbench, tmp_path: Path) -> None:
    head = {
        "datasetJSONVersion": "1.1.0",
        "name": "AE",
        "label": "Adverse Events",
        "columns": [
            {"itemOID": n, "name": n, "label": n, "dataType": "string"} for n in ("STUDYID", "USUBJID", "AETERM")
        ],
    }
    target = tmp_path / "ae.ndjson"
    target.write_text(json.dumps(head) + '\n["S", "S-1", "Übelkeit"]\n["S", "S-2", "x", 2.50]\n', encoding="utf-8")
    answer = bench.import_(target, as_="lines")
    assert bench.load("lines")["entities"]["sdtm_ae"] == [
        {"STUDYID": "S", "USUBJID": "S-1", "AETERM": "Übelkeit"},
        {"STUDYID": "S", "USUBJID": "S-2", "AETERM": "x", "_4": 2.5},
    ]
    assert "another number of values" in " ".join(answer.remarks())


@pytest.mark.long
def test_long_and_foreign_texts_survive_both_forms(bench: healthsim.Workbench, tmp_path: Path) -> None:
    """The 200 bytes of a value are counted after transliteration, and nothing is lost (xportr#189, haven#746)."""
    term = "Übelkeit, nach dem Essen \u2013 stärker bei Bewegung; " * 12
    entities = {
        "studies": [{"study_id": "S1", "protocol_number": "P-1", "protocol_title": "Title " * 60}],
        "subjects": [
            {"subject_id": "X1", "usubjid": "P-1-001", "study_id": "S1", "discontinuation_reason": "Grund: ß " * 60}
        ],
        "adverse_events": [
            {
                "adverse_event_id": "AE1",
                "subject_id": "X1",
                "usubjid": "P-1-001",
                "aeterm": term,
                "aestdtc": "2025-01-02",
            },
            {
                "adverse_event_id": "AE2",
                "subject_id": "X1",
                "usubjid": "P-1-001",
                "aeterm": "a\nb\x1cc|^~",
                "aestdtc": "2025-01-03",
            },
        ],
    }
    bench.save("hostile", entities, overwrite=True)
    answer = bench.export("sdtm", "hostile", tmp_path / "xpt")
    assert "spelled in ASCII" in " ".join(answer.remarks())
    assert "go on in supplemental qualifiers" in " ".join(answer.remarks())
    for path in (tmp_path / "xpt").glob("*.xpt"):
        frame, _ = pyreadstat.read_xport(path)
        assert all(len(str(value).encode()) <= 200 for name in frame for value in frame[name]), path
    bench.import_(tmp_path / "xpt", as_="ascii")
    read = ask(bench, "SELECT aeterm FROM adverse_events ORDER BY aestdtc", "ascii")
    from healthsim.exchange.sdtm.ascii_text import ascii_of

    assert [value for (value,) in read] == [ascii_of(term).rstrip(), "a b c|^~"]
    reason = ask(bench, "SELECT discontinuation_reason FROM subjects", "ascii")[0][0]
    assert reason == ascii_of("Grund: ß " * 60).rstrip()
    bench.export("sdtm", "hostile", tmp_path / "json", files="dataset-json")
    bench.import_(tmp_path / "json", as_="unicode")
    read = ask(bench, "SELECT aeterm FROM adverse_events ORDER BY aestdtc", "unicode")
    assert [value for (value,) in read] == [term, "a\nb\x1cc|^~"]
