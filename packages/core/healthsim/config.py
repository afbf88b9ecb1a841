"""Settings: the only place that reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from healthsim.errors import UsageError

DATABASE_FILE = "healthsim.duckdb"


@dataclass(frozen=True)
class Settings:
    """Where things are and how patient the program is.

    Attributes:
        home: the folder of HealthSim (``HEALTHSIM_HOME``, default ``~/.healthsim``).
        database: a path, ``:memory:`` or ``md:NAME`` (``HEALTHSIM_DB``, default
            ``<home>/healthsim.duckdb``).
        lock_timeout: seconds to wait for a database file that another program holds
            (``HEALTHSIM_LOCK_TIMEOUT``, default 10).
    """

    home: Path
    database: str
    lock_timeout: float = 10.0

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, *, database: str | None = None) -> Settings:
        """Read the environment once; ``database`` (the ``--db`` option) wins over ``HEALTHSIM_DB``.

        Raises:
            UsageError: a variable holds something that cannot be used.
        """
        env = os.environ if environ is None else environ
        home = Path(env.get("HEALTHSIM_HOME") or Path.home() / ".healthsim").expanduser()
        location = database or env.get("HEALTHSIM_DB") or str(home / DATABASE_FILE)
        settings = cls(home=home, database=location)
        timeout = env.get("HEALTHSIM_LOCK_TIMEOUT")
        if not timeout:
            return settings
        try:
            seconds = float(timeout)
        except ValueError:
            seconds = -1.0
        if not 0 <= seconds <= 86_400:
            raise UsageError(
                f"HEALTHSIM_LOCK_TIMEOUT is {timeout!r}; expected a number of seconds from 0 to 86400."
                " Correct the variable, or unset it for the default of 10."
            )
        return replace(settings, lock_timeout=seconds)

    @property
    def workspace_folders(self) -> tuple[Path, Path]:
        """The two folders in which the old implementation kept its JSON files."""
        return (self.home / "workspaces", self.home / "scenarios")
