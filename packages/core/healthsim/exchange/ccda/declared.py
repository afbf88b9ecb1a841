"""The entries of a CCD: which element means which column. What is written, what is read and the published table follow.

Templates of C-CDA R2.1 under ``2.16.840.1.113883.10.20``; children stand in the order of the CDA schema.
"""

from __future__ import annotations

from healthsim.exchange.ccda import code_systems as codes
from healthsim.exchange.ccda.custom import (
    DATE,
    FACILITY,
    INSTANT,
    NEGATED,
    NUMBER,
    OID,
    SIG,
    VALUE,
    VISIT,
    author,
    performer,
)
from healthsim.exchange.ccda.shapes import Codec, Coded, Col, Reference, Shape, el, template

ACT_CODE = "2.16.840.1.113883.5.4"
_SNOMED = codes.SYSTEMS["SNOMED CT"]
_LOINC = codes.SYSTEMS["LOINC"]
_ASSERTION = el("code", code="ASSERTION", codeSystem=ACT_CODE)
_COMPLETED = el("statusCode", code="completed")


def own_id(column: str) -> Shape:
    """An id of ours; those of others are read by ``reading.py``, which makes ids of them."""
    return el("id", root=OID, extension=Col(column), keys="root")


def number(column: str) -> Shape:
    """A number that somebody gave, whoever."""
    return el("id", root=OID, extension=Col(column), null="NI")


def status_observation(column: str, root: str, code: str, codec: Codec) -> Shape:
    """An observation inside another one, whose value says how it is: severity, status, criticality."""
    return el(
        "entryRelationship",
        el(
            "observation",
            el("code", code=code, codeSystem=ACT_CODE if code.isalpha() else _LOINC),
            _COMPLETED,
            el("value", xsi_type="CD", code=Col(column, codec), codeSystem=_value_system(codec)),
            classCode="OBS",
            moodCode="EVN",
            templates=template(root, "2014-06-09") if root == "22.4.8" else template(root),
        ),
        typeCode="SUBJ",
        inversionInd="true",
    )


def _value_system(codec: Codec) -> str:
    return "2.16.840.1.113883.5.1063" if codec is codes.CRITICALITY else _SNOMED


def indication(code: str, text: str, system: str, fixed: str = "") -> Shape:
    """Why something was done."""
    return el(
        "entryRelationship",
        el(
            "observation",
            el("id", nullFlavor="NI"),
            el("code", code="404684003", codeSystem=_SNOMED, displayName="Finding"),
            _COMPLETED,
            Coded("value", code, text, system, fixed=fixed, value_set=("SNOMED CT",), xsi_type="CD"),
            classCode="OBS",
            moodCode="EVN",
            templates=template("22.4.19", "2014-06-09"),
        ),
        typeCode="RSON",
    )


ALLERGY_OBSERVATION = el(
    "observation",
    own_id("allergy_id"),
    _ASSERTION,
    Reference(),
    _COMPLETED,
    el("effectiveTime", el("low", value=Col("onset_date", DATE), null="UNK")),
    el("value", xsi_type="CD", code=Col("kind", codes.ALLERGY_KIND), codeSystem=_SNOMED),
    el(
        "participant",
        el(
            "participantRole",
            el(
                "playingEntity",
                Coded("code", "code", "substance", "code_system", null="UNK"),
                classCode="MMAT",
            ),
            classCode="MANU",
        ),
        typeCode="CSM",
        keys="typeCode",
    ),
    status_observation("status", "22.4.28", "33999-4", codes.CLINICAL_STATUS),
    el(
        "entryRelationship",
        el(
            "observation",
            el("id", nullFlavor="NI"),
            _ASSERTION,
            _COMPLETED,
            Coded("value", "reaction_code", "reaction", fixed="SNOMED CT", xsi_type="CD"),
            classCode="OBS",
            moodCode="EVN",
            templates=template("22.4.9", "2014-06-09"),
        ),
        typeCode="MFST",
        inversionInd="true",
    ),
    status_observation("severity", "22.4.8", "SEV", codes.SEVERITY),
    status_observation("criticality", "22.4.145", "82606-5", codes.CRITICALITY),
    classCode="OBS",
    moodCode="EVN",
    templates=template("22.4.7", "2014-06-09"),
)
ALLERGY = el(
    "act",
    own_id("allergy_id"),
    el("code", code="CONC", codeSystem="2.16.840.1.113883.5.6"),
    el("statusCode", code=Col("concern", codes.CONCERN)),
    el("effectiveTime", el("low", value=Col("onset_date", DATE), null="UNK")),
    el(
        "entryRelationship",
        ALLERGY_OBSERVATION,
        typeCode="SUBJ",
    ),
    classCode="ACT",
    moodCode="EVN",
    templates=template("22.4.30", "2015-08-01"),
)

