"""Extensions of the engine, for places far away: as installed packages, else as the engine has them; fetched only on a user's word."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from pathlib import Path

import duckdb

from healthsim.db.sql import literal
from healthsim.errors import HealthSimError
from healthsim.remedies import remedy


def load(connection: duckdb.DuckDBPyConnection, names: Iterable[str], *, place: str, fetch: bool = False) -> None:
    """Load extensions.

    Args:
        place: what needs them, for the message.
        fetch: download what is missing: the user has said so.

    Raises:
        HealthSimError: one is not there.
    """
    for name in names:
        try:
            if (file := _packaged(name)) is not None:
                connection.execute(f"LOAD {literal(str(file))}")
                continue
            if fetch:
                connection.execute(f"INSTALL {name}")
            connection.execute(f"LOAD {name}")
        except duckdb.Error as error:
            raise HealthSimError(
                f"{place} needs the extension {name} of DuckDB {duckdb.__version__}, which is not installed"
                f"{' and could not be fetched' if fetch else ''}. Install it with an engine that it goes with: pip install"
                f" 'healthsim[lake]'; or let it be fetched: {remedy('fetch extensions')}.",
                extension=name,
                duckdb_version=duckdb.__version__,
            ) from error


def _packaged(name: str) -> Path | None:
    """The file of an extension that was installed as a package, for this version of the engine."""
    package = importlib.util.find_spec(f"duckdb_extension_{name}")
    for folder in package.submodule_search_locations or () if package is not None else ():
        files = sorted(Path(folder).glob(f"extensions/v{duckdb.__version__}/{name}.duckdb_extension"))
        if files:
            return files[0]
    return None
