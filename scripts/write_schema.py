"""Write the canonical tables of entity types as the files of a migration that is not released yet.

    python scripts/write_schema.py 0001_devices device

A released migration is history and is never written again; a test proves that all migrations together give the
tables of the model.
"""

from __future__ import annotations

import sys
from pathlib import Path

from healthsim.db.schema import create_table
from healthsim.model import ENTITY_TYPES

FOLDER = Path(__file__).parents[1] / "packages/core/healthsim/model/migrations"


def main(migration: str, *names: str) -> None:
    """Write one file per entity type into the folder of a migration."""
    folder = FOLDER / migration
    folder.mkdir(parents=True, exist_ok=True)
    for entity_type in (ENTITY_TYPES[name] for name in names):
        (folder / f"{entity_type.plural}.sql").write_text(create_table(entity_type), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
