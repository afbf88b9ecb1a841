"""Rows of the pharmacy benefit: prescriptions, pharmacy claims, alerts, and prior authorizations."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from healthsim.generation import columns as col
from healthsim.generation.kernels import network
from healthsim.generation.kernels.context import Bools, Ints
from healthsim.generation.kernels.coverage import Coverage, billing
from healthsim.generation.kernels.roster import Roster
from healthsim.generation.kernels.treatment import Fills, Prescriptions, Treatment
from healthsim.generation.ordering import distinct, order_of
from healthsim.generation.randomness import choose, cumulated

PAID, REJECTED, REVERSED = range(3)
_ALERTS = (("drug-drug interaction", "moderate", "Possible interaction with another drug of the patient"),
           ("early refill", "minor", "Refill before the supply ends"),
           ("high dose", "moderate", "Dose above the usual maximum"),
           ("therapeutic duplication", "minor", "Another drug of the same class"))  # fmt: skip
_OUTCOMES = ("overridden by pharmacist", "prescriber consulted", "accepted")
#: share of fills with an alert of the drug utilization review
ALERTED = 0.015


def make_pharmacy_rows(
    roster: Roster, coverage: Coverage, treatment: Treatment, prescriptions: Prescriptions, fills: Fills
) -> dict[str, pa.Table]:
    """The tables prescription, pharmacy_claim, dur_alert and prior_auth."""
    timeline = roster.timeline
    context, people = timeline.context, timeline.people
    of = prescriptions.treatment
    person, drug = treatment.person[of], treatment.drug[of]
    drugs, n = context.knowledge.drugs, len(of)
    ids = roster.numbered("RX-", person)
    rx_members = col.strings(people.ids("RXM-"))
    insured = np.where(coverage.spans[person] > 0, person, -1)
    fetched = np.bincount(fills.prescription, minlength=n)
    numbers = (people.number[person] % 10_000_000) * 1_000 + prescriptions.ordinal % 1_000
    prescription = pa.table({
        "prescription_id": ids, "patient_id": roster.patient(person), "ndc": col.coded(drug, [one.ndc for one in drugs]),
        "drug_name": col.coded(drug, [one.name for one in drugs]), "rx_member_id": col.coded(insured, rx_members, gaps=True),
        "prescriber_provider_id": roster.seen(treatment.event[of]),
        "days_supply": col.whole(np.array([one.days_supply for one in drugs], dtype=np.int64)[drug]),
        "daw_code": col.constant("0", n), "prescription_number": col.strings(col.digits(numbers, 10)),
        "rxnorm_code": col.coded(drug, [one.rxnorm for one in drugs]),
        "quantity_prescribed": col.money(np.array([round(one.quantity * 100) for one in drugs], dtype=np.int64)[drug]),
        "refills_authorized": col.whole(prescriptions.refills),
        "refills_remaining": col.whole(np.maximum(prescriptions.refills - np.maximum(fetched - 1, 0), 0)),
        "written_date": col.days(prescriptions.written), "expiration_date": col.days(prescriptions.written + 365),
        "directions": col.coded(drug, [f"{one.dose} {one.route} {one.frequency}" for one in drugs]),
    })  # fmt: skip
    claim, alerts = _claims(roster, coverage, treatment, prescriptions, fills, ids, rx_members)
    return {"prescription": prescription, "pharmacy_claim": claim, "dur_alert": alerts,
            "prior_auth": _prior_auths(roster, treatment, prescriptions, ids, insured, rx_members)}  # fmt: skip


def _claims(
    roster: Roster, coverage: Coverage, treatment: Treatment, prescriptions: Prescriptions, fills: Fills, ids: pa.Array,
    rx_members: pa.Array,
) -> tuple[pa.Table, pa.Table]:  # fmt: skip
    timeline, known = roster.timeline, billing()
    context, people, drugs = timeline.context, timeline.people, timeline.context.knowledge.drugs
    person = treatment.person.take(prescriptions.treatment).take(fills.prescription)
    span = coverage.on(person, fills.day)
    kept = np.flatnonzero((span >= 0) & (fills.day <= people.last.take(person)))
    kept = kept.take(order_of(person.take(kept), fills.day.take(kept), fills.prescription.take(kept)))
    rx, day, person, span = (part.take(kept) for part in (fills.prescription, fills.day, person, span))
    drug = treatment.drug.take(prescriptions.treatment).take(rx)
    ids_of_people, key = people.number.take(person), drug * 8_192 + (day - context.start)
    u = context.draws.uniform("fill", ids_of_people, key)
    status = np.where(u < known["rejected_fills"], REJECTED, np.where(u > 1 - known["reversed_fills"], REVERSED, PAID))
    lines = [plan["line"] for plan in known["plans"]]
    price = np.array([round(one.price * 100) for one in drugs], dtype=np.int64).take(drug)
    plan = coverage.plan.take(span)
    level = np.array([known["pharmacy_price"].get(line, 1.0) for line in lines]).take(plan)
    scale = np.array(context.scales.spending)[np.searchsorted([19, 65], people.age, side="right")].take(person)
    cost = np.maximum((price * level * scale).astype(np.int64), 50)
    fee = round(known["dispensing_fee"] * 100)
    copays = known["pharmacy_copays"]
    usual = np.array([copays["brand" if one.brand else "generic"] for one in drugs])
    medicaid = np.array([line == "medicaid" for line in lines]).take(plan)
    # what is rejected or reversed has been priced, and nobody pays for it
    pays = status == PAID
    cost, gross = cost * pays, (cost + fee) * pays
    patient = np.minimum(np.where(medicaid, 100, usual.take(drug) * 100), gross)
    n = len(rx)
    claim_ids = roster.numbered("RXC-", person)
    pharmacy = network.pharmacy_of(context, people, np.arange(len(people)))
    rows, shop = distinct(pharmacy)
    shops = pharmacy[rows]
    rejected = np.flatnonzero(status == REJECTED)
    reject = np.full(n, -1)
    reject[rejected] = choose(
        context.draws.uniform("reject", ids_of_people[rejected], day[rejected]),
        cumulated(list(known["reject_codes"].values())),
    )
    supply = np.array([one.days_supply for one in drugs], dtype=np.int64)
    amounts = np.array([round(one.quantity * 100) for one in drugs], dtype=np.int64)
    claim = pa.table({
        "pharmacy_claim_id": claim_ids, "prescription_id": col.picked(ids, rx), "ndc": col.coded(drug, [one.ndc for one in drugs]),
        "drug_name": col.coded(drug, [one.name for one in drugs]), "rx_member_id": col.coded(person, rx_members),
        "pharmacy_id": col.coded(shop.take(person), network.pharmacy_ids(context, shops)),
        "prescriber_provider_id": roster.seen(treatment.event.take(prescriptions.treatment).take(rx)),
        "days_supply": col.whole(supply.take(drug)), "daw_code": col.constant("0", n),
        "transaction_code": col.constant("B1", n),
        "service_date": col.days(day), "paid_date": col.days(day + 7, ~pays), "fill_number": col.whole(_numbered(rx, pays)),
        "quantity_dispensed": col.money(amounts.take(drug)), "status": col.coded(status, ["paid", "rejected", "reversed"]),
        "reject_code": col.coded(reject, list(known["reject_codes"]), gaps=True),
        "ingredient_cost": col.money(cost), "dispensing_fee": col.money(pays * fee),
        "gross_amount_due": col.money(gross), "plan_paid_amount": col.money(gross - patient),
        "patient_pay_amount": col.money(patient), "bin": col.constant("999999", n), "pcn": col.constant("SYNRX", n),
    })  # fmt: skip
    return claim, _alerts(roster, claim_ids, ids, rx_members, rx, person, key)


def _numbered(rx: Ints, pays: Bools) -> Ints:
    """How many fills of the same prescription were paid before, from 0; rows are in the order of days."""
    order = order_of(rx)
    paid = pays.take(order)
    before = np.cumsum(paid) - paid
    number = np.empty(len(rx), dtype=np.int64)
    number[order] = before - before.take(col.runs(rx.take(order))[1])
    return number


def _alerts(
    roster: Roster,
    claim_ids: pa.Array,
    ids: pa.Array,
    rx_members: pa.Array,
    rx: Ints,
    person: Ints,
    key: Ints,
) -> pa.Table:
    draws, people = roster.timeline.context.draws, roster.timeline.people
    at = np.flatnonzero(draws.uniform("alert", people.number[person], key) < ALERTED)
    which = draws.integer("alert/kind", people.number[person[at]], len(_ALERTS), key[at])
    outcome = draws.integer("alert/outcome", people.number[person[at]], len(_OUTCOMES), key[at])
    return pa.table({
        "dur_alert_id": roster.numbered("DUR-", person[at]), "rx_member_id": col.coded(person[at], rx_members),
        "prescription_id": col.coded(rx[at], ids), "pharmacy_claim_id": claim_ids.take(pa.array(at)),
        "alert_type": col.coded(which, [one[0] for one in _ALERTS]), "severity": col.coded(which, [one[1] for one in _ALERTS]),
        "message": col.coded(which, [one[2] for one in _ALERTS]), "outcome": col.coded(outcome, _OUTCOMES),
    })  # fmt: skip


def _prior_auths(
    roster: Roster,
    treatment: Treatment,
    prescriptions: Prescriptions,
    ids: pa.Array,
    insured: Ints,
    rx_members: pa.Array,
) -> pa.Table:
    """One for each prescription of a drug that needs it, of people who are insured; what is filled has been approved."""
    drugs = roster.timeline.context.knowledge.drugs
    needs = np.array([one.prior_auth for one in drugs] + [False])
    drug = treatment.drug[prescriptions.treatment]
    at = np.flatnonzero(needs[drug] & (insured >= 0))
    person = treatment.person[prescriptions.treatment[at]]
    asked = prescriptions.written[at]
    return pa.table({
        "prior_auth_id": roster.numbered("PAU-", person), "rx_member_id": col.coded(person, rx_members),
        "prescription_id": ids.take(pa.array(at)), "ndc": col.coded(drug[at], [one.ndc for one in drugs]),
        "drug_name": col.coded(drug[at], [one.name for one in drugs]), "status": col.constant("approved", len(at)),
        "request_date": col.days(asked), "decision_date": col.days(asked), "effective_date": col.days(asked),
        "expiration_date": col.days(asked + 365),
    })  # fmt: skip
