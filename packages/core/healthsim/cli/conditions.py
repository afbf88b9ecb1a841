"""``healthsim conditions``: the clinical knowledge that generation works with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from healthsim.cli import completion
from healthsim.cli.opening import pass_workbench
from healthsim.cli.output import json_option, print_json, table
from healthsim.cli.paths import NamedPath

if TYPE_CHECKING:
    from healthsim.workbench import Workbench

folder_option = click.option(
    "--conditions",
    "folder",
    type=NamedPath(),
    metavar="DIR",
    help="A folder of knowledge of your own. Default: conditions in HealthSim's home, where there is one.",
)


@click.group()
def conditions() -> None:
    """Clinical knowledge: who gets a condition, and what care follows from it. One YAML file each."""


@conditions.command("list")
@folder_option
@json_option
@pass_workbench
def list_(bench: Workbench, folder: Path | None, as_json: bool) -> None:
    """List the conditions."""
    listed = bench.conditions(folder)
    if as_json:
        print_json(listed)
        return
    table(("condition", "name", "kind", "group", "scaled by"), listed.rows)


@conditions.command()
@click.argument("name", shell_complete=completion.conditions)
@folder_option
@json_option
@pass_workbench
def show(bench: Workbench, name: str, folder: Path | None, as_json: bool) -> None:
    """Show what is known about a condition, with its sources."""
    import yaml

    content: dict[str, Any] = bench.condition(name, folder).model_dump(mode="json", exclude_unset=True)
    if as_json:
        print_json(content)
        return
    click.echo(yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110), nl=False)


@conditions.command()
@click.argument("paths", nargs=-1, type=NamedPath(), metavar="[PATH]...")
@json_option
@pass_workbench
def check(bench: Workbench, paths: tuple[Path, ...], as_json: bool) -> None:
    """Check files of knowledge of your own, or without PATH those of the house and of your usual folder."""
    count = bench.check_conditions(*paths)
    if as_json:
        print_json({"ok": True, "conditions": count, "faults": []})
        return
    click.echo(f"{', '.join(str(path) for path in paths)}: fine." if paths else f"{count} conditions: fine.")
