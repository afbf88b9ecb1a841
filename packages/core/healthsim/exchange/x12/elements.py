"""What a segment of X12 is made of, declared once: from the declaration follow the SQL that writes it, and the page.

A segment is its name and its elements. An element is a constant, or a value that comes from a column and is written in one of
the ways of X12: text, a code, an identifier, a day, an amount. The columns are named as the statement calls their tables:
``m.family_name``; ``SOURCES`` says which tables these are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from healthsim.db.sql import literal
from healthsim.model import ENTITY_TYPES

SEGMENT_END, ELEMENT, COMPONENT, REPETITION = "~", "*", ":", "^"
#: what no value may contain, as members of a class of a regular expression
_DELIMITERS = r"*:~^"
#: members of a class of a regular expression: the basic and the extended character set of X12.5 without lower case and
#: the delimiters; letters that upper case makes members of it; those that may stand at the ends; what identifiers may have
_CHARACTERS = r"""A-Z0-9 !"&'()+,\-./;?=%@\[\]_{}\\|<>#$"""
_PLAIN = "A-Za-z0-9 .,#/&'-"
_SOLID = "A-Za-z0-9.,#/&'-"
_SPELLING = r"!-)+-9;-\]_-}"
_UNPRINTABLE = rf"[^ -~]|[{_DELIMITERS}]"
#: how many letters of a digest stand for the rest of an identifier that is too long
_DIGEST = 8

_COLUMN = re.compile(r"\b([a-z]+)\.([a-z_0-9]+)")

#: how statements call their tables -> where the values come from
SOURCES = {
    "c": "claims",
    "l": "claim_lines",
    "m": "members",
    "s": "members",
    "second": "members",
    "p": "patients",
    "e": "encounters",
    "plan": "plans",
    "billing": "facilities/providers",
    "rendering": "providers",
    "place": "facilities",
    "pcp": "providers",
    "a": "accumulators",
}


@dataclass(frozen=True)
class Element:
    """One element.

    Attributes:
        sql: its text; NULL where there is none.
        source: ``alias.column`` of what it shows, where it is one.
        changed: whether writing took something away from the value, as SQL; empty where it never does.
        is_constant: it is the same in every segment.
    """

    sql: str
    source: str = ""
    changed: str = ""
    is_constant: bool = False


def constant(text: str) -> Element:
    """The same in every segment."""
    return Element(literal(text), is_constant=True)


def text(column: str, limit: int, *, otherwise: str | None = None) -> Element:
    """Words: upper case, without accents; what X12 has no character for becomes a space."""
    plain = f"upper(strip_accents({column}))"
    clean = f"nullif(trim(left(trim(regexp_replace({plain}, {literal(f'[^{_CHARACTERS}]')}, ' ', 'g')), {limit})), '')"
    fit = f"regexp_full_match({column}, {literal(f'[{_SOLID}](?:[{_PLAIN}]{{0,{limit - 2}}}[{_SOLID}])?')})"
    written = f"CASE WHEN {fit} THEN upper({column}) ELSE {clean} END"
    if otherwise is not None:
        written = f"coalesce({written}, {literal(otherwise)})"
    unfit = f"NOT {fit} AND (regexp_matches({plain}, {literal(f'[^{_CHARACTERS}]')}) OR length({column}) > {limit})"
    return Element(written, column, unfit)


def identifier(column: str, limit: int) -> Element:
    """A number or a name that others refer to: in its spelling; if it is too long, a digest stands for its end."""
    fit = f"regexp_full_match({column}, {literal(f'[{_SPELLING}]{{0,{limit}}}')})"
    short = f"left({_spelled(column)}, {limit - _DIGEST}) || left(md5({column}), {_DIGEST})"
    return Element(f"CASE WHEN {fit} THEN {column} ELSE {short} END", column, f"NOT {fit}")


def code(column: str, limit: int = 30, *, otherwise: str | None = None) -> Element:
    """A code in its spelling."""
    fit = f"regexp_full_match({column}, {literal(f'[A-Za-z0-9.]{{1,{limit}}}')})"
    written = f"CASE WHEN {fit} THEN {column} ELSE nullif(left({_spelled(column)}, {limit}), '') END"
    if otherwise is not None:
        written = f"coalesce({written}, {literal(otherwise)})"
    return Element(written, column)


def diagnosis(column: str) -> Element:
    """A code of a diagnosis, without its dot."""
    fit = f"regexp_full_match({column}, '[A-Za-z0-9.]+')"
    return Element(
        f"CASE WHEN {fit} THEN replace({column}, '.', '') ELSE nullif(replace({_spelled(column)}, '.', ''), '') END",
        column,
    )


def digits(column: str, limit: int, *, otherwise: str | None = None) -> Element:
    """The digits of a number that people write with hyphens."""
    written = f"nullif(left(regexp_replace({column}, '[^0-9]', '', 'g'), {limit}), '')"
    if otherwise is not None:
        written = f"coalesce({written}, {literal(otherwise)})"
    return Element(written, column)


def npi(column: str) -> Element:
    """A National Provider Identifier; what has not ten digits is none."""
    return Element(f"CASE WHEN regexp_full_match({column}, '[0-9]{{10}}') THEN {column} END", column)


def zip_code(column: str, *, whole: bool = False) -> Element:
    """A ZIP code; ``whole`` where nine digits are asked for: 9998 is what is written for an extension that is not known."""
    plain = f"regexp_replace({column}, '[^0-9]', '', 'g')"
    if not whole:
        return Element(f"CASE WHEN length({plain}) IN (5, 9) THEN {plain} END", column)
    return Element(f"CASE length({plain}) WHEN 9 THEN {plain} WHEN 5 THEN {plain} || '9998' END", column)


