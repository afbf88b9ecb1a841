"""Observations that are no laboratory values: which column a LOINC code means, vital signs in the unit of the column."""

from __future__ import annotations

from collections.abc import Callable

#: LOINC -> column of vital_signs, its name, its unit
VITALS = {
    "8310-5": ("temperature_c", "Body temperature", "Cel"),
    "8867-4": ("heart_rate", "Heart rate", "/min"),
    "9279-1": ("respiratory_rate", "Respiratory rate", "/min"),
    "8480-6": ("systolic_bp", "Systolic blood pressure", "mm[Hg]"),
    "8462-4": ("diastolic_bp", "Diastolic blood pressure", "mm[Hg]"),
    "59408-5": ("spo2", "Oxygen saturation by pulse oximetry", "%"),
    "8302-2": ("height_cm", "Body height", "cm"),
    "29463-7": ("weight_kg", "Body weight", "kg"),
    "39156-5": ("bmi", "Body mass index", "kg/m2"),
}
#: others that say the same
ALSO_VITALS = {"2708-6": "spo2", "3141-9": "weight_kg", "8331-1": "temperature_c"}
#: LOINC codes of what else is observed: why the patient came, whether they smoke, which dose a vaccine is
COMPLAINT, SMOKING, DOSE_NUMBER = "8661-1", "72166-2", "30973-2"
#: column -> unit as senders spell it, lower case -> the value in the unit of the column
_UNITS: dict[str, dict[str, Callable[[float], float]]] = {
    "temperature_c": {
        **dict.fromkeys(("cel", "c", "degc", "[degc]", "deg c", "°c"), lambda value: value),
        **dict.fromkeys(("[degf]", "f", "degf", "deg f", "°f"), lambda value: round((value - 32) * 5 / 9, 2)),
    },
    "height_cm": {
        "cm": lambda value: value,
        "m": lambda value: round(value * 100, 2),
        **dict.fromkeys(("[in_i]", "[in_us]", "in", "inch", "inches"), lambda value: round(value * 2.54, 2)),
    },
    "weight_kg": {
        "kg": lambda value: value,
        "g": lambda value: round(value / 1000, 3),
        **dict.fromkeys(("[lb_av]", "lb", "lbs", "[lb_us]"), lambda value: round(value * 0.45359237, 2)),
    },
}
_WHOLE = frozenset({"heart_rate", "respiratory_rate", "systolic_bp", "diastolic_bp", "spo2"})


def vital_value(code: str, text: str, unit: str, values: int = 1) -> tuple[str, float | int] | None:
    """The column of vital_signs and its value; None where it is no vital sign, or not in a number and unit of one.

    Args:
        code: LOINC.
        text: the value.
        unit: as the sender spells it.
        values: how many there are; of several it is not known which.
    """
    column = VITALS[code][0] if code in VITALS else ALSO_VITALS.get(code)
    if column is None or values != 1:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    if value != value or abs(value) > 100_000:
        return None
    if column in _UNITS:
        convert = _UNITS[column].get(unit.lower())
        return None if convert is None else (column, convert(value))
    if column in _WHOLE:
        # the column is of whole numbers
        return (column, int(value)) if value == int(value) else None
    return column, value
