"""The plainest truths of what is generated: places are real, identifiers are of one place, schedules are level, codes say what they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
import yaml

from healthsim.db.connection import Database
from healthsim.generation import generate_files
from healthsim.generation.codes import description
from healthsim.generation.compiled import compile_knowledge
from healthsim.generation.county_places import COUNTIES, county, mail, slot
from healthsim.generation.kernels.days import recurring
from healthsim.generation.knowledge_files import load_knowledge

#: the starter set knows these: a city with suburbs, a county of many, a city that is its county, a lonely one, a new name
FIVE = ("06073", "48201", "24510", "48301", "46102")
EVERYTHING = ["patient", "claims", "pharmacy", "trial"]
GENERATION = Path(__file__).parents[2] / "packages" / "core" / "healthsim" / "generation"


class Tables:
    """The tables of generated files, asked by SQL: ``{persons}`` is a table of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "canonical"
        self.names = [place.name for place in sorted(self.folder.iterdir()) if place.is_dir()]

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        files = {name: f"'{self.folder / name}/*.parquet'" for name in self.names}
        with duckdb.connect() as connection:
            return connection.execute(statement.format_map(files)).fetchall()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return Database(tmp_path_factory.mktemp("truths") / "x.duckdb")


@pytest.fixture(scope="module")
def counties(database: Database, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tables]:
    place = tmp_path_factory.mktemp("counties")
    for code in FIVE:
        spec = {"size": 1_500, "counties": [code], "products": EVERYTHING, "seed": 4}
        generate_files(spec, place / code, database=database)
    return {code: Tables(place / code) for code in FIVE}


