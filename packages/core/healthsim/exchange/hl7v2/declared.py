"""The segments: which field means which column. What is written, what is read and the published table follow from here.

Version 2.5.1. A cell with ``own`` stands where the standard leaves the meaning to a site, or where it has no better place:
it is read in messages of ours only.
"""

from __future__ import annotations

from healthsim.exchange.hl7v2.cells import DATE, FLAG, INSTANT, NUMBER, Cell, constant
from healthsim.exchange.hl7v2.code_words import (
    ADMISSION_TYPE,
    ALLERGY_KIND,
    CLASS,
    COMPLETION,
    DIAGNOSIS_KIND,
    GENDER,
    NOTE_KIND,
    ORDER_STATUS,
    PRIORITY,
    RELATIONSHIP,
    RESULT_STATUS,
    SECTION,
    SEVERITY,
)
from healthsim.exchange.hl7v2.datatypes import (
    AUTHOR,
    CODE,
    DAYS,
    EMAIL,
    ETHNICITY,
    FACILITY,
    FACILITY_NAME,
    MEANING,
    PHONE,
    PROVIDER,
    RACE,
    RECORD_NUMBER,
    ROUTE,
    RPT,
    SITE,
    VALUE,
    coded,
    of_system,
)
from healthsim.exchange.hl7v2.parsed import APPLICATION
from healthsim.exchange.hl7v2.segments import Declared

