"""What of the clinical knowledge the steps of journeys name: conditions, diagnoses, procedures, tests, regimens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from healthsim.generation.codes import description, icd10cm_fault
from healthsim.generation.journeys.declaration import Admission, Encounter, Journey, Step
from healthsim.generation.knowledge import Admission as Stay
from healthsim.generation.knowledge import Condition, Procedure, Regimen, Screening
from healthsim.generation.laboratory import Lab, Panel, panels
from healthsim.generation.suggestions import near

PANEL = "panel/"


@dataclass(frozen=True)
class Known:
    """The conditions by name, and what their files have by code."""

    conditions: Mapping[str, Condition]

    @cached_property
    def procedures(self) -> dict[str, tuple[Condition, Procedure | Screening]]:
        """Code -> what is done outside of stays, and the condition whose file has it; the first one by name."""
        known: dict[str, tuple[Condition, Procedure | Screening]] = {}
        for condition in self.conditions.values():
            listed: list[Procedure | Screening] = [*condition.screenings, *condition.procedures]
            for done in listed:
                if not isinstance(done, Procedure) or done.setting != "inpatient":
                    known.setdefault(done.code, (condition, done))
        return known

    @cached_property
    def panels(self) -> dict[str, Panel]:
        """CPT code -> panel."""
        return {panel.cpt: panel for panel in panels()}

    @cached_property
    def specialties(self) -> list[str]:
        """Whoever sees people in the files of conditions."""
        named = {visit.specialty for condition in self.conditions.values() for visit in condition.visits}
        for condition in self.conditions.values():
            named |= {done.specialty for done in condition.procedures if done.specialty is not None}
        return sorted(named)

    def lab(self, journey: Journey, loinc: str) -> Lab | None:
        """The test of a LOINC code that can be ordered: of the journey's condition, else of the first one that has it."""
        own = self.conditions.get(journey.condition or "")
        for condition in (*([own] if own else []), *self.conditions.values()):
            for lab in condition.labs:
                if lab.loinc == loinc:
                    return lab
        return None

    def regimens(self, journey: Journey) -> dict[str, Regimen]:
        """The regimens of the journey's condition, by name."""
        condition = self.conditions.get(journey.condition or "")
        return {regimen.name: regimen for regimen in condition.regimens} if condition else {}

    def stays(self, admission: Admission) -> list[Stay]:
        """The kinds of stays that an admission may mean; a good one means one."""
        condition = self.conditions[admission.of]
        if admission.procedure is None:
            return list(condition.admissions)
        return [stay for stay in condition.admissions if admission.procedure in [done.code for done in stay.procedures]]

    # -- what is not there ------------------------------------------------------------------------------------

    def faults(self, journey: Journey, step: Step) -> Iterator[tuple[tuple[Any, ...], str]]:
        """What a step names that is not there; paths and problems begin within the step."""
        if step.encounter is not None:
            yield from self._encounter(journey, step.encounter)
        if step.emergency is not None:
            yield from self._illness(journey, step, "emergency", step.emergency)
        if step.admission is not None:
            yield from self._illness(journey, step, "admission", step.admission.of)
        for code in step.procedure or ():
            yield from self._procedure(journey, code)
        if step.lab is not None:
            yield from self._lab(journey, step.lab)
        if step.regimen is not None and step.regimen not in self.regimens(journey):
            names = self.regimens(journey)
            hint = near(step.regimen, names) if names else "; expected a journey that begins with a condition"
            yield ("regimen",), f"regimen: {journey.condition or 'the journey'} has no regimen {step.regimen!r}{hint}"

    def _encounter(self, journey: Journey, encounter: Encounter) -> Iterator[tuple[tuple[Any, ...], str]]:
        own = self.conditions.get(journey.condition or "")
        if encounter.diagnosis is not None:
            problem = icd10cm_fault(encounter.diagnosis)
            if problem is None and description(encounter.diagnosis) is None:
                problem = (
                    f"{encounter.diagnosis} is known to no file of conditions, and has no official description here"
                )
            if problem is not None:
                yield ("encounter", "diagnosis"), f"encounter.diagnosis: {problem}"
        elif own is None or own.kind not in ("chronic", "acute"):
            yield ("encounter",), "encounter: expected diagnosis, since the journey is for no condition that says it"
        if encounter.specialty is not None and encounter.specialty not in self.specialties:
            hint = near(encounter.specialty, self.specialties)
            yield ("encounter", "specialty"), f"encounter.specialty: there is no {encounter.specialty!r}{hint}"
        if encounter.setting == "specialist" and encounter.specialty is None:
            yield ("encounter",), "encounter: a visit to a specialist needs specialty"

    def _illness(self, journey: Journey, step: Step, key: str, name: str) -> Iterator[tuple[tuple[Any, ...], str]]:
        condition = self.conditions.get(name)
        if condition is None:
            yield (key,), f"{key}: there is no condition {name!r}{near(name, self.conditions)}"
            return
        sure = {journey.condition, step.when.condition if step.when else None}
        if condition.kind not in ("chronic", "acute") or condition.at_birth:
            yield (key,), f"{key}: {name} is {condition.kind}; expected a chronic or acute condition"
        elif condition.kind == "chronic" and name not in sure:
            yield (key,), f"{key}: not everyone has {name}; expected when: {{condition: {name}}} beside it"
        if key == "emergency" and condition.emergency is None:
            yield (key,), f"{key}: the file of {name} has no emergency"
        if step.admission is not None and key == "admission":
            yield from self._stay(step.admission, condition)

    def _stay(self, admission: Admission, condition: Condition) -> Iterator[tuple[tuple[Any, ...], str]]:
        """What is wrong with a stay; where its condition has several kinds, those without a procedure mean the first."""
        kinds = self.stays(admission)
        codes = sorted({done.code for stay in condition.admissions for done in stay.procedures})
        if not condition.admissions:
            yield ("admission",), f"admission: the file of {admission.of} has no admissions"
        elif not kinds:
            hint = near(admission.procedure or "", codes) or "; its stays have no procedures"
            problem = f"admission.procedure: {admission.of} has no stay with {admission.procedure!r}{hint}"
            yield ("admission", "procedure"), problem
        elif len(kinds) > 1 and codes:
            said = f"{admission.of} has {len(kinds)} kinds of stays; expected procedure, one of {', '.join(codes)}"
            yield ("admission",), f"admission: {said}"

    def _procedure(self, journey: Journey, code: str) -> Iterator[tuple[tuple[Any, ...], str]]:
        if code not in self.procedures:
            yield ("procedure",), f"procedure: no file of conditions has {code!r}{near(code, self.procedures)}"
            return
        own = self.conditions.get(journey.condition or "")
        if isinstance(self.procedures[code][1], Procedure) and (own is None or own.kind not in ("chronic", "acute")):
            yield (
                ("procedure",),
                f"procedure: {code} is done for a condition; expected a journey that begins with one, or a screening",
            )

    def _lab(self, journey: Journey, code: str) -> Iterator[tuple[tuple[Any, ...], str]]:
        if code.startswith(PANEL):
            cpt = code.removeprefix(PANEL)
            if cpt not in self.panels:
                yield ("lab",), f"lab: there is no panel {cpt!r}{near(cpt, self.panels)}"
        elif self.lab(journey, code) is None:
            panel = next(
                (panel for panel in self.panels.values() if code in [test.loinc for test in panel.tests]), None
            )
            known = {lab.loinc for condition in self.conditions.values() for lab in condition.labs}
            hint = (
                f"; it is part of {PANEL}{panel.cpt}"
                if panel
                else near(code, sorted(known | {f"{PANEL}{cpt}" for cpt in self.panels}))
            )
            yield ("lab",), f"lab: no test {code!r} can be ordered by itself{hint}"
