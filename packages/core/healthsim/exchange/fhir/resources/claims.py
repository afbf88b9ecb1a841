"""Claims, and what became of them."""

from __future__ import annotations

from healthsim.exchange.fhir.nodes import (
    Const,
    Each,
    Items,
    Leaf,
    Many,
    Node,
    Obj,
    Ref,
    Switch,
    When,
    code,
    coding,
    concept,
    date,
    fixed,
    money,
    number,
    period,
    text,
)
from healthsim.exchange.fhir.resource import Resource, Rows, columns_read, extension_url, extensions
from healthsim.exchange.fhir.resources.parts import concepts_of, identifier, practitioner, strings, subject, unless
from healthsim.exchange.fhir.systems import (
    ADJUDICATION,
    ADMISSION_SOURCE,
    ADMISSION_TYPE,
    CARC,
    CARIN,
    CARIN_KIND,
    CLAIM_TYPES,
    CPT,
    DISPOSITION,
    DRG,
    HCPCS,
    ICD10CM,
    NDC,
    OWN,
    POA,
    POS,
    REVENUE,
    TYPE_OF_BILL,
    T,
)
from healthsim.model import ENTITY_TYPES

_CLAIM_TYPE = Switch(
    "coalesce(t.claim_type, 'professional')",
    {word: fixed(T + "claim-type", value, display, display) for word, (value, display) in CLAIM_TYPES.items()},
    fixed(T + "claim-type", "professional", "Professional", "Professional"),
)
_STATUS = Switch("coalesce(t.status, 'paid')", {"reversed": Const("cancelled")}, Const("active"))
_PERIOD = period(date("t.service_date"), date("coalesce(t.service_end_date, t.service_date)"))
_LISTED = (
    "list_zip(list_prepend(t.principal_diagnosis, coalesce({others}, []::VARCHAR[])),"
    " list_prepend(t.principal_diagnosis_poa, coalesce({poa}, []::VARCHAR[])))"
).format(others=strings("t.other_diagnoses"), poa=strings("t.other_diagnoses_poa"))
_PRESENT = f"list_filter({_LISTED}, lambda value: value[1] IS NOT NULL)"
_KIND = T + "ex-diagnosistype"
_DIAGNOSES = Each(
    _PRESENT,
    Obj(
        {
            "sequence": Leaf("number", "{}::VARCHAR", "order"),
            "diagnosisCodeableConcept": concept(
                coding(ICD10CM, Leaf("value", "to_json({}[1])", "principal_diagnosis, other_diagnoses"))
            ),
            "type": When(
                "number = 1",
                Const([{"coding": [{"system": _KIND, "code": "principal", "display": "Principal Diagnosis"}]}]),
            ),
            "onAdmission": concept(
                coding(POA, Leaf("value", "to_json({}[2])", "principal_diagnosis_poa, other_diagnoses_poa"))
            ),
        },
        needs=("sequence", "diagnosisCodeableConcept"),
    ),
)


_PROVIDER = When(
    "t.billing_facility_id IS NOT NULL",
    Ref("Organization", "t.billing_facility_id", "claims.billing_facility_id"),
    When(
        "t.billing_provider_id IS NOT NULL",
        practitioner("claims", "billing_provider_id"),
        When(
            "t.facility_id IS NOT NULL",
            Ref("Organization", "t.facility_id", "claims.facility_id"),
            Const({"display": "unknown"}),
        ),
    ),
)


def _insurance(*, sequence: bool) -> Node:
    members: dict[str, Node] = {"sequence": Const(1)} if sequence else {}
    covered = Ref("Coverage", "t.member_id", "claims.member_id")
    second = {"sequence": Const(2)} if sequence else {}
    none = Const({**({"sequence": 1} if sequence else {}), "focal": True, "coverage": {"display": "unknown"}})
    return Items(
        When(
            "t.member_id IS NULL",
            none,
            Obj(members | {"focal": Const(True), "coverage": covered}, needs=("coverage",)),
        ),
        # who pays of what the first leaves
        When(
            "t.member_id IS NOT NULL AND t.secondary_member_id IS NOT NULL",
            Obj(
                second
                | {
                    "focal": Const(False),
                    "coverage": Ref("Coverage", "t.secondary_member_id", "claims.secondary_member_id"),
                },
                needs=("coverage",),
            ),
        ),
    )


_CARE_TEAM = Items(
    Obj(
        {
            "sequence": Const(1),
            "provider": practitioner("claims", "rendering_provider_id"),
            "role": fixed(T + "claimcareteamrole", "primary", "Primary provider"),
        },
        needs=("provider",),
    )
)


def _supporting(kind: str, value: dict[str, Node], sequence: int) -> Obj:
    category = Const({"coding": [{"system": OWN + "claim-information", "code": kind}], "text": kind})
    return Obj({"sequence": Const(sequence), "category": category} | value, needs=tuple(value))


