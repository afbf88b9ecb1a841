"""What ``import healthsim`` offers: each verb of the workbench as a function, on the database that the environment names."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from healthsim.config import Settings
from healthsim.workbench import Workbench

if TYPE_CHECKING:
    from types import FunctionType


def verbs() -> list[str]:
    """The names of the verbs."""
    return sorted(name for name, _ in inspect.getmembers(Workbench, inspect.isfunction) if not name.startswith("_"))


@functools.cache
def verb(name: str) -> Callable[..., Any]:
    """A verb on the default database, with the signature and the docstring that it has on a workbench."""
    method: FunctionType = getattr(Workbench, name)

    @functools.wraps(method)
    def function(*arguments: Any, **options: Any) -> Any:
        return getattr(_workbench(Settings.load()), name)(*arguments, **options)

    signature = inspect.signature(method)
    function.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])  # type: ignore[attr-defined]  # inspect reads it
    function.__qualname__, function.__module__ = name, "healthsim"
    return function


@functools.lru_cache(maxsize=8)
def _workbench(settings: Settings) -> Workbench:
    """One workbench for as long as the environment says the same: a database in memory lasts as long as its object."""
    return Workbench(settings)
