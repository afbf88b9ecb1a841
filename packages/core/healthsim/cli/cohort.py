"""``healthsim analytics cohort``: who fulfils criteria, and how many each criterion leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from healthsim.cli import completion
from healthsim.cli.opening import pass_workbench
from healthsim.cli.output import entities, json_option, notice, print_csv, print_json, table
from healthsim.cli.paths import NamedPath
from healthsim.errors import UsageError

if TYPE_CHECKING:
    from healthsim.analytics.cohorts.search import Cohort
    from healthsim.workbench import Workbench


@click.command()
@click.argument("name", shell_complete=completion.scenarios)
@click.option(
    "--condition", "condition", multiple=True, metavar="CODES", help="ICD-10-CM, or how it begins; repeatable."
)
@click.option("--drug", "drug", multiple=True, metavar="DRUGS", help="A word of the name, RxNorm or NDC; repeatable.")
@click.option("--lab", "lab", multiple=True, metavar="TEST", help='LOINC, such as "4548-4 >= 8"; repeatable.')
@click.option("--without-condition", multiple=True, metavar="CODES", help="Whoever has one is out; repeatable.")
@click.option("--without-drug", multiple=True, metavar="DRUGS", help="Whoever took one is out; repeatable.")
@click.option("--age", metavar="FROM-TO", help="Age on the index date, such as 40-75 or 65+.")
@click.option("--sex", type=click.Choice(["F", "M", "O", "U"]), help="Only this sex.")
@click.option("--from", "first_day", metavar="DATE", help="Events count from this day on.")
@click.option("--to", "last_day", metavar="DATE", help="Events count up to this day.")
@click.option("--window", nargs=2, type=int, metavar="BEFORE AFTER", help="Days around the index date, such as -365 0.")
@click.option("--spec", type=NamedPath(), help="Criteria in a file (JSON or YAML), in their order.")
@click.option("--circe", type=NamedPath(), help="A cohort definition of OHDSI: the JSON of ATLAS.")
@click.option("--vocab-dir", type=NamedPath(), help="With --circe: an unpacked download of Athena.")
@click.option("--as", "new_name", metavar="NEW_NAME", help="Save the cohort as a scenario of that name.")
@click.option("--overwrite", is_flag=True, help="With --as: replace a scenario of that name.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the persons as CSV.")
@json_option
@pass_workbench
def cohort(
    bench: Workbench, /, name: str, as_csv: bool, as_json: bool, new_name: str | None, overwrite: bool, **criteria: Any
) -> None:
    """Find the patients of a scenario that fulfil criteria, with the attrition: how many each criterion leaves.

    Several codes of one option (--condition E10,E11) are alternatives; options are all asked. The first one with
    events sets the index date: the first day that fulfils it. Ages are those on that day, and --window counts from it
    for the others. Order of asking: conditions, drugs, laboratory, what is excluded, age, sex.
    """
    if as_csv and as_json:
        raise UsageError("Both --json and --csv were given; expected one of them.")
    persons = _find(bench, name, criteria)
    saved = None
    if new_name is not None:
        saved = bench.save_cohort(persons, new_name, overwrite=overwrite)
    if as_json:
        answer = persons.as_dict()
        if saved is not None:
            answer["saved"] = {"scenario_id": saved.scenario_id, "name": saved.name, "entity_count": saved.entity_count}
        print_json(answer)
        return
    if as_csv:
        print_csv(("patient_id", "index_date"), persons.persons)
    else:
        table(("step", "persons", "removed"), [(step.step, step.persons, step.removed) for step in persons.attrition])
    if saved is not None:
        notice(f"Saved {saved.name!r}: {entities(saved.entity_count)}.")


def _find(bench: Workbench, name: str, criteria: dict[str, Any]) -> Cohort:
    options = {key: value for key, value in criteria.items() if value and key != "vocab_dir"}
    whole = [key for key in ("spec", "circe") if key in options]
    if not options or (whole and len(options) > 1):
        raise UsageError(
            "Expected criteria (--condition, --drug, --lab, --age, --sex ...), or --spec FILE, or --circe FILE"
            f"{' alone' if whole else ''}. See: healthsim analytics cohort --help."
        )
    if whole == ["circe"]:
        return bench.cohort(name, circe=options["circe"], vocabulary_folder=criteria["vocab_dir"])
    return bench.cohort(name, options["spec"]) if whole else bench.cohort(name, **options)
