"""834: who is covered by what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from healthsim.exchange.rows import Row, Rows, made_id
from healthsim.exchange.x12 import derived
from healthsim.exchange.x12.derived import day_of, days_of
from healthsim.exchange.x12.enrolment import ETHNICITIES, RACES
from healthsim.exchange.x12.parties import own_number, provider_of, who_is
from healthsim.exchange.x12.splitting import Piece

if TYPE_CHECKING:
    from healthsim.exchange.reading import Reading

_RACES = {letter: name for name, letter in reversed(RACES.items())}
_ETHNICITIES = {code: name for name, code in ETHNICITIES.items()}
#: INS02 -> relationship of the model
_RELATIONSHIPS = {"18": "18", "01": "01", "19": "19", "53": "53"}
_CHILDREN = {"05", "07", "09", "10", "15", "17", "26", "31", "38"}
_TERMINATED = "024"
#: when a span of coverage begins, and who pays
Span = tuple[dt.date, str]
#: REF01 of the member's own number, the best first
_OWN_NUMBERS = ("23", "ZZ", "17")


class EnrolmentReader:
    """Reads one 834.

    Args:
        group: the functional group, whose date tells what has ended.
        spans: spans of the file so far, by their ids: when each began, and who pays.
    """

    def __init__(self, reading: Reading, rows: Rows, group: Piece | None, spans: dict[str, Span]) -> None:
        self._spans = spans
        self._reading = reading
        self._rows = rows
        self._today = day_of(group[4], reading, group.number) if group is not None else None
        self._payer: Row = {}
        self._sponsor: Row = {}
        self._member: Row | None = None
        self._numbers: dict[str, str] = {}
        self._coverages: list[Row] = []
        self._begin: dt.date | None = None
        self._end: dt.date | None = None
        self._members = 0
        self._whose: Row | None = None

    def read(self, segments: Sequence[Piece]) -> Row:
        for piece in segments:
            reader = self._READERS.get(piece.name)
            if reader is not None:
                reader(self, piece)
        self._end_member()
        return {
            "members": self._members,
            "sponsor": self._sponsor.get("name", ""),
            "payer": self._payer.get("payer_name", ""),
        }

    def _n1(self, piece: Piece) -> None:
        if piece[1] == "P5":
            self._sponsor = {"name": piece[2], "number": piece[4]}
        elif piece[1] == "IN":
            self._payer = {"payer_name": piece[2], "payer_id": piece[4]}

    def _ins(self, piece: Piece) -> None:
        self._end_member()
        code = piece[2]
        relationship = _RELATIONSHIPS.get(code) or ("19" if code in _CHILDREN else "G8")
        if code and relationship == "G8" and code != "G8":
            self._reading.oddity(
                "a relationship (INS02) that the model does not tell apart; read as another one", piece.number, code
            )
        self._member = {"relationship_code": "18" if piece[1] == "Y" else relationship, "line": piece.number}
        self._maintenance = piece[3]
        self._cobra = piece[5] == "C"
        if piece[11] == "D8":
            self._member["death_date"] = day_of(piece[12], self._reading, piece.number)
        self._numbers, self._coverages, self._begin, self._end = {}, [], None, None
        self._whose = self._member
        self._members += 1

    def _ref(self, piece: Piece) -> None:
        if self._member is not None and not self._coverages:
            self._numbers.setdefault(piece[1], piece[2])

    def _dtp(self, piece: Piece) -> None:
        if self._member is None:
            return
        first, last = days_of(piece, self._reading)
        if self._coverages:
            if piece[1] == "348":
                self._coverages[-1]["coverage_start"] = first
                if last != first:
                    self._coverages[-1]["coverage_end"] = last
            elif piece[1] == "349":
                self._coverages[-1]["coverage_end"] = first
        elif piece[1] in ("356", "336"):
            self._begin = first
        elif piece[1] in ("357", "337"):
            self._end = first

    def _nm1(self, piece: Piece) -> None:
        if self._member is None:
            return
        self._whose = None
        if piece[1] in ("IL", "74"):
            self._member.update({name: value for name, value in derived.name_of(piece).items() if value})
            if piece[8] == "34":
                self._member["ssn"] = derived.ssn_of(piece[9])
            elif piece[9]:
                self._numbers.setdefault("NM109", piece[9])
            self._whose = self._member
        elif piece[1] == "P3":
            target = self._coverages[-1] if self._coverages else self._member
            target["pcp_provider_id"] = provider_of(piece, self._rows)["provider_id"]

    def _per(self, piece: Piece) -> None:
        if self._whose is None or self._whose is not self._member:
            return
        for position in (3, 5, 7):
            if piece[position] in ("HP", "TE", "CP", "WP") and "phone" not in self._whose:
                self._whose["phone"] = derived.phone_of(piece[position + 1])
            elif piece[position] == "EM":
                self._whose["email"] = piece[position + 1]

    def _address(self, piece: Piece) -> None:
        if self._whose is not None:
            self._whose.update({name: value for name, value in derived.address_of(piece).items() if value})

    def _dmg(self, piece: Piece) -> None:
        if self._whose is None:
            return
        self._whose["birth_date"] = day_of(piece[2], self._reading, piece.number)
        self._whose["gender"] = piece[3]
        for parts in piece.composites(5):
            if parts[0] and parts[0] not in _RACES and parts[0] != "H":
                self._reading.oddity("a race (DMG05) that the model does not tell apart", piece.number, parts[0])
            if parts[0] in _RACES:
                self._whose["race"] = _RACES[parts[0]]
            if parts[0] == "H":
                self._whose["ethnicity"] = next(iter(ETHNICITIES))
            if len(parts) > 2 and parts[2] in _ETHNICITIES:
                self._whose["ethnicity"] = _ETHNICITIES[parts[2]]
            # further elements of DMG are of other kinds
            break

    def _lui(self, piece: Piece) -> None:
        if self._whose is not None and piece[2]:
            self._whose["language"] = piece[2].lower()

    def _hd(self, piece: Piece) -> None:
        if self._member is not None:
            self._coverages.append({"plan_code": piece[4] or piece[3], "ended": piece[1] == _TERMINATED})
            self._whose = None

    def _end_member(self) -> None:
        member, self._member = self._member, None
        if member is None:
            return
        line = member.pop("line")
        number, subscriber = self._own_numbers(member, line)
        group = self._numbers.get("1L") or self._sponsor.get("number")
        common = {
            **member,
            "member_number": number,
            "subscriber_id": subscriber,
            "group_id": group if group != self._payer.get("payer_id") else None,
            "payer_name": self._payer.get("payer_name"),
        }
        if not self._coverages:
            self._reading.oddity("a member without a coverage (HD)", line, number)
        for coverage in self._coverages or [{}]:
            ended = coverage.pop("ended", False) or self._maintenance == _TERMINATED
            start = coverage.setdefault("coverage_start", self._begin)
            end = coverage.setdefault("coverage_end", self._end)
            past = end is not None and (ended or self._today is None or end < self._today)
            coverage["coverage_status"] = "terminated" if past or ended else "COBRA" if self._cobra else "active"
            self._rows.put("member", self._span(number, start), common | coverage)
            self._put_plan(coverage)

    def _own_numbers(self, member: Row, line: int) -> tuple[str, str]:
        """The number of the member, and that of the subscriber."""
        subscriber = self._numbers.get("0F")
        own = next((self._numbers[kind] for kind in _OWN_NUMBERS if self._numbers.get(kind)), None)
        is_self = member["relationship_code"] == "18"
        if not subscriber:
            self._reading.oddity("a member without the number of the subscriber (REF*0F)", line)
            subscriber = own or self._numbers.get("NM109") or made_id("member", *who_is(member))
        if own is None and not is_self:
            own = own_number(subscriber, member)
        return own or subscriber, subscriber

    def _span(self, number: str, start: dt.date | None) -> str:
        """The id of a span: the first of a member has the member's number, further ones also their beginning.

        Of two that begin on one day, which two payers pay for, the second has the payer, too.
        """
        if start is None:
            return number
        payer = self._payer.get("payer_id") or self._payer.get("payer_name") or ""
        dated = f"{number}-{start:%Y%m%d}"
        names = (number, dated, f"{dated}-{payer}")
        return next(
            (name for name in names if self._spans.setdefault(name, (start, payer)) == (start, payer)), names[-1]
        )

    def _put_plan(self, coverage: Row) -> None:
        code = coverage.get("plan_code")
        if code:
            self._rows.put("plan", str(code), {"plan_code": code, "payer_name": self._payer.get("payer_name")})

    _READERS: ClassVar[dict[str, Callable[[EnrolmentReader, Piece], None]]] = {
        "N1": _n1,
        "INS": _ins,
        "REF": _ref,
        "DTP": _dtp,
        "NM1": _nm1,
        "PER": _per,
        "N3": _address,
        "N4": _address,
        "DMG": _dmg,
        "LUI": _lui,
        "HD": _hd,
    }
