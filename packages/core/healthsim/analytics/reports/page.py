"""Reports as one page of HTML: key figures, charts, tables, definitions and SQL, without any file or network beside it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote

from healthsim.analytics.reports.charts import chart
from healthsim.analytics.reports.report import shown
from healthsim.outputs import open_file
from healthsim.pictures import charts
from healthsim.pictures.page import table_html, whole_page
from healthsim.results import ReportAnswer

#: rows of a table that is shown whole, and of the beginning of a longer one
WHOLE, FIRST = 25, 20
#: cells of a table of x by series: more are read by a program
_MOST_CELLS = 1_200
_UNITS = {"percent": "%", "USD": "USD"}


def page(answers: Sequence[ReportAnswer]) -> str:
    """The text of a page with these reports."""
    names = ", ".join(dict.fromkeys(scope["scenario"] for answer in answers for scope in answer["scenarios"]))
    title = answers[0]["title"] if len(answers) == 1 else "Reports"
    built = ", ".join(
        dict.fromkeys(
            f"{scope['scenario']}: {scope['status']}, star of {scope['built_at']} UTC"
            for answer in answers
            for scope in answer["scenarios"]
        )
    )
    parts = [f'<p class="quiet">{escape(names)}. All data is synthetic. {escape(built)}.</p>']
    if len(answers) > 1:
        items = "".join(f'<li><a href="#{answer["report"]}">{escape(answer["title"])}</a></li>' for answer in answers)
        parts.append(f'<nav aria-label="Reports"><ul>{items}</ul></nav>')
    parts += [_section(answer, heading=len(answers) > 1) for answer in answers]
    return whole_page(title, parts, styles=[charts.style(), _style()])


def _style() -> str:
    return files(__package__).joinpath("page.css").read_text(encoding="utf-8")


def _section(answer: ReportAnswer, *, heading: bool) -> str:
    parts = [f'<section id="{answer["report"]}">']
    if heading:
        parts.append(f"<h2>{escape(answer['title'])}</h2>")
    parts.append(f"<p>{escape(answer['question'])}</p>")
    parts += [f'<p class="note">{escape(note)}</p>' for note in answer["notes"]]
    parts.append(_key_figures(answer))
    drawn = chart(answer)
    if drawn is not None:
        name = escape(f"Chart: {answer['title']}")
        box = f'<div class="wide" tabindex="0" role="region" aria-label="{name}">{drawn}</div>'
        parts.append(f"<figure>{box}<figcaption>{escape(_caption(answer))}</figcaption></figure>")
    parts += _tables(answer)
    if answer["truncated"]:
        parts.append(f'<p class="note">The first {answer["returned"]:,} of {answer["row_count"]:,} rows.</p>')
    parts.append(f'<p class="quiet">{escape(answer["how"])}{_parameters(answer)}</p>')
    parts.append(f"<details><summary>SQL</summary><pre>{escape(answer['sql'])}</pre></details></section>")
    return "\n".join(part for part in parts if part)


def _parameters(answer: ReportAnswer) -> str:
    if not answer["parameters"]:
        return ""
    settings = ", ".join(f"{name} = {value}" for name, value in answer["parameters"].items())
    return f" ({escape(settings)})"


# -- what is said of the values ----------------------------------------------------------------------------------


def _columns_of(spec: Any) -> list[str]:
    """The columns that say what a value of a chart is of."""
    return [name for key in ("within", "x", "series") for name in _listed(spec.get(key))]


def _listed(names: Any) -> list[str]:
    return [names] if isinstance(names, str) else list(names or ())


def _caption(answer: ReportAnswer) -> str:
    """What the chart shows, with its unit: ``USD per member and month, by month and plan``."""
    spec = answer["chart"]
    by = " and ".join(name.replace("_", " ") for name in _columns_of(spec))
    return f"{spec['label']}{', by ' + by if by else ''}"


def _key_figures(answer: ReportAnswer) -> str:
    """The highest, the middle and the lowest value of what is drawn, with what they are of."""
    spec, columns = answer["chart"], answer["columns"]
    if "y" not in spec or "totals" in spec:
        return ""
    at = columns.index(spec["y"])
    known = [row for row in answer["rows"] if isinstance(row[at], (int, float)) and not isinstance(row[at], bool)]
    if len(known) < 3:
        return ""
    unit = answer["units"][spec["y"]]
    places = [columns.index(name) for name in _columns_of(spec)]

    def figure(word: str, value: float, of: str) -> str:
        text = f"{shown(value, unit)} {_UNITS.get(unit or '', '')}".strip()
        return f"<div><dt>{word}</dt><dd>{escape(text)}</dd><dd>{escape(of)}</dd></div>"

    def of(row: Sequence[Any]) -> str:
        return ", ".join(str(row[place]) for place in places)

    high, low = max(known, key=lambda row: row[at]), min(known, key=lambda row: row[at])
    middle = float(median(row[at] for row in known))
    figures = [
        figure("Highest", high[at], of(high)),
        figure("Median", middle, f"of {len(known):,} values"),
        figure("Lowest", low[at], of(low)),
    ]
    return f'<dl class="key">{"".join(figures)}</dl>'


# -- tables -------------------------------------------------------------------------------------------------------


def _tables(answer: ReportAnswer) -> Iterable[str]:
    """The rows: all of a few; of many a table of x by series or the first ones, with all of them behind a fold."""
    if not answer["rows"]:
        return ["<p>No rows.</p>"]
    title = answer["title"]
    whole = _table(answer, answer["rows"], title)
    link = _csv(answer)
    if len(answer["rows"]) <= WHOLE:
        return [whole, link]
    short = _crossed(answer) or (
        f"<p>The first {FIRST} of {len(answer['rows']):,} rows:</p>"
        + _table(answer, answer["rows"][:FIRST], f"{title}, the first rows")
    )
    return [short, f"<details><summary>All {len(answer['rows']):,} rows</summary>{whole}</details>", link]


def _table(answer: ReportAnswer, rows: Sequence[Sequence[Any]], name: str) -> str:
    units = answer["units"]
    heads = {column: column.replace("_", " ") + _unit(units[column]) for column in answer["columns"]}
    cells = (
        [shown(value, units[column]) for column, value in zip(answer["columns"], row, strict=True)] for row in rows
    )
    return table_html(list(heads.values()), cells, name=name, numbers=[heads[name] for name in heads if units[name]])


def _unit(unit: str | None) -> str:
    return f" ({_UNITS[unit]})" if unit in _UNITS else ""


def _crossed(answer: ReportAnswer) -> str | None:
    """What is drawn as a table of x by series, where each pair of both has one row."""
    spec, columns = answer["chart"], answer["columns"]
    x, series, y = spec.get("x"), spec.get("series"), spec.get("y")
    if not (isinstance(x, str) and series and y):
        return None
    at_x, at_series, at_y = (columns.index(name) for name in (x, series, y))
    cells = {(str(row[at_x]), str(row[at_series])): row[at_y] for row in answer["rows"]}
    lines = list(dict.fromkeys(str(row[at_x]) for row in answer["rows"]))
    heads = list(dict.fromkeys(str(row[at_series]) for row in answer["rows"]))
    if len(cells) < len(answer["rows"]) or len(lines) * len(heads) > _MOST_CELLS:
        return None
    if len(heads) > len(lines):
        # the longer side goes down the page
        lines, heads = heads, lines
        cells = {(second, first): value for (first, second), value in cells.items()}
        x, series = series, x
    unit = answer["units"][y]
    rows = ([line, *(shown(cells.get((line, head)), unit) for head in heads)] for line in lines)
    says = f"{spec['label']}: {x} by {series}".replace("_", " ")
    table = table_html([x.replace("_", " "), *heads], rows, name=says, numbers=heads)
    return f"<p>{escape(says)}. An empty cell has no such data.</p>{table}"


def _csv(answer: ReportAnswer) -> str:
    """All rows as a file that is in the page."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(answer["columns"])
    writer.writerows(["" if value is None else value for value in row] for row in answer["rows"])
    text = quote(stream.getvalue())
    return (
        f'<p class="rows"><a download="{answer["report"]}.csv" href="data:text/csv;charset=utf-8,{text}">'
        f"All {len(answer['rows']):,} rows as CSV</a></p>"
    )


def write_page(path: Path, answers: Sequence[ReportAnswer], *, force: bool = False) -> Path:
    """Write the page, whole or not at all.

    Raises:
        AlreadyExists: a file is there, and nothing says that it may be replaced; or what no file replaces.
        HealthSimError: it cannot be written.
    """
    text = page(answers)
    with open_file(path, force=force) as stream:
        stream.write(text.encode())
    return path
