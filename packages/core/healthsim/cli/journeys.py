"""``healthsim journeys``: the care pathways that generation can plan for people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from healthsim.cli import completion
from healthsim.cli.opening import pass_workbench
from healthsim.cli.output import json_option, print_json, table
from healthsim.cli.paths import NamedPath
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
