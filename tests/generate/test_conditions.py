"""Clinical knowledge: the files of the house make sense, curves give national figures, bad files are refused by line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from healthsim.cli import main
from healthsim.db.connection import Database
from healthsim.errors import InvalidInput, NotFound
from healthsim.generation.codes import cvx_fault, drg_fault, icd10cm_fault, loinc_fault, procedure_fault
from healthsim.generation.compiled import by_sex
from healthsim.generation.knowledge_files import check_files, load_knowledge, own_folder
from healthsim.generation.places import ADULT, national_pyramid

KNOWN = load_knowledge()
#: adults of the United States, percent: BRFSS 2019-2021, as in the sources of the files
NATIONAL = {
    "DIABETES": 11,
    "BPHIGH": 32,
    "HIGHCHOL": 33,
    "CHD": 6,
    "STROKE": 3.3,
    "COPD": 6.4,
    "CASTHMA": 9.5,
    "CANCER": 7,
    "DEPRESSION": 19,
    "OBESITY": 33,
    "CSMOKING": 15,
    "ARTHRITIS": 25,
    "KIDNEY": 3,
}
WANTED = """
type_2_diabetes type_1_diabetes hypertension hyperlipidemia obesity coronary_heart_disease heart_failure stroke
atrial_fibrillation copd asthma chronic_kidney_disease depression anxiety substance_use_disorder breast_cancer lung_cancer
colorectal_cancer osteoarthritis pregnancy newborn otitis_media pneumonia upper_respiratory_infection sepsis injuries preventive
""".split()


def test_what_the_house_knows() -> None:
    assert set(WANTED) <= set(KNOWN)
    assert all(condition.sources for condition in KNOWN.values())


@pytest.mark.parametrize("measure", NATIONAL)
def test_curves_give_the_national_figure(measure: str) -> None:
    """Without a county's figure the curve is used as it is: it must be near the nation's."""
    adults = national_pyramid()[:, ADULT:]
    without = 1.0
    for condition in KNOWN.values():
        if condition.measure == measure:
            without = without * (1 - by_sex(condition.prevalence)[:, ADULT:])
    percent = 100 * float(((1 - without) * adults).sum() / adults.sum())
    assert percent == pytest.approx(NATIONAL[measure], rel=0.2)


def test_births_are_those_of_the_nation() -> None:
    """About 11.4 births per 1,000 persons and year (NCHS, Births: Final Data for 2019)."""
    births = 1000 * float((by_sex(KNOWN["pregnancy"].incidence) * national_pyramid()).sum())
    assert births == pytest.approx(11.4, rel=0.12)


GOOD = """condition: cold_sore
name: Cold sore
kind: acute
group: Skin
sources: [made up]
incidence:
  F: {0: 0.01, 20: 0.03}
stages:
  - {name: usual, share: 1, codes: {B00.1: 1}}
