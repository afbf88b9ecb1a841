"""The kind: a file that is named is that file, whatever signs its name has; the engine takes some of them for a pattern."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import pytest
import reference_files as made

from healthsim.db.connection import Database
from healthsim.db.reference import import_files
from healthsim.db.sql import one_file

SOURCE = Path(__file__).parents[2] / "packages" / "core" / "healthsim"
NAMES = ["SVI[1].csv", "SVI?.csv", "SVI*.csv", "SVI[!a].csv", "[SVI1].csv", "**.csv", "SVI{1,2}.csv", "it's [1].csv"]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="these names cannot be written there")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("place", ["plain", "in a [folder]*"])
def test_a_named_file_is_read_and_no_other(database: Database, tmp_path: Path, name: str, place: str) -> None:
    folder = tmp_path / place
    folder.mkdir()
    for other in ("SVI1.csv", "SVIa.csv", "SVI11.csv", "S.csv", "SVI2.csv", "it's 1.csv"):
        made.svi(folder / other, "2020")
    path = made.svi(folder / name, "2022")
    (load,) = import_files(database, [path])
    assert (load.release, load.file) == ("2022", name)
    with database.read() as connection:
        recorded = connection.execute(
            "SELECT sha256, file FROM reference.loads WHERE dataset = 'svi' AND release = '2022'"
        )
        assert recorded.fetchall() == [(hashlib.sha256(path.read_bytes()).hexdigest(), name)]


def test_a_temporary_folder_may_have_any_name(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    odd = tmp_path / "tmp [1]*"
    odd.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(odd))
    (load,) = import_files(
        database, [made.zipped(tmp_path / "x.zip", {"a[1].csv": made.svi(tmp_path / "a", "2022").read_bytes()})]
    )
    assert load.release == "2022"


def test_signs_of_patterns_are_signs_of_names() -> None:
    assert one_file("a[1]*?.csv") == "a[[]1][*][?].csv"
    assert one_file(Path("plain.csv")) == "plain.csv"


def test_every_door_to_files_takes_names() -> None:
    """Modules that hand a path to a reader of the engine go through ``one_file``."""
    doors = re.compile(r"(?<!\.)(?<!def )\bread_(csv|parquet|json|ndjson)\w*\(")
    found = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if doors.search(path.read_text(encoding="utf-8")) and "one_file" not in path.read_text(encoding="utf-8")
    }
    assert found == set()
