"""Rows of the pharmacy benefit: prescriptions, pharmacy claims, alerts, and prior authorizations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from healthsim.generation import columns as col
from healthsim.generation.county_places import slot
from healthsim.generation.kernels import network
from healthsim.generation.kernels.context import Bools, Ints
from healthsim.generation.kernels.coverage import Coverage, billing
from healthsim.generation.kernels.members import make_cards
from healthsim.generation.kernels.payers import MEDICAID, MEDICARE, PAYERS
from healthsim.generation.kernels.prescribed_and_given import dose_columns
from healthsim.generation.kernels.roster import Roster
from healthsim.generation.kernels.treatment import Fills, Prescriptions, Treatment
from healthsim.generation.knowledge import Drug
from healthsim.generation.ordering import distinct, order_of
from healthsim.generation.packing import Packing
from healthsim.generation.randomness import choose, cumulated
from healthsim.generation.seasons import prices_on

PAID, REJECTED, REVERSED = range(3)


class _Alert(NamedTuple):
    """A finding of the drug utilization review; ``reason`` is its NCPDP code (439-E4)."""

    kind: str
    severity: str
    message: str
    reason: str


class _Outcome(NamedTuple):
    """What came of a finding: in words, and as the NCPDP codes of what was done (440-E5) and of its result (441-E6)."""

    text: str
    service: str
    result: str


_ALERTS = (
    _Alert("drug-drug interaction", "moderate", "Possible interaction with another drug of the patient", "DD"),
    _Alert("early refill", "minor", "Refill before the supply ends", "ER"),
    _Alert("high dose", "moderate", "Dose above the usual maximum", "HD"),
    _Alert("therapeutic duplication", "minor", "Another drug of the same class", "TD"),
)
_OUTCOMES = (
    _Outcome("overridden by pharmacist", "R0", "1B"),
    _Outcome("prescriber consulted", "M0", "1G"),
    _Outcome("accepted", "P0", "3A"),
)
#: NCPDP 528-FS of a severity
_SIGNIFICANCE = {"major": "1", "moderate": "2", "minor": "3"}
#: what those who pay themselves are asked, times what a plan is; an assumption
_USUAL_CHARGE = 1.3
#: share of fills with an alert of the drug utilization review; an assumption
ALERTED = 0.015
#: least cost of a drug, and what Medicaid leaves to the patient, in cents; assumptions
_LEAST_COST, _MEDICAID_COPAY = 50, 100
#: days until a claim is paid; an assumption
_PAID_AFTER = 7
#: which of a person's fills it is
_FILL = Packing("drug", day=(0, 8_192))
#: the number on the label, twelve digits as NCPDP D.0 has room for: the county, the person, and the last three count a person's
#: prescriptions; after a hundred thousand persons the numbers come again, as those of different pharmacies do
_NUMBER, _NUMBERED = Packing("county", person=(0, 100_000), prescription=(0, 1_000)), 100_000


@dataclass(frozen=True)
class _Benefit:
    """What the tables of the pharmacy benefit have in common.

    Attributes:
        ids: identifiers of the prescriptions. rx_members: of the members, one for each person of the batch.
        person: of each prescription.
    """

    roster: Roster
    coverage: Coverage
    treatment: Treatment
    prescriptions: Prescriptions
    fills: Fills
    ids: pa.Array
    rx_members: pa.Array
    person: Ints

    @property
    def drugs(self) -> list[Drug]:
        """The drugs by number."""
        return self.roster.timeline.context.knowledge.drugs

    def drug(self, prescription: Ints) -> Ints:
        """The number of the drug of some prescriptions."""
        numbers: Ints = self.treatment.drug.take(self.prescriptions.treatment).take(prescription)
        return numbers

    def figure(self, name: str, factor: int = 1) -> Ints:
        """A figure of each drug, as a whole number."""
        return np.array([round(getattr(drug, name) * factor) for drug in self.drugs], dtype=np.int64)

    @property
    def insured(self) -> Ints:
        """The person of each prescription, -1 for those who are never insured."""
        return np.where(self.coverage.spans[self.person] > 0, self.person, -1)


@dataclass(frozen=True)
class _Sold:
    """Fills that a plan is asked to pay, in the order of persons and days.

    Attributes:
        rx: the row of the prescription. span: of the coverage. key: which of the person's fills, for the chance.
    """

    rx: Ints
    day: Ints
    person: Ints
    span: Ints
    drug: Ints
    key: Ints
    status: Ints


def make_pharmacy_rows(
    roster: Roster, coverage: Coverage, treatment: Treatment, prescriptions: Prescriptions, fills: Fills
) -> dict[str, pa.Table]:
    """The tables prescription, pharmacy_claim, dur_alert and prior_auth."""
    person = treatment.person[prescriptions.treatment]
    benefit = _Benefit(
        roster,
        coverage,
        treatment,
        prescriptions,
        fills,
        roster.numbered("RX-", person),
        col.strings(roster.timeline.people.ids("RXM-")),
        person,
    )
    sold = _sold(benefit)
    claim_ids = roster.numbered("RXC-", sold.person)
    return {
        "prescription": _prescriptions(benefit),
        "pharmacy_claim": _claims(benefit, sold, claim_ids),
        "dur_alert": _alerts(benefit, sold, claim_ids),
        "prior_auth": _prior_auths(benefit),
    }


def _prescriptions(benefit: _Benefit) -> pa.Table:
    roster, prescriptions, drugs, n = benefit.roster, benefit.prescriptions, benefit.drugs, len(benefit.person)
    drug = benefit.drug(np.arange(n))
    fetched = np.bincount(benefit.fills.prescription, minlength=n)
    people, fips = roster.timeline.people, roster.timeline.context.places.fips
    slots = np.array([slot(code) for code in fips], dtype=np.int64)[people.county[benefit.person]]
    of_person = people.number[benefit.person] % _NUMBERED
    numbers = _NUMBER.pack(slots, person=of_person, prescription=prescriptions.ordinal % 1_000)
    return pa.table(
        {
            "prescription_id": benefit.ids,
            "patient_id": roster.patient(benefit.person),
            "ndc": col.coded(drug, [product.ndc for product in drugs]),
            "drug_name": col.coded(drug, [product.name for product in drugs]),
            "rx_member_id": col.coded(benefit.insured, benefit.rx_members, gaps=True),
            "prescriber_provider_id": roster.seen(benefit.treatment.event[prescriptions.treatment], benefit.person),
            "days_supply": col.whole(benefit.figure("days_supply")[drug]),
            "daw_code": col.constant("0", n),
            "prescription_number": col.strings(col.digits(numbers, 12)),
            "rxnorm_code": col.coded(drug, [product.rxnorm for product in drugs]),
            "quantity_prescribed": col.money(benefit.figure("quantity", 100)[drug]),
            "refills_authorized": col.whole(prescriptions.refills),
            "refills_remaining": col.whole(np.maximum(prescriptions.refills - np.maximum(fetched - 1, 0), 0)),
            "written_date": col.days(prescriptions.written),
            "expiration_date": col.days(prescriptions.written + 365),
            "directions": col.coded(drug, [f"{product.dose} {product.route} {product.frequency}" for product in drugs]),
            "route": col.coded(drug, [product.route for product in drugs]),
            "frequency": col.coded(drug, [product.frequency for product in drugs]),
            "medication_id": col.picked(benefit.roster.medication_ids(benefit.treatment), prescriptions.treatment),
            **dose_columns(drugs, drug),
        }
    )


def _sold(benefit: _Benefit) -> _Sold:
    """The fills of people who are covered on the day."""
    context, people, fills, prices = (
        benefit.roster.timeline.context,
        benefit.roster.timeline.people,
        benefit.fills,
        billing(),
    )
    person = benefit.person.take(fills.prescription)
    span = benefit.coverage.on(person, fills.day)
    kept = np.flatnonzero(
        (span >= 0) & (fills.day >= people.first.take(person)) & (fills.day <= people.last.take(person))
    )
    kept = kept.take(order_of(person.take(kept), fills.day.take(kept), fills.prescription.take(kept)))
    rx, day, person, span = (part.take(kept) for part in (fills.prescription, fills.day, person, span))
    drug = benefit.drug(rx)
    key = _FILL.pack(drug, day=day - context.start)
    u = context.draws.uniform("fill", people.number.take(person), key)
    status = np.where(
        u < prices["rejected_fills"], REJECTED, np.where(u > 1 - prices["reversed_fills"], REVERSED, PAID)
    )
    return _Sold(rx, day, person, span, drug, key, status)


def _prices(benefit: _Benefit, sold: _Sold) -> tuple[Ints, Ints, Ints, Ints]:
    """(cost of the drug, with the fee, what the patient pays of it, the usual charge) in cents; nothing is paid of what is
    rejected or reversed."""
    people, prices = benefit.roster.timeline.people, billing()
    lines = [plan["line"] for plan in prices["plans"]]
    plan = benefit.coverage.plan.take(sold.span)
    level = np.array([prices["pharmacy_price"].get(line, 1.0) for line in lines]).take(plan)
    scales = np.array(benefit.roster.timeline.context.scales.spending)
    scale = scales[np.searchsorted([19, 65], people.ages[1], side="right")].take(sold.person) * prices_on(sold.day)
    cost = np.maximum((benefit.figure("price", 100).take(sold.drug) * level * scale).astype(np.int64), _LEAST_COST)
    pays = sold.status == PAID
    asked = cost + round(prices["dispensing_fee"] * 100)
    gross = asked * pays
    usual, low = (
        np.array([round(copays["brand" if product.brand else "generic"] * 100) for product in benefit.drugs])
        for copays in (prices["pharmacy_copays"], prices["low_income_copays"])
    )
    line = np.array([PAYERS.index(name) for name in lines]).take(plan)
    patient = np.where(line == MEDICAID, _MEDICAID_COPAY, usual.take(sold.drug))
    # with Medicaid beside it, Part D asks for less
    poor = (line == MEDICARE) & (benefit.coverage.second.on(sold.person, sold.day) >= 0)
    patient = np.minimum(np.where(poor, low.take(sold.drug), patient), gross)
    return cost * pays, gross, patient, (asked * _USUAL_CHARGE).astype(np.int64)


def _claims(benefit: _Benefit, sold: _Sold, claim_ids: pa.Array) -> pa.Table:
    roster, drugs, n = benefit.roster, benefit.drugs, len(sold.rx)
    context, people = roster.timeline.context, roster.timeline.people
    cost, gross, patient, usual = _prices(benefit, sold)
    pays = sold.status == PAID
    pharmacy = network.pharmacy_of(context, people, np.arange(len(people)))
    rows, shop = distinct(pharmacy)
    event = benefit.treatment.event.take(benefit.prescriptions.treatment).take(sold.rx)
    return pa.table(
        {
            "pharmacy_claim_id": claim_ids,
            "prescription_id": col.picked(benefit.ids, sold.rx),
            "ndc": col.coded(sold.drug, [product.ndc for product in drugs]),
            "drug_name": col.coded(sold.drug, [product.name for product in drugs]),
            "rx_member_id": col.coded(sold.person, benefit.rx_members),
            "pharmacy_id": col.coded(shop.take(sold.person), network.pharmacy_ids(context, pharmacy[rows])),
            "prescriber_provider_id": roster.seen(event, sold.person),
            "days_supply": col.whole(benefit.figure("days_supply").take(sold.drug)),
            "daw_code": col.constant("0", n),
            "transaction_code": col.constant("B1", n),
            "service_date": col.days(sold.day),
            "paid_date": col.days(sold.day + _PAID_AFTER, ~pays),
            "fill_number": col.whole(_numbered(sold.rx, pays)),
            "quantity_dispensed": col.money(benefit.figure("quantity", 100).take(sold.drug)),
            "status": col.coded(sold.status, ["paid", "rejected", "reversed"]),
            "reject_code": _rejections(benefit, sold),
            "ingredient_cost": col.money(cost),
            "dispensing_fee": col.money(gross - cost),
            "gross_amount_due": col.money(gross),
            "plan_paid_amount": col.money(gross - patient),
            "patient_pay_amount": col.money(patient),
            "usual_and_customary_charge": col.money(usual),
            "authorization_number": _authorizations(benefit, sold),
            **make_cards(people, benefit.coverage).columns(sold.person),
        }
    )


def _authorizations(benefit: _Benefit, sold: _Sold) -> pa.Array:
    """The number that the processor gives each claim that is not rejected: who, and which of the person's claims."""
    place, _ = col.runs(sold.person)
    digits = benefit.roster.timeline.people.digits
    characters = col.texts(col.gathered(digits, sold.person), col.digits(place, 4), rows=len(place))
    return col.strings(characters, sold.status == REJECTED)


