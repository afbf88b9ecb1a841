"""``healthsim conditions``: the clinical knowledge that generation works with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from healthsim.cli.output import json_option, print_json, table
from healthsim.errors import InvalidInput, NotFound

folder_option = click.option(
    "--conditions",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A folder of knowledge of your own. Default: conditions in HealthSim's home, where there is one.",
)


@click.group()
def conditions() -> None:
    """Clinical knowledge: who gets a condition, and what care follows from it. One YAML file each."""


@conditions.command("list")
@folder_option
@json_option
def list_(folder: Path | None, as_json: bool) -> None:
    """List the conditions."""
    from healthsim.generation.knowledge_files import load_knowledge, own_folder

    rows = [
        {"condition": name, "name": one.name, "kind": one.kind, "group": one.group, "measure": one.measure}
        for name, one in load_knowledge(own_folder(folder)).items()
    ]
    if as_json:
        print_json({"conditions": rows})
        return
    table(("condition", "name", "kind", "group", "scaled by"), [list(row.values()) for row in rows])


@conditions.command()
@click.argument("name")
@folder_option
@json_option
def show(name: str, folder: Path | None, as_json: bool) -> None:
    """Show what is known about a condition, with its sources."""
    import difflib

    import yaml

    from healthsim.generation.knowledge_files import load_knowledge, own_folder, spelled

    known = load_knowledge(own_folder(folder))
    found = known.get(spelled(name))
    if found is None:
        near = difflib.get_close_matches(spelled(name), known, n=3, cutoff=0.4)
        hint = f"Did you mean {', '.join(near)}?" if near else "See: healthsim conditions list."
        raise NotFound(f"There is no condition {name[:80]!r}. {hint}", name=name, similar=near)
    content: dict[str, Any] = found.model_dump(mode="json", exclude_unset=True)
    if as_json:
        print_json(content)
        return
    click.echo(yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110), nl=False)


@conditions.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@json_option
def check(paths: tuple[Path, ...], as_json: bool) -> None:
    """Check files of knowledge of your own, or without PATH those of the house and of your usual folder."""
    from healthsim.generation.knowledge_files import check_files, files_in, load_knowledge, own_folder

    own = own_folder()
    # an empty folder of one's own means the knowledge of the house; one that was named to be checked is a mistake
    asked = list(paths) or ([own] if own is not None and files_in(own) else [])
    faults = check_files(asked)
    count = len(load_knowledge(None if paths or faults else own))
    if faults:
        raise InvalidInput("The clinical knowledge cannot be used.\n  " + "\n  ".join(faults), faults=faults)
    if as_json:
        print_json({"ok": True, "conditions": count, "faults": []})
        return
    click.echo(f"{', '.join(str(path) for path in paths)}: fine." if paths else f"{count} conditions: fine.")
