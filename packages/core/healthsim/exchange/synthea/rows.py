"""Rows of Synthea that mean more than one column after the other: what becomes of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from healthsim.exchange.synthea.coverage import Facts
from healthsim.exchange.synthea.mapping import SMOKING, Row, Table, day, instant, made_id
from healthsim.exchange.vitals import VITALS, WHOLE, whole_number

if TYPE_CHECKING:
    from healthsim.exchange.reading import Derived, Reading

_PENNY = Decimal("0.05")
_LINES_OF_BUSINESS = {"medicare": "medicare", "medicaid": "medicaid", "dual eligible": "medicare"}
_NOBODY = "NO_INSURANCE"


@dataclass
class Context:
    """What is known of the files that were read before.

    Attributes:
        version: of Synthea, by the headers.
        payers: their names by id.
        facts: what other files say of the claims, in their order.
    """

    version: str
    payers: dict[str, str] = field(default_factory=dict)
    facts: Iterator[Facts] | None = None


@dataclass(frozen=True)
class Made:
    """What a row becomes: of which type, with which columns (None: it is kept without a type), and what is part of it."""

    kind: str
    columns: dict[str, Any] | None
    entity_id: str = ""
    derived: tuple[Derived, ...] = ()


Make = Callable[[Table, Row, Context, "Reading"], Made]


def _columns(table: Table, row: Row) -> dict[str, Any]:
    columns = {name: value.of(row) for name, value in table.columns.items()}
    return {**{name: value for name, value in columns.items() if value is not None}, **table.fixed}


def plain(table: Table, row: Row, context: Context, reading: Reading) -> Made:
    """A row that is what its columns say."""
    return Made(table.kind, _columns(table, row) if table.columns else None)


def provider(table: Table, row: Row, context: Context, reading: Reading) -> Made:
    """The name of a clinician is one text: its last word is the family name."""
    columns = _columns(table, row)
    given, _, family = str(columns.get("name", "")).rpartition(" ")
    return Made(table.kind, {**columns, "given_name": given or None, "family_name": family or None})


def payer(table: Table, row: Row, context: Context, reading: Reading) -> Made:
    """A payer is one plan; ``NO_INSURANCE`` is none."""
    name = row.get("NAME", "")
    context.payers[row.get("ID", "")] = name
    if name == _NOBODY:
        return Made("payer", None)
    return Made(
        table.kind, {**_columns(table, row), "line_of_business": _LINES_OF_BUSINESS.get(name.lower(), "commercial")}
    )


def transition(table: Table, row: Row, context: Context, reading: Reading) -> Made:
    """A span of coverage; one without insurance is kept as it is."""
    insurer = row.get("PAYER", "")
    name = context.payers.get(insurer)
    if not insurer or name == _NOBODY:
        return Made("payer_transition", None)
    start = row.get("START_DATE") or row.get("START_YEAR") or ""
    columns = _columns(table, row)
    status = "terminated" if columns.get("coverage_end") else "active"
    patient = row.get("PATIENT", "")
    columns.update(member_id=made_id(patient, insurer, start), payer_name=name, coverage_status=status)
    return Made(table.kind, columns)


def encounter(table: Table, row: Row, context: Context, reading: Reading) -> Made:
    """A reason has a code system only where there is one."""
    columns = _columns(table, row)
    return Made(table.kind, {**columns, "reason_code_system": "SNOMED CT"} if "reason_code" in columns else columns)


def condition(table: Table, row: Row, context: Context, reading: Reading) -> Made:
    """A condition that has ended is resolved; codes of Synthea are SNOMED CT where nothing else is said."""
    columns = {"code_system": "SNOMED CT", **_columns(table, row)}
    status = "resolved" if row.get("STOP") else "active"
    return Made(table.kind, {**columns, "clinical_status": status, "verification_status": "confirmed"})


def procedure(table: Table, row: Row, context: Context, reading: Reading) -> Made:
    """Codes of Synthea are SNOMED CT where nothing else is said."""
    return Made(table.kind, {"code_system": "SNOMED CT", **_columns(table, row)})


def allergy(table: Table, row: Row, context: Context, reading: Reading) -> Made:
    """An allergy that has ended is resolved; a second reaction stands beside the first."""
    columns = {"code_system": "SNOMED CT", **_columns(table, row)}
    reactions = [text for text in (row.get("DESCRIPTION1"), row.get("DESCRIPTION2")) if text]
    columns["reaction"] = "; ".join(reactions) or None
    return Made(table.kind, {**columns, "status": "resolved" if row.get("STOP") else "active"})


def medication(table: Table, row: Row, context: Context, reading: Reading) -> Made:
    """A medication that has ended is completed."""
    return Made(table.kind, {**_columns(table, row), "status": "completed" if row.get("STOP") else "active"})


def observation(table: Table, row: Row, context: Context, reading: Reading) -> Made:
    """A result of the laboratory, a part of vital signs, a smoking status, or none of these."""
    code, value, category = row.get("CODE", ""), row.get("VALUE", ""), row.get("CATEGORY", "")
    visit = {"patient_id": row.get("PATIENT"), "encounter_id": row.get("ENCOUNTER")}
    if code in VITALS and category in ("", "vital-signs"):
        return Made("observation", None, "", _vital(row, code, value, visit, reading))
    if code == SMOKING:
        status = {"smoking_status": value, "smoking_status_date": day(row.get("DATE", ""))}
        return Made("observation", None, "", (("patient", {"patient_id": row.get("PATIENT"), **status}),))
    # version 2.7 has no categories: what is measured there, and is no vital sign, is a result
    measured = "CATEGORY" not in row and row.get("TYPE") == "numeric" and bool(row.get("ENCOUNTER"))
    if category != "laboratory" and not measured:
        return Made("observation", None)
    columns = {
        **visit,
        "test_name": row.get("DESCRIPTION"),
        "loinc_code": code,
        "value": value,
        "value_numeric": value if row.get("TYPE") == "numeric" and value != "NaN" else None,
        "unit": row.get("UNITS"),
        "collected_datetime": instant(row.get("DATE", "")),
    }
    return Made("lab_result", columns)


def _vital(row: Row, code: str, value: str, visit: Mapping[str, Any], reading: Reading) -> tuple[Derived, ...]:
    """The vital signs of one patient, encounter and time are one row, of which this is a column."""
    column, unit = VITALS[code]
    if row.get("UNITS") != unit:
        reading.oddity(f"a vital sign in another unit than {unit}; it is no column of a row", example=row.get("UNITS"))
        return ()
    if column in WHOLE:
        value, had_fraction = whole_number(value)
        if had_fraction:
            reading.oddity(
                f"vital_signs.{column}: a fraction; the column has the whole number", example=row.get("VALUE")
            )
    moment = row.get("DATE", "")
    key = made_id("vital_sign", row.get("PATIENT", ""), row.get("ENCOUNTER", ""), moment)
    return (
        ("vital_sign", {"vital_sign_id": key, **visit, "observation_datetime": instant(moment), column: value or None}),
    )


def claim(table: Table, row: Row, context: Context, reading: Reading) -> Made:
    """A claim has further diagnoses; its coverage and its amounts come from other files."""
    columns = _columns(table, row)
    others = [text for text in (row.get(f"DIAGNOSIS{place}", "") for place in range(2, 9)) if text]
    columns["other_diagnoses"] = others or None
    facts = next(context.facts, None) if context.facts is not None else None
    if facts is None or facts.claim != row.get("ID", ""):
        return Made(table.kind, columns)
    columns["member_id"], columns["total_charge"] = facts.member_id, facts.charged
    if facts.paid is not None and facts.by_patient is not None:
        columns["total_paid"] = facts.paid - facts.by_patient
        columns["member_responsibility"] = facts.by_patient
        columns["total_allowed"] = facts.paid
        if facts.charged is not None and abs(facts.paid - facts.charged) >= _PENNY:
            reading.oddity("a claim whose payments do not add up to its charges; kept as it is", example=facts.claim)
    return Made(table.kind, columns)


def transaction(table: Table, row: Row, context: Context, reading: Reading) -> Made:
    """A charge is a line of a claim; payments and transfers are kept as they are."""
    if row.get("TYPE") != "CHARGE":
        return Made(table.kind, None, row.get("ID", ""))
    pointers = [text for text in (row.get(f"DIAGNOSISREF{place}", "") for place in range(1, 5)) if text]
    line = {
        "claim_id": row.get("CLAIMID"),
        "line_number": row.get("CHARGEID"),
        "service_date": day(row.get("FROMDATE", "")),
        "procedure_code": row.get("PROCEDURECODE"),
        "units": row.get("UNITS"),
        "charge_amount": row.get("AMOUNT"),
        "diagnosis_pointers": [int(text) if text.isdigit() else text for text in pointers] or None,
    }
    return Made(table.kind, None, row.get("ID", ""), (("claim_line", line),))


SPECIAL: Mapping[str, Make] = {
    make.__name__: make
    for make in (
        provider,
        payer,
        transition,
        encounter,
        condition,
        procedure,
        allergy,
        medication,
        observation,
        claim,
        transaction,
    )
}
