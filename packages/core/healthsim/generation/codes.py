"""Whether codes can be: form, range and check digit of the code systems that knowledge uses.

The forms are those that the systems publish: ICD-10-CM (CMS), LOINC (mod 10 check digit), CPT and HCPCS Level II,
CVX (CDC), MS-DRG version 41 and newer (CMS), NDC in eleven digits. With the package ``simple-icd-10-cm`` installed, diagnosis
codes are looked up as well. Descriptions of diagnosis codes are the official ones of ICD-10-CM (``data/icd10cm.tsv``), names of
laboratory tests and notes the long common names of LOINC (``data/loinc.tsv``, with its notice).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from healthsim.generation.packaged import PACKAGE
from healthsim.generation.validity import ICD10CM, dates

_ICD = re.compile(r"[A-TV-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?|U0[079](\.[0-9A-Z]{1,4})?")
_CPT = re.compile(r"\d{4}[\dAFTU]")
_HCPCS = re.compile(r"[A-V]\d{4}")
_PCS = re.compile(r"[0-9A-HJ-NP-Z]{7}")


def icd10cm_fault(code: str) -> str | None:
    """What is wrong with a diagnosis code; None for a good one."""
    if not _ICD.fullmatch(code):
        return f"{code!r} is no ICD-10-CM code; expected a letter, two characters, and up to four behind a point: E11.9"
    known = _lookup()
    if known is not None and not known(code):
        return f"{code!r} is no billable code of ICD-10-CM"
    return None


@cache
def _descriptions() -> dict[str, str]:
    """ICD-10-CM code -> official description, of all codes that the knowledge of the house names."""
    text = files(PACKAGE).joinpath("data", "icd10cm.tsv").read_text(encoding="utf-8")
    return dict(line.split("\t") for line in text.splitlines())


def description(code: str) -> str | None:
    """The official description of a diagnosis code.

    Codes of a user's own knowledge are looked up in the package ``simple-icd-10-cm``, where it is installed; without it they have
    none, since a description of our own would pass for the official one.
    """
    known = _descriptions().get(code)
    if known is None and code in dates(ICD10CM):
        known = dates(ICD10CM)[code].text
    if known is None and _lookup() is not None:
        import simple_icd_10_cm  # type: ignore[import-not-found]  # an optional package

        known = simple_icd_10_cm.get_description(code) if simple_icd_10_cm.is_valid_item(code) else None
    return known


class Loinc(NamedTuple):
    """A LOINC code of the house: what is examined (blood, serum, urine; nothing for what no specimen is taken for), its name."""

    specimen: str
    name: str


@cache
def loinc() -> dict[str, Loinc]:
    """Code -> official name, of every LOINC code that generated rows carry (``data/loinc.tsv``)."""
    text = files(PACKAGE).joinpath("data", "loinc.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return {code: Loinc(specimen, name) for code, specimen, name in rows}


def official_name(system: str, code: str) -> str | None:
    """The official description of a code of ICD-10-CM or LOINC; None where it is not at hand."""
    if system == "LOINC":
        known = loinc().get(code)
        return known.name if known else None
    return description(code) if system == "ICD-10-CM" else None


@cache
def _lookup() -> Callable[[str], bool] | None:
    try:
        import simple_icd_10_cm
    except ImportError:
        return None
    # a category such as E11 is in the book, but no claim can carry it
    return lambda code: bool(simple_icd_10_cm.is_valid_item(code) and simple_icd_10_cm.is_leaf(code))


def loinc_fault(code: str) -> str | None:
    """What is wrong with a LOINC code; the last digit is the check digit of the others (mod 10)."""
    number, dash, check = code.partition("-")
    if not (dash and number.isdigit() and len(number) <= 6 and check.isdigit() and len(check) == 1):
        return f"{code!r} is no LOINC code; expected digits, a hyphen and a check digit: 4548-4"
    if luhn_digit(number) != int(check):
        return f"{code!r} is no LOINC code: its check digit would be {luhn_digit(number)}"
    return None


def luhn_digit(number: str) -> int:
    """The check digit of a number after Luhn (mod 10)."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        doubled = int(digit) * 2 if place % 2 == 0 else int(digit)
        total += doubled - 9 if doubled > 9 else doubled
    return -total % 10


def procedure_fault(code: str, system: str) -> str | None:
    """What is wrong with a procedure code of a system."""
    form, example = {"CPT": (_CPT, "93000"), "HCPCS": (_HCPCS, "G0439"), "ICD-10-PCS": (_PCS, "0SRC0J9")}.get(
        system, (_CPT, "93000")
    )
    return None if form.fullmatch(code) else f"{code!r} is no {system} code; expected one such as {example}"


def drg_fault(code: str) -> str | None:
    """What is wrong with an MS-DRG."""
    good = len(code) == 3 and code.isdigit() and 1 <= int(code) <= 989
    return None if good else f"{code!r} is no MS-DRG; expected three digits from 001 to 989"


def cvx_fault(code: str) -> str | None:
    """What is wrong with a CVX code."""
    return (
        None
        if code.isdigit() and len(code) in (2, 3)
        else f"{code!r} is no CVX code; expected two or three digits: 141"
    )


def code_faults(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    """The faults of all codes in a file of knowledge, as (path, problem)."""
    if isinstance(content, list):
        for number, item in enumerate(content):
            yield from code_faults(item, (*path, number))
    if not isinstance(content, dict):
        return
    for key, value in content.items():
        here = (*path, key)
        problems: list[str | None] = []
        if key in ("codes", "principal", "outcome") and isinstance(value, dict):
            for code in value:
                fault = icd10cm_fault(str(code))
                if fault:
                    yield (*here, code), ".".join(map(str, here)) + ": " + fault
        elif key in ("drgs", "died_drgs") and isinstance(value, dict):
            problems = [drg_fault(str(code)) for code in value]
        elif key == "diagnosis":
            problems = [icd10cm_fault(str(value))]
        elif key == "loinc":
            problems = [loinc_fault(str(value))]
        elif key == "cvx":
            problems = [cvx_fault(str(value))]
        elif key in ("cpt", "administration"):
            problems = [procedure_fault(str(value), "CPT")]
        elif key == "code" and path:
            problems = [procedure_fault(str(value), str(content.get("system", "CPT")))]
        yield from ((here, ".".join(map(str, here)) + ": " + problem) for problem in problems if problem)
        yield from code_faults(value, here)
