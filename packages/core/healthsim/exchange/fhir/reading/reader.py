"""``healthsim import`` of FHIR: each resource is kept as it came, and becomes the rows that it means.

What a type of resource means is declared in ``columns``; what is of no type of ours is kept under its name
(``care_plan``, ``goal``), and where it says something of an entity of ours, as part of that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.errors import InvalidInput
from healthsim.exchange.fhir.reading.claims import claim_rows, explanation_rows
from healthsim.exchange.fhir.reading.columns import (
    FACILITY,
    PHARMACY,
    PROVIDER_ORGANIZATION,
    TYPED,
)
from healthsim.exchange.fhir.reading.drugs import PRESCRIPTION
from healthsim.exchange.fhir.reading.envelopes import Addresses
from healthsim.exchange.fhir.reading.observations import LAB, is_laboratory, smoking_row, vital_row
from healthsim.exchange.fhir.reading.paths import (
    Document,
    Typed,
    Unit,
    at,
    coding_of,
    extended,
    has_code,
    identifier,
    listed,
    reference_id,
    word,
    words_of,
)
from healthsim.exchange.fhir.reading.sources import files_in, head_of, holds_fhir, is_manifest, opened, resources_of
from healthsim.exchange.fhir.resources.drugs import SAME_DRUG
from healthsim.exchange.fhir.systems import NCPDP, NUCC, OWN
from healthsim.model import ENTITY_TYPES, entity_type_named
from healthsim.model.entity import snake_case
from healthsim.state.json.header import Header
from healthsim.state.json.reader import JsonReader

if TYPE_CHECKING:
    from healthsim.exchange.reading import Reading

Row = dict[str, Any]
Derived = list[tuple[str, Row]]
#: names of resources that others refer to which are remembered within a file
_NAMES_KEPT = 200_000
#: claims that wait for the conditions that they name
_WAITING = 5_000
#: an id that stands for one that FHIR does not allow
_STAND_IN = re.compile(r"id-[0-9a-f]{32}")


def read_fhir(path: Path, reading: Reading) -> Header:
    """Read a file of FHIR, or a folder of them.

    Raises:
        InvalidInput: it holds no resource.
    """
    reader = Resources(reading)
    files = [file for file in files_in(path) if holds_fhir(file)] if path.is_dir() else [path]
    for file in files:
        reader.file(file)
    if not reading.tally.units and not any(is_manifest(head_of(file)) for file in files):
        raise InvalidInput(f"{path.name} holds no resource of FHIR. Nothing was saved.", path=str(path))
    name = path.name
    for suffix in (".gz", ".json", ".ndjson", ".jsonl"):
        name = name.removesuffix(suffix)
    return Header(name=name or path.name, format="fhir")


class Resources:
    """Reads resources into a reading.

    Attributes:
        count: how many there were.
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.count = 0
        self._waiting: list[Unit] | None = []
        self.names: dict[tuple[str, str], Any] = {}
        self.addresses = Addresses()
        self.special: Mapping[str, Callable[[Unit], None]] = {
            "Patient": self._patient,
            "Practitioner": self._practitioner,
            "Organization": self._organization,
            "Location": self._location,
            "PractitionerRole": self._role,
            "Observation": self._observation,
            "MedicationRequest": self._request,
            "Claim": self._claim,
            "ExplanationOfBenefit": self._explanation,
            "Coverage": self._coverage,
            "Condition": self._condition,
        }

    def file(self, path: Path) -> None:
        """Read a file."""
        if is_manifest(head_of(path)):
            self._manifest(path)
            return
        self.addresses = Addresses()
        mark, tally, count = self.reading.intake.mark(), deepcopy(self.reading.tally), self.count
        self._resources_of(path)
        if self.addresses.again:
            # references stood before the entries that they lead to, which have other ids than their addresses say
            self.reading.intake.forget_since(mark)
            self.reading.tally, self.count = tally, count
            self._resources_of(path)
        self.reading.line = None

    def _resources_of(self, path: Path) -> None:
        self.names.clear()
        for text, document in resources_of(path, self.reading, self.addresses):
            self.resource(text, document)
        self.finish()

    def _manifest(self, path: Path) -> None:
        """Keep the manifest of somebody's bulk export; ours says what any export of the scenario says."""
        with opened(path) as stream:
            text, value = JsonReader(stream, path.name).value()
        if isinstance(value, dict) and not str(value.get("format")).startswith("HealthSim"):
            self.reading.unit()
            self.reading.keep("bulk_manifest", text, value)

    def take(self, text: str, document: Document) -> bool:
        """Take a document of another file, if it is a resource."""
        kind = document.get("resourceType")
        if not isinstance(kind, str) or not kind[:1].isupper():
            return False
        self.resource(text, document)
        return True

    def finish(self) -> None:
        """Take what waited for something that other resources say."""
        waiting, self._waiting = self._waiting or [], None
        for unit in waiting:
            self.special[str(unit.document["resourceType"])](unit)
        self._waiting = []

    def _waits(self, unit: Unit) -> bool:
        """Put a claim aside whose diagnoses come later in the file: those of a bounded number."""
        if self._waiting is None or len(self._waiting) >= _WAITING:
            return False
        missing = any(
            ("Condition", reference_id(item.get("diagnosisReference"), unit) or "") not in self.names
            for item in listed(unit.document.get("diagnosis"))
            if "diagnosisReference" in item
        )
        if missing:
            self._waiting.append(unit)
        return missing

    def resource(self, text: str, document: Document) -> None:
        """Take one resource."""
        kind = document.get("resourceType")
        self.reading.unit()
        self.count += 1
        if not isinstance(kind, str) or not kind:
            self.reading.oddity("an object without resourceType; kept as it is", example=text[:60])
            self.reading.keep("fhir_object", text, document)
            return
        unit = Unit(document, text, self._id(kind, document), self.reading, self.names, self.addresses)
        self._remember(kind, unit)
        special = self.special.get(kind)
        if special is not None:
            special(unit)
        elif kind in TYPED:
            self._add(TYPED[kind], unit)
        else:
            self._keep(unit)

    def _id(self, kind: str, document: Document) -> str:
        own = document.get("id")
        own_id = str(own) if isinstance(own, str | int) and own != "" else ""
        if _STAND_IN.fullmatch(own_id) and kind in TYPED:
            known = ENTITY_TYPES[TYPED[kind].entity]
            kept = next(
                (
                    item.get("value")
                    for item in listed(document.get("identifier"))
                    if item.get("system") == OWN + known.key
                ),
                None,
            )
            return kept if isinstance(kept, str) else own_id
        return own_id

    def _remember(self, kind: str, unit: Unit) -> None:
        """What others of this file say by a reference to it."""
        if len(self.names) >= _NAMES_KEPT or not unit.id:
            return
        if kind == "Condition":
            coding = coding_of(unit.document.get("code"))
            if coding:
                self.names[(kind, unit.id)] = word(coding.get("code"))
        elif kind == "Medication":
            self.names[(kind, unit.id)] = unit.document.get("code")
        elif kind == "Organization":
            self.names[(kind, unit.id)] = word(unit.document.get("name"))
        for inner in listed(unit.document.get("contained")):
            if inner.get("resourceType") == "Medication":
                self.names[("Medication", f"{unit.id}-{inner.get('id')}")] = inner.get("code")

    # -- putting away ----------------------------------------------------------------------------------------

    def _row(self, typed: Typed, unit: Unit) -> Row:
        row = {name: value for name, read in typed.columns.items() if (value := read.take(unit)) is not None}
        return row | extended(unit.document, [typed.entity]).get(typed.entity, {})

    def _add(self, typed: Typed, unit: Unit, row: Row | None = None, derived: Derived | None = None) -> None:
        made = self._row(typed, unit) if row is None else row
        parts = [*(derived or []), *self._contained(unit)]
        self.reading.add(typed.entity, unit.text, made, entity_id=unit.id, derived=parts)

    def _keep(self, unit: Unit, derived: Derived | None = None) -> None:
        """Keep a resource of no type of ours, under its own name."""
        kind = snake_case(str(unit.document["resourceType"]))
        if entity_type_named(kind) is not None:
            kind = f"fhir_{kind}"
        parts = [*(derived or []), *self._contained(unit)]
        self.reading.keep(kind, unit.text, unit.document, entity_id=unit.id, derived=parts)

    def _contained(self, unit: Unit) -> Derived:
        """The rows of resources inside a resource: their ids begin with that of the one around them."""
        rows: Derived = []
        for inner in listed(unit.document.get("contained")):
            typed = TYPED.get(str(inner.get("resourceType")))
            if typed is None or not inner.get("id"):
                continue
            inside = replace(unit, document=inner, id=f"{unit.id}-{inner['id']}")
            rows.append((typed.entity, self._row(typed, inside) | {ENTITY_TYPES[typed.entity].key: inside.id}))
        return rows

    # -- types with more to them -----------------------------------------------------------------------------

    def _patient(self, unit: Unit) -> None:
        """A patient; where its person is named, the same is known of that."""
        row = self._row(TYPED["Patient"], unit)
        derived: Derived = []
        if row.get("person_id"):
            known = ENTITY_TYPES["person"].column
            derived.append(("person", {name: value for name, value in row.items() if name in known}))
        self._add(TYPED["Patient"], unit, row, derived)

    def _practitioner(self, unit: Unit) -> None:
        self._add(TYPED["Practitioner"], unit)

    def _organization(self, unit: Unit) -> None:
        """A facility, a pharmacy or a provider; payers and others are no entities of ours."""
        document = unit.document
        systems = {item.get("system"): word(item.get("value")) for item in listed(document.get("identifier"))}
        if NCPDP in systems or words_of(document.get("type")) == "Pharmacy":
            typed, name = PHARMACY, "pharmacy_id"
        elif OWN + "provider_id" in systems:
            typed, name = PROVIDER_ORGANIZATION, "provider_id"
        elif (
            has_code(document.get("type"), "pay") or has_code(document.get("type"), "ins") or OWN + "author" in systems
        ):
            self._keep(unit)
            return
        else:
            typed, name = FACILITY, "facility_id"
        unit.id = systems.get(OWN + name) or unit.id
        self._add(typed, unit)

    def _location(self, unit: Unit) -> None:
        """A place of an organisation is that one's; one of nobody is a facility."""
        derived: Derived = []
        if "managingOrganization" not in unit.document and unit.id:
            derived.append(("facility", {"facility_id": unit.id, **self._row(FACILITY, unit)}))
        self._keep(unit, derived)

    def _role(self, unit: Unit) -> None:
        """What somebody does where: of the provider, the specialty."""
        document = unit.document
        provider = reference_id(document.get("practitioner"), unit)
        derived: Derived = []
        if provider:
            coding = coding_of(document.get("specialty"), NUCC, "") or coding_of(document.get("code"), NUCC, "")
            row = {
                "provider_id": provider,
                "specialty": words_of(document.get("specialty")) or words_of(document.get("code")),
                "taxonomy_code": word(coding.get("code")) if coding else None,
            }
            derived.append(("provider", row))
        self._keep(unit, derived)

    def _observation(self, unit: Unit) -> None:
        document = unit.document
        if is_laboratory(document):
            self._add(LAB, unit)
            return
        vital = vital_row(unit)
        if vital is not None:
            self._keep(unit, [("vital_sign", vital)])
            return
        smoking = smoking_row(unit)
        self._keep(unit, [("patient", smoking)] if smoking and smoking["patient_id"] else [])

    def _request(self, unit: Unit) -> None:
        """A medication, a prescription, or, where it has the numbers of both, both."""
        own = {name: identifier("", OWN + name).take(unit) for name in ("medication_id", "prescription_id")}
        derived: Derived = []
        if own["prescription_id"]:
            prescription = self._row(PRESCRIPTION, unit)
            if own["medication_id"] is None:
                self._add(PRESCRIPTION, unit, prescription)
                return
            row = self._row(TYPED["MedicationRequest"], unit)
            for name, other in SAME_DRUG.items():
                prescription.setdefault(name, own["medication_id"] if other == "medication_id" else row.get(other))
            derived.append(("prescription", prescription))
            self._add(TYPED["MedicationRequest"], unit, row, derived)
            return
        self._add(TYPED["MedicationRequest"], unit, derived=derived)

    def _claim(self, unit: Unit) -> None:
        if self._waits(unit):
            return
        row, derived = claim_rows(unit)
        self.reading.add("claim", unit.text, row, entity_id=unit.id, derived=[*derived, *self._contained(unit)])

    def _explanation(self, unit: Unit) -> None:
        if not self._waits(unit):
            self._keep(unit, explanation_rows(unit))

    def _coverage(self, unit: Unit) -> None:
        """Somebody's coverage, and what it says of the plan."""
        row = self._row(TYPED["Coverage"], unit)
        derived: Derived = []
        if row.get("plan_id") or row.get("plan_code"):
            plan = {
                "plan_id": row.get("plan_id") or row.get("plan_code"),
                "plan_code": row.get("plan_code"),
                "plan_name": next(
                    (
                        word(item.get("name"))
                        for item in listed(unit.document.get("class"))
                        if has_code(item.get("type"), "plan")
                    ),
                    None,
                ),
                "plan_type": word(at(unit.document, ["type", "text"])),
                "payer_name": row.get("payer_name"),
            }
            row.setdefault("plan_id", plan["plan_id"])
            derived.append(("plan", plan))
        self._add(TYPED["Coverage"], unit, row, derived)

    def _condition(self, unit: Unit) -> None:
        """A diagnosis; a problem of ours is one that is there already."""
        if unit.id.startswith("problem-") and unit.document.get("encounter") is None:
            diagnosis = unit.id.removeprefix("problem-")
            self._keep_problem(unit, diagnosis)
            return
        row = self._row(TYPED["Condition"], unit)
        if row.get("category") == "problem-list-item":
            row["on_problem_list"] = True
        self._add(TYPED["Condition"], unit, row)

    def _keep_problem(self, unit: Unit, diagnosis: str) -> None:
        derived: Derived = [("diagnosis", {"diagnosis_id": diagnosis, "on_problem_list": True})]
        self.reading.keep("problem", unit.text, unit.document, entity_id=unit.id, derived=derived)
