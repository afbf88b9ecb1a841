"""Public reference data: PLACES, SVI, ADI, NPPES and Census geography, several releases in one database.

    from healthsim.db.reference import import_files, lookup

Everything is imported when it is used: the program starts without reading any of it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from healthsim.db.reference.answers import lookup
    from healthsim.db.reference.comparison import compare
    from healthsim.db.reference.download import fetch
    from healthsim.db.reference.loader import drop, import_files
    from healthsim.db.reference.providers import search_providers
    from healthsim.db.reference.storage import list_loads, verify

__all__ = ["compare", "drop", "fetch", "import_files", "list_loads", "lookup", "search_providers", "verify"]

_MODULES = {
    "compare": "comparison",
    "drop": "loader",
    "fetch": "download",
    "import_files": "loader",
    "list_loads": "storage",
    "lookup": "answers",
    "search_providers": "providers",
    "verify": "storage",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value
