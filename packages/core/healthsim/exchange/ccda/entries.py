"""The entries of a document, in whatever section they stand: by their templates they say what they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from healthsim.exchange.ccda import declared as d
from healthsim.exchange.ccda.code_systems import ENCOUNTER_CLASS
from healthsim.exchange.ccda.custom import VISIT, tag
from healthsim.exchange.ccda.reading import Row, Takes, read
from healthsim.exchange.ccda.shapes import Shape
from healthsim.exchange.hl7_observations import vital_value
from healthsim.exchange.made_ids import made_id
from healthsim.model import ENTITY_TYPES
from healthsim.model.core import DemographicColumns, SsnColumn

_ROOT = "2.16.840.1.113883.10.20."
#: sections -> what a diagnosis in them is
_DIAGNOSIS_TYPES = {"46241-6": "admitting", "42347-5": "admitting", "11535-2": "final", "78375-3": "final"}
_PROBLEM_LIST = "11450-4"
#: procedures may be written as acts and as observations, too
_PROCEDURES = (*d.PROCEDURE.tells(), f"{_ROOT}22.4.12", f"{_ROOT}22.4.13")
#: what is planned: an observation, a procedure, an act
_PLANNED = {f"{_ROOT}22.4.44": "laboratory", f"{_ROOT}22.4.41": "procedure", f"{_ROOT}22.4.39": None}
_REACTION = (f"{_ROOT}22.4.9",)
_PEOPLE = (*DemographicColumns.model_fields, *SsnColumn.model_fields)
#: sections of text that a clinician wrote
_NOTE_SECTIONS = frozenset(
    "10164-2 10154-3 10187-3 10210-3 10184-0 11348-0 11493-4 18841-7 29299-5 29545-1 29549-3 42348-3 42349-1 46239-0"
    " 46240-6 51847-2 51848-0 8648-8 8653-8 10190-7 10157-6 69730-0 8716-3-note 61149-1 61150-9 55109-3 59768-2".split()
)


class Entries:
    """The entries of one document.

    Args:
        root: the document.
        takes: takes the rows.
        person: the columns of the patient, which members have as well.
    """

    def __init__(self, root: Element, takes: Takes, person: Row) -> None:
        self.root = root
        self.takes = takes
        self.person = person

    def take_all(self) -> None:
        """Take the rows of the visit that the document is of, and of every section."""
        self._visit()
        for section in self.root.iter(tag("section")):
            self.takes.reading.line = self.takes.lines.get(section)
            code = section.find(tag("code"))
            self._section(section, "" if code is None else code.get("code", ""))

    def _section(self, section: Element, code: str) -> None:
        before = self.takes.taken
        self._allergies(section)
        self._medications(section)
        self._problems(section, code)
        self._simple(section, d.PROCEDURE, "procedure", _PROCEDURES)
        self._simple(section, d.IMMUNIZATION, "immunization", d.IMMUNIZATION.tells())
        self._results(section)
        self._vitals(section)
        self._encounters(section)
        self._smoking(section)
        self._notes(section, code)
        self._payers(section)
        self._plans(section)
        entries = section.findall(tag("entry"))
        if entries and self.takes.taken == before:
            title = self.takes.words(section.find(tag("title"))) or code or "without a title"
            self.takes.reading.oddity(f"entries of the section {title}, which have no row; kept in their document")

    # -- what entries have in common -------------------------------------------------------------------------

    def _of(self, section: Element, shape: Shape, *roots: str) -> Iterator[Element]:
        """The elements with the templates of a shape, with a statement of what is: not of what is not."""
        wanted = roots or shape.tells()
        for element in section.iter():
            if not self.takes.has_template(element, wanted):
                continue
            if element.get("negationInd") in ("true", "1") and shape is not d.IMMUNIZATION:
                self.takes.reading.oddity("statements that something is not so; kept in their document")
                continue
            self.takes.reading.line = self.takes.lines.get(element)
            yield element

    def _take(self, entity_type: str, element: Element, row: Row) -> Row:
        known = ENTITY_TYPES[entity_type]
        row[known.key] = row.get(known.key) or self.takes.row_id(entity_type, element)
        return self.takes.take(entity_type, {**row, "patient_id": self.takes.patient_id})

    def _simple(self, section: Element, shape: Shape, entity_type: str, roots: tuple[str, ...]) -> None:
        for element in self._of(section, shape, *roots):
            row = read(shape, element, self.takes)
            if entity_type == "procedure":
                row["status"] = row.pop("status_code", None)
                if row["status"] == "completed" and self.takes.own:
                    del row["status"]
                row.setdefault("performed_datetime", self._begin(element))
            elif not self.takes.own and not row.get("status"):
                row["status"] = "completed"
            if entity_type == "immunization" and not row.get("administered_date"):
                moment = self._begin(element)
                row["administered_date"] = None if moment is None else moment.date()
            if row.get("code") or row.get("description") or row.get("cvx_code"):
                self._take(entity_type, element, row)

    def _begin(self, element: Element) -> Any:
        """When something began, where its time is a range."""
        low = element.find(f"{tag('effectiveTime')}/{tag('low')}")
        return None if low is None or not low.get("value") else self.takes.instant(low.get("value", ""))

    # -- sections --------------------------------------------------------------------------------------------

    def _allergies(self, section: Element) -> None:
        concerns = {
            id(observation): concern
            for concern in section.iter(tag("act"))
            if self.takes.has_template(concern, d.ALLERGY.tells())
            for observation in concern.iter(tag("observation"))
        }
        for element in self._of(section, d.ALLERGY_OBSERVATION):
            row = read(d.ALLERGY_OBSERVATION, element, self.takes)
            row["category"] = row.pop("kind", None)
            if not row.get("status"):
                concern = concerns.get(id(element))
                row["status"] = None if concern is None else read(d.ALLERGY, concern, self.takes).get("concern")
            if not row.get("reaction"):
                row["reaction"] = self._reaction(element)
            if row.get("code") or row.get("substance"):
                self._take("allergy", element, row)

    def _reaction(self, element: Element) -> str | None:
        for observation in element.iter(tag("observation")):
            value = observation.find(tag("value"))
            if self.takes.has_template(observation, _REACTION) and value is not None:
                text = self.takes.meaning(value)
                return text or self.takes.words(observation.find(tag("text"))) or None
        return None

    def _medications(self, section: Element) -> None:
        for element in self._of(section, d.MEDICATION):
            row = read(d.MEDICATION, element, self.takes)
            row["status"] = row.pop("status_code", None)
            if not row.get("name"):
                row["name"] = self.takes.words(element.find(tag("text"))) or None
            if row.get("code") or row.get("name"):
                self._take("medication", element, row)

    def _problems(self, section: Element, code: str) -> None:
        of_encounters = {
            id(observation): encounter
            for encounter in section.iter(tag("encounter"))
            for observation in encounter.iter(tag("observation"))
        }
        acts = {
            id(observation): (act, shape)
            for shape in (d.PROBLEM, d.ENCOUNTER_DIAGNOSIS)
            for act in section.iter(tag("act"))
            if self.takes.has_template(act, shape.tells())
            for observation in act.iter(tag("observation"))
        }
        for element in self._of(section, d.PROBLEM_OBSERVATION):
            row = read(d.PROBLEM_OBSERVATION, element, self.takes)
            if not (row.get("code") or row.get("description")):
                row["description"] = self.takes.words(element.find(tag("text"))) or None
            if not (row.get("code") or row.get("description")):
                continue
            act, shape = acts.get(id(element), (None, d.PROBLEM))
            if act is not None:
                said = read(shape, act, self.takes)
                row["diagnosed_date"] = said.get("diagnosed_date")
                if not self.takes.own and not row.get("clinical_status"):
                    row["clinical_status"] = said.get("concern")
            if not self.takes.own:
                row["diagnosis_type"] = _DIAGNOSIS_TYPES.get(code)
                row["on_problem_list"] = True if code == _PROBLEM_LIST else None
            encounter = of_encounters.get(id(element))
            if encounter is not None:
                row["encounter_id"] = self.takes.row_id("encounter", encounter)
            self._take("diagnosis", element, row)

    def _results(self, section: Element) -> None:
        organizers = {
            id(observation): organizer
            for organizer in section.iter(tag("organizer"))
            for observation in organizer.iter(tag("observation"))
        }
        for element in self._of(section, d.RESULT):
            row = read(d.RESULT, element, self.takes)
            status = row.pop("status_code", None)
            row["status"] = None if self.takes.own and status == "final" else status
            organizer = organizers.get(id(element))
            if organizer is not None:
                self._from_organizer(row, organizer)
            if row.get("loinc_code") or row.get("test_name"):
                self._take("lab_result", element, row)

    def _from_organizer(self, row: Row, organizer: Element) -> None:
        """What the results of one organizer have in common: specimen, encounter, time."""
        specimen = organizer.find(tag("specimen"))
        if specimen is not None:
            row |= {name: value for name, value in read(d.SPECIMEN, specimen, self.takes).items() if value}
        row |= {name: value for name, value in VISIT.read(organizer, self.takes).items() if value}
        row.setdefault("collected_datetime", self._begin(organizer))
        if self.takes.own:
            order_id = self.takes.link("order", organizer) or ""
            row["order_id"] = None if order_id.endswith("-group") else order_id

    def _vitals(self, section: Element) -> None:
        organizers = {
            id(observation): organizer
            for organizer in section.iter(tag("organizer"))
            for observation in organizer.iter(tag("observation"))
        }
        for element in self._of(section, d.VITAL):
            row = read(d.VITAL, element, self.takes)
            organizer = organizers.get(id(element))
            when = row.get("observation_datetime")
            if when is None and organizer is not None:
                when = self._begin(organizer)
            code, text, unit = (str(row.get(name) or "") for name in ("loinc", "value", "unit"))
            value = vital_value(code, text, unit)
            visit = {} if organizer is None else VISIT.read(organizer, self.takes)
            if value is None:
                self._other_sign(element, row, when, visit)
                continue
            if self.takes.own and organizer is not None:
                sign_id = self.takes.row_id("vital_sign", organizer)
            else:
                sign_id = made_id("vital_sign", self.takes.patient_id, visit.get("encounter_id"), when)
            made = {"vital_sign_id": sign_id, "observation_datetime": when, value[0]: value[1], **visit}
            self.takes.take("vital_sign", {**made, "patient_id": self.takes.patient_id})

    def _other_sign(self, element: Element, row: Row, when: Any, visit: Any) -> None:
        """A sign that has no column, or is not in its unit: a result all the same."""
        if not (row.get("loinc") or row.get("name")) or row.get("value") is None:
            return
        result = {
            "test_name": row.get("name"),
            "loinc_code": row.get("loinc"),
            "value": row.get("value"),
            "value_numeric": row.get("value"),
            "unit": row.get("unit"),
            "collected_datetime": when,
            **visit,
        }
        self._take("lab_result", element, result)

    def _encounters(self, section: Element) -> None:
        for element in self._of(section, d.ENCOUNTER):
            self._encounter(element, read(d.ENCOUNTER, element, self.takes))

    def _encounter(self, element: Element, row: Row) -> None:
        time = element.find(tag("effectiveTime"))
        if time is not None and time.get("value") and not row.get("start_datetime"):
            row["start_datetime"] = self.takes.instant(time.get("value", ""))
        class_code = row.pop("class_code", None) or (
            row.get("type_code") if row.get("type_code_system") == "ActCode" else None
        )
        row["encounter_class"] = ENCOUNTER_CLASS.read(str(class_code or ""), self.takes)
        if row.get("type_code_system") == "ActCode":
            row |= {"type_code": None, "type_code_system": None}
        status = row.pop("status_code", None)
        if self.takes.own or status == "cancelled":
            row["status"] = status
        elif row.get("end_datetime"):
            row["status"] = "finished"
        self._take("encounter", element, row)

    def _visit(self) -> None:
        """The encounter that the whole document is of."""
        for element in self.root.findall(f"{tag('componentOf')}/{tag('encompassingEncounter')}"):
            self._encounter(element, read(d.ENCOUNTER, element, self.takes))

    def _smoking(self, section: Element) -> None:
        for element in self._of(section, d.SMOKING):
            row = read(d.SMOKING, element, self.takes)
            if not row.get("smoking_status_date"):
                moment = self._begin(element)
                row["smoking_status_date"] = None if moment is None else moment.date()
            self.takes.take("patient", {**row, "patient_id": self.takes.patient_id})

    def _notes(self, section: Element, code: str) -> None:
        for element in self._of(section, d.NOTE):
            row = read(d.NOTE, element, self.takes)
            self._take("clinical_note", element, row)
        if code not in _NOTE_SECTIONS or section.findall(tag("entry")):
            return
        text = self.takes.words(section.find(tag("text")))
        if text:
            title = self.takes.words(section.find(tag("title")))
            note = {"note_type": title, "loinc_code": code, "content": text, "note_datetime": self._written()}
            note_id = made_id("clinical_note", self.takes.patient_id, code, text)
            self.takes.take("clinical_note", {**note, "clinical_note_id": note_id, "patient_id": self.takes.patient_id})

    def _written(self) -> Any:
        time = self.root.find(tag("effectiveTime"))
        return None if time is None or not time.get("value") else self.takes.instant(time.get("value", ""))

    def _payers(self, section: Element) -> None:
        for element in self._of(section, d.PAYER):
            row = read(d.PAYER, element, self.takes)
            plan_code, payer = row.get("plan_code"), row.get("payer_name")
            plan_name = row.pop("plan_name", None)
            if not (plan_code or plan_name or payer or row.get("member_number")):
                continue
            if plan_code or plan_name:
                row["plan_id"] = made_id("plan", payer, plan_code or plan_name)
                plan = {"plan_id": row["plan_id"], "plan_code": plan_code, "plan_name": plan_name, "payer_name": payer}
                self.takes.take("plan", plan)
            about = {name: self.person.get(name) for name in (*_PEOPLE, "person_id")}
            self._take("member", element, {**about, **row})

    def _plans(self, section: Element) -> None:
        """What is planned, as orders."""
        for root, kind in _PLANNED.items():
            for element in self._of(section, d.PROCEDURE, root):
                row = read(d.PROCEDURE, element, self.takes)
                if not (row.get("code") or row.get("description")):
                    continue
                order: Row = {name: row.get(name) for name in ("code", "code_system", "description", "encounter_id")}
                order |= {"order_type": kind, "status": "active", "scheduled_datetime": row.get("performed_datetime")}
                order["order_id"] = self.takes.row_id("order", element)
                self._take("order", element, order)
