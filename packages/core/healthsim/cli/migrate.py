"""``healthsim migrate``: bring scenarios of the old implementation into the database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from healthsim.cli.opening import pass_new_workbench
from healthsim.cli.output import json_option, notice, print_json, table
from healthsim.cli.paths import NamedPath
from healthsim.errors import UsageError

if TYPE_CHECKING:
    from healthsim.state.legacy.migrate import Report
    from healthsim.workbench import Workbench


@click.group()
def migrate() -> None:
    """Bring scenarios of the old implementation into the database."""


@migrate.command(name="json")
@click.option("--status", "only_status", is_flag=True, help="Show which files are migrated; change nothing.")
@click.option("--dry-run", is_flag=True, help="Read every file and say what would be done; change nothing.")
@click.option(
    "--from",
    "folder",
    type=NamedPath(),
    help="The folder of old files. Default: workspaces and scenarios in ~/.healthsim.",
)
@json_option
@pass_new_workbench
def migrate_json(bench: Workbench, only_status: bool, dry_run: bool, folder: Path | None, as_json: bool) -> int:
    """Migrate JSON files. Originals stay as they are, and a verified copy of each is made first."""
    if only_status and dry_run:
        raise UsageError("--status shows what is, --dry-run what would be; give one of them.")
    mode = "survey" if only_status else "rehearse" if dry_run else "migrate"
    report = bench.migrate(folder, mode=mode, progress=lambda file: notice(f"{file.status}: {file.path}"))
    if as_json:
        print_json(report)
    else:
        _print(report)
    return 1 if report.failed else 0


def _print(report: Report) -> None:
    from healthsim.state.legacy.migrate import MIGRATED

    facts = report.as_dict()
    rows = [
        (Path(file.path).name, file.status, file.scenario, file.entity_count or None, file.reason)
        for file in report.files
    ]
    if rows:
        table(("file", "status", "scenario", "entities", "reason"), rows)
    counts = ", ".join(f"{count} {status}" for status, count in facts["counts"].items() if count)
    click.echo(f"{len(rows)} files in {' and '.join(report.folders)}: {counts or 'nothing to do'}.")
    if facts["counts"][MIGRATED]:
        click.echo(
            f"Every value of the migrated files was found in the database. Copies of them are in {report.backup}."
        )
    for file in report.files:
        for warning in file.warnings[:5]:
            notice(f"Warning: {Path(file.path).name}: {warning}")
