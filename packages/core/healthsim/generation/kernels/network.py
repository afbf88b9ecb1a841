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
from healthsim.generation.county_places import COUNTIES, slot
from healthsim.generation.kernels.context import Context, Ints
from healthsim.generation.kernels.identity import addresses, organisation_words, person_names
from healthsim.generation.kernels.people import FEW_COUNTIES, People, counties_with_people
from healthsim.generation.packing import Packing

PRIMARY, EMERGENCY, HOSPITALIST = "Family Medicine", "Emergency Medicine", "Hospital Medicine"
#: persons per primary care provider, per hospital, per clinic, per pharmacy
PANEL, PER_HOSPITAL, PER_CLINIC, PER_PHARMACY = 1_400, 60_000, 7_000, 4_500
#: persons per active physician of a specialty: AAMC, Physician Specialty Data Report 2022, rounded; of others an assumption
REFERRED = {
    "Internal Medicine": 2_800,
    "Pediatrics": 5_500,
    "Emergency Medicine": 7_100,
    "Hospital Medicine": 7_500,
    "Cardiology": 14_900,
    "Endocrinology": 40_000,
    "Pulmonology": 22_000,
    "Nephrology": 29_000,
    "Oncology": 20_000,
    "Obstetrics and Gynecology": 7_800,
    "Psychiatry": 8_500,
    "Orthopedic Surgery": 17_400,
    "Neurology": 23_000,
    "Gastroenterology": 21_000,
    "Ophthalmology": 17_400,
    "Rheumatology": 52_000,
    "Urology": 32_000,
    "Dermatology": 26_000,
}
OTHER_REFERRED = 12_000
#: taxonomy codes of the NUCC set for the specialties in use; others are billed as a specialist
TAXONOMY = {
    "Family Medicine": "207Q00000X",
    "Internal Medicine": "207R00000X",
    "Pediatrics": "208000000X",
    "Emergency Medicine": "207P00000X",
    "Hospital Medicine": "208M00000X",
    "Cardiology": "207RC0000X",
    "Endocrinology": "207RE0101X",
    "Pulmonology": "207RP1001X",
    "Nephrology": "207RN0300X",
    "Oncology": "207RX0202X",
    "Obstetrics and Gynecology": "207V00000X",
    "Psychiatry": "2084P0800X",
    "Orthopedic Surgery": "207X00000X",
    "Neurology": "2084N0400X",
    "Gastroenterology": "207RG0100X",
    "Ophthalmology": "207W00000X",
    "Rheumatology": "207RR0500X",
    "Urology": "208800000X",
    "Dermatology": "207N00000X",
}
OTHER_TAXONOMY = "174400000X"
HOSPITAL, CLINIC = 1, 2
#: the number of a member of the network within the population, and within the county: what kind (a specialty, or a kind of
#: facility), and which of that kind in the county
NUMBER = Packing("county", kind=(0, 100), ordinal=(0, 100_000))
WITHIN = Packing("kind", ordinal=(0, 100_000))
#: what the chance of the network is looked up by begins here, far above the numbers of persons
_PROVIDERS, _FACILITIES, _PHARMACIES = 1_000_000_000_000, 2_000_000_000_000, 3_000_000_000_000
#: NPIs by county: 100,000,000 begin with 2, in ranges for providers, facilities and pharmacies, of which each county has so many;
#: enough for nine million persons of one county. What is more goes into the range of a county far away
_PROVIDER_NPIS, _FACILITY_NPIS, _PHARMACY_NPIS = (0, 24_600), (80_000_000, 2_950), (89_600_000, 3_190)
#: likewise of the 1,000,000 NCPDP numbers that begin with 9
_NCPDP_IDS = (0, 307)
#: of the NPIs of a county's providers the first so many are those of primary care
_PRIMARY_NPIS, _LAST_NPIS = 7_000, 1_000_000
#: share of physicians with the degree of MD (others DO) and of pharmacies that belong to a chain; assumptions
_MD, _RETAIL = 0.82, 0.7
#: hospitals have 80 to 460 beds; an assumption
_LEAST_BEDS, _BED_STEP, _BED_STEPS = 80, 20, 20


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


def _hubs(context: Context) -> tuple[Ints, np.ndarray]:
    """(county) where its people find specialists, and the share of the population that does so there.

    Of a few counties each has its own; of many, people go to the largest one of their state.
    """
    places = context.places
    if len(places) <= FEW_COUNTIES:
        return np.arange(len(places)), places.weights
    return places.hubs, np.bincount(places.hubs, places.weights, len(places))


def provider_of(context: Context, people: People, person: Ints, specialty: Ints) -> Ints:
    """The number of the provider of a specialty (number of ``Specialties``) whom a person sees; always the same one."""
    hubs, served = _hubs(context)
    own = people.county[person]
    county = np.where(specialty == 0, own, hubs[own])
    before = people.number[person] * np.where(specialty == 0, context.places.weights[own], served[county])
    pair = (before / (2 * _panels(context)[specialty])).astype(np.int64)
    second = context.draws.uniform("provider", people.number[person], specialty) < 0.5
    number: Ints = NUMBER.pack(county, kind=specialty, ordinal=pair * 2 + second)
    return number


