"""Making a share, and bringing it up to date: its owner's work, also where others write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from healthsim.db.migrations import applied
from healthsim.errors import UsageError
from healthsim.publish import publications
from healthsim.publish.share import Share
from healthsim.remedies import remedy
from healthsim.results import ShareMade
from healthsim.targets import Kind, target_of

if TYPE_CHECKING:
    import duckdb


def make(share: Share, data: str | None, *, fetch: bool) -> ShareMade:
    """Make a place one where scenarios are published; one that is there gets what it lacks.

    Args:
        data: where the rows of a lake are to lie: a folder, or a place in an object store.
        fetch: download extensions of the engine that are missing.

    Raises:
        UsageError: a new lake needs a folder, or lies elsewhere.
        HealthSimError: it cannot be made, or others are its owners.
    """
    location = share.database.location
    if data is not None:
        target = target_of(data, kinds=(Kind.FOLDER, Kind.OBJECTS), what="folder of the rows")
        data = str(target.path.absolute()) if target.kind is Kind.FOLDER else data
    location.make(data, fetch=fetch)
    share.database.grow()

    def once(connection: duckdb.DuckDBPyConnection) -> tuple[int, str | None]:
        have = len(applied(connection))
        publications.make_table(connection)
        return have, location.data_folder(connection)

    have, folder = share.database.written(once)
    if data is not None and folder is not None and folder.rstrip("/") != data.rstrip("/"):
        raise UsageError(
            f"{share.name} keeps its rows in {folder}, and not in {data}; where a lake's rows lie is said once, when it is made."
            f" Nothing was moved. Leave the folder out: {remedy('make a share')}.",
            location=share.name,
            folder=folder,
        )
    return ShareMade(share.name, folder, have, 0)
