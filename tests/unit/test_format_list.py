"""One list of formats: an entry gives the command, what import recognises, and what the assistant's tool offers."""

from __future__ import annotations

import json
import re
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import healthsim as hs
from healthsim.cli import main
from healthsim.errors import InvalidInput, NotFound, UsageError
from healthsim.exchange import formats as listed
from healthsim.exchange.format import Format, Option
from healthsim.results import Written


@dataclass(frozen=True, repr=False, eq=False)
class Names(Written):
    """What the tiny format wrote."""

    path: Path
    people: int


def _write(database: Any, name: str, target: Path, *, force: bool, **options: Any) -> Names:
    from healthsim.outputs import open_file
    from healthsim.state import scenarios

    with database.read() as connection:
        scenario = scenarios.get(connection, name)
        rows = connection.execute(
            "SELECT patient_id FROM patients WHERE scenario_id = ? ORDER BY ALL", [scenario.scenario_id]
        ).fetchall()
    with open_file(target, force=force) as stream:
        stream.write(f"#names {options['order']}\n".encode() + b"".join(f"{row[0]}\n".encode() for row in rows))
    return Names(target, len(rows))


def _read(path: Path, reading: Any) -> Any:
    from healthsim.state.json.header import Header

    for name in path.read_text().splitlines()[1:]:
        reading.unit()
        reading.add("patients", json.dumps({"patient_id": name}), {"patient_id": name})
    return Header(name=path.stem, format="names")


TINY = Format(
    name="names",
    title="Names, a line each.",
    meaning="Write the ids of patients, a line each.",
    write=_write,
    sniff=lambda path: path.is_file() and path.read_bytes().startswith(b"#names"),
    read=_read,
    options=(Option("order", "How.", choices=("up", "down"), default="up"),),
)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The format as it would be added: a module with a FORMAT, and one line in the list."""
    module = types.ModuleType("tiny_names")
    module.FORMAT = TINY  # type: ignore[attr-defined]  # a module made here
    monkeypatch.setitem(sys.modules, "tiny_names", module)
    monkeypatch.setattr(listed, "MODULES", (*listed.MODULES, "tiny_names"))
    listed.formats.cache_clear()
    listed.readable.cache_clear()
    yield
    listed.formats.cache_clear()
    listed.readable.cache_clear()


@pytest.fixture
def clinic() -> None:
    hs.save("clinic", {"patients": [{"patient_id": "p1"}, {"patient_id": "p2"}]})


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    shown = capsys.readouterr()
    return int(ended.value.code or 0), shown.out, shown.err


@pytest.mark.usefixtures("tiny", "clinic")
def test_a_format_is_one_module_and_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "clinic.names"
    assert re.search(r"^ *names +Names, a line each\.$", run(capsys, "export", "--help")[1], re.MULTILINE)
    assert run(capsys, "export", "names", "clinic", "-o", str(target), "--order", "down")[0] == 0
    assert target.read_text(encoding="utf-8") == "#names down\np1\np2\n"
    assert run(capsys, "import", str(target), "--as", "back")[0] == 0
    assert hs.load("back").entities == {"patients": [{"patient_id": "p1"}, {"patient_id": "p2"}]}
    assert hs.export("names", "clinic", target, overwrite=True, order="up").as_dict() == {
        "path": str(target),
        "people": 2,
    }
    with pytest.raises(UsageError, match="order is 'sideways'; expected one of up, down"):
        hs.export("names", "clinic", target, overwrite=True, order="sideways")


@pytest.mark.usefixtures("clinic")
@pytest.mark.parametrize("name", ["share", "workspace", "omop", "parquet", "csv"])
@pytest.mark.long
def test_every_format_of_the_list_writes_by_command_and_in_python(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    written = hs.export(name, "clinic", one)
    assert written.path == one
    assert one.exists()
    code, shown, _ = run(capsys, "export", name, "clinic", "-o", str(two), "--json")
    assert (code, json.loads(shown)["path"]) == (0, str(two))
    assert run(capsys, "export", name, "clinic", "-o", str(two))[0] == 4
    assert run(capsys, "export", name, "clinic", "-o", str(two), "--force")[0] == 0


@pytest.mark.usefixtures("clinic")
def test_import_tells_formats_by_content_and_puts_several_files_into_one_scenario(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text('{"patients": [{"patient_id": "a"}]}', encoding="utf-8")
    (tmp_path / "b.json").write_text('\ufeff{"patients": [{"patient_id": "b"}]}', encoding="utf-8")
    hs.export("workspace", "clinic", tmp_path / "w.dat")
    both = hs.import_(tmp_path / "a.txt", tmp_path / "b.json", as_="both")
    assert both.entities_by_type == {"patients": 2}
    several = hs.import_(tmp_path / "a.txt", tmp_path / "b.json")
    assert [saved.name for saved in several] == ["a", "b"]
    assert hs.import_(tmp_path / "w.dat", as_="w").format == "workspace"


def test_what_is_of_no_format_is_refused_with_the_list(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("Id,BIRTHDATE\n1,1960-01-01\n", encoding="utf-8")
    with pytest.raises(
        InvalidInput,
        match=r"no format that can be read: a table with the header 'Id,BIRTHDATE'\. Expected one of share, workspace",
    ):
        hs.import_(tmp_path / "x.csv")
    with pytest.raises(NotFound, match="There is nothing at"):
        hs.import_(tmp_path / "nothing.json")
    with pytest.raises(UsageError, match="a kind of place that this program does not know"):
        hs.import_("ftp://host/x.json")
    with pytest.raises(UsageError, match="No file was named"):
        hs.import_()


def test_a_format_that_is_none_is_told_with_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NotFound, match=r"There is no format 'dicom'\. Scenarios are written as share, workspace"):
        hs.export("dicom", "clinic")
    code, _, said = run(capsys, "export", "parket", "clinic")
    assert (code, "Did you mean parquet?" in said) == (3, True)