def _panels(context: Context) -> Ints:
    """(specialty) persons per provider."""
    names = Specialties.of(context).names
    return np.array([PANEL, *(REFERRED.get(name, OTHER_REFERRED) for name in names[1:])], dtype=np.int64)


def provider_ids(context: Context, numbers: Ints) -> pa.Array:
    """Identifiers of providers by number."""
    return _ids("PRV-", context, numbers, 7)


def facility_of(context: Context, people: People, person: Ints, kind: Ints) -> Ints:
    """The number of the hospital (1) or clinic (2) that a person goes to."""
    before = expected_ordinal(context, people)[person]
    size = np.where(kind == HOSPITAL, PER_HOSPITAL, PER_CLINIC)
    number: Ints = NUMBER.pack(people.county[person], kind=kind, ordinal=(before / size).astype(np.int64))
    return number


def facility_ids(context: Context, numbers: Ints) -> pa.Array:
    """Identifiers of facilities by number."""
    return _ids("FAC-", context, numbers, 7)


def pharmacy_of(context: Context, people: People, person: Ints) -> Ints:
    """The number of the pharmacy that a person goes to."""
    pair = (expected_ordinal(context, people)[person] / (2 * PER_PHARMACY)).astype(np.int64)
    second = context.draws.uniform("pharmacy", people.number[person]) < 0.5
    number: Ints = NUMBER.pack(people.county[person], kind=0, ordinal=pair * 2 + second)
    return number


def pharmacy_ids(context: Context, numbers: Ints) -> pa.Array:
    """Identifiers of pharmacies by number."""
    return _ids("PHA-", context, numbers, 5)


def _ids(prefix: str, context: Context, numbers: Ints, width: int) -> pa.Array:
    """Identifiers: a prefix, the code of the county, and kind and ordinal within the county."""
    county, kind, ordinal = NUMBER.unpack(numbers)
    within = col.digits(WITHIN.pack(kind, ordinal=ordinal), width)
    return col.strings(col.texts(prefix, fips_codes(context)[county], "-", within, rows=len(numbers)))


def fips_codes(context: Context) -> np.ndarray:
    """Characters of the codes of the counties."""
    return np.frombuffer("".join(context.places.fips).encode(), dtype=np.uint8).reshape(-1, 5)


# -- the tables of the network -------------------------------------------------------------------------------------------


def make_network(context: Context) -> dict[str, pa.Table]:
    """Everyone who may serve a population of the spec's size: providers, facilities and pharmacies.

    NPIs begin with 2, which is reserved and has not been given to anybody, pass the Luhn check, and are flagged.
    """
    specialties, size = Specialties.of(context), context.spec.size
    hubs, served = _hubs(context)
    there = counties_with_people(context)
    here = there, size * context.places.weights[there]
    centres = np.unique(hubs[there])
    referred = centres, size * served[centres]
    panels = [2 * panel for panel in _panels(context).tolist()]
    primary = _enumerated(here, [(0, panels[0], 2)])
    others = _enumerated(referred, [(number, panels[number], 2) for number in range(1, len(panels))])
    facilities = _enumerated(here, [(HOSPITAL, PER_HOSPITAL, 1), (CLINIC, PER_CLINIC, 1)])
    return {
        "provider": _providers(context, specialties, primary.and_(others)),
        "facility": _facilities(context, facilities),
        "pharmacy": _pharmacies(context, _enumerated(here, [(0, 2 * PER_PHARMACY, 2)])),
    }


@dataclass(frozen=True)
class _Members:
    """Members of the network: the county, the kind and the ordinal of each."""

    county: Ints
    kind: Ints
    ordinal: Ints

    def __len__(self) -> int:
        return len(self.county)

    def and_(self, others: _Members) -> _Members:
        """These, and others after them."""
        pairs = ((self.county, others.county), (self.kind, others.kind), (self.ordinal, others.ordinal))
        return _Members(*(np.concatenate(pair) for pair in pairs))

    @property
    def number(self) -> Ints:
        """The number within the population."""
        numbers: Ints = NUMBER.pack(self.county, kind=self.kind, ordinal=self.ordinal)
        return numbers

    def serial(self, context: Context, numbers: tuple[int, int], within: Ints) -> Ints:
        """Numbers that are nobody else's, in no county: where the range begins, and how many of it a county has.

        Args:
            within: a number within the county, from 0; it does not change when the population grows.
        """
        begins, size = numbers
        slots = np.array([slot(fips) for fips in context.places.fips], dtype=np.int64)[self.county]
        serials: Ints = begins + (slots * size + within) % (COUNTIES * size)
        return serials


