"""The Arrow schema that a Delta table gets: its columns with their types, and their meanings as comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from healthsim.exchange.delta.declared import LakeTable

if TYPE_CHECKING:
    import pyarrow as pa

#: rows of a batch: as many are in memory at a time
BATCH = 100_000


def schema_of(table: LakeTable, *, zoneless: bool) -> pa.Schema:
    """The columns with their meanings as comments.

    Instants are UTC. Without a zone, Delta demands a feature of its readers that older ones refuse; with one, every
    reader knows them.
    """
    import pyarrow as pa

    kinds = {
        "VARCHAR": pa.string(),
        "DATE": pa.date32(),
        "TIMESTAMP": pa.timestamp("us") if zoneless else pa.timestamp("us", tz="UTC"),
        "TINYINT": pa.int8(),
        "SMALLINT": pa.int16(),
        "INTEGER": pa.int32(),
        "BIGINT": pa.int64(),
        "DOUBLE": pa.float64(),
        "BOOLEAN": pa.bool_(),
    }

    def kind_of(sql_type: str) -> pa.DataType:
        if sql_type.startswith("DECIMAL("):
            digits, scale = sql_type[8:-1].split(",")
            return pa.decimal128(int(digits), int(scale))
        return kinds[sql_type]

    return pa.schema(
        [
            pa.field(
                column.name, kind_of(column.type), nullable=not column.required, metadata={"comment": column.meaning}
            )
            for column in table.columns
        ]
    )
