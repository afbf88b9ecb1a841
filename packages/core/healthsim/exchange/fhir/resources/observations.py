"""Measurements: laboratory results and their reports, vital signs."""

from __future__ import annotations

from dataclasses import dataclass

from healthsim.exchange.fhir.nodes import (
    Const,
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
    instant,
    number,
    text,
    words,
)
from healthsim.exchange.fhir.resource import Resource, Rows
from healthsim.exchange.fhir.resources.parts import encounter, identifier, practitioner, subject, system_of, unless
from healthsim.exchange.fhir.systems import FINDINGS, INTERPRETATIONS, LOINC, SNOMED, UCUM, T

_NUMBER = r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?"
_COMPARED = rf"(<=|>=|<|>) ?({_NUMBER})"


def quantity(value: Node, unit: Node, unit_code: Node, comparator: Node | None = None) -> Obj:
    """A Quantity with a unit of UCUM."""
    members: dict[str, Node] = {"value": value}
    if comparator is not None:
        members["comparator"] = comparator
    return Obj(
        members | {"unit": unit, "system": When("nullif(t.unit, '') IS NOT NULL", Const(UCUM)), "code": unit_code},
        needs=("value",),
    )


def _limit(column: str) -> Obj:
    return quantity(number(f"t.{column}"), text("t.unit"), code("t.unit"))


_CATEGORY = "observation-category"
_STATUSES = ("registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown")
#: the id of the specimen of a result: the laboratory's, else one for what was taken of a patient at a time
SPECIMEN_ID = (
    "coalesce(t.specimen_id, 'specimen-' ||"
    " md5(concat_ws('/', t.owner_id, t.collected_datetime, t.specimen_type, t.specimen_code)))"
)
_PLAIN = f"regexp_full_match(t.value, '{_NUMBER}')"
_WITH_SIGN = f"regexp_full_match(t.value, '{_COMPARED}')"
_FOUND = ", ".join(f"'{word}'" for word in FINDINGS)

LAB = Resource(
    "Observation",
    "lab_results",
    "t.lab_result_id",
    {
        "basedOn": Items(Ref("ServiceRequest", "t.order_id", "lab_results.order_id")),
        "status": Switch("coalesce(t.status, 'final')", {word: Const(word) for word in _STATUSES}, Const("unknown")),
        "category": Const(
            [
                {
                    "coding": [{"system": T + _CATEGORY, "code": "laboratory", "display": "Laboratory"}],
                    "text": "Laboratory",
                }
            ]
        ),
        "code": concept(
            coding(system_of("t.code_system", "LOINC"), code("t.loinc_code"), text("t.loinc_name")),
            text=text("t.test_name"),
        ),
        "subject": subject(),
        "encounter": encounter("lab_results"),
        "effectiveDateTime": instant("t.collected_datetime"),
        "issued": instant("t.resulted_datetime"),
        "performer": Items(
            When("nullif(t.performing_lab, '') IS NOT NULL", Obj({"display": text("t.performing_lab")}))
        ),
        "valueQuantity": When(
            _PLAIN,
            quantity(Leaf("t.value", "{}"), text("t.unit"), code("t.unit")),
            When(
                _WITH_SIGN,
                quantity(
                    Leaf("t.value", f"regexp_extract({{}}, '{_COMPARED}', 2)"),
                    text("t.unit"),
                    code("t.unit"),
                    Leaf("t.value", f"""'"' || regexp_extract({{}}, '{_COMPARED}', 1) || '"'"""),
                ),
                When(
                    "t.value IS NULL AND isfinite(t.value_numeric)",
                    quantity(number("t.value_numeric"), text("t.unit"), code("t.unit")),
                ),
            ),
        ),
        "valueCodeableConcept": When(f"lower(t.value) IN ({_FOUND})", words("t.value", SNOMED, FINDINGS)),
        "valueString": When(f"NOT {_PLAIN} AND NOT {_WITH_SIGN} AND lower(t.value) NOT IN ({_FOUND})", text("t.value")),
        "dataAbsentReason": When(
            "nullif(t.value, '') IS NULL AND t.value_numeric IS NULL",
            fixed(T + "data-absent-reason", "unknown", "Unknown"),
        ),
        "specimen": When(
            "coalesce(t.specimen_id, t.specimen_type, t.specimen_code) IS NOT NULL", Ref("Specimen", SPECIMEN_ID)
        ),
        "interpretation": Items(words("t.abnormal_flag", T + "v3-ObservationInterpretation", INTERPRETATIONS)),
        "referenceRange": Items(
            Obj({"low": _limit("reference_low"), "high": _limit("reference_high"), "text": text("t.reference_range")})
        ),
    },
    profile="us-core-observation-lab",
    carries={"t": "lab_result"},
    also={
        "t.status": unless("t.status", *_STATUSES),
        "t.specimen_type": "TRUE",
        "t.specimen_code": "TRUE",
        # a value in words has no place for a unit
        "t.unit": f"NOT coalesce({_PLAIN} OR {_WITH_SIGN}, t.value_numeric IS NOT NULL)",
        "t.value_numeric": f"t.value IS NOT NULL AND NOT {_PLAIN} AND NOT {_WITH_SIGN}",
    },
)

