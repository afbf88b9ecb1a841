"""``healthsim export ncpdp``: a scenario's pharmacy claims as transmissions of D.0, requests and responses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.exchange.files import opened
from healthsim.exchange.format import manifest_facts
from healthsim.exchange.ncpdp import fields
from healthsim.exchange.ncpdp.codecs import NUMBER, WORDS
from healthsim.exchange.ncpdp.fields import BILLING, REVERSAL
from healthsim.exchange.ncpdp.transmission import GS, header_text, segment_text
from healthsim.exchange.portions import portions
from healthsim.exchange.selection import selected
from healthsim.outputs import new_folder, write_manifest
from healthsim.results import Exported

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.state.tables import ScenarioTables

PACKAGE = "healthsim.exchange.ncpdp"
REQUESTS, RESPONSES = "requests.ncpdp", "responses.ncpdp"
_SOFTWARE = "HEALTHSIM"
_NPI, _NCPDP = "01", "07"
#: what stands in for a column of the claim that is empty
_ELSE = {
    "pharmacy_claim.cardholder_id": "rx_member.cardholder_id",
    "pharmacy_claim.group_number": "rx_member.group_number",
    "pharmacy_claim.person_code": "rx_member.person_code",
    "prescription.prescription_number": "pharmacy_claim.prescription_number",
    "pharmacy_claim.ndc": "prescription.ndc",
    "pharmacy_claim.days_supply": "prescription.days_supply",
}
#: codecs that write a value as it is, as far as it goes
_SPELLED = (WORDS, NUMBER)
_BEFORE = ("status", "transaction_code", "service_date", "bin", "pcn", "npi", "ncpdp_id", "alerts")

Values = dict[str, Any]


def export_ncpdp(
    database: Database,
    name: str,
    target: Path,
    *,
    force: bool = False,
    patient: Sequence[str] = (),
    since: dt.datetime | None = None,
    gz: bool = False,
) -> Exported:
    """Write the pharmacy claims of a scenario into a new folder: a file of requests, and one of responses to them.

    Raises:
        NotFound: there is no such scenario or patient.
        AlreadyExists: something is at the target, and ``force`` is not set.
    """
    counts = {"B1 requests": 0, "B2 requests": 0, "responses": 0}
    cut = 0
    with selected(database, name, patient, since) as tables, new_folder(target, force=force) as folder:
        moment, ending = tables.scenario.updated_at, ".gz" * gz
        with (
            opened(folder / f"{REQUESTS}{ending}", moment, gz=gz) as requests,
            opened(folder / f"{RESPONSES}{ending}", moment, gz=gz) as responses,
        ):
            for values in _claims(tables):
                for code in (BILLING, REVERSAL) if values["status"] == "reversed" else (BILLING,):
                    requests.write(f"{request(values, code)}\n".encode("ascii"))
                    responses.write(f"{response(values, code)}\n".encode("ascii"))
                    counts[f"{code} requests"] += 1
                    counts["responses"] += 1
                cut += _cut(values)
        left_out = _left_out(tables, cut)
        write_manifest(folder, "NCPDP D.0", manifest_facts(tables.scenario, counts, left_out))
        scenario = tables.scenario.name
    return Exported(target, scenario, {kind: count for kind, count in counts.items() if count}, left_out)


def request(values: Mapping[str, Any], code: str) -> str:
    """What the pharmacy asks: to be paid (B1), or to take that back (B2)."""
    head = header_text(fields.REQUEST_HEADER, {**_header(values, code), "software": _SOFTWARE})
    shared = segment_text(fields.INSURANCE, values)
    if code == REVERSAL:
        return head + shared + GS + segment_text(fields.CLAIM, values)
    claim = (
        segment_text(fields.CLAIM, values)
        + segment_text(fields.PRESCRIBER, values)
        + segment_text(fields.PRICING, values)
    )
    reviews = "".join(
        segment_text(fields.REVIEW, alert) for alert in values["alerts"] if alert["dur_alert.professional_service_code"]
    )
    return head + shared + segment_text(fields.PATIENT, values) + GS + claim + reviews


def response(values: Mapping[str, Any], code: str) -> str:
    """What the processor answers: paid, rejected, or taken back (approved)."""
    head = header_text(fields.RESPONSE_HEADER, {**_header(values, code), "header_response_status": "A"})
    rejected = values["status"] == "rejected"
    status = "A" if code == REVERSAL else "R" if rejected else "P"
    answer = {**values, "response.status": status, "response.rejects": 1 if rejected else None}
    if not rejected:
        answer["pharmacy_claim.reject_code"] = None
    text = head + GS + segment_text(fields.STATUS, answer) + segment_text(fields.ANSWERED, answer)
    if status == "P":
        text += segment_text(fields.PAID, values)
    if code == BILLING:
        text += "".join(segment_text(fields.WARNED, alert) for alert in values["alerts"])
    return text


def _header(values: Mapping[str, Any], code: str) -> Values:
    day = values["service_date"]
    return {
        "bin": NUMBER.write(values["bin"], 6),
        "version": fields.VERSION,
        "transaction_code": code,
        "pcn": NUMBER.write(values["pcn"], 10),
        "transaction_count": "1",
        "service_provider_id_qualifier": _NPI if values["npi"] else _NCPDP,
        "service_provider_id": NUMBER.write(values["npi"] or values["ncpdp_id"], 15),
        "date_of_service": day.strftime("%Y%m%d") if day is not None else "",
    }


def _claims(tables: ScenarioTables) -> Iterator[Values]:
    """The values of every claim, by column."""
    shown = fields.columns()
    expressions = [f"coalesce({name}, {_ELSE[name]})" if name in _ELSE else name for name in shown]
    names = (*_BEFORE, *shown)
    for row in portions(tables, PACKAGE, "order_claims", "claims", {"columns": ", ".join(expressions)}):
        values = dict(zip(names, row, strict=True))
        values["alerts"] = [
            {f"dur_alert.{name}": value for name, value in alert.items()} for alert in values["alerts"] or ()
        ]
        yield values


def _cut(values: Mapping[str, Any]) -> int:
    """How many values of a claim do not fit into their fields, or have characters that D.0 does not have."""
    lost = 0
    for segment in (*fields.REQUEST, *fields.RESPONSE):
        for known in segment.fields:
            value = values.get(known.column)
            if (
                isinstance(value, str)
                and known.codec in _SPELLED
                and (len(value) > known.length or not value.isascii())
            ):
                lost += 1
    return lost


def _left_out(tables: ScenarioTables, cut: int) -> list[str]:
    others = tables.one(
        "SELECT (SELECT count(*) FROM prescriptions WHERE prescription_id NOT IN"
        " (SELECT prescription_id FROM pharmacy_claims WHERE prescription_id IS NOT NULL))"
    )
    told = [
        (cut, "values were shortened, or lost characters that D.0 does not have"),
        (others, "prescriptions that were never filled: transmissions are about claims"),
    ]
    return [f"{count:,} {words}" for count, words in told if count]