PID = Declared(
    "PID",
    "patient",
    (
        constant("1", "1"),
        Cell("3[5=MR].1", "mrn", RECORD_NUMBER, also=("2", "4", "18")),
        constant("3[5=MR].4", APPLICATION),
        Cell("3[5=PI].1", "patient_id", own=True),
        constant("3[5=PI].4", APPLICATION),
        Cell("3[5=PN].1", "person_id", own=True),
        constant("3[5=PN].4", APPLICATION),
        Cell("3[5=SS].1", "ssn", also=("19",)),
        constant("3[5=SS].4", "USSSA"),
        Cell("5.1.1", "family_name"),
        Cell("5.2", "given_name"),
        Cell("5.3", "middle_name"),
        Cell("5.4", "suffix"),
        Cell("5.5", "prefix"),
        constant("5.7", "L"),
        Cell("7", "birth_date", DATE),
        Cell("8", "gender", GENDER),
        Cell("10", "race", RACE),
        Cell("11.1.1", "address_line1"),
        Cell("11.2", "address_line2"),
        Cell("11.3", "city"),
        Cell("11.4", "state"),
        Cell("11.5", "postal_code"),
        Cell("11.6", "country"),
        constant("11.7", "H"),
        Cell("11.8", "county"),
        Cell("11.9", "county_fips", own=True),
        Cell("11.10", "census_tract", own=True),
        Cell("13", "phone", PHONE, also=("14",)),
        Cell("13[0=mail]", "email", EMAIL, also=("14",)),
        Cell("15", "language"),
        Cell("22", "ethnicity", ETHNICITY),
        Cell("29", "death_date", DATE),
        Cell("30", "deceased", FLAG),
    ),
)
PD1 = Declared("PD1", "patient", (Cell("4", "primary_care_provider_id", PROVIDER),))
PV1 = Declared(
    "PV1",
    "encounter",
    (
        constant("1", "1"),
        Cell("2", "encounter_class", CLASS),
        Cell("3.1", "department"),
        Cell("3.2", "room"),
        Cell("3.3", "bed"),
        Cell("3.4", "facility_id", FACILITY),
        Cell("3.9", "facility_id", FACILITY_NAME),
        Cell("4", "admission_type_code", ADMISSION_TYPE),
        Cell("7", "attending_provider_id", PROVIDER),
        Cell("14", "admission_source_code"),
        Cell("17", "admitting_provider_id", PROVIDER),
        Cell("18", "exact_class", own=True),
        Cell("19", "encounter_id"),
        constant("19.4", APPLICATION),
        constant("19.5", "VN"),
        Cell("36", "discharge_disposition_code"),
        Cell("37", "discharge_disposition", own=True),
        Cell("44", "start_datetime", INSTANT),
        Cell("45", "end_datetime", INSTANT),
    ),
)
PV2 = Declared(
    "PV2",
    "encounter",
    (
        *coded(3, "reason_code", "reason_for_visit", "reason_code_system"),
        Cell("12", "encounter_type"),
        Cell("24", "status", own=True),
    ),
)
DRG = Declared("DRG", "encounter", (Cell("1", "drg_code"), constant("1.3", "DRG")))
DG1 = Declared(
    "DG1",
    "diagnosis",
    (
        Cell("1", "set_id", NUMBER),
        *coded(3, "code", "description", "code_system"),
        Cell("5", "diagnosed_date", DATE),
        Cell("6", "diagnosis_type", DIAGNOSIS_KIND),
        Cell("15", "sequence_number", NUMBER),
        Cell("20", "diagnosis_id"),
        constant("20.2", APPLICATION),
    ),
)
PR1 = Declared(
    "PR1",
    "procedure",
    (
        Cell("1", "set_id", NUMBER),
        *coded(3, "code", "description", "code_system"),
        Cell("5", "performed_datetime", INSTANT),
        Cell("12", "performing_provider_id", PROVIDER, also=("11",)),
        Cell("19", "procedure_id"),
        constant("19.2", APPLICATION),
    ),
)
AL1 = Declared(
    "AL1",
    "allergy",
    (
        Cell("1", "set_id", NUMBER),
        Cell("2", "category", ALLERGY_KIND),
        *coded(3, "code", "substance", "code_system"),
        Cell("4", "severity", SEVERITY),
        Cell("5", "reaction"),
        Cell("6", "onset_date", DATE),
    ),
)
#: read only: allergies with a number of their own
IAM = Declared(
    "IAM",
    "allergy",
    (
        Cell("2", "category", ALLERGY_KIND),
        *coded(3, "code", "substance", "code_system"),
        Cell("4", "severity", SEVERITY),
        Cell("5", "reaction"),
        Cell("11", "onset_date", DATE),
    ),
)
IN1 = Declared(
    "IN1",
    "member",
    (
        Cell("1", "set_id", NUMBER),
        Cell("2.1", "plan_code", CODE),
        Cell("2.2", "plan_name", MEANING),
        Cell("3.1", "payer_id"),
        Cell("4", "payer_name"),
        Cell("8", "group_id"),
        Cell("12", "coverage_start", DATE),
        Cell("13", "coverage_end", DATE),
        Cell("15", "plan_type"),
        Cell("17", "relationship_code", RELATIONSHIP),
        Cell("36", "member_number"),
        Cell("49", "subscriber_id"),
    ),
)
#: what a vital sign or a laboratory value is observed by; of several types, which one the message tells
OBX = Declared(
    "OBX",
    "lab_result",
    (
        Cell("1", "set_id", NUMBER),
        Cell("2", "value_type"),
        *coded(3, "loinc_code", "test_name", "code_system"),
        Cell("4", "lab_result_id", own=True),
        Cell("5", "value", VALUE),
        Cell("6.1", "unit"),
        constant("6.3", "UCUM"),
        Cell("7", "reference_range"),
        Cell("8", "abnormal_flag"),
        Cell("11", "status", RESULT_STATUS),
        Cell("14", "collected_datetime", INSTANT),
        Cell("19", "resulted_datetime", INSTANT, also=("22",)),
        Cell("23", "performing_lab", also=("15.2",)),
    ),
)
OBR = Declared(
    "OBR",
    "order",
    (
        Cell("1", "set_id", NUMBER),
        Cell("2", "order_id"),
        constant("2.2", APPLICATION),
        Cell("3", "result_id"),
        constant("3.2", APPLICATION),
        *coded(4, "code", "description", "code_system"),
        Cell("7", "collected_datetime", INSTANT),
        Cell("16", "ordering_provider_id", PROVIDER),
        Cell("18", "order_type", own=True),
        Cell("22", "resulted_datetime", INSTANT),
        Cell("24", "section", SECTION),
        Cell("25", "status", RESULT_STATUS),
        *coded(31, "reason_code", "clinical_indication", "reason_code_system"),
    ),
)
ORC = Declared(
    "ORC",
    "order",
    (
        Cell("1", "control"),
        Cell("2", "order_id"),
        constant("2.2", APPLICATION),
        Cell("3", "filler_id"),
        constant("3.2", APPLICATION),
        Cell("5", "status", ORDER_STATUS),
        Cell("8.1.1", "medication_id", own=True),
        Cell("9", "ordered_datetime", INSTANT),
        Cell("12", "ordering_provider_id", PROVIDER),
    ),
)
TQ1 = Declared(
    "TQ1",
    "order",
    (
        constant("1", "1"),
        Cell("7", "scheduled_datetime", INSTANT),
        Cell("9", "priority", PRIORITY),
    ),
)
RXA = Declared(
    "RXA",
    "immunization",
    (
        constant("1", "0"),
        constant("2", "1"),
        Cell("3", "administered_date", DATE),
        Cell("4", "administered_date", DATE),
        Cell("5.1", "cvx_code", of_system("CVX")),
        Cell("5.2", "description", MEANING),
        constant("5.3", "CVX"),
        constant("6", "999"),
        Cell("10", "performing_provider_id", PROVIDER),
        Cell("15", "lot_number"),
        Cell("20", "status", COMPLETION),
        constant("21", "A"),
    ),
)
SPM = Declared(
    "SPM",
    "lab_result",
    (
        constant("1", "1"),
        Cell("2.1.1", "specimen_id"),
        Cell("4.1", "specimen_code", CODE),
        Cell("4.2", "specimen_type", MEANING),
        constant("4.3", "SCT"),
        Cell("17.1", "collected_datetime", INSTANT),
    ),
)
RXR = Declared("RXR", "immunization", (Cell("1", "route", ROUTE), Cell("2", "site", SITE)))
RXE = Declared(
    "RXE",
    "prescription",
    (
        Cell("2.1", "rxnorm_code", of_system("RxNorm")),
        Cell("2.2", "drug_name", MEANING),
        constant("2.3", "RXNORM"),
        Cell("2.4", "ndc", of_system("NDC")),
        constant("2.6", "NDC"),
        Cell("3", "dose_quantity", NUMBER),
        Cell("5", "dose_unit"),
        Cell("7.2", "directions", MEANING),
        Cell("9", "daw_code"),
        Cell("10", "quantity_prescribed", NUMBER),
        Cell("12", "refills_authorized", NUMBER),
        Cell("15", "prescription_number"),
        Cell("16", "refills_remaining", NUMBER),
    ),
)
#: the timing of a prescription: from when to when it may be filled, and how long a fill lasts
TQ1_OF_PRESCRIPTION = Declared(
    "TQ1",
    "prescription",
    (
        constant("1", "1"),
        Cell("3.1.2", "frequency", RPT),
        Cell("6", "days_supply", DAYS),
        Cell("7", "written_date", DATE),
        Cell("8", "expiration_date", DATE, own=True),
    ),
)
RXO = Declared(
    "RXO",
    "medication",
    (
        *coded(1, "code", "name", "code_system"),
        Cell("1.4", "ndc", of_system("NDC")),
        constant("1.6", "NDC"),
        Cell("2", "dose_quantity", NUMBER),
        Cell("4", "dose_unit"),
        Cell("7.2", "dose", own=True),
        Cell("20.1", "indication_code", CODE),
        Cell("20.2", "indication", MEANING),
    ),
)
TQ1_OF_MEDICATION = Declared(
    "TQ1",
    "medication",
    (
        constant("1", "1"),
        Cell("3.1.2", "frequency", RPT),
        Cell("7", "start_date", DATE),
        Cell("8", "end_date", DATE),
    ),
)
RXD = Declared(
    "RXD",
    "pharmacy_claim",
    (
        Cell("1", "fill_number", NUMBER),
        Cell("2.1", "ndc", of_system("NDC")),
        Cell("2.2", "drug_name", MEANING),
        constant("2.3", "NDC"),
        Cell("3", "service_date", DATE),
        Cell("4", "quantity_dispensed", NUMBER),
        Cell("7", "prescription_number"),
        Cell("11", "daw_code"),
    ),
)
TXA = Declared(
    "TXA",
    "clinical_note",
    (
        constant("1", "1"),
        Cell("2", "note_type", NOTE_KIND),
        constant("3", "TX"),
        Cell("4", "note_datetime", INSTANT, also=("6", "8")),
        Cell("9", "author", AUTHOR),
        Cell("12", "clinical_note_id"),
        constant("17", "AU"),
    ),
)
FT1 = Declared(
    "FT1",
    "claim_line",
    (
        Cell("1", "set_id", NUMBER),
        Cell("2", "claim_line_id"),
        Cell("3", "claim_id"),
        Cell("4", "service_date", DATE),
        Cell("5", "service_date", DATE),
        constant("6", "CG"),
        Cell("7", "procedure_code"),
        Cell("7.3", "code_table"),
        Cell("10", "units", NUMBER),
        Cell("11", "charge_amount", NUMBER),
        Cell("19.1", "principal_diagnosis"),
        Cell("19.3", "diagnosis_table"),
        Cell("20", "rendering_provider_id", PROVIDER),
        Cell("25.1", "procedure_code"),
        Cell("25.3", "code_table"),
    ),
)
#: a visit that was booked: the appointment has the number of the visit
SCH = Declared(
    "SCH",
    "encounter",
    (
        Cell("1", "encounter_id"),
        constant("1.2", APPLICATION),
        Cell("2", "encounter_id"),
        constant("2.2", APPLICATION),
        Cell("6.2", "reason"),
        Cell("7.2", "reason_for_visit"),
        *coded(8, "type_code", "encounter_type", "type_code_system"),
        Cell("9", "minutes", NUMBER),
        Cell("10", "minutes_unit"),
        Cell("11.4", "start_datetime", INSTANT),
        Cell("11.5", "end_datetime", INSTANT),
        Cell("16", "attending_provider_id", PROVIDER),
        Cell("20", "attending_provider_id", PROVIDER),
        Cell("25", "booking"),
    ),
)
AIP = Declared(
    "AIP",
    "encounter",
    (constant("1", "1"), Cell("3", "attending_provider_id", PROVIDER), Cell("6", "start_datetime", INSTANT)),
)

#: the unit of a dose of which none is known
NO_UNIT = "{DOSE}"

#: every declared segment, in the order of the page
SEGMENTS = (
    PID,
    PD1,
    PV1,
    PV2,
    DRG,
    DG1,
    PR1,
    AL1,
    IAM,
    IN1,
    ORC,
    TQ1,
    OBR,
    OBX,
    SPM,
    RXA,
    RXR,
    RXE,
    TQ1_OF_PRESCRIPTION,
    RXO,
    TQ1_OF_MEDICATION,
    RXD,
    TXA,
    FT1,
    SCH,
    AIP,
)
