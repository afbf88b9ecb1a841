"""Tools that write a scenario as tables for other programs, in the allowed folders."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from pydantic import Field

from healthsim.server.declaring import Workbench, tool
from healthsim.server.results import ExportedData
from healthsim.server.tools.scenarios import Name
from healthsim.state.json.writers import file_name


@tool("Export tables", "changes", command="export omop", python="healthsim.exchange.omop.export:export_omop")
def export_data(
    bench: Workbench,
    name: Name,
    format: Annotated[
        Literal["omop_duckdb", "omop_parquet", "omop_csv", "parquet", "csv"],
        Field(
            description="omop_*: an OMOP CDM 5.4 database; parquet, csv: the canonical tables, and the star if built."
        ),
    ] = "omop_duckdb",
    path: Annotated[
        str | None,
        Field(description="A new file (omop_duckdb) or folder; default: in the exports folder.", max_length=4_096),
    ] = None,
    overwrite: Annotated[bool, Field(description="Replace what an earlier export left there.")] = False,
) -> ExportedData:
    """Write a scenario as tables for other tools: OMOP for those of OHDSI, Parquet or CSV for engines and notebooks.

    For JSON that HealthSim reads again, use export_scenario_json.
    """
    from healthsim.exchange.omop.export import export_omop
    from healthsim.exchange.tables import export_tables

    scenario = bench.state.get(name)
    stem = file_name(scenario, "share").removesuffix(".json")
    kind, _, files = format.rpartition("_")
    target = bench.folders.to_make(path, f"{stem}-omop.duckdb" if files == "duckdb" else f"{stem}-{kind or files}")
    if kind:
        omop = export_omop(bench.database, scenario.scenario_id, target, format=files, force=overwrite)
        tables, coverage, left_out = omop.tables, [asdict(item) for item in omop.coverage], omop.left_out
        notes: list[str] = []
    else:
        done = export_tables(bench.database, scenario.scenario_id, target, format=files, force=overwrite)
        tables, coverage, left_out, notes = done.tables, [], {}, done.notes
    return ExportedData(
        path=str(target),
        format=format,
        tables={table: rows for table, rows in tables.items() if rows},
        coverage=coverage,
        left_out=left_out,
        notes=notes,
    )
