"""835: what payers paid for claims and lines, and why not all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from healthsim.exchange.rows import Row, Rows, made_id
from healthsim.exchange.x12 import derived
from healthsim.exchange.x12.derived import amount_of, day_of
from healthsim.exchange.x12.parties import provider_of
from healthsim.exchange.x12.splitting import Piece

if TYPE_CHECKING:
    from healthsim.exchange.reading import Reading

#: CLP02 -> status
_STATUSES = {
    "1": "paid",
    "2": "paid",
    "3": "paid",
    "19": "paid",
    "20": "paid",
    "21": "paid",
    "4": "denied",
    "22": "reversed",
}
_REVERSED = "22"
#: reasons of what the member owes (CAS*PR) -> column
_SHARES = {"1": "deductible_amount", "2": "coinsurance_amount", "3": "copay_amount"}
_NOTHING = Decimal(0)


class PaymentReader:
    """Reads one 835."""

    def __init__(self, reading: Reading, rows: Rows) -> None:
        self._reading = reading
        self._rows = rows
        self._payment: dict[str, Any] = {}
        self._paid: Decimal | None = None
        self._day: Any = None
        self._claim: Row | None = None
        self._code = ""
        self._line: Row | None = None
        self._lines: list[Row] = []
        self._reasons: list[str] = []
        self._line_reasons: list[str] = []
        self._owed_reasons: list[str] = []
        self._adjusted = self._line_adjusted = _NOTHING
        self._owed = _NOTHING
        self._claims = 0
        self._sum = self._beside = _NOTHING
        self._people: dict[str, Row] = {}
        self._payer: Row = {}

    def read(self, segments: Sequence[Piece]) -> Row:
        for piece in segments:
            reader = self._READERS.get(piece.name)
            if reader is not None:
                reader(self, piece)
        self._end_claim()
        if self._paid is not None and self._paid != self._sum - self._beside:
            self._reading.oddity(
                "a remittance (835) whose claims do not add up to its payment (BPR02)",
                segments[0].number,
                f"{self._paid}, not {self._sum - self._beside}",
            )
        return {"claims": self._claims, "payment": {name: value for name, value in self._payment.items() if value}}

    # -- the payment -------------------------------------------------------------------------------------------

    def _bpr(self, piece: Piece) -> None:
        self._paid = amount_of(piece[2], self._reading, piece.number)
        self._day = day_of(piece[16], self._reading, piece.number)
        self._payment.update(amount=piece[2], method=piece[4], date=piece[16])

    def _trn(self, piece: Piece) -> None:
        self._payment.update(trace=piece[2], payer_number=piece[3])

    def _dtm(self, piece: Piece) -> None:
        day = day_of(piece[2], self._reading, piece.number)
        if self._claim is None:
            if piece[1] == "405" and self._day is None:
                self._day = day
        elif self._line is not None:
            if piece[1] in ("472", "150"):
                self._line["service_date"] = day
        elif piece[1] in self._DAYS:
            self._claim[self._DAYS[piece[1]]] = day

    _DAYS: ClassVar[dict[str, str]] = {"232": "service_date", "233": "service_end_date", "050": "received_date"}

    def _n1(self, piece: Piece) -> None:
        if piece[1] == "PR":
            self._payment["payer"] = piece[2]
            self._payer = {"payer_name": piece[2]}
        elif piece[1] == "PE":
            self._payment.update(payee=piece[2], payee_number=piece[4])

    def _plb(self, piece: Piece) -> None:
        for position in range(4, len(piece.elements), 2):
            self._beside += amount_of(piece[position], self._reading, piece.number) or _NOTHING

    # -- claims ------------------------------------------------------------------------------------------------

    def _clp(self, piece: Piece) -> None:
        self._end_claim()
        self._code = piece[2]
        number = piece[1]
        if not number:
            self._reading.oddity("a payment of a claim (CLP) without a number", piece.number)
            number = made_id("payment", piece.text, str(piece.number))
        if self._code not in _STATUSES:
            self._reading.oddity("a status of a claim (CLP02) that is none of ours", piece.number, self._code)
        charge, paid, owed = (amount_of(piece[position], self._reading, piece.number) for position in (3, 4, 5))
        self._claim = {
            "claim_id": number,
            "status": _STATUSES.get(self._code),
            "total_charge": charge,
            "total_paid": paid,
            "member_responsibility": owed if owed is not None else _NOTHING,
            "drg_code": piece[11],
        }
        self._claim_piece = piece
        self._lines, self._line, self._reasons, self._adjusted, self._owed = [], None, [], _NOTHING, _NOTHING
        self._allowed: Decimal | None = None
        self._people = {}
        self._claims += 1
        self._sum += paid or _NOTHING

    def _nm1(self, piece: Piece) -> None:
        if piece[1] == "82" and self._claim is not None and self._line is None:
            self._claim["rendering_provider_id"] = provider_of(piece, self._rows)["provider_id"]
        elif piece[1] in ("QC", "IL") and self._claim is not None and self._line is None:
            self._people[piece[1]] = derived.name_of(piece) | {
                "number": piece[9] if piece[8] in ("MI", "N", "HN", "ZZ") else ""
            }

    def _ref(self, piece: Piece) -> None:
        if self._claim is None:
            if piece[1] == "2U":
                self._payment["payer_id"] = piece[2]
        elif self._line is not None:
            if piece[1] == "6R":
                self._line["claim_line_id"] = piece[2]
        elif piece[1] == "G1":
            self._claim["authorization_number"] = piece[2]

    def _amt(self, piece: Piece) -> None:
        amount = amount_of(piece[2], self._reading, piece.number)
        if self._line is not None and piece[1] == "B6":
            self._line["allowed_amount"] = amount
        elif self._claim is not None and self._line is None and piece[1] == "AU":
            self._allowed = amount

    def _cas(self, piece: Piece) -> None:
        if self._claim is None:
            return
        group = piece[1]
        for position in range(2, len(piece.elements), 3):
            reason = piece[position]
            amount = amount_of(piece[position + 1], self._reading, piece.number) or _NOTHING
            if self._line is None:
                self._adjusted += amount
                if group != "PR":
                    self._reasons.append(_reason(group, reason))
                continue
            self._line_adjusted += amount
            if group == "PR":
                self._owed += amount
                if reason in _SHARES:
                    column = _SHARES[reason]
                    self._line[column] = self._line.get(column, _NOTHING) + amount
                else:
                    self._owed_reasons.append(_reason(group, reason))
            elif reason:
                self._line_reasons.append(_reason(group, reason))

    # -- lines -------------------------------------------------------------------------------------------------

    def _svc(self, piece: Piece) -> None:
        if self._claim is None:
            self._reading.oddity("a payment of a line (SVC) outside of a claim", piece.number)
            return
        self._end_line()
        code = piece.parts(1)
        charge, paid, units = (amount_of(piece[position], self._reading, piece.number) for position in (2, 3, 5))
        line: Row = {"charge_amount": charge, "paid_amount": paid, "units": units, "revenue_code": piece[4]}
        value = code[1] if len(code) > 1 else code[0]
        if code[0] in ("NU", "N4"):
            line["revenue_code" if code[0] == "NU" else "ndc"] = value
        elif code[0] != "ZZ":
            line["procedure_code"] = value
            line["procedure_modifiers"] = [part for part in code[2:6] if part] or None
        line.update(dict.fromkeys(_SHARES.values(), _NOTHING), line_number=len(self._lines) + 1)
        self._line, self._line_piece = line, piece
        self._line_reasons, self._owed_reasons, self._line_adjusted, self._owed = [], [], _NOTHING, _NOTHING
        self._lines.append(line)

    def _end_line(self) -> None:
        line, self._line = self._line, None
        if line is None:
            return
        charge, paid = line["charge_amount"] or _NOTHING, line["paid_amount"] or _NOTHING
        if charge - paid != self._line_adjusted:
            self._reading.oddity("a line (SVC) whose adjustments do not add up", self._line_piece.number)
        line["member_responsibility"] = self._owed
        line.setdefault("allowed_amount", paid + self._owed)
        line["adjustment_reason_code"] = next(iter([*self._line_reasons, *self._owed_reasons]), None)
        self._adjusted += self._line_adjusted

    def _end_claim(self) -> None:
        self._end_line()
        claim, self._claim = self._claim, None
        if claim is None:
            return
        charge, paid = claim["total_charge"] or _NOTHING, claim["total_paid"] or _NOTHING
        if charge - paid != self._adjusted:
            self._reading.oddity(
                "a claim (CLP) whose adjustments do not add up", self._claim_piece.number, claim["claim_id"]
            )
        claim["total_allowed"] = self._allowed
        if self._allowed is None and self._lines:
            claim["total_allowed"] = sum((line["allowed_amount"] for line in self._lines), _NOTHING)
        claim["remittance_date"] = self._day
        if claim["status"] == "paid":
            claim["paid_date"] = self._day
        if self._code == _REVERSED:
            self._take_back(claim)
        elif claim["status"] == "denied":
            told = [*self._reasons, *(line["adjustment_reason_code"] for line in self._lines)]
            claim["denial_reason_code"] = next((reason for reason in told if reason), None)
        number = claim["claim_id"]
        for line in self._lines:
            line_id = line.pop("claim_line_id", None) or f"{number}-{line['line_number']}"
            line["claim_id"] = number
            line["status"] = self._line_status(claim, line)
            self._rows.put("claim_line", line_id, line)
        self._rows.put("claim", number, claim | self._members())

    def _take_back(self, claim: Row) -> None:
        """A reversal: nothing is paid and owed any more; what was charged stays."""
        claim["total_charge"] = abs(claim["total_charge"] or _NOTHING)
        claim.update(total_paid=_NOTHING, total_allowed=_NOTHING, member_responsibility=_NOTHING)
        for line in self._lines:
            line["charge_amount"] = abs(line["charge_amount"] or _NOTHING)
            line.update(dict.fromkeys(_SHARES.values(), _NOTHING))
            line.update(paid_amount=_NOTHING, allowed_amount=_NOTHING, member_responsibility=_NOTHING)

    def _line_status(self, claim: Row, line: Row) -> str | None:
        if (
            claim["status"] == "paid"
            and not line["paid_amount"]
            and not line["allowed_amount"]
            and line["charge_amount"]
        ):
            return "denied"
        return str(claim["status"]) if claim["status"] else None

    def _members(self) -> Row:
        """The rows of the patient and the subscriber; what the claim says of them.

        A dependent without a number of their own is not told apart from others here: the 837 knows the birth date.
        """
        patient, subscriber = self._people.get("QC", {}), self._people.get("IL")
        payer = {"payer_name": self._payer.get("payer_name")}
        links: Row = {}
        if subscriber is not None and subscriber["number"]:
            links["subscriber_id"] = number = subscriber.pop("number")
            self._rows.put("member", number, {**subscriber, **payer, "member_number": number, "subscriber_id": number})
        number = patient.pop("number", "")
        if number and number != links.get("subscriber_id"):
            links.setdefault("subscriber_id", number)
            links["member_id"] = number
            columns = {**patient, **payer, "member_number": number, "subscriber_id": links["subscriber_id"]}
            self._rows.put("member", number, columns)
        return links

    _READERS: ClassVar[dict[str, Callable[[PaymentReader, Piece], None]]] = {
        "BPR": _bpr,
        "TRN": _trn,
        "DTM": _dtm,
        "N1": _n1,
        "PLB": _plb,
        "CLP": _clp,
        "NM1": _nm1,
        "REF": _ref,
        "AMT": _amt,
        "CAS": _cas,
        "SVC": _svc,
    }


def _reason(group: str, reason: str) -> str:
    """A reason of an adjustment; CO, a matter of the contract, goes without saying."""
    return reason if group == "CO" else f"{group}-{reason}"
