"""The kinds of messages that are written: what each is for, and from which rows it is made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from healthsim.errors import UsageError


@dataclass(frozen=True)
class Kind:
    """One kind of message.

    Attributes:
        code, event: as in MSH-9.
        structure: the third part of it.
        meaning: one line for the page: from what, and when.
    """

    code: str
    event: str
    structure: str
    meaning: str

    @property
    def name(self) -> str:
        return f"{self.code}^{self.event}"


KINDS = {
    kind.name: kind
    for kind in (
        Kind("ADT", "A01", "ADT_A01", "an inpatient or observation stay begins"),
        Kind("ADT", "A03", "ADT_A03", "it ends, with diagnoses, procedures, DRG and disposition"),
        Kind("ADT", "A04", "ADT_A01", "a visit, emergency or virtual contact begins"),
        Kind(
            "ADT", "A08", "ADT_A01", "an encounter afterwards, complete; and a patient with all allergies and coverage"
        ),
        Kind("ORU", "R01", "ORU_R01", "laboratory values that were collected together; a set of vital signs"),
        Kind("OML", "O21", "OML_O21", "a laboratory order"),
        Kind("OMG", "O19", "OMG_O19", "any other order"),
        Kind("VXU", "V04", "VXU_V04", "an immunization"),
        Kind("OMP", "O09", "OMP_O09", "a medication of the clinical record"),
        Kind("RDE", "O11", "RDE_O11", "a prescription"),
        Kind("RDS", "O13", "RDS_O13", "a fill that was paid"),
        Kind("SIU", "S12", "SIU_S12", "the appointment of an outpatient, virtual or home visit"),
        Kind("MDM", "T02", "MDM_T02", "a clinical note"),
        Kind("DFT", "P03", "DFT_P03", "the charges of a claim"),
    )
}


def chosen_kinds(names: Sequence[str]) -> frozenset[str]:
    """The kinds that were asked for, in whatever spelling: ``ADT``, ``A01``, ``ADT^A01``, ``adt-a01``; none means all.

    Raises:
        UsageError: there is no such kind.
    """
    if not names:
        return frozenset(KINDS)
    chosen: set[str] = set()
    for name in (part for text in names for part in text.split(",")):
        wanted = re.sub(r"[^A-Z0-9]+", "^", name.strip().upper()).strip("^")
        matching = {kind.name for kind in KINDS.values() if wanted in (kind.code, kind.event, kind.name)}
        if not matching:
            raise UsageError(f"messages has {name[:40]!r}, which is not written; expected some of {', '.join(KINDS)}.")
        chosen |= matching
    return frozenset(chosen)
