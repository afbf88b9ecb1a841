"""The segments of a patient's messages that several kinds have in common: the visit, diagnoses, allergies, coverage."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from healthsim.exchange import hl7_observations, hl7_times
from healthsim.exchange.hl7v2 import declared as d
from healthsim.exchange.hl7v2.delimiters import escaped

if TYPE_CHECKING:
    from healthsim.exchange.by_patient import Record

Row = Mapping[str, Any]

#: of what has no time; it sorts after all that has one
NO_TIME = dt.datetime.max


class Lookup:
    """The rows that belong to no patient, by id."""

    def __init__(self, shared: Mapping[str, Mapping[str, Row]]) -> None:
        self._shared = shared

    def of(self, table: str, key: Any) -> Row | None:
        """The row of that id, where there is one."""
        return self._shared.get(table, {}).get(key)


class Event(NamedTuple):
    """A message before it has its header: when, which kind, the segments that follow the header."""

    when: dt.datetime
    kind: str
    segments: list[str]


def grouped(rows: Iterable[Row], column: str) -> dict[Any, list[Row]]:
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[column], []).append(row)
    return groups


class PatientSegments:
    """The segments of one patient.

    Args:
        record: the patient and their rows.
        lookup: providers, facilities, plans.
        kinds: the names of the kinds that are wanted.
        saved: when the scenario was; that is the time of what has no other.
    """

    def __init__(self, record: Record, lookup: Lookup, kinds: frozenset[str], saved: dt.datetime) -> None:
        self.saved = saved
        self.record = record
        self.lookup = lookup
        self.kinds = kinds
        self.pid = d.PID.write(record.patient, lookup)
        pd1 = d.PD1.write(record.patient, lookup)
        self.person = [self.pid] if pd1 == "PD1" else [self.pid, pd1]
        self.encounters = {row["encounter_id"]: row for row in record.of("encounters")}
        self._visits: dict[Any, list[str]] = {}
        self.by_encounter = {table: grouped(record.of(table), "encounter_id") for table in ("diagnoses", "procedures")}

    # -- segments --------------------------------------------------------------------------------------------

    def _visit(self, encounter_id: Any, *, begins: bool = False) -> list[str]:
        """PV1 and PV2 of an encounter; at its begin nothing is known of its end. None where there is no encounter."""
        key = (encounter_id, begins)
        if key not in self._visits:
            row = self.encounters.get(encounter_id)
            if row is None:
                self._visits[key] = [f"PV1|1|N{'|' * 17}{escaped(encounter_id)}"] if encounter_id else []
            else:
                exact = row.get("encounter_class")
                end = {"end_datetime": None, "discharge_disposition_code": None, "discharge_disposition": None}
                shown = {**row, "exact_class": exact, **(end if begins else {})}
                if begins:
                    shown["status"] = "in-progress"
                shown["encounter_class"] = exact or "none"
                pv2 = d.PV2.write(shown, self.lookup)
                self._visits[key] = [d.PV1.write(shown, self.lookup), *([] if pv2 == "PV2" else [pv2])]
        return self._visits[key]

    def lost_encounters(self) -> list[Any]:
        """Encounters that only diagnoses and procedures mention."""
        mentioned = {key: None for rows in self.by_encounter.values() for key in rows if key is not None}
        return [key for key in mentioned if key not in self.encounters]

    def _pv1(self, encounter_id: Any) -> list[str]:
        return self._visit(encounter_id)[:1]

    def _diagnoses(self, encounter_id: Any, *, begins: bool = False) -> list[str]:
        rows = self.by_encounter["diagnoses"].get(encounter_id, [])
        if begins:
            rows = [row for row in rows if row["diagnosis_type"] == "admitting"]
        segments = [d.DG1.write(row, self.lookup, set_id=number) for number, row in enumerate(rows, 1)]
        code = (self.encounters.get(encounter_id) or {}).get("admitting_diagnosis")
        if code and not any(row["diagnosis_type"] == "admitting" and row["code"] == code for row in rows):
            # what the encounter says of its begin, of which there is no row; it has no number
            shown = {"code": code, "code_system": "ICD-10-CM", "diagnosis_type": "admitting"}
            segments.append(d.DG1.write(shown, self.lookup, set_id=len(segments) + 1))
        return segments

    def _procedures(self, encounter_id: Any) -> list[str]:
        segments = []
        for number, row in enumerate(self.by_encounter["procedures"].get(encounter_id, []), 1):
            segments.append(d.PR1.write(row, self.lookup, set_id=number))
        return segments

    def _allergies(self) -> list[str]:
        rows = self.record.of("allergies")
        return [
            d.AL1.write({**row, "category": row["category"] or "none"}, self.lookup, set_id=number)
            for number, row in enumerate(rows, 1)
        ]

    def _coverage(self, day: dt.date | None) -> list[str]:
        """IN1 of the coverage on a day; of all coverage where no day is said."""
        segments: list[str] = []
        for row in self.record.of("members"):
            start, end = row["coverage_start"], row["coverage_end"]
            if day is not None and ((start and day < start) or (end and day > end)):
                continue
            plan = self.lookup.of("plans", row["plan_id"]) or {}
            extra = {name: row.get(name) or plan.get(name) for name in ("plan_code", "payer_name")}
            extra |= {"plan_name": plan.get("plan_name"), "plan_type": plan.get("plan_type")}
            extra["payer_id"] = plan.get("payer_id") or extra["payer_name"] or extra["plan_code"] or "UNKNOWN"
            segments.append(d.IN1.write(row, self.lookup, **extra, set_id=len(segments) + 1))
        return segments

    def _said(self, code: str, name: str, **more: Any) -> str:
        """An observation that is no laboratory value: its LOINC code, its name, its value and type."""
        shown = {"loinc_code": code, "test_name": name, "code_system": "LOINC", "status": "final", "set_id": 1}
        return d.OBX.write({**shown, **more}, self.lookup)

    def _complaint(self, row: Row) -> list[str]:
        if not row.get("chief_complaint"):
            return []
        return [
            self._said(hl7_observations.COMPLAINT, "Chief complaint", value_type="ST", value=row["chief_complaint"])
        ]

    def _smoking(self) -> list[str]:
        person = next(iter(self.record.of("patients")), self.record.patient)
        if not (person.get("smoking_status") or person.get("smoking_status_code")):
            return []
        obx = self._said(hl7_observations.SMOKING, "Tobacco smoking status", value_type="CE", value="{}")
        code, text = (escaped(str(person.get(name) or "")) for name in ("smoking_status_code", "smoking_status"))
        day = person.get("smoking_status_date")
        obx = obx.replace("|{}|", f"|{code}^{text}{'^SCT' if code else ''}|")
        return [obx + f"|||{hl7_times.write_date(day)}" if day else obx]

    def _drg(self, row: Row) -> list[str]:
        return [d.DRG.write(row, self.lookup)] if row.get("drg_code") else []

    def _head(self, event: str, when: dt.datetime) -> list[str]:
        time = hl7_times.write_instant(self.saved if when == NO_TIME else when)
        return [f"EVN|{event}|{time}", *self.person]

    def _event(self, when: dt.datetime | None, kind: str, segments: Any) -> Iterator[Event]:
        if kind in self.kinds:
            yield Event(when or NO_TIME, kind, segments())
