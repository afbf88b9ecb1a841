"""``healthsim scenario``: save, load, list, change and share scenarios."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from healthsim.cli import completion
from healthsim.cli.opening import pass_new_workbench, pass_workbench
from healthsim.cli.output import confirm, entities, json_option, notice, print_json, shown_date, table
from healthsim.cli.paths import NamedPath
from healthsim.cli.spelling import option
from healthsim.errors import UsageError

if TYPE_CHECKING:
    from healthsim.results import ScenarioSummary
    from healthsim.state.save import Saved
    from healthsim.workbench import Workbench

overwrite_option = option("--overwrite", older=["--force"], is_flag=True, help="Replace a scenario of that name.")
merge_option = click.option(
    "--merge", "merging", is_flag=True, help="Add to it; entities of the same ids are replaced."
)
lenient_option = click.option(
    "--lenient", is_flag=True, help="Keep documents with unreadable values; those columns stay empty."
)


@click.group()
def scenario() -> None:
    """Save, load, list, change and share scenarios.

    A scenario is a named snapshot: a set of entities (patients, claims, prescriptions ...) with what is said about
    it. NAME is its name or its id.
    """


@scenario.command()
@click.argument("name", shell_complete=completion.scenarios)
@click.option("--from", "source", required=True, metavar="FILE|-", help="JSON, or - for standard input.")
@click.option("--description", "-d", help="What it is.")
@click.option("--tag", "-t", "tags", multiple=True, help="A tag; may be given several times.")
@overwrite_option
@merge_option
@lenient_option
@json_option
@pass_new_workbench
def save(
    bench: Workbench,
    name: str,
    source: str,
    description: str | None,
    tags: tuple[str, ...],
    overwrite: bool,
    merging: bool,
    lenient: bool,
    as_json: bool,
) -> None:
    """Save the entities of a JSON file as the scenario NAME.

    The file holds {"entities": {"patients": [...], ...}}, or any shape that `scenario import` reads.
    """
    options: dict[str, Any] = {
        "description": description,
        "tags": tags,
        "mode": mode_of(overwrite, merging),
        "lenient": lenient,
    }
    taken = sys.stdin.buffer if source == "-" else source
    print_saved(bench.save_file(name, taken, **options), as_json)


@scenario.command(name="import")
@click.argument("path", type=NamedPath())
@option(
    "--as", "name", older=["--name"], metavar="NAME", help="Its name; default: the one in the file, else the file's."
)
@overwrite_option
@merge_option
@lenient_option
@json_option
@pass_new_workbench
def import_(
    bench: Workbench, path: Path, name: str | None, overwrite: bool, merging: bool, lenient: bool, as_json: bool
) -> None:
    """Save what a file or folder PATH holds, in any known JSON shape."""
    print_saved(bench.save_file(name, path, mode=mode_of(overwrite, merging), lenient=lenient), as_json)


@scenario.command()
@click.argument("name", shell_complete=completion.scenarios)
@click.option("--output", "-o", metavar="FILE|DIR|-", help="Default: ~/Downloads, else the current folder.")
@click.option("--format", "format_", type=click.Choice(["share", "workspace"]), default="share", show_default=True)
@option("--force", older=["--overwrite"], is_flag=True, help="Replace a file that is there.")
@json_option
@pass_workbench
def export(bench: Workbench, name: str, output: str | None, format_: str, force: bool, as_json: bool) -> None:
    """Write a scenario as a JSON file."""
    if output == "-":
        if as_json:
            raise UsageError("The scenario goes to standard output with -o -, so that --json has no place to answer.")
        bench.export(format_, name, sys.stdout.buffer)
        return
    from healthsim.cli.export import print_written

    print_written(bench.export(format_, name, output, overwrite=force), as_json)


@scenario.command()
@click.argument("name", shell_complete=completion.scenarios)
@json_option
@pass_workbench
def load(bench: Workbench, name: str, as_json: bool) -> None:
    """Print a scenario with all of its documents, as JSON."""
    bench.write_loaded(name, sys.stdout.buffer)


@scenario.command(name="list")
@click.option("--tag", "-t", "tags", multiple=True, help="Only those with this tag; may be given several times.")
@click.option("--search", "-s", help="Only those with these words in name, description or tags.")
@click.option("--product", help="Only those of a product: patientsim, membersim, rxmembersim, trialsim ...")
@click.option("--sort", type=click.Choice(["updated", "created", "name", "size"]), default="updated", show_default=True)
@click.option("--limit", "-n", type=int, help="At most so many.")
@json_option
@pass_workbench
def list_(
    bench: Workbench,
    tags: tuple[str, ...],
    search: str | None,
    product: str | None,
    sort: str,
    limit: int | None,
    as_json: bool,
) -> None:
    """List the scenarios."""
    listed = bench.list(tags=tags, search=search, product=product, sort=sort, limit=limit)
    if as_json:
        print_json(listed)
        return
    if not listed.scenarios:
        filtered = tags or search or product
        click.echo("No scenario matches." if filtered else "There are no scenarios yet. Try: healthsim demo")
        return
    table(
        ("name", "entities", "tags", "updated", "description"),
        [
            (item.name, item.entity_count, ", ".join(item.tags), shown_date(item.updated_at), item.description)
            for item in listed
        ],
    )
    if listed.total_count > len(listed):
        notice(f"{len(listed)} of {listed.total_count} scenarios are shown.")


@scenario.command()
@click.argument("name", shell_complete=completion.scenarios)
@click.option("--samples", type=click.IntRange(0, 100), default=0, help="Show so many documents of each type.")
@json_option
@pass_workbench
def show(bench: Workbench, name: str, samples: int, as_json: bool) -> None:
    """Summarise a scenario: counts, dates, age and sex, top diagnoses, money."""
    summary = bench.show(name, samples=samples)
    if as_json:
        print_json(summary)
    else:
        print_summary(summary)


def print_summary(summary: ScenarioSummary) -> None:
    """A summary for reading."""
    click.echo(f"{summary.name}  ({entities(summary.entity_count)}, {summary.scenario_id})")
    if summary.description:
        click.echo(summary.description)
    lines = {
        "tags": ", ".join(summary.tags),
        "entities": ", ".join(f"{name} {count:,}" for name, count in summary.entities_by_type.items()),
        "inside them": ", ".join(f"{name} {count:,}" for name, count in (summary.parts_by_type or {}).items()),
        "care": " to ".join(date for date in summary.date_range.values() if date),
        "age": "{min} to {max}, median {median:g}".format(**summary.age) if summary.age else "",
        "gender": ", ".join(f"{code} {count:,}" for code, count in summary.gender.items()),
        "money": ", ".join(f"{label} ${float(total):,.2f}" for label, total in summary.money.items()),
        "updated": shown_date(summary.updated_at),
    }
    for label, text in lines.items():
        if text:
            click.echo(f"  {label:<12} {text}")
    if summary.top_diagnoses:
        rows = [(item["code"], item["description"], item["patients"]) for item in summary.top_diagnoses]
        table(("code", "diagnosis", "patients"), rows)
    for name, documents in (summary.samples or {}).items():
        click.echo(f"\n{name}:")
        for document in documents:
            click.echo("  " + json.dumps(document, ensure_ascii=False))


@scenario.command()
@click.argument("name", shell_complete=completion.scenarios)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@json_option
@pass_workbench
def delete(bench: Workbench, name: str, yes: bool, as_json: bool) -> None:
    """Remove a scenario and everything in it."""
    known = bench.get(name)
    if not yes:
        confirm(f"Delete {known.name!r} with its {entities(known.entity_count)}?", "--yes")
    deleted = bench.delete(known.scenario_id)
    if as_json:
        answer = {"deleted": True, "scenario_id": deleted.scenario_id, "name": deleted.name}
        print_json({**answer, "entity_count": deleted.entity_count})
    else:
        click.echo(f"Deleted {deleted.name!r} with its {entities(deleted.entity_count)}.")


@scenario.command()
@click.argument("name", shell_complete=completion.scenarios)
@click.argument("new_name")
@json_option
@pass_workbench
def rename(bench: Workbench, name: str, new_name: str, as_json: bool) -> None:
    """Give a scenario another name."""
    _print_scenario(bench.rename(name, new_name), f"Renamed to {new_name!r}.", as_json)


@scenario.command()
@click.argument("name", shell_complete=completion.scenarios)
@click.argument("new_name")
@json_option
@pass_workbench
def clone(bench: Workbench, name: str, new_name: str, as_json: bool) -> None:
    """Copy a scenario under a new name, with fresh ids."""
    print_saved(bench.clone(name, new_name), as_json)


@scenario.command()
@click.argument("names", nargs=-1, required=True, shell_complete=completion.scenarios)
@option(
    "--as",
    "into",
    older=["--into"],
    required=True,
    metavar="NAME",
    help="The scenario to merge into; made if there is none.",
)
@json_option
@pass_workbench
def merge(bench: Workbench, names: tuple[str, ...], into: str, as_json: bool) -> None:
    """Put the entities of several scenarios into one; of two with the same id the later scenario's stays."""
    print_saved(bench.merge(names, into), as_json)


