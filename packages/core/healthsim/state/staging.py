"""The bulk path into the database: batches of rows, as columns in memory or as Parquet parts on disk.

Whoever has entities to write (a save, an import, the generator) fills a ``Staging`` first. No database is
open meanwhile, and nothing is visible until ``state.save`` loads all of it in one transaction. Beyond
a bounded number of rows the parts lie in a folder beside the database, so that memory does not grow.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from healthsim import leftovers
from healthsim.db.schema import PROVENANCE
from healthsim.db.sql import literal, one_file, quoted
from healthsim.errors import HealthSimError
from healthsim.model import ENTITY_TYPES
from healthsim.outputs import disk_full, is_full
from healthsim.remedies import remedy
from healthsim.state import columns

if TYPE_CHECKING:
    import duckdb
    import pyarrow.parquet as pq

#: rows of all tables together that are held before they become a part
BATCH_ROWS = 8_192
#: characters of documents that are held before they become a part
BATCH_CHARACTERS = 16_000_000
#: parts of one table that stay in memory; a larger save goes to disk
MEMORY_ROWS = 262_144
#: characters of documents that stay in memory as parts
MEMORY_CHARACTERS = 64_000_000
#: rows that the engine handles in one go
ENGINE_ROWS = 2_048
FOLDER = "staging"
#: what the names of folders of parts begin with
PARTS = "healthsim-parts-"

DOCUMENTS = "documents"
#: column -> SQL type
DOCUMENT_COLUMNS = {
    "ordinal": "BIGINT",
    "entity_type": "VARCHAR",
    "entity_id": "VARCHAR",
    "position": "BIGINT",
    "is_typed": "BOOLEAN",
    "id_from_content": "BOOLEAN",
    "document": "VARCHAR",
    "provenance": "VARCHAR",
    "envelope": "VARCHAR",
    "is_read": "BOOLEAN",
}
_DOCUMENT = list(DOCUMENT_COLUMNS).index("document")
#: what a staged row carries beside its typed columns
ROW_EXTRAS = {
    "ordinal": "BIGINT",
    "document": "BIGINT",
    "id_from_content": "BOOLEAN",
    "together": "BOOLEAN",
    **{name: sql_type for name, (sql_type, _) in PROVENANCE.items() if name != "saved_at"},
}


@cache
def _columns_of(table: str) -> Mapping[str, str]:
    """The columns of staged rows, and their SQL types."""
    if table == DOCUMENTS:
        return DOCUMENT_COLUMNS
    return {column.name: column.sql_type for column in ENTITY_TYPES[table].columns} | ROW_EXTRAS


class Staging:
    """Rows that wait to be written, by table: ``documents`` and one per entity type.

    Use it as a context manager: its folder goes when the block ends.

    Args:
        beside: the folder of the database, where parts are kept; None for a temporary folder.
    """

    def __init__(self, beside: Path | None = None) -> None:
        self._beside = beside
        self._folder: Path | None = None
        self._pending: dict[str, list[Mapping[str, Any]]] = {}
        self._documents: list[tuple[Any, ...]] = []
        self._pending_rows = 0
        self._tables: dict[str, list[Any]] = {}
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._memory_rows = 0
        self._pending_characters = 0
        self._memory_characters = 0
        self.rows: dict[str, int] = {}
        #: table -> the SQL that names its rows, once everything is readable
        self.sources: dict[str, str] = {}
        #: positions of documents that are not to be written, nor what they carry: from, and up to but without
        self.void: list[tuple[int, int]] = []
        #: characters of the largest document, and of the documents that the engine handles in one go
        self.largest = 0
        self.bundle = 0
        self._bundle = self._bundle_characters = 0

    def __enter__(self) -> Staging:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discard()

    def add(self, table: str, row: Mapping[str, Any]) -> None:
        """Take one row of an entity type; columns that it does not name are NULL."""
        self._pending.setdefault(table, []).append(row)
        self._pending_rows += 1
        if self._pending_rows >= BATCH_ROWS:
            self._flush()

    def add_document(self, values: tuple[Any, ...]) -> None:
        """Take one document: a value for each of ``DOCUMENT_COLUMNS``."""
        self._documents.append(values)
        self._pending_rows += 1
        self._weigh(len(values[_DOCUMENT]), values[0])
        if self._pending_rows >= BATCH_ROWS or self._pending_characters >= BATCH_CHARACTERS:
            self._flush()

    def _weigh(self, characters: int, position: int) -> None:
        if position // ENGINE_ROWS != self._bundle:
            self._bundle, self._bundle_characters = position // ENGINE_ROWS, 0
        self._bundle_characters += characters
        self._pending_characters += characters
        if characters > self.largest:
            self.largest = characters
        if self._bundle_characters > self.bundle:
            self.bundle = self._bundle_characters

    def discard(self) -> None:
        """Forget everything."""
        for writer in self._writers.values():
            try:
                writer.close()
            except OSError:
                # the end of a part that is thrown away has no room on a full disk
                pass
        if self._folder is not None:
            leftovers.remove(self._folder)
        self._folder = None
        self._pending, self._documents, self._tables, self._writers, self.rows = {}, [], {}, {}, {}
        self._pending_rows = self._memory_rows = 0
        self._pending_characters = self._memory_characters = 0

    def _flush(self) -> None:
        with self._on_disk():
            self._take_pending()

    @contextmanager
    def _on_disk(self) -> Iterator[None]:
        """Parts that cannot be written end the save with an error for the user."""
        try:
            yield
        except OSError as error:
            if is_full(error):
                raise disk_full(self._beside or Path(tempfile.gettempdir()), "nothing was changed") from None
            place = self._folder or self._beside or Path(tempfile.gettempdir())
            raise HealthSimError(
                f"A large save keeps its parts in {place}, which cannot be written ({error.strerror or error}); nothing"
                f" was changed. Correct its permissions, or choose another place with {remedy('name another database')}.",
                path=str(place),
            ) from None

    def _take_pending(self) -> None:
        if self._documents:
            self._keep(
                DOCUMENTS, columns.batch(DOCUMENT_COLUMNS, zip(*self._documents, strict=True)), len(self._documents)
            )
        for table, rows in self._pending.items():
            types = _columns_of(table)
            self._keep(table, columns.batch(types, columns.turned(types, rows)), len(rows))
        self._memory_characters += self._pending_characters
        self._pending, self._documents, self._pending_rows, self._pending_characters = {}, [], 0, 0
        if self._memory_rows > MEMORY_ROWS or self._memory_characters > MEMORY_CHARACTERS:
            self._spill()

    def _keep(self, table: str, batch: Any, rows: int) -> None:
        self._tables.setdefault(table, []).append(batch)
        self.rows[table] = self.rows.get(table, 0) + rows
        self._memory_rows += rows

    def _spill(self) -> None:
        # only large saves need them, and they take a while to import
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self._folder is None:
            self._folder = new_folder(self._beside)
        for table, batches in self._tables.items():
            part = pa.table(columns.array(batches))
            if table not in self._writers:
                self._writers[table] = pq.ParquetWriter(
                    self._part(table), part.schema, compression="lz4", use_dictionary=False, write_statistics=False
                )
            self._writers[table].write_table(part)
        self._tables, self._memory_rows, self._memory_characters = {}, 0, 0

    def _part(self, table: str) -> Path:
        assert self._folder is not None
        return self._folder / f"{table}.parquet"

    def finish(self, connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
        """Make everything readable: table -> the SQL that names its rows in ``FROM``.

        It stays until the end of the staging: a write that was overtaken by another program's asks once more.
        """
        self._flush()
        with self._on_disk():
            if self._writers:
                self._spill()
            for writer in self._writers.values():
                writer.close()
        sources = self.sources
        for table in self.rows:
            if table in self._writers:
                sources[table] = f"read_parquet({literal(one_file(self._part(table)))})"
            else:
                sources[table] = _handed_over(connection, table, self._tables[table])
            if self.void:
                place = "position" if table == DOCUMENTS else "document"
                inside = " OR ".join(f"({place} >= {first} AND {place} < {last})" for first, last in self.void)
                sources[table] = f"(SELECT * FROM {sources[table]} WHERE NOT ({inside}))"
        return sources


def _handed_over(connection: duckdb.DuckDBPyConnection, table: str, batches: list[Any]) -> str:
    """Batches as a temporary table of the engine, which sees the stream of them once; its name."""
    name = quoted(f"staged_{table}")
    connection.register("arriving", columns.stream(batches))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM arriving")
    connection.unregister("arriving")
    return name


def new_folder(beside: Path | None) -> Path:
    """A folder for parts beside a database (or among the temporary files); what killed programs left there is removed.

    Raises:
        HealthSimError: there is no place for it.
    """
    parent = beside / FOLDER if beside is not None else Path(tempfile.gettempdir())
    try:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left_over in abandoned(parent) if beside is not None else leftovers.abandoned(parent, PARTS):
            leftovers.remove(left_over)
        folder = parent / leftovers.owned_name(PARTS)
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise HealthSimError(
            f"The parts of a large save are kept in {parent}, which cannot be written ({error.strerror or error}); nothing was"
            f" changed. Correct its permissions, or choose another place with {remedy('name another database')}.",
            path=str(parent),
        ) from None
    return folder


def abandoned(parent: Path) -> list[Path]:
    """Folders of staged parts whose program is gone: it was killed before it could tidy up.

    Several hosts and containers may share the folder; what another one made is its own until nobody has touched it for days.
    """
    known = leftovers.abandoned(parent, PARTS)
    others = sorted(parent.iterdir()) if parent.is_dir() else []
    return [folder for folder in others if folder in known or (folder.is_dir() and leftovers.untouched(folder))]
