"""Reading X12: each transaction set is kept as it is, and what it means of claims, payments and enrolment becomes rows.

Real files fail validators. Counts that are wrong, loops that are missing, segments in another place and qualifiers of another
code set are read as far as they go and reported, each kind once with where it was first seen. A file is refused only when it
cannot be split into segments.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.exchange.rows import Rows
from healthsim.exchange.x12.read_claim_status import StatusReader
from healthsim.exchange.x12.read_claims import ClaimReader
from healthsim.exchange.x12.read_enrolment import EnrolmentReader, Span
from healthsim.exchange.x12.read_payments import PaymentReader
from healthsim.exchange.x12.splitting import Piece, pieces
from healthsim.state.json.header import Header

if TYPE_CHECKING:
    from healthsim.exchange.reading import Reading

TRANSACTION, INTERCHANGE = "x12_transaction", "x12_interchange"
#: what a version says of the kind of an 837
_CLAIMS = {"X222": "837P", "X098": "837P", "X223": "837I", "X096": "837I", "X224": "837D", "X097": "837D"}
#: what the service lines of an 837 say of it
_LINES = {"SV1": "837P", "SV2": "837I", "SV3": "837D"}
_ENVELOPE = ("ISA", "IEA", "GS", "GE", "TA1", "ISB", "ISE")


@dataclass
class _Set:
    """A transaction set that is being read."""

    segments: list[Piece] = field(default_factory=list)
    end: Piece | None = None


@dataclass
class _Interchange:
    """An interchange that is being read: its own segments, and how many groups and sets it has had."""

    segments: list[str] = field(default_factory=list)
    terminator: str = "~"
    isa: Piece | None = None
    gs: Piece | None = None
    groups: int = 0
    sets: int = 0


def read_x12(path: Path, reading: Reading) -> Header:
    """Read a file of X12: one interchange or several.

    Raises:
        InvalidInput: it cannot be split into segments.
    """
    _File(reading).read(path)
    return Header(name=path.name.partition(".")[0], format="x12")


class _File:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._interchange = _Interchange()
        self._set: _Set | None = None
        #: numbers of claims that have been read, of what each was
        self._claims: dict[int, int] = {}
        #: spans of coverage that have been read, by their ids
        self._spans: dict[str, Span] = {}

    def read(self, path: Path) -> None:
        for piece in pieces(path, self._reading):
            self._reading.line = piece.number
            if piece.name in _ENVELOPE:
                self._end_set()
                self._envelope(piece)
            elif piece.name == "ST":
                self._end_set()
                self._set = _Set([piece])
            elif self._set is None:
                self._reading.oddity("a segment outside of a transaction set", example=piece.text.strip())
                self._keep_segment(piece)
            else:
                self._set.segments.append(piece)
                if piece.name == "SE":
                    self._set.end = piece
                    self._end_set()
        self._end_set()
        self._end_interchange()

    # -- the envelope ----------------------------------------------------------------------------------------

    def _envelope(self, piece: Piece) -> None:
        known = self._interchange
        if piece.name == "ISA":
            self._end_interchange()
            known = self._interchange
            known.isa = piece
        self._keep_segment(piece)
        if piece.name == "GS":
            known.gs, known.sets = piece, 0
            known.groups += 1
        elif piece.name == "GE":
            self._count(piece[1], known.sets, "GE", "transaction sets")
            self._same(piece[2], known.gs[6] if known.gs is not None else "", "GE02 is not GS06")
        elif piece.name == "IEA":
            self._count(piece[1], known.groups, "IEA", "functional groups")
            self._same(piece[2], known.isa[13] if known.isa is not None else "", "IEA02 is not ISA13")
            known.groups = 0

    def _keep_segment(self, piece: Piece) -> None:
        self._interchange.segments.append(piece.text)
        self._interchange.terminator = piece.delimiters.terminator.decode("latin-1")

    def _end_interchange(self) -> None:
        """Keep what an interchange has beside its transaction sets."""
        known = self._interchange
        if known.segments:
            text = known.terminator.join(known.segments) + known.terminator
            self._reading.keep(INTERCHANGE, json.dumps({"kind": "interchange", "text": text}, ensure_ascii=False))
        self._interchange = _Interchange()

    def _count(self, said: str, counted: int, where: str, what: str) -> None:
        if said.lstrip("0") != str(counted):
            self._reading.oddity(f"{where}01 does not say how many {what} there are", example=f"{said}, not {counted}")

    def _same(self, one: str, other: str, what: str) -> None:
        if one.lstrip("0") != other.lstrip("0"):
            self._reading.oddity(what, example=f"{one}, {other}")

    # -- transaction sets ------------------------------------------------------------------------------------

    def _end_set(self) -> None:
        if self._set is None:
            return
        whole, self._set = self._set, None
        start = whole.segments[0]
        self._interchange.sets += 1
        self._reading.unit()
        if whole.end is None:
            self._reading.oddity("a transaction set without SE", start.number)
        else:
            if whole.end[1].lstrip("0") != str(len(whole.segments)):
                example = f"{whole.end[1]}, not {len(whole.segments)}"
                self._reading.oddity("SE01 does not say how many segments there are", whole.end.number, example)
            self._same(whole.end[2], start[2], "SE02 is not ST02")
        kind = self._kind(whole)
        rows = Rows()
        facts = self._derive(kind, whole, rows)
        self._reading.keep(
            TRANSACTION, json.dumps(self._document(kind, whole, facts), ensure_ascii=False), derived=list(rows)
        )

    def _kind(self, whole: _Set) -> str:
        kind = whole.segments[0][1]
        if kind != "837":
            return kind or "unknown"
        for version in (whole.segments[0][3], self._interchange.gs[8] if self._interchange.gs is not None else ""):
            for guide, name in _CLAIMS.items():
                if guide in version:
                    return name
        return next((_LINES[piece.name] for piece in whole.segments if piece.name in _LINES), "837P")

    def _document(self, kind: str, whole: _Set, facts: dict[str, Any]) -> dict[str, Any]:
        isa, gs, start = self._interchange.isa, self._interchange.gs, whole.segments[0]
        terminator = start.delimiters.terminator.decode("latin-1")
        text = terminator.join(piece.text for piece in whole.segments).lstrip("\r\n \t") + terminator
        document = {
            "kind": kind,
            "control": start[2],
            "version": start[3] or (gs[8] if gs is not None else ""),
            "group": gs[6] if gs is not None else "",
            "interchange": isa[13] if isa is not None else "",
            "sender": isa[6] if isa is not None else "",
            "receiver": isa[8] if isa is not None else "",
            **facts,
        }
        return {name: value for name, value in document.items() if value} | {"text": text}

    def _derive(self, kind: str, whole: _Set, rows: Rows) -> dict[str, Any]:
        """Fill the rows; what there is to say of the set as a whole."""
        if kind.startswith("837"):
            return ClaimReader(self._reading, rows, kind, self._claims).read(whole.segments)
        if kind == "835":
            return PaymentReader(self._reading, rows).read(whole.segments)
        if kind == "834":
            return EnrolmentReader(self._reading, rows, self._interchange.gs, self._spans).read(whole.segments)
        if kind == "277":
            return StatusReader(self._reading, rows).read(whole.segments)
        if kind not in ("270", "271", "276", "277", "278", "820", "999", "997", "824"):
            self._reading.oddity("a transaction set that is not of health care; it is kept as it is", example=kind)
        return {}
