"""Vital signs in formats that have one record for each of them: which LOINC is which column, and in which unit."""

from __future__ import annotations

from collections.abc import Mapping

#: LOINC -> the column of a vital sign, and the unit (UCUM) that it is in
VITALS: Mapping[str, tuple[str, str]] = {
    "8310-5": ("temperature_c", "Cel"),
    "8867-4": ("heart_rate", "/min"),
    "9279-1": ("respiratory_rate", "/min"),
    "8480-6": ("systolic_bp", "mm[Hg]"),
    "8462-4": ("diastolic_bp", "mm[Hg]"),
    "2708-6": ("spo2", "%"),
    "59408-5": ("spo2", "%"),
    "8302-2": ("height_cm", "cm"),
    "29463-7": ("weight_kg", "kg"),
    "39156-5": ("bmi", "kg/m2"),
}
#: columns of vital signs that hold whole numbers
WHOLE = ("heart_rate", "respiratory_rate", "systolic_bp", "diastolic_bp", "spo2")


def whole_number(value: str) -> tuple[str, bool]:
    """The nearest whole number of a text, and whether it had a fraction; what is no number stays as it is."""
    if value.removeprefix("-").isdigit():
        return value, False
    try:
        number = float(value)
        nearest = round(number)
    except (ValueError, OverflowError):
        return value, False
    return str(nearest), nearest != number
