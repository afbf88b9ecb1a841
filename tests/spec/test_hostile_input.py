"""Input that is broken, strange or meant to do harm: refused with its place and reason, or stored exactly.

It is never run, and nothing else in the database changes.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import old_files
from healthsim.cli import main
from healthsim.db.connection import Database
from healthsim.errors import HealthSimError, InvalidEntities, InvalidInput, NotFound
from healthsim.state.manager import StateManager
from healthsim.state.pages import load_page

KEPT = {"patients": [{"patient_id": "P1", "mrn": "M1", "given_name": "Ann"}]}


@pytest.fixture
def state(state: StateManager) -> Iterator[StateManager]:
    """A database with one scenario, which must be the same when the test is over."""
    state.save("kept", KEPT, description="d", tags=["t"])
    before = state.load("kept")
    with state.database.read() as connection:
        tables = connection.execute("SELECT count(*) FROM duckdb_tables()").fetchall()
    yield state
    assert state.load("kept") == before
    with state.database.read() as connection:
        assert connection.execute("SELECT count(*) FROM duckdb_tables()").fetchall() == tables


@pytest.fixture(scope="module")
def shelf() -> StateManager:
    """Scenarios in memory, for many small steps."""
    return StateManager(Database(":memory:"))


def refused(state: StateManager, data: bytes | str, tmp_path: Path, pattern: str) -> InvalidInput:
    """Refused with a message, from a file and from a stream, and no scenario more."""
    path = tmp_path / "bad.json"
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass"))
    with pytest.raises(InvalidInput, match=pattern) as caught:
        state.import_path(path)
    with path.open("rb") as stream, pytest.raises(InvalidInput):
        state.import_stream(stream, name="x")
    assert caught.value.exit_code == 5
    assert len(caught.value.message) < 3_000
    assert [scenario.name for scenario in state.list()[0]] == ["kept"]
    return caught.value


def stored_exactly(state: StateManager, document: dict[str, Any], **options: Any) -> None:
    saved = state.save("odd", {"things": [document]}, **options)
    assert state.load("odd")["entities"]["things"] == [document]
    assert saved.entity_count == 1
    state.delete("odd")


# -- no JSON ---------------------------------------------------------------------------------------------------

BROKEN = {
    "empty": (b"", "is empty; expected"),
    "blank": (b" \n\t", "is empty; expected"),
    "only a byte order mark": (b"\xef\xbb\xbf", "is empty; expected"),
    "text": (b"hello", "line 1, column 1: .*expected JSON"),
    "html": (b"<html></html>", "line 1, column 1: "),
    "a line of CSV": (b"patient_id,name\nP1,Ann\n", "line 1, column 1: "),
    "python": (b"{'patients': []}", "line 1, column 2: .*double quotes"),
    "comma at the end": (b'{"patients": [{"patient_id": "P1"},]}', r"line 1, column 36"),
    "comma missing": (
        b'{"patients": [{"patient_id": "P1"} {"patient_id": "P2"}]}',
        "line 1, column 36: Expecting ',' delimiter",
    ),
    "comment": (b'{"patients": [] /* none */}', "line 1, column 17: Expecting ',' delimiter"),
    "something behind the end": (b'{"patients": [{"patient_id": "P1"}]} x', "something follows the end"),
    "two documents": (
        b'{"patients": [{"patient_id": "P1"}]}\n{"patients": []}',
        r"line 2, column 1: something follows",
    ),
    "NaN": (b'{"name": "x", "vital_signs": [{"bmi": NaN}]}', "NaN is no JSON number"),
    "Infinity": (b'{"name": "x", "vital_signs": [{"bmi": -Infinity}]}', "-Infinity is no JSON number"),
    "a control character in a text": (b'{"name": "a\nb", "patients": [{"patient_id": "P1"}]}', "control character"),
    "an escape that is none": (b'{"name": "\\q", "patients": [{"patient_id": "P1"}]}', "escape"),
    "half a surrogate pair": (b'{"name": "x", "patients": [{"given_name": "\\ud800"}]}', "half of a surrogate pair"),
    "half a pair as the name": (b'{"name": "\\udc00", "patients": [{"patient_id": "P1"}]}', "half of a surrogate pair"),
    "UTF-16": ('{"patients": []}'.encode("utf-16"), "not UTF-8 text"),
    "UTF-16 without mark": ('{"patients": []}'.encode("utf-16-le"), "line 1, column 2"),
    "Latin-1": ('{"patients": [{"given_name": "Zoë"}]}'.encode("latin-1"), "not UTF-8 text"),
    "an encoded surrogate": (b'{"patients": [{"given_name": "\xed\xa0\x80"}]}', "not UTF-8 text"),
    "an overlong encoding": (b'{"patients": [{"given_name": "\xc0\xaf"}]}', "not UTF-8 text"),
    "a binary file": (bytes(range(256)) * 40, "not UTF-8 text|line 1, column 1"),
    "leading zero": (b'{"patients": [{"n": 007}]}', "line 1"),
    "a number of 5,000 digits": (b'{"patients": [{"n": ' + b"1" * 5_000 + b"}]}", "at most 4,300 digits"),
    "one key twice beside the entities": (
        b'{"name": "a", "name": "b", "patients": [{"patient_id": "P1"}]}',
        "'name' stands twice",
    ),
    "one collection twice": (b'{"name": "a", "entities": {"patients": [], "patients": []}}', "'patients' stands twice"),
    "the entities twice": (b'{"entities": {"patients": []}, "entities": {}}', "'entities' stands twice"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_no_json_is_refused_with_its_place(state: StateManager, tmp_path: Path, kind: str) -> None:
    data, pattern = BROKEN[kind]
    error = refused(state, data, tmp_path, pattern)
    assert "bad.json" in error.message or "no JSON number" in error.message or "stands twice" in error.message


WRONG_SHAPES = {
    "a list of numbers": '{"name": "x", "entities": {"patients": [1, 2]}}',
    "a text for a list": '{"name": "x", "entities": {"patients": "none"}}',
    "a list in the list": '{"name": "x", "entities": {"patients": [[{"patient_id": "P1"}]]}}',
    "null among the entities": '{"name": "x", "entities": {"patients": [null]}}',
    "entities without type": '{"name": "x", "entities": [{"patient_id": "P1"}]}',
    "a name that is a number": '{"name": 7, "patients": [{"patient_id": "P1"}]}',
    "an empty name": '{"name": " ", "patients": [{"patient_id": "P1"}]}',
    "a name of a workspace that is null": '{"metadata": {"name": null}, "entities": {"patients": [{"patient_id": "P1"}]}}',
    "metadata that is a list": '{"metadata": [], "entities": {"patients": [{"patient_id": "P1"}]}}',
}


@pytest.mark.parametrize("kind", WRONG_SHAPES)
def test_wrong_shapes_are_refused(state: StateManager, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(WRONG_SHAPES[kind])
    with pytest.raises(InvalidInput) as caught:
        state.import_path(path)
    assert "expected" in caught.value.message
    assert state.list()[1] == 1


def test_every_way_of_cutting_a_file_off_is_refused(state: StateManager, tmp_path: Path) -> None:
    for text in (old_files.workspace_text(old_files.payer()), old_files.share_text(old_files.share())):
        data = text.encode()
        for cut in [*range(1, len(data), max(1, len(data) // 40)), len(data) - 1]:
            with pytest.raises(InvalidInput, match=r"the input"):
                state.import_stream(io.BytesIO(data[:cut]), name="cut")
    assert state.list()[1] == 1


def test_what_is_not_there_or_no_file_is_refused(state: StateManager, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"There is no file or folder .*nowhere\.json"):
        state.import_path(tmp_path / "nowhere.json")
    with pytest.raises(HealthSimError):
        state.import_path(Path("\x00"))


@pytest.mark.skipif(not hasattr(os, "mkfifo") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(state: StateManager, tmp_path: Path) -> None:
    path = tmp_path / "secret.json"
    path.write_text("{}")
    path.chmod(0)
    with pytest.raises(HealthSimError, match="cannot be read"):
        state.import_path(path)


# -- too much --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("depth", [10_000, 200_000])
def test_nesting_that_cannot_be_read_is_refused(state: StateManager, tmp_path: Path, opening: str, depth: int) -> None:
    closing = "]" if opening == "[" else "}"
    deep = opening * depth + "1" + closing * depth
    refused(state, f'{{"name": "x", "things": [{{"a": {deep}}}]}}', tmp_path, "nested too deeply")
    refused(state, deep, tmp_path, "nested too deeply|no entities in any known shape")


def test_nesting_that_can_be_read_is_kept(state: StateManager) -> None:
    deep: Any = 1
    for _ in range(200):
        deep = {"a": [deep]}
    stored_exactly(state, {"deep": deep})


def test_python_objects_that_contain_themselves_are_refused(state: StateManager) -> None:
    circle: dict[str, Any] = {}
    circle["again"] = circle
    with pytest.raises(InvalidInput, match=r"things\[0\]"):
        state.save("x", {"things": [circle]})


@pytest.mark.long
def test_a_line_of_a_hundred_megabytes(state: StateManager, tmp_path: Path) -> None:
    path = tmp_path / "line.json"
    size = 100_000_000
    with path.open("w") as stream:
        stream.write('{"name": "line", "things": [{"id": 1, "text": "')
        for _ in range(100):
            stream.write("x" * (size // 100))
        stream.write('"}, {"id": 2}]}')
    saved = state.import_path(path)
    assert saved.entity_count == 2
    assert len(state.load("line")["entities"]["things"][0]["text"]) == size
    with state.database.read() as connection:
        assert connection.execute("SELECT max(strlen(document)) > 100000000 FROM scenario_documents").fetchall() == [
            (True,)
        ]


def test_a_broken_line_of_many_megabytes_is_answered_shortly(state: StateManager, tmp_path: Path) -> None:
    refused(state, '{"name": "x", "things": [{"text": "' + "x" * 5_000_000, tmp_path, "Unterminated string|ends here")


# -- wrong types -----------------------------------------------------------------------------------------------

ODD_VALUES: list[Any] = [
    "",
    "text",
    "DROP TABLE patients",
    0,
    -1,
    2**31,
    2**63,
    2**200,
    1.5,
    1e308,
    -0.0,
    True,
    False,
    [],
    [[]],
    {},
    {"a": {}},
    "\x00",
    "99999999999999999999",
    "9" * 400,
    "1e400",
    "NaN",
    "inf",
    "0000-00-00",
    "2026-02-30",
    "2026-13-01T25:61:61",
    "10000-01-01",
    "2026-01-01T00:00:00+99:99",
]


@pytest.mark.parametrize("value", ODD_VALUES, ids=lambda value: repr(value)[:30])
@pytest.mark.long
def test_any_value_in_any_column_is_read_or_refused_and_never_breaks(shelf: StateManager, value: Any) -> None:
    from healthsim.model import ENTITY_TYPES

    entities: dict[str, list[dict[str, Any]]] = {
        known.plural: [{column.name: value for column in known.columns if column.name != known.key}]
        for known in ENTITY_TYPES.values()
    }
    saved = shelf.save("lenient", entities, lenient=True)
    assert saved.entity_count == len(ENTITY_TYPES)
    assert shelf.load("lenient")["entities"] == entities
    shelf.delete("lenient")
    if saved.warnings:
        with pytest.raises(InvalidEntities, match="cannot be read as declared; nothing was saved") as caught:
            shelf.save("strict", entities)
        assert caught.value.details["total"] == len(saved.warnings)
        assert shelf.list() == ([], 0)
    else:
        assert shelf.save("strict", entities).entity_count == len(ENTITY_TYPES)
        shelf.delete("strict")


@pytest.mark.parametrize("amount", ["999999999999.995", "-999999999999.995", "1e12", "1e999999"])
def test_an_amount_that_reaches_the_limit_when_rounded_is_a_fault_like_others(
    state: StateManager, tmp_path: Path, amount: str
) -> None:
    file = tmp_path / "m.json"
    file.write_text(f'{{"name": "m", "claims": [{{"claim_id": "a", "total_charge": {amount}}}]}}')
    with pytest.raises(InvalidEntities, match=r"cannot be read as a decimal amount below 10\^12"):
        state.import_path(file)
    saved = state.import_path(file, lenient=True)
    assert len(saved.warnings) == 1
    file.write_text(file.read_text().replace(amount, "999999999999.994"))
    assert state.import_path(file, mode="overwrite").warnings == []


@pytest.mark.parametrize("lenient", [False, True])
def test_a_number_beyond_all_numbers_never_becomes_infinity(state: StateManager, tmp_path: Path, lenient: bool) -> None:
    file = tmp_path / "n.json"
    file.write_text('{"name": "n", "claims": [{"claim_id": "C", "other_diagnoses": {"a": [1.50, 1e400]}}]}')
    if not lenient:
        with pytest.raises(InvalidEntities, match="cannot be read as JSON"):
            state.import_path(file)
        return
    saved = state.import_path(file, lenient=True)
    assert "1e400" in saved.warnings[0]
    with state.database.read() as connection:
        columns = connection.execute("SELECT other_diagnoses FROM claims WHERE claim_id = 'C'").fetchall()
    assert columns == [(None,)]
    shown = [state.summary("n", samples=1)["samples"], load_page(state.database, "n").items]
    assert [item["claims"][0]["other_diagnoses"] for item in shown] == [{"a": [1.5, "1e400"]}] * 2
    stream = io.BytesIO()
    state.export("n", stream)
    assert b"1e400" in stream.getvalue(), "the document stays as it came"


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), object(), {1, 2}, b"bytes", {"nested": {"deep": float("nan")}}]
)
def test_python_values_without_meaning_in_json_are_refused(state: StateManager, value: Any) -> None:
    with pytest.raises(InvalidInput, match=r"patients\[0\] cannot be written as JSON .*Nothing was saved"):
        state.save("x", {"patients": [{"patient_id": "P1", "extra": value}]})
    assert state.list()[1] == 1


@pytest.mark.parametrize(
    "entities", [[], "patients", 3, None, {1: []}, {"patients": 3}, {"patients": ["x"]}, {"patients": [None]}]
)
def test_entities_that_are_none_are_refused(state: StateManager, entities: Any) -> None:
    with pytest.raises(InvalidInput, match="expected"):
        state.save("x", entities)
    assert state.list()[1] == 1


def test_documents_without_any_id_or_content(state: StateManager) -> None:
    saved = state.save(
        "odd", {"patients": [{}, {}], "things": [{}, {"id": ""}, {"id": None}], "claims": [{"claim_lines": [{}, {}]}]}
    )
    assert saved.entity_count == 6
    assert state.save("odd", state.load("odd")["entities"], mode="merge").entity_count == 6


def test_keys_that_stand_twice_inside_a_document_are_kept_in_its_text(state: StateManager) -> None:
    text = b'{"name": "twice", "things": [{"id": 1, "a": 1, "a": 2}]}'
    state.import_stream(io.BytesIO(text), name="twice")
    stream = io.BytesIO()
    state.export("twice", stream)
    assert '{"id":1,"a":1,"a":2}' in "".join(stream.getvalue().decode().split())


@pytest.mark.parametrize(
    "key", ["", " ", "\x00", "a.b", 'a"b', "💉", "x" * 5_000, "SELECT", "patients; DROP TABLE patients", "__class__"]
)
def test_any_key_and_any_type_name_is_kept(shelf: StateManager, key: str) -> None:
    stored_exactly(shelf, {"id": 1, f"x{key}": 1})
    saved = shelf.save("odd", {f"type {key}": [{"id": 1}]})
    assert saved.untyped_types == [f"type {key}"]
    assert shelf.load("odd")["entities"] == {f"type {key}": [{"id": 1}]}
    assert shelf.clone("odd", "odd too").entity_count == 1
    shelf.delete("odd")
    shelf.delete("odd too")


# -- names and tags --------------------------------------------------------------------------------------------

NAMES = [
    "'; DROP TABLE scenarios; --",
    '"quoted"',
    "O'Brien",
    "a\nb\r\nc\td",
    "%",
    "_",
    "100%_off",
    "../../etc/passwd",
    "/",
    "\\",
    ".",
    "..",
    "~",
    "-",
    "--help",
    "$HOME",
    "`id`",
    "\x00",
    "\x1b[31mred\x1b[0m",
    "[bold]markup[/bold]",
    "{curly}",
    "ünï 💉",
    "\u202egnp.exe",
    "NUL",
    "x" * 10_000,
    " leading",
    "trailing ",
    "true",
    "null",
    "1",
    "*.json",
]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: repr(name[:20]))
def test_any_name_is_a_name(shelf: StateManager, tmp_path: Path, name: str) -> None:
    shelf.save(name, KEPT, description=name, tags=[name[:1_000]])
    scenario = shelf.get(name)
    assert (scenario.name, scenario.description, scenario.tags) == (name, name, [name[:1_000]])
    assert [item.name for item in shelf.list(tags=[name[:1_000]])[0]] == [name]
    assert [item.name for item in shelf.list(search=name)[0]] == [name]
    exported = shelf.export(name, tmp_path)
    assert exported.path is not None
    assert (exported.path.parent, exported.path.suffix) == (tmp_path, ".json"), "a name never leads out of the folder"
    assert shelf.import_path(exported.path, mode="overwrite").name == name
    shelf.rename(name, "plain")
    shelf.rename("plain", name)
    assert shelf.tag(name, ["more"]).tags[-1] == "more"
    assert shelf.untag(name, [name[:1_000]]).tags == ["more"]
    assert shelf.delete(name).name == name
    assert shelf.list() == ([], 0)


@pytest.mark.parametrize("name", NAMES[:21:2], ids=lambda name: repr(name[:20]))
def test_any_name_on_the_command_line(
    state: StateManager, database_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    source = tmp_path / "source.json"
    source.write_text(json.dumps({"entities": KEPT}))
    commands = [
        ["scenario", "save", "--from", str(source), "--json", "--", name],
        ["scenario", "list", "--json"],
        ["scenario", "list"],
        ["scenario", "show", "--", name],
        ["scenario", "load", "--json", "--", name],
        ["scenario", "delete", "--yes", "--", name],
    ]
    for command in commands:
        with pytest.raises(SystemExit) as end:
            main(["--db", str(database_path), *command])
        out, err = capsys.readouterr()
        assert end.value.code == 0, (command, err)
        if "--json" in command:
            assert json.dumps(name)[1:-1] in json.dumps(json.loads(out))
        else:
            assert "\x1b[31m" not in out, "a name does not colour the terminal"
    assert state.list()[1] == 1
