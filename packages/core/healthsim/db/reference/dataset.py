"""What is declared about a dataset, and how its files are told apart from others.

A dataset says which columns make a header its own, which levels and releases there are, what in the contents speaks
for which release, and which projection turns its records into what is stored. The loader knows nothing else of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from healthsim.db.reference.source import Table
from healthsim.db.sql import quoted
from healthsim.errors import InvalidInput

#: digits of the key of each level
DIGITS: Mapping[str, int] = {
    "state": 2,
    "county": 5,
    "zcta": 5,
    "place": 7,
    "tract": 11,
    "blockgroup": 12,
    "provider": 10,
    "practice_location": 10,
    "other_name": 10,
    "endpoint": 10,
}

#: leading zeros that a program may have dropped: state codes begin with one, ZIP codes of Puerto Rico with two
DROPPED_ZEROS: Mapping[str, int] = {"zcta": 2}


@dataclass(frozen=True)
class Layout:
    """What a header says: which dataset, which columns play which part, which variables there are."""

    dataset: Dataset
    table: Table
    header: tuple[str, ...]
    #: lines above the first record
    skip: int
    #: part -> position of its column (key, name, state, population ...)
    parts: Mapping[str, int]
    #: variable column, as it is called while reading -> position
    values: Mapping[str, int]
    #: the levels that the header allows
    levels: tuple[str, ...]
    #: releases that the header allows, and what in it says so
    releases: tuple[str, ...]
    why: str
    form: str = ""
    #: records without a key are notes below the table
    has_notes: bool = False
    #: the key, made of parts
    key: str = "trim(key)"
    #: a place has several records; the projection finds those that stand twice
    repeated_keys: bool = False
    #: column of the table raw -> what it keeps of a record's values, in SQL: they are read once more, by the projection
    kept: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Claim:
    """What something in the contents says about the release.

    Attributes:
        releases: the known ones that it allows.
        why: what was seen.
        or_newer: releases that are not known yet may have it as well.
    """

    releases: frozenset[str]
    why: str
    or_newer: bool = True


Connection = duckdb.DuckDBPyConnection


@dataclass(frozen=True)
class Dataset:
    """The declaration of a dataset."""

    name: str
    title: str
    #: what a header of it has, for messages
    expected: str
    releases: tuple[str, ...]
    recognise: Callable[[Dataset, Table], Layout | None]
    #: (connection with the table raw, layout, level) -> what the contents say about the release
    claims: Callable[[Connection, Layout, str], Iterable[Claim]]
    #: (connection, layout, level, release) -> the year of the geography that its keys belong to
    vintage: Callable[[Connection, Layout, str, str], str]
    #: (connection, layout, level, release) -> the SELECT that makes the stored rows of the table raw, which has the
    #: parts of each record, or of the view records, which has its values as well and reads the file
    project: Callable[[Connection, Layout, str, str], str]
    #: (connection with the table staged, layout, level, release): raise for contents that cannot be; the warnings
    check: Callable[[Connection, Layout, str, str], Sequence[str]]
    #: where rows go: None for a typed table of each load's own, else the table of all loads
    target: str | None = None
    #: the release that a file of some year belongs to, where releases are not one a year
    of_year: Callable[[str], str] = str
    #: (level, release) -> records of the complete national file
    totals: Mapping[tuple[str, str], int] = field(default_factory=dict)


def plain(name: str) -> str:
    """A column name without case, spaces and punctuation, as headers of different years vary in them."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def positions(header: Sequence[str]) -> dict[str, int]:
    """Plain column name -> position; the first one wins."""
    places: dict[str, int] = {}
    for number, name in enumerate(header):
        places.setdefault(plain(name), number)
    return places


def first_of(columns: Mapping[str, int], *names: str) -> int | None:
    """The position of the first of these columns that the header has."""
    return next((columns[name] for name in names if name in columns), None)


def parts_of(columns: Mapping[str, int], wanted: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """Part -> position, for the parts that the header has."""
    places = {part: first_of(columns, *names) for part, names in wanted.items()}
    return {part: position for part, position in places.items() if position is not None}


def connecticut(connection: Connection, label: str) -> str | None:
    """Which coding of Connecticut the keys of the table raw are in: ``counties``, ``regions``, or none of it.

    Raises:
        InvalidInput: both, which no release has.
    """
    row = connection.execute(
        "SELECT count(*) FILTER (WHERE left(geoid, 5) BETWEEN '09001' AND '09015'),"
        " count(*) FILTER (WHERE left(geoid, 5) BETWEEN '09110' AND '09190') FROM raw"
    ).fetchone()
    counties, regions = row or (0, 0)
    if counties and regions:
        raise InvalidInput(
            f"{label} mixes releases: {counties:,} keys of Connecticut's counties (09001 to 09015) and {regions:,}"
            " of its"
            " planning regions (09110 to 09190). Each release has one or the other; nothing was loaded.",
            file=label,
        )
    return "counties" if counties else "regions" if regions else None


def breach(connection: Connection, rules: Mapping[str, str]) -> tuple[str, str, float] | None:
    """The first value of the table staged that breaks the rule of its column: column, key, value."""
    if not rules:
        return None
    kept = ", ".join(f"bool_and({rule})" for rule in rules.values())
    for (column, rule), holds in zip(
        rules.items(), connection.execute(f"SELECT {kept} FROM staged").fetchall()[0], strict=True
    ):
        if holds is False:
            key, value = connection.execute(
                f"SELECT geoid, {quoted(column)} FROM staged WHERE NOT ({rule}) ORDER BY geoid LIMIT 1"
            ).fetchall()[0]
            return column, key, value
    return None


def nothing(*_: object) -> Sequence[str]:
    """The check of a dataset whose keys say it all."""
    return ()
