"""The rows of persons and organisations that segments of X12 name: providers, places, members, patients, plans."""

from __future__ import annotations

import datetime as dt

from healthsim.exchange.rows import Row, Rows, made_id
from healthsim.exchange.x12.derived import is_npi
from healthsim.exchange.x12.splitting import Piece

_PERSON = (
    *("family_name", "given_name", "middle_name", "prefix", "suffix", "birth_date", "gender", "ssn", "death_date"),
    *("address_line1", "address_line2", "city", "state", "postal_code", "country", "county_fips"),
)
#: codes of PAT01 that say the same as those of the model
_SPOUSES, _CHILDREN = {"01"}, {"19", "05", "07", "10", "15", "17", "43", "76"}


def provider_of(piece: Piece, rows: Rows) -> Row:
    """The row of a provider that NM1 names: by NPI, by another number, or by name."""
    number = piece[9] or made_id("provider", piece[3], piece[4])
    columns: Row = {"npi": piece[9] if is_npi(piece) else "", "entity_type_code": piece[2]}
    if piece[2] == "2":
        columns["organization_name"] = piece[3]
    else:
        columns.update(given_name=piece[4], family_name=piece[3])
    return rows.put("provider", number, columns)


def place_of(piece: Piece, rows: Rows) -> Row:
    """The row of a facility that NM1 names."""
    number = piece[9] or made_id("facility", piece[3])
    return rows.put("facility", number, {"name": piece[3], "npi": piece[9] if is_npi(piece) else ""})


def own_number(subscriber: str, known: Row) -> str:
    """The number of a dependent who has none: it follows from the subscriber's, the name and the birth date."""
    return f"{subscriber}-{made_id('member', *who_is(known))[:8]}"


def who_is(known: Row) -> tuple[str, str, str]:
    """What tells a person from others where there is no number."""
    born = known.get("birth_date")
    day = born.isoformat() if isinstance(born, dt.date) else ""
    return (str(known.get("family_name", "")), str(known.get("given_name", "")), day)


def people_of(subscriber: Row, patient: Row, record: str, rows: Rows) -> tuple[str | None, str | None]:
    """Put the rows of the payer, the subscriber and the patient of a claim; the ids of patient and member.

    Args:
        subscriber, patient: what the segments said of them; a patient of whom nothing was said is the subscriber.
        record: the number of the medical record.
    """
    if not subscriber and not patient:
        return record or None, None
    number = subscriber.get("number") or made_id("member", *who_is(subscriber))
    subscriber["number"] = number
    common = {
        "subscriber_id": number,
        "group_id": subscriber.get("group_id"),
        "payer_name": subscriber.get("payer_name"),
        "plan_id": _plan_of(subscriber, rows),
    }
    rows.put("member", number, _person(subscriber) | common | {"member_number": number, "relationship_code": "18"})
    member_id, person = number, subscriber
    if patient.get("family_name") or patient.get("relationship_code"):
        member_id, person = patient.get("number") or own_number(number, patient), patient
        relationship = _relationship(patient.get("relationship_code") or "G8")
        columns = {"member_number": member_id, "relationship_code": relationship}
        rows.put("member", member_id, _person(patient) | common | columns)
    patient_id = record or member_id
    rows.put("patient", patient_id, _person(person) | {"mrn": record})
    rows.put("member", member_id, {"patient_id": patient_id})
    return patient_id, member_id


def _plan_of(subscriber: Row, rows: Rows) -> str | None:
    """Put the row of the plan; its id follows from the payer's and from what the plan is called."""
    name = subscriber.get("payer_name")
    if not name:
        return None
    payer_id = subscriber.get("payer_id") or made_id("payer", name)
    plan_id = f"{payer_id} {subscriber['plan_name']}" if subscriber.get("plan_name") else str(payer_id)
    payer = subscriber.get("payer", {})
    columns = {
        "plan_name": subscriber.get("plan_name"),
        "payer_name": name,
        "payer_id": subscriber.get("payer_id"),
        "line_of_business": subscriber.get("line_of_business"),
        "payer_address_line1": payer.get("address_line1"),
        "payer_city": payer.get("city"),
        "payer_state": payer.get("state"),
        "payer_postal_code": payer.get("postal_code"),
    }
    rows.put("plan", plan_id, columns)
    return plan_id


def _relationship(code: str) -> str:
    if code in _SPOUSES or code in ("53", "18", "G8"):
        return code
    return "19" if code in _CHILDREN else "G8"


def _person(known: Row) -> Row:
    return {name: known[name] for name in _PERSON if known.get(name)}
