"""What is shown is what the engine itself writes: in tables, CSV and JSON, for every type, within lists and structs too."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from healthsim.cli import healthsim
from healthsim.db.connection import Database
from healthsim.db.query import Limits, ask
from healthsim.db.query.values import cut

#: one value of each type, and what lies at its edges
VALUES = {
    "a month": "INTERVAL '1 month'",
    "months, days and time": "INTERVAL '14 months 3 days 02:03:04.5'",
    "a negative interval": "INTERVAL '-1 month 30 days'",
    "an age": "age(DATE '2024-05-01', DATE '1950-02-03')",
    "an endless date": "DATE 'infinity'",
    "a date before all": "DATE '-infinity'",
    "an endless time": "TIMESTAMP 'infinity'",
    "an endless time with a zone": "TIMESTAMPTZ '-infinity'",
    "a year beyond Python": "DATE '20000-01-01'",
    "a year before Christ": "DATE '0044-03-15 (BC)'",
    "nanoseconds": "TIMESTAMP_NS '2025-01-02 03:04:05.123456789'",
    "a time of nanoseconds": "TIME_NS '03:04:05.123456789'",
    "milliseconds": "TIMESTAMP_MS '2025-01-02 03:04:05.678'",
    "seconds": "TIMESTAMP_S '2025-01-02 03:04:05'",
    "a time with a zone": "TIMETZ '03:04:05+01:30'",
    "the end of a day": "TIME '24:00:00'",
    "a float": "0.1::FLOAT",
    "a double": "1e300::DOUBLE",
    "not a number": "'nan'::DOUBLE",
    "no end": "'-inf'::FLOAT",
    "minus zero": "-0.0::DOUBLE",
    "a decimal": "2.50::DECIMAL(9, 2)",
    "a long decimal": "12345678901234567890.12::DECIMAL(38, 2)",
    "a whole decimal": "5::DECIMAL(4, 0)",
    "beyond JavaScript": "9007199254740993",
    "the largest": "340282366920938463463374607431768211455::UHUGEINT",
    "a number of any length": "'1234567890123456789012345678901234567890'::BIGNUM",
    "a shape": "'POINT (1 2)'::GEOMETRY",
    "bytes": "'\\xAA\\x00a'::BLOB",
    "bits": "'0101'::BIT",
    "an id": "'00000000-0000-0000-0000-000000000001'::UUID",
    "a choice": "'b'::ENUM ('a', 'b')",
    "yes": "true",
    "nothing": "NULL",
    "no text": "''",
    "signs": "'a\"b''c'",
    "json": """'{"a": 1.50, "b": [null]}'::JSON""",
    "a variant": "42::VARIANT",
    "a union": "union_value(k := DATE 'infinity')",
    "a tuple": "row(1, INTERVAL 1 MONTH)",
    "a list": "[INTERVAL 1 MONTH, NULL]",
    "a list of texts": "['a, b', 'it''s', NULL, '']",
    "an array": "[DATE 'infinity', DATE '2020-01-01']::DATE[2]",
    "a struct": "{'a': 0.1::FLOAT, 'b c': {'d\"e': [TIMESTAMP_NS '2025-01-02 03:04:05.123456789']}}",
    "a map": "MAP {DATE 'infinity': INTERVAL 1 MONTH}",
    "a map of structs": "MAP {1: {'a': [9007199254740993]}}",
    "lists of lists": "[[1.5::DECIMAL(4, 2)], NULL, []]",
    "a list of tuples": "[row(1, 'x')]",
}


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """A database that has a table with a column of every type of the engine."""
    database = Database(tmp_path_factory.mktemp("typed") / "healthsim.duckdb", lock_timeout=20)
    with database.write() as connection:
        _make(connection, "every_type")
    return database


def _make(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """A table of every type that files of this format can hold; the format is that of DuckDB 1.5."""
    newer = {"empty_struct", "tuple", "timestamp_tz_ns"}
    kept = [
        f'"{column}"'
        for column, *_ in connection.execute("FROM test_all_types() LIMIT 0").description or ()
        if column not in newer
    ]
    connection.execute(f"CREATE TABLE {name} AS SELECT {', '.join(kept)} FROM test_all_types()")


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def _texts(connection: duckdb.DuckDBPyConnection, sql: str) -> list[list[str | None]]:
    return [list(row) for row in connection.execute(f"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ({sql})").fetchall()]


@pytest.mark.long
def test_every_type_of_the_engine_is_shown_as_it_writes_it(typed: Database, engine: duckdb.DuckDBPyConnection) -> None:
    """The kind: a value that goes through a type of Python loses what that type cannot hold."""
    columns = ", ".join(f'"{name}"' for name in ask(typed, "FROM every_type LIMIT 0").columns)
    assert columns.count(",") > 45
    expected = _texts(engine, f"SELECT {columns} FROM test_all_types()")
    assert ask(typed, "FROM every_type", as_text=True).rows == expected
    nested = "SELECT [\"interval\"], {{'a': \"date\", 'b': [float]}}, MAP {{1: geometry}} FROM {}"
    expected = _texts(engine, nested.format("test_all_types()"))
    assert ask(typed, nested.format("every_type"), as_text=True).rows == expected


def test_the_table_has_every_type() -> None:
    """``duckdb_types()`` names no type that the table or the list above leaves out."""
    with duckdb.connect() as connection:
        known = {row[0] for row in connection.execute("SELECT DISTINCT logical_type FROM duckdb_types()").fetchall()}
        tried = {
            str(kind).split("(")[0].split("[")[0]
            for _, kind, *_ in (
                *connection.execute("FROM test_all_types() LIMIT 0").description,
                *connection.execute("SELECT " + ", ".join(VALUES.values())).description,
            )
        }
    # LIST and ARRAY are written with brackets; TYPE is no value of a column; NULL becomes a number
    assert known - tried - {"LIST", "ARRAY", "TYPE", "NULL", "TUPLE"} == set()


@pytest.fixture(scope="module")
def shown(typed: Database, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All values in one row, by every door."""
    sql = tmp_path_factory.mktemp("sql") / "values.sql"
    sql.write_text("SELECT " + ", ".join(VALUES.values()), encoding="utf-8")
    outputs = {}
    for door in ("--csv", "--json", ""):
        words = ["--db", typed.location.text, "sql", "-f", str(sql), *([door] if door else [])]
        result = CliRunner().invoke(healthsim, words, catch_exceptions=False)
        outputs[door] = result.stdout
    _, row = csv.reader(io.StringIO(outputs["--csv"]))
    return {"csv": row, "json": json.loads(outputs["--json"])["rows"][0], "table": outputs[""]}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_shown_as_the_engine_writes_it(
    name: str, shown: dict[str, Any], engine: duckdb.DuckDBPyConnection
) -> None:
    ((text,),) = _texts(engine, f"SELECT {VALUES[name]}")
    place = list(VALUES).index(name)
    assert shown["csv"][place] == (text or "")
    assert (text or "") in shown["table"]
    value = shown["json"][place]
    if isinstance(value, str):
        assert value == text
    elif isinstance(value, bool) or value is None:
        assert json.dumps(value) == (text or "null")
    elif isinstance(value, int | float):
        assert value == float(text or "")


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT INTERVAL '1 month', 0.1::FLOAT, DATE 'infinity'", [["1 month", 0.1, "infinity"]]),
        ("SELECT [INTERVAL 1 MONTH], {'a': DATE '-infinity'}", [[["1 month"], {"a": "-infinity"}]]),
        ("SELECT MAP {DATE '2025-01-02': 1.5::DOUBLE}, NULL::INTEGER[]", [[{"2025-01-02": 1.5}, None]]),
        ("SELECT count(*), sum(range)::DECIMAL(38, 2) FROM range(3)", [[3, 3.0]]),
        ("SELECT 'nan'::DOUBLE, 'inf'::DOUBLE, true, NULL", [["nan", "inf", True, None]]),
        ("SELECT row(1, 'x'), '\\xAA'::BLOB", [["(1, x)", "\\xAA"]]),
        ("SELECT 1 AS a, 2 AS a", [[1, 2]]),
    ],
)
@pytest.mark.long
def test_json_has_numbers_where_they_are_exact(typed: Database, sql: str, rows: list[list[Any]]) -> None:
    assert ask(typed, sql).rows == rows


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("1, 9007199254740992", [1, 2**53]),
        ("1, 9007199254740993", ["1", "9007199254740993"]),
        ("-9007199254740993, NULL, 2", ["-9007199254740993", None, "2"]),
        ("1.50::DECIMAL(38, 2), 2.25", [1.5, 2.25]),
        ("1.50::DECIMAL(38, 2), 12345678901234567890.12", ["1.50", "12345678901234567890.12"]),
        ("[1], [9007199254740993, NULL]", [["1"], ["9007199254740993", None]]),
        (
            "{'a': 1::HUGEINT, 'b': 2.0::DOUBLE}, {'a': 9007199254740993, 'b': 0.5}",
            [{"a": "1", "b": 2.0}, {"a": "9007199254740993", "b": 0.5}],
        ),
    ],
)
@pytest.mark.long
def test_numbers_of_a_column_are_of_one_kind(typed: Database, values: str, expected: list[Any]) -> None:
    """The kind: whole numbers that JavaScript would round are texts, and then all of their column are."""
    assert [row[0] for row in ask(typed, f"SELECT unnest([{values}])").rows] == expected


