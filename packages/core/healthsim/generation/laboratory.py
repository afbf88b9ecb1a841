"""Laboratory tests: how often people have them, what comes out, and which are reported together."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any

from pydantic import Field, model_validator

from healthsim.generation.knowledge_types import Age, Part, Rate, Setting, Share, Who
from healthsim.generation.packaged import figures


class Values(Part):
    """A normal distribution of results, cut off at ``low`` and ``high``."""

    mean: float
    sd: float = Field(gt=0)
    low: float
    high: float


class Undiagnosed(Part):
    """People of ``min_age`` and older who have a condition, and in whom it was never found: their share of those without it."""

    share: Share
    min_age: Age = 0
    values: Values


class Test(Part):
    """What a laboratory measures: one LOINC code, a unit, the reference interval, and what people in general have.

    ``calculated``: LOINC -> factor of other tests of the same specimen; their sum is added to a value of ``normal``.
    """

    loinc: str
    name: str
    unit: str
    reference_low: float | None = None
    reference_high: float | None = None
    decimals: int = Field(default=1, ge=0, le=3)
    normal: Values
    calculated: Mapping[str, float] = {}


class Lab(Test):
    """A laboratory test of people with a condition: how often they have it, and what comes out.

    ``normal`` is what people in general have (the same for every file that names the test; the panels, then the first file
    win). ``uncontrolled`` and ``controlled`` say what people with the condition have; without them, ``normal``.
    ``stages`` gives the values of named stages instead. ``undiagnosed`` says who else has results of the condition; the same
    people in every test of it. ``cpt`` is what is ordered and billed: where it is that of a panel with this test, all tests
    of the panel are reported. A test of ``per_year`` 0 is not ordered for the condition, but comes out as it says when it
    is part of a panel. What a panel says of a test (name, unit, interval, ``normal``) need not be said again.
    """

    cpt: str
    per_year: Rate
    uncontrolled: Values | None = None
    controlled: Values | None = None
    stages: Mapping[str, Values] = {}
    undiagnosed: Undiagnosed | None = None

    @model_validator(mode="before")
    @classmethod
    def _as_reported(cls, value: Any) -> Any:
        loinc = value.get("loinc") if isinstance(value, Mapping) else None
        test = reported().get(loinc) if isinstance(loinc, str) else None
        return value if test is None else test.model_dump(exclude_unset=True, exclude={"calculated"}) | dict(value)


class Routine(Part):
    """Contacts at which something is ordered whatever they are for: the setting, whose, and the share of them."""

    setting: Setting
    who: Who = Who()
    share: Share


class Panel(Part):
    """Tests that are ordered, billed and reported together; ``routine`` says where also without a condition that asks for it."""

    cpt: str
    loinc: str
    name: str
    routine: tuple[Routine, ...] = ()
    tests: Annotated[tuple[Test, ...], Field(min_length=1)]


@cache
def panels() -> tuple[Panel, ...]:
    """The panels of ``data/panels.yaml``; a test belongs to one of them at most."""
    return tuple(Panel.model_validate(panel) for panel in figures("panels.yaml")["panels"])


@cache
def reported() -> dict[str, Test]:
    """LOINC code -> test, of all panels."""
    return {test.loinc: test for panel in panels() for test in panel.tests}
