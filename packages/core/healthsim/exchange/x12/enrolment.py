"""834: who is covered by what (005010X220A1), as it is declared."""

from __future__ import annotations

from healthsim.exchange.x12.elements import (
    Loop,
    Segment,
    code,
    day,
    digits,
    identifier,
    made,
    npi,
    segment,
    text,
    zip_code,
)
from healthsim.exchange.x12.people import UNKNOWN

#: race -> code of DMG05
RACES = {
    "White": "C",
    "Black or African American": "B",
    "Asian": "A",
    "American Indian or Alaska Native": "I",
    "Native Hawaiian or Other Pacific Islander": "J",
    "Other": "E",
    "Some other race": "E",
    "Two or more races": "Z",
}
_RACE = "CASE m.race " + " ".join(f"WHEN '{name}' THEN '{letter}'" for name, letter in RACES.items()) + " END"
#: ethnicity -> code of the CDC, in the third component of DMG05
ETHNICITIES = {"Hispanic or Latino": "2135-2", "Not Hispanic or Latino": "2186-5"}
_ETHNICITY = (
    "CASE m.ethnicity " + " ".join(f"WHEN '{name}' THEN ':RET:{code}'" for name, code in ETHNICITIES.items()) + " END"
)
_PHONE = "right(regexp_replace(m.phone, '[^0-9]', '', 'g'), 10)"
_EMAIL = "CASE WHEN regexp_full_match(m.email, '[!-)+-9;-\\]_-}]{3,256}') THEN m.email END"

HEADER = Loop(
    "1000",
    (
        segment(
            "N1",
            "P5",
            text("coalesce(m.group_id, m.payer_name)", 60, otherwise=UNKNOWN),
            "94",
            identifier("coalesce(m.group_id, m.payer_id)", 80),
        ),
        segment("N1", "IN", text("m.payer_name", 60, otherwise=UNKNOWN), "94", identifier("m.payer_id", 80)),
    ),
)


def _contact() -> Segment:
    return segment(
        "PER",
        "IP",
        "",
        made(f"CASE WHEN length({_PHONE}) = 10 THEN 'HP' WHEN {_EMAIL} IS NOT NULL THEN 'EM' END"),
        made(f"CASE WHEN length({_PHONE}) = 10 THEN {_PHONE} ELSE {_EMAIL} END", "m.phone"),
        made(f"CASE WHEN length({_PHONE}) = 10 AND {_EMAIL} IS NOT NULL THEN 'EM' END"),
        made(f"CASE WHEN length({_PHONE}) = 10 THEN {_EMAIL} END", "m.email"),
        when=f"length({_PHONE}) = 10 OR {_EMAIL} IS NOT NULL",
    )


MEMBER = Loop(
    "2000, 2100A",
    (
        segment(
            "INS",
            made("CASE WHEN o.is_self THEN 'Y' ELSE 'N' END"),
            made("CASE WHEN o.is_self THEN '18' ELSE m.relationship_code END", "m.relationship_code"),
            "030",
            "XN",
            made("CASE WHEN upper(m.coverage_status) = 'COBRA' THEN 'C' ELSE 'A' END", "m.coverage_status"),
            "",
            "",
            made("CASE WHEN o.is_self THEN 'FT' END"),
            "",
            "",
            made("CASE WHEN m.death_date IS NOT NULL THEN 'D8' END"),
            day("m.death_date"),
        ),
        segment("REF", "0F", identifier("m.subscriber_id", 50)),
        segment("REF", "1L", identifier("m.group_id", 50), when="m.group_id IS NOT NULL"),
        segment("REF", "23", identifier("m.member_number", 50)),
        segment("DTP", "356", "D8", day("m.coverage_start"), when="m.coverage_start IS NOT NULL"),
        segment(
            "NM1",
            "IL",
            "1",
            text("m.family_name", 60, otherwise=UNKNOWN),
            text("m.given_name", 35),
            text("m.middle_name", 25),
            text("m.prefix", 10),
            text("m.suffix", 10),
            made(f"CASE WHEN length({digits('m.ssn', 9).sql}) = 9 THEN '34' END"),
            made(f"CASE WHEN length({digits('m.ssn', 9).sql}) = 9 THEN {digits('m.ssn', 9).sql} END", "m.ssn"),
        ),
        _contact(),
        segment(
            "N3",
            text("m.address_line1", 55, otherwise=UNKNOWN),
            text("m.address_line2", 55),
            when="m.address_line1 IS NOT NULL AND m.city IS NOT NULL",
        ),
        segment(
            "N4",
            text("m.city", 30, otherwise=UNKNOWN),
            code("upper(m.state)", 2),
            zip_code("m.postal_code"),
            "",
            made("CASE WHEN m.county_fips IS NOT NULL THEN 'CY' END"),
            code("m.county_fips", 5),
            when="m.address_line1 IS NOT NULL AND m.city IS NOT NULL",
        ),
        segment(
            "DMG",
            "D8",
            day("m.birth_date"),
            made("CASE m.gender WHEN 'F' THEN 'F' WHEN 'M' THEN 'M' ELSE 'U' END", "m.gender"),
            "",
            made(f"concat({_RACE}, {_ETHNICITY})", "m.race, m.ethnicity"),
            when="m.birth_date IS NOT NULL",
        ),
        segment("LUI", "LE", code("upper(m.language)", 2), "", "7", when="length(m.language) = 2"),
    ),
)
COVERAGE = Loop(
    "2300, 2310",
    (
        segment("HD", "030", "", "HLT", identifier("m.plan_code", 50)),
        segment("DTP", "348", "D8", day("m.coverage_start"), when="m.coverage_start IS NOT NULL"),
        segment("DTP", "349", "D8", day("m.coverage_end"), when="m.coverage_end IS NOT NULL"),
        segment("LX", "1", when="o.pcp_id <> 'nobody'"),
        segment(
            "NM1",
            "P3",
            made("pcp.entity_type"),
            text("pcp.name", 60, otherwise=UNKNOWN),
            text("pcp.given_name", 35),
            "",
            "",
            "",
            made(f"CASE WHEN {npi('pcp.npi').sql} IS NOT NULL THEN 'XX' END"),
            npi("pcp.npi"),
            "26",
            when="o.pcp_id <> 'nobody'",
        ),
    ),
)
LOOPS = (HEADER, MEMBER, COVERAGE)


def placeholders() -> dict[str, str]:
    """What ``sql/order_members.sql`` and ``sql/enrolment.sql`` leave open."""
    # a span is written below the member of the one before it where it says the same of the person, but for when it began
    told = [f"coalesce({column}::VARCHAR, '')" for column in MEMBER.columns("m") if column != "m.coverage_start"]
    return {
        "partner": "m.group_id",
        "person": f"concat_ws('|', {', '.join(told)})",
        "header": HEADER.sql,
        "member": MEMBER.sql,
        "coverage": COVERAGE.sql,
        "member_changed": MEMBER.changed,
        "coverage_changed": COVERAGE.changed,
    }
