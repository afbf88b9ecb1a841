"""``healthsim import`` of HL7 v2: every message stays as it came, and what it says becomes rows beside it.

Files of one message or many, in batches, in frames; with any delimiters, character sets and ends of lines. What cannot be
understood is kept in its message and reported.
"""

from __future__ import annotations

import codecs
import json
from pathlib import Path
from typing import TYPE_CHECKING

from healthsim.exchange.hl7v2.derive import derived_rows
from healthsim.exchange.hl7v2.frames import Framed, parts_of
from healthsim.exchange.hl7v2.parsed import Message
from healthsim.exchange.hl7v2.taken import Takings, encounter_id_of
from healthsim.state.json.header import Header

if TYPE_CHECKING:
    from healthsim.exchange.reading import Reading

_CHUNK = 1 << 20
MESSAGE, BATCH = "hl7v2_message", "hl7v2_batch"
#: names of HL7 table 0211 (MSH-18) -> Python's; numbers of ISO 8859 follow from them
_CHARSETS = {
    "": "utf-8",
    "ASCII": "ascii",
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    # such a file has been turned into UTF-8 where its byte order mark told so
    "UNICODE UTF-16": "utf-8",
    "UNICODE UTF-32": "utf-8",
    "ISO IR6": "ascii",
    "ISO IR14": "shift_jis",
    "ISO IR87": "iso2022_jp",
    "ISO IR159": "iso2022_jp_1",
    "GB 18030-2000": "gb18030",
    "KS X 1001": "euc_kr",
    "CNS 11643-1992": "euc_tw",
    "BIG-5": "big5",
}


def read_hl7v2(path: Path, reading: Reading) -> Header:
    """Read a file of messages.

    Raises:
        InvalidInput: something in it is longer than any message.
    """
    takings = Takings(reading, _taken_back(path))
    batch = 0
    with path.open("rb") as stream:
        for number, framed in enumerate(parts_of(stream)):
            reading.line = framed.line
            if framed.part == "message":
                batch += 1
                _take(framed, number, reading, takings)
                continue
            _take_other(framed, reading)
            if framed.data.startswith(b"BTS"):
                _compare(framed, batch, reading)
                batch = 0
    return Header(format="hl7v2")


def _take(framed: Framed, number: int, reading: Reading, takings: Takings) -> None:
    reading.unit()
    text, charset = decoded(framed.data, reading)
    message = Message(text, framed.line, charset)
    if message.broken:
        reading.oddity("a line that begins no segment; taken as part of the field before it", message.broken[0])
    if not message.kind:
        reading.oddity("a message without a type in MSH-9; kept as it is")
    derived = derived_rows(message, number, takings)
    document = {"kind": message.kind, "text": text}
    reading.keep(MESSAGE, json.dumps(document, ensure_ascii=False), document, derived=derived)


def _take_other(framed: Framed, reading: Reading) -> None:
    text, _ = decoded(framed.data, reading)
    if framed.part == "stray":
        reading.oddity("lines before the first message; kept as they are")
    document = {"kind": text[:3] if framed.part == "batch" else "", "text": text}
    reading.keep(BATCH, json.dumps(document, ensure_ascii=False), document)


def _compare(framed: Framed, count: int, reading: Reading) -> None:
    """Hold the number of messages that the end of a batch says against those that were there."""
    separator = framed.data[3:4]
    said = framed.data[4:].split(separator)[0].strip().decode("ascii", "replace") if separator.strip() else ""
    if said and said != str(count):
        reading.oddity(f"a batch that says it has {said[:20]} messages and has {count}")


def decoded(data: bytes, reading: Reading) -> tuple[str, str]:
    """The text of a message, and the character set that it is read in: the one of MSH-18, where the bytes are of it."""
    name = _declared_charset(data)
    charset = _python_name(name)
    if charset is None:
        reading.oddity("a character set in MSH-18 that is not known; read as UTF-8", example=name)
        charset = "utf-8"
    for attempt in dict.fromkeys((charset, "utf-8")):
        try:
            text = data.decode(attempt)
        except UnicodeDecodeError:
            continue
        if attempt != charset:
            reading.oddity(f"text that is not in the character set of MSH-18 ({name}); read as UTF-8")
        return text, attempt
    reading.oddity("text in no character set that is declared; read as Windows-1252")
    # the few bytes that this set leaves open are controls, as in ISO 8859-1
    return "".join(_latin(data)), "cp1252"


def _latin(data: bytes) -> list[str]:
    return [bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in data]


def _declared_charset(data: bytes) -> str:
    header = data.split(b"\r", 1)[0].split(b"\n", 1)[0]
    fields = header.split(header[3:4]) if header.startswith(b"MSH") and len(header) > 3 else []
    if len(fields) <= 17:
        return ""
    repetition = header[5:6] if len(fields[1]) > 1 else b"~"
    return fields[17].split(repetition)[0].decode("ascii", "replace").strip().upper()


def _python_name(name: str) -> str | None:
    if name.startswith(("8859/", "8859-", "ISO8859/", "ISO-8859-", "ISO8859-")):
        number = name.replace("/", "-").rpartition("-")[2]
        try:
            return codecs.lookup(f"iso8859-{number}").name
        except LookupError:
            return None
    return _CHARSETS.get(name)


def _taken_back(path: Path) -> dict[str, int]:
    """The discharges that a later message cancels (A13): number of the visit -> the last message that does.

    The rows of one visit are put together from all of its messages; what is taken back must not be among them.
    """
    cancelled: dict[str, int] = {}
    if not _mentions(path, b"A13"):
        return cancelled
    with path.open("rb") as stream:
        for number, framed in enumerate(parts_of(stream)):
            if framed.part != "message" or b"A13" not in framed.data[:400]:
                continue
            message = Message(framed.data.decode("utf-8", "replace"))
            visit = message.first("PV1")
            if (message.code, message.event) == ("ADT", "A13") and visit is not None:
                cancelled[encounter_id_of(visit) or ""] = number
    return cancelled


def _mentions(path: Path, text: bytes) -> bool:
    """Whether a file has a text anywhere."""
    before = b""
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            if text in before + chunk:
                return True
            before = chunk[-len(text) :]
    return False