def _rejections(benefit: _Benefit, sold: _Sold) -> pa.Array:
    """Why fills were rejected."""
    timeline, codes = benefit.roster.timeline, billing()["reject_codes"]
    rejected = np.flatnonzero(sold.status == REJECTED)
    ids = timeline.people.number.take(sold.person)
    reject = np.full(len(sold.rx), -1)
    u = timeline.context.draws.uniform("reject", ids[rejected], sold.day[rejected])
    reject[rejected] = choose(u, cumulated(list(codes.values())))
    return col.coded(reject, list(codes), gaps=True)


def _numbered(rx: Ints, pays: Bools) -> Ints:
    """How many fills of the same prescription were paid before, from 0; rows are in the order of days."""
    order = order_of(rx)
    paid = pays.take(order)
    before = np.cumsum(paid) - paid
    number = np.empty(len(rx), dtype=np.int64)
    number[order] = before - before.take(col.runs(rx.take(order))[1])
    return number


def _alerts(benefit: _Benefit, sold: _Sold, claim_ids: pa.Array) -> pa.Table:
    draws, ids = benefit.roster.timeline.context.draws, benefit.roster.timeline.people.number.take(sold.person)
    at = np.flatnonzero(draws.uniform("alert", ids, sold.key) < ALERTED)
    which = draws.integer("alert/kind", ids[at], len(_ALERTS), sold.key[at])
    outcome = draws.integer("alert/outcome", ids[at], len(_OUTCOMES), sold.key[at])
    return pa.table(
        {
            "dur_alert_id": benefit.roster.numbered("DUR-", sold.person[at]),
            "rx_member_id": col.coded(sold.person[at], benefit.rx_members),
            "prescription_id": col.coded(sold.rx[at], benefit.ids),
            "pharmacy_claim_id": claim_ids.take(pa.array(at)),
            "alert_type": col.coded(which, [alert.kind for alert in _ALERTS]),
            "severity": col.coded(which, [alert.severity for alert in _ALERTS]),
            "message": col.coded(which, [alert.message for alert in _ALERTS]),
            "outcome": col.coded(outcome, [each.text for each in _OUTCOMES]),
            "reason_for_service_code": col.coded(which, [alert.reason for alert in _ALERTS]),
            "professional_service_code": col.coded(outcome, [each.service for each in _OUTCOMES]),
            "result_of_service_code": col.coded(outcome, [each.result for each in _OUTCOMES]),
            "clinical_significance_code": col.coded(which, [_SIGNIFICANCE[alert.severity] for alert in _ALERTS]),
        }
    )


def _prior_auths(benefit: _Benefit) -> pa.Table:
    """One for each prescription of a drug that needs it, of people who are insured; what is filled has been approved."""
    drugs = benefit.drugs
    needs = np.array([product.prior_auth for product in drugs] + [False])
    drug = benefit.drug(np.arange(len(benefit.person)))
    at = np.flatnonzero(needs[drug] & (benefit.insured >= 0))
    person, asked = benefit.person[at], benefit.prescriptions.written[at]
    return pa.table(
        {
            "prior_auth_id": benefit.roster.numbered("PAU-", person),
            "rx_member_id": col.coded(person, benefit.rx_members),
            "prescription_id": benefit.ids.take(pa.array(at)),
            "ndc": col.coded(drug[at], [product.ndc for product in drugs]),
            "drug_name": col.coded(drug[at], [product.name for product in drugs]),
            "status": col.constant("approved", len(at)),
            "request_date": col.days(asked),
            "decision_date": col.days(asked),
            "effective_date": col.days(asked),
            "expiration_date": col.days(asked + 365),
        }
    )
