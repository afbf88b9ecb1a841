"""The messages of a patient, in the order of time: which rows go into which message, and in which order of segments."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from healthsim.exchange import hl7_observations, hl7_times
from healthsim.exchange.hl7v2 import declared as d
from healthsim.exchange.hl7v2.datatypes import range_text
from healthsim.exchange.hl7v2.delimiters import STANDARD, escaped
from healthsim.exchange.hl7v2.kinds import KINDS
from healthsim.exchange.hl7v2.parsed import APPLICATION
from healthsim.exchange.hl7v2.patient_segments import NO_TIME, Event, PatientSegments, Row, grouped
from healthsim.model import ENTITY_TYPES

#: the tables that messages are made from, of a patient
CARRIED = (*dict.fromkeys(ENTITY_TYPES[segment.entity_type].plural for segment in d.SEGMENTS), "vital_signs", "claims")
#: those that are named in messages where a patient's rows refer to them
NAMED = ("providers", "facilities", "plans")
_STAYS = ("inpatient", "observation")
_BOOKED = ("outpatient", "virtual", "home")
#: laboratory values with these in common are of one message
_TOGETHER = (
    "encounter_id collected_datetime resulted_datetime ordering_provider_id order_id specimen_id specimen_type specimen_code"
).split()


class PatientMessages(PatientSegments):
    """The messages of one patient."""

    def events(self) -> list[Event]:
        """All of them, ordered by time; what has no time comes last."""
        makers = (
            self._adt,
            self._vitals,
            self._labs,
            self._orders,
            self._immunizations,
            self._medications,
            self._prescriptions,
            self._fills,
            self._appointments,
            self._notes,
            self._charges,
        )
        events = [event for make in makers for event in make()]
        events.sort(key=lambda event: event.when)
        return events

    # -- admission, discharge, transfer ----------------------------------------------------------------------

    def _adt(self) -> Iterator[Event]:
        for encounter_id, row in self.encounters.items():
            start, end = row["start_datetime"], row["end_datetime"]
            stay = row["encounter_class"] in _STAYS
            if row["status"] not in ("planned", "cancelled"):
                yield from self._begin(encounter_id, row, "ADT^A01" if stay else "ADT^A04")
                if stay and end is not None:
                    yield from self._end(encounter_id, row)
            after = end or start or NO_TIME
            head = self._head("A08", after)
            yield from self._event(
                after,
                "ADT^A08",
                lambda row=row, encounter_id=encounter_id, head=head: [
                    *head,
                    *self._visit(encounter_id),
                    *self._complaint(row),
                    *self._diagnoses(encounter_id),
                    *self._drg(row),
                    *self._procedures(encounter_id),
                ],
            )
        for encounter_id in self.lost_encounters():
            # what refers to an encounter that is not there still says so
            yield from self._event(
                NO_TIME,
                "ADT^A08",
                lambda encounter_id=encounter_id: [
                    *self._head("A08", NO_TIME),
                    *self._visit(encounter_id),
                    *self._diagnoses(encounter_id),
                    *self._procedures(encounter_id),
                ],
            )
        yield from self._event(
            NO_TIME,
            "ADT^A08",
            lambda: [
                *self._head("A08", NO_TIME),
                "PV1|1|N",
                *self._smoking(),
                *self._allergies(),
                *self._diagnoses(None),
                *self._procedures(None),
                *self._coverage(None),
            ],
        )

    def _begin(self, encounter_id: str, row: Row, kind: str) -> Iterator[Event]:
        start = row["start_datetime"] or row["end_datetime"] or NO_TIME
        yield from self._event(
            start,
            kind,
            lambda: [
                *self._head(KINDS[kind].event, start),
                *self._visit(encounter_id, begins=True),
                *self._complaint(row),
                *self._allergies(),
                *self._diagnoses(encounter_id, begins=True),
                *self._coverage(None if start == NO_TIME else start.date()),
            ],
        )

    def _end(self, encounter_id: str, row: Row) -> Iterator[Event]:
        end = row["end_datetime"]
        yield from self._event(
            end,
            "ADT^A03",
            lambda: [
                *self._head("A03", end),
                *self._visit(encounter_id),
                *self._diagnoses(encounter_id),
                *self._drg(row),
                *self._procedures(encounter_id),
            ],
        )

    # -- results ---------------------------------------------------------------------------------------------

    def _vitals(self) -> Iterator[Event]:
        if "ORU^R01" not in self.kinds:
            return
        panel = {"code": "85353-1", "description": "Vital signs panel", "code_system": "LOINC", "status": "final"}
        for row in self.record.of("vital_signs"):
            when = row["observation_datetime"]
            obr = {**panel, "result_id": row["vital_sign_id"], "collected_datetime": when}
            segments = [
                *self.person,
                *self._pv1(row["encounter_id"]),
                "ORC|RE",
                d.OBR.write(obr, self.lookup, set_id=1),
            ]
            number = 0
            for code, (column, name, unit) in hl7_observations.VITALS.items():
                if row[column] is None:
                    continue
                number += 1
                facts = {"value": repr(row[column]), "unit": unit, "collected_datetime": when, "set_id": number}
                segments.append(self._said(code, name, value_type="NM", **facts))
            yield Event(when or NO_TIME, "ORU^R01", segments)

    def _labs(self) -> Iterator[Event]:
        if "ORU^R01" not in self.kinds:
            return
        panels = self._panels()
        groups: dict[tuple[Any, ...], list[Row]] = {}
        for row in self.record.of("lab_results"):
            groups.setdefault(tuple(row[name] for name in _TOGETHER), []).append(row)
        for rows in groups.values():
            first = rows[0]
            encounter_id, collected = first["encounter_id"], first["collected_datetime"]
            obr = {
                **panels.get(first["order_id"], panels.get((encounter_id,), _LABORATORY)),
                **{name: first[name] for name in ("order_id", "ordering_provider_id", "resulted_datetime")},
                "result_id": first["lab_result_id"],
                "collected_datetime": collected,
                "section": "laboratory",
                "status": "final",
            }
            segments = [
                *self.person,
                *self._pv1(encounter_id),
                "ORC|RE",
                d.OBR.write(obr, self.lookup, set_id=1),
                *(self._lab_value(row, number) for number, row in enumerate(rows, 1)),
            ]
            if first["specimen_id"] or first["specimen_type"] or first["specimen_code"]:
                shown = {**first, "specimen_type": first["specimen_type"] or first["specimen_code"] or "Specimen"}
                segments.append(d.SPM.write(shown, self.lookup))
            yield Event(collected or NO_TIME, "ORU^R01", segments)

    def _lab_value(self, row: Row, number: int) -> str:
        value = row["value"]
        if value is None and row["value_numeric"] is not None:
            value = repr(row["value_numeric"])
        extra = {"value": value, "reference_range": range_text(row), "set_id": number}
        extra["value_type"] = None if value is None else "NM" if _is_number(value) else "ST"
        extra["code_system"] = row["code_system"] or ("LOINC" if row["loinc_code"] else None)
        extra["test_name"] = row["test_name"] or (None if row["loinc_code"] else "Laboratory test")
        extra["status"] = row["status"] or "final"
        return d.OBX.write(row, self.lookup, **extra)

    def _panels(self) -> dict[Any, Row]:
        """What was ordered: by the id of the order, and by (encounter,) where that has only one laboratory order."""
        orders: dict[Any, list[Row]] = {}
        for row in self.record.of("orders"):
            if _is_laboratory(row) and row["code"]:
                orders.setdefault(row["encounter_id"], []).append(row)
        singles: dict[Any, Row] = {(encounter,): rows[0] for encounter, rows in orders.items() if len(rows) == 1}
        every = singles | {row["order_id"]: row for rows in orders.values() for row in rows}
        names = ("code", "description", "code_system")
        return {key: {name: row[name] for name in names} for key, row in every.items()}

    # -- orders ----------------------------------------------------------------------------------------------

    def _orders(self) -> Iterator[Event]:
        for row in self.record.of("orders"):
            kind = "OML^O21" if _is_laboratory(row) else "OMG^O19"
            if kind not in self.kinds:
                continue
            extra = {"set_id": 1, "section": row["order_type"] or "other", "status": None}
            if not (row["code"] or row["description"]):
                extra["description"] = "Order"
            orc = d.ORC.write(row, self.lookup, control="NW")
            tq1 = d.TQ1.write(row, self.lookup)
            segments = [*self.person, *self._pv1(row["encounter_id"]), orc]
            segments += [tq1] if tq1 != "TQ1|1" else []
            segments.append(d.OBR.write(row, self.lookup, **extra))
            yield Event(row["ordered_datetime"] or NO_TIME, kind, segments)

    def _immunizations(self) -> Iterator[Event]:
        if "VXU^V04" not in self.kinds:
            return
        for row in self.record.of("immunizations"):
            day = row["administered_date"]
            segments = [
                *self.person,
                *self._pv1(row["encounter_id"]),
                d.ORC.write({"control": "RE", "filler_id": row["immunization_id"]}, self.lookup),
                d.RXA.write(row, self.lookup, status=row["status"] or "completed"),
            ]
            rxr = d.RXR.write(row, self.lookup)
            segments += [rxr] if rxr != "RXR" else []
            if row["dose_number"] is not None:
                number = str(row["dose_number"])
                segments.append(
                    self._said(hl7_observations.DOSE_NUMBER, "Dose number in series", value_type="NM", value=number)
                )
            yield Event(_midnight(day), "VXU^V04", segments)

    def _medications(self) -> Iterator[Event]:
        if "OMP^O09" not in self.kinds:
            return
        for row in self.record.of("medications"):
            order = {"control": "NW", "order_id": row["medication_id"], "status": row["status"]}
            order["ordering_provider_id"] = row["prescriber_provider_id"]
            tq1 = d.TQ1_OF_MEDICATION.write(row, self.lookup)
            rxr = d.RXR.write({"route": row["route"]}, self.lookup)
            segments = [*self.person, *self._pv1(row["encounter_id"]), d.ORC.write(order, self.lookup)]
            segments += [tq1] if tq1 != "TQ1|1" else []
            segments.append(d.RXO.write(row, self.lookup))
            segments += [rxr] if rxr != "RXR" else []
            yield Event(_midnight(row["start_date"]), "OMP^O09", segments)

    def _prescriptions(self) -> Iterator[Event]:
        if "RDE^O11" not in self.kinds:
            return
        for row in self.record.of("prescriptions"):
            order = {"control": "NW", "order_id": row["prescription_id"]}
            order |= {"ordering_provider_id": row["prescriber_provider_id"], "medication_id": row["medication_id"]}
            # both are required; what is not known is one dose
            dose = {} if row["dose_quantity"] is not None else {"dose_quantity": 1, "dose_unit": d.NO_UNIT}
            dose |= {} if row["dose_unit"] else {"dose_unit": d.NO_UNIT}
            if not (row["rxnorm_code"] or row["drug_name"]):
                dose["drug_name"] = "Drug"
            rxr = d.RXR.write({"route": row["route"]}, self.lookup)
            segments = [
                *self.person,
                d.ORC.write(order, self.lookup),
                d.TQ1_OF_PRESCRIPTION.write(row, self.lookup),
                d.RXE.write(row, self.lookup, **dose),
                *([] if rxr == "RXR" else [rxr]),
            ]
            yield Event(_midnight(row["written_date"]), "RDE^O11", segments)

    def _fills(self) -> Iterator[Event]:
        if "RDS^O13" not in self.kinds:
            return
        numbers = {row["prescription_id"]: row for row in self.record.of("prescriptions")}
        for row in self.record.of("pharmacy_claims"):
            if row["status"] not in ("paid", None):
                continue
            order = {
                "control": "RE",
                "order_id": row["prescription_id"],
                "filler_id": row["pharmacy_claim_id"],
                "ordering_provider_id": row["prescriber_provider_id"],
            }
            written = numbers.get(row["prescription_id"]) or {}
            extra = {name: row[name] or written.get(name) for name in ("prescription_number", "drug_name", "ndc")}
            extra["prescription_number"] = extra["prescription_number"] or row["prescription_id"] or "UNKNOWN"
            route = d.RXR.write({"route": written.get("route") or "other"}, self.lookup)
            segments = [*self.person, d.ORC.write(order, self.lookup), d.RXD.write(row, self.lookup, **extra), route]
            yield Event(_midnight(row["service_date"]), "RDS^O13", segments)

    # -- appointments, notes, charges ------------------------------------------------------------------------

    def _appointments(self) -> Iterator[Event]:
        if "SIU^S12" not in self.kinds:
            return
        for encounter_id, row in self.encounters.items():
            start, end = row["start_datetime"], row["end_datetime"]
            if row["encounter_class"] not in _BOOKED or start is None:
                continue
            extra: dict[str, Any] = {"reason": "Booked", "booking": "Booked"}
            if end is not None:
                extra |= {"minutes": int((end - start).total_seconds() // 60), "minutes_unit": "min"}
            if not row["attending_provider_id"]:
                # who has it in charge, and who entered it, are required
                extra["attending_provider_id"] = APPLICATION
            segments = [d.SCH.write(row, self.lookup, **extra), *self.person, *self._pv1(encounter_id), "RGS|1"]
            if row["attending_provider_id"]:
                segments.append(d.AIP.write(row, self.lookup))
            yield Event(start, "SIU^S12", segments)

    def _notes(self) -> Iterator[Event]:
        if "MDM^T02" not in self.kinds:
            return
        for row in self.record.of("clinical_notes"):
            when = row["note_datetime"] or NO_TIME
            content = {"value_type": "TX", "test_name": row["note_type"] or "Note", "value": row["content"]}
            content |= {"loinc_code": row["loinc_code"], "code_system": "LOINC" if row["loinc_code"] else None}
            segments = [
                *self._head("T02", when)[:1],
                self.pid,
                *(self._pv1(row["encounter_id"]) or ["PV1|1|N"]),
                d.TXA.write({**row, "note_type": row["note_type"] or "Note"}, self.lookup),
                d.OBX.write({**content, "status": "final", "set_id": 1}, self.lookup),
            ]
            yield Event(when, "MDM^T02", segments)

    def _charges(self) -> Iterator[Event]:
        if "DFT^P03" not in self.kinds:
            return
        lines = grouped(self.record.of("claim_lines"), "claim_id")
        for claim in self.record.of("claims"):
            when = _midnight(claim["service_date"])
            segments = [*self._head("P03", when), *self._pv1(claim["encounter_id"])]
            shared = {
                "principal_diagnosis": claim["principal_diagnosis"],
                "diagnosis_table": "I10" if claim["principal_diagnosis"] else None,
                "rendering_provider_id": claim["rendering_provider_id"],
            }
            rows = lines.get(claim["claim_id"], [])
            for number, line in enumerate(rows, 1):
                code = line["procedure_code"] or line["revenue_code"] or line["ndc"] or "UNKNOWN"
                table = _code_table(line)
                extra = {**shared, "procedure_code": code, "code_table": table, "set_id": number}
                extra["service_date"] = line["service_date"] or claim["service_date"]
                segments.append(d.FT1.write(line, self.lookup, **extra))
            if rows:
                yield Event(when, "DFT^P03", segments)


_LABORATORY: Row = {"code": "11502-2", "description": "Laboratory report", "code_system": "LOINC"}


def header(event: Event, sender: str, control_id: str, otherwise: dt.datetime) -> str:
    """MSH: our name, the scenario, when it happened, the kind, a number; ``T`` for training, since nobody is real."""
    kind = KINDS[event.kind]
    when = otherwise if event.when == NO_TIME else event.when
    name = f"{kind.code}^{kind.event}^{kind.structure}"
    return (
        f"MSH|{STANDARD.encoding}|{APPLICATION}|{escaped(sender)}|||{hl7_times.write_instant(when)}||{name}|{control_id}"
        "|T|2.5.1||||||UNICODE UTF-8"
    )


def _midnight(day: dt.date | None) -> dt.datetime:
    return NO_TIME if day is None else dt.datetime(day.year, day.month, day.day)


def _is_laboratory(row: Row) -> bool:
    return str(row["order_type"] or "").lower().startswith("lab")


def _is_number(value: str) -> bool:
    return re.fullmatch(r"[+-]?\d+(\.\d+)?", value) is not None


def _code_table(line: Row) -> str | None:
    """The code system of what was billed: letters in front tell HCPCS from CPT."""
    if line["procedure_code"]:
        return "HCPCS" if line["procedure_code"][:1].isalpha() else "C4"
    return "NUBC" if line["revenue_code"] else "NDC" if line["ndc"] else None
