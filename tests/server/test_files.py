"""Files over MCP: only in the allowed folders, whatever a path is made to look like."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from healthsim.allowed_folders import Folders
from healthsim.errors import AlreadyExists, InvalidInput, NotFound


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """One allowed folder, with a file in it and one beside it."""
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    (allowed / "in.json").write_text("{}", encoding="utf-8")
    (tmp_path / "allowed-not").mkdir()
    (tmp_path / "out.json").write_text("{}", encoding="utf-8")
    (allowed / "link.json").symlink_to(tmp_path / "out.json")
    (allowed / "linked").symlink_to(tmp_path)
    return Folders([allowed])


@pytest.mark.parametrize(
    "path",
    [
        "../out.json",
        "/etc/passwd",
        "linked/out.json",
        "link.json",
        "a/../../out.json",
        "~/../../etc/passwd",
        "../allowed-not/x.json",
        "./../out.json",
        "linked",
        "/proc/self/environ",
        "~nosuchuser/x.json",
        "~nosuchuser",
        "//etc/passwd",
        "\0",
        "",
        "x" * 5_000,
    ],
)
def test_nothing_outside(folders: Folders, path: str) -> None:
    with pytest.raises(InvalidInput):
        folders.to_read(path)
    with pytest.raises((InvalidInput, AlreadyExists)):
        folders.to_write(path or "../x.json", "x.json", overwrite=True)


def test_inside(folders: Folders, tmp_path: Path) -> None:
    assert folders.to_read("in.json") == tmp_path / "allowed" / "in.json"
    assert folders.to_read(str(tmp_path / "allowed" / "in.json")).name == "in.json"
    assert folders.to_write(None, "new.json", overwrite=False) == tmp_path / "allowed" / "new.json"
    assert folders.to_write("sub/new.json", "x.json", overwrite=False) == tmp_path / "allowed" / "sub" / "new.json"


def test_messages(folders: Folders, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"There is nothing at 'no.json'. Files are read from and written to"):
        folders.to_read("no.json")
    with pytest.raises(AlreadyExists, match=r"in.json exists already. Pass overwrite=true to replace it"):
        folders.to_write("in.json", "x.json", overwrite=False)
    with pytest.raises(InvalidInput, match=r"'in.txt' does not end in .json; exports are JSON files."):
        folders.to_write("in.txt", "x.json", overwrite=False)
    with pytest.raises(InvalidInput, match=r"'../out.json' lies outside of the folders that may be used."):
        folders.to_read("../out.json")


def test_links_inside_of_a_folder(folders: Folders, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        folders.to_read(str(tmp_path / "allowed"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_no_devices(folders: Folders, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "allowed" / "pipe.json")
    with pytest.raises(InvalidInput, match="is no file"):
        folders.to_read("pipe.json")
