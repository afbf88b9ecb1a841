"""What a build did, and the record of it in the database."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from healthsim.analytics.star import declared, fingerprint
from healthsim.analytics.star.fingerprint import Fingerprint
from healthsim.db.sql import literal, quoted
from healthsim.state.tables import here


@dataclass
class Built:
    """What a build did for one scenario.

    Attributes:
        mode: ``full``, ``incremental``, ``places`` when only the reference data had changed, or ``skipped`` when nothing had.
        tables: table -> ``{"rows": n, "seconds": s, "unknown": {key column: rows with -1}}``.
        persons: how many persons an incremental build did again; None for a full one.
    """

    scenario_id: str
    name: str
    scenario_key: int
    mode: str
    seconds: float = 0.0
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    persons: int | None = None

    @property
    def fact_rows(self) -> int:
        """Rows of facts and bridges."""
        return sum(entry["rows"] for name, entry in self.tables.items() if name in declared.FACTS)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "scenario_id": self.scenario_id,
            "name": self.name,
            "scenario_key": self.scenario_key,
            "mode": self.mode,
            "seconds": round(self.seconds, 3),
            "fact_rows": self.fact_rows,
            "persons": self.persons,
            "tables": self.tables,
        }


def record(
    connection: duckdb.DuckDBPyConnection, built: Built, now: Fingerprint, columns: Mapping[str, Sequence[str]]
) -> None:
    """Count what the star of the scenario holds, and stamp what it was built from.

    Args:
        columns: the columns of each table of a scenario.
    """
    pointing = {
        table: [
            column for column in columns[table] if declared.dimension_of(column) not in (None, table, "dim_scenario")
        ]
        for table in built.tables
    }
    counts = [
        f"SELECT {literal(table)}, count(*), [{', '.join(f'count(*) FILTER ({c} = -1)' for c in keys)}]::BIGINT[]"
        f" FROM analytics.{quoted(table)} WHERE scenario_key = {built.scenario_key}"
        for table, keys in pointing.items()
    ]
    for table, rows, unknown in connection.execute(" UNION ALL ".join(counts)).fetchall():
        built.tables[table]["rows"] = rows
        built.tables[table]["unknown"] = {c: n for c, n in zip(pointing[table], unknown, strict=True) if n}
    connection.execute(f"DELETE FROM analytics.builds WHERE {here(built.scenario_id)}")
    kept = {name: {"rows": entry["rows"], "unknown": entry["unknown"]} for name, entry in built.tables.items()}
    connection.execute(
        "INSERT INTO analytics.builds VALUES (?::UUID, ?, ?, ?, ?, ?, ?, ?)",
        [
            built.scenario_id,
            built.scenario_key,
            dt.datetime.now(dt.UTC).replace(tzinfo=None),
            built.mode,
            built.seconds,
            declared.version(),
            fingerprint.as_text(now),
            json.dumps(kept),
        ],
    )
