"""The population spec: what is to be generated. Every field has a default; its JSON Schema is published."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    field_serializer,
    field_validator,
    model_validator,
)

from healthsim.errors import InvalidInput, NotFound
from healthsim.generation.validity import validity
from healthsim.model.types import spelling
from healthsim.remedies import remedy

#: persons that have SSNs and identifiers of their own
LARGEST = 40_000_000
PRODUCTS = ("patient", "claims", "pharmacy", "trial")
Product = Literal["patient", "claims", "pharmacy", "trial"]
Payer = Literal["commercial", "medicare", "medicaid", "exchange", "uninsured"]
DEFAULT_PRODUCTS: tuple[Product, ...] = ("patient", "claims", "pharmacy")
AS_OF = dt.date(2025, 12, 31)
#: years of a history that says nothing of them, as far as there are so many
YEARS = 3
#: a history of one year is the shortest
_A_YEAR = dt.timedelta(days=364)

_DATE = TypeAdapter(dt.date)
#: years; nobody is older
OLDEST = 110


class AgeRange(BaseModel):
    """Completed years of age at the as-of date, both ends included."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    min: int = Field(default=0, ge=0, le=OLDEST)
    max: int = Field(default=OLDEST, ge=0, le=OLDEST)

    @model_validator(mode="after")
    def _ordered(self) -> AgeRange:
        if self.min > self.max:
            raise ValueError(f"the youngest age {self.min} is above the oldest age {self.max}")
        return self


def most_years(as_of: dt.date) -> int:
    """How many whole years of history there can be up to a day."""
    return int((as_of - validity().histories).days + 2) * 4 // 1461


def _or_a_list(schema: dict[str, Any]) -> None:
    weights = {"type": schema.pop("type"), "additionalProperties": schema.pop("additionalProperties")}
    schema["anyOf"] = [weights, {"type": "array", "items": {"type": "string"}}]


def _county(code: object) -> str:
    """A county as it was written; a code has back the zero that spreadsheets drop."""
    text = str(code).strip()
    return text.zfill(5) if text.isdigit() and len(text) == 4 else text


class PopulationSpec(BaseModel):
    """What is to be generated: how many people, of which places, over what time, with what."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: int = Field(default=1_000, ge=1, le=LARGEST, description="Number of persons.")
    seed: int = Field(default=1, ge=0, lt=2**63, description="The same seed gives the same people.")
    as_of: dt.date = Field(
        default=AS_OF,
        description=f"The last day of the history, up to {validity().covers}; ages are as of this day.",
    )
    years: int = Field(
        default=YEARS,
        ge=1,
        le=11,
        description=f"Years of history before the as-of date; none begins before {validity().histories}. Default: {YEARS}, or as"
        " many as there are since that day.",
    )
    counties: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = Field(
        default_factory=dict,
        description="County -> weight, by FIPS code (06073) or name (San Diego County, CA). Weights are relative. A list "
        "of counties, or 0 for all, means: by population.",
        json_schema_extra=_or_a_list,
    )
    states: tuple[str, ...] = Field(
        default=(),
        description="States (CA, California): all their counties, by population. Without states and counties: every "
        "county of the nation.",
    )
    ages: AgeRange = AgeRange()
    sex: Literal["F", "M"] | None = Field(default=None, description="Only persons of this sex.")
    payers: dict[Payer, Annotated[float, Field(ge=0)]] = Field(
        default_factory=dict, description="Payer -> weight. Default: by age, and by the county's share of uninsured."
    )
    products: tuple[Product, ...] = Field(default=DEFAULT_PRODUCTS, min_length=1, description="What is generated.")
    cohort: tuple[str, ...] = Field(default=(), description="Conditions that every person has; see: conditions list.")

    journeys: dict[str, Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None] = Field(
        default_factory=dict,
        description="Journey -> share of those who qualify that goes through it; null, or a list of journeys: the share that"
        " the journey says. See: journeys list.",
        json_schema_extra=_or_a_list,
    )

    @field_validator("journeys", mode="before")
    @classmethod
    def _listed_journeys(cls, value: Any) -> Any:
        """A list of journeys, or of journeys with their shares."""
        if not isinstance(value, (list, tuple)):
            return value
        listed: dict[Any, Any] = {}
        for entry in value:
            listed |= entry if isinstance(entry, dict) else {entry: None}
        return listed

    @field_validator("journeys")
    @classmethod
    def _spelled_journeys(cls, value: dict[str, float | None]) -> dict[str, float | None]:
        return {spelling(name): share for name, share in value.items()}

    @field_validator("counties", mode="before")
    @classmethod
    def _listed_counties(cls, value: Any) -> Any:
        """A list of codes means: by population, which weights of 0 stand for."""
        if isinstance(value, (list, tuple)):
            return {_county(code): 0.0 for code in value}
        return {_county(code): weight for code, weight in value.items()} if isinstance(value, dict) else value

    @field_validator("cohort")
    @classmethod
    def _spelled(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Conditions may be written as people read them: Heart failure is heart_failure."""
        return tuple(dict.fromkeys(spelling(name) for name in value))

    @field_validator("counties")
    @classmethod
    def _five_digits(cls, value: dict[str, float]) -> dict[str, float]:
        wrong = [code for code in value if not code or (code.isdigit() and len(code) != 5)]
        if wrong:
            raise ValueError(
                f"{', '.join(map(repr, wrong))}: a county is five digits, such as '06073', or a name, such as 'San Diego"
                " County, CA'"
            )
        without = [code for code, weight in value.items() if not weight]
        if len(without) not in (0, len(value)):
            raise ValueError(
                f"{', '.join(without)}: the weight is 0 and that of others is not; expected weights above 0, or 0 for all: by"
                " population"
            )
        return value

    @field_serializer("counties")
    def _as_given(self, value: dict[str, float]) -> dict[str, float] | list[str]:
        return list(value) if value and not any(value.values()) else value

    @field_validator("payers")
    @classmethod
    def _some_payer(cls, value: dict[str, float]) -> dict[str, float]:
        if value and not sum(value.values()):
            raise ValueError("all weights are 0; expected at least one payer with a weight above 0")
        return value

    @field_validator("products")
    @classmethod
    def _needed_products(cls, value: tuple[Product, ...]) -> tuple[Product, ...]:
        kept = dict.fromkeys(value)
        return tuple(product for product in PRODUCTS if product in kept)

    @model_validator(mode="after")
    def _weighted_or_of_states(self) -> PopulationSpec:
        if self.states and not self.by_population:
            raise ValueError(
                "counties have weights and there are states beside them, whose counties have none; expected one of the"
                " two, or a list of counties (by population)"
            )
        return self

    @model_validator(mode="before")
    @classmethod
    def _years_that_there_are(cls, fields: Any) -> Any:
        """Without a number of years, a history does not begin before there are any."""
        if isinstance(fields, dict) and "years" not in fields and "as_of" in fields:
            try:
                most = most_years(_DATE.validate_python(fields["as_of"]))
            except ValidationError:
                return fields
            return {**fields, "years": min(YEARS, most)} if most >= 1 else fields
        return fields

    @field_validator("as_of")
    @classmethod
    def _covered(cls, value: dt.date) -> dt.date:
        """The dates of codes and products are known for this day."""
        known = validity()
        if value > known.covers:
            raise ValueError(
                f"what codes, products and rules there are is known up to {known.covers} only; expected a day from"
                f" {known.histories + _A_YEAR} to then"
            )
        if value < known.histories + _A_YEAR:
            raise ValueError(
                f"histories begin on {known.histories} at the earliest, the first day of ICD-10-CM; expected a day from"
                f" {known.histories + _A_YEAR} to {known.covers}"
            )
        return value

    @model_validator(mode="after")
    def _not_before_the_first_history(self) -> PopulationSpec:
        most = most_years(self.as_of)
        if self.years > most:
            raise ValueError(
                f"{self.years} years up to {self.as_of} would begin before {validity().histories}, the first day of"
                f" ICD-10-CM (ICD-9-CM is not simulated); expected at most {most} years, or a later as_of"
            )
        return self

    @property
    def by_population(self) -> bool:
        """Whether counties count by their population, not by weights of the user; the weight of one alone says nothing."""
        return len(self.counties) <= 1 or not any(self.counties.values())

    def as_json(self) -> dict[str, Any]:
        """The spec as JSON, with every default written out."""
        written: dict[str, Any] = self.model_dump(mode="json")
        return written


