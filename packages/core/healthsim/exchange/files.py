"""Files of an export, compressed or not: the same scenario gives the same bytes."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

_BUFFER = 1 << 20
_LEVEL = 6


class Sink(Protocol):
    """Where bytes go."""

    def write(self, data: bytes, /) -> object: ...


@contextmanager
def opened(path: Path, moment: dt.datetime, *, gz: bool) -> Iterator[Sink]:
    """A new file to write into; compressed, it says that it was made at that moment."""
    with path.open("wb", buffering=_BUFFER) as stream:
        if not gz:
            yield stream
            return
        with gzip.GzipFile("", "wb", _LEVEL, stream, mtime=moment.timestamp()) as packed:
            yield packed
