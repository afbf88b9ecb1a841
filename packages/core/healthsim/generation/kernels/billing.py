"""Rows of medical claims: claims, their lines, authorizations, and what counts towards deductibles and maximums."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from healthsim.generation import columns as col
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.claims import DENIED, INSTITUTIONAL, PAID, PENDED, STATUSES, Claims
from healthsim.generation.kernels.clinical import Coded
from healthsim.generation.kernels.context import Bools, Ints, year_of
from healthsim.generation.kernels.coverage import Coverage, billing, subscriber_of
from healthsim.generation.kernels.roster import Roster
from healthsim.generation.ordering import distinct, order_of

_PLACES = ("11", "11", "02", "11", "22", "23", "21", "12")
#: planned care above this amount (cents) needs an authorization
_AUTHORIZED_FROM = 150_000


def make_claim_rows(
    roster: Roster, coverage: Coverage, members: pa.Array, coded: Coded, claims: Claims
) -> dict[str, pa.Table]:
    """The tables claim, claim_line, authorization and accumulator."""
    timeline, events = roster.timeline, roster.timeline.events
    knowledge, n = timeline.context.knowledge, len(claims.event)
    event, lines = claims.event, claims.lines
    person = events.person[event]
    people = timeline.people
    bills = col.numbered(people.ids("CLM-"), person, timeline.ordinal[event])
    letter = np.where(claims.kind == INSTITUTIONAL, ord("I"), ord("P")).astype(np.uint8)[:, None]
    ids = col.strings(col.texts(bills, letter, rows=n))
    charge, allowed, paid_out, deductible, copay, coinsurance = (
        _per_claim(amount, lines.first)
        for amount in (lines.charge, lines.allowed, lines.paid, lines.deductible, lines.copay, lines.coinsurance)
    )
    institutional, stay = claims.kind == INSTITUTIONAL, events.setting.take(event) == ev.INPATIENT
    begin = events.day.take(event)
    end = begin.copy()
    end[stay] = timeline.ends.take(event.compress(stay)) // 1_440
    u = timeline.context.draws.uniform("received", people.number.take(person), events.key.take(event) * 2 + claims.kind)
    received = end + 1 + (u * 10).astype(np.int64)
    adjudicated = received + 1 + ((u * 97) % 1 * 12).astype(np.int64)
    paid_on = adjudicated + 1 + ((u * 89) % 1 * 6).astype(np.int64)
    pended, paid = claims.status == PENDED, claims.status == PAID
    reasons = list(billing()["denial_reasons"])
    authorized = _authorized(timeline, claims, charge)
    # the claims of one contact have one authorization
    contacts, which = distinct(event[authorized])
    contacts = event[authorized][contacts]
    authorization = np.full(n, -1)
    authorization[authorized] = which
    auth_ids = col.strings(col.numbered(people.ids("AUT-"), events.person[contacts], timeline.ordinal[contacts]))
    asked = np.flatnonzero(authorized & institutional)
    subscribers = col.gathered(people.ids("MBR"), subscriber_of(people, coverage))
    provider = roster.seen(event)
    claim = pa.table({
        "claim_id": ids, "patient_id": roster.patient(person), "encounter_id": roster.encounter(event),
        "member_id": col.coded(claims.span, members), "subscriber_id": col.strings(col.gathered(subscribers, claims.span)),
        "claim_type": col.coded(claims.kind, ["professional", "institutional"]),
        "bill_type": col.coded(np.where(institutional, np.where(stay, 0, 1), -1), ["111", "131"], gaps=True),
        "billing_provider_id": provider, "rendering_provider_id": provider,
        "facility_id": col.coded(np.where(institutional, roster.taken_place_at[event], -1), roster.facility_ids, gaps=True),
        "service_date": col.days(begin), "service_end_date": col.days(end),
        "admission_date": col.days(begin, ~stay), "discharge_date": col.days(end, ~stay),
        "received_date": col.days(received), "adjudicated_date": col.days(adjudicated, pended),
        "paid_date": col.days(paid_on, ~paid), "place_of_service": col.coded(events.setting[event], _PLACES),
        "principal_diagnosis": col.coded(timeline.code[event], knowledge.codes.values),
        "other_diagnoses": _others(coded, event, knowledge.codes.values),
        "drg_code": col.coded(np.where(institutional & stay, events.drg[event], -1), knowledge.drgs.values, gaps=True),
        "status": col.coded(claims.status, STATUSES), "denial_reason_code": col.coded(claims.reason, reasons, gaps=True),
        "authorization_number": col.coded(authorization, auth_ids, gaps=True),
        "total_charge": col.money(charge), "total_allowed": col.money(allowed), "total_paid": col.money(paid_out),
        "member_responsibility": col.money(deductible + copay + coinsurance),
    })  # fmt: skip
    tables = {
        "claim": claim, "claim_line": _lines(roster, claims, ids),
        "authorization": _authorizations(roster, coverage, members, claims, asked, auth_ids.take(pa.array(authorization[asked]))),
    }  # fmt: skip
    tables["accumulator"] = _accumulators(roster, coverage, members, claims)
    return tables


def _others(coded: Coded, event: Ints, codes: list[str]) -> pa.Array:
    """The secondary diagnoses of each claim's contact as a JSON list; few combinations, so each is written once."""
    second = np.flatnonzero(~coded.principal)
    of, code = coded.event[second], coded.code[second]
    if not len(of):
        return pa.nulls(len(event), pa.string())
    place, _ = col.runs(of)
    # at most six are carried over to a claim; a combination is one that is known already and one code more
    size = len(codes)
    combination = np.zeros(int(max(of.max(), event.max())) + 1, dtype=np.int64)
    texts, more = pa.array([""]), pa.array([f',"{code}"' for code in codes])
    for nth in range(6):
        here = np.flatnonzero(place == nth)
        at = of.take(here)
        longer = combination.take(at) * size + code.take(here)
        rows, which = distinct(longer)
        known, added = np.divmod(longer.take(rows), size)
        combination[at] = len(texts) + which
        joined = pc.binary_join_element_wise(texts.take(pa.array(known)), more.take(pa.array(added)), "")
        texts = pa.concat_arrays([texts, joined])
    of_claim = combination.take(event)
    of_claim[of_claim == 0] = -1
    return col.coded(of_claim, pc.binary_join_element_wise("[", pc.utf8_slice_codeunits(texts, 1), "]", ""), gaps=True)


