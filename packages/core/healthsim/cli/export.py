"""``healthsim export``: a scenario for other tools."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from healthsim.cli.database import opened
from healthsim.cli.output import json_option, notice, print_json, table

name_argument = click.argument("name")
output_option = click.option(
    "--output", "-o", "target", required=True, type=click.Path(path_type=Path), help="Where it goes; made new."
)
force_option = click.option("--force", is_flag=True, help="Replace what an earlier export left there.")


@click.group()
def export() -> None:
    """Export a scenario for other tools: OMOP, Parquet, CSV.

    Files appear whole or not at all. JSON for other installations of HealthSim: healthsim scenario export.
    """


@export.command()
@name_argument
@output_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(["duckdb", "parquet", "csv"]),
    default="duckdb",
    show_default=True,
    help="One database file, or a folder of one file a table.",
)
@click.option(
    "--vocab-dir",
    "vocabulary_folder",
    type=click.Path(path_type=Path),
    help="An unpacked download of Athena; its concepts and mappings are used.",
)
@force_option
@json_option
@click.pass_obj
def omop(
    database: str | None,
    name: str,
    target: Path,
    format_: str,
    vocabulary_folder: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Write a scenario as an OMOP CDM 5.4 database: all 39 tables, with the vocabulary that it uses.

    Source codes are always kept; a code without a known standard concept gets concept 0. The coverage says how many
    rows have one.
    """
    from healthsim.exchange.omop.export import export_omop

    done = export_omop(opened(database), name, target, format=format_, vocabulary_folder=vocabulary_folder, force=force)
    if as_json:
        print_json(_shown(done))
        return
    click.echo(f"Wrote {done.path}: {sum(done.tables.values()):,} rows. Vocabulary: {done.vocabulary}.")
    table(("table", "rows"), [(name, rows) for name, rows in done.tables.items() if rows])
    table(
        ("source codes", "codes", "mapped", "rows", "mapped rows", "%"),
        [
            (
                item.domain,
                item.codes,
                item.mapped_codes,
                item.rows,
                item.mapped_rows,
                _percent(item.mapped_rows, item.rows),
            )
            for item in done.coverage
        ],
        title="Standard concepts",
    )
    for item in done.coverage:
        if item.unmapped:
            first = ", ".join(f"{code} ({rows:,})" for code, rows in list(item.unmapped.items())[:5])
            notice(f"{item.domain}: most frequent without a standard concept: {first}.")
    for what, count in done.left_out.items():
        notice(f"Left out: {count:,} {what} ({_WHY.get(what, 'without a person or a date')}).")


_WHY = {
    "persons": "without a date of birth",
    "claims": "reversed, of a pharmacy, or without a person or a date",
    "pharmacy_claims": "not paid, or without a person or a date",
}


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else ""


@export.command()
@name_argument
@output_option
@click.option(
    "--layer", "layers", multiple=True, type=click.Choice(["canonical", "star"]), help="Only this; repeatable."
)
@force_option
@json_option
@click.pass_obj
def parquet(database: str | None, name: str, target: Path, layers: tuple[str, ...], force: bool, as_json: bool) -> None:
    """Write the tables of a scenario as Parquet, partitioned by year, with a manifest of rows and checksums.

    The canonical tables, and the star where it has been built (healthsim analytics build).
    """
    _tables(database, name, target, "parquet", layers, force, as_json)


@export.command(name="csv")
@name_argument
@output_option
@click.option(
    "--layer", "layers", multiple=True, type=click.Choice(["canonical", "star"]), help="Only this; repeatable."
)
@force_option
@json_option
@click.pass_obj
def csv_(database: str | None, name: str, target: Path, layers: tuple[str, ...], force: bool, as_json: bool) -> None:
    """Write the tables of a scenario as CSV, one file a table, with a manifest of rows and checksums."""
    _tables(database, name, target, "csv", layers, force, as_json)


def _tables(
    database: str | None,
    name: str,
    target: Path,
    format: str,
    layers: tuple[str, ...],
    force: bool,
    as_json: bool,
) -> None:
    from healthsim.exchange.tables import export_tables

    done = export_tables(opened(database), name, target, format=format, layers=layers, force=force)
    if as_json:
        print_json(_shown(done))
        return
    click.echo(f"Wrote {done.path}: {len(done.tables)} tables, {done.files:,} files, {done.bytes:,} bytes.")
    table(("table", "rows"), list(done.tables.items()))
    for note in done.notes:
        notice(note)


def _shown(done: Any) -> dict[str, Any]:
    return {**asdict(done), "path": str(done.path)}
