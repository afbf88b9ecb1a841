"""The page ``docs/mcp.md``, made from the server: tools, arguments, results, and how to set it up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import anyio

from healthsim.server.core import HealthSimServer
from healthsim.server.declaring import Declared, declared

_HEAD = """\
# The assistant's server

Made from the server by `python scripts/write_mcp_docs.py`; a test keeps it true.

`healthsim mcp` serves the database to an AI assistant over the Model Context Protocol. Data stays in the database;
summaries and answers come into the conversation. A [real run](mcp-transcript.md) shows how little that is. Connections
are short, so that a terminal or a notebook works on the same file at the same time.

## Set-up

Claude Code: `claude mcp add healthsim -- healthsim mcp`, or install the repository as a plugin, which brings the
skills as well (`/plugin marketplace add PATH`, `/plugin install healthsim`).

Claude Desktop, Cursor, Windsurf and most others: this in their configuration file (`claude_desktop_config.json`,
`~/.cursor/mcp.json` ...). Give the full path of `healthsim` where the client does not find it.

```json
{"mcpServers": {"healthsim": {"command": "healthsim", "args": ["mcp"]}}}
```

VS Code: the same in `.vscode/mcp.json`, with `servers` in the place of `mcpServers`.

Clients that speak Streamable HTTP: `HEALTHSIM_MCP_TOKEN=a-long-secret healthsim mcp --http --port 8321`, then
`http://127.0.0.1:8321/mcp` with the header `Authorization: Bearer a-long-secret`. Without a token the server listens on
this machine only; with `--host` set to another address it starts only with one. Requests with a foreign `Host` or
`Origin` are refused, and so are bodies above 16 MiB.

| variable | means | default |
|---|---|---|
| `HEALTHSIM_DB` | the database | `~/.healthsim/healthsim.duckdb` |
| `HEALTHSIM_FOLDERS` | more folders for files, besides `~/.healthsim/exports` and `~/Downloads` | none |
| `HEALTHSIM_MCP_TOKEN` | what clients over HTTP must present | none |
| `HEALTHSIM_SQL_TIMEOUT` | seconds that a question in SQL may take | 30 |
| `HEALTHSIM_SQL_MEMORY` | MiB that it may use | 2048 |

## Limits

A result holds at most about 20,000 characters. What was cut says `truncated` and gives `next_cursor` or a hint; a
cursor ends when the scenario changes. Whole scenarios go to a file (`export_scenario_json`). Questions in SQL are
checked on their syntax tree and run in a process of their own, which can only read, two at a time.

An error is a result with `isError`; its text says what was wrong, what was expected and what to do next, as on the
command line, and `_meta.error` holds the same as `code`, `message` and `details`.
"""


def mcp_page(server: HealthSimServer) -> str:
    """The text of ``docs/mcp.md``."""
    return "\n".join(_page(server))


def _page(server: HealthSimServer) -> Iterator[str]:
    tools = anyio.run(server.list_tools)
    declarations = {item.name: item for item in declared()}
    yield _HEAD
    yield "## Tools"
    yield ""
    yield "| tool | what it does | effect | on the command line |"
    yield "|---|---|---|---|"
    for tool in tools:
        item = declarations[tool.name]
        first = (tool.description or "").splitlines()[0]
        yield f"| [`{tool.name}`](#{tool.name}) | {first} | {item.effect} | `healthsim {item.command}` |"
    yield ""
    for tool in tools:
        yield from _tool(tool, declarations[tool.name])
    yield "## Resources"
    yield ""
    for resource in anyio.run(server.list_resources):
        if not resource.name.startswith("skill-"):
            yield f"- `{resource.uri}`: {resource.description}"
    for template in anyio.run(server.list_resource_templates):
        yield f"- `{template.uri_template}`: {template.description}"
    yield "- `healthsim://skills/{name}`: the skills, where the server runs from a checkout or a plugin."
    yield ""
    yield "## Prompts"
    yield ""
    for prompt in anyio.run(server.list_prompts):
        arguments = ", ".join(f"`{argument.name}`" for argument in prompt.arguments or ())
        yield f"- `{prompt.name}` ({arguments}): {prompt.description}"
    yield ""
    yield "## Names of the original tools"
    yield ""
    yield "| original | now |"
    yield "|---|---|"
    for old, new in sorted((old, item.name) for item in declarations.values() for old in item.original):
        if old != new:
            yield f"| `{old}` | `{new}` |"
    yield ""


def _tool(tool: Any, item: Declared) -> Iterator[str]:
    yield f"### {tool.name}"
    yield ""
    yield tool.description or ""
    yield ""
    required = tool.input_schema.get("required", [])
    for name, schema in tool.input_schema.get("properties", {}).items():
        default = "required" if name in required else f"default {json.dumps(schema.get('default'))}"
        meaning = f": {schema['description']}" if "description" in schema else ""
        yield f"- `{name}` ({_type(schema)}, {default}){meaning}"
    fields = (tool.output_schema or {}).get("properties", {})
    yield ""
    yield f"Returns {', '.join(f'`{name}`' for name in fields)}."
    yield ""


def _type(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " \\| ".join(map(str, schema["enum"]))
    if "anyOf" in schema:
        return " or ".join(_type(part) for part in schema["anyOf"] if part.get("type") != "null")
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("type", schema.get("$ref", "object").rpartition("/")[2]))
