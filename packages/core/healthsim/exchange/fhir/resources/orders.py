"""Orders, and notes that clinicians wrote."""

from __future__ import annotations

from healthsim.exchange.fhir.nodes import (
    Const,
    Items,
    Leaf,
    Obj,
    Ref,
    Switch,
    When,
    code,
    coding,
    concept,
    instant,
    text,
    words,
)
from healthsim.exchange.fhir.resource import Resource
from healthsim.exchange.fhir.resources.parts import (
    coded,
    encounter,
    identifier,
    one_of,
    practitioner,
    subject,
    system_of,
    unless,
)
from healthsim.exchange.fhir.systems import (
    LOINC,
    NOTE_TYPES,
    ORDER_CATEGORIES,
    SNOMED,
)

_ORDER_STATUSES = ("draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown")
_PRIORITIES = ("routine", "urgent", "asap", "stat")
ORDER = Resource(
    "ServiceRequest",
    "orders",
    "t.order_id",
    {
        "identifier": Items(identifier("order_id", text("t.order_id"))),
        "status": one_of(
            "coalesce(t.status, 'unknown')",
            _ORDER_STATUSES,
            "unknown",
            cancelled="revoked",
            canceled="revoked",
            pending="active",
        ),
        "intent": Const("order"),
        "category": Items(words("t.order_type", SNOMED, ORDER_CATEGORIES)),
        "priority": Switch("t.priority", {word: Const(word) for word in _PRIORITIES}),
        "code": coded("LOINC"),
        "subject": subject(),
        "encounter": encounter("orders"),
        "occurrencePeriod": Obj({"start": instant("coalesce(t.scheduled_datetime, t.ordered_datetime)")}),
        "authoredOn": instant("t.ordered_datetime"),
        "requester": practitioner("orders", "ordering_provider_id"),
        "reasonCode": Items(
            concept(
                coding(system_of("t.reason_code_system", "ICD-10-CM"), code("t.reason_code")),
                text=text("t.clinical_indication"),
            )
        ),
    },
    profile="us-core-servicerequest",
    carries={"t": "order"},
    also={
        "t.status": unless("t.status", *_ORDER_STATUSES),
        "t.priority": unless("t.priority", *_PRIORITIES),
        "t.scheduled_datetime": "TRUE",
    },
)

_NOTE_CATEGORY = Const(
    [
        {
            "coding": [
                {
                    "system": "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category",
                    "code": "clinical-note",
                    "display": "Clinical Note",
                }
            ]
        }
    ]
)
NOTE = Resource(
    "DocumentReference",
    "clinical_notes",
    "t.clinical_note_id",
    {
        "identifier": Items(identifier("clinical_note_id", text("t.clinical_note_id"))),
        "status": Const("current"),
        "type": When(
            "t.loinc_code IS NOT NULL",
            concept(coding(LOINC, code("t.loinc_code")), text=text("t.note_type")),
            Switch(
                "coalesce(t.note_type, 'note')",
                words("t.note_type", LOINC, NOTE_TYPES).cases,
                concept(Const({"system": LOINC, "code": "34109-9", "display": "Note"}), text=text("t.note_type")),
            ),
        ),
        "category": _NOTE_CATEGORY,
        "subject": subject(),
        "date": instant("t.note_datetime"),
        "author": Items(
            When(
                "author.provider_id IS NOT NULL",
                Ref("Practitioner", "author.provider_id"),
                Obj({"display": text("t.author")}),
            )
        ),
        "content": Items(
            Obj(
                {
                    "attachment": Obj(
                        {
                            "contentType": Const("text/plain; charset=utf-8"),
                            "data": Leaf("t.content", """'"' || base64(encode(nullif({}, ''))) || '"'"""),
                        }
                    ),
                    "format": Const(
                        {
                            "system": "http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode",
                            "code": "urn:ihe:iti:xds:2017:mimeTypeSufficient",
                            "display": "mimeType Sufficient",
                        }
                    ),
                },
                needs=("attachment",),
            )
        ),
        "context": Obj(
            {
                "encounter": Items(encounter("clinical_notes")),
                "period": Obj({"start": instant("t.note_datetime")}),
            }
        ),
    },
    profile="us-core-documentreference",
    joins="LEFT JOIN {providers} AS author ON author.provider_id = t.author",
    where="nullif(t.content, '') IS NOT NULL",
    carries={"t": "clinical_note"},
)

RESOURCES = (ORDER, NOTE)
