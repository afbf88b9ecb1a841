"""Where a build on a cluster works: a folder that all see, or an address in an object store; with its manifest at the end.

What workers write there carries no checksum of ours. The manifest has one for what this program sent, and the size of what
they wrote.
"""

from __future__ import annotations

import json
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.object_stores.addresses import Address, address_of
from healthsim.outputs import MANIFEST, TABLES_FORMAT, new_folder, sha256_of
from healthsim.paths import local_path
from healthsim.targets import Kind, target_of

if TYPE_CHECKING:
    import pyarrow as pa

#: below it lies what is needed only until the end
WORK = "_work"


class Area(ABC):
    """A place for files of a build."""

    #: how Spark names the place
    uri: str

    @abstractmethod
    def put(self, name: str, table: pa.Table) -> None:
        """Write a small table as one Parquet file."""

    @abstractmethod
    def finish(self, facts: Mapping[str, Any]) -> None:
        """Remove what was needed only until now, and write the manifest."""


class FolderArea(Area):
    """A folder that this program and all workers see under the same path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.uri = str(folder)

    def put(self, name: str, table: pa.Table) -> None:
        import pyarrow.parquet as pq

        place = self._folder / name
        place.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, place / "data.parquet")

    def finish(self, facts: Mapping[str, Any]) -> None:
        shutil.rmtree(self._folder / WORK, ignore_errors=True)
        files = {}
        for path in sorted(self._folder.rglob("*")):
            if path.is_file() and (path.name.startswith(("_", ".")) or path.suffix == ".crc"):
                path.unlink()  # what Spark notes for itself
            elif path.is_file():
                name = path.relative_to(self._folder).as_posix()
                files[name] = {"bytes": path.stat().st_size, "sha256": sha256_of(path)}
        (self._folder / MANIFEST).write_bytes(_manifest(facts, files))


class StoreArea(Area):
    """An address in an object store, which workers reach with credentials of their own."""

    def __init__(self, address: Address, *, force: bool) -> None:
        from healthsim.object_stores.sending import Remote

        self._remote = Remote(address, force=force)
        self._remote.begin(None)
        self.uri = str(address)

    def put(self, name: str, table: pa.Table) -> None:
        import io

        import pyarrow.parquet as pq

        from healthsim.object_stores.sending import put_bytes

        buffer = io.BytesIO()
        pq.write_table(table, buffer)
        put_bytes(self._remote.store, self._remote.address / f"{name}/data.parquet", buffer.getvalue())

    def finish(self, facts: Mapping[str, Any]) -> None:
        from healthsim.object_stores.sending import delete, listing

        there = listing(self._remote.store, self._remote.address)
        kept = {
            name: size for name, size in there.items() if name.endswith(".parquet") and not name.startswith(f"{WORK}/")
        }
        for name in there.keys() - kept.keys():
            if name:
                delete(self._remote.store, self._remote.address / name)
        self._remote.end(_manifest(facts, {name: {"bytes": size} for name, size in sorted(kept.items())}), kept)

    def abandon(self) -> None:
        """Remove what a build that failed wrote: nothing of it has a checksum of ours by which the next one would know it."""
        from healthsim.object_stores.sending import delete, listing

        for name in listing(self._remote.store, self._remote.address):
            if name:
                delete(self._remote.store, self._remote.address / name)


def _manifest(facts: Mapping[str, Any], files: Mapping[str, Any]) -> bytes:
    return (
        json.dumps({"format": TABLES_FORMAT, **facts, "files": files}, ensure_ascii=False, indent=2) + "\n"
    ).encode()


@contextmanager
def area_at(output: str | Path, *, force: bool) -> Iterator[Area]:
    """A place to build at; of a build that fails, nothing stays.

    Raises:
        AlreadyExists: something is there that ``force`` does not replace.
    """
    if not isinstance(output, str) or target_of(output).kind is Kind.FOLDER:
        with new_folder(local_path(output, what="output").absolute(), force=force) as folder:
            yield FolderArea(folder)
        return
    area = StoreArea(address_of(output), force=force)
    with ExitStack() as unless_built:
        unless_built.callback(area.abandon)
        yield area
        unless_built.pop_all()
