"""Staging the files of NPPES: streamed, filtered, and written to Parquet block by block."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from healthsim.db.reference import nppes, storage
from healthsim.db.reference.dataset import Connection, Layout
from healthsim.db.reference.staging import Options, Staged
from healthsim.db.reference.storage import Load
from healthsim.db.reference.stream import scratch, translated, write_blocks
from healthsim.db.sql import one_file
from healthsim.errors import InvalidInput
from healthsim.remedies import remedy

Progress = Callable[[str, int, int], None]
#: the newest day of each block, beside its tables
_NEWEST = "newest"


def stage_providers(
    layout: Layout, folder: Path, options: Options, providers: Staged | None, held: Path, progress: Progress | None
) -> Staged:
    """Read and check one of the four files of a zip; the others follow the providers' filters and release.

    Args:
        held: the NPIs that older loads hold, where there are filters: their deactivations pass these.

    Raises:
        InvalidInput: it is not what it should be.
    """
    member, level = layout.table.member, layout.form
    if options.level not in (None, level) and providers is None:
        raise InvalidInput(
            f"{member.label} has the columns of level {level}, not of {options.level}; nothing was loaded."
        )
    if layout.table.foreign is not None:
        raise layout.table.foreign
    table = nppes.FILES[level][2]
    # one thread: unpacking and parsing have threads of their own, and two share a block in twice the processor time
    with scratch(folder, memory="256MB", threads=1) as connection:
        if level == "provider":
            where = nppes.where_of(layout, options.states, options.taxonomies)
            if options.filters:
                connection.execute("CREATE TABLE held AS SELECT npi FROM read_parquet(?)", [one_file(held)])
                where = f"({where} OR {nppes.deactivated_sql(layout)})"
            selects = {table: nppes.provider_sql(layout, where)}
            if layout.values:
                selects["npi_taxonomies"] = nppes.taxonomy_sql(layout, where)
            selects[_NEWEST] = nppes.newest_sql(layout)
        else:
            kept = "true"
            if options.filters and providers is not None:
                connection.execute(
                    "CREATE TABLE kept AS SELECT npi FROM read_parquet(?)",
                    [[one_file(path) for path in providers.parts["npi_providers"]]],
                )
                kept = "npi IN (SELECT npi FROM kept)"
            selects = {table: nppes.companion_sql(layout, kept)}
        with translated(layout):
            blocks = write_blocks(connection, layout, folder, selects, progress, nppes.NO_VALUE)
        if not blocks.rows:
            raise InvalidInput(f"{member.label} has a header and no rows; nothing was loaded.", file=member.label)
        files = [one_file(path) for path in blocks.parts[table]]
        row = connection.execute(
            "SELECT count(*), count(*) - count(DISTINCT npi::BIGINT) FROM read_parquet(?)", [files]
        ).fetchone()
        stored, repeated = row or (0, 0)
        if level == "provider" and repeated:
            raise InvalidInput(
                f"{member.label} has {repeated:,} NPIs twice; expected one record a provider. The file is two files"
                " in one,"
                " or damaged; nothing was loaded.",
                file=member.label,
            )
        days = [one_file(path) for path in blocks.parts.pop(_NEWEST, ())]
        release = _provider_release(connection, layout, options, providers, days)
    load = Load(
        "nppes",
        level,
        release,
        None,
        member.label,
        "",
        blocks.rows,
        storage.now(),
        stored,
        url=options.url,
        filters=options.filters,
    )
    return Staged(load, dict(blocks.parts))


def _provider_release(
    connection: Connection, layout: Layout, options: Options, providers: Staged | None, days: list[str]
) -> str:
    """The release of a provider file: said, that of the providers beside it, in a name, or the day of its newest record.

    All records count for that, and not only those that the filters keep: the release is one of the file.
    """
    if options.release or providers is not None:
        return options.release or (providers.load.release if providers else "")
    member = layout.table.member
    named = nppes.release_in_name(member.name, member.path.name)
    if named is None and layout.form == "provider":
        row = connection.execute("SELECT max(newest)::VARCHAR FROM read_parquet(?)", [days]).fetchone()
        named = row[0] if row else None
    if named is None:
        raise InvalidInput(
            f"The name of {member.label} does not say of which day it is. Say it, for example with"
            f" {remedy('the release', release='2026-02-08')}.",
            file=member.label,
        )
    return named
