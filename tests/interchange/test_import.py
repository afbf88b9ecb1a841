"""What people point ``healthsim import`` at: files, several, folders, archives, pipes; whole, mixed, broken, hostile."""

from __future__ import annotations

import gzip
import json
import os
import stat
import tempfile
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest

import healthsim as hs
from healthsim.cli import main
from healthsim.errors import HealthSimError, InvalidEntities, InvalidInput, NotFound, UsageError
from healthsim.exchange import containers
from healthsim.state.staging import PARTS


def write(path: Path, content: str | bytes | dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = json.dumps(content).encode() if isinstance(content, dict) else content
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def people(*names: str) -> dict[str, Any]:
    return {"patients": [{"patient_id": name} for name in names]}


SYNTHEA = "Id,BIRTHDATE,FIRST,LAST\ns1,1980-01-02,Ada1,Birch2\n"


def zipped(path: Path, files: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    shown = capsys.readouterr()
    return int(ended.value.code or 0), shown.out, shown.err


def leftovers() -> list[Path]:
    home = Path(os.environ["HEALTHSIM_HOME"])
    places = [home / "staging", Path(tempfile.gettempdir())]
    return [path for place in places if place.is_dir() for path in place.glob(f"{PARTS}*")]


# -- archives and folders --------------------------------------------------------------------------------------


def test_a_gz_is_what_is_in_it(tmp_path: Path) -> None:
    text = json.dumps({"name": "clinic", "entities": people("a", "b")})
    saved = hs.import_(write(tmp_path / "x.json.gz", gzip.compress(text.encode())))
    assert (saved.name, saved.format, saved.entities_by_type) == ("clinic", "share", {"patients": 2})
    assert saved.sources[0].path.endswith("x.json.gz")


def test_a_zip_is_a_folder(tmp_path: Path) -> None:
    archive = zipped(
        tmp_path / "ward.zip",
        {
            "deep/csv/patients.csv": SYNTHEA,
            "a.json": json.dumps(people("a")),
            "__MACOSX/._a.json": b"\0",
            ".hidden": "x",
        },
    )
    saved = hs.import_(archive)
    assert saved.name == "ward"
    assert saved.entities_by_type == {"patients": 2}
    assert [(source.path, source.format) for source in saved.sources] == [
        (f"{archive}!a.json", "share"),
        (f"{archive}!deep/csv", "synthea"),
    ]
    assert leftovers() == []


def test_a_zip_in_a_gz_in_a_zip_is_looked_into(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"a.json": json.dumps(people("a"))})
    outer = zipped(tmp_path / "outer.zip", {"x/inner.zip.gz": gzip.compress(inner.read_bytes())})
    assert hs.import_(outer).entities_by_type == {"patients": 1}


def test_one_file_that_cannot_be_read_does_not_cost_the_others(tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    write(folder / "a.json", people("a"))
    write(folder / "csv" / "patients.csv", SYNTHEA)
    write(folder / "broken.json", '{"patients": [{"patient_id": "lost"}, {"patient')
    write(folder / "weather.json", {"wind": {"from": "north"}, "force": 4})
    write(folder / "notes.txt", "call them back")
    write(folder / "picture.png", b"\x89PNG\r\n\x1a\n")
    write(folder / "empty.csv", "")
    saved = hs.import_(folder)
    assert saved.name == "mixed"
    assert saved.entities_by_type == {"json_file": 1, "patients": 2}
    problems = {Path(source.path).name: source.problem for source in saved.sources if source.problem}
    assert set(problems) == {"broken.json", "weather.json", "notes.txt", "picture.png", "empty.csv"}
    assert "holds no entities in any known shape" in str(problems["weather.json"])
    assert "a picture" in str(problems["picture.png"])
    assert "is empty" in str(problems["empty.csv"])
    (kept,) = hs.load("mixed").entities["json_file"]
    assert kept == {"file": str(folder / "weather.json"), "content": {"wind": {"from": "north"}, "force": 4}}


def test_what_was_taken_of_a_file_that_breaks_off_is_forgotten(tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    write(folder / "a" / "x.json", '{"patients": [{"patient_id": "lost"}, {"patient')
    write(folder / "b" / "y.json", people("kept"))
    saved = hs.import_(folder)
    assert saved.entities_by_type == {"patients": 1}
    assert hs.load("mixed").entities == {"patients": [{"patient_id": "kept"}]}


def test_values_that_cannot_be_read_cost_their_file_but_not_the_others(tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    write(folder / "a" / "x.json", {"patients": [{"patient_id": "x", "birth_date": "soon"}]})
    write(folder / "b" / "y.json", people("y"))
    saved = hs.import_(folder)
    assert saved.entities_by_type == {"json_file": 1, "patients": 1}
    assert hs.import_(folder, as_="lenient", lenient=True).entities_by_type == {"patients": 2}
    with pytest.raises(InvalidEntities, match="birth_date"):
        hs.import_(folder / "a" / "x.json", folder / "b" / "y.json", as_="named")


def test_json_of_one_scenario_in_several_files_is_read_together(tmp_path: Path) -> None:
    write(tmp_path / "s" / "scenario.json", {"name": "told", "description": "in the manifest"})
    write(tmp_path / "s" / "patients.json", '[{"patient_id": "a"}]')
    write(tmp_path / "s" / "encounters.json", '[{"encounter_id": "e", "patient_id": "a"}]')
    saved = hs.import_(tmp_path / "s")
    assert (saved.name, saved.entities_by_type) == ("told", {"encounters": 1, "patients": 1})


def test_several_paths_become_one_scenario_with_one_report_on_each(tmp_path: Path) -> None:
    one, two = write(tmp_path / "a.json", people("a")), write(tmp_path / "p.csv", SYNTHEA)
    saved = hs.import_(one, two, as_="both")
    assert [(Path(source.path).name, source.format, source.units) for source in saved.sources] == [
        ("a.json", "share", 1),
        ("p.csv", "synthea", 1),
    ]
    assert hs.import_(one, two, together=True).name == "a"


def test_a_byte_order_mark_and_white_space_before_the_first_sign(tmp_path: Path) -> None:
    path = write(tmp_path / "x", b"\xef\xbb\xbf\r\n  " + json.dumps(people("a")).encode())
    assert hs.import_(path).entities_by_type == {"patients": 1}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    text = gzip.compress(SYNTHEA.encode())
    writer = threading.Thread(target=lambda: pipe.write_bytes(text))
    writer.start()
    saved = hs.import_(pipe)
    writer.join()
    assert saved.entities_by_type == {"patients": 1}
    assert stat.S_ISFIFO(pipe.stat().st_mode)


# -- refusals --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", b"", "is empty; there is nothing to import"),
        ("a.json", b"\xef\xbb\xbf \n", "is empty"),
        ("a.gz", gzip.compress(b"x" * 9_999, mtime=0)[:-20], "is a gzip file that cannot be unpacked"),
        ("a.gz", b"\x1f\x8b\x08junkjunkjunk", "is a gzip file that cannot be unpacked"),
        ("a.gz", gzip.compress(b"", mtime=0), "is empty"),
        ("a.zip", b"PK\x03\x04junk", "is a zip archive that cannot be unpacked"),
        ("a.pdf", b"%PDF-1.7", "no format that can be read: a PDF document"),
        ("a.xml", b"<?xml version='1.0'?><svg/>", "XML with the root element svg"),
        ("a.bin", b"\x00\x01\x02", "a binary file that begins with 00 01 02"),
        ("a.txt", "Ünïcode \u202e text".encode(), "text that begins with 'Ünïcode \ufffd text'"),
        ("a.csv", b"colour;size\nred;3\n", "a table with the header 'colour;size'"),
        (
            "a.json",
            b'{"name": "\xff"}',
            "not UTF-8 text (byte 0xff after line 1). Nothing was saved. Save the file as UTF-8",
        ),
        ("b.json", "{}".encode("utf-16"), "holds no entities in any known shape"),
        ("a.tar", b"name".ljust(257, b"\0") + b"ustar\x0000", "a tar archive; unpack it first"),
        ("a.json", b'{"wind": 4}', "holds no entities in any known shape"),
    ],
)
@pytest.mark.long
def test_what_is_not_recognised_is_refused_with_what_was_seen(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        hs.import_(write(tmp_path / name, content))
    assert said in refused.value.message
    assert hs.list().total_count == 0
    assert leftovers() == []


def test_a_folder_of_nothing_is_refused_with_what_lies_in_it(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    with pytest.raises(InvalidInput, match="holds no files"):
        hs.import_(tmp_path / "f")
    write(tmp_path / "f" / "a.pdf", b"%PDF-1.7")
    write(tmp_path / "f" / "sub" / "b.png", b"\x89PNG")
    with pytest.raises(InvalidInput, match=r"(?s)nothing of a format that can be read.*a PDF document.*a picture"):
        hs.import_(tmp_path / "f")
    with pytest.raises(NotFound):
        hs.import_(tmp_path / "nothing")


@pytest.mark.parametrize("name", ["../out.json", "/etc/out.json", "a/../../out.json", "..\\out.json", "C:\\out.json"])
def test_names_in_a_zip_that_lead_out_of_it_are_refused(tmp_path: Path, name: str) -> None:
    archive = zipped(tmp_path / "x.zip", {"a.json": json.dumps(people("a")), name: "{}"})
    with pytest.raises(InvalidInput, match="name leads out of it"):
        hs.import_(archive)
    assert leftovers() == []
    assert not (tmp_path / "out.json").exists()


def test_links_and_passwords_in_a_zip_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        link = zipfile.ZipInfo("passwd.json")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(InvalidInput, match="holds a symbolic link"):
        hs.import_(tmp_path / "link.zip")
    data = bytearray(zipped(tmp_path / "secret.zip", {"a.json": "{}"}).read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(InvalidInput, match="is encrypted"):
        hs.import_(write(tmp_path / "secret.zip", bytes(data)))


@pytest.mark.parametrize("kind", ["gz", "zip"])
def test_an_archive_made_to_fill_disks_is_refused(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "ALWAYS_BYTES", 1_000_000)
    zeros = b" " * 20_000_000
    path = tmp_path / f"x.{kind}"
    if kind == "gz":
        path.write_bytes(gzip.compress(zeros))
    else:
        zipped(path, {"a.json": zeros})
    with pytest.raises(InvalidInput, match="taken for an archive made to fill disks"):
        hs.import_(path)
    assert leftovers() == []


def test_archives_in_archives_end_somewhere(tmp_path: Path) -> None:
    data, name = json.dumps(people("a")).encode(), "a.json"
    for level in range(6):
        zipped(tmp_path / f"{level}.zip", {name: data})
        data, name = (tmp_path / f"{level}.zip").read_bytes(), f"{level}.zip"
    with pytest.raises(InvalidInput, match="an archive in archives"):
        hs.import_(tmp_path / "5.zip")


def test_a_zip_may_hold_one_name_twice(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.json", json.dumps(people("a")))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.json", json.dumps(people("b")))
    assert hs.import_(tmp_path / "x.zip").entities_by_type == {"patients": 2}


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    write(tmp_path / "f" / "a.json", people("a"))
    (tmp_path / "f" / "again").symlink_to(tmp_path / "f")
    assert hs.import_(tmp_path / "f").entities_by_type == {"patients": 1}


def test_a_time_zone_that_there_is_not(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", people("a"))
    with pytest.raises(UsageError, match=r"no time zone 'Mars/Olympus'; expected a name such as America/Chicago"):
        hs.import_(path, timezone="Mars/Olympus")
    assert hs.import_(path, timezone="America/Chicago").entity_count == 1


# -- the command and the tool ----------------------------------------------------------------------------------


def test_the_command_prints_tables_and_notices(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "mixed"
    write(folder / "patients.csv", SYNTHEA + "s2,soon,Bob1,Oak2\n")
    write(folder / "notes.txt", "call them back")
    code, shown, said = run(capsys, "import", str(folder), "--as", "ward")
    assert code == 0
    assert shown.startswith("Saved 'ward': 2 entities (patients 2).")
    assert "synthea" in shown
    assert "Typed rows" in shown
    assert (
        "patients.birth_date: a value that cannot be read as a date, YYYY-MM-DD; the column is left empty (soon): 1"
        in said
    )
    assert "first at line 3 of patients.csv" in said
    assert "notes.txt: not read." in said
    code, shown, _ = run(capsys, "import", str(folder), "--as", "ward", "--merge", "--json")
    answer = json.loads(shown)
    assert [source["format"] for source in answer["sources"]] == ["synthea", None]
    assert answer["sources"][0]["oddities"][0]["line"] == 3


def test_the_tool_reads_in_the_allowed_folders_only(tmp_path: Path) -> None:
    from healthsim.config import Settings
    from healthsim.server.declaring import Bench
    from healthsim.server.tools.importing import import_data

    bench = Bench(Settings.load({"HEALTHSIM_HOME": str(tmp_path / "served")}))
    inside = write(bench.folders.allowed[0] / "in" / "patients.csv", SYNTHEA)
    result = import_data(bench, [str(inside.parent)], name="ward")
    assert (result.name, result.entities_by_type, result.sources[0]["format"]) == ("ward", {"patients": 1}, "synthea")
    outside = write(tmp_path / "out.csv", SYNTHEA)
    (inside.parent / "link.csv").symlink_to(outside)
    for path in (outside, inside.parent):
        with pytest.raises(HealthSimError, match="lies outside of the folders that may be used"):
            import_data(bench, [str(path)])
