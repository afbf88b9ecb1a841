"""Whoever is told to stop tidies up: SIGTERM and SIGHUP end a command like Ctrl-C (kind 13 of what strangers try)."""

from __future__ import annotations

import importlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from healthsim import signals
from healthsim.cli import main
from healthsim.db.connection import Database
from waiting import PATIENCE

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
BOTH = [signal.SIGTERM, signal.SIGHUP]


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in BOTH}
    for number in BOTH:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", BOTH)
def test_a_command_is_stopped_and_tidies_up(number: signal.Signals) -> None:
    tidied = []

    def command() -> None:
        try:
            signal.raise_signal(number)
        finally:
            # what a shell sends on top does not stop that
            signal.raise_signal(signal.SIGTERM)
            tidied.append(True)

    with pytest.raises(signals.Stopped) as stopped, signals.stoppable():
        command()
    assert tidied == [True]
    assert isinstance(stopped.value, KeyboardInterrupt)
    assert signals.exit_code(1) == 128 + number
    assert signal.getsignal(number) is signal.SIG_DFL, "and as it was before"


def test_one_that_got_lost_counts_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "_TIDYING_SECONDS", 0.0)
    with signals.stoppable():
        for _ in range(2):
            with pytest.raises(signals.Stopped):
                signal.raise_signal(signal.SIGTERM)


@pytest.mark.parametrize("number", [*BOTH, signal.SIGINT])
def test_an_import_is_finished_first(number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module of C whose beginning is interrupted would be half there, and the process end with a crash."""
    module = f"half_there_{number}"
    (tmp_path / f"{module}.py").write_text(f"import signal\nsignal.raise_signal({number:d})\nwhole = True\n")
    monkeypatch.syspath_prepend(tmp_path)

    def command() -> None:
        assert importlib.import_module(module).whole
        time.sleep(PATIENCE)

    with pytest.raises(KeyboardInterrupt) as stopped, signals.stoppable():
        command()
    assert isinstance(stopped.value, signals.Stopped) == (number is not signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_import_that_does_not_end_is_stopped_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "_IMPORT_SECONDS", 0.1)
    (tmp_path / "without_end.py").write_text(
        "import signal, time\nsignal.raise_signal(signal.SIGTERM)\nwhile True:\n    time.sleep(0.01)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(signals.Stopped), signals.stoppable():
        importlib.import_module("without_end")


def test_what_nohup_ignores_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with signals.stoppable():
        signal.raise_signal(signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_one_in_the_middle_of_a_commit_counts_before_the_next_step(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from healthsim.db import connection as module

    commit = module.room_to_commit

    def disturbed(connection: Any) -> Any:
        signal.raise_signal(signal.SIGTERM)
        return commit(connection)

    monkeypatch.setattr(module, "room_to_commit", disturbed)
    with signals.stoppable():
        with database.write() as connection:
            connection.execute("CREATE TABLE t AS SELECT 7 AS a")
        with pytest.raises(signals.Stopped), database.read():
            pass
    with signals.stoppable(), database.read() as connection:
        assert connection.execute("FROM t").fetchall() == [(7,)], "what was committed stays"


@pytest.mark.parametrize("json_too", [False, True])
def test_the_exit_code_is_that_of_the_signal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], json_too: bool
) -> None:
    def stopped(*_: object, **__: object) -> None:
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr("healthsim.db.status.status", stopped)
    with pytest.raises(SystemExit) as end:
        main(["status", *(["--json"] if json_too else [])])
    assert end.value.code == 143
    printed = capsys.readouterr()
    assert printed.err.strip() == "healthsim: Stopped by SIGTERM; nothing is half done."
    assert ('"code": "stopped"' in printed.out) is json_too


def test_a_worker_leaves_ctrl_c_and_the_terminal_to_its_parent() -> None:
    before = signal.getsignal(signal.SIGINT)
    try:
        signals.leave_to_parent()
        assert signal.getsignal(signal.SIGINT) is signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGINT, before)
