"""What a question may be: one statement that only reads tables, decided on the engine's own syntax tree.

Everything is an allow-list: kinds of statements, of tree nodes, functions, and the tables that the database has.
What the list does not know is refused, so that a new feature of the engine is closed until somebody has read it.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import duckdb

from healthsim.db.query import functions, tokens
from healthsim.errors import InvalidInput

_STATEMENTS = "SELECT (also FROM, WITH, VALUES, TABLE, PIVOT, UNPIVOT), DESCRIBE, SUMMARIZE, SHOW TABLES or EXPLAIN"
_EXPRESSIONS = frozenset(
    [
        "BETWEEN",
        "CASE",
        "CAST",
        "COLLATE",
        "COLUMN_REF",
        "COMPARISON",
        "CONJUNCTION",
        "CONSTANT",
        "FUNCTION",
        "LAMBDA",
        "LAMBDA_REF",
        "OPERATOR",
        "POSITIONAL_REFERENCE",
        "STAR",
        "SUBQUERY",
        "TYPE",
        "WINDOW",
    ]
)
_NODES = frozenset(
    [
        "SELECT_NODE",
        "SET_OPERATION_NODE",
        "RECURSIVE_CTE_NODE",
        "CTE_NODE",
        "BASE_TABLE",
        "SUBQUERY",
        "JOIN",
        "TABLE_FUNCTION",
        "EXPRESSION_LIST",
        "EMPTY",
        "PIVOT",
        "SHOW_REF",
        "ORDER_MODIFIER",
        "LIMIT_MODIFIER",
        "LIMIT_PERCENT_MODIFIER",
        "DISTINCT_MODIFIER",
        "ORDER_DEFAULT",
        "ASCENDING",
        "DESCENDING",
    ]
)
_TYPE_INFO = re.compile(r"[A-Z_]+_TYPE_INFO")
_PLAIN_NAME = re.compile(r"[\w $#-]+")
_HOME_SCHEMAS = frozenset(("", "main"))
_BUILT_IN = frozenset(("", "main", "pg_catalog", "system"))
_LISTINGS = {'"tables"': False, "tables": False, "__show_tables_expanded": True}

Name = tuple[str, str]


@dataclass(frozen=True)
class Checked:
    """What the check found: the tables that the question reads, as (schema, name) in lower case."""

    tables: frozenset[Name]


@dataclass
class _Check:
    """One walk over a syntax tree.

    Attributes:
        known: the tables and views that may be read, as (schema, name) in lower case.
        filtered: only one scenario is visible.
        with_names: names that WITH defines in the statement.
    """

    known: frozenset[Name]
    filtered: bool
    with_names: set[str] = field(default_factory=set)
    tables: set[Name] = field(default_factory=set)

    def tree(self, statements: list[dict[str, Any]]) -> None:
        """Look at every node; the names that WITH defines are learned first."""
        nodes = [node for statement in statements for node in _nodes(statement)]
        for node in nodes:
            for entry in _with_entries(node):
                self._with_name(str(entry))
        for node in nodes:
            self._node(node)

    def _with_name(self, name: str) -> None:
        if not _PLAIN_NAME.fullmatch(name):
            raise InvalidInput(f"WITH defines {_shown(name)}; expected a name of letters, digits and underscores.")
        self.with_names.add(name.lower())

    def _node(self, node: dict[str, Any]) -> None:
        kind, group = node.get("type"), node.get("class")
        if isinstance(group, str):
            if group == "PARAMETER":
                raise InvalidInput("The question has a parameter (?, $1 or :name). Write the value itself instead.")
            if group not in _EXPRESSIONS:
                raise _unknown(group)
        elif isinstance(kind, str) and kind not in _NODES and not _TYPE_INFO.fullmatch(kind):
            raise _unknown(kind)
        if kind == "TABLE_FUNCTION" and group is None:
            self._table_function(node)
        elif kind == "BASE_TABLE" and group is None:
            self._table(node)
        elif kind == "SHOW_REF" and group is None:
            self._show(node)
        elif group in ("FUNCTION", "WINDOW"):
            self._function(node)

    def _function(self, node: dict[str, Any]) -> None:
        name = str(node.get("function_name", "")).lower()
        if node.get("is_table_function"):
            return
        # the name alone counts: given_name.upper() has the column in the place of a schema
        if name not in functions.SCALAR:
            raise _refused_function(name, functions.SCALAR)

    def _table_function(self, node: dict[str, Any]) -> None:
        call = node["function"]
        name = str(call.get("function_name", "")).lower()
        call["is_table_function"] = True
        if not _is_built_in(call):
            raise _refused_function(name, functions.TABLE)
        if name in functions.CATALOG:
            if self.filtered:
                raise InvalidInput(
                    f"{name}() counts the rows of every scenario and is not possible together with a scenario."
                    " Use SHOW TABLES or DESCRIBE TABLE_NAME, or ask without the scenario."
                )
        elif name not in functions.TABLE:
            raise _refused_function(name, functions.TABLE)

    def _table(self, node: dict[str, Any]) -> None:
        catalog, schema = str(node.get("catalog_name") or ""), str(node.get("schema_name") or "").lower()
        name = str(node.get("table_name") or "").lower()
        path = (node.get("qualified_name") or {}).get("path") or []
        if catalog or len(path) > 2:
            raise InvalidInput(
                f"{_shown('.'.join(filter(None, (catalog, schema, name))))} names a database; only this one can be"
                f" read. Leave that part out: {name}."
            )
        self._read(schema, name, written=str(node.get("table_name") or ""))

    def _read(self, schema: str, name: str, written: str) -> None:
        if not schema and name in self.with_names:
            return
        if schema == "information_schema" and name in functions.INFORMATION_SCHEMA:
            return
        found = (schema or "main", name)
        if found in self.known:
            self.tables.add(found)
            return
        if not _PLAIN_NAME.fullmatch(name):
            raise InvalidInput(
                f"{_shown(written)} is no table of the database, and files cannot be read here. SHOW TABLES lists the"
                " tables; healthsim scenario import reads JSON files into one."
            )
        label = f"{schema}.{written}" if schema else written
        near = difflib.get_close_matches(name, sorted({known for _, known in self.known}), n=3, cutoff=0.6)
        hint = f"Did you mean {', '.join(near)}?" if near else "SHOW TABLES lists them."
        raise InvalidInput(f"There is no table {_shown(label)} in the database. {hint}", table=label, similar=near)

    def _show(self, node: dict[str, Any]) -> None:
        if node.get("query"):
            return
        name, schema = str(node.get("table_name") or ""), str(node.get("schema_name") or "").lower()
        if str(node.get("catalog_name") or ""):
            raise InvalidInput("SHOW and DESCRIBE take no database name; only this database can be read.")
        if not schema and name in _LISTINGS:
            if _LISTINGS[name] and self.filtered:
                raise InvalidInput("SHOW ALL TABLES is not possible together with a scenario. Use SHOW TABLES.")
            return
        if not name:
            if schema not in {known for known, _ in self.known}:
                raise InvalidInput(f"There is no schema {_shown(schema)} in the database; expected main or latest.")
            return
        bare = name[1:-1].replace('""', '"') if name.startswith('"') and name.endswith('"') else name
        self._read(schema, bare.lower(), written=bare)


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
    walk = _Check(known, filtered)
    statements = _serialized(connection, sql)
    if statements is not None:
        walk.tree(statements)
    elif any(word.word.startswith("pivot") for word in words) and kinds <= {"CREATE", "SELECT", "MULTI"}:
        _check_pivot(connection, sql, words, walk)
    else:
        raise _refused_statement(words, kinds)
    return Checked(frozenset(walk.tables))


def _check_pivot(connection: duckdb.DuckDBPyConnection, sql: str, words: list[tokens.Token], walk: _Check) -> None:
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
    walk.tree(trees)
    # the parts were cut from the text by its words, so the words must not say more than the trees do
    engine = {row[0] for row in connection.execute("SELECT lower(function_name) FROM duckdb_functions()").fetchall()}
    for name in sorted((tokens.calls(words) & engine) - functions.SCALAR - functions.TABLE - walk.with_names):
        raise _refused_function(name, functions.SCALAR)


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


def _nodes(root: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every object of a tree; a parent comes before its children."""
    waiting: list[Any] = [root]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            yield item
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def _with_entries(node: dict[str, Any]) -> Iterator[Any]:
    entries = node.get("cte_map")
    if isinstance(entries, dict) and isinstance(entries.get("map"), list):
        yield from (entry["key"] for entry in entries["map"])
    if isinstance(node.get("cte_name"), str):
        yield node["cte_name"]


