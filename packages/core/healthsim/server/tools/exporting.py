"""The tool that writes a scenario for other programs, in the allowed folders: any format of the one list."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from pydantic import Field

from healthsim.errors import InvalidInput
from healthsim.exchange.format import Format
from healthsim.exchange.formats import formats
from healthsim.outputs import who_may_read
from healthsim.server.declaring import Bench, tool
from healthsim.server.results import ExportedData
from healthsim.server.tools.scenarios import Name
from healthsim.state.json.writers import file_name


def _offered() -> dict[str, tuple[Format, dict[str, Any]]]:
    """What a client may ask for -> the format and its options. JSON that HealthSim reads again has tools of its own."""
    return {
        name: (entry, options)
        for entry in formats().values()
        if entry.write is not None and entry.read is None
        for name, options in entry.variants.items()
    }


_NAMES = list(_offered())
_MEANINGS = "; ".join(
    f"{entry.name + '_*' if entry.variant else entry.name}: {entry.title.rstrip('.')}"
    for entry in dict.fromkeys(entry for entry, _ in _offered().values())
)


@tool("Export tables", "changes", command="export omop", verb="export")
def export_data(
    bench: Bench,
    name: Name,
    format: Annotated[str, Field(description=f"{_MEANINGS}.", json_schema_extra={"enum": _NAMES})] = _NAMES[0],
    path: Annotated[
        str | None, Field(description="A new file or folder; default: in the exports folder.", max_length=4_096)
    ] = None,
    overwrite: Annotated[bool, Field(description="Replace what an earlier export left there.")] = False,
) -> ExportedData:
    """Write a scenario as tables for other tools: OMOP for those of OHDSI, Parquet or CSV for engines and notebooks.

    For JSON that HealthSim reads again, use export_scenario_json.
    """
    if format not in _NAMES:
        raise InvalidInput(f"The format is {format[:80]!r}; expected one of {', '.join(_NAMES)}.")
    entry, options = _offered()[format]
    scenario = bench.get(name)
    stem = file_name(scenario, "share").removesuffix(".json")
    target = bench.folders.to_make(path, entry.target_name(stem, entry.checked(options)))
    written = bench.export(entry.name, scenario.scenario_id, target, overwrite=overwrite, **options)
    readable = who_may_read(target)
    return ExportedData(
        path=str(target),
        format=format,
        tables={table: rows for table, rows in written.get("tables", {}).items() if rows},
        coverage=[asdict(item) for item in written.get("coverage", ())],
        left_out=written.get("left_out", {}),
        notes=[*written.get("notes", ()), *([readable] if readable else [])],
    )
