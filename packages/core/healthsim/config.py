"""Settings: the only place that reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
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
        sql_timeout: seconds that one question in SQL may take (``HEALTHSIM_SQL_TIMEOUT``, default 30).
        sql_memory: bytes that it may use (``HEALTHSIM_SQL_MEMORY``, in MiB, default 2048).
        folders: what the assistant's server may read files from and write files to, besides
            ``<home>/exports`` and ``~/Downloads`` (``HEALTHSIM_FOLDERS``, separated as in ``PATH``).
        shares: where the assistant's server may publish and pull: names or locations of shares
            (``HEALTHSIM_SHARES``, separated by commas); none means that it has no tools for it.
        author: whom shares name as the author of what is published (``HEALTHSIM_AUTHOR``, default the name of the user).
        mcp_token: what clients of the server over HTTP must present (``HEALTHSIM_MCP_TOKEN``).
    """

    home: Path
    database: str
    lock_timeout: float = 10.0
    sql_timeout: float = 30.0
    sql_memory: int = 2 << 30
    folders: tuple[Path, ...] = ()
    shares: tuple[str, ...] = ()
    author: str = "somebody"
    mcp_token: str | None = field(default=None, repr=False)

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, *, database: str | None = None) -> Settings:
        """Read the environment once; ``database`` (the ``--db`` option) wins over ``HEALTHSIM_DB``.

        Raises:
            UsageError: a variable holds something that cannot be used.
        """
        env = os.environ if environ is None else environ
        home = Path(env.get("HEALTHSIM_HOME") or Path.home() / ".healthsim").expanduser()
        location = database or env.get("HEALTHSIM_DB") or str(home / DATABASE_FILE)
        named = (Path(part).expanduser() for part in env.get("HEALTHSIM_FOLDERS", "").split(os.pathsep) if part)
        return cls(
            home=home,
            database=location,
            lock_timeout=_number(env, "HEALTHSIM_LOCK_TIMEOUT", 10.0, "seconds", 0, 86_400),
            sql_timeout=_number(env, "HEALTHSIM_SQL_TIMEOUT", 30.0, "seconds", 0.1, 86_400),
            sql_memory=int(_number(env, "HEALTHSIM_SQL_MEMORY", 2_048, "MiB", 64, 1 << 20)) << 20,
            folders=(home / "exports", Path.home() / "Downloads", *named),
            shares=tuple(part.strip() for part in env.get("HEALTHSIM_SHARES", "").split(",") if part.strip()),
            author=env.get("HEALTHSIM_AUTHOR") or _user(env),
            mcp_token=env.get("HEALTHSIM_MCP_TOKEN") or None,
        )

    @property
    def conditions_folder(self) -> Path:
        """Clinical knowledge of the user's own, which generation reads where the folder exists."""
        return self.home / "conditions"

    @property
    def journeys_folder(self) -> Path:
        """Journeys of the user's own, which generation reads where the folder exists."""
        return self.home / "journeys"

    @property
    def workspace_folders(self) -> tuple[Path, Path]:
        """The two folders in which the old implementation kept its JSON files."""
        return (self.home / "workspaces", self.home / "scenarios")


def child_environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a process that runs foreign text needs of the environment: where its libraries are, and no secrets."""
    env = os.environ if environ is None else environ
    return {name: env[name] for name in _FOR_CHILDREN if name in env}


_FOR_CHILDREN = (
    "PATH",
    "SYSTEMROOT",
    "WINDIR",
    "TEMP",
    "TMP",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
    "LANG",
    "LC_ALL",
)


def _user(env: Mapping[str, str]) -> str:
    """The name that the system has for who runs the program."""
    named = next((env[name] for name in ("LOGNAME", "USER", "USERNAME") if env.get(name)), None)
    if named is not None:
        return named
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        # Windows without the variable, or a container's user without a name
        return "somebody"


def _number(env: Mapping[str, str], name: str, default: float, unit: str, least: float, most: float) -> float:
    text = env.get(name)
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise UsageError(
            f"{name} is {text!r}; expected a number of {unit} from {least:g} to {most:.0f}."
            f" Correct the variable, or unset it for the default of {default:g}."
        )
    return value
