"""A lake: DuckLake, with its catalogue in Postgres or SQLite and its rows as Parquet files in a folder or an object store."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import ClassVar

import duckdb

from healthsim.db import in_process
from healthsim.db.engine import CONFIG
from healthsim.db.in_process import InProcess
from healthsim.db.locations import lake_errors, lake_upkeep
from healthsim.db.locations.base import Ability, Owned, Swept, Travelling
from healthsim.db.locations.extensions import load
from healthsim.db.locations.guard import GUARD_TABLE, TAKE_TURN
from healthsim.db.locations.lake_locks import locked_file, locked_postgres
from healthsim.db.locations.stores import open_store
from healthsim.db.sql import literal
from healthsim.errors import DatabaseUnusable, HealthSimError, NotFound, UsageError
from healthsim.paths import local_path
from healthsim.remedies import remedy
from healthsim.targets import SCHEMES

#: the name of a lake in its engine: no schema of ours has it
LAKE = "healthsim_lake"
#: kind of catalogue -> the extension that reads it
_CATALOGUES = {"postgres": "postgres_scanner", "sqlite": "sqlite_scanner"}
#: what the engine says of rows in an object store
_NEEDS_STORE = re.compile(r"Data path (\S+) requires the extension")
#: seconds in which a server that is not there is given up, and one that has gone silent
_PATIENCE = {"connect_timeout": "10", "tcp_user_timeout": "60000", "keepalives_idle": "15", "keepalives_interval": "5"}


class DuckLakeLocation(Travelling, Owned):
    """A lake. Who made it (``share init``) is its owner, and brings it up to date; others read it, or write as they may.

    Args:
        text: ``ducklake:postgres:`` and a connection string of Postgres, or ``ducklake:sqlite:`` and a path.
        version: the version of the whole lake to read; None for the newest.

    Raises:
        UsageError: it is neither.
    """

    written = f"{SCHEMES['ducklake'].written} or ducklake:sqlite:PATH"
    unable: ClassVar[Mapping[Ability, str]] = {
        Ability.COMPACT: "is a lake, which gives back space when its share is cleaned; only a file can be compacted.",
        Ability.BACK_UP: "is a lake, and keeps earlier states by itself.",
        Ability.GROW: "is a lake that others use, too; its owner makes its tables.",
    }

    def __init__(self, text: str, version: int | None = None) -> None:
        super().__init__(text)
        self.version = version
        rest = text.partition(":")[2]
        self.catalogue, _, self._named = rest.partition(":")
        self.catalogue = self.catalogue.lower()
        if self.catalogue not in _CATALOGUES or not self._named.strip():
            raise UsageError(
                f"{text} names no lake; expected {self.written}. The catalogue of a lake is in Postgres, or for one machine in"
                " a file of SQLite.",
                location=text,
            )
        if self.catalogue == "sqlite":
            self.file = local_path(self._named, what="catalogue").absolute()
            self._named = str(self.file)
        self._known: InProcess | None = None
        self._locks: duckdb.DuckDBPyConnection | None = None

    @property
    def key(self) -> str:
        return f"{self.catalogue}:{self._named}" + ("" if self.version is None else f"@{self.version}")

    def at(self, version: int) -> DuckLakeLocation:
        return DuckLakeLocation(self.text, version)

    # -- opening -----------------------------------------------------------------------------------------------

    def connect(self, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        known = self._known = in_process.of(self.key)
        if known.attached is None:
            known.attached = self._attached()
        connection = known.attached.cursor()
        connection.execute(f"USE {LAKE}")
        connection.execute("RESET threads")
        return connection

    def make(self, data: str | None, *, fetch: bool = False) -> None:
        """Make the catalogue, and note where the rows are to lie; a lake that is there stays as it is, and is not moved."""
        self._known = in_process.of(self.key)
        try:
            self._known.attached = self._attached(fetch=fetch)
        except NotFound:
            if data is None:
                raise UsageError(
                    f"There is no lake at {self.text} yet. Say where its rows are to lie, a folder or a place in an object"
                    f" store: {remedy('make a share')}.",
                    location=self.text,
                ) from None
            self._make(data if data.endswith("/") else f"{data}/", fetch)

    def _make(self, folder: str, fetch: bool) -> None:
        assert self._known is not None
        if self.catalogue == "sqlite":
            self.file.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._known.attached = self._attached(f"DATA_PATH {literal(folder)}", fetch=fetch, data=folder)
        except duckdb.Error as error:
            raise self.in_words(error) or self._failed("cannot be made", error) from error

    def data_folder(self, connection: duckdb.DuckDBPyConnection) -> str:
        """Where the rows lie."""
        # all rows: what is read to its end keeps no lock on the catalogue
        rows = connection.execute(
            f"SELECT value FROM ducklake_options('{LAKE}') WHERE option_name = 'data_path' AND scope = 'GLOBAL'"
        ).fetchall()
        return str(rows[0][0]) if rows and rows[0][0] else ""

    def _attached(self, option: str = "", *, fetch: bool = False, data: str = "") -> duckdb.DuckDBPyConnection:
        if not option and self.catalogue == "sqlite" and not self.file.exists():
            raise self._nothing()
        root = duckdb.connect(":memory:", config=CONFIG)
        with ExitStack() as unless_attached:
            unless_attached.callback(root.close)
            try:
                self._attach(root, option, fetch=fetch, data=data)
            except duckdb.Error as error:
                raise self.in_words(error) or self._failed("cannot be opened", error) from error
            unless_attached.pop_all()
        return root

    def _attach(self, root: duckdb.DuckDBPyConnection, option: str, *, fetch: bool, data: str) -> None:
        # standard output is for answers
        root.execute("SET enable_progress_bar = false")
        # rows of a lake need no order
        root.execute("SET preserve_insertion_order = false")
        load(root, ["ducklake", _CATALOGUES[self.catalogue]], place=self.text, fetch=fetch)
        open_store(root, data, fetch=fetch)
        options = ["DATA_INLINING_ROW_LIMIT 0", option or "CREATE_IF_NOT_EXISTS false"]
        if self.version is not None:
            options += [f"SNAPSHOT_VERSION {self.version}"]
        attach = f"ATTACH {literal(f'ducklake:{self._source()}')} AS {LAKE} ({', '.join(options)})"
        try:
            root.execute(attach)
        except duckdb.Error as error:
            # where the rows lie, only the catalogue knows
            if (needs := _NEEDS_STORE.search(str(error))) is None:
                raise
            open_store(root, needs[1], fetch=fetch)
            root.execute(attach)
        root.execute(f"USE {LAKE}")

    def _failed(self, what: str, error: Exception) -> HealthSimError:
        return HealthSimError(f"The lake {self.text} {what}: {lake_errors.first_sentence(error)}", location=self.text)

    def _source(self) -> str:
        return f"{self.catalogue}:{self.dsn() if self.catalogue == 'postgres' else self._named}"

    def dsn(self) -> str:
        """How Postgres is reached, with patience that ends; the password is not in it."""
        text = self._named
        missing = {name: value for name, value in _PATIENCE.items() if name not in text}
        if os.environ.get("PGCONNECT_TIMEOUT"):
            missing.pop("connect_timeout", None)
        if re.match(r"postgres(?:ql)?://", text):
            return text + ("&" if "?" in text else "?") + "&".join(f"{name}={value}" for name, value in missing.items())
        return " ".join([text, *(f"{name}={value}" for name, value in missing.items())])

    # -- writing -----------------------------------------------------------------------------------------------

    @contextmanager
    def only_writer(self, timeout: float) -> Iterator[None]:
        if self.version is not None:
            raise UsageError(
                f"{self.text} was opened as it was in version {self.version}; earlier states are only read."
            )
        if self.catalogue == "sqlite":
            with locked_file(self.file, self.text, timeout):
                yield
            return
        if self._locks is None:
            root = duckdb.connect(":memory:", config=CONFIG)
            load(root, [_CATALOGUES["postgres"]], place=self.text)
            self._locks = root
        with locked_postgres(self._locks, self, timeout):
            yield

    def begin(self, connection: duckdb.DuckDBPyConnection, timeout: float) -> None:
        connection.execute("BEGIN TRANSACTION")
        # where the lock was lost, only one of two commits: both have changed this row
        connection.execute(TAKE_TURN)

    def statements(self) -> tuple[str, ...]:
        return GUARD_TABLE

    def sign(self, connection: duckdb.DuckDBPyConnection, author: str, message: str, tag: str) -> None:
        values = {"author": author, "message": message, "tag": tag}
        connection.execute(f"CALL {LAKE}.set_commit_message($author, $message, extra_info => $tag)", values)

    def signed_version(self, connection: duckdb.DuckDBPyConnection, tag: str) -> int | None:
        rows = connection.execute(
            f"SELECT snapshot_id FROM ducklake_snapshots('{LAKE}') WHERE commit_extra_info = $tag", {"tag": tag}
        ).fetchall()
        return int(rows[0][0]) if rows else None

    def sweep(self, connection: duckdb.DuckDBPyConnection, before: dt.datetime | None, *, remove: bool) -> Swept:
        return lake_upkeep.sweep(connection, LAKE, before, remove=remove)

    def rights(self, role: str | None, *, write: bool, everybody: bool) -> tuple[Sequence[str], Sequence[str]]:
        if self.catalogue == "sqlite":
            return (), (
                f"Whoever may read {self.file} and the folder of its rows can pull; whoever may write them can publish.",
            )
        if role is None:
            raise UsageError(
                f"Say which role of Postgres is to read {self.text}, or to publish there.", location=self.text
            )
        return lake_upkeep.rights(role, write=write)

    def allow(self, connection: duckdb.DuckDBPyConnection, statements: Sequence[str]) -> None:
        with lake_upkeep.other_engine(self) as apart:
            for statement in statements:
                apart.execute("CALL postgres_execute('rights', $statement)", {"statement": statement})

    # -- words -------------------------------------------------------------------------------------------------

    def in_words(self, error: Exception) -> HealthSimError | None:
        said = lake_errors.in_words(error, self.text, self.catalogue)
        if isinstance(said, lake_errors.Unreachable) and self._known is not None:
            # the next one connects anew
            self._known.attached = None
            self._locks = None
        if said is None and lake_errors.NOTHING_THERE.search(str(error)):
            return self._nothing()
        return said

    def behind(self, have: int, needed: int) -> HealthSimError:
        if not have:
            return self._nothing()
        return DatabaseUnusable(
            f"{self.text} has schema version {have}, and this program needs {needed}. Nothing was changed. Its owner brings it"
            f" up to date with {remedy('make a share')}; until then, use the version of HealthSim that the others have.",
            location=self.text,
            schema_version=have,
            known_version=needed,
        )

    def _nothing(self) -> NotFound:
        return NotFound(
            f"There is no lake at {self.text} yet. Make it: {remedy('make a share')}, or check the words.",
            location=self.text,
        )
