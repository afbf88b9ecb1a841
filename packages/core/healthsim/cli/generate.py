"""``healthsim generate``: a population of a real place, as a scenario or as files."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from healthsim.cli.opening import pass_workbench
from healthsim.cli.output import json_option, notice, print_json, table
from healthsim.cli.paths import NamedPath
from healthsim.cli.spelling import option
from healthsim.errors import InvalidInput, UsageError
from healthsim.outputs import who_may_read

if TYPE_CHECKING:
    from healthsim.generation.runner import Progress as Done
    from healthsim.generation.runner import Report
    from healthsim.results import GeneratedFiles
    from healthsim.workbench import Workbench


@click.command()
@click.option("--size", type=int, help="Number of persons. Default: 1000.")
@click.option(
    "--county",
    "counties",
    multiple=True,
    metavar="PLACE",
    help="A FIPS code (06073) or a name ('San Diego County, CA'); repeatable.",
)
@click.option(
    "--state",
    "states",
    multiple=True,
    metavar="STATE",
    help="The counties of a state (CA, California) that have figures; repeatable.",
)
@click.option("--seed", type=int, help="The same seed gives the same people. Default: 1.")
@option(
    "--as", "name", older=["--name"], metavar="NAME", help="The name of the scenario. Default: from county and size."
)
@click.option(
    "--spec",
    "spec_file",
    type=NamedPath(),
    help="A population spec; options go before it.",
)
@click.option("--as-of", metavar="DATE", help="The last day of the history. Default: 2025-12-31.")
@click.option("--years", type=int, help="Years of history. Default: 3.")
@click.option("--only", "products", metavar="LIST", help="Of patient,claims,pharmacy,trial. Default: the first three.")
@click.option("--cohort", multiple=True, metavar="CONDITION", help="A condition that every person has; repeatable.")
@click.option("--age", "ages", metavar="FROM-TO", help="Only these ages, such as 65-85 or 65+.")
@click.option("--sex", type=click.Choice(["F", "M"]), help="Only this sex.")
@click.option(
    "--payer", "payers", multiple=True, metavar="PAYER[=WEIGHT]", help="Payer mix, such as medicare=0.6; repeatable."
)
@click.option(
    "--conditions",
    type=NamedPath(),
    metavar="DIR",
    help="A folder of clinical knowledge of your own. Default: conditions in HealthSim's home, where there is one.",
)
@click.option(
    "--format", "output_format", type=click.Choice(["scenario", "parquet"]), default="scenario", show_default=True
)
@click.option("--output", "-o", type=NamedPath(), metavar="DIR", help="With --format parquet: a new folder.")
@click.option(
    "--engine", type=click.Choice(["local", "spark"]), default="local", show_default=True, help="What computes."
)
@click.option("--master", metavar="URL", help="With --engine spark: the cluster. Default: local[*].")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes. Default: one per processor, at most four.")
@click.option("--overwrite", is_flag=True, help="Replace a scenario of that name.")
@click.option("--force", is_flag=True, help="With --output: replace what an earlier run left there.")
@click.option("--report", is_flag=True, help="Hold the population against the published figures afterwards.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of a population spec, and end.")
@json_option
@pass_workbench
def generate(
    bench: Workbench,
    /,
    *,
    name: str | None,
    conditions: Path | None,
    output_format: str,
    output: Path | None,
    engine: str,
    master: str | None,
    workers: int | None,
    overwrite: bool,
    force: bool,
    report: bool,
    schema: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Generate a population of a real place: people, care, claims and pharmacy that belong together.

    The same seed gives the same people, whatever the number of workers. Nothing is saved before all of it is there.
    """
    from healthsim.generation.spec import PopulationSpec, read_spec

    if schema:
        print_json(PopulationSpec.model_json_schema())
        return
    fields, named = _fields(given, conditions)
    spec = read_spec(fields)
    if (output_format == "parquet") != (output is not None):
        raise UsageError("Files need both --format parquet and --output DIR; a scenario needs neither.")
    if engine == "spark" and output_format != "parquet":
        raise UsageError("The engine spark writes files: add --format parquet --output DIR.")
    if report and output_format == "parquet":
        raise UsageError("The report is about a scenario: leave out --format parquet.")
    from healthsim.generation.knowledge_files import own_folder

    workers = workers or min(os.cpu_count() or 1, 4)
    if conditions is None and (own := own_folder(settings=bench.settings)):
        notice(f"With the conditions of your own in {own}")
    with _progress(spec.size) as shown:
        if output is not None:
            written = bench.generate_files(
                spec,
                output,
                overwrite=overwrite or force,
                conditions=conditions,
                workers=workers,
                progress=shown,
                engine=engine,
                master=master,
            )
            _print_files(written, spec.size, as_json)
            return
        saved = bench.generate(
            spec, name or named, overwrite=overwrite, conditions=conditions, workers=workers, progress=shown
        )
    answer: dict[str, Any] = {
        "scenario_id": saved.scenario_id,
        "name": saved.name,
        "entity_count": saved.entity_count,
        "entities_by_type": saved.entities_by_type,
        "spec": spec.as_json(),
    }
    if report:
        answer["fidelity"] = bench.fidelity(saved.name)
    if as_json:
        print_json(answer)
        return
    click.echo(f"Saved {saved.name!r}: {spec.size:,} persons, {saved.entity_count:,} entities")
    table(("entities", "rows"), list(saved.entities_by_type.items()))
    if report:
        from healthsim.cli.check import print_fidelity

        print_fidelity(answer["fidelity"])


