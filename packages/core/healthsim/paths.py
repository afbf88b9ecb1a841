"""A path as a user names it: one check for every door, before anything is made of it."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable
from pathlib import Path

from healthsim.errors import InvalidInput, UsageError
from healthsim.scrubbing import scrubbed

#: two letters at least: C:\data is a path on Windows
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+):", re.I)
_CANNOT = {
    errno.ELOOP: "is a loop of symbolic links; expected a path that leads somewhere",
    errno.ENAMETOOLONG: "has a name that is too long for the file system; expected at most 255 bytes between two slashes",
}


def scheme_of(text: str) -> str | None:
    """``s3`` of ``s3://bucket/x``, in lower case; None for a path."""
    match = _SCHEME.match(text)
    return match.group(1).lower() if match else None


def refuse_scheme(text: str, *, known: Iterable[str] = (), what: str = "path") -> None:
    """Refuse a place of a kind that this program does not know: it would become a folder of that name.

    Args:
        text: as the user wrote it.
        known: what is possible here besides a path, for example ``md:NAME``.
        what: what is named.

    Raises:
        UsageError: it begins with a scheme.
    """
    scheme = scheme_of(text)
    if scheme is not None:
        expected = ", ".join(["a path on this machine", *known])
        hint = "" if "//" in text else f" For a file that is really called so, write ./{scrubbed(text)}."
        raise UsageError(
            f"{scrubbed(text)} begins with {scheme}:, a kind of place that this program does not know; nothing was written."
            f" Expected as {what}: {expected}.{hint}",
            path=scrubbed(text),
            scheme=scheme,
        )


def local_path(path: str | os.PathLike[str], *, what: str = "path") -> Path:
    """A path on this machine, with the folder of its user in place of ``~``. Whether anything is there is another question.

    Args:
        path: as the user wrote it, or a ``Path``, which has lost a slash of ``s3://`` and the ``./`` of a file's name.
        what: what is named, for example ``output``.

    Raises:
        UsageError: it is no path but a place of another kind (``s3://bucket/x``).
        InvalidInput: no file can have that name.
    """
    text = os.fspath(path)
    if isinstance(path, str) or re.match(r"[a-z][a-z0-9+.-]+:/", text, re.I):
        refuse_scheme(text, what=what)
    shown = shown_path(text)
    if "\0" in text:
        raise InvalidInput(f"The {what} {shown} has a NUL character in it; no file can have that name.", path=shown)
    if not _is_text(text):
        raise InvalidInput(
            f"The {what} {shown} is not UTF-8; expected a name in UTF-8. Rename the file, or use a symbolic link to it.",
            path=shown,
        )
    try:
        expanded = Path(text).expanduser()
    except RuntimeError:
        user = text.split(os.sep, 1)[0]
        raise InvalidInput(
            f"The {what} {text} begins with {user}, and there is no such user here. Write the path in full, or ./{text} for"
            " a file that is really called so.",
            path=text,
        ) from None
    try:
        os.stat(expanded)
    except OSError as error:
        if error.errno in _CANNOT:
            raise InvalidInput(f"The {what} {text} {_CANNOT[error.errno]}.", path=text) from None
    return expanded


def shown_path(text: str) -> str:
    """A path as it can be printed: bytes that are not UTF-8, and NUL, as escapes."""
    return re.sub("[\0\udc80-\udcff]", lambda found: f"\\x{ord(found.group()) & 0xFF:02x}", text)


def _is_text(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
