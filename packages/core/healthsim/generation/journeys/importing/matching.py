"""Which conditions, tests, procedures and drugs of the house a document means: by code, by a file of the user's, or by the very name."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from healthsim.errors import InvalidInput, NotFound
from healthsim.generation.journeys.knowledge import PANEL, Known
from healthsim.generation.knowledge import Condition

#: what a line of a code map may give -> what that is
TARGETS = {
    "condition": "a condition of the clinical knowledge",
    "diagnosis": "an ICD-10-CM code",
    "procedure": "a code of a procedure that a condition's file has",
    "lab": "a LOINC code, or panel/ and a CPT code",
    "regimen": "a regimen of the journey's condition",
    "starts": "onset, admission, emergency, delivery or age, and a condition or number: age 50",
}
_COLUMNS = ("system", "code", "target", "value")
#: as the original and others write them -> conditions of the house
_ALSO = {
    "diabetes": "type_2_diabetes",
    "diabetic": "type_2_diabetes",
    "t2dm": "type_2_diabetes",
    "hf": "heart_failure",
    "chf": "heart_failure",
    "congestive_heart_failure": "heart_failure",
    "ckd": "chronic_kidney_disease",
    "htn": "hypertension",
    "afib": "atrial_fibrillation",
    "uti": "urinary_tract_infection",
    "maternity": "pregnancy",
    "cad": "coronary_heart_disease",
    "coronary_artery_disease": "coronary_heart_disease",
}
#: names of tests as clinicians write them -> what can be ordered
_TESTS = {
    "a1c": "4548-4",
    "hba1c": "4548-4",
    "hemoglobin a1c": "4548-4",
    "cbc": f"{PANEL}85025",
    "cbc with diff": f"{PANEL}85025",
    "cmp": f"{PANEL}80053",
    "comprehensive metabolic panel": f"{PANEL}80053",
    "lipid": f"{PANEL}80061",
    "lipids": f"{PANEL}80061",
    "lipid panel": f"{PANEL}80061",
    "lipid_panel": f"{PANEL}80061",
    "tsh": "3016-3",
    "nt-probnp": "33762-6",
    "creatinine": "2160-0",
    "phq-9": "44261-6",
    "uacr": "14959-1",
}


@dataclass(frozen=True)
class CodeMap:
    """The user's file of codes: (system, code) -> {target: value}; systems and codes in small letters."""

    lines: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)

    def get(self, system: str, code: str, target: str) -> str | None:
        """What a code is mapped to, as one kind of target."""
        return self.lines.get((system.strip().lower(), code.strip().lower()), {}).get(target)


def read_codes(path: Path) -> CodeMap:
    """The user's file of codes: CSV with the columns system, code, target, value.

    Raises:
        NotFound: there is no such file.
        InvalidInput: it is none; the message has every line that is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise NotFound(f"There is no file {path} of codes. Check the path.", path=str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read as text ({error}). Expected a CSV file of codes.") from None
    reader = csv.DictReader(io.StringIO(text), strict=True)
    lines: dict[tuple[str, str], dict[str, str]] = {}
    faults = []
    try:
        named = [name.strip().lower() for name in reader.fieldnames or ()]
        if named[:4] != list(_COLUMNS):
            raise InvalidInput(
                f"{path}: the first line is {','.join(named)[:80]!r}; expected the columns {','.join(_COLUMNS)}.",
                path=str(path),
            )
        reader.fieldnames = named
        for row in reader:
            system, code, target, value = ((row[name] or "").strip() for name in _COLUMNS)
            if target not in TARGETS:
                faults.append(
                    f"{path.name}:{reader.line_num}: target is {target!r}; expected one of {', '.join(TARGETS)}"
                )
            elif not system or not code or not value:
                faults.append(f"{path.name}:{reader.line_num}: expected system, code, target and value; one is empty")
            else:
                lines.setdefault((system.lower(), code.lower()), {})[target] = value
    except csv.Error as error:
        raise InvalidInput(f"{path}:{reader.line_num}: this is no CSV ({error}).", path=str(path)) from None
    if faults:
        raise InvalidInput("The file of codes cannot be used.\n  " + "\n  ".join(faults), faults=faults)
    return CodeMap(lines)


@dataclass(frozen=True)
class House:
    """What the house knows, with the user's codes."""

    known: Known
    codes: CodeMap = CodeMap()
    assume: float | None = None
    keep_snomed: bool = False

    @cached_property
    def _of_diagnosis(self) -> dict[str, str]:
        """ICD-10-CM code -> the condition whose stages have it."""
        match: dict[str, str] = {}
        for name, condition in self.known.conditions.items():
            for stage in condition.stages or ():
                for code in stage.codes:
                    match.setdefault(code, name)
        return match

    @cached_property
    def _named(self) -> dict[str, str]:
        names = {plain(condition.name): name for name, condition in self.known.conditions.items()}
        return names | {name: name for name in self.known.conditions}

    @cached_property
    def _labs(self) -> dict[str, str]:
        """LOINC code -> the name of the test, of all that conditions order."""
        return {lab.loinc: lab.name for condition in self.known.conditions.values() for lab in condition.labs}

    @cached_property
    def _labs_named(self) -> dict[str, str]:
        return {name.lower(): loinc for loinc, name in self._labs.items()}

    def condition_of_code(self, code: str) -> str | None:
        """The condition of an ICD-10-CM code, or the only one of a category."""
        if code in self._of_diagnosis:
            return self._of_diagnosis[code]
        category = code.partition(".")[0]
        match = {name for known, name in self._of_diagnosis.items() if known.partition(".")[0] == category}
        return match.pop() if len(match) == 1 else None

    def condition_named(self, words: str) -> str | None:
        """The condition of that very name, as the house or others spell it."""
        name = plain(words)
        return self._named.get(name) or _ALSO.get(name)

    def condition(self, name: str | None) -> Condition | None:
        """A condition by name."""
        return self.known.conditions.get(name or "")

    def test(self, words: str) -> str | None:
        """What can be ordered under a LOINC code, a CPT code of a panel, or the name of a test."""
        text = words.strip()
        if text in self.known.panels:
            return f"{PANEL}{text}"
        for cpt, panel in self.known.panels.items():
            if text == panel.loinc or text.lower() == panel.name.lower():
                return f"{PANEL}{cpt}"
        return text if text in self._labs else self._labs_named.get(text.lower()) or _TESTS.get(text.lower())

    def regimen(self, condition: str | None, words: Iterable[str]) -> str | None:
        """The regimen of a condition that has a drug of one of these RxNorm or NDC codes, ingredients, classes or names."""
        of = self.condition(condition)
        for word in words:
            text = word.lower().strip()
            for regimen in of.regimens if of else ():
                for drug in regimen.drugs:
                    names = (drug.ingredient, regimen.name, drug.drug_class)
                    if text in (drug.rxnorm, drug.ndc, *(name.lower().replace(" ", "_") for name in names)) or any(
                        re.search(rf"\b{re.escape(name.lower())}\b", text) for name in names
                    ):
                        return regimen.name
        return None


def plain(words: str) -> str:
    """A name without what SNOMED puts in parentheses, as names for programs are written."""
    text = re.sub(r"\s*\([^)]*\)\s*$", "", words)
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
