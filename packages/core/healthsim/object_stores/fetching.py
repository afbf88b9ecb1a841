"""Fetching from an object store: the manifest first, then every file that it names, proved by size and checksum."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from healthsim.errors import InvalidInput, NotFound
from healthsim.object_stores.addresses import Address
from healthsim.object_stores.opening import open_store, told
from healthsim.object_stores.sending import checksum, listing, local_folder
from healthsim.outputs import MANIFEST

_FILES = 8


@contextmanager
def fetched(address: Address) -> Iterator[Path]:
    """What is at an address, as a file or folder of this machine; it goes with the block.

    Raises:
        NotFound: nothing is there.
        InvalidInput: it is a transfer that was cut, or not what its manifest says.
        HealthSimError: it cannot be read.
    """
    store = open_store(address)
    there = listing(store, address)
    if not there:
        raise NotFound(f"There is nothing at {address}. Check the address.", path=str(address))
    with local_folder() as folder:
        path = folder / address.name
        if "" in there:
            get_file(store, address, path)
        else:
            path.mkdir()
            _get_folder(store, address, path, there)
        yield path


def _get_folder(store: Any, address: Address, path: Path, there: dict[str, int]) -> None:
    known: dict[str, dict[str, Any]] = {}
    if MANIFEST in there:
        get_file(store, address / MANIFEST, path / MANIFEST)
        try:
            known = json.loads((path / MANIFEST).read_text(encoding="utf-8")).get("files", {})
        except (ValueError, AttributeError):
            raise InvalidInput(f"The manifest of {address} cannot be read.", path=str(address)) from None
        if missing := sorted(known.keys() - there.keys()):
            raise InvalidInput(
                f"{address} lacks {len(missing):,} of the {len(known):,} files of its manifest: {', '.join(missing[:3])}.",
                path=str(address),
            )
    else:
        _refuse_half(store, address, there)
    names = list(known) or [name for name in there if name != MANIFEST]
    for name in names:
        if ".." in Path(name).parts or Path(name).is_absolute():
            raise InvalidInput(f"{address} names a file outside of itself: {name[:200]!r}.", path=str(address))
        (path / name).parent.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(_FILES) as pool:
        try:
            jobs = {name: pool.submit(get_file, store, address / name, path / name) for name in names}
            for name, job in jobs.items():
                expected = known.get(name, {}).get("sha256")
                if expected is not None and job.result() != expected:
                    raise InvalidInput(
                        f"{address / name} is not what the manifest says: its checksum is another one. Write it again.",
                        path=str(address / name),
                    )
                job.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _refuse_half(store: Any, address: Address, there: dict[str, int]) -> None:
    """Parts of ours without their manifest are a transfer that was cut."""
    first = min(there)
    if len(there) > 1 and checksum(store, address / first) is not None:
        raise InvalidInput(
            f"{address} is not whole: it has {len(there):,} files and no {MANIFEST}, so that its writing was cut or goes on."
            " Write it again; what is there is not sent again.",
            path=str(address),
        )


def get_file(store: Any, address: Address, path: Path) -> str:
    """Fetch one object; its SHA-256."""
    import obstore

    digest = hashlib.sha256()
    with told(address), path.open("xb") as stream:
        for chunk in obstore.get(store, address.key):
            digest.update(chunk)
            stream.write(chunk)
    return digest.hexdigest()


def get_bytes(store: Any, address: Address) -> bytes:
    """A small object."""
    import obstore

    with told(address):
        return bytes(obstore.get(store, address.key).bytes())