def _print_files(written: GeneratedFiles, persons: int, as_json: bool) -> None:
    if as_json:
        print_json(written)
    else:
        click.echo(f"Wrote {written.rows:,} rows of {persons:,} persons to {written.path}")
        table(("table", "rows"), list(written.tables.items()))
    if (readable := who_may_read(written.path)) is not None:
        notice(readable)


def _fields(given: dict[str, Any], conditions: Path | None) -> tuple[dict[str, Any], str | None]:
    """The fields of a spec from options and file, and the name that an old profile gives; options go before the file."""
    from healthsim.generation.profiles import is_profile, spec_of_profile
    from healthsim.generation.spec import read_spec_file

    fields: dict[str, Any] = {}
    named = None
    if given["spec_file"] is not None:
        fields = read_spec_file(given["spec_file"])
        if is_profile(fields):
            fields, named, left_out = spec_of_profile(fields, conditions)
            for line in left_out:
                notice(f"Not expressed: {line}")
    for name in ("size", "seed", "as_of", "years", "sex"):
        if given[name] is not None:
            fields[name] = given[name]
    if given["counties"]:
        fields["counties"] = list(given["counties"])
    if given["states"]:
        fields["states"] = list(given["states"])
    if given["cohort"]:
        fields["cohort"] = [name for listed in given["cohort"] for name in listed.split(",")]
    if given["products"] is not None:
        fields["products"] = [name.strip() for name in given["products"].split(",")]
    if given["ages"] is not None:
        fields["ages"] = _ages(given["ages"])
    if given["payers"]:
        fields["payers"] = dict(_weight(text) for text in given["payers"])
    return fields, named


def _ages(text: str) -> dict[str, int]:
    from healthsim.generation.spec import OLDEST

    found = re.fullmatch(r"\s*(\d{1,3})\s*(?:(\+)|-\s*(\d{1,3}))?\s*", text)
    if found is None:
        raise InvalidInput(f"--age is {text!r}; expected one age, or a range such as 65-85 or 65+.")
    first, open_end, last = found.groups()
    return {"min": int(first), "max": OLDEST if open_end else int(last or first)}


def _weight(text: str) -> tuple[str, float]:
    name, equals, weight = text.partition("=")
    try:
        return name.strip(), float(weight) if equals else 1.0
    except ValueError:
        raise InvalidInput(f"--payer is {text!r}; expected a payer, or a payer and its weight: medicare=0.6.") from None


@contextmanager
def _progress(size: int) -> Iterator[Report | None]:
    """A bar with rate and time to go on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("preparing", total=size, rate="")

        def show(done: Done) -> None:
            rate = f"{done.rows / max(done.seconds, 0.001):,.0f} rows/s" if done.rows else ""
            bar.update(task, description=done.phase, completed=done.persons, total=done.size, rate=rate)

        yield show
