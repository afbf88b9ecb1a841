"""Claims entity types: coverage, what it was billed for, and what it paid."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from healthsim.model.clinical import VisitColumns
from healthsim.model.core import text_only
from healthsim.model.coverage import (
    DecisionColumns,
    MemberColumn,
)
from healthsim.model.entity import Embed, Entity, column, snake_case
from healthsim.model.types import Date, Integer, Json, Money, Text, Word, coded, spelled, spelling, spellings

CLAIM_TYPES = spellings(
    {
        "professional": "professional_claim prof p 837p 837_p cms1500 cms_1500 hcfa1500 hcfa_1500 physician",
        "institutional": "institutional_claim inst i 837i 837_i ub04 ub_04 ub92 ub_92 cms1450 cms_1450 facility"
        " hospital inpatient outpatient inpatient_hospital outpatient_hospital hospital_inpatient"
        " hospital_outpatient facility_inpatient facility_outpatient",
        "dental": "dental_claim d 837d 837_d ada",
        "pharmacy": "pharmacy_claim rx drug ncpdp",
    }
)


ClaimType = Annotated[str | None, coded(CLAIM_TYPES)]


ClaimStatus = Annotated[Text, spelled({"paid": "", "denied": "", "pended": "pending pend", "reversed": "reversal"})]


def claim_type_of(value: Any) -> str | None:
    """The claim type that a plain ``type`` names, where it names one."""
    return CLAIM_TYPES.get(spelling(value)) if isinstance(value, str) else None


def _diagnosis_codes(value: Any) -> list[str]:
    """The codes in a claim's list of diagnoses, which holds codes or objects; the principal one first."""
    codes: list[str] = []
    for item in value if isinstance(value, list) else []:
        principal = False
        if isinstance(item, dict):
            said = {snake_case(str(key)): part for key, part in item.items()}
            kind = said.get("diagnosis_type") or said.get("type") or said.get("qualifier")
            principal = str(kind).lower() in {"principal", "primary", "abk"}
            names = ("code", "diagnosis_code", "icd10_code", "icd_code")
            item = next((said[name] for name in names if said.get(name)), None)
        if isinstance(item, str) and item:
            codes.insert(0 if principal else len(codes), item)
    return codes


def principal_code(value: Any) -> str | None:
    """The principal diagnosis in a list: the one that is marked so, else the first."""
    return next(iter(_diagnosis_codes(value)), None)


def other_codes(value: Any) -> list[str] | None:
    """The diagnoses in a list after the principal one."""
    return _diagnosis_codes(value)[1:] or None


def _indicators(value: Any) -> dict[str, str]:
    """Code -> present-on-admission indicator, of a claim's list of diagnoses."""
    indicators: dict[str, str] = {}
    for item in value if isinstance(value, list) else []:
        said = {snake_case(str(key)): part for key, part in item.items()} if isinstance(item, dict) else {}
        code = next(iter(_diagnosis_codes([item])), None)
        indicator = next(
            (said[name] for name in ("present_on_admission", "poa", "poa_indicator") if said.get(name)), None
        )
        if code and isinstance(indicator, str):
            indicators.setdefault(code, indicator)
    return indicators


def principal_poa(value: Any) -> str | None:
    """The present-on-admission indicator of the principal diagnosis in a list."""
    code = principal_code(value)
    return _indicators(value).get(code) if code else None


def other_poa(value: Any) -> list[str | None] | None:
    """Those of the diagnoses after the principal one, where any of them has one."""
    known = _indicators(value)
    listed = [known.get(code) for code in other_codes(value) or []]
    return listed if any(listed) else None


def admitting_code(value: Any) -> str | None:
    """The admitting diagnosis in a list: the one that is marked so."""
    for item in value if isinstance(value, list) else []:
        said = {snake_case(str(key)): part for key, part in item.items()} if isinstance(item, dict) else {}
        kind = said.get("diagnosis_type") or said.get("type") or said.get("qualifier")
        if str(kind).lower() in {"admitting", "abj"}:
            return next(iter(_diagnosis_codes([item])), None)
    return None


