"""The heads of statements: what a file ``sql/<table>.sql`` says of its table, before the SELECT of its rows.

A head is a comment: what a row is, in a sentence or two, and then keys.

- ``kind``: ``seed`` (the same for all scenarios, from the program's data), ``scenario``, ``place`` (with ``places named`` and
  ``published``: from the reference data, that ``reference`` statements give), ``code`` (a dimension that scenarios share),
  ``scoped`` (a dimension of one scenario), ``link`` (replaced whole, per scenario), ``fact`` (facts and bridges); and temporary
  tables: ``base`` (dimensions of the scenario are made from it), ``lookup`` (rows are found by it), ``work`` (others).
- ``natural key``: what identifies a row of a dimension.
- ``grain``, ``holds``, ``dates``: of a table that metrics sum: what a row is, the plural of that, and its dates as
  ``role = key column``, or ``role = expression by month``; the first one is the default.
- ``rows``: the canonical table whose rows it holds, ``table.key as column where condition, owned by whom``; ``as``, ``where`` and
  ``owned by`` where they are needed. ``shared`` says that such a row tells about the encounter of others; ``one per`` names
  columns of which each value is a row. ``tells of`` and ``uses`` are rows of other tables that it names, and is made from.
- ``sums``: the money that both must have, ``table: column = canonical column, ...``.
- ``empty without``: the tables without whose rows there are none, where the FROM does not show it.
- ``how``: what else is to be known about the SELECT.
- ``columns``: one line each, ``name TYPE [entity]: meaning``, with the entity of ``metrics/dimensions.yaml`` that a key column
  leads to, where its name does not say it. Not named are the surrogate key of a dimension and ``scenario_key``, which the
  build adds, and the columns of temporary tables, which nothing else needs to know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

#: what a head may say
KEYS = (
    "kind",
    "natural key",
    "grain",
    "holds",
    "rows",
    "tells of",
    "uses",
    "sums",
    "dates",
    "empty without",
    "how",
    "columns",
)
#: kinds of temporary tables
TEMPORARY = frozenset({"base", "lookup", "work", "places named", "reference"})
#: kinds of tables that have rows of each scenario
SCOPED = frozenset({"scoped", "link", "fact"})
KINDS = TEMPORARY | SCOPED | {"seed", "scenario", "place", "published", "code"}

_KEY = re.compile(rf"-- ({'|'.join(KEYS)}):(?: (.*))?")
_COLUMN = re.compile(r"(\w+) ([A-Z]+(?:\(\d+, ?\d+\))?)(?: compressed by (\w+))?(?: \[(\w+)\])?: (.+)")
_ROWS = re.compile(
    r"(\w+)\.(\w+)(?: as (\w+))?(?: where (.+?))?(?:, owned by ([a-z_ ]+?))?(, shared)?(?:, one per ([\w ]+))?"
)
_DATE = re.compile(r"(\w+) = (.+?)(?: by (\w+))?")
_WITH = re.compile(r"(?:\bWITH\b|\),)\s+(\w+) AS \(")
_READ = re.compile(r"\b(FROM|JOIN)\s+([a-z_]\w*)\b(?!\s*[.(])")


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        entity: what a key column leads to, where its name does not say it.
        compression: how it is kept, where the engine is not left to choose.
    """

    name: str
    type: str
    meaning: str
    entity: str | None = None
    compression: str | None = None


@dataclass(frozen=True)
class Rows:
    """The canonical rows that a table of the star holds.

    Attributes:
        table: the canonical table, and ``key``, its id.
        column: where the star has the id.
        condition: which rows of the star are these.
        owner: the way by which their persons are found: a name of ``row_owners.WAYS``.
        shared: whether they tell about the encounter of others.
        each: columns of which each value is a row; without, a row is a row.
    """

    table: str
    key: str
    column: str
    condition: str | None = None
    owner: str | None = None
    shared: bool = False
    each: tuple[str, ...] = ()


@dataclass(frozen=True)
class Role:
    """A date of a fact: an expression that gives its key, and the finest time dimension that it has."""

    name: str
    key: str
    grain: str


