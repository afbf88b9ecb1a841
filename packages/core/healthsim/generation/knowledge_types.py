"""The words that files of clinical knowledge are made of: shares, rates, ages, curves, and whom something is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, Field(ge=0, le=400)]
Age = Annotated[float, Field(ge=0, le=120)]
Month = Annotated[int, Field(ge=1, le=12)]
Sex = Literal["F", "M"]
Setting = Literal["office", "specialist", "virtual", "wellness", "outpatient", "emergency", "inpatient", "home"]
#: {age: value}, linear between the ages that are named and level outside of them
Curve = Annotated[Mapping[Age, Annotated[float, Field(ge=0)]], Field(min_length=1)]
#: {code: weight}; weights are relative to each other
Weights = Annotated[Mapping[str, Annotated[float, Field(gt=0)]], Field(min_length=1)]


class Part(BaseModel):
    """The base of every part of a file: a key that is not known is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BySex(Part):
    """A value by age for each sex; a sex that is left out does not have it."""

    F: Curve | None = None
    M: Curve | None = None


class Who(Part):
    """Whom something is for; what is left out is no limit."""

    sex: Sex | None = None
    min_age: Age = 0
    max_age: Age = 120
