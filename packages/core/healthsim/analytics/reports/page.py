"""Reports as one page of HTML: charts, tables, definitions and SQL, without any file or network beside it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from healthsim.analytics.reports.charts import chart
from healthsim.analytics.reports.report import shown
from healthsim.outputs import open_file
from healthsim.results import ReportAnswer

_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; color: #1b1b1b; background: #fff;
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.25rem; margin: 2.5rem 0 .25rem; }
p { margin: .25rem 0 .75rem; } .about, figcaption, footer { color: #555; font-size: .9rem; }
.note { border-left: 4px solid #e69f00; background: #fff8e8; padding: .4rem .8rem; }
figure { margin: 1rem 0; } svg { width: 100%; height: auto; }
svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: #1b1b1b; }
svg text.small { font-size: 11px; fill: #444; } svg .grid { stroke: #ddd; stroke-width: 1; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .85rem; }
th, td { padding: .25rem .6rem; text-align: left; border-bottom: 1px solid #ddd; }
th { border-bottom: 2px solid #888; vertical-align: bottom; } tbody tr:nth-child(even) { background: #f7f7f7; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
pre { font-size: .75rem; overflow-x: auto; background: #f7f7f7; padding: .8rem; white-space: pre-wrap; }
nav li { margin: .1rem 0; }
@media print { body { margin: 0; max-width: none; font-size: 10pt; } section { break-before: page; }
  section:first-of-type { break-before: auto; } figure, tr { break-inside: avoid; } thead { display: table-header-group; }
  details, nav { display: none; } .wide { overflow: visible; } tbody tr:nth-child(even) { background: none; } }
"""


def page(answers: Sequence[ReportAnswer]) -> str:
    """The text of a page with these reports."""
    names = ", ".join(dict.fromkeys(scope["scenario"] for answer in answers for scope in answer["scenarios"]))
    title = answers[0]["title"] if len(answers) == 1 else "Reports"
    contents = ""
    if len(answers) > 1:
        items = "".join(f'<li><a href="#{answer["report"]}">{escape(answer["title"])}</a></li>' for answer in answers)
        contents = f"<nav><ul>{items}</ul></nav>"
    sections = "\n".join(_section(answer, heading=len(answers) > 1) for answer in answers)
    built = ", ".join(
        dict.fromkeys(
            f"{scope['scenario']}: {scope['status']}, star of {scope['built_at']} UTC"
            for answer in answers
            for scope in answer["scenarios"]
        )
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{escape(title)}: {escape(names)}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{escape(title)}</h1>
<p class="about">{escape(names)}. All data is synthetic.</p>
{contents}
{sections}
<footer>{escape(built)}. Made by HealthSim.</footer>
</body>
</html>
"""


def _section(answer: ReportAnswer, *, heading: bool) -> str:
    parts = [f'<section id="{answer["report"]}">']
    if heading:
        parts.append(f"<h2>{escape(answer['title'])}</h2>")
    parts.append(f"<p>{escape(answer['question'])}</p>")
    parts += [f'<p class="note">{escape(note)}</p>' for note in answer["notes"]]
    drawn = chart(answer)
    if drawn is not None:
        what = answer["chart"].get("y")
        caption = str(what).replace("_", " ") if what else "subjects by stage"
        parts.append(f"<figure>{drawn}<figcaption>{escape(caption)}</figcaption></figure>")
    parts.append(_table(answer))
    if answer["truncated"]:
        parts.append(f'<p class="note">The first {answer["returned"]:,} of {answer["row_count"]:,} rows.</p>')
    parts.append(f'<p class="about">{escape(answer["how"])}{_parameters(answer)}</p>')
    parts.append(f"<details><summary>SQL</summary><pre>{escape(answer['sql'])}</pre></details></section>")
    return "\n".join(parts)


def _parameters(answer: ReportAnswer) -> str:
    if not answer["parameters"]:
        return ""
    told = ", ".join(f"{name} = {value}" for name, value in answer["parameters"].items())
    return f" ({escape(told)})"


def _table(answer: ReportAnswer) -> str:
    if not answer["rows"]:
        return "<p>No rows.</p>"
    units = answer["units"]
    head = "".join(
        f'<th{_class(units[name])} scope="col">{escape(name.replace("_", " "))}{_unit(units[name])}</th>'
        for name in answer["columns"]
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{_class(units[name])}>{escape(shown(value, units[name]))}</td>"
            for name, value in zip(answer["columns"], row, strict=True)
        )
        + "</tr>\n"
        for row in answer["rows"]
    )
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table></div>'


def _class(unit: str | None) -> str:
    return ' class="number"' if unit else ""


def _unit(unit: str | None) -> str:
    return {"percent": " (%)", "USD": " (USD)"}.get(unit or "", "")


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
