"""Coverage, and where the data come from."""

from __future__ import annotations

from healthsim.exchange.fhir.nodes import (
    Const,
    Items,
    Node,
    Obj,
    Ref,
    Switch,
    When,
    date,
    fixed,
    instant,
    number,
    period,
    text,
    words,
)
from healthsim.exchange.fhir.resource import Resource
from healthsim.exchange.fhir.resources.parts import identifier, subject, unless
from healthsim.exchange.fhir.systems import (
    PLAN_TYPES,
    RELATIONSHIPS,
    T,
)
from healthsim.model.coverage import PersonInRole

_COVERAGE_CLASS = T + "coverage-class"


def _class(kind: str, display: str, value: Node, name: Node | None = None) -> Obj:
    members: dict[str, Node] = {
        "type": Const({"coding": [{"system": _COVERAGE_CLASS, "code": kind, "display": display}]}),
        "value": value,
    }
    if name is not None:
        members["name"] = name
    return Obj(members, needs=("value",))


COVERAGE = Resource(
    "Coverage",
    "members",
    "t.member_id",
    {
        "identifier": Items(
            identifier(
                "member_number", text("coalesce(nullif(t.member_number, ''), t.member_id)", "member_number"), "MB"
            )
        ),
        "status": Switch(
            "coalesce(t.coverage_status, 'active')",
            {"active": Const("active"), "cobra": Const("active"), "pending": Const("draft")}
            | {word: Const("cancelled") for word in ("terminated", "cancelled", "inactive", "termed")},
            Const("active"),
        ),
        "type": Switch(
            "p.plan_type",
            {
                word: Obj(
                    {
                        "coding": Const([{"system": T + "v3-ActCode", "code": value, "display": display}]),
                        "text": text("p.plan_type"),
                    }
                )
                for word, (value, display) in PLAN_TYPES.items()
            },
            fixed(T + "v3-ActCode", "HIP", "health insurance plan policy"),
        ),
        "subscriberId": text("t.subscriber_id"),
        "beneficiary": subject(),
        "relationship": words("coalesce(t.relationship_code, 'other')", T + "subscriber-relationship", RELATIONSHIPS),
        "period": period(date("t.coverage_start"), date("t.coverage_end")),
        "payor": Items(
            When("payer.resource_id IS NULL", Ref("Patient", "t.owner_id"), Ref("Organization", "payer.resource_id"))
        ),
        "order": number("CASE WHEN t.coverage_order > 0 THEN t.coverage_order END", "coverage_order"),
        "class": Items(
            _class("group", "Group", text("t.group_id")),
            _class(
                "plan",
                "Plan",
                text("coalesce(t.plan_code, t.plan_id)", "plan_code"),
                text("coalesce(p.plan_name, t.plan_code, t.plan_id)", "plan_name"),
            ),
        ),
    },
    profile="us-core-coverage",
    joins="LEFT JOIN {plans} AS p ON p.plan_id = t.plan_id"
    " LEFT JOIN {payers} AS payer ON payer.payer_name = coalesce(t.payer_name, p.payer_name)"
    " LEFT JOIN {demographics} AS d ON d.patient_ordinal = t.patient_ordinal",
    carries={"t": "member"},
    also={
        # who the member is says the patient, where both say the same
        **{f"t.{name}": f"t.{name} IS DISTINCT FROM d.{name}" for name in PersonInRole.model_fields},
        "t.person_id": "TRUE",
        "t.ssn": "TRUE",
        "t.coverage_status": unless("t.coverage_status", "active"),
        "t.relationship_code": "TRUE",
        "t.plan_id": "TRUE",
        "t.payer_name": "TRUE",
    },
)

PROVENANCE = Resource(
    "Provenance",
    "demographics",
    "'provenance-' || t.patient_id",
    {
        "target": Items(Ref("Patient", "t.patient_id")),
        "recorded": instant("coalesce(date_trunc('second', t.saved_at), TIMESTAMP '1970-01-01')"),
        "agent": Items(
            Obj(
                {
                    "type": Const(
                        {
                            "coding": [
                                {"system": T + "provenance-participant-type", "code": "author", "display": "Author"}
                            ]
                        }
                    ),
                    "who": Const({"reference": "Organization/healthsim"}),
                }
            ),
            Obj(
                {
                    "type": Const(
                        {
                            "coding": [
                                {
                                    "system": "http://hl7.org/fhir/us/core/CodeSystem/us-core-provenance-participant-type",
                                    "code": "transmitter",
                                    "display": "Transmitter",
                                }
                            ]
                        }
                    ),
                    "who": Const({"reference": "Organization/healthsim"}),
                    "onBehalfOf": Const({"reference": "Organization/healthsim"}),
                }
            ),
        ),
    },
    profile="us-core-provenance",
)

RESOURCES = (COVERAGE, PROVENANCE)
