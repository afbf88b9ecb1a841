"""A MotherDuck database in the cloud."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import ClassVar

import duckdb

from healthsim.db import in_process
from healthsim.db.in_process import InProcess
from healthsim.db.locations.base import Ability, Location, first_line
from healthsim.db.locations.guard import GUARD_TABLE, TAKE_TURN
from healthsim.db.locations.patience import Patience
from healthsim.db.sql import literal, quoted
from healthsim.errors import HealthSimError, Outdone, UsageError
from healthsim.remedies import current_door, remedy
from healthsim.scrubbing import scrubbed

#: the newest DuckDB that MotherDuck accepts, by its page on versions as of 2026-11
NEWEST_CLIENT = (1, 5, 6)
#: how a database that somebody shares is named: it is only read
_SHARED = "_share/"
_VARIABLES = ("motherduck_token", "MOTHERDUCK_TOKEN")
_CONFLICT = re.compile(r"transaction conflict|conflict on (?:update|tuple)|write-write", re.I)
_NO_GUARD = re.compile(r"(?:table|schema).*(?:turn|sharing).*does not exist", re.I)
_NOT_ACCEPTED = re.compile(r"not (?:yet )?supported by motherduck|unsupported duckdb version", re.I)


class MotherDuckLocation(Location):
    """A MotherDuck database; naming it is the user's word that data may leave this machine."""

    written = "md:NAME"
    unable: ClassVar[Mapping[Ability, str]] = {
        Ability.COMPACT: "is in the cloud, where MotherDuck gives back space by itself; only a file can be compacted.",
        Ability.BACK_UP: "is in the cloud, where MotherDuck keeps earlier states by itself.",
        Ability.TRAVEL: "is in the cloud, where earlier versions are not kept for reading; only the newest one can be pulled.",
    }

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.database = text.partition(":")[2].partition("?")[0]
        self._known: InProcess | None = None

    @property
    def key(self) -> str:
        return self.text

    # -- opening -----------------------------------------------------------------------------------------------

    def connect(self, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        known = self._known = in_process.of(self.key)
        if known.attached is None:
            known.attached = self.engine()
        connection = known.attached.cursor()
        connection.execute(f"USE {quoted(self._catalog)}")
        return connection

    def engine(self) -> duckdb.DuckDBPyConnection:
        """An engine that has the database attached; the token is in the environment, and nowhere else."""
        shared = self.database.startswith(_SHARED)
        root = self._connected("md:" if shared else f"md:{self.database}")
        if shared:
            root.execute(f"ATTACH {literal(f'md:{self.database}')} AS {quoted(self._catalog)}")
        return root

    @property
    def _catalog(self) -> str:
        """What the database is called in its engine: ``team`` of ``_share/team/<id>``."""
        return self.database.split("/")[1] if self.database.startswith(_SHARED) else self.database

    def _connected(self, place: str) -> duckdb.DuckDBPyConnection:
        _check_version(duckdb.__version__)
        config: dict[str, str | bool | int | float | list[str]] = {"autoinstall_known_extensions": "true"}
        # an assistant's server must not reach files of this machine by way of the cloud
        place += "?saas_mode=true" if current_door() == "tool" else ""
        try:
            return duckdb.connect(place, config=config)
        except duckdb.Error as error:
            raise self.in_words(error) or HealthSimError(
                f"MotherDuck database {self.text!r} cannot be opened: {scrubbed(first_line(error))} Check the network first, then"
                " the extension 'motherduck' and the token in the variable motherduck_token.",
                location=self.text,
            ) from error

    def make(self, data: str | None, *, fetch: bool = False) -> None:
        super().make(data, fetch=fetch)
        if not self.database or self.database.startswith(_SHARED):
            raise UsageError(f"{self.text} names no database that could be made; expected md:NAME.", location=self.text)
        self._make_database()

    def _make_database(self) -> None:
        root = self._connected("md:")
        try:
            root.execute(f"CREATE DATABASE IF NOT EXISTS {quoted(self.database)}")
        finally:
            root.close()

    # -- writing -----------------------------------------------------------------------------------------------

    @contextmanager
    def only_writer(self, timeout: float) -> Iterator[None]:
        if self.database.startswith(_SHARED):
            raise HealthSimError(
                f"{self.text} is what somebody shares, and is only read. Nothing was changed.", location=self.text
            )
        if only_reads(os.environ):
            raise HealthSimError(
                f"The token for {self.text} can only read (it is one for read scaling). Nothing was changed. Write with a token"
                " that may, in the variable motherduck_token.",
                location=self.text,
            )
        yield

    def begin(self, connection: duckdb.DuckDBPyConnection, timeout: float) -> None:
        """Begin by changing the guard row: while one program has changed it, no other can."""
        patience = Patience(self.text, timeout)
        while True:
            connection.execute("BEGIN TRANSACTION")
            try:
                connection.execute(TAKE_TURN)
                return
            except duckdb.Error as error:
                connection.execute("ROLLBACK")
                if _NO_GUARD.search(str(error)):
                    # a database from before there was a guard
                    for statement in GUARD_TABLE:
                        connection.execute(statement)
                elif not _CONFLICT.search(str(error)):
                    raise
            patience.wait()

    def statements(self) -> tuple[str, ...]:
        return GUARD_TABLE

    def published(self, connection: duckdb.DuckDBPyConnection) -> None:
        shares = connection.execute(
            "SELECT count(*) FROM md_information_schema.owned_shares WHERE name = $name", {"name": self.database}
        ).fetchall()
        if shares[0][0]:
            connection.execute(f"UPDATE SHARE {quoted(self.database)}")

    def rights(self, role: str | None, *, write: bool, everybody: bool) -> tuple[Sequence[str], Sequence[str]]:
        if write:
            raise UsageError(
                "MotherDuck lets others only read what is shared; who is to publish needs the same account or organisation"
                " token. Ask for reading only.",
                location=self.text,
            )
        if everybody == (role is not None):
            raise UsageError(
                f"Say who is to read {self.text}: a user of the organisation, or everybody in it, and not both.",
                location=self.text,
            )
        name = quoted(self.database)
        access = "ACCESS ORGANIZATION, VISIBILITY DISCOVERABLE" if everybody else "ACCESS RESTRICTED, VISIBILITY HIDDEN"
        # they see what was published last, and not what is half done: each publication brings the share up to date
        statements = [f"CREATE SHARE IF NOT EXISTS {name} FROM {name} ({access}, UPDATE MANUAL)"]
        if role is not None:
            statements.append(f"GRANT READ ON SHARE {name} TO {quoted(role)}")
        statements.append(f"UPDATE SHARE {name}")
        return statements, (
            f"They pull with the address that CREATE SHARE answers: {remedy('pull from', share='md:_share/...')}.",
        )

    # -- words -------------------------------------------------------------------------------------------------

    def in_words(self, error: Exception) -> HealthSimError | None:
        text = str(error)
        if _NOT_ACCEPTED.search(text):
            return _wrong_version(duckdb.__version__)
        if _CONFLICT.search(text):
            return Outdone(
                f"Another program wrote to {self.text} at the same moment; nothing was changed. Try again.",
                location=self.text,
            )
        return None


def only_reads(environment: Mapping[str, str]) -> bool:
    """Whether a token says of itself that it can only read, as those for read scaling do."""
    token = next((environment[name] for name in _VARIABLES if environment.get(name)), "")
    parts = token.split(".")
    if len(parts) != 3:
        return False
    try:
        said = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error):
        return False
    return isinstance(said, dict) and (said.get("readOnly") is True or said.get("tokenType") == "read_scaling")


def _check_version(installed: str) -> None:
    """Say what the extension would say in its own words, after a download."""
    numbers = tuple(int(part) for part in installed.split(".")[:3] if part.isdigit())
    if numbers > NEWEST_CLIENT:
        raise _wrong_version(installed)


def _wrong_version(installed: str) -> HealthSimError:
    newest = ".".join(map(str, NEWEST_CLIENT))
    return HealthSimError(
        f"MotherDuck does not accept DuckDB {installed}, but versions up to {newest}. Install one: pip install"
        " 'healthsim[motherduck]'.",
        duckdb_version=installed,
        newest=newest,
    )
