"""An object store in memory, in the place of the clouds': the library's own, with its semantics."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import obstore
import pytest
from obstore.store import MemoryStore

from healthsim.object_stores import fetching, opening, sending
from healthsim.object_stores.addresses import Address


class Memory:
    """What tests see of the store: objects by key, and what was sent, in order."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.sent: list[str] = []
        #: called before each sending with the key; what it raises is the store's answer
        self.before: Callable[[str], None] = lambda key: None

    def names(self) -> list[str]:
        return sorted(item["path"] for batch in obstore.list(self.store) for item in batch)

    def text(self, key: str) -> str:
        return bytes(obstore.get(self.store, key).bytes()).decode()

    def put(self, key: str, data: bytes) -> None:
        """As somebody else would: without a checksum of ours."""
        obstore.put(self.store, key, data)


def in_memory(monkeypatch: pytest.MonkeyPatch) -> Memory:
    """Let every address lead into one store in memory."""
    memory = Memory()
    put = obstore.put

    def watched(store: Any, path: str, file: Any, **options: Any) -> Any:
        if "attributes" in options:
            memory.before(path)
            memory.sent.append(path)
        return put(store, path, file, **options)

    def opened(address: Address) -> MemoryStore:
        return memory.store

    for module in (opening, sending, fetching):
        monkeypatch.setattr(module, "open_store", opened)
    monkeypatch.setattr(obstore, "put", watched)
    return memory


def folder_with(path: Path, **files: str) -> Path:
    """A folder with files and the manifest of an export."""
    from healthsim.outputs import write_manifest

    for name, text in files.items():
        file = path / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    write_manifest(path, "HealthSim tables, test", {"scenario": "x"})
    return path
