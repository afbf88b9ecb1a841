"""``healthsim export``: a scenario for other programs, in any format of the one list."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from healthsim.cli import completion
from healthsim.cli.examples import with_examples
from healthsim.cli.opening import pass_workbench
from healthsim.cli.output import json_option, notice, print_json, table
from healthsim.cli.paths import NamedPath
from healthsim.cli.spelling import option
from healthsim.errors import UsageError

if TYPE_CHECKING:
    from healthsim.exchange.format import Format, Option
    from healthsim.results import Written
    from healthsim.workbench import Workbench

name_argument = click.argument("name", shell_complete=completion.scenarios)
force_option = option("--force", older=["--overwrite"], is_flag=True, help="Replace what an earlier export left there.")


class _Formats(click.Group):
    """One command for each format that is written, made of its entry in the list."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from healthsim.exchange.formats import formats

        return [name for name, entry in formats().items() if entry.write is not None]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from healthsim.exchange.formats import formats

        entry = formats().get(cmd_name)
        return None if entry is None or entry.write is None else command_of(entry)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            from healthsim.exchange.formats import find_format

            find_format(args[0])
        return super().resolve_command(ctx, args)


@click.group(cls=_Formats)
def export() -> None:
    """Export a scenario for other programs: healthsim export FORMAT NAME -o PATH.

    Files appear whole or not at all.
    """


def command_of(entry: Format) -> click.Command:
    """The command that writes a format."""

    def write(bench: Workbench, name: str, output: str | None, force: bool, as_json: bool, **options: Any) -> None:
        if output == "-":
            if as_json:
                raise UsageError(
                    "The scenario goes to standard output with -o -, so that --json has no place to answer."
                )
            bench.export(entry.name, name, sys.stdout.buffer, **options)
            return
        print_written(bench.export(entry.name, name, output, overwrite=force, **options), as_json)

    where = "A file or folder, s3://BUCKET/PATH or the like" + (
        ", or - for standard output." if entry.streams else "; made new."
    )
    named, where = entry.target or ("--output", where)
    command: Any = pass_workbench(write)
    for decorate in (json_option, force_option, *map(_option, reversed(entry.options))):
        command = decorate(command)
    command = click.option(
        *dict.fromkeys(("-o", "--output", named)), "output", metavar="PATH", required=not entry.streams, help=where
    )(command)
    return with_examples(
        click.command(entry.name, help=entry.meaning, short_help=entry.title, cls=_Grouped)(name_argument(command)),
        "export",
        entry.name,
    )


class _Grouped(click.Command):
    """A command whose help shows options that belong together under a head of their own."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        groups: dict[str, list[tuple[str, str]]] = {"Options": []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                groups.setdefault(getattr(parameter, "group", "Options"), []).append(record)
        for head, records in groups.items():
            if records:
                with formatter.section(head):
                    formatter.write_dl(records)


class _OptionOfFormat(click.Option):
    """An option that a format declares, with the head that it is shown under."""

    group = "Options"


def _option(declared: Option) -> Any:
    class Grouped(_OptionOfFormat):
        group = declared.group

    if declared.kind == "flag":
        return click.option(declared.spelling, declared.name, is_flag=True, help=declared.help, cls=Grouped)
    kind: Any = click.Choice(list(declared.choices)) if declared.choices else _KINDS[declared.kind]
    return click.option(
        declared.spelling,
        declared.name,
        multiple=declared.several,
        type=kind,
        default=None if declared.several else declared.default,
        show_default=declared.default is not None,
        metavar=_SHOWN.get(declared.kind) if not declared.choices else None,
        help=declared.help,
        cls=Grouped,
    )


#: what a value is on the command line; an instant is read, and refused, where it is in Python
_KINDS: dict[str, Any] = {"path": NamedPath(), "text": click.STRING, "instant": click.STRING}
_SHOWN = {"instant": "DATE"}


def print_written(written: Written, as_json: bool) -> None:
    """What an export wrote, and who may read it."""
    from healthsim.outputs import who_may_read

    if as_json:
        print_json(written)
    else:
        click.echo(written.sentence())
        for grid in written.grids():
            table(grid.columns, grid.rows, title=grid.title)
        for remark in written.remarks():
            notice(remark)
    if written.transfer is not None:
        notice(written.transfer)
    if isinstance(written.path, Path) and (readable := who_may_read(written.path)) is not None:
        notice(readable)
