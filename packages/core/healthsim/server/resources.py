"""What clients may read as resources: the schema, entity types, summaries, and the skills."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError
from mcp.server.mcpserver.resources import FunctionResource

from healthsim.errors import HealthSimError, NotFound
from healthsim.model import ENTITY_TYPES
from healthsim.model.reference import find_type, json_schema
from healthsim.scrubbing import scrubbed
from healthsim.server.declaring import Bench

if TYPE_CHECKING:
    from healthsim.server.core import HealthSimServer


def add_resources(server: HealthSimServer, workbench: Bench) -> None:
    """Offer the resources."""

    @server.resource("healthsim://schema", name="schema", title="The tables", mime_type="application/json")
    def schema() -> str:
        """Every entity type with its table, key, meaning and columns."""
        return _json(
            [
                {
                    "entity_type": name,
                    "table": known.plural,
                    "key": known.key,
                    "meaning": known.meaning,
                    "columns": {column.name: column.sql_type for column in known.columns},
                }
                for name, known in ENTITY_TYPES.items()
            ]
        )

    @server.resource(
        "healthsim://schema/{entity_type}",
        name="entity-schema",
        title="The JSON Schema of a type",
        mime_type="application/schema+json",
    )
    def entity_schema(entity_type: str) -> str:
        """The JSON Schema of the documents of one entity type."""
        return _json(_translated(lambda: json_schema(find_type(entity_type))))

    @server.resource(
        "healthsim://scenarios/{name}/summary",
        name="scenario-summary",
        title="The summary of a scenario",
        mime_type="application/json",
    )
    def summary(name: str) -> str:
        """What a scenario holds, in about 500 tokens."""
        return _json(_translated(lambda: workbench.show(name).as_dict()))

    for skill in skills():
        server.add_resource(
            FunctionResource(
                uri=f"healthsim://skills/{skill.parent.name}",
                name=f"skill-{skill.parent.name}",
                title=f"Skill: {skill.parent.name}",
                description=f"How to work with HealthSim: {skill.parent.name}.",
                mime_type="text/markdown",
                fn=partial(skill.read_text, encoding="utf-8"),
            )
        )


def skills() -> list[Path]:
    """The skills of a checkout or of a plugin that this program runs from; none where it was installed alone."""
    here = Path(__file__).resolve()
    for folder in here.parents[3:5]:
        files = sorted((folder / "skills").glob("*/SKILL.md"))
        if files:
            return files
    return []


def _translated(read: Any) -> Any:
    try:
        return read()
    except NotFound as error:
        raise ResourceNotFoundError(scrubbed(error.message)) from None
    except HealthSimError as error:
        raise ResourceError(scrubbed(error.message)) from None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str)
