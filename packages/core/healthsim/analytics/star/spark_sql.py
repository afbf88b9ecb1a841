"""The star's own statements in the SQL of Spark, and what a build adds to them: keys, types, the rows Unknown and Not applicable."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from healthsim.analytics.star import declared
from healthsim.analytics.star.declared import FIRST_DAY, LAST_DAY, columns_of
from healthsim.analytics.star.heads import Column
from healthsim.analytics.star.seed_tables import member_rows

#: SQL type -> what Spark calls it; instants are UTC without a zone, as in files that the program writes itself
_TYPES = {"VARCHAR": "STRING", "UUID": "STRING", "JSON": "STRING", "INTEGER": "INT", "TIMESTAMP": "TIMESTAMP_NTZ"}


def spark_sql(statement: str) -> str:
    """A statement of DuckDB for Spark."""
    import sqlglot
    from sqlglot import exp

    tree = sqlglot.parse_one(statement, read="duckdb")
    for split in list(tree.find_all(exp.Split)):
        if isinstance(split.expression, exp.Literal):
            # Spark splits at a pattern, and not every engine that speaks its language quotes one with \Q
            pattern = "".join(
                f"\\\\{letter}" if letter in r".*+?^$|()[]{}\\" else letter for letter in split.expression.name
            )
            split.replace(exp.RegexpSplit(this=split.this, expression=exp.Literal.string(pattern)))
    return tree.sql("spark")


def spark_type(sql_type: str) -> str:
    """A type of the database in Spark."""
    return _TYPES.get(sql_type, sql_type)


def quoted(name: str) -> str:
    """An identifier, quoted for Spark."""
    return "`" + name.replace("`", "``") + "`"


def nothing(columns: Sequence[tuple[str, str]]) -> str:
    """A SELECT of no rows with columns of these types."""
    listed = ", ".join(f"CAST(NULL AS {spark_type(kind)}) AS {quoted(name)}" for name, kind in columns)
    return f"SELECT {listed} WHERE 1 = 0"


def shaped(table: str, view: str, there: Collection[str], scenario_key: int) -> str:
    """The rows of a view with the columns of a table of the star, in their order and types.

    Of keys of days, those that the calendar does not have are unknown: typing errors, mostly.
    """
    listed = []
    for column in columns_of(table):
        if column.name == "scenario_key" and column.name not in there:
            value = str(scenario_key)
        elif column.name not in there:
            value = "NULL"
        else:
            value = _known(table, column)
        listed.append(f"CAST({value} AS {spark_type(column.type)}) AS {quoted(column.name)}")
    return f"SELECT {', '.join(listed)} FROM {quoted(view)}"


def _known(table: str, column: Column) -> str:
    name = quoted(column.name)
    is_fact = table in declared.FACTS
    if not is_fact or declared.dimension_of(column.name) != "dim_date":
        return name
    return f"CASE WHEN {name} > 0 AND {name} NOT BETWEEN {FIRST_DAY} AND {LAST_DAY} THEN -1 ELSE {name} END"


def with_members(table: str, select: str) -> str:
    """Rows of a dimension, and the rows Unknown and Not applicable."""
    columns = columns_of(table)
    rows = [
        "SELECT "
        + ", ".join(f"CAST({value} AS {spark_type(column.type)})" for value, column in zip(row, columns, strict=True))
        for row in member_rows(table)
    ]
    return " UNION ALL ".join([select, *rows])


def keyed(view: str, key: str, natural: Sequence[str], *, settled: str | None, last: int) -> str:
    """Rows of a dimension with their keys: those that they had, and the next numbers in the order of what identifies them.

    Args:
        settled: a view of the keys that were given, with what identifies each row.
        last: the highest number that was given.
    """
    order = ", ".join(f"fresh.{quoted(name)} ASC NULLS LAST" for name in natural)
    if settled is None:
        return f"SELECT {last} + row_number() OVER (ORDER BY {order}) AS {quoted(key)}, fresh.* FROM {quoted(view)} AS fresh"
    same = " AND ".join(f"known.{quoted(name)} <=> fresh.{quoted(name)}" for name in natural)
    number = f"{last} + row_number() OVER (PARTITION BY known.old_key IS NULL ORDER BY {order})"
    return (
        f"SELECT coalesce(known.old_key, {number}) AS {quoted(key)}, fresh.* FROM {quoted(view)} AS fresh"
        f" LEFT JOIN {quoted(settled)} AS known ON {same}"
    )
