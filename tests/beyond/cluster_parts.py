"""More counterparts: a Spark Connect server without Java, and Azure's storage."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from real_parts import folder_of, free_port, program, running

#: the account that azurite has, which Microsoft publishes
_ACCOUNT = "devstoreaccount1"
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@dataclass(frozen=True)
class Sail:
    """A Spark Connect server, whose workers are this Python."""

    port: int

    @property
    def url(self) -> str:
        return f"sc://127.0.0.1:{self.port}"


@contextmanager
def sail_server(environment: Mapping[str, str]) -> Iterator[Sail]:
    """Sail on this machine; what it reaches is said by the environment."""
    sail = program("sail")
    if sail is None:
        pytest.skip("Sail is not installed (pip install pysail): nothing is tried through Spark Connect")
    with folder_of(None) as folder:
        port = free_port()
        with running(
            [str(sail), "spark", "server", "--ip", "127.0.0.1", "--port", str(port)],
            port,
            log=folder / "log",
            environment=environment,
        ):
            yield Sail(port)


@dataclass(frozen=True)
class Azure:
    """Azure's blob storage on this machine."""

    port: int

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AZURE_STORAGE_ACCOUNT_NAME": _ACCOUNT,
            "AZURE_STORAGE_ACCOUNT_KEY": _KEY,
            "AZURE_STORAGE_ENDPOINT": f"http://127.0.0.1:{self.port}/{_ACCOUNT}",
        }


@contextmanager
def azurite_server(container: str) -> Iterator[Azure]:
    """Azurite with a container. It is npm's: the folder of its programs is named by HEALTHSIM_NPM, or it is on the path."""
    npm = os.environ.get("HEALTHSIM_NPM")
    azurite = program("azurite-blob", *([Path(npm) / "node_modules" / ".bin"] if npm else []))
    if azurite is None:
        pytest.skip("azurite is not installed (npm install azurite, HEALTHSIM_NPM): nothing is tried with Azure")
    with folder_of(None) as folder:
        store = Azure(free_port())
        command = [str(azurite), "--blobHost", "127.0.0.1", "--blobPort", str(store.port), "--location", str(folder)]
        with running(
            [*command, "--silent", "--disableTelemetry", "--skipApiVersionCheck"], store.port, log=folder / "log"
        ):
            _make_container(store, container)
            yield store


def _make_container(store: Azure, container: str) -> None:
    """HealthSim makes no containers, and neither does the library that it sends with: by the service's own words."""
    import base64
    import hashlib
    import hmac
    import http.client
    from email.utils import formatdate

    now = formatdate(usegmt=True)
    headers = {"x-ms-date": now, "x-ms-version": "2021-08-06"}
    canonical = "".join(f"{name}:{value}\n" for name, value in sorted(headers.items()))
    signed = "PUT\n\n\n\n\n\n\n\n\n\n\n\n" + canonical + f"/{_ACCOUNT}/{_ACCOUNT}/{container}\nrestype:container"
    digest = hmac.new(base64.b64decode(_KEY), signed.encode(), hashlib.sha256).digest()
    headers["Authorization"] = f"SharedKey {_ACCOUNT}:{base64.b64encode(digest).decode()}"
    headers["Content-Length"] = "0"
    asking = http.client.HTTPConnection("127.0.0.1", store.port)
    asking.request("PUT", f"/{_ACCOUNT}/{container}?restype=container", headers=headers)
    answer = asking.getresponse()
    assert answer.status == 201, (answer.status, answer.read())
    asking.close()


def somewhere() -> str:
    """A path in the bucket that nobody else has."""
    return f"s3://team/t{secrets.token_hex(6)}"
