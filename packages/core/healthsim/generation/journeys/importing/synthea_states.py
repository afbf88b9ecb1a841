"""Clinical states of Synthea modules as contents of steps, under the codes that HealthSim has or the user's map gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from healthsim.generation.journeys.importing.draft import Draft, Node, listed
from healthsim.remedies import remedy

#: the first of these is where the journey begins
CLINICAL = (
    "ConditionOnset",
    "Encounter",
    "Procedure",
    "MedicationOrder",
    "Observation",
    "MultiObservation",
    "DiagnosticReport",
    "CarePlanStart",
    "ImagingStudy",
    "Vaccine",
    "AllergyOnset",
    "Device",
    "SupplyList",
    "VitalSign",
)
_SETTINGS = {
    "ambulatory": "office",
    "outpatient": "office",
    "urgentcare": "office",
    "virtual": "virtual",
    "home": "home",
    "wellness": "office",
}
_NO_STEP = {
    "ConditionOnset": "who has a condition, generation says",
    "ConditionEnd": "when a condition ends, its file says",
    "AllergyOnset": "who has an allergy, generation says",
    "AllergyEnd": "who has an allergy, generation says",
    "MedicationEnd": "when a drug ends, its regimen says",
    "SetAttribute": "there are no attributes",
    "Counter": "there are no attributes",
    "Symptom": "there are no symptoms",
    "VitalSign": "vital signs follow from conditions",
    "Death": "death is that of the person's life",
    "CallSubmodule": "it is another module: import that one",
    "Physiology": "there are no equations",
    "CarePlanStart": "there are no care plans",
    "CarePlanEnd": "there are no care plans",
    "Device": "there are no devices",
    "DeviceEnd": "there are no devices",
    "SupplyList": "there are no supplies",
    "Vaccine": "vaccines follow their schedule",
}


@dataclass
class Contact:
    """The contact that is going on; None: none."""

    node: Node | None = None

    def end(self) -> None:
        """It is over."""
        self.node = None

    def copy(self) -> Contact:
        """The same for one of several ways."""
        return replace(self)


def content(
    draft: Draft,
    node: Node,
    state: Mapping[str, Any],
    contact: Contact,
    reason: Mapping[str, Any] | None,
    diagnosis: str | None,
) -> None:
    """Make a node what a state is, or say why it is no step.

    Args:
        reason: the onset that it is for.
        diagnosis: at contacts of a journey that no condition begins.
    """
    kind = state.get("type")
    if kind == "Encounter":
        _encounter(draft, node, state, contact, reason, diagnosis)
    elif kind in ("Procedure", "ImagingStudy"):
        _procedure(draft, node, state, contact)
    elif kind == "MedicationOrder":
        words = [word for code in _codes(state) for word in (str(code.get("code")), str(code.get("display")))]
        mapped = _mapped(draft, state, "regimen")
        _at_contact(
            draft,
            node,
            contact,
            "regimen",
            mapped or draft.house.regimen(draft.condition, words),
            state,
            "no regimen of the journey's condition has",
        )
    elif kind in ("Observation", "MultiObservation", "DiagnosticReport"):
        codes = [str(code.get("code")) for code in _codes(state)]
        test = _mapped(draft, state, "lab") or next(
            (match for code in codes if (match := draft.house.test(code)) is not None), None
        )
        _at_contact(draft, node, contact, "lab", test, state, "no test that can be ordered by itself:")
    else:
        node.why = _NO_STEP.get(str(kind), f"{kind} is no kind of step")


def _encounter(
    draft: Draft,
    node: Node,
    state: Mapping[str, Any],
    contact: Contact,
    reason: Mapping[str, Any] | None,
    diagnosis: str | None,
) -> None:
    setting = "wellness" if state.get("wellness") else str(state.get("encounter_class") or "ambulatory").lower()
    contact.node = node
    if setting == "wellness":
        draft.note(
            f"{node.name}: it waits for the next wellness visit in Synthea, and is a visit of its own here ({node.path})"
        )
    if setting in ("emergency", "inpatient"):
        named = (name for code in _codes(reason) if (name := _condition(draft, code)) is not None)
        node.what = next(named, draft.condition)
        node.why = (
            "" if node.what else f"no condition of HealthSim stands for what it is for; {remedy('map codes')} gives one"
        )
        node.kind = None if node.what is None else "emergency" if setting == "emergency" else "admission"
        return
    if setting not in _SETTINGS:
        node.why = f"there are no contacts of class {setting}"
        contact.end()
        return
    texts = [str(code.get("display")) for code in [*_codes(reason), *_codes(state)] if code.get("display")]
    encounter: dict[str, Any] = {
        "setting": _SETTINGS[setting],
        "reason": (texts[0] if texts else node.name.replace("_", " "))[:120],
    }
    own = next(
        (match for code in _codes(reason) if (match := draft.house.codes.get(*_key(code), "diagnosis")) is not None),
        None,
    )
    if own is not None and draft.house.condition_of_code(own) != draft.condition:
        encounter["diagnosis"] = own
    elif draft.condition is None and diagnosis is not None:
        encounter["diagnosis"] = diagnosis
    node.kind, node.what = "encounter", encounter


def _procedure(draft: Draft, node: Node, state: Mapping[str, Any], contact: Contact) -> None:
    code = _mapped(draft, state, "procedure")
    if code is not None:
        node.kind, node.what = "procedure", code
        return
    listed = (
        "; ".join(f"{each.get('display')} ({each.get('system')} {each.get('code')})" for each in _codes(state))
        or "no code"
    )
    at = contact.node
    if draft.house.keep_snomed and at is not None and at.kind == "encounter" and _codes(state):
        at.what["reason"] = f"{at.what['reason']}; {listed}"[:300]
        draft.note(f"{node.name}: {listed} is kept as what {at.name} is for, and is on no claim ({node.path})")
        node.said = True
        return
    node.why = f"no map for this code: {listed[:160]}; {remedy('map codes')} gives a procedure"


def _at_contact(
    draft: Draft, node: Node, contact: Contact, kind: str, what: str | None, state: Mapping[str, Any], why: str
) -> None:
    if what is None:
        listed = ", ".join(f"{code.get('system')} {code.get('code')} {code.get('display')}" for code in _codes(state))
        node.why = f"{why} {listed[:160]}"
    else:
        _visit(draft, node, contact)
        assert contact.node is not None  # it was made, where there was none
        node.relation, node.other, node.wait = "with", contact.node.name, {}
        node.kind, node.what = kind, what


def _visit(draft: Draft, node: Node, contact: Contact) -> None:
    """Make a contact for what happens at the contact of another module."""
    if contact.node is None:
        reason = f"Visit for {node.name.replace('_', ' ')}"[:120]
        visit = draft.add(
            f"{node.name}_visit", node.path, kind="encounter", what={"setting": "office", "reason": reason}
        )
        visit.relation, visit.other, visit.day = node.relation, node.other, node.day
        visit.when, visit.chance, visit.wait = node.when, node.chance, node.wait
        node.when, node.chance = {}, 1.0
        draft.note(f"{node.name}: it happens at no contact of this module: a visit was made ({node.path})")
        contact.node = visit


def _condition(draft: Draft, code: Mapping[str, Any]) -> str | None:
    named = draft.house.codes.get(*_key(code), "condition") or draft.house.condition_named(
        str(code.get("display") or "")
    )
    return named if named in draft.house.known.conditions else None


def _mapped(draft: Draft, state: Mapping[str, Any], target: str) -> str | None:
    return next(
        (match for code in _codes(state) if (match := draft.house.codes.get(*_key(code), target)) is not None), None
    )


def _key(code: Mapping[str, Any]) -> tuple[str, str]:
    return str(code.get("system")), str(code.get("code"))


def _codes(state: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    return list(_listed(state or {}))


def _listed(state: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from (code for code in listed(state.get("codes")) if isinstance(code, Mapping))
    procedure = state.get("procedure_code")
    if isinstance(procedure, Mapping):
        yield procedure