seen: {office: 1}
"""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("B00.1", "COLD"), r"x.yaml:9: stages.0.codes: 'COLD' is no ICD-10-CM code"),
        (("20: 0.03", "200: 0.03"), r"x.yaml:7: incidence.F.*less than or equal to 120"),
        (
            ("share: 1,", "share: 1.5,"),
            r"x.yaml:9: stages.0.share: input should be less than or equal to 1 \(given: 1.5\)",
        ),
        (("group: Skin", "grupo: Skin"), r"x.yaml:4: grupo: there is no such key"),
        (("share: 1,", "share: 0.4,"), r"x.yaml:8: stages: the shares add up to 0.400; expected 1"),
        (("seen: {office: 1}", "risk: {gout: 2}"), r"x.yaml:10: there is no condition 'gout'"),
        (
            ("seen: {office: 1}", "seen: {office: 0.8, emergency: 0.9}"),
            r"x.yaml:10: seen: the shares add up to more than 1",
        ),
        (("kind: acute", "kind: chronic"), r"x.yaml:3: a condition of the kind chronic needs prevalence"),
        (("name: Cold sore", "name: [Cold"), r"x.yaml:\d+: no YAML"),
        (("group: Skin", "group: S\0kin"), r"x.yaml:4: no YAML: the character"),
        (
            ("name: Cold sore", "name: Cold sore\nname: Herpes"),
            r"x.yaml:3: name: the key stands here for the second time",
        ),
        (("group: Skin", "group: &a [*a]"), r"x.yaml:1: something in it contains itself"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_by_line(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    (tmp_path / "x.yaml").write_text(GOOD.replace(*change))
    with pytest.raises(InvalidInput, match=message):
        load_knowledge(tmp_path)


def test_ranges_that_hold_nothing_are_refused_by_line(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(
        GOOD + "labs:\n  - loinc: 718-7\n    name: Hemoglobin\n    unit: g/dL\n    cpt: '85018'\n    per_year: 1\n"
        "    normal: {mean: 50, sd: 1, low: 11, high: 17}\n"
        "procedures:\n  - {code: '71046', name: X-ray, price: 48, share: 0.5, who: {min_age: 40, max_age: 10}}\n"
    )
    assert check_files([tmp_path]) == [
        "x.yaml:17: labs.0.normal: low 11, mean 50, high 17; expected the mean between low and high",
        "x.yaml:19: procedures.0.who: nobody is from 40 to 10 years old",
    ]


def test_what_is_checked_is_what_is_read(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.yml").write_text(GOOD.replace("kind: acute", "kind: bogus"))
    (fault,) = check_files([tmp_path])
    with pytest.raises(InvalidInput, match=re.escape(fault)):
        load_knowledge(tmp_path)
    (tmp_path / "x.yml").rename(tmp_path / "x.YAML")
    (tmp_path / "folder.yaml").mkdir()
    assert "cold_sore" not in load_knowledge(tmp_path)
    with pytest.raises(NotFound, match=r"holds no \*\.yaml or \*\.yml; no other file is read"):
        check_files([tmp_path])
    # the usual folder may be empty
    (home / "conditions").mkdir(parents=True)
    with pytest.raises(SystemExit) as ended:
        main(["conditions", "check"])
    assert ended.value.code == 0
    assert "44 conditions: fine" in capsys.readouterr().out


def test_two_files_do_not_speak_of_one_condition(tmp_path: Path) -> None:
    """The second would take the place of the first without a word."""
    (tmp_path / "x.yaml").write_text(GOOD)
    (tmp_path / "y.yaml").write_text(GOOD)
    assert check_files([tmp_path]) == ["y.yaml:1: condition: 'cold_sore' is in x.yaml already; expected one file each"]


def test_stays_and_drugs_of_the_house_agree_with_themselves() -> None:
    """One product has one RxNorm code and name; women's codes are of women; surgery is of the joint that is diseased."""
    products: dict[str, set[tuple[str, str]]] = {}
    for condition in KNOWN.values():
        for regimen in condition.regimens:
            for drug in regimen.drugs:
                products.setdefault(drug.ndc, set()).add((drug.rxnorm, drug.name))
                products.setdefault("rxnorm " + drug.rxnorm, set()).add((drug.rxnorm, drug.name))
    assert {key: said for key, said in products.items() if len(said) > 1} == {}
    breast = KNOWN["breast_cancer"].prevalence
    assert breast is not None
    assert breast.M is None
    joints = {"27447": "M17", "27130": "M16"}
    for admission in KNOWN["osteoarthritis"].admissions:
        (operation,) = admission.procedures
        assert {code[:3] for code in admission.principal} == {joints[operation.code]}


def test_no_stay_has_a_drg_that_is_no_more() -> None:
    """MS-DRG 41 (2023) took 338 to 343 away, 42 (2024) took 453 to 455, 459 and 460: CMS, IPPS final rules."""
    gone = {*map(str, range(338, 344)), "453", "454", "455", "459", "460"}
    used = {drg for condition in KNOWN.values() for admission in condition.admissions for drg in admission.drgs}
    assert used & gone == set()


def test_all_faults_are_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD.replace("B00.1", "COLD").replace("office: 1", "office: 0.9, home: 0.9"))
    (tmp_path / "b.yaml").write_text("- a list")
    faults = check_files([tmp_path])
    assert [fault.split(": ")[0] for fault in faults] == ["a.yaml:10", "a.yaml:9", "b.yaml:1"]


