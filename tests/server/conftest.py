"""A server within the test's process, and one that listens, for a whole module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from server_calls import environment, listening

from healthsim.config import Settings
from healthsim.server import create_server
from healthsim.server.core import HealthSimServer


@pytest.fixture
def server(tmp_path: Path) -> HealthSimServer:
    """A server over a database of the test's own."""
    return create_server(Settings.load(environment(tmp_path / "served")))


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """The address and process id of a server that listens, with a token."""
    with listening(tmp_path_factory.mktemp("web")) as server:
        yield server
