"""``healthsim mcp``: the server for AI assistants."""

from __future__ import annotations

from dataclasses import replace

import click

from healthsim.cli.output import notice
from healthsim.config import Settings
from healthsim.errors import HealthSimError


@click.command("mcp")
@click.option("--http", "over_http", is_flag=True, help="Serve over Streamable HTTP instead of stdin and stdout.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address; others than this machine need a token.")
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=8_321, show_default=True, help="Port; 0 for a free one."
)
@click.option(
    "--share",
    "shares",
    multiple=True,
    metavar="SHARE",
    help="A share that it may publish to and pull from; repeatable.",
)
@click.pass_obj
def mcp(database: str | None, over_http: bool, host: str, port: int, shares: tuple[str, ...]) -> None:
    """Serve the database to an AI assistant (Model Context Protocol).

    Without options it speaks over standard input and output, as clients start it. With --http it listens at
    http://HOST:PORT/mcp; a token in HEALTHSIM_MCP_TOKEN is then required of clients.
    """
    try:
        from healthsim.server import create_server

        settings = Settings.load(database=database)
        settings = replace(settings, shares=(*settings.shares, *shares))
        server = create_server(settings)
    except ModuleNotFoundError as error:
        raise HealthSimError(
            f"The package {error.name} is not installed, which the server needs. Install it: pip install 'mcp>=2,<3'."
        ) from None
    if not over_http:
        server.run("stdio")
        return
    from healthsim.server.http import serve

    serve(
        server,
        settings,
        host,
        port,
        announce=lambda address: notice(f"Serving {settings.database} at {address} (stop with Ctrl-C)."),
    )
