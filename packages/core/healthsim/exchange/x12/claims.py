"""837P and 837I: claims of professionals (005010X222A1) and of institutions (005010X223A2), as they are declared.

Loops, segments and elements stand in the order of the implementation guides. ``sql/claims.sql`` has the tables behind the names.
"""

from __future__ import annotations

from healthsim.exchange.x12.elements import (
    Loop,
    Repeated,
    amount,
    code,
    composite,
    day,
    diagnosis,
    identifier,
    joined,
    made,
    segment,
    span,
    text,
)
from healthsim.exchange.x12.people import address, demographics, organisation, party, payer, person, ssn, tax_id

#: line of business -> how claims call the kind of coverage (SBR09)
_FILING = "CASE {}.line_of_business WHEN 'medicare' THEN '{}' WHEN 'medicaid' THEN 'MC' ELSE 'CI' END"
_OF_MEDICARE = {"professional": "MB", "institutional": "MA"}


def filing(kind: str, alias: str = "m") -> str:
    """How claims of a kind call the kind of coverage."""
    return _FILING.format(alias, _OF_MEDICARE[kind])


_OTHERS = (
    "CASE WHEN c.other_diagnoses IS NULL THEN []::VARCHAR[]"
    " WHEN json_type(c.other_diagnoses) = 'ARRAY' THEN c.other_diagnoses->>'$[*]' ELSE [] END"
)
_PRESENT = "CASE WHEN json_type(c.other_diagnoses_poa) = 'ARRAY' THEN c.other_diagnoses_poa->>'$[*]' ELSE [] END"
_PLAIN = "regexp_replace({0}, '[^A-Za-z0-9]', '', 'g')"
_INPATIENT = "left(ltrim(c.bill_type, '0'), 2) IN ('11', '12', '18', '21', '41')"

RECEIVER = Loop("1000B", (payer("40", "46"),))
BILLING = Loop(
    "2000A, 2010AA",
    (
        segment("PRV", "BI", "PXC", code("billing.taxonomy_code", 10), when="billing.taxonomy_code IS NOT NULL"),
        party("85", "billing"),
        *address("billing", whole_zip=True),
        tax_id("EI", "billing"),
        segment(
            "PER",
            "IC",
            text("billing.name", 60, otherwise="BILLING"),
            "TE",
            made("right(regexp_replace(billing.phone, '[^0-9]', '', 'g'), 10)", "billing.phone"),
            when="length(regexp_replace(billing.phone, '[^0-9]', '', 'g')) >= 10",
        ),
    ),
)


def subscriber(kind: str) -> Loop:
    """Who holds the coverage, and who pays."""
    return Loop(
        "2000B, 2010BA, 2010BB",
        (
            segment(
                "SBR",
                "P",
                made("CASE WHEN o.is_self THEN '18' END"),
                identifier("m.group_id", 50),
                text("m.plan_name", 60),
                "",
                "",
                "",
                "",
                made(filing(kind), "m.line_of_business"),
            ),
            person("IL", "s", "MI", identifier("m.subscriber_id", 80)),
            *address("s", condition="o.is_self"),
            demographics("s", condition="o.is_self"),
            ssn("s"),
            payer("PR", "PI"),
            *address("m", prefix="payer_"),
        ),
    )


PATIENT = Loop(
    "2000C, 2010CA",
    (
        segment("PAT", code("m.relationship_code", 2)),
        person("QC", "m"),
        *address("m"),
        demographics("m"),
        segment("REF", "1W", identifier("m.member_number", 50)),
    ),
)
_REFERENCES = (
    segment("REF", "G1", identifier("c.authorization_number", 50), when="c.authorization_number IS NOT NULL"),
    segment("REF", "EA", identifier("p.mrn", 50), when="p.mrn IS NOT NULL"),
)


