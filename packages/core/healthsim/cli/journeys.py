"""``healthsim journeys``: the care pathways that generation can plan for people."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from healthsim.cli import completion
from healthsim.cli.numbered import shares
from healthsim.cli.opening import pass_workbench
from healthsim.cli.output import entities, json_option, notice, print_json, table
from healthsim.cli.paths import NamedPath
from healthsim.cli.progress import shown_progress
from healthsim.errors import UsageError

if TYPE_CHECKING:
    from healthsim.workbench import Workbench

#: also of ``healthsim generate``
journey_files_option = click.option(
    "--journey-files",
    type=NamedPath(),
    metavar="DIR",
    help="A folder of journeys of your own. Default: journeys in HealthSim's home, where there is one.",
)


@click.group()
def journeys() -> None:
    """Care pathways: who goes through one, from when on, and its steps. One YAML file each."""


@journeys.command("list")
@journey_files_option
@json_option
@pass_workbench
def list_(bench: Workbench, journey_files: Path | None, as_json: bool) -> None:
    """List the journeys."""
    listed = bench.journeys(journey_files)
    if as_json:
        print_json(listed)
        return
    table(("journey", "name", "starts", "days", "steps"), listed.rows)


@journeys.command()
@click.argument("name", shell_complete=completion.journeys, required=False)
@journey_files_option
@click.option("--schema", is_flag=True, help="Print the JSON Schema of the file of a journey, and end.")
@json_option
@pass_workbench
def show(bench: Workbench, name: str | None, journey_files: Path | None, schema: bool, as_json: bool) -> None:
    """Show a journey with its sources and steps, or the JSON Schema of its file."""
    if schema:
        from healthsim.generation.journeys.declaration import Journey

        print_json(Journey.model_json_schema())
        return
    if name is None:
        raise UsageError("Name a journey, or ask for --schema; healthsim journeys list shows them.")
    import yaml

    shown = bench.journey(name, journey_files).model_dump(mode="json", exclude_unset=True, by_alias=True)
    content: dict[str, Any] = shown
    if as_json:
        print_json(content)
        return
    click.echo(yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110), nl=False)


@journeys.command()
@click.argument("paths", nargs=-1, type=NamedPath(), metavar="[PATH]...")
@json_option
@pass_workbench
def check(bench: Workbench, paths: tuple[Path, ...], as_json: bool) -> None:
    """Check files of journeys of your own, or without PATH those of the house and of your usual folder."""
    count = bench.check_journeys(*paths)
    if as_json:
        print_json({"ok": True, "journeys": count, "faults": []})
        return
    named = ", ".join(str(path) for path in paths)
    click.echo(f"{named}: fine." if paths else f"{count} {'journey' if count == 1 else 'journeys'}: fine.")


@journeys.command(name="import")
@click.argument("paths", nargs=-1, required=True, type=NamedPath(), metavar="PATH...")
@click.option(
    "--output",
    "-o",
    required=True,
    type=NamedPath(),
    metavar="DIR",
    help="The folder of the journeys; it may hold others.",
)
@click.option(
    "--codes",
    type=NamedPath(),
    metavar="MAP.csv",
    help="What codes mean here: a CSV file with the columns system, code, target, value.",
)
@click.option(
    "--assume",
    type=float,
    metavar="SHARE",
    help="For whom conditions hold that cannot be asked. Default: their steps are left out.",
)
@click.option(
    "--keep-snomed",
    is_flag=True,
    help="Keep what has a SNOMED code without a map as what its contact is for, on no claim.",
)
@click.option("--force", is_flag=True, help="Replace journeys that are there.")
@json_option
@pass_workbench
def import_(
    bench: Workbench,
    paths: tuple[Path, ...],
    output: Path,
    codes: Path | None,
    assume: float | None,
    keep_snomed: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Make journeys of care pathways of the original HealthSim (PATH: files or folders) and of modules of Synthea.

    A file is told by what is in it. What a journey cannot say is listed with the place where it stands; a document of which
    nothing is left is not written, and the report says why.
    """
    made = bench.import_journeys(
        *paths, output=output, codes=codes, assume=assume, keep_snomed=keep_snomed, overwrite=force
    )
    if as_json:
        print_json(made)
        return
    for each in made.files:
        if each.file is not None:
            click.echo(
                f"{each.path} ({each.shape}): {each.journey}, {len(each.steps):,} steps; {len(each.left_out):,} left out"
            )
        else:
            click.echo(f"{each.path} ({each.shape or 'not read'}): no journey: {each.problem}")
        for left in each.left_out:
            click.echo(f"    {left.path}: {left.what}: {left.why}")
        for note in each.notes:
            click.echo(f"    note: {note}")
    click.echo(f"Wrote {made.written:,} journeys of {made.read:,} documents to {made.output}")


@journeys.command()
@click.argument("names", nargs=-1, required=True, shell_complete=completion.journeys, metavar="NAME[=SHARE]...")
@click.option(
    "--on",
    required=True,
    shell_complete=completion.scenarios,
    metavar="SCENARIO",
    help="The generated scenario whose people go through them; it stays as it is.",
)
@click.option("--as", "new_name", required=True, metavar="NEW", help="The name of the new scenario.")
@click.option("--overwrite", is_flag=True, help="Replace a scenario of that name.")
@click.option(
    "--conditions",
    type=NamedPath(),
    metavar="DIR",
    help="The folder of clinical knowledge of your own that the scenario was generated with.",
)
@journey_files_option
@click.option("--workers", type=click.IntRange(1, 64), help="Processes. Default: one per processor, at most four.")
@click.option(
    "--progress",
    "shown_as",
    type=click.Choice(["auto", "plain", "none"]),
    default="auto",
    show_default=True,
    help="How the run is shown: auto is a bar at a terminal; plain is a line each ten seconds.",
)
@json_option
@pass_workbench
def run(
    bench: Workbench,
    /,
    *,
    names: tuple[str, ...],
    on: str,
    new_name: str,
    overwrite: bool,
    conditions: Path | None,
    journey_files: Path | None,
    workers: int | None,
    shown_as: str,
    as_json: bool,
) -> None:
    """Let the people of a generated scenario go through journeys: the same people once more, as a new scenario.

    They are generated from what the scenario says of itself, with these journeys besides; a journey that it has already takes
    the new share. Afterwards the persons of both are held against each other.
    """
    with shown_progress(0, shown_as) as shown:
        made = bench.run_journeys(
            shares(names, "NAME"),
            on,
            new_name,
            overwrite=overwrite,
            conditions=conditions,
            journey_files=journey_files,
            workers=workers or min(os.cpu_count() or 1, 4),
            progress=shown,
            tell=notice,
        )
    for warning in made.warnings:
        notice(f"Warning: {warning}")
    if as_json:
        print_json(made)
        return
    same = "the same" if not made.changed else f"{made.changed:,} not the same"
    click.echo(f"Saved {made.name!r}: {made.persons:,} persons of {made.on!r} ({same}), {entities(made.entity_count)}")
    table(("journey", "persons"), list(made.travellers.items()))
