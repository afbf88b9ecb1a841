"""The JSON of the old implementation for one pharmacy transaction: segments of D.0 as objects, with the names of its fields.

``{"transaction_header": {"version": "D0", ...}, "insurance_segment": {...}, "claim_segment": {...}, "response": {...}}``: one, or a
list of them. Values are plain: 8.50 and not overpunched. The document is kept as it is, as a pharmacy claim.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.exchange.ncpdp.reader import claim_name, put
from healthsim.exchange.rows import Row, Rows
from healthsim.model.entity import snake_case
from healthsim.state.json.header import Header

if TYPE_CHECKING:
    from healthsim.exchange.reading import Reading

_HEAD = 65_536
_BEFORE = b"\xef\xbb\xbf \t\r\n"
_HEADERS = ("transaction_header", "transmission_header", "header")
#: members that hold alerts
_ALERTS = ("dur_alerts", "dur_pps_segment", "dur_segment", "response_dur_pps_segment", "dur", "dur_response")
#: what the old form calls parts of the header
_HEADER_NAMES = {
    "bin": "bin bin_number iin",
    "pcn": "pcn processor_control_number",
    "version": "version version_release version_release_number",
    "transaction_code": "transaction_code transaction_type",
    "service_provider_id": "service_provider_id pharmacy_npi pharmacy_id npi",
    "service_provider_id_qualifier": "service_provider_id_qualifier",
    "date_of_service": "date_of_service service_date fill_date",
}
#: words of the status of a response, beside the codes of D.0
_STATUSES = {
    "P": "P",
    "PAID": "P",
    "A": "P",
    "ACCEPTED": "P",
    "APPROVED": "P",
    "R": "R",
    "REJECTED": "R",
    "D": "P",
    "C": "P",
}


def is_old_json(path: Path) -> bool:
    """Whether a file holds such transactions."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if head.lstrip(_BEFORE)[:1] not in (b"{", b"[") or not any(f'"{name}"'.encode() in head for name in _HEADERS):
        return False
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return False
    items = found if isinstance(found, list) else [found]
    return bool(items) and all(_header_of(item) is not None for item in items)


def _header_of(item: Any) -> Mapping[str, Any] | None:
    """The header of a transaction of version D0; None for anything else."""
    if not isinstance(item, dict):
        return None
    for name in _HEADERS:
        header = item.get(name)
        if isinstance(header, dict):
            version = str(_first(header, _HEADER_NAMES["version"]) or "").upper().replace(".", "")
            return header if version == "D0" else None
    return None


def read_old_json(path: Path, reading: Reading) -> Header:
    """Read a file of such transactions."""
    found = json.loads(path.read_bytes())
    for number, item in enumerate(found if isinstance(found, list) else [found], start=1):
        reading.unit()
        reading.line = number
        _take(item, reading)
    return Header(name=path.name.partition(".")[0], format="ncpdp")


def _take(item: dict[str, Any], reading: Reading) -> None:
    flat, alerts = _flat(item), [_alert(alert) for alert in _alerts(item)]
    header = {name: str(_first(flat, words) or "") for name, words in _HEADER_NAMES.items()}
    header["date_of_service"] = header["date_of_service"].replace("-", "")[:8]
    header["service_provider_id_qualifier"] = header["service_provider_id_qualifier"] or "01"
    found = _by_table(flat)
    claim_id = str(flat.get("claim_id") or flat.get("pharmacy_claim_id") or claim_name(header, found))
    rows = Rows()
    put(rows, header, found, alerts, True, claim_id)
    status = flat.get("transaction_response_status") or flat.get("response_status") or flat.get("status")
    code = _STATUSES.get(str(status).upper())
    if code:
        found["response"] = {"status": code}
        put(rows, header, found, [], False, claim_id)
    (claim,) = (row for name, row in rows if name == "pharmacy_claim")
    others = [(name, row) for name, row in rows if name != "pharmacy_claim"]
    text = json.dumps(item, ensure_ascii=False)
    reading.add("pharmacy_claim", text, claim, entity_id=claim_id, derived=others)


def _flat(item: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of all segments by name; of two of one name the first that has a value."""
    flat: dict[str, Any] = {}
    for name, value in _members(item):
        if value is not None and value != "":
            flat.setdefault(name, value)
    return flat


def _members(item: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    nested = []
    for key, value in item.items():
        name = snake_case(str(key))
        if isinstance(value, dict):
            if name not in _ALERTS:
                nested.append(value)
        elif isinstance(value, list):
            if value and not isinstance(value[0], dict):
                yield name.rstrip("s"), value[0]
        else:
            yield name, value
    for value in nested:
        yield from _members(value)


def _alerts(item: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for key, value in item.items():
        if snake_case(str(key)) in _ALERTS:
            listed = value if isinstance(value, list) else [value]
            yield from (alert for alert in listed if isinstance(alert, dict))
        elif isinstance(value, dict):
            yield from _alerts(value)


def _alert(alert: Mapping[str, Any]) -> Row:
    known = {snake_case(str(key)): value for key, value in alert.items() if not isinstance(value, (dict, list))}
    return {
        "number": known.get("dur_pps_code_counter"),
        "reason_for_service_code": _first(known, "reason_for_service_code alert_type reason_code conflict_code"),
        "professional_service_code": known.get("professional_service_code"),
        "result_of_service_code": known.get("result_of_service_code"),
        "clinical_significance_code": _first(known, "clinical_significance_code clinical_significance"),
        "severity": known.get("severity"),
        "message": _first(known, "dur_free_text_message free_text_message message description"),
    }


def _first(values: Mapping[str, Any], names: str) -> Any:
    return next((values[name] for name in names.split() if values.get(name) not in (None, "")), None)


def _by_table(flat: Mapping[str, Any]) -> dict[str, Row]:
    """By table: the columns that the names of fields mean, as D.0 has them or as the model knows them from documents."""
    from healthsim.exchange.ncpdp import fields
    from healthsim.exchange.ncpdp.codecs import RELATIONSHIP
    from healthsim.model import ENTITY_TYPES

    found: dict[str, Row] = {}
    for segment in fields.SEGMENTS.values():
        for known in segment.fields:
            table, _, column = known.column.partition(".")
            # the answer is read after the question, and goes before it
            if table in ENTITY_TYPES and known.codec is not RELATIONSHIP and flat.get(known.name) is not None:
                found.setdefault(table, {})[column] = flat[known.name]
    for table in ("pharmacy_claim", "prescription"):
        declared = ENTITY_TYPES[table]
        plain = [known.name for known in declared.columns if known.name != declared.key and known.references is None]
        for name in plain:
            if flat.get(name) is not None:
                found.setdefault(table, {}).setdefault(name, flat[name])
    found.get("pharmacy_claim", {}).pop("status", None)
    return found
