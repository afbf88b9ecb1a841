"""Rows as columns of Arrow: the engine and pyarrow read what was given, and a small save imports neither numpy nor pyarrow."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from healthsim.db.connection import Database
from healthsim.state import columns
from healthsim.state.manager import StateManager

TYPES = {
    "text": "VARCHAR",
    "document": "JSON",
    "day": "DATE",
    "moment": "TIMESTAMP",
    "small": "INTEGER",
    "large": "BIGINT",
    "ratio": "DOUBLE",
    "flag": "BOOLEAN",
    "amount": "DECIMAL(14,2)",
}
values = st.fixed_dictionaries(
    {},
    optional={
        "text": st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5),
        "document": st.none() | st.sampled_from(["{}", '{"a": "é"}']),
        "day": st.none() | st.dates(),
        "moment": st.none() | st.datetimes(),
        "small": st.none() | st.integers(-(2**31), 2**31 - 1),
        "large": st.none() | st.integers(-(2**63), 2**63 - 1),
        "ratio": st.none() | st.floats(allow_nan=False),
        "flag": st.none() | st.booleans(),
        "amount": st.none() | st.decimals(-(10**11), 10**11, places=2),
    },
)


def batch(rows: list[dict[str, Any]]) -> Any:
    return columns.batch(TYPES, columns.turned(TYPES, rows))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(values.filter(bool), min_size=1, max_size=20), min_size=1, max_size=3))
def test_what_is_written_is_read(batches: list[list[dict[str, Any]]]) -> None:
    expected = [tuple(row.get(name) for name in TYPES) for rows in batches for row in rows]
    made = [batch(rows) for rows in batches]
    with duckdb.connect() as connection:
        connection.register("arriving", columns.stream(made))
        assert connection.execute("FROM arriving").fetchall() == expected
    # parts of large saves go to disk by way of pyarrow
    assert [tuple(row.values()) for row in pa.table(columns.array(made)).to_pylist()] == expected


def test_eight_flags_are_a_byte_and_nine_are_two() -> None:
    for count in (1, 7, 8, 9, 16, 17):
        flags = [{"flag": number % 3 == 0 if number % 5 else None} for number in range(count)]
        rows = pa.table(columns.array([batch(flags)]))["flag"].to_pylist()
        assert rows == [row["flag"] for row in flags]


def test_amounts_keep_their_cents() -> None:
    amounts = [Decimal("0.01"), Decimal("-0.01"), Decimal("999999999999.99"), Decimal("-999999999999.99")]
    table = pa.table(columns.array([batch([{"amount": amount} for amount in amounts])]))
    assert table["amount"].to_pylist() == amounts


def test_days_before_1970_are_days() -> None:
    days = [dt.date(1, 1, 1), dt.date(1969, 12, 31), dt.date(9999, 12, 31)]
    assert pa.table(columns.array([batch([{"day": day} for day in days])]))["day"].to_pylist() == days


def test_a_small_save_imports_neither_numpy_nor_pyarrow(tmp_path: Path) -> None:
    """They take longer to import than the save takes. The engine itself imports pandas where it is installed; no user needs it."""
    script = (
        "import sys\nsys.modules['pandas'] = None\nfrom healthsim.state import state_manager\n"
        f"state = state_manager({str(tmp_path / 'x.duckdb')!r})\n"
        "state.save('a', {'patients': [{'id': '1', 'birth_date': '1980-01-01'}], 'claims': [{'id': 'c', 'total_charge': 2.5}]})\n"
        "state.load('a')\nprint(sorted({'numpy', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_an_own_write_is_no_reason_to_look_at_the_tables_again(
    state: StateManager, database: Database, database_path: Path, monkeypatch: Any
) -> None:
    looks: list[str] = []
    monkeypatch.setattr(
        "healthsim.db.connection.is_current", lambda connection, location: bool(looks.append(location)) or True
    )
    state.save("a", {"patients": [{"id": "1"}]})
    state.save("b", {"patients": [{"id": "1"}]})
    state.list()
    assert looks == []
    StateManager(Database(database_path)).save("c", {"patients": [{"id": "1"}]})
    looks.clear()
    assert len(state.list()[0]) == 3
    assert len(looks) == 1
