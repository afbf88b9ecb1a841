"""``healthsim import``: files and folders of any format that can be read become scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from healthsim.cli.opening import pass_workbench
from healthsim.cli.output import json_option, print_json
from healthsim.cli.scenario import lenient_option, merge_option, mode_of, overwrite_option, print_saved
from healthsim.cli.spelling import option

if TYPE_CHECKING:
    from healthsim.workbench import Workbench


@click.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@option(
    "--as", "as_", older=["--name"], metavar="NAME", help="Its name; default: the one in the file, else the file's."
)
@overwrite_option
@merge_option
@lenient_option
@json_option
@pass_workbench
def import_(
    bench: Workbench,
    paths: tuple[str, ...],
    as_: str | None,
    overwrite: bool,
    merging: bool,
    lenient: bool,
    as_json: bool,
) -> None:
    """Save what files or folders hold as scenarios. The format is told by content, never by the name.

    Each PATH becomes a scenario; with --as all of them become that one.

    \b
    healthsim import diabetes.json
    healthsim import patients.json claims.json --as clinic
    """
    saved = bench.import_(*paths, as_=as_, mode=mode_of(overwrite, merging), lenient=lenient)
    if not isinstance(saved, list):
        print_saved(saved, as_json)
    elif as_json:
        print_json({"saved": saved})
    else:
        for one in saved:
            print_saved(one, as_json=False)
