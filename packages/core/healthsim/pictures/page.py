"""A page that stands alone: one file without scripts and without anything from elsewhere, in light and dark, on paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files


def whole_page(title: str, parts: Iterable[str], *, styles: Sequence[str] = ()) -> str:
    """The text of a page.

    Args:
        title: its heading, too.
        parts: pieces of HTML.
        styles: style sheets beside that of all such pages.
    """
    sheet = "\n".join([files(__package__).joinpath("page.css").read_text(encoding="utf-8"), *styles])
    body = "\n".join(parts)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{escape(title)}</title>
<style>{sheet}</style>
</head>
<body>
<main>
<h1>{escape(title)}</h1>
{body}
</main>
<footer>All data is synthetic. Made by HealthSim.</footer>
</body>
</html>
"""


def table_html(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, name: str, numbers: Sequence[str] = (), ids: str = ""
) -> str:
    """A table in a box that scrolls sideways where it has to.

    Args:
        columns: the heads.
        rows: the cells.
        name: what the table is, for who does not see it.
        numbers: the columns that stand to the right.
        ids: rows get identifiers that begin so.
    """
    right = [column in numbers for column in columns]
    head = "".join(
        f'<th scope="col"{_class(place)}>{escape(column)}</th>' for column, place in zip(columns, right, strict=True)
    )
    lines = []
    for number, row in enumerate(rows):
        cells = "".join(
            f"<td{_class(place)}>{'' if cell is None else escape(str(cell))}</td>"
            for cell, place in zip(row, right, strict=True)
        )
        lines.append(f'<tr id="{ids}{number}">{cells}</tr>' if ids else f"<tr>{cells}</tr>")
    body = "\n".join(lines)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(name)}"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def _class(is_number: bool) -> str:
    return ' class="number"' if is_number else ""
