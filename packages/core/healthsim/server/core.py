"""The server of the official SDK, with this project's errors, argument checks and compact results."""

from __future__ import annotations

import difflib
import inspect
import json
import logging
import typing
from functools import partial
from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer, Resolve
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, InputRequiredResult, TextContent, ToolAnnotations
from pydantic import ValidationError

from healthsim import __version__
from healthsim.errors import HealthSimError, InvalidInput, NotFound
from healthsim.remedies import door
from healthsim.scrubbing import scrubbed_value
from healthsim.server import schemas
from healthsim.server.declaring import Bench, Declared
from healthsim.server.log import scrub_logs

INSTRUCTIONS = """\
HealthSim keeps synthetic healthcare data (patients, encounters, claims, pharmacy, trials, networks) as named \
scenarios in one database. All of it is synthetic; no real person is in it.

Keep the conversation small: data stays in the database, summaries come into the conversation.
- Start with list_scenarios or get_scenario_summary. Only load_scenario or get_entity_samples return documents.
- Save in batches: save_scenario for the first, add_entities for the next (about 50 entities a call).
- Whole populations: generate_population; then check_scenario. A few hand-made entities: save_scenario.
- Metrics and reports: analytics_catalog, analytics_query, analytics_report. Who has what: find_cohort.
- Questions: query_scenario for rows of one type, run_sql for all else (joins, aggregates); describe_schema first.
- Files: export_scenario_json and import_scenario_json, for whatever is too large for a conversation.
- Results that were cut say truncated and give next_cursor. Errors say what to do next."""

_log = logging.getLogger("healthsim.server")


class HealthSimServer(MCPServer[Any]):
    """An MCP server whose tools are the declared functions."""

    def __init__(self) -> None:
        super().__init__(
            "healthsim",
            title="HealthSim",
            instructions=INSTRUCTIONS,
            version=__version__,
            log_level="WARNING",
        )
        scrub_logs()

    def declare(self, declared: Declared, workbench: Bench) -> None:
        """Offer a declared function as a tool."""
        self.add_tool(
            _bound(declared.function, workbench),
            name=declared.name,
            title=declared.title,
            description=inspect.cleandoc(declared.function.__doc__ or ""),
            annotations=_hints(declared),
            structured_output=True,
        )
        added = self._tool_manager.get_tool(declared.name)
        assert added is not None
        added.parameters = schemas.of_arguments(added.parameters)
        if added.fn_metadata.output_schema is not None:
            added.fn_metadata.output_schema = schemas.of_result(added.fn_metadata.output_schema)

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool; every error that a user can cause is a result that says what to do."""
        known = self._tool_manager.get_tool(name)
        if known is None:
            return failed(_unknown("tool", name, [tool.name for tool in self._tool_manager.list_tools()]))
        expected = known.parameters.get("properties", {})
        for argument in arguments:
            if argument not in expected:
                return failed(_unknown(f"argument of {name}", argument, list(expected)))
        try:
            with door("tool"):
                result = await super().call_tool(name, arguments, context)
        except ToolError as error:
            cause = _cause(error)
            if isinstance(cause, HealthSimError):
                return failed(cause)
            if isinstance(cause, ValidationError):
                return failed(_wrong_arguments(name, cause))
            return failed(_unexpected(name, cause or error))
        if isinstance(result, CallToolResult) and result.structured_content is not None:
            text = json.dumps(result.structured_content, ensure_ascii=False, separators=(",", ":"))
            result.content = [TextContent(type="text", text=text)]
        return result


def _hints(declared: Declared) -> ToolAnnotations:
    """What a tool does to the data; of one that reads, the protocol asks no more."""
    if declared.effect == "reads":
        return ToolAnnotations(read_only_hint=True, open_world_hint=False)
    return ToolAnnotations(
        read_only_hint=False,
        destructive_hint=declared.effect in ("changes", "destroys"),
        idempotent_hint=declared.idempotent,
        open_world_hint=False,
    )


def failed(error: HealthSimError) -> CallToolResult:
    """An error as a result: its message as text, and the same facts for programs."""
    shown = scrubbed_value(error.as_dict())
    facts = json.loads(json.dumps({"error": shown}, default=str).encode("utf-8", "replace"))
    text = str(shown["message"]).encode("utf-8", "replace").decode()
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True, _meta=facts)


def _bound(function: Any, workbench: Bench) -> Any:
    """A function without its first argument, with the signature that the SDK reads; its resolvers likewise."""
    signature = inspect.signature(function)
    first, *others = signature.parameters.values()
    hints = typing.get_type_hints(function, include_extras=True)
    hints.pop(first.name)
    for name, hint in hints.items():
        metadata = getattr(hint, "__metadata__", ())
        if any(isinstance(item, Resolve) for item in metadata):
            bound = [Resolve(_bound(item.fn, workbench)) if isinstance(item, Resolve) else item for item in metadata]
            hints[name] = Annotated[(hint.__origin__, *bound)]
    prepared = partial(function, workbench)

    async def waiting(**arguments: Any) -> Any:
        return await prepared(**arguments)

    def working(**arguments: Any) -> Any:
        return prepared(**arguments)

    call: Any = waiting if inspect.iscoroutinefunction(function) else working
    call.__name__, call.__qualname__, call.__module__ = function.__name__, function.__qualname__, function.__module__
    call.__annotations__ = hints
    call.__signature__ = signature.replace(
        parameters=[item.replace(annotation=hints[item.name], kind=item.KEYWORD_ONLY) for item in others],
        return_annotation=hints["return"],
    )
    return call


def _cause(error: BaseException) -> BaseException | None:
    cause = error.__cause__
    while isinstance(cause, ToolError) and cause.__cause__ is not None:
        cause = cause.__cause__
    return cause


def _unexpected(name: str, error: BaseException) -> HealthSimError:
    """A fault of this program in one line; what it says of the inside goes into the log of the server only."""
    if isinstance(error, MemoryError):
        return HealthSimError("There is not enough memory for this. Nothing was changed. Ask for less at once.")
    _log.error("unexpected in %s", name, exc_info=error)
    return HealthSimError(
        f"Something unexpected happened in {name}: {type(error).__name__}. This is a fault of HealthSim; please report it"
        " with what the log of the server says of it.",
        error=type(error).__name__,
    )


def _unknown(what: str, name: str, known: list[str]) -> HealthSimError:
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"Did you mean {', '.join(near)}?" if near else f"Expected one of {', '.join(known) or 'none at all'}."
    return NotFound(f"There is no {what} {name[:80]!r}. {hint}", name=name[:200], similar=near)


def _wrong_arguments(name: str, error: ValidationError) -> HealthSimError:
    faults = [
        {"path": ".".join(str(part) for part in fault["loc"]), "problem": fault["msg"]}
        for fault in error.errors(include_url=False, include_input=False)
    ]
    lines = "\n".join(f"  {fault['path']}: {fault['problem']}" for fault in faults[:20])
    return InvalidInput(f"The arguments of {name} are not as expected; nothing was done.\n{lines}", faults=faults[:20])
