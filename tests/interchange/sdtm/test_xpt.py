"""SAS transport files: what is written is read by ReadStat and by pandas as it was, within the limits of version 5."""

from __future__ import annotations

import datetime as dt
import io
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthsim.errors import InvalidInput
from healthsim.exchange.sdtm import xpt
from healthsim.exchange.sdtm.ascii_text import VALUE_BYTES, ascii_of, pieces

MADE = dt.datetime(2025, 1, 2, 3, 4, 5)
COLUMNS = (
    xpt.XptColumn("USUBJID", "Unique Subject Identifier", 5),
    xpt.XptColumn("VALUE", "A number", 0),
    xpt.XptColumn("NOTE", "A text", 3),
)
#: numbers that IBM's layout holds; the least and the greatest of a double do not fit
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e70, max_value=1e70).filter(
    lambda value: value == 0 or abs(value) > 1e-70
)


def written(columns: tuple[xpt.XptColumn, ...], rows: list[tuple[Any, ...]]) -> bytes:
    stream = io.BytesIO()
    xpt.write_header(stream, "AE", "Adverse Events", columns, MADE)
    content = xpt.rows_as_bytes(columns, list(zip(*rows, strict=True)) or [()] * len(columns), len(rows))
    stream.write(content + xpt.padding(len(content)))
    return stream.getvalue()


def read(content: bytes) -> list[list[Any]]:
    (rows,) = [list(dataset.rows) for dataset in xpt.read_datasets(io.BytesIO(content), "ae.xpt")]
    return rows


@given(st.lists(st.tuples(st.text("ABC1", min_size=1, max_size=5), st.none() | NUMBERS, st.text("xyz", max_size=3))))
def test_rows_come_back_as_they_were(rows: list[tuple[Any, ...]]) -> None:
    assert [tuple(row) for row in read(written(COLUMNS, rows))] == rows


@given(st.integers(1, 30), st.integers(1, 40))
def test_blanks_that_fill_the_last_record_are_no_rows(width: int, count: int) -> None:
    columns = (xpt.XptColumn("A", "a", width),)
    rows = [("x",)] * count
    assert [tuple(row) for row in read(written(columns, rows))] == rows


def test_readstat_and_pandas_read_the_same(tmp_path: Path) -> None:
    rows = [("S1", 1.5, "ab"), ("S2", None, ""), ("S3", -123.456, "c"), ("S4", 2**53 - 1, ""), ("S5", 1 / 3, "x")]
    target = tmp_path / "ae.xpt"
    target.write_bytes(written(COLUMNS, rows))
    frame, meta = pyreadstat.read_xport(target)
    assert (meta.table_name, meta.file_label) == ("AE", "Adverse Events")
    assert meta.column_names_to_labels == {column.name: column.label for column in COLUMNS}
    others = pd.read_sas(target, format="xport", encoding="ascii")
    for read_by in (frame, others):
        assert list(read_by["USUBJID"]) == [row[0] for row in rows]
        values = [None if math.isnan(value) else value for value in read_by["VALUE"]]
        assert values == [row[1] for row in rows]


@pytest.mark.parametrize("version", [5, 8])
def test_what_readstat_writes_is_read(tmp_path: Path, version: int) -> None:
    frame = pd.DataFrame({"NUMBER": [1.5, None, -3.0], "TEXT": ["é", "b", ""]})
    target = tmp_path / "t.xpt"
    label = "A label" if version == 5 else "A label of more than forty characters, as version 8 has them"
    pyreadstat.write_xport(
        frame, str(target), file_format_version=version, column_labels=[label, "t"], table_name="TABLE"
    )
    with target.open("rb") as stream:
        for dataset in xpt.read_datasets(stream, "t.xpt"):
            assert (dataset.name, dataset.columns[0].label, dataset.is_ours) == ("TABLE", label, False)
            assert list(dataset.rows) == [[1.5, "é"], [None, "b"], [-3, ""]]


def test_several_datasets_in_one_file() -> None:
    first = written(COLUMNS, [("S1", 1.0, "a")])
    second = written(COLUMNS, [("S2", 2.0, "b"), ("S3", 3.0, "c")])
    library = 3 * xpt.RECORD
    datasets = xpt.read_datasets(io.BytesIO(first + second[library:]), "two.xpt")
    assert [[row[0] for row in dataset.rows] for dataset in datasets] == [["S1"], ["S2", "S3"]]


def test_a_dataset_that_nobody_read_is_passed_over() -> None:
    first, second = written(COLUMNS, [("S1", 1.0, "a")] * 9), written(COLUMNS, [("S2", 2.0, "b")])
    datasets = xpt.read_datasets(io.BytesIO(first + second[3 * xpt.RECORD :]), "two.xpt")
    assert [dataset.name for dataset in datasets] == ["AE", "AE"]


def test_missing_for_a_reason() -> None:
    content = written(COLUMNS, [("S1", None, "a")])
    assert read(content.replace(b"." + b"\0" * 7, b"A" + b"\0" * 7, 1))[0][1] == ".A"


@pytest.mark.parametrize("size", [100, 300, 700, 1_000])
def test_a_file_that_is_cut_off_is_refused(size: int) -> None:
    content = written(COLUMNS, [("S1", 1.0, "a")])
    with pytest.raises(
        InvalidInput, match=r"ae.xpt (ends too early|is no SAS transport file|does not say|has no rows)"
    ):
        read(content[:size])


@given(st.text(min_size=1, max_size=900))
def test_pieces_are_within_the_limit_in_bytes_and_make_the_text(text: str) -> None:
    plain = ascii_of(text)
    cut = pieces(plain)
    assert "".join(cut) == plain
    assert all(0 < len(piece.encode("ascii")) <= VALUE_BYTES for piece in cut)


@given(
    st.lists(st.sampled_from(["e", " ", "   ", "word", "e" * 120]), max_size=80).map(
        lambda parts: f"A{''.join(parts)}z"
    )
)
def test_no_piece_ends_with_a_blank_which_a_transport_file_would_lose(text: str) -> None:
    cut = pieces(text)
    assert "".join(cut) == text
    assert not [piece for piece in cut if piece.endswith(" ") and piece.strip()]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("naïve Müller", "naive Muller"),
        ("≥ 5 µg", ">= 5 ug"),
        ("Straße", "Strasse"),
        ("38 °C \u2013 fever", "38 degC - fever"),
    ],
)
def test_letters_and_signs_are_spelled_in_ascii(text: str, plain: str) -> None:
    """The limits count bytes: what is not ASCII is spelled before it is measured (xportr#189, haven#746)."""
    assert ascii_of(text) == plain
