"""Drugs: what was ordered and prescribed, and what was dispensed."""

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
    number,
    period,
    text,
    words,
)
from healthsim.exchange.fhir.resource import Resource
from healthsim.exchange.fhir.resources.parts import encounter, identifier, practitioner, subject, system_of, unless
from healthsim.exchange.fhir.systems import DOSE_UNITS, FREQUENCIES, ICD10CM, NDC, ROUTES, RXNORM, SNOMED, UCUM, T

_DOSE = r"([0-9]+(?:\.[0-9]+)?) ?(.+)"
_STATUSES = ("active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft", "unknown")
_CATEGORY = Const(
    [{"coding": [{"system": T + "medicationrequest-category", "code": "community", "display": "Community"}]}]
)
_UNITS = ", ".join(f"'{unit.lower()}'" for unit in DOSE_UNITS)


def _timing(expression: str, bounds: Node) -> Obj:
    cases: dict[str, Node] = {
        word: Obj(
            {
                "repeat": Obj(
                    {
                        "boundsPeriod": bounds,
                        "frequency": Const(frequency),
                        "period": Const(length),
                        "periodUnit": Const(unit),
                    }
                ),
                "code": Obj({"text": text(expression)}),
            }
        )
        for word, (frequency, length, unit) in FREQUENCIES.items()
    }
    rest = Obj({"repeat": Obj({"boundsPeriod": bounds}), "code": Obj({"text": text(expression)})})
    return Switch(f"coalesce({expression}, '')", cases, rest)  # type: ignore[return-value]  # it makes one of these objects


def _measured(alias: str) -> Obj:
    """A dose that is kept as number and unit."""
    unit = f"{alias}.dose_unit"
    known = f"lower({unit}) IN ({_UNITS})"
    return Obj(
        {
            "value": number(f"{alias}.dose_quantity"),
            "unit": text(unit),
            "system": When(known, Const(UCUM)),
            "code": When(known, code(unit)),
        },
        needs=("value",),
    )


def _dose_quantity(expression: str) -> Obj:
    unit = f"trim(regexp_extract({expression}, '{_DOSE}', 2))"
    return When(  # type: ignore[return-value]  # the object, or nothing
        f"regexp_full_match({expression}, '{_DOSE}')",
        Obj(
            {
                "value": Leaf(expression, f"regexp_extract({{}}, '{_DOSE}', 1)::DECIMAL(18, 6)::DOUBLE::VARCHAR"),
                "unit": Leaf(expression, f"to_json(trim(regexp_extract({{}}, '{_DOSE}', 2)))"),
                "system": When(f"lower({unit}) IN ({_UNITS})", Const(UCUM)),
                "code": When(
                    f"lower({unit}) IN ({_UNITS})",
                    Leaf(expression, f"to_json(trim(regexp_extract({{}}, '{_DOSE}', 2)))"),
                ),
            },
            needs=("value", "unit"),
        ),
    )


def _drug(codings: tuple[Node, ...], words_of_it: str) -> Obj:
    return concept(*codings, text=text(words_of_it))


def _dispense(alias: str) -> Obj:
    """What the pharmacy may dispense."""
    return Obj(
        {
            "validityPeriod": period(date(f"{alias}.written_date"), date(f"{alias}.expiration_date")),
            "numberOfRepeatsAllowed": number(f"{alias}.refills_authorized"),
            "quantity": Obj({"value": number(f"{alias}.quantity_prescribed")}),
            "expectedSupplyDuration": Obj(
                {
                    "value": number(f"{alias}.days_supply"),
                    "unit": Const("days"),
                    "system": Const(UCUM),
                    "code": Const("d"),
                }
            ),
        }
    )


def _substitution(alias: str) -> Obj:
    return Obj({"allowedBoolean": Leaf(f"{alias}.daw_code", "({} <> '1')::VARCHAR")})


#: columns of a prescription -> those of the medication that say the same
SAME_DRUG = {
    "written_date": "start_date",
    "ndc": "ndc",
    "rxnorm_code": "code",
    "drug_name": "name",
    "prescriber_provider_id": "prescriber_provider_id",
    "dose_quantity": "dose_quantity",
    "dose_unit": "dose_unit",
    "route": "route",
    "frequency": "frequency",
    "medication_id": "medication_id",
}
MEDICATION = Resource(
    "MedicationRequest",
    "medications",
    "t.medication_id",
    {
        "identifier": Items(
            identifier("medication_id", text("t.medication_id")),
            identifier("prescription_id", text("p.prescription_id")),
            identifier("prescription_number", text("p.prescription_number")),
        ),
        "status": Switch(
            "coalesce(t.status, 'unknown')",
            {word: Const(word) for word in _STATUSES}
            | {"discontinued": Const("stopped"), "finished": Const("completed"), "canceled": Const("cancelled")},
            Const("unknown"),
        ),
        "intent": Const("order"),
        "category": _CATEGORY,
        "reportedBoolean": Const(False),
        "medicationCodeableConcept": _drug(
            (
                coding(system_of("t.code_system", "RxNorm"), code("t.code"), text("t.name")),
                coding(NDC, code("t.ndc"), text("t.name")),
            ),
            "t.name",
        ),
        "subject": subject(),
        "encounter": encounter("medications"),
        "authoredOn": date("t.start_date"),
        "requester": practitioner("medications", "prescriber_provider_id"),
        "reasonCode": Items(
            concept(coding(ICD10CM, code("t.indication_code"), text("t.indication")), text=text("t.indication"))
        ),
        "dosageInstruction": Items(
            Obj(
                {
                    "text": Leaf(
                        "p.directions",
                        "to_json(coalesce(nullif({}, ''), nullif(concat_ws(' ', t.dose, t.route, t.frequency), '')))",
                    ),
                    "timing": _timing("t.frequency", period(date("t.start_date"), date("t.end_date"))),
                    "asNeededBoolean": When("lower(t.frequency) IN ('as needed', 'prn')", Const(True)),
                    "route": words("t.route", SNOMED, ROUTES),
                    "doseAndRate": Items(
                        Obj(
                            {
                                "doseQuantity": When(
                                    "t.dose_quantity IS NOT NULL", _measured("t"), _dose_quantity("t.dose")
                                )
                            }
                        )
                    ),
                }
            )
        ),
        "dispenseRequest": _dispense("p"),
        "substitution": _substitution("p"),
    },
    profile="us-core-medicationrequest",
    joins="LEFT JOIN {same_drug} AS same ON same.medication_id = t.medication_id"
    " LEFT JOIN {prescriptions} AS p ON p.prescription_id = same.prescription_id",
    carries={"t": "medication", "p": "prescription"},
    also={
        "t.status": unless("t.status", *_STATUSES),
        "t.dose": "TRUE",
        # the prescription says what the medication says, unless it says something else
        **{f"p.{name}": f"p.{name} IS DISTINCT FROM t.{other}" for name, other in SAME_DRUG.items()},
        "p.daw_code": "TRUE",
        "p.directions": "TRUE",
    },
)

