"""``healthsim status``, ``doctor`` and ``compact``: the database itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from healthsim.cli.opening import pass_workbench
from healthsim.cli.output import entities, json_option, print_json, table

if TYPE_CHECKING:
    from healthsim.workbench import Workbench


@click.command()
@json_option
@pass_workbench
def status(bench: Workbench, as_json: bool) -> None:
    """Show the database: place, schema version, contents, size."""
    facts = bench.status()
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
@pass_workbench
def doctor(bench: Workbench, deep: bool, as_json: bool) -> int:
    """Check the database for damage and contradictions. Ends with 1 if there are any."""
    result = bench.doctor(deep=deep)
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
@pass_workbench
def compact(bench: Workbench, as_json: bool) -> None:
    """Give back the space of deleted data: the file is written anew, checked and put in place."""
    result = bench.compact()
    if as_json:
        print_json(result)
    else:
        before, after = result.bytes_before / 1e6, result.bytes_after / 1e6
        click.echo(f"{result.path}: {before:,.1f} MB before, {after:,.1f} MB now.")