MEDICATION = el(
    "substanceAdministration",
    own_id("medication_id"),
    Reference(),
    el("statusCode", code=Col("status_code", codes.MEDICATION)),
    el(
        "effectiveTime",
        el("low", value=Col("start_date", DATE), null="UNK"),
        el("high", value=Col("end_date", DATE)),
        xsi_type="IVL_TS",
        keys="xsi_type",
    ),
    Coded("routeCode", "route_code", "route"),
    el("doseQuantity", value=Col("dose_quantity", NUMBER), unit=Col("dose_unit")),
    el(
        "consumable",
        el(
            "manufacturedProduct",
            el(
                "manufacturedMaterial",
                Coded("code", "code", "name", "code_system", fixed="RxNorm", also={"ndc": "NDC"}, null="UNK"),
            ),
            classCode="MANU",
            templates=template("22.4.23", "2014-06-09"),
        ),
    ),
    author("prescriber_provider_id"),
    indication("indication_code", "indication", "", "ICD-10-CM"),
    SIG,
    VISIT,
    classCode="SBADM",
    moodCode="EVN",
    templates=template("22.4.16", "2014-06-09"),
)

PROBLEM_OBSERVATION = el(
    "observation",
    own_id("diagnosis_id"),
    el("code", el("translation", code="75323-6", codeSystem=_LOINC), code="64572001", codeSystem=_SNOMED),
    Reference(),
    _COMPLETED,
    el(
        "effectiveTime",
        el("low", value=Col("onset_date", DATE), null="UNK"),
        el("high", value=Col("resolved_date", DATE)),
    ),
    Coded("value", "code", "description", "code_system", value_set=("SNOMED CT",), xsi_type="CD", null="UNK"),
    status_observation("clinical_status", "22.4.6", "33999-4", codes.CLINICAL_STATUS),
    classCode="OBS",
    moodCode="EVN",
    templates=template("22.4.4", "2015-08-01"),
)
PROBLEM = el(
    "act",
    own_id("diagnosis_id"),
    el("code", code="CONC", codeSystem="2.16.840.1.113883.5.6"),
    el("statusCode", code=Col("concern", codes.CONCERN)),
    el("effectiveTime", el("low", value=Col("diagnosed_date", DATE), null="UNK")),
    el("entryRelationship", PROBLEM_OBSERVATION, typeCode="SUBJ"),
    classCode="ACT",
    moodCode="EVN",
    templates=template("22.4.3", "2015-08-01"),
)
ENCOUNTER_DIAGNOSIS = el(
    "act",
    el("code", code="29308-4", codeSystem=_LOINC, displayName="Diagnosis"),
    el("statusCode", code="completed"),
    el("effectiveTime", el("low", value=Col("diagnosed_date", DATE), null="UNK")),
    el("entryRelationship", PROBLEM_OBSERVATION, typeCode="SUBJ"),
    classCode="ACT",
    moodCode="EVN",
    templates=template("22.4.80", "2015-08-01"),
)

PROCEDURE = el(
    "procedure",
    own_id("procedure_id"),
    Coded("code", "code", "description", "code_system", null="UNK"),
    Reference(),
    el("statusCode", code=Col("status_code", codes.PROCEDURE)),
    el("effectiveTime", value=Col("performed_datetime", INSTANT), null="UNK"),
    performer("performing_provider_id"),
    VISIT,
    classCode="PROC",
    moodCode="EVN",
    templates=template("22.4.14", "2014-06-09"),
)

RESULT = el(
    "observation",
    own_id("lab_result_id"),
    Coded("code", "loinc_code", "test_name", "code_system", fixed="LOINC", null="UNK"),
    Reference(),
    el("statusCode", code=Col("status_code", codes.RESULT)),
    el("effectiveTime", value=Col("collected_datetime", INSTANT), null="UNK"),
    VALUE,
    el("interpretationCode", code=Col("abnormal_flag"), codeSystem="2.16.840.1.113883.5.83"),
    author("ordering_provider_id", "resulted_datetime"),
    el(
        "referenceRange",
        el(
            "observationRange",
            el("text", _=Col("reference_range")),
            el(
                "value",
                el("low", value=Col("reference_low", NUMBER), unit=Col("range_unit")),
                el("high", value=Col("reference_high", NUMBER), unit=Col("range_unit")),
                xsi_type="IVL_PQ",
            ),
        ),
    ),
    classCode="OBS",
    moodCode="EVN",
    templates=template("22.4.2", "2015-08-01"),
)
SPECIMEN = el(
    "specimen",
    el(
        "specimenRole",
        number("specimen_id"),
        el("specimenPlayingEntity", Coded("code", "specimen_code", "specimen_type", fixed="SNOMED CT")),
    ),
)

VITAL = el(
    "observation",
    el("id", root=OID, extension=Col("vital_id")),
    el("code", code=Col("loinc"), codeSystem=_LOINC, displayName=Col("name")),
    Reference(),
    _COMPLETED,
    el("effectiveTime", value=Col("observation_datetime", INSTANT), null="UNK"),
    el("value", xsi_type="PQ", value=Col("value", NUMBER), unit=Col("unit")),
    classCode="OBS",
    moodCode="EVN",
    templates=template("22.4.27", "2014-06-09"),
)

