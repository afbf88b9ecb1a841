"""Write the pages of ``docs/`` that are made from the code: ``schema.md``, ``cli.md``,
``analytics-reference.md``, ``interchange-mappings.md`` and ``reference-tables.md``.

python scripts/write_docs.py            # write them
python scripts/write_docs.py --check    # name those that are not current, and end with 1 if there are any
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from healthsim.analytics.reference import reference_page
from healthsim.cli import healthsim
from healthsim.db.reference.tables_page import tables_page
from healthsim.db.schema import PROVENANCE
from healthsim.exchange.mappings_page import mappings_page
from healthsim.model.reference import schema_page

DOCS = Path(__file__).parents[1] / "docs"
WIDTH = 100


def pages() -> dict[str, str]:
    """File name -> text of every generated page."""
    return {
        "analytics-reference.md": reference_page(),
        "cli.md": cli_page(),
        "interchange-mappings.md": mappings_page(),
        "reference-tables.md": tables_page(),
        "schema.md": schema_page(PROVENANCE),
    }


def cli_page() -> str:
    """The text of ``docs/cli.md``: the help of every command."""
    return "\n".join(_cli_page()) + "\n"


def _cli_page() -> Iterator[str]:
    yield "# Command line"
    yield ""
    yield "Made from the commands by `python scripts/write_docs.py`; a test keeps it true."
    yield ""
    yield (
        "Data goes to standard output, notices and errors go to standard error. `--db` may stand anywhere on the line:"
        " `healthsim --db other.duckdb status`. Exit codes are listed in the"
        " [specification](state-management/specification.md#errors-and-exit-codes)."
    )
    for context in _walk(healthsim, None):
        title = context.command_path
        yield ""
        yield f"{'#' * min(title.count(' ') + 2, 4)} {title}"
        yield ""
        yield "```text"
        yield context.command.get_help(context).rstrip()
        yield "```"


def _walk(command: click.Command, parent: click.Context | None) -> Iterator[click.Context]:
    """A context for a command and for everything below it, in the order of the help."""
    context = click.Context(
        command, info_name=command.name, parent=parent, terminal_width=WIDTH, help_option_names=["-h", "--help"]
    )
    yield context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                yield from _walk(below, context)


def stale(folder: Path) -> list[str]:
    """The names of generated pages that are missing or say something else than the code."""
    return [
        name
        for name, text in pages().items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text
    ]


def main(words: list[str], folder: Path = DOCS) -> int:
    """Write or check the pages of a folder; the exit code."""
    if words not in ([], ["--check"]):
        click.echo(__doc__, err=True)
        return 2
    outdated = stale(folder)
    if words:
        for name in outdated:
            click.echo(f"stale: {name}", err=True)
        return 1 if outdated else 0
    for name in outdated:
        (folder / name).write_text(pages()[name], encoding="utf-8", newline="\n")
        click.echo(f"wrote {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
