"""Observations: which are laboratory results, which vital signs, and the columns that each of them fills."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from healthsim.exchange.fhir.reading.paths import (
    Document,
    Read,
    Typed,
    Unit,
    at,
    code,
    coding_of,
    codings,
    decimal_text,
    has_code,
    identifier,
    listed,
    moment,
    one,
    ref,
    system,
    system_name,
    text,
    word,
    words,
    words_of,
)
from healthsim.exchange.fhir.resources.observations import DIASTOLIC, SYSTOLIC, VITALS
from healthsim.exchange.fhir.systems import LOINC, OWN, SNOMED
from healthsim.model.projection import CONTENT_IDS

_QUANTITY = "valueQuantity"
#: further codes of the same vital signs
_FURTHER = {
    "8480-6": SYSTOLIC[2],
    "8462-4": DIASTOLIC[2],
    "2708-6": "spo2",
    "8331-1": "temperature_c",
    "3141-9": "weight_kg",
}
VITAL_COLUMNS: Mapping[str, str] = {**{vital.code: vital.column for vital in VITALS}, **_FURTHER}
#: units -> how many of the column's own one of them is; temperatures are converted by a function
_UNITS = {
    "height_cm": {"cm": 1.0, "m": 100.0, "mm": 0.1, "[in_i]": 2.54, "in": 2.54},
    "weight_kg": {"kg": 1.0, "g": 0.001, "[lb_av]": 0.45359237, "lb": 0.45359237, "lbs": 0.45359237},
}
_FAHRENHEIT = ("[degf]", "degf", "f", "°f")


def _value(unit: Unit) -> str | None:
    """A value as it is reported: a number as it is written, with its comparator, or words."""
    document = unit.document
    quantity = document.get(_QUANTITY)
    if isinstance(quantity, dict):
        number = decimal_text(quantity.get("value"), unit, _QUANTITY)
        sign = word(quantity.get("comparator"))
        return number if sign is None or number is None else f"{sign}{number}"
    if "valueCodeableConcept" in document:
        return words_of(document["valueCodeableConcept"]) or word(
            (coding_of(document["valueCodeableConcept"]) or {}).get("code")
        )
    for key in ("valueString", "valueInteger", "valueBoolean", "valueDateTime", "valueTime"):
        if key in document:
            return str(document[key])
    return None


def _number(unit: Unit) -> str | None:
    quantity = unit.document.get(_QUANTITY)
    if isinstance(quantity, dict):
        return decimal_text(quantity.get("value"), unit, _QUANTITY)
    value = unit.document.get("valueInteger")
    return None if value is None else str(value)


def _limit(end: str) -> Read:
    return Read(f"referenceRange.{end}.value", lambda unit: at(unit.document, ["referenceRange", end, "value"]))


def _specimen(unit: Unit) -> str | None:
    found = ref("specimen").take(unit)
    return None if found is None or found.startswith("specimen-") else str(found)


def _laboratory(unit: Unit) -> str | None:
    return next(
        (shown for item in listed(unit.document.get("performer")) if (shown := word(item.get("display")))), None
    )


LAB = Typed(
    "lab_result",
    {
        "patient_id": ref("subject"),
        "encounter_id": ref("encounter", "context"),
        "test_name": words("code"),
        "loinc_code": code("code", LOINC),
        "loinc_name": Read(
            "code.coding.display",
            lambda unit: word((coding_of(unit.document.get("code"), LOINC, "") or {}).get("display")),
        ),
        "code_system": system("code", LOINC),
        "value": Read("value[x]", _value),
        "value_numeric": Read("valueQuantity.value", _number),
        "unit": Read(
            "valueQuantity.unit, .code",
            lambda unit: (
                word(quantity.get("code")) or word(quantity.get("unit"))
                if isinstance(quantity := unit.document.get(_QUANTITY), dict)
                else None
            ),
        ),
        "reference_low": _limit("low"),
        "reference_high": _limit("high"),
        "reference_range": text("referenceRange.text"),
        "abnormal_flag": code("interpretation"),
        "collected_datetime": moment("effectiveDateTime", "effectivePeriod.start", "effectiveInstant"),
        "resulted_datetime": moment("issued"),
        "performing_lab": Read("performer.display", _laboratory),
        "order_id": ref("basedOn"),
        "specimen_id": Read("specimen", _specimen),
        "status": text("status"),
    },
)
_PLACE = {"patient_id": ref("subject"), "encounter_id": ref("encounter", "context")}
_WHEN = moment("effectiveDateTime", "effectivePeriod.start", "effectiveInstant", "issued")


def is_laboratory(document: Document) -> bool:
    """Whether an observation is a result of a laboratory."""
    return has_code(document.get("category"), "laboratory")


def vital_row(unit: Unit) -> dict[str, Any] | None:
    """The row of vital signs that an observation is part of: that of a patient, an encounter and a time."""
    measured = dict(_measured(unit))
    if not measured:
        return None
    row = {name: read.take(unit) for name, read in _PLACE.items()}
    row["observation_datetime"] = when = _WHEN.take(unit)
    own_id = identifier("identifier", OWN + "vital_sign_id").take(unit)
    together = f"vital_sign\n{row['patient_id']}\n{row['encounter_id']}\n{when}"
    row["vital_sign_id"] = own_id or str(uuid.uuid5(CONTENT_IDS, together))
    return row | measured


def _measured(unit: Unit) -> Any:
    for document in (unit.document, *listed(unit.document.get("component"))):
        column = next(
            (
                VITAL_COLUMNS[coding["code"]]
                for coding in codings(document.get("code"))
                if coding.get("code") in VITAL_COLUMNS
            ),
            None,
        )
        quantity = one(document.get(_QUANTITY))
        if column and isinstance(quantity, dict) and quantity.get("value") is not None:
            value = _converted(column, quantity, unit)
            if value is not None:
                yield column, value


def _converted(column: str, quantity: Document, unit: Unit) -> float | None:
    """The number in the unit of the column."""
    try:
        number = float(quantity["value"])
    except (TypeError, ValueError):
        unit.reading.oddity("a vital sign that is no number; only the document has it", example=quantity.get("value"))
        return None
    spelled = str(quantity.get("code") or quantity.get("unit") or "").lower()
    if column == "temperature_c":
        return round((number - 32) * 5 / 9, 2) if spelled in _FAHRENHEIT else number
    factor = _UNITS.get(column, {}).get(spelled, 1.0)
    number = number if factor == 1.0 else round(number * factor, 4)
    if column in ("heart_rate", "respiratory_rate", SYSTOLIC[2], DIASTOLIC[2], "spo2"):
        # the columns hold whole numbers; the document keeps the fraction
        return round(number)
    return number


def smoking_row(unit: Unit) -> dict[str, Any] | None:
    """What an observation says of the patient's smoking."""
    if not has_code(unit.document.get("code"), "72166-2"):
        return None
    value = unit.document.get("valueCodeableConcept")
    coding = coding_of(value, SNOMED)
    when = word(unit.document.get("effectiveDateTime"))
    return {
        "patient_id": ref("subject").take(unit),
        "smoking_status": words_of(value),
        "smoking_status_code": word(coding.get("code")) if coding and system_name(coding) == "SNOMED CT" else None,
        "smoking_status_date": when[:10] if when and len(when) >= 10 else None,
    }
