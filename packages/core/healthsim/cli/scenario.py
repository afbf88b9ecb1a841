"""``healthsim scenario``: save, load, list, change and share scenarios."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from healthsim.cli.output import confirm, entities, json_option, notice, print_json, shown_date, table
from healthsim.errors import UsageError
from healthsim.state import state_manager

if TYPE_CHECKING:
    from healthsim.state.save import Saved

overwrite_option = click.option("--overwrite", is_flag=True, help="Replace a scenario of that name.")
merge_option = click.option(
    "--merge", "merging", is_flag=True, help="Add to it; entities of the same ids are replaced."
)
lenient_option = click.option(
    "--lenient", is_flag=True, help="Keep documents with unreadable values; those columns stay empty."
)
pass_database = click.pass_obj


@click.group()
def scenario() -> None:
    """Save, load, list, change and share scenarios.

    A scenario is a named snapshot: a set of entities (patients, claims, prescriptions ...) with what is said about
    it. NAME is its name or its id.
    """


@scenario.command()
@click.argument("name")
@click.option("--from", "source", required=True, metavar="FILE|-", help="JSON, or - for standard input.")
@click.option("--description", "-d", help="What it is.")
@click.option("--tag", "-t", "tags", multiple=True, help="A tag; may be given several times.")
@overwrite_option
@merge_option
@lenient_option
@json_option
@pass_database
def save(
    database: str | None,
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
        "mode": _mode(overwrite, merging),
        "lenient": lenient,
    }
    manager = state_manager(database)
    if source == "-":
        _print_saved(manager.import_stream(sys.stdin.buffer, name=name, **options), as_json)
    else:
        _print_saved(manager.import_path(source, name=name, **options), as_json)


@scenario.command(name="import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--name", help="Name of the scenario; default: the one in the file, else the file's.")
@overwrite_option
@merge_option
@lenient_option
@json_option
@pass_database
def import_(
    database: str | None, path: Path, name: str | None, overwrite: bool, merging: bool, lenient: bool, as_json: bool
) -> None:
    """Save what a file or folder PATH holds, in any known JSON shape."""
    mode = _mode(overwrite, merging)
    _print_saved(state_manager(database).import_path(path, name=name, mode=mode, lenient=lenient), as_json)


@scenario.command()
@click.argument("name")
@click.option("--output", "-o", metavar="FILE|DIR|-", help="Default: ~/Downloads, else the current folder.")
@click.option("--format", "format_", type=click.Choice(["share", "workspace"]), default="share", show_default=True)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@json_option
@pass_database
def export(database: str | None, name: str, output: str | None, format_: str, force: bool, as_json: bool) -> None:
    """Write a scenario as a JSON file."""
    from healthsim.state.json.writers import default_folder

    if output == "-":
        if as_json:
            raise UsageError("The scenario goes to standard output with -o -, so that --json has no place to answer.")
        stream: IO[bytes] = sys.stdout.buffer
        state_manager(database).export(name, stream, format=format_)
        return
    target = Path(output) if output else default_folder()
    exported = state_manager(database).export(name, target, format=format_, force=force)
    if as_json:
        print_json({"path": str(exported.path), "entity_count": exported.entity_count, "bytes": exported.bytes})
    else:
        click.echo(f"Wrote {exported.path}: {entities(exported.entity_count)}, {exported.bytes:,} bytes.")


@scenario.command()
@click.argument("name")
@json_option
@pass_database
def load(database: str | None, name: str, as_json: bool) -> None:
    """Print a scenario with all of its documents, as JSON."""
    state_manager(database).write_loaded(name, sys.stdout.buffer)


@scenario.command(name="list")
@click.option("--tag", "-t", "tags", multiple=True, help="Only those with this tag; may be given several times.")
@click.option("--search", "-s", help="Only those with these words in name, description or tags.")
@click.option("--product", help="Only those of a product: patientsim, membersim, rxmembersim, trialsim ...")
@click.option("--sort", type=click.Choice(["updated", "created", "name", "size"]), default="updated", show_default=True)
@click.option("--limit", "-n", type=int, help="At most so many.")
@json_option
@pass_database
def list_(
    database: str | None,
    tags: tuple[str, ...],
    search: str | None,
    product: str | None,
    sort: str,
    limit: int | None,
    as_json: bool,
) -> None:
    """List the scenarios."""
    found, total = state_manager(database).list(tags=tags, search=search, product=product, sort=sort, limit=limit)
    if as_json:
        print_json({"scenarios": [item.as_dict() for item in found], "total_count": total})
        return
    if not found:
        filtered = tags or search or product
        click.echo("No scenario matches." if filtered else "There are no scenarios yet. Try: healthsim demo")
        return
    table(
        ("name", "entities", "tags", "updated", "description"),
        [
            (item.name, item.entity_count, ", ".join(item.tags), shown_date(item.updated_at), item.description)
            for item in found
        ],
    )
    if total > len(found):
        notice(f"{len(found)} of {total} scenarios are shown.")


@scenario.command()
@click.argument("name")
@click.option("--samples", type=click.IntRange(0, 100), default=0, help="Show so many documents of each type.")
@json_option
@pass_database
def show(database: str | None, name: str, samples: int, as_json: bool) -> None:
    """Summarise a scenario: counts, dates, age and sex, top diagnoses, money."""
    summary = state_manager(database).summary(name, samples)
    if as_json:
        print_json(summary)
    else:
        print_summary(summary)


def print_summary(summary: dict[str, Any]) -> None:
    """A summary for reading."""
    click.echo(f"{summary['name']}  ({entities(summary['entity_count'])}, {summary['scenario_id']})")
    if summary["description"]:
        click.echo(summary["description"])
    lines = {
        "tags": ", ".join(summary["tags"]),
        "entities": ", ".join(f"{name} {count:,}" for name, count in summary["entities_by_type"].items()),
        "inside them": ", ".join(f"{name} {count:,}" for name, count in summary.get("parts_by_type", {}).items()),
        "care": " to ".join(date for date in summary["date_range"].values() if date),
        "age": "{min} to {max}, median {median:g}".format(**summary["age"]) if summary["age"] else "",
        "gender": ", ".join(f"{code} {count:,}" for code, count in summary["gender"].items()),
        "money": ", ".join(f"{label} ${float(total):,.2f}" for label, total in summary["money"].items()),
        "updated": shown_date(summary["updated_at"]),
    }
    for label, text in lines.items():
        if text:
            click.echo(f"  {label:<12} {text}")
    if summary["top_diagnoses"]:
        rows = [(item["code"], item["description"], item["patients"]) for item in summary["top_diagnoses"]]
        table(("code", "diagnosis", "patients"), rows)
    for name, documents in summary.get("samples", {}).items():
        click.echo(f"\n{name}:")
        for document in documents:
            click.echo("  " + json.dumps(document, ensure_ascii=False))


@scenario.command()
@click.argument("name")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@json_option
@pass_database
def delete(database: str | None, name: str, yes: bool, as_json: bool) -> None:
    """Remove a scenario and everything in it."""
    state = state_manager(database)
    known = state.get(name)
    if not yes:
        confirm(f"Delete {known.name!r} with its {entities(known.entity_count)}?", "--yes")
    deleted = state.delete(known.scenario_id)
    if as_json:
        answer = {"deleted": True, "scenario_id": deleted.scenario_id, "name": deleted.name}
        print_json({**answer, "entity_count": deleted.entity_count})
    else:
        click.echo(f"Deleted {deleted.name!r} with its {entities(deleted.entity_count)}.")


@scenario.command()
@click.argument("name")
@click.argument("new_name")
@json_option
@pass_database
def rename(database: str | None, name: str, new_name: str, as_json: bool) -> None:
    """Give a scenario another name."""
    _print_scenario(state_manager(database).rename(name, new_name), f"Renamed to {new_name!r}.", as_json)


@scenario.command()
@click.argument("name")
@click.argument("new_name")
@json_option
@pass_database
def clone(database: str | None, name: str, new_name: str, as_json: bool) -> None:
    """Copy a scenario under a new name, with fresh ids."""
    _print_saved(state_manager(database).clone(name, new_name), as_json)


@scenario.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--into", required=True, metavar="NAME", help="The scenario to merge into; made if there is none.")
@json_option
@pass_database
def merge(database: str | None, names: tuple[str, ...], into: str, as_json: bool) -> None:
    """Put the entities of several scenarios into one; of two with the same id the later scenario's stays."""
    _print_saved(state_manager(database).merge(names, into), as_json)


