"""Metrics: every one against loops over the star's rows; no fan-out; the registry is true; errors help."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from naive_metrics import NaiveStar, as_number
from small_scenarios import scenario

from healthsim.analytics import build, catalog, compare, query, report
from healthsim.analytics.metrics.columns import columns_of
from healthsim.analytics.metrics.compiler import Question, compile_question
from healthsim.analytics.metrics.registry import AREAS, UNITS, Metric, registry
from healthsim.db.connection import Database
from healthsim.errors import HealthSimError, InvalidInput, NotFound, UsageError
from healthsim.state.manager import StateManager

METRICS = list(registry().metrics.values())


@pytest.fixture(scope="module")
def star(tmp_path_factory: pytest.TempPathFactory, new_database: Path) -> tuple[Database, NaiveStar]:
    """Two random scenarios in one star, and its rows."""
    path = tmp_path_factory.mktemp("star") / "healthsim.duckdb"
    shutil.copyfile(new_database, path)
    database = Database(path)
    state = StateManager(database)
    state.save("A", scenario(11, persons=25))
    state.save("B", scenario(12, persons=10))
    build(database, everything=True)
    return database, NaiveStar(database)


def asked(metric: Metric, draw: random.Random) -> tuple[list[str], list[str]]:
    """Some dimensions and conditions that a metric can be asked with."""
    names = list(metric.dimensions)
    by = draw.sample(names, min(len(names), draw.randint(0, 2)))
    where = [
        text
        for text in draw.sample(["age>=18", "age_band!=65+", "gender=F,M", "year>=2023", "state=CA,Unknown"], 1)
        if text.split("=")[0].rstrip("!<>") in names
    ]
    if metric.needs and metric.needs not in by:
        by.append(metric.needs)
    return by, where


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_metric_is_what_loops_over_the_star_give(metric: Metric, star: tuple[Database, NaiveStar]) -> None:
    database, naive = star
    draw = random.Random(metric.name)
    for attempt in range(3):
        by, where = asked(metric, draw) if attempt else ([metric.needs] if metric.needs else [], [])
        found = query(database, metric.name, by=by, where=where, scenarios="A", parts=True, build="never")
        expected = {key: parts for key, parts in naive.metric(metric, "A", by, where).items() if any(parts) or not by}
        if not by and not expected:
            expected = {(): (0, 0)}
        held = found["metrics"][0]["populated"]["A"]
        got = {tuple(row[: len(by)]): row[len(by) :] for row in found["rows"]}
        assert set(got) == {tuple(v.isoformat() if hasattr(v, "isoformat") else v for v in key) for key in expected}, (
            by,
            where,
        )
        for key, (above, below) in expected.items():
            row = got[tuple(v.isoformat() if hasattr(v, "isoformat") else v for v in key)]
            if not held:
                assert row[-1] is None
                continue
            assert row[0] == pytest.approx(as_number(above)), (by, where, key)
            if metric.denominator is not None:
                assert row[1] == pytest.approx(as_number(below)), (by, where, key)
                wanted = metric.scale * float(above) / float(below) if below else None
                assert row[2] == pytest.approx(wanted), (by, where, key)


@pytest.mark.long
def test_most_metrics_have_something_to_count(star: tuple[Database, NaiveStar]) -> None:
    """The oracle proves nothing about sums over no rows."""
    database, _ = star
    counted = 0
    for metric in METRICS:
        by = [metric.needs] if metric.needs else []
        found = query(database, metric.name, by=by, scenarios="A", parts=True, build="never")
        counted += any(row[len(by)] for row in found["rows"])
    assert counted >= 85


def test_facts_are_summed_before_they_meet(star: tuple[Database, NaiveStar]) -> None:
    """Metrics of five facts in one question have the values that each has alone."""
    database, _ = star
    names = ["pmpm", "ed_visits_per_1000", "medical_pmpm", "rx_pmpm", "claims", "fills", "average_length_of_stay"]
    together = query(database, names, by=["year", "gender"], scenarios=["A", "B"])
    for place, name in enumerate(names):
        alone = query(database, name, by=["year", "gender"], scenarios=["A", "B"])
        wanted = {tuple(row[:3]): row[3] for row in alone["rows"]}
        for row in together["rows"]:
            value = row[3 + place]
            assert wanted.get(tuple(row[:3]), 0) == pytest.approx(value) or (not value and tuple(row[:3]) not in wanted)
    total = query(database, ["claims", "fills", "encounters"], scenarios="A")["rows"][0]
    parts = query(database, ["claims", "fills", "encounters"], by="gender", scenarios="A")["rows"]
    assert total == [sum(row[place] for row in parts) for place in (1, 2, 3)]


def test_a_denominator_stays_whole_where_it_has_no_such_dimension(star: tuple[Database, NaiveStar]) -> None:
    database, _ = star
    whole = query(database, "medical_pmpm", scenarios="A")["rows"][0][0]
    parts = query(database, "medical_pmpm", by="service_category", scenarios="A")["rows"]
    assert len(parts) > 1
    assert sum(row[1] for row in parts) == pytest.approx(whole)


def test_fills_of_members_are_those_of_member_months(state: StateManager, database: Database) -> None:
    """Who is a pharmacy member only has fills, and no member months."""
    state.save(
        "s",
        {
            "patients": [{"patient_id": "p1"}],
            "plans": [{"plan_id": "g", "plan_name": "Gold"}],
            "members": [
                {
                    "member_id": "m",
                    "patient_id": "p1",
                    "plan_id": "g",
                    "coverage_start": "2024-01-01",
                    "coverage_end": "2024-03-31",
                }
            ],
            "rx_members": [
                {"rx_member_id": "r1", "member_id": "m", "effective_date": "2024-01-01"},
                {"rx_member_id": "r2", "effective_date": "2024-01-01"},
            ],
            "pharmacy_claims": [
                {
                    "pharmacy_claim_id": f"f{n}-{day}",
                    "rx_member_id": f"r{n}",
                    "service_date": day,
                    "status": "paid",
                    "plan_paid_amount": 30,
                }
                for n in (1, 2)
                for day in ("2024-01-15", "2024-03-31", "2024-04-15")
            ],
        },
    )
    (row,) = query(database, ["rx_pmpm", "pmpm", "fills_per_1000", "rx_paid", "total_paid"])["rows"]
    assert row == [20, 20, pytest.approx(12_000 * 2 / 3), 180, 60]
    found = report(database, "pmpm")
    by_month = query(database, "rx_pmpm", by="month", where="month<=2024-03")["rows"]
    assert by_month == [[line[0], line[found["columns"].index("rx_pmpm")]] for line in found["rows"]]


def test_two_scenarios_give_what_each_gives_alone(star: tuple[Database, NaiveStar]) -> None:
    database, _ = star
    names = ["pmpm", "persons", "readmission_rate_30_day", "fills"]
    together = query(database, names, by="gender", scenarios=["A", "B"])
    alone = {name: query(database, names, by="gender", scenarios=name)["rows"] for name in "AB"}
    assert together["columns"][0] == "scenario"
    assert together["rows"] == [[name, *row] for name in "AB" for row in alone[name]]


@pytest.mark.long
def test_scenarios_are_called_what_they_are_called_now(state: StateManager, database: Database) -> None:
    """A star that was built before a scenario was renamed is current, and has its rows under the old name."""
    for name, count in (("A", 1), ("B", 2)):
        state.save(name, {"patients": [{"patient_id": f"{name}{n}"} for n in range(count)]})
    build(database, everything=True)
    for old, new in (("A", "C"), ("B", "A"), ("C", "B")):
        state.rename(old, new)
    found = query(database, "persons", scenarios=["A", "B"])
    assert found["rows"] == [["A", 2], ["B", 1]]
    assert [scope["status"] for scope in found["scenarios"]] == ["built", "built"]
    assert compare(database, "persons", scenario="A", other="B")["rows"][0][2:4] == [2, 1]
    assert found["rows"] == query(database, "persons", scenarios=["B", "A"], order="scenario")["rows"]


# -- the registry ------------------------------------------------------------------------------------------------


def test_the_registry_is_large_and_whole() -> None:
    known = registry()
    assert len(METRICS) >= 60
    assert {metric.area for metric in METRICS} == set(AREAS)
    assert sum(metric.measure is not None for metric in METRICS) >= 12
    for metric in METRICS:
        assert metric.unit in UNITS
        assert metric.definition.endswith(".")
        assert metric.source
        assert metric.dimensions
        for part in metric.parts:
            columns = columns_of(part.fact)
            assert "scenario_key" in columns
            words = set(re.findall(r"[a-z_][a-z0-9_]+", f"{part.expression} {(part.when or '')}"))
            assert words <= set(columns), (metric.name, words - set(columns))
        groups = {dimension.of for dimension in known.dimensions.values()} | set(known.dimensions)
        assert metric.whole <= groups


def test_the_registry_names_columns_that_exist() -> None:
    known = registry()
    for dimension in known.dimensions.values():
        if dimension.of == "time":
            assert dimension.column in columns_of("dim_date")
        elif dimension.of != "fact":
            table, key = known.entities[dimension.of]
            assert {dimension.column, key} <= set(columns_of(table)), dimension.name
    for fact in known.facts.values():
        for entity, path in fact.keys.items():
            assert entity in known.entities
            table = "dim_person" if path.startswith("person.") else fact.name
            assert path.removeprefix("person.") in columns_of(table), (fact.name, entity)
        for name in fact.own:
            assert known.dimensions[name].column in columns_of(fact.name)
        for role in fact.roles:
            assert "service_month" in role.key or role.key.removeprefix("fact.") in columns_of(fact.name)


def test_values_are_parameters() -> None:
    nasty = "x'); DROP TABLE analytics.fact_claim; --"
    compiled = compile_question(Question.of(["claims"], ["plan"], {"payer": nasty}), {1: nasty, 2: "B"})
    assert nasty not in compiled.sql
    assert nasty in compiled.parameters.values()


# -- answers -----------------------------------------------------------------------------------------------------


def test_an_answer_says_what_it_is(star: tuple[Database, NaiveStar]) -> None:
    database, _ = star
    found = query(database, "pmpm", by="year", where="age_band=65+", scenarios="A")
    (metric,) = found["metrics"]
    assert metric["numerator"] == "sum of total_paid_amount over fact_member_month"
    assert metric["denominator"] == "sum of member_months over fact_member_month"
    assert metric["source"]
    assert found["filters"] == ["age_band=65+"]
    assert found["scenarios"][0]["status"] == "built"
    assert "WITH pass_1" in found["sql"]
    assert found["row_count"] == found["returned"] == len(found["rows"])


def test_a_long_answer_says_that_it_was_cut(star: tuple[Database, NaiveStar]) -> None:
    database, _ = star
    whole = query(database, "claims", by="month", scenarios="A")
    cut = query(database, "claims", by="month", scenarios="A", limit=2, order="-claims")
    assert cut["truncated"]
    assert (cut["returned"], cut["row_count"]) == (2, whole["row_count"])
    assert [row[1] for row in cut["rows"]] == sorted((row[1] for row in whole["rows"]), reverse=True)[:2]


def test_zero_is_not_the_same_as_not_populated(state: StateManager, database: Database) -> None:
    state.save(
        "clinic",
        {
            "patients": [{"patient_id": "p1", "birth_date": "1960-01-01"}],
            "encounters": [
                {
                    "encounter_id": "e1",
                    "patient_id": "p1",
                    "encounter_class": "outpatient",
                    "start_datetime": "2024-01-01T10:00:00",
                }
            ],
        },
    )
    found = query(database, ["ed_visits", "fills", "ed_visits_per_1000"])
    assert found["rows"] == [[0, None, None]]
    assert found["scenarios"][0]["built_now"]
    assert found["notes"] == [
        "clinic holds no pharmacy claims (fact_rx_fill is not populated): fills has no value, which is not 0.",
        "clinic holds no members with coverage (fact_member_month is not populated): ed_visits_per_1000 has no value,"
        " which is not 0.",
    ]


def test_a_stale_star_says_so_and_is_brought_up_to_date_on_request(state: StateManager, database: Database) -> None:
    state.save("s", {"patients": [{"patient_id": "p1"}]})
    assert query(database, "persons")["rows"] == [[1]]
    state.save("s", {"patients": [{"patient_id": "p2"}]}, mode="merge")
    found = query(database, "persons")
    assert found["rows"] == [[1]]
    assert found["scenarios"][0]["status"] == "stale"
    assert "written since: patients" in found["notes"][0]
    current = query(database, "persons", build="stale")
    assert current["rows"] == [[2]]
    assert current["notes"] == []


def test_an_empty_scenario_has_an_answer(state: StateManager, database: Database) -> None:
    state.save("nothing", {})
    found = query(database, ["persons", "pmpm"], by="gender")
    assert found["rows"] == []
    assert any("nothing holds no people" in note for note in found["notes"])


def test_a_value_that_a_dimension_does_not_have_is_said(star: tuple[Database, NaiveStar]) -> None:
    database, _ = star
    found = query(database, "members", by="gender", where="age_band=65 +", scenarios="A")
    assert found["rows"] == []
    (note,) = found["notes"]
    assert note.startswith("age_band has no value '65 +'; nearest first: 65+,")
    shown = note.partition("first: ")[2].rstrip(".").split(", ")
    assert len(set(shown)) == len(shown)


@pytest.mark.parametrize(
    ("question", "kind", "message"),
    [
        ({"metrics": "pmmp"}, NotFound, "There is no metric 'pmmp'. Nearest first: pmpm,"),
        (
            {"metrics": "pmpm", "by": "plan_typ"},
            NotFound,
            "There is no dimension 'plan_typ'. Nearest first: plan_type,",
        ),
        (
            {"metrics": "pmpm", "where": "age_bnd=65+"},
            NotFound,
            "There is no dimension 'age_bnd'. Nearest first: age_band,",
        ),
        ({"metrics": "pmpm", "scenarios": "AA"}, NotFound, "There is no scenario 'AA'."),
        (
            {"metrics": "pmpm", "by": "drug_class"},
            InvalidInput,
            "pmpm cannot be divided by drug_class: fact_member_month has no drug_class. It can be divided by month,",
        ),
        (
            {"metrics": "pmpm", "by": "day"},
            InvalidInput,
            "pmpm cannot be divided by day: fact_member_month has one row per month.",
        ),
        ({"metrics": "prevalence"}, InvalidInput, 'divide it with by="condition"'),
        (
            {"metrics": "pmpm", "where": "year=last"},
            InvalidInput,
            "year holds whole numbers, for example 2024; 'last' is none.",
        ),
        (
            {"metrics": "pmpm", "where": "month=2024-13"},
            InvalidInput,
            "month holds months (YYYY-MM), for example 2024-03; '2024-13' is none.",
        ),
        (
            {"metrics": "claims", "where": "day>=soon"},
            InvalidInput,
            "day holds dates (YYYY-MM-DD), for example 2024-03-15; 'soon' is none.",
        ),
        ({"metrics": "pmpm", "where": "gender"}, InvalidInput, "'gender' is no condition; expected DIMENSION=VALUE"),
        (
            {"metrics": "pmpm", "where": "gender>F"},
            InvalidInput,
            "gender holds text, which is neither larger nor smaller",
        ),
        (
            {"metrics": "pmpm", "where": "age_band>=65+"},
            InvalidInput,
            "age_band holds bands; use age_band=65+, or a condition on age: age>=65.",
        ),
        ({"metrics": ""}, UsageError, "No metric is asked for."),
        (
            {"metrics": "pmpm", "scenarios": ()},
            UsageError,
            "There are 2 scenarios; name those that the question is about with scenario=: ",
        ),
        (
            {"metrics": "pmpm", "by": (), "order": "-cost"},
            NotFound,
            "The answer has no column 'cost' to sort by; expected one of pmpm.",
        ),
        ({"metrics": "pmpm", "order": "cost"}, NotFound, "The answer has no column 'cost' to sort by; expected one of"),
        ({"metrics": "claims", "time": "moon"}, NotFound, "There is no date 'moon'; expected one of"),
        ({"metrics": "pmpm", "limit": 0}, UsageError, "The limit is 0; expected 1 or more."),
    ],
)
def test_errors_help(
    star: tuple[Database, NaiveStar], question: dict[str, Any], kind: type[HealthSimError], message: str
) -> None:
    database, _ = star
    with pytest.raises(kind) as caught:
        query(database, **({"scenarios": "A", "by": "gender" if "order" in question else ()} | question))
    assert message in caught.value.message


def test_a_star_that_is_not_built_is_asked_for(state: StateManager, database: Database) -> None:
    with pytest.raises(UsageError, match="There are no scenarios to ask about"):
        query(database, "persons")
    state.save("s", {"patients": [{"patient_id": "p1"}]})
    with pytest.raises(NotFound, match=r"The star of .s. is not built\. Build it with healthsim\.build\('s'\)"):
        query(database, "persons", build="never")


def test_another_date_can_be_meant(star: tuple[Database, NaiveStar]) -> None:
    database, naive = star
    found = query(database, "claims", by="year", scenarios="A", time="paid")
    counts: dict[int | None, int] = {}
    for row in naive.rows["fact_claim"]:
        if row["scenario_key"] == naive.scenario_key["A"]:
            year = row["paid_date"].year if row["paid_date"] else None
            counts[year] = counts.get(year, 0) + 1
    assert dict(found["rows"]) == counts


def test_deaths_by_the_day_of_death(state: StateManager, database: Database) -> None:
    state.save(
        "s",
        {
            "patients": [
                {"patient_id": "p1", "birth_date": "1950-01-01", "death_date": "2024-03-01"},
                {"patient_id": "p2", "birth_date": "1950-01-01", "deceased": True},
                {"patient_id": "p3", "birth_date": "1960-01-01"},
            ]
        },
    )
    assert query(database, "deaths", by="year")["rows"] == [[1950, 2]]
    assert query(database, "deaths", by="year", time="death")["rows"] == [[2024, 1], [None, 1]]


# -- comparisons -------------------------------------------------------------------------------------------------


def test_scenarios_side_by_side(star: tuple[Database, NaiveStar]) -> None:
    database, _ = star
    found = compare(database, "persons,pmpm", scenario="A", other="B")
    (people, _), first, second = found["rows"], *(query(database, "persons", scenarios=n)["rows"][0][0] for n in "AB")
    assert people == [
        "persons",
        "persons",
        first,
        second,
        second - first,
        pytest.approx(100 * (second - first) / first),
    ]


def test_periods_side_by_side(star: tuple[Database, NaiveStar]) -> None:
    database, _ = star
    found = compare(
        database, "claims", scenario="A", period="2023-01..2023-06", other_period="2023-07..2023-12", by="gender"
    )
    year = query(database, "claims", by="gender", where="year=2023", scenarios="A")["rows"]
    assert {row[0]: row[3] + row[4] for row in found["rows"]} == dict(year)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "Compare two scenarios"),
        ({"other": "A"}, "cannot be compared with itself"),
        ({"period": "2024"}, "Compare two scenarios"),
        ({"period": "soon", "other_period": "2024"}, "'soon' is no period: expected a year (2024)"),
        ({"period": "2024", "other_period": "2025..2024"}, "is no period: expected FROM..TO"),
        ({"reference": "svi"}, "takes a scenario and nothing else"),
        ({"reference": "moon", "metrics": ""}, "There are no published figures called 'moon'; expected places or svi."),
    ],
)
def test_comparisons_that_are_none(star: tuple[Database, NaiveStar], asked: dict[str, Any], message: str) -> None:
    database, _ = star
    with pytest.raises(HealthSimError) as caught:
        compare(database, **({"metrics": "claims", "scenario": "A"} | asked))
    assert message in caught.value.message


def test_shares_beside_svi(state: StateManager, database: Database) -> None:
    people = [
        ("1950-01-01", "White", "Not Hispanic or Latino"),
        ("1990-01-01", "White", "Hispanic or Latino"),
        ("2015-01-01", "Asian", "Not Hispanic or Latino"),
        ("1980-01-01", None, None),
    ]
    state.save(
        "s",
        {
            "patients": [
                {
                    "patient_id": f"p{n}",
                    "birth_date": born,
                    "race": race,
                    "ethnicity": ethnicity,
                    "county_fips": "06073",
                }
                for n, (born, race, ethnicity) in enumerate(people)
            ],
            "encounters": [
                {
                    "encounter_id": "e",
                    "patient_id": "p0",
                    "encounter_class": "outpatient",
                    "start_datetime": "2024-06-01T08:00:00",
                }
            ],
        },
    )
    starter = {row[2] for row in compare(database, reference="svi")["rows"]}
    assert starter == {"EP_AGE17", "EP_AGE65", "EP_MINRTY"}, "figures of every county come with the program"
    with database.write() as connection:
        connection.execute(
            "CREATE OR REPLACE VIEW reference.svi AS SELECT '2022' AS release, 'county' AS level, '06073' AS geoid, variable,"
            " value FROM (VALUES ('EP_AGE65', 15.0), ('EP_AGE17', 21.0), ('EP_MINRTY', 55.5)) AS t(variable, value)"
        )
    found = compare(database, reference="svi")
    shares = {row[2]: (row[3], round(row[4], 2), float(row[5])) for row in found["rows"]}
    assert shares == {"EP_AGE65": (4, 25.0, 15.0), "EP_AGE17": (4, 25.0, 21.0), "EP_MINRTY": (3, 66.67, 55.5)}


def test_the_catalogue_knows_everything() -> None:
    everything = catalog()
    assert len(everything["metrics"]) == len(METRICS)
    assert len(everything["reports"]) == 28
    assert catalog("pmpm").keys() == {"metric", "report"}
    assert "pmpm" in catalog("plan_type")["dimension"]["metrics"]
    with pytest.raises(
        NotFound, match=r"There is no metric, dimension or report .plan_tipe.\. Nearest first: plan_type"
    ):
        catalog("plan_tipe")