@scenario.command()
@click.argument("name", shell_complete=completion.scenarios)
@click.argument("tags", nargs=-1, required=True)
@json_option
@pass_workbench
def tag(bench: Workbench, name: str, tags: tuple[str, ...], as_json: bool) -> None:
    """Add tags to a scenario."""
    tagged = bench.tag(name, *tags)
    _print_scenario(tagged, f"Tags of {tagged.name!r}: {', '.join(tagged.tags)}.", as_json)


@scenario.command()
@click.argument("name", shell_complete=completion.scenarios)
@click.argument("tags", nargs=-1, required=True)
@json_option
@pass_workbench
def untag(bench: Workbench, name: str, tags: tuple[str, ...], as_json: bool) -> None:
    """Take tags from a scenario."""
    left = bench.untag(name, *tags)
    _print_scenario(left, f"Tags of {left.name!r}: {', '.join(left.tags) or 'none'}.", as_json)


@scenario.command()
@click.argument("name", shell_complete=completion.scenarios)
@click.option("--from", "source", required=True, metavar="FILE", help="JSON in any shape that `scenario import` reads.")
@lenient_option
@json_option
@pass_workbench
def add(bench: Workbench, name: str, source: str, lenient: bool, as_json: bool) -> None:
    """Add entities to a scenario that exists; those with ids that it has are replaced."""
    print_saved(bench.save_file(bench.get(name).name, source, mode="add", lenient=lenient), as_json)


def mode_of(overwrite: bool, merging: bool) -> str:
    """How a scenario that is there is treated."""
    if overwrite and merging:
        raise UsageError("--overwrite replaces the scenario and --merge adds to it; give one of them.")
    return "overwrite" if overwrite else "merge" if merging else "create"


def print_saved(saved: Saved, as_json: bool) -> None:
    """What a write did."""
    if as_json:
        print_json(saved)
        return
    kinds = ", ".join(f"{name} {count:,}" for name, count in saved.entities_by_type.items())
    click.echo(f"Saved {saved.name!r}: {entities(saved.entity_count)} ({kinds or 'none'}).")
    if saved.untyped_types:
        notice(f"Kept without typed columns: {', '.join(saved.untyped_types)}.")
    for warning in saved.warnings[:20]:
        notice(f"Warning: {warning}")
    if len(saved.warnings) > 20:
        notice(f"... and {len(saved.warnings) - 20:,} warnings more (all of them with --json).")


def _print_scenario(known: Any, sentence: str, as_json: bool) -> None:
    if as_json:
        print_json(known.as_dict())
    else:
        click.echo(sentence)
