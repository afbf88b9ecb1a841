"""The rows of a domain before they are written: in a temporary table, so that they can be counted and measured first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from healthsim.db.sql import filled, literal, quoted, sql_text
from healthsim.exchange.sdtm.ascii_text import VALUE_BYTES, ascii_of, pieces
from healthsim.exchange.sdtm.domains import supplement_of
from healthsim.exchange.sdtm.variables import Domain, Variable
from healthsim.exchange.sdtm.xpt import ROWS

if TYPE_CHECKING:
    from healthsim.state.tables import ScenarioTables

PACKAGE = "healthsim.exchange.sdtm"


@dataclass
class Staged:
    """A dataset that waits to be written.

    Attributes:
        table: where its rows are. variables: those that it has; permissible ones without any value are left out.
        lengths: of texts, the bytes of the longest one in ASCII, 200 at most.
    """

    tables: ScenarioTables
    domain: Domain
    table: str
    rows: int
    variables: tuple[Variable, ...]
    lengths: dict[str, int]

    def batches(self, order: str = "") -> Iterator[list[tuple[Any, ...]]]:
        """The rows, some thousands at a time."""
        names = ", ".join(quoted(variable.name) for variable in self.variables)
        cursor = self.tables.connection.execute(f"SELECT {names} FROM {quoted(self.table)} {order}")
        while rows := cursor.fetchmany(ROWS):
            yield rows


def stage(tables: ScenarioTables, domain: Domain, study: tuple[str, str]) -> Staged:
    """The rows of a domain of one study, given by its id and its number."""
    columns = [f"{variable.sql} AS {quoted(variable.name)}" for variable in domain.variables]
    columns += [f"CAST({each.source} AS VARCHAR) AS {quoted(each.column)}" for each in domain.supplements]
    statement = filled(sql_text(PACKAGE, domain.statement), {"variables": ",\n".join(columns), **domain.names})
    table = f"sdtm_rows_{domain.name}"
    tables.execute(
        f"CREATE OR REPLACE TEMP TABLE {quoted(table)} AS {statement}", {"study": study[0], "studyid": study[1]}
    )
    return measured(tables, domain, table)


def stage_supplement(tables: ScenarioTables, staged: Staged) -> Staged | None:
    """The supplement of a dataset; None where the domain has none."""
    domain = staged.domain
    if not domain.is_of_subjects:
        return None
    number = "''"
    if domain.related:
        value = quoted(domain.related)
        number = f"regexp_replace(CAST({value} AS VARCHAR), '\\.0+$', '')"
    nothing = (
        "CAST(NULL AS VARCHAR) AS QNAM, CAST(NULL AS VARCHAR) AS QLABEL, CAST(NULL AS VARCHAR) AS QVAL, '' AS QORIG"
    )
    parts = [
        f"{literal(each.name)} AS QNAM, {literal(each.label)} AS QLABEL, {quoted(each.column)} AS QVAL,"
        f" {literal(each.origin)} AS QORIG"
        for each in domain.supplements
    ] or [nothing]
    key = (
        f"STUDYID, {literal(domain.name)} AS RDOMAIN, USUBJID, {literal(domain.related)} AS IDVAR, {number} AS IDVARVAL"
    )
    union = "\nUNION ALL\n".join(f"SELECT {key}, {part}, rowid AS place FROM {quoted(staged.table)}" for part in parts)
    table = f"sdtm_rows_SUPP{domain.name}"
    tables.execute(
        f"CREATE OR REPLACE TEMP TABLE {quoted(table)} AS\nSELECT * EXCLUDE (place), '' AS QEVAL FROM ({union})\n"
        "WHERE QVAL <> '' ORDER BY place, QNAM"
    )
    return measured(tables, supplement_of(domain), table)


def measured(tables: ScenarioTables, domain: Domain, table: str) -> Staged:
    """Count the rows of a table, and see how long its texts are."""
    texts = [variable for variable in domain.variables if not variable.is_number]
    facts = [
        f"max(strlen({quoted(each.name)})), count(*) FILTER (strlen({quoted(each.name)}) <> length({quoted(each.name)}))"
        for each in texts
    ]
    counts = [f"count({quoted(each.name)})" for each in domain.variables]
    (answer,) = tables.execute(f"SELECT count(*), {', '.join([*counts, *facts])} FROM {quoted(table)}").fetchall()
    rows, filled_in, of_texts = answer[0], answer[1 : 1 + len(counts)], answer[1 + len(counts) :]
    variables = tuple(
        variable
        for variable, count in zip(domain.variables, filled_in, strict=True)
        if count or variable.core != "Perm"
    )
    lengths = {}
    for place, variable in enumerate(texts):
        longest, others = of_texts[2 * place] or 1, of_texts[2 * place + 1]
        if others:
            longest = max(longest, _longest_in_ascii(tables, table, variable.name))
        lengths[variable.name] = max(1, min(longest, VALUE_BYTES))
    return Staged(tables, domain, table, rows, variables, lengths)


def _longest_in_ascii(tables: ScenarioTables, table: str, name: str) -> int:
    """The length of the longest of the values that are not ASCII, when they are."""
    column = quoted(name)
    rows = tables.execute(f"SELECT DISTINCT {column} FROM {quoted(table)} WHERE strlen({column}) <> length({column})")
    longest = 1
    while values := rows.fetchmany(ROWS):
        longest = max(longest, *(len(ascii_of(value)) for (value,) in values))
    return longest


class Shortened:
    """Texts as XPT can hold them; what is too long for a value goes on in the supplement.

    Attributes:
        rest: rows of the supplement. cut: how many values were too long. changed: how many were not ASCII in one line.
    """

    def __init__(self, staged: Staged) -> None:
        self.rest: list[tuple[Any, ...]] = []
        self.cut = self.changed = 0
        self._staged = staged
        self._place = {variable.name: place for place, variable in enumerate(staged.variables)}
        self._is_supplement = staged.domain.name.startswith("SUPP")

    def columns(self, rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
        """The values of rows by variable."""
        columns: list[list[Any]] = []
        for variable, values in zip(self._staged.variables, zip(*rows, strict=True), strict=True):
            if variable.is_number:
                columns.append(list(values))
                continue
            of_column = [value if value is None else self._in_ascii(value) for value in values]
            if self._staged.lengths[variable.name] == VALUE_BYTES:
                of_column = [
                    value if value is None or len(value) <= VALUE_BYTES else self._first(variable, value, row)
                    for value, row in zip(of_column, rows, strict=True)
                ]
            columns.append(of_column)
        return columns

    def _in_ascii(self, value: str) -> str:
        if value.isascii() and value.isprintable():
            return value
        self.changed += 1
        return ascii_of(one_line(value))

    def _first(self, variable: Variable, value: str, row: tuple[Any, ...]) -> str:
        first, *others = pieces(value)
        self.cut += 1
        for number, piece in enumerate(others, start=1):
            self.rest.append(self._continued(variable, row, number, piece))
        return first

    def _continued(self, variable: Variable, row: tuple[Any, ...], number: int, piece: str) -> tuple[Any, ...]:
        """The row of a supplement that holds a further piece; its name is that of the variable, and a number."""
        domain = self._staged.domain
        if self._is_supplement:
            known = dict(zip((each.name for each in self._staged.variables), row, strict=True))
            name = f"{known['QNAM'][: 8 - len(str(number))]}{number}"
            known |= {"QNAM": name, "QVAL": piece}
            return tuple(known[each.name] for each in self._staged.variables)
        value = _text(row[self._place[domain.related]]) if domain.related else ""
        name = f"{variable.name[: 8 - len(str(number))]}{number}"
        study, subject = row[self._place["STUDYID"]], row[self._place["USUBJID"]] if "USUBJID" in self._place else ""
        return study, domain.name, subject, domain.related, value, name, variable.label, piece, variable.origin, ""


def one_line(text: str) -> str:
    """A text without line breaks and other control characters, which records of a transport file do not have."""
    return text if text.isprintable() else "".join(letter if letter.isprintable() else " " for letter in text)


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value or "")
