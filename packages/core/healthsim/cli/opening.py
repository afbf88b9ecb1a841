"""The workbench of a command: its database is the one that ``--db`` or the environment names."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

Command = Callable[..., Any]


def pass_workbench(command: Command) -> Command:
    """Give a command the workbench as its first argument; it reads what is there: a ``--db`` without a file is refused."""
    return _opened(command, make=False)


def pass_new_workbench(command: Command) -> Command:
    """The same for a command that begins something: a database that is not there is made."""
    return _opened(command, make=True)


def _opened(command: Command, *, make: bool) -> Command:
    @click.pass_obj
    @functools.wraps(command)
    def opened(location: str | None, /, *args: Any, **options: Any) -> Any:
        from healthsim.workbench import Workbench

        # the database of the house is made by whoever comes first; one that was named may be a name mistyped
        return command(Workbench.at(location, make=make or location is None), *args, **options)

    return opened