def _is_built_in(call: dict[str, Any]) -> bool:
    """Whether a call names no database, and no schema but the engine's own."""
    return str(call.get("schema") or "").lower() in _BUILT_IN and str(call.get("catalog") or "").lower() in (
        "",
        "system",
    )


def _refused_function(name: str, allowed: frozenset[str]) -> InvalidInput:
    near = difflib.get_close_matches(name, sorted(allowed), n=3, cutoff=0.7)
    hint = f" Did you mean {', '.join(near)}?" if near else ""
    return InvalidInput(
        f"The function {_shown(name)} is not possible here: questions may compute with the rows of the database, and"
        f" reach no files, settings, network or other SQL.{hint}",
        function=name,
    )


def _refused_statement(words: list[tokens.Token], kinds: set[str]) -> InvalidInput:
    first = words[0].word.upper() if words else "nothing"
    return InvalidInput(
        f"The question is a statement of another kind ({first}); expected one {_STATEMENTS}. Nothing was run. Data is"
        " changed by the scenario commands and tools.",
        statement=first,
        kinds=sorted(kinds),
    )


def _unknown(kind: str) -> InvalidInput:
    return InvalidInput(
        f"The question uses a construct that is not possible here ({kind}); expected one {_STATEMENTS}.", construct=kind
    )


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:79] + "…")
