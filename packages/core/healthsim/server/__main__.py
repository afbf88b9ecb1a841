"""The server over standard input and output: ``python -m healthsim.server``, as bundles start it."""

from __future__ import annotations

from healthsim.config import Settings
from healthsim.server import create_server

if __name__ == "__main__":
    create_server(Settings.load()).run("stdio")
