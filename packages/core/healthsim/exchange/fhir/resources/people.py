"""Who is who: patients, practitioners and their roles, organisations, places."""

from __future__ import annotations

from healthsim.exchange.fhir.nodes import (
    Const,
    Items,
    Leaf,
    Node,
    Obj,
    Ref,
    Switch,
    When,
    code,
    coding,
    concept,
    date,
    text,
)
from healthsim.exchange.fhir.resource import Resource
from healthsim.exchange.fhir.resources.parts import absent, address, identifier, name, practitioner, telecom
from healthsim.exchange.fhir.systems import (
    BIRTH_SEXES,
    CCN,
    DEA,
    ETHNICITIES,
    GENDERS,
    LANGUAGES,
    NCPDP,
    NPI,
    NUCC,
    OMB,
    RACES,
    SSN,
    TAX,
    US_CORE,
    T,
    Words,
)


def _omb(extension: str, column: str, known: Words) -> Obj:
    """The extension of race or ethnicity: the category of the Office of Management and Budget, and the words."""
    categories: dict[str, Node] = {
        word: Obj(
            {
                "url": Const(US_CORE + extension),
                "extension": Items(
                    Const({"url": "ombCategory", "valueCoding": {"system": OMB, "code": value, "display": display}}),
                    Obj({"url": Const("text"), "valueString": text(f"t.{column}")}),
                ),
            }
        )
        for word, (value, display) in known.items()
    }
    categories["unknown"] = Const(
        {
            "url": US_CORE + extension,
            "extension": [
                {
                    "url": "ombCategory",
                    "valueCoding": {"system": T + "v3-NullFlavor", "code": "UNK", "display": "unknown"},
                },
                {"url": "text", "valueString": "Unknown"},
            ],
        }
    )
    words_only = Obj(
        {
            "url": Const(US_CORE + extension),
            "extension": Items(Obj({"url": Const("text"), "valueString": text(f"t.{column}")})),
        }
    )
    return Switch(f"t.{column}", categories, words_only)  # type: ignore[return-value]  # it makes one of these objects


PATIENT = Resource(
    "Patient",
    "demographics",
    "t.patient_id",
    {
        "extension": Items(
            _omb("us-core-race", "race", RACES),
            _omb("us-core-ethnicity", "ethnicity", ETHNICITIES),
            Obj(
                {
                    "url": Const(US_CORE + "us-core-birthsex"),
                    "valueCode": Switch("t.gender", {word: Const(value) for word, value in BIRTH_SEXES.items()}),
                }
            ),
            Obj(
                {
                    "url": Const(US_CORE + "us-core-sex"),
                    "valueCode": Switch("t.gender", {"m": Const("248153007"), "f": Const("248152002")}),
                }
            ),
        ),
        "identifier": Items(
            identifier("mrn", text("t.mrn"), "MR"),
            When("t.mrn IS NULL", identifier("patient_id", text("t.patient_id"))),
            identifier(SSN, text("t.ssn"), "SS"),
            identifier("person_id", text("t.person_id"), "PI"),
        ),
        "active": Const(True),
        "name": Items(
            When(
                "coalesce(nullif(t.family_name, ''), nullif(t.given_name, '')) IS NULL",
                Const({"_family": absent().value}),
                name("t"),
            )
        ),
        "telecom": telecom("t", "home", "phone", "email"),
        "gender": Switch(
            "coalesce(t.gender, 'u')", {word: Const(value) for word, value in GENDERS.items()}, Const("unknown")
        ),
        "birthDate": date("t.birth_date"),
        "deceasedDateTime": date("t.death_date"),
        "deceasedBoolean": When("t.death_date IS NULL", Leaf("t.deceased", "{}::VARCHAR")),
        "address": Items(address("t", "home")),
        "communication": Items(
            Obj({"language": concept(coding(LANGUAGES, code("t.language"))), "preferred": Const(True)})
        ),
        "generalPractitioner": Items(practitioner("patients", "primary_care_provider_id")),
    },
    profile="us-core-patient",
    carries={"t": "patient"},
)

PRACTITIONER = Resource(
    "Practitioner",
    "providers",
    "t.provider_id",
    {
        "identifier": Items(
            identifier(NPI, text("t.npi")),
            identifier(DEA, text("t.dea_number")),
            identifier(TAX, text("t.tax_id")),
            When("t.npi IS NULL", identifier("provider_id", text("t.provider_id"))),
        ),
        "active": Const(True),
        "name": Items(
            When(
                "coalesce(nullif(t.family_name, ''), nullif(t.given_name, '')) IS NULL",
                Obj({"family": text("coalesce(nullif(t.name, ''), nullif(t.organization_name, ''), t.provider_id)")}),
                Obj(
                    {
                        "family": text("coalesce(nullif(t.family_name, ''), t.given_name)", "family_name"),
                        "given": Items(text("t.given_name")),
                        "suffix": Items(text("t.credential")),
                        "text": text("t.name"),
                    }
                ),
            )
        ),
        "telecom": telecom("t", "work"),
        "address": Items(address("t", "work")),
        "qualification": Items(
            Obj({"code": concept(coding(NUCC, code("t.taxonomy_code"), text("t.specialty")), text=text("t.specialty"))})
        ),
    },
    profile="us-core-practitioner",
    where="t.entity_type_code IS DISTINCT FROM '2'",
    carries={"t": "provider"},
    also={"t.organization_name": "TRUE", "t.name": "t.family_name IS NULL AND t.given_name IS NULL"},
    shared=True,
)

