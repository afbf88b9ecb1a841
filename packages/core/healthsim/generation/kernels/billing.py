"""Rows of medical claims: claims, their lines, authorizations, and what counts towards deductibles and maximums."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from healthsim.generation import columns as col
from healthsim.generation.compiled import Register
from healthsim.generation.kernels import events as ev
from healthsim.generation.kernels.bills import BILL
from healthsim.generation.kernels.claims import DENIED, INSTITUTIONAL, PAID, PENDED, STATUSES, Claims
from healthsim.generation.kernels.clinical import DISPOSITIONS, admissions, dispositions
from healthsim.generation.kernels.context import Bools, Ints, year_of
from healthsim.generation.kernels.coverage import Coverage, billing, subscriber_of
from healthsim.generation.kernels.diagnoses import Coded
from healthsim.generation.kernels.roster import Roster
from healthsim.generation.kernels.second_payers import second_ids
from healthsim.generation.kernels.timeline import Timeline
from healthsim.generation.ordering import distinct, order_of
from healthsim.generation.packing import Packing
from healthsim.generation.randomness import another
from healthsim.generation.validity import CPT, PLACE, Dated

_PLACES = ("11", "11", "02", "11", "22", "23", "21", "12")
#: planned care above this amount (cents) needs an authorization; an assumption
_AUTHORIZED_FROM = 150_000
#: days within which a claim is received after the service, decided after that, and paid after that; assumptions
_RECEIVED_WITHIN, _DECIDED_WITHIN, _PAID_WITHIN = 10, 12, 6
#: days before the service that an authorization is asked for, until it is decided, and that it is valid after; assumptions
_ASKED_BEFORE, _DECIDED_AFTER, _VALID = 14, 5, 90
#: secondary diagnoses that are carried over to a claim at most; a form has room for 11 (CMS-1500) or 24 (UB-04)
_CARRIED_OVER = 6


def make_claim_rows(
    roster: Roster, coverage: Coverage, members: pa.Array, coded: Coded, claims: Claims
) -> dict[str, pa.Table]:
    """The tables claim, claim_line, authorization and accumulator."""
    timeline, events = roster.timeline, roster.timeline.events
    bills = col.numbered(timeline.people.ids("CLM-"), events.person[claims.event], timeline.ordinal[claims.event])
    letter = np.where(claims.kind == INSTITUTIONAL, ord("I"), ord("P")).astype(np.uint8)[:, None]
    ids = col.strings(col.texts(bills, letter, rows=len(claims.event)))
    authorized = _authorized(timeline, claims)
    return {
        "claim": _claims(roster, coverage, members, coded, claims, ids, authorized),
        "claim_line": _lines(roster, claims, ids),
        "authorization": _authorizations(roster, members, claims, authorized),
        "accumulator": _accumulators(roster, coverage, members, claims),
    }


def _claims(
    roster: Roster,
    coverage: Coverage,
    members: pa.Array,
    coded: Coded,
    claims: Claims,
    ids: pa.Array,
    authorized: _Authorized,
) -> pa.Table:
    timeline, events, event, lines = roster.timeline, roster.timeline.events, claims.event, claims.lines
    knowledge = timeline.context.knowledge
    person = events.person[event]
    institutional, stay = claims.kind == INSTITUTIONAL, events.setting.take(event) == ev.INPATIENT
    subscribers = col.gathered(timeline.people.ids("MBR"), subscriber_of(timeline.people, coverage))
    provider, begins = roster.seen(event), events.day.take(event)
    amounts = {
        name: _per_claim(amount, lines.first)
        for name, amount in (
            ("charge", lines.charge),
            ("allowed", lines.allowed),
            ("paid", lines.paid),
            ("member", lines.deductible + lines.copay + lines.coinsurance),
        )
    }
    return pa.table(
        {
            "claim_id": ids,
            "patient_id": roster.patient(person),
            "encounter_id": roster.encounter(event),
            "member_id": col.coded(claims.span, members),
            "subscriber_id": col.strings(col.gathered(subscribers, claims.span)),
            "claim_type": col.coded(claims.kind, ["professional", "institutional"]),
            "bill_type": col.coded(np.where(institutional, np.where(stay, 0, 1), -1), ["111", "131"], gaps=True),
            "billing_provider_id": provider,
            "rendering_provider_id": provider,
            "facility_id": col.coded(roster.taken_place_at.take(event), roster.facility_ids, gaps=True),
            "billing_facility_id": _billing_facility(roster, event),
            **_dates(timeline, claims, stay),
            **_of_hospital(timeline, event, institutional, stay),
            "place_of_service": _places(events.setting[event], begins),
            "principal_diagnosis": col.coded(timeline.written[event], knowledge.codes.values),
            "other_diagnoses": _others(coded, event, knowledge.codes.values),
            **_at_admission(timeline, coded, event, institutional & stay),
            "drg_code": col.coded(
                np.where(institutional & stay, timeline.drg[event], -1), knowledge.drgs.values, gaps=True
            ),
            "status": col.coded(claims.status, STATUSES),
            "denial_reason_code": col.coded(claims.reason, list(billing()["denial_reasons"]), gaps=True),
            "authorization_number": col.coded(authorized.number, authorized.ids, gaps=True),
            "total_charge": col.money(amounts["charge"]),
            "total_allowed": col.money(amounts["allowed"]),
            "total_paid": col.money(amounts["paid"]),
            "member_responsibility": col.money(amounts["member"]),
            "secondary_member_id": col.coded(claims.second, second_ids(timeline.people, coverage.second), gaps=True),
            "secondary_paid": col.money(claims.second_paid, claims.second < 0),
        }
    )


def _places(setting: Ints, day: Ints) -> pa.Array:
    """The place of service of care in a setting, by the list of places of its day."""
    codes = Register()
    places = np.array([codes.number(code) for code in _PLACES], dtype=np.int64).take(setting)
    dated = Dated(PLACE, codes.values, lambda code, _: codes.number(code))
    return col.coded(dated.on(places, day), codes.values)


def _dates(timeline: Timeline, claims: Claims, stay: Bools) -> dict[str, pa.Array]:
    """When the service was, and when the claim was received, decided and paid; one random number says all three."""
    events, event = timeline.events, claims.event
    begin = events.day.take(event)
    end = begin.copy()
    end[stay] = timeline.ends.take(event.compress(stay)) // 1_440
    ids = timeline.people.number.take(events.person[event])
    u = timeline.context.draws.uniform("received", ids, BILL.pack(events.key.take(event), kind=claims.kind))
    received = end + 1 + (u * _RECEIVED_WITHIN).astype(np.int64)
    adjudicated = received + 1 + (another(u, 97) * _DECIDED_WITHIN).astype(np.int64)
    paid_on = adjudicated + 1 + (another(u, 89) * _PAID_WITHIN).astype(np.int64)
    return {
        "service_date": col.days(begin),
        "service_end_date": col.days(end),
        "admission_date": col.days(begin, ~stay),
        "discharge_date": col.days(end, ~stay),
        "received_date": col.days(received),
        "adjudicated_date": col.days(adjudicated, claims.status == PENDED),
        "paid_date": col.days(paid_on, claims.status != PAID),
        "remittance_date": col.days(paid_on, claims.status == PENDED),
    }


def _billing_facility(roster: Roster, event: Ints) -> pa.Array:
    """The organisation that bills: where the care was given; of care from home the patient's clinic."""
    place = roster.taken_place_at.take(event)
    clinic = roster.clinic.take(roster.timeline.events.person.take(event))
    return col.coded(np.where(place < 0, clinic, place), roster.facility_ids)


