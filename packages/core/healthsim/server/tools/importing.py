"""The tool that reads files of other programs in the allowed folders: any format, told by content."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from healthsim.server.declaring import Bench, tool
from healthsim.server.results import ImportedData
from healthsim.server.tools.entities import Lenient
from healthsim.server.tools.scenarios import saved_result


@tool("Import data", "changes", command="import", verb="import_")
def import_data(
    bench: Bench,
    paths: Annotated[
        list[str],
        Field(description="Files, folders or archives; all become one scenario.", min_length=1, max_length=100),
    ],
    name: Annotated[str | None, Field(description="Default: what the first file says.", max_length=10_000)] = None,
    mode: Literal["create", "overwrite", "merge"] = "create",
    timezone: Annotated[str | None, Field(description="Of times that say none; default UTC.", max_length=100)] = None,
    lenient: Lenient = False,
) -> ImportedData:
    """Save what files of other programs hold as a scenario; the format is told by content.

    FHIR, HL7 v2, X12, C-CDA, Synthea CSV, OMOP, tables as CSV or Parquet, HealthSim's JSON; also in gz, zip and folders.
    """
    sources = [bench.folders.to_read(path) for path in paths]
    imported = bench.import_(*sources, as_=name, mode=mode, timezone=timezone, lenient=lenient, together=True)
    assert not isinstance(imported, list)  # together they are one scenario
    saved = saved_result(imported)
    return ImportedData(**saved.model_dump(), sources=[source.as_dict() for source in imported.sources])
