"""Rows of rendered loops as transaction sets: hierarchical levels are numbered, and sets opened and closed."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from healthsim.exchange.portions import Row
from healthsim.exchange.x12.envelope import Envelope
from healthsim.exchange.x12.people import SUBMITTER


def level(number: int, parent: int | None, code: str, *, children: bool) -> str:
    """HL: its number, that of the level above, what it is, and whether there are levels below."""
    return f"HL*{number}*{parent or ''}*{code}*{int(children)}~"


def write_claims(envelope: Envelope, rows: Iterable[Row]) -> tuple[int, int]:
    """837: how many claims were written, and how many values were not carried as they are."""
    claims = changed = number = billing_level = subscriber_level = 0
    write = envelope.write
    for row in rows:
        (
            new_set,
            new_billing,
            new_subscriber,
            new_patient,
            is_self,
            receiver,
            billing,
            insured,
            patient,
            claim,
            lines,
            lost,
        ) = row
        if new_set:
            envelope.begin("837")
            number = 0
            write(
                f"BHT*0019*00*{envelope.day}{envelope.control}*{envelope.day}*{envelope.minute}*CH~{SUBMITTER}{receiver}"
            )
        if new_billing:
            number += 1
            billing_level = number
            write(level(number, None, "20", children=True) + billing)
        if new_subscriber:
            number += 1
            subscriber_level = number
            write(level(number, billing_level, "22", children=not is_self) + insured)
        if new_patient and not is_self:
            number += 1
            write(level(number, subscriber_level, "23", children=False) + patient)
        write(claim + lines)
        claims += 1
        changed += lost
    return claims, changed


def write_payments(envelope: Envelope, rows: Iterable[Row]) -> tuple[int, int]:
    """835: how many claims were written, and how many values were not carried as they are."""
    claims = changed = 0
    for new_set, pay_date, paid, trace, payer_number, payer, payee, payee_number, claim, lost in rows:
        if new_set:
            envelope.begin("835")
            day = pay_date.strftime("%Y%m%d")
            # more taken back than paid: nothing is sent, and the rest is carried into the next remittance
            owed = max(-paid, 0)
            total = max(paid, 0)
            how = f"I*{_amount(total)}*C*CHK" if total else "H*0*C*NON"
            envelope.write(f"BPR*{how}{'*' * 12}{day}~TRN*1*{trace}*1{payer_number}~DTM*405*{day}~{payer}{payee}LX*1~")
            envelope.at_end = f"PLB*{payee_number}*{day[:4]}1231*FB:{trace}*-{_amount(owed)}~" if owed else ""
        envelope.write(claim)
        claims += 1
        changed += lost
    return claims, changed


def write_enrolment(envelope: Envelope, rows: Iterable[Row]) -> tuple[int, int]:
    """834: how many members were written, and how many values were not carried as they are."""
    members = changed = 0
    for new_set, header, member, coverage, new_member, lost in rows:
        if new_set:
            envelope.begin("834")
            envelope.write(f"BGN*00*{envelope.day}{envelope.control}*{envelope.day}*{envelope.minute}****4~{header}")
        envelope.write(member + coverage)
        members += new_member
        changed += lost
    return members, changed


def write_eligibility(envelope: Envelope, rows: Iterable[Row], kind: str) -> tuple[int, int]:
    """270 or 271: how many persons were asked for, and how many values were not carried as they are."""
    members = changed = number = subscriber_level = 0
    purpose = "13" if kind == "270" else "11"
    for new_set, new_family, is_self, payer, provider, subscriber, person, lost in rows:
        if new_set:
            envelope.begin(kind)
            number = 2
            head = f"BHT*0022*{purpose}*{envelope.day}{envelope.control}*{envelope.day}*{envelope.minute}~"
            envelope.write(head + level(1, None, "20", children=True) + payer)
            envelope.write(level(2, 1, "21", children=True) + provider)
        if is_self or new_family:
            number += 1
            subscriber_level = number
            envelope.write(level(number, 2, "22", children=not is_self) + (subscriber or ""))
        if not is_self:
            number += 1
            envelope.write(level(number, subscriber_level, "23", children=False))
        envelope.write(person)
        members += 1
        changed += lost
    return members, changed


def write_claim_status(envelope: Envelope, rows: Iterable[Row], kind: str) -> tuple[int, int]:
    """276 or 277: how many claims were asked for, and how many values were not carried as they are."""
    claims = changed = number = billing_level = subscriber_level = 0
    purpose, end = ("13", "") if kind == "276" else ("08", "*DG")
    for (
        new_set,
        new_billing,
        new_subscriber,
        new_patient,
        is_self,
        payer,
        provider,
        insured,
        dependent,
        claim,
        lost,
    ) in rows:
        if new_set:
            envelope.begin(kind)
            number = 2
            head = f"BHT*0010*{purpose}*{envelope.day}{envelope.control}*{envelope.day}*{envelope.minute}{end}~"
            envelope.write(head + level(1, None, "20", children=True) + payer)
            envelope.write(level(2, 1, "21", children=True) + "NM1*41*2*HEALTHSIM*****46*HEALTHSIM~")
        if new_billing:
            number += 1
            billing_level = number
            envelope.write(level(number, 2, "19", children=True) + provider)
        if new_subscriber:
            number += 1
            subscriber_level = number
            envelope.write(level(number, billing_level, "22", children=not is_self) + insured)
        if new_patient and not is_self:
            number += 1
            envelope.write(level(number, subscriber_level, "23", children=False) + dependent)
        envelope.write(claim)
        claims += 1
        changed += lost
    return claims, changed


def _amount(value: Decimal) -> str:
    text = f"{value:.2f}"
    return text.rstrip("0").rstrip(".")
