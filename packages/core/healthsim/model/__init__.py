"""The canonical model: one declaration per entity type, and what is derived from it."""

from healthsim.model.entity import Column, Entity, EntityType
from healthsim.model.registry import ENTITY_TYPES, PERSON_ROLES, PRODUCTS, entity_type_named

__all__ = ["ENTITY_TYPES", "PERSON_ROLES", "PRODUCTS", "Column", "Entity", "EntityType", "entity_type_named"]
