"""The starter set: figures of every county that come with the program, so that everything works offline at once.

Its files are what a load of PLACES and one of SVI are made of, ready to be stored (``scripts/write_starter_set.py``): each
new database takes them, so that parsing them once more would be most of what making one costs.
"""

from __future__ import annotations

import hashlib
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable

from healthsim.db.reference import storage
from healthsim.db.reference.dataset import Connection
from healthsim.db.reference.storage import STARTER, Load
from healthsim.db.reference.views import refresh_views
from healthsim.db.sql import one_file

#: dataset -> geography vintage of the release that its figures are from
_VINTAGES = {"places": "2010", "svi": "2022"}


def install(connection: Connection) -> None:
    """Make the starter set loads of the database, where it is not already; in the caller's transaction."""
    there = {load.dataset: load.sha256 for load in storage.loads_in(connection) if load.release == STARTER}
    folder = files(storage.PACKAGE).joinpath("data")
    stored = [_put(connection, dataset, folder.joinpath(f"starter_{dataset}.parquet"), there) for dataset in _VINTAGES]
    if any(stored):
        refresh_views(connection)


def _put(connection: Connection, dataset: str, resource: Traversable, there: dict[str, str]) -> bool:
    """Store the figures of a dataset, unless they are what is there."""
    checksum = hashlib.sha256(resource.read_bytes()).hexdigest()
    if there.get(dataset) == checksum:
        return False
    with as_file(resource) as path:
        rows = connection.execute("SELECT count(*) FROM read_parquet(?)", [one_file(path)]).fetchall()[0][0]
        vintage = _VINTAGES[dataset]
        load = Load(dataset, "county", STARTER, vintage, resource.name, checksum, rows, storage.now(), rows)
        storage.put(connection, load, {"": [path]})
    return True
