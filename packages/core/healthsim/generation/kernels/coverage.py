"""Who is insured by which plan, from when to when: members, and members of pharmacy benefits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from healthsim.generation import columns as col
from healthsim.generation.kernels.context import NEVER, YEAR, Bools, Context, Ints, day_of_month
from healthsim.generation.kernels.people import COUNTY_DIGITS, People
from healthsim.generation.kernels.roster import Roster
from healthsim.generation.ordering import among, order_of
from healthsim.generation.packaged import figures
from healthsim.generation.places import OLD, facts
from healthsim.generation.randomness import choose, cumulated

PAYERS = ("commercial", "medicare", "medicaid", "exchange", "uninsured")
COMMERCIAL, MEDICARE, MEDICAID, EXCHANGE, UNINSURED = range(5)
#: share of people whose coverage has a gap within the history; an assumption
GAPS = 0.08
#: a gap lasts so many days and up to so many more, to whole months; it needs so long a life in the history, begins so long after
#: its first day and that long before its last: assumptions
_GAP_DAYS, _ROOM_FOR_A_GAP, _BEFORE_GAP, _UNTIL_GAP = (45, 150), 300, 60, 250
#: share of those with a privately insured parent or partner who are in the same plan; an assumption
DEPENDENTS = 0.85
#: payers are drawn by these ages; the share of uninsured adults is the county's own
_BANDS = ((0, 19), (19, OLD), (OLD, 200))
#: keeps a share below 1 when it is looked up
_BELOW_1 = 0.999999
#: a family's limits are so many times those of one: 45 CFR 156.130(a), and the custom for deductibles
_FAMILY = 2


def billing() -> dict[str, Any]:
    """The figures of ``data/services.yaml``."""
    return figures("services.yaml")


@dataclass(frozen=True)
class Coverage:
    """Spans of coverage, in the order of persons and time; one row each.

    Attributes:
        person: the place in the batch. plan: the place among the plans. start, end: days; NEVER is open.
        ordinal: the place among the person's spans.
        first: (person,) the row of the first span, -1 for those who are never insured; spans: how many each has.
    """

    person: Ints
    plan: Ints
    start: Ints
    end: Ints
    ordinal: Ints
    first: Ints
    spans: Ints

    def on(self, person: Ints, day: Ints) -> Ints:
        """The row of the span that covers a person on a day, -1 where there is none."""
        covering = np.full(len(person), -1)
        first, spans = self.first.take(person), self.spans.take(person)
        for nth in range(int(self.spans.max(initial=0))):
            at = np.flatnonzero(spans > nth)
            row, then = first.take(at) + nth, day.take(at)
            covers = (self.start.take(row) <= then) & (then <= self.end.take(row))
            covering[at.compress(covers)] = row.compress(covers)
        return covering


@dataclass(frozen=True)
class _Enrolment:
    """How each person of a batch is insured.

    Attributes:
        payer: at first. plan, later_plan: places among the plans before and from ``turns``, -1 without one.
        turns: the first day of the month of the 65th birthday.
    """

    payer: Ints
    plan: Ints
    later_plan: Ints
    turns: Ints


def make_coverage(context: Context, people: People) -> Coverage:
    """Spans of a batch: by age and payer mix, through a parent or partner, with gaps, and Medicare from 65 on."""
    enrolment = _enrol(context, people)
    first_day = np.maximum(context.start, people.birth)
    switch = (enrolment.later_plan != enrolment.plan) & (enrolment.turns > first_day) & (enrolment.turns <= people.last)
    gap, gap_from, gap_to = _gaps(context, people, enrolment.payer)
    gap &= ~switch
    # what was before the history is not told: months of coverage without care would be free months
    end = np.where(people.death <= context.end, people.death, NEVER)
    insured = enrolment.plan >= 0
    pieces = (
        (insured & ~gap & ~switch, enrolment.plan, first_day, end),
        (insured & gap, enrolment.plan, first_day, gap_from - 1),
        (insured & gap & (gap_to <= people.last), enrolment.plan, gap_to, end),
        (insured & switch, enrolment.plan, first_day, enrolment.turns - 1),
        ((enrolment.later_plan >= 0) & switch, enrolment.later_plan, enrolment.turns, end),
    )
    person = np.concatenate([np.flatnonzero(whose) for whose, *_ in pieces])
    plan, start, end = (np.concatenate([piece[which][piece[0]] for piece in pieces]) for which in (1, 2, 3))
    good = np.flatnonzero(end >= start)
    good = good[order_of(person[good], start[good])]
    person = person[good]
    spans = np.bincount(person, minlength=len(people))
    first = np.where(spans > 0, np.cumsum(spans) - spans, -1)
    return Coverage(person, plan[good], start[good], end[good], col.runs(person)[0], first, spans)


def _enrol(context: Context, people: People) -> _Enrolment:
    """Payers and plans of each person: first the own, then the one of a parent or partner through whom many are insured."""
    first_day = np.maximum(context.start, people.birth)
    turns = _birthday(people.birth, OLD)
    turns -= day_of_month(turns) - 1
    payer = _payer(context, people, first_day)
    ages_in = (turns > first_day) & (turns <= people.last) & (payer != MEDICARE)
    later = payer if context.spec.payers else np.where(ages_in, _payer(context, people, turns), payer)
    plan, later_plan = _plan(context, people, payer), _plan(context, people, later)
    shares = (people.relation > 0) & among(payer[people.parent], (COMMERCIAL, EXCHANGE)) & (payer != MEDICARE)
    shares &= context.draws.uniform("dependent", people.number) < DEPENDENTS
    plan = np.where(shares, plan[people.parent], plan)
    return _Enrolment(payer, plan, np.where(shares & (later == payer), plan, later_plan), turns)


def _gaps(context: Context, people: People, payer: Ints) -> tuple[Bools, Ints, Ints]:
    """(whether a person's coverage has a gap, its first day, the first day after it): whole months."""
    draws, first_day = context.draws, np.maximum(context.start, people.birth)
    gap = (draws.uniform("gap", people.number) < GAPS) & (payer != MEDICARE)
    gap &= (people.last - first_day > _ROOM_FOR_A_GAP) & (people.birth < context.start)
    span = np.maximum(people.last - first_day - _UNTIL_GAP, 1)
    begins = first_day + _BEFORE_GAP + (draws.uniform("gap/from", people.number) * span).astype(np.int64)
    begins += 1 - day_of_month(begins)
    ends = begins + _GAP_DAYS[0] + draws.integer("gap/days", people.number, _GAP_DAYS[1])
    ends += 1 - day_of_month(ends)
    return gap, begins, ends


def _payer(context: Context, people: People, day: Ints) -> Ints:
    """The payer by age on a day; the share of uninsured adults is the county's own, where it is known (ACCESS2)."""
    if context.spec.payers:
        # drawn for the household: who is insured through another then has the payer that was drawn, and the mix is met
        u = context.draws.uniform("payer", people.number[people.parent])
        mix = [context.spec.payers.get(name, 0.0) for name in PAYERS]  # type: ignore[call-overload]  # PAYERS are Payer
        return choose(u, cumulated(mix))
    u = context.draws.uniform("payer", people.number)
    age = (day - people.birth) / YEAR
    shares = facts()["payers"]
    result = np.zeros(len(people), dtype=np.int64)
    uninsured = context.places.prevalence.get("ACCESS2", np.full(len(context.places), np.nan))
    for low, high in _BANDS:
        rows = np.flatnonzero((age >= low) & (age < high))
        weights = np.array([shares[low].get(name, 0.0) for name in PAYERS])
        own_figure = ~np.isnan(uninsured) & (low == _BANDS[1][0])
        share = np.where(own_figure, uninsured, weights[UNINSURED])[people.county[rows]]
        insured = choose((u[rows] / (1 - share)).clip(max=_BELOW_1), cumulated(weights[:UNINSURED]))
        result[rows] = np.where(u[rows] >= 1 - share, UNINSURED, insured)
    return result


def _plan(context: Context, people: People, payer: Ints) -> Ints:
    plans = billing()["plans"]
    u = context.draws.uniform("plan", people.number)
    result = np.full(len(people), -1)
    for number, name in enumerate(PAYERS[:UNINSURED]):
        places = [place for place, plan in enumerate(plans) if plan["line"] == name]
        rows = np.flatnonzero(payer == number)
        picked = choose(u[rows], cumulated([plans[place]["weight"] for place in places]))
        result[rows] = np.array(places)[picked]
    return result


def _birthday(birth: Ints, age: int) -> Ints:
    day: Ints = birth + round(age * YEAR)
    return day


# -- tables --------------------------------------------------------------------------------------------------------------


def make_plans() -> pa.Table:
    """The plans on offer."""
    plans = billing()["plans"]

    def cents(key: str, factor: int = 100) -> pa.Array:
        return col.money(np.array([plan[key] * factor for plan in plans], dtype=np.int64))

    copays = [np.array([plan["copay"][which] * 100 for plan in plans], dtype=np.int64) for which in range(3)]
    return pa.table(
        {
            "plan_id": [plan["id"] for plan in plans],
            "plan_code": [plan["code"] for plan in plans],
            "plan_name": [plan["name"] for plan in plans],
            "payer_name": [plan["payer"] for plan in plans],
            "plan_type": [plan["type"] for plan in plans],
            "line_of_business": [plan["line"] for plan in plans],
            "metal_level": [plan.get("metal") for plan in plans],
            "deductible_individual": cents("deductible"),
            "deductible_family": cents("deductible", _FAMILY * 100),
            "oop_max_individual": cents("oop_max"),
            "oop_max_family": cents("oop_max", _FAMILY * 100),
            "copay_pcp": col.money(copays[0]),
            "copay_specialist": col.money(copays[1]),
            "copay_er": col.money(copays[2]),
            "coinsurance_pct": [float(plan["coinsurance"]) for plan in plans],
            "formulary_id": [f"FRM-{plan['line'].upper()}" for plan in plans],
        }
    )


def member_ids(people: People, coverage: Coverage) -> pa.Array:
    """Identifiers of the members: one for each span."""
    ids = col.gathered(people.ids("MEM-"), coverage.person)
    return col.strings(col.texts(ids, "-", col.digits(coverage.ordinal + 1, 1), rows=len(coverage.person)))


def subscriber_of(people: People, coverage: Coverage) -> Ints:
    """For each span, the place of the person whose number the family is insured under."""
    parent = people.parent[coverage.person]
    insured = coverage.on(parent, np.minimum(coverage.end, people.last[coverage.person]))
    same = (insured >= 0) & (coverage.plan[insured] == coverage.plan)
    plans = billing()["plans"]
    family = np.array([plan["line"] in ("commercial", "exchange") for plan in plans])[coverage.plan]
    return np.where(same & family, parent, coverage.person)


def make_members(roster: Roster, coverage: Coverage, ids: pa.Array, shared: Mapping[str, pa.Array]) -> pa.Table:
    """One row for each span of coverage."""
    people, context = roster.timeline.people, roster.timeline.context
    person, plans = coverage.person, billing()["plans"]
    subscriber = subscriber_of(people, coverage)
    relation = np.where(subscriber == person, 0, people.relation[person])
    own = pa.array(person)
    group = col.digits(context.draws.integer("group", people.number[subscriber], 900) + 100, 4)
    of_county = people.digits[subscriber, :COUNTY_DIGITS]
    over = coverage.end <= context.end
    return pa.table(
        {
            "member_id": ids,
            **{name: column.take(own) for name, column in shared.items()},
            "patient_id": roster.patient(person),
            "person_id": col.strings(col.gathered(people.ids("PER-"), person)),
            "member_number": col.strings(col.gathered(people.ids("MBR"), person)),
            "subscriber_id": col.strings(col.gathered(people.ids("MBR"), subscriber)),
            "relationship_code": col.coded(relation, ["18", "01", "19"]),
            "group_id": col.strings(col.texts("GRP-", of_county, group, rows=len(person))),
            "plan_id": col.coded(coverage.plan, [plan["id"] for plan in plans]),
            "plan_code": col.coded(coverage.plan, [plan["code"] for plan in plans]),
            "payer_name": col.coded(coverage.plan, [plan["payer"] for plan in plans]),
            "coverage_start": col.days(coverage.start),
            "coverage_end": col.days(np.where(over, coverage.end, 0), ~over),
            "coverage_status": col.coded(over.astype(np.int64), ["active", "terminated"]),
            "pcp_provider_id": col.coded(roster.primary[person], roster.provider_ids),
        }
    )


def make_rx_members(roster: Roster, coverage: Coverage, members: pa.Array, shared: Mapping[str, pa.Array]) -> pa.Table:
    """One row for each person who is ever insured: the pharmacy benefit runs from the first span to the last."""
    people, plans = roster.timeline.people, billing()["plans"]
    person = np.flatnonzero(coverage.spans > 0)
    last = coverage.first[person] + coverage.spans[person] - 1
    subscriber = subscriber_of(people, coverage)[last]
    over = coverage.end[last] <= roster.timeline.context.end
    own = pa.array(person)
    return pa.table(
        {
            "rx_member_id": col.strings(col.gathered(people.ids("RXM-"), person)),
            **{name: column.take(own) for name, column in shared.items()},
            "person_id": col.strings(col.gathered(people.ids("PER-"), person)),
            "member_id": members.take(pa.array(last)),
            "cardholder_id": col.strings(col.gathered(people.ids("RX"), subscriber)),
            "person_code": col.coded(np.where(subscriber == person, 0, people.relation[person]), ["01", "02", "03"]),
            "bin": col.constant("999999", len(person)),
            "pcn": col.constant("SYNRX", len(person)),
            "group_number": col.coded(coverage.plan[last], [f"RX{plan['code']}" for plan in plans]),
            "plan_code": col.coded(coverage.plan[last], [plan["code"] for plan in plans]),
            "formulary_id": col.coded(coverage.plan[last], [f"FRM-{plan['line'].upper()}" for plan in plans]),
            "effective_date": col.days(coverage.start[coverage.first[person]]),
            "termination_date": col.days(np.where(over, coverage.end[last], 0), ~over),
        }
    )
