"""Datasets of SDTM as they lie in files: transport files, Dataset-JSON, and the folders of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from healthsim.errors import InvalidInput
from healthsim.exchange.sdtm import xpt
from healthsim.exchange.sdtm.dataset_json import SOURCE
from healthsim.model.types import plain
from healthsim.outputs import MANIFEST, written_by_export
from healthsim.state.json.reader import JsonReader

_PEEKED = 4_096


@dataclass(frozen=True)
class Source:
    """A dataset: its name, what it says of itself, its variables, its rows, and whether we wrote it."""

    name: str
    said: dict[str, Any]
    names: Sequence[str]
    rows: Iterator[Sequence[Any]]
    is_ours: bool

    def records(self) -> Iterator[dict[str, Any]]:
        """The rows by variable; a value for which there is no variable is named by its place."""
        for row in self.rows:
            record = dict(zip(self.names, row, strict=False))
            if len(row) > len(self.names):
                record |= {
                    f"_{place}": value for place, value in enumerate(row[len(self.names) :], len(self.names) + 1)
                }
            yield record


def sniff(path: Path) -> bool:
    """Whether a file is a transport file, Dataset-JSON or Define-XML."""
    return path.is_file() and (is_dataset(path) or is_define(path))


def is_dataset(path: Path) -> bool:
    """Whether a file holds datasets."""
    return xpt.is_xpt(path) or _is_json(path)


def _is_json(path: Path) -> bool:
    start = _start(path)
    return start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"datasetJSONVersion"' in start


def is_define(path: Path) -> bool:
    """Whether a file is one of Define-XML."""
    start = _start(path)
    return b"ODM" in start and b"cdisc.org/ns/def/" in start


def _start(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_PEEKED)


def files_in(folder: Path) -> list[Path]:
    """The files of a folder that belong to the datasets in it, and our list of them; none where it has no dataset."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    datasets = [path for path in files if is_dataset(path)]
    if not datasets:
        return []
    own = [folder / MANIFEST] if written_by_export(folder) is not None else []
    return [path for path in files if path in datasets or path in own or is_define(path)]


@contextmanager
def opened(path: Path) -> Iterator[Iterator[Source]]:
    """The datasets of a file; the rows of each are to be read before the next one.

    Raises:
        InvalidInput: it is cut off, or no such file.
    """
    with path.open("rb") as stream:
        if xpt.is_xpt(path):
            yield (_of_transport(dataset) for dataset in xpt.read_datasets(stream, path.name))
        else:
            yield iter([_of_json(JsonReader(stream, path.name), path)])


def _of_transport(dataset: xpt.XptDataset) -> Source:
    columns = [
        {
            "name": column.name,
            "label": column.label,
            "type": "Char" if column.bytes > 0 else "Num",
            "length": abs(column.bytes),
        }
        for column in dataset.columns
    ]
    said = {"name": dataset.name, "label": dataset.label, "columns": columns}
    return Source(
        dataset.name.upper(), said, [column.name for column in dataset.columns], dataset.rows, dataset.is_ours
    )


def _of_json(reader: JsonReader, path: Path) -> Source:
    """One object with its rows in it, or behind it, a line each."""
    head: dict[str, Any] = {}
    rows = _rows(reader, head)
    first = next(rows, None)
    columns = head.get("columns")
    if not isinstance(columns, list) or not all(isinstance(column, dict) and column.get("name") for column in columns):
        raise InvalidInput(
            f"{path.name} does not name its columns before its rows, which Dataset-JSON 1.1 does. Check its version."
        )
    names = [str(column["name"]) for column in columns]
    system = head.get("sourceSystem")
    is_ours = isinstance(system, dict) and system.get("name") == SOURCE
    return Source(str(head.get("name") or path.stem).upper(), head, names, _all(first, rows), is_ours)


def _rows(reader: JsonReader, head: dict[str, Any]) -> Iterator[list[Any]]:
    for key in reader.members():
        if key == "rows":
            for _, row in reader.items():
                yield _row(row, reader)
        else:
            head[key] = plain(reader.value()[1])
    while reader.peek():
        yield _row(reader.value()[1], reader)


def _row(value: Any, reader: JsonReader) -> list[Any]:
    if not isinstance(value, list):
        raise reader.fault("a row that is no list", "a list of values")
    row: list[Any] = plain(value)
    return row


def _all(first: Any, rows: Iterator[list[Any]]) -> Iterator[list[Any]]:
    if first is not None:
        yield first
        yield from rows
