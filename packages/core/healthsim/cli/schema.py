"""``healthsim schema``: the entity types and their columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from healthsim.cli.opening import pass_workbench
from healthsim.cli.output import json_option, print_json, table

if TYPE_CHECKING:
    from healthsim.workbench import Workbench


@click.group()
def schema() -> None:
    """Show the entity types and their columns."""


@schema.command(name="list")
@json_option
@pass_workbench
def list_(bench: Workbench, as_json: bool) -> None:
    """List the entity types."""
    if as_json:
        listed = [
            {"entity_type": known.name, "table": known.plural, "family": known.family, "meaning": known.meaning}
            for known in bench.entity_types()
        ]
        print_json({"entity_types": listed})
    else:
        rows = [(known.name, known.plural, known.family, known.meaning) for known in bench.entity_types()]
        table(("entity type", "table", "family", "meaning"), rows)


@schema.command()
@click.argument("entity_type", metavar="TYPE")
@json_option
@pass_workbench
def show(bench: Workbench, entity_type: str, as_json: bool) -> None:
    """Show the columns of an entity type; with --json, its JSON Schema."""
    known = bench.schema(entity_type)
    if as_json:
        from healthsim.model.reference import json_schema

        print_json(json_schema(known))
        return
    click.echo(f"{known.name}, table {known.plural}: {known.meaning}")
    table(
        ("column", "type", "meaning", "also read from"),
        [
            (column.name, column.sql_type, column.meaning, ", ".join(alias.path for alias in column.aliases))
            for column in known.columns
        ],
    )
