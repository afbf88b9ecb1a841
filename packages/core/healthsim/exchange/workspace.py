"""Workspace v2.0: a scenario as one JSON file in which each entity lies in an envelope with its provenance."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.exchange.format import Format
from healthsim.exchange.json_files import is_workspace, json_name, read_json, write_json

if TYPE_CHECKING:
    from healthsim.db.connection import Database
    from healthsim.results import Written


def _write(database: Database, name: str, target: Path, *, force: bool, **options: Any) -> Written:
    return write_json(database, name, target, format="workspace", force=force)


FORMAT = Format(
    name="workspace",
    title="JSON of the old implementation (Workspace v2.0), with provenance.",
    meaning="Write a scenario as a Workspace v2.0 file: each entity in its envelope, with its provenance. A file that was"
    " imported in this format leaves byte for byte as it came.",
    write=_write,
    sniff=is_workspace,
    read=read_json,
    streams=True,
    target_name=json_name,
)
