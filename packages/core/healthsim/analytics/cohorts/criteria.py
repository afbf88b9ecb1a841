"""The simple criteria of a cohort: conditions, drugs, laboratory values, ages, sex; with windows, in order."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from healthsim.errors import InvalidInput, NotFound

EVENTS = ("condition", "drug", "lab")
_LAB = re.compile(r"\s*([\w-]+)\s*(?:(>=|<=|>|<|=)\s*(-?\d+(?:\.\d+)?))?\s*")
_AGES = re.compile(r"\s*(\d{1,3})\s*(?:-\s*(\d{1,3})|(\+))?\s*")
#: a window reaches no further either way: a hundred years
MOST_DAYS = 36_525
_WORDS = {"at_least", "exclude", "window"}


@dataclass(frozen=True)
class Criterion:
    """One condition of membership.

    Attributes:
        kind: ``condition``, ``drug``, ``lab``, ``age`` or ``sex``.
        terms: codes or words, of which one is enough; for ``age`` and ``sex`` what was asked.
        operator, value: for ``lab``.
        at_least: on how many days.
        exclude: who fulfils it is out.
        window: days before and after the index date, such as (-365, 0).
    """

    kind: str
    terms: tuple[str, ...]
    operator: str | None = None
    value: float | None = None
    at_least: int = 1
    exclude: bool = False
    window: tuple[int, int] | None = None

    @property
    def label(self) -> str:
        """The criterion in words, for the attrition table."""
        words = [f"{'no ' if self.exclude else ''}{self.kind} {' or '.join(self.terms)}"]
        if self.operator:
            words.append(f"{self.operator} {self.value:g}")
        if self.at_least > 1:
            words.append(f"on {self.at_least} days")
        if self.window:
            words.append(f"within days {self.window[0]} to {self.window[1]} of the index date")
        return " ".join(words)

    def ages(self) -> tuple[int, int]:
        """The youngest and the oldest age of a criterion ``age``."""
        match = _AGES.fullmatch(self.terms[0])
        if match is None:
            raise InvalidInput(f"{self.terms[0]!r} is no range of ages; expected such as 40-75, 65+ or 50.")
        youngest = int(match.group(1))
        oldest = int(match.group(2)) if match.group(2) else 200 if match.group(3) else youngest
        if oldest < youngest:
            raise InvalidInput(f"The ages {self.terms[0]} end before they begin; expected such as 40-75.")
        return youngest, oldest


@dataclass(frozen=True)
class CohortSpec:
    """What makes a cohort: criteria in order, and the days between which events count."""

    criteria: tuple[Criterion, ...]
    first_day: dt.date = dt.date(1900, 1, 1)
    last_day: dt.date = dt.date(2999, 12, 31)


def criterion(kind: str, said: Any, rest: Mapping[str, Any] | None = None) -> Criterion:
    """A criterion as it is said: ``("lab", "4548-4 >= 8", {"window": [0, 365]})``.

    Raises:
        InvalidInput: it cannot be read.
    """
    rest = rest or {}
    unknown = set(rest) - _WORDS
    if unknown or kind not in (*EVENTS, "age", "sex"):
        raise InvalidInput(
            f"Unknown in a criterion: {', '.join(sorted(unknown)) or kind}. Expected one of {', '.join(EVENTS)}, age,"
            f" sex, with {', '.join(sorted(_WORDS))}."
        )
    terms = tuple(str(term).strip() for term in (said if isinstance(said, (list, tuple)) else str(said).split(",")))
    terms = tuple(term for term in terms if term)
    if not terms:
        raise InvalidInput(f"The criterion {kind} is empty; expected a code or a word.")
    operator, value = None, None
    if kind == "lab":
        matches = [_LAB.fullmatch(term) for term in terms]
        if any(match is None for match in matches) or (
            len(terms) > 1 and any(match and match.group(2) for match in matches)
        ):
            raise InvalidInput(f"{said!r} is no laboratory criterion; expected such as '4548-4 >= 8' or '4548-4'.")
        first = matches[0]
        assert first is not None
        operator, value = first.group(2), float(first.group(3)) if first.group(3) else None
        terms = tuple(match.group(1) for match in matches if match)
    words = [term for term in terms if kind == "condition" and (" " in term or (len(term) > 1 and term.isalpha()))]
    if words:
        raise InvalidInput(
            f"{words[0]!r} is no code of a diagnosis; expected one, such as E11.9, or how it begins, such as E11."
        )
    if kind == "sex" and terms[0].upper() not in ("F", "M", "O", "U"):
        raise InvalidInput(f"{terms[0]!r} is no sex; expected F, M, O or U.")
    if kind in ("age", "sex") and rest:
        raise InvalidInput(
            f"The criterion {kind} takes neither {', '.join(sorted(_WORDS))}; it is asked on the index date."
        )
    window = rest.get("window")
    at_least = rest.get("at_least", 1)
    if type(at_least) is not int or not 1 <= at_least <= MOST_DAYS:
        raise InvalidInput(f"at_least is {at_least!r}; expected a number of days, from 1 to {MOST_DAYS}.")
    made = Criterion(
        kind, terms, operator, value, at_least, bool(rest.get("exclude")), None if window is None else window_of(window)
    )
    if kind == "age":
        made.ages()
    return made


def window_of(said: Any) -> tuple[int, int]:
    """A window as it is said: ``[-365, 0]``.

    Raises:
        InvalidInput: it is none.
    """
    if not (
        isinstance(said, Sequence)
        and len(said) == 2
        and all(type(days) is int for days in said)
        and -MOST_DAYS <= said[0] <= said[1] <= MOST_DAYS
    ):
        raise InvalidInput(
            f"{said!r} is no window; expected two numbers of days in order, such as [-365, 0], at most {MOST_DAYS} days"
            " before or after."
        )
    return said[0], said[1]


def spec_of(said: Mapping[str, Any]) -> CohortSpec:
    """A cohort as a document says it: ``{"criteria": [{"condition": ["E11"]}, {"age": "40-75"}], "from": ..., "to": ...}``.

    Raises:
        InvalidInput: it cannot be read.
    """
    criteria = said.get("criteria")
    unknown = set(said) - {"criteria", "from", "to", "name", "description"}
    if unknown or not isinstance(criteria, list) or not criteria:
        raise InvalidInput(
            f"A cohort is {{criteria: [...], from: DATE, to: DATE}} with one criterion or more"
            f"{'; unknown: ' + ', '.join(sorted(map(str, unknown))) if unknown else ''}."
        )
    made = []
    for number, item in enumerate(criteria):
        kinds = [key for key in item if key not in _WORDS] if isinstance(item, dict) else []
        if len(kinds) != 1:
            raise InvalidInput(
                f"criteria[{number}] has {len(kinds)} kinds; expected one of {', '.join(EVENTS)}, age, sex."
            )
        made.append(criterion(kinds[0], item[kinds[0]], {key: item[key] for key in item if key in _WORDS}))
    return CohortSpec(
        tuple(made), _day(said.get("from"), CohortSpec.first_day), _day(said.get("to"), CohortSpec.last_day)
    )


def _day(said: Any, otherwise: dt.date) -> dt.date:
    if said is None or isinstance(said, dt.date):
        return said or otherwise
    try:
        return dt.date.fromisoformat(str(said))
    except ValueError:
        raise InvalidInput(f"{said!r} is no date; expected YYYY-MM-DD.") from None


#: how options name what a document lists: (option, kind of criterion, whoever fulfils it is out)
_OPTIONS = (
    ("condition", "condition", False),
    ("drug", "drug", False),
    ("lab", "lab", False),
    ("without_condition", "condition", True),
    ("without_drug", "drug", True),
)
_SINGLE = ("age", "sex")


def document_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """The criteria of options (``condition``, ``drug``, ``lab``, ``without_condition`` ...), as a file would say them.

    Raises:
        InvalidInput: there is no such option.
    """
    known = [*(name for name, _, _ in _OPTIONS), *_SINGLE, "window", "first_day", "last_day"]
    if unknown := sorted(set(options) - set(known)):
        raise InvalidInput(f"A cohort has no criterion {unknown[0]!r}; expected {', '.join(known)}.")
    criteria: list[dict[str, Any]] = []
    for name, kind, excludes in _OPTIONS:
        texts = options.get(name) or ()
        for text in [texts] if isinstance(texts, str) else texts:
            criteria.append({kind: text} | ({"exclude": True} if excludes else {}))
    if options.get("window"):
        # the first one sets the date that windows count from; a window that none is left for is read all the same
        window = list(window_of(options["window"]))
        for item in criteria[1:]:
            item["window"] = window
    criteria += [{kind: options[kind]} for kind in _SINGLE if options.get(kind)]
    return {"criteria": criteria, "from": options.get("first_day"), "to": options.get("last_day")}


def read_document(path: Path) -> Any:
    """What a JSON or YAML file holds.

    Raises:
        NotFound: it cannot be read.
        InvalidInput: it is neither JSON nor YAML.
    """
    import yaml

    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise NotFound(f"{path} cannot be read as text: {error}. Check the path.", path=str(path)) from None
    except yaml.YAMLError as error:
        raise InvalidInput(f"{path} is neither JSON nor YAML: {str(error).splitlines()[0]}.", path=str(path)) from None
