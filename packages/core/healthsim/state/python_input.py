"""Entities that come from Python code: dicts, pydantic models, dates, decimals."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from healthsim.errors import InvalidInput
from healthsim.model.types import jsonable
from healthsim.state.intake import Intake
from healthsim.state.json.reader import JsonReader


def take_python(entities: Mapping[str, Any], intake: Intake) -> None:
    """Take {entity type: [documents]} into an intake; a single document may stand without its list.

    Instead of a list, whatever hands over Arrow data is taken: frames of pandas and Polars, tables of Arrow and of DuckDB.

    Raises:
        InvalidInput: something in it has no meaning in JSON.
    """
    if not isinstance(entities, Mapping):
        raise InvalidInput(
            f"The entities are a {type(entities).__name__}; expected a dict {{entity type: rows}}, as in"
            ' {"patients": frame} or {"patients": [{...}]}.'
        )
    for collection, documents in entities.items():
        if not isinstance(collection, str):
            raise InvalidInput(f"The entity type is {collection!r}; expected a text such as 'patients'.")
        rows = _rows_of(documents) if hasattr(documents, "__arrow_c_stream__") else _listed(documents, collection)
        for number, document in enumerate(rows):
            text = _text(document, f"{collection}[{number}]")
            intake.add(collection, *JsonReader(io.BytesIO(text.encode()), collection).value())


def _rows_of(frame: Any) -> Iterator[dict[str, Any]]:
    """The rows of a data frame or a table, batch by batch: a row says nothing of a column where it has no value."""
    import pyarrow as pa

    for batch in pa.RecordBatchReader.from_stream(frame):
        # the index of a frame of pandas is no column of its rows
        names = [name for name in batch.schema.names if not name.startswith("__index_level_")]
        for row in batch.select(names).to_pylist():
            yield {name: value for name, value in row.items() if value is not None and value == value}


def _listed(documents: Any, collection: str) -> Iterable[Any]:
    if isinstance(documents, Mapping) or hasattr(documents, "model_dump"):
        return (documents,)
    if documents is None:
        return ()
    if hasattr(documents, "columns") and hasattr(documents, "to_dict"):
        # a frame of a pandas that is too old to hand over Arrow data
        return [
            {name: value for name, value in row.items() if value is not None and value == value}
            for row in documents.to_dict("records")
        ]
    if isinstance(documents, (str, bytes)) or not isinstance(documents, Iterable):
        raise InvalidInput(
            f"{collection} is {documents!r:.80}; expected a list of documents. Nothing was saved.", path=collection
        )
    return documents


def _text(document: Any, where: str) -> str:
    dump = getattr(document, "model_dump", None)
    try:
        return json.dumps(dump(mode="json") if dump else document, allow_nan=False, default=jsonable)
    except RecursionError:
        raise InvalidInput(f"{where} is nested too deeply. Nothing was saved.", path=where) from None
    except (ValueError, TypeError) as error:
        raise InvalidInput(
            f"{where} cannot be written as JSON ({error}). Nothing was saved. Use None for a missing number.",
            path=where,
        ) from None
