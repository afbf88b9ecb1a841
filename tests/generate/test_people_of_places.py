"""The people of any county: figures that come with the program, ages, origins, languages, households."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from healthsim.db.connection import Database
from healthsim.errors import NotFound
from healthsim.generation import generate
from healthsim.generation.calibration import Scales, scale_prevalence
from healthsim.generation.compiled import compile_knowledge
from healthsim.generation.fidelity import fidelity
from healthsim.generation.fidelity.intervals import binomial_interval
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.care import make_care
from healthsim.generation.kernels.context import Context
from healthsim.generation.kernels.coverage import billing, make_coverage, subscriber_of
from healthsim.generation.kernels.frailty import EMERGENCY
from healthsim.generation.kernels.health import make_health
from healthsim.generation.kernels.origins import origin_columns, origins
from healthsim.generation.kernels.payers import COMMERCIAL, MEDICAID, MEDICARE, PAYERS, UNINSURED
from healthsim.generation.kernels.people import CHILD, People, counties_with_people, make_people
from healthsim.generation.knowledge_files import load_knowledge
from healthsim.generation.places import read_places, the_nation
from healthsim.generation.pyramids import AGES
from healthsim.generation.randomness import Bools, Ints
from healthsim.generation.society import ORIGINS
from healthsim.generation.spec import PopulationSpec
from healthsim.generation.tuning import tuned

#: a border county, one with a Black majority, one of American Indians, of pensioners, of a university, a large city, an island
COUNTIES = ("48427", "28151", "46102", "12119", "12001", "17031", "15003")
N = 20_480

ContextOf = Callable[..., Context]


@pytest.fixture
def context_of(database: Database) -> ContextOf:
    knowledge = compile_knowledge(load_knowledge(None).values())

    def make(**fields: Any) -> Context:
        spec = PopulationSpec(**fields)
        places = read_places(database, spec)
        return Context(spec, places, knowledge, Scales(scale_prevalence(knowledge, places)))

    return make


def _people(context: Context, n: int = N) -> People:
    return make_people(context, np.arange(n, dtype=np.int64))


def _svi(database: Database, county: str) -> dict[str, float]:
    with database.read() as connection:
        rows = connection.execute("SELECT variable, value FROM reference.svi WHERE geoid = ?", [county]).fetchall()
    return dict(rows)


@pytest.mark.parametrize("county", COUNTIES)
def test_people_have_the_origins_and_ages_of_their_county(
    database: Database, context_of: ContextOf, county: str
) -> None:
    context = context_of(size=N, counties=[county])
    people, svi = _people(context), _svi(database, county)
    # figures are of those who are there, not of those who died or moved away before
    there = ~people.left_by(context.end)
    origin, age = origins(context, people)[there], people.age[there]
    shares = {group.variable: float((origin == number).mean()) for number, group in enumerate(ORIGINS)}
    shares["EP_MINRTY"] = 1 - shares["EP_MINRTY"]
    shares |= {"EP_AGE17": float((age < 18).mean()), "EP_AGE65": float((age >= 65).mean())}
    for variable, share in shares.items():
        # what is published is rounded to a tenth of a percent
        low, _ = binomial_interval(max(svi[variable] - 0.06, 0.01) / 100, len(age))
        _, high = binomial_interval((svi[variable] + 0.06) / 100, len(age))
        assert low <= share <= high, variable


@pytest.mark.parametrize("county", COUNTIES)
def test_households_are_as_large_as_in_their_county(context_of: ContextOf, county: str) -> None:
    context = context_of(size=N, counties=[county])
    people = _people(context)
    homes, sizes = np.unique(people.home, return_counts=True)
    society = context.places.society
    assert sizes.mean() == pytest.approx(society.household[0], rel=0.02)
    assert (sizes == 1).mean() == pytest.approx(society.alone[0], abs=0.03)
    # the first of a household is the one that it is named after, and the others follow
    assert (np.diff(people.home) >= 0).all()
    assert (people.age[homes] >= 18).mean() > 0.999
    children = people.age < 18
    assert ((people.mother >= 0) | (people.father >= 0))[children].mean() > 0.85
    for parent in (people.mother, people.father):
        known = np.flatnonzero(parent >= 0)
        years = (people.birth[known] - people.birth[parent[known]]) / 365.25
        assert (years > 14).all()
        assert (people.home[known] == people.home[parent[known]]).all()
    partnered = np.flatnonzero(people.partner >= 0)
    assert (people.partner[people.partner[partnered]] == partnered).all()
    assert (people.sex[partnered] != people.sex[people.partner[partnered]]).all()


def test_students_pensioners_and_prisons_show_in_the_ages(context_of: ContextOf) -> None:
    pyramids = context_of(counties=["12001", "12119", "48041", "06073"]).places.pyramids
    usual, students, pensioners, college = pyramids  # in the order of their codes
    assert students[:, 18:25].sum() > 0.17 < college[:, 18:25].sum()
    assert usual[:, 18:25].sum() == pytest.approx(0.10, abs=0.01)
    assert pensioners[:, 65:].sum() > 0.55
    # who is nearly a pensioner lives there already
    assert pensioners[:, 55:65].sum() > pensioners[:, 35:45].sum() * 1.5
    assert pyramids.shape[2] == AGES
    assert pyramids.sum(axis=(1, 2)) == pytest.approx(np.ones(4))


def test_languages_follow_limited_english(context_of: ContextOf) -> None:
    shares = {}
    for county in ("48427", "28151", "17031"):
        context = context_of(counties=[county])
        people = _people(context)
        language = origin_columns(context, people, origins(context, people))["language"]
        shares[county] = 1 - language.to_pylist().count("en") / N
    assert shares["48427"] > 0.4 > shares["17031"] > 0.08 > shares["28151"]


@pytest.mark.long
def test_every_county_is_known_and_a_state_means_all_of_its_counties(context_of: ContextOf) -> None:
    nation = context_of().places
    assert len(nation) == 3_144
    assert not nation.lacking
    assert {measure for measure, shares in nation.prevalence.items() if np.isnan(shares).mean() < 0.01} >= {"DIABETES"}
    texas = context_of(states=["TX"]).places
    assert len(texas) == 254
    assert texas.weights[texas.fips.index("48201")] == pytest.approx(0.162, abs=0.01)


@pytest.mark.long
def test_people_of_many_counties_have_neighbours_of_theirs(context_of: ContextOf) -> None:
    context = context_of(size=2_000)
    people = _people(context, 4_096)
    assert (np.bincount(people.home)[np.unique(people.home)]).mean() == pytest.approx(2.6, abs=0.2)
    assert set(people.county) == set(counties_with_people(context))


def test_connecticut_has_figures_by_either_coding(context_of: ContextOf) -> None:
    places = context_of(counties=["09009", "09170", "09001"]).places
    haven, region = places.fips.index("09009"), places.fips.index("09170")
    assert not places.lacking
    assert places.prevalence["DIABETES"][region] == pytest.approx(places.prevalence["DIABETES"][haven])
    assert places.society.origins[haven] == pytest.approx(places.society.origins[region], abs=0.06)
    assert len(context_of(states=["CT"]).places) == 9


def test_a_place_with_few_figures_is_said(database: Database) -> None:
    saved = generate({"size": 60, "counties": ["72127"], "years": 1}, "san-juan", database=database)
    said = "No figures of prevalence (PLACES) are known for 72127 (San Juan Municipio)"
    assert saved.warnings[0].startswith(said)
    assert any(said in note for note in fidelity(database, "san-juan").notes)
    with database.read() as connection:
        described, languages = connection.execute(
            "SELECT any_value(s.description), count(*) FILTER (p.language = 'es') / count(*) FROM scenarios AS s"
            " JOIN patients AS p USING (scenario_id) WHERE s.name = 'san-juan'"
        ).fetchall()[0]
    assert said in described
    assert languages > 0.7


def test_there_is_no_such_county(context_of: ContextOf) -> None:
    with pytest.raises(NotFound, match="There is no county 06999"):
        context_of(counties=["06999"])


def test_payers_follow_the_poverty_and_the_uninsured_of_the_county(context_of: ContextOf) -> None:
    poor, medicaid = [], []
    for county in COUNTIES:
        context = context_of(size=N, counties=[county])
        people = _people(context)
        there = ~people.left_by(context.end)
        payer, age = _payers_at_the_end(context, people)[there], people.age[there]
        adults = (age >= 18) & (age < 65)
        low, high = binomial_interval(float(context.places.prevalence["ACCESS2"][0]), int(adults.sum()))
        assert low <= (payer[adults] == UNINSURED).mean() <= high
        assert 0.93 <= (payer[age >= 65] == MEDICARE).mean() <= 0.97
        assert not (payer[age > 66] == COMMERCIAL).any()
        poor.append(context.places.society.poverty[0])
        medicaid.append((payer[age < 65] == MEDICAID).mean())
    assert np.corrcoef(poor, medicaid)[0, 1] > 0.7


def test_children_are_in_a_parents_plan_until_26_and_payers_change(context_of: ContextOf) -> None:
    context = context_of(size=N, counties=["17031"])
    people = _people(context)
    coverage = make_coverage(context, people, make_health(context, people))
    subscriber = subscriber_of(people, coverage)
    through = subscriber != coverage.person
    age = people.age_at(coverage.person, coverage.start)
    child = people.relation[coverage.person] == CHILD
    assert (age[through & child] < 26).all()
    assert through[child & (age >= 19) & (age < 25)].mean() > 0.3
    # of those who become 65, nearly all have Medicare afterwards
    lines = np.array([PAYERS.index(plan["line"]) for plan in billing()["plans"]])[coverage.plan]
    became = (people.age[coverage.person] == 66) & (coverage.end > context.end)
    assert (lines[became] == MEDICARE).mean() > 0.85
    same = coverage.person[1:] == coverage.person[:-1]
    changed = np.unique(coverage.person[1:][same & (lines[1:] != lines[:-1])])
    assert 0.03 < len(changed) / N < 0.3


def _payers_at_the_end(context: Context, people: People) -> Ints:
    coverage = make_coverage(context, people, make_health(context, people))
    row = coverage.on(np.arange(N), np.minimum(people.last, context.end))
    lines = np.array([PAYERS.index(plan["line"]) for plan in billing()["plans"]])
    return np.where(row >= 0, lines[coverage.plan[row]], UNINSURED)


def test_use_follows_the_person_the_age_and_the_payer(database: Database, context_of: ContextOf) -> None:
    seen: dict[str, dict[str, float]] = {}
    for county in ("12119", "12001"):
        context = context_of(size=N, counties=[county])
        context = replace(context, scales=tuned(context, the_nation(database)))
        people = _people(context)
        events = make_care(context, people, make_health(context, people)).events
        urgent, stays = (np.flatnonzero(events.setting == setting) for setting in (ev.EMERGENCY, ev.INPATIENT))
        visits = np.zeros((3, N), dtype=np.int64)
        np.add.at(visits, ((context.end - events.day[urgent]) // 366, events.person[urgent]), 1)
        adults = (people.age >= 21) & (people.last >= context.end)
        now, before = visits[0][adults] > 0, visits[1][adults] > 0
        assert 0.18 <= now.mean() <= 0.24
        assert _odds(now[before]) / _odds(now[~before]) > 1.5
        rates = np.bincount(_payers_at_the_end(context, people)[events.person[urgent]], minlength=5)
        rates = rates / np.bincount(_payers_at_the_end(context, people), minlength=5)
        assert rates[MEDICAID] / rates[COMMERCIAL] > 2
        years = (people.last - people.first + 1).sum() / 365.25
        infants = people.age_at(events.person[urgent], events.day[urgent]) == 0
        seen[county] = {"stays": len(stays) / years, "infants": infants.sum() / EMERGENCY.years(people)[0]}
    assert 0.95 < seen["12001"]["infants"] < 1.3
    # where more than half are pensioners, more are in hospital than where students live
    assert seen["12119"]["stays"] / seen["12001"]["stays"] > 1.4


def _odds(happened: Bools) -> float:
    share = float(happened.mean())
    return share / (1 - share)