def day(column: str) -> Element:
    """A day, CCYYMMDD."""
    return Element(f"strftime({column}, '%Y%m%d')", column)


def minute(column: str) -> Element:
    """A day and the time of it, CCYYMMDDHHMM."""
    return Element(f"strftime({column}, '%Y%m%d%H%M')", column)


def span(first: str, last: str) -> Element:
    """A range of days."""
    return Element(f"strftime({first}, '%Y%m%d') || '-' || strftime({last}, '%Y%m%d')", f"{first}, {last}")


def amount(column: str, *, source: str | None = None) -> Element:
    """An amount without zeros that say nothing: 180, 100.5, -3."""
    return Element(f"rtrim(rtrim(({column})::DECIMAL(18, 2)::VARCHAR, '0'), '.')", column if source is None else source)


def made(sql: str, source: str = "") -> Element:
    """Something that a longer expression gives."""
    return Element(sql, source)


def composite(*parts: Element | str) -> Element:
    """An element with components."""
    known = [part if isinstance(part, Element) else constant(part) for part in parts]
    joined = f", '{COMPONENT}', ".join(part.sql for part in known)
    sources = ", ".join(part.source for part in known if part.source)
    changed = " OR ".join(part.changed for part in known if part.changed)
    return Element(f"rtrim(concat({joined}), '{COMPONENT}')", sources, changed)


@dataclass(frozen=True)
class Segment:
    """One segment: its name, its elements, and when there is one.

    Attributes:
        when: a condition in SQL; without one it is always written.
        note: for the page: what the constants mean, or when it is written.
    """

    name: str
    elements: tuple[Element, ...]
    when: str = ""
    note: str = ""

    @property
    def sql(self) -> str:
        """The text of the segment with its end; empty where the condition does not hold."""
        parts = f", '{ELEMENT}', ".join(element.sql for element in self.elements)
        written = f"rtrim(concat('{self.name}{ELEMENT}', {parts}), '{ELEMENT}') || '{SEGMENT_END}'"
        return f"CASE WHEN {self.when} THEN {written} ELSE '' END" if self.when else written


def segment(name: str, *elements: Element | str, when: str = "", note: str = "") -> Segment:
    """A segment; a text among the elements is a constant."""
    known = tuple(element if isinstance(element, Element) else constant(element) for element in elements)
    return Segment(name, known, when, note)


@dataclass(frozen=True)
class Repeated:
    """Segments that a longer expression gives, such as one for the diagnoses of a list.

    Attributes:
        beyond: how many values have no room in them, as SQL; empty where all have.
    """

    name: str
    sql: str
    source: str
    beyond: str = ""


@dataclass(frozen=True)
class Loop:
    """Segments that are written together.

    Attributes:
        name: as the implementation guide calls it.
    """

    name: str
    segments: tuple[Segment | Repeated, ...]

    @property
    def sql(self) -> str:
        """The text of all segments."""
        return " || ".join(f"({part.sql})" for part in self.segments) if self.segments else "''"

    def columns(self, alias: str) -> list[str]:
        """The columns of a table that it shows, as statements name them."""
        return [f"{alias}.{column}" for table, column in dict.fromkeys(_COLUMN.findall(self.sql)) if table == alias]

    @property
    def changed(self) -> str:
        """How many values of a row are not carried as they are, as SQL."""
        marks = [
            f"CASE WHEN {element.changed} THEN 1 ELSE 0 END"
            for part in self.segments
            if isinstance(part, Segment)
            for element in part.elements
            if element.changed
        ]
        marks += [f"coalesce({part.beyond}, 0)" for part in self.segments if isinstance(part, Repeated) and part.beyond]
        return " + ".join(marks) or "0"


def joined(*loops: Loop) -> str:
    """The text of several loops, one after the other."""
    return " || ".join(loop.sql for loop in loops)


def rows_of(loops: Sequence[Loop]) -> list[tuple[str, str, str]]:
    """For the page: loop, segment with its qualifier, and the columns that its elements show."""
    rows = []
    for loop in loops:
        for part in loop.segments:
            if isinstance(part, Repeated):
                rows.append((loop.name, part.name, _sources(part.source)))
                continue
            first = part.elements[0]
            head = f"{part.name}*{first.sql[1:-1]}" if first.is_constant and first.sql != "''" else part.name
            shown = [
                f"{number:02d} {_sources(element.source)}"
                for number, element in enumerate(part.elements, start=1)
                if element.source
            ]
            if shown:
                rows.append((loop.name, head, "; ".join(shown)))
    return rows


def _sources(source: str) -> str:
    """``m.family_name`` as ``members.family_name``; of an expression the columns that are in it."""
    named = dict.fromkeys(_source(alias, column) for alias, column in _COLUMN.findall(source))
    return ", ".join(name for name in named if name)


def _source(alias: str, column: str) -> str:
    if alias not in SOURCES:
        return ""
    members = {known.name for known in ENTITY_TYPES["member"].columns}
    # what the statements put beside a member is of the plan
    table = "plans" if alias == "m" and column not in members else SOURCES[alias]
    return f"{table}.{column}"


def _spelled(column: str) -> str:
    """A value without delimiters, and without what cannot be printed or is no ASCII."""
    return f"regexp_replace(trim({column}), {literal(_UNPRINTABLE)}, '', 'g')"
