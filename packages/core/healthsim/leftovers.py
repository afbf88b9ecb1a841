"""Temporary files and folders whose names say whose they are, so that what a dead program left is known and removed.

A name ends with the host, the process and a random word. What a process of this host made that is gone counts as left
over. Of the processes of other hosts, containers and starts of the machine, which may share the folder, nothing is known
here: what they made counts only when nobody has touched it for days.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import secrets
import shutil
import sys
import time
from functools import cache
from pathlib import Path

#: as many bytes may the name of a file have, nearly everywhere
LONGEST_NAME = 255
_RANDOM_BYTES = 4
_OWNED = re.compile(r"(?P<host>.+)-(?P<process>[0-9]+)-[^-]+")
#: no program leaves what it works on alone for as long
DAYS_UNTOUCHED = 3


def owned_name(prefix: str) -> str:
    """A name that nobody else has, and that says that it is this process's."""
    return f"{prefix}{_host()}-{os.getpid()}-{secrets.token_hex(_RANDOM_BYTES)}"


def room_for_owner() -> int:
    """How many bytes ``owned_name`` adds at most."""
    return len(f"{_host()}-{2**32}-".encode()) + 2 * _RANDOM_BYTES


def abandoned(folder: Path, *prefixes: str) -> list[Path]:
    """What processes that have ended left in a folder, under names of these prefixes, in the order of the names."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        # what cannot be looked at cannot be told apart either
        return []
    return [folder / name for name in names for prefix in prefixes if _is_abandoned(folder / name, prefix)]


def untouched(path: Path, days: float = DAYS_UNTOUCHED) -> bool:
    """Whether nothing of a file or a folder has changed for days."""
    try:
        newest = max(part.lstat().st_mtime for part in (path, *path.rglob("*")))
    except OSError:
        # it is just going, or nobody may look
        return False
    return newest < time.time() - days * 86_400


def remove_abandoned(folder: Path, *prefixes: str) -> None:
    """Remove what ``abandoned`` finds; what cannot be removed stays."""
    for left in abandoned(folder, *prefixes):
        remove(left)


def remove(path: Path) -> None:
    """Remove a file or a folder with all that is in it, as far as it is there and can be removed.

    Whoever is stopped in the middle of it is stopped when nothing of it is left.
    """
    try:
        _remove(path)
    except KeyboardInterrupt:
        _remove(path)
        raise


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    try:
        path.unlink(missing_ok=True)
    except OSError:
        # another user's, or open in a program on Windows: it is tried again by the next run
        return


def _is_abandoned(path: Path, prefix: str) -> bool:
    owned = _OWNED.fullmatch(path.name.removeprefix(prefix)) if path.name.startswith(prefix) else None
    if owned is None:
        return False
    if owned["host"] == _host():
        return not lives(int(owned["process"]))
    return untouched(path)


def _host() -> str:
    """This host by its name, and what tells its processes from those of others that have the same name and numbers."""
    name = "".join(letter if letter.isalnum() or letter in ".-" else "_" for letter in platform.node()) or "localhost"
    space = _process_space()
    return f"{name}+{space}" if space else name


@cache
def _process_space() -> str:
    """Where the number of a process stands for one: a start of the machine, and in it a container; empty where it cannot be told."""
    try:
        start = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        container = os.readlink("/proc/self/ns/pid")
    except (OSError, UnicodeDecodeError):
        return ""
    return hashlib.sha256(f"{start} {container}".encode()).hexdigest()[:8]


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
