"""``healthsim analytics metrics|dimensions|describe|query|compare|report``: ask the star."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from healthsim.cli import completion
from healthsim.cli.opening import pass_workbench
from healthsim.cli.output import json_option, notice, print_csv, print_json, table
from healthsim.cli.paths import NamedPath
from healthsim.cli.spelling import option
from healthsim.errors import UsageError
from healthsim.outputs import who_may_read

if TYPE_CHECKING:
    from healthsim.results import Comparison, MetricAnswer, ReportAnswer
    from healthsim.workbench import Workbench

Function = TypeVar("Function", bound=Callable[..., Any])


def csv_option(command: Function) -> Function:
    """The option ``--csv`` of a command."""
    return click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")(command)


def build_option(command: Function) -> Function:
    """The option ``--build`` of a command: the star is always built where there is none."""
    return click.option(
        "--build", "rebuild", is_flag=True, help="Bring a stale star up to date first. A missing one always is built."
    )(command)


def limit_option(command: Function) -> Function:
    """The option ``--limit`` of a command."""
    return click.option("--limit", type=click.IntRange(min=1), default=10_000, show_default=True, help="Rows at most.")(
        command
    )


@click.command()
@click.option("--search", metavar="WORD", help="Only what has this word in its name or meaning.")
@json_option
@pass_workbench
def metrics(bench: Workbench, search: str | None, as_json: bool) -> None:
    """List the metrics, with their units."""
    listed = bench.catalog(search=search).metrics or []
    if as_json:
        print_json({"metrics": listed})
        return
    table(
        ("metric", "area", "unit", "definition"), [(m["name"], m["area"], m["unit"], m["definition"]) for m in listed]
    )
    click.echo(f"{len(listed)} metrics. The whole definition of one: healthsim analytics describe NAME")


@click.command()
@click.option("--search", metavar="WORD", help="Only what has this word in its name or meaning.")
@json_option
@pass_workbench
def dimensions(bench: Workbench, search: str | None, as_json: bool) -> None:
    """List the dimensions: what metrics can be divided by, and filtered on."""
    listed = bench.catalog(search=search).dimensions or []
    if as_json:
        print_json({"dimensions": listed})
        return
    table(
        ("dimension", "type", "meaning", "example"),
        [(d["name"], d["type"], d["meaning"], d["example"]) for d in listed],
    )


@click.command()
@click.argument("name")
@json_option
@pass_workbench
def describe(bench: Workbench, name: str, as_json: bool) -> None:
    """Show the whole definition of a metric, a dimension or a report."""
    answer = bench.catalog(name)
    if as_json:
        print_json(answer)
        return
    for kind, facts in answer.items():
        click.echo(f"{kind} {facts['name']}")
        for key, value in facts.items():
            if key == "name" or value in (None, {}, []):
                continue
            click.echo(f"  {key.replace('_', ' ')}: {_words(value)}")


@click.command()
@click.argument("metrics", shell_complete=completion.metrics)
@click.option(
    "--by",
    metavar="DIMENSIONS",
    default="",
    shell_complete=completion.dimensions,
    help="Divide by these, separated by commas: month,plan_type.",
)
@click.option(
    "--where", "-w", multiple=True, metavar="CONDITION", help='Such as "age_band=65+" or "year>=2024"; repeatable.'
)
@click.option(
    "--scenario",
    "-s",
    "scenarios",
    multiple=True,
    metavar="NAME",
    shell_complete=completion.scenarios,
    help="Repeatable; default: the only one.",
)
@click.option("--time", metavar="DATE", help="The date that month and year mean: start, service, paid ...")
@click.option("--order", metavar="[-]COLUMN", help="Sort by a column; - for the largest first.")
@click.option("--parts", is_flag=True, help="Show numerators and denominators as well.")
@click.option("--sql", "show_sql", is_flag=True, help="Print the SQL instead of the answer.")
@limit_option
@build_option
@csv_option
@json_option
@pass_workbench
def query(
    bench: Workbench,
    metrics: str,
    by: str,
    where: tuple[str, ...],
    scenarios: tuple[str, ...],
    time: str | None,
    order: str | None,
    parts: bool,
    show_sql: bool,
    limit: int,
    rebuild: bool,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Answer METRICS (separated by commas), divided and filtered.

    healthsim analytics query pmpm,ed_visits_per_1000 --by year,plan_type --where "age_band=65+" --scenario A
    """
    from healthsim.analytics.metrics.registry import UNITS

    _one_form(as_csv, as_json)
    answer = bench.query(
        metrics,
        by=by,
        where=where,
        scenario=scenarios,
        time=time,
        order=order,
        limit=limit,
        parts=parts,
        build="stale" if rebuild else "missing",
    )
    if show_sql and not as_json:
        click.echo(answer.sql)
        return
    digits = {metric["name"]: UNITS[metric["unit"]] for metric in answer.metrics}
    digits |= {f"{name}_{part}": 0 for name in list(digits) for part in ("numerator", "denominator")}
    _show(answer, as_csv, as_json, lambda name, value: _shown(value, digits.get(name)))
    if not as_json and not as_csv:
        for metric in answer.metrics:
            click.echo(f"{metric['name']}: {metric['definition']} Unit: {metric['unit']}.")


