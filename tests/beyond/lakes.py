"""Lakes for tests: one of each kind is made as a user makes it, and copied for every test, which is faster than making each."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from real_parts import Postgres

from healthsim.config import Settings
from healthsim.workbench import Workbench

KINDS = ("sqlite", "postgres")


@dataclass(frozen=True)
class Lake:
    """A lake, as a user names it, and where its rows lie.

    Attributes:
        database: of Postgres, where its catalogue is there.
    """

    text: str
    data: str
    database: str = ""


def workbench(home: Path, database: str | Path = "", **settings: object) -> Workbench:
    """A workbench of somebody with a home of their own."""
    home.mkdir(exist_ok=True)
    environment = {"HEALTHSIM_HOME": str(home), **{name: str(value) for name, value in settings.items()}}
    return Workbench(Settings.load(environment, database=str(database) or None))


def make(folder: Path, kind: str, postgres: Postgres | None, data: str | None = None) -> Lake:
    """A new lake with its tables."""
    folder.mkdir(parents=True, exist_ok=True)
    place = data or str(folder / "data")
    if kind == "sqlite":
        lake = Lake(f"ducklake:sqlite:{folder / 'catalogue.sqlite'}", place)
    else:
        assert postgres is not None
        name = postgres.new_database()
        lake = Lake(f"ducklake:postgres:{postgres.dsn(name)}", place, name)
    workbench(folder / "owner").share_init(lake.text, data=place)
    return lake


def copy(lake: Lake, folder: Path, postgres: Postgres | None) -> Lake:
    """A lake as another one is, with files of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    data = str(folder / "data")
    if Path(lake.data).exists():
        shutil.copytree(lake.data, data)
    moved = f"UPDATE ducklake_metadata SET value = '{data}/' WHERE key = 'data_path'"
    if lake.database:
        assert postgres is not None
        name = postgres.new_database(lake.database)
        postgres.run(moved, database=name)
        return Lake(f"ducklake:postgres:{postgres.dsn(name)}", data, name)
    file = folder / "catalogue.sqlite"
    shutil.copyfile(lake.text.removeprefix("ducklake:sqlite:"), file)
    connection = sqlite3.connect(file)
    with connection:
        connection.execute(moved)
    connection.close()
    return Lake(f"ducklake:sqlite:{file}", data)
