"""All domains, in the order in which they are written."""

from __future__ import annotations

from collections.abc import Mapping

from healthsim.exchange.sdtm.design import TA, TE, TS, TV
from healthsim.exchange.sdtm.findings import CM, LB, MH, VS
from healthsim.exchange.sdtm.subjects import AE, DM, DS, EX, SV
from healthsim.exchange.sdtm.variables import Domain, Supplement, Variable

DOMAINS: tuple[Domain, ...] = (TA, TE, TV, TS, DM, SV, DS, EX, AE, CM, MH, LB, VS)
BY_NAME: Mapping[str, Domain] = {domain.name: domain for domain in DOMAINS}

#: the variables of every supplement
SUPPLEMENT = (
    Variable("STUDYID", "Study Identifier", "", core="Req", origin="Protocol"),
    Variable("RDOMAIN", "Related Domain Abbreviation", "", core="Req", origin="Assigned"),
    Variable("USUBJID", "Unique Subject Identifier", "", core="Req", origin="Derived"),
    Variable("IDVAR", "Identifying Variable", "", core="Exp", origin="Assigned"),
    Variable("IDVARVAL", "Identifying Variable Value", "", core="Exp", origin="Assigned"),
    Variable("QNAM", "Qualifier Variable Name", "", core="Req", origin="Assigned"),
    Variable("QLABEL", "Qualifier Variable Label", "", core="Req", origin="Assigned"),
    Variable("QVAL", "Data Value", "", core="Req"),
    Variable("QORIG", "Origin", "", core="Req", origin="Assigned"),
    Variable("QEVAL", "Evaluator", "", core="Exp", origin="Assigned"),
)


def supplement_of(domain: Domain) -> Domain:
    """The dataset of a domain's supplement."""
    return Domain(
        f"SUPP{domain.name}",
        f"Supplemental Qualifiers for {domain.name}",
        "RELATIONSHIP",
        "One record per supplemental qualifier per related parent domain record",
        ("STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM"),
        SUPPLEMENT,
    )


def columns_carried() -> dict[str, str]:
    """``type.column`` -> where SDTM holds it, of every column that comes back from an export."""
    carried: dict[str, str] = {}
    for domain in DOMAINS:
        for column, place in domain.columns_read().items():
            carried.setdefault(column, place)
    return carried


def qualifiers_of(domain: Domain) -> Mapping[str, Supplement]:
    """The qualifiers of a domain by name."""
    return {supplement.name: supplement for supplement in domain.supplements}