PRACTITIONER_ROLE = Resource(
    "PractitionerRole",
    "providers",
    "t.provider_id",
    {
        "active": Const(True),
        "practitioner": Ref("Practitioner", "t.provider_id"),
        "organization": Ref("Organization", "w.facility_id"),
        "code": Items(Const({"coding": [{"system": T + "practitioner-role", "code": "doctor", "display": "Doctor"}]})),
        "specialty": Items(
            concept(coding(NUCC, code("t.taxonomy_code"), text("t.specialty")), text=text("t.specialty"))
        ),
        "location": Items(Ref("Location", "w.facility_id")),
        "telecom": telecom("t", "work"),
    },
    profile="us-core-practitionerrole",
    joins="LEFT JOIN workplaces AS w ON w.provider_id = t.provider_id",
    where="t.entity_type_code IS DISTINCT FROM '2'",
    shared=True,
)


def _organization(table: str, key: str, kind: tuple[str, str], members: dict[str, Node], words: Node) -> Resource:
    entity = {"facilities": "facility", "pharmacies": "pharmacy", "providers": "provider"}[table]
    return Resource(
        "Organization",
        table,
        key,
        members
        | {
            "active": Const(True),
            "type": Items(
                concept(Const({"system": T + "organization-type", "code": kind[0], "display": kind[1]}), text=words)
            ),
            "telecom": telecom("t", "work"),
            "address": Items(address("t", "work")),
        },
        profile="us-core-organization",
        carries={"t": entity},
        also={"t.name": "TRUE", "t.specialty": "TRUE"} if table == "providers" else {},
        shared=True,
        where="t.entity_type_code = '2'" if table == "providers" else "TRUE",
    )


_PROVIDER_KIND = ("prov", "Healthcare Provider")
FACILITY = _organization(
    "facilities",
    "t.facility_id",
    _PROVIDER_KIND,
    {
        "identifier": Items(
            identifier(NPI, text("t.npi")),
            identifier(CCN, text("t.ccn")),
            identifier(TAX, text("t.tax_id")),
            identifier("facility_id", text("t.facility_id")),
        ),
        "name": text("coalesce(nullif(t.name, ''), t.facility_id)", "name"),
    },
    text("coalesce(nullif(t.facility_type, ''), 'facility')", "facility_type"),
)
PHARMACY = _organization(
    "pharmacies",
    "pharmacy_resource_id(t.pharmacy_id)",
    _PROVIDER_KIND,
    {
        "identifier": Items(
            identifier(NPI, text("t.npi")),
            identifier(NCPDP, text("t.ncpdp_id")),
            identifier("pharmacy_id", text("t.pharmacy_id")),
        ),
        "name": text("coalesce(nullif(t.name, ''), t.pharmacy_id)", "name"),
    },
    Const("Pharmacy"),
)
PROVIDER_ORGANIZATION = _organization(
    "providers",
    "t.provider_id",
    _PROVIDER_KIND,
    {
        "identifier": Items(
            identifier(NPI, text("t.npi")),
            identifier(TAX, text("t.tax_id")),
            identifier("provider_id", text("t.provider_id")),
        ),
        "name": text(
            "coalesce(nullif(t.organization_name, ''), nullif(t.name, ''), t.provider_id)", "organization_name"
        ),
    },
    text("coalesce(nullif(t.specialty, ''), 'provider')", "specialty"),
)
PAYER = Resource(
    "Organization",
    "payers",
    "t.resource_id",
    {
        "identifier": Items(identifier("payer_id", text("t.payer_id")), identifier("payer_name", text("t.payer_name"))),
        "active": Const(True),
        "type": Items(Const({"coding": [{"system": T + "organization-type", "code": "pay", "display": "Payer"}]})),
        "name": text("t.payer_name"),
        "telecom": Items(Obj({"system": Const("phone"), "use": Const("work"), "value": text("t.payer_phone")})),
        "address": Items(
            Obj(
                {
                    "line": Items(text("t.payer_address_line1")),
                    "city": text("t.payer_city"),
                    "state": text("t.payer_state"),
                    "postalCode": text("t.payer_postal_code"),
                    "country": When("t.payer_city IS NOT NULL", Const("US")),
                }
            )
        ),
    },
    profile="us-core-organization",
    shared=True,
)
#: who made the data: the agent of provenance
AUTHOR = Resource(
    "Organization",
    "author",
    "t.author_id",
    {
        "identifier": Items(identifier("author", text("t.author_id"))),
        "active": Const(True),
        "type": Items(Const({"coding": [{"system": T + "organization-type", "code": "other", "display": "Other"}]})),
        "name": Const("HealthSim (synthetic data)"),
    },
    profile="us-core-organization",
    shared=True,
)
LOCATION = Resource(
    "Location",
    "facilities",
    "t.facility_id",
    {
        "status": Const("active"),
        "name": text("coalesce(nullif(t.name, ''), t.facility_id)", "name"),
        "type": Items(concept(text=text("t.facility_type"))),
        "telecom": telecom("t", "work"),
        "address": address("t", "work"),
        "managingOrganization": Ref("Organization", "t.facility_id"),
    },
    profile="us-core-location",
    shared=True,
)

RESOURCES = (
    FACILITY,
    PHARMACY,
    PROVIDER_ORGANIZATION,
    PAYER,
    AUTHOR,
    LOCATION,
    PRACTITIONER,
    PRACTITIONER_ROLE,
    PATIENT,
)
