"""OMOP databases of others: a DuckDB file, or a folder of CSV or Parquet files, as views with the columns of the CDM.

A table that is missing is empty, a column that is missing is NULL, and a value that is not of the column's type is NULL there;
``doc`` has the row as it came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from healthsim.db.plain_engine import EngineError, bounded_engine, other_file
from healthsim.db.sql import literal, one_file, quoted
from healthsim.errors import InvalidInput
from healthsim.exchange.csv_rows import header_of, separator_of
from healthsim.exchange.omop.tables import cdm_tables
from healthsim.exchange.seen import text_head
from healthsim.outputs import is_database

if TYPE_CHECKING:
    import duckdb

#: without these two, a database or a folder is no CDM
_NEEDED = frozenset(("person", "visit_occurrence"))
_CHARACTERS = "varchar", "text"


@dataclass
class Cdm:
    """A common data model that is open for reading.

    Attributes:
        connection: in which each table of the CDM is a view of its name, in the schema ``cdm``.
        present: the tables that there are -> how many rows they have.
        others: what else lies in the database; it is no table of the CDM.
    """

    connection: duckdb.DuckDBPyConnection
    present: dict[str, int] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)


def holds_cdm(path: Path) -> bool:
    """Whether a file is a DuckDB database with the tables of a CDM, or one table of it alone as CSV."""
    if is_database(path):
        try:
            with other_file(path, read_only=True) as connection:
                return _tables(connection, "current_database()").keys() >= _NEEDED
        except EngineError:
            # somebody has it open to write, or it is of a newer engine: whoever asks is told that it is a database
            return False
    return _is_table_file(path, path.stem.lower())


def files_of(folder: Path) -> dict[str, Path]:
    """The files of a CDM that lie in a folder, by table; none where it is no CDM."""
    files: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        name = path.stem.lower()
        if name in cdm_tables() and name not in files and _is_table_file(path, name):
            files[name] = path
    return files if files.keys() >= _NEEDED else {}


def _is_table_file(path: Path, name: str) -> bool:
    if name not in cdm_tables():
        return False
    if path.is_dir():
        return any(path.glob("*.parquet"))
    if path.suffix.lower() == ".parquet":
        return True
    names = {column.lower() for column in header_of(path)}
    required = {column.name for column in cdm_tables()[name].columns if column.required}
    return bool(names) and len(required & names) * 2 > len(required)


@contextmanager
def opened(path: Path) -> Iterator[Cdm]:
    """The views of a database, a folder or a file.

    Raises:
        InvalidInput: it cannot be read.
    """
    try:
        with bounded_engine() as connection:
            relations, others = _relations(connection, path)
            connection.execute("CREATE SCHEMA cdm")
            cdm = Cdm(connection, others=others)
            for name in cdm_tables():
                connection.execute(_view(connection, name, relations.get(name)))
                if name in relations:
                    row = connection.execute(f"SELECT count(*) FROM {relations[name]}").fetchone()
                    cdm.present[name] = int(row[0]) if row else 0
            yield cdm
    except EngineError as error:
        raise InvalidInput(
            f"{path} cannot be read as an OMOP database: {str(error).strip().partition(chr(10))[0]}", path=str(path)
        ) from None


def _relations(connection: duckdb.DuckDBPyConnection, path: Path) -> tuple[dict[str, str], list[str]]:
    """Table of the CDM -> what follows FROM; and what else is there."""
    if path.is_file() and is_database(path):
        connection.execute(f"ATTACH {literal(one_file(path))} AS source (READ_ONLY)")
        found = _tables(connection, "'source'")
        known = {name: place for name, place in found.items() if name in cdm_tables()}
        return known, sorted(found.keys() - known.keys())
    files = files_of(path) if path.is_dir() else {path.stem.lower(): path}
    return {name: _file(file) for name, file in files.items()}, []


def _tables(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, str]:
    """The tables and views of a database by name, in small letters -> the name in full."""
    rows = connection.execute(
        "SELECT table_catalog, table_schema, table_name FROM information_schema.tables"
        f" WHERE table_catalog = {database} ORDER BY table_schema = 'main' DESC, table_schema"
    ).fetchall()
    found: dict[str, str] = {}
    for catalog, schema, name in rows:
        found.setdefault(name.lower(), f"{quoted(catalog)}.{quoted(schema)}.{quoted(name)}")
    return found


def _file(path: Path) -> str:
    if path.is_dir():
        return f"read_parquet({literal(one_file(path) + '/*.parquet')}, union_by_name = true)"
    if path.suffix.lower() == ".parquet":
        return f"read_parquet({literal(one_file(path))})"
    sign = separator_of(text_head(path, 65_536).splitlines()[0])
    return (
        f"read_csv({literal(one_file(path))}, header = true, all_varchar = true, delim = {literal(sign)}, quote = '\"',"
        " escape = '\"', strict_mode = false, null_padding = true)"
    )


def _view(connection: duckdb.DuckDBPyConnection, name: str, relation: str | None) -> str:
    columns = cdm_tables()[name].columns
    present: Mapping[str, str] = {}
    if relation is not None:
        described = connection.execute(f"SELECT * FROM {relation} LIMIT 0").description or []
        present = {column[0].lower(): column[0] for column in described}
    selected = []
    for column in columns:
        sql_type = "VARCHAR" if column.sql_type.startswith(_CHARACTERS) else column.sql_type
        sql_type = "BIGINT" if sql_type == "integer" else sql_type
        source = f"t.{quoted(present[column.name])}" if column.name in present else "NULL"
        value = f"nullif({source}::VARCHAR, '')" if sql_type == "VARCHAR" else f"TRY_CAST({source} AS {sql_type})"
        selected.append(f"{value} AS {quoted(column.name)}")
    doc = "to_json(t)::VARCHAR" if relation is not None else "NULL::VARCHAR"
    tail = f"FROM {relation} AS t" if relation is not None else "WHERE FALSE"
    return f"CREATE VIEW cdm.{quoted(name)} AS SELECT {', '.join(selected)}, {doc} AS doc {tail}"
