"""Which files the servers may touch for others: those in a few folders, whatever a path is made to look like."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from healthsim.errors import AlreadyExists, InvalidInput, NotFound
from healthsim.paths import local_path


class Folders:
    """The folders in which files may be read and written.

    Args:
        allowed: the folders; the first is where relative paths start, and is made when something is written.
    """

    def __init__(self, allowed: Sequence[Path]) -> None:
        self.allowed = tuple(Path(os.path.abspath(folder.expanduser())) for folder in allowed)

    def to_read(self, path: str) -> Path:
        """A file or folder that is there and may be read.

        Raises:
            InvalidInput: it lies elsewhere, also by way of a link, or is no file.
            NotFound: nothing is there.
        """
        real = self._inside(path)
        if not real.exists():
            raise NotFound(f"There is nothing at {path!r}. {self._listed()}", path=path)
        if real.is_dir():
            for folder, folders, files in os.walk(real):
                for name in (*folders, *files):
                    self._inside(str(Path(folder, name)))
        elif not real.is_file():
            raise InvalidInput(f"{path!r} is no file; expected a JSON file or a folder of them.", path=path)
        return real

    def to_write(self, path: str | None, default_name: str, *, overwrite: bool) -> Path:
        """A place where a file may be written.

        Args:
            path: a file, or a folder that is there; default: the first allowed folder.
            default_name: the file's name where the path is a folder.
            overwrite: a file may be there.

        Raises:
            InvalidInput: it lies elsewhere, also by way of a link, or is no JSON file.
            AlreadyExists: a file is there.
        """
        real = self._inside(path) if path else self.allowed[0]
        if real.is_dir() or not path:
            real = self._inside(str(real / default_name))
        if real.suffix.lower() != ".json":
            raise InvalidInput(
                f"{path!r} does not end in .json; exports are JSON files. Choose such a name.", path=path
            )
        if real.exists() and not overwrite:
            raise AlreadyExists(
                f"{real} exists already. Pass overwrite=true to replace it, or choose another name.", path=str(real)
            )
        return real

    def to_make(self, path: str | None, default_name: str) -> Path:
        """A place for a new file or folder of any name.

        Args:
            path: default: in the first allowed folder.
            default_name: its name where the path is empty.

        Raises:
            InvalidInput: it lies elsewhere, also by way of a link, or is an allowed folder itself.
        """
        real = self._inside(path or default_name)
        if any(real == Path(os.path.realpath(folder)) for folder in self.allowed):
            raise InvalidInput(f"{path!r} is the whole folder; expected a name in it. {self._listed()}", path=path)
        return real

    def _inside(self, path: str) -> Path:
        if not path.strip() or "\0" in path or len(path) > 4_096:
            raise InvalidInput(f"{path[:80]!r} is no path; expected the path of a file. {self._listed()}")
        named = local_path(path) if path.startswith("~") else Path(path)
        # resolved as far as it exists: neither .. nor a link leads out
        real = Path(os.path.realpath(self.allowed[0] / named))
        for folder in self.allowed:
            if real.is_relative_to(os.path.realpath(folder)):
                return real
        raise InvalidInput(f"{path[:200]!r} lies outside of the folders that may be used. {self._listed()}", path=path)

    def _listed(self) -> str:
        names = ", ".join(str(folder) for folder in self.allowed)
        return (
            f"Files are read from and written to {names}; relative paths start in the first (more: HEALTHSIM_FOLDERS)."
        )
