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
#: a module of C that is interrupted while it begins fails, and takes the whole process down with it when that ends: what comes
#: meanwhile is heeded behind the import, and after this time all the same
_IMPORT_SECONDS = 5.0
_ASK_AGAIN_SECONDS = 0.02
#: signal -> when it came first in the middle of an import
_postponed: dict[int, float] = {}


class Stopped(KeyboardInterrupt):
    """Another program told this one to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.number = number


@contextmanager
def stoppable() -> Iterator[None]:
    """Let ``Stopped`` be raised in this block, the whole run of a command, where such a signal comes.

    A signal that is ignored (``nohup``) or handled by somebody else stays so, and nothing is done outside the main thread.
    None of them, and no Ctrl-C, comes in the middle of an import.
    """
    _held_back.clear()
    _received.clear()
    _postponed.clear()
    before = {}
    if threading.current_thread() is threading.main_thread():
        before = {number: signal.getsignal(number) for number in (*_SIGNALS, signal.SIGINT)}
        for number, handler in before.items():
            if handler is signal.SIG_DFL:
                signal.signal(number, _stop)
            elif handler is signal.default_int_handler:
                signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is signal.SIG_DFL or handler is signal.default_int_handler:
                signal.signal(number, handler)


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
    if _is_postponed(number, frame):
        return
    _received.insert(0, (number, now))
    raise Stopped(number)


def _interrupt(number: int, frame: FrameType | None) -> None:
    if not _is_postponed(number, frame):
        signal.default_int_handler(number, frame)


def _is_postponed(number: int, frame: FrameType | None) -> bool:
    """Whether a signal came in the middle of an import; then it comes again in a moment."""
    while frame is not None and not frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    now = time.monotonic()
    if frame is None or now > _postponed.setdefault(number, now) + _IMPORT_SECONDS:
        _postponed.pop(number, None)
        return False
    again = threading.Timer(_ASK_AGAIN_SECONDS, _send, [number])
    again.daemon = True
    again.start()
    return True


def _hold_back(number: int, frame: FrameType | None) -> None:
    _held_back.append(number)


def _send(number: int) -> None:
    """Send a signal to the main thread, which is woken by it where the system can."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    else:
        signal.raise_signal(number)