class Claim(MemberColumn, VisitColumns):
    """A bill for care, and what became of it."""

    family: ClassVar[str] = "claims"
    dated_by: ClassVar[str | None] = "service_date"
    #: keys under which documents group the amounts and the outcome
    transparent: ClassVar[tuple[str, ...]] = ("totals", "adjudication", "financials")

    claim_id: Text = column(
        "Identifier of the claim.", aliases="id claim_number claim_control_number", example="CLM-001"
    )
    subscriber_id: Text = column(
        "Number of the subscriber.",
        aliases="subscriber_number subscriber.subscriber_id subscriber.member_id",
        convert={"subscriber": text_only},
        example="MEM000001",
    )
    claim_type: ClaimType = column(
        "Kind of claim.",
        convert={"claim_form": claim_type_of, "form_type": claim_type_of, "type": claim_type_of},
        system="X12 837P, 837I, 837D, in words",
        example="professional",
    )
    bill_type: Text = column(
        "Type of bill, institutional claims.",
        aliases="type_of_bill bill_type_code tob facility_type_code",
        system="NUBC",
        example="0111",
    )
    billing_provider_id: Text = column(
        "The provider who bills.",
        aliases="provider_npi billing_provider_npi provider_id billing_npi",
        convert={"provider": text_only, "billing_provider": text_only},
        references="provider",
        example="PRV-001",
    )
    rendering_provider_id: Text = column(
        "The provider who gave the care.",
        aliases="rendering_provider_npi rendering_npi attending_provider_id attending_provider_npi",
        convert={"rendering_provider": text_only, "attending_provider": text_only},
        references="provider",
        example="PRV-002",
    )
    facility_id: Text = column(
        "Where the care was given.",
        aliases="facility_npi service_facility_id service_facility_npi",
        convert={"facility": text_only, "service_facility": text_only},
        references="facility",
        example="FAC-001",
    )
    billing_facility_id: Word = column(
        "The organisation that bills, where it is a facility.",
        aliases="billing_facility_npi billing_organization_npi",
        convert={"billing_facility": text_only},
        references="facility",
        example="FAC-001",
    )
    service_date: Date = column(
        "First day of service.",
        aliases="service_start_date service_from_date date_of_service from_date statement_from_date"
        " service_begin_date dates_of_service.from",
        example="2025-03-04",
    )
    service_end_date: Date = column(
        "Last day of service.",
        aliases="service_to_date service_through_date through_date to_date statement_to_date"
        " statement_through_date dates_of_service.to",
        example="2025-03-04",
    )
    admission_date: Date = column(
        "Admission, institutional claims.", aliases="admit_date admission_datetime admission_time"
    )
    discharge_date: Date = column("Discharge, institutional claims.", aliases="discharge_datetime discharge_time")
    admission_type_code: Word = column(
        "How urgent the admission was: 1 emergency, 2 urgent, 3 elective, 4 newborn, 5 trauma.",
        aliases="admission_type",
        system="NUBC FL 14",
        example="1",
    )
    admission_source_code: Word = column(
        "Where the patient came from.",
        aliases="admission_source point_of_origin point_of_origin_code",
        system="NUBC FL 15",
        example="1",
    )
    discharge_status_code: Word = column(
        "Where the patient went, institutional claims.",
        aliases="discharge_status patient_status_code patient_discharge_status",
        system="NUBC FL 17",
        example="01",
    )
    received_date: Date = column("When the payer received it.", aliases="receipt_date claim_received_date")
    adjudicated_date: Date = column(
        "When it was decided.", aliases="processed_date adjudication_date date_processed", example="2025-03-11"
    )
    paid_date: Date = column("When it was paid.", aliases="payment_date date_paid check_date", example="2025-03-14")
    remittance_date: Date = column(
        "When the payer sent its decision to the provider, with a payment or a denial.",
        aliases="remit_date era_date denial_date",
        example="2025-03-14",
    )
    place_of_service: Text = column(
        "Place of service, two digits.",
        aliases="place_of_service_code place_of_service.code pos pos_code",
        system="CMS POS",
        example="11",
    )
    principal_diagnosis: Text = column(
        "The condition chiefly responsible.",
        aliases="principal_diagnosis_code principal_diagnosis.code primary_diagnosis primary_diagnosis.code"
        " primary_diagnosis_code principal_dx primary_dx",
        convert={"diagnoses": principal_code, "diagnosis_codes": principal_code},
        system="ICD-10-CM",
        example="E11.9",
    )
    other_diagnoses: Json = column(
        "Further conditions, a list of codes.",
        aliases="secondary_diagnoses other_diagnosis_codes secondary_diagnosis_codes",
        convert={"diagnoses": other_codes, "diagnosis_codes": other_codes},
        system="ICD-10-CM",
        example=["I10", "E78.5"],
    )
    principal_diagnosis_poa: Word = column(
        "Whether the principal condition was there at admission: Y, N, U, W, 1 (exempt).",
        convert={"diagnoses": principal_poa},
        system="NUBC",
        example="Y",
    )
    other_diagnoses_poa: Json = column(
        "The same of each further condition, a list in their order.",
        aliases="secondary_diagnoses_poa",
        convert={"diagnoses": other_poa},
        system="NUBC",
        example=["Y", "N"],
    )
    admitting_diagnosis: Word = column(
        "Diagnosis at admission, institutional claims.",
        aliases="admitting_diagnosis_code admitting_diagnosis.code admitting_dx",
        convert={"diagnoses": admitting_code},
        system="ICD-10-CM",
        example="R07.9",
    )
    drg_code: Text = column(
        "Diagnosis related group of an inpatient stay.",
        aliases="drg drg.code ms_drg ms_drg_code",
        system="MS-DRG",
        example="291",
    )
    status: ClaimStatus = column(
        "paid, denied, pended, reversed.", aliases="claim_status adjudication_status", example="paid"
    )
    denial_reason_code: Text = column(
        "Why it was denied.",
        aliases="denial_code denial_reason.code denial_reason",
        system="X12 claim adjustment reason codes",
        example="CO-197",
    )
    authorization_number: Text = column(
        "Number of the authorization that the claim cites.",
        aliases="auth_number prior_authorization_number prior_auth_number authorization_id",
        convert={"authorization": text_only},
    )
    total_charge: Money = column(
        "What was billed.",
        aliases="total_billed total_charges total_charge_amount total_billed_amount total_charged charge_amount"
        " billed_amount charged_amount amount_billed",
        unit="USD",
        example="180.00",
    )
    total_allowed: Money = column(
        "What the plan accepts as price.",
        aliases="total_allowed_amount allowed_amount",
        unit="USD",
        example="120.00",
    )
    total_paid: Money = column(
        "What the plan paid.",
        aliases="total_paid_amount total_plan_paid plan_paid paid_amount payment_amount amount_paid",
        unit="USD",
        example="96.00",
    )
    member_responsibility: Money = column(
        "What the member owes: deductible, copay and coinsurance.",
        aliases="total_patient_resp patient_responsibility total_member_responsibility"
        " total_patient_responsibility member_liability patient_resp",
        unit="USD",
        example="24.00",
    )
    secondary_member_id: Word = column(
        "The coverage that pays second, where there is one: of the member's share what its terms say.",
        aliases="secondary_coverage_id other_member_id cob_member_id",
        references="member",
        example="MBR-002",
    )
    secondary_paid: Money = column(
        "What the second payer paid of the member's share; the member owes the rest.",
        aliases="secondary_paid_amount other_payer_paid other_payer_paid_amount cob_amount cob_paid_amount",
        unit="USD",
        example="20.00",
    )

    embeds: ClassVar[tuple[Embed, ...]] = (
        Embed("claim_line", ("claim_lines", "lines", "service_lines")),
        Embed("provider", ("provider", "billing_provider"), sets="billing_provider_id"),
        Embed("provider", ("rendering_provider", "attending_provider"), sets="rendering_provider_id"),
        Embed("facility", ("facility", "service_facility"), sets="facility_id"),
    )


