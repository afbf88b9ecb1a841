"""``healthsim sql``: a question to the database."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from healthsim.cli import completion
from healthsim.cli.opening import pass_workbench
from healthsim.cli.output import json_option, notice, print_csv, print_json, table
from healthsim.cli.paths import NamedPath
from healthsim.errors import NotFound, UsageError

if TYPE_CHECKING:
    from healthsim.workbench import Workbench


class _Asked(click.Command):
    """A command whose argument is a text in SQL: one that begins with a comment (``-- how many``) is no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        before = args[: args.index("--")] if "--" in args else args
        texts = [word for word in before if _COMMENT.match(word)]
        if texts:
            args = [word for word in args if word not in texts and word != "--"] + ["--", *texts]
        return super().parse_args(ctx, args)


#: an option has no white space before its equals sign
_COMMENT = re.compile(r"--[^=]*?\s")


@click.command("sql", cls=_Asked)
@click.argument("question", required=False)
@click.option("-f", "--file", "file", type=NamedPath(), help="Read the question from a file.")
@click.option(
    "--scenario",
    "-s",
    metavar="NAME",
    shell_complete=completion.scenarios,
    help="Only this scenario's rows exist for the question.",
)
@click.option("--limit", type=click.IntRange(min=1), default=10_000, show_default=True, help="Rows at most.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@json_option
@pass_workbench
def sql(
    bench: Workbench,
    question: str | None,
    file: Path | None,
    scenario: str | None,
    limit: int,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Ask the database a QUESTION in SQL: one SELECT, FROM, WITH, PIVOT, DESCRIBE, SUMMARIZE or EXPLAIN.

    Nothing can be changed and no file can be read. A QUESTION of - is read from standard input.
    """
    if as_json and as_csv:
        raise UsageError("Both --json and --csv were given; expected one of them.")
    text = _text(question, file)
    answer = bench.sql(text, scenario=scenario, limit=limit, as_text=not as_json)
    if as_json:
        print_json(answer.as_dict())
    elif as_csv:
        print_csv(answer.columns, answer.rows)
    elif answer.explains:
        # a plan is a drawing of lines, and no table
        click.echo("\n".join(str(row[-1]) for row in answer.rows))
    else:
        table(answer.columns, answer.rows, numeric=answer.numeric)
    if answer.truncated and not as_json:
        notice(f"There is more: {len(answer.rows):,} rows are shown. Use --limit N, or aggregate.")


def _text(question: str | None, file: Path | None) -> str:
    if (question is None) == (file is None):
        raise UsageError('Expected one question: healthsim sql "SELECT ...", or --file FILE, or - for standard input.')
    if file is not None:
        try:
            return file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise NotFound(f"{file} cannot be read as text: {error}. Check the path.", path=str(file)) from None
    if question != "-":
        return str(question)
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise UsageError(f"Standard input is no text: {error}. Expected a question in SQL, in UTF-8.") from None
