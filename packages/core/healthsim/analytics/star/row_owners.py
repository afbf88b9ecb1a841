"""Whose the rows of the canonical tables are, and which other rows their facts are made from: from the heads of the facts.

Persons are found as the statements of the facts find them: both have to agree on every row, a stray one included.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from healthsim.analytics.star.declared import STEPS
from healthsim.analytics.star.heads import Rows
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
class Way:
    """How the person of a row ``t`` is found: the words after ``owned by`` in a head.

    Attributes:
        joins: what is joined to the row.
        person: the key of the person then; NULL for a row that nobody owns.
        names: column -> table: rows that it names, and whose content goes into its own facts.
        refs: a table of records of which a new one takes rows over from others, and one that is gone leaves rows to others:
            it is named by other things than an id, or comes before others that are named, too.
    """

    joins: str
    person: str
    names: Mapping[str, str] = field(default_factory=dict)
    refs: str | None = None


WAYS: Mapping[str, Way] = {
    "patient": Way(_PATIENT, "p.person_key"),
    "visit": Way(_VISIT, "p.person_key", {"encounter_id": "encounters"}),
    "member": Way(_MEMBER, "m.person_key", refs="members"),
    "member or patient": Way(f"{_MEMBER} {_PATIENT}", "coalesce(m.person_key, p.person_key)", refs="members"),
    "claim": Way(_CLAIM, "coalesce(m.person_key, p.person_key)", {"claim_id": "claims"}, refs="members"),
    "patient or rx_member": Way(f"{_PATIENT} {_RX}", "coalesce(p.person_key, x.person_key)", refs="patients"),
    "prescription": Way(_DISPENSED, "x.person_key", {"prescription_id": "prescriptions"}),
    "subject": Way(_SUBJECT, "j.person_key", refs="subjects"),
}


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
        way: how its person is found.
        held: where the star holds its rows; first where it has one of each.
        shared: whether what it says of an encounter goes into the facts of whoever owns, or diagnoses, the encounter.
    """

    key: str
    way: Way
    held: tuple[Held, ...] = ()
    shared: bool = False

    @property
    def names(self) -> Mapping[str, str]:
        """Column -> table: rows that it names."""
        return self.way.names

    @property
    def refs(self) -> str | None:
        """The table of records by which it changes hands."""
        return self.way.refs

    @property
    def joins(self) -> str:
        """What is joined to a row to find its person."""
        return self.way.joins

    @property
    def person(self) -> str:
        """The key of the person then."""
        return self.way.person

    def owners(self, table: str, condition: str) -> str:
        """A SELECT of the persons of some rows of ``t``, as ``person_key``."""
        rows = f"(SELECT * FROM {quoted(table)} WHERE {condition}) AS t"
        return f"SELECT {self.person} AS person_key FROM {rows} {self.joins}"

    def rows_of(self, table: str, persons: str) -> str:
        """A SELECT of the rows of some persons; those that nobody owns are the rows of -1."""
        return f"SELECT t.* FROM {quoted(table)} AS t {self.joins} WHERE coalesce({self.person}, -1) IN ({persons})"


def _owned() -> Mapping[str, Owned]:
    heads = [step.head for step in STEPS]
    owned = [rows for head in heads for rows in (*head.rows, *head.uses) if rows.owner]
    held: dict[str, list[Held]] = {rows.table: [] for rows in owned}
    for head in heads:
        for rows in head.rows:
            if rows.owner:
                held[rows.table].append(_held(head.name, rows))
    for head in heads:
        for rows in head.tells_of:
            held[rows.table].append(_held(head.name, rows))
    return {rows.table: Owned(rows.key, WAYS[str(rows.owner)], tuple(held[rows.table]), rows.shared) for rows in owned}


def _held(fact: str, rows: Rows) -> Held:
    return Held(fact, rows.column, f"f.{rows.condition}" if rows.condition else "TRUE")


#: canonical table -> whose its rows are
OWNED: Mapping[str, Owned] = _owned()
