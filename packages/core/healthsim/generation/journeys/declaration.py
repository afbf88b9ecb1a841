"""What the file of a journey says: who goes through it, from when on, and its steps.

Shares are between 0 and 1, times in days. A step is placed by one of ``day``, ``with``, ``after`` and ``from``, and is of one
kind. There are no free texts that would have to be understood, and no expressions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from healthsim.generation.knowledge_types import Part, Share, Who
from healthsim.generation.spec import Payer

Days = Annotated[int, Field(ge=0, le=4_000)]
#: what a branch is called that leads nowhere
NOTHING = "nothing"
#: times that a step comes again at most
MOST_TIMES = 120


class Starts(Part):
    """When a journey begins, by one of these; each person goes through it once, and only from a day within the history on.

    ``onset``: the day of onset of a chronic condition. ``admission``, ``emergency``, ``delivery``: the last day of the person's
    first stay, visit to an emergency department, or stay of delivery for that condition. ``enrolment``: the first day of coverage
    that does not begin with the history. ``age``: the birthday.
    """

    onset: str | None = None
    admission: str | None = None
    emergency: str | None = None
    delivery: str | None = None
    enrolment: Literal["medical"] | None = None
    age: Annotated[int, Field(ge=0, le=110)] | None = None

    @property
    def text(self) -> str:
        """What it says, in a line."""
        return " ".join(f"{key} {value}" for key, value in self.model_dump(exclude_none=True).items())


class Wait(Part):
    """Days between a step and the one before, by one of these; drawn for each person and time, rounded, and never below 0.

    ``fixed`` days; ``uniform`` [least, most]; ``normal`` [mean, standard deviation]; ``lognormal`` [median, sigma of the
    logarithm]; ``exponential`` mean.
    """

    fixed: Days | None = None
    uniform: tuple[Days, Days] | None = None
    normal: tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]] | None = None
    lognormal: tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(ge=0, le=3)]] | None = None
    exponential: Annotated[float, Field(gt=0)] | None = None


class When(Who):
    """What must be so on the day of the step, all of it; what is left out is no limit.

    ``condition``, ``without``: a chronic condition that the person has, or has not, on that day. ``stages``, ``controlled``: of the
    condition of the journey; ``controlled`` says whether treatment brings it under control, which results of tests follow.
    ``payers``: who covers the person on that day. ``step``: another step that has happened by then; with ``happened: false``,
    that has not. Results of tests are not known when steps are planned.
    """

    condition: str | None = None
    without: str | None = None
    stages: tuple[str, ...] = ()
    controlled: bool | None = None
    payers: tuple[Payer, ...] = ()
    step: str | None = None
    happened: bool = True


class Repeat(Part):
    """A step that comes again ``every`` so many days: ``times`` in all, or ``until`` so many days after the journey began.

    ``spread``: each time but the first is so many days earlier or later at most.
    """

    every: Annotated[int, Field(ge=1, le=1_000)]
    times: Annotated[int, Field(ge=2, le=MOST_TIMES)] | None = None
    until: Days | None = None
    spread: Days = 0


class Encounter(Part):
    """A contact: where, what for, with whom (by default the primary care provider), under which diagnosis.

    ``diagnosis``: an ICD-10-CM code; by default that of the person's form of the journey's condition.
    """

    setting: Literal["office", "specialist", "virtual", "home"]
    reason: str
    specialty: str | None = None
    diagnosis: str | None = None


class Admission(Part):
    """A hospital stay for a condition, as its file says: ``procedure`` names which, where there are several kinds."""

    of: str
    procedure: str | None = None


def _text(key: str) -> BeforeValidator:
    """A text alone stands for the object that has it under a key."""
    return BeforeValidator(lambda value: {key: value} if isinstance(value, str) else value)


def _days(value: Any) -> Any:
    return {"fixed": value} if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _several(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class Step(Part):
    """One step.

    Placed by ``day`` (days after the journey began), ``with`` (at the contact of another step), ``after`` (another step) or
    ``from`` (a choice that has led here); ``wait`` is added, ``repeat`` makes it several times. A step follows each time of the
    step that it names. It is skipped where that one is skipped, by ``chance``, and where ``when`` is not so.

    One kind: ``encounter``; ``emergency`` (a condition); ``admission`` (a condition); ``procedure`` (a code, or several of which
    the first that is for the person's age and sex is done: a contact of its own); ``lab`` (a LOINC code, or panel/CPT code) and
    ``regimen`` (of the journey's condition), at the contact of the step that they are ``with``, or of the choice that led here;
    ``one_of`` (step or nothing -> share): a choice.
    """

    day: Days | None = None
    with_: str | None = Field(default=None, alias="with")
    after: str | None = None
    from_: str | None = Field(default=None, alias="from")
    wait: Annotated[Wait, BeforeValidator(_days)] | None = None
    chance: Share = 1
    when: When | None = None
    repeat: Repeat | None = None
    encounter: Encounter | None = None
    emergency: str | None = None
    admission: Annotated[Admission, _text("of")] | None = None
    procedure: Annotated[tuple[str, ...], Field(min_length=1), BeforeValidator(_several)] | None = None
    lab: str | None = None
    regimen: str | None = None
    one_of: Annotated[Mapping[str, Share], Field(min_length=2)] | None = None

    @property
    def kind(self) -> str:
        """What the step is; the first of the kinds that are there, of which there is one."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def predecessor(self) -> str | None:
        """The step that it follows."""
        return self.with_ or self.after or self.from_

    @property
    def relation(self) -> str | None:
        """How it follows that one: ``with``, ``after`` or ``from``."""
        return next((name for name in ("with", "after", "from") if getattr(self, FIELDS.get(name, name))), None)


#: keys that Python keeps for itself -> the fields that they are
FIELDS = {"with": "with_", "from": "from_"}
PLACES = ("day", "with", "after", "from")
KINDS = ("encounter", "emergency", "admission", "procedure", "lab", "regimen", "one_of")
#: kinds that are contacts of their own, and those that happen at the contact of another step
CONTACTS, AT_CONTACTS = ("encounter", "emergency", "admission", "procedure"), ("lab", "regimen")


class Expected(Part):
    """A target of the journey: the share of its people for whom a step happened at least once; reported, never forced.

    ``of``: only people for whom that step happened.
    """

    step: str
    of: str | None = None
    at_least: Share | None = None
    at_most: Share | None = None

    @model_validator(mode="after")
    def _bounded(self) -> Expected:
        if self.at_least is None and self.at_most is None:
            raise ValueError("expected at_least or at_most")
        return self


class Journey(Part):
    """One file: a journey.

    ``share``: of those who qualify. ``lasts``: no step is later than so many days after the beginning. ``instead_of``: what of the
    condition's own care is left out within that time, so that no care comes twice. ``who``: age is that on the day of the beginning.
    """

    journey: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    starts: Starts
    who: Who = Who()
    share: Share = 1
    lasts: Annotated[int, Field(ge=1, le=4_000)]
    instead_of: tuple[Literal["visits", "procedures", "labs", "regimens"], ...] = ()
    steps: Annotated[Mapping[str, Step], Field(min_length=1)]
    expect: Mapping[str, Expected] = {}

    @property
    def condition(self) -> str | None:
        """The condition that it is for: the one that it begins with."""
        return self.starts.onset or self.starts.admission or self.starts.emergency or self.starts.delivery
