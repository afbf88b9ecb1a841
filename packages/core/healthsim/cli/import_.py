"""``healthsim import``: files and folders of any format that can be read become scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from healthsim.cli.opening import pass_new_workbench
from healthsim.cli.output import entities, json_option, notice, print_json, table
from healthsim.cli.scenario import lenient_option, merge_option, mode_of, overwrite_option
from healthsim.cli.spelling import option

if TYPE_CHECKING:
    from healthsim.results import Imported
    from healthsim.workbench import Workbench

#: remarks that are printed; all of them are in the answer with --json
REMARKS_SHOWN = 40


@click.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@option(
    "--as", "as_", older=["--name"], metavar="NAME", help="Its name; default: the one in the file, else the file's."
)
@overwrite_option
@merge_option
@lenient_option
@click.option("--timezone", metavar="ZONE", help="Of times that say none, such as America/Chicago.  [default: UTC]")
@json_option
@pass_new_workbench
def import_(
    bench: Workbench,
    paths: tuple[str, ...],
    as_: str | None,
    overwrite: bool,
    merging: bool,
    lenient: bool,
    timezone: str | None,
    as_json: bool,
) -> None:
    """Save what files or folders hold as scenarios. The format is told by content, never by the name.

    Each PATH becomes a scenario; with --as all of them become that one.
    """
    imported = bench.import_(*paths, as_=as_, mode=mode_of(overwrite, merging), lenient=lenient, timezone=timezone)
    if not isinstance(imported, list):
        print_imported(imported, as_json)
    elif as_json:
        print_json({"saved": imported})
    else:
        for scenario in imported:
            print_imported(scenario, as_json=False)


def print_imported(imported: Imported, as_json: bool) -> None:
    """What an import did: the scenario, tables of what was read, and notices of what is odd."""
    if as_json:
        print_json(imported)
        return
    kinds = ", ".join(f"{name} {count:,}" for name, count in imported.entities_by_type.items())
    click.echo(f"Saved {imported.name!r}: {entities(imported.entity_count)} ({kinds or 'none'}).")
    for grid in imported.grids():
        table(grid.columns, grid.rows, title=grid.title)
    if imported.untyped_types:
        notice(f"Kept without typed columns: {', '.join(imported.untyped_types)}.")
    remarks = imported.remarks()
    for remark in remarks[:REMARKS_SHOWN]:
        notice(remark)
    if len(remarks) > REMARKS_SHOWN:
        notice(f"... and {len(remarks) - REMARKS_SHOWN:,} notices more (all of them with --json).")
