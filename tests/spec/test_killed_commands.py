"""A command that is killed at any moment leaves nothing behind but whole data (kind 13 of what strangers try).

SIGTERM and SIGHUP end it tidied up; what SIGKILL leaves is removed by the next run.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from healthsim.db.connection import Database
from healthsim.generation import generate
from healthsim.state.doctor import examine

pytestmark = [pytest.mark.skipif(os.name != "posix", reason="signals of POSIX"), pytest.mark.long]
#: each signal twice; HEALTHSIM_LONG_TESTS asks for the proof
KILLS = 40 if os.environ.get("HEALTHSIM_LONG_TESTS") else 6
_PROGRAM = "from healthsim.cli import main; main()"


def run(path: Path, words: list[str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", _PROGRAM, "--db", str(path), *words]
    # where an engine crashes, what is printed says at which statement
    environment = {**os.environ, "PYTHONFAULTHANDLER": "1"}
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)


def succeed(process: subprocess.Popen[bytes]) -> None:
    _, printed = process.communicate()
    assert process.returncode == 0, printed.decode()


def left(folder: Path) -> list[str]:
    """Everything below a folder but databases and what was asked for."""
    known = ("healthsim.duckdb", "out", "staging", "home")
    return sorted(
        str(entry.relative_to(folder))
        for entry in (*folder.iterdir(), *folder.glob("staging/*"))
        if entry.name not in known
    )


COMMANDS = {
    "compact": ["compact"],
    "export omop": ["export", "omop", "demo", "-o", "OUT/out", "--force"],
    "generate": ["generate", "--size", "400", "--county", "06073", "--as", "made", "--overwrite"],
    "build": ["analytics", "build", "demo", "--mode", "full"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_kills_leave_nothing_behind(database_path: Path, command: str) -> None:
    generate({"size": 400, "counties": ["06073"]}, "demo", database=Database(database_path))
    folder = database_path.parent
    words = [word.replace("OUT", str(folder)) for word in COMMANDS[command]]
    began = time.monotonic()
    succeed(run(database_path, words))
    duration = time.monotonic() - began
    moments = random.Random(command)
    for number in range(KILLS):
        how = (signal.SIGTERM, signal.SIGKILL, signal.SIGHUP)[number % 3]
        process = run(database_path, words)
        time.sleep(moments.uniform(0.3, 1.0) * duration)
        process.send_signal(how)
        _, printed = process.communicate()
        assert b"Traceback" not in printed, printed.decode()
        assert process.returncode in (0, -how, 128 + how), printed.decode()
        if how is signal.SIGKILL:
            succeed(run(database_path, words))
        assert left(folder) == [], (number, how)
    assert examine(Database(database_path))["ok"]