@scenario.command()
@click.argument("name")
@click.argument("tags", nargs=-1, required=True)
@json_option
@pass_database
def tag(database: str | None, name: str, tags: tuple[str, ...], as_json: bool) -> None:
    """Add tags to a scenario."""
    tagged = state_manager(database).tag(name, tags)
    _print_scenario(tagged, f"Tags of {tagged.name!r}: {', '.join(tagged.tags)}.", as_json)


@scenario.command()
@click.argument("name")
@click.argument("tags", nargs=-1, required=True)
@json_option
@pass_database
def untag(database: str | None, name: str, tags: tuple[str, ...], as_json: bool) -> None:
    """Take tags from a scenario."""
    left = state_manager(database).untag(name, tags)
    _print_scenario(left, f"Tags of {left.name!r}: {', '.join(left.tags) or 'none'}.", as_json)


@scenario.command()
@click.argument("name")
@click.option("--from", "source", required=True, metavar="FILE", help="JSON in any shape that `scenario import` reads.")
@lenient_option
@json_option
@pass_database
def add(database: str | None, name: str, source: str, lenient: bool, as_json: bool) -> None:
    """Add entities to a scenario that exists; those with ids that it has are replaced."""
    state = state_manager(database)
    known = state.get(name)
    _print_saved(state.import_path(source, name=known.name, mode="add", lenient=lenient), as_json)


def _mode(overwrite: bool, merging: bool) -> str:
    if overwrite and merging:
        raise UsageError("--overwrite replaces the scenario and --merge adds to it; give one of them.")
    return "overwrite" if overwrite else "merge" if merging else "create"


def _print_saved(saved: Saved, as_json: bool) -> None:
    if as_json:
        print_json(saved.as_dict())
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
