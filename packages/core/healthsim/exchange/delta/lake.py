"""One place with Delta tables: what is there, whose it is, and one scenario's rows of a table in the place of its old ones.

Each table has commits of its own, so that an export of many is not one step. What decides is the table
``_healthsim_manifest``, which is written last: it names the version of each table that belongs together.
"""

from __future__ import annotations

import getpass
import os
import platform
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthsim.errors import AlreadyExists, HealthSimError, UsageError
from healthsim.exchange.delta.declared import SCENARIO
from healthsim.object_stores.addresses import Address, address_of, is_address
from healthsim.object_stores.opening import failure, open_store, plain_http
from healthsim.object_stores.sending import put_bytes
from healthsim.outputs import disk_full, is_full
from healthsim.paths import local_path
from healthsim.remedies import remedy
from healthsim.scrubbing import scrubbed

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable

#: what a commit says of itself: the scenario, and who wrote it
WROTE, BY = "healthsim.scenario", "healthsim.by"
#: a write that met another one is tried again this often, after waits that grow from this many seconds
TRIES, FIRST_WAIT = 5, 0.05
#: so many commits are looked at for one of ours
_LOOK_BACK = 50
_COLOURS = re.compile("\x1b\\[[0-9;]*m")


def refuse_missing() -> None:
    """Make sure that what writes Delta is installed.

    Raises:
        HealthSimError: it is not.
    """
    try:
        import deltalake  # noqa: F401  # asked for, not used
    except ImportError:
        raise HealthSimError(
            "Delta tables need deltalake. Install: pip install 'healthsim[delta]'. Nothing was written."
        ) from None


