"""``healthsim status``, ``doctor`` and ``compact``: the database itself."""

from __future__ import annotations

import click

from healthsim.cli.output import entities, json_option, print_json, table
from healthsim.config import Settings
from healthsim.db.connection import Database


def opened(database: str | None) -> Database:
    """The database that ``--db`` or the environment names."""
    return Database.of(Settings.load(database=database))


@click.command()
@json_option
@click.pass_obj
def status(database: str | None, as_json: bool) -> None:
    """Show the database: place, schema version, contents, size."""
    from healthsim.db.status import status as read_status

    facts = read_status(opened(database))
    if as_json:
        print_json(facts)
        return
    size = f", {facts.size_bytes / 1e6:,.1f} MB" if facts.size_bytes is not None else ""
    click.echo(f"{facts.database}{size}, schema version {facts.schema_version}, DuckDB {facts.duckdb_version}")
    noun = "scenario" if facts.scenarios == 1 else "scenarios"
    click.echo(f"{facts.scenarios:,} {noun} with {entities(facts.entities)}")
    if facts.tables:
        table(("layer", "table", "rows"), [(row.layer, row.table, row.rows) for row in facts.tables])


@click.command()
@click.option("--deep", is_flag=True, help="Read every document again and compare it with its row.")
@json_option
@click.pass_obj
def doctor(database: str | None, deep: bool, as_json: bool) -> int:
    """Check the database for damage and contradictions. Ends with 1 if there are any."""
    from healthsim.state.doctor import examine

    result = examine(opened(database), deep=deep)
    if as_json:
        print_json(result)
    else:
        for finding in result.findings:
            click.echo(f"{finding.severity:<5} {finding.check:<11} {finding.message}")
        verdict = "is sound" if result.ok else "has faults"
        click.echo(f"{result.database} {verdict} ({', '.join(result.checks)}).")
    return 0 if result.ok else 1


@click.command()
@json_option
@click.pass_obj
def compact(database: str | None, as_json: bool) -> None:
    """Give back the space of deleted data: the file is written anew, checked and put in place."""
    from healthsim.db.compacting import compact as write_anew

    result = write_anew(opened(database))
    if as_json:
        print_json(result)
    else:
        before, after = result.bytes_before / 1e6, result.bytes_after / 1e6
        click.echo(f"{result.path}: {before:,.1f} MB before, {after:,.1f} MB now.")
