"""The segments of orders, results, drugs, vaccines and notes: what they say of the order that stands before them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from healthsim.exchange import hl7_observations
from healthsim.exchange.hl7v2 import declared as d
from healthsim.exchange.hl7v2.cells import Row
from healthsim.exchange.hl7v2.datatypes import limits_of, range_text
from healthsim.exchange.hl7v2.parsed import Message, Segment
from healthsim.exchange.hl7v2.taken import MessageRows, Takings, entity_of
from healthsim.exchange.made_ids import as_id, made_id
from healthsim.model.measured import number_in

#: messages whose observations are results of a laboratory or another service
_RESULTS = ("ORU", "OUL")
#: messages that ask for something to be done
_ORDERS = ("ORM", "OML", "OMG", "OMI", "OMP", "OMS", "OMN")
#: types of observations that are documents, not values
_ATTACHED = ("ED", "RP")
_TEXT = ("TX", "FT", "ST")
_LABORATORY = ("OML",)


class OrderSegments:
    """What a walk through a message knows of the order that it has come to."""

    def __init__(self, message: Message, rows: MessageRows, takings: Takings) -> None:
        self.message = message
        self.rows = rows
        self.takings = takings
        self.patient_id = ""
        self.encounter_id: str | None = None
        self.appointment: dict[str, Any] = {}
        self.order: dict[str, Any] = {}
        self.request: dict[str, Any] = {}
        self.timing: Segment | None = None
        self.results: list[dict[str, Any]] = []
        self.routed: dict[str, Any] | None = None
        self.vaccine: dict[str, Any] | None = None
        self.note: dict[str, Any] | None = None
        self._counts: dict[tuple[object, ...], int] = {}

    def order_handlers(self) -> dict[str, Callable[[Segment], None]]:
        """The name of a segment -> what is done with it."""
        return {
            "ORC": self._orc,
            "OBR": self._obr,
            "TQ1": self._tq1,
            "OBX": self._obx,
            "SPM": self._spm,
            "RXA": self._rxa,
            "RXR": self._rxr,
            "RXE": self._rxe,
            "RXO": self._rxo,
            "RXD": self._rxd,
            "TXA": self._txa,
        }

    def own_id(self, entity_type: str, number: str, *facts: object) -> str:
        """The id of a row: our own number; another's with the patient before it; else one of the facts."""
        if number and self.rows.own:
            return number
        if number:
            return as_id(self.patient_id, entity_type, number)
        return made_id(entity_type, self.patient_id, *facts)

    def _about(self) -> dict[str, Any]:
        return {"patient_id": self.patient_id, "encounter_id": self.encounter_id}

    def finish_order(self) -> None:
        """Forget the order that came before."""
        self.order, self.request, self.timing = {}, {}, None
        self.results, self.routed, self.vaccine = [], None, None

    def end(self) -> None:
        """The message is at its end."""
        if self.appointment and self.encounter_id and self.rows.has("encounter", self.encounter_id):
            visit = {"encounter_id": self.encounter_id, "patient_id": self.patient_id, **self.appointment}
            self.rows.take("encounter", visit)

    # -- orders ----------------------------------------------------------------------------------------------

    def _orc(self, segment: Segment) -> None:
        self.finish_order()
        self.order = d.ORC.read(segment, self.rows)
        self.order["order_id"] = entity_of(segment.repetitions(2))
        self.order["filler_id"] = entity_of(segment.repetitions(3))

    def _tq1(self, segment: Segment) -> None:
        self.timing = segment

    def _obr(self, segment: Segment) -> None:
        request = d.OBR.read(segment, self.rows)
        placer, filler = entity_of(segment.repetitions(2)), entity_of(segment.repetitions(3))
        request["order_id"] = placer or self.order.get("order_id") or filler or self.order.get("filler_id") or ""
        request["filler_id"] = filler
        self.request = request
        self.results, self.routed, self.vaccine = [], None, None
        if self.message.code in _ORDERS:
            self._take_order(request)

    def _take_order(self, request: Row) -> None:
        timing = d.TQ1.read(self.timing, self.rows) if self.timing else {}
        columns = (
            "code description code_system order_type reason_code clinical_indication reason_code_system"
            " ordering_provider_id"
        ).split()
        row: dict[str, Any] = {name: request.get(name) for name in columns}
        row["order_type"] = row["order_type"] or request.get("section")
        if row["order_type"] is None and self.message.code in _LABORATORY:
            row["order_type"] = "laboratory"
        row |= {name: self.order.get(name) for name in ("status", "ordered_datetime")}
        row["ordering_provider_id"] = row["ordering_provider_id"] or self.order.get("ordering_provider_id")
        row |= {name: timing.get(name) for name in ("priority", "scheduled_datetime")}
        if not (row["code"] or row["description"]):
            return
        order_id = request["order_id"] or made_id("order", self.patient_id, row["code"], row["description"])
        if self.rows.has("order", order_id):
            # several requests under one number of the order
            order_id = as_id(order_id, str(row["code"] or row["description"]))
        self.takings.orders.add(order_id)
        self.rows.take("order", {**row, **self._about(), "order_id": order_id})

    # -- observations ----------------------------------------------------------------------------------------

    def _obx(self, segment: Segment) -> None:
        code = next((segment.text(3, start) for start in (1, 4) if segment.text(3, start + 2) == "LN"), "")
        code = code or segment.text(3, 1)
        kind = segment.text(2).upper()
        if self.note is not None:
            self._note_text(segment, kind)
        elif code == hl7_observations.COMPLAINT and self.encounter_id and self.message.code == "ADT":
            self.rows.take("encounter", {"encounter_id": self.encounter_id, "chief_complaint": self._value(segment)})
        elif code == hl7_observations.SMOKING:
            self._smoking(segment)
        elif code == hl7_observations.DOSE_NUMBER and self.vaccine is not None:
            self.vaccine["dose_number"] = segment.text(5)
        elif vital := hl7_observations.vital_value(code, segment.text(5), segment.text(6), len(segment.repetitions(5))):
            self._vital(*vital, segment)
        elif self.message.code in _RESULTS and kind not in _ATTACHED:
            self._lab_result(segment, kind)
        elif kind in _ATTACHED:
            self.takings.reading.oddity("attachments of observations, which have no row; kept in their messages")
        else:
            self.takings.reading.oddity("observations that are no results; kept in their messages")

    def _smoking(self, segment: Segment) -> None:
        code, text = segment.text(5, 1), segment.text(5, 2)
        row = {"patient_id": self.patient_id, "smoking_status_code": code, "smoking_status": text}
        row["smoking_status_date"] = self.rows.date(segment.text(14))  # type: ignore[assignment]  # a date among texts
        self.rows.take("patient", row)

    def _vital(self, column: str, value: float | int, segment: Segment) -> None:
        when = self.rows.instant(segment.text(14)) or self.request.get("collected_datetime")
        number = self.request.get("filler_id") if self.rows.own else ""
        vital_sign_id = number or made_id("vital_sign", self.patient_id, self.encounter_id, when)
        row = {"vital_sign_id": vital_sign_id, "observation_datetime": when, column: value}
        self.rows.take("vital_sign", {**row, **self._about()})

    def _lab_result(self, segment: Segment, kind: str) -> None:
        row = d.OBX.read(segment, self.rows)
        sub_id = segment.text(4)
        for name in ("set_id", "value_type"):
            row.pop(name, None)
        row["value"] = self._value(segment, kind)
        if not (row.get("loinc_code") or row.get("test_name")):
            return
        row["value_numeric"] = number_in(row["value"])
        self._range(row)
        request = self.request
        row["collected_datetime"] = row.get("collected_datetime") or request.get("collected_datetime")
        if not self.rows.own:
            row["resulted_datetime"] = row.get("resulted_datetime") or request.get("resulted_datetime")
        row["ordering_provider_id"] = request.get("ordering_provider_id") or self.order.get("ordering_provider_id")
        order_id = request.get("order_id")
        if order_id and (order_id in self.takings.orders or (self.rows.own and order_id != request.get("filler_id"))):
            row["order_id"] = order_id
        row["lab_result_id"] = row.get("lab_result_id") or self._result_id(row, sub_id)
        self.results.append(self.rows.take("lab_result", {**row, **self._about()}))

    def _result_id(self, row: Row, sub_id: str) -> str:
        """An id for a result: the order, the test, when; of several such in a message, which of them."""
        request = self.request
        facts = (
            self.patient_id,
            request.get("order_id") or request.get("filler_id") or self.message.header.text(10),
            row.get("loinc_code") or row.get("test_name"),
            sub_id,
            row["collected_datetime"],
        )
        count = self._counts[facts] = self._counts.get(facts, 0) + 1
        return made_id("lab_result", *facts, *([count] if count > 1 else []))

    def _range(self, row: dict[str, Any]) -> None:
        text = row.get("reference_range")
        if not text:
            return
        row["reference_low"], row["reference_high"] = limits_of(text)
        limits = {name: row[name] for name in ("reference_low", "reference_high")}
        if self.rows.own and range_text(limits) == text:
            # we wrote the limits there, and no words
            del row["reference_range"]

    def _value(self, segment: Segment, kind: str = "ST") -> str | None:
        """The value of an observation as text; of several, all of them."""
        if kind in _TEXT:
            text = segment.texts(5)
            return (text if self.rows.own else text.strip()) or None
        cell = next(cell for cell in d.OBX.cells if cell.column == "value")
        values = [cell.codec.read(item, 1, 0, self.rows) for item in segment.repetitions(5)]
        return "; ".join(value for value in values if value) or None

    def _spm(self, segment: Segment) -> None:
        row = d.SPM.read(segment, self.rows)
        collected = row.pop("collected_datetime", None)
        for result in self.results:
            result.update({name: value for name, value in row.items() if value is not None})
            if collected is not None:
                result.setdefault("collected_datetime", collected)

    # -- vaccines and drugs ----------------------------------------------------------------------------------

    def _rxa(self, segment: Segment) -> None:
        row = d.RXA.read(segment, self.rows)
        if not (row.get("cvx_code") or row.get("description")) or row.get("cvx_code") == "998":
            # 998: none was given, the message tells of the past or of a refusal
            return
        if segment.text(21).upper() == "D":
            row["status"] = "entered-in-error"
        number = self.order.get("filler_id") or ""
        facts = (row.get("cvx_code") or row.get("description"), row.get("administered_date"), row.get("lot_number"))
        row["immunization_id"] = self.own_id("immunization", number, *facts)
        if not self.rows.own and self.rows.has("immunization", row["immunization_id"]):
            row["immunization_id"] = made_id("immunization", self.patient_id, *facts)
        self.vaccine = self.routed = self.rows.take("immunization", {**row, **self._about()})

    def _rxr(self, segment: Segment) -> None:
        if self.routed is None:
            return
        row = d.RXR.read(segment, self.rows)
        if self.routed is not self.vaccine:
            row.pop("site", None)
        self.routed.update(row)

    def _rxe(self, segment: Segment) -> None:
        row = d.RXE.read(segment, self.rows)
        if row.get("dose_unit") == d.NO_UNIT:
            del row["dose_unit"]
            if row.get("dose_quantity") == "1" or not self.rows.own:
                row.pop("dose_quantity", None)
        if not (row.get("drug_name") or row.get("rxnorm_code") or row.get("ndc")):
            return
        if self.timing is not None:
            row |= d.TQ1_OF_PRESCRIPTION.read(self.timing, self.rows)
        ordered = self.order.get("ordered_datetime")
        if row.get("written_date") is None and ordered is not None:
            row["written_date"] = ordered.date()
        row["directions"] = row.get("directions") or segment.text(21, 2) or segment.text(21, 1)
        row["prescriber_provider_id"] = self.order.get("ordering_provider_id")
        row["medication_id"] = self.order.get("medication_id")
        facts = (row.get("prescription_number"), row.get("rxnorm_code"), row.get("ndc"), row.get("drug_name"))
        number = self.order.get("order_id") or self.order.get("filler_id") or ""
        row["prescription_id"] = self.own_id("prescription", number, *facts, row.get("written_date"))
        self.routed = self.rows.take("prescription", {**row, "patient_id": self.patient_id})

    def _rxo(self, segment: Segment) -> None:
        if self.message.code not in _ORDERS:
            # what was asked for stands before what was made of it
            return
        row = d.RXO.read(segment, self.rows)
        if not (row.get("name") or row.get("code")):
            return
        if self.timing is not None:
            row |= d.TQ1_OF_MEDICATION.read(self.timing, self.rows)
        if not self.rows.own and row.get("dose_quantity"):
            row["dose"] = " ".join(text for name in ("dose_quantity", "dose_unit") if (text := row.get(name)))
        row["prescriber_provider_id"] = self.order.get("ordering_provider_id")
        row["status"] = self.order.get("status")
        number = self.order.get("order_id") or self.order.get("filler_id") or ""
        facts = (row.get("code"), row.get("name"), row.get("start_date"))
        row["medication_id"] = self.own_id("medication", number, *facts)
        self.routed = self.rows.take("medication", {**row, **self._about()})

    def _rxd(self, segment: Segment) -> None:
        row = d.RXD.read(segment, self.rows)
        if not (row.get("drug_name") or row.get("ndc")):
            return
        number = self.order.get("order_id") or ""
        if number:
            row["prescription_id"] = self.own_id("prescription", number)
        row["prescriber_provider_id"] = self.order.get("ordering_provider_id")
        facts = (number, row.get("ndc") or row.get("drug_name"), row.get("service_date"), row.get("fill_number"))
        filler = self.order.get("filler_id") if self.rows.own else ""
        row["pharmacy_claim_id"] = self.own_id("pharmacy_claim", filler or "", *facts)
        row["status"] = "paid" if self.rows.own else None
        self.rows.take("pharmacy_claim", row)

    # -- notes -----------------------------------------------------------------------------------------------

    def _txa(self, segment: Segment) -> None:
        if self.message.code != "MDM":
            return
        row = d.TXA.read(segment, self.rows)
        number = entity_of(segment.repetitions(12))
        facts = (row.get("note_type"), row.get("note_datetime"))
        row["clinical_note_id"] = self.own_id("clinical_note", number, *facts)
        self.note = self.rows.take("clinical_note", {**row, **self._about()})

    def _note_text(self, segment: Segment, kind: str) -> None:
        assert self.note is not None
        if self.rows.own:
            self.note |= {"note_type": segment.text(3, 2), "loinc_code": segment.text(3, 1)}
        if kind not in _TEXT:
            self.takings.reading.oddity("attachments of notes, which are no text; kept in their messages")
            return
        text = self._value(segment, kind)
        if text:
            before = self.note.get("content")
            self.note["content"] = f"{before}\n{text}" if before else text
