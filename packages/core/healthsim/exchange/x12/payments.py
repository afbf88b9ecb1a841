"""835: what payers paid for claims, and why not all (005010X221A1), as it is declared.

What was charged and not paid stands in CAS: PR what the member owes, and the rest with its reason, so that every line, claim
and remittance adds up.
"""

from __future__ import annotations

from healthsim.exchange.x12.claims import PROCEDURE, biller
from healthsim.exchange.x12.elements import Loop, Repeated, amount, code, day, identifier, made, npi, segment, text
from healthsim.exchange.x12.people import PHONE, address, party, person, tax_id

#: how remittances call the kind of coverage (CLP06)
_FILING = (
    "CASE WHEN m.line_of_business = 'medicare' AND m.plan_type IN ('HMO', 'PPO') THEN '16'"
    " WHEN m.line_of_business = 'medicare' AND c.claim_type = 'institutional' THEN 'MA'"
    " WHEN m.line_of_business = 'medicare' THEN 'MB' WHEN m.line_of_business = 'medicaid' THEN 'MC'"
    " ELSE CASE m.plan_type WHEN 'HMO' THEN 'HM' WHEN 'POS' THEN '13' WHEN 'EPO' THEN '14' WHEN 'indemnity' THEN '15'"
    " WHEN 'PPO' THEN '12' WHEN 'HDHP' THEN '12' ELSE 'ZZ' END END"
)
_KNOWN_NPI = f"{npi('billing.npi').sql} IS NOT NULL"


def _reason(column: str, otherwise: str) -> str:
    """Group and reason of an adjustment: CO-45 says both, 45 the reason only."""
    group = f"coalesce(nullif(regexp_extract({column}, '^(CO|PR|OA|PI)', 1), ''), 'CO')"
    reason = f"coalesce(nullif(regexp_extract({column}, '([A-Z]?[0-9]+)$', 1), ''), '{otherwise}')"
    return f"{group} || '*' || {reason}"


def _share(reason: int, column: str) -> str:
    return f"CASE WHEN {column} <> 0 THEN '{reason}*' || {amount(column).sql} END"


_LINE_REASON = "coalesce(l.adjustment_reason_code, CASE WHEN c.status = 'denied' THEN c.denial_reason_code END)"
_CONTRACTUAL = Repeated(
    "CAS*CO",
    f"CASE WHEN l.other <> 0 THEN concat('CAS*', {_reason(_LINE_REASON, '45')}, '*', {amount('l.other').sql}, '~')"
    " ELSE '' END",
    "l.adjustment_reason_code, l.charge_amount, l.paid_amount, c.denial_reason_code",
)
_OWED = Repeated(
    "CAS*PR",
    "CASE WHEN l.deductible <> 0 OR l.coinsurance <> 0 OR l.copay <> 0 THEN 'CAS*PR*' || concat_ws('**', "
    f"{_share(1, 'l.deductible')}, {_share(2, 'l.coinsurance')}, {_share(3, 'l.copay')}) || '~' ELSE '' END",
    "l.deductible_amount, l.coinsurance_amount, l.copay_amount",
)

