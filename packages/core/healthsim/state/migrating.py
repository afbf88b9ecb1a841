"""Moving the JSON files of the old implementation into the database.

Originals are never touched. Each file is one transaction; a file that cannot be read is named with its reason and
does not stop the others. Before a file's transaction ends, every leaf value of it is looked for in what was stored.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from healthsim.errors import HealthSimError, NotFound
from healthsim.state import scenarios
from healthsim.state.leaves import missing_leaves
from healthsim.state.legacy import folders_and_files, read_path
from healthsim.state.manager import StateManager
from healthsim.state.storing import Saved

BACKUP = Path("backups") / "legacy-json"
#: what became of a file
MIGRATED, ALREADY, PENDING, CHANGED, FAILED = "migrated", "already migrated", "pending", "changed", "failed"


@dataclass
class FileReport:
    """What became of one file or folder of the old implementation."""

    path: str
    status: str
    scenario: str | None = None
    format: str | None = None
    entity_count: int = 0
    reason: str | None = None
    warnings: list[str] = field(default_factory=list)
    verified: bool | None = None


@dataclass
class Report:
    """What a migration found and did."""

    folders: list[str]
    files: list[FileReport]
    backup: str | None = None

    @property
    def failed(self) -> list[FileReport]:
        return [file for file in self.files if file.status == FAILED]

    def as_dict(self) -> dict[str, Any]:
        counts = dict.fromkeys((MIGRATED, ALREADY, PENDING, CHANGED, FAILED), 0)
        for file in self.files:
            counts[file.status] += 1
        return {
            "folders": self.folders,
            "backup": self.backup,
            "counts": counts,
            "files": [asdict(file) for file in self.files],
        }


def migrate(
    manager: StateManager,
    home: Path,
    folders: Sequence[Path],
    *,
    progress: Callable[[FileReport], None] = lambda file: None,
) -> Report:
    """Bring every scenario of the folders into the database; a second run changes nothing.

    Args:
        manager: the target.
        home: the folder of HealthSim; copies of the originals go to ``backups/legacy-json`` in it.
        folders: where the old files are; those that do not exist are passed over.
        progress: told of every file when it is done.

    Raises:
        NotFound: none of the folders exists.
    """
    report = survey(manager, folders)
    for file in report.files:
        if file.status == PENDING:
            try:
                report.backup = str(home / BACKUP)
                _back_up(Path(file.path), home / BACKUP)
                _migrate_one(manager, file)
            except HealthSimError as error:
                file.status, file.reason = FAILED, error.message
        progress(file)
    return report


def survey(manager: StateManager, folders: Sequence[Path]) -> Report:
    """What a migration would look at: each file with what is known of it. Nothing is changed.

    Raises:
        NotFound: none of the folders exists.
    """
    found = [folder for folder in folders if folder.is_dir()]
    if not found:
        raise NotFound(
            f"There is no folder of old scenarios: looked for {' and '.join(map(str, folders))}. Name one with"
            " --from DIR.",
            folders=[str(folder) for folder in folders],
        )
    with manager.database.read() as connection:
        rows = connection.execute(
            "SELECT m.sha256, m.path, s.name FROM main.migrated_files AS m"
            " LEFT JOIN main.scenarios AS s ON s.scenario_id = m.became"
        ).fetchall()
    by_hash = {sha256: name for sha256, _, name in rows}
    by_path = {path for _, path, _ in rows}
    files: list[FileReport] = []
    for folder in found:
        for path in folders_and_files(folder):
            sha256 = _sha256(path)
            if sha256 in by_hash:
                files.append(FileReport(str(path), ALREADY, by_hash[sha256]))
            elif str(path.resolve()) in by_path:
                files.append(FileReport(str(path), CHANGED, reason=_CHANGED_REASON.format(path=path)))
            else:
                files.append(FileReport(str(path), PENDING))
    return Report([str(folder) for folder in found], files)


_CHANGED_REASON = (
    "the file was migrated before and has changed since; take the new version with: healthsim scenario import {path}"
    " --overwrite"
)


def rehearse(manager: StateManager, folders: Sequence[Path]) -> Report:
    """What a migration would do: each file is read in full, and nothing is written.

    Raises:
        NotFound: none of the folders exists.
    """
    report = survey(manager, folders)
    for file in report.files:
        if file.status != PENDING:
            continue
        with manager.intake(lenient=True) as intake:
            try:
                header = read_path(Path(file.path), intake)
            except HealthSimError as error:
                file.status, file.reason = FAILED, error.message
                continue
            file.scenario, file.format = header.name, header.format
            file.entity_count, file.warnings = sum(intake.counts.values()), intake.warnings()
    return report


def _migrate_one(manager: StateManager, file: FileReport) -> None:
    """One file, one transaction: saved, verified and noted, or none of it."""
    path = Path(file.path)
    sha256 = _sha256(path)

    def verify_and_note(connection: Any, saved: Saved) -> None:
        missing = missing_leaves(connection, scenarios.get(connection, saved.scenario_id), _json_files(path))
        if missing:
            raise HealthSimError(
                f"{len(missing)} values of the file were not found in what was stored ({', '.join(missing[:5])});"
                " nothing of it was kept. Please report this with the file.",
                path=file.path,
            )
        connection.execute(
            "INSERT INTO main.migrated_files VALUES (?, ?, ?, ?)",
            [sha256, str(path.resolve()), saved.scenario_id, dt.datetime.now(dt.UTC).replace(tzinfo=None)],
        )

    saved = manager.import_path(path, lenient=True, keep_copies=True, mode="rename", record=verify_and_note)
    file.status, file.verified = MIGRATED, True
    file.scenario, file.format = saved.name, saved.format
    file.entity_count, file.warnings = saved.entity_count, saved.warnings


def _json_files(path: Path) -> list[Path]:
    return sorted(path.glob("*.json")) if path.is_dir() else [path]


def _sha256(path: Path) -> str:
    """Of a file's bytes, or of the names and bytes of a folder's JSON files."""
    digest = hashlib.sha256()
    for file in _json_files(path):
        if path.is_dir():
            digest.update(f"{file.name}\0{file.stat().st_size}\0".encode())
        with file.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


def _back_up(path: Path, backup: Path) -> None:
    """Copy a file or a folder to the backup, and make sure that the copy is the same; copies are never overwritten.

    Raises:
        HealthSimError: it cannot be copied.
    """
    sha256 = _sha256(path)
    target = backup / path.parent.name / path.name
    if target.exists() and _sha256(target) != sha256:
        target = target.with_name(f"{path.stem}-{sha256[:12]}{path.suffix}")
    if target.exists():
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, target)
        else:
            shutil.copy2(path, target)
        if _sha256(target) != sha256:
            raise OSError("the copy differs from the original")
    except OSError as error:
        raise HealthSimError(
            f"No backup of {path} could be made in {backup} ({error}); it was not migrated. Free some space, or set"
            " HEALTHSIM_HOME to a place that can be written.",
            path=str(path),
        ) from None
