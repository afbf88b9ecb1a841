"""There is one read: what imports cannot show, a count over the text of the statements does.

Only ``state/tables.py`` knows how the rows of one scenario are found, no layer below the star names its tables, and the
canonical tables are listed nowhere but in the model.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from healthsim.analytics.star import declared
from healthsim.db.query import source
from healthsim.model import ENTITY_TYPES, PERSON_ROLES, PRODUCTS
from healthsim.model.types import arrow_type

SOURCE = Path(__file__).parents[2] / "packages" / "core" / "healthsim"
#: what was released is history
HISTORY = ("migrations", "versions")
#: a statement of one scenario, of whatever it is read, changed or removed
OF_ONE = re.compile(r"\bscenario_id\"?\s*=|=\s*\S*\bscenario_id\b\s*(?:::UUID)?\s*\$")
#: as many names of canonical tables in one literal are a list of them
A_LIST = 4
#: where literals name entity types, and are no list of them
NO_LISTS = {
    "generation/kernels/": "what a kernel makes, by entity type",
    "exchange/fhir/": "elements of FHIR that are called as entity types are",
    "generation/journeys/importing/": "keys of the files of others that are called as entity types are",
    "analytics/star/row_owners.py": "the ways to find the person of a row, which the heads of statements name",
}


def _texts(folder: str = "") -> Iterator[tuple[str, str]]:
    """(file, piece of SQL or text) of the package: statements without comments, and texts of modules that are no docstrings."""
    for path in sorted((SOURCE / folder).rglob("*")):
        name = path.relative_to(SOURCE).as_posix()
        if set(HISTORY) & set(path.relative_to(SOURCE).parts):
            continue
        if path.suffix == ".sql":
            yield name, re.sub(r"--.*", "", path.read_text(encoding="utf-8"))
        elif path.suffix == ".py":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
            said = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, documented)}
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in said:
                    yield name, node.value


@pytest.mark.long
def test_only_one_module_knows_how_the_rows_of_a_scenario_are_found() -> None:
    """Reads, changes and removals of one scenario all take the condition from there."""
    found = [(name, text.strip()[:100]) for name, text in _texts() if OF_ONE.search(text)]
    assert [item for item in found if item[0] != "state/tables.py"] == []
    assert found, "the pattern finds the one that there is"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM main.claims WHERE scenario_id = $scenario",
        "DELETE FROM main.claims AS c WHERE c.scenario_id=?::UUID",
        'FROM patients WHERE "scenario_id" = $1',
        "JOIN encounters AS e ON e.scenario_id = c.scenario_id",
    ],
)
def test_a_statement_of_its_own_would_be_found(text: str) -> None:
    assert OF_ONE.search(text)


@pytest.mark.parametrize("layer", ["db", "state", "model"])
def test_no_layer_below_the_star_names_its_tables(layer: str) -> None:
    """Who has derived tables tells of them by the columns that they have, and by ``db.opening.OWNERS``."""
    derived = {*declared.TABLES, *declared.SCOPED}
    word = re.compile(rf"\b(?:{'|'.join(sorted(derived))})\b|\banalytics\.(?!star\b)\w|'analytics'")
    assert [(name, text.strip()[:100]) for name, text in _texts(layer) if word.search(text)] == []
    assert word.search("SELECT scenario_key FROM analytics.dim_scenario")
    assert word.search("WHERE schema_name = 'analytics'")


def _lists(tree: ast.AST) -> Iterator[list[str]]:
    for node in ast.walk(tree):
        items: list[ast.expr | None] = []
        if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            items = list(node.elts)
        elif isinstance(node, ast.Dict):
            items = list(node.keys)
        words = [item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str)]
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[a-z_\s]+", node.value):
            words = node.value.split()
        yield words


@pytest.mark.long
def test_canonical_tables_are_listed_in_the_model_only() -> None:
    """An entity type that is added is nowhere forgotten: who needs a selection derives it from what the model says."""
    names = {name for known in ENTITY_TYPES.values() for name in (known.name, known.plural)}
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        place = path.relative_to(SOURCE).as_posix()
        if place.startswith(("model/", *NO_LISTS)) or set(HISTORY) & set(path.parts):
            continue
        for words in _lists(ast.parse(path.read_text(encoding="utf-8"))):
            if len(names.intersection(words)) >= A_LIST:
                found.append((place, words))
    assert found == []


def test_the_model_says_once_who_is_a_human_being_and_what_makes_whom() -> None:
    assert PERSON_ROLES == ("person", "patient", "member", "rx_member", "subject")
    assert set(PRODUCTS) == {known.family for known in ENTITY_TYPES.values()} - {"core"}


def test_every_column_has_a_type_in_arrow() -> None:
    for known in ENTITY_TYPES.values():
        for column in known.columns:
            assert arrow_type(column.sql_type) is not None


def test_safe_sql_shows_no_table_that_does_not_say_whose_its_rows_are() -> None:
    """The only names that it knows are those of public statistics."""
    text = Path(source.__file__).read_text(encoding="utf-8")
    assert "dim_" not in text
    assert "analytics" not in text
