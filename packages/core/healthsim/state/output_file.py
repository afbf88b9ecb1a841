"""The file that an export writes: whole or not at all, and in the place of nothing but a file."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from healthsim.db.files import spare_databases
from healthsim.errors import AlreadyExists, HealthSimError


@contextmanager
def atomic_file(path: Path, *, force: bool) -> Iterator[IO[bytes]]:
    """A file that appears whole or not at all: written beside its place, forced to disk, then renamed.

    Behind a symbolic link the file that it leads to is written, and the link stays.

    Raises:
        AlreadyExists: a file is there, and ``force`` is not set; or a database is; or what is no file.
        HealthSimError: it cannot be written.
    """
    refuse_other_than_file(path)
    if path.exists() and not force:
        raise AlreadyExists(
            f"{path} exists already. Use --force to replace it, or choose another name.", path=str(path)
        )
    path = Path(os.path.realpath(path)) if path.is_symlink() else path
    spare_databases(path)
    partial: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:80]}.", dir=path.parent)
        partial = Path(name)
        with os.fdopen(handle, "wb", buffering=1 << 20) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
        partial = None
    except OSError as error:
        raise HealthSimError(
            f"{path} cannot be written: {error.strerror or error}. No file was made.", path=str(path)
        ) from None
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)


def refuse_other_than_file(path: Path) -> None:
    """Make sure that nothing but a file is replaced, even where replacing is asked for.

    Raises:
        AlreadyExists: a device, a pipe, a folder or a link to itself is there.
        HealthSimError: nobody may look what is there.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    except ValueError as error:
        raise HealthSimError(f"{path!s:.80} cannot be written: it is no path ({error}).", path=str(path)) from None
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise HealthSimError(
                f"{path} cannot be written: {error.strerror}. Choose another place.", path=str(path)
            ) from None
        mode = 0
    if not stat.S_ISREG(mode):
        raise AlreadyExists(
            f"{path} is no regular file (a device, a pipe, a folder or a link to itself), and is not replaced,"
            " --force or not. Choose another name, or let the shell write there: -o - > FILE.",
            path=str(path),
        )