IMMUNIZATION = el(
    "substanceAdministration",
    own_id("immunization_id"),
    Reference(),
    _COMPLETED,
    el("effectiveTime", value=Col("administered_date", DATE), null="UNK"),
    el("repeatNumber", value=Col("dose_number", NUMBER)),
    Coded("routeCode", "route_code", "route"),
    Coded("approachSiteCode", "site_code", "site"),
    el(
        "consumable",
        el(
            "manufacturedProduct",
            el(
                "manufacturedMaterial",
                Coded("code", "cvx_code", "description", fixed="CVX", null="UNK"),
                el("lotNumberText", _=Col("lot_number")),
            ),
            classCode="MANU",
            templates=template("22.4.54", "2014-06-09"),
        ),
    ),
    performer("performing_provider_id"),
    VISIT,
    classCode="SBADM",
    moodCode="EVN",
    negationInd=Col("status", NEGATED),
    templates=template("22.4.52", "2015-08-01"),
)

ENCOUNTER = el(
    "encounter",
    own_id("encounter_id"),
    Coded("code", "type_code", "encounter_type", "type_code_system", also={"class_code": "ActCode"}, null="UNK"),
    Reference(),
    el("statusCode", code=Col("status_code", codes.ENCOUNTER_STATUS)),
    el(
        "effectiveTime",
        el("low", value=Col("start_datetime", INSTANT), null="UNK"),
        el("high", value=Col("end_datetime", INSTANT)),
    ),
    Coded("sdtc:dischargeDispositionCode", "discharge_disposition_code", "discharge_disposition", fixed="NUBC"),
    performer("attending_provider_id"),
    FACILITY,
    indication("reason_code", "reason_for_visit", "reason_code_system", "ICD-10-CM"),
    classCode="ENC",
    moodCode="EVN",
    templates=template("22.4.49", "2015-08-01"),
)

SMOKING = el(
    "observation",
    el("id", root=OID, extension=Col("smoking_id")),
    el("code", code="72166-2", codeSystem=_LOINC, displayName="Tobacco smoking status NHIS"),
    Reference(),
    _COMPLETED,
    el("effectiveTime", value=Col("smoking_status_date", DATE), null="UNK"),
    Coded("value", "smoking_status_code", "smoking_status", fixed="SNOMED CT", xsi_type="CD"),
    classCode="OBS",
    moodCode="EVN",
    templates=template("22.4.78", "2014-06-09"),
)

NOTE = el(
    "act",
    own_id("clinical_note_id"),
    el(
        "code",
        Coded("translation", "loinc_code", "note_type", fixed="LOINC"),
        code="34109-9",
        codeSystem=_LOINC,
        displayName="Note",
    ),
    el("text", _=Col("content"), null="NI"),
    _COMPLETED,
    el("effectiveTime", value=Col("note_datetime", INSTANT), null="UNK"),
    author("author", "note_datetime"),
    VISIT,
    classCode="ACT",
    moodCode="EVN",
    templates=template("22.4.202", "2016-11-01"),
)

PAYER = el(
    "act",
    own_id("member_id"),
    el("code", code="48768-6", codeSystem=_LOINC),
    _COMPLETED,
    el(
        "entryRelationship",
        el(
            "act",
            number("group_id"),
            Coded("code", "plan_code", "plan_name", null="UNK"),
            _COMPLETED,
            el(
                "effectiveTime",
                el("low", value=Col("coverage_start", DATE), null="UNK"),
                el("high", value=Col("coverage_end", DATE)),
            ),
            el(
                "performer",
                el(
                    "assignedEntity",
                    el("id", nullFlavor="NI"),
                    el("code", code="PAYOR", codeSystem="2.16.840.1.113883.5.110"),
                    el("representedOrganization", el("name", _=Col("payer_name"))),
                ),
                typeCode="PRF",
                templates=template("22.4.87"),
            ),
            el(
                "participant",
                el(
                    "participantRole",
                    number("member_number"),
                    el(
                        "code",
                        code=Col("relationship_code", codes.RELATIONSHIP),
                        codeSystem="2.16.840.1.113883.5.111",
                        null="UNK",
                    ),
                    classCode="PAT",
                ),
                typeCode="COV",
                templates=template("22.4.89"),
            ),
            el(
                "participant",
                el("participantRole", number("subscriber_id")),
                typeCode="HLD",
                templates=template("22.4.90"),
            ),
            classCode="ACT",
            moodCode="EVN",
            templates=template("22.4.61", "2015-08-01"),
        ),
        typeCode="COMP",
    ),
    classCode="ACT",
    moodCode="EVN",
    templates=template("22.4.60", "2015-08-01"),
)
