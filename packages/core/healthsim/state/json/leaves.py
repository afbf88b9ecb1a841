"""Leaf values: every text, number, true, false and null of a JSON text, to prove that none was lost."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from healthsim.state.scenarios import Scenario
from healthsim.state.statements import filled
from healthsim.state.tables import tables_of

if TYPE_CHECKING:
    import duckdb

_TOKEN = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|[-+.\w]+')


def leaves(text: str) -> Iterator[str]:
    """The leaf values of a JSON text: texts decoded and in quotes, everything else as it is spelled."""
    for match in _TOKEN.finditer(text):
        string, is_key = match.group(1), match.group(2)
        if string is None:
            yield match.group()
        elif is_key is None:
            yield string if "\\" not in string else f'"{json.loads(string)}"'


def missing_leaves(connection: duckdb.DuckDBPyConnection, scenario: Scenario, files: Iterable[Path]) -> list[str]:
    """The leaf values of files that are not stored as often as they stand there."""
    wanted: Counter[str] = Counter()
    for file in files:
        wanted.update(leaves(file.read_text(encoding="utf-8-sig")))
    for text in _stored(connection, scenario):
        wanted.subtract(leaves(text))
    return [leaf for leaf, count in wanted.items() if count > 0]


def _stored(connection: duckdb.DuckDBPyConnection, scenario: Scenario) -> Iterator[str]:
    """Every text that is kept of a scenario's input."""
    yield scenario.attributes or ""
    for part in scenario.envelope.values():
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            yield from part.values()
    with tables_of(connection, scenario.scenario_id) as tables:
        result = tables.execute(filled("stored_texts"))
        while rows := result.fetchmany(1_000):
            for row in rows:
                yield from (text for text in row if text is not None)