_SUPPORTING = Items(
    _supporting("typeofbill", {"code": concept(coding(TYPE_OF_BILL, code("t.bill_type")))}, 1),
    _supporting("drg", {"code": concept(coding(DRG, code("t.drg_code")))}, 2),
    _supporting("admissionperiod", {"timingPeriod": period(date("t.admission_date"), date("t.discharge_date"))}, 3),
    _supporting("clmrecvddate", {"timingDate": date("t.received_date")}, 4),
    _supporting("authorization", {"valueString": text("t.authorization_number")}, 5),
    _supporting("admtype", {"code": concept(coding(ADMISSION_TYPE, code("t.admission_type_code")))}, 6),
    _supporting("pointoforigin", {"code": concept(coding(ADMISSION_SOURCE, code("t.admission_source_code")))}, 7),
    _supporting("discharge-status", {"code": concept(coding(DISPOSITION, code("t.discharge_status_code")))}, 8),
    _supporting("admitting-diagnosis", {"code": concept(coding(ICD10CM, code("t.admitting_diagnosis")))}, 9),
)


def _item(adjudicated: bool) -> Obj:
    """A line: what was billed, and, adjudicated, what of it was allowed and paid."""
    codes = strings("r.diagnosis_pointers")
    units = "r.units > 0"
    members: dict[str, Node] = {
        "sequence": Leaf("r.line_number", "coalesce({}, r.line_ordinal)::VARCHAR"),
        "diagnosisSequence": Leaf(
            "r.diagnosis_pointers",
            f"'[' || nullif(array_to_string(list_filter(list_transform({codes}, lambda value: TRY_CAST(value AS INTEGER)),"
            " lambda value: value > 0 AND value <= r.diagnosis_count), ','), '') || ']'",
        ),
        "revenue": concept(coding(REVENUE, code("r.revenue_code"))),
        "productOrService": When(
            "nullif(r.procedure_code, '') IS NOT NULL",
            concept(
                coding(Leaf("r.procedure_code", _procedure_system("{}"), "procedure_code"), code("r.procedure_code"))
            ),
            When(
                "nullif(r.ndc, '') IS NOT NULL",
                concept(coding(NDC, code("r.ndc"))),
                fixed(T + "data-absent-reason", "not-applicable", "Not Applicable"),
            ),
        ),
        "modifier": concepts_of("r.procedure_modifiers", CPT),
        "servicedDate": date("r.service_date"),
        "locationCodeableConcept": concept(
            coding(POS, code("coalesce(r.place_of_service, r.claim_place)", "place_of_service"))
        ),
        "quantity": When(units, Obj({"value": number("r.units")})),
        "net": money("r.charge_amount"),
    }
    if adjudicated:
        members["adjudication"] = Items(
            _amount("submitted", "r.charge_amount"),
            _amount("eligible", "r.allowed_amount"),
            _amount("deductible", "r.deductible_amount"),
            _amount("copay", "r.copay_amount"),
            _amount("coinsurance", "r.coinsurance_amount", CARIN),
            _amount("memberliability", "r.member_responsibility", CARIN),
            _amount("benefit", "r.paid_amount"),
            Obj(
                {
                    "category": Const({"coding": [{"system": CARIN_KIND, "code": "adjustmentreason"}]}),
                    "reason": concept(coding(CARC, code("r.adjustment_reason_code"))),
                },
                needs=("reason",),
            ),
        )
    known = ENTITY_TYPES["claim_line"]
    own = Obj({"url": Const(extension_url(known, known.key)), "valueString": text(f"r.{known.key}")})
    read = columns_read(Obj(members)) | {"r.claim_id"}
    members["extension"] = Items(own)
    if not adjudicated:
        # what became of the line says the explanation of benefit, where there is one
        decided = {name for name in columns_read(_item(True)) - read if name.partition(".")[2] in known.column}
        further = {"r.status": "TRUE", **dict.fromkeys(decided, "NOT coalesce(r.claim_is_decided, FALSE)")}
        # the product is the procedure where there is one: the drug that it gives stands beside it
        further["r.ndc"] = "nullif(r.procedure_code, '') IS NOT NULL"
        members["extension"] = Items(own, *extensions(known, "r", read, further))
    return Obj(members, needs=("sequence", "productOrService"))


def _procedure_system(expression: str) -> str:
    """CPT has five digits, or four and a letter of its categories; HCPCS begins with a letter."""
    return f"CASE WHEN regexp_matches({expression}, '^[A-Za-z]') THEN '\"{HCPCS}\"' ELSE '\"{CPT}\"' END"


def _amount(kind: str, expression: str, system: str = ADJUDICATION) -> Obj:
    return Obj(
        {
            "category": Const({"coding": [{"system": system, "code": kind}]}),
            "amount": money(expression),
        },
        needs=("amount",),
    )


_BILLED = Many("billed", _item(False))
_DECIDED = Many("decided", _item(True))


