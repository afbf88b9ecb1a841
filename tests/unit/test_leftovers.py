"""What a dead program left is known by its name, and what a living one or another host has is left alone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from healthsim import leftovers


def dead() -> int:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    return gone.pid


def test_only_what_dead_processes_of_this_host_left_is_abandoned(tmp_path: Path) -> None:
    node, gone = leftovers.owned_name("").rsplit("-", 2)[0], dead()
    left = [f".x.part-{node}-{gone}-0a0b0c0d", f".x.part-{node}-{gone}-0a0b0c0d.wal"]
    kept = [
        leftovers.owned_name(".x.part-"),
        f".x.part-{node}-{os.getppid()}-00",
        f".x.part-other-{gone}-00",
        # the host "NODE-<gone>" is not this one
        f".x.part-{node}-{gone}-{os.getppid()}-00",
        f".y.part-{node}-{gone}-00",
        ".x.part-",
        ".x.part-notes",
        f".x.part-{gone}-00",
        f".x.part-{node}--1-00",
        f".x.part-{node}-²-00",
    ]
    for name in (*left, *kept):
        (tmp_path / name).touch()
    (tmp_path / f"folder-{node}-{gone}-00").mkdir()
    (tmp_path / f"folder-{node}-{gone}-00" / "part").touch()
    assert [path.name for path in leftovers.abandoned(tmp_path, ".x.part-", "folder-")] == [
        *left,
        f"folder-{node}-{gone}-00",
    ]
    leftovers.remove_abandoned(tmp_path, ".x.part-", "folder-")
    assert sorted(set(os.listdir(tmp_path)) - {"home"}) == sorted(kept)


def test_what_another_host_made_is_its_own_until_nobody_has_touched_it_for_days(tmp_path: Path) -> None:
    """Two containers on one volume may have the same name and the same numbers of processes."""
    host, gone = leftovers.owned_name("").rsplit("-", 2)[0], dead()
    names = [f"x-other-{gone}-00", f"x-{host.partition('+')[0]}+0badf00d-{gone}-00"]
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "part").touch()
    assert leftovers.abandoned(tmp_path, "x-") == []
    old = time.time() - (leftovers.DAYS_UNTOUCHED + 1) * 86_400
    for name in names:
        os.utime(tmp_path / name, (old, old))
    # what is in it counts as well
    assert leftovers.abandoned(tmp_path, "x-") == []
    os.utime(tmp_path / names[0] / "part", (old, old))
    assert leftovers.abandoned(tmp_path, "x-") == [tmp_path / names[0]]


def test_a_folder_that_is_not_there_has_nothing(tmp_path: Path) -> None:
    assert leftovers.abandoned(tmp_path / "none", "x") == []
    leftovers.remove(tmp_path / "none")


def test_the_name_fits_into_its_room() -> None:
    assert 0 <= leftovers.room_for_owner() - len(leftovers.owned_name("").encode()) <= 10


def test_a_process_that_runs_lives() -> None:
    assert leftovers.lives(os.getpid())
    assert leftovers.lives(os.getppid())
    assert not leftovers.lives(dead())
    assert not leftovers.lives(10**30)