@click.command()
@click.argument("metrics", required=False, default="", shell_complete=completion.metrics)
@click.option(
    "--scenario",
    "-s",
    metavar="NAME",
    shell_complete=completion.scenarios,
    help="The first scenario; default: the only one.",
)
@click.option("--with", "other", metavar="NAME", shell_complete=completion.scenarios, help="The second scenario.")
@click.option("--period", metavar="PERIOD", help="2024, 2024-Q1, 2024-03, 2024-03-15, or FROM..TO of these.")
@click.option("--with-period", "other_period", metavar="PERIOD", help="The second period.")
@click.option("--reference", metavar="places|svi", help="Compare with published figures of the places.")
@click.option(
    "--by",
    metavar="DIMENSIONS",
    default="",
    shell_complete=completion.dimensions,
    help="Divide by these, separated by commas.",
)
@click.option("--where", "-w", multiple=True, metavar="CONDITION", help='Such as "age_band=65+"; repeatable.')
@limit_option
@build_option
@csv_option
@json_option
@pass_workbench
def compare(
    bench: Workbench,
    metrics: str,
    scenario: str | None,
    other: str | None,
    period: str | None,
    other_period: str | None,
    reference: str | None,
    by: str,
    where: tuple[str, ...],
    limit: int,
    rebuild: bool,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Compare METRICS of two scenarios or two periods, or a scenario with published figures.

    healthsim analytics compare pmpm,admissions_per_1000 --scenario A --with B --by age_band
    """
    _one_form(as_csv, as_json)
    answer = bench.compare(
        metrics,
        scenario=scenario,
        other=other,
        period=period,
        other_period=other_period,
        reference=reference,
        by=by,
        where=where,
        limit=limit,
        build="stale" if rebuild else "missing",
    )
    if not as_csv and not as_json:
        click.echo(f"first: {answer.first}, second: {answer.second}")
    _show(answer, as_csv, as_json, lambda name, value: _shown(value, 2 if isinstance(value, float) else None))


@click.command()
@click.argument("names", nargs=-1, shell_complete=completion.reports)
@click.option("--all", "everything", is_flag=True, help="Every report about one scenario.")
@click.option("--scenario", "-s", metavar="NAME", shell_complete=completion.scenarios, help="Default: the only one.")
@click.option(
    "--with",
    "other",
    metavar="NAME",
    shell_complete=completion.scenarios,
    help="The second scenario, for side_by_side.",
)
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A parameter of the report; repeatable.")
@option(
    "--output",
    "-o",
    "html",
    older=["--html"],
    metavar="FILE",
    type=NamedPath(),
    help="Write a page of HTML with charts.",
)
@option("--force", older=["--overwrite"], is_flag=True, help="Replace a file that is there.")
@limit_option
@build_option
@csv_option
@json_option
@pass_workbench
def report(
    bench: Workbench,
    names: tuple[str, ...],
    everything: bool,
    scenario: str | None,
    other: str | None,
    settings: tuple[str, ...],
    html: Path | None,
    force: bool,
    limit: int,
    rebuild: bool,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Answer the questions that have a report, by NAMES; without one, list them.

    healthsim analytics report pmpm readmissions --scenario A -o report.html
    """
    from healthsim.analytics.reports.report import reports, shown

    _one_form(as_csv, as_json)
    if everything:
        names = tuple(answer.name for answer in reports().values() if not answer.compares or other)
    if not names:
        listed = bench.catalog().reports or []
        if as_json:
            print_json({"reports": listed})
        else:
            table(("report", "question"), [(answer["name"], answer["question"]) for answer in listed])
        return
    if as_csv and len(names) > 1:
        raise UsageError("CSV holds one table: ask for one report.")
    chosen = dict(_setting(text) for text in settings)
    answers = []
    for name in names:
        second = other if (name in reports() and reports()[name].compares) or len(names) == 1 else None
        wanted = (
            chosen if len(names) == 1 else {key: value for key, value in chosen.items() if key in _parameters(name)}
        )
        build = "stale" if rebuild else "missing"
        answers.append(bench.report(name, scenario=scenario, other=second, parameters=wanted, limit=limit, build=build))
    if html is not None:
        path = bench.write_report(answers, html, overwrite=force)
        notice(f"Wrote {path}.")
        if (readable := who_may_read(path)) is not None:
            notice(readable)
        if not (as_json or as_csv):
            return
    if as_json:
        print_json(answers[0] if len(answers) == 1 else {"reports": answers})
        return
    for answer in answers:
        if not as_csv:
            click.echo(f"{answer.title}. {answer.question}")

        def cell(name: str, value: Any, units: dict[str, Any] = answer.units) -> str:
            return shown(value, units[name])

        _show(answer, as_csv, False, cell)
        if not as_csv:
            click.echo(answer.how)


def _parameters(name: str) -> dict[str, Any]:
    from healthsim.analytics.reports.report import find

    return dict(find(name).parameters)


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"--set {text[:60]!r} is no setting; expected NAME=VALUE, as in --set top=10.")
    return name.strip(), value.strip()