def _enumerated(people: tuple[Ints, np.ndarray], kinds: list[tuple[int, int, int]]) -> _Members:
    """Everyone, kind by kind: of each so many for each so many expected persons of the county, at least once.

    Args:
        people: counties, and how many persons are expected to come there.
    """
    there, expected = people
    counties, numbers, ordinals = [], [], []
    for kind, size, each in kinds:
        groups = (expected / size).astype(np.int64) + 1
        county, ordinal = col.repeated(groups * each)
        counties.append(there[county])
        numbers.append(np.full(len(county), kind))
        ordinals.append(ordinal)
    return _Members(np.concatenate(counties), np.concatenate(numbers), np.concatenate(ordinals))


def npis(serial: Ints) -> pa.Array:
    """NPIs that pass the Luhn check over 80840 and the nine digits, and that nobody has: they begin with 2."""
    nine = col.digits(200_000_000 + serial, 9)
    values = nine.astype(np.int64) - 48
    # of the nine digits the last is doubled first; 24 is the sum for the prefix 80840
    doubled = values[:, ::-2] * 2
    total = 24 + np.where(doubled > 9, doubled - 9, doubled).sum(axis=1) + values[:, -2::-2].sum(axis=1)
    return col.strings(np.concatenate([nine, (48 + (-total % 10)).astype(np.uint8)[:, None]], axis=1))


def _tax_ids(serial: Ints) -> pa.Array:
    """Employer identification numbers that nobody has: the prefix 97 is not in use (IRS, How EINs are assigned)."""
    return col.strings(col.texts("97-", col.digits(serial % 10_000_000, 7), rows=len(serial)))


def _providers(context: Context, specialties: Specialties, members: _Members) -> pa.Table:
    key = members.number + _PROVIDERS
    given_name, family_name = person_names(context, key, context.draws.integer("provider/sex", key, 2))
    taxonomies = [TAXONOMY.get(name, OTHER_TAXONOMY) for name in specialties.names]
    credential = np.where(context.draws.uniform("provider/credential", key) < _MD, 0, 1)
    return pa.table(
        {
            "provider_id": provider_ids(context, members.number),
            "npi": npis(members.serial(context, _PROVIDER_NPIS, _provider_numbers(members, len(specialties.names)))),
            "is_synthetic": col.flags(np.ones(len(members), dtype=bool)),
            "entity_type_code": col.constant("1", len(members)),
            "given_name": given_name,
            "family_name": family_name,
            "credential": col.coded(credential, ["MD", "DO"]),
            "specialty": col.coded(members.kind, specialties.names),
            "taxonomy_code": col.coded(members.kind, taxonomies),
            **addresses(context, key, members.county),
        }
    )


def _provider_numbers(members: _Members, specialties: int) -> Ints:
    """A number of its own for each provider of a county: of primary care, of which there are most, then of the others by turns."""
    others = Packing("ordinal", kind=(1, specialties)).pack(members.ordinal, kind=members.kind)
    later = members.ordinal - _PRIMARY_NPIS
    # a county of more than ten million persons has more than that of primary care: behind all others
    primary = np.where(later < 0, members.ordinal, _LAST_NPIS + later)
    return np.where(members.kind == 0, primary, _PRIMARY_NPIS + others)


def _facilities(context: Context, members: _Members) -> pa.Table:
    key = members.number + _FACILITIES
    ending = pa.array(["", " Hospital", " Medical Clinic"]).take(pa.array(members.kind))
    serial = Packing("ordinal", kind=(1, 3)).pack(members.ordinal, kind=members.kind)
    beds = _LEAST_BEDS + _BED_STEP * context.draws.integer("beds", key, _BED_STEPS)
    return pa.table(
        {
            "facility_id": facility_ids(context, members.number),
            "npi": npis(members.serial(context, _FACILITY_NPIS, serial)),
            "name": pc.binary_join_element_wise(organisation_words(context, key), ending, ""),
            "facility_type": col.coded(members.kind - 1, ["hospital", "clinic"]),
            "bed_count": col.whole(beds, members.kind != HOSPITAL),
            "tax_id": _tax_ids(members.serial(context, _FACILITY_NPIS, serial)),
            **addresses(context, key, members.county),
        }
    )


def _pharmacies(context: Context, members: _Members) -> pa.Table:
    key = members.number + _PHARMACIES
    names = pc.binary_join_element_wise(organisation_words(context, key), pa.array([" Pharmacy"] * len(members)), "")
    kind = np.where(context.draws.uniform("pharmacy/kind", key) < _RETAIL, 0, 1)
    return pa.table(
        {
            "pharmacy_id": pharmacy_ids(context, members.number),
            "npi": npis(members.serial(context, _PHARMACY_NPIS, members.ordinal)),
            "ncpdp_id": col.strings(col.digits(9_000_000 + members.serial(context, _NCPDP_IDS, members.ordinal), 7)),
            "name": names,
            "pharmacy_type": col.coded(kind, ["retail", "independent"]),
            **addresses(context, key, members.county),
        }
    )