PRESCRIPTION = Resource(
    "MedicationRequest",
    "prescriptions",
    "t.prescription_id",
    {
        "identifier": Items(
            identifier("prescription_id", text("t.prescription_id")),
            identifier("prescription_number", text("t.prescription_number")),
        ),
        "status": When("t.refills_remaining = 0", Const("completed"), Const("active")),
        "intent": Const("order"),
        "category": _CATEGORY,
        "reportedBoolean": Const(False),
        "medicationCodeableConcept": _drug(
            (
                coding(RXNORM, code("t.rxnorm_code"), text("t.drug_name")),
                coding(NDC, code("t.ndc"), text("t.drug_name")),
            ),
            "t.drug_name",
        ),
        "subject": subject(),
        "authoredOn": date("t.written_date"),
        "requester": practitioner("prescriptions", "prescriber_provider_id"),
        "dosageInstruction": Items(
            Obj(
                {
                    "text": text("t.directions"),
                    "timing": When(
                        "t.frequency IS NOT NULL", _timing("t.frequency", Obj({"start": date("t.written_date")}))
                    ),
                    "route": words("t.route", SNOMED, ROUTES),
                    "doseAndRate": Items(Obj({"doseQuantity": _measured("t")})),
                }
            )
        ),
        "dispenseRequest": _dispense("t"),
        "substitution": _substitution("t"),
    },
    profile="us-core-medicationrequest",
    joins="LEFT JOIN {same_drug} AS same ON same.prescription_id = t.prescription_id",
    where="same.medication_id IS NULL",
    carries={"t": "prescription"},
    also={"t.daw_code": "TRUE", "t.refills_remaining": "TRUE", "t.medication_id": "TRUE"},
)

DISPENSE = Resource(
    "MedicationDispense",
    "pharmacy_claims",
    "t.pharmacy_claim_id",
    {
        "identifier": Items(identifier("pharmacy_claim_id", text("t.pharmacy_claim_id"))),
        "status": Const("completed"),
        "medicationCodeableConcept": _drug((coding(NDC, code("t.ndc"), text("t.drug_name")),), "t.drug_name"),
        "subject": subject(),
        "performer": Items(
            Obj({"actor": Ref("Organization", "pharmacy_resource_id(t.pharmacy_id)", "pharmacy_claims.pharmacy_id")})
        ),
        "authorizingPrescription": Items(Ref("MedicationRequest", "coalesce(same.medication_id, p.prescription_id)")),
        "type": When(
            "t.fill_number > 0",
            Const({"coding": [{"system": T + "v3-ActCode", "code": "RF", "display": "Refill"}], "text": "Refill"}),
            Const(
                {"coding": [{"system": T + "v3-ActCode", "code": "FF", "display": "First Fill"}], "text": "First fill"}
            ),
        ),
        "quantity": Obj({"value": number("t.quantity_dispensed")}),
        "daysSupply": Obj(
            {"value": number("t.days_supply"), "unit": Const("days"), "system": Const(UCUM), "code": Const("d")}
        ),
        "whenHandedOver": Leaf(
            "coalesce(t.service_date, t.paid_date)", """'"' || {}::VARCHAR || '"'""", "service_date"
        ),
        "dosageInstruction": Items(
            Obj(
                {
                    "text": text("p.directions"),
                    "timing": When(
                        "p.frequency IS NOT NULL", _timing("p.frequency", Obj({"start": date("p.written_date")}))
                    ),
                    "doseAndRate": Items(Obj({"doseQuantity": _measured("p")})),
                }
            )
        ),
    },
    profile="us-core-medicationdispense",
    joins="LEFT JOIN {prescriptions} AS p ON p.prescription_id = t.prescription_id"
    " LEFT JOIN {same_drug} AS same ON same.prescription_id = p.prescription_id",
    where="t.status = 'paid'",
    carries={"t": "pharmacy_claim"},
    also={"t.service_date": "t.service_date IS NULL", "t.paid_date": "TRUE"},
)

RESOURCES = (MEDICATION, PRESCRIPTION, DISPENSE)
