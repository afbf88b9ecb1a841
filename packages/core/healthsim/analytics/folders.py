"""Where exports for other tools are written: files and folders that appear whole or not at all, with a manifest."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from healthsim.db.files import is_database
from healthsim.db.reference.source import sha256_of
from healthsim.errors import AlreadyExists, HealthSimError
from healthsim.state.output_file import refuse_other_than_file

if TYPE_CHECKING:
    from healthsim.state.scenarios import Scenario

MANIFEST = "manifest.json"
#: how what a manifest is of begins
FORMATS = ("HealthSim tables", "OMOP CDM")


@contextmanager
def new_file(target: Path, *, force: bool) -> Iterator[Path]:
    """A path beside the target, for an OMOP database that takes the target's place when the block ends well.

    Raises:
        AlreadyExists: something is there that ``force`` does not replace: only an OMOP database is.
    """
    if target.is_dir():
        raise AlreadyExists(f"{target} is a folder; expected a file. Name a file in it.", path=str(target))
    refuse_other_than_file(target)
    if target.exists() and not force:
        raise AlreadyExists(
            f"{target} exists already. Use --force (overwrite=true) to replace it, or choose another name.",
            path=str(target),
        )
    if target.exists() and not _is_cdm(target):
        raise AlreadyExists(
            f"{target} is no OMOP database, so that --force does not replace it. Choose another name.", path=str(target)
        )
    with _beside(target) as folder:
        partial = folder / target.name
        yield partial
        partial.replace(target)


def _is_cdm(file: Path) -> bool:
    """Whether a file is a database that an export of OMOP wrote."""
    if not is_database(file):
        return False
    try:
        with duckdb.connect(str(file), read_only=True) as connection:
            found = connection.execute(
                "SELECT count(*) FILTER (table_name = 'cdm_source'), count(*) FILTER (table_name = 'scenarios')"
                " FROM duckdb_tables() WHERE NOT internal"
            ).fetchall()
    except duckdb.Error:
        # somebody has it open, or it cannot be read: it is not ours to take away
        return False
    return found == [(1, 0)]


@contextmanager
def new_folder(target: Path, *, force: bool) -> Iterator[Path]:
    """A folder beside the target that takes the target's place when the block ends well.

    Raises:
        AlreadyExists: something is there that ``force`` does not replace: only a folder is that holds what an export wrote,
            and nothing else.
    """
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        if not force:
            raise AlreadyExists(
                f"{target} exists already. Use --force (overwrite=true) to replace it, or choose another folder.",
                path=str(target),
            )
        written = _written(target)
        if written is None:
            raise AlreadyExists(
                f"{target} was not written by an export (it has no {MANIFEST} of one), so that --force does not replace it."
                " Choose another folder.",
                path=str(target),
            )
        here = {path.relative_to(target).as_posix() for path in target.rglob("*") if not path.is_dir()}
        if others := sorted(here - written - {MANIFEST}):
            raise AlreadyExists(
                f"{target} holds what no export wrote ({', '.join(others[:3])}{' ...' * (len(others) > 3)}), so that --force"
                " does not replace it. Move that away, or choose another folder.",
                path=str(target),
            )
    with _beside(target) as folder:
        partial = folder / target.name
        partial.mkdir()
        yield partial
        if target.exists():
            target.replace(folder / "before")
        partial.replace(target)


def _written(folder: Path) -> set[str] | None:
    """The files that an export wrote into a folder, by its manifest; None where there is none of an export."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return set(manifest["files"]) if str(manifest["format"]).startswith(FORMATS) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A temporary folder on the same disk as the target."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{target.name[:80]}.", dir=target.parent))
    except OSError as error:
        raise HealthSimError(
            f"{target} cannot be written: {error.strerror or error}. Choose another place.", path=str(target)
        ) from None
    try:
        yield folder
    except OSError as error:
        raise HealthSimError(
            f"{target} cannot be written: {error.strerror or error}. No file was made.", path=str(target)
        ) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_manifest(
    folder: Path, scenario: Scenario, what: str, tables: dict[str, int], notes: Sequence[str] = ()
) -> None:
    """Write ``manifest.json``: the scenario, rows by table, what there is to note, SHA-256 and size of every file."""
    listed = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        listed[path.relative_to(folder).as_posix()] = {"bytes": path.stat().st_size, "sha256": sha256_of(path)}
    manifest = {
        "format": what,
        "scenario": scenario.name,
        "scenario_id": scenario.scenario_id,
        "updated_at": scenario.updated_at.isoformat(),
        "tables": tables,
        "notes": list(notes),
        "files": listed,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
