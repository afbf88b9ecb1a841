"""What a question may be: one statement that only reads tables, decided on the engine's own syntax tree.

Everything is an allow-list: kinds of statements, of tree nodes, functions, and the tables that the database has.
What the list does not know is refused, so that a new feature of the engine is closed until somebody has read it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import duckdb

from healthsim.db.query import functions, tokens
from healthsim.db.query.walk import STATEMENTS, Name, Walk
from healthsim.errors import InvalidInput


@dataclass(frozen=True)
class Checked:
    """What the check learned about a question.

    Attributes:
        tables: the tables that it reads, as (schema, name) in lower case.
        lists_tables: its answer may say what tables there are.
        explains: it is an EXPLAIN: its answer says how tables are read.
    """

    tables: frozenset[Name]
    lists_tables: bool
    explains: bool


def check(
    connection: duckdb.DuckDBPyConnection, sql: str, known: frozenset[Name], *, filtered: bool = False
) -> Checked:
    """Make sure that a text is one statement that only reads the tables of the database.

    Args:
        connection: any; its parser is used, nothing is run on the database.
        sql: the text.
        known: the tables and views that may be read, as (schema, name) in lower case.
        filtered: only one scenario is visible.

    Raises:
        InvalidInput: it is something else; the message says what, and what is possible.
    """
    if "\0" in sql:
        raise InvalidInput("The question holds a NUL character, where SQL has none. Remove it.")
    words = tokens.tokens_of(sql)
    kinds = _kinds(connection, sql)
    if tokens.end_of_statement(words) is not None:
        raise InvalidInput("The question has several statements; expected one. Ask them one after the other.")
    inner = tokens.behind_explain(sql, words)
    if inner is not None:
        if tokens.behind_explain(inner, tokens.tokens_of(inner)) is not None:
            raise InvalidInput("EXPLAIN of an EXPLAIN; expected EXPLAIN and one SELECT.")
        kinds = _kinds(connection, inner)
        sql, words = inner, tokens.tokens_of(inner)
    walk = Walk(connection, known, filtered)
    statements = _serialized(connection, sql)
    if statements is not None:
        walk.trees(statements)
    elif any(word.word.startswith("pivot") for word in words) and kinds <= {"CREATE", "SELECT", "MULTI"}:
        _check_pivot(connection, sql, words, walk)
    else:
        raise _refused_statement(words, kinds)
    return Checked(frozenset(walk.tables), walk.of_catalog, inner is not None)


def _check_pivot(connection: duckdb.DuckDBPyConnection, sql: str, words: list[tokens.Token], walk: Walk) -> None:
    """A PIVOT that finds its values in the data: the engine shows no tree of it, but does of its parts."""
    parts = tokens.without_pivot_columns(sql, words)
    trees: list[dict[str, Any]] = []
    for text in () if parts is None else (parts[0], *(f"SELECT {columns}" for columns in parts[1])):
        if tokens.end_of_statement(tokens.tokens_of(text)) is not None:
            raise InvalidInput("The question has several statements; expected one.")
        trees += _serialized(connection, text) or ()
    if parts is None or len(trees) != 1 + len(parts[1]) or words[0].word in ("create", "insert", "copy"):
        raise InvalidInput(
            "This form of PIVOT cannot be checked. Write PIVOT table ON columns USING aggregates GROUP BY columns, or"
            " name the values: ON column IN ('a', 'b')."
        )
    walk.trees(trees)
    # the parts were cut from the text by its words, so the words must not say more than the trees do
    engine = {row[0] for row in connection.execute("SELECT lower(function_name) FROM duckdb_functions()").fetchall()}
    for name in sorted((tokens.calls(words) & engine) - functions.TABLE - walk.with_names):
        if not functions.is_scalar(name):
            raise walk.refused_function(name, functions.SCALAR)


def _kinds(connection: duckdb.DuckDBPyConnection, sql: str) -> set[str]:
    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error as error:
        raise InvalidInput(f"The question is no SQL that can be read: {str(error).strip()}") from None
    if not statements:
        raise InvalidInput("The question is empty; expected one SELECT.")
    return {_kind(statement) for statement in statements}


def _kind(statement: Any) -> str:
    try:
        return str(statement.type.name)
    except ValueError:
        # a kind that the engine knows and its Python package has no name for
        return "OTHER"


def _serialized(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]] | None:
    """The syntax tree of one SELECT; None for what the engine has no tree of."""
    row = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchone()
    try:
        tree: dict[str, Any] = json.loads(row[0]) if row else {"error": True}
    except RecursionError:
        raise InvalidInput("The question is nested too deeply. Write it as several steps with WITH.") from None
    if tree.get("error"):
        return None
    statements: list[dict[str, Any]] = tree["statements"]
    if len(statements) != 1:
        raise InvalidInput("The question has several statements; expected one. Ask them one after the other.")
    return statements


def _refused_statement(words: list[tokens.Token], kinds: set[str]) -> InvalidInput:
    first = words[0].word.upper() if words else "nothing"
    return InvalidInput(
        f"The question is a statement of another kind ({first}); expected one {STATEMENTS}. Nothing was run. Data is"
        " changed by the scenario commands and tools.",
        statement=first,
        kinds=sorted(kinds),
    )