SPECIMEN = Resource(
    "Specimen",
    "specimens",
    "t.specimen_key",
    {
        "identifier": Items(identifier("specimen_id", text("t.specimen_id"))),
        "type": When(
            "coalesce(t.specimen_code, t.specimen_type) IS NULL",
            fixed(T + "v3-NullFlavor", "UNK", "unknown"),
            concept(coding(SNOMED, code("t.specimen_code"), text("t.specimen_type")), text=text("t.specimen_type")),
        ),
        "subject": subject(),
        "collection": Obj({"collectedDateTime": instant("t.collected_datetime")}),
    },
    profile="us-core-specimen",
)
SMOKING = Resource(
    "Observation",
    "demographics",
    "t.patient_id || '-smoking-status'",
    {
        "status": Const("final"),
        "category": Const(
            [{"coding": [{"system": T + _CATEGORY, "code": "social-history", "display": "Social History"}]}]
        ),
        "code": fixed(LOINC, "72166-2", "Tobacco smoking status", "Tobacco smoking status"),
        "subject": Ref("Patient", "t.patient_id"),
        "effectiveDateTime": date("coalesce(t.smoking_status_date, t.saved_at::DATE)"),
        "valueCodeableConcept": concept(
            coding(SNOMED, code("t.smoking_status_code"), text("t.smoking_status")), text=text("t.smoking_status")
        ),
    },
    profile="us-core-smokingstatus",
    where="coalesce(t.smoking_status_code, t.smoking_status) IS NOT NULL",
)

_RESULTS = Many("results", Ref("Observation", "r.lab_result_id"))
_ORDERS = Many("based_on", Ref("ServiceRequest", "r.order_id"))
REPORT = Resource(
    "DiagnosticReport",
    "reports",
    "t.report_id",
    {
        "identifier": Items(identifier("report_id", text("t.report_id"))),
        "basedOn": _ORDERS,
        "status": Const("final"),
        "category": Const(
            [{"coding": [{"system": T + "v2-0074", "code": "LAB", "display": "Laboratory"}], "text": "Laboratory"}]
        ),
        "code": When(
            "t.panel_code IS NOT NULL",
            concept(coding(LOINC, code("t.panel_code"), text("t.panel")), text=text("t.panel")),
            fixed(LOINC, "11502-2", "Laboratory report", "Laboratory report"),
        ),
        "subject": subject(),
        "encounter": encounter("lab_results"),
        "effectiveDateTime": instant("t.collected_datetime"),
        "issued": instant("t.resulted_datetime"),
        "performer": Items(
            practitioner("lab_results", "ordering_provider_id"),
            Ref("Organization", "t.facility_id", "encounters.facility_id"),
        ),
        "result": _RESULTS,
    },
    profile="us-core-diagnosticreport-lab",
    rows=(
        Rows(_RESULTS, "report_results", by="r.report_id", on="results.key = t.report_id", order="r.lab_result_id"),
        Rows(_ORDERS, "report_orders", by="r.report_id", on="based_on.key = t.report_id", order="r.order_id"),
    ),
)


