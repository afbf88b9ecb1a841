"""The starter set: figures of some counties that come with the program, so that everything works offline at once."""

from __future__ import annotations

import hashlib
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory

from healthsim.db.reference import storage
from healthsim.db.reference.dataset import Connection
from healthsim.db.reference.storage import STARTER, Load
from healthsim.db.reference.views import refresh_views
from healthsim.db.sql import literal, one_file, sql_text

FILE = "starter_counties.csv"
#: dataset -> geography vintage of the release that its figures are from
_VINTAGES = {"places": "2010", "svi": "2022"}


def install(connection: Connection) -> None:
    """Make the starter set a load of the database, where it is not one already; in the caller's transaction."""
    resource = files(storage.PACKAGE).joinpath("data", FILE)
    checksum = hashlib.sha256(resource.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
    if [load for load in storage.loads_in(connection) if load.release == STARTER and load.sha256 == checksum]:
        return
    with as_file(resource) as path, TemporaryDirectory(prefix="healthsim-") as folder:
        connection.execute(sql_text(storage.PACKAGE, "starter_raw"), [one_file(path)])
        for dataset, vintage in _VINTAGES.items():
            target = Path(folder) / f"{dataset}.parquet"
            select = sql_text(storage.PACKAGE, f"starter_{dataset}")
            connection.execute(f"CREATE OR REPLACE TEMP TABLE starter_part AS {select}")
            connection.execute(f"COPY starter_part TO {literal(str(target))} (FORMAT parquet)")
            rows = connection.execute("SELECT count(*) FROM starter_part").fetchall()[0][0]
            load = Load(dataset, "county", STARTER, vintage, FILE, checksum, rows, storage.now(), rows, members=2)
            storage.put(connection, load, {"": [target]})
        connection.execute("DROP TABLE starter_part; DROP TABLE starter_raw")
    refresh_views(connection)
