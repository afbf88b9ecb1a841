"""A population is constant in time: who comes, who goes, when offices are open, when diseases come in seasons and waves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from healthsim.db.connection import Database
from healthsim.generation import generate_files
from healthsim.generation.calibration import Scales
from healthsim.generation.coherence import check
from healthsim.generation.compiled import compile_knowledge
from healthsim.generation.kernels.context import NEVER, YEAR, Context
from healthsim.generation.kernels.health import make_health
from healthsim.generation.kernels.people import People, make_people
from healthsim.generation.knowledge_files import load_knowledge
from healthsim.generation.lives import death_rates, flows_of
from healthsim.generation.places import read_places
from healthsim.generation.seasons import CLOSED, OPEN, cumulative, days, distant, holidays, prices_on
from healthsim.generation.spec import read_spec

YEARS = 5


def day(year: int, month: int, of_month: int) -> int:
    return (dt.date(year, month, of_month) - dt.date(1970, 1, 1)).days


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return Database(tmp_path_factory.mktemp("lives") / "x.duckdb")


@pytest.fixture(scope="module")
def context(database: Database) -> Context:
    spec = read_spec({"size": 65_536, "counties": ["06073"], "years": YEARS, "seed": 2})
    knowledge = compile_knowledge(load_knowledge().values())
    return Context(spec, read_places(database, spec), knowledge, Scales({n: np.ones(1) for n in knowledge.chronic}))


@pytest.fixture(scope="module")
def people(context: Context) -> People:
    return make_people(context, np.arange(65_536, dtype=np.int64))


# -- who is there when -----------------------------------------------------------------------------------------------------


def test_everybody_is_there_for_a_while_within_life_and_history(context: Context, people: People) -> None:
    assert (people.first >= np.maximum(people.birth, context.start)).all()
    assert (people.last >= people.first).all()
    assert (people.last <= np.minimum(people.death, context.end)).all()
    dead = people.death < NEVER
    assert (people.last == people.death)[dead].all()
    moved_out = (people.last < context.end) & ~dead
    moved_in = people.first > np.maximum(people.birth, context.start)
    assert 0.02 < moved_out.mean() < 0.15
    assert 0.02 < moved_in.mean() < 0.2


def test_as_many_are_there_on_each_day_and_their_ages_are_those_of_the_county(context: Context, people: People) -> None:
    there = [
        ((people.first <= at) & (at <= people.last)).sum()
        for at in np.linspace(context.start, context.end, 21).astype(int)
    ]
    # as far apart as chance moves a count of those who come and go
    assert np.abs(np.array(there) / np.mean(there) - 1).max() < 0.012
    bands = np.array([0, 5, 18, 25, 35, 45, 55, 65, 75, 85])
    wanted = np.add.reduceat(context.places.pyramids[0].sum(axis=0), bands)
    for at in (context.start, (context.start + context.end) // 2, context.end):
        present = (people.first <= at) & (at <= people.last)
        ages = ((at - people.birth[present]) / YEAR).astype(int)
        share = np.add.reduceat(np.bincount(ages, minlength=111)[:111], bands) / present.sum()
        assert np.abs(share / wanted - 1).max() < 0.12, at


def test_people_die_at_the_rates_of_the_life_table_in_each_year(context: Context, people: People) -> None:
    for year in range(2021, 2026):
        expected = 0.0
        for month in range(1, 13):
            at = day(year, month, 15)
            present = (people.first <= at) & (at <= people.last)
            ages = ((at - people.birth[present]) / YEAR).astype(int)
            expected += death_rates()[people.sex[present], ages].sum() / 12
        died = ((people.death >= day(year, 1, 1)) & (people.death <= day(year, 12, 31))).sum()
        assert abs(died - expected) < 3.3 * np.sqrt(expected), year


def test_the_life_table_is_the_published_one() -> None:
    """NCHS, United States Life Tables 2019: life expectancy at birth 81.4 and 76.3 years."""
    left = np.exp(-np.cumsum(death_rates(), axis=1))
    expectancy = 0.5 + left.sum(axis=1)
    assert expectancy == pytest.approx([81.4, 76.3], abs=0.6)


def test_comings_and_goings_balance() -> None:
    ages = np.arange(111)
    pyramid = np.where(ages < 60, 1.0, np.maximum(1 - (ages - 60) / 45, 0))
    pyramids = np.broadcast_to(pyramid / pyramid.sum() / 2, (1, 2, 111)).copy()
    flows = flows_of(pyramids)
    grows = np.gradient(flows.present, axis=2)
    balance = flows.present * (flows.comes - flows.leaves - flows.deaths[None])
    assert np.abs(balance - grows)[flows.present > 0].reshape(2, -1)[:, 1:].max() < 1e-12


def test_conditions_are_as_frequent_at_an_age_on_the_first_day_as_on_the_last(context: Context, people: People) -> None:
    health = make_health(context, people)
    names = [context.knowledge.conditions[number].condition for number in context.knowledge.chronic]
    for name in ("type_2_diabetes", "hypertension", "coronary_heart_disease", "asthma"):
        row = names.index(name)
        shares = []
        for at in (context.start, context.end):
            there = (people.first <= at) & (at <= people.last)
            age = (at - people.birth) / YEAR
            old = there & (age >= 45) & (age < 75)
            shares.append((health.has[row] & (health.onset[row] <= at))[old].mean())
        assert shares[0] == pytest.approx(shares[1], rel=0.06), name


# -- the calendar ------------------------------------------------------------------------------------------------------------


def test_federal_holidays_are_those_of_the_law() -> None:
    expected = ["01-01", "01-15", "02-19", "05-27", "06-19", "07-04", "09-02", "10-14", "11-11", "11-28", "12-25"]
    assert sorted(f"{one:%m-%d}" for one in holidays(2024)) == expected
    assert dt.date(2019, 6, 19) not in holidays(2019)
    places = days()
    kinds = places.kind[[day(2024, 7, of_month) - places.first for of_month in (3, 4, 7)]]
    assert kinds.tolist() == [OPEN, CLOSED, CLOSED]


def test_curves_say_what_was_published() -> None:
    first = days().first

    def share(name: str, begins: int, ends: int) -> float:
        total = cumulative(name)
        return float(total[ends - first] - total[begins - first])

    year = share("influenza", day(2018, 7, 1), day(2019, 7, 1))
    winter = share("influenza", day(2018, 12, 1), day(2019, 4, 1))
    assert winter / year > 0.75
    assert share("influenza", day(2020, 7, 1), day(2021, 7, 1)) < 0.05 * year
    assert share("covid_19", day(2016, 1, 1), day(2020, 3, 1)) == 0
    assert share("covid_19", day(2022, 1, 1), day(2022, 2, 1)) > 4 * share("covid_19", day(2021, 6, 1), day(2021, 7, 1))
    april, before, now = distant(np.array([day(2020, 4, 10), day(2019, 4, 10), day(2025, 4, 10)]))
    assert april > 0.3
    assert before < 0.01 < 0.05 < now < 0.15
    then = prices_on(np.array([day(2010, 5, 1), day(2023, 5, 1)]))
    assert then == pytest.approx([388.4 / 549.3, 1.0])


# -- what is written ---------------------------------------------------------------------------------------------------------


class Written:
    """Tables of generated files, asked by SQL."""

    def __init__(self, folder: Path) -> None:
        self.files = {
            place.name: f"'{place}/*.parquet'" for place in (folder / "canonical").iterdir() if place.is_dir()
        }

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        with duckdb.connect() as connection:
            return connection.execute(statement.format_map(self.files)).fetchall()


@pytest.fixture(scope="module")
def five_years(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    folder = tmp_path_factory.mktemp("years") / "five"
    spec = {"size": 20_000, "counties": ["06073"], "years": YEARS, "products": ["patient", "pharmacy"], "seed": 3}
    generate_files(spec, folder, database=database)
    return Written(folder)


MONTHLY = {
    "visits to offices, without respiratory illness": "SELECT date_trunc('month', start_datetime), count(*) FROM {encounters}"
    " WHERE encounter_type = 'Office visit' AND reason_code[:1] NOT IN ('J', 'U') GROUP BY 1 ORDER BY 1",
    "visits to specialists": "SELECT date_trunc('month', start_datetime), count(*) FROM {encounters}"
    " WHERE encounter_type = 'Specialist visit' GROUP BY 1 ORDER BY 1",
    "wellness visits": "SELECT date_trunc('month', start_datetime), count(*) FROM {encounters}"
    " WHERE encounter_type = 'Wellness visit' GROUP BY 1 ORDER BY 1",
    "prenatal visits": "SELECT date_trunc('month', start_datetime), count(*) FROM {encounters}"
    " WHERE reason_for_visit = 'Prenatal visit' GROUP BY 1 ORDER BY 1",
    "outpatient procedures": "SELECT date_trunc('month', start_datetime), count(*) FROM {encounters}"
    " WHERE encounter_type = 'Outpatient procedure' GROUP BY 1 ORDER BY 1",
    "emergency visits, without respiratory illness": "SELECT date_trunc('month', start_datetime), count(*) FROM {encounters}"
    " WHERE encounter_class = 'emergency' AND reason_code[:1] NOT IN ('J', 'U') GROUP BY 1 ORDER BY 1",
    "admissions, without respiratory illness": "SELECT date_trunc('month', start_datetime), count(*) FROM {encounters}"
    " WHERE encounter_class = 'inpatient' AND reason_code[:1] NOT IN ('J', 'U') GROUP BY 1 ORDER BY 1",
    "urine albumin tests": "SELECT date_trunc('month', collected_datetime), count(*) FROM {lab_results}"
    " WHERE loinc_code = '14959-1' GROUP BY 1 ORDER BY 1",
    "HbA1c tests": "SELECT date_trunc('month', collected_datetime), count(*) FROM {lab_results}"
    " WHERE loinc_code = '4548-4' GROUP BY 1 ORDER BY 1",
    "fills": "SELECT date_trunc('month', service_date), count(*) FROM {pharmacy_claims} GROUP BY 1 ORDER BY 1",
    "deaths": "SELECT date_trunc('month', death_date), count(*) FROM {patients} WHERE deceased GROUP BY 1 ORDER BY 1",
    "births": "SELECT date_trunc('month', birth_date), count(*) FROM {patients} WHERE birth_date >= '2021-01-01'"
    " GROUP BY 1 ORDER BY 1",
}
#: of these the days of a month on which offices are open count
PLANNED = ("visits", "wellness", "prenatal", "outpatient", "urine", "HbA1c")


@pytest.mark.long
@pytest.mark.parametrize("what", MONTHLY)
def test_every_month_is_like_the_others(five_years: Written, what: str) -> None:
    """Within four standard deviations of a count that chance moves, the first month and the last one included.

    People bring several contacts each, which makes the variance of a count half as large again.
    """
    rows = five_years.ask(MONTHLY[what])
    assert len(rows) == 12 * YEARS
    counts = np.array([count for _, count in rows], dtype=float)
    places = days()
    months = [(began.year - 1970) * 12 + began.month - 1 for began, _ in rows]
    length = np.array(
        [((places.month == month) & ((places.kind == OPEN) | (not what.startswith(PLANNED)))).sum() for month in months]
    )
    level = counts / length
    by_month = level.reshape(YEARS, 12)
    # what a month of the year has more or less than others, in the other years
    season = (by_month.sum(axis=0)[None] - by_month) / (YEARS - 1)
    expected = (season * length.reshape(YEARS, 12)).ravel()
    z = (counts - expected) / np.sqrt(1.5 * expected * (1 + 1 / (YEARS - 1)))
    assert np.abs(z).max() < 4, (rows[int(np.abs(z).argmax())], z.round(1).tolist())
    years = counts.reshape(YEARS, 12).sum(axis=1)
    assert np.abs(years / years.mean() - 1).max() < 0.03 + 3.5 * np.sqrt(1.5 / years.mean()), years


def test_offices_are_closed_on_sundays_and_holidays(five_years: Written) -> None:
    rows = five_years.ask(
        "SELECT start_datetime::DATE, count(*) FROM {encounters} WHERE encounter_class IN ('outpatient', 'virtual') GROUP BY 1"
    )
    closed = {one for year in range(2021, 2026) for one in holidays(year)}
    assert [one for one, _ in rows if one.weekday() == 6 or one in closed] == []
    saturdays = sum(count for one, count in rows if one.weekday() == 5)
    assert 0.01 < saturdays / sum(count for _, count in rows) < 0.05


def test_influenza_and_covid_19_come_when_they_came(five_years: Written) -> None:
    cases = dict(
        five_years.ask(
            "SELECT strftime(start_datetime, '%Y-%m'), count(*) FROM {encounters} WHERE reason_code IN ('J10.1', 'J11.1') GROUP BY 1"
        )
    )
    winter = sum(count for month, count in cases.items() if month[-2:] in ("12", "01", "02", "03"))
    assert winter / sum(cases.values()) > 0.7
    assert sum(count for month, count in cases.items() if "2021-01" <= month < "2021-07") < 30
    waves = dict(
        five_years.ask(
            "SELECT strftime(start_datetime, '%Y-%m'), count(*) FROM {encounters} WHERE reason_code = 'U07.1' GROUP BY 1"
        )
    )
    assert waves["2022-01"] > 5 * waves["2022-04"]
    assert waves["2021-09"] > 2 * waves["2021-06"]


def test_emergency_departments_are_full_in_the_afternoon(five_years: Written) -> None:
    hours = dict(
        five_years.ask(
            "SELECT hour(start_datetime), count(*) FROM {encounters} WHERE encounter_class = 'emergency' GROUP BY 1"
        )
    )
    assert sum(hours[hour] for hour in range(10, 22)) > 1.9 * sum(hours[hour] for hour in (*range(22, 24), *range(10)))


def test_what_was_under_way_goes_on(five_years: Written) -> None:
    stays, without_an_end, dispositions, drgs = five_years.ask(
        "SELECT count(*), count(*) FILTER (end_datetime IS NULL), list(DISTINCT discharge_disposition_code), count(drg_code)"
        " FROM {encounters} WHERE status = 'in-progress'"
    )[0]
    assert 5 < stays == without_an_end
    assert (dispositions, drgs) == (["30"], 0)
    old, first_year, last_year = five_years.ask(
        "SELECT count(*) FILTER (start_date < '2021-01-01'), count(*) FILTER (year(start_date) = 2021),"
        " count(*) FILTER (year(start_date) = 2025) FROM {medications}"
    )[0]
    # more drugs go on than begin within a year, and as many begin in the first year as in the last
    assert old > first_year
    assert first_year == pytest.approx(last_year, rel=0.15)
    pregnant = five_years.ask(
        "SELECT count(DISTINCT patient_id) FROM {encounters} WHERE reason_for_visit = 'Prenatal visit' AND start_datetime >= '2025-10-01'"
        " AND patient_id NOT IN (SELECT patient_id FROM {diagnoses} WHERE code LIKE 'Z37%' AND diagnosed_date >= '2025-10-01')"
    )[0][0]
    assert pregnant > 30


@pytest.mark.long
def test_rules_hold_for_a_population_that_comes_and_goes(database: Database) -> None:
    from healthsim.generation import generate

    generate({"size": 1_500, "counties": ["06073"], "years": 2, "seed": 9}, "coming", database=database)
    assert [rule.rule for rule in check(database, "coming").rules if rule.violations] == []