@dataclass(frozen=True)
class Head:
    """What a file says of its table; the attributes are the keys of the module's text."""

    name: str
    meaning: str
    kind: str
    natural: tuple[str, ...]
    grain: str | None
    holds: str | None
    rows: tuple[Rows, ...]
    tells_of: tuple[Rows, ...]
    uses: tuple[Rows, ...]
    sums: tuple[tuple[str, dict[str, str]], ...]
    dates: tuple[Role, ...]
    empty_without: tuple[str, ...]
    columns: tuple[Column, ...]
    body: str

    @cached_property
    def _read(self) -> list[tuple[str, str]]:
        """(FROM or JOIN, table) as the SELECT has them, without its own WITH tables."""
        code = re.sub(r"--.*", "", self.body)
        own = set(_WITH.findall(code))
        return [(word, table) for word, table in _READ.findall(code) if table not in own]

    def reads(self, *, driving: bool = False) -> list[str]:
        """The tables that the SELECT reads by bare names, each once; ``driving``: those after FROM only."""
        return list(dict.fromkeys(table for word, table in self._read if not driving or word == "FROM"))


def read_head(name: str, text: str) -> Head:
    """Read a file.

    Raises:
        ValueError: the head says something that cannot be read; the message names file and line.
    """
    lines = text.splitlines()
    end = next((number for number, line in enumerate(lines) if not line.startswith("--")), len(lines))
    meaning, keys = split(lines[:end], _KEY)
    known = dict(keys)
    several = {key: [value for word, value in keys if word == key] for key in KEYS}

    def words(key: str, by: str = ",") -> tuple[str, ...]:
        return tuple(word.strip() for word in " ".join(known.get(key, ())).split(by) if word.strip())

    kind = " ".join(known.get("kind", ()))
    if kind not in KINDS:
        raise ValueError(f"sql/{name}.sql: the kind is {kind!r}; expected one of {', '.join(sorted(KINDS))}")
    sums = (" ".join(lines).partition(": ") for lines in several["sums"])
    return Head(
        name=name,
        meaning=meaning,
        kind=kind,
        natural=words("natural key"),
        grain=" ".join(known["grain"]) if "grain" in known else None,
        holds=" ".join(known["holds"]) if "holds" in known else None,
        rows=tuple(_rows(name, " ".join(value)) for value in several["rows"]),
        tells_of=tuple(_rows(name, " ".join(value)) for value in several["tells of"]),
        uses=tuple(_rows(name, " ".join(value)) for value in several["uses"]),
        sums=tuple((table, dict(pair.split(" = ") for pair in pairs.split(", "))) for table, _, pairs in sums),
        dates=tuple(_role(name, date) for date in words("dates", ";")),
        empty_without=words("empty without"),
        columns=tuple(_columns(name, known.get("columns", []))),
        body="\n".join(lines[end:]),
    )


def split(lines: list[str], key: re.Pattern[str]) -> tuple[str, list[tuple[str, list[str]]]]:
    """The sentences of a head, and its keys with their lines, indented ones joined to the line that they continue."""
    said: list[str] = []
    keys: list[tuple[str, list[str]]] = []
    for line in lines:
        match = key.fullmatch(line)
        if match:
            keys.append((match[1], [match[2]] if match[2] else []))
        elif not keys:
            said.append(line.removeprefix("--").strip())
        elif line.startswith("--     ") and keys[-1][1]:
            keys[-1][1][-1] += " " + line.removeprefix("--").strip()
        else:
            keys[-1][1].append(line.removeprefix("--").strip())
    return " ".join(said), keys


def _columns(name: str, lines: list[str]) -> Iterator[Column]:
    for line in lines:
        match = _COLUMN.fullmatch(line)
        if match is None:
            raise ValueError(f"sql/{name}.sql: a column is `name TYPE: meaning`, not {line!r}")
        yield Column(match[1], match[2], match[5], match[4], match[3])


def _rows(name: str, text: str) -> Rows:
    match = _ROWS.fullmatch(text)
    if match is None:
        raise ValueError(f"sql/{name}.sql: rows are `table.key as column where condition, owned by whom`, not {text!r}")
    table, key, column, condition, owner, shared, each = match.groups()
    return Rows(table, key, column or key, condition, owner, bool(shared), tuple((each or "").split()))


def _role(name: str, text: str) -> Role:
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(f"sql/{name}.sql: a date is `role = key column`, not {text!r}")
    return Role(match[1], match[2], match[3] or "day")