def _of_hospital(timeline: Timeline, event: Ints, institutional: Bools, stay: Bools) -> dict[str, pa.Array]:
    """How a stay began, and how it and other care in a hospital ended, as its bill says it."""
    rows = pa.array(event, mask=~(institutional & stay))
    kind, source = (column.dictionary_decode().take(rows) for column in admissions(timeline))
    # who comes for a procedure, or to an emergency department and is not taken in, goes home
    ended = np.where(institutional, np.maximum(dispositions(timeline).take(event), 0), -1)
    return {
        "admission_type_code": kind,
        "admission_source_code": source,
        "discharge_status_code": col.coded(ended, [code for code, _ in DISPOSITIONS], gaps=True),
    }


def _at_admission(timeline: Timeline, coded: Coded, event: Ints, of_stay: Bools) -> dict[str, pa.Array]:
    """What the bill of a stay says of the admission: its diagnosis, and that all the diagnoses were there."""
    codes = timeline.context.knowledge.codes.values
    others = np.bincount(coded.event[~coded.principal], minlength=len(timeline.events)).take(event)
    others = np.where(of_stay & (others > 0), np.minimum(others, _CARRIED_OVER) - 1, -1)
    lists = ["[" + ",".join(['"Y"'] * (n + 1)) + "]" for n in range(_CARRIED_OVER)]
    written = timeline.written.take(event)
    known = of_stay & (written >= 0)
    return {
        "admitting_diagnosis": col.coded(np.where(known, written, -1), codes, gaps=True),
        "principal_diagnosis_poa": col.coded(np.where(known, 0, -1), ["Y"], gaps=True),
        "other_diagnoses_poa": col.coded(others, lists, gaps=True),
    }


