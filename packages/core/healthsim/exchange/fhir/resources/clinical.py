"""What happens to a patient: encounters, conditions, procedures, allergies, immunizations, orders, notes."""

from __future__ import annotations

from dataclasses import replace

from healthsim.exchange.fhir.nodes import (
    Const,
    Items,
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
    instant,
    number,
    period,
    text,
    words,
)
from healthsim.exchange.fhir.resource import Resource, Rows
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
    ADMISSION_SOURCE,
    ADMISSION_TYPE,
    CVX,
    DIAGNOSIS_ROLES,
    DISPOSITION,
    ENCOUNTER_CLASSES,
    ENCOUNTER_STATUSES,
    ROUTES,
    SITES,
    SNOMED,
    T,
)

_ACT = T + "v3-ActCode"


def _display(expression: str, system: str, default: str) -> When:
    """The words of a code, where its system lets them be handed on."""
    return When(f"coalesce({system}, '{default}') NOT IN ('CPT', 'CDT')", text(expression))


_REASONS = Many(
    "reasons",
    Obj(
        {
            "condition": Ref("Condition", "r.diagnosis_id"),
            "use": words("r.diagnosis_type", T + "diagnosis-role", DIAGNOSIS_ROLES),
            "rank": When("r.sequence_number > 0", number("r.sequence_number")),
        },
        needs=("condition",),
    ),
)
ENCOUNTER = Resource(
    "Encounter",
    "encounters",
    "t.encounter_id",
    {
        "identifier": Items(identifier("encounter_id", text("t.encounter_id"))),
        "status": Switch(
            "coalesce(t.status, CASE WHEN t.end_datetime IS NULL THEN 'unknown' ELSE 'finished' END)",
            {word: Const(word) for word in ENCOUNTER_STATUSES}
            | {"completed": Const("finished"), "discharged": Const("finished"), "active": Const("in-progress")},
            Const("unknown"),
        ),
        "class": Switch(
            "coalesce(t.encounter_class, 'outpatient')",
            {
                word: Const({"system": _ACT, "code": value, "display": display})
                for word, (value, display) in ENCOUNTER_CLASSES.items()
            },
            Const({"system": _ACT, "code": "AMB", "display": "ambulatory"}),
        ),
        "type": Items(
            concept(
                coding(
                    system_of("t.type_code_system", "SNOMED CT"),
                    code("t.type_code"),
                    _display("t.encounter_type", "t.type_code_system", "SNOMED CT"),
                ),
                text=text("coalesce(nullif(t.encounter_type, ''), t.encounter_class, 'visit')", "encounter_type"),
            )
        ),
        "priority": concept(coding(ADMISSION_TYPE, code("t.admission_type_code"))),
        "subject": subject(),
        "participant": Items(
            Obj(
                {
                    "type": Const(
                        [{"coding": [{"system": T + "v3-ParticipationType", "code": "ATND", "display": "attender"}]}]
                    ),
                    "period": period(instant("t.start_datetime"), instant("t.end_datetime")),
                    "individual": practitioner("encounters", "attending_provider_id"),
                },
                needs=("individual",),
            ),
            Obj(
                {
                    "type": Const(
                        [{"coding": [{"system": T + "v3-ParticipationType", "code": "ADM", "display": "admitter"}]}]
                    ),
                    "individual": practitioner("encounters", "admitting_provider_id"),
                }
            ),
        ),
        "period": period(instant("t.start_datetime"), instant("t.end_datetime")),
        "reasonCode": Items(
            concept(
                coding(system_of("t.reason_code_system", "ICD-10-CM"), code("t.reason_code")),
                text=text("t.reason_for_visit"),
            )
        ),
        "reasonReference": Items(Ref("Condition", "first_reason.diagnosis_id")),
        "diagnosis": _REASONS,
        "hospitalization": Obj(
            {
                "admitSource": concept(coding(ADMISSION_SOURCE, code("t.admission_source_code"))),
                "dischargeDisposition": concept(
                    coding(DISPOSITION, code("t.discharge_disposition_code"), text("t.discharge_disposition")),
                    text=text("t.discharge_disposition"),
                ),
            }
        ),
        "location": Items(Obj({"location": Ref("Location", "t.facility_id", "encounters.facility_id")})),
        "serviceProvider": Ref("Organization", "t.facility_id", "encounters.facility_id"),
    },
    profile="us-core-encounter",
    joins="LEFT JOIN (SELECT encounter_id, arg_min(diagnosis_id, (coalesce(sequence_number, 1000), diagnosis_id))"
    " AS diagnosis_id FROM {diagnoses} GROUP BY encounter_id) AS first_reason ON first_reason.encounter_id = t.encounter_id",
    rows=(
        Rows(
            _REASONS,
            "diagnoses",
            by="r.encounter_id",
            on="reasons.key = t.encounter_id",
            order="r.sequence_number, r.diagnosis_id",
            where="r.encounter_id IS NOT NULL",
        ),
    ),
    carries={"t": "encounter"},
    also={"t.status": unless("t.status", *ENCOUNTER_STATUSES)},
)


