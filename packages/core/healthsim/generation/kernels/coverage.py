"""Who is insured by which plan, from when to when: members, and members of pharmacy benefits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from healthsim.generation import columns as col
from healthsim.generation.kernels.context import NEVER, YEAR, Bools, Context, Ints, day_of_month, year_of
from healthsim.generation.kernels.payers import (
    COMMERCIAL,
    EXCHANGE,
    MEDICARE,
    PAYERS,
    UNINSURED,
    band_of,
    draw_payers,
    pick_payers,
)
from healthsim.generation.kernels.people import CHILD, COUNTY_DIGITS, INSURED_WITH_PARENTS, SPOUSE, People
from healthsim.generation.kernels.roster import Roster
from healthsim.generation.ordering import among, order_of
from healthsim.generation.packaged import figures
from healthsim.generation.places import OLD
from healthsim.generation.randomness import choose, cumulated

#: share of people whose coverage has a gap within the history; an assumption
GAPS = 0.08
#: a gap lasts so many days and up to so many more, to whole months; it needs so long a life in the history, begins so long after
#: its first day and that long before its last: assumptions
_GAP_DAYS, _ROOM_FOR_A_GAP, _BEFORE_GAP, _UNTIL_GAP = (45, 150), 300, 60, 250
#: share of those with a privately insured parent or partner who are in the same plan; an assumption
DEPENDENTS = 0.85
#: share of people whose payer is drawn anew in January: an assumption, from the Census Bureau's Survey of Income and Program
#: Participation, in which about a tenth of those under 65 change the kind of coverage within a year
CHANGES_A_YEAR = 0.1
#: NCPDP 303-C3: the cardholder, the spouse, and the children in their order
PERSON_CODES = tuple(f"{number:02}" for number in range(1, 100))
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
class Enrolment:
    """How each person of a batch is insured.

    Attributes:
        payer: at first. later: from the day on which it changes.
        plan, later_plan: places among the plans before and from then, -1 without one.
        turns: the first day of the later plan, the first of a month; NEVER of those who do not change.
    """

    payer: Ints
    later: Ints
    plan: Ints
    later_plan: Ints
    turns: Ints


def make_coverage(context: Context, people: People) -> Coverage:
    """Spans of a batch: by age and payer mix, through a parent or partner, with gaps and changes, and Medicare from 65 on."""
    enrolment = enrol(context, people)
    first_day = people.first
    switch = (enrolment.later_plan != enrolment.plan) & (enrolment.turns > first_day) & (enrolment.turns <= people.last)
    gap, gap_from, gap_to = _gaps(context, people, enrolment.payer)
    gap &= ~switch
    # what was before the history is not told: months of coverage without care would be free months
    end = np.where((people.death <= context.end) | (people.last < context.end), people.last, NEVER)
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


def enrol(context: Context, people: People) -> Enrolment:
    """Payers and plans of each person: the own ones, or those of a parent or partner through whom many are insured."""
    if context.spec.payers:
        return _of_a_mix(context, people)
    later = draw_payers(context, people, band_of(people.ages[1]), "payer")
    payer, turns = later.copy(), np.full(len(people), NEVER)
    _before_january(context, people, payer, turns)
    _before_65(context, people, payer, turns)
    plan, later_plan = _plan(context, people, payer), _plan(context, people, later)
    _through_others(context, people, Enrolment(payer, later, plan, later_plan, turns))
    return Enrolment(payer, later, plan, later_plan, turns)


def _of_a_mix(context: Context, people: People) -> Enrolment:
    """Payers as a spec wants them, drawn for the family: who is insured through another then has the payer that was drawn."""
    u = context.draws.uniform("payer", people.number[people.parent])
    mix = [context.spec.payers.get(name, 0.0) for name in PAYERS]  # type: ignore[call-overload]  # PAYERS are Payer
    payer = choose(u, cumulated(mix))
    plan = _plan(context, people, payer)
    family = (people.relation > 0) & among(payer, (COMMERCIAL, EXCHANGE))
    family &= (people.relation == SPOUSE) | (people.ages[1] < INSURED_WITH_PARENTS)
    family &= context.draws.uniform("dependent", people.number) < DEPENDENTS
    plan = np.where(family, plan[people.parent], plan)
    return Enrolment(payer, payer, plan, plan, np.full(len(people), NEVER))


def _before_january(context: Context, people: People, payer: Ints, turns: Ints) -> None:
    """Some people had another payer until a January of the history: jobs and incomes change, and plans with them."""
    years = np.arange(year_of(np.array([context.start]))[0] + 1, year_of(np.array([context.end]))[0] + 1)
    if not len(years):
        return
    day = (years - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    draws, number = context.draws, people.number
    changes = draws.uniform("change", number) < CHANGES_A_YEAR * len(years)
    # who is uninsured at the end is taken to have been so for long; gaps of the others are short
    changes &= ~among(payer, (MEDICARE, UNINSURED)) & (people.ages[1] < OLD)
    who = np.flatnonzero(changes)
    turns[who] = day[draws.integer("change/year", number[who], len(years))]
    payer[who] = pick_payers(context, people, who, band_of(people.ages[1][who]), "payer before")


def _before_65(context: Context, people: People, payer: Ints, turns: Ints) -> None:
    """Whoever became 65 within the history had another payer before the month of that birthday."""
    birthday = _birthday(people.birth, OLD)
    month = birthday - (day_of_month(birthday) - 1)
    rows = np.flatnonzero((month > people.first) & (month <= people.last) & (people.ages[1] >= OLD - 1))
    band = np.full(len(rows), band_of(np.array([OLD - 1]))[0])
    payer[rows], turns[rows] = pick_payers(context, people, rows, band, "payer before 65"), month[rows]


def _through_others(context: Context, people: People, enrolment: Enrolment) -> None:
    """Children until 26, and partners, are in the plan of a privately insured parent or partner, with its changes.

    Who is uninsured or covered by Medicaid or Medicare stays so. Grown children have a plan of their own from 26 on.
    """
    parent = people.parent
    private = (COMMERCIAL, EXCHANGE)
    family = (people.relation > 0) & among(enrolment.later[parent], private) & among(enrolment.later, private)
    family &= (context.draws.uniform("dependent", people.number) < DEPENDENTS) | (people.relation == CHILD)
    family &= people.ages[1] < OLD
    leaves = _birthday(people.birth, INSURED_WITH_PARENTS)
    leaves -= day_of_month(leaves) - 1
    rows = np.flatnonzero(family & ((people.relation == SPOUSE) | (leaves > context.end)))
    of = parent[rows]
    enrolment.payer[rows], enrolment.plan[rows] = enrolment.payer[of], enrolment.plan[of]
    enrolment.later[rows], enrolment.later_plan[rows] = enrolment.later[of], enrolment.later_plan[of]
    enrolment.turns[rows] = enrolment.turns[of]
    out = np.flatnonzero(family & (people.relation == CHILD) & (leaves <= context.end) & (leaves > context.start))
    enrolment.payer[out], enrolment.plan[out] = enrolment.later[parent[out]], enrolment.later_plan[parent[out]]
    enrolment.turns[out] = leaves[out]
    same = out[enrolment.plan[out] == enrolment.later_plan[out]]
    enrolment.later_plan[same] = _another_plan()[enrolment.plan[same]]


def _gaps(context: Context, people: People, payer: Ints) -> tuple[Bools, Ints, Ints]:
    """(whether a person's coverage has a gap, its first day, the first day after it): whole months."""
    draws, first_day = context.draws, people.first
    gap = (draws.uniform("gap", people.number) < GAPS) & (payer != MEDICARE)
    gap &= (people.last - first_day > _ROOM_FOR_A_GAP) & (people.birth < context.start)
    span = np.maximum(people.last - first_day - _UNTIL_GAP, 1)
    begins = first_day + _BEFORE_GAP + (draws.uniform("gap/from", people.number) * span).astype(np.int64)
    begins += 1 - day_of_month(begins)
    ends = begins + _GAP_DAYS[0] + draws.integer("gap/days", people.number, _GAP_DAYS[1])
    ends += 1 - day_of_month(ends)
    return gap, begins, ends


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


@cache
def _another_plan() -> Ints:
    """For each plan the next one of its line of business."""
    lines = [plan["line"] for plan in billing()["plans"]]
    alike = [[place for place, other in enumerate(lines) if other == line] for line in lines]
    return np.array([places[(places.index(place) + 1) % len(places)] for place, places in enumerate(alike)])


def _birthday(birth: Ints, age: int) -> Ints:
    day: Ints = birth + round(age * YEAR)
    return day


# -- tables --------------------------------------------------------------------------------------------------------------


def make_plans() -> pa.Table:
    """The plans on offer."""
    plans = billing()["plans"]

    def cents(key: str, factor: int = 100) -> pa.Array:
        return col.money(np.array([plan[key] * factor for plan in plans], dtype=np.int64))

    payers = [billing()["payers"][plan["payer"]] for plan in plans]
    copays = [np.array([plan["copay"][which] * 100 for plan in plans], dtype=np.int64) for which in range(3)]
    return pa.table(
        {
            "plan_id": [plan["id"] for plan in plans],
            "plan_code": [plan["code"] for plan in plans],
            "plan_name": [plan["name"] for plan in plans],
            "payer_name": [plan["payer"] for plan in plans],
            "payer_id": [payer["id"] for payer in payers],
            "payer_phone": [payer["phone"] for payer in payers],
            "payer_address_line1": [payer["address"] for payer in payers],
            "payer_city": [payer["city"] for payer in payers],
            "payer_state": [payer["state"] for payer in payers],
            "payer_postal_code": [payer["zip"] for payer in payers],
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
    leaves = _birthday(people.birth, INSURED_WITH_PARENTS)[coverage.person]
    family &= (people.relation[coverage.person] != CHILD) | (coverage.start < leaves)
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


@dataclass(frozen=True)
class Cards:
    """What stands on the cards of the pharmacy benefit, by person of the batch.

    Attributes:
        holder: characters of the cardholder's number. code: place among ``PERSON_CODES``. plan: place among the plans, -1 of those
            who are never insured.
    """

    holder: col.Bytes
    code: Ints
    plan: Ints

    def columns(self, person: Ints) -> dict[str, pa.Array]:
        """The columns of rows of insured persons."""
        return {
            "cardholder_id": col.strings(col.gathered(self.holder, person)),
            "person_code": col.coded(self.code.take(person), PERSON_CODES),
            "bin": col.constant("999999", len(person)),
            "pcn": col.constant("SYNRX", len(person)),
            "group_number": col.coded(self.plan.take(person), [f"RX{plan['code']}" for plan in billing()["plans"]]),
        }


def make_cards(people: People, coverage: Coverage) -> Cards:
    """The cards of a batch: as of the last span of coverage."""
    person = np.flatnonzero(coverage.spans > 0)
    last = coverage.first[person] + coverage.spans[person] - 1
    subscriber, plan = np.arange(len(people)), np.full(len(people), -1)
    subscriber[person] = subscriber_of(people, coverage)[last]
    plan[person] = coverage.plan[last]
    code = np.where(subscriber == np.arange(len(people)), 0, 1)
    children = np.flatnonzero((code > 0) & (people.relation > 1))
    children = children[np.argsort(subscriber[children], kind="stable")]
    firsts = np.flatnonzero(np.diff(subscriber[children], prepend=-1))
    code[children] = 2 + np.arange(len(children)) - np.repeat(firsts, np.diff(firsts, append=len(children)))
    return Cards(col.gathered(people.ids("RX"), subscriber), code, plan)


def make_rx_members(roster: Roster, coverage: Coverage, members: pa.Array, shared: Mapping[str, pa.Array]) -> pa.Table:
    """One row for each person who is ever insured: the pharmacy benefit runs from the first span to the last."""
    people, plans = roster.timeline.people, billing()["plans"]
    person = np.flatnonzero(coverage.spans > 0)
    last = coverage.first[person] + coverage.spans[person] - 1
    over = coverage.end[last] <= roster.timeline.context.end
    own = pa.array(person)
    return pa.table(
        {
            "rx_member_id": col.strings(col.gathered(people.ids("RXM-"), person)),
            **{name: column.take(own) for name, column in shared.items()},
            "person_id": col.strings(col.gathered(people.ids("PER-"), person)),
            "member_id": members.take(pa.array(last)),
            **make_cards(people, coverage).columns(person),
            "plan_code": col.coded(coverage.plan[last], [plan["code"] for plan in plans]),
            "formulary_id": col.coded(coverage.plan[last], [f"FRM-{plan['line'].upper()}" for plan in plans]),
            "effective_date": col.days(coverage.start[coverage.first[person]]),
            "termination_date": col.days(np.where(over, coverage.end[last], 0), ~over),
        }
    )
