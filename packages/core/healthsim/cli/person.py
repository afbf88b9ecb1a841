"""``healthsim person``: what happened to one person, as a picture in letters and a table, as JSON or as a page."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from healthsim.cli import completion
from healthsim.cli.opening import pass_workbench
from healthsim.cli.output import json_option, notice, print_json, table
from healthsim.cli.paths import NamedPath
from healthsim.cli.spelling import option

if TYPE_CHECKING:
    from healthsim.workbench import Workbench


@click.command()
@click.argument("name", shell_complete=completion.scenarios)
@click.argument("person")
@click.option("--from", "first", metavar="DATE", help="Only what lies on or after this day, or reaches into it.")
@click.option("--to", "last", metavar="DATE", help="Only what lies on or before this day.")
@click.option("--index", metavar="DATE", help="Count the days from this one, such as the index date of a cohort.")
@click.option(
    "--highlight",
    multiple=True,
    metavar="WORD",
    help="Codes or names that begin so are to be seen at once; repeatable.",
)
@click.option("--events", "most", type=click.IntRange(0), default=30, show_default=True, help="Rows of the table.")
@option(
    "-o",
    "--output",
    older=["--html"],
    type=NamedPath(),
    metavar="FILE",
    help="Write a page (HTML): picture and all events.",
)
@click.option("--force", is_flag=True, help="With --output: replace the file.")
@json_option
@pass_workbench
def person(
    bench: Workbench, /, name: str, person: str, most: int, output: Path | None, force: bool, as_json: bool, **days: Any
) -> None:
    """Show what happened to PERSON of the scenario NAME: coverage, care, conditions, results, drugs, claims, trial.

    PERSON is an id in any product (patient, member, subject ...), or a record or member number. Conditions are one line
    per code, however often they were recorded; what has not ended reaches the right edge.
    """
    timeline = bench.person(name, person, **days)
    if output is not None:
        path = bench.write_person(timeline, output, overwrite=force)
        notice(f"Wrote {path}.")
    if as_json:
        print_json(timeline)
        return
    if output is not None:
        return
    who = timeline.person
    facts = [
        who.gender,
        who.birth_date and f"born {who.birth_date}",
        who.death_date and f"died {who.death_date}",
        who.county,
        who.state,
    ]
    click.echo(f"{who.name}: {', '.join(fact for fact in facts if fact)}")
    click.echo("; ".join(f"{role} {', '.join(names)}" for role, names in who.ids.items()))
    click.echo(timeline.text(min(shutil.get_terminal_size((110, 24)).columns, 160)))
    if not most or not timeline.events:
        return
    click.echo("")
    rows = [
        (
            event.start,
            "open" if event.open else event.end,
            event.family,
            event.code,
            event.label,
            _value(event.value),
            event.unit,
            event.status,
        )
        for event in timeline.events[-most:]
    ]
    title = f"The last {len(rows):,} of {len(timeline.events):,} events (--events, --json and --output have more)"
    table(
        ("from", "to", "part", "code", "what", "value", "unit", "status"),
        rows,
        title=title if len(rows) < len(timeline.events) else None,
    )


def _value(value: float | None) -> str:
    return "" if value is None else f"{value:,.2f}".rstrip("0").rstrip(".")
