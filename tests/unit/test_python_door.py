"""``import healthsim as hs``: the verbs on the default database."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import healthsim as hs
from healthsim.door import verbs
from healthsim.errors import AlreadyExists, InvalidInput, NotFound, UsageError
from healthsim.workbench import Workbench


@pytest.fixture
def saved() -> str:
    hs.save("clinic", {"patients": [{"patient_id": "p1", "birth_date": "1960-01-01", "gender": "F"}]})
    return "clinic"


@pytest.mark.long
def test_verbs_work_on_the_database_that_the_environment_names(saved: str, tmp_path: Path) -> None:
    assert [scenario.name for scenario in hs.list()] == ["clinic"]
    other = hs.open(tmp_path / "other.duckdb")
    assert list(other.list()) == []
    other.save("elsewhere", {"patients": [{"patient_id": "x"}]})
    assert [scenario.name for scenario in hs.list()] == ["clinic"]
    assert hs.sql("SELECT count(*) FROM patients").rows == [[1]]


@pytest.mark.long
def test_a_scenario_goes_through_its_life(saved: str, tmp_path: Path) -> None:
    hs.add(saved, {"patients": {"patient_id": "p2"}})
    assert hs.show(saved).entities_by_type == {"patients": 2}
    assert hs.tag(saved, "one", "two").tags == ["one", "two"]
    assert hs.untag(saved, ["one"]).tags == ["two"]
    hs.clone(saved, "copy")
    assert hs.merge([saved, "copy"], "both").entity_count == 4
    written = hs.export("share", saved, tmp_path / "clinic.json")
    assert json.loads((tmp_path / "clinic.json").read_text(encoding="utf-8"))["name"] == "clinic"
    assert written.path == tmp_path / "clinic.json"
    back = hs.import_(tmp_path / "clinic.json", as_="back")
    assert (back.name, back.entity_count) == ("back", 2)
    assert hs.load("back").entities["patients"][1] == {"patient_id": "p2"}
    hs.rename("back", "again")
    assert hs.delete("again").entity_count == 2
    assert hs.check(saved).ok
    assert hs.doctor().ok


def test_messages_are_in_words_of_python(saved: str, tmp_path: Path) -> None:
    """newcomers.md 3: errors of the API named options of the command line."""
    with pytest.raises(AlreadyExists, match=r'use overwrite=True to replace it or mode="merge" to add to it'):
        hs.save(saved, {"patients": []})
    with pytest.raises(NotFound, match=r"See: healthsim\.list\(\)"):
        hs.show("zzzzz")
    hs.export("share", saved, tmp_path / "x.json")
    with pytest.raises(AlreadyExists, match="Use overwrite=True to replace it"):
        hs.export("share", saved, tmp_path / "x.json")
    with pytest.raises(UsageError, match=r'Compare two scenarios \(scenario="A", other="B"\)'):
        hs.compare("pmpm")
    with pytest.raises(InvalidInput, match=r"lenient mode \(lenient=True\)"):
        hs.save("bad", {"patients": [{"patient_id": "p", "birth_date": "yesterday"}]})


@pytest.mark.parametrize(
    "rows",
    [
        pa.table({"patient_id": ["p1", "p2"], "gender": ["F", None]}),
        pa.RecordBatchReader.from_batches(
            pa.schema([("patient_id", pa.string()), ("gender", pa.string())]),
            pa.table({"patient_id": ["p1", "p2"], "gender": ["F", None]}).to_batches(),
        ),
    ],
    ids=["table", "stream"],
)
def test_tables_are_taken_where_rows_are(rows: Any) -> None:
    assert hs.save("frame", {"patients": rows}).entity_count == 2
    assert hs.load("frame").entities == {"patients": [{"patient_id": "p1", "gender": "F"}, {"patient_id": "p2"}]}


def test_a_frame_that_hands_over_no_arrow_data_is_taken_by_its_records() -> None:
    class Frame:
        columns = ("patient_id", "age")

        def to_dict(self, orient: str) -> list[dict[str, Any]]:
            assert orient == "records"
            return [{"patient_id": "p1", "age": float("nan")}]

    hs.save("frame", {"patients": Frame()})
    assert hs.load("frame").entities == {"patients": [{"patient_id": "p1"}]}


def test_a_frame_without_its_type_is_told_how() -> None:
    with pytest.raises(InvalidInput, match=r'as in \{"patients": frame\}'):
        hs.save("frame", pa.table({"patient_id": ["p1"]}))


@pytest.mark.long
def test_the_answer_of_one_database_is_rows_of_another(saved: str, tmp_path: Path) -> None:
    other = hs.open(tmp_path / "other.duckdb")
    other.save("taken", {"patients": hs.sql("SELECT patient_id, birth_date FROM patients")})
    assert other.load("taken").entities == {"patients": [{"patient_id": "p1", "birth_date": "1960-01-01"}]}


@pytest.mark.parametrize("name", verbs())
def test_a_verb_has_the_signature_and_the_words_of_the_workbench(name: str) -> None:
    verb, method = getattr(hs, name), getattr(Workbench, name)
    assert verb.__doc__ == method.__doc__
    assert list(inspect.signature(verb).parameters) == list(inspect.signature(method).parameters)[1:]


def test_no_module_takes_the_place_of_a_verb() -> None:
    """A function and a package of one name shadow each other: whichever comes last is called as the verb all the same."""
    for module in pkgutil.iter_modules(hs.__path__):
        if module.name in verbs():
            importlib.import_module(f"healthsim.{module.name}")
            assert callable(getattr(hs, module.name)), module.name


@pytest.mark.parametrize(
    "first",
    [
        "",
        "import healthsim.generate",
        "from healthsim.generate import generate, generate_files",
        "import healthsim.state, healthsim.db, healthsim.exchange.csv, healthsim.analytics, healthsim.demo",
    ],
)
@pytest.mark.long
def test_the_verb_is_called_whatever_was_imported_before(first: str, tmp_path: Path) -> None:
    script = f"{first}\nimport healthsim as hs\n"
    script += "try:\n    hs.generate(size=0)\nexcept hs.errors.InvalidInput as error:\n    print(error)\n"
    script += "print(len(hs.list()), hs.export.__name__, hs.query.__name__, hs.sql('SELECT 1').rows)\n"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert "size: input should be greater than or equal to 1" in done.stdout
    assert done.stdout.endswith("0 export query [[1]]\n")


def test_the_old_names_go_on_working(saved: str, tmp_path: Path) -> None:
    from healthsim.db import get_connection
    from healthsim.generate import generate, generate_files
    from healthsim.state import (
        delete_scenario,
        export_scenario_to_json,
        import_scenario_from_json,
        list_scenarios,
        load_scenario,
        save_scenario,
    )

    assert callable(generate)
    assert callable(generate_files)
    save_scenario("old", {"patients": [{"patient_id": "p9"}]})
    assert load_scenario("old")["entities"]["patients"] == [{"patient_id": "p9"}]
    assert {scenario["name"] for scenario in list_scenarios()} == {"clinic", "old"}
    path = export_scenario_to_json("old", tmp_path / "old.json")
    assert import_scenario_from_json(path, name="new").name == "new"
    assert delete_scenario("new")
    with get_connection() as connection:
        assert connection.execute("SELECT count(*) FROM patients").fetchone() == (2,)


def test_what_is_no_verb_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        hs.nothing  # noqa: B018 - to read it is the test
    assert hs.version == hs.__version__
    assert repr(hs.open(":memory:")) == "<Workbench :memory:>"