def read_spec(fields: dict[str, Any], *, source: str = "the spec") -> PopulationSpec:
    """A spec from its JSON form.

    Raises:
        InvalidInput: one message with every fault of it: path, value, what was expected.
    """
    try:
        return PopulationSpec.model_validate(fields)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        # a list of which every part is wrong is not too short besides
        inside = {fault["loc"][0] for fault in problems if len(fault["loc"]) > 1}
        faults = [_fault(fault) for fault in problems if fault["type"] != "too_short" or fault["loc"][0] not in inside]
        raise InvalidInput(
            f"{source} cannot be used; nothing was generated.\n  "
            + "\n  ".join(faults)
            + f"\nSee what is possible with: {remedy('see the spec')}.",
            faults=faults,
        ) from None


#: what pydantic says in the words of Python -> what a reader of YAML and JSON is told
_EXPECTED = {
    "tuple_type": "expected a list, even of one: [...]",
    "dict_type": "expected an object, or a list of codes",
    "model_type": "expected an object such as {min: 65, max: 85}",
    "too_short": "expected at least one",
    "date_from_datetime_parsing": "expected a date such as 2025-12-31",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
}


def _fault(fault: Any) -> str:
    path = ".".join(str(part) for part in fault["loc"] if part != "[key]") or "spec"
    if fault["type"] == "extra_forbidden":
        fields = AgeRange.model_fields if fault["loc"][0] == "ages" else PopulationSpec.model_fields
        return f"{path}: there is no such field; expected some of {', '.join(fields)}"
    message = _EXPECTED.get(fault["type"], fault["msg"].removeprefix("Value error, "))
    value = fault.get("input")
    value = str(value) if isinstance(value, dt.date) else value
    shown = "" if isinstance(value, (dict, BaseModel)) else f" (given: {value!r})"
    return f"{path}: {message[:1].lower()}{message[1:]}{shown}"


class _Loader(yaml.SafeLoader):
    """YAML in which 06073 is the county that it looks like; by the book it is a number to the base of eight."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in resolvers if not (first == "0" and tag == "tag:yaml.org,2002:int")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^0$"), ["0"])


def read_spec_file(path: Path) -> dict[str, Any]:
    """The fields of a spec file, YAML or JSON; old profile documents are translated.

    Raises:
        NotFound, InvalidInput: there is no such file, or it is no spec.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFound(f"There is no spec file {path}. Check the path.", path=str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read as text ({error}). Expected a YAML or JSON file.") from None
    try:
        content = json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError) as error:
        raise InvalidInput(f"{path} is neither YAML nor JSON: {error}", path=str(path)) from None
    if not isinstance(content, dict):
        what = "is empty" if content is None else f"holds a {type(content).__name__}"
        raise InvalidInput(f"{path} {what}; expected an object with fields such as size, counties.")
    return content
