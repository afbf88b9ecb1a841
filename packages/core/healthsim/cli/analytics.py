"""``healthsim analytics``: build the star, see how it stands, check and remove it."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING

import click

from healthsim.cli import completion
from healthsim.cli.cohort import cohort
from healthsim.cli.opening import pass_workbench
from healthsim.cli.output import confirm, json_option, notice, print_json, shown_date, table
from healthsim.errors import UsageError

if TYPE_CHECKING:
    from healthsim.workbench import Workbench


@click.group()
def analytics() -> None:
    """Build the star schema of scenarios, and ask it.

    The star is built from the saved rows of a scenario, and says when it is stale. Start with:
    healthsim analytics build NAME
    """


def _build_files(
    bench: Workbench,
    names: tuple[str, ...],
    master: str | None,
    output: str | None,
    source: str | None,
    *,
    force: bool,
    as_json: bool,
) -> None:
    if output is None or len(names) > 1 or not (names or source):
        raise UsageError("The engine spark builds one scenario, or the tables of --from, and needs --output DIR.")

    def progress(name: str, place: int, of: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[K{name} ({place}/{of})", nl=False, err=True)

    built = bench.build_files(*names, output=output, source=source, master=master, overwrite=force, progress=progress)
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    if as_json:
        print_json(built)
    else:
        click.echo(f"Wrote {built.path}: the star of {built.scenario}, {sum(built.tables.values()):,} rows.")
        table(("table", "rows"), list(built.tables.items()))


@analytics.command()
@click.argument("names", nargs=-1, shell_complete=completion.scenarios)
@click.option("--all", "everything", is_flag=True, help="Every scenario.")
@click.option(
    "--mode",
    type=click.Choice(["auto", "full", "incremental"]),
    default="auto",
    show_default=True,
    help="auto: the persons that have changed, or everybody where many have; full: everybody; incremental: the persons that"
    " have changed, however many.",
)
@click.option(
    "--engine", type=click.Choice(["local", "spark"]), default="local", show_default=True, help="What computes."
)
@click.option(
    "--master", metavar="URL", help="With --engine spark: the cluster, sc://HOST:PORT too. Default: local[*]."
)
@click.option(
    "--output", "-o", metavar="DIR", help="With --engine spark: where the star goes, s3://BUCKET/PATH or the like."
)
@click.option(
    "--from", "source", metavar="DIR", help="With --engine spark: exported or generated tables, in place of NAMES."
)
@click.option("--force", is_flag=True, help="With --output: replace what an earlier build left there.")
@json_option
@pass_workbench
def build(
    bench: Workbench,
    names: tuple[str, ...],
    everything: bool,
    mode: str,
    engine: str,
    master: str | None,
    output: str | None,
    source: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Build the star of the scenarios NAMES, in one transaction.

    A scenario whose rows have not changed since its last build is left alone, and of others only the persons are done
    again that have changed. Other scenarios are not touched.

    With --engine spark, a cluster builds the star of one scenario, or of tables that are elsewhere, as Parquet files.
    """
    if engine == "spark":
        _build_files(bench, names, master, output, source, force=force, as_json=as_json)
        return
    if output or source or master:
        raise UsageError(
            "--output, --from and --master belong to --engine spark; the local engine builds in the database."
        )

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
@click.argument("names", nargs=-1, shell_complete=completion.scenarios)
@json_option
@pass_workbench
def status(bench: Workbench, names: tuple[str, ...], as_json: bool) -> None:
    """Show which scenarios are built, and which have been written since."""
    answer = bench.star(*names)
    if as_json:
        print_json({"scenarios": [item.as_dict() for item in answer]})
        return
    if not answer:
        click.echo("There are no scenarios yet. Try: healthsim demo")
        return
    rows = [
        (item.name, item.state, shown_date(item.built_at or ""), item.fact_rows if item.tables else None, item.reason)
        for item in answer
    ]
    table(("scenario", "star", "built", "fact rows", "why"), rows)


@analytics.command()
@click.argument("names", nargs=-1, shell_complete=completion.scenarios)
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
@click.argument("names", nargs=-1, shell_complete=completion.scenarios)
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
