"""Tools that move scenarios between the database and JSON files, in the allowed folders."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from healthsim.server.declaring import Bench, tool
from healthsim.server.results import ExportedFile, SavedScenario
from healthsim.server.tools.entities import Lenient
from healthsim.server.tools.scenarios import Name, saved_result
from healthsim.state.json.writers import Exported, file_name


@tool("Export a scenario", "changes", command="scenario export", verb="export", original=("export_scenario_to_json",))
def export_scenario_json(
    bench: Bench,
    name: Name,
    path: Annotated[
        str | None, Field(description="A .json file or a folder; default: the exports folder.", max_length=4_096)
    ] = None,
    format: Annotated[
        Literal["share", "workspace"], Field(description="share: plain documents; workspace: with provenance.")
    ] = "share",
    overwrite: Annotated[bool, Field(description="Replace a file that is there.")] = False,
) -> ExportedFile:
    """Write a scenario to a JSON file, of any size, without passing it through the conversation."""
    scenario = bench.get(name)
    target = bench.folders.to_write(path, file_name(scenario, format), overwrite=overwrite)
    exported = bench.export(format, scenario.scenario_id, target, overwrite=overwrite)
    assert isinstance(exported, Exported)  # both formats are JSON
    return ExportedFile(path=str(exported.path), entity_count=exported.entity_count, bytes=exported.bytes)


@tool(
    "Import a scenario", "changes", command="scenario import", verb="save_file", original=("import_scenario_from_json",)
)
def import_scenario_json(
    bench: Bench,
    path: Annotated[str, Field(description="A JSON file, or a folder of them.", max_length=4_096)],
    name: Annotated[str | None, Field(description="Default: the name in the file.", max_length=10_000)] = None,
    mode: Literal["create", "overwrite", "merge"] = "create",
    lenient: Lenient = False,
) -> SavedScenario:
    """Save what a JSON file holds as a scenario: the share format, workspaces, and every older shape.

    The shape is found from the content. Use it for files that the user has; entities that you made yourself go to
    save_scenario.
    """
    source = bench.folders.to_read(path)
    return saved_result(bench.save_file(name, source, mode=mode, lenient=lenient))
