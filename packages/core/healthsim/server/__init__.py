"""The assistant's door: an MCP server over the same functions as the command line.

``create_server(settings)`` makes one; nothing is kept at module level, and no connection outlives a call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from healthsim.config import Settings
    from healthsim.server.core import HealthSimServer

__all__ = ["create_server"]


def create_server(settings: Settings) -> HealthSimServer:
    """A server over the database that the settings name, with every tool, resource and prompt; those for shares where it may use some."""
    from healthsim.server.core import HealthSimServer
    from healthsim.server.declaring import Bench, declared
    from healthsim.server.prompts import add_prompts
    from healthsim.server.resources import add_resources

    workbench = Bench(settings)
    server = HealthSimServer()
    for tool in declared():
        if tool.shares and not settings.shares:
            continue
        server.declare(tool, workbench)
    add_resources(server, workbench)
    add_prompts(server)
    return server