class Lake:
    """Delta tables below a path or an address.

    Args:
        target: as the user wrote it.
        scenario: the id of the scenario that is written.
        force: whether tables may be replaced that others made.
    """

    def __init__(self, target: str | os.PathLike[str], scenario: str, *, force: bool) -> None:
        refuse_missing()
        self.address: Address | None = None
        if isinstance(target, str) and is_address(target):
            self.address = address_of(target)
            self.place = str(self.address)
        else:
            self.place = str(local_path(target, what="output").absolute())
        self._scenario = scenario
        self._force = force
        self._options = {"allow_http": "true"} if self.address is not None and plain_http() else None
        #: the scenario's rows, in SQL of Delta
        self._own = f"{SCENARIO} = '{scenario}'"

    def uri(self, name: str) -> str:
        """Where a table is."""
        return f"{self.place}/{name}"

    def table(self, name: str) -> DeltaTable | None:
        """A table; None where there is none."""
        from deltalake import DeltaTable
        from deltalake.exceptions import TableNotFoundError

        with self._told():
            try:
                return DeltaTable(self.uri(name), storage_options=self._options)
            except TableNotFoundError:
                return None

    def refuse_foreign(self, name: str) -> None:
        """Refuse a Delta table of this name that no export made: its commits do not name a scenario.

        Raises:
            AlreadyExists: there is one, and it is not to be replaced.
        """
        table = self.table(name)
        if table is None or self._force or self._is_ours(table):
            return
        raise AlreadyExists(
            f"{self.uri(name)} is a Delta table that no export of HealthSim made (no commit names a scenario). Use"
            f" {remedy('replace a file')} to replace it, or choose another place.",
            path=self.uri(name),
        )

    def _is_ours(self, table: DeltaTable) -> bool:
        with self._told():
            return any(WROTE in commit for commit in table.history(_LOOK_BACK))

    def replace(
        self,
        name: str,
        schema: pa.Schema,
        rows: Callable[[], pa.RecordBatchReader],
        *,
        meaning: str,
        zoneless: bool = False,
        commits: Mapping[str, str] = {},
    ) -> int:
        """Put rows in the place of those of the scenario; the version of the table that has them.

        Args:
            rows: gives them anew for each try.
            meaning: what the table holds.
            zoneless: its instants have no zone.
            commits: what the commit says beside the scenario.

        Raises:
            HealthSimError: somebody else wrote the same rows each time, or it cannot be written.
        """
        from deltalake import CommitProperties, write_deltalake

        said = CommitProperties(custom_metadata={WROTE: self._scenario, BY: _who(), **commits})
        shared: dict[str, Any] = {"storage_options": self._options, "commit_properties": said, "mode": "overwrite"}

        def write() -> int:
            table = self.table(name)
            if table is None:
                self._create(name, schema, meaning, zoneless=zoneless)
                table = self.table(name)
                assert table is not None
            if self._force and not self._is_ours(table):
                # everything of it goes: what is there is no scenario of ours
                write_deltalake(table, rows(), schema_mode="overwrite", partition_by=[SCENARIO], **shared)
            else:
                self._refuse_other_instants(name, table, zoneless=zoneless)
                grown = {field.name for field in table.schema().fields} != set(schema.names)
                write_deltalake(table, rows(), predicate=self._own, schema_mode="merge" if grown else None, **shared)
            return table.version()

        return self._retried(name, write)

    def remove(self, name: str) -> int:
        """Remove the scenario's rows of a table that has some; the version without them."""
        from deltalake import CommitProperties

        def write() -> int:
            table = self.table(name)
            if table is None:
                return -1
            table.delete(self._own, commit_properties=CommitProperties({WROTE: self._scenario, BY: _who()}))
            return table.version()

        return self._retried(name, write)

    def put_text(self, name: str, text: str) -> str:
        """Write a file of text beside the tables; where it is."""
        if self.address is not None:
            put_bytes(open_store(self.address), self.address / name, text.encode())
        else:
            with self._told():
                path = Path(self.uri(name))
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        return self.uri(name)

    def _create(self, name: str, schema: pa.Schema, meaning: str, *, zoneless: bool) -> None:
        from deltalake import CommitProperties, DeltaTable, TableFeatures
        from deltalake.exceptions import DeltaError

        if self.address is None:
            os.makedirs(self.uri(name), exist_ok=True)
        try:
            table = DeltaTable.create(
                self.uri(name),
                schema,
                mode="error",
                partition_by=[SCENARIO],
                name=name.rsplit("/", 1)[-1],
                description=meaning,
                storage_options=self._options,
                commit_properties=CommitProperties({WROTE: self._scenario, BY: _who()}),
            )
        except DeltaError as error:
            if "already exists" not in str(error):
                raise
            # somebody else was faster: that is the table then
            return
        if zoneless and table.protocol().min_writer_version >= 7:
            # Spark refuses tables that have columns with NOT NULL without this word
            table.alter.add_feature([TableFeatures.Invariants], allow_protocol_versions_increase=True)

    def _refuse_other_instants(self, name: str, table: DeltaTable, *, zoneless: bool) -> None:
        kinds = {str(getattr(field.type, "type", "")) for field in table.schema().fields}
        there, wanted = ("timestamp_ntz", "timestamp") if not zoneless else ("timestamp", "timestamp_ntz")
        if there in kinds:
            raise UsageError(
                f"{self.uri(name)} has instants as {there}, and this export would write {wanted}. Export"
                f" {'with' if not zoneless else 'without'} --ntz as before, or to another place.",
                path=self.uri(name),
            )

    def _retried(self, name: str, write: Callable[[], int]) -> int:
        from deltalake.exceptions import CommitFailedError

        for attempt in range(TRIES + 1):
            try:
                with self._told():
                    return write()
            except CommitFailedError:
                if attempt < TRIES:
                    time.sleep(FIRST_WAIT * 2**attempt * random.uniform(0.5, 1.5))
        raise HealthSimError(
            f"{self.uri(name)} was written by {self._last_writer(name)} each of {TRIES + 1} times that this export was about"
            " to. What is there is theirs; export again when they have finished.",
            path=self.uri(name),
        )

    def _last_writer(self, name: str) -> str:
        table = self.table(name)
        commits = table.history(1) if table is not None else []
        return str(commits[0].get(BY) or commits[0].get("engineInfo")) if commits else "somebody else"

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of the store in words; a lost race is the caller's."""
        from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

        try:
            yield
        except (CommitFailedError, TableNotFoundError):
            raise
        except (OSError, DeltaError) as error:
            text = _COLOURS.sub("", str(error))
            if is_full(error):
                raise disk_full(
                    self.place, "the manifest was not written, so that what was exported before still holds"
                ) from None
            if self.address is not None:
                raise failure(self.address, text) from None
            shown = scrubbed(text.strip().splitlines()[0] if text.strip() else type(error).__name__)
            raise HealthSimError(f"{self.place} cannot be written: {shown}", path=self.place) from None


def _who() -> str:
    """Who writes, for those who meet them."""
    try:
        return f"{getpass.getuser()}@{platform.node()}"
    except (OSError, KeyError):
        # a container without names
        return f"{os.getuid()}@{platform.node()}"
