"""The columns of what is written: those of the canonical tables, in their order, whatever the kernels leave out."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa

from healthsim.db.schema import PROVENANCE
from healthsim.generation.columns import constant
from healthsim.model import ENTITY_TYPES, PRODUCTS
from healthsim.model.types import arrow_type


@cache
def schema_of(name: str) -> pa.Schema:
    """The typed columns of an entity type, and the provenance that generation knows; the identifier comes first."""
    identifier, *others = ((column.name, arrow_type(column.sql_type)) for column in ENTITY_TYPES[name].columns)
    provenance = [
        pa.field(column, arrow_type(PROVENANCE[column][0]), nullable=False)
        for column in ("source_system", "generation_seed")
    ]
    return pa.schema([pa.field(*identifier, nullable=False), *others, *provenance])


def complete(name: str, table: pa.Table, seed: int) -> pa.Table:
    """A table with every column of its type; columns that no kernel fills are NULL, and those that it fills throughout are not.

    Raises:
        ValueError: the kernels made a column that the type does not have.
    """
    schema, rows = schema_of(name), table.num_rows
    unknown = set(table.column_names) - set(schema.names)
    if unknown:
        raise ValueError(f"{name} has no column {', '.join(sorted(unknown))}")
    columns = []
    for field in schema:
        if field.name in table.column_names:
            columns.append(table.column(field.name))
        elif field.name == "source_system":
            # who is who is made with the patients
            product = PRODUCTS.get(ENTITY_TYPES[name].family, PRODUCTS["clinical"])
            columns.append(constant(product, rows))
        elif field.name == "generation_seed":
            columns.append(pa.array(np.full(rows, seed)))
        else:
            columns.append(pa.nulls(rows, field.type))
    never_empty = {field.name for field in (*schema, *table.schema) if not field.nullable}
    return pa.table(
        columns,
        schema=pa.schema(
            [
                field.with_type(column.type).with_nullable(field.name not in never_empty)
                for field, column in zip(schema, columns, strict=True)
            ]
        ),
    )
