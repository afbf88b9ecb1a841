"""277: what a payer says became of a claim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from healthsim.exchange.rows import Row, Rows
from healthsim.exchange.x12.derived import day_of
from healthsim.exchange.x12.splitting import Piece

if TYPE_CHECKING:
    from healthsim.exchange.reading import Reading

#: how the category of STC01 begins -> status; acknowledgements (A) and others say nothing of it
_STATUSES = {"F1": "paid", "F2": "denied", "F3": "reversed", "P": "pended"}


class StatusReader:
    """Reads one 277."""

    def __init__(self, reading: Reading, rows: Rows) -> None:
        self._reading = reading
        self._rows = rows

    def read(self, segments: Sequence[Piece]) -> Row:
        answer: Piece | None = None
        claims = 0
        for piece in segments:
            if piece.name in ("TRN", "HL", "SVC"):
                answer = None
            elif piece.name == "STC":
                answer = piece
            elif piece.name == "REF" and piece[1] == "EJ" and answer is not None:
                self._put(piece[2], answer)
                claims += 1
        return {"claims": claims}

    def _put(self, number: str, answer: Piece) -> None:
        category = answer.parts(1)[0]
        status = next((word for start, word in _STATUSES.items() if category.startswith(start)), None)
        if status is None:
            return
        decided = day_of(answer[6], self._reading, answer.number)
        self._rows.put("claim", number, {"status": status, "adjudicated_date": decided})
