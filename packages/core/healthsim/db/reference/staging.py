"""Staging a table of statistics: read, told what it is, checked, and written to Parquet, in a database of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from healthsim.db.reference import detection, storage
from healthsim.db.reference.dataset import DIGITS, Connection, Layout
from healthsim.db.reference.source import FOREIGN, not_utf8, unpacked
from healthsim.db.reference.storage import Load
from healthsim.db.reference.stream import scratch
from healthsim.db.sql import literal, one_file, quoted
from healthsim.errors import InvalidInput, UsageError
from healthsim.remedies import remedy

#: the datasets whose publisher writes some of its files in Latin-1
FROM_CENSUS = ("counties", "cbsa", "ct_crosswalk")
#: what stands for no value, besides nothing: R, spreadsheets, databases and Python write these
NO_VALUES = "['', 'NA', 'N/A', 'NULL', 'NaN', 'nan', 'None']"

#: below this part of a national file it is somebody's excerpt, above it the rest was cut off
_EXCERPT = 0.6


@dataclass(frozen=True)
class Options:
    """What was said about the files of an import."""

    dataset: str | None = None
    level: str | None = None
    release: str | None = None
    states: tuple[str, ...] = ()
    taxonomies: tuple[str, ...] = ()
    url: str | None = None

    @property
    def filters(self) -> str | None:
        """The filters, as they are recorded with a load."""
        words = [f"state={','.join(sorted(s.upper() for s in self.states))}"] if self.states else []
        words += [f"taxonomy={','.join(sorted(self.taxonomies))}"] if self.taxonomies else []
        return " ".join(words) or None


@dataclass
class Staged:
    """A load that is ready: checked rows in Parquet files."""

    load: Load
    parts: dict[str, Sequence[Path]]
    warnings: list[str] = field(default_factory=list)


def stage_table(layout: Layout, folder: Path, options: Options) -> Staged:
    """Read and check a table of statistics.

    Raises:
        InvalidInput: it is not what it should be.
    """
    dataset, member = layout.dataset, layout.table.member
    if options.states or options.taxonomies:
        raise UsageError(f"{member.label} is {dataset.title}; {remedy('filters of providers')} are for NPPES only.")
    if layout.table.foreign is not None and dataset.name not in FROM_CENSUS:
        raise layout.table.foreign
    with unpacked(member, FOREIGN if layout.table.foreign else None) as path, scratch(folder) as connection:
        _refuse_cut_off(layout, path)
        rows = _read(connection, layout, path)
        level = detection.level_of(connection, layout, options.level)
        detection.pad_keys(connection, layout, level)
        _see_values(connection, layout, level, path)
        release = detection.release_of(connection, layout, level, options.release)
        warnings = _completeness(connection, layout, level, release, rows)
        vintage = dataset.vintage(connection, layout, level, release)
        target = folder / "staged.parquet"
        select = dataset.project(connection, layout, level, release)
        with _reading(layout), _conversions(connection, layout):
            # it is read once and deleted: neither compressing nor looking for repeated values pays
            connection.execute(
                f"COPY ({select}) TO {literal(str(target))}"
                " (FORMAT parquet, COMPRESSION uncompressed, DICTIONARY_SIZE_LIMIT 1)"
            )
        connection.execute(f"CREATE VIEW staged AS SELECT * FROM read_parquet({literal(one_file(target))})")
        warnings += dataset.check(connection, layout, level, release)
        stored = connection.execute("SELECT count(*) FROM staged").fetchall()[0][0]
        columns = [row[0] for row in connection.execute("DESCRIBE staged").fetchall()]
    load = Load(
        dataset.name,
        level,
        release,
        vintage,
        member.label,
        "",
        rows,
        storage.now(),
        stored,
        url=options.url,
        variables=tuple(columns) if dataset.target is None else (),
    )
    return Staged(load, {dataset.target or "": [target]}, warnings)


def _read(connection: Connection, layout: Layout, path: Path) -> int:
    """Read the parts of the records, as text, into the table raw; the number of records."""
    original = "trim(key)" if "key" in layout.parts else layout.key
    names = [name for name in layout.parts if name != "key"]
    columns = [*map(quoted, names), f"coalesce({layout.key}, '') AS key"]
    columns += [f"{original} AS published_key"] * ("key" in layout.parts)
    columns += [f"{sql} AS {quoted(name)}" for name, sql in layout.kept.items()]
    with _reading(layout):
        connection.execute(f"CREATE TABLE raw AS SELECT {', '.join(columns)} FROM ({_source(layout, path)})")
    if layout.has_notes:
        connection.execute("CREATE TABLE notes AS SELECT * FROM raw WHERE key = ''; DELETE FROM raw WHERE key = ''")
    count: int = connection.execute("SELECT count(*) FROM raw").fetchall()[0][0]
    if count == 0:
        raise InvalidInput(f"{layout.table.member.label} has a header and no rows; nothing was loaded.")
    return count


def _source(layout: Layout, path: Path) -> str:
    """The SELECT of the columns that are used, as text, from a file."""
    wanted = {**layout.parts, **layout.values}
    columns = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(len(layout.header)))
    selected = ", ".join(f"c{number} AS {quoted(name)}" for name, number in wanted.items())
    return (
        f"SELECT {selected} FROM read_csv({literal(one_file(path))}, columns = {{{columns}}}, header = false,"
        f" skip = {layout.skip}, auto_detect = false, delim = {literal(layout.table.delimiter)}, quote = '\"',"
        f" escape = '\"', nullstr = {NO_VALUES}, strict_mode = true)"
    )


def _see_values(connection: Connection, layout: Layout, level: str, path: Path) -> None:
    """Make the view records: a table as wide as that is read twice in less time than it is held in memory."""
    connection.execute(
        f"CREATE VIEW records AS SELECT *, lpad({layout.key}, {DIGITS[level]}, '0') AS geoid"
        f" FROM ({_source(layout, path)})"
    )


@contextmanager
def _reading(layout: Layout) -> Iterator[None]:
    """The errors of the reader of files, in words for the user."""
    try:
        yield
    except (duckdb.InvalidInputException, duckdb.IOException) as error:
        raise _reading_fault(layout, str(error)) from None


def _reading_fault(layout: Layout, text: str) -> InvalidInput:
    member = layout.table.member
    match = re.search(r"CSV Error on Line: (\d+)", text)
    line = int(match.group(1)) if match else 0
    if "unicode" in text or "utf-8" in text.lower():
        return not_utf8(member, line)
    counts = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", text)
    if counts:
        what = f"has {counts.group(2)} columns; expected {counts.group(1)}, as in the header"
    elif "unterminated quote" in text:
        what = "begins a quoted value that never ends"
    else:
        what = "cannot be read: " + text.splitlines()[0][:200]
    return InvalidInput(
        f"{member.label}, line {line:,}, {what}. The file was cut off or is damaged; nothing was loaded. Fetch it"
        " again.",
        file=member.label,
        line=line,
    )


def _refuse_cut_off(layout: Layout, path: Path) -> None:
    """A published file ends with a whole record: one that ends inside its last value was cut off there."""
    first = layout.table.first[-1:] or ("",)
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - 4096))
        end = stream.read()
    if not end.endswith((b"\n", b"\r")) and first[0].endswith(")") and not end.rstrip(b'" ').endswith(b")"):
        raise InvalidInput(
            f"{layout.table.member.label} ends in the middle of a value ({end[-40:].decode('utf-8', 'replace')!r}):"
            " it was"
            " cut off. Nothing was loaded. Fetch it again.",
            file=layout.table.member.label,
        )


def _completeness(connection: Connection, layout: Layout, level: str, release: str, rows: int) -> list[str]:
    """What the number of records says, where the national file's is known: cut off, an excerpt, or complete."""
    expected = layout.dataset.totals.get((level, release))
    if expected is None or layout.repeated_keys or rows >= expected:
        return []
    states = connection.execute("SELECT count(DISTINCT left(geoid, 2)) FROM raw").fetchall()[0][0]
    if states == 1:
        return []
    label = layout.table.member.label
    if rows >= expected * _EXCERPT:
        raise InvalidInput(
            f"{label} has {rows:,} records of {states} states; {layout.dataset.title} {release} has {expected:,} at"
            " level"
            f" {level}. It was cut off; nothing was loaded. Fetch it again.",
            file=label,
            rows=rows,
            expected=expected,
        )
    return [f"{label} has {rows:,} of the {expected:,} records of {layout.dataset.title} {release}: an excerpt."]


@contextmanager
def _conversions(connection: Connection, layout: Layout) -> Iterator[None]:
    """Say which value could not be read as a number, and where it stands."""
    try:
        yield
    except duckdb.ConversionException as error:
        label = layout.table.member.label
        where = ""
        bad = re.search(r"[Cc]ould not convert string [\"'](.*?)[\"'] to", str(error))
        for column in (*layout.values, *layout.parts):
            if not bad or column == "key":
                continue
            row = connection.execute(
                f"SELECT geoid FROM records WHERE contains({quoted(column)}, ?) AND TRY_CAST({quoted(column)} AS DOUBLE)"
                " IS NULL"
                " LIMIT 1",
                [bad.group(1)],
            ).fetchone()
            if row:
                where = f", column {column}, record {row[0]}"
                break
        raise InvalidInput(
            f"{label}{where}: {bad.group(1) if bad else str(error).splitlines()[0]!r} is no number; expected one, or"
            " nothing. The file is damaged or has other columns than its header says; nothing was loaded.",
            file=label,
        ) from None