@pytest.mark.long
def test_names_are_those_of_the_question(typed: Database) -> None:
    assert ask(typed, "SELECT 1 AS a, 2 AS a, 3 AS a_1").columns == ["a", "a", "a_1"]
    assert ask(typed, "SELECT 1 AS \"x y\", 'a' -- end").columns == ["x y", "'a'"]
    assert ask(typed, "SHOW TABLES;").columns == ["name"]


@pytest.mark.long
def test_errors_show_the_line_of_the_question(typed: Database) -> None:
    from healthsim.errors import InvalidInput

    with pytest.raises(InvalidInput, match=r"LINE 2: nome FROM patients\n +\^"):
        ask(typed, "SELECT\nnome FROM patients")
    with pytest.raises(InvalidInput, match=r"LINE 1: SELECT given_name::INT FROM \(VALUES"):
        ask(typed, "SELECT given_name::INT FROM (VALUES ('x')) v(given_name)")


def test_values_that_are_cut() -> None:
    assert cut("x" * 20, 5) == ("xxxxx…", 5, True)
    assert cut(["a", "b" * 100, "c"], 20)[2]
    assert cut({"a": "b" * 100, "c": "1"}, 20)[2]
    assert cut(None, 5) == (None, 4, False)


@pytest.mark.long
def test_a_number_that_is_cut_is_a_text(typed: Database) -> None:
    answer = ask(typed, "SELECT repeat('1', 2000)::BIGNUM", limits=Limits(characters=50))
    assert answer.truncated
    assert answer.rows == [["1" * 50 + "…"]]


