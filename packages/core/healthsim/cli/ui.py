"""``healthsim ui``: the pages, in a browser of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from healthsim.cli.opening import pass_workbench
from healthsim.cli.output import notice

if TYPE_CHECKING:
    from healthsim.workbench import Workbench


@click.command()
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="Port; by default a free one.")
@click.option("--read-only", is_flag=True, help="Only look: nothing can be changed.")
@click.option("--idle", type=click.FloatRange(min=0.01), metavar="MINUTES", help="End after so long without a request.")
@click.option("--no-browser", is_flag=True, help="Print the address, and open no browser.")
@pass_workbench
def ui(bench: Workbench, port: int, read_only: bool, idle: float | None, no_browser: bool) -> None:
    """See the database in a browser: scenarios, people, places, figures.

    The pages are served to this machine only. The address that is printed lets one browser in and works once, within a
    minute; press Enter for another one. Ctrl-C ends the server.
    """
    from healthsim.web.serving import serve

    opened = False

    def announce(address: str) -> None:
        nonlocal opened
        click.echo(address)
        if not opened and not no_browser:
            import webbrowser

            webbrowser.open(address)
        opened = True

    notice("Open this address within a minute; press Enter for a new one, Ctrl-C to stop.")
    serve(bench, announce=announce, port=port, read_only=read_only, idle=idle)