def _one_form(as_csv: bool, as_json: bool) -> None:
    if as_csv and as_json:
        raise UsageError("Choose one of --csv and --json.")


def _show(
    answer: MetricAnswer | Comparison | ReportAnswer, as_csv: bool, as_json: bool, cell: Callable[[str, Any], str]
) -> None:
    """The table of an answer; notes go to standard error."""
    if as_json:
        print_json(answer)
        return
    columns: Sequence[str] = answer.columns
    if as_csv:
        print_csv(columns, answer.rows)
    elif answer.rows:
        table(columns, [_Cells(row, [cell(n, v) for n, v in zip(columns, row, strict=True)]) for row in answer.rows])
    else:
        click.echo("No rows.")
    for scope in answer.scenarios:
        if scope["built_now"]:
            notice(f"The star of {scope['scenario']} was not there; it was built for this answer.")
    for note in answer.notes:
        notice(note)
    if answer.truncated:
        notice(f"The first {answer.returned:,} of {answer.row_count:,} rows; raise --limit, or divide by less.")


class _Cells(list[Any]):
    """A row of a table: shown as text, and numeric where its values are."""

    def __init__(self, values: Sequence[Any], texts: Sequence[str]) -> None:
        super().__init__(
            _Number(value, text) if isinstance(value, (int, float)) else text
            for value, text in zip(values, texts, strict=True)
        )


class _Number(float):
    """A number that is shown as it is to be read."""

    def __new__(cls, value: float, _: str) -> _Number:
        return super().__new__(cls, value)

    def __init__(self, _: float, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text


def _shown(value: Any, digits: int | None) -> str:
    if value is None:
        return ""
    if digits is None or not isinstance(value, (int, float)):
        return str(value)
    return f"{value:,.{digits}f}"


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {item}" for key, item in value.items())
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)
