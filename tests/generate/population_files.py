"""What the tests of populations share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq


def rows_of(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Table -> rows of a folder of generated files, in the order of its parts."""
    return {
        place.name: [row for part in sorted(place.glob("*.parquet")) for row in pq.read_table(part).to_pylist()]
        for place in sorted((folder / "canonical").iterdir())
        if place.is_dir()
    }