def test_a_folder_adds_and_replaces(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(GOOD)
    (tmp_path / "gerd.yaml").write_text(GOOD.replace("cold_sore", "gerd"))
    known = load_knowledge(tmp_path)
    assert len(known) == len(KNOWN) + 1
    assert known["gerd"].name == "Cold sore"
    with pytest.raises(NotFound, match="There is no folder"):
        load_knowledge(tmp_path / "nowhere")


def test_the_usual_folder_is_read_where_there_is_one(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def listed(*words: str) -> tuple[str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["conditions", "list", *words])
        assert ended.value.code == 0
        said = capsys.readouterr()
        return said.out, said.err

    assert own_folder() is None
    assert "cold_sore" not in listed()[0]
    own = home / "conditions"
    own.mkdir(parents=True)
    (own / "x.yaml").write_text(GOOD)
    assert own_folder() == own
    assert "cold_sore" in listed()[0]
    (tmp_path / "other").mkdir()
    assert own_folder(tmp_path / "other") == tmp_path / "other"
    assert "cold_sore" not in listed("--conditions", str(tmp_path / "other"))[0], "the option wins"
    # what a file says now counts, not what it said when it was first read
    (own / "x.yaml").write_text(GOOD.replace("name: Cold sore", "name: Herpes of the lip"))
    assert load_knowledge(own_folder())["cold_sore"].name == "Herpes of the lip"
    (own / "x.yaml").write_text(GOOD.replace("B00.1", "COLD"))
    with pytest.raises(InvalidInput, match=rf"cannot be used with the files of {own}; nothing was generated"):
        load_knowledge(own_folder())
    with pytest.raises(SystemExit) as ended:
        main(["conditions", "check"])
    assert ended.value.code == 5
    assert "x.yaml:9: stages.0.codes: 'COLD'" in capsys.readouterr().err


@pytest.mark.long
def test_generation_uses_the_usual_folder(home: Path, database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    own = home / "conditions"
    own.mkdir(parents=True)
    (own / "x.yaml").write_text(GOOD.replace("0: 0.01, 20: 0.03", "0: 3"))
    words = ["--db", database.location.text, "generate", "--size", "40", "--county", "06073", "--sex", "F", "--as"]
    for name, more in (("with", []), ("without", ["--conditions", str(home / "none")])):
        (home / "none").mkdir(exist_ok=True)
        with pytest.raises(SystemExit) as ended:
            main([*words, name, *more])
        assert ended.value.code == 0
        assert (f"With the conditions of your own in {own}" in capsys.readouterr().err) is (name == "with")
    with database.read() as connection:
        found = connection.execute(
            "SELECT s.name, count(*) > 0 FROM scenarios s JOIN diagnoses d USING (scenario_id) WHERE d.code = 'B00.1' GROUP BY 1"
        ).fetchall()
    assert found == [("with", True)]


def test_what_belongs_to_births_is_checked(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(
        GOOD + "outcome: {Z37.0: 1}\nborn_of: pregnancy\nvaccines:\n"
        "  - {cvx: '150', name: Influenza, cpt: '90686', season: [9, 3], share: 0.4, price: 21}\n"
    )
    assert check_files([tmp_path]) == [
        "x.yaml:11: outcome: is of pregnancies; the kind is acute",
        "x.yaml:12: born_of: is of what happens at birth; expected at_birth: true",
        "x.yaml:14: vaccines.0.season: expected every_years: 1 beside it",
        "x.yaml:1: admissions: 0 admissions, and pregnancy has 2; expected one for each of them",
    ]


def test_keys_of_another_kind_are_refused_by_line(tmp_path: Path) -> None:
    """Nothing would read them."""
    more = "prevalence: {F: {0: 0.1}}\nearliest_age: 20\nmortality: 2\nmeasure: DIABETES\nvisits: [{setting: office, per_year: 1, reason: x}]\n"
    (tmp_path / "x.yaml").write_text(GOOD + more + "excludes: []\n")
    chronic = "is of chronic conditions; the kind is acute"
    assert sorted(check_files([tmp_path])) == [
        f"x.yaml:11: prevalence: {chronic}",
        f"x.yaml:12: earliest_age: {chronic}",
        f"x.yaml:13: mortality: {chronic}",
        f"x.yaml:14: measure: {chronic}",
        "x.yaml:15: visits: is of chronic conditions and pregnancies; the kind is acute",
    ]
    (tmp_path / "x.yaml").write_text(GOOD.replace("kind: acute", "kind: preventive"))
    assert sorted(check_files([tmp_path])) == [
        "x.yaml:10: seen: is of acute conditions; the kind is preventive",
        "x.yaml:6: incidence: is of acute conditions and pregnancies; the kind is preventive",
    ]


def test_codes() -> None:
    assert [icd10cm_fault(code) for code in ("E11.9", "I10", "S93.401A", "O60.14X0", "Z68.41")] == [None] * 5
    assert [loinc_fault(code) for code in ("4548-4", "33914-3", "18262-6", "718-7")] == [None] * 4
    assert "check digit would be 4" in str(loinc_fault("4548-5"))
    assert procedure_fault("99213", "CPT") is None
    assert procedure_fault("G0439", "HCPCS") is None
    assert "no HCPCS code" in str(procedure_fault("99213", "HCPCS"))
    assert drg_fault("470") is None
    assert drg_fault("990")
    assert cvx_fault("141") is None
    assert cvx_fault("flu")


def test_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    for words, said in (
        (["conditions", "list"], "type_2_diabetes"),
        (["conditions", "show", "Heart Failure"], "I50.22"),
        (["conditions", "check"], "conditions: fine"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert ended.value.code == 0
        assert said in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        main(["conditions", "show", "hart failure"])
    assert ended.value.code == 3
    assert "Did you mean heart_failure" in capsys.readouterr().err