@pytest.fixture(scope="module")
def five_years(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    folder = tmp_path_factory.mktemp("years") / "five"
    spec = {"size": 20_000, "counties": ["06073"], "years": 5, "products": ["patient"], "seed": 3}
    generate_files(spec, folder, database=database)
    return Tables(folder)


# -- places --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["persons", "patients", "members", "providers", "facilities", "pharmacies", "sites"])
@pytest.mark.parametrize("code", FIVE)
def test_everybody_and_everything_is_at_a_real_place_of_its_county(
    counties: dict[str, Tables], code: str, table: str
) -> None:
    real = county(code)
    assert real is not None
    places = set(zip(real.zips, real.cities, strict=True))
    rows = counties[code].ask(f"SELECT DISTINCT county, county_fips, postal_code, city FROM {{{table}}}")
    assert {row[:2] for row in rows} == {(real.name, code)}
    assert {row[2:] for row in rows} <= places


def test_names_of_counties_and_cities_are_those_of_the_census_and_the_post() -> None:
    names = {code: place.name for code in FIVE if (place := county(code))}
    assert names["06073"] == "San Diego County"
    assert names["46102"] == "Oglala Lakota County"
    assert names["24510"].lower() == "baltimore city"
    san_diego = county("06073")
    assert san_diego is not None
    assert {"San Diego", "Chula Vista", "Oceanside"} <= set(san_diego.cities)
    assert dict(zip(san_diego.zips, san_diego.cities, strict=True))["92101"] == "San Diego"


def test_more_people_live_where_more_people_live(counties: dict[str, Tables]) -> None:
    cities = counties["06073"].ask("SELECT city, count(*) FROM {persons} GROUP BY city ORDER BY 2 DESC, 1")
    assert cities[0][0] == "San Diego"
    assert cities[1][0] == "Chula Vista"
    assert len(cities) > 20


def test_a_family_has_one_address(counties: dict[str, Tables]) -> None:
    apart = counties["06073"].ask(
        "SELECT count(*) FROM {members} AS m JOIN {members} AS s ON s.member_number = m.subscriber_id"
        " WHERE (m.address_line1, m.postal_code) <> (s.address_line1, s.postal_code)"
    )
    assert apart == [(0,)]


def test_every_county_has_a_place_and_a_range_of_its_own() -> None:
    import healthsim.generation.county_places as module

    codes = sorted(module._lines())
    assert len(codes) > 3_100
    assert all(place.zips and place.area_codes for code in codes if (place := county(code)))
    slots = [slot(code) for code in codes]
    assert len(set(slots)) == len(slots)
    assert max(slots) < COUNTIES


def test_a_county_of_no_list_still_has_an_address_in_its_state() -> None:
    post = mail(("06999",))
    california = {code for known in ("06001", "06003") if (place := county(known)) for code in place.zips}
    assert set(post.zips.to_pylist()) <= california


# -- identifiers ---------------------------------------------------------------------------------------------------------

#: what several places have in common because it is one: plans, a study, lots, and numbers within something else
SHARED = {
    "plan_id",
    "payer_id",
    "formulary_id",
    "study_id",
    "treatment_arm_id",
    "visit_schedule_id",
    "group_number",
    "lot_number",
    "line_number",
    "sequence_number",
    "dose_number",
    "fill_number",
    "site_number",
    "protocol_number",
}
#: a hundred numbers of each area code are kept for fiction: those of neighbours, and of one person, come again
FORCED = {"phone"}


def _identifiers(tables: Tables) -> Iterator[tuple[str, str]]:
    for table in tables.names:
        for column, *_ in tables.ask(f"DESCRIBE SELECT * FROM {{{table}}}"):
            named = column.endswith(("_id", "_number")) or column in ("ssn", "mrn", "npi", "email", "usubjid")
            if named and column not in SHARED | FORCED:
                yield table, column


@pytest.mark.long
def test_two_counties_of_one_seed_share_no_identifier(counties: dict[str, Tables]) -> None:
    columns = list(_identifiers(counties["06073"]))
    assert len(columns) > 100
    for table, column in columns:
        seen: set[Any] = set()
        for code in FIVE:
            values = {row[0] for row in counties[code].ask(f"SELECT DISTINCT {column} FROM {{{table}}}")} - {None}
            assert not seen & values, f"{table}.{column} of {code}"
            seen |= values


def test_two_counties_of_one_seed_have_other_people(counties: dict[str, Tables]) -> None:
    names = [
        counties[code].ask("SELECT given_name || family_name FROM {persons} ORDER BY person_id LIMIT 500")
        for code in FIVE
    ]
    same = sum(one == other for one, other in zip(names[0], names[1], strict=True))
    assert same < 20


def test_social_security_numbers_are_nobodys_and_of_one_person(counties: dict[str, Tables]) -> None:
    for tables in counties.values():
        assert tables.ask("SELECT count(DISTINCT ssn) = count(*) FROM {persons}") == [(True,)]
        assert tables.ask("SELECT count(*) FROM {persons} WHERE ssn NOT SIMILAR TO '9\\d\\d-[0-4]\\d-\\d{{4}}'") == [
            (0,)
        ]


def test_npis_of_a_population_of_several_counties_are_of_one_provider(database: Database, tmp_path: Path) -> None:
    spec = {"size": 400, "counties": list(FIVE), "products": ["patient", "pharmacy"], "seed": 4}
    generate_files(spec, tmp_path / "all", database=database)
    every = Tables(tmp_path / "all").ask(
        "SELECT npi FROM {providers} UNION ALL SELECT npi FROM {facilities} UNION ALL SELECT npi FROM {pharmacies}"
    )
    assert len(set(every)) == len(every)


# -- schedules -----------------------------------------------------------------------------------------------------------

PER_QUARTER = {
    "urine albumin tests": "SELECT date_trunc('quarter', collected_datetime) AS q, count(*) FROM {lab_results}"
    " WHERE loinc_code = '14959-1' GROUP BY q ORDER BY q",
    "procedures": "SELECT date_trunc('quarter', performed_datetime) AS q, count(*) FROM {procedures} GROUP BY q ORDER BY q",
    "outpatient procedures": "SELECT date_trunc('quarter', performed_datetime) AS q, count(*) FROM {procedures}"
    " JOIN {encounters} USING (encounter_id) WHERE encounter_type = 'Outpatient procedure' GROUP BY q ORDER BY q",
    "well visits of infants": "SELECT date_trunc('quarter', performed_datetime) AS q, count(*) FROM {procedures}"
    " WHERE code = '99391' GROUP BY q ORDER BY q",
    "well visits of adults": "SELECT date_trunc('quarter', performed_datetime) AS q, count(*) FROM {procedures}"
    " WHERE code = '99396' GROUP BY q ORDER BY q",
    "office visits": "SELECT date_trunc('quarter', start_datetime) AS q, count(*) FROM {encounters}"
    " WHERE encounter_type = 'Office visit' GROUP BY q ORDER BY q",
    "childhood vaccines": "SELECT date_trunc('quarter', administered_date) AS q, count(*) FROM {immunizations}"
    " WHERE cvx_code = '20' AND administered_date >= '2021-01-01' GROUP BY q ORDER BY q",
}


@pytest.mark.parametrize("what", PER_QUARTER)
def test_what_recurs_is_level_over_five_years(five_years: Tables, what: str) -> None:
    """No quarter has more than a third less or more than the mean; chronic disease grows, since those with it are who lives
    at the end."""
    counts = np.array([count for _, count in five_years.ask(PER_QUARTER[what])])
    assert len(counts) == 20
    assert np.abs(counts / counts.mean() - 1).max() < 0.34


def test_adults_are_seen_in_the_first_and_in_the_last_month(five_years: Tables) -> None:
    months = five_years.ask(
        "SELECT date_trunc('month', performed_datetime) AS m, count(*) FROM {procedures} WHERE code = '99396'"
        " GROUP BY m ORDER BY m"
    )
    counts = np.array([count for _, count in months])
    assert len(counts) == 60
    assert counts[[0, -1]].min() > 0.6 * counts.mean()


def test_nothing_happens_before_the_history(five_years: Tables) -> None:
    assert five_years.ask("SELECT min(start_datetime)::DATE::VARCHAR >= '2021-01-01' FROM {encounters}") == [(True,)]


def test_what_recurs_falls_evenly_on_a_time_that_is_short_or_long() -> None:
    """The expected number of days of each tenth of the time is the same, from once in ten years to monthly."""
    from types import SimpleNamespace

    from healthsim.generation.randomness import Draws

    n, length = 40_000, 1_000
    context: Any = SimpleNamespace(draws=Draws(1), start=-1_000)
    people: Any = SimpleNamespace(number=np.arange(n))
    zeros = np.zeros(n, dtype=np.int64)
    for expected in (0.1, 0.9, 1.0, 2.5, 36.0):
        _, day, _ = recurring(context, "x", people, np.arange(n), zeros, zeros + length - 1, np.full(n, expected))
        assert len(day) == pytest.approx(n * expected, rel=0.03)
        assert day.min() >= 0
        assert day.max() < length
        tenths = np.bincount(day // 100, minlength=10)
        assert np.abs(tenths / tenths.mean() - 1).max() < 0.09


def test_infants_born_within_the_history_have_their_visits(five_years: Tables) -> None:
    """NCQA, Well-Child Visits in the First 30 Months of Life: six or more by 15 months in about 60 %."""
    rows = five_years.ask(
        "WITH babies AS (SELECT patient_id, birth_date FROM {patients} WHERE birth_date BETWEEN '2021-01-01' AND '2024-09-30'"
        " AND NOT deceased),"
        " visits AS (SELECT b.patient_id, count(p.code) AS n FROM babies AS b LEFT JOIN {procedures} AS p"
        " ON p.patient_id = b.patient_id AND p.code IN ('99391', '99392')"
        " AND p.performed_datetime::DATE <= b.birth_date + INTERVAL 15 MONTH GROUP BY b.patient_id)"
        " SELECT avg((n >= 6)::INTEGER), avg((n = 0)::INTEGER) FROM visits"
    )
    assert 0.5 < rows[0][0] < 0.75
    assert rows[0][1] < 0.12


def test_measures_of_diabetes_and_of_childhood_are_met_by_some(five_years: Tables) -> None:
    eye = five_years.ask(
        "WITH ill AS (SELECT patient_id FROM {diagnoses} WHERE code LIKE 'E11%' GROUP BY patient_id"
        " HAVING min(diagnosed_date) < '2023-01-01')"
        " SELECT year(performed_datetime) AS y, count(DISTINCT patient_id) / (SELECT count(*) FROM ill)"
        " FROM {procedures} SEMI JOIN ill USING (patient_id)"
        " WHERE code IN ('92002', '92004', '92012', '92014', '92250') AND year(performed_datetime) >= 2023 GROUP BY y"
    )
    assert len(eye) == 3
    assert all(0.4 < share < 0.7 for _, share in eye)
    complete = five_years.ask(
        "WITH children AS (SELECT patient_id, birth_date FROM {patients}"
        " WHERE birth_date BETWEEN '2021-01-01' AND '2023-12-31' AND NOT deceased),"
        " doses AS (SELECT c.patient_id, CASE i.cvx_code WHEN '216' THEN '133' ELSE i.cvx_code END AS cvx_code, count(*) AS n FROM children AS c JOIN {immunizations} AS i"
        " ON i.patient_id = c.patient_id AND i.administered_date < c.birth_date + INTERVAL 2 YEAR GROUP BY ALL),"
        " good AS (SELECT patient_id FROM doses WHERE cvx_code = '03' OR (cvx_code = '20' AND n >= 4)"
        " OR (cvx_code = '10' AND n >= 3) OR (cvx_code = '133' AND n >= 4))"
        " SELECT (SELECT count(*) FROM (SELECT patient_id FROM good GROUP BY patient_id HAVING count(*) = 4))"
        " / count(*) FROM children"
    )
    assert 0.35 < complete[0][0] < 0.85


def test_children_are_vaccinated_whenever_they_turn_two(five_years: Tables) -> None:
    """Their record has what they were given before the history, so that no year of it is unlike the others."""
    years = five_years.ask(
        "WITH children AS (SELECT patient_id, birth_date FROM {patients}"
        " WHERE birth_date BETWEEN '2019-01-01' AND '2023-12-31' AND NOT deceased),"
        " doses AS (SELECT c.patient_id, CASE i.cvx_code WHEN '216' THEN '133' ELSE i.cvx_code END AS cvx_code, count(*) AS n FROM children AS c JOIN {immunizations} AS i"
        " ON i.patient_id = c.patient_id AND i.administered_date < c.birth_date + INTERVAL 2 YEAR GROUP BY ALL),"
        " good AS (SELECT patient_id FROM doses WHERE cvx_code = '03' OR (cvx_code = '20' AND n >= 4)"
        " OR (cvx_code = '10' AND n >= 3) OR (cvx_code = '133' AND n >= 4) GROUP BY patient_id HAVING count(*) = 4)"
        " SELECT year(birth_date) + 2 AS y, count(*), count(*) FILTER (patient_id IN (FROM good)) FROM children GROUP BY y ORDER BY y"
    )
    assert [year for year, *_ in years] == [2021, 2022, 2023, 2024, 2025]
    share = sum(complete for *_, complete in years) / sum(count for _, count, _ in years)
    for _, count, complete in years:
        # three standard deviations of a count that only chance moves
        assert abs(complete - share * count) < 3 * (count * share * (1 - share)) ** 0.5


def test_what_was_given_before_the_history_belongs_to_no_contact(five_years: Tables) -> None:
    """Of those who moved in within the history it is what they got where they lived before: ahead of their first contact."""
    assert five_years.ask(
        "SELECT count(*) FILTER (administered_date < '2021-01-01') > 1000, count(*) FILTER (administered_date < '2021-01-01'"
        " AND encounter_id IS NOT NULL), count(*) FILTER (encounter_id IS NULL AND administered_date >= coalesce(e.first, '9999-12-31'))"
        " FROM {immunizations} LEFT JOIN (SELECT patient_id, min(start_datetime)::DATE AS first FROM {encounters} GROUP BY ALL) AS e"
        " USING (patient_id)"
    ) == [(True, 0, 0)]


# -- codes ---------------------------------------------------------------------------------------------------------------


def _codes(content: Any) -> Iterator[str]:
    for key, value in content.items() if isinstance(content, dict) else ():
        if key in ("codes", "principal", "outcome") and isinstance(value, dict):
            yield from map(str, value)
        elif key == "diagnosis":
            yield str(value)
        yield from _codes(value)
    for part in content if isinstance(content, list) else ():
        yield from _codes(part)


@pytest.mark.parametrize("file", sorted((GENERATION / "conditions").glob("*.yaml")), ids=lambda file: file.stem)
def test_every_diagnosis_code_of_the_house_has_its_official_description(file: Path) -> None:
    """scripts/write_code_texts.py writes the table: run it when this test names a code."""
    codes = set(_codes(yaml.safe_load(file.read_text(encoding="utf-8"))))
    assert {code for code in codes if not description(code)} == set()


def test_descriptions_are_those_of_the_code_not_of_the_condition() -> None:
    assert description("R07.9") == "Chest pain, unspecified"
    assert description("E11.9") == "Type 2 diabetes mellitus without complications"
    assert description("Z38.01") == "Single liveborn infant, delivered by cesarean"


def test_no_description_stands_for_two_codes(five_years: Tables) -> None:
    for table, code, text in (
        ("diagnoses", "code", "description"),
        ("procedures", "code", "description"),
        ("immunizations", "cvx_code", "description"),
        ("orders", "code", "description"),
        ("lab_results", "loinc_code", "test_name"),
    ):
        twice = five_years.ask(
            f"SELECT {text} FROM {{{table}}} GROUP BY {text} HAVING count(DISTINCT {code}) > 1"
            f" UNION ALL SELECT {code} FROM {{{table}}} GROUP BY {code} HAVING count(DISTINCT {text}) <> 1"
        )
        assert twice == [], table


def test_a_code_of_a_users_own_without_official_text_has_none(tmp_path: Path) -> None:
    (tmp_path / "gout.yaml").write_text(
        "condition: gout\nname: Gout\nkind: chronic\ngroup: Musculoskeletal\nsources: [own]\n"
        "prevalence: {F: {0: 0.01}, M: {0: 0.02}}\n"
        "stages: [{name: usual, share: 1, codes: {M10.9: 1}}]\n",
        encoding="utf-8",
    )
    knowledge = compile_knowledge(load_knowledge(tmp_path).values())
    text = dict(zip(knowledge.codes.values, knowledge.code_texts, strict=True))["M10.9"]
    assert text in (None, "Gout, unspecified")  # the latter where simple-icd-10-cm is installed
