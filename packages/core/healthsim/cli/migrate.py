"""``healthsim migrate``: bring scenarios of the old implementation into the database."""

from __future__ import annotations

from pathlib import Path

import click

from healthsim.cli.output import json_option, notice, print_json, table
from healthsim.config import Settings
from healthsim.errors import UsageError
from healthsim.state.manager import StateManager


@click.group()
def migrate() -> None:
    """Bring scenarios of the old implementation into the database."""


@migrate.command(name="json")
@click.option("--status", "only_status", is_flag=True, help="Show which files are migrated; change nothing.")
@click.option("--dry-run", is_flag=True, help="Read every file and say what would be done; change nothing.")
@click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path),
    help="The folder of old files. Default: workspaces and scenarios in ~/.healthsim.",
)
@json_option
@click.pass_obj
def migrate_json(database: str | None, only_status: bool, dry_run: bool, folder: Path | None, as_json: bool) -> int:
    """Migrate JSON files. Originals stay as they are, and a verified copy of each is made first."""
    from healthsim.db.connection import Database
    from healthsim.state.legacy import migrate

    if only_status and dry_run:
        raise UsageError("--status shows what is, --dry-run what would be; give one of them.")
    settings = Settings.load(database=database)
    manager = StateManager(Database.of(settings))
    folders = [folder] if folder is not None else list(settings.workspace_folders)
    if only_status:
        report = migrate.survey(manager, folders)
    elif dry_run:
        report = migrate.rehearse(manager, folders)
    else:
        report = migrate.migrate(
            manager, settings.home, folders, progress=lambda file: notice(f"{file.status}: {file.path}")
        )
    if as_json:
        print_json(report.as_dict())
    else:
        _print(report)
    return 1 if report.failed else 0


def _print(report: object) -> None:
    from healthsim.state.legacy.migrate import MIGRATED, Report

    assert isinstance(report, Report)
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
