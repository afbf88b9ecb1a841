"""The house rules that a machine can check."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "packages" / "core" / "healthsim"
MODULES = sorted(SOURCE.rglob("*.py"))


def test_what_belongs_to_no_one_is_not_kept() -> None:
    """What a test leaves in the folder of the project is no part of it."""
    odd = [path.name for path in ROOT.iterdir() if path.name.startswith("<")]
    assert odd == []


def test_no_two_modules_of_the_tests_share_a_name() -> None:
    """pytest knows a module by its name alone, and leaves out the second one of a run with an error."""
    names = [path.name for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py"]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_imports_point_one_way_only() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_says_what_it_is_and_stays_readable(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "a module starts with what it is for"
    assert len(text.splitlines()) <= 450, "a module that long is more than one thing"


@pytest.mark.long
def test_nothing_is_caught_wholesale() -> None:
    """Only the two outermost doors may catch everything: the command line, and the assistant's server."""
    found = []
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                caught = {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)} if node.type else {""}
                if caught & {"", "Exception", "BaseException"}:
                    found.append(str(module.relative_to(SOURCE)))
    assert set(found) <= {"cli/__init__.py", "server/__init__.py", "server/app.py"}


def test_help_imports_nothing_heavy() -> None:
    """`healthsim --help` answers at once because it loads none of these."""
    heavy = {"duckdb", "pydantic", "numpy", "pyarrow", "mcp", "rich"}
    script = "import sys\nfrom healthsim.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
    script += f"print(sorted({heavy!r} & set(sys.modules)), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


@pytest.mark.long
def test_listing_scenarios_imports_neither_numpy_nor_pyarrow_nor_the_model(tmp_path: Path) -> None:
    script = "import sys\nfrom healthsim.state import list_scenarios\nlist_scenarios(database=sys.argv[1])\n"
    script += "print(sorted({'numpy', 'pyarrow', 'pydantic', 'mcp'} & set(sys.modules)))"
    command = [sys.executable, "-c", script, str(tmp_path / "x.duckdb")]
    subprocess.run(command, check=True, capture_output=True)  # the first run makes the database
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_statement_file_is_used() -> None:
    code = "\n".join(module.read_text(encoding="utf-8") for module in MODULES)
    for statement in (SOURCE / "state" / "sql").glob("*.sql"):
        assert f'"{statement.stem}"' in code, f"{statement.name} is not run by anything"


#: tables of scenarios, and of their entities: who may put rows into them
WRITERS = {"state/save.py", "state/load_staged.py"}
ABOUT_SCENARIOS = {"scenarios", "scenario_tags", "migrated_files"}


@pytest.mark.long
def test_entities_are_written_in_one_place() -> None:
    """Only the save and the loader that it calls insert into canonical tables, whoever has the rows."""
    from healthsim.model import ENTITY_TYPES

    entities = {"scenario_documents", *(known.plural for known in ENTITY_TYPES.values())}
    into = re.compile(r'INSERT\s+(?:OR\s+\w+\s+)?INTO\s+(?:main\.(?P<any>[\w{"]+)|"?(?P<named>\w+))', re.I)
    code = {str(module.relative_to(SOURCE)): module.read_text(encoding="utf-8") for module in MODULES}
    texts = {name: {name} for name in code}
    for statement in SOURCE.rglob("sql/*.sql"):
        name = str(statement.relative_to(SOURCE))
        # who runs a statement: modules of its package that name it
        texts[name] = {
            module
            for module, text in code.items()
            if (SOURCE / module).is_relative_to(statement.parents[1]) and f'"{statement.stem}"' in text
        }
    wrong = []
    for name, runs in texts.items():
        for found in into.finditer((SOURCE / name).read_text(encoding="utf-8")):
            table = found["any"] or found["named"]
            if table in ABOUT_SCENARIOS or (found["any"] is None and table not in entities):
                continue
            if not runs <= WRITERS:
                wrong.append(f"{name} inserts into {table}, run by {', '.join(sorted(runs))}")
    assert not wrong, wrong
    assert texts["state/sql/insert_into_scenario.sql"] == {"state/save.py"}
    assert texts["state/sql/insert_rows.sql"] == {"state/load_staged.py"}


def test_no_column_has_a_name_that_staged_rows_use() -> None:
    """What a save puts beside the columns of a row would take the place of such a column without a word."""
    from healthsim.model import ENTITY_TYPES
    from healthsim.state.staging import ROW_EXTRAS

    taken = [f"{known.plural}.{column.name}" for known in ENTITY_TYPES.values() for column in known.columns]
    assert not [name for name in taken if name.partition(".")[2] in ROW_EXTRAS]
