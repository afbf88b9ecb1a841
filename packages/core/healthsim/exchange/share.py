"""The share format: a scenario as one JSON file of plain documents; reading takes every JSON shape that was ever in use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.exchange.format import Format

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.results import Written
    from healthsim.state.intake import Intake
    from healthsim.state.json.header import Header

#: a byte order mark and white space may go before the first character of JSON
_BEFORE, _OPENING = b"\xef\xbb\xbf \t\r\n", b"{["


def write_json(database: Database, name: str, target: Path, *, format: str, force: bool) -> Written:
    """Write a scenario as a JSON file; in a folder, the file is named after the scenario."""
    from healthsim.state.manager import StateManager

    return StateManager(database).export(name, target, format=format, force=force)


def _write(database: Database, name: str, target: Path, *, force: bool, **options: Any) -> Written:
    return write_json(database, name, target, format="share", force=force)


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


def read_json(path: Path, intake: Intake) -> Header:
    """Read a JSON file, or a folder of them, in any known shape."""
    from healthsim.state.json.shapes import read_path

    return read_path(path, intake)


def json_name(stem: str, options: object) -> str:
    """The name of the file of a scenario."""
    return f"{stem}.json"


FORMAT = Format(
    name="share",
    title="JSON of HealthSim: plain documents, for other installations and for reading.",
    meaning="Write a scenario as a JSON file of its documents, by type. A file that was imported in this format leaves byte for"
    " byte as it came.",
    write=_write,
    sniff=holds_json,
    read=read_json,
    target_name=json_name,
)