def _per_claim(amount: Ints, first: Ints) -> Ints:
    """The totals of claims, from their lines, of which these are the first."""
    before = np.cumsum(amount) - amount
    return np.diff(before.take(first), append=amount.sum())


def _authorized(timeline, claims: Claims, charge: Ints) -> Bools:  # type: ignore[no-untyped-def]
    """Planned stays and costly planned procedures carry an authorization: on the facility's claim and the physician's."""
    events = timeline.events
    event = claims.event
    costly = (claims.kind == INSTITUTIONAL) & (charge >= _AUTHORIZED_FROM)
    planned = events.planned[event] | ((events.setting[event] == ev.OUTPATIENT) & (events.service[event] >= 0))
    chosen = np.zeros(len(events), dtype=bool)
    chosen[event[costly & planned]] = True
    result: Bools = chosen[event]
    return result


def _lines(roster: Roster, claims: Claims, ids: pa.Array) -> pa.Table:
    lines, events, claim = claims.lines, roster.timeline.events, claims.lines.claim
    setting, day = events.setting.take(claims.event), events.day.take(claims.event)
    # why less is paid than charged: a denial, else what is above the allowed amount
    denial = np.where(claims.status == DENIED, 1 + claims.reason, -1).take(claim)
    cut = np.where((denial < 0) & (lines.charge > lines.allowed), 0, denial)
    return pa.table({
        "claim_line_id": roster.numbered("CLL-", events.person.take(claims.event).take(claim)),
        "claim_id": col.picked(ids, claim), "line_number": col.whole(lines.number),
        "service_date": col.days(day.astype(np.int32).take(claim)),
        "procedure_code": col.coded(lines.code, claims.codes, gaps=True),
        "revenue_code": col.coded(lines.revenue, claims.revenues, gaps=True),
        "place_of_service": col.coded(setting.take(claim), _PLACES),
        "diagnosis_pointers": col.constant("[1]", len(claim)),
        "units": col.money(lines.units * 100), "charge_amount": col.money(lines.charge),
        "allowed_amount": col.money(lines.allowed), "paid_amount": col.money(lines.paid),
        "deductible_amount": col.money(lines.deductible), "copay_amount": col.money(lines.copay),
        "coinsurance_amount": col.money(lines.coinsurance),
        "member_responsibility": col.money(lines.deductible + lines.copay + lines.coinsurance),
        "status": col.coded(claims.status.take(claim), STATUSES),
        "adjustment_reason_code": col.coded(cut, ["45", *billing()["denial_reasons"]], gaps=True),
    })  # fmt: skip


