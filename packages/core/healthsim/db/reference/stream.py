"""Reading a table that is larger than memory: block by block, each projected to Parquet as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from threading import Event, Thread
from typing import IO, Any

import duckdb
import pyarrow as pa
from pyarrow import csv

from healthsim.db.engine import CONFIG
from healthsim.db.reference.dataset import Connection, Layout
from healthsim.db.reference.source import LARGEST_STREAM
from healthsim.db.sql import literal
from healthsim.errors import HealthSimError, InvalidInput

#: bytes of text that are parsed at a time; several of them are in memory at once, with all 330 columns
BLOCK = 8 << 20
_AHEAD = 2
#: how many of them, reduced to the columns that are kept, are projected at a time
_TOGETHER = 8

Progress = Callable[[str, int, int], None]


@dataclass
class Blocks:
    """What became of a stream: rows read, and the Parquet files of each table."""

    rows: int = 0
    parts: dict[str, list[Path]] = field(default_factory=dict)


@contextmanager
def scratch(folder: Path, memory: str | None = None, threads: int | None = None) -> Iterator[Connection]:
    """A database in memory for staging; what does not fit goes to the folder."""
    connection = duckdb.connect(":memory:", config=CONFIG)
    try:
        # nothing but the answer is ever printed
        connection.execute("SET enable_progress_bar = false")
        connection.execute(f"SET temp_directory = {literal(str(folder))}")
        if memory:
            connection.execute(f"SET memory_limit = {literal(memory)}")
        if threads:
            connection.execute(f"SET threads = {threads}")
        yield connection
    finally:
        connection.close()


def write_blocks(
    connection: Connection,
    layout: Layout,
    folder: Path,
    selects: Mapping[str, str],
    progress: Progress | None,
    missing: tuple[str, ...] = ("",),
) -> Blocks:
    """Read a member block by block and write what each SELECT makes of the table ``block``.

    Args:
        selects: table -> SELECT from ``block``, whose columns are the parts and values of the layout.
        missing: texts that stand for no value.

    Raises:
        InvalidInput: the member is damaged, or no table of the columns that its header has.
    """
    member = layout.table.member
    names = {number: name for name, number in (*layout.parts.items(), *layout.values.items())}
    done = Blocks(parts={table: [] for table in selects})
    with member.open(LARGEST_STREAM) as raw, _ReadAhead(raw) as stream:
        reader = csv.open_csv(
            stream,
            read_options=csv.ReadOptions(
                block_size=BLOCK, skip_rows=layout.skip, column_names=[f"c{n}" for n in range(len(layout.header))]
            ),
            parse_options=csv.ParseOptions(delimiter=layout.table.delimiter, newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                include_columns=[f"c{number}" for number in names],
                column_types={f"c{number}": pa.string() for number in names},
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=list(missing),
            ),
        )
        while batches := _next(reader):
            block = pa.Table.from_batches(batches).rename_columns(list(names.values()))
            connection.register("block", block)
            _check_keys(connection, layout, done.rows)
            for table, select in selects.items():
                path = folder / f"{table}-{len(done.parts[table]):05d}.parquet"
                connection.execute(f"COPY ({select}) TO {literal(str(path))} (FORMAT parquet)")
                done.parts[table].append(path)
            connection.unregister("block")
            done.rows += block.num_rows
            if progress is not None:
                progress(member.label, stream.count, member.size)
    return done


def _next(reader: Any) -> list[Any]:
    """The next batches of a reader; none at the end."""
    batches: list[Any] = []
    while len(batches) < _TOGETHER:
        try:
            batches.append(reader.read_next_batch())
        except StopIteration:
            break
    return batches


def _check_keys(connection: Connection, layout: Layout, before: int) -> None:
    bad = connection.execute(
        "SELECT npi FROM block WHERE NOT coalesce(regexp_full_match(npi, '[0-9]{10}'), false) LIMIT 1"
    ).fetchone()
    if bad:
        label = layout.table.member.label
        raise InvalidInput(
            f"{label}: the NPI {bad[0]!r} (after record {before:,}) is none; expected 10 digits. The file is damaged"
            " or has"
            " other columns than its header says; nothing was loaded.",
            file=label,
        )


@contextmanager
def translated(layout: Layout) -> Iterator[None]:
    """The errors of the CSV reader and of conversions, in words for the user."""
    label = layout.table.member.label
    try:
        yield
    except pa.ArrowInvalid as error:
        text = str(error)
        if "invalid UTF8" in text:
            raise InvalidInput(
                f"{label} has bytes that UTF-8 does not have (Latin-1 or Windows-1252, probably). Nothing was loaded."
                " Convert the file to UTF-8 and import that.",
                file=label,
            ) from None
        raise InvalidInput(
            f"{label} is damaged or was cut off ({text.splitlines()[0][:200]}); expected records of"
            f" {len(layout.header)} columns. Nothing was loaded. Fetch it again.",
            file=label,
        ) from None
    except (duckdb.ConversionException, duckdb.InvalidInputException) as error:
        raise InvalidInput(
            f"{label} has a value that its column cannot have ({str(error).splitlines()[0][:200]}); dates are"
            " MM/DD/YYYY."
            " Nothing was loaded.",
            file=label,
        ) from None


class _ReadAhead:
    """A stream that is read and unpacked by a thread of its own, a few chunks ahead of the parser."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._queue: Queue[bytes | BaseException] = Queue(_AHEAD)
        self._rest = b""
        self._stopped = Event()
        self._ended = False
        self.closed = False
        self.count = 0
        self._thread = Thread(target=self._fill, name="healthsim-unpack", daemon=True)

    def __enter__(self) -> _ReadAhead:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        while self._thread.is_alive():
            if not self._queue.empty():
                self._queue.get_nowait()
            self._thread.join(0.01)

    def _fill(self) -> None:
        try:
            while not self._stopped.is_set():
                part = self._stream.read(BLOCK)
                self._queue.put(part)
                if not part:
                    return
        except (HealthSimError, OSError) as error:
            self._queue.put(error)

    def read(self, size: int = -1) -> bytes:
        """At most so many bytes; none at the end."""
        if not self._rest and not self._ended:
            part = self._queue.get()
            if isinstance(part, BaseException):
                self._ended = True
                raise part
            self._ended = not part
            self._rest = part
        if size < 0:
            size = len(self._rest)
        part, self._rest = self._rest[:size], self._rest[size:]
        self.count += len(part)
        return part

    def readable(self) -> bool:
        """Whether it can be read: always."""
        return True

    def close(self) -> None:
        """The thread ends with the block that opened it."""
        self.closed = True
