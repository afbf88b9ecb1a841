"""Which persons have to be done again: the smallest part of a star that can be built alone and equal a full build."""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb

from healthsim.analytics.sources import Fingerprint, changed
from healthsim.analytics.star import SOURCES
from healthsim.db.sql import literal, quoted

#: tables whose rows are persons' records: type of the record in person_links
_RECORDS = {
    "persons": "person",
    "patients": "patient",
    "members": "member",
    "rx_members": "rx_member",
    "subjects": "subject",
}

_PATIENT = "SELECT p.person_key FROM fresh AS t JOIN lookup_patient AS p ON p.patient_id = t.patient_id"
_VISIT = (
    "SELECT p.person_key FROM fresh AS t JOIN encounters AS e ON e.encounter_id = t.encounter_id"
    " JOIN lookup_patient AS p ON p.patient_id = e.patient_id"
)
_MEMBER = "SELECT m.person_key FROM fresh AS t JOIN lookup_member AS m ON m.ref = t.member_id"
_RX = "SELECT x.person_key FROM fresh AS t JOIN lookup_rx_member AS x ON x.rx_member_id = t.rx_member_id"
_RX_OF_PRESCRIPTION = (
    "SELECT x.person_key FROM fresh AS t JOIN prescriptions AS p ON p.prescription_id = t.prescription_id"
    " JOIN lookup_rx_member AS x ON x.rx_member_id = p.rx_member_id"
)
_SUBJECT = (
    "SELECT j.person_key FROM fresh AS t JOIN lookup_subject_ref AS j ON j.ref = t.subject_id OR j.ref = t.usubjid"
)
_CLAIM = (
    "SELECT coalesce(m.person_key, p.person_key) FROM fresh AS t JOIN claims AS c ON c.claim_id = t.claim_id"
    " LEFT JOIN lookup_member AS m ON m.ref = c.member_id LEFT JOIN lookup_patient AS p ON p.patient_id = c.patient_id"
)


@dataclass(frozen=True)
class _Table:
    """How the persons of a source table's rows are found.

    Attributes:
        key: the id of its rows.
        held: where the star of the last build holds that id: (fact, column, condition).
        owners: statements over ``fresh``, the rows that were not there at the last build.
    """

    key: str
    held: tuple[tuple[str, str, str], ...] = ()
    owners: tuple[str, ...] = field(default=())


_OF_VISIT = (_PATIENT, _VISIT)
_TABLES: dict[str, _Table] = {
    "encounters": _Table(
        "encounter_id",
        tuple(
            (fact, "encounter_id", "TRUE")
            for fact in ("fact_encounter", "bridge_encounter_diagnosis", "fact_procedure", "fact_medication_order")
        ),
        (_PATIENT,),
    ),
    "diagnoses": _Table("diagnosis_id", (("bridge_encounter_diagnosis", "diagnosis_id", "TRUE"),), _OF_VISIT),
    "procedures": _Table("procedure_id", (("fact_procedure", "procedure_id", "TRUE"),), _OF_VISIT),
    "medications": _Table("medication_id", (("fact_medication_order", "order_id", "order_source = 'medication'"),), _OF_VISIT),
    "lab_results": _Table("lab_result_id", (("fact_observation", "observation_id", "vital_sign_count = 0"),), (_PATIENT,)),
    "vital_signs": _Table("vital_sign_id", (("fact_observation", "observation_id", "vital_sign_count = 1"),), (_PATIENT,)),
    "claims": _Table(
        "claim_id",
        (("fact_claim", "claim_id", "TRUE"), ("fact_claim_line", "claim_id", "TRUE")),
        (_MEMBER, _PATIENT, _VISIT),
    ),
    "claim_lines": _Table("claim_line_id", (("fact_claim_line", "claim_line_id", "TRUE"),), (_CLAIM,)),
    "prescriptions": _Table(
        "prescription_id",
        (("fact_medication_order", "order_id", "order_source = 'prescription'"), ("fact_rx_fill", "prescription_id", "TRUE")),
        (_PATIENT, _RX),
    ),
    "pharmacy_claims": _Table("pharmacy_claim_id", (("fact_rx_fill", "pharmacy_claim_id", "TRUE"),), (_RX, _RX_OF_PRESCRIPTION)),
    "authorizations": _Table("authorization_id", (("fact_prior_auth", "authorization_id", "authorization_type = 'medical'"),), (_MEMBER,)),
    "prior_auths": _Table(
        "prior_auth_id", (("fact_prior_auth", "authorization_id", "authorization_type = 'pharmacy'"),), (_RX, _RX_OF_PRESCRIPTION)
    ),
    "trial_visits": _Table("trial_visit_id", (("fact_trial_visit", "trial_visit_id", "TRUE"),), (_SUBJECT,)),
    "adverse_events": _Table("adverse_event_id", (("fact_adverse_event", "adverse_event_id", "TRUE"),), (_SUBJECT,)),
    "exposures": _Table("exposure_id", (("fact_exposure", "exposure_id", "TRUE"),), (_SUBJECT,)),
    "immunizations": _Table("immunization_id", (), (_PATIENT,)),
}  # fmt: skip