def _others(coded: Coded, event: Ints, codes: list[str]) -> pa.Array:
    """The secondary diagnoses of each claim's contact as a JSON list; few combinations, so each is written once."""
    second = np.flatnonzero(~coded.principal)
    of, code = coded.event[second], coded.written[second]
    if not len(of):
        return pa.nulls(len(event), pa.string())
    place, _ = col.runs(of)
    # a combination is one that is known already and one code more
    longer = Packing("combination", code=(0, len(codes)))
    combination = np.zeros(int(max(of.max(), event.max())) + 1, dtype=np.int64)
    texts, more = pa.array([""]), pa.array([f',"{text}"' for text in codes])
    for nth in range(_CARRIED_OVER):
        here = np.flatnonzero(place == nth)
        at = of.take(here)
        words = longer.pack(combination.take(at), code=code.take(here))
        rows, which = distinct(words)
        shorter, added = longer.unpack(words.take(rows))
        combination[at] = len(texts) + which
        joined = pc.binary_join_element_wise(texts.take(pa.array(shorter)), more.take(pa.array(added)), "")
        texts = pa.concat_arrays([texts, joined])
    of_claim = combination.take(event)
    of_claim[of_claim == 0] = -1
    return col.coded(of_claim, pc.binary_join_element_wise("[", pc.utf8_slice_codeunits(texts, 1), "]", ""), gaps=True)


def _per_claim(amount: Ints, first: Ints) -> Ints:
    """The totals of claims, from their lines, of which these are the first."""
    before = np.cumsum(amount) - amount
    return np.diff(before.take(first), append=amount.sum())


@dataclass(frozen=True)
class _Authorized:
    """Authorizations: those of a contact's claims are one.

    Attributes:
        number: of each claim its authorization, -1 without one. ids: the identifiers, by number.
        asked: the claims that an authorization was asked for, one for each.
    """

    number: Ints
    ids: pa.Array
    asked: Ints


def _authorized(timeline: Timeline, claims: Claims) -> _Authorized:
    """Planned stays and costly planned procedures carry an authorization: on the facility's claim and the physician's."""
    events, event = timeline.events, claims.event
    institutional = claims.kind == INSTITUTIONAL
    costly = institutional & (_per_claim(claims.lines.charge, claims.lines.first) >= _AUTHORIZED_FROM)
    planned = events.planned[event] | ((events.setting[event] == ev.OUTPATIENT) & (events.service[event] >= 0))
    chosen = np.zeros(len(events), dtype=bool)
    chosen[event[costly & planned]] = True
    with_one = chosen[event]
    rows, which = distinct(event[with_one])
    contacts = event[with_one][rows]
    number = np.full(len(event), -1)
    number[with_one] = which
    owners = timeline.people.ids("AUT-")
    ids = col.strings(col.numbered(owners, events.person[contacts], timeline.ordinal[contacts]))
    return _Authorized(number, ids, np.flatnonzero(with_one & institutional))


def _lines(roster: Roster, claims: Claims, ids: pa.Array) -> pa.Table:
    lines, events, claim = claims.lines, roster.timeline.events, claims.lines.claim
    setting, day = events.setting.take(claims.event), events.day.take(claims.event)
    # why less is paid than charged: a denial, else what is above the allowed amount
    denial = np.where(claims.status == DENIED, 1 + claims.reason, -1).take(claim)
    cut = np.where((denial < 0) & (lines.charge > lines.allowed), 0, denial)
    return pa.table(
        {
            "claim_line_id": roster.numbered("CLL-", events.person.take(claims.event).take(claim)),
            "claim_id": col.picked(ids, claim),
            "line_number": col.whole(lines.number),
            "service_date": col.days(day.astype(np.int32).take(claim)),
            "procedure_code": col.coded(lines.code, claims.codes, gaps=True),
            "revenue_code": col.coded(lines.revenue, claims.revenues, gaps=True),
            "place_of_service": _places(setting, day).take(pa.array(claim)),
            "diagnosis_pointers": col.constant("[1]", len(claim)),
            "units": col.money(lines.units * 100),
            "charge_amount": col.money(lines.charge),
            "allowed_amount": col.money(lines.allowed),
            "paid_amount": col.money(lines.paid),
            "deductible_amount": col.money(lines.deductible),
            "copay_amount": col.money(lines.copay),
            "coinsurance_amount": col.money(lines.coinsurance),
            "member_responsibility": col.money(lines.deductible + lines.copay + lines.coinsurance),
            "status": col.coded(claims.status.take(claim), STATUSES),
            "adjustment_reason_code": col.coded(cut, ["45", *billing()["denial_reasons"]], gaps=True),
        }
    )


