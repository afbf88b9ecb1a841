"""Sending what was written to an object store: parts side by side, the manifest last, and nothing twice.

Every part carries its checksum. A transfer that was cut is taken up again: parts that are there with the same size and
checksum are not sent again. The manifest decides: while it is not there, the place is not whole.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from healthsim.errors import AlreadyExists
from healthsim.leftovers import owned_name, remove, remove_abandoned
from healthsim.object_stores.addresses import Address
from healthsim.object_stores.opening import open_store, told
from healthsim.outputs import MANIFEST, sha256_of
from healthsim.remedies import remedy

#: how the name of a folder begins in which something waits to be sent, or has come
WAITING = ".healthsim-transfer-"
#: the name of the checksum among the facts that a store keeps of an object
CHECKSUM = "healthsim_sha256"
#: files that are under way at the same time, and requests of one large file
_FILES, _REQUESTS = 8, 4


@dataclass
class Sent:
    """What became of a transfer: files and bytes that were sent, and files that had been there."""

    place: str
    files: int = 0
    bytes: int = 0
    kept: list[str] = field(default_factory=list)

    def remark(self) -> str | None:
        """What there is to say of it."""
        if not self.kept:
            return None
        return f"{len(self.kept):,} of {self.files + len(self.kept):,} files were there already, from a transfer that was cut."


@contextmanager
def local_folder() -> Iterator[Path]:
    """A folder of this machine for what waits to be sent, or has come; only its owner may enter, and it goes with the block."""
    base = Path(tempfile.gettempdir())
    remove_abandoned(base, WAITING)
    folder = base / owned_name(WAITING)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        remove(folder)


class Remote:
    """An address that an export is sent to, by this program or by others at its bidding.

    Args:
        force: replace what an export left there.

    Raises:
        AlreadyExists: something is there that is not to be replaced.
        HealthSimError: the store cannot be reached, or does not let us.
    """

    def __init__(self, address: Address, *, force: bool) -> None:
        self.address = address
        self.force = force
        self.store = open_store(address)
        self.there = listing(self.store, address)
        # before anything is made: it may take minutes
        if not force and ("" in self.there or MANIFEST in self.there):
            raise _exists(address)

    def begin(self, files: Collection[str] | None) -> None:
        """Make sure that nothing else is lost: from here on until the end, nothing whole is there.

        Args:
            files: what will be there; None where only the names of what is ours can be told.
        """
        others = [
            name
            for name in sorted(self.there)
            if name not in ("", MANIFEST) and checksum(self.store, self.address / name) is None
        ]
        left = [] if self.force or files is None else sorted(self.there.keys() - set(files) - {MANIFEST})
        if others or left:
            shown = ", ".join((others or left)[:3])
            why = "holds what no export wrote" if others else "holds parts of another transfer that was cut"
            way = "Choose another place." if others else f"Replace them with {remedy('replace a file')}."
            raise AlreadyExists(f"{self.address} {why} ({shown}). {way}", path=str(self.address))
        if MANIFEST in self.there:
            delete(self.store, self.address / MANIFEST)

    def is_there(self, name: str, facts: Mapping[str, Any]) -> bool:
        """Whether a file is there already, the same in size and checksum."""
        if self.there.get(name) != facts["bytes"]:
            return False
        return bool(checksum(self.store, self.address / name) == facts["sha256"])

    def end(self, manifest: bytes, files: Collection[str]) -> None:
        """Remove what is left of transfers before, then send the manifest, which makes it whole."""
        for name in listing(self.store, self.address).keys() - set(files) - {"", MANIFEST}:
            if checksum(self.store, self.address / name) is not None:
                delete(self.store, self.address / name)
        put_bytes(self.store, self.address / MANIFEST, manifest, mode="create")


class Outgoing:
    """What is to be written at an address: first here, at ``path``, then there, by ``send``."""

    def __init__(self, address: Address, path: Path, *, force: bool) -> None:
        self.address = address
        self.path = path
        self._remote = Remote(address, force=force)

    def send(self) -> Sent:
        """Send what is at ``path``: a file, or a folder with its manifest."""
        if self.path.is_file():
            return self._single(self.path, self.address)
        if not (self.path / MANIFEST).is_file():
            sent = Sent(str(self.address))
            for file in sorted(path for path in self.path.iterdir() if path.is_file()):
                sent = self._single(file, self.address / file.name)
            return sent
        return self._folder()

    def _single(self, file: Path, address: Address) -> Sent:
        remote = self._remote
        if not remote.force and self.address.folder and file.name in remote.there:
            raise _exists(address)
        put_file(remote.store, address, file, mode="overwrite" if remote.force else "create")
        return Sent(str(address), 1, file.stat().st_size)

    def _folder(self) -> Sent:
        remote, manifest = self._remote, (self.path / MANIFEST).read_bytes()
        files: dict[str, dict[str, Any]] = json.loads(manifest)["files"]
        remote.begin(files)
        sent = Sent(str(self.address))
        missing = [name for name, facts in files.items() if not remote.is_there(name, facts)]
        sent.kept = sorted(files.keys() - set(missing))
        with ThreadPoolExecutor(_FILES) as pool:
            try:
                jobs = [
                    pool.submit(put_file, remote.store, self.address / name, self.path / name, files[name]["sha256"])
                    for name in missing
                ]
                for job in jobs:
                    job.result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
        remote.end(manifest, files)
        sent.files, sent.bytes = len(missing) + 1, sum(files[name]["bytes"] for name in missing)
        return sent


@contextmanager
def outgoing(address: Address, *, force: bool) -> Iterator[Outgoing]:
    """A path of this machine in whose place, by ``send``, the address comes.

    Raises:
        AlreadyExists: something is there that ``force`` does not replace.
        HealthSimError: the store cannot be reached, or does not let us.
    """
    with local_folder() as folder:
        path = folder / address.name
        if address.folder:
            path.mkdir()
        yield Outgoing(address, path, force=force)


def put_file(store: Any, address: Address, file: Path, sha256: str = "", *, mode: str = "overwrite") -> None:
    """Send one file, with its checksum: it is there as a whole, or not."""
    import obstore

    with told(address):
        obstore.put(
            store,
            address.key,
            file,
            attributes={CHECKSUM: sha256 or sha256_of(file)},
            mode=mode,  # type: ignore[arg-type]  # one of two words
            max_concurrency=_REQUESTS,
        )


def put_bytes(store: Any, address: Address, data: bytes, *, mode: str = "overwrite") -> None:
    """Send a small object."""
    import hashlib

    import obstore

    with told(address):
        obstore.put(
            store,
            address.key,
            data,
            attributes={CHECKSUM: hashlib.sha256(data).hexdigest()},
            mode=mode,  # type: ignore[arg-type]  # one of two words
        )


def delete(store: Any, address: Address) -> None:
    """Remove an object."""
    import obstore

    with told(address):
        obstore.delete(store, address.key)


def listing(store: Any, address: Address) -> dict[str, int]:
    """What is at an address: the path below it -> bytes; the object of that very name is under ""."""
    import obstore

    found: dict[str, int] = {}
    with told(address):
        prefix = f"{address.key}/" if address.key else ""
        for batch in obstore.list(store, prefix or None):
            found.update((item["path"].removeprefix(prefix), item["size"]) for item in batch)
        if address.key and not address.folder:
            try:
                found[""] = obstore.head(store, address.key)["size"]
            except FileNotFoundError:
                pass
    return found


def checksum(store: Any, address: Address) -> str | None:
    """The SHA-256 that came with an object; None where none did."""
    import obstore

    with told(address):
        found: str | None = obstore.get(store, address.key, options={"head": True}).attributes.get(CHECKSUM)
    return found


def _exists(address: Address) -> AlreadyExists:
    return AlreadyExists(
        f"{address} exists already. Use {remedy('replace a file')} to replace it, or choose another place.",
        path=str(address),
    )