class ClaimLine(Entity):
    """One service on a claim. allowed = paid + member responsibility; that is deductible + copay + coinsurance."""

    family: ClassVar[str] = "claims"
    dated_by: ClassVar[str | None] = "service_date"
    transparent: ClassVar[tuple[str, ...]] = ("adjudication",)

    claim_line_id: Text = column("Identifier of the line.", aliases="id", example="CLM-001-1")
    claim_id: Text = column("The claim.", aliases="claim_number", references="claim", example="CLM-001")
    line_number: Integer = column(
        "Number within the claim, from 1.", aliases="line line_num line_no sequence", example=1
    )
    service_date: Date = column(
        "Day of service.",
        aliases="date_of_service service_from_date service_start_date from_date",
        example="2025-03-04",
    )
    procedure_code: Text = column(
        "What was done.",
        aliases="cpt cpt_code hcpcs hcpcs_code procedure.code cdt_code service_code code",
        convert={"procedure": text_only},
        system="CPT, HCPCS, CDT",
        example="99213",
    )
    procedure_modifiers: Json = column(
        "Modifiers of the code, a list.",
        aliases="modifiers modifier procedure_modifier",
        system="CPT, HCPCS",
        example=["25"],
    )
    revenue_code: Text = column(
        "Revenue code, institutional claims.", aliases="rev_code", system="NUBC", example="0450"
    )
    ndc: Text = column("National Drug Code, eleven digits.", aliases="ndc_code", system="NDC")
    place_of_service: Text = column(
        "Place of service, two digits.", aliases="place_of_service_code pos pos_code", system="CMS POS", example="11"
    )
    diagnosis_pointers: Json = column(
        "Which diagnoses of the claim it is for, a list (1 or A is the principal one).",
        aliases="diagnosis_pointer dx_pointers dx_pointer",
        example=[1],
    )
    units: Money = column("How many.", aliases="quantity service_units unit_count", example="1")
    charge_amount: Money = column(
        "What was billed.",
        aliases="charged_amount billed_amount billed charge charges line_charge line_charge_amount submitted_amount",
        unit="USD",
        example="180.00",
    )
    allowed_amount: Money = column("What the plan accepts as price.", aliases="allowed", unit="USD", example="120.00")
    paid_amount: Money = column(
        "What the plan paid.", aliases="plan_paid paid plan_paid_amount payment_amount", unit="USD", example="96.00"
    )
    deductible_amount: Money = column(
        "What the member pays towards the deductible.",
        aliases="deductible_applied deductible",
        unit="USD",
        example="0.00",
    )
    copay_amount: Money = column(
        "The member's fixed share.", aliases="copay_applied copay", unit="USD", example="20.00"
    )
    coinsurance_amount: Money = column(
        "The member's share in proportion.", aliases="coinsurance_applied coinsurance", unit="USD", example="4.00"
    )
    member_responsibility: Money = column(
        "What the member owes.",
        aliases="patient_responsibility patient_resp member_liability member_responsibility_amount"
        " patient_responsibility_amount",
        unit="USD",
        example="24.00",
    )
    status: ClaimStatus = column("paid, denied, pended, reversed.", aliases="line_status", example="paid")
    adjustment_reason_code: Text = column(
        "Why paid and billed differ.",
        aliases="remark_code adjustment_code carc carc_code claim_adjustment_reason_code adjustments.0.reason_code"
        " denial_reason_code denial_code",
        system="X12 claim adjustment reason codes",
        example="CO-45",
    )


class Authorization(MemberColumn, DecisionColumns):
    """A payer's permission for a service, asked for beforehand."""

    family: ClassVar[str] = "claims"

    authorization_id: Text = column(
        "Identifier of the authorization.",
        aliases="auth_id prior_authorization_id id authorization_number auth_number prior_authorization_number",
        example="AUTH-001",
    )
    provider_id: Text = column(
        "Who asked for it.",
        aliases="provider_npi requesting_provider_id requesting_provider_npi ordering_provider_npi"
        " servicing_provider_id servicing_provider_npi",
        convert={"provider": text_only, "requesting_provider": text_only},
        references="provider",
        example="PRV-001",
    )
    service_code: Text = column(
        "The service.",
        aliases="procedure_code cpt_code hcpcs_code service.code service_codes.0 procedure_codes.0 cpt_codes.0 code",
        system="CPT, HCPCS",
        example="73721",
    )
    units_approved: Integer = column(
        "How many units, visits or days were approved.",
        aliases="approved_units authorized_units units_authorized visits_approved approved_visits days_approved",
        example=1,
    )

    embeds: ClassVar[tuple[Embed, ...]] = (Embed("provider", ("provider", "requesting_provider"), sets="provider_id"),)
