"""A MotherDuck database in the cloud."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import duckdb

from healthsim.db.locations.base import Ability, Location, first_line
from healthsim.errors import HealthSimError

#: the newest DuckDB that MotherDuck accepts, by its page on versions as of 2026-11
NEWEST_CLIENT = (1, 5, 6)


class MotherDuckLocation(Location):
    """A MotherDuck database; naming it is the user's word that data may leave this machine."""

    written = "md:NAME"
    unable: ClassVar[Mapping[Ability, str]] = {
        Ability.LOCK: "is in the cloud, where nothing keeps two programs from saving scenarios of one name at once.",
        Ability.SHARE: (
            "is in the cloud, and a question in SQL is answered by a process that gets no token. Ask it on MotherDuck's"
            " own page, or export the scenarios and import them into a file."
        ),
        Ability.COMPACT: "is in the cloud, where MotherDuck gives back space by itself; only a file can be compacted.",
        Ability.BACK_UP: "is in the cloud, where MotherDuck keeps earlier states by itself.",
    }

    @property
    def key(self) -> str:
        return self.text

    def connect(self, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        _check_version(duckdb.__version__)
        try:
            return duckdb.connect(self.text, config={"autoinstall_known_extensions": "true"})
        except duckdb.Error as error:
            raise HealthSimError(
                f"MotherDuck database {self.text!r} cannot be opened: {first_line(error)} Check the network first, then"
                " the extension 'motherduck' and the token in the variable motherduck_token.",
                location=self.text,
            ) from error


def _check_version(installed: str) -> None:
    """Say what the extension would say in its own words, after a download."""
    newest = ".".join(map(str, NEWEST_CLIENT))
    numbers = tuple(int(part) for part in installed.split(".")[:3] if part.isdigit())
    if numbers > NEWEST_CLIENT:
        raise HealthSimError(
            f"MotherDuck does not accept DuckDB {installed}, but versions up to {newest}. Install one: pip install"
            " 'healthsim[motherduck]'.",
            duckdb_version=installed,
            newest=newest,
        )
