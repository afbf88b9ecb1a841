"""The resources, by area; ``RESOURCES`` is the list that exports and the page follow."""

from __future__ import annotations

from healthsim.exchange.fhir.resource import Resource
from healthsim.exchange.fhir.resources import claims, clinical, coverage, drugs, observations, orders, people

#: in the order of writing: what others refer to comes first
RESOURCES: tuple[Resource, ...] = (
    *people.RESOURCES,
    *clinical.RESOURCES,
    *orders.RESOURCES,
    *observations.RESOURCES,
    *drugs.RESOURCES,
    *coverage.RESOURCES,
    *claims.RESOURCES,
)
