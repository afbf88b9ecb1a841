"""The screens, in the order of their addresses: what is more special comes first."""

from __future__ import annotations

from healthsim.web.screens import (
    cohort,
    compare,
    entity,
    exchange,
    generate,
    knowledge,
    library,
    metrics,
    people,
    person,
    places,
    scenario,
    shares,
    sql,
)
from healthsim.web.visits import Screen

#: every address; a form's is told from a page's by its method
SCREENS: tuple[Screen, ...] = (
    *library.SCREENS,
    *generate.SCREENS,
    *exchange.SCREENS,
    *shares.SCREENS,
    *compare.SCREENS,
    *cohort.SCREENS,
    *knowledge.SCREENS,
    *entity.SCREENS,
    *places.SCREENS,
    *sql.SCREENS,
    *metrics.SCREENS,
    *person.SCREENS,
    *people.SCREENS,
    *scenario.SCREENS,
)
