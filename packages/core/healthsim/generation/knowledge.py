"""What a file of clinical knowledge says: one condition, who has it, and the care that it causes.

The engine knows no disease by name; everything that it needs about one stands in a YAML file of this form.
Shares are between 0 and 1, ages in years, rates in events per person and year unless a field says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from healthsim.generation.knowledge_types import Age, BySex, Month, Part, Rate, Setting, Share, Weights, Who
from healthsim.generation.laboratory import Lab


class Stage(Part):
    """A form of the condition: the share of its people that has it, and the ICD-10-CM codes that say so.

    ``needs``: only people who also have that condition are in this stage. ``from_years``: not before so many years
    since onset. ``severity`` (0 to 1) multiplies admissions and spending: 1 is the usual.
    """

    name: str
    share: Share
    codes: Weights
    needs: str | None = None
    from_years: float = 0
    severity: float = Field(default=1, ge=0, le=20)


class Drug(Part):
    """A drug product as dispensed: one NDC (11 digits), its RxNorm code, the usual quantity and its price.

    ``price`` is the ingredient cost in US dollars of one fill of ``quantity`` units for ``days_supply`` days.
    """

    name: str
    rxnorm: str
    ndc: str = Field(pattern=r"^\d{11}$")
    ingredient: str
    drug_class: str
    dose: str
    route: str = "oral"
    frequency: str
    quantity: float = Field(gt=0)
    days_supply: int = Field(ge=1, le=180)
    price: float = Field(ge=0)
    brand: bool = False
    prior_auth: bool = False


class Regimen(Part):
    """A treatment: the share of people with the condition on it (of those ``who``), one of ``drugs`` each.

    Regimens are independent of each other unless they share a ``line``: of one line a person gets at most one. ``earlier``
    are products that were used before some of ``drugs`` came on the market (``data/validity.yaml`` says which and when).
    ``duration_days`` makes a course; without it, the drug goes on from diagnosis. ``stages`` limits it to those stages.
    """

    name: str
    share: Share
    who: Who = Who()
    line: str | None = None
    stages: tuple[str, ...] = ()
    drugs: Annotated[tuple[Drug, ...], Field(min_length=1)]
    earlier: tuple[Drug, ...] = ()
    duration_days: int | None = Field(default=None, ge=1)


class Procedure(Part):
    """A procedure: how often, where, and what it costs.

    ``per_year`` for chronic conditions; for others ``share`` of episodes, pregnancies or check-ups. ``price``: allowed amount
    in US dollars under commercial insurance. ``facility``: a facility claim comes with it. ``specialty``: of who does it
    for a chronic condition, by default the primary care provider.
    """

    code: str
    system: Literal["CPT", "HCPCS", "ICD-10-PCS"] = "CPT"
    name: str
    setting: Setting = "outpatient"
    per_year: Rate = 0
    share: Share = 0
    who: Who = Who()
    stages: tuple[str, ...] = ()
    price: float = Field(ge=0)
    facility: bool = False
    specialty: str | None = None


class Visit(Part):
    """Visits that the condition causes per year, to whom, and what they are for."""

    setting: Setting
    per_year: Rate
    specialty: str = "Family Medicine"
    reason: str
    stages: tuple[str, ...] = ()


class Admission(Part):
    """Hospital stays: per person with the condition and year, or (acute) the share of episodes.

    ``length_of_stay`` is the mean in days, ``drgs`` MS-DRG -> weight, ``principal`` the principal diagnoses. ``died`` is the
    share of stays that end in death, ``died_drgs`` their MS-DRGs where these depend on it (infarctions: 283 to 285),
    ``price`` the allowed amount of the stay in US dollars, ``planned``: no emergency. ``specialty``: of who is in charge,
    by default a hospitalist.
    """

    per_year: Rate = 0
    share: Share = 0
    length_of_stay: float = Field(gt=0, le=120)
    drgs: Weights
    principal: Weights
    died: Share = 0.02
    died_drgs: Weights | None = None
    price: float = Field(ge=0)
    planned: bool = False
    specialty: str | None = None
    procedures: tuple[Procedure, ...] = ()


class Emergency(Part):
    """Visits to an emergency department that end at home, per person with the condition and year."""

    per_year: Rate
    principal: Weights


class Vaccine(Part):
    """One dose of a schedule: CVX code and the age at which it is due, or every how many years within ages.

    ``season``: first and last month in which it is given, of what is due every year; it may go over the end of the year.
    ``administration``: the CPT code of giving it, where it has one of its own.
    """

    cvx: str
    name: str
    cpt: str
    administration: str | None = None
    due_months: tuple[float, ...] = ()
    every_years: float | None = None
    season: tuple[Month, Month] | None = None
    who: Who = Who()
    share: Share
    price: float


class Screening(Part):
    """A preventive service for some people, and the share of them that keeps to it.

    It is due every so many years, or at ages in months; ``attended`` is the share of what is due at ages that takes place.
    """

    code: str
    system: Literal["CPT", "HCPCS"] = "CPT"
    name: str
    every_years: float | None = Field(default=None, gt=0)
    due_months: tuple[float, ...] = ()
    attended: Share = 1
    who: Who
    share: Share
    price: float
    diagnosis: str
    setting: Setting = "outpatient"


class Condition(Part):
    """One file: a condition (or a kind of care) and everything that follows from it."""

    condition: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str
    kind: Literal["chronic", "acute", "pregnancy", "preventive"]
    group: str
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    #: PLACES measure that scales it in a county; several conditions may share one
    measure: str | None = None
    #: chronic: a person has at most one of these
    excludes: tuple[str, ...] = ()
    #: chronic: what it has in common with others (latent factors): name -> loading; squares add up to less than 1
    factors: Mapping[str, Annotated[float, Field(ge=-0.95, le=0.95)]] = {}
    #: chronic: share of people of an age that have it
    prevalence: BySex | None = None
    #: acute: episodes per person and year by age
    incidence: BySex | None = None
    #: acute: a season or series of waves of ``data/seasons.yaml`` that the incidence follows; its mean is that of a year
    season: str | None = None
    #: acute: it happens to everyone, on the day of birth
    at_birth: bool = False
    #: at birth: the pregnancy that it comes of; a child has the stay that is in the place of its mother's among the admissions
    born_of: str | None = None
    #: pregnancy: codes of the outcome, besides the principal diagnosis of the delivery
    outcome: Weights | None = None
    #: acute: {condition: multiplier of the incidence for people who have it}
    risk: Mapping[str, Annotated[float, Field(ge=0)]] = {}
    #: chronic: earliest age of onset
    earliest_age: Age = 0
    #: the share of people (chronic) whose condition is under control when treated, and when not
    controlled_when_treated: Share = 0.65
    controlled_when_untreated: Share = 0.15
    #: mean share of days covered by those who fill their drugs
    adherence: Share = 0.8
    #: death rate of people with it, as a multiple of that of others of their age
    mortality: float = Field(default=1, ge=0.5, le=10)
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)] | None = None
    #: acute: where an episode is seen first: setting -> share
    seen: Mapping[Setting, Share] = {}
    visits: tuple[Visit, ...] = ()
    labs: tuple[Lab, ...] = ()
    regimens: tuple[Regimen, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    admissions: tuple[Admission, ...] = ()
    emergency: Emergency | None = None
    screenings: tuple[Screening, ...] = ()
    vaccines: tuple[Vaccine, ...] = ()
    #: chronic: those who have it smoke
    smoking: bool = False
    #: vital signs of people with it: systolic, diastolic, bmi, heart_rate, spo2 -> shift of the mean
    vitals: Mapping[Literal["systolic", "diastolic", "bmi", "heart_rate", "spo2"], float] = {}
