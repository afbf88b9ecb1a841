"""A generated scenario for tests of FHIR, made once, and what is read of its export."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from healthsim.db.connection import Database
from healthsim.generation import generate

NAME = "clinic"


def generated(path: Path, size: int = 30) -> Database:
    """A database with persons of one county who have care, claims, fills and a trial."""
    database = Database(path)
    spec = {"size": size, "seed": 7, "counties": ["06073"], "products": ["patient", "claims", "pharmacy", "trial"]}
    generate(spec, NAME, database=database, workers=1)
    return database


def resources_in(folder: Path) -> Iterator[dict[str, Any]]:
    """Every resource of an export."""
    for path in sorted(folder.glob("*.ndjson")):
        for line in path.read_bytes().splitlines():
            yield json.loads(line)


def values_of(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value below another one, with its path."""
    yield path, value
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from values_of(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in value:
            yield from values_of(inner, f"{path}[]")
