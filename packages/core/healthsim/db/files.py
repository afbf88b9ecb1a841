"""What may stand where a file is about to be written."""

from __future__ import annotations

from pathlib import Path

from healthsim.errors import AlreadyExists

#: where a file of DuckDB says that it is one
_MAGIC_AT, _MAGIC = 8, b"DUCK"


def is_database(path: Path) -> bool:
    """Whether a file is a database of DuckDB."""
    try:
        with path.open("rb") as file:
            return file.read(_MAGIC_AT + len(_MAGIC))[_MAGIC_AT:] == _MAGIC
    except OSError:
        return False


def spare_databases(path: Path) -> None:
    """Refuse to put another kind of file in the place of a database, whatever was asked for.

    Raises:
        AlreadyExists: a database is there.
    """
    if is_database(path):
        raise AlreadyExists(
            f"{path} is a database, which no other file replaces, --force or not. Choose another name.", path=str(path)
        )
