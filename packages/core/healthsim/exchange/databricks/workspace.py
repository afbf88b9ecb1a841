"""A Databricks workspace: its files and its SQL, with errors in words."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from healthsim.errors import HealthSimError, UsageError
from healthsim.scrubbing import scrubbed

#: how long a statement is waited for before it is asked again, and how long between two questions
_WAIT, _PAUSE = "30s", 1.0


class Workspace:
    """The workspace that the environment names.

    Args:
        warehouse: the id of the SQL warehouse; default: DATABRICKS_WAREHOUSE_ID.

    Raises:
        UsageError: no workspace or no warehouse is named.
        HealthSimError: the SDK is not installed, or nothing says who we are.
    """

    def __init__(self, warehouse: str | None) -> None:
        try:
            from databricks.sdk import WorkspaceClient
            from databricks.sdk.core import Config
        except ImportError:
            raise HealthSimError(
                "A Databricks workspace needs databricks-sdk. Install: pip install 'healthsim[databricks]'. Nothing was written."
            ) from None
        self.host = os.environ.get("DATABRICKS_HOST", "")
        found = warehouse or os.environ.get("DATABRICKS_WAREHOUSE_ID")
        if not self.host or not found:
            missing = "DATABRICKS_HOST" if not self.host else "--warehouse ID or DATABRICKS_WAREHOUSE_ID"
            raise UsageError(
                f"No {'workspace' if not self.host else 'SQL warehouse'} is named: set {missing}. Nothing was written."
            )
        self._warehouse = found
        try:
            self._client = WorkspaceClient(config=Config(http_timeout_seconds=120, retry_timeout_seconds=60))
        except ValueError as error:
            raise HealthSimError(
                f"Nothing says who we are at {self.host}. Set DATABRICKS_TOKEN, or log in as Databricks' own tools do"
                f" ({scrubbed(str(error)).splitlines()[0][:200]})."
            ) from None

    def upload(self, path: str, file: Path) -> None:
        """Put a file into a volume, in the place of what is there."""
        with self._told(path), file.open("rb") as stream:
            self._client.files.upload(path, stream, overwrite=True)

    def make_folder(self, path: str) -> None:
        """Make a folder in a volume, and those above it."""
        with self._told(path):
            self._client.files.create_directory(path)

    def read(self, path: str) -> bytes | None:
        """The content of a file; None where there is none."""
        from databricks.sdk.errors import NotFound

        with self._told(path):
            try:
                contents: Any = self._client.files.download(path).contents
                return bytes(contents.read())
            except NotFound:
                return None

    def run(self, statement: str) -> None:
        """Run a statement in the warehouse, and wait until it is done.

        Raises:
            HealthSimError: it failed.
        """
        from databricks.sdk.service.sql import ExecuteStatementRequestOnWaitTimeout, StatementState

        what = " ".join(statement.split())[:120]
        with self._told(what):
            api = self._client.statement_execution
            answer = api.execute_statement(
                statement,
                self._warehouse,
                wait_timeout=_WAIT,
                on_wait_timeout=ExecuteStatementRequestOnWaitTimeout.CONTINUE,
            )
            while answer.status and answer.status.state in (StatementState.PENDING, StatementState.RUNNING):
                time.sleep(_PAUSE)
                answer = api.get_statement(str(answer.statement_id))
        status = answer.status
        if status is None or status.state is not StatementState.SUCCEEDED:
            said = status.error.message if status and status.error and status.error.message else "without a word"
            raise HealthSimError(
                f"The warehouse of {self.host} could not run: {what} ... ({scrubbed(said)[:500]}). Tables that were loaded before"
                " it stay; run the export again when the cause is gone.",
                statement=what,
            )

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        from databricks.sdk.errors import NotFound, PermissionDenied, Unauthenticated
        from databricks.sdk.errors.base import DatabricksError

        try:
            yield
        except Unauthenticated:
            why = "does not accept who we are. Check DATABRICKS_TOKEN"
        except PermissionDenied as error:
            why = f"refused {what} ({scrubbed(str(error))[:300]}). It takes READ VOLUME and WRITE VOLUME on the volume, CAN USE on the"
            why += " warehouse, USE CATALOG, CREATE SCHEMA and CREATE TABLE"
        except NotFound as error:
            why = f"has no {what} ({scrubbed(str(error))[:300]}). Make the volume first, and check its name"
        except (DatabricksError, TimeoutError, OSError) as error:
            why = f"failed at {what}: {scrubbed(str(error)).splitlines()[0][:300] if str(error) else type(error).__name__}. Try again"
        else:
            return
        raise HealthSimError(f"{self.host} {why}.", host=self.host) from None