PAYER = Loop(
    "1000A",
    (
        segment("N1", "PR", text("m.payer_name", 60, otherwise="UNKNOWN PAYER")),
        segment("N3", text("m.payer_address_line1", 55, otherwise="UNKNOWN")),
        segment(
            "N4",
            text("m.payer_city", 30, otherwise="UNKNOWN"),
            code("m.payer_state", 2, otherwise="DC"),
            made(
                "coalesce(nullif(regexp_replace(m.payer_postal_code, '[^0-9]', '', 'g'), ''), '00000')",
                "m.payer_postal_code",
            ),
        ),
        segment("REF", "2U", identifier("m.payer_id", 50)),
        segment(
            "PER",
            "BL",
            "CLAIMS",
            "TE",
            made(
                f"coalesce(nullif(right(regexp_replace(m.payer_phone, '[^0-9]', '', 'g'), 10), ''), '{PHONE}')",
                "m.payer_phone",
            ),
        ),
    ),
)
PAYEE = Loop(
    "1000B",
    (
        segment(
            "N1",
            "PE",
            made(
                f"concat_ws(' ', {text('billing.name', 60, otherwise='UNKNOWN').sql}, {text('billing.given_name', 35).sql})[1:60]",
                "billing.name, billing.given_name",
            ),
            made(f"CASE WHEN {_KNOWN_NPI} THEN 'XX' ELSE 'FI' END"),
            made(f"coalesce({npi('billing.npi').sql}, '000000000')", "billing.npi"),
        ),
        *address("billing"),
        tax_id("TJ", "billing"),
    ),
)
CLAIM = Loop(
    "2100",
    (
        segment(
            "CLP",
            identifier("c.claim_id", 38),
            # 19: processed as primary, forwarded to the next payer
            made(
                "CASE WHEN c.status = 'denied' THEN '4' WHEN c.status = 'reversed' THEN '22'"
                " WHEN second.insured_id IS NOT NULL THEN '19' ELSE '1' END",
                "c.status, c.secondary_member_id",
            ),
            amount("o.charge", source="c.total_charge"),
            amount("o.paid", source="c.total_paid"),
            amount("coalesce(c.member_responsibility, 0)", source="c.member_responsibility"),
            made(_FILING, "m.line_of_business, m.plan_type"),
            identifier("c.claim_id", 50),
            made(
                "coalesce(left(right('0' || c.bill_type, 3), 2), c.place_of_service, '11')",
                "c.place_of_service, c.bill_type",
            ),
            made("coalesce(right(c.bill_type, 1), '1')"),
            "",
            code("c.drg_code", 4),
        ),
        Repeated(
            "CAS*CO",
            "CASE WHEN o.beyond_lines <> 0 THEN concat('CAS*', "
            f"{_reason('c.denial_reason_code', '45')}, '*', {amount('o.beyond_lines').sql}, '~') ELSE '' END",
            "c.denial_reason_code, c.total_charge, c.total_paid",
        ),
        person("QC", "m", "MI", identifier("m.member_number", 80)),
        person("IL", "s", "MI", identifier("m.subscriber_id", 80), when="o.subscriber_id <> o.insured_id"),
        party("82", "rendering", when="o.rendering_id <> 'nobody' AND o.rendering_id <> o.billing_id"),
        segment(
            "NM1",
            "TT",
            "2",
            text("second.payer_name", 60, otherwise="UNKNOWN"),
            "",
            "",
            "",
            "",
            "PI",
            identifier("second.payer_id", 20),
            when="second.insured_id IS NOT NULL AND coalesce(c.status, 'paid') = 'paid'",
        ),
        segment("REF", "EA", identifier("p.mrn", 50), when="p.mrn IS NOT NULL"),
        segment("REF", "G1", identifier("c.authorization_number", 50), when="c.authorization_number IS NOT NULL"),
        segment("DTM", "232", day("c.service_date"), when="c.service_date IS NOT NULL"),
        segment("DTM", "233", day("c.service_end_date"), when="c.service_end_date IS NOT NULL"),
        segment("DTM", "050", day("c.received_date"), when="c.received_date IS NOT NULL"),
        segment("AMT", "AU", amount("c.total_allowed"), when="c.total_allowed > 0"),
    ),
)
LINE = Loop(
    "2110",
    (
        segment(
            "SVC",
            made(
                f"coalesce({PROCEDURE.sql}, 'NU:' || {code('l.revenue_code', 4).sql}, 'N4:' || l.ndc, 'ZZ:NONE')",
                PROCEDURE.source,
            ),
            amount("l.charge", source="l.charge_amount"),
            amount("l.paid", source="l.paid_amount"),
            code("l.revenue_code", 4),
            amount("coalesce(l.units, 1)", source="l.units"),
        ),
        segment(
            "DTM",
            "472",
            day("coalesce(l.service_date, c.service_date)"),
            when="coalesce(l.service_date, c.service_date) IS NOT NULL",
        ),
        _CONTRACTUAL,
        _OWED,
        segment("REF", "6R", identifier("l.claim_line_id", 30)),
        segment("AMT", "B6", amount("l.allowed_amount"), when="l.allowed_amount > 0"),
    ),
)
LOOPS = (PAYER, PAYEE, CLAIM, LINE)


def placeholders() -> dict[str, str]:
    """What ``sql/order_payments.sql`` and ``sql/payments.sql`` leave open."""
    return {
        "billing_id": biller(),
        "payer": PAYER.sql,
        "payee": PAYEE.sql,
        "payee_number": npi("billing.npi").sql,
        "claim": CLAIM.sql,
        "lines": LINE.sql,
        "lines_changed": LINE.changed,
        "changed": f"CASE WHEN o.new_set THEN {PAYER.changed} ELSE 0 END + {CLAIM.changed}",
    }
