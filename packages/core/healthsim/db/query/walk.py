"""The walk over the engine's own syntax tree of a question: every node, function and table is on a list, or refused.

A name that WITH defines counts where the engine sees it, and nowhere else: in the queries that follow within the same
WITH, in its body and below. What has the name of a view of the engine's catalog cannot be defined at all, so that a
mistake about a scope opens nothing.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import duckdb

from healthsim.db.query import functions
from healthsim.errors import InvalidInput
from healthsim.remedies import remedy

STATEMENTS = "SELECT (also FROM, WITH, VALUES, TABLE, PIVOT, UNPIVOT), DESCRIBE, SUMMARIZE, SHOW TABLES or EXPLAIN"
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
#: the schema whose tables builds make
_STAR = "analytics"
_PLAIN_NAME = re.compile(r"[\w $#-]+")
_BUILT_IN = frozenset(("", "main", "pg_catalog", "system"))
_LISTINGS = {'"tables"': False, "tables": False, "__show_tables_expanded": True}

#: the schema under which a recursive query with USING KEY sees all rows that it has found so far
_RECURRING = "recurring"
#: what the engine finds without a schema besides the tables of the database
_SYSTEM_VIEWS = "SELECT lower(view_name) FROM duckdb_views() WHERE internal AND schema_name <> 'information_schema'"
_ENGINE_FUNCTIONS = "SELECT DISTINCT lower(function_name) FROM duckdb_functions()"

Name = tuple[str, str]
#: the names that WITH has defined around a node, in lower case; those of the schema ``recurring`` with it
Scope = frozenset[str]
_NOTHING: Scope = frozenset()


@dataclass
class Walk:
    """One walk over the trees of a question.

    Attributes:
        connection: its catalog says what the engine has; nothing of the question is run on it.
        known: the tables and views that may be read, as (schema, name) in lower case.
        filtered: only one scenario is visible.
        tables: those that the question reads.
        with_names: every name that WITH defines anywhere.
        of_catalog: the question asks the engine what tables there are.
    """

    connection: duckdb.DuckDBPyConnection
    known: frozenset[Name]
    filtered: bool
    tables: set[Name] = field(default_factory=set)
    with_names: set[str] = field(default_factory=set)
    of_catalog: bool = False

    def trees(self, statements: list[dict[str, Any]]) -> None:
        """Look at every node of every statement; a parent comes before its children."""
        waiting: list[tuple[Any, Scope]] = [(statement, _NOTHING) for statement in statements]
        while waiting:
            item, scope = waiting.pop()
            if isinstance(item, list):
                waiting.extend((part, scope) for part in item)
            elif isinstance(item, dict):
                for part, inner in self._parts(item, scope):
                    waiting.append((part, inner))

    def _parts(self, node: dict[str, Any], scope: Scope) -> Iterator[tuple[Any, Scope]]:
        """What a node holds, each part with the names that it sees; the node itself is checked first."""
        entries = (node.get("cte_map") or {}).get("map") if isinstance(node.get("cte_map"), dict) else None
        for entry in entries or ():
            # a definition sees those before it, not itself
            yield entry["value"], scope
            scope |= {self._with_name(entry["key"])}
        self._node(node, scope)
        rest = [(key, part) for key, part in node.items() if key != "cte_map"]
        if not isinstance(node.get("cte_name"), str):
            yield from ((part, scope) for _, part in rest)
            return
        name = self._with_name(node["cte_name"])
        # the second part of a recursive query sees what the first has found; of another kind, what follows it does
        recursive = node.get("type") == "RECURSIVE_CTE_NODE"
        seen = scope | ({name, f"{_RECURRING}.{name}"} if recursive else {name})
        for key, part in rest:
            yield part, seen if key == ("right" if recursive else "child") else scope

    def _with_name(self, written: Any) -> str:
        name = str(written).lower()
        if not _PLAIN_NAME.fullmatch(name):
            raise InvalidInput(
                f"WITH defines {_shown(str(written))}; expected a name of letters, digits and underscores."
            )
        if name not in self.with_names and name in self._engine(_SYSTEM_VIEWS):
            raise InvalidInput(
                f"WITH defines {_shown(str(written))}, the name of a view of the database engine. Choose another name."
            )
        self.with_names.add(name)
        return name

    def _engine(self, question: str) -> set[str]:
        return {str(row[0]) for row in self.connection.execute(question).fetchall()}

    def _node(self, node: dict[str, Any], scope: Scope) -> None:
        kind, group = node.get("type"), node.get("class")
        if isinstance(group, str):
            if group == "PARAMETER":
                raise InvalidInput("The question has a parameter (?, $1 or :name). Write the value itself instead.")
            if group not in _EXPRESSIONS:
                raise _unknown(group)
        elif isinstance(kind, str) and kind not in _NODES and not _TYPE_INFO.fullmatch(kind):
            raise _unknown(kind)
        if kind == "TABLE_FUNCTION" and group is None:
            self._table_function(node, scope)
        elif kind == "BASE_TABLE" and group is None:
            self._table(node, scope)
        elif kind == "SHOW_REF" and group is None:
            self._show(node, scope)
        elif group in ("FUNCTION", "WINDOW"):
            self._function(node)

    def _function(self, node: dict[str, Any]) -> None:
        name = str(node.get("function_name", "")).lower()
        if node.get("is_table_function"):
            return
        # the name alone counts: given_name.upper() has the column in the place of a schema
        if name == "current_setting":
            self._setting(node)
        elif not functions.is_scalar(name):
            raise self.refused_function(name, functions.SCALAR)

    def _setting(self, node: dict[str, Any]) -> None:
        texts = [_constant(expression) for _, expression in _arguments(node)]
        if len(texts) != 1 or (texts[0] or "").lower() not in functions.SETTINGS:
            raise InvalidInput(
                f"current_setting() shows {', '.join(sorted(functions.SETTINGS))} here, by a constant name; other"
                " settings say nothing about the data."
            )

    def _table_function(self, node: dict[str, Any], scope: Scope) -> None:
        call = node["function"]
        name = str(call.get("function_name", "")).lower()
        call["is_table_function"] = True
        if not _is_built_in(call):
            raise self.refused_function(name, functions.TABLE)
        if name in functions.OF_TABLE:
            self._source(name, call, scope)
        elif name in functions.CATALOG:
            if self.filtered:
                raise InvalidInput(
                    f"{name}() counts the rows of every scenario and is not possible together with a scenario."
                    " Use SHOW TABLES or DESCRIBE TABLE_NAME, or ask without the scenario."
                )
        elif name not in functions.TABLE:
            raise self.refused_function(name, functions.TABLE)

    def _source(self, function: str, call: dict[str, Any], scope: Scope) -> None:
        """The table that histogram(TABLE, column) reads: the engine takes it by its name, as a text."""
        arguments = list(_arguments(call))
        sources = [item for place, (name, item) in enumerate(arguments) if name == "source" or (not name and not place)]
        parts: list[str] = []
        if len(sources) == 1 and sources[0].get("class") == "COLUMN_REF":
            parts = [str(part) for part in sources[0].get("column_names") or ()]
        elif len(sources) == 1:
            parts = (_constant(sources[0]) or "").split(".")
        if len(parts) not in (1, 2) or not all(_PLAIN_NAME.fullmatch(part) for part in parts):
            raise InvalidInput(
                f"{function}() expects the name of a table first: {function}(patients, birth_date, bin_count := 10)."
            )
        schema = parts[0].lower() if len(parts) == 2 else ""
        self._read(schema, parts[-1].lower(), parts[-1], scope)

    def _table(self, node: dict[str, Any], scope: Scope) -> None:
        catalog, schema = str(node.get("catalog_name") or ""), str(node.get("schema_name") or "").lower()
        name = str(node.get("table_name") or "").lower()
        path = (node.get("qualified_name") or {}).get("path") or []
        if catalog or len(path) > 2:
            raise InvalidInput(
                f"{_shown('.'.join(filter(None, (catalog, schema, name))))} names a database; only this one can be"
                f" read. Leave that part out: {name}."
            )
        self._read(schema, name, str(node.get("table_name") or ""), scope)

    def _read(self, schema: str, name: str, written: str, scope: Scope) -> None:
        if (f"{schema}.{name}" if schema == _RECURRING else name if not schema else None) in scope:
            return
        if schema == "information_schema" and name in functions.INFORMATION_SCHEMA:
            self.of_catalog = True
            return
        table = (schema or "main", name)
        if table in self.known:
            self.tables.add(table)
            return
        if not _PLAIN_NAME.fullmatch(name):
            raise InvalidInput(
                f"{_shown(written)} is no table of the database, and files cannot be read here. SHOW TABLES lists the"
                " tables; files are imported into them first."
            )
        label = f"{schema}.{written}" if schema else written
        near = difflib.get_close_matches(name, sorted({known for _, known in self.known}), n=3, cutoff=0.6)
        hint = f"Did you mean {', '.join(near)}?" if near else "SHOW TABLES lists them."
        if schema == _STAR and not any(known.startswith(("dim_", "fact_")) for of, known in self.known if of == _STAR):
            hint = f"The star has no tables before a scenario of it is built: {remedy('build a star')}."
        raise InvalidInput(f"There is no table {_shown(label)} in the database. {hint}", table=label, similar=near)

    def _show(self, node: dict[str, Any], scope: Scope) -> None:
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
        self._read(schema, bare.lower(), bare, scope)

    def refused_function(self, name: str, allowed: frozenset[str]) -> InvalidInput:
        """The error for a function that is not on the list, or that the engine does not have."""
        near = difflib.get_close_matches(name, sorted(allowed), n=3, cutoff=0.7)
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        if name not in self._engine(_ENGINE_FUNCTIONS):
            return InvalidInput(
                f"The database engine (DuckDB {duckdb.__version__}) has no function {_shown(name)}.{hint}",
                function=name,
            )
        return InvalidInput(
            f"The function {_shown(name)} is not possible here: questions may compute with the rows of the database,"
            f" and reach no files, settings, network or other SQL.{hint}",
            function=name,
        )


def _arguments(call: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The arguments of a call with their names; DuckDB 2 writes them in another way than DuckDB 1."""
    for item in call.get("children") or ():
        yield str(item.get("alias") or "").lower(), item
    for item in call.get("arguments") or ():
        yield str(item.get("name") or "").lower(), item["expression"]


def _constant(expression: dict[str, Any]) -> str | None:
    """The text of a constant; None for anything else."""
    if expression.get("class") != "CONSTANT":
        return None
    value = (expression.get("literal") or {}).get("text") or (expression.get("value") or {}).get("value")
    return value if isinstance(value, str) else None


def _is_built_in(call: dict[str, Any]) -> bool:
    """Whether a call names no database, and no schema but the engine's own."""
    return str(call.get("schema") or "").lower() in _BUILT_IN and str(call.get("catalog") or "").lower() in (
        "",
        "system",
    )


def _unknown(kind: str) -> InvalidInput:
    return InvalidInput(
        f"The question uses a construct that is not possible here ({kind}); expected one {STATEMENTS}.", construct=kind
    )


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:79] + "…")
