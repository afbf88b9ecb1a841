"""The registry: every declared entity type, by name, in the order of the documentation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType

from healthsim.model import claims, clinical, core, coverage, findings, journeys, network, pharmacy, population, trials
from healthsim.model.entity import Entity, EntityType, snake_case


def _declared() -> dict[str, EntityType]:
    types: dict[str, EntityType] = {}
    for module in (core, clinical, findings, journeys, coverage, claims, pharmacy, trials, population, network):
        for value in vars(module).values():
            is_model = isinstance(value, type) and issubclass(value, Entity) and value.__module__ == module.__name__
            if is_model and value.family:
                entity_type = EntityType(value)
                types[entity_type.name] = entity_type
    return types


#: entity type name -> its declaration
ENTITY_TYPES: Mapping[str, EntityType] = MappingProxyType(_declared())

#: the types that are a human being in some role: one person has the same ssn in each of them
PERSON_ROLES: tuple[str, ...] = tuple(
    name
    for name, known in ENTITY_TYPES.items()
    if {"person_id", "birth_date", "gender", "ssn"} <= known.model.model_fields.keys()
)

#: family -> the product that makes its entities; who is who (``core``) comes with any of them
PRODUCTS: Mapping[str, str] = MappingProxyType(
    {
        "clinical": "patientsim",
        "claims": "membersim",
        "pharmacy": "rxmembersim",
        "trials": "trialsim",
        "population": "populationsim",
        "network": "networksim",
    }
)

#: spellings of collections in documents that are neither the singular nor the plural of a type
SYNONYMS: Mapping[str, str] = MappingProxyType(
    {
        "labs": "lab_result",
        "vitals": "vital_sign",
        "lines": "claim_line",
        "service_lines": "claim_line",
        "notes": "clinical_note",
        "vaccinations": "immunization",
        "subscriber": "member",
        "dependents": "member",
        "health_plan": "plan",
        "arms": "treatment_arm",
        "sdoh_indexes": "sdoh_index",
        "pharmacy_prior_auths": "prior_auth",
    }
)


@cache
@lru_cache(4_096)
def entity_type_named(key: str) -> EntityType | None:
    """The entity type that a key of a document names: ``patients``, ``patient``, ``labResults``, ``vitals``."""
    name = snake_case(key)
    return ENTITY_TYPES.get(SYNONYMS.get(name) or _BY_PLURAL.get(name, name))


_BY_PLURAL = {entity_type.plural: name for name, entity_type in ENTITY_TYPES.items()}
