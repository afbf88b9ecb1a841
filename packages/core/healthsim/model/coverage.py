"""Coverage entity types: plans, their members, and what counts towards deductibles and maximums."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from healthsim.model.clinical import PatientColumn
from healthsim.model.core import DemographicColumns, SsnColumn, text_only
from healthsim.model.entity import Embed, Entity, column
from healthsim.model.types import Date, Integer, Money, Number, Text, Word, spelled

DecisionStatus = Annotated[
    Text, spelled({"approved": "", "denied": "", "pending": "pended", "cancelled": "canceled", "expired": ""})
]


Relationship = Annotated[
    Text,
    spelled(
        {
            "18": "self subscriber",
            "01": "spouse husband wife",
            "19": "child son daughter",
            "53": "domestic_partner life_partner",
            "G8": "other",
        }
    ),
]


AccumulatorType = Annotated[
    Text,
    spelled(
        {"deductible": "", "oop_max": "oop moop oop_maximum out_of_pocket out_of_pocket_max out_of_pocket_maximum"}
    ),
]


MetalLevel = Annotated[Text, spelled({"bronze": "", "silver": "", "gold": "", "platinum": "", "catastrophic": ""})]


AccumulatorLevel = Annotated[Text, spelled({"individual": "ind", "family": "fam"})]


def percent(value: Any) -> Any:
    """A share in percent, from ``20``, ``"20%"`` or the fraction ``0.2`` (1 and less are fractions)."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        share = float(value.strip().removesuffix("%") if isinstance(value, str) else value)
    except ValueError:
        return value
    is_fraction = share <= 1 and not (isinstance(value, str) and "%" in value)
    return round(share * 100, 4) if is_fraction else share


def individual_level(value: Any) -> str:
    """The level of an accumulator whose amounts are named after it (``individual_limit``)."""
    return "individual"


class PersonInRole(DemographicColumns, SsnColumn):
    """A human being in a role that a product gives them, and the person that they are."""

    person_id: Text = column("The person.", references="person", example="PER-001")


class MemberColumn(Entity):
    """The member that a record is about."""

    member_id: Text = column(
        "The member.",
        aliases="member_number member.member_id",
        convert={"member": text_only},
        references="member",
        example="MBR-001",
    )


class PlanCodeColumn(Entity):
    """The code by which documents name a plan."""

    plan_code: Text = column(
        "Code of the plan, as its payer uses it.", aliases="benefit_plan_code rx_plan_code", example="PPO-GOLD"
    )


class PayerColumn(Entity):
    """Who bears the cost."""

    payer_name: Text = column(
        "Name of the payer.",
        aliases="payer.payer_name payer.name insurer carrier insurance_company",
        convert={"payer": text_only},
        example="Lakeshore Health",
    )


class FormularyColumn(Entity):
    """The list of covered drugs."""

    formulary_id: Text = column("The formulary that applies.", aliases="formulary_code", example="FORM-2025-A")


class DecisionColumns(Entity):
    """A request for permission, and what was decided."""

    status: DecisionStatus = column(
        "approved, denied, pending, cancelled, expired.",
        aliases="authorization_status auth_status pa_status decision",
        example="approved",
    )
    request_date: Date = column(
        "When it was asked for.",
        aliases="requested_date date_requested submitted_date submission_date received_date",
        example="2025-02-03",
    )
    decision_date: Date = column(
        "When it was decided.",
        aliases="determination_date decided_date review_date approval_date",
        example="2025-02-05",
    )
    effective_date: Date = column(
        "First day on which it holds.", aliases="start_date valid_from approved_from effective_from"
    )
    expiration_date: Date = column(
        "Last day on which it holds.",
        aliases="end_date valid_to valid_through approved_to expiry_date expiration termination_date",
    )
    denial_reason: Text = column(
        "Why it was denied.", aliases="denial_reason_code denial_code denial_reason_description"
    )


