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
    ValidationError,
    field_serializer,
    field_validator,
    model_validator,
)

from healthsim.errors import InvalidInput, NotFound
from healthsim.remedies import remedy

#: persons that have SSNs and identifiers of their own
LARGEST = 40_000_000
PRODUCTS = ("patient", "claims", "pharmacy", "trial")
Product = Literal["patient", "claims", "pharmacy", "trial"]
Payer = Literal["commercial", "medicare", "medicaid", "exchange", "uninsured"]
DEFAULT_PRODUCTS: tuple[Product, ...] = ("patient", "claims", "pharmacy")
AS_OF = dt.date(2025, 12, 31)

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
        # days are counted from 1970, when the longest history may begin at the earliest
        ge=dt.date(1980, 12, 31),
        le=dt.date(2199, 12, 31),
        description="The last day of the history; ages are as of this day.",
    )
    years: int = Field(default=3, ge=1, le=10, description="Years of history before the as-of date.")
    counties: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = Field(
        default_factory=dict,
        description="County -> weight, by FIPS code (06073) or name (San Diego County, CA). Weights are relative. A list "
        "of counties, or 0 for all, means: by population.",
        json_schema_extra=_or_a_list,
    )
    states: tuple[str, ...] = Field(
        default=(),
        description="States (CA, California): their counties with figures, by population. Without states and "
        "counties: every county with figures.",
    )
    ages: AgeRange = AgeRange()
    sex: Literal["F", "M"] | None = Field(default=None, description="Only persons of this sex.")
    payers: dict[Payer, Annotated[float, Field(ge=0)]] = Field(
        default_factory=dict, description="Payer -> weight. Default: by age, and by the county's share of uninsured."
    )
    products: tuple[Product, ...] = Field(default=DEFAULT_PRODUCTS, min_length=1, description="What is generated.")
    cohort: tuple[str, ...] = Field(default=(), description="Conditions that every person has; see: conditions list.")

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
        return tuple(dict.fromkeys(re.sub(r"[\s-]+", "_", name.strip().lower()) for name in value))

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

    @property
    def by_population(self) -> bool:
        """Whether counties count by their population, not by weights of the user; the weight of one alone says nothing."""
        return len(self.counties) <= 1 or not any(self.counties.values())

    def as_json(self) -> dict[str, Any]:
        """The spec as JSON, with every default written out."""
        written: dict[str, Any] = self.model_dump(mode="json")
        return written


def read_spec(given: dict[str, Any], *, source: str = "the spec") -> PopulationSpec:
    """A spec from its JSON form.

    Raises:
        InvalidInput: one message with every fault of it: path, value, what was expected.
    """
    try:
        return PopulationSpec.model_validate(given)
    except ValidationError as error:
        found = error.errors(include_url=False)
        # a list of which every part is wrong is not too short besides
        inside = {fault["loc"][0] for fault in found if len(fault["loc"]) > 1}
        faults = [_fault(fault) for fault in found if fault["type"] != "too_short" or fault["loc"][0] not in inside]
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
