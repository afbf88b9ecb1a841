"""The paths of the command line: checked as they were written, before they become anything else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from healthsim.paths import local_path


class NamedPath(click.Path):
    """A path on this machine; ``s3://bucket/x`` is none, and would become a folder of that name."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path, with the folder of its user in place of ``~``; ``-`` is standard input or output."""
        if isinstance(value, str) and value != "-":
            what = param.opts[0] if isinstance(param, click.Option) else "path"
            value = local_path(value, what=what)
        return super().convert(value, param, ctx)
