"""The segments by which every transaction tells of persons, organisations and payers."""

from __future__ import annotations

from healthsim.exchange.x12.elements import (
    Element,
    Segment,
    code,
    constant,
    day,
    digits,
    identifier,
    made,
    npi,
    segment,
    text,
    zip_code,
)

#: who can be called about a file that the program sent: a number that is never given to anybody
SUBMITTER = "NM1*41*2*HEALTHSIM*****46*HEALTHSIM~PER*IC*HEALTHSIM SUPPORT*TE*8005550100~"
UNKNOWN = "UNKNOWN"
PHONE = "8005550100"


def name_elements(alias: str) -> tuple[Element, ...]:
    """NM103 to NM107 of a person."""
    return (
        text(f"{alias}.family_name", 60, otherwise=UNKNOWN),
        text(f"{alias}.given_name", 35),
        text(f"{alias}.middle_name", 25),
        constant(""),
        text(f"{alias}.suffix", 10),
    )


def person(role: str, alias: str, *number: Element | str, when: str = "", note: str = "") -> Segment:
    """NM1 of a person; ``number`` is the qualifier and the number, where it has one."""
    return segment("NM1", role, "1", *name_elements(alias), *number, when=when, note=note)


def party(role: str, alias: str, *, when: str = "", note: str = "") -> Segment:
    """NM1 of a provider or an organisation, with its NPI."""
    return segment(
        "NM1",
        role,
        made(f"coalesce({alias}.entity_type, '2')"),
        text(f"{alias}.name", 60, otherwise=UNKNOWN),
        text(f"{alias}.given_name", 35),
        "",
        "",
        "",
        made(f"CASE WHEN {npi(f'{alias}.npi').sql} IS NOT NULL THEN 'XX' END"),
        npi(f"{alias}.npi"),
        when=when,
        note=note,
    )


def organisation(role: str, alias: str, *, when: str = "") -> Segment:
    """NM1 of a place."""
    return segment(
        "NM1",
        role,
        "2",
        text(f"{alias}.name", 60, otherwise=UNKNOWN),
        "",
        "",
        "",
        "",
        made(f"CASE WHEN {npi(f'{alias}.npi').sql} IS NOT NULL THEN 'XX' END"),
        npi(f"{alias}.npi"),
        when=when,
    )


def payer(role: str, qualifier: str, alias: str = "m") -> Segment:
    """NM1 of a payer; where a plan names none, its number is derived from its name."""
    return segment(
        "NM1",
        role,
        "2",
        text(f"{alias}.payer_name", 60, otherwise=UNKNOWN),
        "",
        "",
        "",
        "",
        qualifier,
        identifier(f"{alias}.payer_id", 20),
    )


def address(
    alias: str, *, condition: str = "TRUE", whole_zip: bool = False, prefix: str = ""
) -> tuple[Segment, Segment]:
    """N3 and N4, where the street and the city are known."""
    line1, city = f"{alias}.{prefix}address_line1", f"{alias}.{prefix}city"
    known = f"{condition} AND {line1} IS NOT NULL AND {city} IS NOT NULL"
    second = (text(f"{alias}.address_line2", 55),) if not prefix else ()
    return (
        segment("N3", text(line1, 55, otherwise=UNKNOWN), *second, when=known),
        segment(
            "N4",
            text(city, 30, otherwise=UNKNOWN),
            code(f"upper({alias}.{prefix}state)", 2),
            zip_code(f"{alias}.{prefix}postal_code", whole=whole_zip),
            when=known,
        ),
    )


def demographics(alias: str, *, condition: str = "TRUE") -> Segment:
    """DMG: birth date and gender; X12 writes another gender as unknown."""
    return segment(
        "DMG",
        "D8",
        day(f"{alias}.birth_date"),
        made(f"CASE {alias}.gender WHEN 'F' THEN 'F' WHEN 'M' THEN 'M' ELSE 'U' END", f"{alias}.gender"),
        when=f"{condition} AND {alias}.birth_date IS NOT NULL",
    )


def ssn(alias: str, *, condition: str = "TRUE") -> Segment:
    """REF*SY."""
    return segment(
        "REF", "SY", digits(f"{alias}.ssn", 9), when=f"{condition} AND length({digits(f'{alias}.ssn', 9).sql}) = 9"
    )


def tax_id(qualifier: str, alias: str) -> Segment:
    """REF of a taxpayer's number, which claims must name: where none is known, one with a prefix that is not in use."""
    known = digits(f"{alias}.tax_id", 9).sql
    return segment(
        "REF",
        qualifier,
        made(f"coalesce({known}, '00' || coalesce(right({npi(f'{alias}.npi').sql}, 7), '0000000'))", f"{alias}.tax_id"),
    )
