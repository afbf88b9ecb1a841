"""276 and 277: what became of a claim, asked and answered (005010X212), as they are declared."""

from __future__ import annotations

from healthsim.exchange.x12.claims import biller
from healthsim.exchange.x12.elements import Loop, amount, day, identifier, made, segment, span
from healthsim.exchange.x12.people import demographics, name_elements, party, payer

#: status -> category and code of STC01: paid; denied charge; accepted for processing; processed as an adjustment
STATUSES = {"paid": "F1:65", "denied": "F2:585", "pended": "P1:20", "reversed": "F3:101"}
_STATUS = (
    "CASE c.status "
    + " ".join(f"WHEN '{word}' THEN '{codes}'" for word, codes in STATUSES.items())
    + " ELSE 'P1:20' END"
)
_LAST = "coalesce(c.service_end_date, c.service_date)"

PAYER = Loop("2100A", (payer("PR", "PI"),))
PROVIDER = Loop("2100C", (party("1P", "billing"),))
_NUMBERS = (
    segment("REF", "BLT", made("right('0' || c.bill_type, 3)", "c.bill_type"), when="c.bill_type IS NOT NULL"),
    segment("REF", "EJ", identifier("c.claim_id", 50)),
)
_DAYS = segment("DTP", "472", "RD8", span("c.service_date", _LAST), when="c.service_date IS NOT NULL")


_TRACE = made("left(upper(md5(c.claim_id)), 20)")
CLAIM = {
    "276": Loop(
        "2200D, 2200E",
        (
            segment("TRN", "1", _TRACE),
            *_NUMBERS,
            segment("AMT", "T3", amount("c.total_charge"), when="c.total_charge IS NOT NULL"),
            _DAYS,
        ),
    ),
    "277": Loop(
        "2200D, 2200E",
        (
            segment("TRN", "2", _TRACE),
            segment(
                "STC",
                made(_STATUS, "c.status"),
                day("coalesce(c.adjudicated_date, c.received_date, c.service_date)"),
                "",
                amount("c.total_charge"),
                amount("c.total_paid"),
                day("c.adjudicated_date"),
                "",
                day("c.paid_date"),
            ),
            segment("REF", "1K", identifier("c.claim_id", 50)),
            *_NUMBERS,
            _DAYS,
        ),
    ),
}


def loops(kind: str) -> tuple[Loop, Loop, Loop]:
    """The loops of the subscriber, of a dependent, and of the claim; only the question tells the birth date."""
    asks = kind == "276"
    subscriber = Loop(
        "2000D, 2100D",
        (
            *((demographics("s", condition="o.is_self"),) if asks else ()),
            segment("NM1", "IL", "1", *name_elements("s"), "MI", identifier("m.subscriber_id", 80)),
        ),
    )
    dependent = Loop(
        "2000E, 2100E",
        (*((demographics("m"),) if asks else ()), segment("NM1", "QC", "1", *name_elements("m"))),
    )
    return subscriber, dependent, CLAIM[kind]


def placeholders(kind: str) -> dict[str, str]:
    """What ``sql/order_claims.sql`` and ``sql/claim_status.sql`` leave open."""
    subscriber, dependent, claim = loops(kind)
    return {
        "billing_id": biller(),
        "condition": "TRUE",
        "payer": PAYER.sql,
        "provider": PROVIDER.sql,
        "subscriber": subscriber.sql,
        "dependent": dependent.sql,
        "claim": claim.sql,
        "changed": claim.changed,
    }
