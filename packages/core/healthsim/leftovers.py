"""Temporary files and folders whose names say whose they are, so that what a dead program left is known and removed.

A name ends with the host, the process and a random word. Only what a process of this host made that is gone counts as
left over: of the processes of other hosts, which may share the folder, nothing is known here.
"""

from __future__ import annotations

import os
import platform
import secrets
import shutil
import sys
from pathlib import Path

#: as many bytes may the name of a file have, nearly everywhere
LONGEST_NAME = 255
_RANDOM_BYTES = 4


def owned_name(prefix: str) -> str:
    """A name that nobody else has, and that says that it is this process's."""
    return f"{prefix}{_host()}-{os.getpid()}-{secrets.token_hex(_RANDOM_BYTES)}"


def room_for_owner() -> int:
    """How many bytes ``owned_name`` adds at most."""
    return len(f"{_host()}-{2**32}-".encode()) + 2 * _RANDOM_BYTES


def abandoned(folder: Path, *prefixes: str) -> list[Path]:
    """What processes of this host that have ended left in a folder, under names of these prefixes, in the order of the names."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        # what cannot be looked at cannot be told apart either
        return []
    return [folder / name for name in names for prefix in prefixes if _is_abandoned(name, prefix)]


def remove_abandoned(folder: Path, *prefixes: str) -> None:
    """Remove what ``abandoned`` finds; what cannot be removed stays."""
    for left in abandoned(folder, *prefixes):
        remove(left)


def remove(path: Path) -> None:
    """Remove a file or a folder with all that is in it, as far as it is there and can be removed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    try:
        path.unlink(missing_ok=True)
    except OSError:
        # another user's, or open in a program on Windows: it is tried again by the next run
        return


def _is_abandoned(name: str, prefix: str) -> bool:
    parts = name.removeprefix(prefix).rsplit("-", 2)
    if not name.startswith(prefix) or len(parts) != 3:
        return False
    host, process, _ = parts
    return host == _host() and process.isascii() and process.isdigit() and not lives(int(process))


def _host() -> str:
    return "".join(letter if letter.isalnum() or letter in ".-" else "_" for letter in platform.node()) or "localhost"


def lives(process: int) -> bool:
    """Whether a process of this host runs."""
    if sys.platform == "win32":
        return _lives_on_windows(process)
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        # another user's
        return True
    return True


def _lives_on_windows(process: int) -> bool:
    """There, signal 0 would end the process."""
    if sys.platform != "win32":
        return False
    import ctypes

    limited_information, still_active = 0x1000, 259
    system = ctypes.windll.kernel32
    handle = system.OpenProcess(limited_information, False, process)
    if not handle:
        access_denied = 5
        return bool(system.GetLastError() == access_denied)
    code = ctypes.c_ulong()
    known = system.GetExitCodeProcess(handle, ctypes.byref(code))
    system.CloseHandle(handle)
    return not known or code.value == still_active
