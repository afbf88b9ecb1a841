"""Events of the original as contents of steps: what a visit, a test, a prescription, a stay says in its details."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from healthsim.generation.journeys.importing.draft import Draft, Node, spelled

#: with what a journey begins: {onset | admission ...: condition}
Beginning = dict[str, Any]

#: keys of details that are looked at, whatever the type of the event
_READ = frozenset(
    (
        "visit_type encounter_type type specialty reason purpose chief_complaint diagnoses diagnosis diagnosis_code icd10 "
        "cpt hcpcs procedure_code code loinc tests panels labs test panel medication medications drug drug_name rxnorm "
        "ndc drg"
    ).split()
)
_VIRTUAL = ("telephone", "telehealth", "phone", "virtual", "video", "call")
#: type of an event -> what is known to become of it elsewhere
_NO_STEP = {
    "administrative": "administration is no care",
    "engagement": "it is no care",
    "referral": "a referral is no step; the visit that it leads to is",
    "discharge": "a stay ends as its condition's file says",
    "diagnosis": "who has a condition, generation says",
    "lab_result": "results follow from orders",
    "refill": "refills follow from the drug",
    "fill": "fills follow from the drug",
    "milestone": "it is no care",
}
_CLAIMS = "claims, fills and payments follow from the care"
ENCOUNTERS = frozenset(
    (
        "encounter followup follow_up office_visit visit postpartum_visit prenatal_visit outreach consult scheduled_visit "
        "telehealth specialist_visit wellness_visit annual_wellness_visit ed_visit emergency"
    ).split()
)
TESTS = {"observation", "lab", "labs", "lab_order", "vital_signs"}
DRUGS = {"prescription", "medication_order", "new_rx", "therapy_start", "medication_start", "medication"}
PROCEDURES = {"procedure", "surgery", "imaging", "screening"}


def fill(draft: Draft, node: Node, kind: str, details: Any, title: str) -> None:
    """Make a node what an event is; what of its details is not taken is listed.

    Args:
        kind: the type of the event.
        details: what it says besides; a text is what the visit is for.
        title: of the event, for people.
    """
    said: Mapping[str, Any] = (
        details if isinstance(details, Mapping) else {"purpose": details} if isinstance(details, str) else {}
    )
    for key in said:
        if key not in _READ:
            draft.leave(f"{node.path}.details.{key}", f"{node.name}: {key}", "no part of a step says it")
    if kind in ENCOUNTERS or kind.endswith(("_visit", "_consult", "_followup", "_follow_up")):
        _encounter(draft, node, kind, said, title)
    elif kind in TESTS:
        _tests(draft, node, said, title)
    elif kind in DRUGS:
        names = [*_words(said, "medication", "medications", "drug", "drug_name", "rxnorm", "ndc", "type"), title]
        _at_contact(
            draft,
            node,
            "regimen",
            draft.house.regimen(draft.condition, names),
            "no regimen of the journey's condition has",
            names,
        )
    elif kind in PROCEDURES:
        codes = list(_words(said, "cpt", "hcpcs", "procedure_code", "code"))
        node.kind, node.what = ("procedure", codes[0]) if codes else (None, None)
        node.why = "no code of a procedure" if not codes else ""
        for code in codes[1:]:
            draft.leave(f"{node.path}.details", f"{node.name}: {code}", "a step does one procedure")
    elif kind in ("admission", "inpatient_admission"):
        _stay(draft, node, "admission")
        if "drg" in said:
            draft.leave(
                f"{node.path}.details.drg",
                f"{node.name}: drg {said['drg']}",
                "the stay is coded as its condition's file says",
            )
    else:
        node.why = _NO_STEP.get(kind, _CLAIMS if "claim" in kind or "payment" in kind else f"{kind} is no kind of step")


def diagnoses(value: Any) -> Iterator[str]:
    """Every ICD-10-CM code that a document names under a key that says so."""
    if isinstance(value, Mapping):
        for key, inside in value.items():
            if str(key).lower() in (
                "diagnoses",
                "diagnosis",
                "diagnosis_code",
                "icd10",
                "icd10_code",
                "diagnosis_codes",
            ):
                yield from (word.upper() for word in _texts(inside))
            else:
                yield from diagnoses(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from diagnoses(inside)


def _stay(draft: Draft, node: Node, kind: str) -> None:
    node.what, node.kind = draft.condition, kind if draft.condition else None
    node.why = "" if draft.condition else "no condition of HealthSim stands for what it is for"


def _encounter(draft: Draft, node: Node, kind: str, said: Mapping[str, Any], title: str) -> None:
    words = " ".join([kind, *_words(said, "visit_type", "encounter_type", "type")]).lower()
    if "emergency" in words or "ed_visit" in words:
        _stay(draft, node, "emergency")
        return
    if kind == "outreach" and not any(word in words for word in _VIRTUAL):
        node.why = "outreach that is no call is no contact"
        return
    encounter: dict[str, Any] = {"setting": "office"}
    if any(word in words for word in _VIRTUAL):
        encounter["setting"] = "virtual"
    elif "home" in words or "home_health" in node.name:
        encounter["setting"] = "home"
    specialty = next(_words(said, "specialty"), None)
    if specialty is not None:
        known = {name.lower(): name for name in draft.house.known.specialties}
        if specialty.lower() in known:
            encounter["specialty"] = known[specialty.lower()]
            encounter["setting"] = "specialist" if encounter["setting"] == "office" else encounter["setting"]
        else:
            draft.leave(
                f"{node.path}.details.specialty",
                f"{node.name}: {specialty}",
                "nobody of that specialty sees people here",
            )
    encounter["reason"] = (next(_words(said, "reason", "purpose", "chief_complaint"), None) or title)[:120]
    codes = list(_words(said, "diagnoses", "diagnosis", "diagnosis_code", "icd10"))
    if codes and draft.house.condition_of_code(codes[0]) != draft.condition:
        encounter["diagnosis"] = codes[0]
    for code in codes[1:]:
        draft.leave(f"{node.path}.details.diagnoses", f"{node.name}: {code}", "a contact is for one diagnosis")
    for code in _words(said, "cpt"):
        draft.leave(f"{node.path}.details.cpt", f"{node.name}: CPT {code}", "visits are coded by what happens at them")
    node.kind, node.what = "encounter", encounter


def _tests(draft: Draft, node: Node, said: Mapping[str, Any], title: str) -> None:
    names = (
        list(_words(said, "tests", "panels", "labs", "test", "panel", "loinc", "code"))
        or list(_words(said, "purpose"))
        or [title]
    )
    known = dict.fromkeys(code for name in names if (code := draft.house.test(name)) is not None)
    for name in names:
        if draft.house.test(name) is None:
            draft.leave(f"{node.path}.details", f"{node.name}: {name}", "no such test can be ordered")
    codes = list(known)
    _at_contact(draft, node, "lab", codes[0] if codes else None, "no test that can be ordered", names)
    for code in codes[1:]:
        draft.add(
            f"{node.name}_{code.rpartition('/')[2]}",
            node.path,
            relation="with",
            other=node.other,
            kind="lab",
            what=code,
        )


def _at_contact(draft: Draft, node: Node, kind: str, what: str | None, why: str, names: list[str]) -> None:
    """Make a node a test or drug; one without a contact on its day gets a visit of its own."""
    if what is None:
        node.why = f"{why}: {', '.join(names)[:120]}"
        return
    contact = _contact_beside(draft, node)
    if contact is None:
        visit = draft.add(f"{node.name}_visit", node.path)
        visit.relation, visit.other, visit.day = node.relation, node.other, node.day
        visit.wait, visit.chance, visit.when, visit.repeat = node.wait, node.chance, node.when, node.repeat
        visit.kind, visit.what = (
            "encounter",
            {"setting": "office", "reason": f"Visit for {node.name.replace('_', ' ')}"[:120]},
        )
        draft.note(
            f"{node.name}: tests and drugs happen at contacts, and the document has none on that day: a visit was made"
        )
        contact, node.chance, node.when = visit, 1.0, {}
    node.relation, node.other, node.day, node.wait, node.repeat = "with", contact.name, 0, {}, {}
    node.kind, node.what = kind, what


def _contact_beside(draft: Draft, node: Node) -> Node | None:
    """The contact of the same place and time, or that which it comes right after."""
    if node.relation in ("after", "with") and not node.wait and not node.repeat and node.other in draft.nodes:
        before = draft.nodes[node.other]
        if before.kind in ("encounter", "emergency", "admission"):
            return before
    for other in draft.nodes.values():
        same = (other.relation, other.other, other.day, other.wait, other.repeat) == (
            node.relation,
            node.other,
            node.day,
            node.wait,
            node.repeat,
        )
        if other is not node and same and other.kind == "encounter":
            return other
    return None


def _words(said: Mapping[str, Any], *keys: str) -> Iterator[str]:
    for key in keys:
        yield from _texts(said.get(key))


def _texts(value: Any) -> Iterator[str]:
    """The texts of a value: itself, of a list, or under the name or code of objects."""
    if isinstance(value, Mapping):
        named = next(
            (value[key] for key in ("code", "rxnorm", "name", "generic", "drug", "class", "type") if key in value), None
        )
        yield from _texts(named)
    elif isinstance(value, list):
        for inside in value:
            yield from _texts(inside)
    elif isinstance(value, (str, int)) and not isinstance(value, bool) and str(value).strip():
        yield str(value).strip()


def begin(draft: Draft, document: Mapping[str, Any], hints: list[str], trigger: str) -> None:
    """With what the journey begins, from its codes, names and trigger."""
    mapped = draft.house.codes.get("starts", trigger or draft.name, "starts") or draft.house.codes.get(
        "starts", draft.name, "starts"
    )
    if mapped is not None:
        draft.starts = starts_of(mapped)
        return
    of_codes = (name for code in diagnoses(document) if (name := draft.house.condition_of_code(code)) is not None)
    of_words = (name for hint in hints if (name := draft.house.condition_named(hint)) is not None)
    in_names = (name for name in draft.house.known.conditions if any(name in spelled(hint) for hint in hints))
    pieces = (
        name
        for hint in hints
        for word in spelled(hint).split("_")
        if (name := draft.house.condition_named(word)) is not None
    )
    named = next(of_words, None) or next(in_names, None) or next(of_codes, None) or next(pieces, None)
    how = trigger.lower()
    if named is None and "enrol" in " ".join([how, *hints]).lower():
        draft.starts = {"enrolment": "medical"}
    elif named is not None:
        draft.starts = starts_with(draft, named, how)


def starts_with(draft: Draft, name: str, how: str = "") -> Beginning:
    """How a journey for a condition begins: as a trigger says, else with the onset, else with the first stay or emergency."""
    condition = draft.house.known.conditions[name]
    if condition.kind == "pregnancy":
        return {"delivery": name} if any(word in how for word in ("deliver", "birth", "postpartum")) else {}
    stays = condition.admissions and not condition.at_birth
    if stays and any(word in how for word in ("admission", "admit", "discharge", "hospital")):
        return {"admission": name}
    if condition.kind == "chronic":
        return {"onset": name}
    if condition.emergency is not None or "emergency" in condition.seen:
        return {"emergency": name}
    return {"admission": name} if stays else {}


def starts_of(text: str) -> Beginning:
    """What a line of the code map says of the beginning: ``onset type_2_diabetes``, ``age 50``."""
    key, _, value = text.replace(":", " ").strip().partition(" ")
    return {key: int(value)} if key == "age" and value.strip().isdigit() else {key: value.strip()}