def _category(value: str) -> Const:
    coded_as = {"system": T + "condition-category", "code": value, "display": value.replace("-", " ").title()}
    if value == "health-concern":
        coded_as["system"] = "http://hl7.org/fhir/us/core/CodeSystem/condition-category"
    return Const({"coding": [coded_as]})


CLINICAL_STATUSES = ("active", "recurrence", "relapse", "inactive", "remission", "resolved")
VERIFICATION_STATUSES = ("unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error")
_CONDITION: dict[str, Node] = {
    "clinicalStatus": Switch(
        "coalesce(t.clinical_status, CASE WHEN t.resolved_date IS NULL THEN 'active' ELSE 'resolved' END)",
        {word: fixed(T + "condition-clinical", word, word.capitalize()) for word in CLINICAL_STATUSES},
        fixed(T + "condition-clinical", "active", "Active"),
    ),
    "verificationStatus": Switch(
        "coalesce(t.verification_status, 'confirmed')",
        {
            word: fixed(T + "condition-ver-status", word, word.replace("-", " ").capitalize())
            for word in VERIFICATION_STATUSES
        },
        fixed(T + "condition-ver-status", "confirmed", "Confirmed"),
    ),
    "code": coded("ICD-10-CM"),
    "subject": subject(),
    "encounter": encounter("diagnoses"),
    "onsetDateTime": date("t.onset_date"),
    "abatementDateTime": date("t.resolved_date"),
    "recordedDate": date("t.diagnosed_date"),
}
CONDITION = Resource(
    "Condition",
    "diagnoses",
    "t.diagnosis_id",
    {
        "identifier": Items(identifier("diagnosis_id", text("t.diagnosis_id"))),
        "category": Items(_category("encounter-diagnosis")),
        **_CONDITION,
    },
    profile="us-core-condition-encounter-diagnosis",
    where="coalesce(t.category, 'encounter-diagnosis') NOT IN ('problem-list-item', 'health-concern')",
    carries={"t": "diagnosis"},
    also={
        "t.clinical_status": "TRUE",
        "t.verification_status": "TRUE",
    },
)
#: what is on the problem list as a record of its own
LISTED = replace(
    CONDITION,
    elements={
        **CONDITION.elements,
        "category": Items(
            When("t.category = 'health-concern'", _category("health-concern"), _category("problem-list-item"))
        ),
    },
    profile="us-core-condition-problems-health-concerns",
    where="t.category IN ('problem-list-item', 'health-concern')",
)
#: a diagnosis of an encounter that is on the problem list as well: once a patient and code
PROBLEM = Resource(
    "Condition",
    "problems",
    "'problem-' || t.diagnosis_id",
    {
        "extension": Items(
            Obj(
                {
                    "url": Const("http://hl7.org/fhir/StructureDefinition/condition-assertedDate"),
                    "valueDateTime": date("t.diagnosed_date"),
                }
            )
        ),
        "category": Items(_category("problem-list-item")),
        **{name: node for name, node in _CONDITION.items() if name != "encounter"},
    },
    profile="us-core-condition-problems-health-concerns",
)

