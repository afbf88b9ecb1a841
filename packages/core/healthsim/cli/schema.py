"""``healthsim schema``: the entity types and their columns."""

from __future__ import annotations

import click

from healthsim.cli.output import json_option, print_json, table


@click.group()
def schema() -> None:
    """Show the entity types and their columns."""


@schema.command(name="list")
@json_option
def list_(as_json: bool) -> None:
    """List the entity types."""
    from healthsim.model import ENTITY_TYPES

    if as_json:
        listed = [
            {"entity_type": known.name, "table": known.plural, "family": known.family, "meaning": known.meaning}
            for known in ENTITY_TYPES.values()
        ]
        print_json({"entity_types": listed})
    else:
        rows = [(known.name, known.plural, known.family, known.meaning) for known in ENTITY_TYPES.values()]
        table(("entity type", "table", "family", "meaning"), rows)


@schema.command()
@click.argument("entity_type", metavar="TYPE")
@json_option
def show(entity_type: str, as_json: bool) -> None:
    """Show the columns of an entity type; with --json, its JSON Schema."""
    from healthsim.model.reference import find_type, json_schema

    known = find_type(entity_type)
    if as_json:
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
