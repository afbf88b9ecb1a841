"""Moving the JSON files of the old implementation into the database.

Originals are never touched. Each file is one transaction; a file that cannot be read is named with its reason and
does not stop the others. Before a file's transaction ends, every leaf value of it is looked for in what was stored.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from healthsim.db.plain_engine import EngineError
from healthsim.errors import HealthSimError, NotFound
from healthsim.remedies import remedy
from healthsim.state import scenarios
from healthsim.state.json.leaves import missing_leaves
from healthsim.state.json.shapes import folders_and_files, read_path
from healthsim.state.legacy.files import back_up, json_files, sha256_of, unreadable
from healthsim.state.manager import StateManager
from healthsim.state.save import Saved

BACKUP = Path("backups") / "legacy-json"
#: characters of an unexpected error's text that a report shows
_SHOWN = 300
#: what became of a file
MIGRATED, ALREADY, PENDING, CHANGED, FAILED = "migrated", "already migrated", "pending", "changed", "failed"
#: what one file may raise beyond the errors that name their reason; none of it stops the other files
_UNEXPECTED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    EngineError,
    pa.ArrowException,
)


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
    became: dict[str, str | None] = {}
    for file in report.files:
        with _failing_alone(file):
            if _is_due(file, became):
                report.backup = str(home / BACKUP)
                back_up(Path(file.path), home / BACKUP)
                sha256 = _migrate_one(manager, file)
                became[sha256] = file.scenario
        progress(file)
    return report


@contextmanager
def _failing_alone(file: FileReport) -> Iterator[None]:
    """Whatever is wrong with a file is what its report says; the others go on."""
    try:
        yield
    except HealthSimError as error:
        file.status, file.reason = FAILED, error.message
    except _UNEXPECTED as error:
        file.status = FAILED
        file.reason = (
            f"{type(error).__name__}, which is not expected: {str(error)[:_SHOWN]}; nothing of it was kept. Please report"
            " this with the file."
        )


def _is_due(file: FileReport, became: dict[str, str | None]) -> bool:
    """Whether a file is to be migrated: not if another one of this run was the same, byte for byte."""
    if file.status != PENDING:
        return False
    sha256 = sha256_of(Path(file.path))
    if sha256 in became:
        file.status, file.scenario = ALREADY, became[sha256]
    return file.status == PENDING


def survey(manager: StateManager, folders: Sequence[Path]) -> Report:
    """What a migration would look at: each file with what is known of it. Nothing is changed.

    Raises:
        NotFound: none of the folders exists.
    """
    present = [folder for folder in folders if folder.is_dir()]
    if not present:
        raise NotFound(
            f"There is no folder of old scenarios: looked for {' and '.join(map(str, folders))}. Name one with"
            f" {remedy('the old folder')}.",
            folders=[str(folder) for folder in folders],
        )
    with manager.database.read() as connection:
        rows = connection.execute(
            "SELECT m.sha256, m.path, s.name FROM main.migrated_files AS m"
            " LEFT JOIN main.scenarios AS s ON m.became = s.scenario_id"
        ).fetchall()
    by_hash = {sha256: name for sha256, _, name in rows}
    by_place = {(sha256, path): name for sha256, path, name in rows}
    by_path = {path for _, path, _ in rows}
    files: list[FileReport] = []
    for folder in present:
        for path in _found_in(folder, files):
            file = FileReport(str(path), PENDING)
            files.append(file)
            with _failing_alone(file):
                sha256, place = sha256_of(path), str(path.resolve())
                if sha256 in by_hash:
                    # files that are the same, byte for byte, may have become scenarios of their own
                    file.status, file.scenario = ALREADY, by_place.get((sha256, place), by_hash[sha256])
                elif place in by_path:
                    file.status, file.reason = CHANGED, _CHANGED_REASON.format(remedy=remedy("import again", path=path))
    return Report([str(folder) for folder in present], files)


def _found_in(folder: Path, files: list[FileReport]) -> list[Path]:
    """What there is to migrate in a folder; one that cannot be listed is reported itself."""
    try:
        return list(folders_and_files(folder))
    except OSError as error:
        files.append(FileReport(str(folder), FAILED, reason=unreadable(folder, error.strerror or str(error)).message))
        return []


_CHANGED_REASON = "the file was migrated before and has changed since; take the new version with: {remedy}"


def rehearse(manager: StateManager, folders: Sequence[Path]) -> Report:
    """What a migration would do: each file is read in full, and nothing is written.

    Raises:
        NotFound: none of the folders exists.
    """
    report = survey(manager, folders)
    became: dict[str, str | None] = {}
    for file in report.files:
        with _failing_alone(file):
            if _is_due(file, became):
                with manager.intake(lenient=True) as intake:
                    header = read_path(Path(file.path), intake)
                    file.scenario, file.format = header.name, header.format
                    file.entity_count, file.warnings = sum(intake.counts.values()), intake.warnings()
                became[sha256_of(Path(file.path))] = file.scenario
    return report


def _migrate_one(manager: StateManager, file: FileReport) -> str:
    """One file, one transaction: saved, verified and noted, or none of it. The hash of what was read."""
    path = Path(file.path)
    sha256 = sha256_of(path)

    def verify_and_note(connection: Any, saved: Saved) -> None:
        missing = missing_leaves(connection, scenarios.get(connection, saved.scenario_id), json_files(path))
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
    return sha256
