"""Who pays second, coverage that was ended backwards, and Medicare for kidney failure."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from healthsim.db.connection import Database
from healthsim.exchange.x12.export import export_x12
from healthsim.generation import generate
from healthsim.generation.calibration import Scales, scale_prevalence
from healthsim.generation.coherence import check
from healthsim.generation.compiled import compile_knowledge
from healthsim.generation.fidelity.intervals import binomial_interval
from healthsim.generation.kernels.context import BLOCK, NEVER, Context
from healthsim.generation.kernels.coverage import Coverage, billing, make_coverage
from healthsim.generation.kernels.health import Health, make_health
from healthsim.generation.kernels.payers import dual_share
from healthsim.generation.kernels.people import People, make_people
from healthsim.generation.kernels.second_payers import medicare_of_kidneys
from healthsim.generation.knowledge_files import load_knowledge
from healthsim.generation.places import read_places
from healthsim.generation.remarks import remarks
from healthsim.generation.spec import PopulationSpec

ContextOf = Callable[..., Context]
LINES = np.array([plan["line"] for plan in billing()["plans"]])


@pytest.fixture(scope="module")
def context_of() -> ContextOf:
    database, knowledge = Database(":memory:"), compile_knowledge(load_knowledge(None).values())

    def make(**fields: Any) -> Context:
        spec = PopulationSpec(**fields)
        places = read_places(database, spec)
        return Context(spec, places, knowledge, Scales(scale_prevalence(knowledge, places)))

    return make


def _covered(context: Context, n: int) -> tuple[People, Health, Coverage]:
    people = make_people(context, np.arange(n, dtype=np.int64))
    health = make_health(context, people)
    return people, health, make_coverage(context, people, health)


def test_medicaid_beside_medicare_follows_the_poverty_of_the_county(context_of: ContextOf) -> None:
    poverty, shares = [], []
    for county in ("48427", "28151", "12119", "51107"):
        context = context_of(size=3 * BLOCK, counties=[county])
        people, _, coverage = _covered(context, 3 * BLOCK)
        old = np.flatnonzero((LINES[coverage.plan] == "medicare") & (people.ages[1][coverage.person] >= 65))
        has = coverage.second.of[coverage.person[old]] >= 0
        share = dual_share(context, np.zeros(1, dtype=np.int64), np.ones(1, dtype=bool))[0]
        # those of one household often have it together
        low, high = binomial_interval(share, len(old) // 2)
        assert low <= has.mean() <= high
        poverty.append(context.places.society.poverty[0])
        shares.append(has.mean())
    assert np.corrcoef(poverty, shares)[0, 1] > 0.9


def test_a_second_payer_stands_beside_a_first_and_medicaid_is_the_last(context_of: ContextOf) -> None:
    context = context_of(size=2 * BLOCK, counties=["28151"], cohort=["chronic_kidney_disease"])
    people, _, coverage = _covered(context, 2 * BLOCK)
    second = coverage.second
    assert len(np.unique(second.person)) == len(second.person) > 500
    last = np.minimum(second.end, people.last[second.person])
    for day in (second.start, last):
        row = coverage.on(second.person, day)
        assert (row >= 0).all()
        pairs = set(zip(LINES[coverage.plan[row]].tolist(), LINES[second.plan].tolist(), strict=True))
        assert pairs == {("medicare", "medicaid"), ("commercial", "medicare")}
    assert (second.on(second.person, second.start) == np.arange(len(second.person))).all()
    assert (second.on(second.person, second.start - 1) == -1).all()


def test_kidney_failure_brings_medicare_from_the_third_month_on(context_of: ContextOf) -> None:
    context = context_of(size=2 * BLOCK, counties=["28151"], cohort=["chronic_kidney_disease"], years=5)
    people, health, coverage = _covered(context, 2 * BLOCK)
    who, entitled = medicare_of_kidneys(context, people, health)
    assert len(who) > 100
    here = entitled <= people.last[who]
    day = np.maximum(entitled, people.first[who])
    first, second = coverage.on(who, day), coverage.second.on(who, day)
    medicare = (first >= 0) & (LINES[coverage.plan[first]] == "medicare")
    medicare |= (second >= 0) & (LINES[coverage.second.plan[second]] == "medicare")
    assert medicare[here].all()
    # 2024-01-31 and 2024-02-01: the first of the third month after
    onset = np.array(["2024-01-31", "2024-02-01"], dtype="datetime64[D]").astype(np.int64)
    row = context.knowledge.chronic_rows[context.knowledge.index("chronic_kidney_disease")]
    stages = context.knowledge.conditions[context.knowledge.chronic[row]].stages or ()
    health.onset[row, who[:2]] = onset
    assert [stage.name for stage in stages if "N18.6" in stage.codes] == ["dialysis"]
    begins = medicare_of_kidneys(context, people, health)[1][:2].astype("datetime64[D]").astype(str)
    assert begins.tolist() == ["2024-04-01", "2024-05-01"]


def test_nobody_young_has_medicare_for_a_disability(context_of: ContextOf) -> None:
    context = context_of(size=2 * BLOCK, counties=["28151"])
    people, health, coverage = _covered(context, 2 * BLOCK)
    who, _ = medicare_of_kidneys(context, people, health)
    rows = (LINES[coverage.plan] == "medicare") & ~np.isin(coverage.person, who)
    age = people.age_at(coverage.person[rows], coverage.start[rows] + 31)
    assert age.min() >= 20


def test_some_coverage_is_ended_backwards_until_the_next_begins(context_of: ContextOf) -> None:
    context = context_of(size=4 * BLOCK, counties=["06073"])
    people, _, coverage = _covered(context, 4 * BLOCK)
    late = np.flatnonzero(coverage.taken_until > coverage.end)
    assert 0.008 < len(late) / len(people) < 0.03
    assert (coverage.end[late] < NEVER).all()
    assert (coverage.taken_until[late] - coverage.end[late] <= 62).all()
    follows = np.flatnonzero(coverage.person[1:] == coverage.person[:-1])
    assert (coverage.taken_until[follows] < coverage.start[follows + 1]).all()
    day = coverage.end[late] + 1
    assert (coverage.on(coverage.person[late], day) == -1).all()
    assert (coverage.on(coverage.person[late], day, claimed=True) == late).all()


def test_coverage_does_not_depend_on_who_else_there_is(context_of: ContextOf) -> None:
    context = context_of(size=2 * BLOCK, counties=["28151"])
    (_, _, few), (_, _, many) = (_covered(context, n) for n in (BLOCK, 2 * BLOCK))
    n, seconds = len(few.person), len(few.second.person)
    for name in ("person", "plan", "start", "end", "taken_until", "ordinal"):
        assert (getattr(few, name) == getattr(many, name)[:n]).all()
    for name in ("person", "plan", "start", "end"):
        assert (getattr(few.second, name) == getattr(many.second, name)[:seconds]).all()


@pytest.fixture(scope="module")
def duals(tmp_path_factory: pytest.TempPathFactory) -> Database:
    database = Database(tmp_path_factory.mktemp("duals") / "duals.duckdb")
    spec = {"size": 400, "counties": ["28151"], "cohort": ["chronic_kidney_disease"], "ages": {"min": 30}, "years": 2}
    generate(spec, "duals", database=database)
    return database


@pytest.mark.long
def test_the_second_payer_pays_what_the_first_leaves_but_its_own_copay(duals: Database) -> None:
    with duals.read() as connection:
        claims = connection.execute(
            "SELECT c.claim_type, e.encounter_class, c.status, c.member_responsibility, c.secondary_paid, p.copay_pcp,"
            " p.copay_specialist, p.copay_er FROM claims AS c JOIN encounters AS e USING (encounter_id)"
            " JOIN members AS m ON m.member_id = c.secondary_member_id JOIN plans AS p ON p.plan_id = m.plan_id"
        ).fetchall()
        unpaid = connection.execute(
            "SELECT count(*) FROM claims AS c JOIN members AS m USING (member_id)"
            " WHERE c.service_date > m.coverage_end AND (c.status NOT IN ('denied', 'reversed') OR c.total_paid > 0)"
        ).fetchone()
    assert unpaid == (0,)
    assert len(claims) > 500
    for kind, care, status, share, paid, *copays in claims:
        if status != "paid" or not share:
            assert paid == 0
            continue
        left = share - paid
        carries = (kind == "institutional") == (care == "emergency")
        assert left in ({min(share, copay) for copay in copays} | {0} if carries else {0})
        assert 0 <= paid <= share
    assert sum(row[4] for row in claims) > 0
    result = check(duals, "duals")
    assert result["ok"], [rule for rule in result["rules"] if rule["violations"]]


@pytest.mark.long
def test_claims_and_remittances_name_the_second_payer(duals: Database, tmp_path: Path) -> None:
    export_x12(duals, "duals", tmp_path / "x12", transactions=["837P", "835"])
    claims, payments = ((tmp_path / f"x12/{kind}.x12").read_text().replace("\n", "") for kind in ("837P", "835"))
    assert "~SBR*S*18*" in claims
    assert "~OI***Y***Y~NM1*IL*1*" in claims
    with duals.read() as connection:
        paid = connection.execute(
            "SELECT claim_id FROM claims WHERE secondary_member_id IS NOT NULL AND status = 'paid' LIMIT 20"
        ).fetchall()
    assert all(f"~CLP*{claim}*19*" in payments for (claim,) in paid)
    assert "~NM1*TT*2*HARBOR COMMUNITY PLAN*****PI*SYN05~" in payments.upper()


def test_the_members_of_two_payers_are_told_apart(duals: Database) -> None:
    with duals.read() as connection:
        rows = connection.execute(
            "SELECT person_id, json_group_array(member_number), json_group_array(coverage_order) FROM members"
            " WHERE person_id IN (SELECT person_id FROM members WHERE coverage_order = 2) GROUP BY person_id"
        ).fetchall()
    assert rows
    for _, numbers, orders in rows:
        assert sorted(set(json.loads(orders))) == [1, 2]
        assert len(set(json.loads(numbers))) == 2


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            {"ages": {"max": 17}, "payers": {"medicare": 1}},
            "children have it for kidney failure only. Here 100% of all",
        ),
        ({"ages": {"min": 20, "max": 40}, "payers": {"medicare": 1}}, "3 of 100 adults. Here 100% of all have it"),
        ({"payers": {"medicare": 1, "commercial": 3}}, "25% of those below 65 have Medicare too, children among them"),
        ({"ages": {"min": 66}, "payers": {"exchange": 1, "medicare": 9}}, "who has Medicare cannot be sold one"),
        ({"ages": {"min": 66}, "payers": {"commercial": 1}}, "here 100% have another payer alone"),
    ],
)
def test_payers_that_nobody_can_have_are_said(context_of: ContextOf, asked: dict[str, Any], said: str) -> None:
    (sentence, *_) = [remark for remark in remarks(context_of(size=10, counties=["06073"], **asked)) if said in remark]
    assert sentence.endswith(".")
    assert not remarks(context_of(size=10, counties=["06073"]))
