"""JSON files of scenarios, in whatever shape: told by content, read, and written whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.exchange.reading import Reading
    from healthsim.results import Written
    from healthsim.state.json.header import Header

#: a byte order mark and white space may go before the first character of JSON
_BEFORE = b"\xef\xbb\xbf \t\r\n"
#: what a workspace file says about itself in its first member
_SIGN = b'"workspace_id"'
_HEAD = 65_536


def write_json(database: Database, name: str, target: Path, *, format: str, force: bool) -> Written:
    """Write a scenario as a JSON file; in a folder, the file is named after the scenario."""
    from healthsim.state.manager import StateManager

    return StateManager(database).export(name, target, format=format, force=force)


def holds_json(path: Path) -> bool:
    """Whether a file begins as JSON does, or a folder has such files."""
    if path.is_dir():
        return any(path.glob("*.json"))
    if not path.is_file():
        # a pipe is read once
        return True
    with path.open("rb") as stream:
        start = stream.read(4_096).lstrip(_BEFORE)
    return start[:1] in (b"{", b"[") or path.suffix.lower() == ".json"


def is_workspace(path: Path) -> bool:
    """Whether a file is one of the workspaces of the old implementation, or of an export in that format."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return _SIGN in stream.read(_HEAD)


def read_json(path: Path, reading: Reading) -> Header:
    """Read a JSON file, or a folder of them, in any known shape."""
    from healthsim.exchange.fhir.reading.reader import Resources
    from healthsim.state.json.shapes import read_path

    before = reading.intake.position
    # a scenario that came as FHIR has resources for documents
    resources = Resources(reading)
    reading.intake.foreign = resources.take
    try:
        header = read_path(path, reading.intake)
        resources.finish()
    finally:
        reading.intake.foreign = None
    reading.unit(reading.intake.position - before - resources.count)
    return header


def json_name(stem: str, options: object) -> str:
    """The name of the file of a scenario."""
    return f"{stem}.json"
