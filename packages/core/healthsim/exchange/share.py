"""The share format: a scenario as one JSON file of plain documents; reading takes every JSON shape that was ever in use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.exchange.format import Format
from healthsim.exchange.json_files import holds_json, is_workspace, json_name, read_json, write_json

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.results import Written


def _write(database: Database, name: str, target: Path, *, force: bool, **options: Any) -> Written:
    return write_json(database, name, target, format="share", force=force)


FORMAT = Format(
    name="share",
    title="JSON of HealthSim: plain documents, for other installations and for reading.",
    also=("json",),
    meaning="Write a scenario as a JSON file of its documents, by type. A file that was imported in this format leaves byte for"
    " byte as it came.",
    write=_write,
    sniff=lambda path: holds_json(path) and not is_workspace(path),
    read=read_json,
    takes_rest=True,
    streams=True,
    target_name=json_name,
)
