"""Spark sessions: on this machine, on a cluster, through Spark Connect (``sc://HOST:PORT``) or Databricks Connect.

What workers run is this program; so they are asked first which version of it they have.
"""

from __future__ import annotations

import json
import os
import platform
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from healthsim.errors import HealthSimError
from healthsim.scrubbing import scrubbed
from healthsim.targets import Kind, target_of

if TYPE_CHECKING:
    import pyarrow as pa

#: the variable with the token of a Spark Connect server; in an address it would be seen by everybody
TOKEN = "SPARK_CONNECT_TOKEN"
#: addresses that Spark itself knows
_OWN = ("local", "spark://", "yarn", "k8s://")
_HERE = "local[*]"
#: by this variable Spark remembers that it has spoken to a server
_CONNECTED = "SPARK_CONNECT_MODE_ENABLED"
#: of Spark Connect, where a URL names none; and how many seconds it may take until it answers
_PORT, _PATIENCE = 15_002, 20
#: what the values come from: other versions of it may give others
_ASKED = ("healthsim", "numpy", "pyarrow")


@contextmanager
def spark_session(master: str | None, name: str) -> Iterator[Any]:
    """A session of Spark; it ends with the block, unless it was open before.

    Args:
        master: the URL of the cluster; by default this machine.
        name: what the cluster shows.

    Raises:
        UsageError: the URL is of a kind that is not known, or holds a secret.
        HealthSimError: Spark is not installed, cannot be reached, or a task failed.
    """
    url = master or _HERE
    if not url.startswith(_OWN):
        target_of(
            url, kinds=(Kind.CLUSTER,), what="master", known=(_HERE, "spark://HOST:PORT", "yarn", "k8s://HOST:PORT")
        )
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise HealthSimError(
            "The engine spark needs PySpark. Install it with: pip install 'healthsim[spark]'. Nothing was written."
        ) from None
    if url.startswith("sc://"):
        _refuse_unreachable(url)
    elif find_spec("pyspark.core") is None:
        raise HealthSimError(
            f"Spark at {url} cannot be started: the package pyspark-client speaks to servers by sc:// only. Name such a server, or"
            " install Spark itself: pip install 'healthsim[spark]'. Nothing was written."
        )
    spoken_of = _CONNECTED in os.environ
    # the workers must run the Python of this program, with the packages that it has
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        ours = SparkSession.getActiveSession() is None
        session = _started(SparkSession, url, name)
    # pyspark-client ends a program that has no file of its own (python -c), taking it for a test of Spark's
    except (PySparkException, RuntimeError, ImportError, AttributeError, OSError, SystemExit) as error:
        needs = "that something listens there" if url.startswith("sc://") else "that Java is installed"
        raise HealthSimError(
            f"Spark at {url} cannot be started: {first_line(error)} Check the URL, and {needs}."
        ) from None
    try:
        yield session
    except PySparkException as error:
        raise HealthSimError(f"A task of Spark failed; nothing was written. {first_line(error)}") from None
    finally:
        if ours:
            session.stop()
            if not spoken_of:
                # else neither this program nor one that it starts could begin a session of another kind
                os.environ.pop(_CONNECTED, None)


def _refuse_unreachable(url: str) -> None:
    """Ask whether somebody listens there: the client would go on asking for many minutes.

    Raises:
        HealthSimError: nobody does.
    """
    place = urlsplit(url)
    try:
        with socket.create_connection((place.hostname or "", place.port or _PORT), timeout=_PATIENCE):
            pass
    except (OSError, ValueError) as error:
        raise HealthSimError(
            f"Spark at {url} cannot be reached ({error}). Check the URL, the network, and that a Spark Connect server listens"
            " there. Nothing was written."
        ) from None


def _started(builders: Any, url: str, name: str) -> Any:
    if not url.startswith("sc://"):
        builder = builders.builder.master(url).config("spark.ui.enabled", "false")
    else:
        token = os.environ.get(TOKEN)
        whole = f"{url.rstrip('/')}/;token={token}" if token else url
        try:
            # where it is installed, the cluster is one of Databricks
            from databricks.connect import DatabricksSession

            builder = DatabricksSession.builder.remote(whole)
        except ImportError:
            builder = builders.builder.remote(whole)
    if not hasattr(builder, "appName"):
        return builder.getOrCreate()
    for setting, value in _SETTINGS.items():
        builder = builder.config(setting, value)
    session = builder.appName(name).getOrCreate()
    # a server is not asked before the first question: whether somebody is there is to be known now
    session.sql("SELECT 1").collect()
    return session


#: a row is a batch of persons: more of them in one hand would be more than memory holds
_SETTINGS = {"spark.sql.execution.arrow.maxRecordsPerBatch": "1", "spark.sql.session.timeZone": "UTC"}


def check_workers(session: Any, *, needs: tuple[str, ...] = ()) -> None:
    """Ask a worker what it has, before there is anything to lose.

    Args:
        needs: packages that workers have to have beside the program itself.

    Raises:
        HealthSimError: it lacks the program or a package, or has another version of what values come from.
    """
    from pyspark.errors import PySparkException

    frame = session.createDataFrame([(1,)], "number long").repartition(1)
    try:
        (row,) = frame.mapInArrow(_asker((*_ASKED, *needs)), "versions string").collect()
    except PySparkException as error:
        if "No module named" not in str(error):
            raise
        raise HealthSimError(
            f"The workers of the cluster do not have what this takes: {first_line(error)} Install there:"
            f" pip install 'healthsim=={version('healthsim')}'. Nothing was written."
        ) from None
    there = json.loads(row[0])
    here = _versions((*_ASKED, *needs))
    lacking = [package for package in needs if there[package] is None]
    if there["healthsim"] is None or lacking:
        package = lacking[0] if lacking else "healthsim"
        raise HealthSimError(f"The workers of the cluster have no {package}. Install it there. Nothing was written.")
    for package in ("python", *_ASKED):
        if _release(package, there[package]) != _release(package, here[package]):
            raise HealthSimError(
                f"The workers of the cluster have {package} {there[package]}, this program has {here[package]}; values could"
                " differ. Install the same there or here. Nothing was written."
            )


def _release(package: str, text: str | None) -> str | None:
    """What has to be the same: all of the program's version, of others the first two numbers."""
    return text if package == "healthsim" or text is None else ".".join(text.split(".")[:2])


def _versions(packages: tuple[str, ...]) -> dict[str, str | None]:
    versions: dict[str, str | None] = {"python": platform.python_version()}
    for package in packages:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = None
    return versions


def _asker(packages: tuple[str, ...]) -> Any:
    def ask(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow

        for _ in batches:
            yield pyarrow.RecordBatch.from_pydict({"versions": [json.dumps(_versions(packages))]})

    return ask


def first_line(error: BaseException) -> str:
    """What an error of Spark says first, without secrets."""
    text = scrubbed(str(error)).strip()
    line = text.splitlines()[0] if text else type(error).__name__
    return line if line.endswith(".") else line + "."


def path_for(uri: str, master: str | None) -> str:
    """A place as a cluster names it: Spark on Java reaches S3 by a scheme of its own."""
    by_java = not (master or _HERE).startswith("sc://")
    return f"s3a://{uri.removeprefix('s3://')}" if by_java and uri.startswith("s3://") else uri
