"""Where the workers of a cluster put the parts of a population: a folder that they all see, or an object store.

A part is named by its batch and appears whole, so that a task that is run twice (after a failure, or because it was slow)
changes nothing. What counts is what the manifest names, which is written at the end, by the program itself.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from healthsim.generation.part_files import LAYER
from healthsim.generation.runner import write_part
from healthsim.leftovers import remove
from healthsim.model import ENTITY_TYPES
from healthsim.object_stores.addresses import Address
from healthsim.outputs import sha256_of

if TYPE_CHECKING:
    import pyarrow as pa

    from healthsim.generation.kernels.context import Context

#: how a folder begins in which a worker writes before what it wrote gets its name
ATTEMPT = ".attempt-"


@dataclass(frozen=True)
class Part:
    """One file of a population, below the target."""

    file: str
    rows: int
    bytes: int
    sha256: str

    @property
    def table(self) -> str:
        """The table that it is a part of."""
        return self.file.split("/")[1]


@dataclass(frozen=True)
class SharedFolder:
    """A folder that the program and all workers see under the same path."""

    path: str
    by_year: bool

    def write(self, tables: dict[str, pa.Table], context: Context, number: int) -> list[Part]:
        """Write the parts of a batch."""
        attempt = Path(self.path) / f"{ATTEMPT}{uuid.uuid4().hex}"
        attempt.mkdir()
        try:
            parts = list(_parts(tables, context, attempt, number, by_year=self.by_year))
            for file, part in parts:
                place = Path(self.path) / part.file
                place.parent.mkdir(parents=True, exist_ok=True)
                os.replace(file, place)
        finally:
            remove(attempt)
        return [part for _, part in parts]


@dataclass(frozen=True)
class Store:
    """An address in an object store, with the credentials that each worker has."""

    address: Address
    by_year: bool

    def write(self, tables: dict[str, pa.Table], context: Context, number: int) -> list[Part]:
        """Write the parts of a batch, one after the other: other workers send at the same time."""
        from healthsim.object_stores.opening import open_store
        from healthsim.object_stores.sending import put_file

        store = open_store(self.address)
        with tempfile.TemporaryDirectory(prefix="healthsim-parts-") as folder:
            parts = list(_parts(tables, context, Path(folder), number, by_year=self.by_year))
            for file, part in parts:
                put_file(store, self.address / part.file, file, part.sha256)
        return [part for _, part in parts]


def _parts(
    tables: dict[str, pa.Table], context: Context, folder: Path, number: int, *, by_year: bool
) -> Iterator[tuple[Path, Part]]:
    import pyarrow.parquet as pq

    write_part(tables, context, folder, number, by_year=by_year)
    for file in sorted(folder.rglob("*.parquet")):
        entity_type, *below = file.relative_to(folder).parts
        name = "/".join((LAYER, ENTITY_TYPES[entity_type].plural, *below))
        yield file, Part(name, pq.ParquetFile(file).metadata.num_rows, file.stat().st_size, sha256_of(file))
