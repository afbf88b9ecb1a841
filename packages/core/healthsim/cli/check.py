"""``healthsim check`` and ``healthsim fidelity``: is a scenario coherent, and is it true?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from healthsim.cli import completion
from healthsim.cli.opening import pass_workbench
from healthsim.cli.output import json_option, print_json, table

if TYPE_CHECKING:
    from healthsim.results import FidelityResult, TargetResult
    from healthsim.workbench import Workbench


@click.command()
@click.argument("name", shell_complete=completion.scenarios)
@click.option("--rule", "rules", multiple=True, metavar="RULE", help="Only this rule; repeatable.")
@click.option("--all", "show_all", is_flag=True, help="Show the rules that hold as well.")
@json_option
@pass_workbench
def check(bench: Workbench, name: str, rules: tuple[str, ...], show_all: bool, as_json: bool) -> int:
    """Check a scenario against the rules of coherent care. Ends with 1 if one is violated.

    Time order, codes that fit age and sex, references, money to the cent, coverage, refills, plausible values, trials:
    each rule is a query that must find no row. What a scenario does not say violates nothing. Warnings are of
    things that may be meant, or that scenarios from elsewhere do in another way.
    """
    result = bench.check(name, rules=rules)
    if as_json:
        print_json(result)
        return 0 if result.ok else 1
    for rule in result.rules:
        if rule.status in ("fail", "warn"):
            click.echo(f"{rule.status}  {rule.rule}: {rule.violations:,} times. {rule.says}")
            click.echo(f"      for example {_facts(rule.samples[0])}")
        elif show_all:
            click.echo(f"{'pass' if rule.status == 'pass' else '-   '}  {rule.rule}: {rule.says}")
    held = sum(rule.status == "pass" for rule in result.rules)
    empty = len(result.rules) - result.checked
    click.echo(
        f"{result.scenario}: {held} rules hold, {result.violated} do not, for {empty} there is nothing to check."
    )
    return 0 if result.ok else 1


def _facts(sample: dict[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in sample.items() if value is not None)


@click.command()
@click.argument("name", shell_complete=completion.scenarios)
@click.option("--missed", is_flag=True, help="Show only the figures that are missed.")
@json_option
@pass_workbench
def fidelity(bench: Workbench, name: str, missed: bool, as_json: bool) -> None:
    """Hold a scenario against published figures: of its counties, of hospital use, of spending.

    Prevalences are of the newest release of PLACES that has them, met within the 99 % interval that chance allows; use and
    cost within 10 %. Every figure has its source (--json).
    """
    result = bench.fidelity(name)
    if as_json:
        print_json(result)
        return
    print_fidelity(result, only_missed=missed)


def print_fidelity(result: FidelityResult, *, only_missed: bool = False) -> None:
    """The report of ``fidelity`` as a table, its notes, and the sum of it."""
    rows = [
        (
            {True: "met", False: "missed", None: ""}[target.met],
            target.target,
            target.place,
            _number(target.generated),
            _number(target.expected),
            _interval(target),
            target.n,
        )
        for target in result.targets
        if not only_missed or target.met is False
    ]
    if rows:
        table(("", "figure", "place", "generated", "published", "met between", "cases"), rows)
    for note in result.notes:
        click.echo(note)
    click.echo(
        f"{result.scenario}: {result.met} figures met, {result.missed} missed, {result.not_compared} not compared."
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.2f}"


def _interval(target: TargetResult) -> str:
    low, high = _number(target.low), _number(target.high)
    return f"{low} to {high}" if low and high else f"{low} and more" if low else ""
