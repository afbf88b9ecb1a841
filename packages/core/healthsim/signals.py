"""Being told to stop: SIGTERM and SIGHUP end a command as Ctrl-C does, so that it tidies up behind itself.

Python would end at once at these, and leave hidden files behind that hold copies of the data.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

#: where the system has them: Windows knows no SIGHUP
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
#: signals that came in the middle of a commit
_held_back: list[int] = []
#: (signal, when), the last one first
_received: list[tuple[int, float]] = []
#: what is tidied up is not to be stopped once more by a shell that sends one signal after the other; after this time another
#: one counts again
_TIDYING_SECONDS = 3.0


class Stopped(KeyboardInterrupt):
    """Another program told this one to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.number = number


@contextmanager
def stoppable() -> Iterator[None]:
    """Let ``Stopped`` be raised in this block, the whole run of a command, where such a signal comes.

    A signal that is ignored (``nohup``) or handled by somebody else stays so, and nothing is done outside the main thread.
    """
    _held_back.clear()
    _received.clear()
    before = {}
    if threading.current_thread() is threading.main_thread():
        before = {number: signal.getsignal(number) for number in _SIGNALS}
        for number, handler in before.items():
            if handler is signal.SIG_DFL:
                signal.signal(number, _stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is signal.SIG_DFL:
                signal.signal(number, signal.SIG_DFL)


def exit_code(otherwise: int) -> int:
    """What a program ends with that was stopped: 128 and the number of the signal, as shells have it."""
    return 128 + _received[0][0] if _received else otherwise


def name_of_signal() -> str | None:
    """The signal that stopped this command, if one did."""
    return signal.Signals(_received[0][0]).name if _received else None


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let nothing stop a block that lasts for a moment, a commit: it would leave in doubt whether all is changed or nothing.

    Ctrl-C comes to nothing; what another program sent is heeded before the next such step (``heed``).
    """
    interrupt = signal.getsignal(signal.SIGINT)
    if interrupt is None or threading.current_thread() is not threading.main_thread():
        # only the main thread is interrupted
        yield
        return
    ours = [number for number in _SIGNALS if signal.getsignal(number) is _stop]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in ours:
        signal.signal(number, _hold_back)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, _stop)
        signal.signal(signal.SIGINT, interrupt)


def heed() -> None:
    """Stop now if a signal came while nothing might disturb.

    Raises:
        Stopped: one came.
    """
    if _held_back and threading.current_thread() is threading.main_thread():
        _stop(_held_back.pop(0), None)


def leave_to_parent() -> None:
    """In a process that works for another one: whoever closes the terminal or presses Ctrl-C means the parent."""
    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _stop(number: int, frame: FrameType | None) -> None:
    now = time.monotonic()
    if _received and now < _received[0][1] + _TIDYING_SECONDS:
        return
    _received.insert(0, (number, now))
    raise Stopped(number)


def _hold_back(number: int, frame: FrameType | None) -> None:
    _held_back.append(number)
