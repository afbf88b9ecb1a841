"""``healthsim share``: publish scenarios where others reach them, and pull what others published."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from healthsim.cli.opening import pass_new_workbench, pass_workbench
from healthsim.cli.output import confirm, json_option, notice, print_json, table

if TYPE_CHECKING:
    from healthsim.results import PublicationList
    from healthsim.workbench import Workbench

#: characters of a value that a line shows
LONGEST_VALUE = 80

to_option = click.option("--to", "share", required=True, metavar="SHARE", help="A share: its name, or its location.")
from_option = click.option(
    "--from", "share", required=True, metavar="SHARE", help="A share: its name, or its location."
)


@click.group()
def share() -> None:
    """Publish scenarios where others reach them, and pull what others published.

    SHARE is a name that was added, or a location: ducklake:postgres:dbname=NAME host=HOST, ducklake:sqlite:PATH, md:NAME.
    Secrets are no part of it; they come from PGPASSWORD, .pgpass, PGSERVICE, the variables of a cloud, motherduck_token.
    """


@share.command()
@click.argument("share")
@click.option(
    "--data", metavar="FOLDER", help="Where the rows of a new lake lie: a folder that all reach, or s3://BUCKET/PREFIX."
)
@click.option("--fetch", is_flag=True, help="Download extensions of DuckDB that are missing.")
@json_option
@pass_workbench
def init(bench: Workbench, share: str, data: str | None, fetch: bool, as_json: bool) -> None:
    """Make a share, or bring one up to date: its owner's work."""
    made = bench.share_init(share, data=data, fetch=fetch)
    if as_json:
        print_json(made)
    else:
        where = f", rows in {made.data}" if made.data else ""
        click.echo(f"{made.share} is ready: schema version {made.schema_version}{where}.")


@share.command()
@click.argument("name")
@click.argument("location")
@json_option
@pass_workbench
def add(bench: Workbench, name: str, location: str, as_json: bool) -> None:
    """Keep NAME for the share at LOCATION. Nothing is opened."""
    names = bench.share_add(name, location)
    if as_json:
        print_json(names)
    else:
        click.echo(f"{name} is {names.shares[name]}" + (", no longer what it was." if names.replaced else "."))


@share.command()
@json_option
@pass_workbench
def names(bench: Workbench, as_json: bool) -> None:
    """List the shares that have names."""
    known = bench.share_names()
    if as_json:
        print_json(known)
    elif known.shares:
        table(("name", "location"), sorted(known.shares.items()))
    else:
        click.echo("No share has a name yet. Add one: healthsim share add NAME LOCATION")


@share.command()
@click.argument("name")
@to_option
@click.option("--as", "as_", metavar="NAME", help="What it is called there; default: as here.")
@click.option("--star", is_flag=True, help="Build its star there as well: metrics and reports answer at the share.")
@click.option("--note", help="What others should know of this version.")
@click.option(
    "--onto",
    type=click.IntRange(min=0),
    metavar="VERSION",
    help="Only if this is the newest there; 0: if there is none.",
)
@json_option
@pass_workbench
def publish(
    bench: Workbench,
    name: str,
    share: str,
    as_: str | None,
    star: bool,
    note: str | None,
    onto: int | None,
    as_json: bool,
) -> None:
    """Publish the scenario NAME as the next version there: all of it, or nothing."""
    done = bench.share_publish(name, share, as_=as_, star=star, note=note, onto=onto)
    if as_json:
        print_json(done)
    else:
        click.echo(done.sentence())


@share.command(name="list")
@click.argument("share")
@json_option
@pass_workbench
def list_(bench: Workbench, share: str, as_json: bool) -> None:
    """List what a share offers: the newest version of every name."""
    _print(bench.share_list(share), as_json, f"Nothing has been published to {share} yet.")


@share.command()
@click.argument("name")
@from_option
@json_option
@pass_workbench
def history(bench: Workbench, name: str, share: str, as_json: bool) -> None:
    """List every version of NAME, the newest first."""
    _print(bench.share_history(name, share), as_json, "")


def _print(publications: PublicationList, as_json: bool, nothing: str) -> None:
    if as_json:
        print_json(publications)
    elif not publications.publications:
        click.echo(nothing)
    else:
        table(
            ("name", "version", "by", "when (UTC)", "persons", "rows", "star", "note"),
            [
                (
                    item.name,
                    item.version,
                    item.published_by,
                    item.published_at,
                    item.persons,
                    item.rows,
                    "yes" if item.has_star else "",
                    f"withdrawn by {item.withdrawn_by}" if item.withdrawn_at else item.note,
                )
                for item in publications
            ],
        )


