"""Reading NCPDP D.0: each transmission is kept as it is, and what it means of claims, fills and alerts becomes rows.

A request and the response to it are about the same claim: the same pharmacy, day and prescription number. So is a reversal. Where
these come again in a file, it is another claim.
"""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.errors import InvalidInput
from healthsim.exchange.ncpdp import fields
from healthsim.exchange.ncpdp.fields import REVERSAL, SEGMENTS, Segment
from healthsim.exchange.ncpdp.transmission import Transmission, parsed, records
from healthsim.exchange.rows import Row, Rows, made_id
from healthsim.state.json.header import Header

if TYPE_CHECKING:
    from healthsim.exchange.reading import Reading

KIND = "ncpdp_transmission"
_STATUSES = {"P": "paid", "D": "paid", "C": "paid", "A": "paid", "R": "rejected"}
_NOTHING = Decimal(0)
_REPEATED = ("08", "24")
#: records of a batch that hold no transmission: its head and its end
_BATCH = ("00", "99")

Pairs = list[tuple[str, str]]


def read_ncpdp(path: Path, reading: Reading) -> Header:
    """Read a file of transmissions: one after the other on lines of their own, or a batch.

    Raises:
        InvalidInput: there is none in it.
    """
    reader = _File(reading)
    for number, text in records(path):
        reading.line = number
        reader.take(text)
    if not reading.tally.units:
        raise InvalidInput(
            f"{path} holds no transmission of NCPDP D.0; expected a header of {fields.REQUEST_LENGTH} characters (requests) or"
            f" {fields.RESPONSE_LENGTH} (responses), and segments. Nothing was saved.",
            path=str(path),
        )
    return Header(name=path.name.partition(".")[0], format="ncpdp")


class _File:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        #: how often a pharmacy, day and prescription number came, by request or response
        self._seen: dict[tuple[bool, int], int] = {}

    def take(self, text: str) -> None:
        """One record of the file."""
        if not text.strip():
            return
        transmission = parsed(text, self._reading)
        if transmission is None:
            if text[:2] not in _BATCH:
                self._reading.oddity("a record that is no transmission; it is kept as it is", example=text)
            self._reading.keep("ncpdp_record", json.dumps({"kind": "record", "text": text}, ensure_ascii=False))
            return
        self._reading.unit()
        rows = Rows()
        for transaction in transmission.transactions or [[]]:
            self._transaction(transmission, transaction, rows)
        kind = (
            f"{transmission.header['transaction_code'] or '?'} {'request' if transmission.is_request else 'response'}"
        )
        document = {"kind": kind, "text": text}
        self._reading.keep(KIND, json.dumps(document, ensure_ascii=False), derived=list(rows))

    def _transaction(self, transmission: Transmission, transaction: list[tuple[str, Pairs]], rows: Rows) -> None:
        header = transmission.header
        found: dict[str, Row] = {}
        alerts: list[Row] = []
        for number, pairs in [*transmission.shared, *transaction]:
            segment = SEGMENTS.get(number)
            if segment is None:
                if not number:
                    self._reading.oddity("a segment without its number (AM)", example=pairs)
                continue
            if number in _REPEATED:
                alerts += self._alerts(segment, pairs)
                continue
            for table, columns in self._values(segment, pairs).items():
                found.setdefault(table, {}).update(columns)
        if not any(table in found for table in ("pharmacy_claim", "prescription", "response")):
            self._reading.oddity("a transmission without a claim", example=header["transaction_code"])
            return
        put(rows, header, found, alerts, transmission.is_request, self._number(header, found, transmission.is_request))

    def _number(self, header: dict[str, str], found: dict[str, Row], is_request: bool) -> str:
        """The id of the claim, which requests, responses and reversals share."""
        name = claim_name(header, found)
        key = (is_request, hash(name))
        if header["transaction_code"] != REVERSAL:
            self._seen[key] = self._seen.get(key, 0) + 1
        copies = max(self._seen.get(key, 1), 1)
        return name if copies == 1 else f"{name}~{copies}"

    def _values(self, segment: Segment, pairs: Pairs) -> dict[str, Row]:
        """By table: the columns that the fields of a segment show."""
        found: dict[str, Row] = {}
        for field_id, text in pairs:
            known = segment.by_id.get(field_id)
            if known is None or not known.column or not text.strip():
                continue
            table, _, column = known.column.partition(".")
            try:
                value = known.codec.read(text.strip())
            except (ValueError, InvalidOperation):
                self._reading.oddity(
                    f"a value of {field_id} ({known.name}) that is no {known.codec.name}", example=text
                )
                continue
            # what is told again, as a second reject code, stays in the document
            if value is not None:
                found.setdefault(table, {}).setdefault(column, value)
        return found

    def _alerts(self, segment: Segment, pairs: Pairs) -> list[Row]:
        """The alerts of a segment, of which each begins with its counter."""
        counter = segment.fields[0].id
        groups: list[Pairs] = []
        for pair in pairs:
            if pair[0] == counter or not groups:
                groups.append([])
            groups[-1].append(pair)
        return [self._values(segment, group).get("dur_alert", {}) for group in groups]