def second_payer(kind: str) -> Loop:
    """Who pays of what the first payer leaves; Medicare pays second for kidney failure (SBR05 13) or for the aged who work (12)."""
    return Loop(
        "2320, 2330A, 2330B",
        (
            segment(
                "SBR",
                "S",
                made("second.relationship_code", "second.relationship_code"),
                identifier("second.group_id", 50),
                text("second.plan_name", 60),
                made(
                    "CASE WHEN second.line_of_business = 'medicare' THEN CASE WHEN datesub('year', second.birth_date, c.service_date) < 65"
                    " THEN '13' ELSE '12' END END"
                ),
                "",
                "",
                "",
                made(filing(kind, "second"), "second.line_of_business"),
            ),
            segment("OI", "", "", "Y", "", "", "Y"),
            person("IL", "second", "MI", identifier("second.subscriber_id", 80)),
            payer("PR", "PI", "second"),
        ),
    )


PLACE = Loop("2310", (organisation("77", "place"), *address("place", whole_zip=True)))
#: who gave the care: of claims of professionals whoever does not bill, of those of institutions who attends
GIVER = {
    "professional": Loop(
        "2310",
        (
            party("82", "rendering"),
            segment(
                "PRV", "PE", "PXC", code("rendering.taxonomy_code", 10), when="rendering.taxonomy_code IS NOT NULL"
            ),
        ),
    ),
    "institutional": Loop(
        "2310",
        (
            party("71", "rendering"),
            segment(
                "PRV", "AT", "PXC", code("rendering.taxonomy_code", 10), when="rendering.taxonomy_code IS NOT NULL"
            ),
        ),
    ),
}

CLAIM_PROFESSIONAL = Loop(
    "2300",
    (
        segment(
            "CLM",
            identifier("c.claim_id", 38),
            amount("c.total_charge"),
            "",
            "",
            composite(code("c.place_of_service", 2, otherwise="11"), "B", "1"),
            "Y",
            "A",
            "Y",
            "Y",
        ),
        segment("DTP", "435", "D8", day("c.admission_date"), when="c.admission_date IS NOT NULL"),
        segment("DTP", "096", "D8", day("c.discharge_date"), when="c.discharge_date IS NOT NULL"),
        *_REFERENCES,
        Repeated(
            "HI*ABK, ABF",
            "CASE WHEN c.principal_diagnosis IS NULL THEN '' ELSE concat('HI*ABK:', "
            f"{diagnosis('c.principal_diagnosis').sql}, CASE WHEN c.other_diagnoses IS NULL THEN '' ELSE"
            f" array_to_string(list_transform(({_OTHERS})[1:11], lambda x: '*ABF:' || {_PLAIN.format('x')}), '') END,"
            " '~') END",
            "c.principal_diagnosis, c.other_diagnoses",
            f"CASE WHEN c.other_diagnoses IS NULL THEN 0 ELSE greatest(len({_OTHERS}) - 11, 0) END",
        ),
    ),
)


def _indicated(qualifier: str, plain: str, indicator: str) -> str:
    """A diagnosis with its present-on-admission indicator, the ninth component."""
    return f"concat('{qualifier}:', {plain}, CASE WHEN {indicator} IS NOT NULL THEN ':::::::' || {indicator} END)"


_PRINCIPAL_POA = "regexp_extract(c.principal_diagnosis_poa, '^[YNUW1]$')"
_OTHER = _indicated("*ABF", _PLAIN.format("x"), f"nullif(regexp_extract(({_PRESENT})[i], '^[YNUW1]$'), '')")

