"""The guard of places that others write to at once: one row, which every write changes first.

An insert never conflicts with another one there, so that two programs could give the same name or number twice. Two
changes of one row do.
"""

from __future__ import annotations

SCHEMA = "sharing"
#: made once; may be run again
GUARD_TABLE = (
    f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}",
    f"CREATE TABLE IF NOT EXISTS {SCHEMA}.turn (n BIGINT)",
    f"INSERT INTO {SCHEMA}.turn SELECT 0 WHERE NOT EXISTS (SELECT n FROM {SCHEMA}.turn)",
)
TAKE_TURN = f"UPDATE {SCHEMA}.turn SET n = n + 1"
