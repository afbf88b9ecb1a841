"""The rows that a message means: its segments in order, each of which speaks of what stands before it.

PID says whose, PV1 in which encounter, ORC and OBR by which order all that follows is, until the next of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from healthsim.exchange.hl7v2 import declared as d
from healthsim.exchange.hl7v2.derive_orders import OrderSegments
from healthsim.exchange.hl7v2.parsed import Message, Segment
from healthsim.exchange.hl7v2.taken import MessageRows, Takings, encounter_id_of, patient_id_of
from healthsim.exchange.made_ids import made_id
from healthsim.model import ENTITY_TYPES
from healthsim.model.core import DemographicColumns, SsnColumn

#: events of ADT that say how an encounter is
_STATUS = {
    "A01": "in-progress",
    "A03": "finished",
    "A04": "in-progress",
    "A05": "planned",
    "A06": "in-progress",
    "A07": "in-progress",
    "A11": "cancelled",
    "A13": "in-progress",
    "A14": "planned",
    "A27": "cancelled",
    "A38": "cancelled",
}
_BEGINS, _ENDS = ("A01", "A04"), ("A03",)
#: events that put two patients or two visits together, or take them apart
_MERGES = frozenset("A17 A18 A24 A30 A34 A35 A36 A37 A39 A40 A41 A42 A43 A44 A45 A46 A47 A48 A49 A50 A51".split())
#: what a discharge says, and its cancellation takes back
_DISCHARGE = ("end_datetime", "discharge_disposition_code", "discharge_disposition")
_PEOPLE = (*DemographicColumns.model_fields, *SsnColumn.model_fields)


def derived_rows(message: Message, number: int, takings: Takings) -> list[tuple[str, dict[str, Any]]]:
    """The rows of a message; none where it says of no patient who they are."""
    walk = _Walk(message, number, takings)
    for segment in message.segments:
        takings.reading.line = segment.line
        walk.segment(segment)
    walk.end()
    takings.reading.line = message.line
    if not walk.patient_id and message.first("PID") is not None:
        takings.reading.oddity("a patient with neither number nor name; the message is kept as it is")
    return walk.rows.news()


class _Walk(OrderSegments):
    """A walk through the segments of one message."""

    def __init__(self, message: Message, number: int, takings: Takings) -> None:
        super().__init__(message, MessageRows(message, takings), takings)
        self.number = number
        self.person: dict[str, Any] = {}
        # the name of a segment -> what is done with it; others stay in the message only
        self.handlers: dict[str, Callable[[Segment], None]] = {
            "PID": self._pid,
            "PD1": self._pd1,
            "PV1": self._pv1,
            "PV2": self._pv2,
            "MRG": self._mrg,
            "DG1": self._dg1,
            "DRG": self._drg,
            "PR1": self._pr1,
            "AL1": self._al1,
            "IAM": self._iam,
            "IN1": self._in1,
            "SCH": self._sch,
            **self.order_handlers(),
        }

    def segment(self, segment: Segment) -> None:
        """Take what one segment says."""
        handler = self.handlers.get(segment.name)
        if handler is None:
            if segment.name not in _SILENT:
                self.takings.reading.oddity(f"segments {segment.name}, which have no row; kept in their messages")
        elif self.patient_id or segment.name in ("PID", "SCH"):
            handler(segment)

    # -- who -------------------------------------------------------------------------------------------------

    def _pid(self, segment: Segment) -> None:
        self.finish_order()
        self.patient_id = patient_id_of(segment)
        self.encounter_id = None
        if not self.patient_id:
            return
        row = d.PID.read(segment, self.rows)
        row["patient_id"] = self.patient_id
        if row.get("death_date") and row.get("deceased") is None:
            row["deceased"] = True
        self.person = self.rows.take("patient", row)
        if self.rows.own and row.get("person_id"):
            columns = ENTITY_TYPES["person"].column
            self.rows.take("person", {name: value for name, value in row.items() if name in columns})

    def _pd1(self, segment: Segment) -> None:
        self.person.update(d.PD1.read(segment, self.rows))

    def _mrg(self, segment: Segment) -> None:
        before = segment.text(1) or segment.text(4) or segment.text(5)
        self.takings.reading.oddity(
            f"{self.message.kind} puts two records together; nothing was merged, both stay", example=before
        )

    # -- encounters ------------------------------------------------------------------------------------------

    def _pv1(self, segment: Segment) -> None:
        self.finish_order()
        row = d.PV1.read(segment, self.rows)
        exact = row.pop("exact_class", None)
        if exact:
            row["encounter_class"] = exact
        is_adt = self.message.code == "ADT"
        event = self.message.event if is_adt else ""
        self._times(row, event, segment)
        number = encounter_id_of(segment)
        if not number and row.get("start_datetime") and is_adt:
            number = made_id("encounter", self.patient_id, row["start_datetime"])
        if not number:
            if is_adt and event not in _MERGES and segment.text(2).upper() not in ("N", "U", ""):
                self.takings.reading.oddity("a visit without number and time of admission; there is no encounter of it")
            return
        self.encounter_id = number
        if self.rows.own and segment.text(2) == "N":
            # we wrote no more than the number: of this encounter there was no row
            return
        row |= {"encounter_id": number, "patient_id": self.patient_id}
        if self.takings.taken_back.get(number, -1) >= self.number:
            row = {name: value for name, value in row.items() if name not in _DISCHARGE}
            if event == "A03":
                event = "A13"
        status = _STATUS.get(event)
        if is_adt and not status and row.get("end_datetime"):
            status = "finished"
        self.rows.take("encounter", {**row, "status": status})

    def _times(self, row: dict[str, Any], event: str, segment: Segment) -> None:
        """Where the visit does not say when it began or ended, the event does that tells of it."""
        column, field = ("start_datetime", 44) if event in _BEGINS else ("end_datetime", 45)
        evn = self.message.first("EVN")
        if event not in (*_BEGINS, *_ENDS) or segment.raw(field) or evn is None:
            return
        row[column] = self.rows.instant(evn.text(6) or evn.text(2))

    def _visit(self) -> dict[str, Any] | None:
        """The row of the encounter that segments speak of."""
        if not self.encounter_id or not self.rows.has("encounter", self.encounter_id):
            return None
        return self.rows.take("encounter", {"encounter_id": self.encounter_id, "patient_id": self.patient_id})

    def _pv2(self, segment: Segment) -> None:
        visit = self._visit()
        if visit is None:
            return
        row = d.PV2.read(segment, self.rows)
        visit.update(row)

    def _drg(self, segment: Segment) -> None:
        visit = self._visit()
        if visit is not None:
            visit.update(d.DRG.read(segment, self.rows))

    def _sch(self, segment: Segment) -> None:
        if not self.rows.own:
            self.takings.reading.oddity("appointments, which have no row; kept in their messages")
            return
        row = d.SCH.read(segment, self.rows)
        self.appointment = {name: row.get(name) for name in ("type_code", "type_code_system", "encounter_type")}

    # -- what a patient has ----------------------------------------------------------------------------------

    def _dg1(self, segment: Segment) -> None:
        row = d.DG1.read(segment, self.rows)
        row.pop("set_id", None)
        row.setdefault("description", segment.text(4) or None)
        kind, rank = row.get("diagnosis_type"), str(row.get("sequence_number") or "")
        if kind == "principal" and rank != "1":
            row["diagnosis_type"] = "secondary" if rank not in ("", "0") else "final"
        if not (row.get("code") or row.get("description")):
            return
        number = segment.text(20)
        visit = self._visit()
        if kind == "admitting" and visit is not None and row.get("code_system") == "ICD-10-CM":
            visit.setdefault("admitting_diagnosis", row["code"])
            if self.rows.own and not number:
                # one of ours has a number, where there is a row of it
                return
        row |= {"patient_id": self.patient_id, "encounter_id": self.encounter_id}
        facts = (self.encounter_id, row.get("code"), row.get("code_system"), row.get("description"), kind)
        row["diagnosis_id"] = self.own_id("diagnosis", number, *facts)
        self.rows.take("diagnosis", row)

    def _pr1(self, segment: Segment) -> None:
        row = d.PR1.read(segment, self.rows)
        row.pop("set_id", None)
        row.setdefault("description", segment.text(4) or None)
        if not (row.get("code") or row.get("description")):
            return
        modifiers = [text for item in segment.repetitions(16) if (text := item.text(1))]
        row |= {"patient_id": self.patient_id, "encounter_id": self.encounter_id, "modifiers": modifiers or None}
        facts = (self.encounter_id, row.get("code"), row.get("description"), segment.raw(5))
        row["procedure_id"] = self.own_id("procedure", segment.text(19), *facts)
        self.rows.take("procedure", row)

    def _al1(self, segment: Segment) -> None:
        row = d.AL1.read(segment, self.rows)
        row.pop("set_id", None)
        self._allergy(row, "")

    def _iam(self, segment: Segment) -> None:
        row = d.IAM.read(segment, self.rows)
        self._allergy(row, segment.text(7))

    def _allergy(self, row: dict[str, Any], number: str) -> None:
        if not (row.get("code") or row.get("substance")):
            return
        row["allergy_id"] = self.own_id("allergy", number, row.get("code") or row.get("substance"))
        row["patient_id"] = self.patient_id
        self.rows.take("allergy", row)

    def _in1(self, segment: Segment) -> None:
        row = d.IN1.read(segment, self.rows)
        for name in ("payer_name", "plan_name"):
            row[name] = row.get(name) or None
        plan_code, plan_name, payer = (row.get(name) for name in ("plan_code", "plan_name", "payer_name"))
        if not (plan_code or plan_name or payer or row.get("member_number") or row.get("subscriber_id")):
            return
        plan: dict[str, Any] = {name: row.pop(name, None) for name in ("plan_name", "plan_type", "payer_id")}
        row.pop("set_id", None)
        plan |= {"plan_code": plan_code, "payer_name": payer, "plan_name": plan["plan_name"] or plan_code}
        if plan_code or plan_name:
            plan["plan_id"] = made_id("plan", payer, plan_code or plan_name)
            self.rows.take("plan", plan)
            row["plan_id"] = plan["plan_id"]
        row.setdefault("member_number", row.get("subscriber_id"))
        facts = (row.get("member_number"), plan_code or plan_name or payer, row.get("coverage_start"))
        row["member_id"] = self.own_id("member", "", *facts)
        known = ENTITY_TYPES["member"].column
        about = {name: self.person.get(name) for name in (*_PEOPLE, "person_id") if name in known}
        self.rows.take("member", {**about, **row, "patient_id": self.patient_id})


#: segments that frame a message, or say how it was sent
_SILENT = frozenset({"MSH", "EVN", "SFT", "RGS", "AIP", "MSA", "ERR", "DSC", "UAC"})
