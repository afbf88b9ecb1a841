"""Pharmacy entity types: who is covered for drugs, what was prescribed, what was dispensed and paid."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from healthsim.model.clinical import DoseColumns, PatientColumn
from healthsim.model.core import AddressColumns, text_only
from healthsim.model.coverage import DecisionColumns, FormularyColumn, PersonInRole, PlanCodeColumn
from healthsim.model.entity import Embed, Entity, column
from healthsim.model.types import Date, Integer, Money, Text, Word, spelled

PharmacyClaimStatus = Annotated[Text, spelled({"paid": "p", "rejected": "r reject denied", "reversed": "reversal"})]


def daw_of(value: Any) -> Any:
    """The dispense-as-written code that a plain yes or no means: 1 the prescriber forbids substitution, 0 not."""
    return str(int(value)) if isinstance(value, bool) else text_only(value)


class CardColumns(Entity):
    """What a pharmacy reads off the member's card to route a claim."""

    cardholder_id: Text = column(
        "Number on the card, shared by a family.", aliases="card_holder_id cardholder", example="953832589"
    )
    person_code: Text = column(
        "Who in the family: 01 the cardholder, 02 the spouse, 03 and up dependents.", system="NCPDP", example="01"
    )
    bin: Text = column(
        "Bank identification number, six digits: the processor.", aliases="bin_number rx_bin iin", example="610014"
    )
    pcn: Text = column("Processor control number.", aliases="processor_control_number rx_pcn", example="RXTEST")
    group_number: Text = column("Group.", aliases="rx_group rx_group_number rx_grp group_id", example="GRP001")


class RxMemberColumn(Entity):
    """The pharmacy member that a record is about."""

    rx_member_id: Text = column(
        "The pharmacy member.", aliases="member_id member_number", references="rx_member", example="RXM-001"
    )


class PrescriptionColumn(RxMemberColumn):
    """The prescription that a record is about."""

    prescription_id: Text = column(
        "The prescription.",
        aliases="prescription_number rx_number prescription_reference_number rx_id",
        convert={"prescription": text_only},
        references="prescription",
        example="RX-001",
    )


class DrugColumns(Entity):
    """The drug that a record is about."""

    ndc: Text = column(
        "National Drug Code, eleven digits.",
        aliases="ndc_code ndc11 drug_ndc product_service_id product_id drug.ndc medication.ndc",
        system="NDC",
        example="30558285457",
    )
    drug_name: Text = column(
        "The drug in words.",
        aliases="medication_name drug.drug_name drug.name medication.name medication_description drug_description",
        convert={"drug": text_only, "medication": text_only},
        example="atorvastatin 20 mg tablet",
    )


class FillColumns(RxMemberColumn, DrugColumns):
    """What a prescription and its dispensing have in common."""

    prescriber_provider_id: Text = column(
        "Who prescribed it.",
        aliases="prescriber_npi prescriber_id prescribing_provider_id prescribing_provider_npi provider_npi",
        convert={"prescriber": text_only, "prescribing_provider": text_only},
        references="provider",
        example="PRV-001",
    )
    days_supply: Integer = column(
        "For how many days it lasts.", aliases="days_supplied day_supply supply_days", unit="d", example=30
    )
    daw_code: Text = column(
        "Dispense as written, 0 to 9.",
        aliases="daw daw_product_selection_code",
        convert={"dispense_as_written": daw_of},
        system="NCPDP 408-D8",
        example="0",
    )


class RxMember(PersonInRole, CardColumns, PlanCodeColumn, FormularyColumn):
    """A person with pharmacy coverage."""

    family: ClassVar[str] = "pharmacy"

    # `id` comes after what member_id means here: in documents it is the person's
    rx_member_id: Text = column(
        "Identifier of the pharmacy member.", aliases="rx_member_number id", moved_from="member_id", example="RXM-001"
    )
    member_id: Text = column(
        "The same person's medical coverage.", aliases="medical_member_id", references="member", example="MBR-001"
    )
    effective_date: Date = column(
        "First day of the coverage.",
        aliases="coverage_start coverage_effective_date coverage_start_date coverage.effective_date",
        example="2025-01-01",
    )
    termination_date: Date = column(
        "Last day of the coverage; empty while it lasts.",
        aliases="coverage_end coverage_termination_date coverage_end_date coverage.termination_date",
        example="2025-12-31",
    )


