"""Is a share what it says? What was published is counted and hashed again where it lies."""

from __future__ import annotations

from healthsim.db.dialect import tables_with_rows
from healthsim.publish import proof, publications
from healthsim.publish.publications import Record
from healthsim.publish.pulling import differing
from healthsim.publish.share import Share, require
from healthsim.results import PublicationCheck, ShareCheck
from healthsim.state import scenarios
from healthsim.state.tables import Tables


def check(share: Share, name: str | None = None) -> ShareCheck:
    """Hold what a share has against what was published; of each name the newest version.

    Raises:
        NotFound: there is no such name.
    """
    with share.database.read() as connection:
        require(connection, share)
        if name is not None:
            publications.refuse_version(name, "what lies there is the newest version")
            chosen = [publications.find(connection, name, share.name)]
        else:
            every = publications.records(connection)
            newest = {record.name: record for record in reversed(every) if record.withdrawn_at is None}
            chosen = [newest[known] for known in sorted(newest)]
        holding = tables_with_rows(connection)
        same_engine = proof.engine_version(connection)
        results = []
        for record in chosen:
            if scenarios.find(connection, record.published_id) is None:
                results.append(_result(record, "hash", ["its rows are gone"]))
                continue
            tables = Tables(connection, record.published_id, filled=holding)
            if record.engine == same_engine:
                wrong = [f"{table} holds other rows" for table in differing(tables, record)]
            else:
                wrong = _miscounted(tables, record)
            extra = sorted(tables.counts().keys() - record.tables.keys())
            wrong += [f"{table} holds rows that were not published" for table in extra]
            results.append(_result(record, "hash" if record.engine == same_engine else "count", wrong))
    return ShareCheck(share.name, all(result.ok for result in results), results)


def _miscounted(tables: Tables, record: Record) -> list[str]:
    counts = tables.counts()
    documents = tables.connection.execute(f"SELECT count(*) {tables.rows(proof.DOCUMENTS)}").fetchone()
    counts[proof.DOCUMENTS] = int(documents[0]) if documents else 0
    return [
        f"{name} holds {counts.get(name, 0):,} rows, {facts.rows:,} were published"
        for name, facts in record.tables.items()
        if counts.get(name, 0) != facts.rows
    ]


def _result(record: Record, by: str, problems: list[str]) -> PublicationCheck:
    return PublicationCheck(record.name, record.version, not problems, record.row_count, by, problems)