def _printed(database: Database, *words: str) -> str:
    result = CliRunner().invoke(healthsim, ["--db", database.location.text, "sql", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.long
def test_csv_quotes_every_end_of_a_line(typed: Database) -> None:
    """RFC 4180: a bare carriage return ends a line for many readers, so it is quoted as others are."""
    sql = "SELECT 'a' || chr(13) || 'b' AS cr, 'c' || chr(10) || 'd' AS lf, 'e\"f' AS q, 'g,h' AS c, 'i' AS plain"
    assert _printed(typed, sql, "--csv") == 'cr,lf,q,c,plain\n"a\rb","c\nd","e""f","g,h",i\n'


@pytest.mark.long
def test_csv_and_tables_say_the_same(typed: Database) -> None:
    sql = "SELECT true AS yes, 2.50::DECIMAL(9, 2) AS paid, [1, 2] AS list, {'a': 'x'} AS struct, 1234567 AS whole"
    row = ["true", "2.50", "[1, 2]", "{'a': x}", "1234567"]
    assert next(csv.reader(io.StringIO(_printed(typed, sql, "--csv").split("\n", 1)[1]))) == row
    shown = _printed(typed, sql)
    assert [cell for cell in row if cell not in shown] == []


@pytest.mark.long
def test_a_plan_is_shown_as_it_is_drawn(typed: Database) -> None:
    text = _printed(typed, "EXPLAIN SELECT count(*) FROM patients")
    assert "\N{REPLACEMENT CHARACTER}" not in text
    assert len(text.splitlines()) > 5
