"""The synthetic network of providers, facilities and pharmacies: who serves whom, and what each of them is called.

Numbers of providers follow from a person's number and the weight of the county, so that a panel has the same size in a
small population and in a large one, and one person's providers do not change when the population grows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from healthsim.generation import columns as col
from healthsim.generation.kernels.context import Context, Ints
from healthsim.generation.kernels.identity import addresses, organisation_words, person_names
from healthsim.generation.kernels.people import People

PRIMARY, EMERGENCY, HOSPITALIST = "Family Medicine", "Emergency Medicine", "Hospital Medicine"
#: persons per primary care provider, per specialist of one specialty, per hospital, per clinic, per pharmacy
PANEL, REFERRED, PER_HOSPITAL, PER_CLINIC, PER_PHARMACY = 1_400, 12_000, 60_000, 7_000, 4_500
#: taxonomy codes of the NUCC set for the specialties in use; others are billed as a specialist
TAXONOMY = {
    "Family Medicine": "207Q00000X", "Internal Medicine": "207R00000X", "Pediatrics": "208000000X",
    "Emergency Medicine": "207P00000X", "Hospital Medicine": "208M00000X", "Cardiology": "207RC0000X",
    "Endocrinology": "207RE0101X", "Pulmonology": "207RP1001X", "Nephrology": "207RN0300X", "Oncology": "207RX0202X",
    "Obstetrics and Gynecology": "207V00000X", "Psychiatry": "2084P0800X", "Orthopedic Surgery": "207X00000X",
    "Neurology": "2084N0400X", "Gastroenterology": "207RG0100X", "Ophthalmology": "207W00000X",
    "Rheumatology": "207RR0500X", "Urology": "208800000X", "Dermatology": "207N00000X",
}  # fmt: skip
OTHER_TAXONOMY = "174400000X"
HOSPITAL, CLINIC = 1, 2
_COUNTY = 10_000_000


@dataclass(frozen=True)
class Specialties:
    """Specialties by number: the three of the house, then those of the knowledge."""

    names: tuple[str, ...]
    of_knowledge: Ints

    @classmethod
    def of(cls, context: Context) -> Specialties:
        """The specialties that a population needs."""
        listed = context.knowledge.specialties.values
        names = tuple(dict.fromkeys((PRIMARY, EMERGENCY, HOSPITALIST, *listed)))
        return cls(names, np.array([names.index(name) for name in listed], dtype=np.int64))


def expected_ordinal(context: Context, people: People) -> np.ndarray:
    """How many persons of the same county are expected to have lower numbers."""
    expected: np.ndarray = people.number * context.places.weights[people.county]
    return expected


def provider_of(context: Context, people: People, person: Ints, specialty: Ints) -> Ints:
    """The number of the provider of a specialty (number of ``Specialties``) whom a person sees; always the same one."""
    before = expected_ordinal(context, people)[person]
    size = np.where(specialty == 0, PANEL, REFERRED)
    pair = (before / (2 * size)).astype(np.int64)
    second = context.draws.uniform("provider", people.number[person], specialty) < 0.5
    number: Ints = people.county[person] * _COUNTY + specialty * 100_000 + pair * 2 + second
    return number


def provider_ids(context: Context, numbers: Ints) -> pa.Array:
    """Identifiers of providers by number."""
    county, rest = np.divmod(numbers, _COUNTY)
    return col.strings(col.texts("PRV-", _fips(context)[county], "-", col.digits(rest, 7), rows=len(numbers)))


def facility_of(context: Context, people: People, person: Ints, kind: Ints) -> Ints:
    """The number of the hospital (1) or clinic (2) that a person goes to."""
    before = expected_ordinal(context, people)[person]
    size = np.where(kind == HOSPITAL, PER_HOSPITAL, PER_CLINIC)
    number: Ints = people.county[person] * _COUNTY + kind * 100_000 + (before / size).astype(np.int64)
    return number


def facility_ids(context: Context, numbers: Ints) -> pa.Array:
    """Identifiers of facilities by number."""
    county, rest = np.divmod(numbers, _COUNTY)
    return col.strings(col.texts("FAC-", _fips(context)[county], "-", col.digits(rest, 7), rows=len(numbers)))


def pharmacy_of(context: Context, people: People, person: Ints) -> Ints:
    """The number of the pharmacy that a person goes to."""
    pair = (expected_ordinal(context, people)[person] / (2 * PER_PHARMACY)).astype(np.int64)
    second = context.draws.uniform("pharmacy", people.number[person]) < 0.5
    number: Ints = people.county[person] * _COUNTY + pair * 2 + second
    return number


def pharmacy_ids(context: Context, numbers: Ints) -> pa.Array:
    """Identifiers of pharmacies by number."""
    county, rest = np.divmod(numbers, _COUNTY)
    return col.strings(col.texts("PHA-", _fips(context)[county], "-", col.digits(rest, 5), rows=len(numbers)))


def _fips(context: Context) -> np.ndarray:
    return np.frombuffer("".join(context.places.fips).encode(), dtype=np.uint8).reshape(-1, 5)


# -- the tables of the network -------------------------------------------------------------------------------------------


def make_network(context: Context) -> dict[str, pa.Table]:
    """Everyone who may serve a population of the spec's size: providers, facilities and pharmacies.

    NPIs begin with 2, which is reserved and has not been given to anybody, pass the Luhn check, and are flagged.
    """
    specialties = Specialties.of(context)
    expected = context.spec.size * context.places.weights
    county, rest = _enumerated(expected, [(0, 2 * PANEL, 2)] + [
        (number, 2 * REFERRED, 2) for number in range(1, len(specialties.names))])  # fmt: skip
    providers = _providers(context, specialties, county, rest)
    where, what = _enumerated(expected, [(HOSPITAL, PER_HOSPITAL, 1), (CLINIC, PER_CLINIC, 1)])
    facilities = _facilities(context, where, what)
    at, nth = _enumerated(expected, [(0, 2 * PER_PHARMACY, 2)])
    pharmacies = _pharmacies(context, at, nth)
    return {"provider": providers, "facility": facilities, "pharmacy": pharmacies}


def _enumerated(expected: np.ndarray, kinds: list[tuple[int, int, int]]) -> tuple[Ints, Ints]:
    """(county, kind and ordinal) of everyone: per kind so many for each so many expected persons, at least once."""
    county, rest = [], []
    for kind, size, each in kinds:
        groups = (expected / size).astype(np.int64) + 1
        of, nth = col.repeated(groups * each)
        county.append(of)
        rest.append(kind * 100_000 + nth)
    return np.concatenate(county), np.concatenate(rest)


def _serial(context: Context, county: Ints, rest: Ints, kinds: int) -> Ints:
    """A number of their own for everyone of the network; it does not change when the population grows."""
    kind, ordinal = np.divmod(rest, 100_000)
    return (ordinal * len(context.places) + county) * kinds + kind


def npis(serial: Ints) -> pa.Array:
    """NPIs that pass the Luhn check over 80840 and the nine digits, and that nobody has: they begin with 2."""
    nine = col.digits(200_000_000 + serial, 9)
    values = nine.astype(np.int64) - 48
    # of the nine digits the last is doubled first; 24 is the sum for the prefix 80840
    doubled = values[:, ::-2] * 2
    total = 24 + np.where(doubled > 9, doubled - 9, doubled).sum(axis=1) + values[:, -2::-2].sum(axis=1)
    return col.strings(np.concatenate([nine, (48 + (-total % 10)).astype(np.uint8)[:, None]], axis=1))


def _providers(context: Context, specialties: Specialties, county: Ints, rest: Ints) -> pa.Table:
    n = len(county)
    number = county * _COUNTY + rest
    ids = provider_ids(context, number)
    specialty = rest // 100_000
    key = number + 1_000_000_000_000
    given, family = person_names(context, key, context.draws.integer("provider/sex", key, 2))
    taxonomies = [TAXONOMY.get(name, OTHER_TAXONOMY) for name in specialties.names]
    credential = np.where(context.draws.uniform("provider/credential", key) < 0.82, 0, 1)
    return pa.table({
        "provider_id": ids, "npi": npis(_serial(context, county, rest, len(specialties.names))),
        "is_synthetic": col.flags(np.ones(n, dtype=bool)),
        "entity_type_code": col.constant("1", n), "given_name": given, "family_name": family,
        "credential": col.coded(credential, ["MD", "DO"]), "specialty": col.coded(specialty, specialties.names),
        "taxonomy_code": col.coded(specialty, taxonomies), **addresses(context, key, county),
    })  # fmt: skip


def _facilities(context: Context, county: Ints, rest: Ints) -> pa.Table:
    number = county * _COUNTY + rest
    kind = rest // 100_000
    key = number + 2_000_000_000_000
    words = organisation_words(context, key)
    ending = pa.array(["", " Hospital", " Medical Clinic"]).take(pa.array(kind))
    return pa.table({
        "facility_id": facility_ids(context, number), "npi": npis(50_000_000 + _serial(context, county, rest, 3)),
        "name": pc.binary_join_element_wise(words, ending, ""),
        "facility_type": col.coded(kind - 1, ["hospital", "clinic"]),
        "bed_count": col.whole(80 + 20 * context.draws.integer("beds", key, 20), kind != HOSPITAL),
        **addresses(context, key, county, phone=False),
    })  # fmt: skip


def _pharmacies(context: Context, county: Ints, rest: Ints) -> pa.Table:
    number = county * _COUNTY + rest
    key = number + 3_000_000_000_000
    names = pc.binary_join_element_wise(organisation_words(context, key), pa.array([" Pharmacy"] * len(county)), "")
    kind = np.where(context.draws.uniform("pharmacy/kind", key) < 0.7, 0, 1)
    return pa.table({
        "pharmacy_id": pharmacy_ids(context, number), "npi": npis(70_000_000 + _serial(context, county, rest, 1)),
        "ncpdp_id": col.strings(col.digits(9_000_000 + _serial(context, county, rest, 1) % 1_000_000, 7)), "name": names,
        "pharmacy_type": col.coded(kind, ["retail", "independent"]), **addresses(context, key, county, phone=False),
    })  # fmt: skip