@share.command()
@click.argument("first")
@click.argument("second")
@from_option
@json_option
@pass_workbench
def diff(bench: Workbench, first: str, second: str, share: str, as_json: bool) -> None:
    """Compare two versions, NAME@VERSION or NAME for the newest, entity by entity."""
    difference = bench.share_diff(first, second, share)
    if as_json:
        print_json(difference)
        return
    if difference.same:
        click.echo(f"{difference.first} and {difference.second} hold the same.")
        return
    for member, (before, after) in difference.about.items():
        click.echo(f"{member}: {_short(before)} -> {_short(after)}")
    if difference.tables:
        table(
            ("table", "before", "after", "added", "removed", "changed", "such as"),
            [
                (
                    item.table,
                    item.before,
                    item.after,
                    item.added,
                    item.removed,
                    item.changed,
                    "; ".join(f"{kind}: {ids[0]}" for kind, ids in item.examples.items()),
                )
                for item in difference.tables
            ],
            title=f"{difference.first} -> {difference.second}",
        )


@share.command()
@click.argument("name")
@from_option
@click.option("--as", "as_", metavar="NAME", help="What it is called here; default: as there.")
@click.option("--overwrite", is_flag=True, help="Replace a scenario of that name.")
@json_option
@pass_new_workbench
def pull(bench: Workbench, name: str, share: str, as_: str | None, overwrite: bool, as_json: bool) -> None:
    """Save what was published as NAME, or NAME@VERSION, in this database."""
    done = bench.share_pull(name, share, as_=as_, overwrite=overwrite)
    if as_json:
        print_json(done)
    else:
        click.echo(done.sentence())


@share.command()
@click.argument("name")
@from_option
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@json_option
@pass_workbench
def withdraw(bench: Workbench, name: str, share: str, yes: bool, as_json: bool) -> None:
    """Offer NAME no longer. Versions that were published stay until they are cleaned away."""
    if not yes:
        confirm(f"Withdraw {name!r} from {share}?", "--yes")
    done = bench.share_withdraw(name, share)
    if as_json:
        print_json(done)
    else:
        click.echo(f"Withdrew {done.name!r} from {done.share}; its last version was {done.version}.")


@share.command()
@click.argument("share")
@click.option("--before", metavar="DAY|AGE", help="Also let go of states before a day (2026-01-31) or of an age (30d).")
@click.option("-y", "--yes", is_flag=True, help="Remove it; without this it is only listed.")
@json_option
@pass_workbench
def clean(bench: Workbench, share: str, before: str | None, yes: bool, as_json: bool) -> None:
    """List, or remove, files that stopped publishers left at a lake, and earlier states."""
    swept = bench.share_clean(share, before=before, remove=yes)
    if as_json:
        print_json(swept)
        return
    what = "Removed" if swept.done else "Would remove"
    click.echo(
        f"{what} {len(swept.orphans):,} files of stopped publishers, {swept.expired:,} earlier states and {len(swept.files):,}"
        " files that only they needed."
    )
    if not swept.done and (swept.orphans or swept.expired or swept.files):
        notice("Nothing was removed; with --yes it is. Files of the last day stay in any case.")


@share.command()
@click.argument("share")
@click.argument("name", required=False)
@json_option
@pass_workbench
def check(bench: Workbench, share: str, name: str | None, as_json: bool) -> int:
    """Check that a share holds what was published there, of all names or of NAME. Ends with 1 if it does not."""
    result = bench.share_check(share, name)
    if as_json:
        print_json(result)
    else:
        for item in result.publications:
            verdict = (
                f"holds what was published ({item.rows:,} rows, by {item.by})" if item.ok else "; ".join(item.problems)
            )
            click.echo(f"{'ok' if item.ok else 'fail':<5} {item.name}@{item.version} {verdict}")
        click.echo(f"{result.share} {'is sound' if result.ok else 'has faults'}.")
    return 0 if result.ok else 1


@share.command()
@click.argument("share")
@click.argument("role", required=False)
@click.option("--publish", is_flag=True, help="Let them publish as well.")
@click.option("--org", "everybody", is_flag=True, help="MotherDuck: everybody of the organisation.")
@click.option("-y", "--yes", is_flag=True, help="Run the statements; without this they are only shown.")
@json_option
@pass_workbench
def grant(
    bench: Workbench, share: str, role: str | None, publish: bool, everybody: bool, yes: bool, as_json: bool
) -> None:
    """Show, or run, what lets a ROLE of Postgres read a share, or publish there."""
    granted = bench.share_grant(share, role, publish=publish, everybody=everybody, execute=yes)
    if as_json:
        print_json(granted)
        return
    for statement in granted.statements:
        click.echo(f"{statement};")
    for note in granted.notes:
        notice(note)
    notice("Done." if granted.done else "Nothing was run; with --yes it is.")


def _short(value: object) -> str:
    """A value in a line of a terminal."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
