"""Rows of coverage: plans, members, and members of pharmacy benefits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from healthsim.generation import columns as col
from healthsim.generation.kernels.context import Ints
from healthsim.generation.kernels.coverage import Coverage, billing, subscriber_of
from healthsim.generation.kernels.people import COUNTY_DIGITS, People
from healthsim.generation.kernels.roster import Roster
from healthsim.generation.kernels.second_payers import second_ids
from healthsim.generation.ordering import order_of

#: NCPDP 303-C3: the cardholder, the spouse, and the children in their order
PERSON_CODES = tuple(f"{number:02}" for number in range(1, 100))
#: a family's limits are so many times those of one: 45 CFR 156.130(a), and the custom for deductibles
_FAMILY = 2


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


@dataclass(frozen=True)
class _Spans:
    """All spans of coverage, those that pay second behind the others of the person.

    Attributes:
        order: the row of each, of the spans that pay first and then those that pay second. place: 1 pays first, 2 second.
    """

    order: Ints
    person: Ints
    plan: Ints
    start: Ints
    end: Ints
    taken_until: Ints
    subscriber: Ints
    place: Ints

    @classmethod
    def of(cls, people: People, coverage: Coverage) -> _Spans:
        """The spans of a batch."""
        second = coverage.second
        order = order_of(np.concatenate([coverage.person, second.person]))
        pairs = (
            (coverage.person, second.person),
            (coverage.plan, second.plan),
            (coverage.start, second.start),
            (coverage.end, second.end),
            (coverage.taken_until, second.end),
            (subscriber_of(people, coverage), second.person),
            (np.ones_like(coverage.person), np.full_like(second.person, 2)),
        )
        return cls(order, *(np.concatenate(pair)[order] for pair in pairs))

    def terms(self, last: int) -> dict[str, pa.Array]:
        """The columns of the plan, and from when to when it covers, as known on the last day of the history."""
        plans, over = billing()["plans"], self.end <= last
        return {
            "plan_id": col.coded(self.plan, [entry["id"] for entry in plans]),
            "plan_code": col.coded(self.plan, [entry["code"] for entry in plans]),
            "payer_name": col.coded(self.plan, [entry["payer"] for entry in plans]),
            "coverage_start": col.days(self.start),
            "coverage_end": col.days(np.where(over, self.end, 0), ~over),
            "coverage_status": col.coded(over.astype(np.int64), ["active", "terminated"]),
            "coverage_order": col.whole(self.place),
            "termination_recorded": col.days(np.where(over, self.taken_until, 0), ~over),
        }


def make_members(roster: Roster, coverage: Coverage, ids: pa.Array, shared: Mapping[str, pa.Array]) -> pa.Table:
    """One row for each span of coverage, those that pay second behind the others of the person."""
    people, context = roster.timeline.people, roster.timeline.context
    spans = _Spans.of(people, coverage)
    person, subscriber = spans.person, spans.subscriber
    relation = np.where(subscriber == person, 0, people.relation[person])
    own = pa.array(person)
    group = col.digits(context.draws.integer("group", people.number[subscriber], 900) + 100, 4)
    of_county = people.digits[subscriber, :COUNTY_DIGITS]
    # the second payer has a number of its own for the person
    cards = np.concatenate([people.ids("MBR"), people.ids("MBS")])
    card = np.where(spans.place > 1, len(people), 0)
    every_id = pa.concat_arrays([ids, second_ids(people, coverage.second)])
    return pa.table(
        {
            "member_id": every_id.take(pa.array(spans.order)),
            **{name: column.take(own) for name, column in shared.items()},
            "patient_id": roster.patient(person),
            "person_id": col.strings(col.gathered(people.ids("PER-"), person)),
            "member_number": col.strings(col.gathered(cards, person + card)),
            "subscriber_id": col.strings(col.gathered(cards, subscriber + card)),
            "relationship_code": col.coded(relation, ["18", "01", "19"]),
            "group_id": col.strings(col.texts("GRP-", of_county, group, rows=len(person))),
            **spans.terms(context.end),
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