def claim_name(header: dict[str, str], found: dict[str, Row]) -> str:
    """What a claim is called: the pharmacy, the day and the number of the prescription."""
    number = found.get("prescription", {}).get("prescription_number", "")
    parts = (header["service_provider_id"], header["date_of_service"], number)
    return "-".join(part for part in parts if part) or made_id("pharmacy_claim", json.dumps(found, default=str))


def put(
    rows: Rows, header: dict[str, str], found: dict[str, Row], alerts: list[Row], is_request: bool, claim_id: str
) -> None:
    """Put the rows of one transaction."""
    code, day = header["transaction_code"], header["date_of_service"]
    claim = dict(found.get("pharmacy_claim", {}))
    claim["transaction_code"] = None if code == REVERSAL else code
    try:
        claim["service_date"] = dt.date(int(day[:4]), int(day[4:6]), int(day[6:8])) if day else None
    except ValueError:
        claim["service_date"] = None
    claim["pharmacy_id"] = _put_pharmacy(rows, header)
    claim["prescriber_provider_id"] = _put_prescriber(rows, found)
    prescription = found.get("prescription", {})
    number = prescription.get("prescription_number")
    if is_request:
        claim.update(bin=header["bin"], pcn=header["pcn"])
        claim["rx_member_id"] = _put_member(rows, claim, found.get("rx_member", {}))
    if number:
        claim["prescription_number"] = number
        claim["prescription_id"] = f"{header['service_provider_id']}-{number}"
        shared = ("ndc", "days_supply", "daw_code", "rx_member_id", "prescriber_provider_id")
        rows.put("prescription", claim["prescription_id"], prescription | {name: claim.get(name) for name in shared})
    status = found.get("response", {}).get("status")
    if status is not None:
        claim["status"] = "reversed" if code == REVERSAL and status == "A" else _STATUSES.get(status)
    elif code == REVERSAL and is_request:
        claim["status"] = "reversed"
    if claim.get("status") == "rejected":
        # nothing is paid for it, and so no response says how much
        claim.setdefault("plan_paid_amount", _NOTHING)
        claim.setdefault("patient_pay_amount", _NOTHING)
    rows.put("pharmacy_claim", claim_id, claim)
    for place, alert in enumerate(alerts, start=1):
        counted = alert.pop("number", None) or place
        links = {name: claim.get(name) for name in ("rx_member_id", "prescription_id")}
        reason = {"alert_type": alert.get("reason_for_service_code"), "pharmacy_claim_id": claim_id}
        rows.put("dur_alert", f"{claim_id}-DUR-{counted}", alert | links | reason)


def _put_pharmacy(rows: Rows, header: dict[str, str]) -> str | None:
    number = header["service_provider_id"]
    if not number:
        return None
    is_npi = header["service_provider_id_qualifier"] == "01"
    rows.put("pharmacy", number, {"npi" if is_npi else "ncpdp_id": number})
    return number


def _put_prescriber(rows: Rows, found: dict[str, Row]) -> str | None:
    known = found.get("provider", {})
    if not known:
        return None
    number = known.get("npi") or made_id("provider", known.get("family_name", ""), known.get("given_name", ""))
    rows.put("provider", number, known | {"entity_type_code": "1"})
    return str(number)


def _put_member(rows: Rows, claim: Row, person: dict[str, Any]) -> str | None:
    card = {name: claim.get(name) for name in ("cardholder_id", "person_code", "group_number", "bin", "pcn")}
    if not card["cardholder_id"]:
        return None
    number = "-".join(part for part in (card["cardholder_id"], card["person_code"]) if part)
    rows.put("rx_member", number, card | person)
    return number
