"""The segments of NCPDP D.0 that are written and read, field by field: the declaration from which both follow, and the page.

A field has an id of two characters, a name, the column that it shows (``pharmacy_claim.ndc``), how it is written, and how long it may be.
Fields with a fixed value have that instead of a column.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from healthsim.exchange.ncpdp.codecs import (
    DAY,
    DIGITS,
    NUMBER,
    OVERPUNCH,
    PHONE,
    QUANTITY,
    RELATIONSHIP,
    SEX,
    WHOLE,
    WORDS,
    ZIP,
    Codec,
)


@dataclass(frozen=True)
class Field:
    """One field."""

    id: str
    name: str
    column: str = ""
    codec: Codec = WORDS
    length: int = 30
    fixed: str = ""


@dataclass(frozen=True)
class Segment:
    """One segment: its number (AM), its name, its fields in their order."""

    number: str
    name: str
    fields: tuple[Field, ...]

    @property
    def by_id(self) -> dict[str, Field]:
        return _by_id(self)


@cache
def _by_id(segment: Segment) -> dict[str, Field]:
    return {field.id: field for field in segment.fields}


INSURANCE = Segment(
    "04",
    "insurance",
    (
        Field("C2", "cardholder_id", "pharmacy_claim.cardholder_id", NUMBER, 20),
        Field("C1", "group_id", "pharmacy_claim.group_number", NUMBER, 15),
        Field("C3", "person_code", "pharmacy_claim.person_code", NUMBER, 3),
        Field("C6", "patient_relationship_code", "pharmacy_claim.person_code", RELATIONSHIP, 1),
    ),
)
PATIENT = Segment(
    "01",
    "patient",
    (
        Field("C4", "date_of_birth", "rx_member.birth_date", DAY, 8),
        Field("C5", "patient_gender_code", "rx_member.gender", SEX, 1),
        Field("CA", "patient_first_name", "rx_member.given_name", WORDS, 12),
        Field("CB", "patient_last_name", "rx_member.family_name", WORDS, 15),
        Field("CM", "patient_street_address", "rx_member.address_line1", WORDS, 30),
        Field("CN", "patient_city", "rx_member.city", WORDS, 20),
        Field("CO", "patient_state_or_province", "rx_member.state", WORDS, 2),
        Field("CP", "patient_zip_postal_code", "rx_member.postal_code", ZIP, 15),
        Field("CQ", "patient_phone_number", "rx_member.phone", PHONE, 10),
    ),
)
CLAIM = Segment(
    "07",
    "claim",
    (
        Field("EM", "prescription_reference_number_qualifier", fixed="1"),
        Field("D2", "prescription_reference_number", "prescription.prescription_number", NUMBER, 12),
        Field("E1", "product_service_id_qualifier", fixed="03"),
        Field("D7", "product_service_id", "pharmacy_claim.ndc", DIGITS, 11),
        Field("E7", "quantity_dispensed", "pharmacy_claim.quantity_dispensed", QUANTITY, 10),
        Field("D3", "fill_number", "pharmacy_claim.fill_number", WHOLE, 2),
        Field("D5", "days_supply", "pharmacy_claim.days_supply", WHOLE, 3),
        Field("D6", "compound_code", fixed="1"),
        Field("D8", "dispense_as_written", "pharmacy_claim.daw_code", NUMBER, 1),
        Field("DE", "date_prescription_written", "prescription.written_date", DAY, 8),
        Field("DF", "number_of_refills_authorized", "prescription.refills_authorized", WHOLE, 2),
        Field("ET", "quantity_prescribed", "prescription.quantity_prescribed", QUANTITY, 10),
    ),
)
PRESCRIBER = Segment(
    "03",
    "prescriber",
    (
        Field("EZ", "prescriber_id_qualifier", fixed="01"),
        Field("DB", "prescriber_id", "provider.npi", NUMBER, 15),
        Field("DR", "prescriber_last_name", "provider.family_name", WORDS, 15),
        Field("2J", "prescriber_first_name", "provider.given_name", WORDS, 12),
        Field("PM", "prescriber_phone_number", "provider.phone", PHONE, 10),
    ),
)
PRICING = Segment(
    "11",
    "pricing",
    (
        Field("D9", "ingredient_cost_submitted", "pharmacy_claim.ingredient_cost", OVERPUNCH, 8),
        Field("DC", "dispensing_fee_submitted", "pharmacy_claim.dispensing_fee", OVERPUNCH, 8),
        Field("DQ", "usual_and_customary_charge", "pharmacy_claim.usual_and_customary_charge", OVERPUNCH, 8),
        Field("DU", "gross_amount_due", "pharmacy_claim.gross_amount_due", OVERPUNCH, 8),
        Field("DN", "basis_of_cost_determination", fixed="01"),
    ),
)
#: once for each alert: what the pharmacist did about it
REVIEW = Segment(
    "08",
    "dur_pps",
    (
        Field("7E", "dur_pps_code_counter", "dur_alert.number", WHOLE, 1),
        Field("E4", "reason_for_service_code", "dur_alert.reason_for_service_code", NUMBER, 2),
        Field("E5", "professional_service_code", "dur_alert.professional_service_code", NUMBER, 2),
        Field("E6", "result_of_service_code", "dur_alert.result_of_service_code", NUMBER, 2),
    ),
)
STATUS = Segment(
    "21",
    "response_status",
    (
        Field("AN", "transaction_response_status", "response.status", NUMBER, 1),
        Field("F3", "authorization_number", "pharmacy_claim.authorization_number", NUMBER, 20),
        Field("FA", "reject_count", "response.rejects", WHOLE, 2),
        Field("FB", "reject_code", "pharmacy_claim.reject_code", NUMBER, 3),
    ),
)
ANSWERED = Segment("22", "response_claim", CLAIM.fields[:2])
PAID = Segment(
    "23",
    "response_pricing",
    (
        Field("F5", "patient_pay_amount", "pharmacy_claim.patient_pay_amount", OVERPUNCH, 8),
        Field("F6", "ingredient_cost_paid", "pharmacy_claim.ingredient_cost", OVERPUNCH, 8),
        Field("F7", "dispensing_fee_paid", "pharmacy_claim.dispensing_fee", OVERPUNCH, 8),
        Field("F9", "total_amount_paid", "pharmacy_claim.plan_paid_amount", OVERPUNCH, 8),
    ),
)
#: once for each alert: what the processor warns of
WARNED = Segment(
    "24",
    "response_dur_pps",
    (
        Field("J6", "dur_pps_response_code_counter", "dur_alert.number", WHOLE, 1),
        Field("E4", "reason_for_service_code", "dur_alert.reason_for_service_code", NUMBER, 2),
        Field("FS", "clinical_significance_code", "dur_alert.clinical_significance_code", NUMBER, 1),
        Field("FY", "dur_free_text_message", "dur_alert.message", WORDS, 30),
    ),
)
REQUEST = (INSURANCE, PATIENT, CLAIM, PRESCRIBER, PRICING, REVIEW)
RESPONSE = (STATUS, ANSWERED, PAID, WARNED)
SEGMENTS = {segment.number: segment for segment in (*REQUEST, *RESPONSE)}


@dataclass(frozen=True)
class Part:
    """A part of a header, which has fixed widths."""

    name: str
    width: int


REQUEST_HEADER = (
    Part("bin", 6),
    Part("version", 2),
    Part("transaction_code", 2),
    Part("pcn", 10),
    Part("transaction_count", 1),
    Part("service_provider_id_qualifier", 2),
    Part("service_provider_id", 15),
    Part("date_of_service", 8),
    Part("software", 10),
)
RESPONSE_HEADER = (
    Part("version", 2),
    Part("transaction_code", 2),
    Part("transaction_count", 1),
    Part("header_response_status", 1),
    Part("service_provider_id_qualifier", 2),
    Part("service_provider_id", 15),
    Part("date_of_service", 8),
)
REQUEST_LENGTH = sum(part.width for part in REQUEST_HEADER)
RESPONSE_LENGTH = sum(part.width for part in RESPONSE_HEADER)
VERSION = "D0"
BILLING, REVERSAL = "B1", "B2"


def columns() -> list[str]:
    """The columns that are shown, each once, but for those of alerts and of answers."""
    shown = [field.column for segment in (*REQUEST, *RESPONSE) for field in segment.fields if field.column]
    return [name for name in dict.fromkeys(shown) if not name.startswith(("dur_alert.", "response."))]
