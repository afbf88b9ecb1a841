"""Core entity types: persons, providers, facilities, and the columns that describe a human being."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from healthsim.model.entity import Entity, column
from healthsim.model.types import Date, Flag, Integer, Text, Word, coded

GENDER_WORDS = {
    "m": "M",
    "male": "M",
    "man": "M",
    "boy": "M",
    "f": "F",
    "female": "F",
    "woman": "F",
    "girl": "F",
    "o": "O",
    "other": "O",
    "x": "O",
    "nonbinary": "O",
    "non_binary": "O",
    "u": "U",
    "unknown": "U",
    "unk": "U",
}
Gender = Annotated[str | None, coded(GENDER_WORDS)]


def text_only(value: Any) -> Any:
    """A value that is an object says nothing about a text column: ``address: {...}`` is no line of an address."""
    return None if isinstance(value, (dict, list)) else value


_TAX_ID = "tin ein federal_tax_id employer_identification_number tax_identification_number"


class AddressColumns(Entity):
    """A postal address in the United States, and the county that it lies in."""

    address_line1: Text = column(
        "Street and number.",
        aliases="address.address_line1 address.street_address address.line1 address.street street_address line1",
        convert={"address": text_only},
        example="12 Birch Road",
    )
    address_line2: Text = column(
        "Apartment, suite, floor.",
        aliases="address.address_line2 address.street_address_2 address.line2 street_address_2",
    )
    city: Text = column("City or town.", aliases="address.city", example="Madison")
    state: Text = column("State, two letters.", aliases="address.state address.state_code", system="USPS", example="WI")
    postal_code: Text = column(
        "ZIP code, five digits or ZIP+4.",
        aliases="address.postal_code address.zip_code address.zip zip_code zip",
        example="53703",
    )
    country: Text = column("Country.", aliases="address.country", example="US")
    county: Text = column("Name of the county.", aliases="address.county county_name")
    county_fips: Text = column(
        "County, five digits with leading zeros.",
        aliases="address.county_fips extension.county_fips",
        system="FIPS",
        example="55025",
    )


class NameColumns(Entity):
    """The parts of a person's name."""

    given_name: Text = column(
        "First name.", aliases="name.given_name name.given name.first_name name.first first_name given", example="Ada"
    )
    middle_name: Text = column("Middle name or initial.", aliases="name.middle_name name.middle middle")
    family_name: Text = column(
        "Last name.", aliases="name.family_name name.family name.last_name name.last last_name family", example="Birch"
    )
    suffix: Text = column("Suffix of the name (Jr., III).", aliases="name.suffix")
    prefix: Text = column("Prefix of the name (Dr., Ms.).", aliases="name.prefix")


class DemographicColumns(NameColumns, AddressColumns):
    """Who a person is, where they live, and how to reach them."""

    transparent: ClassVar[tuple[str, ...]] = ("demographics",)

    birth_date: Date = column("Date of birth.", aliases="date_of_birth dob birthdate", example="1980-04-22")
    gender: Gender = column(
        "Administrative gender.", aliases="sex", system="M male, F female, O other, U unknown", example="F"
    )
    race: Text = column("Race, as reported.", example="White")
    ethnicity: Text = column("Ethnicity, as reported.", example="Not Hispanic or Latino")
    language: Text = column("Preferred language.", aliases="preferred_language", system="BCP 47", example="en")
    census_tract: Text = column("Census tract, eleven digits.", aliases="address.census_tract", system="FIPS")
    phone: Text = column(
        "Telephone number.",
        aliases="contact.phone telecom.phone phone_number contact.phone_mobile",
        example="608-555-0142",
    )
    email: Text = column("E-mail address.", aliases="contact.email telecom.email", example="ada@example.org")
    deceased: Flag = column("Whether the person has died.", aliases="is_deceased")
    death_date: Date = column("Date of death.", aliases="deceased_date date_of_death")


class SsnColumn(Entity):
    """The number by which one human is recognised across products."""

    ssn: Text = column(
        "Synthetic social security number: generated ones have area 900-999, which is never issued. Correlates the"
        " same human across products.",
        aliases="social_security_number",
        example="900-12-3456",
    )


class Person(DemographicColumns, SsnColumn):
    """A human being, once, whatever roles they have in the products."""

    family: ClassVar[str] = "core"
    natural_keys: ClassVar[tuple[str, ...]] = ("ssn",)

    person_id: Text = column("Identifier of the person.", aliases="id", example="PER-001")


class Provider(AddressColumns):
    """A clinician or an organisation that gives care."""

    family: ClassVar[str] = "core"
    natural_keys: ClassVar[tuple[str, ...]] = ("npi",)

    provider_id: Text = column("Identifier of the provider.", aliases="id", example="PRV-001")
    npi: Text = column("National Provider Identifier, ten digits.", system="NPI", example="1000000004")
    is_synthetic: Flag = column("Whether the NPI was made up (and passes the Luhn check all the same).")
    entity_type_code: Text = column("1 an individual, 2 an organisation.", system="NPPES", example="1")
    name: Text = column("Name as displayed.", aliases="provider_name display_name", example="Dr. Ada Birch")
    given_name: Text = column("First name.", aliases="name.given_name name.given name.first_name first_name")
    family_name: Text = column("Last name.", aliases="name.family_name name.family name.last_name last_name")
    organization_name: Text = column("Name of the organisation.", aliases="practice_name organization")
    credential: Text = column("Credential (MD, NP).", aliases="credentials", example="MD")
    specialty: Text = column("Specialty in words.", aliases="primary_specialty", example="Family Medicine")
    taxonomy_code: Text = column("Provider taxonomy.", aliases="taxonomy", system="NUCC", example="207Q00000X")
    dea_number: Text = column("Number of the Drug Enforcement Administration.", aliases="dea")
    phone: Text = column("Telephone number.", aliases="contact.phone telecom.phone phone_number")
    tax_id: Word = column("Taxpayer identification number.", aliases=_TAX_ID, system="IRS", example="97-1234567")


class Facility(AddressColumns):
    """A place where care is given."""

    family: ClassVar[str] = "core"
    natural_keys: ClassVar[tuple[str, ...]] = ("npi", "ccn", "name")

    facility_id: Text = column("Identifier of the facility.", aliases="id", example="FAC-001")
    npi: Text = column("National Provider Identifier of the organisation.", system="NPI")
    ccn: Text = column("CMS certification number.", system="CCN")
    name: Text = column("Name of the facility.", aliases="facility_name", example="Lakeside Clinic")
    facility_type: Text = column("Kind of facility (hospital, clinic).", aliases="type", example="clinic")
    bed_count: Integer = column("Licensed beds.", aliases="beds number_of_beds", unit="beds")
    phone: Word = column(
        "Telephone number.", aliases="contact.phone telecom.phone phone_number facility_phone", example="608-555-0143"
    )
    tax_id: Word = column(
        "Employer identification number. Generated ones begin with a prefix that is not in use.",
        aliases=_TAX_ID,
        system="IRS",
        example="97-1234567",
    )
