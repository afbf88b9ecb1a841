"""``healthsim analytics``: build the star, see how it stands, check and remove it."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING

import click

from healthsim.cli.cohort import cohort
from healthsim.cli.opening import pass_workbench
from healthsim.cli.output import confirm, json_option, notice, print_json, shown_date, table

if TYPE_CHECKING:
    from healthsim.workbench import Workbench


@click.group()
def analytics() -> None:
    """Build the star schema of scenarios, and ask it.

    The star is built from the saved rows of a scenario, and says when it is stale. Start with:
    healthsim analytics build NAME
    """


@analytics.command()
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every scenario.")
@click.option(
    "--mode",
    type=click.Choice(["auto", "full", "incremental"]),
    default="auto",
    show_default=True,
    help="auto: the persons that have changed, or everybody where many have; full: everybody; incremental: the persons that"
    " have changed, however many.",
)
@json_option
@pass_workbench
def build(bench: Workbench, names: tuple[str, ...], everything: bool, mode: str, as_json: bool) -> None:
    """Build the star of the scenarios NAMES, in one transaction.

    A scenario whose rows have not changed since its last build is left alone, and of others only the persons are done
    again that have changed. Other scenarios are not touched.
    """

    def progress(scenario: str, name: str, place: int, of: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[K{scenario}: {name} ({place}/{of})", nl=False, err=True)

    done = bench.build(*names, everything=everything, mode=mode, progress=progress)
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    if as_json:
        print_json({"builds": [item.as_dict() for item in done]})
        return
    if not done:
        click.echo("There are no scenarios yet. Try: healthsim demo")
    for item in done:
        if item.mode == "skipped":
            click.echo(f"{item.name}: nothing has changed since the last build.")
            continue
        if item.mode == "places":
            click.echo(
                f"{item.name}: only reference data has changed since the last build; its places are up to date now."
            )
            continue
        persons = "" if item.persons is None else f", {item.persons:,} persons done again"
        click.echo(f"{item.name}: {item.fact_rows:,} fact rows in {item.seconds:.2f} s ({item.mode}{persons}).")
        rows = [
            (name, entry["rows"], ", ".join(f"{column} {count:,}" for column, count in entry["unknown"].items()))
            for name, entry in item.tables.items()
            if entry["rows"]
        ]
        table(("table", "rows", "unknown"), rows)


@analytics.command()
@click.argument("names", nargs=-1)
@json_option
@pass_workbench
def status(bench: Workbench, names: tuple[str, ...], as_json: bool) -> None:
    """Show which scenarios are built, and which have been written since."""
    found = bench.star(*names)
    if as_json:
        print_json({"scenarios": [item.as_dict() for item in found]})
        return
    if not found:
        click.echo("There are no scenarios yet. Try: healthsim demo")
        return
    rows = [
        (item.name, item.state, shown_date(item.built_at or ""), item.fact_rows if item.tables else None, item.reason)
        for item in found
    ]
    table(("scenario", "star", "built", "fact rows", "why"), rows)


@analytics.command()
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="The whole star, with its shared dimensions.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@json_option
@pass_workbench
def drop(bench: Workbench, names: tuple[str, ...], everything: bool, yes: bool, as_json: bool) -> None:
    """Remove the star of the scenarios NAMES. The scenarios stay; build makes it again."""
    if (names or everything) and not yes:
        confirm(
            "Remove the whole star?" if everything else f"Remove the star of {', '.join(map(repr, names))}?", "--yes"
        )
    dropped = bench.drop_star(*names, everything=everything)
    if as_json:
        print_json({"dropped": dropped})
    else:
        click.echo(f"Removed the star of {', '.join(map(repr, dropped))}." if dropped else "No star was there.")


@analytics.command()
@click.argument("names", nargs=-1)
@json_option
@pass_workbench
def check(bench: Workbench, names: tuple[str, ...], as_json: bool) -> int:
    """Prove the star: rows and money as in the scenario, no key without its row, weights that sum to 1."""
    findings = bench.check_star(*names)
    failed = sum(finding.result == "fail" for finding in findings)
    warned = sum(finding.result == "warn" for finding in findings)
    if as_json:
        print_json({"ok": not failed, "failed": failed, "warned": warned, "findings": [f.as_dict() for f in findings]})
        return 1 if failed else 0
    shown = [(f.scenario, f.check, f.table, f.result, f.detail) for f in findings if f.result != "ok"]
    if shown:
        table(("scenario", "check", "table", "result", "detail"), shown)
    click.echo(f"{len(findings)} checks: {failed} failed, {warned} warnings.")
    if not findings:
        notice("There are no scenarios yet. Try: healthsim demo")
    return 1 if failed else 0


def _add_questions() -> None:
    """The commands that ask the star; they are a module of their own."""
    if importlib.util.find_spec("healthsim.cli.analytics_questions") is None:
        return
    analytics_questions = importlib.import_module("healthsim.cli.analytics_questions")
    for command in vars(analytics_questions).values():
        if isinstance(command, click.Command):
            analytics.add_command(command)


analytics.add_command(cohort)
_add_questions()
