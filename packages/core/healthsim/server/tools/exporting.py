"""The tool that writes a scenario for other programs, in the allowed folders: any format of the one list."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from pydantic import Field

from healthsim.errors import InvalidInput
from healthsim.exchange.format import Format
from healthsim.exchange.formats import formats
from healthsim.outputs import who_may_read
from healthsim.results import Written
from healthsim.server.declaring import Bench, tool
from healthsim.server.results import ExportedData
from healthsim.server.tools.scenarios import Name
from healthsim.state.json.writers import file_name


def _offered() -> dict[str, tuple[Format, dict[str, Any]]]:
    """What a client may ask for -> the format and its options."""
    return {
        name: (entry, options)
        for entry in formats().values()
        if entry.write is not None
        for name, options in entry.variants.items()
    }


_NAMES = list(_offered())
#: the standard, without what is made of it: clients pay for every word
_MEANINGS = "; ".join(
    f"{entry.name + '_*' if entry.variant else entry.name}: {entry.title.partition(':')[0].rstrip('.')}"
    for entry in dict.fromkeys(entry for entry, _ in _offered().values())
)


@tool("Export data", "changes", command="export omop", verb="export")
def export_data(
    bench: Bench,
    name: Name,
    format: Annotated[str, Field(description=f"{_MEANINGS}.", json_schema_extra={"enum": _NAMES})] = "omop_duckdb",
    path: Annotated[
        str | None, Field(description="A new file or folder; default: in the exports folder.", max_length=4_096)
    ] = None,
    overwrite: Annotated[bool, Field(description="Replace what an earlier export left there.")] = False,
    patient: Annotated[list[str] | None, Field(description="Only these patients, by id or MRN.")] = None,
    since: Annotated[str | None, Field(description="Only what was saved at or after this date or instant.")] = None,
    types: Annotated[list[str] | None, Field(description="Only these types of entities or resources.")] = None,
) -> ExportedData:
    """Write a scenario for other programs: formats of the field (FHIR, X12, HL7 v2 ...), OMOP, Parquet, CSV, JSON."""
    if format not in _NAMES:
        raise InvalidInput(f"The format is {format[:80]!r}; expected one of {', '.join(_NAMES)}.")
    entry, options = _offered()[format]
    chosen = {"patient": patient, "since": since, "types": types}
    options = {**options, **{key: value for key, value in chosen.items() if value}}
    scenario = bench.get(name)
    stem = file_name(scenario, "share").removesuffix(".json")
    target = bench.folders.to_make(path, entry.target_name(stem, entry.checked(options)))
    written = bench.export(entry.name, scenario.scenario_id, target, overwrite=overwrite, **options)
    readable = who_may_read(target)
    left_out = written.get("left_out", {})
    sentences = left_out if isinstance(left_out, list) else []
    return ExportedData(
        path=str(target),
        format=format,
        tables={table: rows for table, rows in _counted(written).items() if rows},
        coverage=[asdict(item) for item in written.get("coverage", ())],
        left_out={} if sentences else left_out,
        notes=[*sentences, *written.get("notes", ()), *([readable] if readable else [])],
    )


def _counted(written: Written) -> dict[str, int]:
    """How many there are of each kind: rows by table, resources by type, entities."""
    for member in ("tables", "counts"):
        if member in written:
            return dict(written[member])
    return {"entities": int(written.get("entity_count", 0))}