class Prescription(DoseColumns, FillColumns, PatientColumn):
    """An order for a drug, written for a pharmacy."""

    family: ClassVar[str] = "pharmacy"
    dated_by: ClassVar[str | None] = "written_date"
    natural_keys: ClassVar[tuple[str, ...]] = ("prescription_number",)

    prescription_id: Text = column("Identifier of the prescription.", aliases="rx_id id", example="RX-001")
    prescription_number: Text = column(
        "Number that the pharmacy gave it.", aliases="rx_number prescription_reference_number", example="RX16959625"
    )
    rxnorm_code: Text = column("The drug.", aliases="rxnorm rxcui drug.rxnorm_code", system="RxNorm", example="617310")
    quantity_prescribed: Money = column(
        "How many units (tablets, mL) a fill has.", aliases="quantity qty quantity_written", example="30"
    )
    refills_authorized: Integer = column(
        "Refills after the first fill.", aliases="refills refills_allowed number_of_refills num_refills", example=3
    )
    refills_remaining: Integer = column("Refills that are left.", aliases="remaining_refills refills_left", example=2)
    written_date: Date = column(
        "When it was written.",
        aliases="date_written prescribed_date prescription_date date_prescribed",
        example="2025-03-04",
    )
    expiration_date: Date = column(
        "Last day on which it may be filled.", aliases="expiry_date date_expires expires", example="2026-03-04"
    )
    directions: Text = column(
        "Directions to the patient.",
        aliases="sig instructions dosage_instructions directions_for_use",
        example="Take 1 tablet by mouth daily",
    )
    route: Word = column("Route of administration.", example="oral")
    frequency: Word = column("How often.", example="once daily")
    medication_id: Word = column(
        "The record of the same drug at the care provider.", references="medication", example="MED-001"
    )

    embeds: ClassVar[tuple[Embed, ...]] = (
        Embed("pharmacy_claim", ("pharmacy_claims", "fills")),
        Embed("provider", ("prescriber", "prescribing_provider"), sets="prescriber_provider_id"),
    )


class PharmacyClaim(FillColumns, CardColumns, PrescriptionColumn):
    """A pharmacy's bill for one fill, and what became of it."""

    family: ClassVar[str] = "pharmacy"
    dated_by: ClassVar[str | None] = "service_date"
    #: NCPDP segments, and the keys under which documents group prices and the answer
    transparent: ClassVar[tuple[str, ...]] = (
        "header",
        "transaction_header",
        "insurance_segment",
        "claim_segment",
        "prescriber_segment",
        "pricing_segment",
        "response_status_segment",
        "response_pricing_segment",
        "pricing",
        "response",
        "claim_response",
        "adjudication",
    )

    pharmacy_claim_id: Text = column("Identifier of the claim.", aliases="claim_id id", example="RXC-001")
    prescription_number: Text = column(
        "Number that the pharmacy gave the prescription.",
        aliases="rx_number prescription_reference_number",
        example="RX16959625",
    )
    pharmacy_id: Text = column(
        "The pharmacy.",
        aliases="pharmacy_npi pharmacy_ncpdp ncpdp_id pharmacy_ncpdp_id service_provider_id",
        convert={"pharmacy": text_only},
        references="pharmacy",
        example="PHM-001",
    )
    transaction_code: Text = column(
        "B1 billing, B2 reversal, B3 rebill.", aliases="transaction_type", system="NCPDP 103-A3", example="B1"
    )
    service_date: Date = column(
        "When it was dispensed.",
        aliases="fill_date date_of_service dispensed_date dispense_date date_filled filled_date",
        example="2025-03-05",
    )
    paid_date: Date = column("When it was paid.", aliases="payment_date adjudicated_date processed_date")
    fill_number: Integer = column(
        "0 the first fill, 1 the first refill ...", aliases="fill_num refill_number", system="NCPDP 403-D3", example=0
    )
    quantity_dispensed: Money = column(
        "How many units (tablets, mL) were dispensed.", aliases="quantity qty quantity_filled", example="30"
    )
    status: PharmacyClaimStatus = column(
        "paid, rejected, reversed.",
        aliases="claim_status response_status transaction_response_status",
        system="NCPDP 112-AN, in words",
        example="paid",
    )
    reject_code: Text = column(
        "Why it was rejected.",
        aliases="reject_codes.0 reject_codes.0.code rejection_code",
        system="NCPDP 511-FB",
        example="75",
    )
    authorization_number: Word = column(
        "Number that the processor gave a paid claim.", aliases="auth_number", system="NCPDP 503-F3"
    )
    ingredient_cost: Money = column(
        "Price of the drug.",
        aliases="ingredient_cost_paid ingredient_cost_submitted drug_cost",
        unit="USD",
        example="12.40",
    )
    dispensing_fee: Money = column(
        "The pharmacy's fee.", aliases="dispensing_fee_paid dispensing_fee_submitted", unit="USD", example="1.75"
    )
    usual_and_customary_charge: Money = column(
        "What the pharmacy asks of customers who pay themselves.",
        aliases="usual_and_customary usual_and_customary_amount usual_customary_charge u_and_c_price",
        unit="USD",
        example="19.50",
    )
    gross_amount_due: Money = column(
        "What the pharmacy asks for.",
        aliases="gross_amount_due_submitted gross_cost total_cost total_charge total_amount",
        unit="USD",
        example="14.15",
    )
    plan_paid_amount: Money = column(
        "What the plan paid.",
        aliases="plan_paid plan_pay_amount plan_pay total_amount_paid total_paid paid_amount amount_paid",
        unit="USD",
        example="4.15",
    )
    patient_pay_amount: Money = column(
        "What the patient paid.",
        aliases="patient_pay patient_paid patient_paid_amount member_pay member_paid patient_responsibility"
        " member_responsibility copay_amount copay",
        unit="USD",
        example="10.00",
    )

    embeds: ClassVar[tuple[Embed, ...]] = (
        Embed("dur_alert", ("dur_alerts",)),
        Embed("pharmacy", ("pharmacy",), sets="pharmacy_id"),
        Embed("prescription", ("prescription",), sets="prescription_id"),
        Embed("provider", ("prescriber", "prescribing_provider"), sets="prescriber_provider_id"),
    )