def _lines(many: Many) -> Rows:
    return Rows(
        many,
        "numbered_claim_lines",
        by="r.claim_id",
        on=f"{many.name}.key = t.claim_id",
        order="r.line_number, r.claim_line_id",
    )


#: claims of which there is an explanation of benefit, and the columns that it has
_IS_DECIDED = "coalesce(t.status IN ('paid', 'denied', 'reversed'), FALSE)"
_OF_DECISION = (
    "adjudicated_date",
    "paid_date",
    "denial_reason_code",
    "total_allowed",
    "total_paid",
    "member_responsibility",
)


CLAIM = Resource(
    "Claim",
    "claims",
    "t.claim_id",
    {
        "identifier": Items(identifier("claim_id", text("t.claim_id"))),
        "status": _STATUS,
        "type": _CLAIM_TYPE,
        "use": Const("claim"),
        "patient": subject(),
        "billablePeriod": _PERIOD,
        "created": date("coalesce(t.received_date, t.service_end_date, t.service_date)"),
        "insurer": Ref("Organization", "payer.resource_id"),
        "provider": _PROVIDER,
        "priority": Const({"coding": [{"system": T + "processpriority", "code": "normal"}]}),
        "facility": Ref("Location", "t.facility_id", "claims.facility_id"),
        "careTeam": _CARE_TEAM,
        "supportingInfo": _SUPPORTING,
        "diagnosis": _DIAGNOSES,
        "insurance": _insurance(sequence=True),
        "item": _BILLED,
        "total": money("t.total_charge"),
    },
    joins="LEFT JOIN {members} AS m ON m.member_id = t.member_id"
    " LEFT JOIN {plans} AS p ON p.plan_id = m.plan_id"
    " LEFT JOIN {payers} AS payer ON payer.payer_name = coalesce(m.payer_name, p.payer_name)",
    rows=(_lines(_BILLED),),
    carries={"t": "claim"},
    also={
        "t.service_end_date": "t.service_end_date IS NULL",
        "t.claim_type": unless("t.claim_type", *CLAIM_TYPES),
        "t.status": "TRUE",
        "t.billing_provider_id": "t.billing_facility_id IS NOT NULL",
        **{f"t.{column}": f"NOT {_IS_DECIDED}" for column in _OF_DECISION},
    },
)

EXPLANATION = Resource(
    "ExplanationOfBenefit",
    "claims",
    "'eob-' || t.claim_id",
    {
        "identifier": Items(
            Obj(
                {
                    "type": Const(
                        {
                            "coding": [
                                {
                                    "system": "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBIdentifierType",
                                    "code": "uc",
                                }
                            ]
                        }
                    ),
                    "system": Const(OWN + "claim_id"),
                    "value": text("t.claim_id"),
                },
                needs=("value",),
            )
        ),
        "status": _STATUS,
        "type": _CLAIM_TYPE,
        "use": Const("claim"),
        "patient": subject(),
        "billablePeriod": _PERIOD,
        "created": date("coalesce(t.adjudicated_date, t.paid_date, t.received_date, t.service_date)"),
        "insurer": When(
            "payer.resource_id IS NULL", Const({"display": "unknown"}), Ref("Organization", "payer.resource_id")
        ),
        "provider": _PROVIDER,
        "claim": Ref("Claim", "t.claim_id"),
        "facility": Ref("Location", "t.facility_id", "claims.facility_id"),
        "outcome": Const("complete"),
        "disposition": text("t.status"),
        "careTeam": _CARE_TEAM,
        "supportingInfo": _SUPPORTING,
        "diagnosis": _DIAGNOSES,
        "insurance": _insurance(sequence=False),
        "item": _DECIDED,
        "adjudication": Items(
            Obj(
                {
                    "category": Const({"coding": [{"system": CARIN_KIND, "code": "denialreason"}]}),
                    "reason": concept(coding(CARC, code("t.denial_reason_code"))),
                },
                needs=("reason",),
            )
        ),
        "total": Items(
            _amount("submitted", "t.total_charge"),
            _amount("eligible", "t.total_allowed"),
            _amount("memberliability", "t.member_responsibility", CARIN),
            _amount("benefit", "t.total_paid"),
        ),
        "payment": Obj(
            {
                "type": Switch(
                    "t.status",
                    {
                        "denied": Const(
                            {
                                "coding": [
                                    {
                                        "system": CARIN.replace("Adjudication", "PayerAdjudicationStatus"),
                                        "code": "denied",
                                    }
                                ]
                            }
                        )
                    },
                    Const({"coding": [{"system": T + "ex-paymenttype", "code": "complete", "display": "Complete"}]}),
                ),
                "date": date("t.paid_date"),
                "amount": money("t.total_paid"),
            },
            needs=(),
        ),
    },
    joins=CLAIM.joins,
    rows=(_lines(_DECIDED),),
    where=_IS_DECIDED,
)


RESOURCES = (CLAIM, EXPLANATION)
