"""What the SQL of a JSON text is put together of: texts that never change, and values of rows between them.

A part of a resource is a row of pieces. Texts that lie side by side become one, and kinds of a part that differ in texts only
become one row of pieces with a choice of texts, so that the engine evaluates each value once, in few and short expressions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from healthsim.db.sql import literal


@dataclass(frozen=True)
class Text:
    """The same for every row."""

    text: str

    @property
    def sql(self) -> str:
        """The literal."""
        return literal(self.text)


@dataclass(frozen=True)
class Value:
    """SQL of a text; NULL where there is nothing to say."""

    sql: str


@dataclass(frozen=True)
class Optional:
    """Members of which each is there or not, one after the other, each with a comma before it.

    Attributes:
        parts: their pieces.
        needed: at least one has to be there, else there is nothing to say.
        opens: nothing stands before the first: its comma goes.
    """

    parts: tuple[tuple[Piece, ...], ...]
    needed: bool
    opens: bool

    @property
    def sql(self) -> str:
        """All of them in one text."""
        text = f"concat({', '.join(joined(part) for part in self.parts)})"
        text = f"nullif({text}, '')" if self.needed else text
        return f"substr({text}, 2)" if self.opens else text


Piece = Text | Value | Optional


def side_by_side(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """The same with one text for texts that lie side by side."""
    made: list[Piece] = []
    for piece in pieces:
        before = made[-1] if made else None
        if isinstance(piece, Text) and isinstance(before, Text):
            made[-1] = Text(before.text + piece.text)
        elif not isinstance(piece, Text) or piece.text:
            made.append(piece)
    return tuple(made)


def joined(pieces: Sequence[Piece]) -> str:
    """The SQL of all of them; NULL where one is NULL."""
    parts = [piece.sql for piece in side_by_side(pieces)]
    return parts[0] if len(parts) == 1 else f"({' || '.join(parts)})"


def chosen(expression: str, cases: Mapping[str, Sequence[Piece]], rest: Sequence[Piece] | None) -> list[Piece] | None:
    """The pieces of a choice by the word that an expression is, where its cases differ in texts only; else None.

    Args:
        expression: SQL of the word.
        cases: word -> what it becomes.
        rest: what others become; without it, nothing.
    """
    rows = [side_by_side(pieces) for pieces in cases.values()]
    rows += [] if rest is None else [side_by_side(rest)]
    return _merged(expression, list(cases), rows)


def _merged(expression: str, words: Sequence[str], rows: Sequence[Sequence[Piece]]) -> list[Piece] | None:
    """One row of pieces for several; those of the words, and, where there is one more, that of all others."""
    if len({len(row) for row in rows}) != 1:
        return None
    made: list[Piece] = []
    for position in range(len(rows[0])):
        piece = _one_of(expression, words, [row[position] for row in rows])
        if piece is None:
            return None
        made.append(piece)
    # without others to stand for, the choice itself has to be what is NULL for them
    decides = len(rows) > len(words) or any(isinstance(piece, Text) for row in rows for piece in row)
    return made if decides else None


def _one_of(expression: str, words: Sequence[str], pieces: Sequence[Piece]) -> Piece | None:
    first = pieces[0]
    if isinstance(first, Text):
        texts = [piece.text for piece in pieces if isinstance(piece, Text)]
        if len(texts) < len(pieces):
            return None
        if len(set(texts)) == 1 and len(pieces) > len(words):
            return first
        cases = " ".join(f"WHEN {literal(word)} THEN {literal(text)}" for word, text in zip(words, texts, strict=False))
        rest = f" ELSE {literal(texts[-1])}" if len(pieces) > len(words) else ""
        return Value(f"CASE lower({expression}) {cases}{rest} END")
    if isinstance(first, Optional):
        return _one_optional(expression, words, pieces, first)
    return first if all(piece == first for piece in pieces) else None


def _one_optional(expression: str, words: Sequence[str], pieces: Sequence[Piece], first: Optional) -> Optional | None:
    rows = [piece for piece in pieces if isinstance(piece, Optional)]
    shapes = {(len(row.parts), row.needed, row.opens) for row in rows}
    if len(rows) < len(pieces) or len(shapes) != 1:
        return None
    parts = []
    for position in range(len(first.parts)):
        part = _merged(expression, words, [row.parts[position] for row in rows])
        if part is None:
            return None
        parts.append(tuple(part))
    return Optional(tuple(parts), first.needed, first.opens)
