"""Standard input and output as they may be found: closed, full, of another encoding. One check at the door for all commands."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from healthsim.errors import UsageError
from healthsim.paths import shown_path

_MODES = {0: "r", 1: "w", 2: "w"}
_NAMES = {0: "stdin", 1: "stdout", 2: "stderr"}


def prepare() -> None:
    """Make sure that the three streams are there, and that no letter ends the program.

    A stream that is closed (cron and ``>&-`` do that) becomes the null device: without it, the first file that is
    opened would get its number, and what is printed would be written into the database.
    """
    for number, name in _NAMES.items():
        try:
            os.fstat(number)
        except OSError:
            # the lowest free number is given: those below are there already
            os.open(os.devnull, os.O_RDWR)
        if getattr(sys, name) is None:
            # it stays open as long as the program runs
            setattr(sys, name, open(number, _MODES[number], encoding="utf-8", closefd=False))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # a letter that the encoding of the terminal lacks is shown by its number
            stream.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdin, io.TextIOWrapper):
        # what is read is a text, or is refused; nothing is put in the place of a letter
        sys.stdin.reconfigure(errors="strict")


def refuse_unreadable(words: Sequence[str]) -> None:
    """Refuse words of the command line that are no text.

    Raises:
        UsageError: one has bytes that are no UTF-8.
    """
    for word in words:
        if any("\ud800" <= letter <= "\udfff" for letter in word):
            shown = shown_path(word)
            raise UsageError(f"The argument {shown!r} is not UTF-8; expected a text in UTF-8.", argument=shown)


def finish() -> None:
    """Write what is still held back, so that a full disk is told and not lost at the end.

    Raises:
        OSError: the output cannot be written.
    """
    sys.stdout.flush()


def output_failed(error: OSError) -> bool:
    """Whether an error is that of printing, and not of some file; standard output is let go of then."""
    printing = any(
        (Path(frame.filename).parent.name in ("click", "rich") and frame.name in ("echo", "_write_buffer"))
        or (frame.filename == __file__ and frame.name == "finish")
        for frame in traceback.extract_tb(error.__traceback__)
    )
    if printing and error.filename is None:
        let_go()
        return True
    return False


def let_go() -> None:
    """Send what standard output still holds to nowhere: the interpreter would try again when it ends."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        sys.stdout.flush()
