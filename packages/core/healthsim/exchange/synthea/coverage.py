"""What a claim of Synthea does not say itself: its span of coverage, and what its transactions add up to.

Both lie in other files, which may be larger than memory: the engine joins them, and gives one row per claim in their order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from healthsim.db.plain_engine import EngineError, bounded_engine
from healthsim.db.sql import literal, one_file, quoted, sql_text
from healthsim.exchange.csv_rows import header_of, separator_of
from healthsim.exchange.seen import text_head

if TYPE_CHECKING:
    from healthsim.exchange.reading import Reading

PACKAGE = "healthsim.exchange.synthea"
#: the tables of the join: name -> the file, and its columns by what they are called in the statement
_VIEWS: Mapping[str, tuple[str, Mapping[str, tuple[str, ...]]]] = {
    "claims": (
        "claims",
        {
            "id": ("ID",),
            "patient": ("PATIENTID",),
            "payer": ("PRIMARYPATIENTINSURANCEID",),
            "service": ("SERVICEDATE",),
        },
    ),
    "transitions": (
        "payer_transitions",
        {"patient": ("PATIENT",), "payer": ("PAYER",), "start": ("START_DATE", "START_YEAR")},
    ),
    "transactions": (
        "claims_transactions",
        {
            "claim": ("CLAIMID",),
            "type": ("TYPE",),
            "method": ("METHOD",),
            "transfer_type": ("TRANSFERTYPE",),
            "amount": ("AMOUNT",),
            "payment": ("PAYMENTS",),
            "transferred": ("TRANSFERS",),
        },
    ),
}
_AMOUNTS = ("amount", "payment", "transferred")
_BATCH = 10_000


class Facts(NamedTuple):
    """What other files say of a claim."""

    claim: str
    member_id: str | None
    charged: Decimal | None
    paid: Decimal | None
    by_patient: Decimal | None


def facts_of_claims(files: Mapping[str, Path], reading: Reading) -> Iterator[Facts]:
    """One for each claim, in the order of the file; none at all where the files cannot be joined, which is reported."""
    try:
        with bounded_engine() as connection:
            for view, (name, columns) in _VIEWS.items():
                connection.execute(f"CREATE TEMP VIEW {view} AS {_select(files.get(name), columns)}")
            result = connection.execute(sql_text(PACKAGE, "claims_with_coverage"))
            while rows := result.fetchmany(_BATCH):
                yield from (Facts(*row) for row in rows)
    except EngineError as error:
        reading.oddity(
            "claims, payer_transitions and claims_transactions cannot be joined: claims have no member and no totals",
            example=str(error).partition("\n")[0],
        )


def _select(path: Path | None, columns: Mapping[str, tuple[str, ...]]) -> str:
    """The columns of a file under the names of the statement; no row where the file is missing."""
    header = {} if path is None else {name.upper(): name for name in header_of(path)}
    texts = {
        name: next((f"coalesce({quoted(header[source])}, '')" for source in sources if source in header), "''")
        for name, sources in columns.items()
    }
    selected = [
        f"TRY_CAST({text} AS DECIMAL(18, 2)) AS {name}" if name in _AMOUNTS else f"{text} AS {name}"
        for name, text in texts.items()
    ]
    if "start" in texts:
        parts = " || '|' || ".join(texts[name] for name in ("patient", "payer", "start"))
        selected.append(f"md5({parts})::UUID::VARCHAR AS member_id")
    if path is None:
        return f"SELECT 0 AS n, {', '.join(selected)} WHERE FALSE"
    sign = separator_of(text_head(path, 65_536).splitlines()[0])
    return (
        f"SELECT row_number() OVER () AS n, {', '.join(selected)} FROM read_csv({literal(one_file(path))}, header = true,"
        f" all_varchar = true, delim = {literal(sign)}, quote = '\"', escape = '\"', strict_mode = false,"
        " null_padding = true, parallel = false)"
    )
