"""Who is insured by which plan, from when to when, and who pays second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from healthsim.generation import columns as col
from healthsim.generation.kernels.context import NEVER, Bools, Context, Ints, day_of_month
from healthsim.generation.kernels.enrolment import Enrolment, billing, birthday, enrol
from healthsim.generation.kernels.health import Health
from healthsim.generation.kernels.payers import COMMERCIAL, EXCHANGE, MEDICAID, MEDICARE
from healthsim.generation.kernels.people import CHILD, INSURED_WITH_PARENTS, People
from healthsim.generation.kernels.second_payers import (
    Kidneys,
    Second,
    after_employer,
    first_of_month,
    may_have,
    medicare_of_kidneys,
    plan_of,
    second_payers,
)
from healthsim.generation.ordering import among, order_of

__all__ = ["Coverage", "billing", "make_coverage", "subscriber_of"]

#: share of people whose coverage has a gap within the history; an assumption
GAPS = 0.08
#: a gap lasts so many days and up to so many more, to whole months; it needs so long a life in the history, begins so long after
#: its first day and that long before its last: assumptions
_GAP_DAYS, _ROOM_FOR_A_GAP, _BEFORE_GAP, _UNTIL_GAP = (45, 150), 300, 60, 250
#: share of gaps that begin backwards, since nothing was paid: the coverage ends with the first month of three in which it might have
#: been (45 CFR 156.270(d) of marketplace plans), and claims were sent in the other two; the share is an assumption
BACKWARDS, _GRACE = 0.3, 2


@dataclass(frozen=True)
class Coverage:
    """Spans of coverage, in the order of persons and time; one row each.

    Attributes:
        person: the place in the batch. plan: the place among the plans. start, end: days; NEVER is open.
        taken_until: the day until which the person was taken for covered; after the end of a span that was ended backwards.
        ordinal: the place among the person's spans.
        first: (person,) the row of the first span, -1 for those who are never insured; spans: how many each has.
        second: spans of those who pay second.
    """

    person: Ints
    plan: Ints
    start: Ints
    end: Ints
    taken_until: Ints
    ordinal: Ints
    first: Ints
    spans: Ints
    second: Second

    def on(self, person: Ints, day: Ints, *, claimed: bool = False) -> Ints:
        """The row of the span that covers a person on a day, -1 where there is none.

        Args:
            claimed: the span to which a claim of that day is sent, which may have been ended backwards since.
        """
        until = self.taken_until if claimed else self.end
        covering = np.full(len(person), -1)
        first, spans = self.first.take(person), self.spans.take(person)
        for nth in range(int(self.spans.max(initial=0))):
            at = np.flatnonzero(spans > nth)
            row, then = first.take(at) + nth, day.take(at)
            covers = (self.start.take(row) <= then) & (then <= until.take(row))
            covering[at.compress(covers)] = row.compress(covers)
        return covering


def make_coverage(context: Context, people: People, health: Health) -> Coverage:
    """Spans of a batch: by age and payer mix, through a parent or partner, with gaps and changes, and Medicare from 65 on."""
    enrolment = enrol(context, people)
    kidneys = _of_kidneys(context, people, health, enrolment)
    first_day = people.first
    switch = (enrolment.later_plan != enrolment.plan) & (enrolment.turns > first_day) & (enrolment.turns <= people.last)
    gap, gap_from, gap_to = _gaps(context, people, enrolment.payer)
    gap &= ~switch
    gap[kidneys.beside] = False
    # what was before the history is not told: months of coverage without care would be free months
    end = _ends(context, people)
    insured = enrolment.plan >= 0
    pieces = (
        (insured & ~gap & ~switch, enrolment.plan, first_day, end),
        (insured & gap, enrolment.plan, first_day, gap_from - 1),
        (insured & gap & (gap_to <= people.last), enrolment.plan, gap_to, end),
        (insured & switch, enrolment.plan, first_day, enrolment.turns - 1),
        ((enrolment.later_plan >= 0) & switch, enrolment.later_plan, enrolment.turns, end),
    )
    person, plan, start, end = _in_order(pieces)
    spans = np.bincount(person, minlength=len(people))
    first = np.where(spans > 0, np.cumsum(spans) - spans, -1)
    second = second_payers(context, people, person, plan, start, end, kidneys)
    # Medicaid asks for no premiums
    unpaid = gap & among(enrolment.payer, (COMMERCIAL, EXCHANGE))
    taken_until = _taken_until(context, people, person, end, np.where(unpaid, gap_from, NEVER), gap_to)
    return Coverage(person, plan, start, end, taken_until, col.runs(person)[0], first, spans, second)


def _in_order(pieces: Sequence[tuple[Bools, Ints, Ints, Ints]]) -> tuple[Ints, Ints, Ints, Ints]:
    """(person, plan, start, end) of the spans of several kinds, in the order of persons and time; those of no day are left out.

    Args:
        pieces: who has one of the kind, and plan, first and last day of everyone's.
    """
    person = np.concatenate([np.flatnonzero(whose) for whose, *_ in pieces])
    plan, start, end = (np.concatenate([piece[which][piece[0]] for piece in pieces]) for which in (1, 2, 3))
    good = np.flatnonzero(end >= start)
    good = good[order_of(person[good], start[good])]
    return person[good], plan[good], start[good], end[good]


def _taken_until(context: Context, people: People, person: Ints, end: Ints, gap_from: Ints, gap_to: Ints) -> Ints:
    """The day until which claims were sent to each span: some are ended backwards, when premiums were not paid."""
    late = (end == gap_from[person] - 1) & (context.draws.uniform("backwards", people.number[person]) < BACKWARDS)
    grace = first_of_month(end + 1, _GRACE) - 1
    until = np.minimum(np.minimum(grace, gap_to[person] - 1), people.last[person])
    return np.where(late, until, end)


def _of_kidneys(context: Context, people: People, health: Health, enrolment: Enrolment) -> Kidneys:
    """Give people with kidney failure Medicare, beside the plan of an employer or after it."""
    if not may_have(context, MEDICARE):
        none = np.zeros(0, dtype=np.int64)
        return Kidneys(none, none, none, none)
    who, entitled = medicare_of_kidneys(context, people, health)
    turned = enrolment.turns[who] <= entitled
    payer = np.where(turned, enrolment.later[who], enrolment.payer[who])
    turns = enrolment.turns[who]
    begins = np.where(payer == COMMERCIAL, after_employer(entitled), entitled)
    leaves = (payer == COMMERCIAL) & ~turned & (enrolment.later[who] != COMMERCIAL)
    begins = np.where(leaves, np.minimum(begins, turns), begins)
    beside = (payer == COMMERCIAL) & (entitled <= people.last[who]) & (begins > people.first[who])
    # who comes to be 65 before then has Medicare anyway
    has = (enrolment.later[who] == MEDICARE) & ((enrolment.payer[who] == MEDICARE) | (turns <= begins))
    late = ~has & (begins <= people.last[who])
    rows, begins_then = who[late], begins[late]
    before = begins_then > people.first[rows]
    plan, payer_then = np.where(turned, enrolment.later_plan[who], enrolment.plan[who])[late], payer[late]
    medicare = plan_of("medicare", "FFS")
    enrolment.later[rows], enrolment.later_plan[rows] = MEDICARE, medicare
    enrolment.payer[rows] = np.where(before, payer_then, MEDICARE)
    enrolment.plan[rows] = np.where(before, plan, medicare)
    enrolment.turns[rows] = np.where(before, begins_then, NEVER)
    own, until = who[beside], begins[beside] - 1
    start, end = np.maximum(entitled[beside], people.first[own]), np.minimum(until, _ends(context, people)[own])
    return Kidneys(own, start, end, who[payer == MEDICAID])


def _ends(context: Context, people: People) -> Ints:
    """The last day of coverage that nothing ends before: the death or the move, NEVER of those who stay."""
    return np.where((people.death <= context.end) | (people.last < context.end), people.last, NEVER)


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


def subscriber_of(people: People, coverage: Coverage) -> Ints:
    """For each span, the place of the person whose number the family is insured under."""
    parent = people.parent[coverage.person]
    insured = coverage.on(parent, np.minimum(coverage.end, people.last[coverage.person]))
    same = (insured >= 0) & (coverage.plan[insured] == coverage.plan)
    plans = billing()["plans"]
    family = np.array([plan["line"] in ("commercial", "exchange") for plan in plans])[coverage.plan]
    leaves = birthday(people.birth, INSURED_WITH_PARENTS)[coverage.person]
    family &= (people.relation[coverage.person] != CHILD) | (coverage.start < leaves)
    return np.where(same & family, parent, coverage.person)
