"""Running the batches: in this process or in several, with progress, into a folder of Parquet parts."""

from __future__ import annotations

import ctypes
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from healthsim.errors import HealthSimError
from healthsim.generation.kernels.batch import make_batch, make_common
from healthsim.generation.kernels.context import BLOCK, Context
from healthsim.generation.table_schemas import complete
from healthsim.model import ENTITY_TYPES
from healthsim.outputs import PARTITION, disk_full, is_full
from healthsim.remedies import remedy
from healthsim.signals import leave_to_parent

#: of malloc.h
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
#: persons of a batch: what one worker holds at a time
BATCH = 4 * BLOCK


@dataclass(frozen=True)
class Progress:
    """How far a run is: persons done of all, rows written, seconds since it began.

    Attributes:
        phase: what is being done: ``preparing``, ``tuning``, ``persons`` or ``loading``; only persons are counted.
    """

    persons: int
    size: int
    rows: int = 0
    seconds: float = 0.0
    phase: str = "persons"


OnProgress = Callable[[Progress], None]


def run(
    context: Context,
    folder: Path,
    *,
    workers: int | None = None,
    batch: int = BATCH,
    by_year: bool = False,
    progress: OnProgress | None = None,
) -> int:
    """Write the population as ``<folder>/<table>/part-<n>.parquet``; the number of rows.

    Args:
        workers: processes; by default this one. Others are started anew, so that a script that asks for them must be
            guarded by ``if __name__ == "__main__"``, as Python demands.
        batch: persons of a batch, a multiple of ``BLOCK``; it changes nothing in what is written, but the size of the parts.
        by_year: put the parts of tables with dates into folders of their years.
        progress: called at the beginning and after each batch; what it raises ends the run.

    Raises:
        OSError: the disk is full, or cannot be written; see ``disk_errors``.
        HealthSimError: a worker died.
    """
    began = time.monotonic()
    jobs = [(first, min(first + batch, context.spec.size)) for first in range(0, context.spec.size, batch)]
    if progress is not None:
        progress(Progress(0, context.spec.size))
    rows = write_part(make_common(context), context, folder, 0, by_year=by_year)
    done = 0
    for number, written in _written(context, folder, jobs, workers, by_year):
        rows += written
        done += jobs[number][1] - jobs[number][0]
        if progress is not None:
            progress(Progress(done, context.spec.size, rows, time.monotonic() - began))
    return rows


def _written(
    context: Context, folder: Path, jobs: list[tuple[int, int]], workers: int | None, by_year: bool
) -> Iterator[tuple[int, int]]:
    """(number of the batch, rows written), as batches are done."""
    processes = min(workers or 1, len(jobs))
    if processes == 1:
        for number, (first, last) in enumerate(jobs):
            yield number, write_part(make_batch(context, first, last), context, folder, number, by_year=by_year)
        return
    start = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, start, initializer=_begin, initargs=(context, str(folder), by_year)) as pool:
        try:
            waiting = {number: pool.submit(_work, number, *job) for number, job in enumerate(jobs)}
            for number in list(waiting):
                yield number, waiting.pop(number).result()
        except BrokenProcessPool:
            raise HealthSimError(
                "A worker process ended without a word (out of memory?); nothing was saved. Try again with"
                f" {remedy('one worker')}."
            ) from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


_context: Context | None = None
_folder = Path()
_by_year = False


def _begin(context: Context, folder: str, by_year: bool) -> None:
    """The start of a worker process: it keeps the context for all of its batches."""
    global _context, _folder, _by_year
    leave_to_parent()
    _keep_memory()
    _context, _folder, _by_year = context, Path(folder), by_year


def _keep_memory() -> None:
    """Let the process keep what a batch gave back for the next one: to get it anew takes a twentieth of its time."""
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries than glibc have none
        if mallopt is not None:
            mallopt(_TRIM_THRESHOLD, 256 << 20)
            mallopt(_MMAP_THRESHOLD, 32 << 20)


def _work(number: int, first: int, last: int) -> int:
    assert _context is not None
    return write_part(make_batch(_context, first, last), _context, _folder, number, by_year=_by_year)


def write_part(
    tables: dict[str, pa.Table], context: Context, folder: Path, number: int, *, by_year: bool = False
) -> int:
    """Write one part of each table; the number of rows."""
    rows = 0
    for name, table in tables.items():
        if not table.num_rows:
            continue
        whole = complete(name, table, context.spec.seed)
        for year, piece in _by_years(name, whole) if by_year else [(None, whole)]:
            place = folder / name / f"{PARTITION}={year}" if year else folder / name
            place.mkdir(parents=True, exist_ok=True)
            pq.write_table(piece, place / f"part-{number:05d}.parquet", **_encodings(piece))
        rows += table.num_rows
    return rows


def _by_years(name: str, table: pa.Table) -> Iterator[tuple[str | None, pa.Table]]:
    """A table of an entity type with dates cut by their years, as Hive writes them; any other in one piece."""
    date = ENTITY_TYPES[name].dated_by
    if date is None:
        yield None, table
        return
    years = pc.year(table.column(date))
    for year in sorted(pc.unique(years).to_pylist(), key=lambda year: year or 0):
        rows = pc.is_null(years) if year is None else pc.equal(years, year)
        yield "__HIVE_DEFAULT_PARTITION__" if year is None else str(year), table.filter(rows)


def _encodings(table: pa.Table) -> dict[str, Any]:
    """How columns are written, by their types: measured to take the least processor time, in files that are no larger.

    Whole numbers, dates, instants and money are packed as differences, which are small and need no compression. Texts, and
    instants that several rows in a row share, are compressed; codes and measured values have a dictionary.
    """
    encodings: dict[str, str] = {}
    coded: list[str] = []
    for field, column in zip(table.schema, table.columns, strict=True):
        if pa.types.is_dictionary(field.type) or pa.types.is_floating(field.type):
            coded.append(field.name)
        elif not (
            pa.types.is_string(field.type)
            or pa.types.is_boolean(field.type)
            or (pa.types.is_timestamp(field.type) and _is_shared(column))
        ):
            encodings[field.name] = "DELTA_BINARY_PACKED"
    return {
        "use_dictionary": coded,
        "column_encoding": encodings,
        "compression": {name: "NONE" if name in encodings else "SNAPPY" for name in table.column_names},
        "store_decimal_as_integer": True,
        "write_statistics": False,
        "store_schema": False,
        "memory_pool": pa.system_memory_pool(),
        # what the writer does once for so many values
        "write_batch_size": 1 << 16,
        "max_rows_per_page": 1 << 20,
    }


def _is_shared(column: pa.ChunkedArray) -> bool:
    """Whether most rows have the value of the row before."""
    same = pc.sum(pc.equal(column.slice(1), column.slice(0, len(column) - 1))).as_py() or 0
    return bool(2 * same > len(column))


class disk_errors:
    """Errors of the disk in words."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError) and not isinstance(error, BlockingIOError):
            if is_full(error):
                raise disk_full(self.folder, "nothing was saved") from None
            raise HealthSimError(
                f"{self.folder} cannot be written ({error.strerror or error}); nothing was saved.",
                path=str(self.folder),
            ) from None
