"""Profile documents of the old implementation (profile-spec-v1) as population specs: what can be said, and what cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from healthsim.errors import InvalidInput
from healthsim.generation.knowledge import Condition
from healthsim.generation.knowledge_files import load_knowledge, own_folder
from healthsim.remedies import remedy

_PRODUCTS = {"patientsim": "patient", "membersim": "claims", "rxmembersim": "pharmacy", "trialsim": "trial"}
_PAYERS = {
    "Medicare": "medicare",
    "Medicare Advantage": "medicare",
    "Medicaid": "medicaid",
    "Commercial": "commercial",
    "Exchange": "exchange",
    "Uninsured": "uninsured",
}
_SEXES = {"F": "F", "FEMALE": "F", "M": "M", "MALE": "M"}


class _Part(BaseModel):
    """The form of a part of a profile, as far as it is looked at."""

    model_config = ConfigDict(extra="allow")


class _Generation(_Part):
    count: int = Field(ge=1)
    products: list[str] = Field(min_length=1)


class _Distribution(_Part):
    type: str
    min: float | None = None
    max: float | None = None
    weights: dict[str, float] | None = None


class _Geography(_Part):
    type: str | None = None
    values: list[Any] | None = None


class _Demographics(_Part):
    age: _Distribution | None = None
    gender: _Distribution | None = None
    geography: _Geography | None = None


class _Condition(_Part):
    code: str
    prevalence: float | None = Field(default=None, ge=0, le=1)


class _Clinical(_Part):
    primary_condition: _Condition | None = None
    comorbidities: list[_Condition] | None = None


class _Coverage(_Part):
    type: str | None = None


class _Profile(_Part):
    id: str | None = None
    name: str | None = None
    generation: _Generation
    demographics: _Demographics | None = None
    clinical: _Clinical | None = None
    coverage: _Coverage | None = None


def _fault(fault: Any) -> str:
    path = ".".join(str(part) for part in ("profile", *fault["loc"]))
    shown = "" if isinstance(fault["input"], dict) else f" (given: {fault['input']!r})"
    message = {"model_type": "expected an object", "list_type": "expected a list"}.get(fault["type"], fault["msg"])
    return f"{path}: {message[:1].lower()}{message[1:]}{shown}"


def is_profile(document: dict[str, Any]) -> bool:
    """Whether a document is such a profile."""
    return isinstance(document.get("profile"), dict)


def spec_of_profile(
    document: dict[str, Any], conditions: Path | None = None
) -> tuple[dict[str, Any], str | None, list[str]]:
    """(fields of a spec, name, what could not be expressed, a line each).

    Args:
        conditions: a folder of the user's own knowledge, whose conditions a profile may name by their codes as well.

    Raises:
        InvalidInput: the document is no such profile; every fault of it in one message.
    """
    profile = document["profile"]
    try:
        _Profile.model_validate(profile)
    except ValidationError as error:
        faults = [_fault(fault) for fault in error.errors(include_url=False)]
        raise InvalidInput(
            "The profile cannot be used; nothing was generated.\n  "
            + "\n  ".join(faults)
            + '\nExpected at least {"profile": {"generation": {"count": 100, "products": ["patientsim"]}}}.',
            faults=faults,
        ) from None
    generation = profile["generation"]
    left_out: list[str] = []
    products = [name for name in generation["products"] if name in _PRODUCTS]
    left_out += [
        f"generation.products: {name!r} is none of {', '.join(_PRODUCTS)}"
        for name in generation["products"]
        if name not in _PRODUCTS
    ]
    fields: dict[str, Any] = {"size": generation["count"], "products": [_PRODUCTS[name] for name in products]}
    demographics = profile.get("demographics") or {}
    _ages(demographics.get("age"), fields, left_out)
    _sex(demographics.get("gender"), fields, left_out)
    _geography(demographics.get("geography"), fields, left_out)
    _clinical(profile.get("clinical") or {}, fields, left_out, conditions)
    _coverage(profile.get("coverage") or {}, fields, left_out)
    for part in ("medications", "utilization"):
        if profile.get(part):
            left_out.append(
                f"{part}: follows from the conditions ({remedy('show a condition', name='NAME')}), and is not set in a spec"
            )
    if profile.get("journey"):
        left_out.append(f"journey: is in a form of its own; a spec names journeys ({remedy('list journeys')})")
    return fields, profile.get("id") or profile.get("name"), left_out


def _ages(age: Any, fields: dict[str, Any], left_out: list[str]) -> None:
    if not isinstance(age, dict):
        return
    kind = age.get("type")
    if kind == "fixed" and isinstance(age.get("value"), int):
        fields["ages"] = {"min": age["value"], "max": age["value"]}
    elif kind in ("uniform", "normal", "log_normal") and ("min" in age or "max" in age):
        fields["ages"] = {"min": int(age.get("min", 0)), "max": min(int(age.get("max", 110)), 110)}
        left_out.append(
            f"demographics.age: the shape ({kind}); ages follow the county's own pyramid between the limits"
        )
    elif kind is not None:
        left_out.append(f"demographics.age: a distribution of type {kind!r}; ages follow the county's own pyramid")


def _sex(gender: Any, fields: dict[str, Any], left_out: list[str]) -> None:
    if not isinstance(gender, dict):
        return
    shares: dict[str, float] = {}
    if gender.get("type") == "fixed":
        shares = {str(gender.get("value")): 1.0}
    elif gender.get("type") == "categorical":
        shares = {str(name): share for name, share in (gender.get("weights") or {}).items() if share}
    if len(shares) == 1 and (only := _SEXES.get(next(iter(shares)).upper())):
        fields["sex"] = only
    else:
        left_out.append("demographics.gender: shares of the sexes; they follow the county's own pyramid")


def _geography(geography: Any, fields: dict[str, Any], left_out: list[str]) -> None:
    if not isinstance(geography, dict):
        return
    kind, values = geography.get("type"), [str(value) for value in geography.get("values") or []]
    if kind == "county" and values:
        fields["counties"] = values
    elif kind == "state" and values:
        fields["states"] = values
    elif kind != "national":
        left_out.append(f"demographics.geography: of type {kind!r}; expected county (FIPS codes), state or national")
    if geography.get("filter"):
        left_out.append("demographics.geography.filter")
    if geography.get("distribution") == "custom":
        left_out.append("demographics.geography.distribution: custom; give weights in the counties of a spec")


def _clinical(clinical: dict[str, Any], fields: dict[str, Any], left_out: list[str], conditions: Path | None) -> None:
    known = load_knowledge(own_folder(conditions))
    cohort: list[str] = []
    primary = clinical.get("primary_condition")
    others = clinical.get("comorbidities") or []
    for label, condition in [("primary_condition", primary)] + [("comorbidities", other) for other in others]:
        if not isinstance(condition, dict):
            continue
        code, share = (
            str(condition.get("code", "")),
            condition.get("prevalence", 1 if label == "primary_condition" else None),
        )
        name = _condition_of(code, known)
        if name is None:
            left_out.append(f"clinical.{label}: no condition has the code {code}")
        elif share == 1:
            cohort.append(name)
        else:
            left_out.append(f"clinical.{label}: {code} in a share of {share}; {name} follows the county's own figures")
        if condition.get("severity"):
            left_out.append(f"clinical.{label}.severity of {code}: stages follow the knowledge of the condition")
    if cohort:
        fields["cohort"] = list(dict.fromkeys(cohort))
    if clinical.get("labs"):
        left_out.append("clinical.labs: results follow from the conditions and their treatment")


def _condition_of(code: str, known: dict[str, Condition]) -> str | None:
    """The condition that codes like this: the same code, else the same first three characters."""
    near = None
    for name, condition in known.items():
        if condition.kind not in ("chronic", "pregnancy"):
            continue
        codes = [own for stage in condition.stages or () for own in stage.codes]
        if code in codes:
            return name
        if near is None and any(own[:3] == code[:3] for own in codes):
            near = name
    return near


def _coverage(coverage: dict[str, Any], fields: dict[str, Any], left_out: list[str]) -> None:
    if coverage.get("type") in _PAYERS:
        fields["payers"] = {_PAYERS[coverage["type"]]: 1.0}
    elif coverage.get("type") is not None:
        left_out.append(f"coverage.type: {coverage['type']!r} is none of {', '.join(_PAYERS)}")
    if coverage.get("plan_distribution"):
        left_out.append("coverage.plan_distribution: plans are those of the house")
