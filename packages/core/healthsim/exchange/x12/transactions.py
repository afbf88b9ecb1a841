"""The kinds of transaction that are written: their envelope, the statements behind them, and how they are put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from healthsim.exchange.portions import Row
from healthsim.exchange.x12 import assembling, claim_status, claims, eligibility, enrolment, payments
from healthsim.exchange.x12.elements import Loop
from healthsim.exchange.x12.envelope import Envelope


@dataclass(frozen=True)
class Transaction:
    """One kind.

    Attributes:
        name: what it is called: 837P.
        functional_id, version: GS01 and GS08.
        order, rows: the statements that order and render it.
        names: what these leave open.
        assemble: writes the rows; how many things it wrote, and how many values were not carried as they are.
        thing: what is counted.
        loops: what it consists of, for the page.
    """

    name: str
    functional_id: str
    version: str
    order: str
    rows: str
    names: Callable[[], Mapping[str, str]]
    assemble: Callable[[Envelope, Iterable[Row]], tuple[int, int]]
    thing: str
    loops: tuple[Loop, ...]

    @property
    def names_version(self) -> bool:
        """Whether ST03 repeats the version."""
        return self.name != "835"


def _claims(name: str, kind: str, version: str) -> Transaction:
    insured, claim, line = claims.LOOPS[kind]
    whole = (claims.RECEIVER, claims.BILLING, insured, claims.PATIENT, claim, claims.GIVER[kind], claims.PLACE)
    loops = (*whole, claims.second_payer(kind), line)
    names = partial(claims.placeholders, kind)
    return Transaction(name, "HC", version, "order_claims", "claims", names, assembling.write_claims, "claims", loops)


def _eligibility(name: str, functional_id: str) -> Transaction:
    loops = (eligibility.PAYER, eligibility.PROVIDER, *eligibility.loops(name))
    write = partial(assembling.write_eligibility, kind=name)
    names = partial(eligibility.placeholders, name)
    return Transaction(
        name, functional_id, "005010X279A1", "order_members", "eligibility", names, write, "members", loops
    )


def _claim_status(name: str, functional_id: str) -> Transaction:
    loops = (claim_status.PAYER, claim_status.PROVIDER, *claim_status.loops(name))
    write = partial(assembling.write_claim_status, kind=name)
    names = partial(claim_status.placeholders, name)
    return Transaction(name, functional_id, "005010X212", "order_claims", "claim_status", names, write, "claims", loops)


TRANSACTIONS = {
    known.name: known
    for known in (
        _claims("837P", "professional", "005010X222A1"),
        _claims("837I", "institutional", "005010X223A2"),
        Transaction(
            "835",
            "HP",
            "005010X221A1",
            "order_payments",
            "payments",
            payments.placeholders,
            assembling.write_payments,
            "claims",
            payments.LOOPS,
        ),
        Transaction(
            "834",
            "BE",
            "005010X220A1",
            "order_members",
            "enrolment",
            enrolment.placeholders,
            assembling.write_enrolment,
            "members",
            enrolment.LOOPS,
        ),
        _eligibility("270", "HS"),
        _eligibility("271", "HB"),
        _claim_status("276", "HR"),
        _claim_status("277", "HN"),
    )
}
