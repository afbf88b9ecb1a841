"""Answers: attributes, keys, JSON, short reprs, data frames."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from healthsim.db.query import Answer as SqlAnswer
from healthsim.errors import HealthSimError
from healthsim.results import Catalog, CheckResult, MetricAnswer, RuleResult, Saved, Table


def metric_answer(rows: list[list[Any]]) -> MetricAnswer:
    return MetricAnswer(["year", "pmpm"], rows, len(rows), len(rows), False, [], [], [], [], [], "SELECT 1", {})


def test_an_answer_has_attributes_and_is_read_by_key_as_when_it_was_a_dict() -> None:
    answer = metric_answer([[2024, 1.5]])
    assert answer.rows == answer["rows"] == [[2024, 1.5]]
    assert dict(answer.as_dict()) == {**answer} == answer
    assert "rows" in answer
    assert answer.get("nothing", 7) == 7
    with pytest.raises(KeyError):
        answer["nothing"]


def test_json_leaves_out_what_an_answer_does_not_have() -> None:
    assert Catalog(metrics=[]).as_dict() == {"metrics": []}
    assert "dropped_by_type" not in Saved("1", "s", "python", 0, {}).as_dict()


def test_an_answer_inside_an_answer_becomes_json_as_well() -> None:
    rule = RuleResult("r", "pass", "fail", "Says it.", 0, [], [])
    result = CheckResult("s", "1", False, True, 1, 0, [rule])
    assert result.as_dict()["rules"] == [rule.as_dict()]
    assert list(result) == [rule]
    assert result.arrow().column_names == ["rule", "status", "severity", "violations", "says"]


@pytest.mark.parametrize(
    "answer",
    [
        metric_answer([[2024, "x" * 5_000]] * 1_000),
        Saved("1", "s", "python", 5, {f"type_{n}": n for n in range(500)}, warnings=["w" * 500] * 500),
        Catalog(metrics=[{"name": "m"}] * 500),
    ],
)
def test_a_repr_is_a_line(answer: object) -> None:
    assert len(repr(answer)) < 200
    assert "\n" not in repr(answer)


def test_rows_become_arrow_whatever_they_hold() -> None:
    table = metric_answer([[2024, 1], [2025, 1.5], [None, None]]).arrow()
    assert table.schema == pa.schema([("year", pa.int64()), ("pmpm", pa.float64())])
    mixed = metric_answer([[1, "a"], ["b", Decimal("1.50")]]).arrow()
    assert mixed.column("year").to_pylist() == ["1", "b"]
    assert metric_answer([]).arrow().num_rows == 0
    twice = SqlAnswer(["a", "a", "a_1"], [[1, 2, 3]], False).arrow()
    assert twice.column_names == ["a", "a_1", "a_1_1"]


def test_what_sql_answers_has_the_types_of_the_engine() -> None:
    answer = SqlAnswer(
        ["d", "m", "n", "t"],
        [["1960-01-01", "1.50", 9007199254740993, "x"], [None] * 4],
        False,
        ["DATE", "DECIMAL(9,2)", "BIGINT", "VARCHAR"],
    )
    first, second = answer.arrow().to_pylist()
    assert first == {"d": dt.date(1960, 1, 1), "m": Decimal("1.50"), "n": 9007199254740993, "t": "x"}
    assert set(second.values()) == {None}
    endless = SqlAnswer(["d"], [["infinity"]], False, ["DATE"])
    assert endless.arrow().to_pylist() == [{"d": "infinity"}]


def test_any_library_of_arrow_takes_an_answer_as_it_is() -> None:
    assert pa.table(metric_answer([[2024, 1.5]])).to_pylist() == [{"year": 2024, "pmpm": 1.5}]


@pytest.mark.parametrize(("method", "library"), [("df", "pandas"), ("pl", "polars")])
def test_a_missing_library_is_named_with_what_installs_it(
    method: str, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, library, None)
    with pytest.raises(HealthSimError, match=f"{library} is not installed.*pip install {library}"):
        getattr(metric_answer([[2024, 1.5]]), method)()


def test_a_notebook_shows_the_first_rows_and_no_markup_of_theirs() -> None:
    shown = metric_answer([[2024, "<script>"]] * 30)._repr_html_()
    assert "<script>" not in shown
    assert "10 rows more" in shown


def test_a_table_is_true_and_is_as_long_as_its_rows() -> None:
    empty: Table = metric_answer([])
    assert empty
    assert len(empty) == 0
