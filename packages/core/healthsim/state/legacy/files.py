"""The files of the old implementation as they lie there: listed, hashed and copied, and never touched."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from healthsim.errors import HealthSimError


def json_files(path: Path) -> list[Path]:
    """The file itself, or the JSON files of a folder."""
    # listed, because a glob finds nothing, and says nothing, where it may not look
    return sorted(file for file in path.iterdir() if file.name.endswith(".json")) if path.is_dir() else [path]


def sha256_of(path: Path) -> str:
    """Of a file's bytes, or of the names and bytes of a folder's JSON files.

    Raises:
        HealthSimError: one of them cannot be read, or is no file.
    """
    digest = hashlib.sha256()
    file = path
    try:
        for file in json_files(path):
            # before it is opened: a pipe would be waited for
            if file.exists() and not file.is_file():
                raise unreadable(file, "it is no file")
            if path.is_dir():
                digest.update(os.fsencode(file.name) + f"\0{file.stat().st_size}\0".encode())
            with file.open("rb") as stream:
                while chunk := stream.read(1 << 20):
                    digest.update(chunk)
    except OSError as error:
        raise unreadable(file, error.strerror or str(error)) from None
    return digest.hexdigest()


def unreadable(file: Path, why: str) -> HealthSimError:
    """The error of a file or folder that cannot be read."""
    return HealthSimError(
        f"{file} cannot be read: {why}; expected JSON files. Make it readable or move it elsewhere, and migrate again.",
        path=str(file),
    )


def back_up(path: Path, backup: Path) -> None:
    """Copy a file or a folder to the backup, and make sure that the copy is the same; copies are never overwritten.

    Raises:
        HealthSimError: it cannot be copied.
    """
    sha256 = sha256_of(path)
    target = backup / path.parent.name / path.name
    if target.exists() and sha256_of(target) != sha256:
        target = target.with_name(f"{path.stem}-{sha256[:12]}{path.suffix}")
    if target.exists():
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, target)
        else:
            shutil.copy2(path, target)
        if sha256_of(target) != sha256:
            raise OSError("the copy differs from the original")
    except OSError as error:
        raise HealthSimError(
            f"No backup of {path} could be made in {backup} ({error}); it was not migrated. Free some space, or set"
            " HEALTHSIM_HOME to a place that can be written.",
            path=str(path),
        ) from None
