"""Which variable of SDTM shows which column: the tables of the page, from the declarations."""

from __future__ import annotations

from healthsim.exchange.sdtm.domains import DOMAINS
from healthsim.exchange.sdtm.variables import Domain
from healthsim.model import ENTITY_TYPES

Rows = list[tuple[str, str, str]]


def tables() -> dict[str, Rows]:
    """Title -> rows of (label, variable, columns)."""
    return {f"{domain.name}: {domain.label.lower()}": _rows(domain) for domain in DOMAINS}


def _rows(domain: Domain) -> Rows:
    rows = [
        (variable.label, variable.name, _columns(domain, variable.into, variable.name)) for variable in domain.variables
    ]
    rows += [
        (supplement.label, f"SUPP{domain.name}.{supplement.name}", _columns(domain, supplement.into, supplement.name))
        for supplement in domain.supplements
    ]
    return rows


def _columns(domain: Domain, into: str, name: str) -> str:
    """The columns that a variable holds, by their tables; derived ones hold none."""
    columns = [column if "." in column else f"{domain.into}.{column}" for column in into.split()]
    columns += [column for column, variable in domain.said_by.items() if variable == name]
    shown = []
    for column in columns:
        entity_type, _, rest = column.partition(".")
        shown.append(f"{ENTITY_TYPES[entity_type].plural}.{rest}")
    return ", ".join(dict.fromkeys(shown)) or "derived, or fixed"