@dataclass(frozen=True)
class Vital:
    """A column of vital signs as an Observation: its LOINC code, its unit, its profile."""

    column: str
    code: str
    display: str
    unit: str
    profile: str
    shown: str
    further: tuple[tuple[str, str], ...] = ()


VITALS = (
    Vital("heart_rate", "8867-4", "Heart rate", "/min", "us-core-heart-rate", "beats/minute"),
    Vital("respiratory_rate", "9279-1", "Respiratory rate", "/min", "us-core-respiratory-rate", "breaths/minute"),
    Vital("temperature_c", "8310-5", "Body temperature", "Cel", "us-core-body-temperature", "Cel"),
    Vital(
        "spo2",
        "59408-5",
        "Oxygen saturation in Arterial blood by Pulse oximetry",
        "%",
        "us-core-pulse-oximetry",
        "%",
        (("2708-6", "Oxygen saturation in Arterial blood"),),
    ),
    Vital("height_cm", "8302-2", "Body height", "cm", "us-core-body-height", "cm"),
    Vital("weight_kg", "29463-7", "Body weight", "kg", "us-core-body-weight", "kg"),
    Vital("bmi", "39156-5", "Body mass index (BMI) [Ratio]", "kg/m2", "us-core-bmi", "kg/m2"),
)
BLOOD_PRESSURE = "85354-9"
SYSTOLIC = ("8480-6", "Systolic blood pressure", "systolic_bp")
DIASTOLIC = ("8462-4", "Diastolic blood pressure", "diastolic_bp")


def _vital(members: dict[str, Node], profile: str, loinc: str, where: str) -> Resource:
    return Resource(
        "Observation",
        "vital_signs",
        f"t.vital_sign_id || '-{loinc}'",
        {
            "identifier": Items(identifier("vital_sign_id", text("t.vital_sign_id"))),
            "status": Const("final"),
            "category": Const(
                [
                    {
                        "coding": [{"system": T + _CATEGORY, "code": "vital-signs", "display": "Vital Signs"}],
                        "text": "Vital Signs",
                    }
                ]
            ),
            **members,
            "subject": subject(),
            "encounter": encounter("vital_signs"),
            "effectiveDateTime": instant("t.observation_datetime"),
        },
        profile=profile,
        where=where,
    )


def _single(vital: Vital) -> Resource:
    codings = [(vital.code, vital.display), *vital.further]
    return _vital(
        {
            "code": Const(
                {
                    "coding": [{"system": LOINC, "code": value, "display": display} for value, display in codings],
                    "text": vital.display,
                }
            ),
            "valueQuantity": Obj(
                {
                    "value": number(f"t.{vital.column}"),
                    "unit": Const(vital.shown),
                    "system": Const(UCUM),
                    "code": Const(vital.unit),
                }
            ),
        },
        vital.profile,
        vital.code,
        f"isfinite(t.{vital.column}::DOUBLE)",
    )


def _component(loinc: str, display: str, column: str) -> Obj:
    return Obj(
        {
            "code": Const({"coding": [{"system": LOINC, "code": loinc, "display": display}], "text": display}),
            "valueQuantity": Obj(
                {
                    "value": number(f"t.{column}"),
                    "unit": Const("mmHg"),
                    "system": Const(UCUM),
                    "code": Const("mm[Hg]"),
                }
            ),
            "dataAbsentReason": When(f"t.{column} IS NULL", fixed(T + "data-absent-reason", "unknown", "Unknown")),
        }
    )


PRESSURE = _vital(
    {
        "code": fixed(LOINC, BLOOD_PRESSURE, "Blood pressure panel with all children optional", "Blood pressure"),
        "component": Items(_component(*SYSTOLIC), _component(*DIASTOLIC)),
    },
    "us-core-blood-pressure",
    BLOOD_PRESSURE,
    "coalesce(t.systolic_bp, t.diastolic_bp) IS NOT NULL",
)

RESOURCES = (SPECIMEN, LAB, REPORT, SMOKING, PRESSURE, *(_single(vital) for vital in VITALS))