def _authorizations(
    roster: Roster, coverage: Coverage, members: pa.Array, claims: Claims, rows: Ints, ids: pa.Array
) -> pa.Table:
    timeline, events = roster.timeline, roster.timeline.events
    event = claims.event[rows]
    day = events.day[event]
    asked = np.maximum(day - 14, timeline.people.birth[events.person[event]])
    drgs, services = timeline.context.knowledge.drgs.values, timeline.context.knowledge.services
    code = np.where(events.service[event] >= 0, len(drgs) + events.service[event], events.drg[event])
    return pa.table({
        "authorization_id": ids, "member_id": col.coded(claims.span[rows], members),
        "provider_id": roster.seen(event), "service_code": col.coded(code, [*drgs, *(one.code for one in services)]),
        "status": col.constant("approved", len(rows)), "request_date": col.days(asked),
        "decision_date": col.days(np.minimum(asked + 5, day)), "effective_date": col.days(np.minimum(asked + 5, day)),
        "expiration_date": col.days(day + 90), "units_approved": col.whole(np.maximum(events.stay[event], 1)),
    })  # fmt: skip


def _accumulators(roster: Roster, coverage: Coverage, members: pa.Array, claims: Claims) -> pa.Table:
    """For each member and plan year with claims: what has counted towards the deductible and the out-of-pocket maximum."""
    timeline, lines = roster.timeline, claims.lines
    key = claims.span * 4_096 + year_of(timeline.events.day.take(claims.event))
    rows, which = distinct(key)
    kinds, of_line = key[rows], which.take(lines.claim)
    deductible = np.bincount(of_line, lines.deductible, len(kinds)).round().astype(np.int64)
    share = lines.deductible + lines.copay + lines.coinsurance
    total = np.bincount(of_line, share, len(kinds)).round().astype(np.int64)
    span, of_year = np.divmod(kinds, 4_096)
    plans = billing()["plans"]
    plan = coverage.plan[span]
    limits = [np.array([one[name] * 100 for one in plans], dtype=np.int64)[plan] for name in ("deductible", "oop_max")]
    last = ((of_year - 1970 + 1).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)) - 1
    until = np.minimum(np.minimum(last, timeline.context.end), coverage.end[span])
    rows = np.repeat(np.arange(len(kinds)), 2)
    nth = np.tile([0, 1], len(kinds))
    person = coverage.person[span][rows]
    order = order_of(person)
    rows, nth, person = rows[order], nth[order], person[order]
    return pa.table({
        "accumulator_id": roster.numbered("ACC-", person), "member_id": col.coded(span[rows], members),
        "plan_year": col.whole(of_year[rows]), "accumulator_type": col.coded(nth, ["deductible", "oop_max"]),
        "level": col.constant("individual", len(rows)),
        "limit_amount": col.money(np.where(nth == 0, limits[0][rows], limits[1][rows])),
        "applied_amount": col.money(np.where(nth == 0, deductible[rows], total[rows])),
        "as_of_date": col.days(until[rows]),
    })  # fmt: skip