def _authorizations(roster: Roster, members: pa.Array, claims: Claims, authorized: _Authorized) -> pa.Table:
    timeline, events, rows = roster.timeline, roster.timeline.events, authorized.asked
    event = claims.event[rows]
    day = events.day[event]
    asked = np.maximum(day - _ASKED_BEFORE, timeline.people.birth[events.person[event]])
    decided = np.minimum(asked + _DECIDED_AFTER, day)
    drgs, services = timeline.context.knowledge.drgs.values, timeline.context.knowledge.services
    service = timeline.context.knowledge.on(CPT, events.service[event], day)
    code = np.where(service >= 0, len(drgs) + service, timeline.drg[event])
    return pa.table(
        {
            "authorization_id": authorized.ids.take(pa.array(authorized.number[rows])),
            "member_id": col.coded(claims.span[rows], members),
            "provider_id": roster.seen(event),
            "service_code": col.coded(code, [*drgs, *(service.code for service in services)]),
            "status": col.constant("approved", len(rows)),
            "request_date": col.days(asked),
            "decision_date": col.days(decided),
            "effective_date": col.days(decided),
            "expiration_date": col.days(day + _VALID),
            "units_approved": col.whole(np.maximum(events.stay[event], 1)),
        }
    )


@dataclass(frozen=True)
class _Year:
    """What has counted in each plan year with claims: of a span of coverage, in a year; amounts in cents."""

    span: Ints
    year: Ints
    deductible: Ints
    total: Ints


def _counted(timeline: Timeline, coverage: Coverage, claims: Claims) -> _Year:
    """What counts towards the deductible and the out-of-pocket maximum, by span and year."""
    lines, years = claims.lines, Packing("span", year=(0, 4_096))
    day = timeline.events.day.take(claims.event)
    words = years.pack(claims.span, year=year_of(day))
    # after the end of the coverage nothing counts
    within = day <= coverage.end.take(claims.span)
    rows, which = distinct(words[within])
    of_claim = np.full(len(words), len(rows))
    of_claim[within] = which
    of_line = of_claim.take(lines.claim)
    share = lines.deductible + lines.copay + lines.coinsurance
    deductible, total = (
        np.bincount(of_line, amount, len(rows) + 1).round().astype(np.int64)[: len(rows)]
        for amount in (lines.deductible, share)
    )
    span, year = years.unpack(words[within][rows])
    return _Year(span, year, deductible, total)


def _accumulators(roster: Roster, coverage: Coverage, members: pa.Array, claims: Claims) -> pa.Table:
    """For each member and plan year with claims: what has counted towards the deductible and the out-of-pocket maximum."""
    counted = _counted(roster.timeline, coverage, claims)
    plans, plan = billing()["plans"], coverage.plan[counted.span]
    limits = [
        np.array([terms[name] * 100 for terms in plans], dtype=np.int64)[plan] for name in ("deductible", "oop_max")
    ]
    last = ((counted.year - 1970 + 1).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)) - 1
    until = np.minimum(np.minimum(last, roster.timeline.context.end), coverage.end[counted.span])
    rows = np.repeat(np.arange(len(plan)), 2)
    nth = np.tile([0, 1], len(plan))
    person = coverage.person[counted.span][rows]
    order = order_of(person)
    rows, nth, person = rows[order], nth[order], person[order]
    return pa.table(
        {
            "accumulator_id": roster.numbered("ACC-", person),
            "member_id": col.coded(counted.span[rows], members),
            "plan_year": col.whole(counted.year[rows]),
            "accumulator_type": col.coded(nth, ["deductible", "oop_max"]),
            "level": col.constant("individual", len(rows)),
            "limit_amount": col.money(np.where(nth == 0, limits[0][rows], limits[1][rows])),
            "applied_amount": col.money(np.where(nth == 0, counted.deductible[rows], counted.total[rows])),
            "as_of_date": col.days(until[rows]),
        }
    )
