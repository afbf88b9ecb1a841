"""270 and 271: whether somebody is covered, and what the plan answers (005010X279A1), as they are declared."""

from __future__ import annotations

from healthsim.exchange.x12.elements import (
    Element,
    Loop,
    Segment,
    amount,
    code,
    day,
    identifier,
    made,
    npi,
    segment,
    span,
    text,
)
from healthsim.exchange.x12.people import demographics, name_elements, payer

#: 30: health benefit plan coverage, the service type that asks for everything
SERVICE = "30"
_KNOWN = npi("pcp.npi").sql

PAYER = Loop("2100A", (payer("PR", "PI"),))
PROVIDER = Loop(
    "2100B",
    (
        segment(
            "NM1",
            "1P",
            made("coalesce(pcp.entity_type, '2')"),
            text("pcp.name", 60, otherwise="HEALTHSIM"),
            text("pcp.given_name", 35),
            "",
            "",
            "",
            made(f"CASE WHEN {_KNOWN} IS NULL THEN 'SV' ELSE 'XX' END"),
            made(f"coalesce({_KNOWN}, 'HEALTHSIM')", "pcp.npi"),
        ),
    ),
)
SUBSCRIBER = Loop("2100C", (segment("NM1", "IL", "1", *name_elements("s"), "MI", identifier("m.subscriber_id", 80)),))


def _trace(number: str) -> Segment:
    return segment("TRN", number, made("left(upper(md5(m.insured_id)), 20)"), "9HEALTHSIM")


_COVERED = (
    segment(
        "DTP", "291", "D8", day("m.coverage_start"), when="m.coverage_start IS NOT NULL AND m.coverage_end IS NULL"
    ),
    segment("DTP", "291", "RD8", span("m.coverage_start", "m.coverage_end"), when="m.coverage_start <= m.coverage_end"),
)
_RELATIONSHIP = segment("INS", "N", code("m.relationship_code", 2))


#: what is left of a limit
_SOURCES = dict.fromkeys(("a.deductible_left", "a.oop_left"), "a.limit_amount, a.applied_amount")


def _benefit(kind: str, column: str, *before: Element | str, when: str = "") -> Segment:
    """EB with an amount."""
    return segment(
        "EB", kind, *before, amount(column, source=_SOURCES.get(column)), when=when or f"{column} IS NOT NULL"
    )


BENEFITS = (
    segment(
        "EB",
        made("CASE WHEN m.coverage_status = 'terminated' THEN '6' ELSE '1' END", "m.coverage_status"),
        "",
        SERVICE,
        "",
        text("m.plan_name", 50),
    ),
    _benefit("C", "m.deductible_individual", "IND", SERVICE, "", "", "23"),
    _benefit("C", "m.deductible_family", "FAM", SERVICE, "", "", "23"),
    _benefit("C", "a.deductible_left", "IND", SERVICE, "", "", "29"),
    _benefit("G", "m.oop_max_individual", "IND", SERVICE, "", "", "23"),
    _benefit("G", "m.oop_max_family", "FAM", SERVICE, "", "", "23"),
    _benefit("G", "a.oop_left", "IND", SERVICE, "", "", "29"),
    _benefit("B", "m.copay_pcp", "", "98", "", "", "27"),
    _benefit("B", "m.copay_er", "", "86", "", "", "27"),
    segment(
        "EB",
        "A",
        "",
        SERVICE,
        "",
        "",
        "",
        "",
        made("rtrim(rtrim((m.coinsurance_pct / 100)::DECIMAL(9, 4)::VARCHAR, '0'), '.')", "m.coinsurance_pct"),
        when="m.coinsurance_pct IS NOT NULL",
    ),
)
ASKED = (segment("EQ", SERVICE),)
_PLAN_DAYS = (
    segment("DTP", "346", "D8", day("m.coverage_start"), when="m.coverage_start IS NOT NULL"),
    segment("DTP", "347", "D8", day("m.coverage_end"), when="m.coverage_end IS NOT NULL"),
)


def loops(kind: str) -> tuple[Loop, Loop]:
    """The loops of the subscriber and of a dependent, for 270 or 271."""
    trace, days, end = ("1", _COVERED, ASKED) if kind == "270" else ("2", _PLAN_DAYS, BENEFITS)
    insured = Loop(
        "2000C, 2100C, 2110C",
        (
            _trace(trace),
            segment("NM1", "IL", "1", *name_elements("m"), "MI", identifier("m.member_number", 80)),
            demographics("m"),
            *days,
            *end,
        ),
    )
    dependent = Loop(
        "2000D, 2100D, 2110D",
        (
            _trace(trace),
            segment("NM1", "03", "1", *name_elements("m")),
            segment("REF", "EJ", identifier("m.member_number", 50)),
            demographics("m"),
            _RELATIONSHIP,
            *days,
            *end,
        ),
    )
    return insured, dependent


def placeholders(kind: str) -> dict[str, str]:
    """What ``sql/order_members.sql`` and ``sql/eligibility.sql`` leave open."""
    insured, dependent = loops(kind)
    return {
        "partner": "pcp.party_id",
        "person": "m.member_number",
        "payer": PAYER.sql,
        "provider": PROVIDER.sql,
        "subscriber": SUBSCRIBER.sql,
        "insured": insured.sql,
        "dependent": dependent.sql,
        "changed": f"CASE WHEN o.is_self THEN {insured.changed} ELSE {dependent.changed} END",
    }
