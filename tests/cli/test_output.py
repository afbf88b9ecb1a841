"""Tables at narrow terminals, in pipes, and in CSV: nothing is cut without a word, and nothing is one letter wide."""

from __future__ import annotations

import io
import re
import sys
from typing import Any

import pytest

from healthsim.cli.output import print_csv, table


class _Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def _at(monkeypatch: pytest.MonkeyPatch, width: int | None, *arguments: Any, **options: Any) -> list[str]:
    """The lines of a table at a terminal of a width, or in a pipe."""
    output = _Terminal() if width else io.StringIO()
    if width:
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("LINES", "1000")
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", output)
        table(*arguments, **options)
    return [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", output.getvalue()).splitlines()]


COLUMNS = [f"column_{number}" for number in range(40)]
ROWS = [[f"value {number} of {row}" for number in range(40)] for row in range(2)]


def test_a_pipe_gets_every_column_on_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = _at(monkeypatch, None, COLUMNS, ROWS)
    assert all(name in lines[1] for name in COLUMNS)
    assert all(cell in lines[3] for cell in ROWS[0])
    long = "a sentence of many words " * 20
    assert any(long.strip() in line for line in _at(monkeypatch, None, ["a", "b"], [[long, 1]]))


@pytest.mark.parametrize("width", [20, 40, 80, 132])
def test_a_narrow_terminal_gets_lines_of_column_and_value(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    lines = _at(monkeypatch, width, COLUMNS, ROWS, title="Wide")
    assert lines[:3] == ["Wide", "-- row 1 of 2", "column_0   value 0 of 0"]
    assert lines[41:44] == ["column_39  value 39 of 0", "-- row 2 of 2", "column_0   value 0 of 1"]
    assert "" not in lines


@pytest.mark.parametrize("width", [20, 132])
def test_a_low_terminal_is_paged(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    paged: list[str] = []
    monkeypatch.setattr("click.echo_via_pager", lambda text, color: paged.append(text))
    rows = [[number, f"value {number}", "x" * 20] for number in range(1_200)]
    assert _at(monkeypatch, width, ["number", "value", "more"], rows) == []
    assert all(f"value {number}" in paged[0] for number in range(1_200))
    assert any("value 7" in line for line in _at(monkeypatch, width, ["number", "value", "more"], rows[:20]))
    assert len(paged) == 1
    # a file is no terminal
    assert len(_at(monkeypatch, None, ["number", "value", "more"], rows)) > 1_200


def test_long_texts_are_folded_where_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = _at(monkeypatch, 60, ["name", "meaning", "rows"], [["patients", "one person in care " * 8, 1_234_567]])
    assert "1,234,567" in "".join(lines)
    assert max(map(len, lines)) <= 60
    assert not any(line.startswith("--") for line in lines)


def test_numbers_are_never_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [["a" * 30, "12345678901234567890", "9.5"]]
    lines = _at(monkeypatch, 50, ["text", "big", "small"], rows, numeric=[False, True, True])
    assert any("12345678901234567890" in line for line in lines)
    lines = _at(monkeypatch, 30, ["text", "big", "small"], rows, numeric=[False, True, True])
    assert lines == ["-- row 1 of 1", "text   " + "a" * 30, "big    12345678901234567890", "small  9.5"]


def test_wide_letters_take_their_room(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = _at(monkeypatch, 30, ["名前", "b"], [["漢字" * 20, "x"]])
    assert all(len(line) <= 30 for line in lines)
    assert "漢字" in "".join(lines)


def test_no_rows_are_told_at_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _at(monkeypatch, 40, COLUMNS, []) == [", ".join(COLUMNS), "No rows."]


def test_nothing_in_a_cell_moves_the_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = _at(monkeypatch, None, ["a"], [["x\x1b[2Jy\rz"], ["two\nlines"], ["[bold]no markup[/]"]])
    assert "  x\N{REPLACEMENT CHARACTER}[2Jy\N{REPLACEMENT CHARACTER}z" in lines
    assert "  two" in lines
    assert "  lines" in lines
    assert "  [bold]no markup[/]" in lines


def test_csv_and_table_write_values_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    output = io.StringIO()
    row = [True, None, [1, "é"], {"a": None}, "a\rb", 2.5]
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", output)
        print_csv(["a", "b", "c", "d", "e", "f"], [row])
    assert output.getvalue() == 'a,b,c,d,e,f\ntrue,,"[1, ""é""]","{""a"": null}","a\rb",2.5\n'
    assert any("true " in line and '[1, "é"]' in line for line in _at(monkeypatch, None, list("abcdef"), [row]))
