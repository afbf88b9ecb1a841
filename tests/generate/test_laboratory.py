"""Laboratory work: one order for a panel, one line on the claim, every test of it reported, and tests that agree with each other."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from healthsim.db.connection import Database
from healthsim.generation import generate_files
from healthsim.generation.codes import loinc_fault, procedure_fault
from healthsim.generation.compiled import compile_knowledge
from healthsim.generation.knowledge_files import check_files, load_knowledge
from healthsim.generation.laboratory import panels

LIPIDS = {"2093-3", "2571-8", "2085-9", "13457-7"}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """The tables of 3,000 persons as views."""
    folder = tmp_path_factory.mktemp("laboratory")
    generate_files(
        {"size": 3_000, "counties": ["06073"], "seed": 5}, folder / "files", database=Database(folder / "x.duckdb")
    )
    connection = duckdb.connect()
    for place in (folder / "files" / "canonical").iterdir():
        if place.is_dir():
            connection.execute(f"CREATE VIEW {place.name} AS FROM read_parquet('{place}/*.parquet')")
    return connection


def test_panels_are_made_of_codes_that_exist_and_of_values_that_can_be() -> None:
    assert [
        loinc_fault(code) for panel in panels() for code in (panel.loinc, *(test.loinc for test in panel.tests))
    ] == [None] * sum(1 + len(panel.tests) for panel in panels())
    assert [procedure_fault(panel.cpt, "CPT") for panel in panels()] == [None] * len(panels())
    tests = [test for panel in panels() for test in panel.tests]
    assert len({test.loinc for test in tests}) == len(tests)
    for panel in panels():
        own = {test.loinc for test in panel.tests}
        for test in panel.tests:
            assert test.normal.low <= test.normal.mean <= test.normal.high, test.name
            assert set(test.calculated) <= own, test.name


def test_a_panel_is_ordered_once_billed_once_and_reported_whole(files: duckdb.DuckDBPyConnection) -> None:
    reported = files.execute(
        "SELECT DISTINCT list_sort(list(loinc_code)) FROM lab_results WHERE encounter_id IN"
        " (SELECT encounter_id FROM orders WHERE code = '24331-1') AND list_contains($1, loinc_code) GROUP BY encounter_id",
        [sorted(LIPIDS)],
    ).fetchall()
    assert reported == [(sorted(LIPIDS),)]
    assert files.execute(
        "SELECT count(*) FROM lab_results WHERE loinc_code IN ('2093-3', '13457-7') AND encounter_id NOT IN"
        " (SELECT encounter_id FROM orders WHERE code = '24331-1')"
    ).fetchall() == [(0,)]
    twice = "SELECT count(*) FROM (SELECT encounter_id FROM {} GROUP BY encounter_id, {} HAVING count(*) > 1)"
    assert files.execute(twice.format("orders", "code")).fetchall() == [(0,)]
    assert files.execute(twice.format("lab_results", "loinc_code")).fetchall() == [(0,)]
    lines = files.execute(
        "SELECT max(n), count(*) FROM (SELECT c.encounter_id, count(*) AS n FROM claim_lines l JOIN claims c USING (claim_id)"
        " WHERE l.procedure_code = '80061' GROUP BY 1)"
    ).fetchall()[0]
    ordered = files.execute("SELECT count(*) FROM orders WHERE code = '24331-1'").fetchall()[0][0]
    assert lines[0] == 1
    assert 0.8 * ordered < lines[1] <= ordered  # people without coverage have no claim


def test_tests_of_one_specimen_agree(files: duckdb.DuckDBPyConnection) -> None:
    """LDL after Friedewald, white cells that are 100 % together, and red cells whose volume is that of the haematocrit."""
    files.execute(
        "CREATE VIEW specimens AS SELECT encounter_id, map_from_entries(list((loinc_code, value_numeric))) AS of"
        " FROM lab_results GROUP BY encounter_id"
    )
    ldl, white, volume, n = files.execute(
        "SELECT max(abs(of['2093-3'] - of['2085-9'] - of['2571-8'] / 5 - of['13457-7'])),"
        " max(abs(of['770-8'] + of['736-9'] + of['5905-5'] + of['713-8'] + of['706-2'] - 100)),"
        " avg(abs(10 * of['4544-3'] / of['787-2'] / of['789-8'] - 1)), count(of['770-8']) FROM specimens"
    ).fetchall()[0]
    assert n > 500
    assert ldl <= 0.51
    assert files.execute(
        "SELECT min(value_numeric) >= 30 FROM lab_results WHERE loinc_code = '13457-7'"
    ).fetchall() == [(True,)]
    assert white <= 0.11
    assert volume < 0.01  # it is made linear, which is off where both are far from the usual


def test_results_follow_conditions_also_in_panels_ordered_for_another_reason(files: duckdb.DuckDBPyConnection) -> None:
    """Glucose is high in diabetes and urea nitrogen in kidney disease, whoever ordered the metabolic panel."""
    rows = files.execute(
        "SELECT l.loinc_code, EXISTS (FROM diagnoses d WHERE d.patient_id = l.patient_id AND regexp_matches(d.code,"
        " CASE l.loinc_code WHEN '2345-7' THEN '^E1[01]' ELSE '^N18.[4-6]' END)) AS ill, avg(value_numeric)"
        " FROM lab_results l WHERE l.loinc_code IN ('2345-7', '3094-0') GROUP BY ALL"
    ).fetchall()
    mean = {(code, ill): value for code, ill, value in rows}
    assert mean["2345-7", True] > mean["2345-7", False] + 30
    assert mean["3094-0", True] > mean["3094-0", False] + 15


def test_a_test_that_is_billed_as_a_panel_which_does_not_report_it_is_reported_for_itself() -> None:
    """Glomerular filtration under the code of the metabolic panel: it must not be ordered and never come out."""
    known = load_knowledge()
    kidney = known["chronic_kidney_disease"]
    labs = tuple(lab.model_copy(update={"cpt": "80053"}) for lab in kidney.labs)
    knowledge = compile_knowledge([*known.values(), kidney.model_copy(update={"condition": "own", "labs": labs})])
    filtration = next(lab for lab in labs if lab.loinc == "33914-3")
    order = knowledge.lab_orders[knowledge.lab_order(filtration)]
    assert [knowledge.labs[test].loinc for test in order.tests] == ["33914-3"]
    assert order.cpt == "80053"


def test_what_does_not_agree_with_its_panel_is_refused_by_line(tmp_path: Path) -> None:
    lab = "    name: x\n    cpt: '80061'\n    per_year: 0\n    normal: {mean: 2, sd: 1, low: 1, high: 3}\n"
    values = "    controlled: {mean: 2, sd: 1, low: 1, high: 3}\n"
    (tmp_path / "x.yaml").write_text(
        "condition: rash\nname: Rash\nkind: acute\ngroup: Skin\nsources: [made up]\nincidence:\n  F: {0: 0.01}\n"
        "stages:\n  - {name: usual, share: 1, codes: {R21: 1}}\nlabs:\n"
        f"  - loinc: 13457-7\n    unit: mmol/L\n{lab}  - loinc: 2093-3\n    unit: mg/dL\n{lab}{values}"
    )
    assert check_files([tmp_path]) == [
        "x.yaml:12: labs.0.unit: mmol/L; LDL Cholesterol is reported in mg/dL",
        "x.yaml:17: labs.1: Cholesterol is calculated; give the values of 13457-7, 2085-9, 2571-8 instead",
    ]


def test_what_a_panel_says_of_a_test_need_not_be_said_again(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(
        "condition: rash\nname: Rash\nkind: acute\ngroup: Skin\nsources: [made up]\nincidence:\n  F: {0: 0.01}\n"
        "stages:\n  - {name: usual, share: 1, codes: {R21: 1}}\nlabs:\n  - {loinc: 718-7, cpt: '85025', per_year: 1}\n"
    )
    (lab,) = load_knowledge(tmp_path)["rash"].labs
    (test,) = (test for panel in panels() for test in panel.tests if test.loinc == "718-7")
    assert (lab.name, lab.unit, lab.reference_low, lab.normal) == (
        test.name,
        test.unit,
        test.reference_low,
        test.normal,
    )

    file.write_text(file.read_text().replace("718-7", "4548-4"))
    assert check_files([tmp_path]) == [
        f"x.yaml:11: labs.0.{name}: field required" for name in ("name", "unit", "normal")
    ]


def test_a_test_whose_code_is_no_text_is_refused_by_line(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(
        "condition: rash\nname: Rash\nkind: acute\ngroup: Skin\nsources: [made up]\nincidence:\n  F: {0: 0.01}\n"
        "stages:\n  - {name: usual, share: 1, codes: {R21: 1}}\nlabs:\n  - {loinc: [718-7], cpt: '85025', per_year: 1}\n"
    )
    assert check_files([tmp_path])[0] == "x.yaml:11: labs.0.loinc: input should be a valid string"
