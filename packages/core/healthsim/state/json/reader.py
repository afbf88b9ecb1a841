"""Reading JSON as a stream: one value at a time, with the text in which it was written.

A whole file is never held: the buffer grows to the largest single value. The standard decoder finds
where a value ends, so that its text is a slice of the input and nothing is spelled anew.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import IO, Any

from healthsim.errors import InvalidInput
from healthsim.model.types import NumberText

CHUNK = 1 << 20
_SPACE = re.compile(r"[ \t\r\n]*")
_COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*")
_ENDS = " \t\r\n,]}"
_SHOWN = 40
_LONGEST_TOKEN = 16


def _refuse_constant(name: str) -> Any:
    raise InvalidInput(f"{name} is no JSON number. Replace it by null, or by the number that was meant.", value=name)


_DECODER = json.JSONDecoder(parse_float=NumberText, parse_constant=_refuse_constant)


class JsonReader:
    """A cursor over the JSON text of a binary stream.

    Args:
        stream: open for reading bytes; UTF-8, with or without a byte order mark.
        name: what to call it in messages.
    """

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self.name = name
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._buffer = ""
        self._at = 0
        self._lines_before = 0
        self._column_before = 0
        self._ended = False
        #: whether an escape of half a character may stand in the buffer
        self._halves = False

    # -- where we are ------------------------------------------------------------------------------------

    def fault(self, problem: str, expected: str) -> InvalidInput:
        """The error for what stands at the cursor: file, line and column, what was seen and what was expected."""
        line, column_ = self._place()
        seen = self._buffer[self._at : self._at + _SHOWN]
        what = f"found {seen!r}" if seen else "the file ends here"
        return InvalidInput(
            f"{self.name}, line {line}, column {column_}: {problem}; {what}, expected {expected}."
            " Nothing was saved. Check that the file is complete and is JSON.",
            file=self.name,
            line=line,
            column=column_,
        )

    @property
    def line(self) -> int:
        """The line of the cursor, from 1."""
        return self._place()[0]

    def _place(self) -> tuple[int, int]:
        newlines = self._buffer.count("\n", 0, self._at)
        if newlines:
            return self._lines_before + newlines + 1, self._at - self._buffer.rfind("\n", 0, self._at)
        return self._lines_before + 1, self._column_before + self._at + 1

    # -- the buffer --------------------------------------------------------------------------------------

    def _more(self, least: int = CHUNK) -> bool:
        """Read on; False at the end of the stream. What lies before the cursor is let go."""
        if self._ended:
            return False
        line, column_ = self._place()
        self._lines_before, self._column_before = line - 1, column_ - 1
        data = self._stream.read(max(CHUNK, least))
        try:
            text = self._decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            raise InvalidInput(
                f"{self.name}: not UTF-8 text (byte {error.object[error.start]:#04x} after line {line}). Nothing was"
                " saved. Save the file as UTF-8 and try again.",
                file=self.name,
            ) from None
        self._ended = not data
        self._buffer = self._buffer[self._at :] + text
        self._at = 0
        self._halves = "\\ud" in self._buffer or "\\uD" in self._buffer
        return True

    def peek(self) -> str:
        """The next character that is not white space; empty at the end of the input."""
        while True:
            match = _SPACE.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._more():
                return ""

    def _take(self, character: str, problem: str, expected: str) -> None:
        if self.peek() != character:
            raise self.fault(problem, expected)
        self._at += 1

    # -- values ------------------------------------------------------------------------------------------

    def value(self) -> tuple[str, Any]:
        """The text and the parsed form of the value at the cursor; fractions are ``NumberText``.

        Raises:
            InvalidInput: no JSON value stands there.
        """
        if not self.peek():
            raise self.fault("a value is missing", "a JSON value")
        while True:
            try:
                parsed, end = _DECODER.raw_decode(self._buffer, self._at)
                if end < len(self._buffer) and (self._buffer[end] in _ENDS or isinstance(parsed, dict | list)):
                    break
                if not self._more(len(self._buffer)):
                    if end == len(self._buffer):
                        break
                    self._at = end
                    raise self.fault("the value does not end here", "a comma or a closing bracket")
            except json.JSONDecodeError as error:
                if not self._cut_off(error) or not self._more(len(self._buffer)):
                    self._at = min(error.pos, len(self._buffer))
                    raise self.fault(error.msg, "JSON") from None
            except RecursionError:
                raise self.fault("the value is nested too deeply", "at most about 900 levels") from None
            except ValueError as error:
                raise self.fault(str(error).split(":")[0].split(";")[0], "a number of at most 4,300 digits") from None
        text = self._buffer[self._at : end]
        if self._halves and ("\\ud" in text or "\\uD" in text) and not _is_text(parsed):
            raise self.fault("half of a surrogate pair, which is no character", "\\ud8xx followed by \\udcxx")
        self._at = end
        return text, parsed

    def _object(self) -> tuple[str, Any] | None:
        """What ``value`` gives, the short way: for an object that begins at the cursor and lies in the buffer as a whole."""
        buffer, at = self._buffer, self._at
        if buffer[at : at + 1] != "{":
            return None
        try:
            parsed, end = _DECODER.raw_decode(buffer, at)
        except (ValueError, RecursionError, InvalidInput):
            # value() finds out whether more has to be read, or else what is wrong, and where
            return None
        text = buffer[at:end]
        if end == len(buffer) or buffer[end] not in _ENDS:
            return None
        if self._halves and ("\\ud" in text or "\\uD" in text):
            return None
        self._at = end
        return text, parsed

    def _cut_off(self, error: json.JSONDecodeError) -> bool:
        """Whether the buffer may simply end too early: the fault is at its end, or in a string that goes on."""
        return error.pos + _LONGEST_TOKEN >= len(self._buffer) or error.msg.startswith("Unterminated string")

    def members(self) -> Iterator[str]:
        """The keys of the object at the cursor; the caller reads or walks each value before asking for the next.

        Raises:
            InvalidInput: it is no object, or a key stands in it twice.
        """
        self._take("{", "not an object", "{")
        seen: set[str] = set()
        if self.peek() == "}":
            self._at += 1
            return
        while True:
            if self.peek() != '"':
                raise self.fault("a key is missing", "a key in double quotes")
            key = self._key()
            if key in seen:
                raise self.fault(f"the key {key[:_SHOWN]!r} stands twice in one object", "each key once")
            seen.add(key)
            yield key
            if self.peek() == "}":
                self._at += 1
                return
            self._take(",", "the object goes on without a comma", "a comma or }")

    def _key(self) -> str:
        while True:
            try:
                key, end = _DECODER.raw_decode(self._buffer, self._at)
                break
            except json.JSONDecodeError as error:
                if not self._more(len(self._buffer)):
                    raise self.fault(error.msg, "a key in double quotes") from None
        self._at = end
        self._take(":", "no colon follows the key", ":")
        return str(key)

    def items(self) -> Iterator[tuple[str, Any]]:
        """The elements of the array at the cursor, each as ``value`` gives it.

        Raises:
            InvalidInput: it is no array.
        """
        self._take("[", "not a list", "[")
        if self.peek() == "]":
            self._at += 1
            return
        while True:
            yield self._object() or self.value()
            separator = _COMMA.match(self._buffer, self._at)
            if separator is not None and separator.end() < len(self._buffer):
                self._at = separator.end()
                continue
            if self.peek() == "]":
                self._at += 1
                return
            self._take(",", "the list goes on without a comma", "a comma or ]")

    def end(self) -> None:
        """Make sure that nothing follows.

        Raises:
            InvalidInput: something does.
        """
        if self.peek():
            raise self.fault("something follows the end of the document", "the end of the file")


def _is_text(parsed: Any) -> bool:
    try:
        json.dumps(parsed, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def members_of(text: str) -> dict[str, str]:
    """The members of an object's text, each with the text of its value.

    Raises:
        InvalidInput: a key stands in it twice.
    """
    members: dict[str, str] = {}
    for key, value in pairs_of(text):
        if key in members:
            raise InvalidInput(f"The key {key[:_SHOWN]!r} stands twice in {text[:_SHOWN]!r}…; expected each key once.")
        members[key] = value
    return members


def pairs_of(text: str) -> Iterator[tuple[str, str]]:
    """The members of an object's text in order, each with the text of its value; a key may stand twice."""
    at = _skip_space(text, 1)
    while text[at] != "}":
        key, at = _DECODER.raw_decode(text, at)
        at = _skip_space(text, _skip_space(text, at) + 1)
        _, end = _DECODER.raw_decode(text, at)
        yield key, text[at:end]
        at = _skip_space(text, end)
        if text[at] == ",":
            at = _skip_space(text, at + 1)


def _skip_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at
