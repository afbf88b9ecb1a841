"""The words of a question, as the engine itself splits it: to look behind EXPLAIN, and to take a PIVOT apart.

The engine gives no syntax tree for these two. A PIVOT whose values come from the data is several statements to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

import duckdb

_NAME = re.compile(r'"((?:[^"]|"")*)"|\w[\w$]*')
#: what ends the columns of a PIVOT, at its own level
_AFTER_ON = frozenset(
    [
        "using",
        "group",
        "order",
        "limit",
        "offset",
        "union",
        "except",
        "intersect",
        "qualify",
        "having",
        "where",
        "window",
        "fetch",
        "join",
        "left",
        "right",
        "full",
        "inner",
        "cross",
        "natural",
        "asof",
        "positional",
        "semi",
        "anti",
    ]
)


@dataclass(frozen=True)
class Token:
    """One word or sign: where it stands, what it is, and (for names and words) what it says in lower case."""

    start: int
    kind: str
    word: str


def tokens_of(sql: str) -> list[Token]:
    """The tokens of a statement, comments left out."""
    data = sql.encode()
    tokens: list[Token] = []
    for place, kind in duckdb.tokenize(sql):
        name = str(kind).rpartition(".")[2]
        if name == "comment":
            continue
        rest = data[place : place + 4_096].decode(errors="replace")
        if name in ("identifier", "keyword"):
            match = _NAME.match(rest)
            quoted = match.group(1) if match else None
            word = quoted.replace('""', '"') if quoted is not None else (match.group() if match else "")
            tokens.append(Token(place, "identifier" if quoted is not None else name, word.lower()))
        else:
            tokens.append(Token(place, name, rest[:1]))
    return tokens


def end_of_statement(tokens: list[Token]) -> int | None:
    """The index of the first token after a semicolon that is not one itself; None where there is but one statement."""
    ended = False
    for index, token in enumerate(tokens):
        if token.kind == "operator" and token.word == ";":
            ended = True
        elif ended:
            return index
    return None


def without_end(sql: str) -> str:
    """A statement without the semicolons at its end."""
    words = tokens_of(sql)
    place = next((token.start for token in words if token.kind == "operator" and token.word == ";"), None)
    return sql if place is None else sql.encode()[:place].decode()


def behind_explain(sql: str, tokens: list[Token]) -> str | None:
    """The statement that an EXPLAIN explains; None for any other statement."""
    if not tokens or tokens[0].word != "explain" or tokens[0].kind == "string_const":
        return None
    index = 1
    while index < len(tokens) and tokens[index].word in ("analyze", "verbose"):
        index += 1
    if index < len(tokens) and _is(tokens[index], "(") and not _starts_query(tokens, index):
        index = _closing(tokens, index) + 1
    return sql.encode()[tokens[index].start :].decode() if index < len(tokens) else ""


def _starts_query(tokens: list[Token], index: int) -> bool:
    """Whether a bracket holds a query, and not the options of EXPLAIN."""
    while index < len(tokens) and _is(tokens[index], "("):
        index += 1
    return index < len(tokens) and tokens[index].word in (
        "select",
        "from",
        "with",
        "values",
        "pivot",
        "unpivot",
        "table",
    )


def without_pivot_columns(sql: str, tokens: list[Token]) -> tuple[str, list[str]] | None:
    """A statement less the ``ON ...`` of its PIVOTs, and those columns: together all that it says.

    Returns:
        None where the parts cannot be told apart.
    """
    data = sql.encode()
    cuts: list[tuple[int, int]] = []
    for index, token in enumerate(tokens):
        if token.word not in ("pivot", "pivot_wider") or token.kind == "string_const":
            continue
        if index + 1 < len(tokens) and _is(tokens[index + 1], "(") and _is_standard(tokens, index):
            continue
        cut = _columns(tokens, index)
        if cut is None:
            return None
        cuts.append((tokens[cut[0]].start, tokens[cut[1]].start if cut[1] < len(tokens) else len(data)))
    if not cuts or any(later[0] < earlier[1] for earlier, later in pairwise(cuts)):
        return None
    kept, columns, place = b"", [], 0
    for start, end in cuts:
        kept += data[place:start] + b" "
        columns.append(data[start + len("on") : end].decode())
        place = end
    return (kept + data[place:]).decode(), columns


def _is_standard(tokens: list[Token], index: int) -> bool:
    """Whether this is ``FROM t PIVOT (... FOR ... IN ...)``, which names its values."""
    end = _closing(tokens, index + 1)
    depth = 0
    for token in tokens[index + 2 : end]:
        depth += _step(token)
        if depth == 0 and token.word == "for" and token.kind == "keyword":
            return True
    return False


def _columns(tokens: list[Token], index: int) -> tuple[int, int] | None:
    """The tokens from the last ON at the level of a PIVOT to what follows its columns."""
    depth = 0
    start: int | None = None
    for place in range(index + 1, len(tokens)):
        token = tokens[place]
        depth += _step(token)
        if depth < 0 or (depth == 0 and _is(token, ";")):
            return (start, place) if start is not None else None
        if depth or token.kind not in ("keyword", "identifier"):
            continue
        if token.word == "on" and token.kind == "keyword":
            start = place
        elif start is not None and token.word in _AFTER_ON and token.kind == "keyword":
            return start, place
    return (start, len(tokens)) if start is not None else None


def calls(tokens: list[Token]) -> set[str]:
    """Every name that stands before an opening bracket."""
    return {
        token.word for token, after in pairwise(tokens) if token.kind in ("identifier", "keyword") and _is(after, "(")
    }


def _is(token: Token, sign: str) -> bool:
    return token.kind == "operator" and token.word == sign


def _step(token: Token) -> int:
    if token.kind != "operator":
        return 0
    return {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.word, 0)


def _closing(tokens: list[Token], index: int) -> int:
    depth = 0
    for place in range(index, len(tokens)):
        depth += _step(tokens[place])
        if depth == 0:
            return place
    return len(tokens) - 1
