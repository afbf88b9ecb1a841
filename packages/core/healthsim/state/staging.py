"""The bulk path into the database: batches of rows, as Arrow in memory or as Parquet parts on disk.

Whoever has entities to write (a save, an import, the generator) fills a ``Staging`` first. No database is
open meanwhile, and nothing is visible until ``state.save`` loads all of it in one transaction. Beyond
a bounded number of rows the parts lie in a folder beside the database, so that memory does not grow.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from healthsim import leftovers
from healthsim.db.schema import PROVENANCE
from healthsim.db.sql import literal, one_file, quoted
from healthsim.errors import HealthSimError
from healthsim.model import ENTITY_TYPES, EntityType
from healthsim.model.types import arrow_type
from healthsim.outputs import disk_full, is_full
from healthsim.remedies import remedy

if TYPE_CHECKING:
    import duckdb
    import pyarrow.parquet as pq

#: rows of all tables together that are held before they become a part
BATCH_ROWS = 8_192
#: characters of documents that are held before they become a part
BATCH_CHARACTERS = 16_000_000
#: parts of one table that stay in memory; a larger save goes to disk
MEMORY_ROWS = 32_768
#: characters of documents that stay in memory as parts
MEMORY_CHARACTERS = 64_000_000
#: rows that the engine handles in one go
ENGINE_ROWS = 2_048
FOLDER = "staging"
#: what the names of folders of parts begin with
PARTS = "healthsim-parts-"

DOCUMENTS = "documents"
DOCUMENT_COLUMNS = pa.schema(
    [
        ("ordinal", pa.int64()),
        ("entity_type", pa.string()),
        ("entity_id", pa.string()),
        ("position", pa.int64()),
        ("is_typed", pa.bool_()),
        ("id_from_content", pa.bool_()),
        ("document", pa.string()),
        ("provenance", pa.string()),
        ("envelope", pa.string()),
    ]
)
#: what a staged row carries beside its typed columns
ROW_EXTRAS: dict[str, pa.DataType] = {
    "ordinal": pa.int64(),
    "document": pa.int64(),
    "id_from_content": pa.bool_(),
    **{name: arrow_type(sql_type) for name, (sql_type, _) in PROVENANCE.items() if name != "saved_at"},
}


def row_schema(entity_type: EntityType) -> pa.Schema:
    """The Arrow schema of staged rows of an entity type."""
    fields = [(column.name, arrow_type(column.sql_type)) for column in entity_type.columns]
    return pa.schema([*fields, *ROW_EXTRAS.items()])


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
        self._pending_rows = 0
        self._tables: dict[str, list[pa.Table]] = {}
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._memory_rows = 0
        self._pending_characters = 0
        self._memory_characters = 0
        self.rows: dict[str, int] = {}
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
        """Take one row of a table; columns that it does not name are NULL."""
        self._pending.setdefault(table, []).append(row)
        self._pending_rows += 1
        if table == DOCUMENTS:
            self._weigh(len(row["document"]), row["position"])
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
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = None
        self._pending, self._tables, self._writers, self.rows = {}, {}, {}, {}
        self._pending_rows = self._memory_rows = 0
        self._pending_characters = self._memory_characters = 0

    def _schema(self, table: str) -> pa.Schema:
        return DOCUMENT_COLUMNS if table == DOCUMENTS else row_schema(ENTITY_TYPES[table])

    def _flush(self) -> None:
        with self._on_disk():
            self._take_pending()

    @contextmanager
    def _on_disk(self) -> Iterator[None]:
        """Parts that cannot be written end the save with an error for the user."""
        try:
            yield
        except OSError as error:
            place = self._folder or self._beside or Path(tempfile.gettempdir())
            if is_full(error):
                raise disk_full(place, "nothing was changed") from None
            raise HealthSimError(
                f"A large save keeps its parts in {place}, which cannot be written ({error.strerror or error}); nothing"
                f" was changed. Correct its permissions, or choose another place with {remedy('name another database')}.",
                path=str(place),
            ) from None

    def _take_pending(self) -> None:
        for table, rows in self._pending.items():
            schema = self._schema(table)
            # a row is read as a whole, which is twice as fast as one column after the other; what it leaves out is NULL
            part = pa.Table.from_batches([pa.RecordBatch.from_struct_array(pa.array(rows, pa.struct(list(schema))))])
            self.rows[table] = self.rows.get(table, 0) + len(rows)
            if table in self._writers:
                self._writers[table].write_table(part)
            else:
                self._tables.setdefault(table, []).append(part)
                self._memory_rows += len(rows)
        self._memory_characters += self._pending_characters
        self._pending, self._pending_rows, self._pending_characters = {}, 0, 0
        if self._memory_rows > MEMORY_ROWS or self._memory_characters > MEMORY_CHARACTERS:
            self._spill()

    def _spill(self) -> None:
        # only large saves need it, and it takes a while to import
        import pyarrow.parquet as pq

        if self._folder is None:
            self._folder = new_folder(self._beside)
        for table, parts in self._tables.items():
            if table not in self._writers:
                self._writers[table] = pq.ParquetWriter(
                    self._part(table), parts[0].schema, compression="lz4", use_dictionary=False, write_statistics=False
                )
            for part in parts:
                self._writers[table].write_table(part)
        self._tables, self._memory_rows, self._memory_characters = {}, 0, 0

    def _part(self, table: str) -> Path:
        assert self._folder is not None
        return self._folder / f"{table}.parquet"

    def finish(self, connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
        """Make everything readable: table -> the SQL that names its rows in ``FROM``."""
        self._flush()
        with self._on_disk():
            for writer in self._writers.values():
                writer.close()
        sources: dict[str, str] = {}
        for table in self.rows:
            if table in self._writers:
                sources[table] = f"read_parquet({literal(one_file(self._part(table)))})"
            else:
                name = f"staged_{table}"
                connection.register(name, pa.concat_tables(self._tables[table]))
                sources[table] = quoted(name)
        return sources


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
