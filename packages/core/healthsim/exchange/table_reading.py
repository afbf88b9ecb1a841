"""Tables of ours coming in: folders that an export wrote, and CSV or Parquet files whose columns are those of a table.

What an export of ours wrote becomes the rows that it was, in every column. A table that somebody else made becomes documents,
one a row, read as JSON documents are: by the names of columns and by their older spellings, and what is in no column stays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.db.plain_engine import EngineError, bounded_engine
from healthsim.db.schema import PROVENANCE
from healthsim.db.sql import literal, one_file, quoted
from healthsim.errors import InvalidInput
from healthsim.exchange.csv_rows import header_of, rows_of, separator_of
from healthsim.exchange.seen import head_of, text_head
from healthsim.model import EntityType, entity_type_named
from healthsim.model.entity import snake_case
from healthsim.model.types import NumberText, jsonable
from healthsim.outputs import MANIFEST
from healthsim.state.json.header import Header
from healthsim.state.json.shapes import recognised, shared_names

if TYPE_CHECKING:
    from healthsim.exchange.reading import Reading

_BATCH = 5_000
#: texts that are numbers; what begins with a zero is a code
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,14})")
_FRACTION = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
#: columns that every table of ours has
_OWN = ("scenario_id", "saved_at")
_OUR_EXPORT = "HealthSim tables, "
_PARTITION = "partition_year"
#: the layers of an export of ours; the star is made of the canonical tables, and is not read
_CANONICAL, _STAR = "canonical", "star"


@dataclass(frozen=True)
class TableFile:
    """A table: its type, the files of its rows, their columns, and whether it is as an export of ours wrote it."""

    known: EntityType
    paths: tuple[Path, ...]
    columns: tuple[str, ...]
    is_own: bool


def csv_table(path: Path) -> TableFile | None:
    """The table that a CSV file is; None where its header is of none."""
    return _table(path, (path,), header_of(path))


def parquet_table(path: Path) -> TableFile | None:
    """The table that a Parquet file is, or a folder of them; None where their columns are of none."""
    paths = tuple(sorted(path.rglob("*.parquet"))) if path.is_dir() else (path,)
    if not paths or not paths[0].is_file() or head_of(paths[0], 4) != b"PAR1":
        return None
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        names = pq.read_schema(paths[0]).names
    except (pa.ArrowInvalid, OSError):
        return None
    return _table(path, paths, names)


def _table(path: Path, paths: tuple[Path, ...], names: list[str]) -> TableFile | None:
    header = {name: "" for name in names if name}
    if len(header) < 2:
        return None
    named = entity_type_named(path.stem)
    known = named if named is not None and shared_names(named, header) >= 2 else recognised(header)
    if known is None:
        return None
    is_own = set(_OWN) <= header.keys() and known.key in header
    if not is_own and 2 * shared_names(known, header) < len(header):
        # a header of others that has an id of ours by chance
        return None
    return TableFile(known, paths, tuple(names), is_own)


def export_of_ours(folder: Path, kind: str) -> list[Path]:
    """What lies in a folder that an export of ours wrote in a format, ``csv`` or ``parquet``; nothing in others."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    if not isinstance(manifest, dict) or manifest.get("format") != _OUR_EXPORT + kind:
        return []
    return [path for path in (folder / MANIFEST, folder / _CANONICAL, folder / _STAR) if path.exists()]


def tables_in(folder: Path, kind: str) -> list[TableFile]:
    """The canonical tables of an export of ours, those first that others refer to."""
    from healthsim.state.load_staged import load_order

    tables = []
    for known in load_order():
        place = folder / _CANONICAL / (f"{known.plural}.csv" if kind == "csv" else known.plural)
        table = (csv_table(place) if kind == "csv" else parquet_table(place)) if place.exists() else None
        if table is not None:
            tables.append(table)
    return tables