CLAIM_INSTITUTIONAL = Loop(
    "2300",
    (
        segment(
            "CLM",
            identifier("c.claim_id", 38),
            amount("c.total_charge"),
            "",
            "",
            composite(
                made("coalesce(left(right('0' || c.bill_type, 3), 2), '13')", "c.bill_type"),
                "A",
                made("coalesce(right(c.bill_type, 1), '1')"),
            ),
            "",
            "A",
            "Y",
            "Y",
        ),
        segment(
            "DTP",
            "096",
            "TM",
            made("coalesce(strftime(e.end_datetime, '%H%M'), '0000')", "c.discharge_date, e.end_datetime"),
            when=f"{_INPATIENT} AND c.discharge_date IS NOT NULL",
        ),
        segment("DTP", "434", "RD8", span("c.service_date", "coalesce(c.service_end_date, c.service_date)")),
        segment(
            "DTP",
            "435",
            "DT",
            made(
                "strftime(coalesce(c.admission_date, c.service_date), '%Y%m%d')"
                " || coalesce(strftime(e.start_datetime, '%H%M'), '0000')",
                "c.admission_date, e.start_datetime",
            ),
            when=_INPATIENT,
        ),
        segment(
            "CL1",
            code("c.admission_type_code", 1, otherwise="9"),
            code("c.admission_source_code", 1, otherwise="9"),
            made(
                # who is still there has not been sent home
                "coalesce(c.discharge_status_code, e.discharge_disposition_code,"
                " CASE WHEN e.status = 'in-progress' AND e.end_datetime IS NULL THEN '30' ELSE '01' END)",
                "c.discharge_status_code, e.discharge_disposition_code, e.status",
            ),
        ),
        *_REFERENCES,
        Repeated(
            "HI*ABK",
            "CASE WHEN c.principal_diagnosis IS NULL THEN '' ELSE 'HI*' || "
            + _indicated("ABK", diagnosis("c.principal_diagnosis").sql, f"nullif({_PRINCIPAL_POA}, '')")
            + " || '~' END",
            "c.principal_diagnosis, c.principal_diagnosis_poa",
        ),
        segment(
            "HI",
            composite("ABJ", diagnosis("coalesce(c.admitting_diagnosis, c.principal_diagnosis)")),
            when=f"{_INPATIENT} AND coalesce(c.admitting_diagnosis, c.principal_diagnosis) IS NOT NULL",
        ),
        segment("HI", composite("DR", code("c.drg_code", 4)), when="c.drg_code IS NOT NULL"),
        Repeated(
            "HI*ABF",
            f"CASE WHEN c.other_diagnoses IS NULL OR len({_OTHERS}) = 0 THEN '' ELSE 'HI' || array_to_string("
            f"list_transform(({_OTHERS})[1:12], lambda x, i: {_OTHER}), '') || '~' END"
            f" || CASE WHEN len({_OTHERS}) > 12 THEN 'HI' || array_to_string(list_transform(({_OTHERS})[13:24],"
            f" lambda x, i: {_OTHER.replace('[i]', '[i + 12]')}), '') || '~' ELSE '' END",
            "c.other_diagnoses, c.other_diagnoses_poa",
            f"CASE WHEN c.other_diagnoses IS NULL THEN 0 ELSE greatest(len({_OTHERS}) - 24, 0) END",
        ),
    ),
)

