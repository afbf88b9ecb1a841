"""The resources of a file: of a bundle of any kind, of NDJSON, or the one that the file is; streamed, with their text."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from healthsim.errors import InvalidInput
from healthsim.exchange.fhir.reading.envelopes import Addresses, Envelopes
from healthsim.state.json.reader import JsonReader, pairs_of

if TYPE_CHECKING:
    from healthsim.exchange.reading import Reading

#: (text as it came, the same parsed)
Unit = tuple[str, dict[str, Any]]

_HEAD = 65_536
_GZIP = b"\x1f\x8b"
_TYPE = re.compile(rb'"resourceType"\s*:\s*"([A-Z][A-Za-z]+)"')
#: what may stand before a value: a byte order mark, white space, the separator of RFC 7464
_BEFORE = b"\xef\xbb\xbf \t\r\n\x1e"
_LAST_TYPE = re.compile(rb'"resourceType"\s*:\s*"[A-Z][A-Za-z]+"\s*\}\s*\Z')
_TAIL = 256
_SORTED_BUNDLE = re.compile(
    rb'\{\s*"entry"\s*:\s*\[\s*\{\s*("fullUrl"|"link"|"request"|"resource"|"response"|"search")'
)
#: how the names of files end that are looked into
_SUFFIXES = (".json", ".ndjson", ".jsonl", ".gz", "")


def holds_fhir(path: Path) -> bool:
    """Whether a file begins as a resource does, or a folder has such files; by content."""
    if path.is_dir():
        return any(holds_fhir(inner) for inner in files_in(path))
    if not path.is_file():
        return False
    head = head_of(path)
    return is_fhir(head) or is_manifest(head) or _ends_with_type(path, head)


def is_manifest(head: bytes) -> bool:
    """Whether a file is the manifest of a bulk export, or of an export of ours."""
    return b'"requiresAccessToken"' in head or b'"HealthSim FHIR' in head[:200]


def is_fhir(head: bytes) -> bool:
    """Whether the first bytes of a file are of a resource, or of a list of them."""
    return _type_of(head) is not None


def _type_of(head: bytes) -> bytes | None:
    """The type of the resource that some bytes begin; None where they are of none."""
    start = head.lstrip(_BEFORE)
    if start[:1] == b"[":
        # a list of resources
        start = start[1:].lstrip(_BEFORE)
    if start[:1] != b"{":
        return None
    if _SORTED_BUNDLE.match(start) is not None and _TYPE.search(start) is not None:
        # a bundle whose keys are sorted has its entries before its type
        return b"Bundle"
    # a scenario's file has resources inside; a resource has its type in its outermost object
    depth, at = 0, 0
    for found in _TYPE.finditer(start):
        depth, at = depth + _deeper(start[at : found.start()]), found.start()
        if depth == 1:
            return found[1]
    return None


def _deeper(text: bytes) -> int:
    """How much deeper some JSON ends than it begins."""
    outside = re.sub(rb'"(?:[^"\\]|\\.)*"', b"", text)
    return outside.count(b"{") + outside.count(b"[") - outside.count(b"}") - outside.count(b"]")


def _ends_with_type(path: Path, head: bytes) -> bool:
    """Whether an object has its type as its last member, behind more than a head holds."""
    if len(head) < _HEAD or head.lstrip(_BEFORE)[:1] != b"{" or head[:2] == _GZIP:
        return False
    with path.open("rb") as stream:
        stream.seek(-min(_TAIL, path.stat().st_size), 2)
        return _LAST_TYPE.search(stream.read()) is not None


def head_of(path: Path) -> bytes:
    try:
        with opened(path) as stream:
            return stream.read(_HEAD)
    except (OSError, EOFError):
        # what claims to be compressed and is not
        return b""


def opened(path: Path) -> IO[bytes]:
    """A file open for reading, unpacked where it is compressed."""
    with path.open("rb") as stream:
        packed = stream.read(2) == _GZIP
    return cast("IO[bytes]", gzip.open(path, "rb")) if packed else path.open("rb")


def files_in(folder: Path) -> list[Path]:
    """The files of a folder that may hold resources, in the order of their names."""
    return sorted(
        inner
        for inner in folder.rglob("*")
        if inner.is_file() and inner.suffix.lower() in _SUFFIXES and not inner.name.startswith(".")
    )


def resources_of(path: Path, reading: Reading, addresses: Addresses | None = None) -> Iterator[Unit]:
    """The resources of a file, one after the other, each with its text.

    Args:
        addresses: learns those that entries of bundles give their resources.

    Raises:
        InvalidInput: the file cannot be read as JSON at all.
    """
    with opened(path) as stream:
        is_lined = _has_lines(stream)
        stream.seek(0)
        yield from (_lines if is_lined else _values)(stream, path.name, reading, addresses or Addresses())


def _has_lines(stream: IO[bytes]) -> bool:
    """Whether a file has a resource on each line. A bundle is no line, however long it is."""
    head = stream.read(_HEAD)
    outermost = _type_of(head)
    if outermost == b"Bundle":
        # a bundle on each line is told by where the first one ends
        first, ended, _ = head.lstrip(_BEFORE).partition(b"\n")
        return bool(ended) and _is_object(first)
    if outermost is None and b"\n" not in head.strip(_BEFORE):
        return False
    stream.seek(0)
    lines = (line for line in stream if line.strip(_BEFORE))
    # where the first line is broken, the second one tells
    return _is_object(next(lines, b"")) or _is_resource(next(lines, b""))


def _is_object(line: bytes) -> bool:
    """Whether a line is an object as a whole."""
    try:
        return isinstance(json.loads(line.strip(_BEFORE)), dict)
    except (ValueError, RecursionError):
        return False


def _is_resource(line: bytes) -> bool:
    return is_fhir(line) and _is_object(line)


def _lines(stream: IO[bytes], name: str, reading: Reading, addresses: Addresses) -> Iterator[Unit]:
    loads = _loads()
    for number, line in enumerate(stream, start=1):
        data = line.strip(_BEFORE)
        if not data:
            continue
        reading.line = number
        try:
            value = loads(data)
            text = data.decode()
        except (ValueError, RecursionError):
            reading.oddity("a line that is no JSON; kept as text", example=data[:60].decode("utf-8", "replace"))
            reading.keep("unreadable_line", json.dumps({"text": data.decode("utf-8", "backslashreplace")}))
            reading.unit()
            continue
        yield from _unfolded(text, value, reading, addresses)


def _unfolded(text: str, value: Any, reading: Reading, addresses: Addresses) -> Iterator[Unit]:
    """A value of a line: a resource, or a bundle of them."""
    if isinstance(value, dict) and value.get("resourceType") == "Bundle":
        import io

        yield from _values(io.BytesIO(text.encode()), "a bundle in a line", reading, addresses)
    elif isinstance(value, dict):
        yield text, value
    else:
        reading.oddity("a line that is no object; kept as it is", example=text[:60])
        reading.keep("unreadable_line", json.dumps({"text": text}))
        reading.unit()


def _loads() -> Any:
    try:
        import orjson
    except ImportError:
        return json.loads
    return orjson.loads


def _values(stream: IO[bytes], name: str, reading: Reading, addresses: Addresses) -> Iterator[Unit]:
    """The values of a stream: resources, and the entries of bundles; none of them is held longer than it is needed."""
    head = stream.read(_HEAD)
    stream.seek(0)
    single = _type_of(head) not in (None, b"Bundle")
    reader = JsonReader(stream, name)
    while reader.peek():
        if reader.peek() == "[":
            for text, value in reader.items():
                yield from _nested(text, value, reading, addresses)
        elif reader.peek() == "{" and single:
            # its text is kept as it is
            yield reader.value()
        elif reader.peek() == "{":
            yield from _object(reader, reading, addresses)
        else:
            raise reader.fault("no resource of FHIR", "an object with resourceType")


def _object(reader: JsonReader, reading: Reading, addresses: Addresses) -> Iterator[Unit]:
    """An object of a stream. A bundle is known by its type, or by its entries, which may stand before it."""
    texts: dict[str, str] = {}
    values: dict[str, Any] = {}
    envelopes = Envelopes(reading, addresses)
    is_bundle: bool | None = None
    for key in reader.members():
        if key == "entry" and is_bundle is not False and reader.peek() == "[":
            is_bundle = True
            yield from _entries(reader, reading, addresses, envelopes)
            continue
        texts[key], values[key] = reader.value()
        if key == "resourceType":
            is_bundle = values[key] == "Bundle"
    if is_bundle:
        envelopes.end(texts)
        yield from _rest_of_bundle(texts, values)
    else:
        text = "{" + ", ".join(f"{json.dumps(key)}: {value}" for key, value in texts.items()) + "}"
        yield text, values


def _rest_of_bundle(texts: dict[str, str], values: dict[str, Any]) -> Iterator[Unit]:
    """What a bundle says beside its entries: kept, unless it is only what every bundle says."""
    further = {key: text for key, text in texts.items() if key not in ("resourceType", "type", "total", "id", "meta")}
    if further:
        text = "{" + ", ".join(f"{json.dumps(key)}: {value}" for key, value in texts.items()) + "}"
        yield text, values


def _entries(reader: JsonReader, reading: Reading, addresses: Addresses, envelopes: Envelopes) -> Iterator[Unit]:
    """The resources of a bundle's entries, each with the text that it has there."""
    for text, entry in reader.items():
        reading.line = reader.line
        if not isinstance(entry, dict):
            reading.oddity("an entry of a bundle that is no object; kept as text", example=text[:60])
            reading.keep("bundle_entry", json.dumps({"text": text}))
            continue
        resource = entry.get("resource")
        if not isinstance(resource, dict):
            reading.oddity("an entry of a bundle without a resource; kept as it is", example=text[:60])
            reading.keep("bundle_entry", text, entry)
            continue
        members = dict(pairs_of(text))
        full_url = entry.get("fullUrl")
        if "id" not in resource and isinstance(full_url, str):
            resource = {**resource, "id": full_url.rpartition("/")[2].rpartition(":")[2]}
        envelopes.entry(members, entry, resource)
        yield from _nested(members["resource"], resource, reading, addresses)


def _nested(text: str, value: Any, reading: Reading, addresses: Addresses) -> Iterator[Unit]:
    """A resource, or the resources of a bundle inside a bundle."""
    if isinstance(value, dict) and value.get("resourceType") == "Bundle" and isinstance(value.get("entry"), list):
        import io

        yield from _values(io.BytesIO(text.encode()), "a bundle inside a bundle", reading, addresses)
    elif isinstance(value, dict):
        yield text, value
    else:
        raise InvalidInput(f"found {text[:60]!r}, expected a resource of FHIR. Nothing was saved.")