class Plan(PlanCodeColumn, PayerColumn, FormularyColumn):
    """A benefit plan: what a payer covers, and what the member pays towards it."""

    family: ClassVar[str] = "claims"
    natural_keys: ClassVar[tuple[str, ...]] = ("plan_code",)
    #: keys under which documents group what the member pays
    transparent: ClassVar[tuple[str, ...]] = ("benefits", "cost_sharing", "in_network")

    plan_id: Text = column("Identifier of the plan.", aliases="health_plan_id id", example="PLN-001")
    payer_id: Word = column(
        "Number of the payer in electronic claims.",
        aliases="payer_identifier electronic_payer_id payer.payer_id payer.id",
        system="X12 NM109 PI",
        example="87726",
    )
    payer_phone: Word = column(
        "Telephone number of the payer.", aliases="payer.phone payer.contact.phone", example="608-555-0150"
    )
    payer_address_line1: Word = column(
        "Street and number of the payer.",
        aliases="payer.address.street_address payer.address.line1 payer.address_line1",
    )
    payer_city: Word = column("City of the payer.", aliases="payer.address.city payer.city")
    payer_state: Word = column(
        "State of the payer, two letters.", aliases="payer.address.state payer.state", system="USPS", example="WI"
    )
    payer_postal_code: Word = column(
        "ZIP code of the payer.",
        aliases="payer.address.postal_code payer.address.zip payer.postal_code",
        example="53703",
    )
    plan_name: Text = column("Name of the plan.", aliases="name health_plan_name", example="Lakeshore Gold PPO")
    plan_type: Text = column("HMO, PPO, EPO, POS, HDHP, indemnity.", aliases="type product_type", example="PPO")
    line_of_business: Text = column(
        "commercial, medicare, medicaid, exchange.", aliases="lob market market_segment", example="commercial"
    )
    metal_level: MetalLevel = column(
        "bronze, silver, gold, platinum, catastrophic (plans of the exchanges).",
        aliases="metal_tier metal",
        example="gold",
    )
    deductible_individual: Money = column(
        "What one member pays in a plan year before the plan pays.",
        aliases="individual_deductible deductible.individual deductible",
        unit="USD",
        example="500.00",
    )
    deductible_family: Money = column(
        "What a family pays in a plan year before the plan pays.",
        aliases="family_deductible deductible.family",
        unit="USD",
        example="1500.00",
    )
    oop_max_individual: Money = column(
        "The most that one member pays in a plan year.",
        aliases="individual_oop_max oop_max.individual out_of_pocket_max.individual oop_individual"
        " individual_out_of_pocket_max oop_max out_of_pocket_max",
        unit="USD",
        example="4000.00",
    )
    oop_max_family: Money = column(
        "The most that a family pays in a plan year.",
        aliases="family_oop_max oop_max.family out_of_pocket_max.family oop_family family_out_of_pocket_max",
        unit="USD",
        example="8000.00",
    )
    copay_pcp: Money = column(
        "Copay of a visit to primary care.",
        aliases="pcp_copay primary_care_copay copays.pcp copays.primary_care copays.pcp_visit office_visit_copay",
        unit="USD",
        example="20.00",
    )
    copay_specialist: Money = column(
        "Copay of a visit to a specialist.",
        aliases="specialist_copay copays.specialist copays.specialist_visit",
        unit="USD",
        example="40.00",
    )
    copay_er: Money = column(
        "Copay of a visit to an emergency room.",
        aliases="er_copay ed_copay emergency_room_copay emergency_copay copays.er copays.ed copays.emergency_room"
        " copays.emergency",
        unit="USD",
        example="250.00",
    )
    coinsurance_pct: Number = column(
        "The member's share of the allowed amount after the deductible, in network.",
        aliases="coinsurance_percent coinsurance_percentage",
        convert={
            "coinsurance_in_network": percent,
            "coinsurance.in_network": percent,
            "coinsurance_rate": percent,
            "coinsurance": percent,
        },
        unit="%",
        example=20.0,
    )


