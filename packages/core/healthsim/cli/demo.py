"""``healthsim demo``: the main job, end to end, on an example."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from healthsim.cli.opening import pass_new_workbench
from healthsim.cli.output import table
from healthsim.errors import HealthSimError

if TYPE_CHECKING:
    from healthsim.workbench import Workbench


@click.command()
@pass_new_workbench
def demo(bench: Workbench) -> None:
    """See the main job, end to end, on an example. It may be run again at any time."""
    from healthsim import demo as example
    from healthsim.cli.scenario import print_summary

    state = bench.state
    place = bench.status().database
    _step(1, f"Your database is {place}")
    saved = example.import_example(state)
    came = (
        "Imported a file of the old format as" if saved.is_new else "A file of the old format, from an earlier demo, is"
    )
    _step(2, f"{came} the scenario {saved.name!r}: {saved.entity_count} entities")
    listed = bench.list(limit=5)
    _step(3, f"healthsim scenario list   ({listed.total_count} in all)")
    table(("name", "entities", "tags"), [(item.name, item.entity_count, ", ".join(item.tags)) for item in listed])
    _step(4, f"healthsim scenario show {saved.name}")
    print_summary(bench.show(saved.name))
    _step(5, "One question across persons, members, claims and pharmacy, in SQL")
    answer = example.cost_per_person(state)
    table(answer.columns, answer.rows)
    if not example.leaves_as_it_came(state):
        raise HealthSimError("The export of the example differs from the file that came in. Run: healthsim doctor.")
    but = "" if example.keeps_its_id(state) else " but for its id, which another scenario has"
    _step(6, f"Exported it again: byte for byte the file that came in{but} ({len(example.example()):,} bytes)")
    people = example.generate_county(state)
    came = "Generated" if people.is_new else "An earlier demo has generated"
    _step(7, f"{came} {example.PERSONS:,} people of San Diego County, CA: {people.entity_count:,} entities")
    click.echo("   percent of adults, as CDC PLACES estimates it and as generated")
    table(("measure", "county", "generated"), example.against_the_county(state))
    for number, (question, metrics, by) in enumerate(example.QUESTIONS, start=8):
        _step(number, question)
        asked = f" --by {by}" if by else ""
        click.echo(f"   healthsim analytics query {metrics}{asked} --scenario {example.COUNTY_NAME}")
        numbers = example.ask(state, metrics, by)
        table(numbers.columns, numbers.rows)
    click.echo("\nNext:")
    for words in (
        'sql "SELECT code, count(*) AS n FROM diagnoses GROUP BY code ORDER BY n DESC"',
        "ui                                     (the same in a browser)",
        f"scenario clone {saved.name} my-family",
        f"scenario export {saved.name} -o .",
        f"check {people.name}                      (a hundred rules of coherent care)",
        f"fidelity {people.name}                   (the county against its published figures)",
        f"analytics report pmpm --scenario {people.name} -o pmpm.html",
        "migrate json --dry-run                 (if you have scenarios of the old implementation)",
        "--help",
    ):
        click.echo(f"  {called()} {words}")


def called() -> str:
    """What is typed for this program: ``uv run`` puts it on no path but its own."""
    return "uv run healthsim" if "UV_RUN_RECURSION_DEPTH" in os.environ else "healthsim"


def _step(number: int, text: str) -> None:
    click.secho(f"\n{number}. {text}", bold=True)
