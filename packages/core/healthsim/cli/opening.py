"""The workbench of a command: its database is the one that ``--db`` or the environment names."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click


def pass_workbench(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the workbench as its first argument."""

    @click.pass_obj
    @functools.wraps(command)
    def opened(location: str | None, /, *args: Any, **options: Any) -> Any:
        from healthsim.workbench import Workbench

        return command(Workbench.at(location), *args, **options)

    return opened