class Member(PersonInRole, PatientColumn, PlanCodeColumn, PayerColumn):
    """A person with coverage: one row per span of coverage."""

    family: ClassVar[str] = "claims"
    natural_keys: ClassVar[tuple[str, ...]] = ("member_number",)

    member_id: Text = column("Identifier of the member.", aliases="id", example="MBR-001")
    member_number: Text = column(
        "Number on the member's card; one member with several spans of coverage keeps it.",
        aliases="member_id",
        example="MEM000001",
    )
    subscriber_id: Text = column(
        "Number of the subscriber through whom the member is covered.",
        aliases="subscriber_number subscriber_member_id subscriber.member_id",
        convert={"subscriber": text_only},
        example="MEM000001",
    )
    relationship_code: Relationship = column(
        "Relationship to the subscriber: 18 self, 01 spouse, 19 child, 53 partner, G8 other.",
        aliases="relationship_to_subscriber relationship subscriber_relationship",
        system="X12 1069",
        example="18",
    )
    group_id: Text = column("Employer or other group.", aliases="group_number employer_group_id", example="GRP001")
    plan_id: Text = column(
        "The plan.",
        aliases="health_plan_id",
        convert={"plan": text_only, "health_plan": text_only},
        references="plan",
        example="PLN-001",
    )
    coverage_start: Date = column(
        "First day of the coverage.",
        aliases="coverage_effective_date effective_date coverage_start_date coverage.start_date"
        " coverage.effective_date enrollment_date coverage_begin_date",
        example="2025-01-01",
    )
    coverage_end: Date = column(
        "Last day of the coverage; empty while it lasts.",
        aliases="coverage_termination_date termination_date coverage_end_date coverage.end_date"
        " coverage.termination_date disenrollment_date term_date",
        example="2025-12-31",
    )
    coverage_status: Text = column(
        "active, terminated, pending, COBRA.",
        aliases="coverage.status member_status eligibility_status enrollment_status status",
        example="active",
    )
    coverage_order: Integer = column(
        "In which order the payers of a person pay, where there are several at a time: 1 first, 2 of what the first leaves.",
        aliases="payer_order cob_order cob_sequence coordination_of_benefits_order payer_sequence coverage.order",
        example=1,
    )
    termination_recorded: Date = column(
        "When the end of the coverage was recorded; after the end where it was ended backwards.",
        aliases="termination_recorded_date term_processed_date termination_notice_date retro_termination_date",
        example="2026-01-05",
    )
    pcp_provider_id: Text = column(
        "The provider who coordinates the member's care.",
        aliases="pcp_npi pcp_id primary_care_provider_id primary_care_provider_npi",
        convert={"primary_care_provider": text_only, "pcp": text_only},
        references="provider",
        example="PRV-001",
    )

    embeds: ClassVar[tuple[Embed, ...]] = (
        Embed("provider", ("primary_care_provider", "pcp"), sets="pcp_provider_id"),
        Embed("plan", ("plan", "health_plan"), sets="plan_id"),
        Embed("claim", ("claims",)),
        Embed("authorization", ("authorizations", "prior_authorizations")),
    )


class Accumulator(MemberColumn):
    """How much of a yearly limit has been used."""

    family: ClassVar[str] = "claims"

    accumulator_id: Text = column("Identifier of the accumulator.", aliases="id", example="ACC-001")
    plan_year: Integer = column("The plan year.", aliases="benefit_year year", example=2025)
    accumulator_type: AccumulatorType = column("deductible or oop_max.", aliases="type", example="deductible")
    level: AccumulatorLevel = column(
        "individual or family.",
        aliases="accumulator_level coverage_level scope",
        convert={"individual_applied": individual_level, "individual_limit": individual_level},
        example="individual",
    )
    limit_amount: Money = column(
        "The limit.",
        aliases="limit individual_limit annual_limit maximum max_amount total_amount",
        unit="USD",
        example="500.00",
    )
    applied_amount: Money = column(
        "How much of it has been used.",
        aliases="applied met individual_applied amount_applied amount_met met_amount used used_amount current_amount"
        " accumulated_amount",
        unit="USD",
        example="125.50",
    )
    as_of_date: Date = column("Up to which day.", aliases="as_of last_updated updated_at", example="2025-03-31")
