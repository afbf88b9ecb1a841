"""The kind: standard input and output that are closed, full or of another encoding end no command with a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a POSIX shell closes and fills the streams")
FULL = Path("/dev/full").exists()


def _run(home: Path, redirected: str, *words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command with its streams redirected as a shell does it."""
    command = [sys.executable, "-c", "from healthsim.cli import main; main()", *words]
    script = 'exec "$@" ' + redirected
    return subprocess.run(
        ["/bin/sh", "-c", script, "sh", *command],
        env={**os.environ, "HEALTHSIM_HOME": str(home), "HEALTHSIM_DB": str(home / "x.duckdb"), **environment},
        capture_output=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("streams")
    assert _run(folder, "", "status").returncode == 0
    return folder


@pytest.mark.skipif(not FULL, reason="there is no /dev/full here")
@pytest.mark.parametrize(
    "words",
    [
        ("sql", "SELECT 1"),
        ("sql", "SELECT 1", "--csv"),
        ("sql", "FROM range(9000)", "--json"),
        ("scenario", "list", "--json"),
        ("status",),
        ("--help",),
        ("--version",),
    ],
)
@pytest.mark.long
def test_a_full_output_is_told(home: Path, words: tuple[str, ...]) -> None:
    done = _run(home, ">/dev/full", *words)
    assert done.returncode == 1
    assert done.stderr.decode() == "healthsim: The output cannot be written: No space left on device.\n"


@pytest.mark.parametrize("redirected", ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("words", [("sql", "SELECT 1"), ("status", "--json"), ("scenario", "list")])
@pytest.mark.long
def test_closed_streams_are_nowhere(home: Path, redirected: str, words: tuple[str, ...]) -> None:
    done = _run(home, redirected, *words)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr + done.stdout


@pytest.mark.long
def test_what_is_printed_never_reaches_the_database(tmp_path: Path) -> None:
    """With standard output closed, the first file that is opened would have its number."""
    done = _run(tmp_path, "<&- >&- 2>&-", "status")
    assert done.returncode == 0
    assert _run(tmp_path, "", "doctor").returncode == 0


@pytest.mark.long
def test_an_error_is_told_by_its_code_where_nobody_can_read_it(home: Path) -> None:
    assert _run(home, "2>&-", "scenario", "show", "nothing").returncode == 3
    if FULL:
        assert _run(home, "2>/dev/full", "scenario", "show", "nothing").returncode == 3
        assert _run(home, ">/dev/full 2>/dev/full", "sql", "SELECT 1").returncode == 1


@pytest.mark.long
def test_a_closed_input_is_an_empty_one(home: Path) -> None:
    done = _run(home, "<&-", "sql", "-")
    assert done.returncode == 5
    assert done.stderr.startswith(b"healthsim: The question is empty")
    done = _run(home, "<&-", "scenario", "delete", "nothing")
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_an_input_that_is_no_text_is_told(home: Path, tmp_path: Path, locale: str) -> None:
    (tmp_path / "question.sql").write_bytes(b"SELECT '\xff'")
    done = _run(home, f"<'{tmp_path / 'question.sql'}'", "sql", "-", LC_ALL=locale, PYTHONUTF8="1")
    assert done.returncode == 2
    assert done.stderr.startswith(b"healthsim: Standard input is no text")


@pytest.mark.long
def test_letters_that_the_terminal_lacks_are_shown_by_number(home: Path) -> None:
    sql = "SELECT '\u6f22' || chr(233) AS name"
    for words in (("sql", sql), ("sql", sql, "--csv")):
        done = _run(home, "", *words, PYTHONIOENCODING="cp1252")
        assert done.returncode == 0
        assert b"\\u6f22\xe9" in done.stdout
    done = _run(home, "", "sql", sql, "--json", PYTHONIOENCODING="cp1252")
    assert b'"\\u6f22\\u00e9"' in done.stdout
    done = _run(home, "", "scenario", "show", "\u6f22", PYTHONIOENCODING="ascii")
    assert done.returncode == 3
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("words", [("scenario", "show", b"\xff"), ("sql", b"SELECT '\xff'"), (b"\xff",)])
def test_arguments_that_are_no_text_are_refused(home: Path, words: tuple[str | bytes, ...]) -> None:
    command = [sys.executable, "-c", "from healthsim.cli import main; main()", *words]
    done = subprocess.run(
        command, capture_output=True, timeout=120, check=False, env={**os.environ, "HEALTHSIM_HOME": str(home)}
    )
    assert done.returncode == 2
    assert b"is not UTF-8; expected a text in UTF-8." in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.long
def test_a_closed_pipe_ends_quietly(home: Path) -> None:
    done = _run(home, "| head -1", "sql", "FROM range(9000)", "--csv")
    assert done.stdout == b"range\n"
    assert done.stderr == b""


@pytest.mark.long
def test_a_question_may_begin_with_a_comment(home: Path) -> None:
    for text in ("-- how many\nSELECT 41 + 1 AS n", "--how many\nSELECT 42 AS n", "/* -- */ SELECT 42 AS n"):
        done = _run(home, "", "sql", text, "--csv", "--limit", "5")
        assert (done.returncode, done.stdout) == (0, b"n\n42\n")
    assert _run(home, "", "sql", "--", "-- x\nSELECT 42 AS n").returncode == 0
    done = _run(home, "", "sql", "SELECT 1", "--limt", "5")
    assert b"No such option" in done.stderr


@pytest.mark.parametrize("error", [MemoryError(), ValueError("a\nfault"), OSError(5, "Input/output error", "/x/y")])
def test_whatever_happens_is_told_in_one_line(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from healthsim import cli

    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(cli.healthsim, "main", broken)
    with pytest.raises(SystemExit) as ended:
        cli.main(["status"])
    assert ended.value.code == 1
    text = capsys.readouterr().err
    assert len(text.splitlines()) == 1
    assert "Interrupted" not in text
    assert any(word in text for word in ("not enough memory", "ValueError", "/x/y cannot be used: Input/output error"))