def read_tables(path: Path, reading: Reading, kind: str) -> Header:
    """Read a table, or the canonical tables of an export of ours.

    Raises:
        InvalidInput: a file cannot be read as what it is.
    """
    header = Header(name=path.resolve().name if path.is_dir() else path.stem, format=kind)
    if path.is_dir() and (path / MANIFEST).exists():
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        header.name = manifest.get("scenario") or header.name
        for table in tables_in(path, kind):
            reading.part = f"{_CANONICAL}/{table.known.plural}"
            _read_own(table, reading, kind)
        reading.part = None
        if (path / _STAR).exists():
            reading.oddity("the star is not read: it is built of the canonical tables")
        return header
    alone = csv_table(path) if kind == "csv" else parquet_table(path)
    assert alone is not None  # the format was told by it
    if alone.is_own:
        _read_own(alone, reading, kind)
    elif kind == "csv":
        _read_csv(alone, reading)
    else:
        _read_parquet(alone, reading)
    return header


def _read_own(table: TableFile, reading: Reading, kind: str) -> None:
    """Rows as they were, with all that is said of where they come from."""
    types = {column.name: column.sql_type for column in table.known.columns}
    types |= {name: sql_type for name, (sql_type, _) in PROVENANCE.items() if name not in _OWN}
    columns = [name for name in table.columns if name in types]
    for name in table.columns:
        if name not in types and name not in (*_OWN, _PARTITION):
            reading.oddity(
                "a column that the model does not have; it is left out", example=f"{table.known.plural}.{name}"
            )
    selected = ", ".join(f"{_cast(name, types[name])} AS {quoted(name)}" for name in columns)
    for row in _rows(f"SELECT {selected} FROM {_source(table, kind)}", table, reading):
        reading.unit()
        reading.row(table.known, row)


def _cast(name: str, sql_type: str) -> str:
    # an unreadable value is an error of the file: it was written by us
    return quoted(name) if sql_type == "JSON" else f"CAST({quoted(name)} AS {sql_type})"


def _source(table: TableFile, kind: str) -> str:
    files = f"[{', '.join(literal(one_file(path)) for path in table.paths)}]"
    if kind == "parquet":
        return f"read_parquet({files}, hive_partitioning = false, union_by_name = true)"
    sign = separator_of(text_head(table.paths[0], 65_536).splitlines()[0])
    # without a value, and with an empty text: the export writes these differently
    return (
        f"read_csv({files}, header = true, all_varchar = true, delim = {literal(sign)}, quote = '\"', escape = '\"',"
        " allow_quoted_nulls = false)"
    )


def _rows(statement: str, table: TableFile, reading: Reading) -> Iterator[dict[str, Any]]:
    """What a query gives, in batches: the engine reads no more of the files than that."""
    try:
        with bounded_engine() as connection:
            result = connection.execute(statement)
            names = [column[0] for column in result.description or ()]
            while batch := result.fetchmany(_BATCH):
                for values in batch:
                    yield {name: value for name, value in zip(names, values, strict=True) if value is not None}
    except EngineError as error:
        raise InvalidInput(
            f"{reading.part or reading.source} cannot be read as the table {table.known.plural}:"
            f" {str(error).strip().partition(chr(10))[0]}",
            path=reading.source,
        ) from None


def _read_csv(table: TableFile, reading: Reading) -> None:
    for row in rows_of(table.paths[0], reading):
        reading.unit()
        said = {name: text for name, text in row.items() if text != ""}
        reading.document(table.known, json.dumps(row, ensure_ascii=False), _unfolded(table.known, said))


def _read_parquet(table: TableFile, reading: Reading) -> None:
    for number, row in enumerate(_rows(f"SELECT * FROM {_source(table, 'parquet')}", table, reading), 1):
        reading.unit()
        reading.line = number
        text = json.dumps(row, ensure_ascii=False, default=_plain)
        reading.document(table.known, text, _unfolded(table.known, row))
    reading.line = None


def _as_number(value: Any) -> Any:
    if isinstance(value, Decimal) or (isinstance(value, str) and _FRACTION.fullmatch(value)):
        return NumberText(value)
    return int(value) if isinstance(value, str) and _WHOLE.fullmatch(value) else value


def _plain(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    try:
        return jsonable(value)
    except TypeError:
        return str(value)


def _unfolded(known: EntityType, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as it would be as a document: numbers are numbers, and what is JSON in a column of text is JSON."""
    unfolded = {name: _as_number(value) for name, value in row.items()}
    for name, value in row.items():
        column = known.column.get(snake_case(name))
        if column is not None and column.sql_type == "JSON" and isinstance(value, str):
            try:
                unfolded[name] = json.loads(value)
            except ValueError:
                continue
    return unfolded
