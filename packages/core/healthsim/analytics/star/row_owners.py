"""Whose the rows of the canonical tables are, and which other rows their facts are made from.

Persons are found as the statements of the facts find them: both have to agree on every row, a stray one included.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from healthsim.db.sql import quoted

_PATIENT = "LEFT JOIN lookup_patient AS p ON p.patient_id = t.patient_id"
_VISIT = (
    "LEFT JOIN encounters AS e ON e.encounter_id = t.encounter_id"
    " LEFT JOIN lookup_patient AS p ON p.patient_id = coalesce(t.patient_id, e.patient_id)"
)
_MEMBER = "LEFT JOIN lookup_member AS m ON m.ref = t.member_id"
_CLAIM = (
    "LEFT JOIN claims AS c ON c.claim_id = t.claim_id LEFT JOIN lookup_member AS m ON m.ref = c.member_id"
    " LEFT JOIN lookup_patient AS p ON p.patient_id = c.patient_id"
)
_RX = "LEFT JOIN lookup_rx_member AS x ON x.rx_member_id = t.rx_member_id"
_DISPENSED = (
    "LEFT JOIN prescriptions AS o ON o.prescription_id = t.prescription_id"
    " LEFT JOIN lookup_rx_member AS x ON x.rx_member_id = coalesce(t.rx_member_id, o.rx_member_id)"
)
_SUBJECT = "LEFT JOIN lookup_subject_ref AS j ON j.ref = coalesce(t.subject_id, t.usubjid)"


@dataclass(frozen=True)
class Held:
    """Where the star holds the rows of a table: the fact, the column with their id, and a condition on the fact."""

    fact: str
    column: str
    condition: str = "TRUE"


@dataclass(frozen=True)
class Owned:
    """A canonical table whose rows belong to persons.

    Attributes:
        key: the id of a row.
        joins: what is joined to a row ``t`` to find its person.
        person: the key of the person then; NULL for a row that nobody owns.
        held: where the star holds its rows.
        names: column -> table: rows that it names, and whose content goes into its own facts.
        refs: a table of records of which a new one takes rows over from others, and one that is gone leaves rows to others:
            it is named by other things than an id, or comes before others that are named, too.
        shared: whether what it says of an encounter goes into the facts of whoever owns, or diagnoses, the encounter.
    """

    key: str
    joins: str
    person: str
    held: tuple[Held, ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    refs: str | None = None
    shared: bool = False

    def owners(self, table: str, condition: str) -> str:
        """A SELECT of the persons of some rows of ``t``, as ``person_key``."""
        rows = f"(SELECT * FROM {quoted(table)} WHERE {condition}) AS t"
        return f"SELECT {self.person} AS person_key FROM {rows} {self.joins}"

    def rows_of(self, table: str, persons: str) -> str:
        """A SELECT of the rows of some persons; those that nobody owns are the rows of -1."""
        return f"SELECT t.* FROM {quoted(table)} AS t {self.joins} WHERE coalesce({self.person}, -1) IN ({persons})"


_ENCOUNTER = {"encounter_id": "encounters"}
_PRESCRIPTION = {"prescription_id": "prescriptions"}
_CLINICAL = ("bridge_encounter_diagnosis", "fact_procedure", "fact_medication_order")

OWNED: dict[str, Owned] = {
    "encounters": Owned(
        "encounter_id", _PATIENT, "p.person_key", tuple(Held(fact, "encounter_id") for fact in ("fact_encounter", *_CLINICAL))
    ),
    "diagnoses": Owned(
        "diagnosis_id", _VISIT, "p.person_key", (Held("bridge_encounter_diagnosis", "diagnosis_id"),), _ENCOUNTER, shared=True
    ),
    "procedures": Owned("procedure_id", _VISIT, "p.person_key", (Held("fact_procedure", "procedure_id"),), _ENCOUNTER),
    "medications": Owned(
        "medication_id", _VISIT, "p.person_key", (Held("fact_medication_order", "order_id", "f.order_source = 'medication'"),), _ENCOUNTER
    ),
    "lab_results": Owned(
        "lab_result_id", _PATIENT, "p.person_key", (Held("fact_observation", "observation_id", "f.vital_sign_count = 0"),)
    ),
    "vital_signs": Owned(
        "vital_sign_id", _PATIENT, "p.person_key", (Held("fact_observation", "observation_id", "f.vital_sign_count = 1"),)
    ),
    "immunizations": Owned("immunization_id", _PATIENT, "p.person_key"),
    "claims": Owned(
        "claim_id", f"{_MEMBER} {_PATIENT}", "coalesce(m.person_key, p.person_key)",
        (Held("fact_claim", "claim_id"), Held("fact_claim_line", "claim_id")), refs="members", shared=True,
    ),
    "claim_lines": Owned(
        "claim_line_id", _CLAIM, "coalesce(m.person_key, p.person_key)", (Held("fact_claim_line", "claim_line_id"),),
        {"claim_id": "claims"}, refs="members",
    ),
    "authorizations": Owned(
        "authorization_id", _MEMBER, "m.person_key",
        (Held("fact_prior_auth", "authorization_id", "f.authorization_type = 'medical'"),), refs="members",
    ),
    "prescriptions": Owned(
        "prescription_id", f"{_PATIENT} {_RX}", "coalesce(p.person_key, x.person_key)",
        (Held("fact_medication_order", "order_id", "f.order_source = 'prescription'"), Held("fact_rx_fill", "prescription_id")),
        refs="patients",
    ),
    "pharmacy_claims": Owned(
        "pharmacy_claim_id", _DISPENSED, "x.person_key", (Held("fact_rx_fill", "pharmacy_claim_id"),), _PRESCRIPTION
    ),
    "prior_auths": Owned(
        "prior_auth_id", _DISPENSED, "x.person_key",
        (Held("fact_prior_auth", "authorization_id", "f.authorization_type = 'pharmacy'"),), _PRESCRIPTION,
    ),
    "trial_visits": Owned("trial_visit_id", _SUBJECT, "j.person_key", (Held("fact_trial_visit", "trial_visit_id"),), refs="subjects"),
    "adverse_events": Owned(
        "adverse_event_id", _SUBJECT, "j.person_key", (Held("fact_adverse_event", "adverse_event_id"),), refs="subjects"
    ),
    "exposures": Owned("exposure_id", _SUBJECT, "j.person_key", (Held("fact_exposure", "exposure_id"),), refs="subjects"),
}  # fmt: skip