_MODIFIERS = (
    "CASE WHEN l.procedure_modifiers IS NULL THEN ''"
    " WHEN json_type(l.procedure_modifiers) = 'ARRAY' AND json_array_length(l.procedure_modifiers) > 0"
    " THEN ':' || array_to_string(list_transform((l.procedure_modifiers->>'$[*]')[1:4], lambda x: "
    + _PLAIN.format("x")
    + "), ':') ELSE '' END"
)
PROCEDURE = made(
    f"'HC:' || {code('l.procedure_code', 5).sql} || {_MODIFIERS}", "l.procedure_code, l.procedure_modifiers"
)
_POINTERS = (
    "CASE WHEN l.diagnosis_pointers IS NULL OR l.diagnosis_pointers::VARCHAR = '[1]' THEN '1' ELSE"
    " coalesce(nullif(array_to_string(list_transform((CASE WHEN json_type(l.diagnosis_pointers) = 'ARRAY' THEN"
    " l.diagnosis_pointers->>'$[*]' ELSE [] END)[1:4], lambda x: CASE WHEN x BETWEEN 'A' AND 'L' AND length(x) = 1"
    " THEN (ascii(x) - 64)::VARCHAR ELSE regexp_extract(x, '^[0-9]{1,2}$') END), ':'), ''), '1') END"
)
_UNITS = amount("coalesce(l.units, 1)", source="l.units")
_LINE_DATE = segment(
    "DTP",
    "472",
    "D8",
    day("coalesce(l.service_date, c.service_date)"),
    when="coalesce(l.service_date, c.service_date) IS NOT NULL",
)
_LINE_END = (
    segment("REF", "6R", identifier("l.claim_line_id", 30)),
    segment("LIN", "", "N4", made("regexp_replace(l.ndc, '[^0-9]', '', 'g')", "l.ndc"), when="l.ndc IS NOT NULL"),
    segment("CTP", "", "", "", _UNITS, "UN", when="l.ndc IS NOT NULL"),
)
LINE_PROFESSIONAL = Loop(
    "2400",
    (
        segment("LX", made("l.number")),
        segment(
            "SV1",
            PROCEDURE,
            amount("l.charge_amount"),
            "UN",
            _UNITS,
            code("l.place_of_service", 2),
            "",
            made(_POINTERS, "l.diagnosis_pointers"),
        ),
        _LINE_DATE,
        *_LINE_END,
    ),
)
LINE_INSTITUTIONAL = Loop(
    "2400",
    (
        segment("LX", made("l.number")),
        segment("SV2", code("l.revenue_code", 4), PROCEDURE, amount("l.charge_amount"), "UN", _UNITS),
        _LINE_DATE,
        *_LINE_END,
    ),
)

_HAS_GIVER = {
    "professional": "o.rendering_id <> 'nobody' AND o.rendering_id <> o.billing_id",
    "institutional": "rendering.entity_type = '1'",
}
#: kind of claim -> its loops: claim and line
LOOPS = {
    "professional": (subscriber("professional"), CLAIM_PROFESSIONAL, LINE_PROFESSIONAL),
    "institutional": (subscriber("institutional"), CLAIM_INSTITUTIONAL, LINE_INSTITUTIONAL),
}
#: what kind of claim one is that does not say so
KIND = "coalesce(c.claim_type, CASE WHEN c.bill_type IS NULL THEN 'professional' ELSE 'institutional' END)"
#: who bills: the organisation or the clinician of a professional claim, the hospital of an institutional one
BILLER = {
    "professional": "organisation.party_id, biller.party_id, place.party_id",
    "institutional": "organisation.party_id, place.party_id, biller.party_id",
}


def placeholders(kind: str) -> dict[str, str]:
    """What ``sql/claims.sql`` leaves open."""
    insured, claim, line = LOOPS[kind]
    opening = " + ".join(
        f"CASE WHEN {mark} THEN {loop.changed} ELSE 0 END"
        for mark, loop in (
            ("o.new_billing", BILLING),
            ("o.new_subscriber", insured),
            ("o.new_patient AND NOT o.is_self", PATIENT),
        )
    )
    return {
        "billing_id": f"coalesce({BILLER[kind]})",
        "condition": f"{KIND} = '{kind}' AND c.claim_id IN (SELECT claim_id FROM claim_lines)",
        "receiver": joined(RECEIVER),
        "billing": joined(BILLING),
        "subscriber": joined(insured),
        "patient": joined(PATIENT),
        "giver": GIVER[kind].sql,
        "giver_changed": GIVER[kind].changed,
        "has_giver": _HAS_GIVER[kind],
        "place": PLACE.sql,
        "place_changed": PLACE.changed,
        "second": second_payer(kind).sql,
        "second_changed": second_payer(kind).changed,
        "claim": joined(claim),
        "lines": joined(line),
        "lines_changed": line.changed,
        "changed": f"{opening} + {claim.changed}",
    }


def biller() -> str:
    """Who bills, of claims of every kind, as SQL."""
    kinds = " ".join(f"WHEN '{kind}' THEN coalesce({parties})" for kind, parties in BILLER.items())
    return f"CASE {KIND} {kinds} END"