def affected(connection: duckdb.DuckDBPyConnection, before: Fingerprint, now: Fingerprint) -> int | None:
    """Write the persons whose facts may differ to ``changed_persons``; how many, or None when all of them may.

    ``old_links`` holds the crosswalk of the last build, ``person_links`` the new one. Tables that are not owned by
    persons (providers, plans, studies ...) reach everybody's facts.
    """
    differing = changed(before, now)
    if any(not SOURCES[table] or "" in instants for table, instants in differing.items()):
        return None
    gone = "immunizations" in differing and any(
        now.get("immunizations", {}).get(instant, 0) < count
        for instant, count in before.get("immunizations", {}).items()
    )
    if gone:
        # the star does not hold their ids, so that it cannot tell whose they were
        return None
    moved = (
        "FROM old_links AS o FULL JOIN person_links AS n ON n.entity_type = o.entity_type AND n.entity_id = o.entity_id"
        " WHERE o.person_key IS DISTINCT FROM n.person_key"
    )
    parts = ["SELECT -1 AS person_key", f"SELECT o.person_key {moved}", f"SELECT n.person_key {moved}"]
    for table, instants in differing.items():
        fresh = " OR ".join(f"saved_at = {literal(instant)}::TIMESTAMP" for instant in instants) or "FALSE"
        if table in _RECORDS:
            key = _RECORDS[table] + "_id"
            parts.append(
                f"SELECT l.person_key FROM (SELECT * FROM {quoted(table)} WHERE {fresh}) AS t JOIN person_links AS l"
                f" ON l.entity_id = t.{key} AND l.entity_type = {literal(_RECORDS[table])}"
            )
            continue
        known = _TABLES[table]
        rows = f"(SELECT * FROM {quoted(table)} WHERE {fresh}) AS t"
        parts += [owner.replace("fresh AS t", rows) for owner in known.owners]
        for fact, column, condition in known.held:
            held = f"SELECT f.person_key FROM {fact} AS f WHERE {condition} AND f.{column} IS NOT NULL AND"
            parts.append(f"{held} f.{column} IN (SELECT {known.key} FROM {quoted(table)} WHERE {fresh})")
            parts.append(f"{held} NOT EXISTS (SELECT 1 FROM {quoted(table)} AS t WHERE t.{known.key} = f.{column})")
        if table == "claims":
            # an encounter carries the money of the claims that name it: now, or at the last build
            parts.append(
                "SELECT e.person_key FROM fact_encounter AS e JOIN fact_claim AS c ON c.encounter_id = e.encounter_id"
                f" WHERE c.claim_id IN (SELECT claim_id FROM claims WHERE {fresh})"
                " OR NOT EXISTS (SELECT 1 FROM claims AS t WHERE t.claim_id = c.claim_id)"
            )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE changed_persons AS {' UNION '.join(parts)}")
    return int(connection.execute("SELECT count(*) FROM changed_persons WHERE person_key > 0").fetchall()[0][0])