_EVENT_STATUSES = (
    "preparation",
    "in-progress",
    "not-done",
    "on-hold",
    "stopped",
    "completed",
    "entered-in-error",
    "unknown",
)
PROCEDURE = Resource(
    "Procedure",
    "procedures",
    "t.procedure_id",
    {
        "identifier": Items(identifier("procedure_id", text("t.procedure_id"))),
        "status": one_of("coalesce(t.status, 'completed')", _EVENT_STATUSES, "unknown"),
        "code": coded("CPT"),
        "subject": subject(),
        "encounter": encounter("procedures"),
        "performedDateTime": instant("t.performed_datetime"),
        "performer": Items(Obj({"actor": practitioner("procedures", "performing_provider_id")})),
    },
    profile="us-core-procedure",
    carries={"t": "procedure"},
    also={"t.status": "TRUE"},
)

ALLERGY = Resource(
    "AllergyIntolerance",
    "allergies",
    "t.allergy_id",
    {
        "identifier": Items(identifier("allergy_id", text("t.allergy_id"))),
        "clinicalStatus": Switch(
            "coalesce(t.status, 'active')",
            {
                word: fixed(T + "allergyintolerance-clinical", word, word.capitalize())
                for word in ("active", "inactive", "resolved")
            },
            fixed(T + "allergyintolerance-clinical", "active", "Active"),
        ),
        "verificationStatus": Switch(
            "coalesce(t.verification_status, 'confirmed')",
            {
                word: fixed(T + "allergyintolerance-verification", word, word.replace("-", " ").capitalize())
                for word in ("unconfirmed", "presumed", "confirmed", "refuted", "entered-in-error")
            },
            fixed(T + "allergyintolerance-verification", "confirmed", "Confirmed"),
        ),
        "category": Switch(
            "t.category",
            {word: Const([word]) for word in ("food", "medication", "environment", "biologic")}
            | {"drug": Const(["medication"]), "environmental": Const(["environment"])},
        ),
        "criticality": Switch("t.criticality", {word: Const(word) for word in ("low", "high", "unable-to-assess")}),
        "code": coded("RxNorm", words="t.substance"),
        "patient": subject(),
        "onsetDateTime": date("t.onset_date"),
        "reaction": Items(
            Obj(
                {
                    "manifestation": Items(concept(text=text("t.reaction"))),
                    "severity": Switch("t.severity", {word: Const(word) for word in ("mild", "moderate", "severe")}),
                },
                needs=("manifestation",),
            )
        ),
    },
    profile="us-core-allergyintolerance",
    carries={"t": "allergy"},
    also={
        "t.status": unless("t.status", "active", "inactive", "resolved"),
        "t.verification_status": "TRUE",
        "t.severity": "nullif(t.reaction, '') IS NULL OR " + unless("t.severity", "mild", "moderate", "severe"),
        "t.category": unless("t.category", "food", "medication", "environment", "biologic"),
        "t.criticality": unless("t.criticality", "low", "high", "unable-to-assess"),
    },
)

IMMUNIZATION = Resource(
    "Immunization",
    "immunizations",
    "t.immunization_id",
    {
        "identifier": Items(identifier("immunization_id", text("t.immunization_id"))),
        "status": one_of("coalesce(t.status, 'completed')", ("completed", "entered-in-error", "not-done"), "completed"),
        "vaccineCode": concept(coding(CVX, code("t.cvx_code"), text("t.description")), text=text("t.description")),
        "patient": subject(),
        "encounter": encounter("immunizations"),
        "occurrenceDateTime": date("t.administered_date"),
        "primarySource": Const(True),
        "lotNumber": text("t.lot_number"),
        "site": words("t.site", T + "v3-ActSite", SITES),
        "route": words("t.route", SNOMED, ROUTES),
        "performer": Items(Obj({"actor": practitioner("immunizations", "performing_provider_id")})),
        "protocolApplied": Items(Obj({"doseNumberPositiveInt": When("t.dose_number > 0", number("t.dose_number"))})),
    },
    profile="us-core-immunization",
    carries={"t": "immunization"},
    also={"t.status": "TRUE"},
)

RESOURCES = (ENCOUNTER, CONDITION, LISTED, PROBLEM, PROCEDURE, ALLERGY, IMMUNIZATION)
