"""Network entity types: which providers and facilities a plan has contracts with."""

from __future__ import annotations

from typing import ClassVar

from healthsim.model.core import text_only
from healthsim.model.entity import Embed, Entity, column
from healthsim.model.types import Date, Flag, Text


class ContractColumns(Entity):
    """A place in a network, and since when."""

    network_id: Text = column(
        "The network.",
        aliases="network_code network.network_id",
        convert={"network": text_only},
        references="network",
        example="NET-001",
    )
    tier: Text = column("Tier within the network.", aliases="network_tier tier_level", example="1")
    effective_date: Date = column(
        "First day of the contract.",
        aliases="contract_start_date contract_effective_date start_date",
        example="2025-01-01",
    )
    termination_date: Date = column(
        "Last day of the contract; empty while it lasts.",
        aliases="contract_end_date contract_termination_date end_date",
        example="2025-12-31",
    )


class ProviderColumn(Entity):
    """The provider that a record is about."""

    provider_id: Text = column(
        "The provider.",
        aliases="provider_npi npi",
        convert={"provider": text_only},
        references="provider",
        example="PRV-001",
    )

    embeds: ClassVar[tuple[Embed, ...]] = (Embed("provider", ("provider",), sets="provider_id"),)


class Network(Entity):
    """A set of providers and facilities that a plan's members may use."""

    family: ClassVar[str] = "network"

    network_id: Text = column("Identifier of the network.", aliases="id network_code", example="NET-001")
    name: Text = column("Name of the network.", aliases="network_name", example="Lakeshore Open Access")
    network_type: Text = column("HMO, PPO, EPO, narrow, tiered.", aliases="type", example="PPO")
    plan_id: Text = column("The plan that uses it.", convert={"plan": text_only}, references="plan", example="PLN-001")

    embeds: ClassVar[tuple[Embed, ...]] = (
        Embed("network_provider", ("network_providers",)),
        Embed("network_facility", ("network_facilities",)),
        Embed("plan", ("plan",), sets="plan_id"),
    )


class NetworkProvider(ContractColumns, ProviderColumn):
    """A provider's place in a network."""

    family: ClassVar[str] = "network"

    network_provider_id: Text = column("Identifier of the contract.", aliases="id", example="NPR-001")
    accepting_new_patients: Flag = column(
        "Whether new patients are taken.", aliases="accepts_new_patients", example=True
    )


class NetworkFacility(ContractColumns):
    """A facility's place in a network."""

    family: ClassVar[str] = "network"

    network_facility_id: Text = column("Identifier of the contract.", aliases="id", example="NFA-001")
    facility_id: Text = column(
        "The facility.",
        aliases="facility_npi facility_ccn npi ccn",
        convert={"facility": text_only},
        references="facility",
        example="FAC-001",
    )

    embeds: ClassVar[tuple[Embed, ...]] = (Embed("facility", ("facility",), sets="facility_id"),)


class ProviderSpecialty(ProviderColumn):
    """A specialty that a provider has."""

    family: ClassVar[str] = "network"

    provider_specialty_id: Text = column("Identifier of the record.", aliases="id", example="PSP-001")
    specialty: Text = column(
        "The specialty in words.",
        aliases="specialty_name specialty_description classification description",
        example="Family Medicine",
    )
    taxonomy_code: Text = column(
        "The specialty.", aliases="taxonomy specialty_code code", system="NUCC", example="207Q00000X"
    )
    is_primary: Flag = column(
        "Whether it is the provider's chief specialty.",
        aliases="primary is_primary_specialty primary_flag",
        example=True,
    )
    board_certified: Flag = column(
        "Whether a board has certified it.", aliases="is_board_certified board_certification", example=True
    )