class DurAlert(PrescriptionColumn):
    """A warning of drug utilization review: an interaction, a duplicate, a refill too soon."""

    family: ClassVar[str] = "pharmacy"

    dur_alert_id: Text = column("Identifier of the alert.", aliases="alert_id dur_id id", example="DUR-001")
    pharmacy_claim_id: Text = column(
        "The claim that raised it.", aliases="claim_id", references="pharmacy_claim", example="RXC-001"
    )
    alert_type: Text = column(
        "DD drug-drug, TD duplicate therapy, ER early refill, HD high dose, LD low dose ...",
        aliases="dur_type alert_code dur_code reason_for_service_code reason_for_service conflict_code type",
        system="NCPDP 439-E4",
        example="DD",
    )
    severity: Text = column(
        "How grave it is.", aliases="severity_level clinical_significance clinical_significance_code", example="warning"
    )
    message: Text = column(
        "The alert in words.",
        aliases="alert_message description alert_description",
        example="Interaction of warfarin and aspirin",
    )
    outcome: Text = column(
        "What the pharmacist did about it.",
        aliases="result_of_service_code result_of_service resolution outcome_code override_code",
        system="NCPDP 441-E6",
        example="1G",
    )
    reason_for_service_code: Word = column(
        "Why the alert was raised.",
        aliases="reason_for_service conflict_code dur_code",
        system="NCPDP 439-E4",
        example="DD",
    )
    professional_service_code: Word = column(
        "What the pharmacist did about it.", aliases="professional_service", system="NCPDP 440-E5", example="M0"
    )
    result_of_service_code: Word = column(
        "What came of that.", aliases="result_of_service outcome_code", system="NCPDP 441-E6", example="1G"
    )
    clinical_significance_code: Word = column(
        "How grave it is: 1 major, 2 moderate, 3 minor, 9 undetermined.",
        aliases="clinical_significance",
        system="NCPDP 528-FS",
        example="2",
    )


class Pharmacy(AddressColumns):
    """A place where drugs are dispensed."""

    family: ClassVar[str] = "pharmacy"
    natural_keys: ClassVar[tuple[str, ...]] = ("ncpdp_id", "npi")

    pharmacy_id: Text = column("Identifier of the pharmacy.", aliases="id", example="PHM-001")
    ncpdp_id: Text = column(
        "Number of the pharmacy, seven digits.",
        aliases="ncpdp ncpdp_number ncpdp_provider_id pharmacy_ncpdp nabp",
        system="NCPDP",
        example="0500012",
    )
    npi: Text = column(
        "National Provider Identifier, ten digits.", aliases="pharmacy_npi", system="NPI", example="1000000012"
    )
    name: Text = column("Name of the pharmacy.", aliases="pharmacy_name", example="Birch Road Pharmacy")
    pharmacy_type: Text = column(
        "retail, mail order, specialty, long-term care.", aliases="type channel", example="retail"
    )
    chain_name: Text = column("The chain that it belongs to.", aliases="chain parent_organization")
    phone: Word = column(
        "Telephone number.", aliases="contact.phone telecom.phone phone_number pharmacy_phone", example="608-555-0144"
    )


class PriorAuth(PrescriptionColumn, DrugColumns, DecisionColumns):
    """A plan's permission for a drug, asked for beforehand."""

    family: ClassVar[str] = "pharmacy"

    prior_auth_id: Text = column(
        "Identifier of the prior authorization.",
        aliases="pa_id prior_authorization_id id pa_number prior_auth_number authorization_number",
        example="PA-001",
    )
