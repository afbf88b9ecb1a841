"""Generated populations: the same for a seed whatever computes them, coherent, true to their counties, all or nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from population_files import rows_of

from healthsim.db.connection import Database
from healthsim.errors import AlreadyExists, HealthSimError, InvalidInput, NotFound
from healthsim.generation import generate, generate_files
from healthsim.generation.coherence import check
from healthsim.generation.coherence.checking import generation_of
from healthsim.generation.fidelity import fidelity
from healthsim.generation.runner import Progress
from healthsim.state.manager import StateManager
from waiting import until

SPEC: dict[str, Any] = {
    "size": 4_500,
    "counties": ["06073"],
    "products": ["patient", "claims", "pharmacy", "trial"],
    "seed": 11,
}
LONG = bool(os.environ.get("HEALTHSIM_LONG_TESTS"))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return Database(tmp_path_factory.mktemp("population") / "x.duckdb")


@pytest.fixture(scope="module")
def files(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files") / "one"
    generate_files(SPEC, folder, database=database, workers=1, batch=4_096)
    return folder


def names(database: Database) -> list[str]:
    return [scenario.name for scenario in StateManager(database).list()[0]]


@pytest.mark.long
def test_batches_and_workers_change_nothing(database: Database, files: Path, tmp_path: Path) -> None:
    generate_files(SPEC, tmp_path / "two", database=database, workers=2, batch=8_192)
    one, two = rows_of(files), rows_of(tmp_path / "two")
    assert one.keys() == two.keys()
    for table in one:
        assert one[table] == two[table], table


@pytest.mark.long
def test_a_person_is_the_same_in_a_larger_population(database: Database, files: Path, tmp_path: Path) -> None:
    generate_files({**SPEC, "size": 300}, tmp_path / "small", database=database)
    small, large = rows_of(tmp_path / "small"), rows_of(files)
    for table, rows in small.items():
        key = next(iter(rows[0]))
        known = {row[key]: row for row in large[table]}
        assert all(known[row[key]] == row for row in rows), table
    assert len(small["patients"]) == 300


def test_parts_say_which_columns_are_never_empty_and_agree(database: Database, files: Path, tmp_path: Path) -> None:
    few = {**SPEC, "size": 5, "counties": ["46102"], "ages": {"min": 30, "max": 40}, "cohort": ["type_2_diabetes"]}
    generate_files(few, tmp_path / "few", database=database)
    whole = {table.name: pq.read_schema(next(table.glob("*.parquet"))) for table in (files / "canonical").iterdir()}
    for part in [*files.rglob("*.parquet"), *(tmp_path / "few").rglob("*.parquet")]:
        assert pq.read_schema(part).equals(whole[part.parent.name]), part
    required = [field.name for field in whole["claim_lines"] if not field.nullable]
    assert {"claim_id", "service_date", "charge_amount", "status"} <= set(required)
    assert not {"procedure_code", "revenue_code"} & set(required)


@pytest.mark.long
def test_another_seed_gives_other_people(database: Database, files: Path, tmp_path: Path) -> None:
    generate_files({**SPEC, "size": 300, "seed": 12, "products": ["patient"]}, tmp_path / "other", database=database)
    names = [
        [(row["given_name"], row["family_name"], row["birth_date"]) for row in rows["persons"][:300]]
        for rows in (rows_of(files), rows_of(tmp_path / "other"))
    ]
    assert len(set(names[0]) & set(names[1])) < 3


def test_the_manifest_tells_rows_and_checksums(files: Path) -> None:
    import hashlib

    manifest = json.loads((files / "manifest.json").read_text())
    assert manifest["generation"]["seed"] == 11
    assert manifest["tables"]["canonical/patients"] == 4_500
    assert manifest["files"].keys() == {
        path.relative_to(files).as_posix()
        for path in files.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    for name, facts in manifest["files"].items():
        assert hashlib.sha256((files / name).read_bytes()).hexdigest() == facts["sha256"]


@pytest.mark.parametrize("county", [pytest.param("06073", marks=pytest.mark.long), "46102"])
def test_every_rule_of_coherent_care_holds_and_the_county_is_met(database: Database, county: str) -> None:
    size = 50_000 if LONG else 9_000
    name = f"county {county}"
    generate({**SPEC, "size": size, "counties": [county]}, name, database=database)
    result = check(database, name)
    assert [rule for rule in result["rules"] if rule["status"] == "fail"] == []
    assert result["checked"] > 80
    figures = fidelity(database, name)["targets"]
    missed = [one["target"] for one in figures if one["met"] is False and one["target"].startswith("prevalence")]
    assert missed == []
    if LONG:
        assert [one["target"] for one in figures if one["met"] is False] == []


@pytest.mark.long
def test_diabetes_shows_in_results_and_drugs(database: Database) -> None:
    generate({"size": 3_000, "counties": ["06073"], "seed": 3}, "diabetes", database=database)
    with database.read() as connection:
        tests = dict(
            connection.execute(
                "WITH ill AS (SELECT DISTINCT patient_id FROM diagnoses WHERE code LIKE 'E11%')"
                " SELECT patient_id IN (FROM ill), avg(value_numeric) FROM lab_results WHERE loinc_code = '4548-4' GROUP BY 1"
            ).fetchall()
        )
        metformin = connection.execute(
            "SELECT count(*), count(*) FILTER (patient_id IN (SELECT patient_id FROM diagnoses WHERE code LIKE 'E11%'))"
            " FROM medications WHERE name LIKE 'Metformin%'"
        ).fetchone()
    assert tests[True] > tests[False] + 1
    assert metformin is not None
    assert metformin[0] == metformin[1] > 50


@pytest.mark.long
def test_some_diabetes_is_found_by_nobody(database: Database) -> None:
    """1.8 % of adults (Cowie et al. 2010): their results are those of diabetes, and no diagnosis is there."""
    spec = {"size": 9_000, "counties": ["06073"], "seed": 4, "ages": {"min": 20, "max": 110}, "products": ["patient"]}
    generate(spec, "undiagnosed", database=database)
    with database.read() as connection:
        high, glucose = connection.execute(
            "WITH mine AS (SELECT scenario_id FROM scenarios WHERE name = 'undiagnosed'), results AS (SELECT patient_id,"
            " max(value_numeric) FILTER (loinc_code = '4548-4') AS hba1c, avg(value_numeric) FILTER (loinc_code = '2345-7')"
            " AS glucose FROM lab_results l WHERE scenario_id IN (FROM mine) AND NOT EXISTS (FROM diagnoses d WHERE"
            " d.scenario_id = l.scenario_id AND d.patient_id = l.patient_id AND regexp_matches(d.code, '^E1[01]'))"
            " GROUP BY patient_id) SELECT avg((hba1c >= 6.5)::INTEGER), avg(glucose) FILTER (hba1c >= 6.5) FROM results"
            " WHERE hba1c IS NOT NULL"
        ).fetchall()[0]
    assert 0.01 < high < 0.026
    assert glucose is None or glucose > 105


@pytest.mark.long
def test_who_dies_of_an_infarction_has_its_own_drg(database: Database) -> None:
    spec = {
        "size": 4_000,
        "counties": ["06073"],
        "seed": 2,
        "ages": {"min": 85, "max": 110},
        "cohort": ["coronary_heart_disease"],
        "products": ["patient"],
    }
    generate(spec, "infarctions", database=database)
    with database.read() as connection:
        rows = dict(
            connection.execute(
                "SELECT discharge_disposition_code = '20', list(DISTINCT drg_code ORDER BY drg_code) FROM encounters WHERE"
                " scenario_id = (SELECT scenario_id FROM scenarios WHERE name = 'infarctions') AND drg_code BETWEEN '280' AND '285'"
                " GROUP BY 1"
            ).fetchall()
        )
    assert rows[False] == ["280", "281", "282"]
    assert set(rows[True]) <= {"283", "284", "285"}


@pytest.mark.long
def test_nobody_is_ill_before_the_earliest_age(database: Database) -> None:
    """Also those whose birthday was in the last days: they could be ill for no time at all."""
    spec = {
        "size": 1_500,
        "counties": ["06073"],
        "ages": {"min": 18, "max": 18},
        "cohort": ["osteoarthritis"],
        "years": 1,
        "products": ["patient"],
    }
    generate(spec, "eighteen", database=database)
    (rule,) = check(database, "eighteen", rules=["adult_conditions_on_adults"])["rules"]
    assert (rule["status"], rule["violations"]) == ("pass", 0)


@pytest.mark.long
def test_newborns_have_mothers(database: Database) -> None:
    """Nearly all of them, and a mother has had the delivery that the code of her child says."""
    generate({"size": 8_192, "counties": ["06073"], "seed": 6}, "births", database=database)
    with database.read() as connection:
        children, of_mothers, deliveries = connection.execute(
            "WITH mine AS (SELECT scenario_id FROM scenarios WHERE name = 'births'), d AS (SELECT patient_id, code,"
            " diagnosed_date FROM diagnoses WHERE scenario_id IN (FROM mine) AND code[:3] IN ('Z37', 'Z38'))"
            " SELECT count(*) FILTER (code[:3] = 'Z38'), count(*) FILTER (code[:3] = 'Z38' AND diagnosed_date IN"
            " (SELECT diagnosed_date FROM d WHERE code[:3] = 'Z37')), count(*) FILTER (code[:3] = 'Z37') FROM d"
        ).fetchall()[0]
    (rule,) = check(database, "births", rules=["birth_agrees_with_the_delivery"])["rules"]
    assert (rule["status"], rule["violations"]) == ("pass", 0)
    assert of_mothers > 0.7 * children > 100
    assert deliveries > 0.7 * children


@pytest.mark.long
def test_prevention_follows_age_and_season(files: Path) -> None:
    tables = rows_of(files)
    born = {row["patient_id"]: row["birth_date"] for row in tables["patients"]}
    seasonal: dict[str, list[tuple[int, int]]] = {}
    for row in tables["immunizations"]:
        day = row["administered_date"]
        months = (day.year - born[row["patient_id"]].year) * 12 + day.month - born[row["patient_id"]].month
        seasonal.setdefault(row["cvx_code"], []).append((months // 12, day.month))
    for vaccine, last in (("150", 3), ("197", 3), ("308", 4), ("309", 4), ("310", 4)):
        assert {month for _, month in seasonal[vaccine]} <= {9, 10, 11, 12, *range(1, last + 1)}
    assert min(age for age, _ in seasonal["197"]) >= 65
    assert min(age for age, _ in seasonal["309"]) >= 11
    assert max(age for age, _ in seasonal["308"]) <= 5
    screened: dict[str, list[int]] = {}
    for row in tables["procedures"]:
        if row["code"] in ("96127", "G0444"):
            day = row["performed_datetime"]
            screened.setdefault(row["code"], []).append(day.year - born[row["patient_id"]].year)
    assert min(screened["96127"]) >= 12
    assert min(screened["G0444"]) >= 65


@pytest.mark.long
def test_a_cohort_has_its_conditions_and_ages(database: Database) -> None:
    spec = {
        "size": 500,
        "counties": ["06073"],
        "cohort": ["type_2_diabetes", "chronic_kidney_disease"],
        "ages": {"min": 65, "max": 85},
        "payers": {"medicare": 1},
    }
    generate(spec, "cohort", database=database)
    with database.read() as connection:
        row = connection.execute(
            "WITH s AS (SELECT scenario_id FROM scenarios WHERE name = 'cohort') SELECT count(*),"
            " count(*) FILTER (EXISTS (FROM diagnoses d WHERE d.scenario_id = p.scenario_id AND d.patient_id = p.patient_id"
            " AND d.code LIKE 'E11%')), count(*) FILTER (EXISTS (FROM diagnoses d WHERE d.scenario_id = p.scenario_id"
            " AND d.patient_id = p.patient_id AND d.code LIKE 'N18%')), max(birth_date) <= DATE '1960-12-31',"
            " min(birth_date) > DATE '1939-12-31' FROM patients p WHERE scenario_id IN (FROM s)"
        ).fetchone()
        plans = connection.execute(
            "SELECT DISTINCT l.line_of_business FROM members m JOIN plans l USING (scenario_id, plan_id)"
            " WHERE scenario_id IN (SELECT scenario_id FROM scenarios WHERE name = 'cohort')"
        ).fetchall()
    assert row == (500, 500, 500, True, True)
    assert plans == [("medicare",)]


def test_a_payer_mix_is_met(database: Database) -> None:
    """Also where families are insured together."""
    spec = {
        "size": 8_000,
        "counties": ["06073"],
        "seed": 3,
        "years": 1,
        "payers": {"commercial": 0.5, "uninsured": 0.5},
        "products": ["claims"],
    }
    generate(spec, "mix", database=database)
    with database.read() as connection:
        insured, families = connection.execute(
            "SELECT count(DISTINCT person_id), count(DISTINCT person_id) FILTER (relationship_code <> '18') FROM members"
            " WHERE scenario_id IN (SELECT scenario_id FROM scenarios WHERE name = 'mix')"
        ).fetchall()[0]
    assert insured / 8_000 == pytest.approx(0.5, abs=0.03)
    assert families > 1_000


@pytest.mark.parametrize(
    ("spec", "kind", "message"),
    [
        ({"size": 0}, InvalidInput, r"size: input should be greater than or equal to 1 \(given: 0\)"),
        ({"size": -5, "years": 99}, InvalidInput, r"(?s)size: .*years: "),
        ({"size": 10**12}, InvalidInput, r"size: input should be less than or equal to"),
        ({"sizes": 3}, InvalidInput, r"sizes: there is no such field; expected some of size, seed"),
        ({"counties": ["606073"]}, InvalidInput, r"'606073': a county is five digits"),
        ({"counties": ["99001"]}, NotFound, r"There is no county 99001: no state has the code 99"),
        ({"counties": ["06999"]}, NotFound, r"There is no county 06999. Expected a five-digit FIPS code"),
        (
            {"counties": {"06073": 0, "06037": 1}},
            InvalidInput,
            r"counties: 06073: the weight is 0 and that of others is not",
        ),
        ({"counties": {"06073": -1}}, InvalidInput, r"counties.06073: input should be greater than or equal to 0"),
        (
            {"counties": {"06073": 2, "06037": 1}, "states": ["CA"]},
            InvalidInput,
            r"spec: counties have weights and there are states beside them",
        ),
        ({"states": ["XX"]}, NotFound, r"There is no state 'XX'"),
        ({"counties": ["06073"], "cohort": ["gout"]}, NotFound, r"There is no condition 'gout'"),
        (
            {"counties": ["06073"], "cohort": ["pregnancy"], "sex": "M", "ages": {"min": 81, "max": 90}},
            InvalidInput,
            r"Nobody can be as the spec says \(ages 81-90, sex M, with pregnancy\) in 06073; nothing was generated",
        ),
        (
            {"counties": ["06073"], "cohort": ["type_1_diabetes", "type_2_diabetes"]},
            InvalidInput,
            r"the one excludes the other",
        ),
        ({"ages": {"min": 70, "max": 20}}, InvalidInput, r"ages: the youngest age 70 is above the oldest age 20"),
        ({"ages": {"from": 70}}, InvalidInput, r"ages.from: there is no such field; expected some of min, max"),
        (
            {"cohort": "gout", "products": []},
            InvalidInput,
            r"(?s)products: expected at least one.*cohort: expected a list, even of one: \[\.\.\.\] \(given: 'gout'\)",
        ),
        ({"products": ["claim"]}, InvalidInput, r"products.0: input should be 'patient'(?!.*at least)"),
        ({"payers": {"gold": 1}}, InvalidInput, r"payers.gold: input should be 'commercial'"),
        (
            {"as_of": "1899-12-31"},
            InvalidInput,
            r"as_of: histories begin on 2015-10-01 at the earliest, the first day of ICD-10-CM; expected a day from 2016-09-29"
            r" to 2026-12-31 \(given: '1899-12-31'\)",
        ),
        (
            {"as_of": "9999-12-31"},
            InvalidInput,
            r"as_of: what codes, products and rules there are is known up to 2026-12-31",
        ),
        (
            {"as_of": "2019-12-31", "years": 10},
            InvalidInput,
            r"spec: 10 years up to 2019-12-31 would begin before 2015-10-01, .*; expected at most 4 years",
        ),
        (
            {"counties": ["06073"], "cohort": ["Type 2 diabets"]},
            NotFound,
            r"There is no condition 'type_2_diabets'. Did you mean type_2_diabetes",
        ),
        (
            {"counties": ["06073"], "cohort": ["newborn", "preventive"]},
            InvalidInput,
            r"No cohort can be chosen by 'newborn', 'preventive': everyone has it in its time. Choose by ages",
        ),
    ],
)
def test_what_cannot_be_is_said(
    database: Database, spec: dict[str, Any], kind: type[HealthSimError], message: str
) -> None:
    with pytest.raises(kind, match=message):
        generate(spec, "never", database=database)
    assert "never" not in names(database)


@pytest.mark.long
def test_an_interrupted_run_leaves_nothing_behind(database: Database) -> None:
    def stop(done: Progress) -> None:
        if done.persons:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(
            {"size": 9_000, "counties": ["06073"]},
            "interrupted",
            database=database,
            workers=2,
            batch=4_096,
            progress=stop,
        )
    path = database.location.path
    assert path is not None
    assert list((path.parent / "staging").iterdir()) == []
    assert "interrupted" not in names(database)


def test_files_are_not_written_over_what_is_there(database: Database, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "precious.txt").write_text("x")
    with pytest.raises(AlreadyExists, match=r"exists already\. Use overwrite=True"):
        generate_files({"size": 10, "counties": ["06073"]}, tmp_path / "full", database=database)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["full", "home"]


@pytest.mark.long
def test_a_name_that_is_taken_is_refused_before_anything_is_computed(database: Database) -> None:
    generate({"size": 20, "counties": ["06073"]}, "taken", database=database)
    with pytest.raises(AlreadyExists, match="'taken' exists already"):
        generate({"size": 20, "counties": ["06073"]}, "taken", database=database)
    saved = generate({"size": 30, "counties": ["06073"]}, "taken", database=database, overwrite=True)
    assert saved.entities_by_type["patients"] == 30


def test_an_old_profile_is_a_spec_and_what_it_cannot_say_is_named() -> None:
    from healthsim.generation.profiles import is_profile, spec_of_profile

    profile = {
        "profile": {
            "id": "medicare-diabetes",
            "generation": {"count": 200, "products": ["patientsim", "membersim"]},
            "demographics": {
                "age": {"type": "normal", "mean": 72, "std_dev": 8, "min": 65, "max": 95},
                "gender": {"type": "categorical", "weights": {"M": 0.48, "F": 0.52}},
                "geography": {"type": "county", "values": ["06073"]},
            },
            "clinical": {
                "primary_condition": {"code": "E11.9"},
                "comorbidities": [{"code": "I10", "prevalence": 0.75}],
            },
            "coverage": {"type": "Medicare"},
            "medications": {"x": []},
            "journey": {"template": "y"},
        }
    }
    assert is_profile(profile)
    fields, name, left_out = spec_of_profile(profile)
    assert name == "medicare-diabetes"
    assert fields == {
        "size": 200,
        "products": ["patient", "claims"],
        "ages": {"min": 65, "max": 95},
        "counties": ["06073"],
        "cohort": ["type_2_diabetes"],
        "payers": {"medicare": 1.0},
    }
    assert [line.split(":")[0] for line in left_out] == [
        "demographics.age",
        "demographics.gender",
        "clinical.comorbidities",
        "medications",
        "journey",
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"generation": {"count": "many", "products": None}},
            r"(?s)generation.count: .*'many'.*generation.products: expected a list",
        ),
        ({"generation": {"products": ["patientsim"]}}, r"profile.generation.count: field required"),
        ({"demographics": [1]}, r"profile.demographics: expected an object \(given: \[1\]\)"),
        (
            {"demographics": {"age": {"type": "uniform", "min": "x"}}},
            r"profile.demographics.age.min: .* \(given: 'x'\)",
        ),
        (
            {"demographics": {"gender": {"type": "categorical", "weights": [1]}}},
            r"profile.demographics.gender.weights: ",
        ),
        ({"clinical": {"comorbidities": "I10"}}, r"profile.clinical.comorbidities: expected a list"),
        ({"coverage": "Medicare"}, r"profile.coverage: expected an object \(given: 'Medicare'\)"),
    ],
)
def test_an_old_profile_that_makes_no_sense_is_refused_with_every_fault(change: dict[str, Any], message: str) -> None:
    from healthsim.generation.profiles import spec_of_profile

    profile = {"generation": {"count": 5, "products": ["patientsim"]}, **change}
    with pytest.raises(InvalidInput, match=message):
        spec_of_profile({"profile": profile})


@pytest.mark.long
def test_counties_live_by_their_weights_or_by_population(database: Database) -> None:
    """Equal weights are weights; only a list, or 0 for all, is by population."""
    from healthsim.generation.places import read_places
    from healthsim.generation.spec import PopulationSpec, read_spec

    def shares(**given: Any) -> list[float]:
        return [float(share) for share in read_places(database, read_spec(given)).weights.round(3)]

    by_population = shares(counties=["06037", "06073"])
    assert by_population != [0.5, 0.5] == shares(counties={"06037": 1, "06073": 1})
    assert shares(counties={"06037": 0, "06073": 0}) == by_population
    assert shares(counties={"06073": 3}) == [1.0] == shares(counties=["06073"])
    assert shares(counties={"06073": 3, "06037": 1}) == [0.25, 0.75]
    # the counties of states are by population, with a county beside them, too
    assert (
        shares(states=["CA"], counties=["06073"])
        == shares(states=["CA"])
        == shares(states=["CA"], counties={"06073": 2})
    )
    for counties in (["06037", "06073"], {"06037": 1.0, "06073": 1.0}, {}):
        spec = read_spec({"counties": counties})
        assert spec.as_json()["counties"] == counties
        assert read_spec(spec.as_json()) == spec
    # what is kept of a generation says how to repeat it
    generate({"size": 20, "counties": {"06037": 1, "06073": 3}}, "weighted", database=database)
    assert generation_of(StateManager(database).get("weighted"))["counties"] == {"06037": 1, "06073": 3}
    assert PopulationSpec.model_json_schema()["properties"]["counties"]["anyOf"][1]["type"] == "array"


def test_a_county_in_yaml_is_what_it_looks_like(tmp_path: Path) -> None:
    """By the book of YAML 1.1, 06073 is 3131."""
    from healthsim.generation.spec import read_spec, read_spec_file

    (tmp_path / "x.yaml").write_text("counties: [06073, 46102]\nseed: 0\n")
    (tmp_path / "y.yaml").write_text("counties: {06073: 1, 46102: 2}\n")
    assert read_spec(read_spec_file(tmp_path / "x.yaml")).counties == {"06073": 0, "46102": 0}
    assert read_spec(read_spec_file(tmp_path / "x.yaml")).seed == 0
    assert read_spec(read_spec_file(tmp_path / "y.yaml")).counties == {"06073": 1, "46102": 2}
    (tmp_path / "empty.yaml").write_text("")
    with pytest.raises(InvalidInput, match=r"empty.yaml is empty; expected an object"):
        read_spec_file(tmp_path / "empty.yaml")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip("only root can make a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.long
def test_a_full_disk_leaves_nothing_behind(small_disk: Path, workers: int) -> None:
    database = Database(small_disk / "h.duckdb")
    with pytest.raises(HealthSimError, match=r"The disk of .* is full; nothing was saved. Free some space"):
        generate({"size": 9_000, "counties": ["06073"]}, "large", database=database, workers=workers, batch=4_096)
    assert list((small_disk / "staging").iterdir()) == []
    assert "large" not in names(database)


@pytest.mark.long
def test_a_killed_run_leaves_no_scenario_and_its_parts_go_with_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "h.duckdb"
    command = [
        sys.executable,
        "-c",
        "from healthsim.cli import main; main()",
        "--db",
        str(path),
        "generate",
        "--size",
        "20000",
        "--county",
        "06073",
        "--as",
        "killed",
    ]
    with subprocess.Popen(
        command, start_new_session=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as running:
        until(lambda: list(tmp_path.glob("staging/*/patient/*.parquet")), "the first part is on the disk")
        os.killpg(running.pid, signal.SIGKILL)
    assert list(tmp_path.glob("staging/*/patient/*.parquet"))
    database = Database(path)
    assert "killed" not in names(database)
    generate({"size": 20, "counties": ["06073"]}, "next", database=database)
    assert list((tmp_path / "staging").iterdir()) == []
