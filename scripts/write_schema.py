"""Write the canonical tables of the model as the files of a migration that is not released yet.

    python scripts/write_schema.py 1_foundation

A released migration is history and is never written again; a test proves that all migrations together give the
tables of the model.
"""

from __future__ import annotations

import sys
from pathlib import Path

from healthsim.db.schema import create_table
from healthsim.model import ENTITY_TYPES

FOLDER = Path(__file__).parents[1] / "packages/core/healthsim/db/versions"


def main(migration: str) -> None:
    """Write one file per entity type into the folder of a migration."""
    number, _, name = migration.partition("_")
    folder = FOLDER / f"{int(number):04d}_{name}"
    for entity_type in ENTITY_TYPES.values():
        (folder / f"{entity_type.plural}.sql").write_text(create_table(entity_type), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
