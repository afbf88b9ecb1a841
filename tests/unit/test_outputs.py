"""What is written for others: whole or not at all, in the place of nothing that is not ours, with the modes that it should have."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from healthsim.errors import AlreadyExists, HealthSimError
from healthsim.outputs import MANIFEST, new_file, new_folder, open_file, sha256_of, who_may_read, write_manifest
from healthsim.remedies import door

posix = pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "home")


def exported(folder: Path, text: str = "x") -> None:
    (folder / "t.csv").write_text(text, encoding="utf-8")
    write_manifest(folder, "HealthSim tables, csv", {"tables": {"t": 1}})


# -- whole or not at all --------------------------------------------------------------------------------------


def test_a_block_that_fails_leaves_what_was_there_and_nothing_beside_it(tmp_path: Path) -> None:
    file, folder = tmp_path / "a.json", tmp_path / "out"
    file.write_text("before", encoding="utf-8")
    with new_folder(folder, force=False) as new:
        exported(new)
    with pytest.raises(ZeroDivisionError), open_file(file, force=True) as stream:
        stream.write(b"%d" % (1 // len(names_in(folder)[2:])))
    with pytest.raises(ZeroDivisionError), new_folder(folder, force=True) as new:
        exported(new, str(1 // len(names_in(new))))
    assert file.read_text(encoding="utf-8") == "before"
    assert (folder / "t.csv").read_text(encoding="utf-8") == "x"
    assert names_in(tmp_path) == ["a.json", "out"]


def test_what_a_killed_program_left_goes_with_the_next_writing(tmp_path: Path) -> None:
    """faults.md 13: a killed export left a hidden copy of the data for ever."""
    killed = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os, sys\nfrom pathlib import Path\nfrom healthsim.outputs import new_folder\n"
            "with new_folder(Path(sys.argv[1]), force=False) as folder:\n    (folder / 'rows').write_text('x')\n    os._exit(9)",
            str(tmp_path / "one"),
        ],
        check=False,
    )
    assert killed.returncode == 9
    (left,) = names_in(tmp_path)
    assert left.startswith(".healthsim-unfinished-")
    with open_file(tmp_path / "other.json", force=False) as stream:
        stream.write(b"{}")
    assert names_in(tmp_path) == ["other.json"]


@pytest.mark.parametrize("place", ["s3://bucket/x", "abfss://box@account/x", "https://example.org/x"])
def test_a_place_elsewhere_is_no_folder_of_that_name(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """faults.md 12."""
    monkeypatch.chdir(tmp_path)
    for opened in (open_file, new_folder):
        with pytest.raises(HealthSimError, match="a kind of place"), opened(Path(place), force=True):
            pass
    assert names_in(tmp_path) == []


def test_files_behind_links_are_written_and_the_links_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    with new_folder(real, force=False) as new:
        exported(new, "old")
    try:
        link.symlink_to(real, target_is_directory=True)
    except OSError:
        pytest.skip("links need a privilege here")
    with new_folder(link, force=True) as new:
        exported(new, "new")
    assert link.is_symlink()
    assert (real / "t.csv").read_text(encoding="utf-8") == "new"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_as_that_of_the_target(tmp_path: Path, number: int) -> None:
    """faults.md 21: a full disk of the target was called the disk of the database."""
    with (
        pytest.raises(HealthSimError, match="is full; no file was made") as raised,
        open_file(tmp_path / "x.json", force=False),
    ):
        raise OSError(number, "No space left on device")
    assert raised.value.details["path"] == str(tmp_path)
    assert names_in(tmp_path) == []


def test_a_full_disk_that_the_engine_meets_is_told_as_that_of_the_target(tmp_path: Path) -> None:
    import duckdb

    with (
        pytest.raises(HealthSimError, match="is full; no file was made"),
        new_folder(tmp_path / "out", force=False, engine=duckdb.Error) as folder,
    ):
        raise duckdb.IOException(f'IO Error: Could not write file "{folder}/a.parquet": No space left on device')
    with pytest.raises(duckdb.IOException), new_folder(tmp_path / "out", force=False, engine=duckdb.Error):
        raise duckdb.IOException('IO Error: Could not write file "/elsewhere/db.tmp": No space left on device')


# -- what may be replaced -------------------------------------------------------------------------------------


def test_what_no_export_wrote_stays(tmp_path: Path) -> None:
    """Also where files are generated: the folder was emptied, whatever lay in it."""
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(AlreadyExists, match="was not written by an export"), new_folder(mine, force=True):
        pass
    ours = tmp_path / "ours"
    with new_folder(ours, force=False) as new:
        exported(new)
    (ours / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(AlreadyExists, match="holds what no export wrote"), new_folder(ours, force=True):
        pass
    assert (mine / "thesis.txt").exists()
    assert (ours / "notes.txt").exists()


def test_a_folder_that_an_older_version_generated_is_ours(tmp_path: Path) -> None:
    old = tmp_path / "old"
    (old / "patients").mkdir(parents=True)
    (old / "patients" / "part-00000.parquet").write_bytes(b"x")
    tables = {"patients": {"rows": 1, "files": {"part-00000.parquet": "0"}}}
    (old / MANIFEST).write_text(json.dumps({"format": "healthsim-parquet", "tables": tables}), encoding="utf-8")
    with new_folder(old, force=True) as new:
        exported(new)
    assert names_in(old) == [MANIFEST, "t.csv"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such device")
@pytest.mark.parametrize("target", ["/dev/full", "/dev/null"])
def test_devices_are_not_replaced(target: str) -> None:
    """faults.md 18: output to /dev/full."""
    with pytest.raises(AlreadyExists, match="is no regular file"), open_file(Path(target), force=True):
        pass
    with pytest.raises(AlreadyExists, match="is no folder"), new_folder(Path(target), force=True):
        pass


@posix
@pytest.mark.parametrize("name", ["loop", "n" * 300])
def test_places_that_are_none_are_told_in_words(tmp_path: Path, name: str) -> None:
    if name == "loop":
        (tmp_path / name).symlink_to(tmp_path / name)
    for opened in (open_file, new_folder):
        with pytest.raises(HealthSimError), opened(tmp_path / name, force=True):
            pass


def test_each_door_names_its_own_word(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text("x", encoding="utf-8")
    for name, word in (("command", "--force"), ("python", "overwrite=True"), ("tool", "overwrite=true")):
        with pytest.raises(AlreadyExists, match=f"Use {word} to replace it"), door(name), open_file(file, force=False):
            pass


# -- modes (faults.md 14) -------------------------------------------------------------------------------------


@posix
@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize(
    ("mask", "file", "folder", "others"),
    [
        (0o077, 0o600, 0o700, None),
        (0o027, 0o640, 0o750, "its group"),
        (0o022, 0o644, 0o755, "everybody"),
    ],
)
def test_what_is_new_follows_the_umask_and_says_who_may_read_it(
    tmp_path: Path, mask: int, file: int, folder: int, others: str | None
) -> None:
    os.umask(mask)
    with open_file(tmp_path / "x.json", force=False) as stream:
        stream.write(b"{}")
    with new_file(tmp_path / "x.duckdb", force=False) as partial:
        partial.write_bytes(b"x")
    with new_folder(tmp_path / "out", force=False) as new:
        exported(new)
    assert {mode_of(tmp_path / name) for name in ("x.json", "x.duckdb", "out/t.csv", f"out/{MANIFEST}")} == {file}
    assert mode_of(tmp_path / "out") == folder
    for name in ("x.json", "out"):
        said = who_may_read(tmp_path / name)
        assert (said is None) if others is None else others in str(said)


@posix
@pytest.mark.usefixtures("umask")
def test_what_is_replaced_keeps_its_mode(tmp_path: Path) -> None:
    file, folder = tmp_path / "x.json", tmp_path / "out"
    file.write_text("x", encoding="utf-8")
    with new_folder(folder, force=False) as new:
        exported(new)
    file.chmod(0o640)
    folder.chmod(0o750)
    (folder / "t.csv").chmod(0o604)
    os.umask(0o022)
    with open_file(file, force=True) as stream:
        stream.write(b"y")
    with new_folder(folder, force=True) as new:
        exported(new, "y")
    assert [mode_of(path) for path in (file, folder, folder / "t.csv")] == [0o640, 0o750, 0o604]


def test_the_manifest_has_the_checksum_of_every_file(tmp_path: Path) -> None:
    with new_folder(tmp_path / "out", force=False) as new:
        exported(new, "Ünï")
    manifest = json.loads((tmp_path / "out" / MANIFEST).read_text(encoding="utf-8"))
    checksum = sha256_of(tmp_path / "out" / "t.csv")
    assert manifest["files"] == {"t.csv": {"bytes": 5, "sha256": checksum}}
