"""Dataset-JSON 1.1 of CDISC: a dataset as JSON, its rows as arrays, written as a stream."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any

from healthsim.exchange.sdtm.variables import Domain, Variable

VERSION = "1.1.0"
#: what files name as the system that they come from
SOURCE = "HealthSim"
_TYPES = {"text": "string", "integer": "integer", "float": "float", "date": "date", "datetime": "datetime"}


def facts(
    domain: Domain,
    variables: Sequence[Variable],
    lengths: Mapping[str, int],
    rows: int,
    study: str,
    made: str,
    version: str,
) -> dict[str, Any]:
    """What a file says before its rows."""
    keys = {name: number for number, name in enumerate(domain.keys, start=1)}
    columns = []
    for variable in variables:
        column: dict[str, Any] = {
            "itemOID": f"IT.{domain.name}.{variable.name}",
            "name": variable.name,
            "label": variable.label,
            "dataType": _TYPES[variable.kind],
        }
        if variable.kind == "text":
            column["length"] = lengths[variable.name]
        if variable.name in keys:
            column["keySequence"] = keys[variable.name]
        columns.append(column)
    return {
        "datasetJSONCreationDateTime": made,
        "datasetJSONVersion": VERSION,
        "fileOID": f"{study}.{domain.name}",
        "originator": SOURCE,
        "sourceSystem": {"name": SOURCE, "version": version},
        "studyOID": f"ST.{study}",
        "metaDataVersionOID": "MDV.1",
        "metaDataRef": "define.xml",
        "itemGroupOID": f"IG.{domain.name}",
        "records": rows,
        "name": domain.name,
        "label": domain.label,
        "columns": columns,
    }


def write_dataset(stream: IO[bytes], head: Mapping[str, Any], rows: Iterable[Sequence[Any]]) -> None:
    """A file: the head, then its rows."""
    text = json.dumps(head, ensure_ascii=False, indent=1)
    stream.write(text[: text.rindex("\n}")].encode("utf-8", "surrogatepass") + b',\n "rows": [')
    separator = b"\n"
    for row in rows:
        stream.write(separator + json.dumps(list(row), ensure_ascii=False).encode("utf-8", "surrogatepass"))
        separator = b",\n"
    stream.write(b"\n]}\n")


def values_of(variables: Sequence[Variable], row: Sequence[Any]) -> Iterator[Any]:
    """The values of a row: missing text is empty, whole numbers have no fraction."""
    for variable, value in zip(variables, row, strict=True):
        if value is None:
            yield None if variable.is_number else ""
        elif variable.kind == "integer" and float(value).is_integer():
            yield int(value)
        else:
            yield value
