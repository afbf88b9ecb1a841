"""A scenario in a few hundred words: what an assistant shows instead of its entities."""

from __future__ import annotations

from typing import Any

from healthsim.db.sql import literal, quoted
from healthsim.model import ENTITY_TYPES, PERSON_ROLES, EntityType
from healthsim.results import ScenarioSummary
from healthsim.state.documents import documents_of, stored_collections
from healthsim.state.statements import filled
from healthsim.state.tables import ScenarioTables, Tables
from healthsim.state.values import to_be_shown

TOP_DIAGNOSES = 5
_DATED = ("DATE", "TIMESTAMP")
#: dates that say when something was recorded or will end, not when care happened
_NOT_CARE = {
    "birth_date",
    "death_date",
    "created_at",
    "saved_at",
    "expiration_date",
    "coverage_end",
    "termination_date",
}


def summarise(tables: ScenarioTables, samples: int = 0) -> ScenarioSummary:
    """What a scenario holds, in under 500 tokens without samples.

    Args:
        tables: of the scenario.
        samples: documents of each type to show.
    """
    scenario = tables.scenario
    summary = scenario.as_dict()
    if summary["description"] and len(summary["description"]) > 300:
        summary["description"] = summary["description"][:299] + "…"
    present = [known for known in ENTITY_TYPES.values() if known.plural in scenario.entities_by_type]
    rows = tables.counts()
    parts = [known for known in ENTITY_TYPES.values() if known.plural in rows and known not in present]
    if parts:
        summary["parts_by_type"] = {known.plural: rows[known.plural] for known in parts}
    present += parts
    first, last = _date_range(tables, present)
    summary["date_range"] = {"first": first, "last": last}
    summary["age"], summary["gender"] = _people(tables, present, last)
    summary["top_diagnoses"] = [
        {"code": code, "description": description, "patients": patients}
        for code, description, patients in tables.execute(filled("top_diagnoses"), {"limit": TOP_DIAGNOSES}).fetchall()
    ]
    summary["money"] = _money(tables, present)
    if samples:
        summary["samples"] = {
            stored.plural: [
                to_be_shown(item[1]) for batch in documents_of(tables, stored, limit=samples) for item in batch
            ]
            for stored in stored_collections(tables)
        }
    return ScenarioSummary(**summary)


def _date_range(tables: Tables, present: list[EntityType]) -> tuple[str | None, str | None]:
    spans = [
        f"SELECT min({quoted(column.name)})::DATE AS first, max({quoted(column.name)})::DATE AS last"
        f" {tables.rows(known.plural)}"
        for known in present
        for column in known.columns
        if column.sql_type in _DATED and column.name not in _NOT_CARE
    ]
    if not spans:
        return None, None
    row = tables.connection.execute(
        f"SELECT min(first)::VARCHAR, max(last)::VARCHAR FROM ({' UNION ALL '.join(spans)})"
    ).fetchall()[0]
    return row[0], row[1]


def _people(tables: Tables, present: list[EntityType], at: str | None) -> tuple[dict[str, Any] | None, dict[str, int]]:
    """Age and gender of the first kind of people of which the scenario knows either."""
    for name in sorted(PERSON_ROLES, key=lambda role: role != "patient"):
        known = ENTITY_TYPES[name]
        if known in present and {"birth_date", "gender"} <= known.column.keys():
            table = quoted(known.plural)
            ages = tables.execute(filled("ages", table=table), {"at": at}).fetchall()[0]
            genders = dict(tables.execute(filled("genders", table=table)).fetchall())
            if ages[0] is not None or genders.keys() - {"unknown"}:
                age = {"min": ages[0], "median": ages[1], "max": ages[2]} if ages[0] is not None else None
                return age, genders
    return None, {}


#: the sums of money that a summary shows -> type and column
_SUMS = {
    "claims charged": ("claim", "total_charge"),
    "claims allowed": ("claim", "total_allowed"),
    "claims paid": ("claim", "total_paid"),
    "claim lines charged": ("claim_line", "charge_amount"),
    "claim lines paid": ("claim_line", "paid_amount"),
    "pharmacy paid": ("pharmacy_claim", "plan_paid_amount"),
    "pharmacy patient pay": ("pharmacy_claim", "patient_pay_amount"),
}


def _money(tables: Tables, present: list[EntityType]) -> dict[str, str]:
    """Sums in dollars, as decimal text."""
    sums = [
        f"SELECT {literal(label)}, sum({quoted(column)})::VARCHAR {tables.rows(ENTITY_TYPES[name].plural)}"
        for label, (name, column) in _SUMS.items()
        if ENTITY_TYPES[name] in present
    ]
    if not sums:
        return {}
    rows = tables.connection.execute(" UNION ALL ".join(sums)).fetchall()
    return {label: total for label, total in rows if total is not None}
