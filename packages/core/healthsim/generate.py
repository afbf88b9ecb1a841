"""The old name of :mod:`healthsim.generation`: what was imported from here goes on working.

``import healthsim.generate`` puts this module in the place of the verb ``healthsim.generate``; so it can be called like it.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from healthsim.generation import *  # noqa: F403  (the names of the package, as they were here)


class _Verb(ModuleType):
    """A module that can be called as the verb of its name."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        from healthsim.door import verb

        return verb("generate")(*arguments, **options)


sys.modules[__name__].__class__ = _Verb
