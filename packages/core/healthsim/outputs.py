"""Files and folders that are written for others: whole or not at all, and in the place of nothing that is not ours.

What is new lies in a hidden folder beside its place until the block ends well, and is then renamed; what a killed program
left there goes with the next writing. What is replaced keeps its mode; what is new follows the umask, and
``who_may_read`` says whether that lets others read it.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import stat
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from healthsim.errors import AlreadyExists, HealthSimError
from healthsim.leftovers import owned_name, remove, remove_abandoned
from healthsim.paths import local_path
from healthsim.remedies import remedy

MANIFEST = "manifest.json"
#: what a folder of Parquet tables is, and how the folder of a year in it is called: Hive's way, which engines know
TABLES_FORMAT, PARTITION = "HealthSim tables, parquet", "partition_year"
#: how what a manifest is of begins, where it is of an export
FORMATS = ("HealthSim ", "OMOP CDM", "X12 5010", "NCPDP D.0", "C-CDA", "healthsim-parquet")
#: how the name of a folder begins in which something is written; those of dead processes go with the next writing
UNFINISHED = ".healthsim-unfinished-"
#: where a file of DuckDB says that it is one
_MAGIC_AT, _MAGIC = 8, b"DUCK"
_FULL = re.compile(r"no space left|disk full|out of disk|not enough space|disk quota", re.I)
_umask_lock = threading.Lock()

#: the errors of an engine that writes by itself, as an ``except`` takes them
Errors = type[Exception] | tuple[type[Exception], ...]


# -- files ----------------------------------------------------------------------------------------------------


@contextmanager
def open_file(target: Path, *, force: bool) -> Iterator[IO[bytes]]:
    """A stream into a file that takes its place when the block ends well, forced to disk before.

    Raises:
        AlreadyExists: a file is there, and ``force`` is not set; or a database is; or what is no file.
        HealthSimError: it cannot be written.
    """
    with new_file(target, force=force) as partial, partial.open("xb", buffering=1 << 20) as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())


@contextmanager
def new_file(
    target: Path, *, force: bool, ours: Callable[[Path], str | None] | None = None, engine: Errors = ()
) -> Iterator[Path]:
    """A path that does not exist yet, for a file that takes the target's place when the block ends well.

    Behind a symbolic link the file that it leads to is written, and the link stays.

    Args:
        force: replace what is there.
        ours: why what is there is not to be replaced all the same, in words that follow "is"; None where it may be. By
            default any file may be, except databases.
        engine: the errors of the engine, where it writes the file by itself.

    Raises:
        AlreadyExists: something is there that ``force`` does not replace.
        HealthSimError: it cannot be written.
    """
    refuse_other_than_file(target)
    target = local_path(target, what="output")
    if target.exists():
        if not force:
            raise AlreadyExists(
                f"{target} exists already. Use {remedy('replace a file')} to replace it, or choose another name.",
                path=str(target),
            )
        if (reason := (ours or _no_database)(target)) is not None:
            raise AlreadyExists(f"{target} is {reason}. Choose another name.", path=str(target))
    target = Path(os.path.realpath(target)) if target.is_symlink() else target
    mode = _mode_of(target, 0o666)
    with _beside(target, engine) as folder:
        partial = folder / target.name
        yield partial
        _set_mode(partial, mode)
        partial.replace(target)


def refuse_other_than_file(path: Path) -> None:
    """Make sure that nothing but a file is replaced, even where replacing is asked for.

    Raises:
        AlreadyExists: a device, a pipe, a folder or a link to itself is there.
        HealthSimError: nobody may look what is there.
    """
    kind = _kind_of(path)
    if kind not in (None, stat.S_IFREG):
        raise AlreadyExists(
            f"{path} is no regular file (a device, a pipe, a folder or a link to itself), and is not replaced,"
            f" {remedy('replace a file')} or not. Choose another name, or {remedy('to standard output')}.",
            path=str(path),
        )


def _kind_of(path: Path) -> int | None:
    """What is there: a kind of file as ``stat`` tells it, 0 for a link to itself, None for nothing."""
    try:
        return stat.S_IFMT(path.stat().st_mode)
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise HealthSimError(f"{path!s:.80} cannot be written: it is no path ({error}).", path=str(path)) from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            return 0
        raise HealthSimError(
            f"{path!s:.300} cannot be written: {error.strerror}. Choose another place.", path=str(path)
        ) from None


def is_database(path: Path) -> bool:
    """Whether a file is a database of DuckDB."""
    try:
        with path.open("rb") as file:
            return file.read(_MAGIC_AT + len(_MAGIC))[_MAGIC_AT:] == _MAGIC
    except OSError:
        return False


def _no_database(path: Path) -> str | None:
    words = f"a database, which no other file replaces, {remedy('replace a file')} or not"
    return words if is_database(path) else None


# -- folders --------------------------------------------------------------------------------------------------


@contextmanager
def new_folder(target: Path, *, force: bool, engine: Errors = ()) -> Iterator[Path]:
    """An empty folder that takes the target's place when the block ends well.

    Args:
        force: replace what an export wrote there.
        engine: the errors of the engine, where it writes files by itself.

    Raises:
        AlreadyExists: something is there that ``force`` does not replace: only a folder is that holds what an export
            wrote, and nothing else. An empty folder is replaced without it.
        HealthSimError: it cannot be written.
    """
    target = local_path(target, what="output")
    _refuse_foreign(target, force=force)
    target = Path(os.path.realpath(target)) if target.is_symlink() else target
    mode = _mode_of(target, 0o777)
    with _beside(target, engine) as folder:
        partial = folder / target.name
        partial.mkdir()
        yield partial
        _set_mode(partial, mode)
        if target.exists():
            _keep_modes(target, partial)
            target.replace(folder / "before")
        partial.replace(target)


def _refuse_foreign(target: Path, *, force: bool) -> None:
    kind = _kind_of(target)
    if kind is None or (kind == stat.S_IFDIR and not any(target.iterdir())):
        return
    if not force and kind == stat.S_IFDIR:
        raise AlreadyExists(
            f"{target} exists already. Use {remedy('replace a file')} to replace it, or choose another folder.",
            path=str(target),
        )
    if kind != stat.S_IFDIR:
        raise AlreadyExists(f"{target} is no folder; expected a folder that is made anew.", path=str(target))
    written = written_by_export(target)
    if written is None:
        raise AlreadyExists(
            f"{target} was not written by an export (it has no {MANIFEST} of one), so that {remedy('replace a file')} does"
            " not replace it. Choose another folder.",
            path=str(target),
        )
    here = {path.relative_to(target).as_posix() for path in target.rglob("*") if not path.is_dir()}
    if others := sorted(here - written - {MANIFEST}):
        raise AlreadyExists(
            f"{target} holds what no export wrote ({', '.join(others[:3])}{' ...' * (len(others) > 3)}), so that"
            f" {remedy('replace a file')} does not replace it. Move that away, or choose another folder.",
            path=str(target),
        )


def written_by_export(folder: Path) -> set[str] | None:
    """The files that an export wrote into a folder, by its manifest; None where there is none of an export."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if not str(manifest["format"]).startswith(FORMATS):
            return None
        if "files" in manifest:
            return set(manifest["files"])
        # so manifests of generated files were before they listed their files in one place
        return {f"{table}/{file}" for table, facts in manifest["tables"].items() for file in facts["files"]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def write_manifest(folder: Path, format: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Write ``manifest.json``: the format, what else there is to say, and SHA-256 and size of every file."""
    files = {
        path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": sha256_of(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    manifest = {"format": format, **facts, "files": files}
    (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return manifest


def sha256_of(path: Path) -> str:
    """The checksum of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


# -- what both have in common ---------------------------------------------------------------------------------


@contextmanager
def _beside(target: Path, engine: Errors) -> Iterator[Path]:
    """A hidden folder on the same disk as the target, which only its owner may enter."""
    folder: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned(target.parent, UNFINISHED)
        folder = target.parent / owned_name(UNFINISHED)
        folder.mkdir(mode=0o700)
        yield folder
    except BlockingIOError:
        # no process can be started: that is nothing of the disk
        raise
    except OSError as error:
        raise _unwritable(target, error) from None
    except engine as error:
        if folder is None or not (is_full(error) and str(folder) in str(error)):
            raise
        raise disk_full(target.parent, "no file was made") from None
    finally:
        if folder is not None:
            remove(folder)


def _unwritable(target: Path, error: OSError) -> HealthSimError:
    if is_full(error):
        return disk_full(target.parent, "no file was made")
    return HealthSimError(f"{target} cannot be written: {error.strerror or error}. No file was made.", path=str(target))


def is_full(error: BaseException) -> bool:
    """Whether an error, of the system or of the engine, says that a disk is full."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return _FULL.search(str(error)) is not None


def disk_full(place: Path | str, outcome: str) -> HealthSimError:
    """The error that tells of a full disk.

    Args:
        place: what lies on it.
        outcome: what became of the work: "nothing was changed".
    """
    return HealthSimError(f"The disk of {place} is full; {outcome}. Free some space and try again.", path=str(place))


# -- who may read ---------------------------------------------------------------------------------------------


def who_may_read(path: Path) -> str | None:
    """A sentence about a file or folder of patients' rows that others than its owner may read; None where none may."""
    if os.name == "nt":
        # there the folder's list of rights decides, and modes say nothing
        return None
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & 0o044:
        return None
    others = "everybody on this machine" if mode & 0o004 else "its group"
    return f"{path} can be read by {others} (mode {mode:04o}, as the umask allows)."


def _mode_of(target: Path, new: int) -> int:
    """The mode of what is there, or what the umask leaves of the mode of something new."""
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        return new & ~_umask()


def _umask() -> int:
    """The umask, which can only be read by setting it: for a moment nobody else may read what is new."""
    with _umask_lock:
        mask = os.umask(0o077)
        os.umask(mask)
    return mask


def _set_mode(path: Path, mode: int) -> None:
    if os.name != "nt":
        path.chmod(mode)


def _keep_modes(before: Path, after: Path) -> None:
    """Give the files of a folder the modes that files of the same names had."""
    for path in after.rglob("*"):
        old = before / path.relative_to(after)
        if old.exists() and not path.is_symlink():
            _set_mode(path, stat.S_IMODE(old.stat().st_mode))
